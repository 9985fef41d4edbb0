# Frostnet: the head of a request: its first line and its header fields
# MIT license; Copyright (c) 2026 The Frostnet authors

# What could be understood in two ways is refused: of such requests smuggling is made (RFC 9112
# section 11.2). So lines end with CRLF and are never folded, and nothing stands before a colon.

from micropython import const

from http.server.error import Refused

_MAX_FIELDS = const(100)
_MAX_DIGITS = const(15)  # of a Content-Length: more is more than any file
_MAX_METHOD = const(16)

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
_METHODS = {name.encode(): name for name in METHODS}

# Characters that names, methods and hosts are made of (RFC 9110 section 5.6.2, RFC 3986).
_ALPHANUM = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_TOKEN = frozenset(_ALPHANUM + b"!#$%&'*+-.^_`|~")
_HOST = frozenset(_ALPHANUM + b"-._~%!$&'()*+,;=:[]")

# Names by how clients write them: those need no look at each letter.
_KNOWN = {}
for _name in (
    "Host,Connection,User-Agent,Accept,Accept-Encoding,Accept-Language,Cache-Control,Cookie,"
    "Content-Length,Content-Type,Transfer-Encoding,Expect,If-None-Match,If-Match,If-Modified-Since,"
    "If-Unmodified-Since,If-Range,Range,Origin,Referer,Pragma,Upgrade,Authorization,"
    "Upgrade-Insecure-Requests,Sec-Fetch-Site,Sec-Fetch-Mode,Sec-Fetch-User,Sec-Fetch-Dest,"
    "Sec-WebSocket-Key,Sec-WebSocket-Version,Sec-WebSocket-Protocol,Sec-WebSocket-Extensions"
).split(","):
    _KNOWN[_name.encode()] = _KNOWN[_name.lower().encode()] = _name.lower()

# Whose value is no list: two of them contradict each other.
_SINGLE = ("host", "content-length", "transfer-encoding", "expect", "if-modified-since", "range",
           "if-range", "sec-websocket-key")  # fmt: skip


def parse(data):
    """Return (method, target, minor version, {name in lower case: value}) of a request's head.

    `data` are its bytes, up to the empty line and without it. Refused: 400, 431, 501, 505.
    """
    lines = data.split(b"\r\n")
    if b"\0" in data or data.count(b"\r") != len(lines) - 1 or data.count(b"\n") != len(lines) - 1:
        raise Refused(400, "the request has a line end or a NUL where none may be")
    if len(lines) > _MAX_FIELDS:
        raise Refused(431, "the request has more than %d header fields" % (_MAX_FIELDS - 1))
    method, target, minor = _request_line(lines[0])
    fields = {}
    for i in range(1, len(lines)):
        line = lines[i]
        colon = line.find(b":")
        if colon <= 0:
            raise Refused(400, "a header field has no name")
        name = line[:colon]
        known = _KNOWN.get(name)
        if known is None:
            if not all(c in _TOKEN for c in name):
                raise Refused(400, "the name of a header field is none")
            known = name.decode().lower()
        value = text(line[colon + 1 :].strip())
        if known in fields:
            if known in _SINGLE:
                raise Refused(400, "the request has two fields " + known)
            value = fields[known] + ("; " if known == "cookie" else ", ") + value
        fields[known] = value
    return method, target, minor, fields


def _request_line(line):
    parts = line.split(b" ")
    if len(parts) != 3 or not parts[1]:
        raise Refused(400, "the first line of the request is none")
    name, target, version = parts
    if version != b"HTTP/1.1" and version != b"HTTP/1.0":
        digits = version[5:6] + version[7:]
        if len(digits) != 2 or not digits.isdigit() or version[:5] + version[6:7] != b"HTTP/.":
            raise Refused(400, "the first line of the request names no version")
        if version[5] != 0x31:
            raise Refused(505, "this server speaks HTTP/1.1")
    method = _METHODS.get(name)
    if method is None:
        if not name or len(name) > _MAX_METHOD or not all(c in _TOKEN for c in name):
            raise Refused(400, "the request has no method")
        raise Refused(501, "this server has no method " + name.decode())
    return method, target, 0 if version[7] == 0x30 else 1


def text(data):
    """Return bytes as text; what is not UTF-8 has no meaning that all agree on."""
    try:
        return str(data, "utf-8")
    except UnicodeError:
        return "".join([chr(c) if c < 0x80 else "?" for c in data])


def host(fields, minor):
    """Return the value of Host; Refused if it is none (RFC 9112 section 3.2)."""
    value = fields.get("host")
    if value is None:
        if minor:
            raise Refused(400, "the request has no Host")
        return ""
    if not all(c in _HOST for c in value.encode()):
        raise Refused(400, "the request's Host is none")
    return value


def framing(fields, minor):
    """Return the length of the body, -1 if it comes in chunks (RFC 9112 section 6.3)."""
    coding = fields.get("transfer-encoding")
    length = fields.get("content-length")
    if coding is not None:
        if length is not None or not minor:
            raise Refused(400, "the request contradicts itself about its length")
        if coding.lower() != "chunked":
            raise Refused(501, "this server knows no transfer coding but chunked")
        return -1
    if length is None:
        return 0
    if not length.isdigit() or len(length) > _MAX_DIGITS:
        raise Refused(400, "the request's Content-Length is no length")
    return int(length)


def expects(fields, minor):
    """Return whether the client waits for 100 before it sends a body (RFC 9110 section 10.1.1)."""
    value = fields.get("expect")
    if value is None or not minor:
        return False
    if value.lower() != "100-continue":
        raise Refused(417, "this server can meet no expectation but 100-continue")
    return True


def tokens(value):
    """Return the elements of a list such as Connection's, in lower case."""
    return [word.strip().lower() for word in value.split(",")]
