# Frostnet: IPv4 headers
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 791. Only what the layers above need is named here.

from struct import unpack_from

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

# What parse() answers instead of lengths; ERRORS gives the counter to each.
ERRORS = (
    None,
    "ip_drop_short",
    "ip_drop_version",
    "ip_drop_header_length",
    "ip_drop_total_length",
    "ip_drop_checksum",
    "ip_drop_options",
)


def parse(buf, off, end):
    """Check the header at `off` (RFC 1122 §3.2.1) and return header length << 16 | total length.

    Below 0 it is malformed: then ERRORS[-result] names the counter.
    """
    n = end - off
    if n < 20:
        return -1
    first = buf[off]
    if first >> 4 != 4:
        return -2
    total = buf[off + 2] << 8 | buf[off + 3]
    header = (first & 15) << 2
    if header < 20 or header > total:
        return -3
    if total > n:
        return -4
    if header == 20:
        # Like checksum(), with less garbage; the first byte makes sure that the sum is not 0.
        if sum(unpack_from(">10H", buf, off)) % 0xFFFF:
            return -5
    elif checksum(buf, off, header):
        return -5
    elif not options_valid(buf, off + 20, off + header):
        return -6
    return header << 16 | total


def options_valid(buf, off, end):
    """Say whether options can be skipped: well formed, and not a source route (RFC 7126 §4.3)."""
    while off < end:
        kind = buf[off]
        if kind == _EOL:
            return True
        if kind == _NOP:
            off += 1
            continue
        if kind == _LSRR or kind == _SSRR or off + 1 >= end:
            return False
        n = buf[off + 1]
        if n < 2:
            return False
        off += n
    return off == end


def header(src, dst, ttl, fragment):
    """Return a header, a bytearray, whose length, id, protocol and checksum are 0."""
    buf = bytearray(20)
    buf[0] = 0x45
    buf[6] = fragment >> 8
    buf[8] = ttl
    buf[12:16] = src.to_bytes(4, "big")
    buf[16:20] = dst.to_bytes(4, "big")
    return buf
