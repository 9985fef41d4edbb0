# Frostnet: Ethernet frames
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

HEADER = const(14)  # destination, source, EtherType

TYPE_IPV4 = const(0x0800)
TYPE_ARP = const(0x0806)

BROADCAST = b"\xff\xff\xff\xff\xff\xff"

# What parse() answers beside the EtherType in the low 16 bits.
GROUP = const(0x10000)  # sent to the broadcast or a multicast address
OTHER_HOST = const(-1)
BAD_SOURCE = const(-2)


def parse(frame, mac):
    """Return the EtherType of `frame`, which has at least 14 bytes, | GROUP if it was sent to a
    group; OTHER_HOST if it was sent to another station than `mac`, BAD_SOURCE if its source is
    a group address.
    """
    if frame[6] & 1:
        return -2
    if frame[0] & 1:
        return 0x10000 | frame[12] << 8 | frame[13]
    # The bytes most likely to differ come first.
    if (
        frame[5] != mac[5]
        or frame[4] != mac[4]
        or frame[3] != mac[3]
        or frame[2] != mac[2]
        or frame[1] != mac[1]
        or frame[0] != mac[0]
    ):
        return -1
    return frame[12] << 8 | frame[13]


def header(dst, src, ethertype):
    """Return the 14 bytes of a header."""
    return dst + src + bytes((ethertype >> 8, ethertype & 255))


def is_station(mac):
    """Say whether six bytes can be the address of one station."""
    return not mac[0] & 1 and any(mac)


def multicast(addr):
    """Return the address for an IPv4 multicast group, RFC 1112 §6.4."""
    return bytes((1, 0, 0x5E, addr >> 16 & 0x7F, addr >> 8 & 255, addr & 255))
