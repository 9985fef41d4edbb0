# Frostnet: tests of the virtual wire and of the simulator's clock
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import struct

from simnet import Sim, mac_of
from simwire import Port, Rng, Wire

A, B, C = mac_of(1), mac_of(2), mac_of(3)


def frame(dst, src, n=0, length=60):
    return dst + src + b"\x88\xb5" + n.to_bytes(4, "big") + bytes(length - 18)


def drain(port):
    frames = []
    f = port.take()
    while f:
        frames.append(f)
        f = port.take()
    port.flush()
    return frames


def wire_of(ports=2, **options):
    wire = Wire(**options)
    return [wire] + [wire.port(mac_of(n + 1)) for n in range(ports)]


def error_of(fn, *args, **kwargs):
    try:
        fn(*args, **kwargs)
    except AssertionError as e:
        return str(e)
    raise AssertionError("no error")


def test_a_frame_arrives_after_the_delay_and_not_before():
    wire, a, b = wire_of(delay=500)
    a.put(frame(B, A))
    assert wire.next() == 500
    wire.advance(499)
    assert b.take() is None
    wire.advance(500)
    assert drain(b) == [frame(B, A)]
    assert wire.next() is None


def test_nothing_arrives_in_no_time():
    wire, a, b = wire_of()
    a.put(frame(B, A))
    wire.advance(0)
    assert b.take() is None


def test_frames_go_to_their_station_or_to_all():
    wire, a, b, c = wire_of(3)
    a.put(frame(B, A))
    a.put(frame(b"\xff" * 6, A, 1))
    a.put(frame(b"\x01\x00\x5e\x00\x00\x01", A, 2))
    wire.advance(1)
    assert len(drain(b)) == 3 and len(drain(c)) == 2 and drain(a) == []
    c.promisc = True
    a.put(frame(B, A))
    wire.advance(2)
    assert len(drain(c)) == 1


def test_nothing_leaves_before_flush():
    wire, a, b = wire_of()
    a.tx()[:60] = frame(B, A)
    a.send(60)
    wire.advance(5)
    assert b.take() is None
    a.flush()
    wire.advance(10)
    assert b.take() == frame(B, A)


def test_buffers_are_spoilt_when_they_are_given_back():
    # A stack that keeps what it does not own must fail here, not on the board.
    a = Port(A)
    first = frame(A, B, 1)
    a.inject(first)
    a.inject(frame(A, B, 2))
    n = a.rx()
    kept = a.frame
    assert bytes(kept[:n]) == first
    a.flush()
    assert bytes(kept[:n]) != first
    n = a.rx()
    assert bytes(kept[:n]) == frame(A, B, 2)
    buf = a.tx()
    assert a.tx() is buf
    buf[:60] = first
    a.send(60)
    assert bytes(a.tx()[:60]) != first
    a.flush()
    assert a.sent == [first]


def test_counters_of_a_port():
    a = Port(A)
    a.inject(frame(A, B))
    a.inject(bytes(1515))
    a.inject(b"")
    a.rx()
    a.rx_room = 0
    a.inject(frame(A, B))
    a.carrier = False
    a.inject(frame(A, B))
    a.put(frame(B, A))
    c = a.counters
    assert (c.rx_frames, c.rx_bytes, c.tx_frames, c.tx_bytes) == (1, 60, 1, 60)
    assert (c.rx_drop_long, c.rx_drop_full, c.rx_drop_carrier, c.tx_drop_carrier) == (2, 1, 1, 1)
    assert not a.carrier


def test_a_stalled_card_runs_out_of_buffers():
    a = Port(A)
    a.tx_room = 2
    a.stalled = True
    a.put(frame(B, A, 1))
    a.put(frame(B, A, 2))
    assert a.tx() is None and a.counters.tx_full == 1
    a.stalled = False
    a.flush()
    assert a.tx() is not None and len(a.sent) == 2


def test_interrupt_comes_once_until_armed():
    a = Port(A)
    calls = []
    a.attach(calls.append)
    a.inject(frame(A, B))
    a.inject(frame(A, B))
    assert calls == [a]
    assert a.arm(), "frames wait"
    drain(a)
    assert not a.arm()
    a.inject(frame(A, B))
    assert calls == [a, a]


def test_an_unplugged_port_neither_sends_nor_receives():
    wire, a, b = wire_of(delay=100)
    a.put(frame(B, A, 1))
    b.carrier = False  # while the frame is on its way
    wire.advance(200)
    b.carrier = True
    assert b.take() is None
    a.put(frame(B, A, 2))
    wire.advance(400)
    assert b.take() == frame(B, A, 2)


