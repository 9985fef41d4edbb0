# Frostnet: tests of several network cards at once
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._route
import netup
import network
from dhcp_server import CLIENT, SERVER, Server, changed
from frostnet import runtime
from frostnet.dhcp import Client
from frostnet.dhcp.states import BOUND
from frostnet.wire.addr import parse, text
from net_bench import Bench, error_of
from simwire import Port

S = 1000000
FAR = parse("192.0.2.9")
ROUTER1 = parse("10.1.0.1")


def answering(server, mac):
    """Grant addresses to one card only."""
    return lambda asked: asked.mac[5] == mac and server.grant(asked)


class Two(Bench):
    """The board has a second card, eth1, on a wire with a DHCP server of its own."""

    def __init__(self, net1="10.1.0.0", same=False):
        super().__init__(ip=None)
        self.listen_to(net._route)
        sim = self.sim
        self.server0 = Server(sim)
        self.wire1 = self.sim.default if same else sim.wire(delay=100)
        base = parse(net1)
        self.server1 = Server(sim, base + 1, 98, self.wire1)
        self.server1.yiaddr = base + 60
        self.server1.options = changed(
            SERVER=base + 1, ROUTERS=base + 1, DNS=(base + 3).to_bytes(4, "big")
        )
        board = self.board
        for server, mac in ((self.server0, 1), (self.server1, 2)):
            server.answer = answering(server, mac)
        stack = board.stack
        self.port1 = sim.port(2, self.wire1)
        self.port1.wake = board.touch
        board._ports.append(self.port1)
        self.eth0 = board.iface
        self.eth1 = stack.add(self.port1, "eth1")
        self.rt.dhcp[self.eth1] = Client(stack, self.eth1, self.rt.resolver)
        for iface in stack.ifaces:
            iface.on_link.append(self.rt.resolver.link_changed)
            self.rt.dhcp[iface].start(sim.now)
        sim.run_until(self.bound)

    def bound(self):
        return all(client.state == BOUND for client in self.rt.dhcp.values())

    def plug(self, port, carrier):
        port.carrier = carrier
        self.board.touch()
        self.sim.run(S)

    def way(self, dst, src=None):
        return self.board.stack.ip.path(dst, src)


def test_each_card_has_its_own_lease():
    with Two() as b:
        assert [text(iface.addr) for iface in b.board.stack.ifaces] == ["10.0.0.50", "10.1.0.60"]
        assert network.LAN(0).ifconfig()[0] == "10.0.0.50"
        assert network.LAN(1).ifconfig()[:3] == ("10.1.0.60", "255.255.255.0", "10.1.0.1")
        assert network.route() == [network.LAN(0), network.LAN(1)]
        assert b.way(parse("10.1.0.9")).iface is b.eth1
        assert b.way(parse("10.0.0.9")).iface is b.eth0
        # Name servers of both, those of the first card first.
        assert [text(a) for a in b.rt.resolver.servers] == ["10.0.0.3", "10.0.0.4", "10.1.0.3"]
        assert net.up(name="eth1") == "10.1.0.60"
        assert "no interface eth7" in str(error_of(net.up, name="eth7"))


def test_the_first_card_is_the_default_way_out():
    # Whichever server answered first.
    for first in (0, 1):
        with Two() as b:
            clients = list(b.rt.dhcp.values())
            for client in clients:
                client.stop(b.sim.now)
            for i in (first, 1 - first):
                clients[i].start(b.sim.now)
                b.sim.run(S)
            assert b.bound() and b.way(FAR).iface is b.eth0
            net.ifconfig("eth1", metric=0)
            net.ifconfig("eth0", metric=7)
            assert b.way(FAR).iface is b.eth1 and b.way(FAR).src == b.eth1.addr
            error_of(net.ifconfig, "eth1", metric=-1)


