# Frostnet: tests of loss detection by time, and of tail loss probes
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.flight import LOST, RESENT, SACKED, TIME, Flight
from frostnet.tcp.rack import NEVER, Rack
from frostnet.tcp.tlp import due, interval, repaired

MSS = 1000
RTT = 100000


def scene(n, step=1000):
    """Segments 0 to n - 1, sent `step` µs apart from time 1000000 on, and RACK."""
    f = Flight()
    for i in range(n):
        f.add(i * MSS, (i + 1) * MSS, 1000000 + i * step, 0)
    return f, Rack()


def arrive(f, r, now, first, last, echo=-1):
    """Segments `first` to `last` - 1 are SACKed at `now`."""
    r.begin(now, RTT, echo)
    f.sack(first * MSS, last * MSS, r.see)
    r.finish()


def lost(f):
    return [
        f.starts[i] // MSS + k
        for i in range(len(f))
        if f.stamps[i] & (LOST | RESENT | SACKED) == LOST
        for k in range((f.end_of(i) - f.starts[i]) // MSS)
    ]


def test_sent_before_what_arrived():
    """RFC 8985 §6.2 step 5: with no reordering window all that was sent earlier is lost."""
    f, r = scene(5)
    arrive(f, r, 1000000 + 3000 + RTT, 3, 4)
    assert r.detect(f, 0, 1000000 + 3000 + RTT) == NEVER
    assert lost(f) == [0, 1, 2]


def test_reordering_window_delays():
    """Step 5: the timer is set to when the last of them would be lost."""
    f, r = scene(5)
    now = 1000000 + 2000 + RTT
    arrive(f, r, now, 2, 3)
    assert r.window(False, RTT) == RTT // 4
    first = r.detect(f, RTT // 4, now)
    assert lost(f) == [] and first == 1000000 + RTT + RTT // 4
    r.detect(f, RTT // 4, first)
    assert lost(f) == [0]
    assert r.detect(f, RTT // 4, first + 1000) == NEVER and lost(f) == [0, 1]


def test_window():
    """Step 4: nothing in recovery or after DupThresh, until there was reordering."""
    f, r = scene(3)
    arrive(f, r, 1200000, 2, 3)
    assert r.window(True, RTT) == 0 and r.window(False, RTT) == RTT // 4
    arrive(f, r, 1201000, 0, 1)
    assert r.reordering and r.window(True, RTT) == RTT // 4
    for i in range(10):
        r.spurious(i * MSS, i * MSS)
    assert r.window(True, RTT) == RTT, "at most the round trip"
    for _ in range(16):
        r.recovered()
    assert r.mult == 1, "forgotten after 16 recoveries"


def test_window_grows_once_per_round_trip():
    """Step 4: RACK.dsack_round."""
    r = Rack()
    r.spurious(0, 10)
    r.spurious(5, 20)
    assert r.mult == 2
    r.spurious(10, 30)
    assert r.mult == 3


def test_one_ack_with_news_in_any_order_is_no_reordering():
    """Step 3 compares with what had arrived before this ACK."""
    f, r = scene(6)
    r.begin(1200000, RTT, -1)
    f.sack(5 * MSS, 6 * MSS, r.see)
    f.sack(1 * MSS, 2 * MSS, r.see)
    r.finish()
    assert not r.reordering


def test_retransmission_that_arrives_too_soon_is_the_original():
    """Step 2: the round trip is shorter than can be, or the echo is older."""
    f, r = scene(4)
    f.lose(0)
    f.sent_again(0, MSS, 2000000)
    r.begin(2000000 + RTT // 2, RTT, -1)
    f.look(MSS, r.see)
    assert r.sent == 0
    r.begin(2000000 + 2 * RTT, RTT, 1999)
    f.look(MSS, r.see)
    assert r.sent == 0
    r.begin(2000000 + 2 * RTT, RTT, 2000)
    f.look(MSS, r.see)
    assert r.sent == 2000000 and r.rtt == 2 * RTT


def test_lost_retransmission():
    """§1: sent again, and something sent later has arrived."""
    f, r = scene(4)
    f.lose(0)
    f.sent_again(0, MSS, 2000000)
    f.add(4 * MSS, 5 * MSS, 2001000, 0)
    arrive(f, r, 2001000 + RTT, 4, 5)
    r.detect(f, 0, 2001000 + RTT)
    assert lost(f) == [0, 1, 2, 3]


def test_the_same_time_is_told_apart_by_number():
    """§6.2, RACK_sent_after: of one burst the higher numbers were sent later."""
    f = Flight()
    f.add(0, 10 * MSS, 1000000, 0)
    r = Rack()
    arrive(f, r, 1000000 + RTT, 5, 6)
    r.detect(f, 0, 1000000 + RTT)
    assert lost(f) == [0, 1, 2, 3, 4] and f.stamps[-1] >> TIME == 1000000


class C:
    srtt = RTT << 3
    rto = 10 * RTT
    pto = 2 * RTT
    since = 1000000
    smss = MSS
    snd_una = 0


def test_probe_time_out():
    """RFC 8985 §7.2: two round trips after the last segment; longer for a single one, whose ACK
    may be delayed; not after the time-out.
    """
    assert interval(RTT, 5 * RTT) == 2 * RTT and interval(RTT, RTT) == RTT
    assert interval(50, 200000) == 10000
    c = C()
    c.flight, _ = scene(3)
    c.snd_max = 3 * MSS
    assert due(c) == 1002000 + 2 * RTT
    c.flight, _ = scene(1)
    c.snd_max = MSS
    assert due(c) == 1000000 + 2 * RTT + 200000
    c.rto = 3 * RTT
    assert due(c) == 1000000 + 3 * RTT


class Rec:
    tlp_end = 5000
    tlp_resent = True


def test_probe_ends():
    """RFC 8985 §7.4.2, TLP_process_ack."""
    for una, resent, twice, dup, want, end in (
        (4999, True, False, False, False, 5000),  # the probe's ACK is not here yet
        (5000, False, False, False, False, 0),  # it was new data
        (5000, True, True, False, False, 0),  # D-SACK: the original had arrived
        (5000, True, False, True, False, 0),  # so it had, says a duplicate ACK
        (5000, True, False, False, False, 5000),  # cannot tell yet
        (5001, True, False, False, True, 0),  # nothing told of two copies: one was lost
    ):
        rec = Rec()
        rec.tlp_resent = resent
        assert repaired(rec, una, twice, dup) == want and rec.tlp_end == end, (una, twice, dup)
