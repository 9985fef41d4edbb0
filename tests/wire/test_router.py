# Frostnet: hosts on two wires and a router between them
# MIT license; Copyright (c) 2026 The Frostnet authors

from errno import EHOSTUNREACH

from frostnet.wire import addr
from simnet import Sim
from simtools import SECOND, pattern

A = addr.parse("10.0.1.2")
B = addr.parse("10.0.2.2")
NEAR = addr.parse("10.0.1.1")  # the router
FAR = addr.parse("10.0.2.1")


class Net:
    """a (10.0.1.2) – router – b (10.0.2.2); the second wire may take less."""

    def __init__(self, seed=1, mtu=1500, **wire):
        self.sim = sim = Sim(seed, delay=500, **wire)
        self.second = sim.wire(delay=500, **wire)
        self.a = sim.host(1, "10.0.1.2/24", gateway="10.0.1.1")
        self.b = sim.host(2, "10.0.2.2/24", gateway="10.0.2.1", wire=self.second, mtu=mtu)
        self.router = sim.host(3, "10.0.1.1/24")
        self.eth1 = self.router.add(sim.port(4, self.second, mtu), "10.0.2.1/24")
        self.router.stack.ip.set_forwarding(True)
        sim.run(10 * SECOND)

    def ping(self, host, dst, size=56, ttl=64):
        """The reply, or the errno."""
        p = host.stack.icmp.pings.open()
        p.send(dst, 1, pattern(size), self.sim.now, ttl)
        end = self.sim.now + 5 * SECOND
        host.touch()
        while not p._replies and not p.error and self.sim.now < end:
            self.sim.step(end)
        p.close()
        return p.recv() or p.take_error()


def test_ping_through_the_router():
    net = Net()
    for size in (0, 56, 1472, 1473, 65507):
        assert net.ping(net.a, B, size)[:4] == (1, B, size, 63)
        assert net.ping(net.b, A, size)[:4] == (1, A, size, 63)
    assert net.ping(net.a, FAR)[:4] == (1, FAR, 56, 64), "the router's other address"


def test_fragments_are_made_on_the_way():
    net = Net(mtu=576)
    for size in (548, 549, 1472, 5000, 65507):
        assert net.ping(net.a, B, size)[:3] == (1, B, size)
        assert net.ping(net.b, A, size)[:3] == (1, A, size)
    sink = net.b.stack.udp.open(0, 7)
    source = net.a.stack.udp.open()
    for n in (1400, 30000):
        source.send(pattern(n), B, 7)
        net.sim.run(SECOND)
        assert sink.recv()[0] == pattern(n)


def test_trace_route():
    # RFC 792: the router says when the TTL runs out, with the address that faces the sender.
    net = Net()
    seen = []
    net.sim.default.filter = lambda f, src: (
        seen.append((addr.load(f, 26), f[34], f[35])) or f if f[12:14] == b"\x08\0" else f
    )
    assert net.ping(net.a, B, ttl=1) == EHOSTUNREACH
    assert seen[1] == (NEAR, 11, 0)
    assert net.ping(net.a, B, ttl=2)[1] == B


def test_nobody_at_the_other_end():
    net = Net()
    assert net.ping(net.a, B + 7) == EHOSTUNREACH
    assert net.ping(net.a, addr.parse("172.16.0.1")) in (101, EHOSTUNREACH)
    endpoint = net.a.stack.udp.open()
    endpoint.connect(B, 9)
    endpoint.send(b"x")
    net.sim.run(SECOND)
    assert endpoint.take_error() == 111


