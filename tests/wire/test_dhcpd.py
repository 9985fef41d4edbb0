# Frostnet: tests of the DHCP server: our own clients on its wire, in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import net
import services
from dhcpd.leases import BOUND, DECLINED, FREE
from frostnet import runtime
from frostnet.dhcp.client import Client
from frostnet.dhcp.states import BOUND as C_BOUND
from frostnet.dhcp.states import RENEWING
from frostnet.wire import dhcp, ethernet, ipv4
from frostnet.wire.addr import parse, text
from frostnet.wire.checksum import checksum
from simnet import Sim
from simtools import scheduler

S = 1000000
FIRST = parse("10.0.0.100")


class Bench:
    """A board with the service on its eth0, 10.0.0.1/24, and clients that boot later."""

    def __init__(self, seed=1, **options):
        self.sim = Sim(seed, delay=200)
        self.board = self.sim.host(1, "10.0.0.1/24")
        self.board.rt.dhcp = {}
        self.before = self.board.use()
        scheduler(self.sim, self.board.rt)
        self.service = net.dhcpd("eth0", **options)
        self.hosts = 1

    def client(self, hostname="", run=True):
        self.hosts += 1
        host = self.sim.host(self.hosts)
        client = Client(host.stack, host.iface, None, hostname)
        client.host = host
        if run:
            self.start(client)
        return client

    def start(self, client):
        client.start(self.sim.now)
        self.sim.run_until(lambda: client.state == C_BOUND, 30 * S, "the lease")

    def run(self, seconds):
        self.sim.run(int(seconds * S))

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, tb):
        self.service.stop()
        if exc is None:
            assert self.service.counters["failed"] == 0, self.service.error
            assert not services.running and not self.board.stack.udp.is_open(67)
            assert list(self.board.iface.arp.claims) == [self.board.iface.addr]
        runtime.set_current(self.before)


def test_a_client_gets_what_the_service_was_told():
    options = {42: b"\x0a\x00\x00\x02"}
    with Bench(router="10.0.0.1", dns="10.0.0.1", lease=600, options=options) as bench:
        client = bench.client("pump")
        lease = client.lease
        assert (lease.addr, lease.prefix, lease.server) == (FIRST, 24, parse("10.0.0.1"))
        assert lease.routers == [lease.server] and lease.dns == [lease.server]
        assert lease.domain == "lan" and lease.time == 600 and lease.ntp == [parse("10.0.0.2")]
        assert lease.t1 == 300 * S and lease.t2 == 525 * S
        assert bench.service.address_of("pump") == FIRST
        assert bench.service.name_of(FIRST) == "pump"
        counters = bench.service.counters
        assert (counters["offers"], counters["acks"], counters["naks"]) == (1, 1, 0)
        # RFC 2131 §4.1: the answers went to the station, and ARP was not asked for it
        assert FIRST not in [entry[0] for entry in bench.board.iface.arp.entries()]


def test_every_client_gets_its_own_address_and_keeps_it():
    with Bench() as bench:
        clients = [bench.client() for _ in range(5)]
        assert [c.lease.addr for c in clients] == [FIRST + i for i in range(5)]
        # RFC 2131 §2.2: the same again, even after it gave it back
        clients[1].stop(bench.sim.now)
        bench.run(1)
        states = [lease.state for lease in bench.service.leases]
        assert states == [BOUND, FREE, BOUND, BOUND, BOUND]
        assert bench.service.counters["releases"] == 1
        assert bench.client().lease.addr == FIRST + 5
        bench.start(clients[1])
        assert clients[1].lease.addr == FIRST + 1


def test_renewal_rebinding_and_reboot():
    with Bench(lease=100) as bench:
        client = bench.client()
        bench.run(1000)  # RENEWING, unicast to us
        assert client.state in (C_BOUND, RENEWING) and client.lease.addr == FIRST
        acks = bench.service.counters["acks"]
        assert acks >= 15
        # REBINDING: the server's own address is not reached, but everybody is
        client.sender.ask(dhcp.REQUEST, 7, 0, client.lease.addr, 0xFFFFFFFF)
        bench.run(0.1)
        assert bench.service.counters["acks"] == acks + 1
        # INIT-REBOOT when the link returns
        client.host.port.carrier = False
        bench.run(1)
        client.host.port.carrier = True
        bench.run(1)
        assert client.state == C_BOUND and client.lease.addr == FIRST
        assert bench.service.counters["acks"] == acks + 2


