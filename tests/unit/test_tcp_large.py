# Frostnet: tests of TCP with a device that cuts segments, or joins them
# MIT license; Copyright (c) 2026 The Frostnet authors

from tcpbench import ME, PEER, Seg, established

DATA = bytes(i % 251 for i in range(200000))
MSS = 1460
IP_MAX = 65535
MOST = (IP_MAX - 40) // MSS * MSS


def ready(cwnd=1 << 20, wnd=65535, sndbuf=200000, **options):
    """Established with a card that cuts, and congestion control out of the way."""
    b = established(wnd=wnd, tso=IP_MAX, **options)
    b.c.cc.cwnd = cwnd
    b.c.tx.limit = sndbuf
    b.c.rto = b.c.pto = 1000000
    return b


def seg(at, n, flags="A"):
    return Seg(flags, 1 + at, 1, DATA[at : at + n])


def test_one_send_has_as_many_whole_segments_as_fit():
    b = ready()
    b.c.snd_wnd = 150000
    b.write(DATA[: 2 * MOST])
    b.expect(seg(0, MOST), seg(MOST, MOST, "PA"))
    assert b.c.snd_nxt == b.c.snd_max == b.iss + 1 + 2 * MOST
    # They count as what the network sees.
    assert b.counters.tcp_tx == 1 + 2 * MOST // MSS


def test_windows_hold_for_large_segments():
    """RFC 9293 §3.8.6 and RFC 5681 §3.1: the peer's window, and ours, whole segments of them."""
    b = ready(wnd=20000)
    b.write(DATA[:50000])
    b.expect(seg(0, 13 * MSS))
    b = ready(cwnd=10 * MSS + 7)
    b.write(DATA[:50000])
    b.expect(seg(0, 10 * MSS))
    b.rx("A", 1, 1 + 4 * MSS)
    assert b.c.cc.cwnd > 10 * MSS
    for got in b.sent():
        assert len(got.data) % MSS == 0


def test_the_small_rest_waits_for_nagle():
    """RFC 9293 §3.7.4: no second small segment while one is on its way."""
    b = ready()
    b.write(DATA[: 2 * MSS + 100])
    b.expect(seg(0, 2 * MSS + 100, "PA"))  # the first small one may go
    b.write(DATA[2 * MSS + 100 : 5 * MSS])
    at = 2 * MSS + 100
    b.expect(seg(at, 2 * MSS))
    b.rx("A", 1, 1 + at)
    b.expect(seg(at + 2 * MSS, MSS - 100, "PA"))
    b = ready()
    b.c.nodelay = True
    b.write(DATA[: 2 * MSS + 100])
    b.write(DATA[at : at + 2 * MSS + 100])
    b.expect(seg(0, at, "PA"), seg(at, at, "PA"))


def test_the_fin_goes_with_the_last_data():
    b = ready()
    b.c.cc.cwnd = MSS  # hold it back, to have both at once
    b.write(DATA[: 3 * MSS + 10])
    b.c.shutdown()
    b.sent()
    b.c.cc.cwnd = 1 << 20
    b.rx("A", 1, 1 + MSS)
    b.expect(Seg("FPA", 1 + MSS, 1, DATA[MSS : 3 * MSS + 10]))


def test_what_is_lost_is_sent_again_in_segments():
    """RFC 6675, RFC 8985: one lost segment out of a large one is one segment again."""
    b = ready()
    c = b.c
    c.sack_ok = True
    c.snd_wnd = c.max_wnd = 65535
    b.write(DATA[: 30 * MSS])
    b.expect(seg(0, 30 * MSS, "PA"))
    cwnd = c.cc.cwnd = 30 * MSS
    b.now += 5000
    # The second segment is missing; the peer has the rest.
    sack = b"\x01\x01\x05\x0a" + b"".join(
        (b.iss + n & 0xFFFFFFFF).to_bytes(4, "big") for n in (1 + 2 * MSS, 1 + 30 * MSS)
    )
    b.rx("A", 1, 1 + MSS, options=sack)
    b.expect(seg(MSS, MSS))
    assert b.counters.tcp_retransmit == 1 and b.counters.tcp_fast_retransmit == 1
    b.rx("A", 1, 1 + 30 * MSS)
    b.silent()
    assert c.cc.cwnd <= cwnd and not c.dupacks and c.flight is None


