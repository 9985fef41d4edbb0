# Frostnet: tests of TCP: sending, flow control, retransmission
# MIT license; Copyright (c) 2026 The Frostnet authors

from tcpbench import Bench, Seg, connect, established, fin_wait_1, syn_received, syn_sent

DATA = bytes(i % 251 for i in range(70000))
MSS = 1460


def ready(cwnd=1 << 20, **options):
    """Established, and congestion control out of the way."""
    b = established(**options)
    b.c.cc.cwnd = cwnd
    b.c.rto = b.c.pto = 1000000
    return b


def data(at, n=MSS, flags="A"):
    return Seg(flags, 1 + at, 1, DATA[at : at + n])


def test_data_go_out_in_segments_and_are_pushed():
    """RFC 9293 §3.9.1.2: PSH on the last."""
    b = ready()
    assert b.write(DATA[:4000]) == 4000
    b.expect(data(0), data(MSS), data(2 * MSS, 1080, "PA"))
    b.rx("A", 1, 4001)
    b.silent()
    assert b.c.tx.len == 0 and b.c.room() == 65535
    b.run(10000000)
    b.silent()


def test_never_more_than_the_window():
    """RFC 9293 §3.8.6: nothing beyond snd_una + snd_wnd."""
    b = ready(wnd=3000)
    b.write(DATA[:10000])
    b.expect(data(0), data(MSS))  # 80 bytes are left: silly
    b.rx("A", 1, 1 + MSS, wnd=3000)
    b.expect(data(2 * MSS))
    b.rx("A", 1, 1 + 3 * MSS, wnd=0)
    b.silent()


def test_window_of_an_old_segment_does_not_count():
    """RFC 9293 §3.10.7.4: snd_wl1 and snd_wl2."""
    b = ready()
    b.rx("A", 1, 1, b"new", wnd=5000)
    assert b.c.snd_wnd == 5000
    b.inject(b.segment("A", 1, 1, b"new", wnd=100))
    b.rx("A", 0, 1, b"xn", wnd=200)
    assert b.c.snd_wnd == 5000
    b.rx("A", 4, 1, wnd=300)
    assert b.c.snd_wnd == 300


def test_silly_window_sender():
    """RFC 9293 §3.8.6.2.1: a window smaller than a segment is used from half the largest on."""
    b = ready(wnd=2000)
    b.write(DATA[:5000])
    b.expect(data(0))
    b.rx("A", 1, 1 + MSS, wnd=900)
    b.silent()
    b.rx("A", 1, 1 + MSS, wnd=1000)
    b.expect(data(MSS, 1000))


def test_silly_window_is_overridden_in_time():
    """RFC 9293 §3.8.6.2.1: after a while even a small window is used."""
    b = ready(wnd=4000)
    b.rx("A", 1, 1, wnd=50)
    b.write(DATA[:500])
    b.silent()
    b.run(1000000)
    b.expect(data(0, 50))


def test_nagle():
    """RFC 9293 §3.7.4: one small segment at a time."""
    b = ready()
    b.write(b"a")
    b.expect(Seg("PA", 1, 1, b"a"))
    b.write(b"b")
    b.write(b"c")
    b.silent()
    b.rx("A", 1, 2)
    b.expect(Seg("PA", 2, 1, b"bc"))
    b.write(DATA[:MSS])  # a full segment does not wait
    b.expect(Seg("PA", 4, 1, DATA[:MSS]))


def test_nodelay():
    b = ready()
    b.c.nodelay = True
    b.write(b"a")
    b.write(b"b")
    b.expect(Seg("PA", 1, 1, b"a"), Seg("PA", 2, 1, b"b"))


def test_retransmission_backs_off():
    """RFC 6298 §5: 1 s without a sample, then twice as long each time; R2 ends it."""
    b = ready()
    b.c.rto = b.c.pto = 1000000
    b.write(b"lost")
    b.expect(Seg("PA", 1, 1, b"lost"))
    for wait in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        b.run(wait * 1000000 - 1)
        b.silent()
        b.run(1)
        b.expect(Seg("PA", 1, 1, b"lost"))
    b.run(60000000)
    assert b.state == "CLOSED" and b.c.error == 110
    assert b.now - 1000000 <= 1000000 + 310000000
    assert b.timers.next() is None, "nothing is left behind"


