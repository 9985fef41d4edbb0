# Frostnet: tests of congestion control: NewReno, CUBIC and what they share
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.congestion import MAX, Congestion
from frostnet.tcp.cubic import Cubic, cube_root
from frostnet.tcp.newreno import NewReno

MSS = 1460
RTT = 100000


class Fixed(Congestion):
    """What all algorithms share, around a congestion avoidance that only takes notes."""

    grown = unused = 0

    def _avoid(self, n, now, rtt):
        self.grown += n

    def _reduced(self, cwnd, queue):
        return cwnd >> 1

    def _unused(self, now):
        self.unused += 1


def test_initial_window():
    """RFC 6928 §2; RFC 5681 §3.1: one segment if the SYN was lost."""
    for mss, cwnd in ((536, 5360), (1460, 14600), (4000, 14600), (9000, 18000), (64, 640)):
        assert Fixed(mss).cwnd == cwnd, mss
    assert Fixed(MSS, True).cwnd == MSS


def test_slow_start_counts_bytes():
    """RFC 5681 §3.1 and RFC 3465 §2.2: by what was acknowledged, at most 2 segments per ACK."""
    cc = Fixed(MSS)
    cc.on_ack(700, 1, 14600, 0, RTT)
    assert cc.cwnd == 14600 + 700
    cc.on_ack(5 * MSS, 1, 14600, 0, RTT)
    assert cc.cwnd == 14600 + 700 + 2 * MSS
    cc.on_ack(5 * MSS, 3, 14600, 0, RTT)
    assert cc.cwnd == 14600 + 700 + 7 * MSS and cc.grown == 0


def test_an_unused_window_does_not_grow():
    """RFC 7661 §3, RFC 9438 §4.2: it says nothing about the network."""
    cc = Fixed(MSS)
    cc.on_ack(2 * MSS, 1, 3 * MSS, 0, RTT)
    assert cc.cwnd == 14600
    cc.ssthresh = 10000
    cc.on_ack(2 * MSS, 1, 9 * MSS, 0, RTT)
    assert not cc.grown and cc.unused == 1
    cc.on_ack(2 * MSS, 1, 10 * MSS, 0, RTT)
    assert cc.grown == 2 * MSS


def test_window_is_bounded():
    cc = Fixed(MSS)
    cc.cwnd = MAX - 10
    cc.on_ack(2 * MSS, 1, MAX, 0, RTT)
    assert cc.cwnd == MAX


def test_loss_and_recovery():
    """RFC 5681 §3.2: ssthresh, at least two segments."""
    cc = Fixed(MSS)
    cc.cwnd = 100 * MSS
    cc.on_loss(0)
    assert cc.ssthresh == 50 * MSS
    cc.on_recovered()
    assert cc.cwnd == 50 * MSS
    cc.cwnd = 3 * MSS
    cc.on_loss(0)
    assert cc.ssthresh == 2 * MSS


def test_time_out():
    """RFC 5681 §3.1: one segment; ssthresh stays when the same data are lost again."""
    cc = Fixed(MSS)
    cc.on_timeout(0, False)
    assert (cc.cwnd, cc.ssthresh) == (MSS, 14600 >> 1)
    cc.on_timeout(0, True)
    assert (cc.cwnd, cc.ssthresh) == (MSS, 14600 >> 1)


def test_undo():
    """RFC 4015 §3.2: back to the window before a reduction without a loss; only once."""
    for cls in (Cubic, NewReno):
        cc = cls(MSS)
        cc.cwnd = 40 * MSS
        cc.ssthresh = 30 * MSS
        cc.on_timeout(1000, False)
        cc.undo()
        assert (cc.cwnd, cc.ssthresh) == (40 * MSS, 30 * MSS), cls.name
        cc.cwnd = 10 * MSS
        cc.undo()
        assert cc.cwnd == 10 * MSS


def test_idle_restart():
    """RFC 5681 §4.1: after a time-out's idleness the restart window, RFC 2861 on the way."""
    cc = Fixed(MSS)
    cc.cwnd = 80 * MSS
    cc.on_idle(200000, 300000)
    assert cc.cwnd == 80 * MSS
    cc.on_idle(400000, 300000)
    assert cc.cwnd == 40 * MSS and cc.ssthresh == MAX
    cc.ssthresh = 20 * MSS
    cc.on_idle(100000000, 300000)
    assert cc.cwnd == 10 * MSS and cc.ssthresh == 30 * MSS
    cc.cwnd = 4 * MSS
    cc.on_idle(100000000, 300000)
    assert cc.cwnd == 4 * MSS, "never larger than it was"


def test_smaller_segments():
    """RFC 1191 §6.5: the window is kept."""
    cc = Fixed(MSS)
    cc.set_mss(536)
    assert cc.cwnd == 14600 and cc.mss == 536


def test_cube_root():
    for n in (0, 1, 7, 8, 26, 27, 10**9 - 1, 10**9, 10**15 + 1):
        r = cube_root(n)
        assert r**3 <= n < (r + 1) ** 3, n


def avoiding(window, w_max=0):
    cc = Cubic(MSS)
    cc.cwnd = window * MSS
    cc.ssthresh = window * MSS
    cc.w_max = w_max * MSS
    return cc


