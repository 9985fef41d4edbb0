# Frostnet: tests of paths, the way out, and of the loopback
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
from errno import EHOSTUNREACH

from ipbench import ALL, BROADCAST, FAR, MAC, ME, OTHER, PEER, PEER_MAC, ROUTER, ROUTER_MAC
from ipbench import Bench, Port, arp, ip, noise, raises, sum16, udp_frame
from simwire import Rng

_EMSGSIZE = 90
_EADDRNOTAVAIL = 99
_ENETUNREACH = 101

LOCALHOST = ip("127.0.0.1")


def put(path, payload, proto=99, csum_off=-1):
    buf = path.begin()
    buf[path.off : path.off + len(payload)] = payload
    path.send(proto, len(payload), csum_off)


def test_headers():
    b = Bench()
    path = b.stack.ip.path(PEER)
    assert (path.src, path.dst, path.mtu, path.iface) == (ME, PEER, 1500, b.iface)
    put(path, b"payload")
    b.poll()
    (p,) = b.take()  # lengths and header checksum are verified there
    assert p.to == PEER_MAC and p.mac == MAC
    assert (p.src, p.dst, p.ttl, p.proto, p.data) == (ME, PEER, 64, 99, b"payload")
    assert p.frag == 0x4000 and p.ident == 0  # RFC 6864 §4.1


def test_identification_without_df():
    b = Bench()
    path = b.stack.ip.path(PEER, df=False)
    sent = []
    for _ in range(300):
        put(path, b"x")
        b.poll()
        sent += b.take()
    idents = {p.ident for p in sent}
    assert len(idents) == 300 and all(p.frag == 0 for p in sent)


def test_identifications_are_nobody_else_s_to_know():
    # RFC 6864 §4.3: they do not repeat for a pair of hosts. RFC 7739 §3: nor does one receiver
    # learn what another one gets.
    b = Bench()
    seen = []
    for i in range(200):
        path = b.stack.ip.path(PEER if i & 1 else OTHER, df=False)  # new paths share the counter
        seen.append(path.next_ident())
    mine, theirs = seen[::2], seen[1::2]
    assert len(set(mine)) == len(set(theirs)) == 100
    starts = set()
    for dst in range(FAR, FAR + 40):
        starts.add(b.stack.ip.path(dst, df=False).next_ident())
    assert len(starts) > 30 and max(starts) - min(starts) > 10000
    again = Bench(seed=3).stack.ip.path(PEER, df=False).next_ident()
    assert again != mine[0] and again != theirs[0], "starts are random"


def test_property_checksums():
    # Packet() verifies the header's; the transport's is compared with one computed word by word.
    b = Bench()
    rng = Rng(6)
    path = b.stack.ip.path(PEER, df=False)
    for i in range(150):
        payload = noise(rng, 18 + rng.below(60)) if i % 10 else noise(rng, 1480)
        off = 2 * rng.below(9)
        put(path, payload, 6, off)
        b.poll()
        (p,) = b.take()
        pseudo = struct.pack(">IIHH", ME, PEER, 6, len(payload))
        assert sum16(pseudo + p.data) == 0
        assert p.data[:off] + p.data[off + 2 :] == payload[:off] + payload[off + 2 :]


def test_udp_checksum_0_is_sent_as_ffff():
    # RFC 768: 0 means that there is none.
    b = Bench()
    endpoint = b.stack.udp.open(0, 1000)
    for _ in range(2):
        word = 0
        data = b"".join(struct.pack(">H", w) for w in (1000, 7, 10, 0, word))
        word = sum16(struct.pack(">IIHH", ME, PEER, 17, 10) + data)
        endpoint.send(struct.pack(">H", word), PEER, 7)
        b.poll()
        (p,) = b.take()
        assert p.data[6:8] == b"\xff\xff"


def test_too_long():
    b = Bench()
    path = b.stack.ip.path(PEER)
    buf = path.begin()
    raises(_EMSGSIZE, path.send, 99, 1481, -1)
    path.send(99, 1480, -1)
    b.poll()
    assert len(b.take()) == 1 and len(buf) == 1514


def test_no_room():
    b = Bench()
    path = b.stack.ip.path(PEER)
    b.port.tx_room = 0
    assert path.begin() is None
    b.port.tx_room = 10
    assert path.begin() is not None


