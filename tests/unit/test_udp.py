# Frostnet: tests of UDP
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
from errno import EADDRINUSE, ECONNREFUSED

from ipbench import ALL, BROADCAST, FAR, ME, NET_BROADCAST, OTHER, PEER, PEER_MAC, ROUTER_MAC
from ipbench import Bench, Port, heap, icmp, ip, ipv4, raises, udp, udp_frame

_EDESTADDRREQ = 89
_EMSGSIZE = 90
_EADDRNOTAVAIL = 99
_ENOBUFS = 105
_EISCONN = 106


def test_datagram_in_and_out():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    assert endpoint.available() == 0 and endpoint.recv() is None
    for n in (0, 1, 2, 63, 64, 1471, 1472):
        payload = bytes(i & 255 for i in range(n))
        assert not b.feed(udp_frame(payload, 7, 1234))
        assert endpoint.available() == 1
        assert endpoint.recv() == (payload, PEER, 1234)
        assert endpoint.send(payload, PEER, 1234)
        b.poll()
        (p,) = b.take()
        assert (p.sport, p.dport, p.payload) == (7, 1234, payload)
        assert (p.src, p.dst, p.to) == (ME, PEER, PEER_MAC)
    assert endpoint.recv() is None


def test_recv_into():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    buf = bytearray(8)
    assert endpoint.recv_into(buf) == -1
    b.feed(udp_frame(b"four", 7, 99), udp_frame(b"", 7), udp_frame(b"much too long", 7))
    assert endpoint.recv_into(buf, True) == 4, "peek"
    assert endpoint.recv_into(buf) == 4 and buf[:4] == b"four"
    assert (endpoint.src, endpoint.sport) == (PEER, 99)
    assert endpoint.recv_into(buf) == 0
    assert endpoint.recv_into(buf) == 8 and buf == b"much too"
    assert endpoint.recv_into(buf) == -1, "the rest of a datagram is lost"


def test_handler_instead_of_queue():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    calls = []

    def handler(iface, buf, off, end, src, sport):
        calls.append((iface, bytes(buf[off:end]), src, sport))

    endpoint.handler = handler
    b.feed(udp_frame(b"x", 7, 5))
    assert calls == [(b.iface, b"x", PEER, 5)] and not endpoint.available()


def test_hostile_22_lengths():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    data = udp(b"payload", 7)
    for n in range(1, 8):
        b.drops("udp_drop_short", ipv4(data[:n], 17))
    for n in (0, 1, 7):
        b.drops("udp_drop_length", ipv4(udp(b"payload", 7, length=n), 17))
    for n in (16, 17, 1000, 65535):
        b.drops("udp_drop_length", ipv4(udp(b"payload", 7, length=n), 17))
    assert not endpoint.available()


def test_hostile_22_length_less_than_the_payload():
    # RFC 768: the length field counts; what is beyond it is not data.
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    frame = ipv4(udp(b"payl", 7) + b"oad", 17)
    b.feed(frame)
    assert endpoint.recv()[0] == b"payl"


def test_hostile_22_checksum():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    good = udp(b"payload", 7)
    for bit in range(len(good) * 8):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << (bit & 7)
        if not bad[6] and not bad[7]:
            continue
        assert not b.feed(ipv4(bytes(bad), 17)), bit
    assert not endpoint.available()
    b.drops("udp_drop_checksum", udp_frame(b"x", 7, src=PEER)[:42] + b"y")
    # RFC 768: 0 says that the sender computed none.
    b.feed(ipv4(udp(b"none", 7, check=0), 17))
    assert endpoint.recv()[0] == b"none"


def test_checksum_covers_the_addresses():
    b = Bench()
    b.stack.udp.open(0, 7)
    b.drops("udp_drop_checksum", ipv4(udp(b"x", 7, src=PEER), 17, src=OTHER))


def test_hostile_22_ports():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    b.drops("udp_drop_port", udp_frame(b"x", 0))
    b.feed(udp_frame(b"x", 7, 0))
    assert endpoint.recv() == (b"x", PEER, 0), "source port 0 is allowed (RFC 768)"


def test_hostile_23_broadcast_to_unbound_port_is_silent():
    b = Bench()
    for dst in (BROADCAST, NET_BROADCAST, ip("224.0.0.1")):
        b.drops("udp_drop_no_endpoint", udp_frame(b"x", 7, dst=dst, mac=ALL))
    b.drops("ip_drop_source", udp_frame(b"x", 7, src=ip("224.0.0.1")))


def test_closed_port_is_unreachable():
    # RFC 1122 §4.1.3.1
    b = Bench()
    p = b.one(udp_frame(b"x", 7))
    assert p.proto == 1 and p.data[:2] == b"\x03\x03"
    endpoint = b.stack.udp.open(0, 7)
    assert not b.feed(udp_frame(b"x", 7))
    endpoint.close()
    assert b.one(udp_frame(b"x", 7)).proto == 1


