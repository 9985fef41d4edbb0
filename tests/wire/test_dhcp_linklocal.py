# Frostnet: tests of link-local addresses while no DHCP server answers (RFC 3927)
# MIT license; Copyright (c) 2026 The Frostnet authors

from dhcp_server import CLIENT, Server
from frostnet.dhcp.client import Client
from frostnet.dhcp.states import BOUND
from frostnet.link import linklocal
from frostnet.wire.addr import is_link_local, load
from simnet import Sim

S = 1000000


def setup(answer=False, **wire):
    sim = Sim(1, **wire)
    server = Server(sim)
    if not answer:
        server.answer = server.silent
    host = sim.host(1)
    client = Client(host.stack, host.iface, None, "board")
    client.start(sim.now)
    return sim, server, host, client


def test_comes_when_no_server_answers():
    sim, server, host, client = setup()
    sim.run(9 * S)
    assert host.iface.addr == 0 and not host.iface.arp.claims, "too early"
    sim.run(14 * S)
    assert is_link_local(host.iface.addr)
    # Servers are still asked, from 0.0.0.0 and for a broadcast reply
    count = len(server.asked)
    sim.run(200 * S)
    assert len(server.asked) >= count + 3
    for asked in server.asked:
        assert asked.src == 0 and asked.ciaddr == 0
    assert server.asked[-1].flags == 0x80


def test_gives_way_to_a_lease():
    # §1.9, §2.11
    sim, server, host, client = setup()
    sim.run(60 * S)
    assert is_link_local(host.iface.addr)
    server.answer = server.grant
    sim.run(70 * S)
    assert client.state == BOUND and host.iface.addr == CLIENT
    assert list(host.iface.arp.claims) == [CLIENT]
    assert host.stack.ip.routes.default().gateway
    sim.run(100 * S)
    assert client.linklocal.state == linklocal.OFF


def test_lease_in_the_middle_of_the_probes():
    sim, server, host, client = setup()
    sim.run_until(lambda: host.iface.arp.claims, 20 * S)
    server.answer = server.grant
    client.renew(sim.now)
    host.touch()
    sim.run(S)
    assert host.iface.addr == CLIENT and list(host.iface.arp.claims) == [CLIENT]


def test_comes_when_a_lease_has_ended():
    sim, server, host, client = setup(True)
    sim.run(S)
    assert host.iface.addr == CLIENT
    server.answer = server.silent
    sim.run(3600 * S)
    assert host.iface.addr in (0, CLIENT)
    sim.run(60 * S)
    assert is_link_local(host.iface.addr)


def test_can_be_switched_off():
    sim, server, host, client = setup()
    client.linklocal = None
    sim.run(200 * S)
    assert host.iface.addr == 0
    client.stop(sim.now)


def test_two_hosts_without_a_server_find_each_other():
    sim = Sim(3)
    hosts = [sim.host(1), sim.host(2)]
    for host in hosts:
        Client(host.stack, host.iface).start(sim.now)
    sim.run(30 * S)
    a, b = [host.iface.addr for host in hosts]
    assert is_link_local(a) and is_link_local(b) and a != b
    inbox = hosts[1].stack.udp.open(0, 9)
    hosts[0].stack.udp.open().send(b"hello", b, 9)
    hosts[0].touch()
    sim.run(S)
    assert inbox.recv()[:2] == (b"hello", a)


def test_frames_of_the_claim_are_well_formed():
    sim, server, host, client = setup()
    seen = []

    def see(frame, src):
        if frame[12:14] == b"\x08\x06" and src is host.port:
            seen.append((load(frame, 28), load(frame, 38), frame[22:28], frame[32:38]))
        return frame

    sim.default.filter = see
    sim.run(30 * S)
    addr = host.iface.addr
    assert (
        seen
        == [(0, addr, host.port.mac, bytes(6))] * 3 + [(addr, addr, host.port.mac, bytes(6))] * 2
    )