def test_no_route():
    b = Bench()
    b.stack.ip.routes.set_default(b.iface, 0)
    raises(_ENETUNREACH, b.stack.ip.path, FAR)
    assert b.counters.ip_tx_no_route == 1
    raises(_ENETUNREACH, b.stack.ip.path, 0)


def test_source():
    b = Bench()
    raises(_EADDRNOTAVAIL, b.stack.ip.path, PEER, OTHER)
    assert b.stack.ip.path(PEER, ME).src == ME
    assert b.stack.ip.path(PEER, 0).src == 0  # as DHCP sends
    assert b.stack.ip.path(BROADCAST).src == ME


def test_route_is_looked_up_again_when_the_table_changed():
    b = Bench()
    b.meet(ROUTER, ROUTER_MAC)
    path = b.stack.ip.path(FAR)
    put(path, b"x")
    b.poll()
    assert b.take()[0].to == ROUTER_MAC
    b.stack.ip.routes.set_default(b.iface, PEER)
    put(path, b"x")
    b.poll()
    assert b.take()[0].to == PEER_MAC
    b.stack.ip.routes.set_default(b.iface, 0)
    raises(_ENETUNREACH, path.begin)
    b.stack.ip.routes.set_default(b.iface, ROUTER)
    put(path, b"x")
    b.poll()
    assert b.take()[0].to == ROUTER_MAC


def test_address_that_was_taken_away():
    b = Bench()
    fixed = b.stack.ip.path(PEER, ME)
    free = b.stack.ip.path(PEER)
    b.iface.set_address(OTHER, 24)
    raises(_EADDRNOTAVAIL, fixed.begin)
    free.begin()
    assert free.src == OTHER
    b.iface.clear_address()
    raises(_ENETUNREACH, free.begin)


def test_interface_that_is_down():
    b = Bench()
    path = b.stack.ip.path(PEER)
    b.iface.set_up(False)
    raises(_ENETUNREACH, path.begin)
    b.iface.set_up(True)
    put(path, b"x")


def test_dead_neighbour():
    b = Bench(know=False)
    path = b.stack.ip.path(OTHER)
    put(path, b"x")
    b.poll(3_100_000)
    raises(EHOSTUNREACH, path.begin)
    b.poll(2_000_000)
    b.take()
    put(path, b"y")
    b.poll()
    answers = b.feed(arp(2, PEER_MAC, OTHER, MAC, ME, dst=MAC))
    assert [p.data for p in answers] == [b"y"]


def test_neighbour_that_fell_out_of_the_cache():
    b = Bench()
    path = b.stack.ip.path(PEER)
    put(path, b"x")
    b.iface.arp.clear()
    b.poll()
    b.take()
    put(path, b"y")
    b.poll()
    assert b.take()[0].tpa == PEER
    answers = b.feed(arp(2, ROUTER_MAC, PEER, MAC, ME, dst=MAC))
    assert answers[0].data == b"y" and answers[0].to == ROUTER_MAC


def test_two_paths_share_a_neighbour():
    b = Bench()
    one = b.stack.ip.path(PEER)
    two = b.stack.ip.path(PEER, df=False)
    put(one, b"1")
    put(two, b"2")
    b.feed(arp(1, ROUTER_MAC, PEER, bytes(6), ME))
    b.take()
    put(one, b"1")
    put(two, b"2")
    b.poll()
    assert [p.to for p in b.take()] == [ROUTER_MAC, ROUTER_MAC]


def test_limited_broadcast_without_an_address():
    b = Bench(address=None, know=False)
    for path in (b.stack.ip.path(BROADCAST, 0, b.iface), b.stack.ip.path(BROADCAST)):
        put(path, b"discover")
        b.poll()
        (p,) = b.take()
        assert p.to == ALL and p.src == 0 and p.dst == BROADCAST


def test_two_interfaces():
    b = Bench()
    port = Port(b"\x02\x00\x00\x00\x01\x01")
    eth1 = b.stack.add(port, "eth1")
    eth1.set_address(ip("10.1.0.1"), 24)
    peer = ip("10.1.0.2")
    path = b.stack.ip.path(peer)
    assert path.iface is eth1 and path.src == ip("10.1.0.1")
    assert b.stack.ip.path(PEER).iface is b.iface
    # RFC 1122 §3.3.4.2: an address of ours is ours on every interface (the weak model).
    endpoint = b.stack.udp.open(0, 7)
    port.inject(arp(1, PEER_MAC, peer, bytes(6), ip("10.1.0.1")))
    port.inject(udp_frame(b"x", 7, src=peer, dst=ME, mac=port.mac))
    b.poll()
    assert endpoint.recv() == (b"x", peer, 1000)
    eth1.clear_address()
    path = b.stack.ip.path(peer)
    assert path.iface is b.iface, "only the default route is left"