def test_loss_of_link_on_one_card():
    with Two() as b:
        path = b.way(FAR)
        one = b.way(parse("10.1.0.9"))
        b.plug(b.board.port, False)
        path.renew()
        assert path.iface is b.eth1 and path.src == b.eth1.addr, "the other way out"
        assert network.LAN(0).status() == 0 and network.LAN(1).isconnected()
        assert b.rt.resolver.servers[0] == parse("10.1.0.3"), "servers that can be reached first"
        # What is bound to the address of the card without a link does not leave elsewhere:
        # RFC 1122 §3.3.4.2. Nor does what is for its own network.
        assert b.way(FAR, b.eth0.addr).iface is b.eth0
        assert b.way(parse("10.0.0.9")).iface is b.eth0
        assert net.up() == "10.1.0.60"
        b.plug(b.board.port, True)
        path.renew()
        assert path.iface is b.eth0 and b.rt.resolver.servers[0] == parse("10.0.0.3")
        one.renew()
        assert one.iface is b.eth1


def test_connections_of_the_other_card_do_not_notice():
    with Two() as b:
        peer = b.sim.host(77, "10.1.0.9/24", wire=b.wire1)
        listener = peer.stack.tcp.listen(0, 80, 1)
        c = b.board.stack.tcp.connect(peer.iface.addr, 80)
        b.sim.run_until(listener.pending)
        server = listener.accept()
        b.plug(b.board.port, False)
        c.send(b"on and on", 0, 9)
        b.sim.run(S)
        buf = bytearray(9)
        assert server.recv_into(buf, 0, 9) == 9 and buf == b"on and on"
        b.plug(b.port1, False)
        c.send(b"later", 0, 5)
        b.sim.run(2 * S)
        b.plug(b.port1, True)
        b.sim.run(10 * S)
        assert server.recv_into(buf, 0, 9) == 5 and not c.error


def test_a_connection_keeps_its_address_and_its_card():
    # RFC 9293 §3.4.1 has the address in its name. Through another card it would be another's.
    with Two() as b:
        tcp = b.board.stack.tcp
        sent = {0: [], 1: []}
        for n, wire in enumerate((b.sim.default, b.wire1)):
            wire.filter = lambda f, src, n=n: sent[n].append(bytes(f)) or f
        before = tcp.connect(FAR, 80)
        assert before.laddr == b.eth0.addr
        b.plug(b.board.port, False)
        after = tcp.connect(FAR, 80)
        passive = tcp.connect(FAR, 80, b.eth0.addr)
        assert after.laddr == b.eth1.addr and passive.laddr == b.eth0.addr
        b.sim.run(5 * S)
        syns = {
            n: {f[26:30] for f in frames if f[12:14] == b"\x08\0" and f[23] == 6}
            for n, frames in sent.items()
        }
        assert syns[1] <= {b.eth1.addr.to_bytes(4, "big")}, "an address of the other network"
        b.plug(b.board.port, True)
        again = tcp.connect(FAR, 81)
        assert again.laddr == b.eth0.addr
        # Without its address it does not take another one.
        b.rt.dhcp[b.eth0].stop(b.sim.now)
        b.sim.run(5 * S)
        assert again.path.src == again.laddr and again.error == 99, again.error


def test_name_servers_of_a_lease_that_ended_go():
    with Two() as b:
        b.rt.dhcp[b.eth0].stop(b.sim.now)
        assert b.rt.resolver.servers == [parse("10.1.0.3")]
        mine = b.rt.resolver.servers = [parse("9.9.9.9")]
        b.rt.dhcp[b.eth1].renew(b.sim.now)
        b.sim.run(S)
        assert b.rt.resolver.servers is mine


def test_two_networks_that_give_the_same_address():
    # Two of QEMU's user networks do. The first card has it; nothing is lost when one goes.
    with Two("10.0.0.0") as b:
        b.server1.yiaddr = CLIENT
        b.rt.dhcp[b.eth1].stop(b.sim.now)
        b.rt.dhcp[b.eth1].start(b.sim.now)
        b.sim.run_until(b.bound)
        ip = b.board.stack.ip
        assert b.eth0.addr == b.eth1.addr == CLIENT and ip.owners[CLIENT] is b.eth0
        assert b.way(SERVER).iface is b.eth0
        b.rt.dhcp[b.eth1].stop(b.sim.now)
        assert ip.owners[CLIENT] is b.eth0 and b.way(SERVER).src == CLIENT
        pings = b.peer.stack.icmp.pings.open()
        pings.send(CLIENT, 1, b"x", b.sim.now)
        b.sim.run(S)
        assert pings.recv()[0] == 1, "still ours"
        assert b.eth0.broadcast in ip.local
        b.rt.dhcp[b.eth0].stop(b.sim.now)
        assert CLIENT not in ip.local and not ip.owners and parse("10.0.0.255") not in ip.local


