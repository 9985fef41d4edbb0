# Frostnet: tail loss probes
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 8985 §7. When the last segments of a flight are lost no ACK tells. So after two round trips
# of silence the last segment is sent again, or the next if there is one: the ACK for it shows
# what is missing, and recovery need not wait for the retransmission timer.

from micropython import const

_TIME = const(3)
_LEAST = const(10000)  # µs; sooner a probe saves little, and costs timers on a short way
_MAX_ACK_DELAY = const(200000)  # µs that a peer may keep the ACK of a single segment, §7.2


def interval(srtt, rto):
    """Return the least time in µs until a probe, for a round trip of `srtt`, §7.2."""
    pto = srtt << 1
    if pto < _LEAST:
        pto = _LEAST
    return pto if pto < rto else rto


def due(c):
    """Return when the probe of `c`, which has data on their way, is due: at most an RTO, §7.2."""
    when = (c.flight.stamps[-1] >> _TIME) + c.pto
    if c.snd_max - c.snd_una <= c.smss:
        when += _MAX_ACK_DELAY
    latest = c.since + c.rto
    return when if when < latest else latest


def repaired(rec, una, twice, dup):
    """An ACK up to `una` came while a probe was out: §7.4.2, TLP_process_ack.

    Returns True if it shows that the probe repaired a loss. `twice`: it has a D-SACK; `dup`: it
    is a duplicate ACK without SACK blocks.
    """
    end = rec.tlp_end
    if not end or una < end:
        return False
    if not rec.tlp_resent or twice:
        rec.tlp_end = 0
    elif una > end:
        rec.tlp_end = 0
        return True
    elif dup:
        rec.tlp_end = 0
    return False
