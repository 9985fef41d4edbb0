# Frostnet: status line, header fields and chunk sizes of HTTP/1.x (RFC 9112)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from http.error import HTTPError

_MAX_FIELDS = const(100)
_MAX_BYTES = const(32768)  # of all fields, trailers included
_MAX_DIGITS = const(15)  # of a size, decimal or hexadecimal: more is more than any file

_SEPARATORS = b'"(),/:;<=>?@[\\]{}'
_BLANK = b" \t"


class Head:
    """Header fields in `values`: {name in lower case: text}; repeated ones joined by commas."""

    def __init__(self):
        self.values = {}
        self._last = None
        self._count = 0
        self._bytes = 0

    def status_line(self, line):
        """Return (status, reason)."""
        self._bytes += len(line)
        if (
            len(line) < 12
            or line[:7] != b"HTTP/1."
            or not line[7:8].isdigit()
            or line[8] != 0x20
            or not line[9:12].isdigit()
            or (len(line) > 12 and line[12] != 0x20)
            or not 0x31 <= line[9] <= 0x35
        ):
            raise HTTPError("the server does not speak HTTP/1: its first line is %r" % line[:40])
        return int(line[9:12]), _text(line[13:])

    def add(self, line, trailer=False):
        """Take one field line; one of a trailer is only checked and counted."""
        self._count += 1
        self._bytes += len(line)
        if self._count > _MAX_FIELDS or self._bytes > _MAX_BYTES:
            raise HTTPError("the server sends too many headers")
        if b"\r" in line or b"\0" in line:
            raise HTTPError("the server sent a header with a control character")
        if line[0] in _BLANK:
            # Folded lines are obsolete, but servers that send them exist (section 5.2)
            if self._last is None:
                raise HTTPError("the server sent a header that is none: %r" % line[:40])
            if not trailer:
                self.values[self._last] += " " + _text(line)
            return
        name, colon, value = line.partition(b":")
        if not colon or not is_token(name):
            raise HTTPError("the server sent a header that is none: %r" % line[:40])
        self._last = name = name.decode().lower()
        if trailer:
            return
        value = _text(value)
        if name in self.values:
            value = self.values[name] + ", " + value
        self.values[name] = value

    def chunked(self):
        """Whether the body comes in chunks; it has no other transfer coding."""
        coding = self.values.get("transfer-encoding")
        if coding is None:
            return False
        if coding.lower() != "chunked":
            raise HTTPError("the server uses a transfer coding that was not asked for: " + coding)
        return True

    def length(self):
        """Value of Content-Length, or `None`; repeated, it must stay the same."""
        text = self.values.get("content-length")
        if text is None:
            return None
        values = [value.strip() for value in text.split(",")]
        value = values[0]
        if not value.isdigit() or len(value) > _MAX_DIGITS or any(v != value for v in values):
            raise HTTPError("the server sent a Content-Length that is no length: " + text[:40])
        return int(value)


def chunk_size(line):
    """Return the size in a chunk's first line; its extensions are ignored."""
    digits = line.partition(b";")[0].rstrip(_BLANK)
    if not 1 <= len(digits) <= _MAX_DIGITS:
        raise HTTPError("the server sent a chunk without a valid size")
    size = 0
    for c in digits:
        if 0x30 <= c <= 0x39:
            size = size << 4 | c - 0x30
        elif 0x41 <= c & 0xDF <= 0x46:
            size = size << 4 | (c & 0xDF) - 0x37
        else:
            raise HTTPError("the server sent a chunk without a valid size")
    return size


def is_token(name):
    """Return whether bytes may be a method, or the name of a field (RFC 9110 section 5.6.2)."""
    for c in name:
        if not 0x20 < c < 0x7F or c in _SEPARATORS:
            return False
    return bool(name)


def _text(data):
    # Bytes above ASCII have no meaning that all agree on (RFC 9110 section 5.5)
    data = data.strip()
    try:
        return data.decode()
    except UnicodeError:
        return "".join(chr(c) if c < 0x80 else "?" for c in data)
