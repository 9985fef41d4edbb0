# Frostnet: tests of iperf3's datagrams, of what is counted of streams, and of what is printed
# MIT license; Copyright (c) 2026 The Frostnet authors

import random

from iperf import datagrams, report
from iperf.counts import Interval, Ledger, add_up
from iperf.datagrams import Arrivals, write_header
from iperf.pace import Pace

S = 1000000


def datagram(number, sent, size=100, wide=False):
    buf = bytearray(size)
    write_header(buf, sent, number, wide)
    return buf


def test_header_as_iperf3_has_it():
    assert bytes(datagram(0x01020304, 5 * S + 7, 12)) == b"\0\0\0\5\0\0\0\7\1\2\3\4"
    wide = datagram(0x0A0B0C0D01020304, 5 * S + 7, 16, True)
    assert bytes(wide) == b"\0\0\0\5\0\0\0\7\x0a\x0b\x0c\x0d\1\2\3\4"


def test_arrivals():
    for wide in (False, True):
        got = Arrivals(wide)
        for number in (1, 2, 3, 6, 4, 7, 9):
            frame = bytearray(42) + datagram(number, S, wide=wide) + bytearray(9)
            got.count(memoryview(frame), 42, 142, S)
        assert got.packets == 9 and got.bytes == 700
        assert got.lost == 2 and got.out_of_order == 1, "5 and 8 are missing, 4 was late"
        got.count(datagram(5, S, wide=wide), 0, 100, S)
        got.count(datagram(9, S, wide=wide), 0, 100, S)
        got.count(datagram(9, S, wide=wide), 0, 100, S)
        assert got.lost == 0 and got.out_of_order == 4


def test_short_datagrams():
    for wide, size in ((False, 12), (True, 16)):
        got = Arrivals(wide)
        # What is behind it in the buffer does not count
        got.count(datagram(5, S), 0, size - 1, S)
        assert got.short == 1 and got.packets == got.bytes == 0
        got.count(datagram(1, S), 0, size, S)
        assert got.short == 1 and got.bytes == size


def test_numbers_that_cannot_be():
    got = Arrivals(True)
    got.count(datagram((1 << 64) - 1, S, wide=True), 0, 100, S)
    got.count(datagram(0, 0xFFFFFFFF * S, wide=True), 0, 100, S)
    got.look()
    assert got.out_of_order == 1 and got.jitter > 0


def jitter_of(transits):
    """RFC 3550 §6.4.1 in plain words."""
    jitter = 0.0
    for before, now in zip(transits, transits[1:]):
        jitter += (abs(now - before) - jitter) / 16
    return jitter


def test_jitter():
    for seed in range(20):
        random.seed(seed)
        got = Arrivals(False)
        transits = [random.getrandbits(14) for _ in range(200)]
        for i, transit in enumerate(transits):
            sent = 100 * S + i * 10007
            # The clocks are apart by an hour
            got.count(datagram(i + 1, sent), 0, 100, sent + transit - 3600 * S)
        got.look()
        assert abs(got.jitter - jitter_of(transits) / 1000) < 0.002, seed
    got = Arrivals(False)
    for i in range(50):
        got.count(datagram(i + 1, i * S), 0, 100, i * S + 5000)
    got.look()
    assert got.jitter == 0, "the same delay for all"


def test_arrivals_allocate_nothing():
    import gc

    got = Arrivals(False)
    buf = memoryview(datagram(1, 100 * S))
    got.count(buf, 0, 100, 101 * S)
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(500):
        got.count(buf, 0, 100, 101 * S)
    assert gc.mem_alloc() - before < 500


def test_pace():
    # RFC 8085 §3.1 is why UDP has one: 1 Mbit/s unless asked for more
    pace = Pace(8000)
    pace.start(5 * S)
    assert pace.due == 5 * S, "the first leaves at once"
    pace.sent(500)
    assert pace.due == 5 * S + S // 2
    for _ in range(19):
        pace.sent(500)
    assert pace.due == 15 * S, "no rounding adds up"
    free = Pace(0)
    free.start(5 * S)
    free.sent(1 << 40)
    assert free.due == 5 * S


class Stream:
    bytes = 0
    retransmits = cwnd = packets = lost = out_of_order = jitter = None
    looked = 0

    def look(self):
        self.looked += 1


