# Frostnet: what ACKs say: the common case, and recovery from losses
# MIT license; Copyright (c) 2026 The Frostnet authors

# `settle` is the common case: everything goes well. Whatever else an ACK may say goes through
# `_careful`, as long as anything is unusual (c.dupacks is not 0 then): what has arrived is noted
# in the flight (scoreboard.py), losses are found (rack.py; NewReno's rules of RFC 6582 if the peer
# does not know SACK), and the window follows (prr.py, congestion.py). tcp/resend.py sends.

from micropython import const

from frostnet.tcp import flight as flights
from frostnet.tcp import rto, scoreboard
from frostnet.tcp.options import echoed
from frostnet.tcp.prr import Rate
from frostnet.tcp.rack import NEVER, Rack
from frostnet.tcp.segment import arm
from frostnet.tcp.tlp import repaired
from frostnet.wire import tcp as wire

_SACKS = const(14)
_HAS_TS = const(11)
_TSECR = const(13)
_NEVER = const(1 << 61)
_TIME = const(3)
_ALL = const(7)
_SACKED = const(1)
_LOST = const(2)

assert (wire.SACKS, wire.HAS_TS, wire.TSECR) == (_SACKS, _HAS_TS, _TSECR)
assert (flights.TIME, flights.ALL, flights.SACKED, flights.LOST) == (_TIME, _ALL, _SACKED, _LOST)

DUPACKS = const(3)  # RFC 5681 §3.2, RFC 6675's DupThresh

# States: all is well, fast recovery, and after a time-out.
OPEN = const(0)
FAST = const(1)
TIMEOUT = const(2)


class Recovery:
    """What a connection remembers of losses. Only one that had any has this, in `c.rec`."""

    state = OPEN
    reno = 0  # bytes that duplicate ACKs say have left the network, without SACK
    resent = 0  # bytes sent again since recovery began
    rto_at = NEVER  # when the retransmission timer runs out; c.rtx_at may be earlier
    reo_at = NEVER  # when more may be lost, says RACK
    tlp_end = 0  # snd_max when a tail loss probe was sent, 0: none is out
    tlp_resent = False  # it was no new segment
    undo_una = -1  # snd_una when the window was reduced; -1: no going back
    undo_left = 0  # segments sent again of which no D-SACK told yet
    undo_early = False  # no ACK since the window was reduced
    since = 0  # when the first segment of those on their way was sent again; 0: none was
    timeout_at = 0  # when the retransmission timer ran out last
    rate = None

    def __init__(self, una):
        self.recover = una - 1  # highest number sent when recovery began
        self.rack = Rack()


def settle(c, now, seg=None):
    """Do what follows from the `c.acks` ACKs that moved `snd_una` since the last time."""
    una = c.snd_una
    acks = c.acks
    c.acks = 0
    n = una - c.tx_seq
    if n > 0:
        tx = c.tx
        data = n if n < tx.len else tx.len  # the rest is our FIN
        tx.drop(data)
        c.tx_seq += data
        if c.wanted and tx.limit - tx.len >= c.wanted:
            c.wanted = 0
            if c.notify:
                c.notify()
    c.since = now
    if c.soft_error:
        c.soft_error = 0
    if c.snd_nxt < una:
        c.snd_nxt = una
    if c.dupacks:
        _careful(c, seg, n, acks, False, now)
        return
    flight = c.flight
    if flight is None:
        return
    # RFC 6298 §5.2 and §5.3. The timer itself finds out when it runs.
    if una == c.snd_max:
        c.rtx_at = _NEVER
        c.flight = None
        stamp = flights.finish(flight)
    else:
        c.rtx_at = now + c.pto
        stamp = flight.ack(una)
    if una >= c.rtt_seq and stamp:
        # One sample for each round trip, so that the gains of RFC 6298 mean what they say.
        c.rtt_seq = c.snd_max
        rto.sample(c, now - (stamp >> _TIME))
    cc = c.cc
    before = c.snd_max - una + n
    if cc.cwnd < before << 1:
        cc.on_ack(n, acks, before, now, c.srtt >> 3)


def news(c, seg, now):
    """An ACK has come that moves `snd_una` (c.acks), or has SACK blocks."""
    if c.sack_ok and seg[_SACKS] and not c.dupacks:
        beware(c)
    if c.acks:
        settle(c, now, seg)
    elif c.dupacks:
        _careful(c, seg, 0, 0, False, now)


def duplicate(c, seg, now):
    """An ACK that says nothing new, RFC 5681 §2."""
    if c.persist_at != _NEVER:
        # The answer to a window probe. As long as they come, a user may wait (RFC 9293 §3.8.6.1).
        if not c.orphan:
            c.since = now
        return
    if c.snd_max == c.snd_una and not seg[_SACKS]:
        return
    if not c.dupacks:
        beware(c)
        c.dupacks = 0
    c.dupacks += 1
    _careful(c, seg, 0, 0, True, now)


