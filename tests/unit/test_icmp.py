# Frostnet: tests of ICMP and of ping
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
from errno import ECONNREFUSED, EHOSTUNREACH

from frostnet.wire import icmp as wire
from ipbench import ALL, BROADCAST, FAR, ME, OTHER, PEER, ROUTER_MAC, Bench, echo, heap, icmp
from ipbench import ip, ipv4, raises, sum16, udp_frame

_EMSGSIZE = 90
_ENETUNREACH = 101
_ENOPROTOOPT = 92
_EPROTO = 71


class Transport:
    """Takes protocol 99 and notes the errors."""

    def __init__(self, b):
        self.errors = []
        b.stack.ip.register(99, self)

    def input(self, *_):
        return None

    def error(self, errno, hard, buf, off, end, src, dst):
        self.errors.append((errno, hard, bytes(buf[off:end]), src, dst))


def quote(payload=b"12345678", proto=99, src=ME, dst=FAR, **kw):
    """A datagram of ours as an error quotes it."""
    return ipv4(payload, proto, src, dst, **kw)[14:]


def error(kind, code, quoted, word=0, **kw):
    return ipv4(icmp(kind, code, word, quoted), 1, **kw)


def test_echo_reply():
    b = Bench()
    for n in (0, 1, 2, 7, 56, 57, 1471, 1472):
        payload = bytes(i & 255 for i in range(n))
        p = b.one(echo(7, payload, 0xBEEF))
        assert p.proto == 1 and p.src == ME and p.dst == PEER and p.ttl == 64
        assert p.data[:2] == b"\x00\x00" and p.data[4:] == b"\xbe\xef\x00\x07" + payload
    assert b.counters.icmp_echo == 8


def test_echo_checksum_is_right_for_every_value():
    # The reply's checksum is adjusted, not computed: all carries must come out right.
    b = Bench()
    for i in range(0, 65536, 257):
        p = b.one(echo(i, struct.pack(">HH", i ^ 0xF7FF, 0xFFFF - i), i))
        assert sum16(p.data) == 0, i
    # RFC 1624 §3: a message of zeros has the checksum 0xFFFF, which adjusting cannot find.
    for payload in (b"", b"\x00\x00", b"\xf7\xff", b"\xff\xff\xf7\xff", b"\xf8\x00", b"\xf7\xfe"):
        b.one(echo(0, payload, 0))  # taken apart and verified by one()


def test_echo_from_far_goes_to_the_router():
    b = Bench()
    b.meet(ip("10.0.0.254"), ROUTER_MAC)
    p = b.one(echo(src=FAR, smac=ROUTER_MAC))
    assert p.dst == FAR and p.to == ROUTER_MAC


def test_hostile_16_malformed_echo():
    b = Bench()
    good = icmp(8, 0, 1, b"abc")
    for n in range(1, 8):
        b.drops("icmp_drop_short", ipv4(good[:n], 1))
    for n in (8, 9, 10):
        b.drops("icmp_drop_checksum", ipv4(good[:n], 1))
    check = struct.unpack(">H", good[2:4])[0]
    for bad in (0, check ^ 1, check ^ 0x8000, 0xFFFF):
        b.drops("icmp_drop_checksum", ipv4(icmp(8, 0, 1, b"abc", check=bad), 1))
    for code in (1, 2, 128, 255):
        b.drops("icmp_drop_code", ipv4(icmp(8, code, 1, b"abc"), 1))
        b.drops("icmp_drop_code", ipv4(icmp(0, code, 1, b"abc"), 1))


def test_hostile_16_length_mismatch():
    # The IP length says less than the frame holds: the checksum covers less and fails.
    b = Bench()
    b.drops("icmp_drop_checksum", ipv4(icmp(8, 0, 1, b"abcdefgh"), 1, total=32))


def test_hostile_17_no_error_about_an_error():
    b = Bench()
    ports = udp_frame(b"x", 9)[14:]
    for kind in (3, 4, 5, 11, 12):
        assert not b.feed(error(kind, 0, ports))
        # An error to a closed protocol inside, and one that is itself undeliverable.
        b.stack.ip.errors.unreachable(2, error(kind, 0, ports), 14, 60, PEER, ME)
        assert not b.take()
    b.well()


