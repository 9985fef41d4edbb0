# Frostnet: what functions return, as answers
# MIT license; Copyright (c) 2026 The Frostnet authors

import json

from http.status import reason

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
_BYTES = "application/octet-stream"


class Response:
    """An answer: `status`, `fields` (a list of (name, value)), and `body`: bytes-like, or None;
    or `source` and its `length` (None if that is not known before), for Session.stream(); or
    `pieces`, a generator. ValueError for a status that ends no request.
    """

    def __init__(self, body=None, status=200, fields=(), kind=None):
        if not 200 <= status < 600:
            raise ValueError("the status of an answer is from 200 to 599, not %d" % status)
        self.status = status
        self.fields = list(fields.items() if isinstance(fields, dict) else fields)
        self.source = None
        self.length = 0
        self.body = self.pieces = None
        if body is None:
            return
        if hasattr(body, "throw"):
            self.pieces = body
            self.fields.append(("Content-Type", kind or HTML))
            return
        if isinstance(body, str):
            body = body.encode()
            kind = kind or HTML
        elif isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            kind = kind or JSON
        self.body = body
        self.length = len(body)
        self.fields.append(("Content-Type", kind or _BYTES))


def of(value):
    """Return the Response for what a function has returned.

    A Response, text (HTML), bytes, a dict or list (JSON), None (204), an int (a status), or a
    tuple of one of these, a status and perhaps a dict of fields. TypeError for anything else.
    """
    if isinstance(value, Response):
        return value
    if value is None:
        return Response(status=204)
    if isinstance(value, bool):
        raise TypeError("a route returned a bool")
    if isinstance(value, int):
        return problem(value)
    if isinstance(value, tuple):
        body, status = value[:2]
        return Response(body, status, value[2] if len(value) > 2 else ())
    if not isinstance(value, (str, bytes, bytearray, memoryview, dict, list)):
        raise TypeError("a route returned an object of type " + type(value).__name__)
    return Response(value)


def problem(status, text="", fields=()):
    """Return the answer that says what is wrong, or a status without a page of its own."""
    words = "%d %s" % (status, reason(status))
    if text:
        words += ": " + text
    return Response(words + "\n", status, fields, TEXT)