def timed_out(c, now):
    """The retransmission timer ran out, RFC 6298 §5.4: all that is on its way counts as lost."""
    again = c.rtx_una == c.snd_una or (c.dupacks != 0 and c.rec.state == FAST)
    c.rtx_una = c.snd_una
    flight = c.flight
    c.rtx_at = _NEVER
    c.cc.on_timeout(now, again)
    if flight is None or not c.snd_wnd:
        # The window is shut: probe it (RFC 9293 §3.8.6.1), as if nothing had been sent.
        _calm(c)
        c.snd_nxt = c.snd_una
        if flight is not None:
            c.flight = None
            flights.give(flight)
        return
    lose_all(c, now)


def lose_all(c, now):
    """Take all that is on its way for lost, and let it be sent again from the first."""
    if not c.dupacks:
        beware(c)
    rec = c.rec
    flight = c.flight
    if flight.stamps[0] & _SACKED:
        flight.forget_sacks()  # the peer does not have what it said: RFC 2018 §8
    if rec.state != TIMEOUT:
        _begin(c, rec, TIMEOUT)
    flight.lose_all()
    rec.reno = rec.tlp_end = 0
    rec.rto_at = rec.reo_at = NEVER
    rec.recover = c.snd_max
    rec.timeout_at = now


def reordered(c, now):
    """RACK's reordering timer ran out, RFC 8985 §6.2 step 5."""
    _careful(c, None, 0, 0, False, now)


def beware(c):
    """Look at ACKs carefully from now on; return the Recovery of `c`, which it may have to get."""
    rec = c.rec
    if rec is None:
        rec = c.rec = Recovery(c.snd_una)
    rec.rto_at = c.since + c.rto
    if rec.since and (c.flight is None or not c.flight.any_resent()):
        rec.since = 0
    c.dupacks = 1
    return rec


# Nothing is unusual any more.
def _calm(c):
    c.dupacks = 0
    rec = c.rec
    if rec is not None:
        rec.state = OPEN
        rec.reno = rec.tlp_end = 0
        rec.rto_at = rec.reo_at = NEVER