def test_a_board_that_was_started_again_knows_nothing():
    # RFC 2131 §4.3.2: who renews is believed; of who reboots there is no record, so silence.
    with Bench(lease=100) as bench:
        client = bench.client()
        bench.service.stop()
        bench.service = net.dhcpd("eth0", lease=100)
        bench.run(60)
        assert client.lease.addr == FIRST and client.state == C_BOUND
        assert [lease.addr for lease in bench.service.leases] == [FIRST]
        bench.service.stop()
        bench.service = net.dhcpd("eth0", lease=100)
        client.host.port.carrier = False
        bench.run(1)
        client.host.port.carrier = True
        bench.run(5)
        assert bench.service.counters["drop_unknown"] >= 1
        bench.run(10)
        assert client.state == C_BOUND and client.lease.addr == FIRST


def test_a_client_from_another_network_is_refused():
    with Bench() as bench:
        client = bench.client(run=False)
        client._last = parse("192.168.7.7")
        client._until = bench.sim.now + 1000 * S
        bench.start(client)
        assert bench.service.counters["naks"] == 1 and client.lease.addr == FIRST


def test_an_address_that_somebody_has_is_not_offered():
    with Bench() as bench:
        bench.sim.host(77, "10.0.0.100/24")  # set by hand
        started = bench.sim.now
        client = bench.client()
        assert client.lease.addr == FIRST + 1
        assert bench.sim.now - started < 4 * S
        assert bench.service.counters["in_use"] == 1
        assert bench.service.leases[0].state == DECLINED


def test_declined():
    # Without a check the client finds out, and says so (RFC 2131 §3.1 step 5).
    with Bench(check=False) as bench:
        bench.sim.host(77, "10.0.0.100/24")
        client = bench.client()
        bench.run(60)
        assert client.lease.addr == FIRST + 1
        assert bench.service.counters["declines"] == 1
        assert bench.service.leases[0].state == DECLINED
        bench.run(600)
        assert bench.service.leases[0].state == FREE


def test_hosts_have_addresses_of_their_own():
    hosts = {"02:00:00:00:00:03": "10.0.0.7", "02:00:00:00:00:09": "10.0.0.100"}
    with Bench(hosts=hosts) as bench:
        assert bench.client().lease.addr == FIRST + 1  # .100 is somebody else's
        assert bench.client().lease.addr == parse("10.0.0.7")
        assert bench.client().lease.addr == FIRST + 2


def test_an_empty_pool_and_leases_that_end():
    with Bench(first="10.0.0.100", last="10.0.0.101", lease=60) as bench:
        clients = [bench.client() for _ in range(2)]
        third = bench.client(run=False)
        third.linklocal = None
        third.start(bench.sim.now)
        bench.run(20)
        assert third.lease is None and bench.service.counters["exhausted"] > 1
        clients[0].stop(bench.sim.now, False)  # says nothing
        bench.run(120)
        assert third.lease.addr == FIRST
        assert clients[1].lease.addr == FIRST + 1


def test_names():
    with Bench() as bench:
        for name in ("pump", "pump", "wpad", "a b", "-x", "Valve.example.org"):
            bench.client(name)
        leases = bench.service.leases
        assert [lease.name for lease in leases] == ["pump", "", "", "", "", "valve"]
        assert bench.service.address_of("pump") == FIRST  # who had it first keeps it
        assert bench.service.address_of("wpad") == 0 == bench.service.address_of("")


def flood(port, n, mac):
    """A DISCOVER from nowhere, in the name of a station that does not exist."""
    buf = bytearray(dhcp.MAX_SIZE)
    end = dhcp.finish(buf, dhcp.begin(buf, dhcp.DISCOVER, n, 0, 0, mac))
    datagram = struct.pack(">HHHH", 68, 67, 8 + end, 0) + buf[:end]
    head = ipv4.header(0, 0xFFFFFFFF, 64, 0)
    head[2:4] = (28 + end).to_bytes(2, "big")
    head[9] = 17
    head[10:12] = checksum(head, 0, 20).to_bytes(2, "big")
    port.put(ethernet.header(ethernet.BROADCAST, mac, 0x0800) + head + datagram)


