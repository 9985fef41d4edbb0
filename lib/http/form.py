# Frostnet: forms as browsers send them (application/x-www-form-urlencoded, WHATWG URL section 5)
# MIT license; Copyright (c) 2026 The Frostnet authors

_SAFE = b"*-._"


def encode(fields):
    """Return the bytes of a form; `fields` is {name: value}.

    Values are texts, bytes, or what has a text; a list or tuple gives its field once for each.
    """
    pairs = []
    for name, value in fields.items():
        for one in value if isinstance(value, (list, tuple)) else (value,):
            pairs.append(_quote(name) + "=" + _quote(one))
    return "&".join(pairs).encode()


def _quote(value):
    if not isinstance(value, (bytes, bytearray)):
        value = str(value).encode()
    out = []
    for c in value:
        if 0x30 <= c <= 0x39 or 0x41 <= c & 0xDF <= 0x5A or c in _SAFE:
            out.append(chr(c))
        else:
            out.append("+" if c == 0x20 else "%%%02X" % c)
    return "".join(out)
