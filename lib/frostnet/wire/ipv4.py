# Frostnet: IPv4 headers
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 791. Only what the layers above need is named here.

from micropython import const

from frostnet.wire.checksum import checksum

HEADER = const(20)  # without options

# Offsets.
LENGTH = const(2)
ID = const(4)
FRAGMENT = const(6)  # flags and offset
TTL = const(8)
PROTO = const(9)
CHECKSUM = const(10)
SRC = const(12)
DST = const(16)

PROTO_ICMP = const(1)
PROTO_TCP = const(6)
PROTO_UDP = const(17)

DF = const(0x4000)
MF = const(0x2000)
OFFSET_MASK = const(0x1FFF)  # in units of 8 bytes

# Options.
_EOL = const(0)
_NOP = const(1)
_LSRR = const(131)
_SSRR = const(137)
_COPIED = const(0x80)

SOURCE_ROUTE = const(-1)

# What fast_headers.frame() answers beside the protocol in the low 8 bits.
OPTIONS = const(0x100)
FRAGMENTED = const(0x200)
EXPIRED = const(0x400)  # TTL of 0
SOURCE = const(0x800)  # the source is in 0/8 or 127/8, or no unicast address
LINK_GROUP = const(0x1000)  # the frame was sent to a group address
CHECKED = const(0x4000)  # the transport's checksum needs no look; the interface adds this
STRANGER = const(0x2000)  # source and destination are not among the pairs accepted before
BAD = const(0x10000)  # times an index into ERRORS, which has the counter

ERRORS = (
    None,
    "ip_drop_short",
    "ip_drop_version",
    "ip_drop_header_length",
    "ip_drop_total_length",
    "ip_drop_checksum",
)


def options_fault(buf, off, end):
    """Say what is wrong with the options of the header at `off`: 0 if they can be skipped, else
    where in the header; SOURCE_ROUTE if they have one, which nobody is given (RFC 7126 §4.3).
    """
    at = off + HEADER
    while at < end:
        kind = buf[at]
        if kind == _EOL:
            return 0
        if kind == _NOP:
            at += 1
            continue
        if kind == _LSRR or kind == _SSRR:
            return SOURCE_ROUTE
        if at + 1 >= end:
            return at - off
        n = buf[at + 1]
        if n < 2 or at + n > end:
            return at + 1 - off
        at += n
    return 0


def header_of_others(header):
    """Return the header, a bytearray, of the fragments that follow the one with `header`: it has
    only the options which are to be copied (RFC 791 §3.1). The options are valid.
    """
    out = header[:HEADER]
    at = HEADER
    while at < len(header) and header[at] != _EOL:
        n = 1 if header[at] == _NOP else header[at + 1]
        if header[at] & _COPIED:
            out += header[at : at + n]
        at += n
    out += bytes(-len(out) % 4)
    out[0] = 0x40 | len(out) >> 2
    return out


def complete(buf, off, size, n, proto, ident, fragment):
    """Fill in the header of `size` bytes at `off`, made after header(), for `n` bytes of payload;
    `fragment` is flags and offset.
    """
    n += size
    buf[off + 2] = n >> 8
    buf[off + 3] = n & 0xFF
    buf[off + 4] = ident >> 8
    buf[off + 5] = ident & 0xFF
    buf[off + 6] = fragment >> 8
    buf[off + 7] = fragment & 0xFF
    buf[off + 9] = proto
    seal(buf, off, size)


def seal(buf, off, size):
    """Store the checksum of a header of `size` bytes."""
    buf[off + 10] = 0
    buf[off + 11] = 0
    check = checksum(buf, off, size)
    buf[off + 10] = check >> 8
    buf[off + 11] = check & 0xFF


def header(src, dst, ttl, fragment):
    """Return a header, a bytearray, whose length, id, protocol and checksum are 0."""
    buf = bytearray(20)
    buf[0] = 0x45
    buf[6] = fragment >> 8
    buf[8] = ttl
    buf[12:16] = src.to_bytes(4, "big")
    buf[16:20] = dst.to_bytes(4, "big")
    return buf
