# Frostnet: DHCP options that are lists in a format of their own
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire.addr import load, netmask

_MAX_LABEL = const(63)
_MAX_NAME = const(253)  # as text


def routes(value, limit):
    """Classless static routes, RFC 3442: a list of (network, prefix length, gateway).

    At most `limit` of them; a gateway of 0 is the link itself. `None` if the option is damaged.
    """
    found = []
    at = 0
    n = len(value)
    while at < n:
        prefix = value[at]
        size = (prefix + 7) >> 3
        if prefix > 32 or at + 5 + size > n:
            return None
        at += 1
        network = int.from_bytes(value[at : at + size] + bytes(4 - size), "big")
        at += size
        if len(found) < limit:
            # Bits behind the prefix are not part of the route
            found.append((network & netmask(prefix), prefix, load(value, at)))
        at += 4
    return found


def names(value, limit):
    """A domain search list, RFC 3397: a list of names as text, at most `limit` of them.

    What follows a damaged name is not read: its beginning is not known.
    """
    found = []
    at = 0
    while at < len(value) and len(found) < limit:
        name, at = _name(value, at)
        if name is None:
            break
        if name and name not in found:
            found.append(name)
    return found


# The name at `at` and the offset behind it; None if it is damaged. A pointer must lead to before
# the piece of name that it ends, so that none can come back (RFC 9267 §2).
def _name(value, at):
    labels = []
    size = behind = 0
    start = at
    while at < len(value):
        n = value[at]
        if n >= 0xC0:
            if at + 2 > len(value):
                break
            behind = behind or at + 2
            at = (n & 0x3F) << 8 | value[at + 1]
            if at >= start:
                break
            start = at
            continue
        at += 1
        if n == 0:
            return ".".join(labels), behind or at
        size += n + 1
        label = value[at : at + n]
        if n > _MAX_LABEL or len(label) < n or size > _MAX_NAME or not _plain(label):
            break
        labels.append(label.decode())
        at += n
    return None, 0


def _plain(label):
    for c in label:
        if not 0x21 <= c <= 0x7E or c == 0x2E:
            return False
    return True
