# Frostnet: what a peer's SACK blocks say
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 2018 §5 and RFC 2883. A block is believed only if it lies within what was sent and not
# acknowledged; the first one may instead tell that something came twice (D-SACK).

from micropython import const

from frostnet.tcp.seq import unwrap
from frostnet.wire import tcp as wire

_SACKS = const(14)
_SACK = const(15)

assert (wire.SACKS, wire.SACK) == (_SACKS, _SACK)

# The last D-SACK, or an empty range: what came twice. For who called take() and was told so.
dsack = [0, 0]


def take(c, seg, see):
    """Note in `c.flight` what the blocks of `seg` say; return whether there was a D-SACK.

    `see` learns what is news (flight.sack()).
    """
    una = c.snd_una
    top = c.snd_max
    flight = c.flight
    twice = False
    for i in range(seg[_SACKS]):
        at = _SACK + 2 * i
        left = unwrap(seg[at], una)
        right = unwrap(seg[at + 1], una)
        if left >= right or right > top:
            c.tcp.counters.tcp_sack_bad += 1
            continue
        if not i and _is_dsack(seg, left, right, una):
            if left < una - c.max_wnd - 1:
                c.tcp.counters.tcp_sack_bad += 1  # older than anything that can be on its way
                continue
            twice = True
            dsack[0] = left
            dsack[1] = right
            if c.watch is not None:
                c.watch.tell("dsack", left, right)
        elif left >= una and flight is not None:
            news = flight.sack(left, right, see)
            if news and c.watch is not None:
                c.watch.tell("sack", left, right, news)
    return twice


# RFC 2883 §4: the first block tells of a duplicate if it is below the ACK or within the second.
def _is_dsack(seg, left, right, una):
    if right <= una:
        return True
    if seg[_SACKS] < 2:
        return False
    return unwrap(seg[_SACK + 2], una) <= left and right <= unwrap(seg[_SACK + 3], una)
