# Frostnet: what a request is for: path and query of its target (RFC 9112 section 3.2)
# MIT license; Copyright (c) 2026 The Frostnet authors

from http.server.error import Refused
from http.server.head import text

_HEX = b"0123456789abcdefABCDEF"


def split(target):
    """Return (path, query, authority) of a target, bytes: the path with its dots resolved and
    decoded, the query as it is, the authority "" unless the form is absolute. "*" is the path of
    the asterisk form. Refused.
    """
    authority = ""
    if target[:1] != b"/":
        if target == b"*":
            return "*", "", ""
        scheme, sep, rest = target.partition(b"://")
        if scheme.lower() not in (b"http", b"https") or not sep:
            raise Refused(400, "the target of the request is none")
        authority, slash, rest = rest.partition(b"/")
        authority = text(authority)
        target = slash + rest or b"/"
    path, _, query = target.partition(b"?")
    if b"#" in target:
        raise Refused(400, "the target of the request has a fragment")
    return resolve(path), text(query), authority


def resolve(path):
    """Return a path with percents decoded and dots resolved.

    Refused if it leads above the root, or has a NUL, a backslash or a slash in disguise: what a
    file system might read in another way than whoever looked at the path before.
    """
    if b"%" not in path and b"/." not in path and b"//" not in path and b"\\" not in path:
        return text(path)
    parts = []
    names = path.split(b"/")
    for i, name in enumerate(names):
        name = decode(name)
        if b"\0" in name or b"\\" in name or b"/" in name:
            raise Refused(400, "the path has a character that no path may have")
        if name == b"..":
            if not parts:
                raise Refused(400, "the path leads out of the root")
            parts.pop()
        elif name and name != b".":
            parts.append(name)
    out = b"/" + b"/".join(parts)
    if parts and names[-1] in (b"", b".", b".."):
        out += b"/"  # a directory
    return text(out)


def decode(data, plus=False):
    """Return bytes with percents decoded (and "+" as a space, in queries). Refused."""
    if plus:
        data = data.replace(b"+", b" ")
    if b"%" not in data:
        return data
    first, *rest = data.split(b"%")
    out = [first]
    for piece in rest:
        if len(piece) < 2 or piece[0] not in _HEX or piece[1] not in _HEX:
            raise Refused(400, "the target has a percent without two digits")
        out.append(bytes((int(piece[:2], 16),)))
        out.append(piece[2:])
    return b"".join(out)


def form(data):
    """Return {name: value} of a query or of a form's body: the last of equal names. Refused."""
    values = {}
    if isinstance(data, str):
        data = data.encode()
    for pair in data.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            values[text(decode(name, True))] = text(decode(value, True))
    return values
