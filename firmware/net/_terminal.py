# Frostnet: what a terminal does for commands that people type into
# MIT license; Copyright (c) 2026 The Frostnet authors

# The board's console gives every key as it is struck, and shows nothing by itself. On Unix it is
# the terminal's driver that echoes, lets people correct a line, and knows Ctrl-D; here it is this.
# Ctrl-C is not seen here: the port turns it into KeyboardInterrupt.

import select
import sys

from micropython import const

_MAX = const(1024)  # bytes of a line
_BELL = b"\a"
_RUBOUT = b"\b \b"

_CTRL_D = const(4)
_BACKSPACE = const(8)
_TAB = const(9)
_LF = const(10)
_CR = const(13)
_CTRL_U = const(21)
_ESCAPE = const(27)
_DELETE = const(127)


class Line:
    """Makes lines of keys. `echo` collects what is to be shown; who shows it clears it."""

    def __init__(self, end=b"\n"):
        self.echo = bytearray()
        self._line = bytearray()
        self._end = end
        self._before = 0
        self._escape = 0  # of an escape sequence: 1 behind ESC, 2 within

    def key(self, c):
        """Take one key; return the line that it completes, b"" if that is the end of the input
        (Ctrl-D where a line begins), or else `None`."""
        before = self._before
        self._before = c
        if self._escape:
            self._in_escape(c)
        elif c == _CR or c == _LF:
            if c == _LF and before == _CR:
                return None  # one key that sends both
            self.echo += b"\n"
            return self._take(self._end)
        elif c == _CTRL_D:
            return self._take(b"")
        elif c == _BACKSPACE or c == _DELETE:
            self._rub_out()
        elif c == _CTRL_U:
            while self._line:
                self._rub_out()
        elif c == _ESCAPE:
            self._escape = 1
        elif c >= 0x20 or c == _TAB:
            self._add(c)
        return None

    def _take(self, end):
        line = bytes(self._line) + end
        self._line = bytearray()
        return line

    def _add(self, c):
        if len(self._line) >= _MAX:
            self.echo += _BELL
            return
        self._line.append(c)
        # A tab has no width that could be rubbed out
        self.echo.append(0x20 if c == _TAB else c)

    # The last character: in UTF-8 all of its bytes.
    def _rub_out(self):
        line = self._line
        n = len(line)
        while n:
            n -= 1
            if line[n] & 0xC0 != 0x80:
                self.echo += _RUBOUT
                break
        self._line = line[:n]

    # Cursor keys and the like: ESC [ … letter, ESC O letter. They mean nothing here.
    def _in_escape(self, c):
        if self._escape == 1 and c in b"[O":
            self._escape = 2
        elif self._escape == 1 or 0x40 <= c < 0x7F:
            self._escape = 0


class Keyboard:
    """The console's keys as a source of lines: `next()` is one, `None` when there is none yet;
    `ended` after Ctrl-D."""

    waits = True  # None is not the end

    def __init__(self, end=b"\n"):
        self.ended = False
        self._line = Line(end)
        self._read = sys.stdin.buffer.read
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)

    def next(self):
        line = self._line
        got = None
        while got is None and self._poll.poll(0):
            data = self._read(1)
            if not data:  # not a terminal, and at its end
                got = b""
                break
            got = line.key(data[0])
        if line.echo:
            show(line.echo)
            line.echo = bytearray()
        if got == b"":
            self.ended = True
            return None
        return got


def show(data):
    """Print bytes as a terminal does lines: with a return before each line feed."""
    sys.stdout.write(data)
