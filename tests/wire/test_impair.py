# Frostnet: tests of interfaces on a bad network: times, losses, bounds, and what programs get
# MIT license; Copyright (c) 2026 The Frostnet authors

from simtools import MINUTE, SECOND, Transfer, pattern, two_hosts
from test_tap import Carried

from frostnet.impaired import Impaired, of
from frostnet.link import layer, tap
from frostnet.link.faults import Faults, Random

DATA = pattern(200000)


def impair(host, received=None, sent=None, seed=1, iface=None):
    """Faults of a host, as dictionaries; the layer."""
    iface = iface or host.iface
    it = of(iface) or Impaired(iface)
    it.received.set(Faults(**received) if received else None, Random(seed).bits)
    it.sent.set(Faults(**sent) if sent else None, Random(seed + 1).bits)
    it.settle()
    host.touch()
    return it


def pair(**wire):
    """Two hosts that know each other, on a wire whose Watch minds nothing."""
    sim, a, b = two_hosts(**wire)
    sim.default.filter = None
    a.iface.arp.add_static(b.iface.addr, b.iface.mac)
    b.iface.arp.add_static(a.iface.addr, a.iface.mac)
    sim.run(SECOND)
    return sim, a, b


class Datagrams:
    """Numbered datagrams from host a to b, and when they came."""

    def __init__(self, sim, a, b, size=100):
        self.sim, self.size, self.dst = sim, size, b.iface.addr
        self.sender = a.stack.udp.open()
        self.receiver = b.stack.udp.open(0, 9)
        self.receiver.handler = self.input
        self.stack = a.stack
        self.came = []  # (number, time)
        self.sent = 0

    def input(self, iface, buf, off, end, src, sport):
        assert end - off == self.size
        self.came.append((buf[off] << 8 | buf[off + 1], self.sim.now))

    def send(self, n=1):
        for _ in range(n):
            data = self.sent.to_bytes(2, "big") + bytes(self.size - 2)
            assert self.sender.send(data, self.dst, 9)
            self.stack.flush()
            self.sent += 1

    def numbers(self):
        return [number for number, _ in self.came]


def test_delay_is_exact_both_ways():
    """50 ms before it leaves, or after it came, on a wire that takes 5 ms."""
    for received, sent in ((None, {"delay_ms": 50}), ({"delay_ms": 50}, None)):
        sim, a, b = pair()
        it = impair(a, received, sent)
        source, target = (a, b) if sent else (b, a)
        d = Datagrams(sim, source, target)
        begin = sim.now
        d.send()
        sim.run(20000)
        d.send()
        sim.run(SECOND)
        assert d.came == [(0, begin + 55000), (1, begin + 75000)], (begin, d.came)
        assert not it.received.held and not it.sent.held


def test_a_ping_takes_the_delay_of_both_ways():
    sim, a, b = pair()
    impair(a, {"delay_ms": 30}, {"delay_ms": 20})
    pings = a.stack.icmp.pings.open()
    pings.send(b.iface.addr, 1, b"x" * 56, sim.now)
    a.stack.flush()
    sim.run(SECOND)
    assert pings.recv()[4] == 60000


def test_losses_are_those_that_were_asked_for():
    sim, a, b = pair()
    it = impair(a, None, {"loss": 0.2})
    d = Datagrams(sim, a, b)
    for _ in range(100):
        d.send(20)
        sim.run(10000)
    lost = it.sent.counts["lost"]
    assert 310 < lost < 490 and it.sent.counts["frames"] == 2000
    assert len(d.came) == 2000 - lost and a.stack.counters.impair_lost == lost
    assert d.numbers() == sorted(set(d.numbers()))


def test_a_slow_line_has_its_rate_and_its_queue():
    """142-byte frames at 1136 kbit/s: one every ms."""
    sim, a, b = pair()
    it = impair(a, None, {"rate_kbps": 1136, "queue": 10})
    d = Datagrams(sim, a, b)
    begin = sim.now
    d.send(15)
    sim.run(SECOND)
    assert d.came == [(i, begin + 5000 + 1000 * (i + 1)) for i in range(10)], d.came
    assert it.sent.counts["overflow"] == a.stack.counters.impair_overflow == 5
    d.send(3)
    sim.run(SECOND)
    assert d.numbers()[10:] == [15, 16, 17]


