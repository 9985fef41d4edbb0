# Frostnet: conditional requests: whether an answer is worth its body (RFC 9110 section 13)
# MIT license; Copyright (c) 2026 The Frostnet authors

from http import date


def evaluate(method, fields, etag, modified):
    """Return 0 to go on, 304 or 412, in the order of section 13.2.2.

    `etag` is the resource's, with quotes, or None; `modified` the seconds at which it was changed
    last, or None.
    """
    match = fields.get("if-match")
    if match is not None:
        if not _in(match, etag, False):
            return 412
    elif "if-unmodified-since" in fields and modified is not None:
        since = date.parse(fields["if-unmodified-since"])
        if since is not None and modified > since:
            return 412
    none = fields.get("if-none-match")
    reads = method == "GET" or method == "HEAD"
    if none is not None:
        if _in(none, etag, True):
            return 304 if reads else 412
    elif reads and "if-modified-since" in fields and modified is not None:
        since = date.parse(fields["if-modified-since"])
        if since is not None and modified <= since:
            return 304
    return 0


def range_counts(fields, etag, modified):
    """Return whether Range is to be looked at, as If-Range says (section 13.1.5)."""
    condition = fields.get("if-range")
    if condition is None:
        return True
    if condition[:1] == '"':
        return condition == etag
    if condition[:2] == "W/":
        return False
    return modified is not None and date.parse(condition) == modified


# Whether an entity tag is in a list; `weak`: tags are equal whether they are weak or not.
def _in(text, etag, weak):
    if text.strip() == "*":
        return etag is not None
    if etag is None:
        return False
    if weak and etag[:2] == "W/":
        etag = etag[2:]
    for tag in text.split(","):
        tag = tag.strip()
        if weak and tag[:2] == "W/":
            tag = tag[2:]
        if tag == etag and (weak or etag[:2] != "W/"):
            return True
    return False
