# Frostnet: going on with a file that is there in part (RFC 9110 sections 13.1.5 and 14)
# MIT license; Copyright (c) 2026 The Frostnet authors

from http import date
from http.error import HTTPError

_MAX_DIGITS = 15
_MAX_TAG = 256  # characters of an entity tag that is worth keeping


def validator(headers):
    """Return what If-Range can name this representation by, or `None`: nothing is sure enough.

    That is a strong entity tag; without any tag it is Last-Modified, if the file was a second
    old when it was sent: it could not change again under the same date (section 8.8.2.2).
    """
    tag = headers.get("etag")
    if tag is not None:
        whole = 2 <= len(tag) <= _MAX_TAG and tag[0] == '"' and tag[-1] == '"'
        return tag if whole and '"' not in tag[1:-1] else None
    text = headers.get("last-modified", "")
    modified = date.parse(text)
    sent = date.parse(headers.get("date", ""))
    return text if modified is not None and sent is not None and sent > modified else None


def request_fields(offset, validator):
    """Return the header fields that ask for what is behind the first `offset` bytes."""
    return {"Range": "bytes=%d-" % offset, "If-Range": validator}


def contradicts(headers, validator):
    """Return whether an answer in part is of another file than `validator` names: there are
    servers that do not know If-Range."""
    name = "etag" if validator[:1] == '"' else "last-modified"
    return headers.get(name, validator) != validator


def content_range(headers):
    """Return (first, behind the last, size of the whole or `None`) of Content-Range.

    For an answer with status 416, the first two are `None`. HTTPError if there is no such field,
    or one that makes no sense (section 14.4).
    """
    text = headers.get("content-range", "")
    unit, _, rest = text.partition(" ")
    span, slash, size = rest.strip().partition("/")
    total = None if size == "*" else _number(size)
    if unit.lower() == "bytes" and slash and (size == "*" or total is not None):
        if span == "*" and total is not None:
            return None, None, total
        first, _, last = span.partition("-")
        first, last = _number(first), _number(last)
        if first is not None and last is not None:
            if first <= last and (total is None or last < total):
                return first, last + 1, total
    raise HTTPError("the server sent a part, but not which one of what: %r" % text[:40])


def _number(text):
    return int(text) if text.isdigit() and len(text) <= _MAX_DIGITS else None
