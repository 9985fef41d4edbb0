# Frostnet: tests of IPv4 input
# MIT license; Copyright (c) 2026 The Frostnet authors

from array import array

from frostnet.wire import ipv4 as wire
from frostnet.wire.fast_headers import FOUND
from frostnet.wire.fast_headers import frame as parse
from ipbench import ALL, BROADCAST, FAR, MAC, ME, NET_BROADCAST, OTHER, PEER, PEER_MAC
from ipbench import (
    ROUTER_MAC,
    ZERO_MAC,
    Bench,
    Port,
    arp,
    echo,
    icmp,
    ip,
    ipv4,
    noise,
    sum16,
    udp,
    udp_frame,
)
from simwire import Rng

PING = icmp(8, 0, 0x12340001, b"abcdefgh")
ALL_HOSTS = ip("224.0.0.1")


def test_parse():
    found = array("I", [0] * FOUND)
    frame = ipv4(PING, 1, pad=b"\xee")
    assert parse(frame, len(frame), 1514, MAC, found) == 1 | wire.STRANGER
    assert list(found[:4]) == [34, len(frame) - 1, PEER, ME]
    frame = ipv4(PING, 1, options=b"\x01" * 8, mac=ALL)
    verdict = parse(frame, len(frame), 1514, MAC, found)
    assert verdict == 1 | wire.OPTIONS | wire.LINK_GROUP | wire.STRANGER
    assert list(found[:4]) == [42, len(frame), PEER, ME]
    assert parse(frame, len(frame) - 1, 1514, MAC, found) == 4 * wire.BAD
    assert wire.ERRORS[4] == "ip_drop_total_length"


def test_those_accepted_before_are_looked_at_again_when_addresses_change():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    frame = udp_frame(b"x", 7, src=OTHER)
    for _ in range(3):
        b.feed(frame)
    assert endpoint.available() == 3
    eth1 = b.stack.add(Port(b"\x02\x00\x00\x00\x01\x01"), "eth1")
    eth1.set_address(OTHER, 24)
    b.drops("ip_drop_source", frame)  # nobody else may have our address
    eth1.clear_address()
    b.feed(frame)
    b.feed(frame)
    assert endpoint.available() == 5
    b.iface.clear_address()
    before = b.counters.ip_drop_not_ours
    b.feed(frame)
    assert b.counters.ip_drop_not_ours == before + 1 and endpoint.available() == 5


def test_what_is_accepted_from_ourselves_is_not_accepted_from_others():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    for _ in range(3):
        assert endpoint.send(b"x", ME, 7)
        b.poll()
    assert endpoint.available() == 3
    b.drops("ip_drop_source", udp_frame(b"x", 7, src=ME))


def test_header_template():
    head = wire.header(ME, FAR, 64, wire.DF)
    assert bytes(head) == b"\x45\0\0\0\0\0\x40\0\x40\0\0\0\x0a\0\0\1\xc0\0\x02\x21"


def test_datagram_is_handed_up():
    b = Bench()
    calls = []

    class Handler:
        def input(self, iface, buf, off, end, src, dst):
            calls.append((iface, bytes(buf[off:end]), src, dst))

    b.stack.ip.register(99, Handler())
    assert not b.feed(ipv4(b"payload", 99, FAR, ME, options=b"\x01" * 4, pad=b"pad"))
    assert calls == [(b.iface, b"payload", FAR, ME)]
    # RFC 791: a header alone is a datagram too.
    assert not b.feed(ipv4(b"", 99))
    assert calls[1][1] == b""


def test_hostile_7_lengths():
    b = Bench()
    for n in range(14, 34):
        b.drops("ip_drop_short", echo()[:n])
    for ihl in range(5):
        b.drops("ip_drop_header_length", ipv4(PING, 1, ihl=ihl))
    for ihl in (10, 15):  # beyond the total length
        b.drops("ip_drop_header_length", ipv4(PING, 1, ihl=ihl))
    for total in (0, 1, 19):
        b.drops("ip_drop_header_length", ipv4(PING, 1, total=total))
    for total in (37, 1500, 0x8000, 0xFFFF):
        b.drops("ip_drop_total_length", ipv4(PING, 1, total=total))
    for version in (0, 3, 5, 6, 15):
        b.drops("ip_drop_version", ipv4(PING, 1, version=version))
    b.drops("icmp_drop_short", ipv4(b"", 1))
    b.drops("udp_drop_short", ipv4(b"", 17))
    # The total length cuts: what lies beyond is padding, not ICMP.
    b.drops("icmp_drop_short", ipv4(PING, 1, total=27))


