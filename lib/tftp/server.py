# Frostnet: a TFTP server's transfers
# MIT license; Copyright (c) 2026 The Frostnet authors

from tftp.blocks import Receiving, Sending
from tftp.options import grant
from tftp.packets import ACCESS, RRQ, TftpError, ack, oack
from tftp.transfer import Transfer


def path(root, name):
    """The file under the directory `root` that a request means; TftpError for any other."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or "\\" in name:
        raise TftpError(ACCESS, "no such place here")
    return root.rstrip("/") + "/" + "/".join(parts)


class Serve(Transfer):
    """Answer a request: RRQ with what `move(view)` reads, WRQ by giving it what comes.

    `options` are those of the request, `size` the length of the file that is read, or -1.
    `finish()` is called when all was written, before the client is told so: an OSError from it
    is what the client gets instead.
    """

    def __init__(self, peer, now, kind, options, move, size=-1, finish=None, block_max=65464):
        super().__init__(peer, now)
        reading = kind == RRQ
        self._done = finish
        self.agreed, pairs = grant(options, block_max, size, reading)
        self._retry.fix(self.agreed.seconds)
        made = Sending if reading else Receiving
        self.blocks = made(move, self.agreed.block, self.agreed.window)
        self._opening = reading and bool(pairs)
        if pairs:
            self._say(oack(pairs))
        elif not reading:
            self._say(ack(0))

    def _finish(self):
        if self._done:
            self._done()