def test_slow_start_counts_bytes_not_sends():
    """RFC 3465 §2.2: one ACK for all of it counts, within the limit of RFC 9406 §4.2."""
    b = established(tso=IP_MAX)
    c = b.c
    before = c.cc.cwnd
    b.write(DATA[:60000])
    sent = b.sent()
    assert sum(len(s.data) for s in sent) == before
    b.rx("A", 1, 1 + before)
    assert c.cc.cwnd == before + 8 * MSS


def test_a_device_with_another_route_gets_small_segments():
    """The path may change between the decision and the buffer."""
    b = ready()
    b.c.path.csum = False
    b.write(DATA[: 3 * MSS])
    assert not b.sends
    assert [len(s.data) for s in b.sent()] == [MSS, MSS, MSS]


def test_a_joined_segment_is_acknowledged_at_once():
    """RFC 9293 §3.8.6.3: an ACK for at least every second full-sized segment."""
    b = established()
    b.c.quick = 0
    b.c.heard = b.now
    b.rx("A", 1, 1, DATA[:MSS])
    b.silent()  # one alone may wait
    b.run(100000)
    b.expect(Seg("A", 1, 1 + MSS))
    b.c.quick = 0
    b.c.heard = b.now
    # As header prediction takes it, as the second one of a poll, and with a flag that is unusual.
    b.rx("PA", 1 + MSS, 1, DATA[MSS : 12 * MSS])
    b.expect(Seg("A", 1, 1 + 12 * MSS))
    b.inject(b.segment("A", 1 + 12 * MSS, 1, wnd=60000))
    b.inject(b.segment("A", 1 + 12 * MSS, 1, wnd=60001))
    b.inject(b.segment("A", 1 + 12 * MSS, 1, DATA[12 * MSS : 14 * MSS]))
    b.poll()
    b.expect(Seg("A", 1, 1 + 14 * MSS))
    b.rx("PAU", 1 + 14 * MSS, 1, DATA[14 * MSS : 20 * MSS])
    b.expect(Seg("A", 1, 1 + 20 * MSS))
    assert b.read() == DATA[: 20 * MSS]


def unsummed(b, *args):
    raw = b.segment(*args)
    raw[16] ^= 0x55  # as the pseudo-header's sum would be
    return raw


def feed(b, raw, checked):
    frame = memoryview(bytes(34) + raw + bytes(8))
    b.tcp.input(None, frame, 34, 34 + len(raw), PEER, ME, checked)


def test_only_what_the_device_answers_for_needs_no_checksum():
    """RFC 9293 §3.1: every other segment is checked, in each of the ways in."""
    b = established()
    data = DATA[:40000]
    # Each of these but the last takes another way: predicted, in the same batch, unusual.
    feed(b, unsummed(b, "A", 1, 1, data[:20000]), True)
    feed(b, b.segment("A", 20001, 1, data[20000:20100]), False)
    feed(b, unsummed(b, "A", 20101, 1, data[20100:20200]), True)
    feed(b, unsummed(b, "A", 20201, 1, data[20200:20300]), False)
    assert b.counters.tcp_drop_checksum == 1
    feed(b, unsummed(b, "PAE", 20201, 1, data[20200:20300]), False)
    assert b.counters.tcp_drop_checksum == 2
    feed(b, unsummed(b, "PAU", 20201, 1, data[20200:40000]), True)
    feed(b, unsummed(b, "A", 40001, 1, b"x"), False)
    assert b.counters.tcp_drop_checksum == 3
    b.poll()
    assert b.read() == data
