# Frostnet: tests of TCP between two whole stacks, on wires that lose, repeat and reorder
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc

from frostnet.tcp.states import CLOSED, ESTABLISHED, TIME_WAIT
from frostnet.wire import addr
from simnet import Sim
from simtools import SECOND, address, two_hosts

A = addr.parse("10.0.0.1")
B = addr.parse("10.0.0.2")
PORT = 7
_ECONNRESET = 104
_ETIMEDOUT = 110
MINUTE = 60000000
PATTERN = memoryview(bytes((i * 7 + (i >> 8) * 13) & 255 for i in range(65536)))


class Pair:
    """Two hosts, and a connection between them."""

    def __init__(self, seed=1, backlog=8, **wire):
        wire.setdefault("delay", 1000)
        self.sim = sim = Sim(seed, **wire)
        self.a = sim.host(1, "10.0.0.1/24")
        self.b = sim.host(2, "10.0.0.2/24")
        self.a.stack.strict = self.b.stack.strict = True
        self.listener = self.b.stack.tcp.listen(0, PORT, backlog)

    def connect(self):
        c = self.a.stack.tcp.connect(B, PORT)
        self.sim.run_until(lambda: self.listener.pending(), 2 * MINUTE, "the connection")
        return c, self.listener.accept()

    def empty(self):
        return all(h.stack.tcp.count == 0 for h in (self.a, self.b))


class Writer:
    """Sends `total` bytes of the pattern, then its FIN."""

    def __init__(self, host, c, total, phase=0, hold=False):
        self.host = host
        self.c = c
        self.at = phase
        self.end = phase + total
        self.hold = hold  # do not send the FIN

    def step(self):
        before = self.at
        while self.at < self.end:
            off = self.at & 0xFFFF
            n = self.c.send(PATTERN, off, min(self.end - self.at, 65536 - off))
            if not n:
                break
            self.at += n
        if self.at == self.end and not self.hold:
            self.hold = True
            self.c.shutdown()
            self.host.due = True
        if self.at != before:
            self.host.due = True
        return self.at == self.end


class Reader:
    """Checks that the pattern arrives, to the end of the stream."""

    def __init__(self, host, c, total, phase=0, chunk=65536):
        self.host = host
        self.c = c
        self.at = phase
        self.end = phase + total
        self.chunk = chunk
        self.buf = memoryview(bytearray(65536))

    def step(self):
        while True:
            n = self.c.recv_into(self.buf, 0, self.chunk)
            if not n:
                break
            off = self.at & 0xFFFF
            first = min(n, 65536 - off)
            assert self.buf[:first] == PATTERN[off : off + first], "wrong bytes at %d" % self.at
            assert self.buf[first:n] == PATTERN[: n - first]
            self.at += n
            self.host.due = True
            if self.chunk < 65536:
                break
        assert self.at <= self.end and not self.c.error
        if self.c.eof and not self.c.available():
            assert self.at == self.end, "the end came after %d of %d" % (self.at, self.end)
            return True
        return False


def run(pair, parts, limit=20 * MINUTE):
    def done():
        return sum(part.step() for part in parts) == len(parts)  # all of them, each time

    pair.sim.run_until(done, limit, "the transfer")


def one_way(total, **wire):
    p = Pair(**wire)
    c, d = p.connect()
    run(p, [Writer(p.a, c, total), Reader(p.b, d, total)])
    d.close()
    p.b.due = True
    p.sim.run(5 * MINUTE)
    assert p.empty() and c.state in (TIME_WAIT, CLOSED)
    return p


def both_ways(total, **wire):
    p = Pair(**wire)
    c, d = p.connect()
    run(
        p,
        [
            Writer(p.a, c, total),
            Reader(p.a, c, total, 999),
            Writer(p.b, d, total, 999),
            Reader(p.b, d, total),
        ],
    )
    assert not c.error and not d.error
    c.close()
    d.close()
    p.sim.touch()
    p.sim.run(5 * MINUTE)
    assert p.empty()
    return p


def test_a_clean_wire_loses_nothing():
    p = one_way(1000000)
    assert p.a.stack.counters.tcp_retransmit == 0
    acks = p.b.stack.counters.tcp_tx
    segments = p.a.stack.counters.tcp_tx
    assert acks <= segments * 0.7, "an ACK for every second segment at most: %d of %d" % (
        acks, segments,
    )  # fmt: skip


def test_the_window_is_used():
    """RFC 9293 §3.8.6: 64 KiB each round trip once slow start has opened up."""
    p = Pair(delay=20000)
    c, d = p.connect()
    w, r = Writer(p.a, c, 3000000), Reader(p.b, d, 3000000)
    begin = p.sim.now
    run(p, [w, r])
    trips = (p.sim.now - begin) / 40000
    assert trips < 3000000 / 65535 + 15, trips


