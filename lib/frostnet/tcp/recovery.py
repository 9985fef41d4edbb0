# Frostnet: ACKs that move snd_una, duplicate ACKs, and what they say about loss
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.tcp import rto
from frostnet.tcp.output import resend

_NEVER = const(1 << 61)
_DUPACKS = const(3)  # RFC 5681 §3.2


def acked(c, ack, now):
    """`ack`, in (snd_una, snd_max], acknowledges something new."""
    n = ack - c.snd_una
    c.snd_una = ack
    if c.snd_nxt < ack:
        c.snd_nxt = ack
    data = ack - c.tx_seq
    if data > 0:
        tx = c.tx
        if data > tx.len:
            data = tx.len  # the rest is our FIN
        tx.drop(data)
        c.tx_seq += data
    if c.rtt_seq and ack >= c.rtt_seq:
        c.rtt_seq = 0
        rto.sample(c, now - c.rtt_sent)
    elif c.backoff:
        rto.ease_off(c)
    c.since = now
    c.soft_error = 0
    c.dupacks = 0
    # RFC 6298 §5.2 and §5.3. The timer itself finds out when it runs.
    c.rtx_at = now + c.rto if ack < c.snd_max else _NEVER
    cc = c.cc
    if not cc.recovering:
        cc.on_ack(n)
    elif ack >= cc.recover:
        cc.on_recovered(c.snd_max - ack)
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
