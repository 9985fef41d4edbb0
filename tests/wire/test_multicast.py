# Frostnet: multicast and broadcast through sockets, between stacks on a wire
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

from frostnet import runtime
from simnet import Sim
from simtools import SECOND
from simwatch import be16

GROUP = "239.1.2.3"
EACCES, EINVAL, ENODEV, EADDRINUSE, EADDRNOTAVAIL, ENOBUFS = 13, 22, 19, 98, 99, 105


def errno_of(fn, *args):
    try:
        fn(*args)
    except OSError as e:
        return e.errno
    raise AssertionError("no error")


def mreq(group=GROUP, iface="0.0.0.0"):
    return socket.inet_pton(socket.AF_INET, group) + socket.inet_pton(socket.AF_INET, iface)


class Boards:
    """Two or more stacks; `udp(i)` makes a socket on the i-th."""

    def __init__(self, n=2, seed=1):
        self.sim = Sim(seed, delay=100)
        self.hosts = [self.sim.host(i + 1, "10.0.0.%d/24" % (i + 1)) for i in range(n)]
        self.before = runtime.set_current(None)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        runtime.set_current(self.before)

    def udp(self, i, port=0, reuse=False):
        self.hosts[i].use()
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if reuse:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if port:
            s.bind(("", port))
        s.settimeout(0)
        return s

    def join(self, s, group=GROUP, iface="0.0.0.0"):
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, mreq(group, iface))

    def leave(self, s, group=GROUP, iface="0.0.0.0"):
        s.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, mreq(group, iface))

    def option(self, s, option, value):
        s.setsockopt(socket.IPPROTO_IP, option, value)

    def run(self, us=10_000):
        self.sim.run(us)

    def got(self, s):
        self.run()
        out = []
        while True:
            try:
                out.append(s.recv(70000))
            except OSError:
                return out


def test_members_receive():
    with Boards(3) as b:
        a, one, two = b.udp(0), b.udp(1, 5000), b.udp(2, 5000)
        a.sendto(b"nobody", (GROUP, 5000))
        assert b.got(one) == b.got(two) == []
        b.join(one)
        a.sendto(b"one", (GROUP, 5000))
        assert b.got(one) == [b"one"] and b.got(two) == []
        b.join(two)
        a.sendto(b"both", (GROUP, 5000))
        assert b.got(one) == b.got(two) == [b"both"]
        b.leave(one)
        a.sendto(b"two", (GROUP, 5000))
        assert b.got(one) == [] and b.got(two) == [b"two"]
        two.close()
        assert not b.hosts[2].iface.groups or list(b.hosts[2].iface.groups) == []


def test_long_datagrams_to_a_group():
    with Boards() as b:
        a, one = b.udp(0), b.udp(1, 5000)
        b.join(one)
        data = bytes(range(256)) * 200
        a.sendto(data, (GROUP, 5000))
        assert b.got(one) == [data]


def test_loop():
    # RFC 1112 §6.1: members on the sender's own host get a copy, unless that is switched off.
    with Boards() as b:
        a, other = b.udp(0), b.udp(0, 5000)
        b.join(other)
        a.sendto(b"1", (GROUP, 5000))
        assert b.got(other) == [b"1"]
        b.option(a, socket.IP_MULTICAST_LOOP, 0)
        assert a.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP) == 0
        a.sendto(b"2", (GROUP, 5000))
        assert b.got(other) == []
        b.option(a, socket.IP_MULTICAST_LOOP, b"\x01\0\0\0")
        a.sendto(b"3", (GROUP, 5000))
        assert b.got(other) == [b"3"]
        a.sendto(bytes(9000), (GROUP, 5000))
        assert b.got(other) == [bytes(9000)], "in fragments"
        # Whom it came from is an address of ours on the wire, not 127.0.0.1.
        a.sendto(b"4", (GROUP, 5000))
        b.run()
        assert other.recvfrom(10)[1][0] == "10.0.0.1"


def test_ttl():
    with Boards() as b:
        seen = []
        b.sim.default.filter = lambda f, src: (
            seen.append((f[22], f[30])) or f if be16(f, 12) == 0x800 and f[23] == 17 else f
        )
        a, here, there = b.udp(0), b.udp(0, 5000), b.udp(1, 5000)
        b.join(here)
        b.join(there)
        for s, group, expected in (
            (socket.IP_MULTICAST_TTL, GROUP, (1, 5, 255)),
            (socket.IP_TTL, "10.0.0.2", (64, 7, 255)),
        ):
            for ttl in expected:
                assert ttl in (1, 64) or b.option(a, s, ttl) is None
                assert a.getsockopt(socket.IPPROTO_IP, s) == ttl
                a.sendto(b"x", (group, 5000))
            b.run()
            assert [ttl for ttl, _ in seen] == list(expected)
            seen.clear()
        # RFC 1112 §6.1: 0 stays on the host.
        b.got(here)
        b.got(there)
        b.option(a, socket.IP_MULTICAST_TTL, 0)
        a.sendto(b"here", (GROUP, 5000))
        assert b.got(here) == [b"here"] and b.got(there) == [] and not seen
        for bad in (-1, 256, 1000):
            assert errno_of(b.option, a, socket.IP_MULTICAST_TTL, bad) == EINVAL
        assert errno_of(b.option, a, socket.IP_TTL, 0) == EINVAL


