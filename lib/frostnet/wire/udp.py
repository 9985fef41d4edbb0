# Frostnet: UDP headers
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 768.

from micropython import const

from frostnet.wire.checksum import checksum

HEADER = const(8)

# Offsets.
SPORT = const(0)
DPORT = const(2)
LENGTH = const(4)
CHECKSUM = const(6)

# What fast_headers.udp() answers below 0 is an index into this: the counter.
ERRORS = (
    "udp_drop_port",  # -4
    "udp_drop_checksum",
    "udp_drop_length",
    "udp_drop_short",
)


def header(sport, dport, data, n, pseudo):
    """Return the header, bytes, of a datagram with the `n` bytes of `data`; `pseudo` is the sum
    of its addresses.
    """
    n += HEADER
    check = checksum(data, 0, n - HEADER, pseudo + 17 + n + sport + dport + n)
    check = check or 0xFFFF  # 0 would say that there is none
    words = sport << 48 | dport << 32 | n << 16 | check
    return words.to_bytes(8, "big")
