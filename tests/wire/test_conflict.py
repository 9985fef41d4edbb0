# Frostnet: tests of address conflicts between whole stacks (RFC 5227, RFC 3927)
# MIT license; Copyright (c) 2026 The Frostnet authors

from dhcp_server import CLIENT, Server
from frostnet.dhcp.client import Client
from frostnet.dhcp.states import BOUND, INIT
from frostnet.link.linklocal import BOUND as HAS_ONE
from frostnet.link.linklocal import LinkLocal
from simnet import Sim

S = 1000000
A = 0x0A000001


def pair(seed=1, **wire):
    sim = Sim(seed, **wire)
    return sim, sim.host(1), sim.host(2)


def exchange(sim, a, b):
    """Whether a datagram of `a` reaches the address of `b`, at `b`."""
    inbox = b.stack.udp.open(0, 9)
    source = a.stack.udp.open()
    source.send(b"x", b.iface.addr, 9)
    a.touch()
    sim.run(4 * S)
    got = inbox.recv()
    inbox.close()
    source.close()
    return got is not None


def begin(sim, host, seed=12345):
    """Have `host` look for a link-local address, and begin with the one that `seed` leads to."""
    finder = LinkLocal(host.stack, host.iface)
    finder.start(sim.now)
    finder._drop()
    finder._seed = seed
    finder._try(sim.now)
    host.touch()
    return finder


def test_two_static_hosts_do_not_fight():
    # RFC 5227 §2.4 (c): each defends at most every ten seconds, so no storm begins
    sim, a, b = pair()
    a.iface.set_address(A, 24)
    sim.run(20 * S)
    before = a.stack.counters.arp_rx
    b.iface.set_address(A, 24)
    b.touch()
    sim.run(600 * S)
    assert b.iface.claim.rival == a.port.mac
    assert a.stack.counters.arp_rx - before <= 130, a.stack.counters.arp_rx - before
    assert a.iface.addr == b.iface.addr == A


def test_host_with_the_address_keeps_it_and_the_client_goes():
    # The second one probes, hears the first one's reply, and declines; no neighbour was misled
    sim, a, b = pair()
    third = sim.host(3, "10.0.0.9/24")
    a.iface.set_address(CLIENT, 24)
    sim.run(20 * S)
    assert exchange(sim, third, a)
    server = Server(sim)
    client = Client(b.stack, b.iface)
    client.start(sim.now)
    b.touch()
    sim.run(S // 100)
    assert client.state == BOUND
    sim.run(5 * S)
    assert client.state == INIT and b.iface.addr == 0
    assert b.stack.counters.dhcp_declined == 1 and not a.stack.counters.arp_conflict
    assert exchange(sim, third, a)
    server.yiaddr = CLIENT + 1
    sim.run(12 * S)
    assert b.iface.addr == CLIENT + 1 and exchange(sim, third, b)


def test_hosts_that_want_the_same_link_local_address_at_once():
    # RFC 3927 §2.2.1: a probe of another for the same address is a conflict
    for seed in range(1, 9):
        sim, a, b = pair(seed, delay=500, jitter=500)
        finders = [begin(sim, a), begin(sim, b)]
        assert list(a.iface.arp.claims) == list(b.iface.arp.claims)
        sim.run(20 * S)
        assert finders[0].state == finders[1].state == HAS_ONE
        assert a.iface.addr != b.iface.addr, seed
        assert finders[0].conflicts + finders[1].conflicts >= 1
        assert exchange(sim, a, b)


def test_networks_that_join():
    # RFC 3927 §2.5: both have it when the cable between them is plugged in; one stays
    sim, a, b = pair()
    wires = sim.wire(), sim.wire()
    hosts = [sim.host(10 + i, wire=wires[i]) for i in range(2)]
    for host in hosts:
        begin(sim, host)
    sim.run(20 * S)
    assert hosts[0].iface.addr == hosts[1].iface.addr != 0
    bridge = [sim.port(20 + i, wires[i]) for i in range(2)]

    def forward(here, there):
        def wake():
            while True:
                frame = here.take()
                if frame is None:
                    break
                there.put(frame)
            here.arm()

        return wake

    bridge[0].promisc = bridge[1].promisc = True
    bridge[0].wake = forward(bridge[0], bridge[1])
    bridge[1].wake = forward(bridge[1], bridge[0])
    hosts[0].iface.arp.announce(hosts[0].iface.addr)
    hosts[0].touch()
    sim.run(60 * S)
    addrs = [host.iface.addr for host in hosts]
    assert addrs[0] and addrs[1] and addrs[0] != addrs[1]
