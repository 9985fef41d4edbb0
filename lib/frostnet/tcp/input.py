# Frostnet: segment arrival
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.10.7 for a connection that exists, step by step and in its order, with the checks of
# RFC 5961. A segment marks its connection; what is to be sent leaves once per batch, in output.

from micropython import const

from frostnet.tcp import keepalive, paws, sack, states
from frostnet.tcp.handshake import syn_received, syn_sent
from frostnet.tcp.output import resend_syn
from frostnet.tcp.reassembly import Reassembly
from frostnet.tcp.recovery import duplicate, news, settle
from frostnet.tcp.segment import send_ack
from frostnet.tcp.states import ON_FIN, ON_FIN_ACKED, RECEIVING
from frostnet.wire import tcp as wire

# Values of wire/tcp.py and tcp/states.py, as constants for the hot path.
_SEQ = const(2)
_ACKNO = const(3)
_FLAGS = const(4)
_WND = const(5)
_DATA = const(6)
_LEN = const(7)
_TSECR = const(13)
_SACKS = const(14)
_FIN = const(0x01)
_SYN = const(0x02)
_RST = const(0x04)
_ACK = const(0x10)
_SYN_SENT = const(2)
_SYN_RECEIVED = const(3)
_ESTABLISHED = const(4)
_FIN_WAIT_2 = const(6)
_CLOSING = const(8)
_LAST_ACK = const(9)
_TIME_WAIT = const(10)

assert (wire.SEQ, wire.ACK, wire.FLAGS, wire.WND, wire.DATA, wire.LEN) == (2, 3, 4, 5, 6, 7)
assert (wire.TSECR, wire.SACKS) == (_TSECR, _SACKS)
assert states.NAMES[_CLOSING] == "CLOSING" and states.NAMES[_TIME_WAIT] == "TIME_WAIT"

_MASK = const(0xFFFFFFFF)
_HALF = const(0x80000000)
_NEVER = const(1 << 61)
_CHALLENGE = const(500000)  # µs between two challenge ACKs of one connection

_ECONNRESET = const(104)
_ECONNREFUSED = const(111)


