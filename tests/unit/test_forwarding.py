# Frostnet: tests of forwarding, and of hosts with several interfaces
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from ipbench import ALL, BROADCAST, ME, PEER, PEER_MAC, ROUTER_MAC, Bench, Packet, Port, arp
from ipbench import echo, icmp, ip, ipv4, noise, sum16, udp_frame
from simwire import Rng

SECOND = 1_000_000
DF, MF = 0x4000, 0x2000
MAC1 = b"\x02\x00\x00\x00\x01\x01"
BEYOND = ip("10.1.0.9")  # on the second network
BEYOND_MAC = b"\x02\x00\x00\x00\x01\x09"
ME1 = ip("10.1.0.1")
FAR = ip("192.0.2.33")  # behind the router of the first network


class Router(Bench):
    """10.0.0.1/24 on eth0 (with a default route) and 10.1.0.1/24 on eth1; forwards."""

    def __init__(self, on=True, mtu=1500, know=True):
        super().__init__()
        self.port1 = Port(MAC1, mtu)
        self.eth1 = self.stack.add(self.port1, "eth1")
        self.eth1.set_address(ME1, 24)
        self.stack.ip.set_forwarding(on)
        self.meet(ip("10.0.0.254"), ROUTER_MAC)
        if know:
            self.port1.inject(arp(1, BEYOND_MAC, BEYOND, bytes(6), ME1))
        self.poll()
        self.poll(10 * SECOND)  # announcements
        self.meet()
        self.meet(ip("10.0.0.254"), ROUTER_MAC)
        if know:
            self.port1.inject(arp(1, BEYOND_MAC, BEYOND, bytes(6), ME1))
            self.poll()
        self.out1()

    def out1(self):
        """What left through eth1; frames as they are."""
        sent = self.port1.sent
        self.port1.sent = []
        return sent

    def forward(self, *frames):
        """Feed frames to eth0; return (answers there, frames out of eth1)."""
        self.out1()
        answers = self.feed(*frames)
        return answers, self.out1()

    def refused(self, frame, name, kind, code, word=0):
        """The datagram is dropped, and its sender is told why."""
        before = self.counters.as_dict()[name]
        (p,), out = self.forward(frame)
        assert not out and self.counters.as_dict()[name] == before + 1
        assert p.proto == 1 and p.src == ME and p.dst == PEER and p.to == PEER_MAC
        assert p.data[:2] == bytes((kind, code)) and p.data[4:8] == struct.pack(">I", word)
        assert p.data[8:] == frame[14 : 14 + 548]

    def silent(self, frame, name):
        before = self.counters.as_dict()[name]
        assert self.forward(frame) == ([], [])
        assert self.counters.as_dict()[name] == before + 1, name


def transit(n=8, **kw):
    kw.setdefault("dst", BEYOND)
    return udp_frame(bytes(i & 255 for i in range(n)), 9, **kw)


def test_off_by_default():
    # RFC 1122 §3.3.1: a host that is no router forwards nothing.
    b = Router(on=False)
    assert Bench().stack.ip.forwarder is None
    b.silent(transit(), "ip_drop_not_ours")
    b.stack.ip.set_forwarding(True)
    assert len(b.forward(transit())[1]) == 1
    b.stack.ip.set_forwarding(False)
    b.silent(transit(), "ip_drop_not_ours")


def test_datagram_passes_with_one_ttl_less():
    # RFC 1812 §5.3.1
    b = Router()
    for n in (0, 1, 8, 1471, 1472):
        for ttl in (2, 64, 255):
            frame = transit(n, ttl=ttl, ident=0x1234)
            answers, (sent,) = b.forward(frame)
            assert not answers
            assert sent[:14] == BEYOND_MAC + MAC1 + b"\x08\x00"
            p = Packet(sent)  # verifies both checksums
            assert (p.ttl, p.src, p.dst, p.ident) == (ttl - 1, PEER, BEYOND, 0x1234)
            assert sent[34:] == frame[34:]
    assert b.counters.ip_forwarded == 15


def test_both_ways_and_through_a_router():
    b = Router()
    b.port1.inject(udp_frame(b"back", 9, src=BEYOND, dst=PEER, mac=MAC1))
    b.poll()
    (p,) = b.take()
    assert p.to == PEER_MAC and p.payload == b"back"
    b.port1.inject(udp_frame(b"far", 9, src=BEYOND, dst=FAR, mac=MAC1))
    b.poll()
    (p,) = b.take()
    assert p.to == ROUTER_MAC and p.dst == FAR
    answers, (sent,) = b.forward(udp_frame(b"in", 9, src=FAR, dst=BEYOND, smac=ROUTER_MAC))
    assert sent[42:] == b"in"


