# Frostnet: SYN cookies
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 4987 §3.6. When too many connections of a listener are half-open, a SYN leaves nothing here:
# what must be known when the handshake's ACK comes is in our sequence number, which it returns.
#
#     31    27 26  24 23                 0
#     [ time ][ MSS ][ keyed hash          ]
#
# The hash covers both addresses and ports, the peer's number, the time in units of 64 s and the
# MSS. Who cannot read our answers must guess 24 bits within two minutes for each connection; what
# that gains is one connection. Window scale and SACK fit only into the low bits of our timestamp,
# which the peer echoes; without timestamps both stay off.

from array import array

from micropython import const

from frostnet.tcp.handshake import MIN_MSS, learn_syn
from frostnet.tcp.isn import keyed
from frostnet.tcp.options import MAX_UNSCALED, echoed, scale_for
from frostnet.wire.tcp import ACK, DEFAULT_MSS, HAS_TS, HEADER, MSS, NO_WSCALE, PORTS, SACK_OK
from frostnet.wire.tcp import SEQ, TSECR, TSVAL, WSCALE, build_header
from frostnet.wire.tcp_options import build_syn_options

_UNIT = const(64000000)  # µs
LIFETIME = const(128000000)  # µs for which a cookie is good at most

_SIZES = (MIN_MSS, 216, DEFAULT_MSS, 966, 1220, 1360, 1440, 1460)  # what three bits can tell

_PROTO = const(6)
_SYN_ACK = const(0x12)
_STAMP = const(0x1F)  # the bits of a timestamp that are ours: SACK << 4 | window scale
_NO_SCALE = const(15)
_MASK = const(0xFFFFFFFF)


def answer(tcp, path, seg, now):
    """Answer the SYN `seg` with a SYN-ACK that says all that must be kept."""
    ports = seg[PORTS]
    mss = seg[MSS] or DEFAULT_MSS
    i = len(_SIZES) - 1
    while i and _SIZES[i] > mss:
        i -= 1
    cookie = _cookie(tcp, path.src, ports, path.dst, seg[SEQ], i, now // _UNIT)
    tsval = scale = -1
    sack = False
    if seg[HAS_TS]:
        bits = _NO_SCALE
        if seg[WSCALE] != NO_WSCALE:
            bits = seg[WSCALE]
            scale = scale_for(tcp.rcvbuf)
        sack = bool(seg[SACK_OK])
        clock = now // 1000 + tcp.ts_offset(path.src, ports >> 16, path.dst, ports & 0xFFFF)
        # It must not be ahead of the clock.
        tsval = (clock - _STAMP & ~_STAMP | sack << 4 | bits) & _MASK
    try:
        buf = path.begin()
        if buf is None:
            tcp.counters.tcp_tx_no_buffer += 1
            return
        off = path.off
        n = HEADER
        n += build_syn_options(buf, off + n, path.mtu - 40, scale, sack, tsval, seg[TSVAL])
        wnd = min(tcp.rcvbuf, MAX_UNSCALED)
        total = path.pseudo + _PROTO + n
        build_header(buf, off, ports, cookie, seg[SEQ] + 1 & _MASK, n, _SYN_ACK, wnd, total)
        path.send(_PROTO, n, -1)
        tcp.counters.tcp_tx += 1
        tcp.counters.tcp_cookie_sent += 1
    except OSError:
        tcp.counters.tcp_tx_failed += 1


def the_syn(tcp, path, seg, now):
    """Return the SYN, as far as it matters, that the ACK `seg` completes the handshake of.

    None if `seg` has no good cookie.
    """
    cookie = seg[ACK] - 1 & _MASK
    seq = seg[SEQ] - 1 & _MASK
    unit = now // _UNIT
    age = unit - (cookie >> 27) & 31
    i = cookie >> 24 & 7
    if age > 1 or cookie != _cookie(tcp, path.src, seg[PORTS], path.dst, seq, i, unit - age):
        return None
    syn = array("I", seg)
    syn[SEQ] = seq
    syn[MSS] = _SIZES[i]
    syn[WSCALE] = NO_WSCALE
    syn[SACK_OK] = 0
    if seg[HAS_TS]:
        bits = seg[TSECR] & _STAMP
        syn[SACK_OK] = bits >> 4
        if bits & 15 != _NO_SCALE:
            syn[WSCALE] = bits & 15
    return syn


def restore(c, syn, now):
    """Bring `c`, which began with the cookie, to where it was when the SYN-ACK was sent."""
    learn_syn(c, syn, now)
    if c.wscale_ok:
        c.rcv_wscale = scale_for(c.tcp.rcvbuf)  # as answer() said, whatever its buffer is now
    c.snd_nxt = c.snd_max = c.iss + 1
    # The round trip is known from the timestamp, to 63 ms or so, or not at all.
    at = echoed(c, syn[TSECR], now) * 1000 if c.ts_ok else -1
    if 0 <= at and now - at < LIFETIME:
        c.syn_at = at
    else:
        c.syn_again = True
        c.syn_at = now + 1000


def _cookie(tcp, laddr, ports, raddr, seq, i, unit):
    more = seq.to_bytes(4, "big") + unit.to_bytes(8, "big") + bytes((i,))
    h = keyed(tcp.secret, laddr, ports >> 16, raddr, ports & 0xFFFF, more)
    return (unit & 31) << 27 | i << 24 | h[0] << 16 | h[1] << 8 | h[2]
