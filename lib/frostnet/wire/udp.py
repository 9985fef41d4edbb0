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

# What fast_headers.udp() answers below 0 is an index into this: the counter.
ERRORS = (
    "udp_drop_port",  # -4
    "udp_drop_checksum",
    "udp_drop_length",
    "udp_drop_short",
)