def test_checksum_of_every_header():
    # RFC 1624: adjusting it must be right whatever it was.
    b = Router()
    rng = Rng(3)
    for _ in range(300):
        frame = transit(ident=rng.below(65536), ttl=2 + rng.below(254), dst=BEYOND)
        _, (sent,) = b.forward(frame)
        assert sum16(sent[14:34]) == 0


def test_ttl_runs_out():
    # RFC 1812 §5.3.1, RFC 792
    b = Router()
    b.refused(transit(ttl=1), "ip_fwd_drop_ttl", 11, 0)
    b.refused(transit(ttl=0), "ip_fwd_drop_ttl", 11, 0)
    # Never about an error.
    b.silent(ipv4(icmp(3, 3, 0, bytes(28)), 1, dst=BEYOND, ttl=1), "ip_fwd_drop_ttl")
    b.silent(ipv4(bytes(16), 17, dst=BEYOND, ttl=1, frag=2), "ip_fwd_drop_ttl")


def test_no_route():
    b = Router()
    b.stack.ip.routes.set_default(b.iface, 0)
    b.refused(transit(dst=FAR), "ip_fwd_drop_no_route", 3, 0)
    b.refused(transit(dst=ip("10.2.0.9")), "ip_fwd_drop_no_route", 3, 0)


def test_host_that_does_not_answer():
    # RFC 1812 §5.2.7.1
    b = Router()
    frame = transit(dst=ip("10.1.0.77"))
    answers, out = b.forward(frame)
    assert not answers and [f[12:14] for f in out] == [b"\x08\x06"]
    b.poll(3_200_000)
    errors = [p for p in b.take() if p.type == 0x0800]
    assert [p.data[:2] for p in errors] == [b"\x03\x01"] and errors[0].dst == PEER
    b.meet()
    b.refused(frame, "ip_fwd_drop_host", 3, 1)
    assert not b.counters.ip_tx_unreachable


def test_packets_wait_for_the_neighbour():
    b = Router(know=False)
    assert b.forward(transit(8), transit(9))[0] == []
    b.port1.inject(arp(2, BEYOND_MAC, BEYOND, MAC1, ME1, dst=MAC1))
    b.poll()
    assert [len(f) for f in b.out1()] == [50, 51]


def test_too_long_with_df():
    # RFC 1191 §4: the MTU of the next link is told.
    b = Router(mtu=1400)
    b.refused(transit(1380, frag=DF), "ip_fwd_drop_mtu", 3, 4, 1400)
    answers, (sent,) = b.forward(transit(1372, frag=DF))
    assert not answers and len(sent) == 1414
    b.eth1.set_mtu(600)
    b.refused(transit(600, frag=DF), "ip_fwd_drop_mtu", 3, 4, 600)


def join(frames):
    data = b""
    for f in frames:
        head = (f[14] & 15) * 4
        field = f[20] << 8 | f[21]
        assert sum16(f[14 : 14 + head]) == 0 and (f[16] << 8 | f[17]) == len(f) - 14
        assert (field & 0x1FFF) << 3 == len(data)
        assert bool(field & MF) == (f is not frames[-1])
        data += f[14 + head :]
    return data


def test_fragmentation():
    # RFC 791 §3.2
    b = Router(mtu=576)
    frame = transit(1472, ident=77, ttl=9)
    answers, out = b.forward(frame)
    assert not answers and [len(f) - 14 for f in out] == [572, 572, 396]
    assert join(out) == frame[34:]
    assert all(f[22] == 8 and f[18:20] == b"\0\x4d" for f in out)
    assert b.counters.ip_forwarded == 1


def test_fragments_are_fragmented_again():
    b = Router(mtu=576)
    data = noise(Rng(5), 2000)
    out = []
    for start, end in ((0, 1000), (1000, 2000)):
        frag = start >> 3 | (MF if end < 2000 else 0)
        out += b.forward(ipv4(data[start:end], 99, dst=BEYOND, frag=frag, ident=5))[1]
    assert len(out) == 4 and join(out) == data


