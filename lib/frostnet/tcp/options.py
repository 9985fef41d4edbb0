# Frostnet: TCP options that both sides agree on in their SYNs
# MIT license; Copyright (c) 2026 The Frostnet authors

# Window scale, timestamps (RFC 7323) and SACK (RFC 2018). Who begins offers all of them; so what
# the other side's SYN has too is agreed, whoever it was that began.

from micropython import const

from frostnet.tcp.states import ESTABLISHED
from frostnet.wire.tcp import HAS_TS, NO_WSCALE, SACK_OK, TSVAL, WSCALE
from frostnet.wire.tcp_options import MAX_WSCALE, TS_BYTES, build_syn_options

MAX_UNSCALED = const(65535)
PLAIN = const(1)  # what wire.tcp_fast.parse() says of segments for header prediction
PLAIN_TS = const(2)

_MASK = const(0xFFFFFFFF)
_HALF = const(0x80000000)


def scale_for(limit):
    """Return the least shift with which the window field can tell of `limit` bytes."""
    shift = 0
    while limit >> shift > MAX_UNSCALED and shift < MAX_WSCALE:
        shift += 1
    return shift


def offer(c):
    """Let the SYN of `c`, which begins, offer everything."""
    c.sack_ok = True
    _scale(c)
    c.ts_ok = True
    c.ts_offset = c.tcp.ts_offset(c.laddr, c.ports >> 16, c.raddr, c.ports & 0xFFFF)


def agree(c, seg, now):
    """Use what `seg`, the peer's SYN, has too. `c` knows its MSS already."""
    if seg[HAS_TS]:
        if not c.ts_ok:
            c.ts_ok = True
            c.ts_offset = c.tcp.ts_offset(c.laddr, c.ports >> 16, c.raddr, c.ports & 0xFFFF)
        c.smss = c.mss - TS_BYTES
        c.ts_recent = seg[TSVAL]
        c.ts_recent_at = now
        c.last_ack_sent = c.rcv_nxt
    elif c.ts_ok:
        c.ts_ok = False
    if c.sack_ok != bool(seg[SACK_OK]):
        c.sack_ok = not c.sack_ok
    if seg[WSCALE] != NO_WSCALE:
        c.snd_wscale = seg[WSCALE]
        if not c.wscale_ok:  # else our own SYN told of one, whatever the buffer is by now
            _scale(c)
    elif c.wscale_ok:
        del c.wscale_ok
        if c.rcv_wscale:
            c.rcv_wscale = 0


# Has the window scaled as the receive buffer needs it. Few need that, see Connection.
def _scale(c):
    c.wscale_ok = True
    shift = scale_for(c.rx.limit)
    if shift:
        c.rcv_wscale = shift


def predictable(c):
    """Return what parse() says of segments that header prediction takes for `c` now; 0: none."""
    if c.state != ESTABLISHED or c.ooo is not None:
        return 0
    return PLAIN_TS if c.ts_ok else PLAIN


def build_syn(c, buf, off, now):
    """Write the options of a SYN of `c`; return their length."""
    return build_syn_options(
        buf,
        off,
        c.rcv_mss,
        c.rcv_wscale if c.wscale_ok else -1,
        c.sack_ok,
        now // 1000 + c.ts_offset & _MASK if c.ts_ok else -1,
        c.ts_recent,
    )


def echoed(c, tsecr, now):
    """Return the time in ms at which `c` sent what the peer echoes; -1 if it is none of ours."""
    now //= 1000
    ago = (now + c.ts_offset - tsecr) & _MASK
    return now - ago if ago < _HALF and ago <= now else -1
