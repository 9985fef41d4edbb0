# Frostnet: retransmission time-out
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6298 in integers: `srtt` and `rttvar` are µs, scaled by 8 and by 4, so that the gains of 1/8
# and 1/4 are shifts and nothing is lost to rounding. There is one sample in each round trip, and
# never of a segment that was sent twice (Karn; §3) unless a timestamp tells (tcp/recovery.py).
# `pto` is what the timer is first set to: a tail loss probe may come before the time-out.

from micropython import const

from frostnet.tcp.tlp import interval

INITIAL = const(1000000)  # §2.1
# The RFC asks for 1 s. We do as Linux does: 200 ms, and as the least of the variance term rather
# than of the whole, so that a peer's delayed ACK is no time-out on any round trip.
MIN_VARIANCE = const(200000)
MAX = const(60000000)  # §2.5
AFTER_SYN = const(3000000)  # §5.7: start of the data if the SYN had to be sent again


def sample(c, rtt):
    """Take a round trip of `rtt` µs into account, §2.2 and §2.3, and end the back-off."""
    if rtt < 1:
        rtt = 1
    if rtt < c.min_rtt:
        c.min_rtt = rtt
    srtt = c.srtt
    if srtt:
        delta = rtt - (srtt >> 3)
        srtt += delta
        if delta < 0:
            delta = -delta
        variance = c.rttvar
        variance += delta - (variance >> 2)
    else:
        srtt = rtt << 3
        variance = rtt << 1
    c.srtt = srtt
    c.rttvar = variance
    srtt >>= 3
    c.rto = rto = _computed(srtt, variance)
    c.pto = interval(srtt, rto) if c.sack_ok else rto
    if c.backoff:
        c.backoff = 0


def start(c, rto):
    """Begin with `rto`, without having a sample."""
    c.rto = c.pto = rto
    if c.backoff:
        c.backoff = 0


def back_off(c):
    """Double the time-out, §5.5."""
    c.backoff += 1
    rto = c.rto << 1
    c.rto = c.pto = rto if rto < MAX else MAX


def ease_off(c, wholly):
    """Take one doubling back, or all: something was acknowledged, though it gave no sample.

    Under heavy loss all that is acknowledged may have been sent twice, and a time-out that only
    grows would end the connection in the midst of progress. If it is the round trip that grew,
    several doublings for each of these still find a time-out that is long enough.

    `wholly`: it came twice, and timestamps are in use. Then an ACK was lost rather than late: a
    late one would have been the first to come, and have given a sample.
    """
    least = _computed(c.srtt >> 3, c.rttvar) if c.srtt else INITIAL
    if wholly:
        c.backoff = 0
        c.rto = c.pto = least
        return
    c.backoff -= 1
    rto = c.rto >> 1
    c.rto = c.pto = rto if rto > least else least


def _computed(srtt, variance):
    rto = srtt + (variance if variance > MIN_VARIANCE else MIN_VARIANCE)
    return rto if rto < MAX else MAX
