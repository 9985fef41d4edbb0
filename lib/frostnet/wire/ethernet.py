# Frostnet: Ethernet frames
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

HEADER = const(14)  # destination, source, EtherType

TYPE_IPV4 = const(0x0800)
TYPE_ARP = const(0x0806)

BROADCAST = b"\xff\xff\xff\xff\xff\xff"

# What fast_headers.frame() answers below 0: ARP, or an index into ERRORS, which has the counter.
ARP = const(-6)
ERRORS = (
    "eth_drop_oversize",  # -5
    "eth_drop_runt",
    "eth_drop_type",
    "eth_drop_source",
    "eth_drop_other_host",
)


def header(dst, src, ethertype):
    """Return the 14 bytes of a header."""
    return dst + src + bytes((ethertype >> 8, ethertype & 255))


def is_station(mac):
    """Say whether six bytes can be the address of one station."""
    return not mac[0] & 1 and any(mac)


def multicast(addr):
    """Return the address for an IPv4 multicast group, RFC 1112 §6.4."""
    return bytes((1, 0, 0x5E, addr >> 16 & 0x7F, addr >> 8 & 255, addr & 255))
