# Frostnet: a TCP segment leaves
# MIT license; Copyright (c) 2026 The Frostnet authors

# Everything that output.py's loop for plain data does not send itself.

from micropython import const

from frostnet.errnos import EMSGSIZE
from frostnet.tcp import sack
from frostnet.tcp.options import MAX_UNSCALED, build_syn
from frostnet.wire.tcp import build_header
from frostnet.wire.tcp_fast import build, build_ts
from frostnet.wire.tcp_options import build_options

# Values of wire/tcp.py, as constants for the hot path.
_PROTO = const(6)
_FIN = const(0x01)
_SYN = const(0x02)
_RST = const(0x04)
_PSH = const(0x08)
_ACK = const(0x10)
_HEADER = const(20)
_HEADERS = const(40)  # IP and TCP, RFC 9293 §3.7.1
_TS_BYTES = const(12)

_MASK = const(0xFFFFFFFF)
_NEVER = const(1 << 61)


def send_range(c, seq, n):
    """Send `n` sequence numbers from `seq` on once more: data, and our FIN if it is among them.

    False if that could not go now; then the connection is marked for output.
    """
    end = c.tx_seq + c.tx.len
    flags = _ACK
    if seq + n >= end:
        if seq + n > end:
            n -= 1
            flags = _ACK | _FIN
        if n:
            flags |= _PSH
    return transmit(c, seq, n, flags)


def send_ack(c):
    """Send an ACK without data now; when the device has no room, later."""
    # While the window is probed nothing counts as sent: the peer may have taken nothing.
    seq = c.snd_max if c.persist_at == _NEVER else c.snd_nxt
    if c.quick:
        c.quick -= 1
    if not transmit(c, seq, 0, _ACK):
        c.ack_now = True


def send_reset(c):
    """Send a reset, RFC 9293 §3.10.5."""
    transmit(c, c.snd_nxt, 0, _RST | _ACK)
    if c.watch is not None:
        c.watch.tell("reset sent")


def arm(c, when):
    """Let the connection's timer run at `when` at the latest."""
    timer = c.timer
    due = timer.due
    if due is None or when < due:
        c.tcp.stack.timers.set(timer, when)


def window(c):
    """Offer what there is room for, once that is worth telling; return the header's field for it.

    RFC 9293 §3.8.6.2.2.
    """
    rx = c.rx
    wnd = rx.limit - rx.len
    adv = c.rcv_adv - c.rcv_nxt
    more = wnd - adv >= c.rcv_mss or wnd - adv >= rx.limit >> 1
    if c.rcv_wscale or wnd > MAX_UNSCALED:
        return _scaled(c, wnd, adv, more)
    if more:
        c.rcv_adv = c.rcv_nxt + wnd
        return wnd
    return adv


# The same for a window that the field holds only scaled, or not at all. RFC 7323 §2.4: what was
# offered is told rounded up, so that the edge stays, or down when there is no room for that: what
# was told before holds all the same.
def _scaled(c, wnd, adv, more):
    shift = c.rcv_wscale
    field = (wnd if more else adv + (1 << shift) - 1) >> shift
    if field << shift > wnd:
        return adv >> shift
    if field > MAX_UNSCALED:
        field = MAX_UNSCALED
    edge = c.rcv_nxt + (field << shift)
    if edge > c.rcv_adv:
        c.rcv_adv = edge
    return field


def transmit(c, seq, n, flags):
    """Send a segment with `n` bytes; False if it cannot go now, then `c` is marked for output."""
    path = c.path
    now = c.tcp.stack.now
    try:
        buf = path.begin()
        if buf is None:
            c.tcp.blocked(c)
            return False
        off = path.off
        ack = c.rcv_nxt & _MASK
        ports = c.ports
        at = seq - c.tx_seq
        seq &= _MASK
        hlen = _HEADER
        total = path.pseudo + _PROTO
        if flags & _SYN:
            if not flags & _ACK:
                ack = 0
            wnd = min(c.rx.limit, MAX_UNSCALED)  # never scaled, RFC 7323 §2.2
            hlen += build_syn(c, buf, off + _HEADER, now)
            build_header(buf, off, ports, seq, ack, hlen, flags, wnd, total + hlen)
        else:
            wnd = window(c)
            tsval = -1
            if c.ts_ok:
                hlen += _TS_BYTES
                tsval = now // 1000 + c.ts_offset & _MASK
                c.last_ack_sent = c.rcv_nxt
            blocks = 0
            if (c.ooo or c.dsack) and c.sack_ok and not n and not flags & _RST:
                blocks = sack.fill(c)
            if n:
                total += n + c.tx.copy_sum(at, buf, off + hlen, n)
            bits = flags << 16 | wnd
            if blocks:
                hlen = _HEADER + build_options(
                    buf, off + _HEADER, tsval, c.ts_recent, sack.edges, blocks
                )
                build_header(buf, off, ports, seq, ack, hlen, flags, wnd, total + hlen)
            elif tsval < 0:
                build(buf, off, ports, seq, ack, bits, total + hlen)
            else:
                build_ts(buf, off, ports, seq, ack, bits, tsval, c.ts_recent, total + hlen)
        path.send(_PROTO, hlen + n, -1)
    except OSError as exc:
        return not failed(c, exc)
    c.ack_now = False
    c.delack = 0
    c.delack_at = _NEVER
    c.tcp.counters.tcp_tx += 1
    return True


def failed(c, exc):
    """A segment could not be sent. Return whether a smaller one may be tried: then `c` is marked.

    Otherwise, without a route or neighbour, it is as if it was lost on the way; the timers go on.
    """
    if exc.errno == EMSGSIZE and shrink(c, c.path.mtu):
        c.tcp.mark(c)
        return True
    c.soft_error = exc.errno
    c.tcp.counters.tcp_tx_failed += 1
    if c.watch is not None:
        c.watch.tell("not sent", exc.errno)
    return False


def shrink(c, mtu):
    """Send segments that fit into `mtu` from now on; return whether that changes anything."""
    mss = mtu - _HEADERS
    if mss >= c.mss:
        return False
    resize(c, mss)
    return True


def resize(c, mss):
    """Send segments of at most `mss` bytes, options included, from now on."""
    c.smss += mss - c.mss
    c.mss = mss
    if c.cc:
        c.cc.set_mss(c.smss)
    if c.watch is not None:
        c.watch.tell("mss", c.mss)
