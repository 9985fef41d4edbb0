# Frostnet: UDP headers
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 768.

from micropython import const

HEADER = const(8)

# Offsets.
SPORT = const(0)
DPORT = const(2)
LENGTH = const(4)
CHECKSUM = const(6)


def header(buf, off, sport, dport, n):
    """Write a header for `n` bytes of payload; the checksum is left 0."""
    n += 8
    buf[off] = sport >> 8
    buf[off + 1] = sport & 255
    buf[off + 2] = dport >> 8
    buf[off + 3] = dport & 255
    buf[off + 4] = n >> 8
    buf[off + 5] = n & 255
    buf[off + 6] = 0
    buf[off + 7] = 0
