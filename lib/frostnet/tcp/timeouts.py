# Frostnet: what happens when a TCP connection's timer runs out
# MIT license; Copyright (c) 2026 The Frostnet authors

# A connection has one timer for its deadlines (`rtx_at`, `persist_at`, `delack_at`, `keep_at`,
# `life_at`, `raise_at`). It is set to the earliest when one of them moves closer; one that moved
# away is found out here.

from micropython import const

from frostnet.tcp import keepalive, rto
from frostnet.tcp.output import data, output, resend_syn
from frostnet.tcp.persist import probe
from frostnet.tcp.pmtu import suspect, try_full
from frostnet.tcp.recovery import beware, reordered, timed_out
from frostnet.tcp.resend import resend_tail
from frostnet.tcp.segment import arm
from frostnet.tcp.states import CLOSED, ESTABLISHED, TIME_WAIT
from frostnet.tcp.tlp import due

_NEVER = const(1 << 61)

_SYN_TIMEOUT = const(180000000)  # µs
_HALF_OPEN_TIMEOUT = const(60000000)

_ETIMEDOUT = const(110)
_DOUBT = const(2)  # retransmissions in a row after which the neighbour's address may be wrong


def expired(c, now):
    """Do what is due, and set the timer to what is due next."""
    if c.state == CLOSED or c.state == TIME_WAIT:
        return
    c.tcp.settle(c, now)
    if now >= c.life_at:
        c.give_up(0)
        return
    if now >= c.rtx_at or now >= c.persist_at:
        if now - c.since >= _patience(c):
            c.tcp.counters.tcp_timeout += 1
            c.give_up(c.soft_error or _ETIMEDOUT)
            return
        if now >= c.rtx_at:
            _retransmit(c, now)
        else:
            probe(c, now)
    if now >= c.delack_at:
        c.delack_at = _NEVER
        c.ack_now = True
    if now >= c.keep_at:
        keepalive.ask(c, now)
        if c.state == CLOSED:
            return
    if now >= c.raise_at:
        try_full(c, now)
    output(c, now)
    if c.rtx_at < _NEVER and c.rtx_at > c.since + _patience(c):
        c.rtx_at = c.since + _patience(c)
    when = min(c.rtx_at, c.persist_at, c.delack_at, c.keep_at, c.life_at, c.raise_at)
    if when < _NEVER:
        arm(c, when)


# How long there may be no progress. RFC 9293 §3.8.3: R2 for a SYN is 3 minutes.
def _patience(c):
    if c.state >= ESTABLISHED:
        return c.user_timeout
    return _HALF_OPEN_TIMEOUT if c.listener else _SYN_TIMEOUT


# The time of c.rtx_at has come. What it means depends on what went before: a tail loss probe, more
# that RACK takes for lost, or that nothing helps but to begin anew.
def _retransmit(c, now):
    if c.cc is None:  # the handshake
        rto.back_off(c)
        c.rtx_at = _NEVER
        c.tcp.counters.tcp_retransmit += 1
        c.retransmits += 1
        if c.watch is not None:
            c.watch.tell("timeout", c.rto, c.backoff, 0)
        resend_syn(c)
        _doubt(c)
        return
    if c.dupacks:
        rec = c.rec
        if rec.rto_at == _NEVER:
            rec.rto_at = c.since + c.rto
        if now >= rec.reo_at:
            reordered(c, now)
            if not c.dupacks:
                return  # all is well, and the timer set
        if now < rec.rto_at:
            c.rtx_at = rec.rto_at if rec.rto_at < rec.reo_at else rec.reo_at
            return
    elif c.pto < c.rto and c.flight is not None and _probe_tail(c, now):
        return
    rto.back_off(c)
    if c.watch is not None:
        c.watch.tell("timeout", c.rto, c.backoff, c.snd_max - c.snd_una)
    _doubt(c)
    suspect(c, now)
    timed_out(c, now)


# A tail loss probe, RFC 8985 §7.3; False if none could be sent.
def _probe_tail(c, now):
    when = due(c)
    if now < when:
        c.rtx_at = when
        return True
    top = c.snd_max
    if top < c.tx_seq + c.tx.len + c.fin:
        data(c, now, c.smss)  # something new: one segment more than cwnd allows
    resent = c.snd_max == top
    if resent and not resend_tail(c, now):
        return False
    rec = beware(c)
    rec.tlp_resent = resent
    rec.tlp_end = c.snd_max
    rec.rto_at = c.rtx_at = now + c.rto
    c.tcp.counters.tcp_tail_probe += 1
    if c.watch is not None:
        c.watch.tell("tail probe")
    return True


# RFC 1122 §2.3.2.1.
def _doubt(c):
    if c.backoff >= _DOUBT:
        c.path.doubt()
