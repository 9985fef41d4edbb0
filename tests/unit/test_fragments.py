# Frostnet: tests of sending in fragments
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
from errno import EHOSTUNREACH

from ipbench import MAC, ME, OTHER, PEER, PEER_MAC, Bench, arp, heap, icmp, ip, ipv4, noise
from ipbench import raises, sum16, whole
from simwire import Rng

_EMSGSIZE = 90
LOCALHOST = ip("127.0.0.1")


def collect(b):
    b.poll()
    return b.take()


def check_udp(data, payload):
    sport, dport, n, check = struct.unpack(">HHHH", data[:8])
    assert n == len(data) == len(payload) + 8 and check
    assert sum16(struct.pack(">IIHH", ME, PEER, 17, n) + data) == 0, "UDP checksum"
    assert data[8:] == payload
    return sport, dport


def test_udp_of_all_sizes():
    # RFC 791 §3.2: offsets in units of 8 bytes, one identification, MF on all but the last.
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    rng = Rng(1)
    for n in (1472, 1473, 1479, 1480, 1481, 2952, 2953, 4432, 9000, 65506, 65507):
        payload = noise(rng, n)
        assert endpoint.send(payload, PEER, 9)
        packets = collect(b)
        assert len(packets) == (n + 8 + 1479) // 1480
        assert all(p.total <= 1500 and p.src == ME and p.to == PEER_MAC for p in packets)
        assert check_udp(whole(packets), payload) == (7, 9)
    assert b.counters.udp_tx == 11 and b.counters.ip_tx_fragmented == 10


def test_identifications_of_fragmented_datagrams_differ():
    # RFC 6864 §4.3
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    idents = set()
    for _ in range(100):
        endpoint.send(bytes(2000), PEER, 9)
        endpoint.send(b"x", PEER, 9)
        packets = collect(b)
        idents.add(packets[0].ident)
        idents.add(packets[-1].ident)
    assert len(idents) == 200


def test_mtu_of_the_interface():
    b = Bench()
    b.iface.mtu = 576
    endpoint = b.stack.udp.open(0, 7)
    endpoint.send(b"p" * 2000, PEER, 9)
    packets = collect(b)
    assert [p.total for p in packets] == [572, 572, 572, 372]  # 552 is a multiple of 8, 556 is not
    check_udp(whole(packets), b"p" * 2000)


def test_df_is_honoured():
    # RFC 791 §2.3: what must not be fragmented is not, here no more than on the way.
    b = Bench()
    path = b.stack.ip.path(PEER)
    raises(_EMSGSIZE, path.send_long, 17, bytes(8), bytes(2000))
    assert not collect(b)


def test_longest_datagram():
    # RFC 791 §3.1: 65,535 bytes with the header.
    b = Bench()
    path = b.stack.ip.path(PEER, df=False)
    data = noise(Rng(3), 65507)
    raises(_EMSGSIZE, path.send_long, 99, bytes(8), data + b"x")
    assert path.send_long(99, b"headhead", data)
    assert whole(collect(b)) == b"headhead" + data
    endpoint = b.stack.udp.open(0, 7)
    raises(_EMSGSIZE, endpoint.send, bytes(65508), PEER, 9)


def test_device_with_little_room_gets_the_rest_later():
    b = Bench()
    b.port.tx_room = 3
    endpoint = b.stack.udp.open(0, 7)
    data = bytearray(noise(Rng(4), 20000))
    sent = bytes(data)
    assert endpoint.send(memoryview(data), PEER, 9)
    for i in range(len(data)):
        data[i] = 0  # the program uses its buffer again
    b.poll(10_000)
    assert check_udp(whole(b.take()), sent) == (7, 9)
    b.well()


def test_no_room_at_all_is_for_the_program_to_wait_for():
    b = Bench()
    b.port.tx_room = 0
    endpoint = b.stack.udp.open(0, 7)
    assert endpoint.send(bytes(2000), PEER, 9) is False
    assert not b.counters.udp_tx and not b.counters.ip_tx_fragmented
    b.port.tx_room = 10
    assert endpoint.send(bytes(2000), PEER, 9) is True


