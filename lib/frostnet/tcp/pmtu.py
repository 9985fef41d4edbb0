# Frostnet: segments that are too large for the way
# MIT license; Copyright (c) 2026 The Frostnet authors

# Path MTU discovery, RFC 1191: a router says that a segment was too large (ip/pmtu.py keeps what
# it said), and what was lost is sent again at once, in smaller pieces. Routers that say nothing
# swallow each large segment, while small ones get through: RFC 2923 §2.1. So when large segments
# time out again and again, smaller ones are tried, down to what passes nearly everywhere.
#
# But plain loss looks the same for a while. So that is a trial, not a verdict: if the smallest
# fares no better, the full size is taken back; if a smaller one gets through, the full size is
# tried again after a pause, and that grows each time the full size fails where small ones do not.

from micropython import const

from frostnet.tcp.recovery import lose_all
from frostnet.tcp.segment import arm, resize, shrink
from frostnet.tcp.seq import unwrap

_NEVER = const(1 << 61)
_HEADERS = const(40)  # IP and TCP, RFC 9293 §3.7.1
_SUSPECT = const(4)  # time-outs in a row of large segments that make a black hole likely
_FAILED = const(2)  # and of the full size, when smaller ones got through a moment ago
# IP packets to try when nobody tells: what tunnels leave, and what every host takes (RFC 879).
_SIZES = (1400, 1024, 576)
_PAUSE = const(5000000)  # µs until the full size is tried again, at first
_PAUSE_MAX = const(600000000)  # RFC 4821 §7.3: ten minutes


class Hole:
    """What a connection that tries smaller segments knows. Only such a one has this, in `c.hole`.

    `full`: its MSS before.
    """

    size = 0  # MSS that got through
    una = 0  # snd_una when segments became smaller
    top = -1  # snd_max when the full size was tried again, -1: it is not being tried
    pause = _PAUSE

    def __init__(self, full):
        self.full = full


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
    if not shrink(c, c.path.mtu):
        return
    _forget(c)  # who is told needs no trials
    if c.flight is not None:
        c.tcp.counters.tcp_too_big += 1
        c.cc.on_restart()
        lose_all(c, now)
        c.tcp.mark(c)


def suspect(c, now):
    """A time-out: if the segment was large, and again, make them smaller (RFC 4821 §7.7)."""
    # It need not be a full one: windows and programs may allow less, and still too much.
    n = c.snd_max - c.snd_una
    n = c.mss if n >= c.smss else n + c.mss - c.smss
    hole = c.hole
    if hole is not None and hole.top >= 0:
        if c.snd_una >= hole.top + c.smss:
            _forget(c)  # the full size got through
            hole = None
        elif c.backoff >= _FAILED and n > hole.size:
            pause = hole.pause << 2
            hole.pause = pause if pause < _PAUSE_MAX else _PAUSE_MAX
            _smaller(c, hole, hole.size, now)
            return
    if c.backoff < _SUSPECT:
        return
    for size in _SIZES:
        if size - _HEADERS < n:
            if hole is None:
                hole = c.hole = Hole(c.mss)
            _smaller(c, hole, size - _HEADERS, now)
            return
    if hole is not None:
        # The smallest ones fare no better. The next time-out tries smaller ones once more.
        _full(c, hole)
        _forget(c)


def try_full(c, now):
    """The time `raise_at` has come: if smaller segments got through, try the full size again."""
    hole = c.hole
    if c.snd_una == hole.una:
        _later(c, hole, now)
        return
    c.raise_at = _NEVER
    hole.size = c.mss
    hole.top = c.snd_max
    _full(c, hole)


# From now on, and until the full size has its next chance.
def _smaller(c, hole, mss, now):
    c.tcp.counters.tcp_black_hole += 1
    shrink(c, mss + _HEADERS)
    hole.una = c.snd_una
    hole.top = -1
    _later(c, hole, now)


def _later(c, hole, now):
    c.raise_at = now + hole.pause
    arm(c, c.raise_at)


# A router may have said since then that it is too large.
def _full(c, hole):
    most = c.path.mtu - _HEADERS
    resize(c, hole.full if hole.full < most else most)


def _forget(c):
    c.hole = None
    c.raise_at = _NEVER