def test_random_ports():
    b = Bench()
    ports = [b.stack.udp.open().port for _ in range(60)]
    assert len(set(ports)) == 60 and all(49152 <= p <= 65535 for p in ports)
    # RFC 6056: not sequential, not even-only.
    steps = {ports[i + 1] - ports[i] for i in range(59)}
    assert len(steps) > 50
    assert 10 < len([p for p in ports if p & 1]) < 50
    other = Bench(seed=99)
    assert [other.stack.udp.open().port for _ in range(3)] != ports[:3]


def test_random_port_that_is_taken():
    b = Bench()
    b.stack.rand = lambda bits: (1 << bits) - 1
    first = b.stack.udp.open()
    second = b.stack.udp.open()
    assert (first.port, second.port) == (65535, 49152)


def test_port_in_use():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    raises(EADDRINUSE, b.stack.udp.open, 0, 7)
    specific = b.stack.udp.open(ME, 7)
    raises(EADDRINUSE, b.stack.udp.open, ME, 7)
    raises(_EADDRNOTAVAIL, b.stack.udp.open, PEER, 7)
    endpoint.close()
    b.stack.udp.open(0, 7)
    specific.close()
    b.stack.udp.open(ME, 7)


def test_close_twice():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    endpoint.close()
    endpoint.close()
    again = b.stack.udp.open(0, 7)
    endpoint.close()
    b.feed(udp_frame(b"x", 7))
    assert again.recv(), "closing an old endpoint took the port from the new one"


def test_best_match():
    b = Bench()
    any_ = b.stack.udp.open(0, 7)
    mine = b.stack.udp.open(ME, 7)
    b.feed(udp_frame(b"1", 7))
    assert mine.recv() and not any_.recv()
    b.feed(udp_frame(b"2", 7, dst=BROADCAST, mac=ALL))
    assert any_.recv() and not mine.recv()
    mine.connect(OTHER, 5)
    b.feed(udp_frame(b"3", 7))
    assert any_.recv() and not mine.recv()
    b.feed(udp_frame(b"4", 7, 5, src=OTHER))
    assert mine.recv() and not any_.recv()


def test_interface():
    b = Bench()
    port = Port(b"\x02\x00\x00\x00\x01\x01")
    eth1 = b.stack.add(port, "eth1")
    zero = b.stack.udp.open(0, 68, b.iface)
    one = b.stack.udp.open(0, 68, eth1)
    raises(EADDRINUSE, b.stack.udp.open, 0, 68, eth1)
    raises(EADDRINUSE, b.stack.udp.open, 0, 68)
    b.feed(udp_frame(b"0", 68, 67, dst=BROADCAST, mac=ALL))
    assert zero.recv() and not one.recv()
    port.inject(udp_frame(b"1", 68, 67, dst=BROADCAST, mac=ALL))
    b.poll()
    assert one.recv() and not zero.recv()
    one.send(b"discover", BROADCAST, 67)
    b.poll()
    assert not b.take() and len(port.sent) == 1
    assert port.sent[0][26:30] == bytes(4), "0.0.0.0 while there is no address"


def test_queue_is_bounded_by_count_and_bytes():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    for i in range(1000):
        b.port.inject(udp_frame(b"%d" % i, 7))
    b.poll()
    n = endpoint.available()
    assert 4 <= n <= 64
    assert b.counters.udp_drop_queue == 1000 - n
    assert [endpoint.recv()[0] for _ in range(n)] == [b"%d" % i for i in range(n)]
    big = bytes(9000)  # as reassembly delivers
    for _ in range(100):
        endpoint.deliver(b.counters, big, 0, len(big), PEER, 1)
    assert 4 <= endpoint.available() and endpoint.available() * 9000 <= 65536
    while endpoint.recv():
        pass
    b.feed(udp_frame(bytes(1400), 7))
    assert endpoint.available() == 1, "bytes of datagrams that were taken still count"
    b.well()


def test_endpoints_are_bounded():
    b = Bench()
    opened = []
    for _ in range(64):
        opened.append(b.stack.udp.open())
    raises(_ENOBUFS, b.stack.udp.open)
    for endpoint in opened:
        endpoint.close()
    assert b.stack.udp.endpoints() == []
    opened = endpoint = None
    before = heap()
    for _ in range(200):
        b.stack.udp.open().close()
    assert before - heap() < 2048


