# Frostnet: tests of the reassembly of fragments
# MIT license; Copyright (c) 2026 The Frostnet authors

from ipbench import ALL, BROADCAST, OTHER, PEER, Bench, echo, heap, icmp, ipv4, noise, sum16
from ipbench import udp, whole
from simwire import Rng

MF = 0x2000
SECOND = 1_000_000


def piece(data, start, end, more=None, proto=17, ident=7, **kw):
    more = end < len(data) if more is None else more
    frag = start >> 3 | (MF if more else 0)
    return ipv4(data[start:end], proto, frag=frag, ident=ident, **kw)


def pieces(data, size, **kw):
    return [piece(data, i, min(i + size, len(data)), **kw) for i in range(0, len(data), size)]


def bench(n=1000, port=7):
    b = Bench()
    endpoint = b.stack.udp.open(0, port)
    payload = noise(Rng(1), n)
    return b, endpoint, payload, udp(payload, port)


def kept(b):
    r = b.stack.ip._reassembly
    return len(r), r._bytes


def test_in_order_and_in_every_other_order():
    b, endpoint, payload, data = bench(1400)
    frames = pieces(data, 480)
    assert len(frames) == 3
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        assert not b.feed(*[frames[i] for i in order])
        assert endpoint.recv() == (payload, PEER, 1000), order
    assert b.counters.ip_reassembled == 6 and kept(b) == (0, 0)
    b.well()


def test_largest_datagram():
    b, endpoint, payload, data = bench(65507)
    assert len(data) == 65515
    b.feed(*pieces(data, 1480))
    assert endpoint.recv()[0] == payload
    b.feed(*reversed(pieces(data, 1480)))
    assert endpoint.recv()[0] == payload


def test_options_of_the_first_fragment():
    b, endpoint, payload, data = bench(1000)
    frames = pieces(data, 480)
    frames[0] = piece(data, 0, 480, options=b"\x01" * 8)
    b.feed(*reversed(frames))
    assert endpoint.recv()[0] == payload


def test_interleaved_datagrams():
    b, endpoint, payload, data = bench(1000)
    other = udp(b"o" * 1000, 7)
    mixed = []
    for one, two in zip(pieces(data, 200, ident=1), pieces(other, 200, ident=2)):
        mixed += [one, two]
    b.feed(*mixed)
    assert endpoint.recv()[0] == payload and endpoint.recv()[0] == b"o" * 1000


def test_hostile_14_same_id_of_another_protocol_or_sender():
    b, endpoint, payload, data = bench(1000)
    b.feed(piece(data, 0, 480))
    b.feed(piece(data, 480, 1008, proto=99), piece(data, 480, 1008, src=OTHER))
    assert not endpoint.available() and kept(b)[0] == 3
    b.feed(piece(data, 480, 1008))
    assert endpoint.recv()[0] == payload


def test_error_quotes_a_datagram_in_one_piece():
    b = Bench()
    data = udp(bytes(1000), 9)
    b.feed(*pieces(data, 480)[:-1])
    p = b.one(pieces(data, 480)[-1])
    assert p.data[:2] == b"\x03\x03"
    assert p.data[8:] == ipv4(data, 17, ident=7)[14 : 14 + 548]


def test_hostile_12_copies():
    b, endpoint, payload, data = bench(1000)
    first, second, last = pieces(data, 480)
    b.feed(first, first, second, second, first, last)
    assert endpoint.recv()[0] == payload
    assert b.counters.ip_drop_fragment == 3


def test_hostile_12_overlap_spoils_the_datagram():
    # RFC 5722 §3: with all of its fragments, those not yet received as well.
    b, endpoint, payload, data = bench(1000)
    evil = data[:480] + bytes(len(data) - 480)
    cases = (
        (piece(data, 0, 480), piece(evil, 472, 960)),  # teardrop
        (piece(evil, 472, 960), piece(data, 0, 480)),
        (piece(data, 0, 960), piece(evil, 480, 488)),  # inside
        (piece(evil, 480, 488), piece(data, 0, 960)),  # around
        (piece(data, 0, 480), piece(b"\xff" * 480, 0, 480, True)),  # same place, other bytes
        (piece(data, 0, 480), piece(data, 0, 488)),
        (piece(data, 480, 960), piece(data, 472, 488)),
    )
    for frames in cases:
        for frame in frames + tuple(pieces(data, 480)):
            assert not b.feed(frame)
        assert not endpoint.available() and kept(b) == (1, 0)
        b.poll(61 * SECOND)
        assert not [p for p in b.take() if p.type == 0x0800], "nobody is told"
        assert kept(b) == (0, 0) and not b.counters.ip_reassembly_timeout
        b.meet()
    b.well()
    b.feed(*pieces(data, 480))
    assert endpoint.recv()[0] == payload


