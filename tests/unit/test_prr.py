# Frostnet: tests of proportional rate reduction
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.prr import Rate

MSS = 1000


def play(flight, ssthresh, lost, app_limited=False):
    """One recovery: an ACK for each segment that was not lost; bytes sent after each of them."""
    rate = Rate(flight * MSS, flight * MSS)
    out = 0
    pipe = (flight - lost) * MSS
    sent = []
    for _ in range(flight - lost):
        pipe -= MSS
        cwnd = rate.window(MSS, out, pipe, ssthresh * MSS, MSS)
        n = 0
        while cwnd - pipe >= MSS and not app_limited:
            pipe += MSS
            out += MSS
            n += 1
        sent.append(n)
    return sent, pipe // MSS


def test_proportional_part():
    """RFC 6937 §3: sending is spread over the round trip, seven segments for ten ACKs."""
    sent, pipe = play(20, 14, 1)
    assert sum(sent) in (13, 14) and pipe <= 14
    assert max(sent) == 1, "no burst"
    assert sum(sent[:10]) >= 6, "and no silent half"


def test_reduction_bound():
    """§3, SSRB: heavy losses left less than ssthresh: grow to it, at most one more per ACK."""
    sent, pipe = play(20, 14, 15)
    assert max(sent) <= 2 and sum(sent) == 10, sent
    sent, pipe = play(20, 2, 15)
    assert pipe <= 2


def test_first_retransmission_always_goes():
    """§3: the fast retransmission, even if the window asks for less."""
    rate = Rate(20 * MSS, 20 * MSS)
    assert rate.window(0, 0, 19 * MSS, 2 * MSS, MSS) == 20 * MSS


def test_never_below_the_pipe():
    rate = Rate(20 * MSS, 20 * MSS)
    assert rate.window(0, 5 * MSS, 19 * MSS, 2 * MSS, MSS) == 19 * MSS


def test_what_the_flight_is_short_of_the_window():
    """A batch of ACKs was taken in, and nothing sent for it yet: docs/tcp.md."""
    rate = Rate(5 * MSS, 20 * MSS)
    assert rate.delivered == 15 * MSS and rate.flight == 20 * MSS
    assert rate.window(MSS, 0, 3 * MSS, 14 * MSS, MSS) == 14 * MSS


def test_empty_flight():
    assert Rate(0, 0).window(0, MSS, 0, 0, MSS) == 0
