# Frostnet: ARP packets
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 826, for IPv4 over Ethernet, the only form there is here.

from micropython import const

SIZE = const(28)

# Offsets into the packet.
OPER = const(6)
SHA = const(8)  # sender
SPA = const(14)
THA = const(18)  # target
TPA = const(24)

REQUEST = const(1)
REPLY = const(2)

# Hardware type Ethernet, protocol IPv4, address lengths 6 and 4.
_PREFIX = b"\x00\x01\x08\x00\x06\x04"


def parse(buf, off, end):
    """Return REQUEST or REPLY, or 0 if `buf[off:end]` is not an ARP packet of the known form."""
    if end - off < 28 or bytes(buf[off : off + 6]) != b"\x00\x01\x08\x00\x06\x04":
        return 0
    oper = buf[off + 6] << 8 | buf[off + 7]
    return oper if oper == 1 or oper == 2 else 0


def build(buf, off, oper, sha, spa, tha, tpa):
    """Write an ARP packet, SIZE bytes, at `off`. Hardware addresses are 6 bytes, others ints."""
    buf[off : off + 6] = _PREFIX
    buf[off + 6] = 0
    buf[off + 7] = oper
    buf[off + 8 : off + 14] = sha
    buf[off + 14 : off + 18] = spa.to_bytes(4, "big")
    buf[off + 18 : off + 24] = tha
    buf[off + 24 : off + 28] = tpa.to_bytes(4, "big")