def test_filter_may_drop_change_and_multiply():
    wire, a, b = wire_of()
    seen = []

    def rule(f, src):
        seen.append(src)
        n = f[17]
        if n == 0:
            return None
        if n == 1:
            return f[:59] + b"\x99"
        return [f, f] if n == 2 else f

    wire.filter = rule
    for n in range(4):
        a.put(frame(B, A, n))
    wire.advance(1)
    got = drain(b)
    assert [f[17] for f in got] == [1, 2, 2, 3] and got[0][59] == 0x99
    assert seen == [a] * 4 and wire.counters.filtered == 1


def statistics(**options):
    wire, a, b = wire_of(seed=5, delay=100, **options)
    for n in range(1000):
        a.put(frame(B, A, n))
    wire.advance(100)
    early = drain(b)
    wire.advance(10000)
    return wire, early, drain(b)


def test_loss_duplication_and_corruption_happen_as_often_as_asked():
    wire, early, late = statistics(loss=0.1)
    assert 70 < wire.counters.lost < 130 and len(early) == 1000 - wire.counters.lost
    wire, early, late = statistics(dup=0.1)
    assert 70 < wire.counters.duplicated < 130 and len(early) == 1000 + wire.counters.duplicated
    wire, early, late = statistics(corrupt=0.1)
    bad = [f for n, f in enumerate(early) if f != frame(B, A, n)]
    assert 70 < len(bad) == wire.counters.corrupted < 130
    for f in bad:
        assert f[:12] == B + A
    wire, early, late = statistics(reorder=0.1)
    assert 70 < len(late) == wire.counters.reordered < 130
    wire, early, late = statistics(loss=1)
    assert not early and not late


def test_corruption_is_near_the_start_half_of_the_time_and_never_cancels_out():
    wire, a, b = wire_of(seed=3, corrupt=1)
    sent = frame(B, A, 1, 1514)
    headers = 0
    for _ in range(400):
        a.put(sent)
        wire.advance(wire.now + 1)
        (got,) = drain(b)
        wrong = [i for i in range(len(sent)) if got[i] != sent[i]]
        assert wrong and wrong[0] >= 12 and wrong[-1] - wrong[0] <= 2
        headers += wrong[0] < 54
        # The Internet checksum finds all of them: the sum of the 16-bit words changes.
        assert bits_of(got) % 65535 != bits_of(sent) % 65535
    assert 160 < headers < 250, headers


def bits_of(data):
    return int.from_bytes(data, "big")


def test_a_burst_loses_frames_in_runs():
    # Gilbert-Elliott: in the long run p / (p + q) of the frames meet a bad channel.
    wire, a, b = wire_of(seed=4, burst=(0.02, 0.1, 1))
    got = []
    for n in range(3000):
        a.put(frame(B, A, n))
        wire.advance(wire.now + 1)
        got.append(len(drain(b)))
    lost = got.count(0)
    runs = sum(1 for i in range(1, 3000) if got[i - 1] and not got[i])
    assert 350 < lost == wire.counters.lost < 650, lost
    assert 6 < lost / runs < 16, "mean length of a burst is 1 / q"


def test_a_bad_channel_belongs_to_one_sender():
    wire, a, b = wire_of(burst=(1, 0, 1))
    a.put(frame(B, A))
    wire.burst = (0, 0, 1)  # a's channel stays bad, b's stays good
    a.put(frame(B, A))
    b.put(frame(A, B))
    wire.advance(1)
    assert drain(b) == [] and len(drain(a)) == 1


def arrivals(wire):
    times = []
    while wire.next() is not None:
        times.append(wire.next())
        wire.advance(wire.next())
    return times


def test_a_slow_line_spreads_frames_and_its_queue_is_bounded():
    wire, a, b = wire_of(delay=500, rate=100000, queue=4000)
    for n in range(6):
        a.put(frame(B, A, n, 1000))
    assert arrivals(wire) == [10500, 20500, 30500, 40500]
    assert wire.counters.overflowed == 2 and len(drain(b)) == 4
    a.put(frame(B, A, 9, 1000))  # the line is idle again
    assert arrivals(wire) == [wire.now] and wire.now == 51000


def test_every_port_has_a_line_of_its_own():
    wire, a, b, c = wire_of(3, rate=100000)
    a.put(frame(B, A, 1, 1000))
    a.put(frame(C, A, 2, 1000))
    a.put(frame(b"\xff" * 6, A, 3, 1000))
    assert arrivals(wire) == [10001, 20001]
    assert len(drain(b)) == len(drain(c)) == 2


def test_frames_beyond_the_wires_mtu_disappear():
    wire, a, b = wire_of(mtu=576)
    a.put(frame(B, A, 1, 590))
    a.put(frame(B, A, 2, 591))
    wire.advance(1)
    assert len(drain(b)) == 1 and wire.counters.too_long == 1


