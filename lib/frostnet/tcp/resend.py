# Frostnet: what was lost is sent again
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6675 §5, NextSeg and step C: what is lost goes first, lowest numbers first, as long as the
# network has room for it.

from micropython import const

from frostnet.tcp.segment import arm, send_range

_NEVER = const(1 << 61)
_TIME = const(3)
_RESENT = const(4)


def resend(c, now):
    """Send what is lost and may go now. Then nothing new may go if this returns -1; otherwise it
    returns how many bytes of what was sent have left the network without being acknowledged.
    """
    rec = c.rec
    flight = c.flight
    if flight is None:
        return 0
    if flight.lost > flight.resent and not _lost(c, rec, flight, now):
        return -1
    return flight.sacked + flight.lost - flight.resent + rec.reno


# Returns whether all that is lost was sent again.
def _lost(c, rec, flight, now):
    mss = c.smss
    edge = c.snd_una + c.snd_wnd
    room = c.cc.cwnd - flight.pipe() + rec.reno
    counters = c.tcp.counters
    while True:
        i = flight.next_lost()
        if i < 0:
            break
        seq = flight.starts[i]
        n = flight.end_of(i) - seq
        if n > mss:
            n = mss
        if n > edge - seq:
            n = edge - seq  # the peer took some of its window back
        if n <= 0 or n > room or not send_range(c, seq, n):
            break
        flight.sent_again(i, n, now)
        counters.tcp_retransmit += 1
        c.retransmits += 1
        if c.watch is not None:
            c.watch.tell("sent again", seq, n)
        room -= n
        if not rec.since:
            rec.since = now
        if not rec.resent:
            rec.rto_at = now + c.rto
        rec.resent += n
        rec.undo_left += 1
    if rec.rto_at == _NEVER:
        rec.rto_at = now + c.rto
    when = rec.rto_at if rec.rto_at < rec.reo_at else rec.reo_at
    if when != c.rtx_at:
        c.rtx_at = when
        arm(c, when)
    return i < 0


def resend_tail(c, now):
    """Send the end of the last segment once more, RFC 8985 §7.3; False if it could not go."""
    flight = c.flight
    end = flight.end
    seq = end - c.smss
    if seq < c.snd_una:
        seq = c.snd_una
    edge = c.snd_una + c.snd_wnd
    if end > edge or not send_range(c, seq, end - seq):
        return False
    c.tcp.counters.tcp_retransmit += 1
    c.retransmits += 1
    if c.watch is not None:
        c.watch.tell("sent again", seq, end - seq)
    i = flight.split(seq)
    if i < 0:
        i = len(flight) - 1
    while i < len(flight):
        flight.set(i, now << _TIME | _RESENT)  # Karn: no sample from it
        i += 1
    return True