def test_both_ways_at_once():
    both_ways(300000)


def test_loss():
    for seed in range(8):
        one_way(60000, seed=seed, loss=0.05)


def test_heavy_loss():
    for seed in range(4):
        one_way(15000, seed=seed, loss=0.25)


def test_duplicates_and_reordering():
    for seed in range(6):
        one_way(100000, seed=seed, dup=0.1, reorder=0.2, jitter=500)


def test_corruption():
    """What the checksum catches is as good as lost."""
    for seed in range(4):
        one_way(50000, seed=seed, corrupt=0.05)


def test_everything_at_once_both_ways():
    for seed in range(10):
        both_ways(30000, seed=seed, loss=0.05, dup=0.05, reorder=0.1, corrupt=0.02, jitter=2000)


def test_slow_reader():
    """The window shuts again and again, with loss of the updates too."""
    for seed, loss in ((1, 0), (2, 0.1)):
        p = Pair(seed=seed, loss=loss)
        c, d = p.connect()
        w, r = Writer(p.a, c, 300000), Reader(p.b, d, 300000, chunk=3000)
        begin = p.sim.now
        while not r.step():
            assert p.sim.now < begin + 20 * MINUTE
            w.step()
            p.sim.run(30000)


def test_reader_that_sleeps_through_a_zero_window():
    """The window update is lost: only a probe finds out (RFC 9293 §3.8.6.1)."""
    p = Pair()
    c, d = p.connect()
    w, r = Writer(p.a, c, 200000), Reader(p.b, d, 200000)
    w.step()
    p.sim.run(3000000)
    assert d.available() == 65535 and c.snd_wnd == 0
    p.sim.default.filter = lambda frame, src: None  # nothing gets through
    r.chunk = 65536
    r.step()
    p.sim.run(10000)
    p.sim.default.filter = None
    run(p, [w, r])
    assert p.a.stack.counters.tcp_probe > 0


def test_half_close():
    """One direction ends, the other goes on (RFC 9293 §3.6)."""
    p = Pair()
    c, d = p.connect()
    c.shutdown()
    p.sim.run_until(lambda: d.eof)
    run(p, [Writer(p.b, d, 100000), Reader(p.a, c, 100000)])
    p.sim.run(2 * MINUTE)
    assert p.empty()


def test_simultaneous_open():
    """Both connect to each other's port at once (RFC 9293 §3.5, figure 8)."""
    sim = Sim(3, delay=5000)
    a = sim.host(1, "10.0.0.1/24")
    b = sim.host(2, "10.0.0.2/24")
    a.stack.strict = b.stack.strict = True
    # Resolve the neighbours first, or the ARP queue takes the simultaneity away.
    a.stack.tcp.connect(B, 1)
    b.stack.tcp.connect(A, 1)
    sim.run(1000000)
    c = a.stack.tcp.connect(B, 2000, None, 1000)
    d = b.stack.tcp.connect(A, 1000, None, 2000)
    sim.run(1000000)
    assert c.state == d.state == ESTABLISHED
    c.send(memoryview(b"crossed"), 0, 7)
    sim.touch()
    sim.run(1000000)
    assert d.available() == 7
    sent = a.stack.counters.tcp_tx + b.stack.counters.tcp_tx
    sim.run(MINUTE)
    assert a.stack.counters.tcp_tx + b.stack.counters.tcp_tx - sent <= 1, "no exchange of ACKs"


def test_simultaneous_close():
    p = Pair()
    c, d = p.connect()
    c.close()
    d.close()
    p.sim.touch()
    p.sim.run(10000)
    assert c.state == d.state == TIME_WAIT
    p.sim.run(2 * MINUTE)
    assert p.empty()


def test_abort():
    p = Pair()
    c, d = p.connect()
    c.send(PATTERN, 0, 5000)
    p.sim.run(100000)
    c.abort()
    p.sim.run(100000)
    assert d.state == CLOSED and d.error == 104 and d.available() == 5000 and p.empty()


def test_refused():
    p = Pair()
    c = p.a.stack.tcp.connect(B, 9999)
    p.sim.run_until(lambda: c.state == CLOSED)
    assert c.take_error() == 111 and p.a.stack.tcp.count == 0


def test_no_such_host():
    """EHOSTUNREACH when no neighbour answers, in bounded time."""
    p = Pair()
    c = p.a.stack.tcp.connect(addr.parse("10.0.0.77"), 80)
    p.sim.run_until(lambda: c.state == CLOSED, MINUTE)
    assert c.take_error() == 113


