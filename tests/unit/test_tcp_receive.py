# Frostnet: tests of TCP: receiving, acknowledging, reassembly
# MIT license; Copyright (c) 2026 The Frostnet authors

from tcpbench import Seg, established, fin_wait_2
from frostnet.ring import KEEPERS
from simwire import Rng

DATA = bytes(i % 251 for i in range(70000))
MSS = 1460
NEVER = 1 << 61


def slow(**options):
    """Established, and past the quick ACKs of the start."""
    b = established(**options)
    b.rx("A", 1, 1, b"!")
    b.sent()
    b.read()
    b.c.quick = 0
    return b


def test_quick_acks_at_the_start():
    """A sender that starts with one segment must not wait for a delayed ACK."""
    b = established()
    for i in range(16):
        b.rx("PA", 1 + 10 * i, 1, b"0123456789")
        b.expect(Seg("A", 1, 11 + 10 * i))
    b.rx("PA", 161, 1, b"0123456789")
    b.silent()


def test_delayed_ack():
    """RFC 9293 §3.8.6.3: within 0.5 s; here 40 ms."""
    b = slow()
    b.rx("PA", 2, 1, b"one")
    b.silent()
    b.run(39999)
    b.silent()
    b.run(1)
    b.expect(Seg("A", 1, 5))
    b.run(1000000)
    b.silent()


def test_every_second_segment_is_acknowledged():
    """RFC 9293 §3.8.6.3 (MUST-59)."""
    b = slow()
    b.rx("A", 2, 1, DATA[:MSS])
    b.silent()
    b.rx("A", 2 + MSS, 1, DATA[:MSS])
    b.expect(Seg("A", 1, 2 + 2 * MSS))


def test_one_ack_for_a_batch():
    b = slow()
    for i in range(10):
        b.inject(b.segment("A", 2 + i * MSS, 1, DATA[:MSS]))
    b.silent()
    b.poll()
    b.expect(Seg("A", 1, 2 + 10 * MSS))


def test_ack_rides_on_data():
    b = slow()
    b.rx("PA", 2, 1, b"ping")
    b.silent()
    b.write(b"pong")
    b.expect(Seg("PA", 1, 6, b"pong"))
    b.rx("A", 6, 5)
    b.run(1000000)
    b.silent()


def test_acks_are_quick_again_after_idleness():
    b = slow()
    b.run(5000000)
    b.rx("A", 2, 1, DATA[:MSS])
    b.expect(Seg("A", 1, 2 + MSS))


def test_out_of_order_is_acknowledged_at_once_each_time():
    """RFC 5681 §4.2: the sender counts the duplicates."""
    b = slow()
    for i in (1, 2, 3):
        b.inject(b.segment("A", 2 + i * 100, 1, DATA[i * 100 : i * 100 + 100]))
    b.expect(*[Seg("A", 1, 2)] * 3)
    b.poll()
    b.silent()
    b.rx("A", 2, 1, DATA[:100])  # fills the hole: at once, too
    b.expect(Seg("A", 1, 402))
    assert b.read() == DATA[:400]
    assert b.c.ooo is None


def test_duplicate_data_are_acknowledged():
    """RFC 9293 §3.10.7.4 first."""
    b = slow()
    b.rx("A", 2, 1, b"abc")
    b.run(100000)
    b.sent()
    b.rx("A", 2, 1, b"abc")
    b.expect(Seg("A", 1, 5))
    b.rx("A", 1, 1, b"!abcd")  # old and new
    b.run(100000)
    b.expect(Seg("A", 1, 6))
    assert b.read() == b"abcd"


def test_fin_out_of_order():
    """The FIN waits for the data before it; what comes in order meanwhile counts."""
    for with_data in (b"", b"end"):
        b = slow()
        b.rx("FA", 10, 1, with_data)
        b.expect(Seg("A", 1, 2))
        assert b.state == "ESTABLISHED" and not b.c.eof
        b.rx("A", 2, 1, b"abcd")
        b.sent()
        assert b.state == "ESTABLISHED"
        b.rx("A", 6, 1, b"efgh")
        b.expect(Seg("A", 1, 11 + len(with_data)))
        assert b.state == "CLOSE_WAIT" and b.c.eof
        assert b.read() == b"abcdefgh" + with_data


