# Frostnet: tests of the retransmission time-out
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp import rto


class C:
    pass


def fresh():
    c = C()
    c.srtt = c.rttvar = c.backoff = 0
    c.rto = rto.INITIAL
    c.min_rtt = 1 << 61
    c.sack_ok = False
    return c


def test_before_the_first_sample():
    """RFC 6298 §2.1: 1 s."""
    assert fresh().rto == 1000000


def test_first_sample():
    """§2.2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR."""
    c = fresh()
    rto.sample(c, 300000)
    assert c.srtt >> 3 == 300000 and c.rttvar >> 2 == 150000
    assert c.rto == 300000 + 4 * 150000


def test_later_samples_follow_the_formulas():
    """§2.3, against the same in floating point."""
    c = fresh()
    srtt = rttvar = 0.0
    for i, r in enumerate((100000, 140000, 90000, 500000, 100000, 100000, 7, 1000000, 250000)):
        rto.sample(c, r)
        if i:
            rttvar = 0.75 * rttvar + 0.25 * abs(srtt - r)
            srtt = 0.875 * srtt + 0.125 * r
        else:
            srtt, rttvar = r, r / 2
        assert abs((c.srtt >> 3) - srtt) < 10, (i, c.srtt >> 3, srtt)
        assert abs((c.rttvar >> 2) - rttvar) < 10
        assert abs(c.rto - srtt - max(200000, 4 * rttvar)) < 60


def test_bounds():
    """§2.4 (200 ms beyond the round trip) and §2.5 (60 s)."""
    c = fresh()
    for _ in range(100):
        rto.sample(c, 1)
    assert 200000 <= c.rto <= 200010
    rto.sample(c, 0)
    rto.sample(c, 400000000)
    assert c.rto == 60000000


def test_back_off_doubles_and_a_sample_ends_it():
    """§5.5, and §5.7 on what comes after."""
    c = fresh()
    seen = []
    for _ in range(8):
        rto.back_off(c)
        seen.append(c.rto // 1000000)
    assert seen == [2, 4, 8, 16, 32, 60, 60, 60] and c.backoff == 8
    rto.sample(c, 50000)
    assert c.rto == 250000 and c.backoff == 0


def test_progress_without_a_sample_takes_doublings_back():
    c = fresh()
    rto.sample(c, 100000)
    for _ in range(4):
        rto.back_off(c)
    assert c.rto == 16 * 300000
    seen = []
    while c.backoff:
        rto.ease_off(c, False)
        seen.append(c.rto)
    assert seen == [8 * 300000, 4 * 300000, 2 * 300000, 300000]


def test_progress_that_shows_a_lost_ack_ends_the_back_off():
    """RFC 6298 §5.5: the doublings were for a round trip that might have grown; it did not."""
    for samples, want in ((0, 1000000), (1, 300000)):
        c = fresh()
        for _ in range(samples):
            rto.sample(c, 100000)
        for _ in range(5):
            rto.back_off(c)
        rto.ease_off(c, True)
        assert c.backoff == 0 and c.rto == c.pto == want