def arrive(c, seg, buf, now):
    """Take the segment `seg`, whose bytes are in `buf`, for connection `c`.

    What header prediction expects does not come here (tcp/protocol.py).
    """
    if c.acks:
        settle(c, now)
    if c.state == _SYN_SENT:
        syn_sent(c, seg, now)
        return
    flags = seg[_FLAGS]
    rcv_nxt = c.rcv_nxt
    seq = rcv_nxt + ((seg[_SEQ] - rcv_nxt + _HALF) & _MASK) - _HALF
    n = seg[_LEN]
    fin = flags & _FIN
    wnd = c.rcv_adv - rcv_nxt

    # RFC 7323: what is older than what came before is an old duplicate.
    if c.ts_ok:
        if paws.missing(c, seg):
            dropped(c, "tcp_drop_no_ts")
            return
        if paws.outdated(c, seg, now):
            dropped(c, "tcp_drop_paws")
            _unacceptable(c, seg, seq, now)
            return

    if c.state == _SYN_RECEIVED and flags & _SYN and seq == rcv_nxt - 1:
        if not flags & _ACK:
            if c.ts_ok:
                paws.note(c, seg, seq, now)
            resend_syn(c)  # the same SYN again: our SYN-ACK was lost
            return
        # Simultaneous open, §3.5 figure 8: what counts is the ACK of our SYN.
        seq = rcv_nxt
        flags &= ~_SYN
        c.ack_now = True

    # First: is it acceptable (table 6)? To a full receiver only what has no length is, but the
    # ACK and RST of a segment in its place count (§3.10.7.4).
    length = n + fin + (flags >> 1 & 1)
    if wnd == 0:
        acceptable = seq == rcv_nxt
        if length and acceptable and not flags & (_SYN | _RST):
            c.ack_now = True
            n = fin = 0
            dropped(c, "tcp_drop_no_room")
    elif length:
        acceptable = seq < c.rcv_adv and seq + length > rcv_nxt
    else:
        acceptable = rcv_nxt <= seq < c.rcv_adv
    if not acceptable:
        dropped(c, "tcp_drop_window")
        _unacceptable(c, seg, seq, now)
        return
    if c.ts_ok:
        paws.note(c, seg, seq, now)

    # Second: RST. Only the exact number resets (RFC 5961 §3.2).
    if flags & _RST:
        if seq == rcv_nxt:
            _reset(c)
        elif seq > rcv_nxt:
            _challenge(c, now)
        else:
            dropped(c, "tcp_drop_window")  # it is its data that reach into the window
        return

    # Fourth: SYN. In a synchronized state it changes nothing (RFC 5961 §4.2).
    if flags & _SYN:
        if c.state == _SYN_RECEIVED and c.listener:
            c.drop(0)  # §3.10.7.4: back to LISTEN
        else:
            _challenge(c, now)
        return

    # Fifth: ACK.
    if not flags & _ACK:
        dropped(c, "tcp_drop_no_ack")
        return
    una = c.snd_una
    ack = una + ((seg[_ACKNO] - una + _HALF) & _MASK) - _HALF
    if c.state == _SYN_RECEIVED:
        if not syn_received(c, seg, seq, ack, now):
            return
    elif ack > c.snd_max or ack < una - c.max_wnd:
        # Acknowledges what was never sent, or so long ago that it is a guess: RFC 5961 §5.2.
        dropped(c, "tcp_drop_ack")
        _challenge(c, now)
        return
    else:
        if ack > una:
            c.snd_una = ack
            c.acks = 1
            c.tsecr = seg[_TSECR]
            news(c, seg, now)
        elif ack == una:
            if not length and seg[_WND] << c.snd_wscale == c.snd_wnd:
                duplicate(c, seg, now)
            elif seg[_SACKS]:
                news(c, seg, now)
        # The window, unless the segment is older than the one that told the last. One with a new
        # ACK is newer, even if it is an old segment that was sent again: its window counts from
        # that ACK, where the old window would reach beyond what was offered (RFC 9293 §3.8.6).
        if ack > una or (ack == una and c.snd_wl1 <= seq):
            c.snd_wnd = seg[_WND] << c.snd_wscale
            c.snd_wl1 = seq
            if c.snd_wnd > c.max_wnd:
                c.max_wnd = c.snd_wnd
    if c.keep_probes:
        keepalive.answered(c, now)
    c.tcp.mark(c)
    if c.fin and c.snd_una > c.tx_seq + c.tx.len:
        _fin_acked(c, now)
        if c.state == states.CLOSED or c.state == _TIME_WAIT:
            return

    # Sixth, URG: urgent data stay in line. Seventh and eighth: the data and the FIN.
    if n or fin:
        if RECEIVING[c.state]:
            _text(c, seg, buf, seq, n, fin, now)
        else:
            dropped(c, "tcp_drop_after_fin")


# A segment outside of the window, or too old. The sender of data missed an ACK, and must get one
# each time to go on; RFC 2883: it is told of data that came twice.
def _unacceptable(c, seg, seq, now):
    flags = seg[_FLAGS]
    if flags & _RST:
        return
    n = seg[_LEN]
    if not n + (flags & _FIN):
        _challenge(c, now)
        return
    if n and c.sack_ok and seq < c.rcv_nxt:
        sack.duplicate(c, seq, min(seq + n, c.rcv_nxt))
        send_ack(c)
        return
    c.ack_now = True
    c.tcp.mark(c)


