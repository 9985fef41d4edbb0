# Frostnet: TCP segments that belong to no connection
# MIT license; Copyright (c) 2026 The Frostnet authors

# TIME_WAIT, LISTEN and CLOSED: RFC 9293 §3.10.7.1 and §3.10.7.2.

from micropython import const

from frostnet.wire.tcp import ACK, FIN, FLAG_ACK, FLAGS, HEADER, LEN, PORTS, RST, SEQ, SYN
from frostnet.wire.tcp_fast import build, build_ts
from frostnet.wire.tcp_options import TS_BYTES

_PROTO = const(6)
_MASK = const(0xFFFFFFFF)


def stray(tcp, seg, buf, iface, src, dst):
    """`seg`, whose bytes are in `buf`, came through `iface` from `src` to our `dst`, and no
    connection has it.
    """
    ports = seg[PORTS]
    lport = ports >> 16
    if not lport or not ports & 0xFFFF:
        tcp.counters.tcp_drop_port += 1
        return
    listener = tcp.ports.listener(dst, lport)
    if listener is not None and listener.iface is not None and listener.iface is not iface:
        listener = None
    try:
        path = tcp.path(src, dst, listener.iface if listener is not None else None)
    except OSError:
        tcp.counters.tcp_tx_failed += 1
        return
    now = tcp.stack.now
    timewait = tcp.timewait
    iss = -1
    i = timewait.find(ports, dst, src)
    if i >= 0:
        if listener is not None and seg[FLAGS] & (SYN | FLAG_ACK | RST | FIN) == SYN:
            iss = timewait.successor(i, seg)
        if iss < 0:
            timewait.input(i, seg, path, now)
            return
        timewait.remove(i)
    if listener is not None:
        listener.input(seg, buf, path, iss, now)
    else:
        tcp.counters.tcp_drop_unknown += 1
        refuse(tcp, path, seg)


def refuse(tcp, path, seg):
    """Answer `seg` with a reset, RFC 9293 §3.5.2 group 1; never a reset."""
    flags = seg[FLAGS]
    if flags & RST:
        return
    tcp.counters.tcp_tx_reset += 1
    ports = seg[PORTS]
    if flags & FLAG_ACK:
        reply(tcp, path, ports, seg[ACK], 0, RST)
    else:
        length = seg[LEN] + (flags & FIN) + (flags >> 1 & 1)
        reply(tcp, path, ports, 0, (seg[SEQ] + length) & _MASK, RST | FLAG_ACK)


def reply(tcp, path, ports, seq, ack, flags, tsval=-1, tsecr=0):
    """Send a segment without data or connection; with timestamps unless `tsval` is -1."""
    try:
        buf = path.begin()
        if buf is not None:
            off = path.off
            bits = flags << 16
            n = HEADER if tsval < 0 else HEADER + TS_BYTES
            total = path.pseudo + _PROTO + n
            if tsval < 0:
                build(buf, off, ports, seq, ack, bits, total)
            else:
                build_ts(buf, off, ports, seq, ack, bits, tsval, tsecr, total)
            path.send(_PROTO, n, -1)
            tcp.counters.tcp_tx += 1
        else:
            tcp.counters.tcp_tx_no_buffer += 1
    except OSError:
        tcp.counters.tcp_tx_failed += 1
