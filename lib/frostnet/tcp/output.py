# Frostnet: what a TCP connection sends, and when
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.8.6: Nagle's algorithm, silly-window avoidance, delayed ACKs. `output` decides and
# is called when anything changed; every segment leaves by `_transmit`.

from micropython import const

from frostnet.tcp import sack
from frostnet.tcp.options import MAX_UNSCALED, build_syn
from frostnet.tcp.states import NAMES
from frostnet.wire.tcp import build_header
from frostnet.wire.tcp_fast import build, build_ts
from frostnet.wire.tcp_options import build_options

# Values of wire/tcp.py and tcp/states.py, as constants for the hot path.
_PROTO = const(6)
_FIN = const(0x01)
_SYN = const(0x02)
_RST = const(0x04)
_PSH = const(0x08)
_ACK = const(0x10)
_HEADER = const(20)
_TS_BYTES = const(12)
_SYN_SENT = const(2)
_SYN_RECEIVED = const(3)

_MASK = const(0xFFFFFFFF)
_NEVER = const(1 << 61)
_DELAY = const(40000)  # µs that an ACK may wait; RFC 9293 §3.8.6.3 allows 500 ms
_IDLE = const(200000)  # µs without data after which the ACKs are quick again
_QUICK = const(16)  # data segments that are acknowledged at once, at the start and after idleness
_PERSIST_MAX = const(60000000)

assert NAMES[_SYN_SENT] == "SYN_SENT" and NAMES[_SYN_RECEIVED] == "SYN_RECEIVED"


def output(c, now):
    """Send what windows and algorithms allow, and an ACK if one is due."""
    if c.state < 4:
        if c.state:
            _handshake(c, now)
        return
    if c.ack_now and c.sack_ok and (c.ooo or c.dsack):
        send_ack(c)  # SACK blocks do not travel with data
    if c.snd_nxt < c.tx_seq + c.tx.len + c.fin:
        _data(c, now)
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


# Sends what of the buffered data and the FIN may be sent now.
def _data(c, now):
    una = c.snd_una
    nxt = c.snd_nxt
    end = c.tx_seq + c.tx.len
    fin = c.fin
    mss = c.smss
    idle = c.snd_max == una
    edge = una + c.snd_wnd
    limit = una + c.cc.cwnd
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
    while True:
        n = left = end - nxt
        if n > mss:
            n = mss
        if n > limit - nxt:
            n = limit - nxt
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
        # As _transmit(), for many segments.
        try:
            buf = path.begin()
            if buf is None:
                c.tcp.blocked(c)
                blocked = True
                break
            if not sent:
                wnd = _window(c)
            off = path.off
            total = path.pseudo + _PROTO + hlen + n
            if n:
                total += tx.copy_sum(nxt - start, buf, off + hlen, n)
            bits = flags << 16 | wnd
            if hlen == _HEADER:
                build(buf, off, ports, nxt & _MASK, ack, bits, total)
            else:
                build_ts(buf, off, ports, nxt & _MASK, ack, bits, tsval, tsecr, total)
            path.send(_PROTO, n + hlen, -1)
        except OSError as exc:
            _failed(c, exc)
        sent += 1
        n += flags & _FIN
        if not c.rtt_seq and nxt >= c.snd_max:
            c.rtt_seq = nxt + n
            c.rtt_sent = now
        nxt += n
        if nxt >= end + fin:
            break
    if sent:
        c.ack_now = False
        c.delack = 0
        c.delack_at = _NEVER
        c.tcp.counters.tcp_tx += sent
        c.snd_nxt = nxt
        if nxt > c.snd_max:
            c.snd_max = nxt
        c.persist_at = _NEVER
        c.probes = 0
        if c.rtx_at == _NEVER:
            if idle:
                c.since = now
            c.rtx_at = now + c.rto
            arm(c, c.rtx_at)
    elif nxt == una and not blocked and c.persist_at == _NEVER:
        # Nothing is on its way whose ACK would open the window: ask for it, §3.8.6.1.
        if idle:
            c.since = now
        c.rtx_at = _NEVER
        c.persist_at = now + c.rto
        arm(c, c.persist_at)


