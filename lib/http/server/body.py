# Frostnet: the body of a request, of known length or in chunks (RFC 9112 section 7.1)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from http.error import HTTPError
from http.head import chunk_size
from http.server.error import Refused

_MAX_LINE = const(256)  # of a chunk's size with its extensions, or of a trailer field
_MAX_DIGITS = const(12)  # of a chunk's size
_MAX_TRAILERS = const(16)  # fields, which are thrown away

# States
_DATA = const(0)
_SIZE = const(1)  # before the line with a chunk's size
_GAP = const(2)  # before the line end behind a chunk
_TRAILER = const(3)
_DONE = const(4)


class Body:
    """Tells the data in a body from its framing. `length` is -1 for chunks.

    `take(buf, off, end)` returns (n, used): `n` bytes of data begin at `at`, and `used` bytes from
    `off` on are done with. (0, 0) asks for more bytes. `done` when the body is complete. Refused.
    """

    def __init__(self, length):
        self.at = 0
        self._chunked = length < 0
        self._left = max(length, 0)
        self._state = _SIZE if self._chunked else _DATA if length else _DONE
        self._trailers = 0

    @property
    def done(self):
        return self._state == _DONE

    def take(self, buf, off, end):
        start = off
        while self._state != _DONE:
            if self._state == _DATA:
                n = min(self._left, end - off)
                self._left -= n
                if not self._left:
                    self._state = _GAP if self._chunked else _DONE
                self.at = off
                return n, off + n - start
            at = buf.find(b"\n", off, min(end, off + _MAX_LINE))
            if at < 0:
                if end - off >= _MAX_LINE:
                    raise Refused(400, "a line between chunks is too long")
                break
            if at == off or buf[at - 1] != 0x0D:
                raise Refused(400, "a chunk's line ends without CR")
            self._line(bytes(memoryview(buf)[off : at - 1]))
            off = at + 1
        return 0, off - start

    def _line(self, line):
        if b"\r" in line or b"\0" in line:
            raise Refused(400, "a line between chunks has a CR or NUL in it")
        if self._state == _SIZE:
            size = line.partition(b";")[0]
            if len(size.strip()) > _MAX_DIGITS:
                raise Refused(413, "a chunk is too large")
            try:
                self._left = chunk_size(line)
            except HTTPError:
                raise Refused(400, "a chunk has no valid size")
            self._state = _DATA if self._left else _TRAILER
        elif self._state == _GAP:
            if line:
                raise Refused(400, "a chunk is longer than it says")
            self._state = _SIZE
        elif line:
            self._trailers += 1
            if self._trailers > _MAX_TRAILERS or b":" not in line:
                raise Refused(400, "the trailer is none")
        else:
            self._state = _DONE
