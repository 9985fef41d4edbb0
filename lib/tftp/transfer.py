# Frostnet: one TFTP transfer: whose turn it is, what is repeated, how it ends (RFC 1350)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from tftp.blocks import Receiving, Sending
from tftp.packets import (
    ACK,
    DATA,
    ERROR,
    FULL,
    HEADER,
    OACK,
    UNDEFINED,
    UNKNOWN_TID,
    TftpError,
    ack,
    block,
    error,
    opcode,
    read_error,
)
from tftp.retry import Retry

SILENT = const(-1)  # code of a TftpError: the peer answers no more
_ENOSPC = const(28)


class Transfer:
    """What both sides have in common; see the package for how to drive it.

    `to` is whom the packet from output() is for. `blocks` counts (`size`), None while there was no
    answer yet; `since` is when there was news of the peer. `complete` says that the file is where
    it should be, though the peer may still have to be told. `failure` is the OSError of reading or
    writing the file, if there was one.

    A subclass has `_finish()`, called when all was received, and `_oack(data, now)`.
    """

    lingers = True  # after the last ACK, in case that it is lost (RFC 1350 §6)

    def __init__(self, peer, now):
        self.peer = self.to = peer
        self.since = now
        self.blocks = None
        self.over = self.complete = False
        self.error = self.failure = None
        self._control = None  # request, OACK or ACK that waits for what comes after it
        self._due = False  # it is to be sent
        self._opening = False  # the sender waits for the answer to _control
        self._stray = None  # who wrote to us though he is not the peer
        self._farewell = None  # our last word: an ERROR
        self._retry = Retry()

    @property
    def deadline(self):
        """When output() has something to do though nothing came; None: never."""
        return None if self.over else self._retry.deadline

    def input(self, data, peer, now):
        """Take a datagram."""
        if self.over or self._farewell:
            return
        kind = opcode(data)
        if peer != self.peer and not self._adopt(kind, peer):
            # §4: an error for him, and the transfer goes on. An error is not answered.
            if kind != ERROR:
                self._stray = peer
            return
        try:
            if kind == ERROR:
                if not self.complete:
                    self._end(read_error(data))
            elif kind == OACK:
                self._oack(data, now)
            elif kind == DATA and len(data) >= HEADER:
                self._data(block(data), memoryview(data)[HEADER:], now)
            elif kind == ACK and len(data) >= HEADER:
                self._ack(block(data), now)
        except TftpError as e:
            self._fail(e)
        except OSError as e:
            self._broken(e)

    def output(self, now):
        """The next packet to send, None if there is none now."""
        if self.over:
            return None
        if self._stray:
            self.to = self._stray
            self._stray = None
            return error(UNKNOWN_TID, "unknown transfer ID")
        self.to = self.peer
        retry = self._retry
        if retry.deadline is not None and now >= retry.deadline:
            self._expired()
        if self._farewell:
            packet = self._farewell
            self._end(self.error)
            return packet
        if self._due:
            self._due = False
            retry.sent(now)
            if self.complete:
                retry.deadline = now + retry.linger()
                self.over = not self.lingers
            return self._control
        if isinstance(self.blocks, Sending) and not self._opening:
            try:
                packet = self.blocks.next()
            except OSError as e:
                self._broken(e)
                return self.output(now)
            if packet is not None:
                retry.sent(now)
            return packet
        return None

    def cancel(self, text="cancelled"):
        """Give it up, and tell the peer with the next output()."""
        if not self.over:
            self._fail(TftpError(UNDEFINED, text))

    # What a subclass overrides or calls.

    def _adopt(self, kind, peer):
        """Whether somebody else is the peer from now on."""
        return False

    def _finish(self):
        pass

    def _oack(self, data, now):
        pass  # only clients are answered so

    def _say(self, packet):
        self._control = packet
        self._due = True

    def _news(self, now):
        self._retry.heard(now)
        self.since = now

    # What came.

    def _data(self, number, view, now):
        blocks = self.blocks
        if not isinstance(blocks, Receiving):
            return
        before = blocks.number
        due = blocks.data(number, view)
        if blocks.number != before:
            self._news(now)
            self._retry.sent(now)  # the rest of the window
            if blocks.finished:
                self._finish()
                self.complete = True
        if due:
            self._say(ack(blocks.number))

    def _ack(self, number, now):
        blocks = self.blocks
        if not isinstance(blocks, Sending):
            return
        if self._opening:
            if number == 0:
                self._opening = self._due = False
                self._control = None
                self._news(now)
        elif blocks.acked(number):
            self._news(now)
            if blocks.finished:
                self.complete = True
                self._finish()
                self._end(None)

    # What did not come.

    def _expired(self):
        if self.complete:
            self._end(None)
        elif not self._retry.expired():
            self._end(TftpError(SILENT, "the other side fell silent"))
        elif self._control is not None:
            self._due = True
            if isinstance(self.blocks, Receiving):
                self._say(ack(self.blocks.number) if self.blocks.number else self._control)
                self.blocks.again()
        else:
            self.blocks.again()

    def _broken(self, e):
        self.failure = e
        full = e.errno == _ENOSPC
        text = "no room for the file" if full else "the file cannot be read or written"
        self._fail(TftpError(FULL if full else UNDEFINED, text))

    def _fail(self, e):
        self.error = e
        self._retry.deadline = None
        self._farewell = error(max(e.code, 0), str(e))

    def _end(self, e):
        self.error = e
        self.over = True
        self._retry.deadline = None