def _handshake(c, now):
    if c.snd_nxt != c.iss:
        if c.ack_now:
            send_ack(c)
        return
    flags = _SYN if c.state == _SYN_SENT else _SYN | _ACK
    if not _transmit(c, c.iss, 0, flags):
        return
    if c.soft_error and c.state == _SYN_SENT:
        c.drop(c.soft_error)
        return
    if c.snd_max == c.iss:
        c.snd_max = c.iss + 1
        c.rtt_seq = c.snd_max
        c.rtt_sent = now
    c.snd_nxt = c.snd_max
    if c.rtx_at == _NEVER:
        c.rtx_at = now + c.rto
        arm(c, c.rtx_at)


def resend_syn(c):
    """Let the next output send our SYN once more."""
    c.snd_nxt = c.iss
    c.rtt_seq = 0  # Karn
    c.tcp.mark(c)


def resend(c, now):
    """Send the first segment that was not acknowledged once more."""
    una = c.snd_una
    n = c.tx_seq + c.tx.len - una
    flags = _ACK
    if n <= c.smss:
        if c.fin and c.snd_max == una + n + 1:
            flags = _ACK | _FIN
    else:
        n = c.smss
    if n > c.snd_max - una:
        n = c.snd_max - una
    c.rtt_seq = 0  # Karn
    if _transmit(c, una, n, flags):
        c.tcp.counters.tcp_retransmit += 1
        c.rtx_at = now + c.rto
        arm(c, c.rtx_at)


def probe(c, now):
    """The persist timer ran out: send one byte (or what fits), or the FIN, into the window."""
    una = c.snd_una
    n = c.tx_seq + c.tx.len - una
    flags = _ACK
    if n > 1:
        # The silly-window override, RFC 9293 §3.8.6.2.1: an open but small window is used.
        most = c.snd_wnd if c.snd_wnd > 1 else 1
        if n > most:
            n = most
        if n > c.smss:
            n = c.smss
    elif n <= 0:
        n = 0
        flags = _ACK | _FIN
    c.rtt_seq = 0
    if _transmit(c, una, n, flags):
        c.tcp.counters.tcp_probe += 1
        if una + n + (flags & _FIN) > c.snd_max:
            c.snd_max = una + n + (flags & _FIN)
    c.probes += 1
    delay = c.rto << (c.probes if c.probes < 9 else 9)
    c.persist_at = now + (delay if delay < _PERSIST_MAX else _PERSIST_MAX)


def send_ack(c):
    """Send an ACK without data now; when the device has no room, later."""
    # While the window is probed nothing counts as sent: the peer may have taken nothing.
    seq = c.snd_max if c.persist_at == _NEVER else c.snd_nxt
    if c.quick:
        c.quick -= 1
    if not _transmit(c, seq, 0, _ACK):
        c.ack_now = True


def send_reset(c):
    """Send a reset, RFC 9293 §3.10.5."""
    _transmit(c, c.snd_nxt, 0, _RST | _ACK)


def arm(c, when):
    """Let the connection's timer run at `when` at the latest."""
    timer = c.timer
    due = timer.due
    if due is None or when < due:
        c.tcp.stack.timers.set(timer, when)


# The window to offer: what there is room for, once that is worth telling (RFC 9293 §3.8.6.2.2).
# Returns the header's field for it.
def _window(c):
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


# Builds and sends one segment; False if it could not go: the connection is marked for output.
def _transmit(c, seq, n, flags):
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
            wnd = _window(c)
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
        _failed(c, exc)
        return True
    c.ack_now = False
    c.delack = 0
    c.delack_at = _NEVER
    c.tcp.counters.tcp_tx += 1
    return True


# No route, or no neighbour: as if it was lost on the way. The timers go on.
def _failed(c, exc):
    c.soft_error = exc.errno
    c.tcp.counters.tcp_tx_failed += 1