def test_the_neighbour_is_doubted_after_two_retransmissions():
    """RFC 1122 §2.3.2.1: the transport tells the link layer that nothing comes through."""
    b = ready()
    b.c.rto = b.c.pto = 1000000
    b.write(b"lost")
    b.run(1000000)
    assert b.doubts == 0
    b.run(2000000)
    assert b.doubts == 1
    b.sent()


def test_all_outstanding_is_sent_again_from_the_first():
    """After a time-out: one segment, then as ACKs come; what arrived is not sent again."""
    b = ready()
    b.write(DATA[: 4 * MSS])
    b.sent()
    b.run(1100000)
    b.expect(data(0))
    b.rx("A", 1, 1 + 3 * MSS)  # only the first was lost
    b.expect(data(3 * MSS, MSS, "PA"))


def test_karn():
    """RFC 6298 §3: no sample from what was sent twice; the back-off ends step by step."""
    b = ready()
    before = b.c.srtt
    b.write(b"x")
    b.run(1000000)
    b.sent()
    b.run(5000)
    b.rx("A", 1, 2)
    assert b.c.srtt == before and b.c.rto == 1000000
    b.write(b"y")
    b.run(8000)
    b.rx("A", 1, 3)
    assert b.c.backoff == 0 and b.c.rto < 400000


def test_round_trip_is_measured():
    """RFC 6298 §2: the handshake is the first sample."""
    b = syn_sent()
    b.run(30000)
    b.rx("SA", 0, 1, mss=MSS)
    assert b.c.srtt >> 3 == 30000
    assert b.c.rto == 230000


def test_rto_after_a_lost_syn():
    """RFC 6298 §5.7: 3 s; RFC 5681 §3.1: one segment."""
    b = syn_sent()
    b.run(1000000)
    b.expect(Seg("S", 0, mss=MSS))
    b.rx("SA", 0, 1, mss=MSS)
    b.expect(Seg("A", 1, 1))
    assert b.c.rto == 3000000
    b.write(DATA[:5000])
    b.expect(data(0))