def test_options_of_fragments():
    # RFC 791 §3.1: those without the flag are in the first fragment only.
    b = Router(mtu=576)
    stream, record = b"\x88\x04\x12\x34", b"\x07\x07\x04\0\0\0\0"
    frame = ipv4(bytes(1000), 99, dst=BEYOND, options=record + b"\x01" + stream)
    _, out = b.forward(frame)
    assert out[0][34:46] == record + b"\x01" + stream
    assert all(f[14] == 0x46 and f[34:38] == stream for f in out[1:])
    assert join(out) == bytes(1000)
    _, (sent,) = b.forward(ipv4(b"x", 99, dst=BEYOND, options=record + b"\x01"))
    assert sent[34:42] == record + b"\x01", "passed on as they are"


def test_bad_options_are_not_passed_on():
    # RFC 1812 §5.3.13; RFC 7126 §4.3 for source routes, of which nobody is told.
    b = Router()
    (p,), out = b.forward(ipv4(b"x", 99, dst=BEYOND, options=b"\x07\x00\0\0"))
    assert not out and p.data[:2] == b"\x0c\0" and p.data[4] == 21 and p.src == ME
    for kind in (b"\x83", b"\x89"):
        route = kind + b"\x07\x04\x0a\x01\x00\x09\x00"
        b.silent(ipv4(b"x", 99, dst=BEYOND, options=route), "ip_drop_options")


