# Frostnet: parts of a file (RFC 9110 section 14)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_MAX_RANGES = const(8)  # of one request; more, or ones that overlap, get the whole file
_MAX_DIGITS = const(15)


def parse(text, size):
    """Return [(first, last + 1), …] of a Range field for a file of `size` bytes; [] if none of
    them can be satisfied, None if the field counts as not there: it is no range of bytes, or asks
    for what only an attacker needs (section 14.2).
    """
    unit, equals, text = text.partition("=")
    if unit.strip().lower() != "bytes" or not equals:
        return None
    ranges = []
    count = 0
    for part in text.split(","):
        part = part.strip()
        if not part:
            continue
        count += 1
        first, dash, last = part.partition("-")
        if count > _MAX_RANGES or not dash or not _digits(first) or not _digits(last):
            return None
        if first:
            begin = int(first)
            end = int(last) + 1 if last else size
            if end <= begin and last:
                return None
        elif last:
            begin = max(0, size - int(last))
            end = size
        else:
            return None
        end = min(end, size)
        if begin < end:
            ranges.append((begin, end))
    if not count or _overlap(ranges):
        return None
    return ranges


def content_range(begin, end, size):
    """Return the value of Content-Range."""
    return "bytes %d-%d/%d" % (begin, end - 1, size)


def parts(ranges, size, kind, boundary):
    """Return ([(head, begin, end), …], tail, length) of a body of type multipart/byteranges."""
    out = []
    length = 0
    for begin, end in ranges:
        head = "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n" % (
            boundary,
            kind,
            content_range(begin, end, size),
        )
        head = head.encode()
        out.append((head, begin, end))
        length += len(head) + end - begin
    tail = b"\r\n--%s--\r\n" % boundary.encode()
    return out, tail, length + len(tail)


def _digits(text):
    return not text or (text.isdigit() and len(text) <= _MAX_DIGITS)


def _overlap(ranges):
    ordered = sorted(ranges)
    return any(ordered[i][1] > ordered[i + 1][0] for i in range(len(ordered) - 1))