def test_two_cards_on_one_wire():
    with Two("10.0.0.128", same=True) as b:
        assert b.eth0.addr and b.eth1.addr and b.eth0.addr != b.eth1.addr
        assert b.way(parse("10.0.0.9")).iface is b.eth0
        assert b.way(parse("10.0.0.9"), b.eth1.addr).iface is b.eth1
        b.sim.run(30 * S)
        assert not b.board.stack.counters.arp_conflict, "it fights with itself"
        b.plug(b.board.port, False)
        assert b.way(parse("10.0.0.9")).iface is b.eth1


def test_route_command():
    with Two() as b:
        rows = net.route()
        assert [tuple(row) for row in rows] == [
            ("10.0.0.0/24", "", "eth0", 0),
            ("10.1.0.0/24", "", "eth1", 100),
            ("default", "10.0.0.1", "eth0", 0),
            ("default", "10.1.0.1", "eth1", 100),
        ]
        lines = b.text().split("\n")
        assert lines[0].split() == ["Destination", "Gateway", "Iface", "Metric"]
        assert lines[4].split() == ["default", "10.1.0.1", "eth1", "100"]
        assert len(repr(rows)) < 20
        net.route("192.0.2.0/24", "10.1.0.1")
        assert b.way(FAR).iface is b.eth1
        net.route("192.0.2.9", name="eth0", metric=3)
        assert b.way(FAR).iface is b.eth0
        net.route("192.0.2.9", remove=True)
        net.route("192.0.2.0/24", name="eth1", remove=True)
        assert [tuple(row) for row in net.route()] == [tuple(row) for row in rows]
        for args, words in (
            (("192.0.2.0/24",), "which way"),
            (("192.0.2.0/24", "bogus"), "no gateway"),
            (("192.0.2.0/24", "172.16.0.1", "eth0"), "on no network"),
            (("192.0.2.7/24", "10.0.0.1"), "bits beyond"),
            (("x", "10.0.0.1"), "no network"),
            (("192.0.2.0/24", "10.0.0.1", "eth9"), "eth9"),
            (("192.0.2.0/24", None, None, 0, True), "no such route"),
        ):
            assert words in str(error_of(net.route, *args)), args


