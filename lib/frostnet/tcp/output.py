# Frostnet: what a TCP connection sends, and when
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.8.6: Nagle's algorithm, silly-window avoidance, delayed ACKs. `output` decides and
# is called when anything changed. What was lost goes first (tcp/resend.py).

from micropython import const

from frostnet.errnos import EMSGSIZE
from frostnet.tcp import flight as flights
from frostnet.tcp.resend import resend
from frostnet.tcp.segment import arm, failed, send_ack, transmit, window
from frostnet.tcp.states import NAMES
from frostnet.wire.tcp_fast import build, build_ts

# Values of wire/tcp.py and tcp/states.py, as constants for the hot path.
_PROTO = const(6)
_FIN = const(0x01)
_SYN = const(0x02)
_PSH = const(0x08)
_ACK = const(0x10)
_HEADER = const(20)
_CSUM = const(16)
_TS_BYTES = const(12)
_SYN_SENT = const(2)
_SYN_RECEIVED = const(3)

_MASK = const(0xFFFFFFFF)
_NEVER = const(1 << 61)
_DELAY = const(40000)  # µs that an ACK may wait; RFC 9293 §3.8.6.3 allows 500 ms
_IDLE = const(200000)  # µs without data after which the ACKs are quick again
_OFFLOAD = const(4096)  # bytes from which on the device's checksum is cheaper than ours
_STRETCH = const(8)  # RFC 9406 §4.2: L for senders that do not pace
_QUICK = const(16)  # data segments that are acknowledged at once, at the start and after idleness

assert NAMES[_SYN_SENT] == "SYN_SENT" and NAMES[_SYN_RECEIVED] == "SYN_RECEIVED"


def output(c, now):
    """Send what windows and algorithms allow, and an ACK if one is due."""
    if c.state < 4:
        if c.state:
            _handshake(c, now)
        return
    if c.ack_now and c.sack_ok and (c.ooo or c.dsack):
        send_ack(c)  # SACK blocks do not travel with data
    if c.dupacks:
        gone = resend(c, now)
        if gone >= 0 and c.snd_nxt < c.tx_seq + c.tx.len + c.fin:
            data(c, now, gone)
    elif c.snd_nxt < c.tx_seq + c.tx.len + c.fin:
        data(c, now, 0)
    if c.delack:
        if now - c.heard > _IDLE:
            c.quick = _QUICK  # the peer may begin again with one segment
        c.heard = now
        if c.delack > 1 or c.quick or c.ack_now:
            send_ack(c)
        elif c.delack_at == _NEVER:
            c.delack_at = now + _DELAY
            arm(c, c.delack_at)
    elif c.ack_now:
        send_ack(c)


