# Frostnet: a body in chunks, for who sends one (RFC 9112 section 7.1)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_LINE = const(6)  # "0a3f\r\n": leading zeros are allowed
_MAX = const(0xFFFF)


class Chunks:
    """Frames data where it lies: read into `space`, then send `frame(n)`; `frame(0)` ends it."""

    def __init__(self, size):
        if not 0 < size <= _MAX:
            raise ValueError("a chunk has 1 to 65535 bytes")
        self._buf = memoryview(bytearray(_LINE + size + 2))
        self.space = self._buf[_LINE : _LINE + size]

    def frame(self, n):
        """Return the memoryview of the chunk that is the first `n` bytes of `space`."""
        buf = self._buf
        buf[:_LINE] = b"%04x\r\n" % n
        # The last one is a chunk of no bytes, followed by no trailer fields
        buf[_LINE + n : _LINE + n + 2] = b"\r\n"
        return buf[: _LINE + n + 2]
