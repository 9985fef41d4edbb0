# Frostnet: tests of what a path leaves to its device
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from ipbench import MAC, ME, PEER, PEER_MAC, Bench, Packet, Port, arp, echo, ip, ipv4, raises
from ipbench import sum16, udp
from simoffload import OffloadPort
from simwire import Rng

_EMSGSIZE = 90
_CSUM = 16
HEAD = 20
OTHER_NET = ip("10.1.0.9")
OTHER_MAC = b"\x02\x00\x00\x00\x01\x09"


class Offloading(Bench):
    """The bench with a card that sums and cuts."""

    def __init__(self, know=True, **options):
        super().__init__(know=False)
        port = OffloadPort(MAC, **options)
        port.sent = []
        self.port = port
        self.iface.dev = port
        self.iface.receive = port.receive
        self.iface.flush = port.flush
        self.iface.arm = port.arm
        if know:
            self.meet()


def segment(n, seq=1):
    data = bytes(i % 251 for i in range(n))
    return struct.pack(">HHIIBBHHH", 1000, 80, seq, 0, HEAD << 2, 0x18, 999, 0, 0) + data


def put(path, raw, size=0):
    buf = path.begin()
    buf[path.off : path.off + len(raw)] = raw
    path.send_partial(6, len(raw), _CSUM, HEAD, size)


def check(frames, payload):
    """The frames are whole segments with checksums that carry `payload`."""
    data = b""
    for frame in frames:
        p = Packet(frame)
        assert sum16(struct.pack(">IIHH", p.src, p.dst, 6, len(p.data)) + p.data) == 0
        data += p.data[HEAD:]
    assert data == payload
    return [len(f) for f in frames]