def test_hostile_12_header_that_makes_it_too_long():
    # Each fragment fits into 65,535 bytes; with the first one's options the whole does not.
    b, _, _, _ = bench()
    data = bytes(65515)
    frames = pieces(data, 1400, proto=99)
    frames[0] = piece(data, 0, 1400, proto=99, options=b"\x01" * 20)
    b.feed(*frames)
    assert b.counters.ip_drop_fragment == 1 and not b.counters.ip_reassembled
    b.well()
    b.feed(*pieces(data, 1480, proto=99, ident=8))
    assert b.counters.ip_reassembled == 1


def test_hostile_12_two_ends():
    b, endpoint, _, data = bench(1000)
    for frames in (
        (piece(data, 960, 1008), piece(data, 480, 960, False)),
        (piece(data, 480, 960, False), piece(data, 960, 1008)),
        (piece(data, 480, 960, False), piece(data, 960, 1008, True)),
        (piece(data, 480, 960, True), piece(data, 8, 480, False)),
    ):
        b.feed(*frames)
        assert kept(b) == (1, 0), kept(b)
        b.poll(61 * SECOND)
        b.meet()
    assert not endpoint.available()


def test_hostile_12_ping_of_death():
    b = Bench()
    data = icmp(8, 0, 1, bytes(1472))
    for start, size in ((0x1FFF, 8), (0x1FFF, 1480), (0x1FF0, 1000)):
        frame = ipv4(data[:size], 1, frag=start, ident=9)
        b.drops("ip_drop_fragment", frame)
        frame = ipv4(data[: size & ~7], 1, frag=start | MF, ident=9)
        b.drops("ip_drop_fragment", frame)
    assert kept(b) == (0, 0)
    # The last byte that a datagram can have.
    assert not b.feed(ipv4(b"123", 1, frag=0x1FFD, ident=9))
    assert kept(b) == (1, 3)


def test_hostile_12_lengths():
    b, endpoint, _, data = bench(1000)
    b.drops("ip_drop_fragment", ipv4(b"", 17, frag=MF), ipv4(b"", 17, frag=MF | 5))
    b.drops("ip_drop_fragment", ipv4(b"", 17, frag=5))
    for n in (1, 7, 9, 479):
        b.drops("ip_drop_fragment", ipv4(data[:n], 17, frag=MF))
    assert kept(b) == (0, 0)


def test_hostile_12_tiny_first_fragment():
    # The header in two pieces: nothing looks at it before it is whole.
    b, endpoint, payload, data = bench(64)
    b.feed(piece(data, 0, 8), piece(data, 8, 16), piece(data, 16, 72))
    assert endpoint.recv()[0] == payload


def test_hostile_12_thousands_of_tiny_fragments():
    b, endpoint, _, data = bench(8000)
    b.feed(*pieces(data, 8))
    assert not endpoint.available()
    assert kept(b)[1] <= 288 * 8
    b.well()


def flood(b, data):
    for i in range(1000):
        b.port.inject(piece(data, 0, 480, ident=i))
        if i % 100 == 99:
            b.poll()
    assert kept(b)[0] <= 16
    # An honest datagram in between passes: the oldest make room.
    request = icmp(8, 0, 1, bytes(1200))
    b.feed(piece(request, 0, 480, proto=1), piece(data, 0, 480, ident=2000))
    (p,) = b.feed(piece(request, 480, 1208, proto=1))
    assert p.proto == 1 and p.data[0] == 0 and len(p.data) == 1208
    b.poll(61 * SECOND)
    b.take()
    assert kept(b) == (0, 0)
    b.meet()
    b.well()


def test_hostile_13_flood_of_first_fragments():
    b, endpoint, payload, data = bench(1000)
    flood(b, data)  # tables have grown to their bounds
    before = heap()
    flood(b, data)
    assert before - heap() < 2048, before - heap()


