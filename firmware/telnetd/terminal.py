# Frostnet: telnetd: what os.dupterm() is given: the prompt's keyboard and screen
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import io
import os

from micropython import const

_SLOT = const(0)  # of os.dupterm(); the other one is for copies of the console
_POLL = const(3)  # MP_STREAM_POLL
_CLOSE = const(4)  # MP_STREAM_CLOSE
_READABLE = const(1)
_WRITABLE = const(4)
_TYPED = const(4096)  # bytes that wait for the prompt until no more is received
_CTRL_C = const(3)


class Prompt:
    """The board's own prompt. Tests have another."""

    def attach(self, terminal):
        """Have the terminal read and written; False if another has that place."""
        before = os.dupterm(terminal, _SLOT)
        if before is None:
            return True
        os.dupterm(before, _SLOT)
        return False

    def detach(self, terminal):
        before = os.dupterm(None, _SLOT)
        if before is not None and before is not terminal:
            os.dupterm(before, _SLOT)  # the program has put something else in its place

    def interrupt(self):
        """Have what was typed read now, though nobody waits for it: there is a Ctrl-C in it."""
        os.dupterm_notify(None)


class Terminal(io.IOBase):
    """`printed(data)` is called with what is printed, `hungry()` when the prompt has read all and
    wants more, `gone()` when the interpreter gives the terminal up. None of them may raise.
    """

    def __init__(self, prompt, printed, hungry, gone):
        self._prompt = prompt
        self._printed = printed
        self._hungry = hungry
        self._gone = gone
        self._typed = b""
        self._at = 0

    def type(self, data):
        """Have `data` read, after what was typed before."""
        self._typed = self._typed[self._at :] + data
        self._at = 0
        if _CTRL_C in data:
            self._prompt.interrupt()

    def full(self):
        """Whether so much waits to be read that no more should come."""
        return len(self._typed) - self._at >= _TYPED

    # Called by the interpreter.

    def readinto(self, buf):
        left = len(self._typed) - self._at
        if not left:
            self._hungry()
            return None
        n = min(left, len(buf))
        buf[:n] = self._typed[self._at : self._at + n]
        self._at += n
        if n == left:
            self._typed = b""
            self._at = 0
        return n

    def write(self, data):
        self._printed(data)
        return len(data)

    def ioctl(self, request, arg):
        if request == _POLL:
            return arg & (_WRITABLE | (_READABLE if self._at < len(self._typed) else 0))
        if request == _CLOSE:
            self._gone()
            return 0
        return -errno.EINVAL
