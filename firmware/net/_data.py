# Frostnet: what commands send: bytes, texts, and streams, piece by piece
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from net._error import EINVAL, EIO, NetError

_PIECE = const(8192)  # bytes


class Data:
    """Bytes, a text (as UTF-8), or a stream with `readinto` or `read`, from where it is now.

    `stream` says which it is. `length` is the bytes that there are, `None` if a stream does not
    tell; set it where it is known from elsewhere: then so many are sent. `sent` counts those that
    were taken. A piece has `size` bytes at most, and lies in `buf` if it comes from a stream.
    """

    def __init__(self, data, size=_PIECE, buf=None):
        self.sent = 0
        self.length = None
        self.stream = False
        self._stream = None
        self._size = size
        if isinstance(data, str):
            data = data.encode()
        if isinstance(data, (bytes, bytearray, memoryview)):
            self._view = memoryview(data)
            self.length = len(self._view)
        elif hasattr(data, "readinto") or hasattr(data, "read"):
            self.stream = True
            self._stream = data
            self._view = buf or memoryview(bytearray(size))
            self._start = _tell(data)
            if self._start is not None:
                self.length = data.seek(0, 2) - self._start
                data.seek(self._start)
        else:
            raise NetError(EINVAL, "data is bytes, a text, or a stream such as an open file")

    def next(self):
        """Return the memoryview of the next piece, valid until the next call; `None` at the end.

        NetError if a stream ends before `length`, or has nothing now; or what it raises.
        """
        if self._stream is None:
            piece = self._view[self.sent : self.sent + self._size]
        else:
            room = self._view
            if self.length is not None:
                room = room[: self.length - self.sent]
            piece = room[: self._read(room)] if len(room) else room
            if not len(piece) and self.length not in (None, self.sent):
                text = "the data to send ended after %d of %d bytes: it is not what was announced"
                raise NetError(EIO, text % (self.sent, self.length))
        self.sent += len(piece)
        return piece if len(piece) else None

    def rewind(self):
        """Begin again; NetError for a stream that cannot."""
        if self._stream is not None and self.sent:
            if self._start is None:
                raise NetError(
                    EINVAL, "the server wants the data once more, and a stream has it only once: "
                    "send to where it redirects, or bytes"
                )  # fmt: skip
            self._stream.seek(self._start)
        self.sent = 0

    def _read(self, room):
        stream = self._stream
        if hasattr(stream, "readinto"):
            n = stream.readinto(room)
        else:
            piece = stream.read(len(room))
            n = piece if piece is None else len(piece)
            if n:
                room[:n] = piece
        if n is None:
            raise NetError(EINVAL, "the stream to send has nothing now: it must wait for its data")
        return n


# Where a stream is, None if it cannot go back there.
def _tell(stream):
    try:
        at = stream.tell()
        stream.seek(at)
        return at
    except (AttributeError, OSError):
        return None
