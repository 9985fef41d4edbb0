# Frostnet: tests of TCP: timestamps: echo, and old duplicates
# MIT license; Copyright (c) 2026 The Frostnet authors

from tcpbench import Seg, listen
from simwire import Rng

MSS = 1448
DATA = bytes(i * 11 % 253 for i in range(70000))
START = 0xFFFFFFF0  # the peer's clock wraps soon
DAY = 86400 * 1000000


def stamped(start=START, **options):
    """Established with timestamps; the peer's clock shows `start`."""
    b = listen(**options)
    b.rx("S", 0, mss=1460, ts=(start, 0), options=b"\x04\x02\x01\x01")
    (got,) = b.sent()
    assert got.ts[1] == start & 0xFFFFFFFF
    b.rx("A", 1, 1, ts=(start, got.ts[0]))
    b.c = b.listener.accept()
    assert b.state == "ESTABLISHED"
    b.silent()
    return b


def recent(b):
    return (b.c.ts_recent - START) & 0xFFFFFFFF


def test_every_segment_has_timestamps():
    """RFC 7323 §3.2: once agreed, all but resets must."""
    b = stamped()
    b.write(DATA[:5000])
    b.rx("A", 1, 1, b"data", ts=(START + 1, 0))
    b.run(3000000)
    b.c.shutdown()
    b.rx("FA", 5, 1, ts=(START + 1, 0))
    segs = b.sent()
    assert len(segs) > 6
    for s in segs:
        assert s.ts, s
        assert s.ts[0] <= (b.now // 1000 + b.c.ts_offset) & 0xFFFFFFFF
    assert segs[-1].ts[1] == (START + 1) & 0xFFFFFFFF


def test_our_clock_ticks_in_milliseconds():
    """RFC 7323 §5.4: between 1 ms and 1 s."""
    b = stamped()
    b.write(b"a")
    (first,) = b.sent()
    b.rx("A", 1, 2, ts=(START, first.ts[0]))
    b.run(7000)
    b.write(b"b")
    (second,) = b.sent()
    assert (second.ts[0] - first.ts[0]) & 0xFFFFFFFF == 7


def test_echo_is_that_of_the_segment_that_was_acknowledged_last():
    """RFC 7323 §4.3: of several segments that one ACK answers the first counts (A), and one that
    overtook another does not (B), but the one that fills the hole does (C)."""
    b = stamped()
    for i in range(3):
        b.inject(b.segment("A", 1 + 10 * i, 1, b"0123456789", ts=(START + 1 + i, 0)))
    b.poll()
    (ack,) = b.sent()
    assert ack.ack == 31 and recent(b) == 1 and ack.ts[1] == (START + 1) & 0xFFFFFFFF
    b.rx("A", 41, 1, b"later", ts=(START + 20, 0))
    (ack,) = b.sent()
    assert ack.ack == 31 and recent(b) == 1
    b.rx("A", 31, 1, b"0123456789", ts=(START + 9, 0))
    (ack,) = b.sent()
    assert ack.ack == 46 and recent(b) == 9


def test_echo_in_a_batch_of_pure_acks():
    """Pure ACKs do not move what is expected: the newest counts."""
    b = stamped()
    b.c.cc.cwnd = 1 << 20
    b.write(DATA[: 10 * MSS])
    first = b.sent()[0].ts[0]
    for i in range(1, 9):
        b.inject(b.segment("A", 1, 1 + i * MSS, ts=(START + i, first + i)))
    assert b.tcp._batch.c is b.c
    b.poll()
    assert recent(b) == 8 and b.c.tsecr == (first + 8) & 0xFFFFFFFF
    assert b.c.snd_una == b.iss + 1 + 8 * MSS


def test_old_duplicate_is_dropped_and_answered():
    """RFC 7323 §5.3 R1: in the window, but too old."""
    b = stamped()
    b.rx("A", 1, 1, b"abc", ts=(START + 5, 0))
    b.sent()
    b.rx("A", 4, 1, b"OLD", ts=(START + 4, 0))
    b.expect(Seg("A", 1, 4))
    assert b.read() == b"abc" and b.counters.tcp_drop_paws == 1 and recent(b) == 5
    b.rx("A", 4, 1, b"new", ts=(START + 5, 0))
    assert b.read() == b"new", "the same timestamp is not older"


def test_old_duplicate_ack_is_dropped():
    b = stamped()
    b.rx("A", 1, 1, b"abc", ts=(START + 5, 0))
    b.write(b"mine")
    b.sent()
    b.rx("A", 4, 5, ts=(START - 1000, 0))
    assert b.c.snd_una == b.iss + 1 and b.counters.tcp_drop_paws == 1
    assert len(b.sent()) == 1
    for _ in range(20):
        b.rx("A", 4, 5, ts=(START - 1000, 0))
    b.silent()  # RFC 5961 §7: such answers are limited
    assert b.counters.tcp_drop_paws == 21


def test_old_duplicate_in_a_batch_is_dropped():
    """What header prediction expects is checked as well (fast.py)."""
    b = stamped()
    feed = [(0, 5), (1, 6), (2, 7), (3, 4), (3, 7)]
    for k, stamp in feed:
        piece = DATA[k * MSS : k * MSS + MSS] if stamp != 4 else bytes(MSS)
        b.inject(b.segment("A", 1 + k * MSS, 1, piece, ts=(START + stamp, 0)))
    b.poll()
    assert b.counters.tcp_drop_paws == 1 and b.read() == DATA[: 4 * MSS]


def test_the_peers_clock_wraps():
    b = stamped(0xFFFFFFFE)
    at = 1
    for i in range(6):
        b.rx("A", at, 1, b"0123", ts=(0xFFFFFFFE + i, 0))
        at += 4
        assert b.sent()[-1].ts[1] == (0xFFFFFFFE + i) & 0xFFFFFFFF
    assert b.read() == b"0123" * 6 and b.counters.tcp_drop_paws == 0


def test_after_24_days_the_clock_may_have_wrapped():
    """RFC 7323 §5.5: a connection that was idle for so long believes the peer again."""
    for days, taken in ((23, False), (24, True)):
        b = stamped()
        b.now += days * DAY
        b.rx("A", 1, 1, b"abc", ts=(START - 5, 0))
        assert (b.read() == b"abc") == taken, days
        b.raw = []
        assert (b.c.ts_recent == START - 5) == taken


def test_segment_without_timestamps():
    """RFC 7323 §3.2: dropped in silence; but resets end it, and a SYN is challenged."""
    b = stamped()
    b.rx("A", 1, 1, b"abc")
    b.rx("FA", 1, 1)
    b.silent()
    assert b.counters.tcp_drop_no_ts == 2 and b.state == "ESTABLISHED" and not b.c.available()
    b.rx("S", 7)
    b.expect(Seg("A", 1, 1))
    b.rx("R", 1)
    assert b.state == "CLOSED" and b.c.error == 104


def test_resets_are_exempt():
    """RFC 7323 §5.2: however old."""
    b = stamped()
    b.rx("A", 1, 1, b"abc", ts=(START + 50, 0))
    b.rx("RA", 4, 1, ts=(START - 9999, 0))
    assert b.state == "CLOSED"


def test_out_of_window_segments_do_not_set_the_echo():
    """RFC 7323 §5.3 R2 before R3."""
    b = stamped()
    b.rx("A", 70000, 1, b"far", ts=(START + 50, 0))
    b.rx("A", -5, 1, b"old", ts=(START + 50, 0))
    assert recent(b) == 0


def test_option_in_an_unusual_place_is_read():
    """RFC 7323 appendix A only recommends where it stands."""
    b = stamped()
    late = b"\x08\x0a\x00\x00\x00\x05" + b"\x00\x00\x00\x00" + b"\x01\x01"
    b.rx("A", 1, 1, b"abc", options=late)
    b.rx("A", 4, 1, b"def", ts=(4, 0))
    assert b.read() == b"abc" and b.counters.tcp_drop_paws == 1 and b.c.ts_recent == 5


def test_property_batch_equals_one_by_one():
    """The same segments with timestamps, some old, lost or repeated, in batches or singly: data,
    numbers and what is echoed are the same if no ACK was sent between them."""
    rng = Rng(6)
    for _ in range(40):
        segments = []
        at = 1
        stamp = START
        for _ in range(25):
            n = (0, 1, 100, MSS)[rng.below(4)]
            stamp += rng.below(3)
            old = 3 if rng.below(10) == 0 else 0
            segments.append(("A", at, 1, DATA[at - 1 : at - 1 + n], stamp - old))
            at += 0 if old and rng.below(2) else n
            if rng.below(8) == 0:
                segments.append(segments[rng.below(len(segments))])
        ends = []
        for together in (False, True):
            b = stamped()
            for flags, seq, ack, data, ts in segments:
                b.inject(b.segment(flags, seq, ack, data, ts=(ts, 0)))
                if not together:
                    b.tcp._batch.c and b.tcp._batch.finish()
            b.poll()
            b.sent()
            c = b.c
            ends.append((c.rcv_nxt, c.ts_recent, b.counters.tcp_drop_paws, b.read()))
        assert ends[0] == ends[1], segments