def round_trip(cc, now):
    """All of the window is acknowledged, two segments at a time."""
    n = cc.cwnd // (2 * MSS)
    for i in range(n):
        cc.on_ack(2 * MSS, 1, cc.cwnd, now + i * RTT // n, RTT)


def test_cubic_reduces_by_beta():
    """RFC 9438 §4.6: beta is 0.7; §4.7: fast convergence when w_max was not reached again."""
    cc = Cubic(MSS)
    for cwnd, ssthresh, w_max in ((100, 70, 100), (80, 56, 68), (90, 63, 90)):
        cc.cwnd = cwnd * MSS
        cc.on_loss(0)
        assert (cc.ssthresh, cc.w_max) == (ssthresh * MSS, w_max * MSS)


def test_cubic_without_a_queue():
    """A loss while round trips are as short as can be is the link's: a smaller reduction."""
    cc = Cubic(MSS)
    for cwnd in (100, 80):
        cc.cwnd = cwnd * MSS
        cc.on_loss(0, False)
        assert (cc.ssthresh, cc.w_max) == (cwnd * 4 * MSS // 5, cwnd * MSS)
    cc.on_timeout(0, False)
    assert cc.ssthresh == 56 * MSS


def test_cubic_function():
    """RFC 9438 §4.2: C (t - K)^3 + w_max, against floating point."""
    cc = avoiding(700, 1000)
    cc.on_ack(2 * MSS, 1, 700 * MSS, 5000000, RTT)
    k = (300 / 0.4) ** (1 / 3)
    assert abs(cc.k - 1000 * k) < 2, (cc.k, k)
    for t in (0, 1, 3, 9, 10, 20, 40):
        want = 0.4 * (t - k) ** 3 + 1000
        got = cc.window(t * 1000) / MSS
        assert abs(got - want) < 0.001 * want + 1, (t, got, want)


def test_cubic_reaches_the_function():
    """§4.4 and §4.5: concave to w_max, a plateau, then convex beyond it."""
    cc = avoiding(700, 1000)
    now = 1000000
    grown = []
    for _ in range(160):
        before = cc.cwnd
        round_trip(cc, now)
        now += RTT
        grown.append(cc.cwnd - before)
        want = 0.4 * ((now - 1000000) / 1e6 - cc.k / 1000) ** 3 + 1000
        assert abs(cc.cwnd / MSS - want) < 0.03 * want, (now, cc.cwnd / MSS, want)
    plateau = cc.k * 1000 // RTT
    assert grown[2] > 4 * grown[plateau] and grown[-1] > 4 * grown[plateau]


def test_cubic_growth_per_round_trip_is_bounded():
    """§4.4: target is at most half a window more."""
    cc = avoiding(10)
    now = 1000000
    cc.on_ack(MSS, 1, cc.cwnd, now, RTT)
    before = cc.cwnd
    round_trip(cc, now + 59000000)
    assert before < cc.cwnd <= before * 3 // 2 + 2 * MSS


def test_cubic_is_friendly_to_reno():
    """§4.3: on a short or small path it grows as Reno does: 9/17 of a segment per round trip
    up to where the loss was, then a whole one.
    """
    cc = Cubic(MSS)
    cc.cwnd = 20 * MSS
    cc.on_loss(0)
    cc.on_recovered()
    assert cc.cwnd == 14 * MSS
    now = 1000000
    trips = 0
    rtt = 1000
    while cc.cwnd < 20 * MSS:
        n = cc.cwnd // (2 * MSS)
        for _ in range(n):
            cc.on_ack(2 * MSS, 1, cc.cwnd, now, rtt)
        now += rtt
        trips += 1
    assert 6 * 17 / 9 - 1 <= trips <= 6 * 17 / 9 + 3, trips
    before = cc.cwnd
    for _ in range(8):
        for _ in range(cc.cwnd // MSS):
            cc.on_ack(MSS, 1, cc.cwnd, now, rtt)
        now += rtt
    assert 7 * MSS <= cc.cwnd - before <= 9 * MSS


def test_cubic_after_a_time_out():
    """§4.8: the next epoch starts where slow start ends, with K = 0."""
    cc = avoiding(50, 100)
    cc.on_timeout(0, False)
    assert cc.cwnd == MSS and cc.ssthresh == 35 * MSS
    cc.cwnd = 35 * MSS
    cc.on_ack(2 * MSS, 1, cc.cwnd, 9000000, RTT)
    assert cc.k == 0 and cc.window(0) == 35 * MSS


def test_cubic_does_not_count_unused_time():
    """§5.8: a window that the program leaves unused does not grow in one jump afterwards."""
    cc = avoiding(50)
    cc.on_ack(2 * MSS, 1, 50 * MSS, 1000000, RTT)
    for i in range(100):
        cc.on_ack(MSS, 1, MSS, 1000000 + i * RTT, RTT)
    before = cc.cwnd
    cc.on_ack(2 * MSS, 1, 50 * MSS, 1000000 + 100 * RTT, RTT)
    assert cc.cwnd - before < MSS


def test_cubic_undo():
    """§4.9: the function goes on as if nothing had been."""
    cc = avoiding(70, 100)
    round_trip(cc, 1000000)
    before = (cc.cwnd, cc.ssthresh, cc.w_max, cc.k, cc.window(5000))
    cc.on_timeout(3000000, False)
    cc.undo()
    assert (cc.cwnd, cc.ssthresh, cc.w_max, cc.k, cc.window(5000)) == before


def test_reno():
    """RFC 5681 §3.1 and §3.2: a segment more in each round trip, half after a loss."""
    cc = NewReno(MSS)
    cc.cwnd = 40 * MSS
    cc.on_loss(0)
    cc.on_recovered()
    assert cc.cwnd == cc.ssthresh == 20 * MSS
    for _ in range(5):
        before = cc.cwnd
        for _ in range(before // (2 * MSS) + 1):
            cc.on_ack(2 * MSS, 1, cc.cwnd, 0, RTT)
        assert cc.cwnd == before + MSS
