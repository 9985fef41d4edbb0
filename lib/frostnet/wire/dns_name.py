# Frostnet: names in DNS messages
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1035 §3.1 and §4.1.4, hardened after RFC 9267. A name is kept in its wire form, expanded and
# in lower case: labels with their lengths, and the final 0. So a dot inside a label stays
# different from a dot between labels.

from micropython import const

_HEADER = const(12)  # of a message: no name stands there
_MAX_LABEL = const(63)
_MAX_NAME = const(255)
_MAX_POINTERS = const(32)  # in one name; a sender needs one


def encode_name(text):
    """Return the wire form of a name; ValueError if it has an empty or too long part."""
    text = text[:-1] if text.endswith(".") else text
    out = bytearray()
    for label in text.lower().split("."):
        label = label.encode()
        if not 1 <= len(label) <= _MAX_LABEL:
            raise ValueError("empty or too long part in a name")
        out.append(len(label))
        out.extend(label)
    out.append(0)
    if len(out) > _MAX_NAME:
        raise ValueError("name too long")
    return bytes(out)


def text_name(name):
    """Return the text of a wire name; bytes outside printable ASCII as \\ddd, also dots."""
    labels = []
    at = 0
    while name[at]:
        label = ""
        for c in name[at + 1 : at + 1 + name[at]]:
            if 0x20 < c < 0x7F and c != 0x2E and c != 0x5C:
                label += chr(c)
            else:
                label += "\\%03d" % c
        labels.append(label)
        at += 1 + name[at]
    return ".".join(labels) or "."


def reverse_name(addr):
    """Return the wire name under which an IPv4 address has its PTR record."""
    return encode_name(
        "%d.%d.%d.%d.in-addr.arpa" % (addr & 255, addr >> 8 & 255, addr >> 16 & 255, addr >> 24)
    )


def within(name, zone):
    """Return whether the wire name `name` is `zone` or a name below it."""
    at = 0
    while len(name) - at > len(zone):
        at += 1 + name[at]
    return name[at:] == zone


def read_name(buf, base, at, end):
    """Expand the name at buf[at]; return (wire name, offset behind it).

    `base` is where the message begins. Every pointer must lead to before the piece that holds
    it, so no chain can come back; ValueError for anything else that is not a name.
    """
    out = bytearray()
    behind = 0
    start = at  # of the piece being read
    pointers = 0
    while True:
        if at >= end:
            raise ValueError("name runs out of the message")
        n = buf[at]
        if n == 0:
            out.append(0)
            return bytes(out), behind or at + 1
        if n >= 0xC0:
            if at + 2 > end:
                raise ValueError("pointer runs out of the message")
            target = base + ((n & 0x3F) << 8 | buf[at + 1])
            if not base + _HEADER <= target < start:
                raise ValueError("pointer does not lead back")
            pointers += 1
            if pointers > _MAX_POINTERS:
                raise ValueError("too many pointers")
            behind = behind or at + 2
            at = start = target
            continue
        if n > _MAX_LABEL:
            raise ValueError("unknown label type")
        if at + 1 + n > end:
            raise ValueError("label runs out of the message")
        if len(out) + n + 2 > _MAX_NAME:
            raise ValueError("name too long")
        # bytes() first: lower() also keeps the length byte, which is below "A"
        out.extend(bytes(buf[at : at + 1 + n]).lower())
        at += 1 + n