def test_jitter_spreads_arrivals():
    wire, a, b = wire_of(delay=100, jitter=50)
    for n in range(200):
        a.put(frame(B, A, n))
    times = set()
    while wire.next():
        times.add(wire.next())
        wire.advance(wire.next())
    assert min(times) < 105 and 145 <= max(times) < 150 and len(times) > 40


def outcome(seed):
    odds = {"loss": 0.1, "dup": 0.1, "reorder": 0.1, "corrupt": 0.1}
    wire, a, b = wire_of(seed=seed, delay=100, jitter=90, **odds)
    for n in range(300):
        a.put(frame(B, A, n))
    wire.advance(100000)
    return drain(b)


def test_the_same_seed_gives_the_same_run():
    assert outcome(7) == outcome(7)
    assert outcome(7) != outcome(8)


def test_rng_is_even_and_in_range():
    rng = Rng(1)
    counts = [0] * 10
    for _ in range(10000):
        counts[rng.below(10)] += 1
    assert min(counts) > 850 and max(counts) < 1150, counts
    assert all(0 <= rng.getrandbits(n) < 1 << n for n in (1, 7, 32, 33, 64, 128))
    ones = sum(rng.getrandbits(33) >> 32 for _ in range(1000))
    assert 400 < ones < 600
    assert Rng(0).bits() != Rng(1).bits() != Rng(2).bits()


def test_pcap_holds_every_frame_with_its_time():
    path = "/tmp/frostnet-simnet-%d.pcap" % os.urandom(4)[0]
    wire, a, b = wire_of()
    wire.pcap(path)
    a.put(frame(B, A, 1))
    wire.advance(2500000)
    a.put(frame(B, A, 2, 100))
    wire.close()
    with open(path, "rb") as f:
        data = f.read()
    os.remove(path)
    magic, major, minor, _, _, snap, link = struct.unpack_from("<IHHiIII", data)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 1) and snap >= 1514
    assert struct.unpack_from("<IIII", data, 24) == (0, 0, 60, 60)
    assert data[40:100] == frame(B, A, 1)
    assert struct.unpack_from("<IIII", data, 100) == (2, 500000, 100, 100)
    assert len(data) == 24 + 16 + 60 + 16 + 100


class Echo:
    """A stack that answers every frame, and names deadlines as it is told."""

    def __init__(self, port):
        self.port = port
        self.deadlines = []
        self.polls = []

    def poll(self, now):
        self.polls.append(now)
        while self.port.rx():
            pass
        self.port.flush()
        return self.deadlines.pop(0) if self.deadlines else None


def sim_of(*deadlines):
    sim = Sim(delay=10)
    host = sim.host(1)
    host.stack = Echo(host.port)
    host.stack.deadlines = list(deadlines)
    return sim, host


def test_time_jumps_from_event_to_event():
    sim, host = sim_of()
    begin = sim.now
    host.stack.deadlines = [begin + 1000, begin + 5000000]
    sim.run(6000000)
    assert host.stack.polls == [begin, begin + 1000, begin + 5000000]
    assert sim.now == begin + 6000000


def test_a_host_is_polled_when_a_frame_comes():
    sim, host = sim_of()
    other = sim.port(2)
    begin = sim.now
    sim.run(50)
    other.put(frame(A, B))
    sim.run(100)
    assert host.stack.polls == [begin, begin + 50, begin + 60], host.stack.polls


def test_run_until_says_what_did_not_happen():
    sim, host = sim_of()
    text = error_of(sim.run_until, lambda: False, 3000, "the flood")
    assert "the flood did not come true within 3000 us" in text and "seed 1" in text
    begin = sim.now
    sim.run_until(lambda: sim.now >= begin + 10, 20)


def test_a_stack_that_asks_for_ever_is_found_out():
    sim, host = sim_of()
    host.stack.deadlines = [0] * 5000
    assert "asks to be polled for ever" in error_of(sim.run, 1)


def test_programs_run_beside_the_hosts():
    sim, host = sim_of()
    begin = sim.now
    # Each step polls twice: when it begins, and after the program.
    host.stack.deadlines = [begin + 10 * (n // 2 + 1) for n in range(8)]
    seen = []

    def program():
        for _ in range(3):
            seen.append(sim.now - begin)
            yield

    sim.go(program())
    sim.run(100)
    assert seen == [0, 10, 20] and not sim.programs


def test_wires_are_separate():
    sim = Sim(delay=10)
    other = sim.wire(delay=10)
    a, b, c = sim.port(1), sim.port(2), sim.port(2, wire=other)
    a.put(frame(B, A))
    sim.run(100)
    assert b.take() and c.take() is None