def test_path_mtu_is_learnt_from_the_router():
    # RFC 1191: sent with DF, refused by the router, fits the next time.
    net = Net(mtu=1000)
    told = []

    class Transport:
        def mtu_ok(self, buf, off, end, src, dst):
            return bytes(buf[off : off + 8]) == b"datagram"

        def error(self, errno, hard, buf, off, end, src, dst):
            told.append((errno, dst))

    net.a.stack.ip.register(99, Transport())
    path = net.a.stack.ip.path(B)
    assert path.mtu == 1500
    buf = path.begin()
    buf[path.off : path.off + 8] = b"datagram"
    path.send(99, 1200, -1)
    net.sim.run(SECOND)
    path.renew()
    assert path.mtu == 1000 and told == [(90, B)]
    assert net.router.stack.counters.ip_fwd_drop_mtu == 1


def test_lossy_wires():
    # Datagrams arrive whole or not at all; nothing is left over of the others.
    net = Net(seed=4, mtu=576, loss=0.02, dup=0.05, reorder=0.1)
    sink = net.b.stack.udp.open(0, 7)
    source = net.a.stack.udp.open()
    sent = {pattern(4000, i) for i in range(100)}
    got = 0
    for data in sent:
        source.send(data, B, 7)
        net.sim.run(100_000)
        while sink.available():
            got += 1
            assert sink.recv()[0] in sent
    assert 50 < got < 130, got
    net.sim.run(70 * SECOND)
    assert len(net.b.stack.ip._reassembly) == 0


def test_tcp_through_the_router():
    net = Net(mtu=576)
    listener = net.b.stack.tcp.listen(0, 80, 4)
    c = net.a.stack.tcp.connect(B, 80)
    net.sim.run(SECOND)
    peer = listener.accept()
    data = pattern(20000)
    view = memoryview(data)
    sent = 0
    got = bytearray()
    buf = bytearray(4096)
    for _ in range(200):
        if sent < len(data):
            sent += c.send(view, sent, len(data) - sent)
        net.sim.run(10_000)
        n = peer.recv_into(buf, 0, len(buf))
        got += memoryview(buf)[:n]
    assert bytes(got) == data
    assert not net.router.stack.counters.ip_fwd_drop_mtu, "the peer's MSS is enough"


def narrow(mtu):
    """a – router – link of `mtu` – router – b: neither end sees how little fits in between."""
    sim = Sim(3, delay=500)
    middle = sim.wire(delay=500)
    last = sim.wire(delay=500)
    a = sim.host(1, "10.0.1.2/24", gateway="10.0.1.1")
    b = sim.host(2, "10.0.2.2/24", gateway="10.0.2.1", wire=last)
    one = sim.host(3, "10.0.1.1/24")
    two = sim.host(4, "10.0.2.1/24", wire=last)
    near = one.add(sim.port(5, middle, mtu), "10.0.3.1/24")
    far = two.add(sim.port(6, middle, mtu), "10.0.3.2/24")
    one.stack.ip.routes.set_default(near, far.addr)
    two.stack.ip.routes.set_default(far, near.addr)
    one.stack.ip.set_forwarding(True)
    two.stack.ip.set_forwarding(True)
    sim.run(10 * SECOND)
    return sim, a, b, one


def test_tcp_finds_the_narrow_link():
    # RFC 1191: both ends offer segments of 1460 bytes; the router's word makes them smaller.
    for mtu, fits in ((1280, 1280), (600, 600), (300, 552)):
        sim, a, b, router = narrow(mtu)
        listener = b.stack.tcp.listen(0, 80, 4)
        c = a.stack.tcp.connect(B, 80)
        sim.run(SECOND)
        peer = listener.accept()
        data = pattern(60000)
        sent = 0
        got = bytearray()
        buf = bytearray(4096)
        begin = sim.now
        while len(got) < len(data):
            assert sim.now - begin < 60 * SECOND, "stuck at %d" % len(got)
            if sent < len(data):
                sent += c.send(memoryview(data), sent, len(data) - sent)
            sim.run(10_000)
            n = peer.recv_into(buf, 0, len(buf))
            got += memoryview(buf)[:n]
        assert bytes(got) == data
        assert a.stack.ip.path(B).mtu == fits
        assert router.stack.counters.ip_fwd_drop_mtu and a.stack.counters.ip_pmtu_lowered == 1