def test_nothing_beyond_the_fin():
    """RFC 9293 §3.10.7.4: what an insane peer sends behind its FIN is not delivered."""
    b = slow()
    b.rx("FA", 6, 1)
    b.rx("A", 2, 1, b"abcdEFGH")
    assert b.read() == b"abcd" and b.state == "CLOSE_WAIT"


def test_window_shuts_and_opens():
    """RFC 9293 §3.8.6: never a byte more than offered; §3.8.6.2.2: no silly windows."""
    b = slow()
    at = 0
    offered = 65534  # one byte of the window was used and read; that alone is not told
    while offered:
        n = min(MSS, offered)
        b.rx("A", 2 + at, 1, DATA[at : at + n])
        at += n
        if at + MSS > 65534:
            b.run(50000)
        for s in b.sent():
            assert s.ack + s.wnd == 1 + 65535, "the edge stays while nothing is read"
            offered = s.wnd
    assert at == 65534 == b.c.available()
    b.sent()
    b.rx("A", 2 + at, 1, b"z")  # a window probe: answered, not taken
    b.expect(Seg("A", 1, 2 + at, wnd=0))
    got = b.read(1000)
    b.silent()  # 1000 bytes are no window
    got += b.read(2000)
    b.expect(Seg("A", 1, 2 + at, wnd=3001))
    got += b.read()
    b.expect(Seg("A", 1, 2 + at, wnd=65535))
    assert got == DATA[:65534]
    b.rx("A", 2 + at, 1, b"z")
    assert b.read() == b"z"


def test_segment_larger_than_the_window_is_trimmed():
    """RFC 9293 §3.10.7.4: what is in the window is taken, a FIN beyond it is not."""
    b = slow()
    b.c.rx.limit = 100
    b.c.rcv_adv = b.c.rcv_nxt + 100
    b.rx("FA", 2, 1, DATA[:150])
    assert b.read() == DATA[:100] and b.state == "ESTABLISHED" and not b.c.eof
    b.sent()
    b.rx("FA", 102, 1, DATA[100:150])
    assert b.read() == DATA[100:150] and b.state == "CLOSE_WAIT"


def test_zero_window_still_takes_acks_and_resets():
    """RFC 9293 §3.10.7.4: special allowance."""
    b = slow()
    b.c.rx.limit = 4
    b.c.rcv_adv = b.c.rcv_nxt + 4
    b.rx("A", 2, 1, b"full")
    b.sent()
    b.write(b"mine")
    b.sent()
    b.rx("A", 6, 5, b"x")
    assert b.c.tx.len == 0, "the ACK of a segment that is not taken counts"
    b.expect(Seg("A", 5, 6, wnd=0))
    b.rx("R", 6)
    assert b.state == "CLOSED" and b.c.error == 104 and b.read() == b"full"


def test_urgent_data_stay_in_line():
    """RFC 9293 §3.8.5, RFC 6093: whatever the pointer says."""
    b = slow()
    seq = 2
    want = b""
    for urg in (0, 1, 3, 70, 65535):
        for data in (b"abc", b""):
            b.rx("UA", seq, 1, data, urg=urg)
            seq += len(data)
            want += data
    b.rx("FUA", seq, 1, b"end", urg=9)
    assert b.read() == want + b"end" and b.state == "CLOSE_WAIT"


def test_odd_flags_and_options_do_not_matter():
    """ECE, CWR and unknown options are ignored."""
    b = slow()
    b.rx("APEC", 2, 1, b"abc", options=b"\x01\x01\x08\x0a" + bytes(8))
    b.rx("A", 5, 1, b"def", options=b"\xfd\x00\x00\x00")
    assert b.read() == b"abcdef"


def test_bad_checksum_and_truncation():
    b = slow()
    raw = b.segment("A", 2, 1, b"payload")
    for i in range(len(raw)):
        bad = bytearray(raw)
        bad[i] ^= 0x10
        b.inject(bad)
    for n in range(len(raw)):
        b.inject(raw[:n])
    b.poll()
    b.silent()
    drops = b.counters.tcp_drop_checksum + b.counters.tcp_drop_malformed
    assert drops == 2 * len(raw) and b.c.available() == 0


