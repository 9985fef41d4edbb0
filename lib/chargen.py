# Frostnet: the characters of the character generator (RFC 864)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_FIRST, _COUNT = const(32), const(95)  # printable ASCII
_LINE = const(72)
PERIOD = const(7030)  # bytes after which it begins anew: 95 lines with CR LF


def characters():
    """The popular pattern of RFC 864, once: lines that each begin one character later."""
    ring = bytes(range(_FIRST, _FIRST + _COUNT)) * 2
    return b"".join([ring[k : k + _LINE] + b"\r\n" for k in range(_COUNT)])