def test_bulk_transfer_gets_the_rate():
    """The bytes of all frames, headers included, in the time that the line needs for them."""
    sim, a, b = pair(delay=1000)
    impair(a, None, {"rate_kbps": 4000, "queue": 50})
    carried = Carried(sim.default, a.port)
    begin = sim.now
    Transfer(sim, a, b, DATA).run()
    seconds = (sim.now - begin) / SECOND
    rate = sum([len(frame) for frame in carried.sent]) * 8 / 1000 / seconds
    assert 3600 < rate <= 4010, rate


def test_duplicates_come_twice_and_are_counted():
    sim, a, b = pair()
    it = impair(a, {"duplicate": 0.5}, None)
    d = Datagrams(sim, b, a)
    d.send(200)
    sim.run(SECOND)
    twice = it.received.counts["duplicated"]
    assert 60 < twice < 140 and len(d.came) == 200 + twice
    assert sorted(set(d.numbers())) == list(range(200))


def test_reordered_frames_are_overtaken():
    sim, a, b = pair()
    it = impair(a, None, {"reorder": 0.1, "late_ms": 5})
    d = Datagrams(sim, a, b)
    for _ in range(200):
        d.send()
        sim.run(1000)
    sim.run(SECOND)
    numbers = d.numbers()
    assert sorted(numbers) == list(range(200))
    behind = [n for i, n in enumerate(numbers) if i and n < max(numbers[:i])]
    assert 8 < it.sent.counts["reordered"] < 40 and len(behind) >= 8


def test_jitter_alone_keeps_the_order():
    sim, a, b = pair()
    impair(a, {"delay_ms": 20, "jitter_ms": 20}, None)
    d = Datagrams(sim, b, a)
    for _ in range(200):
        d.send()
        sim.run(1000)
    sim.run(SECOND)
    assert d.numbers() == list(range(200))


def test_tcp_gets_through_everything_at_once():
    """RFC 9293 §3.1, §3.8: what arrives is what was sent."""
    bad = {"loss": 0.05, "delay_ms": 50, "jitter_ms": 5, "duplicate": 0.02, "corrupt": 0.02}
    bad["reorder"] = 0.05
    happened = {}
    for seed in range(1, 4):
        sim, a, b = pair(seed=seed)
        it = impair(a, bad, bad, seed)
        Transfer(sim, a, b, DATA, back=DATA[:50000]).run(30 * MINUTE)
        assert a.stack.counters.tcp_retransmit > 3
        for what, count in list(it.received.counts.items()) + list(it.sent.counts.items()):
            happened[what] = happened.get(what, 0) + count
    for what in ("lost", "corrupted", "reordered", "duplicated"):
        assert happened[what] > 5, happened


def test_bursts_of_losses():
    lost = 0
    for seed in range(1, 4):
        sim, a, b = pair(seed=seed)
        it = impair(a, {"loss": 0.05, "burst": 5}, {"loss": 0.05, "burst": 5}, seed)
        Transfer(sim, a, b, DATA, back=DATA).run(30 * MINUTE)
        lost += it.received.counts["lost"] + it.sent.counts["lost"]
    assert lost > 10, lost


def test_what_is_held_at_the_end_goes_on_in_order():
    sim, a, b = pair()
    begin = sim.now
    sent = Datagrams(sim, a, b)
    impair(a, {"delay_ms": 500}, {"delay_ms": 500})
    received = Datagrams(sim, b, a)
    sent.send(20)
    received.send(20)
    sim.run(50000)
    assert not sent.came and not received.came and of(a.iface).received.held
    plain = of(a.iface).below
    impair(a)
    sent.send(1)
    received.send(1)
    sim.run(SECOND)
    assert sent.numbers() == received.numbers() == list(range(21))
    assert max([when for _, when in sent.came]) == begin + 55000
    assert a.iface.dev is plain and a.iface.receive == plain.receive
    assert not [
        t for _, _, t in a.stack.timers.heap if t.due is not None and t.due > sim.now + MINUTE
    ]