def test_error_quotes_as_much_as_fits_into_576_bytes():
    # RFC 1122 §3.2.2: header and 8 bytes at least; RFC 1812 §4.3.2.3: up to 576 in all.
    b = Bench()
    frame = udp_frame(bytes(1400), 9)
    p = b.one(frame)
    assert p.total == 576 and p.data[8:] == frame[14 : 14 + 548]
    frame = udp_frame(b"a long payload", 9, options=b"\x01\x01\x01\x01")
    p = b.one(frame)
    assert p.data[:8] == b"\x03\x03" + p.data[2:4] + bytes(4)
    assert p.data[8:] == frame[14:]
    assert p.dst == PEER and p.src == ME
    frame = ipv4(b"abc", 99)  # shorter than eight bytes: what there is
    p = b.one(frame)
    assert p.data[:2] == b"\x03\x02" and p.data[8:] == frame[14:]


def test_hostile_21_errors_are_rate_limited():
    b = Bench()
    sent = 0
    for _ in range(100):  # one second: 10 000 datagrams
        for _ in range(100):
            b.port.inject(udp_frame(b"x", 9))
        b.poll(10_000)
        sent += len(b.take())
    assert 10 <= sent <= 100, sent
    assert b.counters.icmp_tx_limited == 10_000 - sent
    b.poll(1_000_000)
    assert b.one(udp_frame(b"x", 9)).proto == 1, "the limit never ends"


def test_no_error_when_the_device_is_full():
    b = Bench()
    b.port.tx_room = 0
    assert not b.feed(udp_frame(b"x", 9), echo())
    assert b.counters.icmp_tx_no_buffer == 1 and b.counters.icmp_echo_no_buffer == 1
    b.port.tx_room = 100
    b.well()


def test_received_errors_reach_the_transport():
    b = Bench()
    t = Transport(b)
    for kind, code, errno, hard in (
        (3, 0, _ENETUNREACH, False), (3, 1, EHOSTUNREACH, False), (3, 2, _ENOPROTOOPT, True),
        (3, 3, ECONNREFUSED, True), (3, 13, EHOSTUNREACH, True),
        (11, 0, EHOSTUNREACH, False), (11, 1, EHOSTUNREACH, False), (12, 0, _EPROTO, False),
    ):  # fmt: skip
        t.errors.clear()
        b.feed(error(kind, code, quote(), src=FAR))
        assert t.errors == [(errno, hard, b"12345678", ME, FAR)], (kind, code)
    for code in range(16):
        b.feed(error(3, code, quote()))
    b.drops("icmp_drop_code", error(3, 16, quote()), error(3, 255, quote()))


def test_quoted_options_are_skipped():
    b = Bench()
    t = Transport(b)
    b.feed(error(3, 1, quote(options=b"\x01" * 12)))
    assert t.errors[0][2] == b"12345678"


def test_hostile_18_quotes_of_nothing_of_ours():
    b = Bench()
    t = Transport(b)
    for quoted in (
        b"", b"\x45", quote()[:19], quote()[:20], quote()[:27],  # truncated
        quote(ihl=15), quote(ihl=8), quote(ihl=4), quote(ihl=0),
        quote(version=6), quote(version=0),
        quote(total=27), quote(total=0),
        quote(frag=1), quote(frag=0x100), quote(frag=0x1FFF),  # not a first fragment
        quote(src=PEER), quote(src=OTHER), quote(src=0), quote(src=BROADCAST),
        quote(proto=98), quote(proto=0),
    ):  # fmt: skip
        b.drops("icmp_drop_quote", error(3, 1, quoted))
    # To a broadcast address, as nobody may send it.
    b.drops("icmp_drop_quote", error(3, 1, quote(src=BROADCAST), dst=BROADCAST, mac=ALL))
    assert not t.errors


def test_hostile_20_types_that_change_nothing():
    b = Bench()
    t = Transport(b)
    generation = b.stack.ip.routes.generation
    gateway = PEER
    for kind in (4, 5, 6, 9, 10, 13, 14, 15, 16, 17, 18, 19, 30, 37, 42, 43, 253, 255):
        b.drops("icmp_drop_type", error(kind, 0, quote(), gateway))
        b.drops("icmp_drop_type", error(kind, 1, b"", gateway))
    assert b.stack.ip.routes.generation == generation and not t.errors


# ping