def test_the_device_sums_and_cuts():
    b = Offloading()
    path = b.stack.ip.path(PEER)
    assert path.csum and path.most(HEAD, 1460) == 65495 // 1460 * 1460
    for n, size in ((100, 0), (1460, 0), (3000, 1460), (path.most(HEAD, 1460), 1460)):
        raw = segment(n)
        put(path, raw, size)
        b.poll()
        lengths = check(b.port.sent, raw[HEAD:])
        assert len(lengths) == (-(-n // size) if size else 1)
        b.port.sent = []
    assert b.port.largest == 34 + HEAD + path.most(HEAD, 1460)


def test_a_device_that_cannot_gets_it_done():
    b = Bench()
    path = b.stack.ip.path(PEER)
    assert not path.csum and path.most(HEAD, 1460) == 1460
    for n in (0, 1, 1459, 1460):
        raw = segment(n)
        put(path, raw)
        b.poll()
        check(b.port.sent, raw[HEAD:])
        b.port.sent = []
    raises(_EMSGSIZE, path.send_partial, 6, 1500, _CSUM, HEAD, 1000)


def test_an_unknown_neighbour_gets_a_whole_copy():
    """RFC 1122 §2.3.2.2: what waits for ARP waits as it will leave."""
    b = Offloading(know=False)
    path = b.stack.ip.path(PEER)
    assert path.most(HEAD, 1000) == 1000, (
        "nobody may keep 64 KiB for a neighbour that is not there"
    )
    raw = segment(1000)
    put(path, raw)
    raises(_EMSGSIZE, put, path, segment(3000), 1000)
    b.poll()
    b.port.sent = []
    b.port.inject(arp(2, PEER_MAC, PEER, MAC, ME, dst=MAC))
    b.poll()
    check([f for f in b.port.sent if f[12:14] == b"\x08\x00"], raw[HEAD:])
    assert path.most(HEAD, 1000) > 60000


def test_sizes_that_do_not_fit():
    b = Offloading()
    path = b.stack.ip.path(PEER)
    raises(_EMSGSIZE, put, path, segment(1461))
    raises(_EMSGSIZE, put, path, segment(3000), 1461)
    b.iface.set_mtu(1000)
    path.begin()  # the route has changed
    raises(_EMSGSIZE, put, path, segment(3000), 1460)
    put(path, segment(3000), 960)
    b.poll()
    check(b.port.sent, segment(3000)[HEAD:])


def test_identifications_leave_room_for_the_segments():
    """RFC 6864 §4.3: without DF each datagram has its own."""
    b = Offloading()
    path = b.stack.ip.path(PEER, df=False)
    for _ in range(5):
        put(path, segment(10000), 1000)
    put(path, segment(100))
    b.poll()
    idents = [Packet(f).ident for f in b.port.sent]
    assert len(idents) == 51 and len(set(idents)) == 51


def test_a_route_that_moves_to_a_lesser_device_breaks_nothing():
    """Who asked most() before the route changed still has a buffer to write to."""
    b = Offloading()
    path = b.stack.ip.path(OTHER_NET)
    b.port1 = Port(b"\x02\x00\x00\x00\x01\x01", 600)
    raw = segment(60000)
    path.begin()
    eth1 = b.stack.add(b.port1, "eth1")
    eth1.set_address(ip("10.1.0.1"), 24)
    b.port1.inject(arp(1, OTHER_MAC, OTHER_NET, bytes(6), ip("10.1.0.1")))
    b.poll()
    buf = path.begin()
    assert len(buf) >= 34 + len(raw) and path.most(HEAD, 1000) == 1000
    raises(_EMSGSIZE, put, path, raw, 1000)
    b.port1.sent = []
    raw = segment(500)
    put(path, raw)
    b.poll()
    check([f for f in b.port1.sent if f[12:14] == b"\x08\x00" and f[23] == 6], raw[HEAD:])


def test_a_whole_datagram_is_looked_at_whatever_was_said_of_its_fragments():
    """RFC 1122 §4.1.3.4: nobody can vouch for the checksum of a part."""
    b = Offloading()
    endpoint = b.stack.udp.open(0, 9)
    for good in (True, False):
        data = bytearray(udp(b"0123456789abcdef", 9))
        if not good:
            data[20] ^= 1
        for part, frag in ((data[:16], 0x2000), (data[16:], 2)):
            frame = ipv4(bytes(part), 17, frag=frag, ident=77)
            b.iface.input(memoryview(bytearray(frame)), len(frame), 2)
        assert (endpoint.recv() is not None) == good
    assert b.counters.udp_drop_checksum == 1


def test_property_no_received_frame_raises():
    """Whatever a device says of frames, and whatever is in them."""
    rng = Rng(12)
    b = Offloading()
    endpoint = b.stack.udp.open(0, 9)
    b.stack.tcp.listen(0, 80, 4)
    b.stack.ip.set_forwarding(True)
    for _ in range(3000):
        n = rng.below(200)
        frame = bytearray(MAC + PEER_MAC + b"\x08\x00")
        frame += struct.pack(">BBHHHBBHII", 0x45, 0, 20 + n, 0, 0, 9, 6, 0, PEER, ME)
        frame += bytes(rng.below(256) for _ in range(n))
        if rng.below(2):
            frame[23] = rng.below(2) * 11 + 6
            frame[34:38] = struct.pack(">HH", 1000, 80 if frame[23] == 6 else 9)[: len(frame) - 34]
        for _ in range(rng.below(4)):
            frame[rng.below(len(frame))] = rng.below(256)
        if rng.below(3) == 0:
            frame[30:34] = struct.pack(">I", OTHER_NET)
        frame[24:26] = b"\0\0"
        frame[24:26] = struct.pack(">H", sum16(frame[14:34]))
        size = rng.below(3) and rng.below(100)
        b.iface.input(memoryview(frame), len(frame), size << 2 | rng.below(4))
        endpoint.recv()
        if rng.below(50) == 0:
            b.poll(1000)
    b.poll(1000)
    b.port.sent = []
    assert any(p.proto == 1 and p.data[0] == 0 for p in b.feed(echo(99)) if p.type == 0x0800)
    assert b.stack.last_bug is None
