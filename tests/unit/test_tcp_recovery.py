# Frostnet: tests of TCP: recovery from losses
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from tcpbench import Seg, listen

MSS = 1460
DATA = bytes(i * 7 % 253 for i in range(200000))
RTT = 100000


def block(b, *blocks):
    """A SACK option as the peer writes it; numbers count our bytes from 0."""
    raw = struct.pack(">BBBB", 1, 1, 5, 2 + 8 * len(blocks))
    for left, right in blocks:
        raw += struct.pack(
            ">II", (b.iss + 1 + left) & 0xFFFFFFFF, (b.iss + 1 + right) & 0xFFFFFFFF
        )
    return raw


class Path:
    """An established connection over a way of 100 ms; what we send is numbered in segments."""

    def __init__(self, sack=True, ts=False, cwnd=100, wnd=65535, **options):
        self.b = b = listen(**options)
        self.ts = ts
        self.mss = MSS - 12 if ts else MSS
        self.clock = 1
        extra = b"\x04\x02\x01\x01" if sack else b""
        b.rx("S", 0, mss=MSS, wnd=wnd, options=extra, ts=(1, 0) if ts else None)
        echo = b.sent()[0].ts
        b.run(RTT)
        b.rx("A", 1, 1, wnd=wnd, ts=(1, echo[0]) if ts else None)
        b.c = self.c = b.listener.accept()
        self.c.cc.cwnd = cwnd * self.mss
        self.wnd = wnd

    def write(self, segments):
        """The program writes so many segments; return those that leave, as (first, last)."""
        assert self.b.write(DATA[: segments * self.mss]) == segments * self.mss
        return self.sent()

    def sent(self):
        """The numbers of the segments that were sent."""
        out = []
        for s in self.b.sent():
            if s.data:
                assert (s.seq - 1) % self.mss == 0 and len(s.data) == self.mss, s
                out.append((s.seq - 1) // self.mss)
                if s.ts:
                    self.clock = s.ts[0]
        return out

    def ack(self, una, *blocks, echo=None):
        """An ACK up to segment `una` with SACK blocks, in segments; what is sent for it."""
        options = b""
        if blocks:
            options = block(self.b, *[(a * self.mss, z * self.mss) for a, z in blocks])
        ts = (2, self.clock if echo is None else echo) if self.ts else None
        self.b.rx("A", 1, 1 + una * self.mss, wnd=self.wnd, options=options, ts=ts)
        return self.sent()

    def run(self, us):
        self.b.run(us)
        return self.sent()

    @property
    def state(self):
        return self.c.rec.state if self.c.rec else 0


def test_three_sacked_segments_show_a_loss():
    """RFC 6675 §5, RFC 8985 §6.2: DupThresh; only what is missing is sent again, once."""
    p = Path()
    assert p.write(10) == list(range(10))
    p.run(RTT)
    assert p.ack(2) == []
    assert p.ack(2, (3, 4)) == []
    assert p.ack(2, (3, 5)) == []
    assert p.ack(2, (3, 6)) == [2] and p.state == 1
    assert p.ack(2, (3, 7)) == [] and p.ack(2, (3, 10)) == []
    p.run(RTT)
    assert p.ack(10) == [] and p.state == 0 and not p.c.dupacks and p.c.flight is None
    assert p.b.counters.tcp_retransmit == 1 and p.b.counters.tcp_fast_retransmit == 1


def test_two_holes_are_filled_in_one_round_trip():
    """RFC 6675 §5: NextSeg rule 1. Without SACK it would take one round trip for each."""
    p = Path()
    p.write(12)
    p.run(RTT)
    assert p.ack(0, (1, 3)) == []
    assert p.ack(0, (5, 7), (1, 3)) == [0, 3, 4]
    assert p.ack(0, (5, 12), (1, 3)) == []


def test_limited_transmit():
    """RFC 3042: each of the first two duplicate ACKs lets a new segment out, not more."""
    for sack in (True, False):
        p = Path(sack=sack, cwnd=5)
        assert p.write(12) == [0, 1, 2, 3, 4]
        p.run(RTT)
        p.c.rto = p.c.pto = 10000000
        assert p.ack(0, *[(1, 2)] if sack else ()) == [5]
        assert p.ack(0, *[(1, 3)] if sack else ()) == [6]
        assert p.ack(0, *[(1, 4)] if sack else ())[0] == 0


def test_window_comes_down_with_the_flight():
    """RFC 6937 §3: about beta of what arrives is sent, so that no half round trip is silent."""
    p = Path(cwnd=20)
    p.write(40)
    p.c.srtt = 2 * RTT << 3  # a queue has built up
    p.run(RTT)
    out = p.ack(0, (1, 4))
    assert out[0] == 0
    ssthresh = p.c.cc.ssthresh
    assert ssthresh == 20 * MSS * 7 // 10
    for i in range(5, 21):
        more = p.ack(0, (1, i))
        assert len(more) <= 1
        out += more
    assert 12 <= len(out) <= 15, out
    assert p.c.cc.cwnd <= ssthresh + MSS
    p.run(RTT)
    p.ack(20)
    assert p.state == 0 and ssthresh <= p.c.cc.cwnd <= ssthresh + MSS


def test_no_queue_smaller_reduction():
    """A loss while round trips are as short as ever: docs/tcp.md."""
    p = Path(cwnd=20)
    p.write(20)
    p.run(RTT)
    p.ack(0, (1, 4))
    assert p.c.cc.ssthresh == 20 * MSS * 4 // 5


def test_lost_retransmission_is_found():
    """RFC 8985 §1: what was sent after the retransmission has arrived."""
    p = Path(cwnd=10)
    p.write(40)
    p.run(RTT)
    assert p.ack(0, (1, 4))[0] == 0
    p.run(1000)
    p.ack(0, (1, 10))
    assert p.c.snd_max > p.c.snd_una + 10 * MSS, "new data followed"
    p.run(RTT - 1000)
    assert 0 in p.ack(0, (1, 11))
    assert p.b.counters.tcp_fast_retransmit == 1


def test_reordering_widens_the_window():
    """RFC 8985 §6.2 steps 3 and 4: once there was reordering, a quarter of the round trip."""
    p = Path()
    p.write(8)
    p.run(RTT)
    p.ack(0, (1, 2))
    assert p.ack(2) == [], "0 was only late"
    p.ack(2, (3, 4))
    p.ack(4)
    assert p.c.rec.rack.reordering
    assert p.ack(4, (5, 8)) == [], "three were SACKed"
    assert p.run(RTT // 4 - 2000) == []
    assert p.run(4000) == [4]


def test_dsack_makes_more_patient():
    """RFC 8985 §6.2 step 4: the reordering window grows with each round of D-SACKs."""
    p = Path()
    p.write(8)
    p.run(RTT)
    assert p.ack(0, (1, 4)) == [0]
    p.ack(8)
    p.ack(8, (0, 1))
    assert p.c.rec.rack.mult == 2


def test_dsack_takes_the_reduction_back():
    """RFC 3708 §2: all that was sent again had arrived."""
    p = Path(cwnd=20)
    p.write(10)
    p.run(RTT)
    assert p.ack(0, (3, 6)) == [0, 1, 2]
    assert p.c.cc.ssthresh < 20 * MSS
    p.ack(10)
    assert 0 <= p.c.cc.cwnd - p.c.cc.ssthresh <= MSS
    p.ack(10, (0, 1))
    p.ack(10, (1, 2))
    assert p.b.counters.tcp_spurious == 0
    p.ack(10, (2, 3))
    assert p.b.counters.tcp_spurious == 1
    assert p.c.cc.cwnd == 20 * MSS and p.c.cc.ssthresh > 1 << 20 and not p.c.dupacks


def test_dsack_of_something_else_takes_nothing_back():
    """A forged or unrelated D-SACK: not of what recovery sent again."""
    p = Path(cwnd=20)
    p.write(10)
    p.run(RTT)
    p.ack(2)
    assert p.ack(2, (3, 6)) == [2]
    p.ack(10)
    p.ack(10, (0, 2))
    assert p.b.counters.tcp_spurious == 0


def test_spurious_time_out():
    """RFC 3522: the ACK echoes the original's timestamp: window and flight are as before."""
    p = Path(ts=True, cwnd=20)
    p.write(10)
    first = p.clock
    out = p.run(5 * RTT)
    assert 0 in out or 9 in out
    while p.state != 2:
        out = p.run(RTT)
    assert p.c.cc.cwnd == p.mss
    p.ack(4, echo=first)
    assert p.b.counters.tcp_spurious == 1
    assert p.c.cc.cwnd >= 20 * p.mss and p.c.flight.lost == 0


def test_time_out_is_no_mistake():
    """The echo is that of the retransmission."""
    p = Path(ts=True, cwnd=20)
    p.write(3)
    while p.state != 2:
        p.run(RTT)
    p.run(RTT)
    p.ack(1)
    assert p.b.counters.tcp_spurious == 0 and p.c.cc.cwnd < 4 * p.mss


def test_an_echo_from_before_is_no_round_trip():
    """RFC 6298 §3: the ACK of a retransmission got lost; its duplicate's ACK echoes the first."""
    p = Path(ts=True, sack=True)
    p.write(1)
    p.run(RTT)
    early = p.clock
    p.b.run(30000000)
    p.b.sent()
    p.ack(1, (0, 1), echo=early)
    assert p.c.srtt >> 3 < 2 * RTT


def backed_off(**options):
    """One segment is on its way, and was sent again several times."""
    p = Path(**options)
    p.write(1)
    early = p.clock
    while p.c.backoff < 3:
        p.run(RTT)
    p.run(RTT)
    return p, early


def test_a_lost_ack_ends_the_back_off():
    """RFC 6298 §5.7, RFC 2883: the ACK tells that the data came twice, so one before was lost.
    Without timestamps it could as well be late: then one doubling goes."""
    p, early = backed_off(ts=True)
    p.ack(1, (0, 1), echo=early)
    assert p.c.backoff == 0 and p.c.rto < 4 * RTT
    p, early = backed_off()
    p.ack(1, (0, 1))
    assert p.c.backoff == 2 and p.c.rto > 10 * RTT


def test_a_round_trip_that_grew_keeps_the_back_off():
    """RFC 6298 §5.7: the first ACK echoes the original: that is a sample, and a long one."""
    p, early = backed_off(ts=True)
    p.ack(1, echo=early)
    assert p.c.backoff == 0 and p.c.rto > 10 * RTT


def test_time_out_sends_again_what_is_missing():
    """RFC 6298 §5.4, RFC 5681 §3.1: slow start from one segment, but nothing that was SACKed."""
    p = Path(cwnd=20)
    p.write(10)
    p.run(RTT)
    p.ack(0, (5, 6))
    while p.state != 2:
        p.sent()
        p.b.run(50000)
    assert p.c.cc.cwnd == MSS
    p.sent()
    assert p.ack(1, (5, 6)) == [1, 2]
    assert p.ack(3, (5, 6)) in ([3, 4], [3, 4, 6]), "5 is there"


def test_reneging():
    """RFC 2018 §8: after a time-out what was SACKed may be gone; the first one shows it."""
    p = Path(cwnd=20)
    p.write(4)
    p.run(RTT)
    p.ack(0, (1, 4))
    p.ack(1)
    p.b.run(10000000)
    p.b.sent()
    assert p.c.flight.sacked == 0 and p.state == 2
    assert p.b.counters.tcp_retransmit > 2


def test_tail_loss_probe():
    """RFC 8985 §7.3: the last segment again after two round trips, long before a time-out."""
    p = Path()
    p.c.rto, p.c.pto = 3000000, 2 * RTT
    p.write(5)
    p.run(RTT)
    p.ack(2)
    assert p.run(2 * RTT - 1000) == []
    assert p.run(2000) == [4] and p.b.counters.tcp_tail_probe == 1
    p.run(RTT)
    assert p.ack(2, (4, 5)) == [2, 3], "3 and 4 were lost, the probe shows it"
    p.run(RTT)
    p.ack(5)
    assert p.state == 0 and not p.c.dupacks


def test_tail_loss_probe_sends_what_is_new():
    """RFC 8985 §7.3: rather than old data; one segment more than cwnd allows."""
    p = Path(cwnd=4)
    p.c.rto, p.c.pto = 3000000, 2 * RTT
    assert p.write(8) == [0, 1, 2, 3]
    assert p.run(2 * RTT + 1000) == [4]
    assert p.run(2 * RTT + 1000) == [], "one probe only"


def test_probe_that_repaired_the_loss_costs_window():
    """RFC 8985 §7.4.2: nobody saw the loss but the probe."""
    p = Path(cwnd=20)
    p.c.rto, p.c.pto = 3000000, 2 * RTT
    p.write(3)
    p.run(RTT)
    p.ack(2)
    assert p.run(4 * RTT) == [2]
    p.run(RTT)
    p.ack(3)
    assert p.c.cc.ssthresh > 1 << 20, "not known yet"
    p.write(2)
    p.run(RTT)
    p.ack(5)
    assert p.c.cc.ssthresh <= 20 * MSS * 4 // 5


def test_probe_that_was_not_needed():
    """RFC 8985 §7.4.2: a D-SACK tells that the original had arrived."""
    p = Path(cwnd=20)
    p.c.rto, p.c.pto = 3000000, 2 * RTT
    p.write(3)
    p.run(RTT)
    p.ack(2)
    p.run(4 * RTT)
    p.ack(3)
    p.ack(3, (2, 3))
    p.write(2)
    p.run(RTT)
    p.ack(5)
    assert p.c.cc.ssthresh > 1 << 20 and not p.c.dupacks


def test_no_probe_without_sack():
    """RFC 8985 §7.1: the probe's ACK would say nothing."""
    p = Path(sack=False)
    p.c.srtt = RTT << 3
    p.write(3)
    assert p.c.pto == p.c.rto
    p.run(2 * RTT)
    assert p.b.counters.tcp_tail_probe == 0


def test_newreno_without_sack():
    """RFC 6582 §3.2: each partial ACK shows the next hole."""
    p = Path(sack=False, cwnd=20)
    p.write(10)
    p.run(RTT)
    p.ack(0)
    p.ack(0)
    assert p.ack(0) == [0]
    p.ack(0)
    p.run(RTT)
    assert p.ack(3) == [3] and p.state == 1
    p.run(RTT)
    p.ack(10)
    assert p.state == 0 and p.c.flight is None
    assert 0 <= p.c.cc.cwnd - p.c.cc.ssthresh <= MSS


def test_duplicates_after_a_time_out_are_no_new_loss():
    """RFC 6582 §3.2 step 1: not before `recover` is acknowledged."""
    p = Path(sack=False, cwnd=20)
    p.write(6)
    p.run(10 * RTT)
    p.sent()
    before = p.b.counters.tcp_fast_retransmit
    for _ in range(6):
        p.ack(1)
    assert p.b.counters.tcp_fast_retransmit == before


def test_hostile_blocks():
    """Reversed, empty, below, above, across 2**31: nothing is believed, nothing breaks."""
    p = Path()
    p.write(10)
    p.run(RTT)
    b = p.b
    c = p.c
    for left, right in ((5, 5), (6, 3), (8, 40), (1 << 30, 1 << 31), (-1, 3), (0, 1 << 31)):
        raw = block(b, (left * MSS, right * MSS), (left * MSS, right * MSS))
        b.rx("A", 1, 1, options=raw)
    assert c.flight.sacked in (0, 3 * MSS) and b.state == "ESTABLISHED"
    assert b.counters.tcp_sack_bad > 5
    b.sent()
    p.ack(10)
    assert c.flight is None and not c.dupacks


def test_idle_restart():
    """RFC 5681 §4.1: after a time-out's idleness no more than ten segments at once."""
    p = Path(cwnd=30)
    p.write(30)
    p.run(RTT)
    p.ack(30)
    p.run(60000000)
    p.c.cc.cwnd = 30 * MSS
    assert p.b.write(DATA[: 30 * MSS]) == 30 * MSS
    assert len(p.b.sent()) == 10


def test_fin_is_lost_with_the_data():
    """The FIN is a number like any other: it is sent again where it belongs."""
    p = Path()
    p.write(3)
    p.c.shutdown()
    p.b.expect(Seg("FA", 1 + 3 * MSS, 1))
    p.run(RTT)
    p.b.rx("A", 1, 1 + 2 * MSS)
    p.b.run(10 * RTT)
    got = p.b.sent()
    assert any(s.flags in ("FPA", "FA") for s in got), got
    p.b.rx("A", 1, 2 + 3 * MSS)
    assert p.b.state == "FIN_WAIT_2"
    p.b.run(10000000)
    p.b.silent()
