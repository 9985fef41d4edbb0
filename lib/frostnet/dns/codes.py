# Frostnet: how a DNS query can fail
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

# What servers said; everything else is an errno of this host.
EAI_NONAME = const(-2)  # there is no such name, or it has no record of this type
EAI_AGAIN = const(-3)  # no server could find out
EAI_FAIL = const(-4)  # the answer makes no sense

COUNTERS = (
    "dns_tx",
    "dns_tx_no_buffer",  # as if it was lost: the next try follows
    "dns_rx",
    "dns_drop_malformed",
    "dns_drop_mismatch",  # other server, port, id or question: late, or forged
    "dns_retry",
    "dns_tcp",  # asked again by TCP, for an answer that a datagram could not hold
    "dns_no_edns",  # servers that did not understand EDNS0
    "dns_timeout",
    "dns_cache_hit",
)
