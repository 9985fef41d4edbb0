# Frostnet: tests of TCP: batches of expected segments
# MIT license; Copyright (c) 2026 The Frostnet authors

# What a batch does must be what the same segments do one by one.

import gc

from tcpbench import PEER, PEER_PORT, established
from simwire import Rng

MSS = 1460
DATA = bytes((i * 7 + (i >> 8) * 13) & 255 for i in range(65536))


def piece(k, n=MSS):
    return DATA[k * MSS : k * MSS + n]


def feed(b, *segments):
    for s in segments:
        b.inject(b.segment(*s))


def test_a_batch_is_acknowledged_once():
    """RFC 9293 §3.8.6.3: at least every second segment; one ACK for all says as much."""
    b = established()
    feed(b, *[("A", 1 + k * MSS, 1, piece(k)) for k in range(40)])
    assert b.tcp._batch.c is b.c, "the batch is not used"
    b.poll()
    assert b.tcp._batch.c is None
    (ack,) = b.sent()
    assert (ack.flags, ack.ack) == ("A", 1 + 40 * MSS)
    assert ack.wnd == 65535 - 40 * MSS
    assert b.read() == DATA[: 40 * MSS]


def test_acks_of_a_batch_release_and_open():
    b = established()
    b.c.cc.cwnd = 1 << 20
    b.write(DATA[: 44 * MSS])
    assert len(b.sent()) == 44
    cwnd = b.c.cc.cwnd = 4 * MSS
    feed(b, *[("A", 1, 1 + k * MSS) for k in range(1, 31)])
    assert b.tcp._batch.c is b.c
    b.poll()
    assert b.c.snd_una == b.iss + 1 + 30 * MSS and b.c.tx.len == 14 * MSS
    # RFC 3465 §2.2: each ACK may add what it acknowledges, up to two segments.
    assert b.c.cc.cwnd == cwnd + 30 * MSS
    b.sent()


def test_the_unexpected_ends_a_batch():
    """After three expected segments comes something else; nothing that was received is lost."""
    start = [("A", 1 + k * MSS, 1, piece(k)) for k in range(3)]
    at = 1 + 3 * MSS
    for segment, state, ack in (
        (("FA", at, 1, b"end"), "CLOSE_WAIT", at + 4),
        (("A", at + 10, 1, b"early"), "ESTABLISHED", at),
        (("A", 1, 1, piece(0)), "ESTABLISHED", at),
        (("A", at - 5, 1, b"12345678"), "ESTABLISHED", at + 3),
        (("SA", at, 1), "ESTABLISHED", at),
        (("AU", at, 1, b"urgent"), "ESTABLISHED", at + 6),
        (("R", at), "CLOSED", None),
    ):
        b = established()
        feed(b, *start)
        feed(b, segment)
        b.poll()
        assert b.state == state, segment
        sent = b.sent()
        if ack:
            assert sent[-1].ack == ack, (segment, sent)
        got = b.read()
        assert got[: 3 * MSS] == DATA[: 3 * MSS], segment
        if ack:
            assert len(got) == ack - 1 - (state == "CLOSE_WAIT"), segment


def test_a_damaged_segment_ends_a_batch():
    b = established()
    feed(b, *[("A", 1 + k * MSS, 1, piece(k)) for k in range(3)])
    raw = b.segment("A", 1 + 3 * MSS, 1, piece(3))
    raw[700] ^= 4
    b.inject(raw)
    feed(b, ("A", 1 + 3 * MSS, 1, piece(3)))
    b.poll()
    assert b.counters.tcp_drop_checksum == 1
    assert b.read() == DATA[: 4 * MSS]


def test_duplicate_acks_in_a_batch():
    """RFC 5681 §3.2: three of them resend, though ACKs that say something came before."""
    b = established()
    b.c.cc.cwnd = 1 << 20
    b.write(DATA[: 10 * MSS])
    b.sent()
    feed(b, ("A", 1, 1 + MSS), ("A", 1, 1 + 2 * MSS), ("A", 1, 1 + 3 * MSS))
    feed(b, *[("A", 1, 1 + 3 * MSS)] * 3)
    b.poll()
    assert b.counters.tcp_fast_retransmit == 1
    assert b.sent()[0].seq == 1 + 3 * MSS


def test_a_batch_is_not_anothers():
    """A second connection's segments between them, one with the same ports."""
    b = established()
    b.peer_port = PEER_PORT + 1
    b.rx("S", 0, mss=MSS)
    b.rx("A", 1, 1)
    b.raw = []
    other = b.listener.accept()
    b.peer_port = PEER_PORT
    feed(b, *[("A", 1 + k * MSS, 1, piece(k)) for k in range(3)])
    raw = b.segment("A", 1 + 3 * MSS, 1, piece(3))
    b.checksum(raw, PEER + 1)
    b.inject(raw, PEER + 1)
    assert b.counters.tcp_tx_reset == 1  # it meets the listener
    b.peer_port = PEER_PORT + 1
    feed(b, *[("A", 1 + k * MSS, 1, piece(k)) for k in range(3)])
    b.peer_port = PEER_PORT
    feed(b, ("A", 1 + 3 * MSS, 1, piece(3)))
    b.poll()
    assert b.c.available() == 4 * MSS and other.available() == 3 * MSS
    b.raw = []