def data(c, now, gone):
    """Send what of the buffered data and the FIN may be sent for the first time now.

    `gone` bytes of what was sent, and is not acknowledged, have left the network.
    """
    una = c.snd_una
    begin = nxt = c.snd_nxt
    end = c.tx_seq + c.tx.len
    fin = c.fin
    mss = c.smss
    idle = c.snd_max == una
    if idle and now - c.since > c.rto:
        c.cc.on_idle(now - c.since, c.rto)
    edge = una + c.snd_wnd
    limit = una + c.cc.cwnd + gone
    if limit > edge:
        limit = edge
    path = c.path
    tx = c.tx
    start = c.tx_seq
    ports = c.ports
    ack = c.rcv_nxt & _MASK
    hlen = _HEADER
    if c.ts_ok:
        hlen += _TS_BYTES
        tsval = now // 1000 + c.ts_offset & _MASK
        tsecr = c.ts_recent
        c.last_ack_sent = c.rcv_nxt
    wnd = 0
    sent = 0
    blocked = False
    most = path.most(hlen, mss) if path.csum else mss
    while True:
        n = left = end - nxt
        if n > most:
            n = most
        if n > limit - nxt:
            n = limit - nxt
        if n > mss:
            n = _whole(c, nxt, n, left)
        flags = _ACK
        if n == left:
            # The last data. A FIN takes a place in the peer's window; cwnd does not count it.
            if fin and nxt + n < edge:
                flags = _ACK | _FIN
            elif n <= 0:
                break
            elif n < mss and nxt >= c.snd_max and not c.nodelay:
                # Nagle, RFC 9293 §3.7.4, in Minshall's form: one small segment at a time.
                if c.snd_sml > una:
                    break
                c.snd_sml = nxt + n
            if n:
                flags |= _PSH
        elif n < mss and (n <= 0 or n < c.max_wnd >> 1):
            # Silly-window avoidance, §3.8.6.2.1: the window has no room for a full segment.
            break
        # As transmit(), for many segments.
        try:
            buf = path.begin()
            if buf is None:
                c.tcp.blocked(c)
                blocked = True
                break
            if not sent:
                wnd = window(c)
            off = path.off
            total = path.pseudo + _PROTO + hlen + n
            offload = n > mss or (n >= _OFFLOAD and path.csum)
            if offload:
                tx.peek(nxt - start, buf, off + hlen, n)
            elif n:
                total += tx.copy_sum(nxt - start, buf, off + hlen, n)
            bits = flags << 16 | wnd
            if hlen == _HEADER:
                build(buf, off, ports, nxt & _MASK, ack, bits, total)
            else:
                build_ts(buf, off, ports, nxt & _MASK, ack, bits, tsval, tsecr, total)
            if offload:
                path.send_partial(_PROTO, n + hlen, _CSUM, hlen, mss if n > mss else 0)
                sent += (n - 1) // mss
            else:
                path.send(_PROTO, n + hlen, -1)
        except OSError as exc:
            if n > mss and exc.errno == EMSGSIZE:
                most = mss  # the way has become one that does not cut
                if c.snd_sml == nxt + n:
                    c.snd_sml = una  # it has not left
                continue
            if failed(c, exc):
                blocked = True
                break
        sent += 1
        nxt += n + (flags & _FIN)
        if nxt >= end + fin:
            break
    if sent:
        c.ack_now = False
        c.delack = 0
        c.delack_at = _NEVER
        c.tcp.counters.tcp_tx += sent
        c.snd_nxt = nxt
        if begin < c.snd_max:
            c.rtt_seq = nxt + 1  # some of it may have been a probe: no sample (Karn)
        if nxt > c.snd_max:
            c.snd_max = nxt
        flight = c.flight
        if flight is None:
            c.flight = flight = flights.take()
        flight.add(begin, c.snd_max, now, c.srtt >> 9)
        if c.persist_at != _NEVER:
            c.persist_at = _NEVER
            c.probes = 0
            if c.watch is not None:
                c.watch.tell("goes on", c.snd_wnd)
        if c.rtx_at == _NEVER:
            if idle:
                c.since = now
            # A probe for a single segment waits for a delayed ACK: hardly less than the time-out.
            c.rtx_at = now + (c.pto if nxt - una > mss else c.rto)
            arm(c, c.rtx_at)
    elif nxt == una and not blocked and c.persist_at == _NEVER:
        # Nothing is on its way whose ACK would open the window: ask for it, §3.8.6.1.
        if idle:
            c.since = now
        c.rtx_at = _NEVER
        c.persist_at = now + c.rto
        if c.watch is not None:
            c.watch.tell("stalled", c.snd_wnd, c.tx.len)
        arm(c, c.persist_at)


# How much of the `n` bytes at `nxt`, which are more than a segment, to give a device that cuts
# them: whole segments, and a small one at the end only if `data` would send that by itself.
def _whole(c, nxt, n, left):
    # What leaves as one also arrives as one where receivers join segments, and gets one ACK.
    c.cc.stretch = _STRETCH
    small = n % c.smss
    if small and (n < left or (c.snd_sml > c.snd_una and not c.nodelay)):
        return n - small
    if small and not c.nodelay:
        c.snd_sml = nxt + n
    return n


def _handshake(c, now):
    if c.snd_nxt != c.iss:
        if c.ack_now:
            send_ack(c)
        return
    flags = _SYN if c.state == _SYN_SENT else _SYN | _ACK
    if not transmit(c, c.iss, 0, flags):
        return
    if c.soft_error and c.state == _SYN_SENT:
        c.drop(c.soft_error)
        return
    if c.snd_max == c.iss:
        c.snd_max = c.iss + 1
    else:
        c.syn_again = True
    c.syn_at = now
    c.snd_nxt = c.snd_max
    if c.rtx_at == _NEVER:
        c.rtx_at = now + c.rto
        arm(c, c.rtx_at)


def resend_syn(c):
    """Let the next output send our SYN once more."""
    c.snd_nxt = c.iss
    c.tcp.mark(c)
