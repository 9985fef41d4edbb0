# Frostnet: tests of TCP: path MTU discovery and black holes
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from frostnet.tcp.connection import NEVER
from tcpbench import ME, PEER, Seg, established, syn_sent

DATA = bytes(i % 251 for i in range(70000))
MSS = 1460
EMSGSIZE = 90


def ready():
    b = established()
    b.c.cc.cwnd = 1 << 20
    b.c.rto = b.c.pto = 1000000
    return b


def quote(b, seq):
    """The start of our segment at `seq`, as an ICMP error has it, and the arguments for TCP."""
    raw = struct.pack(">HHII", b.port, b.peer_port, (b.iss + seq) & 0xFFFFFFFF, 0)[:8]
    return memoryview(raw), 0, 8, ME, PEER


def too_big(b, seq, mtu):
    """A router says that the segment at `seq` exceeded `mtu`, as ip/icmp.py and ip/pmtu.py do."""
    if b.tcp.mtu_ok(*quote(b, seq)):
        b.mtu = mtu
        b.tcp.error(EMSGSIZE, False, *quote(b, seq))
        b.poll()


def sizes(b):
    return [len(s.data) for s in b.sent()]


def test_segments_are_sent_again_at_once_and_smaller():
    """RFC 1191 §6.5: what was too large, and all later segments; in slow start, not halved."""
    b = ready()
    b.write(DATA[: 6 * MSS])
    b.sent()
    too_big(b, 1, 1000)
    assert b.c.mss == 960
    b.expect(Seg("A", 1, 1, DATA[:960]))
    at = 960
    while at < 6 * MSS:
        b.rx("A", 1, 1 + at)
        for s in b.sent():
            assert s.seq == 1 + at and s.data == DATA[at : at + len(s.data)] and len(s.data) <= 960
            at += len(s.data)
    b.rx("A", 1, 1 + 6 * MSS)
    assert b.c.flight is None and b.counters.tcp_too_big == 1
    assert b.c.cc.ssthresh >= 6 * 960


def test_only_what_is_on_its_way_counts():
    """RFC 5927 §7.2: an error that quotes something else is a forgery, or too late."""
    b = ready()
    b.write(DATA[:MSS])
    b.rx("A", 1, 1 + MSS)
    b.write(DATA[: 2 * MSS])
    b.sent()
    for seq in (0, 1, MSS, 1 + 3 * MSS, 100000, -5):
        assert not b.tcp.mtu_ok(*quote(b, seq)), seq
    buf, off, end, src, dst = quote(b, 1 + MSS)
    assert not b.tcp.mtu_ok(buf, off, 7, src, dst)
    assert not b.tcp.mtu_ok(buf, off, end, src, dst + 1)
    assert b.tcp.mtu_ok(buf, off, end, src, dst)


def test_the_same_told_for_each_segment():
    """A router answers each of them: once is enough."""
    b = ready()
    b.write(DATA[: 4 * MSS])
    b.sent()
    for i in range(4):
        too_big(b, 1 + i * MSS, 1000)
    assert sizes(b) == [960] and b.counters.tcp_too_big == 1


def test_not_an_error_of_the_connection():
    """RFC 9293 §3.9.2.2: neither hard nor soft; not in the handshake either."""
    b = ready()
    b.write(DATA[:MSS])
    too_big(b, 1, 1000)
    assert b.c.soft_error == 0 and b.state == "ESTABLISHED"
    b = syn_sent()
    b.tcp.error(EMSGSIZE, False, *quote(b, 0))
    assert b.state == "SYN_SENT"


def test_path_of_another_connection_shrank():
    """What the path refuses goes out smaller in the same poll; nothing counts as lost."""
    b = ready()
    b.c.path.mtu = 800
    b.write(DATA[:2000])
    b.poll()
    assert sizes(b) == [760, 760, 480]
    assert b.counters.tcp_tx_failed == 0 and b.c.soft_error == 0
    b.rx("A", 1, 2001)
    assert b.c.flight is None


def test_retransmission_on_a_path_that_shrank():
    b = ready()
    b.write(DATA[: 2 * MSS])
    b.sent()
    b.c.path.mtu = 600
    b.run(1000000)
    assert sizes(b) == [560, 560]  # as much as one segment was
    b.rx("A", 1, 1121)
    assert max(sizes(b)) == 560