def test_what_no_router_forwards():
    # RFC 1812 §4.2.2.11, §5.3.4, §5.3.5.2, §5.3.7; RFC 2644; RFC 3927 §2.6.2
    b = Router()
    for dst in ("169.254.1.1", "127.0.0.1", "0.0.0.5", "240.0.0.1", "224.0.0.9", "239.1.1.1"):
        before = sum(b.counters.drops().values())
        assert b.forward(transit(dst=ip(dst))) == ([], []), dst
        assert sum(b.counters.drops().values()) == before + 1
    b.silent(transit(dst=ip("10.1.0.255")), "ip_drop_not_ours")
    b.silent(transit(dst=ip("10.1.0.0")), "ip_fwd_drop_address")
    b.silent(transit(src=ip("169.254.1.1")), "ip_fwd_drop_address")
    for src in ("127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "10.1.0.255", "10.0.0.1"):
        b.silent(transit(src=ip(src)), "ip_drop_source")
    # Sent to everybody on the link: all routers there would forward it.
    b.silent(transit(mac=ALL), "ip_drop_not_ours")
    b.silent(udp_frame(b"x", 9, dst=BROADCAST, mac=ALL), "udp_drop_no_endpoint")


def test_source_must_be_on_the_side_that_it_comes_from():
    # RFC 3704 §2.3: a route through this interface leads back to it.
    b = Router()
    b.port1.inject(udp_frame(b"x", 9, src=PEER, dst=FAR, mac=MAC1))
    b.port1.inject(udp_frame(b"x", 9, src=FAR, dst=PEER, mac=MAC1))
    b.poll()
    assert not b.take() and b.counters.ip_fwd_drop_source == 2
    b.stack.ip.routes.add(ip("192.0.2.0"), 24, b.eth1, BEYOND)
    b.port1.inject(udp_frame(b"x", 9, src=FAR, dst=PEER, mac=MAC1))
    b.poll()
    assert len(b.take()) == 1


def test_own_addresses_are_not_forwarded():
    b = Router()
    (p,), out = b.forward(echo(dst=ME1))
    assert not out and p.src == ME1 and p.data[0] == 0


def test_no_redirect():
    # Out where it came in: forwarded, and nobody is told of the shorter way.
    b = Router()
    (p,) = b.feed(transit(dst=FAR))
    assert p.to == ROUTER_MAC and p.proto == 17 and p.ttl == 63


def test_full_device():
    b = Router(mtu=576)
    b.port1.tx_room = 0
    b.silent(transit(), "ip_fwd_drop_no_buffer")
    b.port1.tx_room = 2
    _, out = b.forward(transit(1472))
    assert len(out) == 2 and b.counters.ip_fwd_drop_no_buffer == 2
    b.port1.tx_room = 100
    assert len(b.forward(transit())[1]) == 1


def test_interface_that_is_down():
    b = Router()
    b.eth1.set_up(False)
    b.stack.ip.routes.set_default(b.iface, 0)
    b.refused(transit(), "ip_fwd_drop_no_route", 3, 0)


def test_errors_are_rate_limited():
    b = Router()
    for _ in range(200):
        b.port.inject(transit(ttl=1))
    b.poll()
    assert len(b.take()) <= 25 and b.counters.icmp_tx_limited >= 175
    assert len(b.forward(transit())[1]) == 1


# Several interfaces on a host


def test_source_address_is_that_of_the_way_out():
    # RFC 1122 §3.3.4.3
    b = Router(on=False)
    assert b.stack.ip.path(BEYOND).src == ME1 and b.stack.ip.path(PEER).src == ME
    assert b.stack.ip.path(FAR).src == ME


def test_default_gateways_by_metric():
    b = Router(on=False)
    routes = b.stack.ip.routes
    routes.add(0, 0, b.eth1, BEYOND, 10)
    path = b.stack.ip.path(FAR)
    assert path.iface is b.iface
    b.iface.set_up(False)
    path.renew()
    assert path.iface is b.eth1 and path.src == ME1
    b.iface.set_up(True)
    path.renew()
    assert path.iface is b.iface and path.src == ME
    routes.set_default(b.iface, ip("10.0.0.254"), 200)
    path.renew()
    assert path.iface is b.eth1
    # A route's metric counts on top of its interface's.
    assert (b.iface.metric, b.eth1.metric) == (0, 100)
    b.eth1.set_metric(1000)
    path.renew()
    assert path.iface is b.iface


def test_answers_leave_where_their_address_belongs():
    # RFC 1122 §3.3.4.2: of two default gateways each knows its own network's hosts only.
    b = Router(on=False)
    b.stack.ip.routes.add(0, 0, b.eth1, BEYOND, 10)
    assert b.stack.ip.path(FAR, ME1).iface is b.eth1
    assert b.stack.ip.path(FAR, ME).iface is b.iface
    assert b.stack.ip.path(FAR).iface is b.iface
    # But a network at hand is never asked for at a router.
    assert b.stack.ip.path(PEER, ME1).iface is b.iface
    b.port1.inject(udp_frame(b"x", 7, src=FAR, dst=ME1, mac=MAC1, smac=BEYOND_MAC))
    endpoint = b.stack.udp.open(ME1, 7)
    b.poll()
    data, src, port = endpoint.recv()
    endpoint.send(data, src, port)
    b.poll()
    assert not b.take() and b.port1.sent[-1][:6] == BEYOND_MAC


def test_broadcast_of_another_network_is_not_ours():
    b = Router(on=False)
    endpoint = b.stack.udp.open(0, 7)
    b.drops("ip_drop_not_ours", udp_frame(b"x", 7, dst=ip("10.1.0.255"), mac=ALL))
    assert not endpoint.available()
    b.feed(udp_frame(b"x", 7, dst=ip("10.0.0.255"), mac=ALL))
    assert endpoint.available()


def test_property_random_transit():
    rng = Rng(6)
    b = Router(mtu=576)
    for i in range(300):
        n = rng.below(1473)
        size = 4 * rng.below(11)
        options = noise(rng, size) if rng.below(2) else b"\x01" * size
        frame = (
            bytearray(transit(n, ident=i, ttl=rng.below(256)))
            if n % 3
            else bytearray(
                ipv4(noise(rng, min(n, 1400)), 99, dst=BEYOND, options=options, ttl=rng.below(256))
            )
        )
        if rng.below(3) == 0:
            frame[14 + rng.below(20)] = rng.below(256)
            head = max(20, (frame[14] & 15) * 4)
            frame[24:26] = b"\0\0"
            frame[24:26] = sum16(frame[14 : 14 + head]).to_bytes(2, "big")
        b.port.inject(bytes(frame))
        b.poll()
        b.port.sent = []
        for sent in b.out1():
            if sent[12:14] == b"\x08\x00":
                assert sum16(sent[14 : 14 + (sent[14] & 15) * 4]) == 0
                assert len(sent) <= 590
        b.poll(10_000)
    b.meet()
    b.well()


PARTIAL, VALID, SIZE = 1, 2, 2


def tcp(n, flags=0x18, src=PEER, dst=BEYOND, options=b"", seq=0xFFFFFFF0):
    data = bytes(i * 7 & 255 for i in range(n))
    head = struct.pack(
        ">HHIIBBHHH", 4000, 80, seq, 77, (20 + len(options)) << 2, flags, 5000, 0, 0
    )
    return head + options + data


def tcp_sum(raw, src=PEER, dst=BEYOND):
    return sum16(struct.pack(">IIHH", src, dst, 6, len(raw)) + raw)


def forward_offloaded(b, frame, offload):
    b.out1()
    b.take()
    b.eth0_input(memoryview(bytearray(frame)), len(frame), offload)
    b.poll()
    return b.take(), b.out1()


class Joined(Router):
    """A router whose first card joins segments and leaves checksums open."""

    def __init__(self, **kw):
        super().__init__(**kw)
        self.iface._limit = 14 + 65535
        self.eth0_input = self.iface.input


def test_checksum_that_was_not_made_is_made_on_the_way():
    b = Joined()
    for payload, proto, at in (
        (tcp(100), 6, 16),
        (udp_frame(b"x" * 33, 9, dst=BEYOND)[34:], 17, 6),
    ):
        raw = bytearray(payload)
        raw[at : at + 2] = b"\x12\x34"
        answers, (sent,) = forward_offloaded(b, ipv4(bytes(raw), proto, dst=BEYOND), PARTIAL)
        assert not answers
        pseudo = struct.pack(">IIHH", PEER, BEYOND, proto, len(raw))
        assert sum16(pseudo + sent[34:]) == 0 and sent[34 + at + 2 :] == payload[at + 2 :]
    # What has one keeps it, and of what is not known nothing is made up.
    frame = transit(20)
    assert forward_offloaded(b, frame, VALID)[1][0][34:] == frame[34:]
    before = b.counters.ip_fwd_drop_offload
    for frame in (
        ipv4(b"x" * 40, 99, dst=BEYOND),
        ipv4(b"x" * 7, 17, dst=BEYOND),
        ipv4(b"x" * 19, 6, dst=BEYOND),
        ipv4(b"x" * 40, 6, dst=BEYOND, frag=MF),
    ):
        assert forward_offloaded(b, frame, PARTIAL) == ([], [])
    assert b.counters.ip_fwd_drop_offload == before + 4


def test_joined_segments_leave_as_they_were():
    """RFC 1812 §5.2.6 and RFC 9293 §3.7: segments of the size that their sender chose."""
    b = Joined()
    for options in (b"", b"\x01\x01\x08\x0a" + b"stampecr"):
        for frag in (DF, 0):
            for n in (1, 500, 1000, 1001, 64000):
                raw = tcp(n, flags=0x19, options=options)
                frame = ipv4(raw, 6, dst=BEYOND, frag=frag, ident=0xFFFF)
                answers, out = forward_offloaded(b, frame, 1000 << SIZE | PARTIAL)
                assert not answers and len(out) == (n + 999) // 1000
                head = 20 + len(options)
                data = b""
                for k, sent in enumerate(out):
                    p = Packet(sent)
                    assert p.ttl == 63 and p.frag == frag and p.ident == (0xFFFF + k) & 0xFFFF
                    assert tcp_sum(p.data) == 0
                    seq = struct.unpack(">I", p.data[4:8])[0]
                    assert seq == (0xFFFFFFF0 + 1000 * k) & 0xFFFFFFFF
                    assert p.data[13] == (0x19 if k == len(out) - 1 else 0x10)
                    assert p.data[20:head] == options
                    data += p.data[head:]
                assert data == raw[head:]


def test_joined_segments_meet_the_mtu_one_by_one():
    """RFC 1191 §3: it is the segment that is too long, not what a device made of several."""
    b = Joined(mtu=900)
    raw = tcp(8000)
    frame = ipv4(raw, 6, dst=BEYOND, frag=DF)
    assert len(forward_offloaded(b, frame, 800 << SIZE | PARTIAL)[1]) == 10
    before = b.counters.ip_fwd_drop_mtu
    (p,), out = forward_offloaded(b, frame, 1000 << SIZE | PARTIAL)
    assert not out and p.proto == 1 and p.data[:2] == b"\x03\x04"
    assert struct.unpack(">H", p.data[6:8])[0] == 900
    assert struct.unpack(">H", p.data[10:12])[0] == 1040, "quotes the first segment"
    assert b.counters.ip_fwd_drop_mtu == before + 1
    # Without DF each segment is fragmented.
    out = forward_offloaded(b, ipv4(raw, 6, dst=BEYOND), 1000 << SIZE | PARTIAL)[1]
    assert len(out) == 16


def test_joined_nonsense_is_dropped():
    b = Joined()
    before = b.counters.ip_fwd_drop_offload
    bad = bytearray(tcp(100))
    bad[12] = 0xF0
    short = bytearray(tcp(100))
    short[12] = 0x40
    for payload, proto in ((tcp(100)[:19], 6), (bytes(short), 6), (bytes(bad[:50]), 6), (bad, 17)):
        frame = ipv4(bytes(payload), proto, dst=BEYOND)
        assert forward_offloaded(b, frame, 10 << SIZE | VALID) == ([], [])
    assert b.counters.ip_fwd_drop_offload == before + 4