def test_options_before_and_after_the_port():
    with Boards() as b:
        there = b.udp(1, 5000)
        b.join(there)
        a = b.udp(0)
        b.join(a)
        b.option(a, socket.IP_MULTICAST_LOOP, 0)
        a.bind(("", 5000))
        a.sendto(b"x", (GROUP, 5000))
        assert b.got(a) == [] and b.got(there) == [b"x"]
        there.sendto(b"y", (GROUP, 5000))
        assert b.got(a) == [b"y"]


def test_connected_to_a_group():
    with Boards() as b:
        a, there = b.udp(0), b.udp(1, 5000)
        b.join(there)
        a.connect((GROUP, 5000))
        a.send(b"x")
        b.option(a, socket.IP_MULTICAST_TTL, 9)
        a.send(b"y")
        assert b.got(there) == [b"x", b"y"]


def test_interface():
    with Boards() as b:
        wire = b.sim.wire(delay=100)
        second = b.hosts[0].stack.add(b.sim.port(11, wire), "eth1")
        second.set_address(0x0A010001, 24)
        third = b.sim.host(12, "10.1.0.2/24", wire=wire)
        b.hosts.append(third)
        there = b.udp(2, 5000)
        b.join(there)
        a = b.udp(0)
        a.sendto(b"first", (GROUP, 5000))
        b.hosts[0].stack.poll(b.sim.now)
        assert b.got(there) == []
        pack = socket.inet_pton
        b.option(a, socket.IP_MULTICAST_IF, pack(socket.AF_INET, "10.1.0.1"))
        a.sendto(b"second", (GROUP, 5000))
        assert b.got(there) == [b"second"]
        value = a.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF)
        assert value == 0x0A010001
        assert errno_of(b.option, a, socket.IP_MULTICAST_IF, pack(2, "10.9.9.9")) == ENODEV
        b.option(a, socket.IP_MULTICAST_IF, bytes(4))
        a.sendto(b"first", (GROUP, 5000))
        assert b.got(there) == []
        # Groups are joined on one interface.
        b.join(a, GROUP, "10.1.0.1")
        assert list(second.groups) == [0xEF010203] and not b.hosts[0].iface.groups
        b.leave(a, GROUP, "10.1.0.1")


def test_wrong_requests():
    with Boards() as b:
        a = b.udp(0)
        assert errno_of(b.join, a, "10.0.0.2") == EINVAL
        assert errno_of(b.join, a, GROUP, "10.9.9.9") == ENODEV
        b.join(a)
        assert errno_of(b.join, a) == EADDRINUSE
        b.leave(a)
        assert errno_of(b.leave, a) == EADDRNOTAVAIL
        for bad in (b"", bytes(4), bytes(7), bytes(9), bytes(12)):
            try:
                b.option(a, socket.IP_ADD_MEMBERSHIP, bad)
            except ValueError:
                continue
            raise AssertionError(bad)
        for i in range(20):
            b.join(a, "239.0.0.%d" % i)
        assert errno_of(b.join, a, "239.0.0.99") == ENOBUFS
        a.close()
        assert not list(b.hosts[0].iface.groups)


def test_sharing_a_port():
    # What mDNS needs: several programs at one port, each of which gets what goes to the group.
    with Boards() as b:
        one, two = b.udp(1, 5353, True), b.udp(1, 5353, True)
        alone = b.udp(1)
        assert errno_of(alone.bind, ("", 5353)) == EADDRINUSE
        b.join(one)
        b.join(two)
        a = b.udp(0)
        a.sendto(b"all", (GROUP, 5353))
        assert b.got(one) == b.got(two) == [b"all"]
        one.close()
        a.sendto(b"two", (GROUP, 5353))
        assert b.got(two) == [b"two"], "still a member"


def test_broadcast_needs_permission():
    with Boards(3) as b:
        a, one, two = b.udp(0), b.udp(1, 5000), b.udp(2, 5000)
        for dst in ("255.255.255.255", "10.0.0.255"):
            assert errno_of(a.sendto, b"x", (dst, 5000)) == EACCES
            assert errno_of(a.connect, (dst, 5000)) == EACCES
        a.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for dst in ("255.255.255.255", "10.0.0.255"):
            a.sendto(b"all", (dst, 5000))
            assert b.got(one) == b.got(two) == [b"all"]
        a.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 0)
        assert errno_of(a.sendto, b"x", ("10.0.0.255", 5000)) == EACCES
        a.sendto(b"unicast", ("10.0.0.2", 5000))
        assert b.got(one) == [b"unicast"]


def test_querier_and_leave_on_the_wire():
    # A router by hand asks; the boards answer, and close() says goodbye.
    with Boards() as b:
        reports = []
        b.sim.default.filter = lambda f, src: (
            reports.append(f[38]) or f if be16(f, 12) == 0x800 and f[23] == 2 else f
        )
        s = b.udp(0, 5000)
        b.join(s)
        b.run(2 * SECOND)
        s.close()
        b.run(2 * SECOND)
        assert reports == [0x22] * 4
