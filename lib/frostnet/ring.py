# Frostnet: byte ring that grows on demand
# MIT license; Copyright (c) 2026 The Frostnet authors

# The queue of bytes of a stream, in either direction. An empty ring has no buffer at all; it
# doubles from _FIRST to what its limit needs, so that an idle connection costs little and a busy
# one soon stops copying. The capacity is a power of two: positions wrap with a mask.
#
#        start              start + len        start + len + at
#     ...[ bytes to be read ][ .............. ][ early bytes ]...
#
# "Early" bytes were put beyond the end, at an offset, by a segment that overtook another. The ring
# does not know which of them are there (tcp/reassembly.py does): `commit` makes them readable.

from micropython import const

_FIRST = const(2048)


class Ring:
    """Queue of at most `limit` bytes; `len` of them can be read."""

    def __init__(self, limit):
        self.limit = limit
        self.len = 0
        self._start = 0
        self._size = 0  # capacity, a power of two, or 0
        self._early = 0  # bytes from the start to the end of what was put, early bytes included
        self._buf = None

    def room(self):
        """Return how many bytes fit behind the last readable one."""
        return self.limit - self.len

    def put(self, buf, off, n, at=0):
        """Copy `buf[off:off+n]`, a memoryview, to `at` bytes beyond the end.

        With `at` 0 the bytes can be read at once; else they are early. The caller sees to it that
        at + n <= room().
        """
        end = self.len + at + n
        if end > self._size:
            self._grow(end)
        if end > self._early:
            self._early = end
        size = self._size
        pos = (self._start + self.len + at) & (size - 1)
        if at == 0:
            self.len = end
        first = size - pos
        if n <= first:
            self._buf[pos : pos + n] = buf[off : off + n]
        else:
            self._buf[pos:size] = buf[off : off + first]
            self._buf[: n - first] = buf[off + first : off + n]

    def commit(self, n):
        """Make the next `n` bytes, put there early, readable."""
        self.len += n

    def write(self, buf, off, n):
        """Append as much of `buf[off:off+n]` as there is room for; return how much."""
        room = self.limit - self.len
        if n > room:
            n = room
        if n > 0:
            self.put(buf, off, n)
        return n

    def peek(self, at, buf, off, n):
        """Copy `n` bytes from `at` bytes behind the start to `buf[off:]`, a memoryview.

        The caller sees to it that at + n <= len.
        """
        size = self._size
        pos = (self._start + at) & (size - 1)
        first = size - pos
        if n <= first:
            buf[off : off + n] = self._buf[pos : pos + n]
        else:
            buf[off : off + first] = self._buf[pos:size]
            buf[off + first : off + n] = self._buf[: n - first]

    def drop(self, n):
        """Forget the first `n` bytes."""
        self.len -= n
        self._early -= n
        self._start = (self._start + n) & (self._size - 1) if self._size else 0

    def clear(self):
        """Forget everything and give the buffer back."""
        self.len = self._start = self._size = self._early = 0
        self._buf = None

    def _grow(self, need):
        size = self._size or _FIRST
        while size < need:
            size <<= 1
        old = self._buf
        self._buf = memoryview(bytearray(size))
        if old:
            n = self._early
            start = self._start
            first = self._size - start
            if n <= first:
                self._buf[:n] = old[start : start + n]
            else:
                self._buf[:first] = old[start:]
                self._buf[first:n] = old[: n - first]
        self._start = 0
        self._size = size
