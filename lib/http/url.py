# Frostnet: URLs (RFC 3986) as far as HTTP needs them
# MIT license; Copyright (c) 2026 The Frostnet authors

from binascii import unhexlify

from micropython import const

from http.auth import basic, credentials
from http.error import HTTPError

_PORTS = {"http": 80, "https": 443}
_MAX = const(4096)  # characters
_UNSAFE = b'"<>\\^`{|}'  # printable, but not part of a URL: sent as %XX


class URL:
    """`scheme`, `host`, `port`, `target` (path and query, safe to send), and `userinfo`:
    bytes "user:password", or `None`. A text without scheme is taken for http. HTTPError if it
    is no URL, or of another scheme."""

    def __init__(self, text):
        if len(text) > _MAX:
            raise HTTPError("the URL is longer than %d characters" % _MAX)
        scheme, rest = _split_scheme(text)
        self.scheme = scheme or "http"
        if self.scheme not in _PORTS:
            raise HTTPError("cannot load %s: URLs: use http://" % scheme)
        if scheme and not rest.startswith("//"):
            raise HTTPError("no host in the URL: use http://host/path")
        authority, self.target = _split_authority(rest[2:] if scheme else rest)
        self.userinfo = None
        userinfo, at, host = authority.rpartition("@")
        if at:
            user, _, password = userinfo.partition(":")
            self.userinfo = credentials(_unquote(user), _unquote(password))
        host, colon, port = host.partition(":")
        self.host = _check_host(host)
        self.port = _check_port(port) if port else _PORTS[self.scheme]

    @property
    def authority(self):
        """Host, and port unless it is the scheme's own: the value of the field Host."""
        if self.port == _PORTS[self.scheme]:
            return self.host
        return "%s:%d" % (self.host, self.port)

    @property
    def authorization(self):
        """Value of the field Authorization (RFC 7617), or `None`."""
        return None if self.userinfo is None else basic(self.userinfo)

    @property
    def path(self):
        """The path without the query."""
        return self.target.partition("?")[0]

    def __str__(self):
        return "%s://%s%s" % (self.scheme, self.authority, self.target)

    def join(self, reference):
        """Return the URL that `reference` means in a document at this one (RFC 3986 section 5).

        Credentials stay with their host.
        """
        scheme, rest = _split_scheme(reference)
        if scheme or reference.startswith("//"):
            url = URL(reference if scheme else self.scheme + ":" + reference)
            if url.userinfo is None and url.scheme == self.scheme:
                if url.authority == self.authority:
                    url.userinfo = self.userinfo
            return url
        reference = reference.partition("#")[0]
        if reference.startswith("/"):
            target = reference
        elif not reference:
            target = self.target
        elif reference.startswith("?"):
            target = self.path + reference
        else:
            target = self.path.rpartition("/")[0] + "/" + reference
        path, mark, query = target.partition("?")
        url = URL("%s://%s%s" % (self.scheme, self.authority, _resolve_dots(path) + mark + query))
        url.userinfo = self.userinfo
        return url

    def name(self):
        """Return the last part of the path, for naming a file; may be empty."""
        return self.path.rpartition("/")[2]


def _split_scheme(text):
    scheme, colon, rest = text.partition(":")
    # "host:8000/x" has no scheme: a port is digits
    if not colon or not scheme or not scheme[0].isalpha() or rest[:1].isdigit():
        return "", text
    for c in scheme:
        if not (c.isalpha() or c.isdigit() or c in "+-."):
            return "", text
    if "." in scheme and not rest.startswith("//"):
        return "", text  # a host name
    return scheme.lower(), rest


def _split_authority(text):
    end = len(text)
    for mark in "/?#":
        at = text.find(mark)
        if 0 <= at < end:
            end = at
    target = text[end:].partition("#")[0]
    if not target.startswith("/"):
        target = "/" + target
    return text[:end], _quote(target)


def _quote(text):
    # What may not be sent as it is becomes %XX: so no URL can smuggle a line end into a request
    out = ""
    for c in text.encode():
        if 0x20 < c < 0x7F and c not in _UNSAFE:
            out += chr(c)
        else:
            out += "%%%02X" % c
    return out


def _unquote(text):
    out = bytearray()
    data = text.encode()
    at = 0
    while at < len(data):
        c = data[at]
        if c == 0x25:
            try:
                c = unhexlify(data[at + 1 : at + 3])[0]
            except (ValueError, IndexError):
                raise HTTPError("bad %XX in the URL's user name or password")
            at += 2
        out.append(c)
        at += 1
    return bytes(out)


def _check_host(host):
    if not host:
        raise HTTPError("no host in the URL: use http://host/path")
    if host[0] == "[":
        raise HTTPError("IPv6 addresses in URLs are not supported")
    for c in host:
        if not (c.isalpha() or c.isdigit() or c in "-._"):
            raise HTTPError("the host name in the URL has a character that no name may have")
    return host.lower()


def _check_port(text):
    if not text.isdigit() or len(text) > 5 or not 0 < int(text) < 65536:
        raise HTTPError("the port in the URL is not a number from 1 to 65535")
    return int(text)


def _resolve_dots(path):
    # RFC 3986 section 5.2.4
    out = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            if out:
                out.pop()
        elif part != ".":
            out.append(part)
    if parts and parts[-1] in (".", ".."):
        out.append("")
    return "/" + "/".join(out)
