# Frostnet: the head of an answer: its first line and its header fields
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.error import HTTPError
from http.status import reason

_first = {}  # lines by status; of those that have a phrase, so there are no more than these


def first(status):
    """Return the first line of an answer, bytes."""
    line = _first.get(status)
    if line is None:
        phrase = reason(status)
        line = b"HTTP/1.1 %d %s\r\n" % (status, phrase.encode())
        if phrase:
            _first[status] = line
    return line


def lines(fields):
    """Return (name, value) pairs as lines, bytes. HTTPError for a line end in one of them."""
    parts = []
    for name, value in fields:
        value = str(value)
        if "\n" in value or "\r" in value or "\n" in name or "\r" in name:
            raise HTTPError("line end in a header")
        parts.append(name)
        parts.append(": ")
        parts.append(value)
        parts.append("\r\n")
    return "".join(parts).encode()
