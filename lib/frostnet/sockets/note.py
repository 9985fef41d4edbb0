# Frostnet: how a poller learns that a socket is worth asking
# MIT license; Copyright (c) 2026 The Frostnet authors


class Note:
    """Called in place of a connection's or listener's `notify`, adds `number` to the list `noted`.

    Once, until `taken`. It knows nobody, so a socket that is forgotten while it is registered can
    be collected. `lost`: it is called no more, and who left it has to ask.
    """

    def __init__(self, noted, number):
        self.noted = noted
        self.number = number
        self.taken = True
        self.lost = False

    def __call__(self):
        if self.taken:
            self.taken = False
            self.noted.append(self.number)


def end(source):
    """Have `source`, a connection or listener, notify nobody, and tell who left a Note there."""
    note = source.notify
    if note is not None:
        source.notify = None
        if type(note) is Note:
            note.lost = True
            note()