def test_a_router_by_command():
    """RFC 1812 §5.2: what comes for a host behind the other card goes there, once it was said."""
    with Two() as b:
        there = parse("10.1.0.9")
        b.peer.stack.ip.routes.add(there & ~0xFF, 24, b.peer.iface, b.eth0.addr)
        pings = b.peer.stack.icmp.pings.open()
        asked = []  # for whose hardware address, on the other wire
        b.wire1.filter = lambda f, src: (
            (asked.append(bytes(f[38:42])) if f[12:14] == b"\x08\x06" else None) or f
        )
        for forward, times in ((None, 0), (True, 1), (False, 0)):
            rows = net.route(forward=forward)
            assert rows.forward is bool(forward)
            assert ("forwarding" in repr(rows)) is bool(forward)
            asked.clear()
            pings.send(there, 1, b"abcd", b.sim.now)
            b.peer.touch()
            b.sim.run(S // 2)
            assert asked.count(there.to_bytes(4, "big")) == times, forward
        assert "forward is True" in str(error_of(net.route, forward="x"))


def test_start_with_cards_of_which_one_fails():
    broken = OSError(19, "virtio-mmio slot at 0x0a003c00: has no queue 1")
    before = runtime.set_current(None)
    try:
        rt = netup.start(
            Port(b"\x02\0\0\0\0\1"),
            broken,
            Port(b"\x02\0\0\0\0\3"),
            Port(b"\x02\0\0\0\0\4"),
            ip="10.0.0.5/24",
            gw="10.0.0.1",
            mdns="off",
            cards={"eth2": {"ip": "10.2.0.5/24", "metric": "7", "mtu": "1400"}, "eth9": {}},
        )
        assert netup.problems == [
            "eth1 does not work: virtio-mmio slot at 0x0a003c00: has no queue 1",
            "there is no eth9 to configure",
        ]
        eth0, eth2, eth3 = rt.stack.ifaces
        assert [i.name for i in rt.stack.ifaces] == ["eth0", "eth2", "eth3"]
        assert text(eth0.addr) == "10.0.0.5" and text(eth2.addr) == "10.2.0.5"
        assert (eth2.metric, eth2.mtu, eth2.prefixlen) == (7, 1400, 24)
        assert rt.dhcp[eth3].state and not rt.dhcp[eth2].state and not rt.dhcp[eth0].state
        assert network.LAN(2).ifconfig()[0] == "10.2.0.5"
        try:
            network.LAN(1)
        except OSError as e:
            assert e.errno == 19
        else:
            raise AssertionError("a card that does not work")
    finally:
        netup.stop()
        runtime.set_current(before)


def test_more_cards_than_there_is_room_for():
    before = runtime.set_current(None)
    try:
        rt = netup.start(*[Port(b"\x02\0\0\0\0" + bytes((i,))) for i in range(18)])
        assert len(rt.stack.ifaces) == 16 and all(c.state for c in rt.dhcp.values())
        assert netup.problems == [
            "eth%d does not work: there are more than 16 cards" % n for n in (16, 17)
        ]
    finally:
        netup.stop()
        runtime.set_current(before)


def test_settings_of_cards():
    before = runtime.set_current(None)
    card = Port(b"\x02\0\0\0\0\1")
    try:
        for cards, words in (
            ({"eth1": {"ip": "10.0.0"}}, "eth1.ip=10.0.0:"),
            ({"eth1": {"ip": "10.0.0.1/33"}}, "eth1.ip=10.0.0.1/33:"),
            ({"eth0": {"gw": "x"}}, "gw=x:"),
            ({"eth0": {"metric": "65536"}}, "metric=65536:"),
            ({"eth0": {"speed": "9"}}, "eth0.speed: a card has"),
        ):
            try:
                netup.start(card, cards=cards)
            except ValueError as e:
                assert str(e).startswith(words), e
            else:
                raise AssertionError(words)
        try:
            netup.start(card, forward="yes")
        except ValueError as e:
            assert str(e) == "forward=yes: it is on or off"
        else:
            raise AssertionError("forward=yes")
        for forward in ("on", "off", None):
            rt = netup.start(card, mdns="off", forward=forward)
            assert (rt.stack.ip.forwarder is not None) is (forward == "on")
        # What only the card can tell is a problem, and the rest is done.
        for settings, words in (
            ({"ip": "10.0.0.0/24"}, "ip=10.0.0.0: not an address"),
            ({"gw": "10.0.0.1"}, "gw=10.0.0.1: the gateway must"),
            ({"ip": "10.0.0.2/24", "gw": "10.1.0.1"}, "gw=10.1.0.1: the gateway must"),
            ({"mtu": "9000"}, "mtu=9000: MTU must be 68 to 1500"),
        ):
            netup.start(card, mdns="off", **settings)
            (problem,) = netup.problems
            assert problem.startswith(words), problem
        rt = netup.start(card, mdns="off", cards={"eth0": {"ip": "off"}})
        (iface,) = rt.stack.ifaces
        assert not iface.addr and not rt.dhcp[iface].state and not netup.problems
    finally:
        netup.stop()
        runtime.set_current(before)


def test_settings_become_arguments():
    words = "ip=10.0.0.5/24 eth1.ip=off eth1.metric=5 forward=on console=x a.dns=c".split()
    assert netup._options(word.split("=") for word in words) == {
        "ip": "10.0.0.5/24",
        "forward": "on",
        "cards": {"eth1": {"ip": "off", "metric": "5"}},
    }