# The segment's text: what is in the window goes to its place in the receive ring.
def _text(c, seg, buf, seq, n, fin, now):
    rcv_nxt = c.rcv_nxt
    off = seg[_DATA]
    end = seq + n
    if n and c.orphan:
        # Nobody is left to read it: tell the peer (RFC 9293 §3.6.1).
        if end > rcv_nxt:
            c.abort()
            return
        n = 0
    if fin:
        if end >= c.rcv_adv:
            fin = 0
        elif c.fin_seq is None:
            c.fin_seq = end
    limit = c.rcv_adv if c.fin_seq is None or c.fin_seq > c.rcv_adv else c.fin_seq
    if seq < rcv_nxt:
        if n:
            sack.duplicate(c, seq, min(end, rcv_nxt))
            c.ack_now = True
        off += rcv_nxt - seq
        seq = rcv_nxt
    if end > limit:
        end = limit
        c.ack_now = True
    n = end - seq if n else 0
    if n > 0:
        if seq > rcv_nxt:
            _out_of_order(c, buf, off, seq, end)
        else:
            c.rx.put(buf, off, n)
            rcv_nxt = end
            if c.ooo:
                # A hole is filled: acknowledge at once (RFC 5681 §4.2).
                rcv_nxt = c.ooo.advance(end)
                c.rx.commit(rcv_nxt - end)
                if not c.ooo.count and c.fin_seq is None:
                    c.ooo = None
                c.ack_now = True
            c.rcv_nxt = rcv_nxt
            c.delack += 1 if n <= c.rcv_mss else 2  # segments that the device has joined
            if c.notify:
                c.notify()
    elif fin and seq > rcv_nxt:
        if c.ooo is None:
            c.ooo = Reassembly()  # not in order from here on: there is a hole before the FIN
        send_ack(c)
    if c.fin_seq == c.rcv_nxt:
        c.rcv_nxt += 1
        c.rcv_adv = max(c.rcv_adv, c.rcv_nxt)
        _fin(c, now)


# Data that overtook other data. The peer counts our answers, so each is sent now.
def _out_of_order(c, buf, off, seq, end):
    ooo = c.ooo
    if ooo is None:
        ooo = c.ooo = Reassembly()
    c.rx.put(buf, off, end - seq, seq - c.rcv_nxt)
    twice = ooo.overlap(seq, end)
    if twice:
        sack.duplicate(c, twice[0], twice[1])
    if ooo.insert(seq, end):
        c.tcp.counters.tcp_out_of_order += 1
        if c.watch is not None:
            c.watch.tell("out of order", end - seq, seq - c.rcv_nxt)
    else:
        dropped(c, "tcp_drop_ranges")
    send_ack(c)


# The peer's FIN is reached, §3.10.7.4 eighth.
def _fin(c, now):
    c.eof = True
    c.fin_seq = None
    if c.ooo is not None:
        c.ooo = None
    c.state = ON_FIN[c.state]
    if c.watch is not None:
        c.watch.state()
    if c.notify:
        c.notify()
    if c.state == _TIME_WAIT:
        send_ack(c)
        c.time_wait(now)
    else:
        c.ack_now = True


# Our FIN is acknowledged, §3.10.7.4 fifth.
def _fin_acked(c, now):
    state = c.state
    c.fin = 0
    if state == _LAST_ACK:
        c.drop(0)
        return
    c.state = ON_FIN_ACKED[state]
    if c.watch is not None:
        c.watch.state()
    if c.state == _TIME_WAIT:
        c.time_wait(now)
    elif c.state == _FIN_WAIT_2 and c.orphan:
        c.expire_later()


def _reset(c):
    c.tcp.counters.tcp_reset += 1
    if c.watch is not None:
        c.watch.tell("reset")
    if c.state == _SYN_RECEIVED:
        c.drop(_ECONNREFUSED)
    elif c.state >= _CLOSING:
        c.drop(0)  # all was sent and received
    else:
        c.drop(_ECONNRESET)


# RFC 5961 §7 limits these per connection, not by a count that others could read out.
def _challenge(c, now):
    if now >= c.challenge_at:
        c.challenge_at = now + _CHALLENGE
        c.tcp.counters.tcp_challenge += 1
        if c.watch is not None:
            c.watch.tell("challenge")
        send_ack(c)
    else:
        c.tcp.counters.tcp_challenge_limited += 1


def dropped(c, name):
    """A segment of `c`, or its data, comes to nothing, and is counted."""
    c.tcp.counters.count(name)
    if c.watch is not None:
        c.watch.tell("dropped", name)
