# Frostnet: two hosts on a virtual wire: ARP, ping and ICMP errors
# MIT license; Copyright (c) 2026 The Frostnet authors

from errno import ECONNREFUSED, EHOSTUNREACH

from simnet import Sim

A = 0x0A000001
B = 0x0A000002
NOBODY = 0x0A000063
SECOND = 1_000_000


def pair(seed=1, **wire):
    sim = Sim(seed, **wire)
    return sim, sim.host(1, "10.0.0.1/24"), sim.host(2, "10.0.0.2/24")


def ping(sim, host, dst, seq=1, payload=b"x" * 56, timeout=SECOND):
    """One echo request; its reply or None."""
    p = host.stack.icmp.pings.open()
    p.send(dst, seq, payload, sim.now)
    end = sim.now + timeout
    host.touch()
    while not p._replies and not p.error and sim.now < end:
        sim.step(end)
    p.close()
    return p.recv()


def test_round_trip_is_the_wire_s():
    sim, a, b = pair(delay=700)
    sim.run(10_000)  # let the announcements pass
    assert ping(sim, a, B)[4] == 4 * 700, "the first takes an ARP exchange more"
    assert ping(sim, a, B) == (1, B, 56, 64, 1400)
    # B was asked by A and knows it already.
    assert ping(sim, b, A) == (1, A, 56, 64, 1400)


def test_all_sizes():
    sim, a, b = pair()
    for n in (0, 1, 8, 55, 56, 57, 1000, 1471, 1472):
        reply = ping(sim, a, B, 1, bytes(n))
        assert reply and reply[2] == n, n


def test_no_first_packet_is_lost_when_requests_are():
    # The first two ARP requests vanish: the ping waits and passes.
    sim, a, b = pair(delay=100)
    lost = []

    def lose(frame, port):
        if frame[12:14] == b"\x08\x06" and frame[21] == 1 and len(lost) < 2:
            lost.append(frame)
            return None
        return frame

    sim.run(1000)
    sim.default.filter = lose
    reply = ping(sim, a, B, timeout=4 * SECOND)
    assert len(lost) == 2 and reply and reply[4] > SECOND


def test_lossy_wire():
    sim, a, b = pair(seed=3, delay=1000, jitter=500, loss=0.2, dup=0.05, reorder=0.1)
    got = sum(1 for seq in range(200) if ping(sim, a, B, seq))
    # Both directions lose a fifth: 128 of 200 are expected.
    assert 95 <= got <= 160, got
    assert not a.stack.counters.drops().get("ip_drop_checksum")


def test_corrupted_frames_are_never_believed():
    # Bits flip on the wire, which has no CRC: the checksums must find it.
    sim, a, b = pair(seed=5, corrupt=0.3, delay=100)
    sink = b.stack.udp.open(0, 7)
    source = a.stack.udp.open()
    sent = set()
    for i in range(400):
        data = b"datagram %d " % i * 3
        try:
            source.send(data, B, 7)
            sent.add(data)
        except OSError:
            pass
        sim.run(500)
        while sink.available():
            assert sink.recv()[0] in sent
    drops = b.stack.counters.drops()
    assert drops["udp_drop_checksum"] and drops["ip_drop_checksum"]
    sim.default.corrupt = 0
    sim.run(5 * SECOND)
    assert ping(sim, a, B)


def test_nobody_answers():
    sim, a, b = pair(delay=100)
    p = a.stack.icmp.pings.open()
    p.send(NOBODY, 1, b"", sim.now)
    begin = sim.now
    sim.run_until(lambda: p.error, 4 * SECOND)
    assert p.error == EHOSTUNREACH and sim.now - begin <= 3_100_000
    try:
        p.send(NOBODY, 2, b"", sim.now)
    except OSError as e:
        assert e.errno == EHOSTUNREACH
    else:
        assert False, "it was believed alive again at once"


def test_cable_pulled_and_put_back():
    sim, a, b = pair(delay=100)
    assert ping(sim, a, B)
    b.port.carrier = False
    assert not ping(sim, a, B, timeout=SECOND // 2)
    b.port.carrier = True
    sim.run(1000)
    assert ping(sim, a, B)


def test_address_moves_to_another_host():
    # An announcement of the new owner redirects A (RFC 5227 §2.3), after its probes.
    sim, a, b = pair(delay=100)
    assert ping(sim, a, B)
    c = sim.host(3)
    b.iface.clear_address()
    c.iface.set_address(B, 24)
    sim.run(7 * SECOND)
    before = c.stack.counters.icmp_echo
    assert ping(sim, a, B)
    assert c.stack.counters.icmp_echo == before + 1


def test_closed_port():
    sim, a, b = pair(delay=100)
    source = a.stack.udp.open()
    source.connect(B, 9)
    source.send(b"x")
    sim.run(10_000)
    assert source.take_error() == ECONNREFUSED


def test_answers_while_flooded():
    # 10 000 datagrams to closed ports: errors are limited, a ping in between is answered.
    sim, a, b = pair(delay=50)
    assert ping(sim, a, B)
    source = a.stack.udp.open()
    answered = 0
    for i in range(10_000):
        source.send(b"flood", B, 10_000 + i)
        if i % 20 == 19:
            sim.run(100)
        if i % 1000 == 999:
            answered += ping(sim, a, B) is not None
    assert answered == 10
    assert b.stack.counters.icmp_tx_error < 200
    limited = b.stack.counters.icmp_tx_limited
    assert limited + b.stack.counters.icmp_tx_error == 10_000


def test_capture_is_replayable():
    # The same seed gives the same frames.
    runs = []
    for _ in range(2):
        sim, a, b = pair(seed=9, delay=300, jitter=300, loss=0.1)
        frames = []

        def note(frame, port):
            frames.append(bytes(frame))
            return frame

        sim.default.filter = note
        for seq in range(20):
            ping(sim, a, B, seq)
        runs.append(frames)
    assert runs[0] == runs[1] and len(runs[0]) > 30