def test_new_faults_overtake_nothing():
    sim, a, b = pair()
    impair(a, None, {"delay_ms": 100})
    d = Datagrams(sim, a, b)
    d.send(5)
    impair(a, None, {"delay_ms": 1})
    d.send(5)
    sim.run(SECOND)
    assert d.numbers() == list(range(10))


def test_a_full_device_delays_and_loses_nothing():
    """What is due waits for room, and senders wait behind it."""
    sim, a, b = pair()
    impair(a, None, {"delay_ms": 1})
    d = Datagrams(sim, a, b)
    a.port.tx_room = 0
    d.send(5)
    sim.run(10000)
    assert not d.came
    assert d.sender.send(bytes(100), d.dst, 9) is False
    a.port.tx_room = 256
    sim.run(SECOND)
    assert d.numbers() == list(range(5))
    d.send()
    sim.run(SECOND)
    assert d.numbers() == list(range(6))


def test_memory_is_bounded():
    sim, a, b = pair()
    it = impair(a, {"delay_ms": 1000, "queue": 20}, {"delay_ms": 1000, "queue": 30})
    out, into = Datagrams(sim, a, b), Datagrams(sim, b, a)
    out.send(200)
    into.send(200)
    sim.run(100000)
    assert len(it.sent.held) == 30 and len(it.received.held) == 20
    sim.run(2 * SECOND)
    assert len(out.came) == 30 and len(into.came) == 20
    assert len(it.sent.held._spare) <= 31 and len(it.received.held._spare) <= 21
    assert a.stack.counters.impair_overflow == 350


def test_a_tap_sees_what_is_on_the_wire():
    """Before the faults of what comes, after those of what is sent; whichever was there first."""
    for first in (True, False):
        sim, a, b = pair()
        seen = []

        def look(frame, n, out, now, offload):
            seen.append((out, now))

        if first:
            tap.attach(a.iface, look)
        impair(a, {"delay_ms": 100}, {"delay_ms": 100})
        if not first:
            tap.attach(a.iface, look)
        out, into = Datagrams(sim, a, b), Datagrams(sim, b, a)
        begin = sim.now
        out.send()
        into.send()
        sim.run(SECOND)
        assert seen == [(False, begin + 5000), (True, begin + 100000)], seen
        if first:
            tap.detach(a.iface, look)
            impair(a)
        else:
            impair(a)
            tap.detach(a.iface, look)
        sim.run(1)
        assert a.iface.dev is a.port and a.iface.receive == a.port.receive
        assert layer.find(a.iface, layer.Layer) is None


def test_an_exception_above_loses_nothing_else():
    sim, a, b = pair()
    a.stack.strict = False
    impair(a, {"delay_ms": 10}, None)
    d = Datagrams(sim, b, a)
    take = d.input
    count = [0]

    def broken(*args):
        count[0] += 1
        if count[0] == 2:
            raise ValueError("handler")
        take(*args)

    d.receiver.handler = broken
    d.send(4)
    sim.run(SECOND)
    assert d.numbers() == [0, 2, 3] and a.stack.counters.bug_frame == 1


def test_a_long_queue_is_handed_up_within_the_polls_budget():
    sim, a, b = pair()
    impair(a, {"delay_ms": 10}, None)
    d = Datagrams(sim, b, a)
    d.send(200)
    sim.run(SECOND)
    assert d.numbers() == list(range(200)) and len({when for _, when in d.came}) == 1


def test_nothing_is_there_for_who_never_asked():
    sim, a, b = two_hosts()
    dev = a.iface.dev
    assert dev is a.port and dev.notes() == () and not hasattr(a.stack.counters, "impair_lost")