def test_route_that_moves_to_a_device_with_a_smaller_mtu():
    # Who knew the larger one writes into the buffer before send() can refuse.
    b = Bench()
    port = Port(b"\x02\x00\x00\x00\x01\x01", 576)
    eth1 = b.stack.add(port, "eth1")
    eth1.set_address(ip("10.1.0.1"), 24)
    router = ip("10.1.0.254")
    port.inject(arp(1, ROUTER_MAC, router, bytes(6), ip("10.1.0.1")))
    b.poll()
    path = b.stack.ip.path(FAR)
    assert path.iface is b.iface
    b.stack.ip.routes.set_default(b.iface, 0)
    b.stack.ip.routes.set_default(eth1, router)
    port.sent = []
    buf = path.begin()
    assert path.mtu == 576 and len(buf) == 1514
    buf[34:1514] = bytes(1480)
    raises(_EMSGSIZE, path.send, 99, 1480, -1)
    put(path, b"x" * 556)
    b.poll()
    (frame,) = [f for f in port.sent if f[12:14] == b"\x08\0"]
    assert frame[:6] == ROUTER_MAC and frame[34:] == b"x" * 556
    port.tx_room = 0
    assert path.begin() is None
    b.stack.ip.routes.set_default(eth1, 0)
    b.stack.ip.routes.set_default(b.iface, ROUTER)
    path.begin()
    assert path.mtu == 1500


# Loopback


def test_loopback_without_any_device():
    b = Bench(address=None, know=False)
    server = b.stack.udp.open(0, 7)
    client = b.stack.udp.open(LOCALHOST, 8)
    client.send(b"self", ip("127.0.0.1"), 7)
    assert b.stack.pending()
    b.poll()
    assert server.recv() == (b"self", LOCALHOST, 8)
    server.send(b"back", LOCALHOST, 8)
    b.poll()
    assert client.recv() == (b"back", LOCALHOST, 7)
    counters = b.stack.lo.dev.counters
    assert counters.rx_frames == counters.tx_frames == 2
    assert counters.rx_bytes == counters.tx_bytes == 2 * 46
    assert not b.take() and not b.stack.pending()


def test_own_address_is_looped_back():
    b = Bench()
    server = b.stack.udp.open(ME, 7)
    client = b.stack.udp.open()
    client.send(b"self", ME, 7)
    b.poll()
    data, src, port = server.recv()
    assert (data, src, port) == (b"self", ME, client.port)
    assert not b.take(), "it left the host"


def test_loopback_is_bounded():
    b = Bench()
    server = b.stack.udp.open(0, 7)
    client = b.stack.udp.open()
    sent = 0
    while sent < 1000 and client.send(b"%d" % sent, ME, 7):
        sent += 1
    assert 4 <= sent <= 64
    b.poll()
    assert [server.recv()[0] for _ in range(sent)] == [b"%d" % i for i in range(sent)]
    assert client.send(b"again", ME, 7)


def test_loopback_storm_does_not_hold_the_poll():
    # Two endpoints that answer each other for ever.
    b = Bench()
    one = b.stack.udp.open(0, 7)
    two = b.stack.udp.open(0, 8)
    one.handler = lambda iface, buf, off, end, src, sport: one.send(b"ping", src, sport)
    two.handler = lambda iface, buf, off, end, src, sport: two.send(b"pong", src, sport)
    one.send(b"ping", ME, 8)
    when = b.stack.poll(b.now)
    assert when == b.now, "more to do"
    one.close()
    two.close()
    b.poll()
    b.well()


def test_loopback_error():
    b = Bench()
    client = b.stack.udp.open()
    client.connect(ME, 9)
    client.send(b"x")
    b.poll()
    assert client.take_error() == 111


def test_loopback_does_not_leak_to_the_wire():
    b = Bench()
    b.drops("ip_drop_not_ours", udp_frame(b"x", 7, dst=LOCALHOST))
    b.drops("ip_drop_source", udp_frame(b"x", 7, src=LOCALHOST))
