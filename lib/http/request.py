# Frostnet: HTTP requests
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from http.error import HTTPError
from http.head import is_token

CHUNKED = const(-1)

_AGENT = "Frostnet"


def request(url, method="GET", headers=None, length=None, kind=None):
    """Return the bytes of a request for `url`, up to its body; the answer ends the connection.

    `length` of the body in bytes, or CHUNKED, or `None` if there is none; `kind` is its type.
    `headers`: {name: value} in addition to, or instead of, those that every request has.
    HTTPError if method or headers cannot be sent.
    """
    if not is_token(method.encode()) or method == "CONNECT":
        raise HTTPError("no method that can be asked with: use one such as POST")
    fields = {
        "Host": url.authority,
        "User-Agent": _AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if url.authorization:
        fields["Authorization"] = url.authorization
    if kind:
        fields["Content-Type"] = kind
    if length == CHUNKED:
        fields["Transfer-Encoding"] = "chunked"
    elif length is not None:
        fields["Content-Length"] = str(length)
    for name, value in (headers or {}).items():
        _put(fields, name, str(value))
    # Host comes first (RFC 9110 section 7.2)
    lines = ["%s %s HTTP/1.1" % (method, url.target), "Host: " + fields.pop("Host")]
    for name, value in fields.items():
        lines.append("%s: %s" % (name, value))
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _put(fields, name, value):
    low = name.lower()
    if not is_token(name.encode()):
        raise HTTPError("no name of a header: %r" % name[:40])
    if "\r" in value or "\n" in value or "\0" in value:
        raise HTTPError("line end in a header")
    for known in fields:
        if known.lower() == low:
            name = known
            break
    # Two opinions about where the body ends are how requests are smuggled (RFC 9112 section 11.2)
    if low in ("content-length", "transfer-encoding") and fields.get(name) != value:
        raise HTTPError("the header %s does not fit what is sent: leave it out" % name)
    fields[name] = value
