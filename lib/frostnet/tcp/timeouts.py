# Frostnet: what happens when a TCP connection's timer runs out
# MIT license; Copyright (c) 2026 The Frostnet authors

# A connection has one timer for its deadlines (`rtx_at`, `persist_at`, `delack_at`, `life_at`). It
# is set to the earliest when one of them moves closer; one that moved away is found out here.

from micropython import const

from frostnet.tcp import rto
from frostnet.tcp.output import arm, output, probe
from frostnet.tcp.states import CLOSED, TIME_WAIT

_NEVER = const(1 << 61)

_ETIMEDOUT = const(110)
_DOUBT = const(2)  # retransmissions in a row after which the neighbour's address may be wrong


def expired(c, now):
    """Do what is due, and set the timer to what is due next."""
    if c.state == CLOSED or c.state == TIME_WAIT:
        return
    c.tcp.settle(c, now)
    if now >= c.life_at:
        c.drop(0)
        return
    if now >= c.rtx_at or now >= c.persist_at:
        if now - c.since >= c.user_timeout:
            c.tcp.counters.tcp_timeout += 1
            c.drop(c.soft_error or _ETIMEDOUT)
            return
        if now >= c.rtx_at:
            _retransmit(c, now)
        else:
            probe(c, now)
    if now >= c.delack_at:
        c.delack_at = _NEVER
        c.ack_now = True
    output(c, now)
    if c.rtx_at < _NEVER and c.rtx_at > c.since + c.user_timeout:
        c.rtx_at = c.since + c.user_timeout
    when = min(c.rtx_at, c.persist_at, c.delack_at, c.life_at)
    if when < _NEVER:
        arm(c, when)


# RFC 6298 §5.4 to §5.6: back to the first segment that was not acknowledged, with a window of
# one segment; what follows is sent again as ACKs come, unless they say that it arrived.
def _retransmit(c, now):
    c.tcp.counters.tcp_retransmit += 1
    rto.back_off(c)
    if c.backoff >= _DOUBT:
        c.path.doubt()
    c.rtt_seq = 0
    c.dupacks = 0
    if c.cc:
        c.cc.on_timeout(c.snd_max - c.snd_una, c.snd_max, c.rtx_una == c.snd_una)
    c.rtx_una = c.snd_una
    c.snd_nxt = c.snd_una
    c.rtx_at = _NEVER