def test_link_goes_away_and_comes_back():
    p = Pair()
    c, d = p.connect()
    w, r = Writer(p.a, c, 500000), Reader(p.b, d, 500000)
    w.step()
    p.sim.run(3000)
    p.b.port.carrier = False
    p.sim.run(5000000)
    p.b.port.carrier = True
    run(p, [w, r])


def test_connection_to_itself():
    """Over the loopback interface: one host, both ends."""
    p = Pair()
    c = p.b.stack.tcp.connect(B, PORT)
    p.sim.run_until(lambda: p.listener.pending())
    d = p.listener.accept()
    run(p, [Writer(p.b, c, 200000), Reader(p.b, d, 200000)])


def test_sequence_numbers_wrap_on_both_sides():
    """ISS = 2**32 - 100000 on both sides, 2 MB each way."""
    p = Pair()
    p.a.stack.tcp.isn = p.b.stack.tcp.isn = lambda *four_tuple: 0xFFFFFFFF - 100000
    c, d = p.connect()
    total = 2000000
    there = [Writer(p.a, c, total), Reader(p.b, d, total)]
    back = [Writer(p.b, d, total), Reader(p.a, c, total)]
    run(p, there + back)
    assert c.snd_una > 1 << 32 and d.snd_una > 1 << 32


def test_many_connections_at_once():
    p = Pair(backlog=60, loss=0.02)
    conns = [p.a.stack.tcp.connect(B, PORT) for _ in range(50)]
    peers = []

    def accepted():
        while p.listener.pending():
            peers.append(p.listener.accept())
        return len(peers) == 50

    p.sim.run_until(accepted, 5 * MINUTE)
    by_port = {c.ports >> 16: c for c in conns}
    parts = []
    for i, d in enumerate(peers):
        c = by_port[d.ports & 0xFFFF]
        parts += [Writer(p.a, c, 3000, i), Reader(p.b, d, 3000, i)]
    run(p, parts)


def test_a_peer_that_only_reads_learns_that_it_was_given_up():
    """RFC 9293 §3.8.3 (b): it never sends anything that could be answered with a reset."""
    p = Pair()
    # Nobody asks any more for what the peer might send.
    c, d = p.connect()
    c.close()
    p.sim.run(2 * MINUTE)
    assert c.state == CLOSED and d.state == CLOSED and d.error == _ECONNRESET
    # The peer's ACKs get lost, and nothing else.
    c, d = p.connect()
    c.user_timeout = MINUTE // 2
    d.path.send = lambda proto, n, csum_off: None
    c.send(PATTERN, 0, 1000)
    p.sim.run(MINUTE)
    assert c.state == CLOSED and c.error == _ETIMEDOUT
    assert d.state == CLOSED and d.error == _ECONNRESET and d.available() == 1000
    assert p.empty()


def test_thousands_of_connections_leave_nothing():
    """Sequential connections: tables and memory come back."""
    p = Pair(delay=100)

    def cycle(n):
        for i in range(n):
            c, d = p.connect()
            d.send(PATTERN, 0, 26)
            p.sim.run_until(lambda: c.available() == 26)
            # Each side closes first in turn.
            first, second = (c, d) if i & 1 else (d, c)
            first.recv_into(bytearray(30), 0, 30)
            second.recv_into(bytearray(30), 0, 30)
            first.close()
            p.sim.run(1000)
            second.close()
            p.sim.run(1000)

    cycle(600)
    gc.collect()
    before = gc.mem_alloc()
    cycle(1400)
    p.sim.run(2 * MINUTE)
    gc.collect()
    assert gc.mem_alloc() - before < 2048, gc.mem_alloc() - before
    assert p.empty()
    for host in (p.a, p.b):
        tcp = host.stack.tcp
        assert tcp.timewait.count == 0 and tcp.table._first.count(None) == 1024
        assert host.stack.counters.tcp_retransmit == 0


def test_attributes_of_a_connection_fit_into_their_dictionary():
    # Dictionaries grow in steps: a 48th attribute would cost every connection 192 bytes.
    sim, a, b = two_hosts()
    listener = b.stack.tcp.listen(0, 80, 5)
    ends = [a.stack.tcp.connect(address(b), 80)]
    sim.run(SECOND)
    ends.append(listener.accept())
    data = memoryview(bytes(5000))
    buf = bytearray(5000)
    for n in (3000, 100):
        for c in ends:
            c.send(data, 0, n)
        sim.run(SECOND)
        for c in ends:
            assert c.recv_into(buf, 0, 5000) == n and c.ts_ok
    for c in ends:
        assert len(c.__dict__) <= 47, sorted(c.__dict__)
