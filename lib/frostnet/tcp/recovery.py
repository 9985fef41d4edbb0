# Frostnet: ACKs that move snd_una, duplicate ACKs, and what they say about loss
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.tcp import rto
from frostnet.tcp.output import resend

_NEVER = const(1 << 61)
_DUPACKS = const(3)  # RFC 5681 §3.2


def settle(c, now):
    """Do what follows from the `c.acks` ACKs that moved `snd_una` since the last time."""
    una = c.snd_una
    acks = c.acks
    c.acks = 0
    if c.snd_nxt < una:
        c.snd_nxt = una
    n = una - c.tx_seq
    if n > 0:
        tx = c.tx
        data = n if n < tx.len else tx.len  # the rest is our FIN
        tx.drop(data)
        c.tx_seq += data
    if c.rtt_seq and una >= c.rtt_seq:
        c.rtt_seq = 0
        rto.sample(c, now - c.rtt_sent)
    elif c.backoff:
        rto.ease_off(c)
    c.since = now
    if c.soft_error:
        c.soft_error = 0
    # RFC 6298 §5.2 and §5.3. The timer itself finds out when it runs.
    c.rtx_at = now + c.rto if una < c.snd_max else _NEVER
    cc = c.cc
    if not cc.recovering:
        if c.dupacks:
            c.dupacks = 0
        cc.on_ack(n, acks)
    elif una >= cc.recover:
        c.dupacks = 0
        cc.on_recovered(c.snd_max - una)
    else:
        cc.on_partial_ack(n)
        resend(c, now)


def duplicate(c, now):
    """An ACK that says nothing new. Three of them mean a loss if data are on their way."""
    if c.persist_at != _NEVER:
        # The answer to a window probe. As long as they come, a user may wait (RFC 9293 §3.8.6.1).
        if not c.orphan:
            c.since = now
        return
    if c.snd_nxt <= c.snd_una:
        return
    cc = c.cc
    if cc.recovering:
        cc.on_dupack()
        c.tcp.mark(c)
        return
    c.dupacks += 1
    # RFC 6582 §3.2 step 1: not again for data sent before the last loss.
    if c.dupacks == _DUPACKS and c.snd_una > cc.recover:
        cc.on_loss(c.snd_max - c.snd_una, c.snd_max)
        c.tcp.counters.tcp_fast_retransmit += 1
        resend(c, now)