def test_ledger():
    stream = Stream()
    stream.bytes = 77
    stream.retransmits = 5
    stream.cwnd = 14480
    ledger = Ledger(stream, 10 * S)
    stream.bytes += 1000
    stream.retransmits += 2
    first = ledger.interval(11 * S)
    assert (first.start, first.end, first.bytes, first.retransmits) == (0.0, 1.0, 1000, 2)
    assert first.cwnd == 14480 and first.packets is None and first.rate == 8000
    second = ledger.interval(13 * S)
    assert (second.start, second.end, second.bytes) == (1.0, 3.0, 0)
    stream.bytes += 500
    whole = ledger.total(14 * S)
    assert (whole.start, whole.end, whole.bytes, whole.retransmits) == (0.0, 4.0, 1500, 2)
    ledger.begin(14 * S)
    assert ledger.total(15 * S).bytes == 0 and ledger.interval(15 * S).end == 1.0
    assert stream.looked >= 5


def test_add_up():
    a = Interval(0.0, 1.0, (100, 1, None, None, None))
    b = Interval(0.0, 1.0, (50, 2, None, None, None))
    it = add_up([a, b])
    assert (it.bytes, it.retransmits, it.packets, it.cwnd) == (150, 3, None, None)
    a = Interval(0.0, 1.0, (100, None, 10, 1, 0))
    b = Interval(0.0, 1.0, (50, None, 30, 3, 1))
    a.jitter, b.jitter = 1.0, 3.0
    it = add_up([a, b])
    assert (it.packets, it.lost, it.out_of_order, it.jitter) == (40, 4, 1, 2.0)
    assert it.loss == 10.0


# All of these are what iperf3 3.12 printed.
def test_numbers():
    for n, text in (
        (0, "0.00 Bytes"),
        (32768, "32.0 KBytes"),
        (1023 * 1024, "1023 KBytes"),
        (int(359.2 * 1048576), " 359 MBytes"),
        (int(1.12 * 1048576), "1.12 MBytes"),
        (1048576, "1.00 MBytes"),
    ):
        assert report.bytes_text(n) == text
    for n, text in (
        (1048576, "1.05 Mbits"),
        (940e6, " 940 Mbits"),
        (3.004e9, "3.00 Gbits"),
        (9.995e6, "10.0 Mbits"),
        (999.6e6, "1000 Mbits"),
    ):
        assert report.bits_text(n) == text


def test_lines():
    it = Interval(0.0, 1.0, (376 * 1000000, 6, None, None, None))
    it.cwnd = 1174405
    assert (
        report.line(5, it)
        == "[  5]   0.00-1.00   sec   359 MBytes  3.01 Gbits/sec    6   1.12 MBytes       "
    )
    it.cwnd = None
    assert (
        report.line(5, it, "sender")
        == "[  5]   0.00-1.00   sec   359 MBytes  3.01 Gbits/sec    6             sender"
    )
    it = Interval(0.0, 2.07, (533 * 1000000, None, None, None, None))
    assert (
        report.line("SUM", it, "receiver")
        == "[SUM]   0.00-2.07   sec   508 MBytes  2.06 Gbits/sec                  receiver"
    )
    it = Interval(1.0, 2.0, (131072, None, 4, None, None))
    assert report.line(5, it) == "[  5]   1.00-2.00   sec   128 KBytes  1.05 Mbits/sec  4  "
    it = Interval(0.0, 2.05, (262144, None, 8, 0, 0))
    it.jitter = 0.027
    assert (
        report.line(5, it, "receiver")
        == "[  5]   0.00-2.05   sec   256 KBytes  1.02 Mbits/sec  0.027 ms  0/8 (0%)  receiver"
    )
    it.lost = 8
    assert "8/8 (100%)" in report.line(5, it)
    it.lost, it.packets = 1, 60
    assert "1/60 (1.7%)" in report.line(5, it)
    it.omitted = True
    assert report.line(5, it).endswith("  (omitted)")
    assert report.out_of_order(5, it) == ""
    it.out_of_order = 3
    assert report.out_of_order(5, it) == "[  5]  0.0- 2.0 sec  3 datagrams received out-of-order"


def test_titles():
    assert (
        report.title(False, True)
        == "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd"
    )
    assert report.title(False, False) == "[ ID] Interval           Transfer     Bitrate"
    assert report.title(True, True).endswith("Bitrate         Total Datagrams")
    assert report.title(True, True, True).endswith("Jitter    Lost/Total Datagrams")
    assert report.title(False, True, True).endswith("Bitrate         Retr")


def test_hello():
    # "6789" as a number of 4 bytes, least first; once it was 987654321
    assert datagrams.HELLO == b"9876"
    assert (987654321).to_bytes(4, "little") in datagrams.REPLIES
    assert (987654321).to_bytes(4, "big") in datagrams.REPLIES
