# Frostnet: TCP keepalive
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.8.4. A connection on which nothing was heard for `keep_idle` is asked with a segment
# that a living peer must answer, and reset after `keep_count` questions without an answer. While
# data are on their way their retransmission finds out the same, so nothing is asked then.
#
# Nothing is done per segment: the timer finds out when it runs how long ago the last one came.

from micropython import const

from frostnet.tcp.segment import arm, transmit
from frostnet.tcp.states import ESTABLISHED, TIME_WAIT

_ACK = const(0x10)
_NEVER = const(1 << 61)
_ETIMEDOUT = const(110)


def start(c, now):
    """Watch `c` from now on if its user wants that, or stop."""
    if c.keep_probes:
        c.keep_probes = 0
    if c.keepalive and ESTABLISHED <= c.state < TIME_WAIT:
        c.keep_at = now + c.keep_idle
        arm(c, c.keep_at)
    elif c.keep_at != _NEVER:
        c.keep_at = _NEVER


def answered(c, now):
    """A segment came while an answer was awaited."""
    c.keep_probes = 0
    c.keep_at = now + c.keep_idle
    if c.watch is not None:
        c.watch.tell("alive")


def ask(c, now):
    """The time `keep_at` has come. The connection may be gone afterwards."""
    last = max(c.heard, c.since)
    if c.snd_una < c.snd_max or c.tx.len:
        last = now
    if c.keep_probes and last >= c.keep_at - c.keep_interval:
        c.keep_probes = 0  # data came after the question
    if not c.keep_probes and now < last + c.keep_idle:
        c.keep_at = last + c.keep_idle
    elif c.keep_probes < c.keep_count:
        c.keep_probes += 1
        c.keep_at = now + c.keep_interval
        c.tcp.counters.tcp_keepalive += 1
        if c.watch is not None:
            c.watch.tell("keepalive", c.keep_probes)
        transmit(c, c.snd_max - 1, 0, _ACK)
    else:
        c.tcp.counters.tcp_timeout += 1
        c.give_up(c.soft_error or _ETIMEDOUT)
