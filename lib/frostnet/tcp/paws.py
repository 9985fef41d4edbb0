# Frostnet: TCP timestamps: which to echo, and which give an old duplicate away
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 7323 §4.3 and §5. The same for expected segments is in protocol.py and fast.py, which leave
# anything that is not clear to the functions here.

from micropython import const

from frostnet.wire.tcp import FLAGS, HAS_TS, RST, SYN, TSVAL

_MASK = const(0xFFFFFFFF)
_HALF = const(0x80000000)
_VALID = const(24 * 86400 * 1000000)  # µs; §5.5: the peer's clock may have wrapped after that


def missing(c, seg):
    """Return whether `seg` must be dropped because it has no timestamps, §3.2.

    A reset may come from a peer that forgot the connection, and so may a SYN.
    """
    return not seg[HAS_TS] and not seg[FLAGS] & (RST | SYN)


def outdated(c, seg, now):
    """Return whether `seg` is an old duplicate, §5.3 R1. Resets are never, §5.2."""
    return (
        (seg[TSVAL] - c.ts_recent) & _MASK >= _HALF
        and seg[HAS_TS]
        and not seg[FLAGS] & RST
        and now - c.ts_recent_at < _VALID
    )


def note(c, seg, seq, now):
    """Remember what to echo after `seg`, which is acceptable and at `seq`: §4.3, §5.3 R3."""
    if seq <= c.last_ack_sent and seg[HAS_TS]:
        c.ts_recent = seg[TSVAL]
        c.ts_recent_at = now