def test_hostile_7_header_that_ends_with_the_frame():
    # IHL says 60 bytes, the total length agrees, and the frame has 24.
    b = Bench()
    b.drops("ip_drop_total_length", ipv4(b"abcd", 1, ihl=15, total=60))


def test_hostile_10_checksum():
    b = Bench()
    good = sum16(ipv4(PING, 1, check=0)[14:34])
    for check in (0, 1, good ^ 1, good ^ 0x8000, good ^ 0xFFFF):
        b.drops("ip_drop_checksum", ipv4(PING, 1, check=check))
    for bit in range(160):
        frame = bytearray(ipv4(PING, 1))
        frame[14 + bit // 8] ^= 1 << (bit & 7)
        assert not b.feed(bytes(frame)), bit
    b.well()


def options(data):
    return data + bytes(-len(data) % 4)


def test_hostile_8_options():
    # RFC 1122 §3.2.2.5: parameter problem, with a pointer to the byte; nothing else comes of it.
    b = Bench()
    for data, pointer in (
        (b"\x07\x00", 21),  # length 0
        (b"\x07\x01", 21),  # length 1
        (b"\x01\x01\x07\x00", 23),
        (b"\x01\x01\x01\x07", 23),  # no room for a length
        (b"\x07\x05\x04\x00", 21),  # length beyond the header
        (b"\x44\x29" + bytes(38), 21),  # 41 of 40
        (b"\x94\xff\x00\x00", 21),
    ):
        frame = ipv4(PING, 1, options=options(data))
        p = b.one(frame)
        assert p.data[:2] == b"\x0c\0" and p.data[4:8] == bytes((pointer, 0, 0, 0)), data
        assert p.data[8:] == frame[14:] and p.dst == PEER
    assert b.counters.ip_drop_options == 7 and not b.counters.icmp_echo
    b.poll(1_000_000)
    # Not to those who asked everybody, nor about errors.
    bad = options(b"\x07\x00")
    b.drops("ip_drop_options", ipv4(PING, 1, options=bad, dst=BROADCAST, mac=ALL))
    b.drops("ip_drop_options", ipv4(icmp(3, 3, 0, PING), 1, options=bad))


def test_hostile_8_source_routes_are_refused():
    b = Bench()
    hop = ip("10.0.0.77").to_bytes(4, "big")
    for kind in (b"\x83", b"\x89"):
        for data in (
            kind + b"\x07\x04" + hop,  # next hop
            kind + b"\x07\x08" + hop,  # at its end
            kind + b"\x07\x28" + hop,  # pointer past the end
            kind + b"\x07\x00" + hop,
            kind + b"\x03\x04",
            kind,
            b"\x01" * 20 + kind + b"\x07\x04" + hop,
        ):
            b.drops("ip_drop_options", ipv4(PING, 1, options=options(data)))


def test_options_are_skipped_and_never_reflected():
    # RFC 791 §3.1; RFC 7126 for what is ignored.
    b = Bench()
    for data in (
        b"\x01" * 40,
        bytes(40),
        b"\x94\x04\x00\x00",  # router alert
        b"\x07\x07\x04\x00\x00\x00\x00\x00",  # record route
        b"\x44\x0c\x05\x00" + bytes(8),  # timestamp
        b"\x82\x0b" + bytes(9) + b"\x00",  # security
        b"\x00\x07\x00\x00",  # what follows the end of the list means nothing
        b"\x01\x01\x01\x00",
    ):
        answer = b.one(ipv4(PING, 1, options=options(data)))
        assert answer.first == 0x45 and answer.data[8:] == b"abcdefgh", data


def test_hostile_9_protocols_that_nobody_handles():
    # RFC 1122 §3.2.2.1: protocol unreachable; IP in IP is not unwrapped.
    b = Bench()
    inner = ipv4(PING, 1)[14:]
    for proto in (4, 41, 47, 50, 132, 255, 0):
        answer = b.one(ipv4(inner, proto))
        assert answer.proto == 1 and answer.data[:2] == b"\x03\x02", proto
        assert answer.data[8:] == ipv4(inner, proto)[14:]
    assert b.counters.ip_drop_protocol == 7
    nested = inner
    for _ in range(20):
        nested = ipv4(nested, 4)[14:]
    b.one(eth_ip(nested))
    assert b.counters.icmp_echo == 0


def eth_ip(datagram):
    return MAC + ROUTER_MAC + b"\x08\x00" + datagram


def test_hostile_10_ttl_0():
    b = Bench()
    b.drops("ip_drop_ttl", ipv4(PING, 1, ttl=0))
    b.one(ipv4(PING, 1, ttl=1))  # it has arrived: 1 is enough


def test_hostile_10_destinations_that_are_not_ours():
    b = Bench()
    for text in ("10.0.0.77", "192.0.2.1", "0.0.0.0", "10.0.0.0", "127.0.0.1", "127.1.2.3",
                 "10.255.255.255", "224.0.0.5", "239.255.255.250", "240.0.0.1"):  # fmt: skip
        b.drops("ip_drop_not_ours", ipv4(PING, 1, dst=ip(text)))
        b.drops("ip_drop_not_ours", udp_frame(b"x", 9, dst=ip(text)))


def test_hostile_10_sources_that_nobody_has():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    for text in ("0.0.0.0", "0.0.0.7", "255.255.255.255", "10.0.0.255", "224.0.0.1",
                 "239.0.0.1", "240.1.1.1", "127.0.0.1", "127.255.255.254"):  # fmt: skip
        b.drops("ip_drop_source", ipv4(PING, 1, src=ip(text)))
        b.drops("ip_drop_source", udp_frame(b"x", 7, src=ip(text)))
        b.drops("ip_drop_source", udp_frame(b"x", 9, src=ip(text)))
    assert not endpoint.available()


def test_hostile_11_land():
    b = Bench()
    b.drops("ip_drop_source", ipv4(PING, 1, src=ME))
    b.drops("ip_drop_source", udp_frame(b"x", 7, 7, src=ME))
    b.drops("ip_drop_source", ipv4(bytes(20), 6, src=ME))


def test_unicast_in_a_link_broadcast_is_dropped():
    # RFC 1122 §3.3.6
    b = Bench()
    b.drops("ip_drop_link_broadcast", ipv4(PING, 1, mac=ALL))
    b.drops("ip_drop_link_broadcast", udp_frame(b"x", 7, mac=b"\x01\x00\x5e\x00\x00\x01"))


def test_broadcasts_are_received():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    for dst in (BROADCAST, NET_BROADCAST, ALL_HOSTS):
        assert not b.feed(udp_frame(b"x", 7, dst=dst, mac=ALL))
    assert endpoint.available() == 3


def test_hostile_15_smurf():
    b = Bench()
    for dst in (BROADCAST, NET_BROADCAST, ALL_HOSTS):
        b.drops("icmp_drop_broadcast", echo(dst=dst, mac=ALL))


def test_no_error_about_a_group():
    # RFC 1122 §3.2.2
    b = Bench()
    for dst in (BROADCAST, NET_BROADCAST, ALL_HOSTS):
        b.drops("udp_drop_no_endpoint", udp_frame(b"x", 7, dst=dst, mac=ALL))
        b.drops("ip_drop_protocol", ipv4(b"x", 99, dst=dst, mac=ALL))
    # Nor do they use up the errors that others are owed.
    b.feed(*[udp_frame(b"x", 7, dst=BROADCAST, mac=ALL) for _ in range(100)])
    assert len(b.feed(udp_frame(b"x", 7))) == 1 and not b.counters.icmp_tx_limited


def test_protocol_that_did_not_ask_gets_no_group_datagrams():
    b = Bench()

    class Handler:
        def input(self, *args):
            assert False, "a broadcast reached it"

    b.stack.ip.register(99, Handler())
    b.drops("ip_drop_protocol", ipv4(b"x", 99, dst=BROADCAST, mac=ALL))


def test_flags_of_whole_datagrams():
    # "Don't fragment", and the reserved bit (RFC 3514 is dated the first of April).
    b = Bench()
    for frag in (0x4000, 0x8000, 0xC000):
        b.one(ipv4(PING, 1, frag=frag))


def test_without_an_address_only_dhcp_gets_in():
    b = Bench(address=None, know=False)
    endpoint = b.stack.udp.open(0, 68, b.iface)
    other = b.stack.udp.open(0, 67)
    b.feed(udp_frame(b"offer", 68, 67, dst=BROADCAST, mac=ALL))
    b.feed(udp_frame(b"offer", 68, 67, dst=OTHER))  # to the address that it offers
    assert endpoint.available() == 2
    assert not b.feed(udp_frame(b"x", 67, 68, dst=OTHER))
    assert not b.feed(echo(dst=OTHER))
    assert b.counters.ip_drop_not_ours == 2
    assert not other.available()
    # The port is in the padding, which is not part of the datagram.
    assert not b.feed(ipv4(b"\x00\x43", 17, dst=OTHER, pad=b"\x00\x44\x00\x08\x00\x00"))
    assert b.counters.ip_drop_not_ours == 3
    endpoint.close()
    other.close()
    assert not b.feed(udp_frame(b"offer", 68, 67, dst=OTHER))


def test_with_an_address_dhcp_to_another_is_not_ours():
    b = Bench()
    endpoint = b.stack.udp.open(0, 68, b.iface)
    b.drops("ip_drop_not_ours", udp_frame(b"offer", 68, 67, dst=OTHER))
    assert not endpoint.available()


def test_address_change():
    b = Bench()
    b.iface.set_address(OTHER, 24)
    b.feed(arp(1, PEER_MAC, PEER, ZERO_MAC, OTHER))
    assert not b.feed(echo())
    assert b.counters.ip_drop_not_ours == 1
    assert b.one(echo(dst=OTHER)).src == OTHER


def test_unusable_addresses_are_refused():
    b = Bench()
    for text, prefix in (
        ("0.0.0.0", 24), ("255.255.255.255", 24), ("224.0.0.1", 24), ("240.0.0.1", 24),
        ("10.0.0.0", 24), ("10.0.0.255", 24), ("10.0.0.1", 0), ("10.0.0.1", 33),
        ("0.0.0.1", 8), ("10.0.0.1", -1),
    ):  # fmt: skip
        try:
            b.iface.set_address(ip(text), prefix)
        except ValueError:
            continue
        assert False, text
    assert b.iface.addr == ME, "the address that it had is lost"
    for text, prefix in (("10.0.0.0", 31), ("10.0.0.1", 31), ("10.0.0.9", 32), ("10.0.0.5", 30)):
        b.iface.set_address(ip(text), prefix)
    b.iface.set_address(ME, 24)
    b.feed()
    b.meet()
    b.well()


def test_property_mutated_frames_never_raise():
    # Strict mode: any exception fails the test.
    b = Bench()
    b.stack.udp.open(0, 7)
    seeds = (
        echo(), udp_frame(b"hello", 7), udp_frame(b"hello", 9), ipv4(b"x", 99),
        ipv4(PING, 1, options=b"\x07\x07\x04\x00\x00\x00\x00\x00"),
        ipv4(icmp(3, 3, 0, ipv4(udp(b"q", 7, 7, ME, PEER), 17, ME, PEER)[14:]), 1),
        ipv4(icmp(0, 0, 1, b"reply"), 1),
    )  # fmt: skip
    rng = Rng(5)
    for i in range(4000):
        frame = bytearray(seeds[rng.below(len(seeds))])
        for _ in range(1 + rng.below(3)):
            frame[14 + rng.below(len(frame) - 14)] = rng.below(256)
        if rng.below(2):
            # Repair the header checksum, so that the mutation gets further.
            frame[24:26] = b"\0\0"
            n = max(20, (frame[14] & 15) * 4)
            frame[24:26] = sum16(frame[14 : 14 + n]).to_bytes(2, "big")
        if not rng.below(4):
            frame = frame[: rng.below(len(frame)) + 1]
        b.port.inject(bytes(frame))
        if i % 20 == 19:
            b.poll(1000)
            b.port.sent = []
    for n in range(1, 200):
        b.port.inject(noise(rng, n))
    b.poll(1_000_000)
    b.port.sent = []
    b.iface.arp.clear()
    b.feed()
    b.meet()
    b.well()