def test_what_waits_is_bounded():
    b = Bench()
    b.port.tx_room = 1
    endpoint = b.stack.udp.open(0, 7)
    n = 0
    for i in range(1000):
        b.port.flush()
        if not endpoint.send(bytes([i & 255]) * 60000, PEER, 9):
            break
        n += 1
    assert n == 8
    b.port.tx_room = 100
    b.poll(100_000)
    packets = b.take()
    starts = [i for i, p in enumerate(packets) if not p.frag & 0x1FFF]
    assert len(starts) == n and len(packets) == 41 * n
    before = heap()
    for _ in range(20):
        assert endpoint.send(bytes(60000), PEER, 9)
        b.poll(1000)
        b.port.sent = []
    assert before - heap() < 2048


def test_fragments_wait_for_the_neighbour():
    # A datagram of more frames than a neighbour's queue holds must not lose any of them.
    b = Bench(know=False)
    endpoint = b.stack.udp.open(0, 7)
    payload = noise(Rng(5), 30000)
    assert endpoint.send(payload, PEER, 9)
    b.poll(100_000)
    assert [p.type for p in b.take()] == [0x0806]
    packets = b.feed(arp(2, PEER_MAC, PEER, MAC, ME, dst=MAC))
    b.poll(10_000)
    check_udp(whole(packets + b.take()), payload)


def test_neighbour_that_does_not_exist():
    b = Bench(know=False)
    endpoint = b.stack.udp.open(0, 7)
    errors = []
    endpoint.on_error = lambda *e: errors.append(e)
    assert endpoint.send(bytes(30000), OTHER, 9)
    b.poll(4_000_000)
    assert errors == [(EHOSTUNREACH, OTHER, 9)], "one error for one datagram"
    assert b.counters.ip_tx_fragments_lost == 1 and not b.stack.ip.fragmenter._jobs
    assert not [p for p in b.take() if p.type == 0x0800]


def test_ping_of_all_sizes():
    b = Bench()
    ping = b.stack.icmp.pings.open()
    rng = Rng(6)
    for seq, n in enumerate((1472, 1473, 9001, 65507)):
        payload = noise(rng, n)
        assert ping.send(PEER, seq, payload, b.now)
        data = whole(collect(b))
        assert data[:2] == b"\x08\0" and data[8:] == payload and sum16(data) == 0
        reply = icmp(0, 0, ping.ident << 16 | seq, payload)
        at = 0
        while at < len(reply):
            more = 0x2000 if at + 1480 < len(reply) else 0
            b.port.inject(ipv4(reply[at : at + 1480], 1, frag=at >> 3 | more, ident=seq))
            at += 1480
        b.poll()
        assert ping.recv() == (seq, PEER, n, 64, 0)
    raises(_EMSGSIZE, ping.send, PEER, 9, bytes(65508), b.now)


def test_through_the_loopback():
    # Sixteen frames fit its ring; the longest datagram has 45.
    b = Bench(address=None, know=False)
    server = b.stack.udp.open(0, 7)
    client = b.stack.udp.open()
    payload = noise(Rng(7), 65507)
    assert client.send(payload, LOCALHOST, 7)
    b.poll(10_000)
    assert server.recv() == (payload, LOCALHOST, client.port)
    ping = b.stack.icmp.pings.open()
    ping.send(LOCALHOST, 1, payload, b.now)
    b.poll(20_000)
    assert ping.recv()[:3] == (1, LOCALHOST, 65507)


def test_route_that_goes_away_in_between():
    b = Bench()
    b.port.tx_room = 2
    endpoint = b.stack.udp.open(0, 7)
    endpoint.send(bytes(30000), PEER, 9)
    b.iface.set_up(False)
    b.poll(10_000)
    assert b.counters.ip_tx_fragments_lost == 1 and not b.stack.ip.fragmenter._jobs


def test_error_about_a_fragmented_datagram_reaches_the_endpoint():
    # RFC 1122 §4.1.3.3: the first fragment has the ports.
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    endpoint.connect(PEER, 9)
    endpoint.send(bytes(3000))
    packets = collect(b)
    for p in packets[1:]:
        b.feed(ipv4(icmp(3, 3, 0, p.frame[14:][:28]), 1))
        assert not endpoint.take_error()
    b.feed(ipv4(icmp(3, 3, 0, packets[0].frame[14:][:28]), 1))
    assert endpoint.take_error() == 111


def test_property_random_sizes_and_mtus():
    rng = Rng(8)
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    for i in range(60):
        b.iface.mtu = 68 + rng.below(1433)
        b.stack.ip.routes.changed()
        payload = noise(rng, rng.below(6000))
        assert endpoint.send(payload, PEER, 9)
        packets = collect(b)
        assert all(p.total <= b.iface.mtu for p in packets), i
        check_udp(whole(packets), payload)