def test_a_flood_from_stations_that_do_not_exist():
    with Bench() as bench:
        mine = bench.client()
        port = bench.sim.port(66)
        neighbours = len(bench.board.iface.arp)
        for n in range(600):
            flood(port, n, b"\x02\x66" + n.to_bytes(4, "big"))
            bench.run(0.003)
        assert len(bench.service.leases) == 100 and not bench.service.counters["exhausted"]
        assert len(bench.board.iface.arp) <= neighbours + 1
        other = bench.client()
        assert other.lease.addr != mine.lease.addr
        assert mine.state == C_BOUND and mine.lease.addr == FIRST
        bench.run(20)
        assert not bench.service.server._checks


def test_nobody_is_heard_without_the_service():
    # RFC 1122 §3.2.1.3: 0.0.0.0 is no source, but to a server (RFC 2131 §4.1)
    with Bench() as bench:
        counters = bench.board.stack.counters
        port = bench.sim.port(66)
        flood(port, 1, b"\x02\0\0\0\0\x66")
        bench.run(0.1)
        assert counters.ip_drop_source == 0 and bench.service.counters["received"] == 1
        bench.service.stop()
        flood(port, 2, b"\x02\0\0\0\0\x66")
        bench.run(0.1)
        assert counters.ip_drop_source == 1 and bench.service.counters["received"] == 1


def test_another_server_was_chosen():
    with Bench() as bench:
        client = bench.client(run=False)
        client.sender.open(lambda *_: None)
        client.sender.ask(dhcp.DISCOVER, 1, 0)
        bench.run(1)
        assert text(bench.service.leases[0].addr) == "10.0.0.100"
        client.sender.ask(dhcp.REQUEST, 1, 0, 0, 0xFFFFFFFF, FIRST, parse("10.0.0.9"))
        bench.run(1)
        assert bench.service.leases[0].state == FREE
        assert bench.service.counters["drop_elsewhere"] == 1


def test_inform():
    # RFC 2131 §4.3.5: no address, no times
    with Bench(dns="10.0.0.3") as bench:
        host = bench.sim.host(5, "10.0.0.55/24")
        client = Client(host.stack, host.iface)
        inform = client.inform(bench.sim.now)
        bench.sim.run_until(lambda: inform.done, 10 * S)
        assert inform.parameters.dns == [parse("10.0.0.3")]
        assert dhcp.LEASE_TIME not in inform.parameters.options
        assert bench.service.counters["informs"] == 1 and not bench.service.leases


def test_only_its_own_interface():
    sim = Sim(delay=200)
    board = sim.host(1, "10.0.0.1/24")
    far = sim.wire(delay=200)
    board.add(sim.port(50, far), "10.1.0.1/24")
    board.rt.dhcp = {}
    before = board.use()
    scheduler(sim, board.rt)
    service = net.dhcpd("eth1")
    near, remote = sim.host(2), sim.host(3, wire=far)
    clients = [Client(host.stack, host.iface) for host in (near, remote)]
    for client in clients:
        client.linklocal = None
        client.start(sim.now)
    sim.run(20 * S)
    assert clients[0].lease is None
    assert clients[1].lease.addr == parse("10.1.0.100")
    assert service.counters["received"] == 2
    service.stop()
    runtime.set_current(before)


def sentence(**options):
    try:
        net.dhcpd("eth0", **options)
    except net.NetError as e:
        return str(e)


def test_errors_are_sentences():
    with Bench() as bench:
        assert "runs already" in sentence()
        bench.service.stop()
        assert "10.9.0.1 is no address" in sentence(first="10.9.0.1", last="10.9.0.5")
        assert "not 1 to 256 addresses" in sentence(first="10.0.0.9", last="10.0.0.8")
        assert "10 to" in sentence(lease=1)
        assert "no hardware address" in sentence(hosts={"x": "10.0.0.9"})
        assert "option 53" in sentence(options={53: b"x"})
        twice = {"02:00:00:00:00:03": "10.0.0.7", "02:00:00:00:00:09": "10.0.0.7"}
        assert "address of its own" in sentence(hosts=twice)
        bench.board.iface.clear_address()
        assert "fixed address" in sentence() and "net.ifconfig" in sentence()
        bench.board.iface.set_address(parse("10.0.0.1"), 24)
