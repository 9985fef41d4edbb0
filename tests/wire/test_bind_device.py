# Frostnet: tests of SO_BINDTODEVICE: sockets that have one interface only
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

from frostnet import runtime
from frostnet.wire.addr import parse
from simnet import Sim
from simtools import SECOND
from test_blocking import error_of

DEVICE = socket.SOL_SOCKET, socket.SO_BINDTODEVICE
FAR = "192.0.2.1"  # both neighbours say that it is they


class Net:
    """Host a has two cards: behind eth0 is b, behind eth1 is c, and each is 192.0.2.1."""

    def __init__(self):
        self.sim = sim = Sim()
        second = sim.wire()
        self.a = sim.host(1, "10.0.0.1/24", name="a")
        self.a.add(sim.port(2, second), "10.0.1.1/24")
        self.b = sim.host(3, "10.0.0.2/24", name="b")
        self.c = sim.host(4, "10.0.1.2/24", wire=second, name="c")
        third = sim.wire()
        routes = self.a.stack.ip.routes
        for n, host in enumerate((self.b, self.c)):
            host.add(sim.port(5 + n, third if n else sim.wire()), FAR + "/24")
            iface = self.a.stack.ifaces[n]
            iface.set_metric(n)
            routes.set_default(iface, host.iface.addr)
            host.stack.ip.routes.set_default(host.iface, iface.addr)
        self.before = self.b.use()
        self.a.use()
        sim.run(SECOND)

    def on(self, host, *args):
        host.use()
        s = socket.socket(*args)
        s.setblocking(False)
        self.a.use()
        return s

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        runtime.set_current(self.before)


def test_option():
    with Net():
        for s in (
            socket.socket(),
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            socket.socket(socket.AF_INET, socket.SOCK_RAW, 253),
        ):
            assert s.getsockopt(*DEVICE) == b""
            for name in ("eth1", b"eth1", b"eth1\0", bytearray(b"eth1\0\0\0"), "eth1\0"):
                s.setsockopt(*DEVICE, name)
                assert s.getsockopt(*DEVICE, 16) == b"eth1\0"
            assert error_of(s.setsockopt, *DEVICE, "eth9") == 19
            s.setsockopt(*DEVICE, "")
            assert s.getsockopt(*DEVICE) == b""


def test_datagrams_leave_through_it():
    with Net() as net:
        here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        b, c = [net.on(h, socket.AF_INET, socket.SOCK_DGRAM) for h in (net.b, net.c)]
        for s in (b, c):
            s.bind(("", 9))
        here.sendto(b"1", (FAR, 9))
        here.setsockopt(*DEVICE, "eth1")
        here.sendto(b"2", (FAR, 9))
        here.connect((FAR, 9))
        here.send(b"3")
        here.setsockopt(*DEVICE, "")
        here.send(b"4")
        assert here.getsockname()[0] == "10.0.0.1"
        net.sim.run(SECOND)
        assert [b.recv(9), b.recv(9)] == [b"1", b"4"]
        assert c.recvfrom(9) == (b"2", ("10.0.1.1", here.getsockname()[1]))
        assert c.recv(9) == b"3" and error_of(c.recv, 9) == 11


def test_datagrams_come_in_through_it():
    with Net() as net:
        one, two = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for s, name in ((one, "eth0"), (two, "eth1")):
            s.setsockopt(*DEVICE, name)
            s.setblocking(False)
            s.bind(("", 9))  # each has the port at its interface
        third = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        assert error_of(third.bind, ("", 9)) == 98
        for host in (net.b, net.c):
            s = net.on(host, socket.AF_INET, socket.SOCK_DGRAM)
            s.sendto(host.name.encode(), (addr_of(host), 9))
        net.sim.run(SECOND)
        assert one.recv(9) == b"b" and two.recv(9) == b"c"
        assert error_of(one.recv, 9) == error_of(two.recv, 9) == 11
        two.close()
        s.sendto(b"again", ("10.0.1.1", 9))
        net.sim.run(SECOND)
        assert error_of(one.recv, 9) == 11, "it came through the other interface"


def addr_of(host):
    return "10.0.0.1" if host.name == "b" else "10.0.1.1"