def test_connect():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    raises(_EDESTADDRREQ, endpoint.send, b"x")
    endpoint.connect(PEER, 5)
    assert endpoint.laddr() == ME
    endpoint.send(b"x")
    endpoint.send(b"y", PEER, 5)
    raises(_EISCONN, endpoint.send, b"z", PEER, 6)
    b.poll()
    assert [(p.dport, p.payload) for p in b.take()] == [(5, b"x"), (5, b"y")]
    # Others are nobody's peer.
    assert b.one(udp_frame(b"x", 7, 6)).proto == 1
    assert (
        b.one(
            udp_frame(b"x", 7, 5, src=OTHER),
        ).type
        == 0x0806
    )  # (the answer asks for it)
    b.feed(udp_frame(b"good", 7, 5))
    assert endpoint.recv()[0] == b"good"
    endpoint.connect(0, 0)
    b.feed(udp_frame(b"other", 7, 6))
    assert endpoint.recv()[0] == b"other"
    raises(_EDESTADDRREQ, endpoint.send, b"x")


def unreachable(code, p, src=PEER):
    return ipv4(icmp(3, code, 0, p.frame[14:][:28]), 1, src=src)


def test_icmp_error_reaches_the_connected_endpoint():
    # RFC 1122 §4.1.3.3
    b = Bench()
    endpoint = b.stack.udp.open()
    endpoint.connect(PEER, 9)
    endpoint.send(b"x")
    b.poll()
    (p,) = b.take()
    b.feed(unreachable(3, p))
    assert endpoint.take_error() == ECONNREFUSED and endpoint.take_error() == 0
    # About another peer's port, or another port of ours: not this endpoint's.
    endpoint.connect(PEER, 10)
    b.feed(unreachable(3, p))
    assert endpoint.take_error() == 0


def test_icmp_error_for_an_unconnected_endpoint():
    b = Bench()
    endpoint = b.stack.udp.open()
    errors = []
    endpoint.send(b"x", PEER, 9)
    b.poll()
    (p,) = b.take()
    b.feed(unreachable(3, p))
    assert endpoint.error == 0
    endpoint.on_error = lambda *a: errors.append(a)
    b.feed(unreachable(3, p))
    assert errors == [(ECONNREFUSED, PEER, 9)]


def test_too_long():
    b = Bench()
    endpoint = b.stack.udp.open()
    raises(_EMSGSIZE, endpoint.send, bytes(65508), PEER, 9)
    raises(_EMSGSIZE, endpoint.send, bytes(70000), PEER, 9)
    assert not b.counters.udp_tx
    assert endpoint.send(bytes(1472), PEER, 9)
    b.poll()
    assert len(b.take()) == 1


def test_no_room():
    b = Bench()
    endpoint = b.stack.udp.open()
    b.port.tx_room = 0
    assert endpoint.send(b"x", PEER, 9) is False
    b.port.tx_room = 10
    assert endpoint.send(b"x", PEER, 9) is True
    b.poll()
    assert len(b.take()) == 1


def test_answer_leaves_from_the_address_that_was_asked():
    b = Bench()
    port = Port(b"\x02\x00\x00\x00\x01\x01")
    eth1 = b.stack.add(port, "eth1")
    eth1.set_address(ip("10.1.0.1"), 24)
    endpoint = b.stack.udp.open(ip("10.1.0.1"), 7)
    endpoint.send(b"x", PEER, 9)
    b.poll()
    (p,) = b.take()
    assert p.src == ip("10.1.0.1")
    other = b.stack.udp.open(0, 8)
    other.send(b"x", PEER, 9)
    b.poll()
    assert b.take()[0].src == ME, "a shared path kept the other endpoint's address"


def test_far_destinations_share_bounded_paths():
    b = Bench()
    b.meet(ip("10.0.0.254"), ROUTER_MAC)
    endpoint = b.stack.udp.open()
    for i in range(300):
        endpoint.send(b"x", FAR + i, 9)
        b.poll()
        (p,) = b.take()
        assert p.dst == FAR + i and p.to == ROUTER_MAC
    assert len(b.stack.ip._paths) <= 32


def test_memory_is_steady_under_load():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    endpoint.handler = lambda iface, buf, off, end, src, sport: endpoint.send(
        buf[off:end], src, sport
    )
    for _ in range(10):
        b.feed(udp_frame(b"x" * 100, 7))
    before = heap()
    for _ in range(300):
        b.port.inject(udp_frame(b"x" * 100, 7))
        b.stack.poll(b.now)
        b.port.sent = []
    assert before - heap() < 2048


def test_nothing_is_allocated_per_datagram():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    frame = memoryview(udp_frame(bytes(64), 7, 9))
    port = b.port
    buf = memoryview(bytearray(1600))
    port.tx = lambda: buf
    port.send = lambda n: None
    into = bytearray(64)

    # Called as the stack's own loop does; the port on the bench would allocate.
    def rounds(n):
        receive = b.iface.input
        take = endpoint.recv_into
        send = endpoint.send
        for _ in range(n):
            receive(frame, len(frame))
            take(into)
            send(into, PEER, 9)

    rounds(3)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    rounds(1000)
    used = gc.mem_alloc() - before
    gc.enable()
    assert used < 1000, used  # rounds() makes its bound methods
    assert b.counters.udp_rx == b.counters.udp_tx == 1003 and not b.counters.drops()
