# Frostnet: a TFTP client's transfers
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from tftp.blocks import Receiving, Sending
from tftp.options import BLOCK, Agreed, accept
from tftp.packets import ACK, DATA, ERROR, OACK, RRQ, WRQ, ack, read_oack, request
from tftp.transfer import Transfer

BLOCK_SIZE = const(1428)  # bytes: with all headers it fits into 1500
WINDOW = const(8)


class _Client(Transfer):
    def __init__(self, peer, now, kind, name, mode, size, block, window):
        super().__init__(peer, now)
        self._offered = offered = []
        if block != BLOCK:
            offered.append(("blksize", block))
        if window != 1:
            offered.append(("windowsize", window))
        if size is not None:
            offered.append(("tsize", size))
        self._answered = False
        self.agreed = None
        self._say(request(kind, name, mode, offered))

    # §4: the server chooses a port of its own with its first answer.
    def _adopt(self, kind, peer):
        if self._answered or peer[0] != self.peer[0] or kind not in (DATA, ACK, OACK, ERROR):
            return False
        self.peer = self.to = peer
        return True

    def _begin(self, agreed, now):
        self.agreed = agreed
        self._answered = True
        self._retry.fix(agreed.seconds)
        self._news(now)


class Get(_Client):
    """Load the file `name`: its bytes go to `write(view)`, and `finish()` is called at the end.

    `agreed.size` is its length, if the server told. With `block` 512, `window` 1 and `sized` False
    nothing is asked for that RFC 1350 does not have.
    """

    lingers = False

    def __init__(self, peer, now, name, write, finish=None, mode="octet", block=BLOCK_SIZE,
                 window=WINDOW, sized=True):  # fmt: skip
        self._write = write
        self._done = finish
        super().__init__(peer, now, RRQ, name, mode, 0 if sized else None, block, window)

    def _oack(self, data, now):
        if not self._answered:
            agreed = accept(read_oack(data), self._offered)
            self._begin(agreed, now)
            self.blocks = Receiving(self._write, agreed.block, agreed.window)
            self._say(ack(0))
        elif not self.blocks.number:
            self._due = True  # our ACK was lost

    def _data(self, number, view, now):
        if not self._answered:
            if number != 1:
                return
            self._begin(Agreed(), now)
            self.blocks = Receiving(self._write, BLOCK, 1)
        super()._data(number, view, now)

    def _finish(self):
        if self._done:
            self._done()


class Put(_Client):
    """Send a file, which `read(view)` reads, under `name`. `size` is its length, or None."""

    def __init__(self, peer, now, name, read, size=None, mode="octet", block=BLOCK_SIZE,
                 window=WINDOW):  # fmt: skip
        self._read = read
        super().__init__(peer, now, WRQ, name, mode, size, block, window)

    def _oack(self, data, now):
        if not self._answered:
            self._open(accept(read_oack(data), self._offered), now)

    def _ack(self, number, now):
        if self._answered:
            super()._ack(number, now)
        elif number == 0:
            self._open(Agreed(), now)

    def _open(self, agreed, now):
        self._begin(agreed, now)
        self._control = None
        self._due = False
        self.blocks = Sending(self._read, agreed.block, agreed.window)
