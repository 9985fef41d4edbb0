# Frostnet: segments that are too large for the way
# MIT license; Copyright (c) 2026 The Frostnet authors

# Path MTU discovery, RFC 1191: a router says that a segment was too large (ip/pmtu.py keeps what
# it said), and what was lost is sent again at once, in smaller pieces. Routers that say nothing
# swallow each large segment, while small ones get through: RFC 2923 §2.1. So when large segments
# time out again and again, smaller ones are tried, down to what passes nearly everywhere.

from micropython import const

from frostnet.tcp.recovery import lose_all
from frostnet.tcp.segment import shrink
from frostnet.tcp.seq import unwrap

_HEADERS = const(40)  # IP and TCP, RFC 9293 §3.7.1
_SUSPECT = const(4)  # time-outs in a row of large segments that make a black hole likely
# IP packets to try when nobody tells: what tunnels leave, and what every host takes (RFC 879).
_SIZES = (1400, 1024, 576)


def on_its_way(c, buf, off):
    """Say if the segment that begins at `off` and is quoted in an error is on its way.

    Nobody who does not see the connection's segments can quote one (RFC 5927 §4.1, §7.2).
    """
    seq = buf[off + 4] << 24 | buf[off + 5] << 16 | buf[off + 6] << 8 | buf[off + 7]
    return c.snd_una <= unwrap(seq, c.snd_una) < c.snd_max


def too_big(c, now):
    """A router said that a segment of `c` was too large; its path knows by how much.

    All that is on its way counts as lost. That is no congestion, but it goes out again in slow
    start (RFC 1191 §6.5).
    """
    c.path.renew()
    if shrink(c, c.path.mtu) and c.flight is not None:
        c.tcp.counters.tcp_too_big += 1
        c.cc.on_restart()
        lose_all(c, now)
        c.tcp.mark(c)


def suspect(c):
    """A time-out: if the segment was large, and again, make them smaller (RFC 4821 §7.7)."""
    if c.backoff < _SUSPECT:
        return
    # It need not be a full one: windows and programs may allow less, and still too much.
    n = c.snd_max - c.snd_una
    n = c.mss if n >= c.smss else n + c.mss - c.smss
    for size in _SIZES:
        if size - _HEADERS < n:
            c.tcp.counters.tcp_black_hole += 1
            shrink(c, size)
            return