def test_hostile_13_flood_from_one_sender_pushes_out_his_own():
    b, endpoint, payload, data = bench(1000)
    data = udp(payload, 7, src=OTHER)
    first, second, last = pieces(data, 480, src=OTHER)
    b.feed(first)
    for i in range(1000):
        b.port.inject(piece(data, 0, 480, ident=i))
        if i % 100 == 99:
            b.poll()
    b.feed(second, last)
    assert endpoint.recv()[0] == payload


def test_bytes_are_bounded():
    b = Bench()
    data = bytes(65000)
    for ident in range(16):
        b.feed(*pieces(data, 1480, ident=ident)[1:])
    n, size = kept(b)
    assert size <= 196608 and n >= 1
    assert size == sum(d.have for d in b.stack.ip._reassembly._table.values())


def test_timeout_tells_the_sender_of_a_first_fragment():
    # RFC 1122 §3.3.2: 60 to 120 seconds, then time exceeded, code 1.
    b, endpoint, _, data = bench(1000)
    first, second, last = pieces(data, 480)
    b.feed(first)
    b.feed(piece(data, 480, 960, ident=8))  # without a first fragment: silence
    b.poll(59 * SECOND)
    assert kept(b)[0] == 2
    b.take()
    b.meet()
    b.poll(2 * SECOND)
    (p,) = [p for p in b.take() if p.type == 0x0800]
    assert p.proto == 1 and p.data[:2] == b"\x0b\x01" and p.dst == PEER
    assert p.data[8:] == first[14 : 14 + 548]
    assert kept(b) == (0, 0) and b.counters.ip_reassembly_timeout == 2
    b.meet()
    b.feed(second, last)
    assert not endpoint.available(), "pieces of a datagram that had expired"


def test_timeout_of_a_broadcast_is_silent():
    b, _, _, data = bench(1000)
    b.feed(piece(data, 0, 480, dst=BROADCAST, mac=ALL))
    b.poll(61 * SECOND)
    assert not [p for p in b.take() if p.type == 0x0800]


def test_hostile_16_huge_ping():
    # 65 507 bytes arrive whole and are answered (RFC 1122 §3.2.2.6).
    b = Bench()
    payload = noise(Rng(2), 65507)
    request = icmp(8, 0, 1, payload)
    reply = whole(b.feed(*pieces(request, 1480, proto=1)))
    assert reply[:2] == b"\0\0" and reply[4:8] == request[4:8] and reply[8:] == payload
    assert sum16(reply) == 0
    assert b.counters.ip_reassembled == 1 and b.counters.icmp_echo == 1
    b.well()


def test_property_random_fragmentation():
    rng = Rng(12)
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    for i in range(120):
        payload = noise(rng, 20 + rng.below(1500))
        data = udp(payload, 7)
        frames = []
        start = 0
        while start < len(data):
            end = min(start + 8 * (1 + rng.below(60)), len(data))
            frames.append(piece(data, start, end, ident=i))
            start = end
        for j in range(len(frames) - 1, 0, -1):
            k = rng.below(j + 1)
            frames[j], frames[k] = frames[k], frames[j]
        # Copies of some, but of none after the last that was missing.
        frames = [f for f in frames[:-1] for _ in range(1 + rng.below(2))] + frames[-1:]
        b.feed(*frames)
        assert endpoint.recv()[0] == payload, i
    assert kept(b) == (0, 0)


def test_property_random_garbage():
    rng = Rng(13)
    b = Bench()
    b.stack.udp.open(0, 7)
    for i in range(3000):
        start = rng.below(20) * 8
        n = 8 * rng.below(12) + (rng.below(8) if rng.below(4) == 0 else 0)
        frag = start >> 3 | (MF if rng.below(4) else 0)
        b.port.inject(ipv4(noise(rng, n), 17, frag=frag, ident=rng.below(20)))
        if i % 20 == 19:
            b.poll(1000)
            b.port.sent = []
            n, size = kept(b)
            table = b.stack.ip._reassembly._table
            assert n <= 16 and size == sum(d.have for d in table.values())
            for d in table.values():
                spans = [(s, e) for s, e, _ in d.parts]
                assert spans == sorted(spans)
                assert all(spans[j][1] <= spans[j + 1][0] for j in range(len(spans) - 1))
    b.iface.arp.clear()
    b.feed()
    b.meet()
    b.well()
    assert echo()