def test_challenges_are_limited_per_connection():
    """RFC 5961 §7, CVE-2016-5696: and no count is shared."""
    b = established()
    for _ in range(50):
        b.rx("R", 99)
        b.rx("S", 99)
        b.rx("A", 1, 5)
    assert len(b.sent()) == 1
    b.run(500000)
    b.rx("R", 99)
    assert len(b.sent()) == 1
    # Another connection is not held back by the first one.
    b.peer_port += 1
    b.rx("S", 0)
    b.rx("A", 1, 1)
    b.sent()
    b.rx("R", 99)
    assert len(b.sent()) == 1


def test_no_ack_storm():
    """Two stacks out of step must not answer each other's ACKs for ever."""
    b = established()
    count = 0
    for _ in range(1000):
        b.rx("A", 70000, 1)
        count += len(b.sent())
        b.now += 100
    assert count == 1


def test_segment_smack():
    """Single bytes with holes all over the window (CVE-2018-5390): bounded, and it recovers."""
    b = slow()
    rng = Rng(1)
    for i in range(2000):
        at = rng.below(60000)
        b.inject(b.segment("A", 2 + at, 1, DATA[at : at + 1]))
        if i % 100 == 99:
            b.poll()
            b.raw = []
    assert b.c.ooo is None or b.c.ooo.count <= 16
    got = b""
    while len(got) < 60000:
        at = len(got)
        b.rx("A", 2 + at, 1, DATA[at : at + MSS])
        got += b.read()
    assert got == DATA[: len(got)]


def test_every_order_and_overlap_delivers_the_stream():
    """Random cuts, orders, repeats and overlaps of one stream."""
    rng = Rng(2)
    for _ in range(30):
        b = slow()
        n = 200 + rng.below(3000)
        pieces = []
        at = 0
        while at < n:
            k = min(n - at, 1 + rng.below(300))
            pieces.append((at, k))
            at += k
        todo = list(pieces)
        for _ in range(len(pieces)):
            at = rng.below(n)
            todo.append((at, min(n - at, 1 + rng.below(500))))
        got = b""
        for _ in range(20):  # until what was refused for lack of ranges came again
            order = list(todo)
            while order:
                at, k = order.pop(rng.below(len(order)))
                fin = "F" if at + k == n else ""
                b.rx(fin + "A", 2 + at, 1, DATA[at : at + k])
                if rng.below(4) == 0:
                    got += b.read()
            if b.c.eof:
                break
        got += b.read()
        assert got == DATA[:n], "length %d of %d" % (len(got), n)
        assert b.state == "CLOSE_WAIT"


def test_idle_connection_has_no_buffers():
    b = established()
    assert not b.c.rx._chunks and not b.c.tx._chunks


def test_empty_buffers_of_many_connections_are_bounded():
    held = [established() for _ in range(KEEPERS + 8)]
    for b in held:
        b.rx("A", 1, 1, b"abc")
        assert b.read() == b"abc"
    assert sum(len(b.c.rx._chunks) for b in held) <= KEEPERS


def test_data_in_fin_wait_2_are_delivered():
    """Half-close, RFC 9293 §3.6: the other direction goes on."""
    b = fin_wait_2()
    b.rx("A", 1, 2, DATA[:1000])
    b.rx("FA", 1001, 2, b"end")
    assert b.state == "TIME_WAIT"
    assert b.read() == DATA[:1000] + b"end" and b.c.eof and b.read() == b""


def test_notify():
    b = established()
    calls = []
    b.c.notify = lambda: calls.append(b.c.available())
    b.rx("A", 1, 1, b"abc")
    assert calls == [3]
    b.rx("A", 5, 1, b"e")
    b.rx("A", 4, 1, b"d")
    assert calls == [3, 5]
    b.rx("FA", 6, 1)
    assert len(calls) == 3 and b.c.eof
    b.rx("R", 7)
    assert len(calls) == 4 and b.c.error == 104