def test_a_timer_sees_what_was_acknowledged():
    """RFC 6298 §5.2: ACKs that came in the poll in which the timer runs stop it."""
    b = established()
    b.write(piece(0) * 4)
    b.sent()
    b.now = b.c.rtx_at
    feed(b, *[("A", 1, 1 + k * MSS) for k in range(1, 5)])
    b.timers.pop(b.now).fn(b.now)
    b.poll()
    b.silent()
    assert b.counters.tcp_retransmit == 0 and b.c.tx.len == 0


def test_an_icmp_error_sees_what_was_acknowledged():
    """RFC 5927 §4.1: an error for a segment that the batch acknowledged does not count."""
    b = established()
    b.write(piece(0) * 4)
    raw = [raw for dst, raw in b.raw]
    b.sent()
    feed(b, *[("A", 1, 1 + k * MSS) for k in range(1, 4)])
    head = memoryview(raw[0][:8])
    b.tcp.error(113, False, head, 0, 8, b.c.laddr, b.c.raddr)
    assert b.c.soft_error == 0 and b.tcp._batch.c is None
    b.poll()


def test_property_batch_equals_one_by_one():
    """The same segments, some lost, damaged, repeated or out of order, in batches or singly."""
    rng = Rng(5)
    for _ in range(60):
        segments = []
        at = 1
        ack = 1
        for _ in range(30):
            n = (0, 1, 100, MSS)[rng.below(4)]
            if rng.below(5) == 0 and ack < 1 + 8 * MSS:
                ack += rng.below(2 * MSS)
            segments.append(["A", at, min(ack, 1 + 8 * MSS), DATA[at - 1 : at - 1 + n]])
            at += n
            if rng.below(8) == 0:
                segments.append(segments[rng.below(len(segments))])
            if rng.below(10) == 0:
                segments.pop()
        ends = []
        for together in (False, True):
            b = established()
            b.c.cc.cwnd = 1 << 20
            b.write(DATA[: 8 * MSS])
            for s in segments:
                b.inject(b.segment(*s))
                if not together:
                    b.poll()
            b.poll()
            b.sent()
            c = b.c
            ends.append((c.rcv_nxt, c.snd_una, c.tx.len, c.snd_wnd, c.max_wnd, b.read()))
        assert ends[0] == ends[1], segments


def test_no_allocation_per_segment():
    """1,000 segments in, and the ACKs of 1,000 out, make no garbage."""
    b = established()
    c = b.c
    out = bytearray(65536)
    view = memoryview(out)
    frame = memoryview(bytearray(34 + 20 + MSS))

    def data(seq, ack, n):
        raw = b.segment("A", seq, ack, piece(0, n))
        frame[34 : 34 + len(raw)] = raw
        return 34 + len(raw)

    class Quiet:
        """A path that sends nowhere, and makes nothing."""

        pseudo = 0
        csum = False
        off = 34
        src = b.c.laddr
        buf = memoryview(bytearray(1600))

        def begin(self):
            return self.buf

        def send(self, proto, n, csum_off):
            pass

    c.path = Quiet()
    grown = []
    for turn in range(22):
        # Reading takes slices, so it is left out of the count.
        frames = []
        for k in range(44):
            end = data(1 + (turn * 44 + k) * MSS, 1, MSS)
            frames.append((memoryview(bytes(frame)), end))
        gc.collect()
        before = gc.mem_alloc()
        for buf, end in frames:
            b.tcp.input(None, buf, 34, end, PEER, c.laddr)
        b.tcp.output_pending(b.now)
        grown.append(gc.mem_alloc() - before)
        assert c.recv_into(view, 0, 65536) == 44 * MSS
    assert max(grown[2:]) < 600, grown  # chunks come from the pool by then
    grown = []
    seq = 1 + 22 * 44 * MSS
    c.cc.cwnd = 1 << 20
    for turn in range(23):
        assert c.send(view, 0, 44 * MSS) == 44 * MSS
        frames = []
        for k in range(44):
            end = data(seq, 1 + (turn * 44 + k + 1) * MSS, 0)
            frames.append((memoryview(bytes(frame)), end))
        gc.collect()
        before = gc.mem_alloc()
        for buf, end in frames:
            b.tcp.input(None, buf, 34, end, PEER, c.laddr)
        b.tcp.output_pending(b.now)
        grown.append(gc.mem_alloc() - before)
        assert c.tx.len == 0
    assert max(grown) < 600, grown
