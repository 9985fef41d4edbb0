# Frostnet: what can be done with any interface: a card's and the loopback's
# MIT license; Copyright (c) 2026 The Frostnet authors


class Nic:
    """What LAN and Loopback share; they have `_rt` and `_iface`."""

    @property
    def name(self):
        return self._iface.name

    def impair(self, *args, **kwargs):
        """Let the interface be on a bad network: see help(net.impair)."""
        from network._impair import impair

        return impair(self._rt, self._iface, *args, **kwargs)

    # What is done to it on purpose, for its repr: nobody must wonder later.
    def _notes(self):
        return "".join([" (%s)" % note for note in self._iface.dev.notes()])


class Loopback(Nic):
    """The host itself, as an interface."""

    def __init__(self, rt):
        self._rt = rt
        self._iface = rt.stack.lo

    def __repr__(self):
        return "<%s%s>" % (self.name, self._notes())