def test_ping():
    b = Bench()
    ping = b.stack.icmp.pings.open()
    assert ping.send(PEER, 5, b"x" * 56, b.now)
    b.poll()
    (p,) = b.take()
    assert p.proto == 1 and p.dst == PEER and p.src == ME
    assert p.data[0:2] == b"\x08\x00" and p.data[8:] == b"x" * 56
    assert p.data[4:8] == struct.pack(">HH", ping.ident, 5)
    assert ping.recv() is None
    b.poll(1500)
    assert not b.feed(ipv4(b"\0\0" + icmp(0, 0, ping.ident << 16 | 5, b"x" * 56)[2:], 1, ttl=77))
    assert ping.recv() == (5, PEER, 56, 77, 1500)
    assert ping.recv() is None


def reply(ping, seq, **kw):
    return ipv4(icmp(0, 0, ping.ident << 16 | seq, b""), 1, **kw)


def test_duplicate_reply_is_counted_and_not_returned():
    b = Bench()
    ping = b.stack.icmp.pings.open()
    ping.send(PEER, 1, b"", b.now)
    b.feed(reply(ping, 1), reply(ping, 1), reply(ping, 2))
    assert ping.recv()[0] == 1 and ping.recv() is None
    assert ping.duplicates == 2


def test_replies_nobody_waits_for():
    b = Bench()
    ping = b.stack.icmp.pings.open()
    b.drops("icmp_drop_echo_id", ipv4(icmp(0, 0, (ping.ident ^ 1) << 16, b""), 1))
    ping.close()
    b.drops("icmp_drop_echo_id", reply(ping, 1))


def test_pings_are_told_apart():
    b = Bench()
    one = b.stack.icmp.pings.open()
    two = b.stack.icmp.pings.open()
    assert one.ident != two.ident
    one.send(PEER, 1, b"", b.now)
    two.send(PEER, 1, b"", b.now)
    b.feed(reply(two, 1))
    assert one.recv() is None and two.recv()


def test_ping_tables_are_bounded():
    b = Bench()
    pings = b.stack.icmp.pings
    opened = [pings.open() for _ in range(16)]
    raises(105, pings.open)
    for ping in opened[1:]:
        ping.close()
    ping = opened[0]
    b.poll()
    for seq in range(1000):
        ping.send(PEER, seq, b"", b.now)
        b.poll(10)
        b.take()
    assert len(ping._sent) <= 64
    b.feed(*[reply(ping, seq) for seq in range(1000)])
    n = 0
    while ping.recv():
        n += 1
    assert 0 < n <= 32
    before = heap()
    ping.close()
    for _ in range(100):
        pings.open().close()
    assert before - heap() < 4096


def test_ping_errors():
    b = Bench(know=False)
    ping = b.stack.icmp.pings.open()
    ping.send(OTHER, 1, b"abcdefgh", b.now)
    b.poll(4_000_000)
    assert ping.take_error() == EHOSTUNREACH and ping.take_error() == 0
    b.meet(ip("10.0.0.254"), ROUTER_MAC)
    ping.send(FAR, 2, b"abcdefgh", b.now)
    b.poll()
    (p,) = [p for p in b.take() if p.type == 0x0800]
    b.feed(error(11, 0, p.frame[14 : 14 + 28]))
    assert ping.take_error() == EHOSTUNREACH
    b.stack.ip.routes.set_default(b.iface, 0)
    raises(_ENETUNREACH, ping.send, FAR, 3, b"", b.now)
    raises(_EMSGSIZE, ping.send, OTHER, 4, bytes(65508), b.now)


def test_ping_ttl():
    b = Bench()
    ping = b.stack.icmp.pings.open()
    ping.send(PEER, 1, b"", b.now, 3)
    b.poll()
    assert b.take()[0].ttl == 3
    ping.send(PEER, 2, b"", b.now)
    b.poll()
    assert b.take()[0].ttl == 64


def test_ping_ourselves():
    b = Bench()
    ping = b.stack.icmp.pings.open()
    for dst in (ME, ip("127.0.0.1"), ip("127.9.9.9")):
        ping.send(dst, 1, b"self", b.now)
        b.poll()
        assert ping.recv()[:4] == (1, dst, 4, 64)
    assert not b.take(), "it left the host"


def test_wire_header():
    buf = bytearray(b"\xff" * 10)
    wire.header(buf, 1, 8, 0, 0x12345678)
    assert buf == b"\xff\x08\x00\x00\x00\x12\x34\x56\x78\xff"
    wire.seal(buf, 1, 8)
    assert sum16(buf[1:9]) == 0
    assert wire.is_error(3) and not wire.is_error(8)
