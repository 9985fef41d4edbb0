# Frostnet: bodies that are longer than one piece
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.server.connection import LAST_CHUNK, chunk_head

_FRAME = 16  # bytes at most around a chunk


class FileSource:
    """Bytes `begin` to `end` of a file, by way of a buffer that sources of one server share."""

    def __init__(self, file, begin, end, buffer):
        self._file = file
        self._left = end - begin
        self._view = memoryview(buffer)
        if begin:
            file.seek(begin)

    def next(self, room):
        n = min(room, self._left, len(self._view))
        if not n:
            return None
        got = self._file.readinto(self._view[:n])
        if not got:
            raise OSError("a file became shorter while it was sent")
        self._left -= got
        return self._view[:got]

    def close(self):
        self._file.close()


class Parts:
    """Several ranges of a file, each with its head, and a tail (http/server/ranges.py)."""

    def __init__(self, file, parts, tail, buffer):
        self._file = file
        self._parts = parts
        self._tail = tail
        self._buffer = buffer
        self._now = None

    def next(self, room):
        if self._now is not None:
            data = self._now.next(room)
            if data is not None:
                return data
            self._now = None
        if not self._parts:
            tail = self._tail
            self._tail = None
            return tail
        head, begin, end = self._parts.pop(0)
        self._file.seek(begin)
        self._now = FileSource(self._file, 0, end - begin, self._buffer)
        return head

    def close(self):
        self._file.close()


class Chunks:
    """Pieces of any size in chunks, or as they are if `framed` is false.

    `pieces()` returns bytes, b"" if there are none now, None at the end.
    """

    def __init__(self, pieces, framed, on_close=None):
        self._pieces = pieces
        self._framed = framed
        self._on_close = on_close
        self._rest = b""
        self._ended = False

    def next(self, room):
        data = self._rest
        if not data:
            if self._ended:
                return None
            data = self._pieces()
            if data is None:
                self._ended = True
                return LAST_CHUNK if self._framed else None
            if not len(data):
                return b""
        n = min(len(data), room - _FRAME)
        self._rest = memoryview(data)[n:] if n < len(data) else b""
        piece = bytes(memoryview(data)[:n])
        return chunk_head(n) + piece + b"\r\n" if self._framed else piece

    def close(self):
        if self._on_close:
            self._on_close()