def test_syn_backs_off_and_gives_up():
    """RFC 9293 §3.8.3: not before 3 minutes."""
    b = syn_sent()
    begin = b.now
    times = []
    while b.state == "SYN_SENT":
        b.run(1000000)
        if b.sent():
            times.append((b.now - begin) // 1000000)
    assert times == [1, 3, 7, 15, 31, 63, 123], times
    assert b.c.take_error() == 110
    assert 180000000 <= b.now - begin <= 181000000
    assert b.tcp.count == 0


def test_fast_retransmit():
    """RFC 5681 §3.2: on the third duplicate ACK, before the timer."""
    b = ready()
    b.write(DATA[: 6 * MSS])
    b.sent()
    for _ in range(2):
        b.rx("A", 1, 1)
        b.silent()
    b.rx("A", 1, 1)
    b.expect(data(0))
    b.rx("A", 1, 1)
    b.silent()
    assert b.counters.tcp_fast_retransmit == 1
    b.rx("A", 1, 1 + 6 * MSS)
    assert b.c.rec.state == 0 and not b.c.dupacks


def test_partial_ack_shows_the_next_loss():
    """RFC 6582 §3.2: the second hole is filled without waiting."""
    b = ready()
    b.write(DATA[: 8 * MSS])
    b.sent()
    for _ in range(3):
        b.rx("A", 1, 1)
    b.expect(data(0))
    b.rx("A", 1, 1 + 4 * MSS)
    b.expect(data(4 * MSS))
    b.rx("A", 1, 1 + 8 * MSS)
    assert b.c.rec.state == 0 and not b.c.dupacks


def test_no_duplicate_ack():
    """RFC 5681 §2: with data, another window or nothing outstanding it is not one."""
    b = ready()
    for _ in range(5):
        b.rx("A", 1, 1)
    b.silent()
    b.write(DATA[:3000])
    b.sent()
    for i in range(5):
        b.rx("A", 1, 1, wnd=60000 - i)
    b.silent()
    for i in range(5):
        b.rx("A", 1 + i, 1, b"x", wnd=59996)
    assert all(not s.data for s in b.sent())
    assert b.counters.tcp_fast_retransmit == 0


def test_slow_start_and_congestion_avoidance():
    """RFC 5681 §3.1, RFC 6928: ten segments, then more with each ACK."""
    b = established()
    cc = b.c.cc
    assert cc.cwnd == 14600
    b.write(DATA[:65535])
    assert len(b.sent()) == 10
    b.rx("A", 1, 1 + 2 * MSS)
    assert cc.cwnd == 14600 + 2 * MSS
    assert len(b.sent()) == 4
    b.run(3000000)
    assert cc.cwnd == MSS and cc.ssthresh == 12 * MSS * 7 // 10


def test_zero_window_probes():
    """RFC 9293 §3.8.6.1: probes back off, go on as long as the peer answers, and find it open."""
    b = ready(wnd=0)
    b.c.rto = b.c.pto = 1000000
    assert b.write(DATA[:3000]) == 3000
    b.silent()
    begin = b.now
    probes = []
    for _ in range(1000):
        b.run(1000000)
        for s in b.sent():
            assert (s.flags, s.seq, s.data) == ("A", 1, DATA[:1])
            probes.append((b.now - begin) // 1000000)
            b.rx("A", 1, 1, wnd=0)
    assert probes[:6] == [1, 3, 7, 15, 31, 63] and len(probes) > 15, probes
    assert b.state == "ESTABLISHED"
    b.rx("A", 1, 1, wnd=65535)
    b.expect(data(0), data(MSS), data(2 * MSS, 80, "PA"))
    b.rx("A", 1, 3001)
    b.run(200000000)
    b.silent()


def test_probe_that_was_taken():
    """The probed byte is data: an ACK may cover it."""
    b = ready(wnd=0)
    b.write(DATA[:3000])
    b.run(1000000)
    b.expect(Seg("A", 1, 1, DATA[:1]))
    b.rx("A", 1, 2, wnd=5000)
    b.expect(data(1), data(1 + MSS), data(1 + 2 * MSS, 79, "PA"))
    b.rx("A", 1, 3001)
    assert b.c.tx.len == 0 and b.c.rtx_at > 1 << 60 and b.c.persist_at > 1 << 60


def test_probes_without_an_answer_time_out():
    """A peer that is gone is found out: R2."""
    b = ready(wnd=0)
    b.write(b"anybody there?")
    b.run(299000000)
    assert b.state == "ESTABLISHED"
    b.run(62000000)
    assert b.state == "CLOSED" and b.c.error == 110


def test_abandoned_connection_does_not_probe_for_ever():
    """A peer that keeps its window shut (sockstress) holds nothing for ever."""
    b = ready(wnd=0)
    b.write(b"take it")
    b.c.close()
    for _ in range(200):
        b.run(1000000)
        if b.sent():
            b.rx("A", 1, 1, wnd=0)
    assert b.tcp.count == 0 and b.timers.next() is None


def test_shrunk_window():
    """RFC 9293 §3.8.6: the peer takes its window back: no send, no hang."""
    b = ready(wnd=10000)
    b.write(DATA[:10000])
    sent = sum(len(s.data) for s in b.sent())
    b.rx("A", 1, 1 + MSS, wnd=0)
    for _ in range(10):
        b.run(1000000)
    b.sent()
    b.rx("A", 1, 1 + MSS, wnd=60000)
    b.rx("A", 1, 1 + sent, wnd=60000)
    b.rx("A", 1, 10001, wnd=60000)
    assert b.c.tx.len == 0 and b.state == "ESTABLISHED"


def test_fin_follows_the_data():
    """RFC 9293 §3.10.4: CLOSE waits for what was sent."""
    b = ready(wnd=2000)
    b.write(DATA[:3000])
    b.expect(data(0))
    b.c.shutdown()
    b.silent()
    assert b.state == "FIN_WAIT_1"
    b.rx("A", 1, 1 + MSS, wnd=2000)
    b.expect(data(MSS, 1540 - 80), data(2 * MSS, 80, "FPA"))
    b.rx("A", 1, 3002)
    assert b.state == "FIN_WAIT_2"


def test_fin_is_retransmitted():
    b = fin_wait_1()
    b.run(1000000)
    got = b.sent()
    assert got and all((s.flags, s.seq) == ("FA", 1) for s in got)
    b.rx("A", 1, 2)
    assert b.state == "FIN_WAIT_2"
    b.run(5000000)
    b.silent()


def test_lost_probes_do_not_end_an_abandoned_connection():
    """RFC 9293 §3.8.3: R2 is at least 100 s, and one lost question must not decide. The peer
    reads after 30 s; what tells so is lost, and half a minute of probes after that."""
    b = ready()
    b.write(DATA[:1000])
    b.sent()
    b.rx("A", 1, 1001, wnd=0)
    b.write(DATA[1000:2000])
    b.c.close()
    begin = b.now
    while b.now - begin < 30000000:
        b.run(1000000)
        for _ in b.sent():
            b.rx("A", 1, 1001, wnd=0)
    b.run(40000000)
    assert len(b.sent()) >= 3, "asked often enough"
    b.run(20000000)
    assert b.sent() and b.tcp.count == 1, "in time"
    b.rx("A", 1, 1002, wnd=5000)
    assert b"".join(s.data for s in b.sent())[:998] == DATA[1001:1999]


def test_fin_into_a_zero_window():
    """The FIN takes a place in the window; the persist timer gets it across."""
    b = ready(wnd=0)
    b.c.shutdown()
    b.silent()
    b.run(1000000)
    b.expect(Seg("FA", 1, 1))
    b.rx("A", 1, 2, wnd=0)
    assert b.state == "FIN_WAIT_2"


def test_no_buffer_to_send():
    """A device without room delays, it does not lose: RFC 9293 says nothing, users do."""
    b = ready()
    b.tx_room = 2
    b.write(DATA[: 5 * MSS])
    b.expect(data(0), data(MSS))
    b.poll()
    b.silent()
    b.tx_room = 1 << 30
    b.poll()
    b.expect(data(2 * MSS), data(3 * MSS), data(4 * MSS, MSS, "PA"))


def test_no_buffer_for_a_syn_and_an_ack():
    b = Bench()
    b.tx_room = 0
    connect(b)
    b.silent()
    b.tx_room = 1
    b.poll()
    b.expect(Seg("S", 0, mss=MSS))
    b.rx("SA", 0, 1, mss=MSS)
    b.silent()
    assert b.state == "ESTABLISHED"
    b.tx_room = 9
    b.poll()
    b.expect(Seg("A", 1, 1))


def test_send_buffer_is_bounded_and_grows_on_demand():
    b = ready(wnd=0)
    assert not b.c.tx._chunks
    assert b.write(DATA[:100]) == 100 and len(b.c.tx._chunks) == 1
    assert b.write(DATA) == 65435 and b.write(DATA) == 0 and b.c.room() == 0


def test_send_after_shutdown_is_refused():
    """RFC 9293 §3.10.2: "connection closing"."""
    b = fin_wait_1()
    try:
        b.write(b"too late")
        assert False
    except OSError as e:
        assert e.errno == 32
    assert b.c.room() == 0


def test_mss_of_the_peer():
    """RFC 9293 §3.7.1: 536 if it says nothing; not more than fits; a floor for hostile ones."""
    for mss, mtu, want in (
        (None, 1500, 536), (0, 1500, 536), (1, 1500, 64), (7, 1500, 64), (48, 1500, 64),
        (64, 1500, 64), (300, 1500, 300), (1460, 1500, 1460), (65535, 1500, 1460),
        (1460, 576, 536),
    ):  # fmt: skip
        b = syn_received(mss=mss, mtu=mtu)
        b.rx("A", 1, 1)
        b.c = b.listener.accept()
        b.write(DATA[:3000])
        got = b.sent()
        assert len(got[0].data) == want, (mss, len(got[0].data))
        # It makes progress, whatever it asked for.
        acked = 1
        for _ in range(200):
            acked = max([acked] + [s.seq + len(s.data) for s in got])
            b.rx("A", 1, acked)
            got = b.sent()
        assert acked == 3001


def test_sequence_numbers_wrap():
    """RFC 9293 §3.4: 2 MB through a wrap, in each direction."""
    b = established(iss=0xFFFFFFFF - 100000, peer_iss=0xFFFFFFFF - 100000)
    seq = ack = 1
    while ack < 2000000:
        b.write(DATA[:65535])
        got = b.sent()
        assert got
        for s in got:
            assert s.seq == ack, (s, ack)
            ack += len(s.data)
        for _ in range(20):
            b.rx("A", seq, ack, DATA[:MSS])
            seq += MSS
        assert b.read() == DATA[:MSS] * 20
    b.sent()
    assert b.c.error == 0 and b.counters.tcp_retransmit == 0
    assert seq > 800000