def test_black_hole():
    """RFC 2923 §2.1, RFC 4821 §7.7: full segments time out, nobody says why: smaller ones."""
    b = ready()
    b.write(DATA[: 3 * MSS])
    b.sent()
    seen = []
    for _ in range(40):
        b.run(10000000)
        for n in sizes(b):
            if n not in seen:
                seen.append(n)
    assert seen[:4] == [1460, 1360, 984, 536], seen


def test_smaller_segments_that_fare_no_better():
    """Nothing gets through, whatever its size: that is no black hole, the full size is back."""
    b = ready()
    b.write(DATA[:60000])
    seen = []
    while b.c.backoff < 7:
        b.run(500000)
        if not seen or seen[-1] != b.c.mss:
            seen.append(b.c.mss)
    assert seen == [1460, 1360, 984, 536, 1460], seen
    assert b.c.hole is None and b.c.raise_at == NEVER
    b.sent()
    b.rx("A", 1, b.c.snd_max - b.iss)
    b.write(DATA[:MSS])
    assert sizes(b) == [MSS]


class Far:
    """A peer half a second away that gets segments of at most `limit` bytes; `seen` are all."""

    def __init__(self, b, limit):
        self.b = b
        self.limit = limit
        self.una = 1
        self.seen = []

    def run(self, seconds):
        """Return the sizes of what was sent meanwhile."""
        b = self.b
        out = []
        for _ in range(2 * seconds):
            b.c.send(memoryview(DATA), 0, len(DATA))
            b.run(500000)
            for s in b.sent():
                out.append(len(s.data))
                if len(s.data) <= self.limit and s.seq == self.una:
                    self.una += len(s.data)
            b.rx("A", 1, self.una, wnd=8000)
        return out


def test_after_plain_losses_segments_are_large_again():
    """RFC 4821 §7.3: the smaller size got through, and after a pause so does the full one."""
    b = ready()
    far = Far(b, 0)
    while b.c.mss == MSS:
        far.run(1)
    far.limit = MSS
    while far.una == 1:
        far.run(1)
    small = b.c.mss
    assert small < MSS and max(far.run(1)) == small
    assert max(far.run(8)) == MSS == b.c.mss
    far.limit = 0
    while b.c.backoff < 3:
        far.run(1)
    assert b.c.mss == MSS and b.c.hole is None, "proven: it takes as much as the first time"


def test_the_full_size_is_tried_ever_more_seldom():
    """RFC 4821 §7.3, §7.6.3: in a black hole it fails; two time-outs, and all goes on."""
    b = ready()
    far = Far(b, 1000)
    far.run(60)
    tries = []
    last = 0
    for second in range(2000):
        large = MSS in far.run(1)
        if large and (not tries or second - tries[-1] > 4):
            tries.append(second)
        assert second % 10 or far.una > last, "it stands still"
        if not second % 10:
            last = far.una
    gaps = [z - a for a, z in zip(tries, tries[1:])]
    assert 3 <= len(gaps) <= 6 and gaps == sorted(gaps), gaps
    assert 590 < gaps[-1] < 620, gaps
    assert b.c.hole.size == 984


def test_a_router_that_tells_ends_the_trials():
    """RFC 1191: who is told does not have to guess; what it said is never exceeded."""
    b = ready()
    far = Far(b, 1000)
    far.run(15)
    while b.c.mss != MSS:
        far.run(1)
    too_big(b, b.c.snd_una - b.iss, 1300)
    assert b.c.mss == 1260 and b.c.hole is None and b.c.raise_at == NEVER
    b = ready()
    far = Far(b, 1000)
    while b.c.mss != 984:
        far.run(1)
    b.c.path.mtu = 1300
    assert max(far.run(20)) == 1260


def test_black_hole_needs_full_segments():
    """A small segment that is not answered says nothing about sizes."""
    b = ready()
    b.write(b"small")
    b.run(250000000)
    assert set(sizes(b)) == {5} and b.c.mss == MSS


def test_a_black_hole_lets_small_segments_through():
    """From the first size that gets an answer on the transfer goes on with it."""
    b = ready()
    b.write(DATA[: 10 * MSS])
    b.sent()
    una = 1
    for _ in range(400):
        b.run(500000)
        for s in b.sent():
            if len(s.data) <= 1000 and s.seq == una:
                una += len(s.data)
        b.rx("A", 1, una)
        if una == 1 + 10 * MSS:
            break
    assert una == 1 + 10 * MSS and b.c.mss == 984