# An ACK acknowledges `n` more bytes, is a duplicate (`dup`), or may tell something else. `seg` is
# None if it is not known, or when the reordering timer ran out.
def _careful(c, seg, n, acks, dup, now):
    rec = c.rec
    rack = rec.rack
    flight = c.flight
    una = c.snd_una
    cc = c.cc
    mss = c.smss
    sack_ok = c.sack_ok
    before = c.snd_max - una + n
    delivered = n
    twice = False
    blocks = 0
    echo = -1
    if seg is not None:
        blocks = seg[_SACKS]
        if c.ts_ok and seg[_HAS_TS]:
            echo = echoed(c, seg[_TSECR], now)
    elif n and c.ts_ok:
        echo = echoed(c, c.tsecr, now)
    # What arrived.
    if sack_ok:
        rack.begin(now, c.min_rtt, echo)
        sacked = flight.sacked if flight is not None else 0
        if blocks:
            twice = scoreboard.take(c, seg, rack.see)
        if n and flight is not None:
            flight.look(una, rack.see)
        rack.finish()
        if flight is not None:
            delivered -= sacked
    elif dup and rec.state != TIMEOUT:
        # One more segment left the network, RFC 6582 §3.2 step 3.
        if rec.reno + mss < before:
            rec.reno += mss
            delivered = mss
    elif n and rec.reno:
        counted = n - mss if n - mss < rec.reno else rec.reno
        if counted > 0:
            rec.reno -= counted
            delivered -= counted
    if n and flight is not None:
        # An echo from before the last time-out may be of a segment whose ACK got lost. The peer's
        # D-SACK tells then that it has come twice.
        sure = echo >= 0 and not twice and (sack_ok or echo >= rec.timeout_at // 1000)
        _sample(c, flight.ack(una), una, echo if sure else -1, twice, now)
    if flight is not None:
        if sack_ok:
            delivered += flight.sacked
        if una == c.snd_max:
            c.flight = None
            flights.give(flight)
            flight = None
    if repaired(rec, una, twice, dup and not blocks) and rec.state == OPEN:
        cc.on_loss(now, _queued(c))
        cc.on_recovered()
    _reconsider(c, rec, n, twice, echo)

    # What was lost.
    rec.reo_at = NEVER
    missing = flight.lost - flight.resent if flight is not None else 0
    if flight is None:
        pass
    elif sack_ok:
        eager = rec.state != OPEN or flight.sacked > 2 * mss
        rec.reo_at = rack.detect(flight, rack.window(eager, c.srtt >> 3), now)
    elif rec.state == FAST and n and una < rec.recover:
        _lose_first(flight, una, mss)  # a partial ACK, RFC 6582 §3.2 step 3
    elif rec.state == OPEN and dup and c.dupacks == DUPACKS and una > rec.recover:
        _lose_first(flight, una, mss)
    if c.watch is not None and flight is not None and flight.lost - flight.resent > missing:
        c.watch.tell("lost", flight.lost - flight.resent - missing)

    # The state, and the window.
    if rec.state != OPEN and una >= rec.recover:
        if rec.state == FAST:
            cc.on_recovered()
            rack.recovered()
        rec.state = OPEN
        if c.watch is not None:
            c.watch.tell("recovered", cc.cwnd, cc.ssthresh)
        rec.reno = 0
        c.dupacks = 1
    if rec.state == OPEN:
        if flight is not None and flight.lost:
            c.tcp.counters.tcp_fast_retransmit += 1
            cc.on_loss(now, _queued(c))
            _begin(c, rec, FAST)
            rec.rate = Rate(c.snd_max - una, cc.cwnd)
            if c.watch is not None:
                c.watch.tell("recovery", c.snd_max - una, cc.ssthresh)
        elif n:
            # The end of a recovery as well: its round trip counts for the window's growth.
            cc.on_ack(n, acks, before, now, c.srtt >> 3)
    elif rec.state == TIMEOUT and delivered > 0:
        # RFC 3465 §2.3: slow start with a segment for each ACK.
        cc.on_ack(delivered if delivered < mss else mss, 1, before, now, c.srtt >> 3)
    if rec.state == FAST:
        pipe = flight.pipe() - rec.reno
        out = c.snd_max - rec.recover + rec.resent
        cc.cwnd = rec.rate.window(delivered, out, pipe, cc.ssthresh, mss)
    _finish(c, rec, flight, n, now)


# Takes the loss back if it turns out that there was none.
def _reconsider(c, rec, n, twice, echo):
    if twice:
        rec.rack.spurious(c.snd_una, c.snd_max)
        left, right = scoreboard.dsack
        if 0 <= rec.undo_una <= left and right <= rec.recover and rec.undo_left > 0:
            # RFC 3708 §2: all that was sent again need not have been.
            rec.undo_left -= (right - left + c.smss - 1) // c.smss
            if rec.undo_left <= 0:
                _undo(c, rec)
    elif n and rec.undo_early and rec.since:
        # RFC 3522 §3.2: the first ACK after the retransmission echoes the original's timestamp.
        rec.undo_early = False
        if rec.state != OPEN and 0 <= echo < rec.since // 1000:
            _undo(c, rec)


def _undo(c, rec):
    c.tcp.counters.tcp_spurious += 1
    c.cc.undo()
    if c.watch is not None:
        c.watch.tell("spurious", c.cc.cwnd)
    rec.undo_una = -1
    rec.state = OPEN
    if c.flight is not None:
        c.flight.find_all()


# Recovery begins.
def _begin(c, rec, state):
    rec.state = state
    rec.recover = c.snd_max
    rec.resent = rec.undo_left = rec.tlp_end = 0
    rec.undo_una = c.snd_una
    rec.undo_early = True


# Whether round trips are longer than they can be, by an eighth: a queue has built up somewhere.
def _queued(c):
    least = c.min_rtt
    return (c.srtt >> 3) - least >= least >> 3


# Without SACK what is missing is what follows snd_una.
def _lose_first(flight, una, mss):
    if flight.stamps[0] & _ALL:
        return  # it is taken for lost already
    flight.split(una + mss)
    flight.lose(0)


# RFC 6298 §3: no sample from what was sent twice, unless the timestamp tells (RFC 7323 §4.1).
# `twice`: the ACK has a D-SACK.
def _sample(c, stamp, una, echo, twice, now):
    if stamp and not stamp & _ALL:
        if una >= c.rtt_seq:
            c.rtt_seq = c.snd_max
            rto.sample(c, now - (stamp >> _TIME))
    elif echo >= 0:
        if una >= c.rtt_seq or c.backoff:
            c.rtt_seq = c.snd_max
            rto.sample(c, now - echo * 1000)
    elif c.backoff:
        rto.ease_off(c, twice and c.ts_ok)


# Sets the timer, and ends the careful look at things if all is well.
def _finish(c, rec, flight, n, now):
    if flight is None:
        rec.rto_at = NEVER
    elif n or rec.rto_at == NEVER:  # never: nothing was on its way before
        rec.rto_at = now + c.rto
    if (
        rec.state == OPEN
        and not rec.tlp_end
        and (flight is None or not (flight.sacked or flight.lost))
        and (n or c.sack_ok or flight is None)
    ):
        when = rec.rto_at
        _calm(c)
        if flight is not None and n:
            when = now + c.pto
        c.rtx_at = when
    else:
        c.rtx_at = rec.rto_at if rec.rto_at < rec.reo_at else rec.reo_at
    if c.rtx_at != _NEVER:
        arm(c, c.rtx_at)
    c.tcp.mark(c)
