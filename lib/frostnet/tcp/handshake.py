# Frostnet: the opening handshake: SYN_SENT and SYN_RECEIVED
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.tcp import keepalive, rto
from frostnet.tcp.options import MAX_UNSCALED, agree, echoed
from frostnet.tcp.output import resend_syn
from frostnet.tcp.states import ESTABLISHED, ON_SHUTDOWN, SYN_RECEIVED
from frostnet.tcp.stray import refuse
from frostnet.wire.tcp import ACK, DEFAULT_MSS, FLAG_ACK, FLAGS, MSS, RST, SEQ, SYN, TSECR, WND

# A peer may ask for segments as small as it likes. Below this the headers, and the work for each
# segment, are worth more than the data: only an attacker means it (CVE-2019-11479).
MIN_MSS = const(64)

_MASK = const(0xFFFFFFFF)
_HALF = const(0x80000000)

_NEVER = const(1 << 61)
_ECONNREFUSED = const(111)


def learn_syn(c, seg, now):
    """Take what the peer's SYN says: its number, window, MSS (RFC 9293 §3.7.1) and options."""
    c.rcv_nxt = seg[SEQ] + 1
    c.rcv_adv = c.rcv_nxt + min(c.rx.limit, MAX_UNSCALED)
    c.snd_wnd = c.max_wnd = seg[WND]
    c.snd_wl1 = seg[SEQ]
    mss = seg[MSS] or DEFAULT_MSS
    if mss < MIN_MSS:
        mss = MIN_MSS
    most = c.path.mtu - 40
    c.mss = c.smss = mss if mss < most else most
    agree(c, seg, now)


def syn_sent(c, seg, now):
    """A segment arrives in SYN_SENT, RFC 9293 §3.10.7.3."""
    flags = seg[FLAGS]
    if flags & FLAG_ACK:
        ack = c.iss + ((seg[ACK] - c.iss + _HALF) & _MASK) - _HALF
        if not c.iss < ack <= c.snd_max:
            c.tcp.counters.tcp_drop_ack += 1
            refuse(c.tcp, c.path, seg)
            return
        if flags & RST:
            c.drop(_ECONNREFUSED)
            return
    elif flags & RST:
        c.tcp.counters.tcp_drop_reset += 1  # could be anybody's
        return
    if not flags & SYN:
        c.tcp.counters.tcp_drop_no_ack += 1
        return
    learn_syn(c, seg, now)
    if flags & FLAG_ACK:
        _established(c, seg, now)
        c.ack_now = True
        c.tcp.mark(c)
    else:
        # Simultaneous open: our SYN once more, now with an ACK (§3.5, figure 8).
        c.state = SYN_RECEIVED
        if c.watch is not None:
            c.watch.state()
        resend_syn(c)


def syn_received(c, seg, seq, ack, now):
    """An ACK arrives in SYN_RECEIVED, RFC 9293 §3.10.7.4; True if it completes the handshake."""
    if not c.iss < ack <= c.snd_max:
        c.tcp.counters.tcp_drop_ack += 1
        refuse(c.tcp, c.path, seg)
        return False
    c.snd_wnd = seg[WND] if seg[FLAGS] & SYN else seg[WND] << c.snd_wscale
    if c.snd_wnd > c.max_wnd:
        c.max_wnd = c.snd_wnd
    c.snd_wl1 = seq
    _established(c, seg, now)
    return True


def _established(c, seg, now):
    # Nobody asks for these any more: without them the object's dictionary stays a size smaller.
    syn_at = c.syn_at
    del c.iss
    del c.syn_at
    if c.wscale_ok:
        del c.wscale_ok
    c.snd_una = c.snd_nxt = c.snd_max
    c.rtx_at = _NEVER
    c.cc = c.congestion(c.smss, c.backoff)
    if c.ts_ok:
        c.tsecr = seg[TSECR]
    if not c.syn_again or (c.ts_ok and echoed(c, c.tsecr, now) >= syn_at // 1000):
        rto.sample(c, now - syn_at)
    else:
        rto.start(c, rto.AFTER_SYN)  # the SYN was sent again, RFC 6298 §5.7
    if c.soft_error:
        c.soft_error = 0
    c.since = now
    c.state = ESTABLISHED
    if c.watch is not None:
        c.watch.state()
    if c.keepalive:
        keepalive.start(c, now)
    if c.fin:
        c.state = ON_SHUTDOWN[ESTABLISHED]
        if c.watch is not None:
            c.watch.state()
    if c.listener is not None:
        c.listener.ready(c)
    elif c.notify:
        c.notify()