def test_connections_leave_through_it():
    with Net() as net:
        listeners = []
        for host in (net.b, net.c):
            s = net.on(host)
            s.bind(("", 80))
            s.listen(2)
            listeners.append(s)
        for name, address, there in (
            (None, "10.0.0.1", 0),
            ("eth1", "10.0.1.1", 1),
            ("eth0", "10.0.0.1", 0),
        ):
            s = socket.socket()
            if name:
                s.setsockopt(*DEVICE, name)
            s.connect((FAR, 80))
            assert s.getsockname()[0] == address
            net.sim.run(SECOND)
            got, peer = listeners[there].accept()
            assert peer[0] == address
            s.send(b"hello")
            net.sim.run(SECOND)
            assert got.recv(9) == b"hello"
            assert error_of(s.setsockopt, *DEVICE, "eth0") == 106
            s.close()
            got.close()
        assert error_of(listeners[1].accept) == 11


def test_connections_come_in_through_it():
    """A listener at one interface is none for who comes through the other."""
    with Net() as net:
        listener = socket.socket()
        listener.setsockopt(*DEVICE, "eth1")
        listener.bind(("", 80))
        listener.listen(2)
        listener.setblocking(False)
        b, c = net.on(net.b), net.on(net.c)
        assert error_of(b.connect, ("10.0.1.1", 80)) == 115
        assert error_of(c.connect, ("10.0.1.1", 80)) == 115
        net.sim.run(SECOND)
        assert b.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 111
        s, peer = listener.accept()
        assert peer[0] == "10.0.1.2"
        s.send(b"hello")
        net.sim.run(SECOND)
        assert c.recv(9) == b"hello"
        listener.setsockopt(*DEVICE, "")
        b = net.on(net.b)
        error_of(b.connect, ("10.0.0.1", 80))
        net.sim.run(SECOND)
        assert listener.accept()[1][0] == "10.0.0.2"


def test_raw_datagrams():
    with Net() as net:
        one, two = [socket.socket(socket.AF_INET, socket.SOCK_RAW, 253) for _ in range(2)]
        two.setsockopt(*DEVICE, "eth1")
        b, c = [net.on(h, socket.AF_INET, socket.SOCK_RAW, 253) for h in (net.b, net.c)]
        two.sendto(b"out", (FAR, 0))
        b.sendto(b"b", ("10.0.0.1", 0))
        c.sendto(b"c", ("10.0.1.1", 0))
        net.sim.run(SECOND)
        assert c.recv(99)[20:] == b"out" and error_of(b.recv, 99) == 11
        one.setblocking(False)
        two.setblocking(False)
        assert sorted([one.recv(99)[20:], one.recv(99)[20:]]) == [b"b", b"c"]
        assert two.recv(99)[20:] == b"c" and error_of(two.recv, 99) == 11


def test_groups_by_name():
    with Net() as net:
        eth0, eth1 = net.a.stack.ifaces
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(0, socket.IP_ADD_MEMBERSHIP, ("224.5.5.5", "eth1"))
        group = parse("224.5.5.5")
        assert group in eth1.groups and not eth0.groups
        s.setsockopt(0, socket.IP_DROP_MEMBERSHIP, ("224.5.5.5", "eth1"))
        assert group not in eth1.groups
        packed = socket.inet_pton(2, "224.5.5.5") + socket.inet_pton(2, "10.0.1.1")
        s.setsockopt(0, socket.IP_ADD_MEMBERSHIP, packed)
        assert group in eth1.groups
        assert error_of(s.setsockopt, 0, socket.IP_ADD_MEMBERSHIP, ("224.5.5.5", "eth7")) == 19
        s.setsockopt(0, socket.IP_MULTICAST_IF, "eth1")
        there = net.on(net.c, socket.AF_INET, socket.SOCK_DGRAM)
        there.bind(("", 9))
        there.setsockopt(0, socket.IP_ADD_MEMBERSHIP, ("224.5.5.5", ""))
        s.sendto(b"all", ("224.5.5.5", 9))
        net.sim.run(SECOND)
        assert there.recv(9) == b"all"
