# Frostnet: the mode "netascii" of TFTP: lines end with CR LF (RFC 1350 §2, RFC 764)
# MIT license; Copyright (c) 2026 The Frostnet authors

# On the board they end with LF. A CR on its own is CR NUL on the way.

from micropython import const

_CR, _LF = const(13), const(10)
_PIECE = const(256)


class Encoder:
    """`readinto(view)` gives what `read(view)` reads as netascii."""

    def __init__(self, read):
        self._read = read
        self._raw = bytearray(_PIECE)
        self._ready = b""

    def readinto(self, view):
        if not self._ready:
            n = self._read(self._raw)
            raw = bytes(memoryview(self._raw)[:n])
            self._ready = raw.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
        n = min(len(view), len(self._ready))
        view[:n] = self._ready[:n]
        self._ready = self._ready[n:]
        return n


class Decoder:
    """`write(view)` takes netascii and gives `write` what it stands for."""

    def __init__(self, write):
        self._write = write
        self._cr = False  # it was the last byte, and what it means is still to come

    def write(self, view):
        out = bytearray()
        for c in bytes(view):
            if self._cr:
                self._cr = False
                if c == _LF:
                    out.append(_LF)
                    continue
                out.append(_CR)
                if c == 0:
                    continue
            if c == _CR:
                self._cr = True
            else:
                out.append(c)
        if out:
            self._write(out)

    def finish(self):
        """Nothing more comes."""
        if self._cr:
            self._cr = False
            self._write(b"\r")
