# Frostnet: two hosts on a virtual wire: UDP
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.runtime import Runtime
from simnet import Sim

A = 0x0A000001
B = 0x0A000002
SECOND = 1_000_000


def pair(seed=1, **wire):
    sim = Sim(seed, **wire)
    return sim, sim.host(1, "10.0.0.1/24"), sim.host(2, "10.0.0.2/24")


def echo_server(host, port=7):
    endpoint = host.stack.udp.open(0, port)
    endpoint.handler = lambda iface, buf, off, end, src, sport: endpoint.send(
        buf[off:end], src, sport
    )
    return endpoint


def test_echo_of_every_size():
    sim, a, b = pair(delay=100)
    echo_server(b)
    client = a.stack.udp.open()
    for n in list(range(70)) + [1000, 1471, 1472]:
        data = bytes((n + i) & 255 for i in range(n))
        client.send(data, B, 7)
        sim.run(1000)
        assert client.recv() == (data, B, 7), n


def test_thousand_datagrams_in_order():
    sim, a, b = pair(delay=100)
    sink = b.stack.udp.open(0, 7)
    source = a.stack.udp.open()
    got = []
    for i in range(1000):
        source.send(b"%d" % i, B, 7)
        sim.run(50)
        while sink.available():
            got.append(int(sink.recv()[0]))
    sim.run(1000)
    while sink.available():
        got.append(int(sink.recv()[0]))
    assert got == list(range(1000))


def test_broadcast_reaches_every_host():
    sim, a, b = pair(delay=100)
    c = sim.host(3, "10.0.0.3/24")
    sinks = [h.stack.udp.open(0, 7) for h in (b, c)]
    source = a.stack.udp.open()
    for dst in (0xFFFFFFFF, 0x0A0000FF):
        source.send(b"all", dst, 7)
        sim.run(1000)
        for sink in sinks:
            assert sink.recv() == (b"all", A, source.port)
    for host in (b, c):
        assert not host.stack.counters.icmp_tx_error


def test_two_networks_on_one_host():
    sim = Sim(1, delay=100)
    other = sim.wire(delay=100)
    a = sim.host(1, "10.0.0.1/24")
    b = sim.host(2, "10.1.0.1/24", wire=other)
    port = sim.port(9, other)
    # The middle host has a leg in each network; it is not a router and must not become one.
    m = sim.host(3, "10.0.0.3/24")
    leg = m.stack.add(port, "eth1")
    leg.set_address(0x0A010003, 24)
    port.wake = m.touch
    sinks = [h.stack.udp.open(0, 7) for h in (a, b)]
    source = m.stack.udp.open()
    source.send(b"left", 0x0A000001, 7)
    source.send(b"right", 0x0A010001, 7)
    sim.run(10_000)
    assert sinks[0].recv() == (b"left", 0x0A000003, source.port)
    assert sinks[1].recv() == (b"right", 0x0A010003, source.port)
    a.stack.ip.routes.set_default(a.iface, 0x0A000003)
    a.stack.udp.open(0, 99).send(b"through", 0x0A010001, 7)
    sim.run(10_000)
    assert m.stack.counters.ip_drop_not_ours == 1
    assert not sinks[1].available()


def test_stalled_device_loses_nothing_that_it_took():
    sim, a, b = pair(delay=100)
    sink = b.stack.udp.open(0, 7)
    source = a.stack.udp.open()
    source.send(b"0", B, 7)
    sim.run(1000)
    assert sink.recv()
    a.port.tx_room = 8
    a.port.stalled = True
    taken = 0
    while source.send(b"%d" % taken, B, 7):
        taken += 1
    assert taken == 8
    sim.run(1000)
    a.port.stalled = False
    sim.run(1000)
    assert [sink.recv()[0] for _ in range(taken)] == [b"%d" % i for i in range(taken)]
    assert source.send(b"again", B, 7)


class Clock:
    """A port whose time stands still and that notes the sleeps."""

    def __init__(self, now):
        self.now = now
        self.sleeps = []

    def ticks_us(self):
        return self.now

    def lock(self):
        pass

    unlock = lock

    def alarm(self, when, callback):
        pass

    def wait(self, until, callback=None):
        self.sleeps.append(until)


def test_wait_for_a_datagram_from_ourselves_does_not_sleep():
    # It arrives while the wait begins: there is nothing more to wait for.
    sim, a, b = pair()
    sim.run(1000)
    port = Clock(sim.now)
    rt = Runtime(a.stack, port)
    rt.poll()
    endpoint = a.stack.udp.open(0, 7)
    rt.lock()
    endpoint.send(b"self", A, 7)
    rt.wait(sim.now + SECOND)
    rt.unlock()
    assert endpoint.recv()[0] == b"self"
    assert not port.sleeps, port.sleeps
