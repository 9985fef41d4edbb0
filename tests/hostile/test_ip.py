# Frostnet: hostile input, lines 7 to 15: IPv4 and fragments
# MIT license; Copyright (c) 2026 The Frostnet authors

import frames as f
from frames import ALL, BROADCAST, ME, NET_BROADCAST, PEER
from rig import MINUTE, SECOND, Talker, hostile

FRAGMENT = "ip_drop_fragment"


@hostile
def test_07_header_lengths(r):
    payload = f.icmp_message(8, 0, 1, b"abcdefgh")
    for ihl in range(5):
        r.dropped(f.ip(1, payload, ihl=ihl), "ip_drop_header_length")
    for ihl in range(10, 16):  # beyond the total length of 36
        r.dropped(f.ip(1, payload, ihl=ihl), "ip_drop_header_length")
    for total in range(20):
        r.dropped(f.ip(1, payload, total=total), "ip_drop_header_length")
    for total in (37, 38, 1500, 0x7FFF, 0xFFFF):
        r.dropped(f.ip(1, payload, total=total), "ip_drop_total_length")
    for version in (0, 1, 3, 5, 6, 7, 15):
        r.dropped(f.ip(1, payload, version=version), "ip_drop_version")
    whole = f.ip(1, payload)
    for n in range(14, 34):
        r.dropped(whole[:n], "ip_drop_short")
    for n in range(34, len(whole)):
        r.dropped(whole[:n], "ip_drop_total_length")
    # No payload at all: it is the transport that finds it too short.
    r.dropped(f.ip(1, b""), "icmp_drop_short")
    r.dropped(f.ip(17, b""), "udp_drop_short")
    r.dropped(f.ip(6, b""), "tcp_drop_malformed")
    # Padding of short frames is no payload.
    (reply,) = r.send(f.echo(data=b"", pad=18))
    assert reply.type == 0 and reply.data == b""


@hostile
def test_08_options(r):
    malformed = (
        b"\x07\x00",  # record route, length 0, 1, and beyond the header
        b"\x07\x01",
        b"\x07\x05\x04\x00",
        b"\x07\xff\x04\x00",
        b"\x01\x01\x01\x07",  # the length is missing
        b"\x44\x00" + bytes(38),
        b"\xff\xff" + bytes(38),
    )
    for options in malformed:
        for frame in (
            f.echo(options=options),
            f.udp(7, 7, b"echo?", options=options),
            f.udp(9, 9999, b"closed", options=options),
            f.tcp(1000, 80, bits=f.SYN, options=options),
        ):
            # Parameter problem (RFC 1122 §3.2.2.5): the options come back as a quotation only.
            error = r.refused(frame, "ip_drop_options")
            assert (error.type, error.code) == (12, 0) and error.options == b""
            r.run(SECOND)
        r.dropped(f.echo(options=options, dst=NET_BROADCAST, eth_dst=BROADCAST), "ip_drop_options")
    source_routes = (
        b"\x83\x03\x04\x00",  # loose and strict source route, whatever their pointers say
        b"\x89\x03\x04\x00",
        b"\x83\x07\x04\xc6\x33\x64\x01\x00",
        b"\x89\x07\x04\xc6\x33\x64\x01\x00",
        b"\x83\x07\xff\xc6\x33\x64\x01\x00",  # CVE-2019-12256: pointer beyond the end
        b"\x89\x27\x28" + bytes(37),
        b"\x83\x00" + bytes(2),
        b"\x01\x83\x03\x04",
    )
    for options in source_routes:
        r.dropped(f.echo(options=options), "ip_drop_options")
        r.dropped(f.udp(7, 7, b"echo?", options=options), "ip_drop_options")
        r.dropped(f.udp(9, 9999, b"closed", options=options), "ip_drop_options")
        syn = f.tcp(1000, 80, bits=f.SYN, options=options)
        r.dropped(syn, "ip_drop_options")


@hostile
def test_08_harmless_options_are_skipped_and_not_reflected(r):
    good = (
        b"\x01" * 40,
        b"\x00" * 40,
        b"\x01\x00\x83\x03",  # behind the end of the list anything may stand
        b"\x07\x27\x04" + bytes(37),  # record route: we are its end and record nothing
        b"\x44\x24\x05\x00" + bytes(32) + b"\x01" * 4,  # timestamp
        b"\x94\x04\x00\x00",  # router alert
        b"\x82\x0b" + bytes(9) + b"\x01",  # security
        b"\xfd\x02",  # experiment
    )
    for options in good:
        (reply,) = r.send(f.echo(data=b"with options", options=options))
        assert reply.type == 0 and reply.data == b"with options"
        assert reply.options == b"", "options came back"
        (reply,) = r.send(f.udp(1234, 7, b"hello", options=options))
        assert reply.data == b"hello" and reply.options == b""
    # An error quotes the header with its options, as it must, but has none itself.
    (error,) = r.send(f.udp(9, 9999, b"closed", options=b"\x07\x07\x04" + bytes(5)))
    assert error.type == 3 and error.options == b"" and error.data[:1] == b"\x47"


@hostile
def test_09_tunnels_are_not_opened(r):
    inner = f.echo()[14:]
    for proto in (4, 41, 47, 50, 51, 94, 137):
        (error,) = r.send(f.ip(proto, inner))
        assert (error.type, error.code) == (3, 2), error
        r.run(SECOND)
    nested = inner
    for _ in range(20):
        nested = f.ip(4, nested)[14:]
    (error,) = r.send(f.eth(nested))
    assert (error.type, error.code) == (3, 2)
    # CVE-2020-11896: in fragments, and longer than the packet says.
    parts = f.fragments(4, nested + bytes(600), 296, ident=9)
    out = r.send(*parts)
    assert [(p.type, p.code) for p in out] == [(3, 2)]
    parts = f.fragments(4, f.ip_header(17, 100, total=4000) + bytes(1000), 480, ident=10)
    out = r.send(*parts)
    assert [(p.type, p.code) for p in out] == [(3, 2)]
    # To everybody: no error may follow.
    r.dropped(f.ip(4, inner, dst=NET_BROADCAST, eth_dst=BROADCAST), "ip_drop_protocol")


@hostile
def test_10_checksum_ttl_and_addresses(r):
    for delta in (1, 0x100, 0x8000, 0xFFFF):
        head = f.ip_header(1, 16)
        check = (head[10] << 8 | head[11]) ^ delta
        r.dropped(f.echo(ip_sum=check), "ip_drop_checksum")
    r.dropped(f.echo(ttl=0), "ip_drop_ttl")
    r.dropped(f.udp(1, 9999, ttl=0), "ip_drop_ttl")
    for dst in (PEER, 0x0A000063, f.FAR, 0x7F000001, 0xE0000005, 0xF0000001, 0, 1):
        r.dropped(f.echo(dst=dst), "ip_drop_not_ours")
        r.dropped(f.udp(7, 7, b"x", dst=dst), "ip_drop_not_ours")
        r.dropped(f.tcp(7, 80, bits=f.SYN, dst=dst), "ip_drop_not_ours")
    # SM #354: a SYN from 0.0.0.0. And from whoever else is nobody.
    for src in (0, ALL, NET_BROADCAST, 0xE0000001, 0xEFFFFFFF, 0x7F000001, 0x7FFFFFFF, 0xF0000000,
                0x00FFFFFF):  # fmt: skip
        for frame in (
            f.echo(src=src),
            f.udp(7, 7, b"x", src=src),
            f.udp(7, 9999, b"x", src=src),
            f.tcp(7, 80, bits=f.SYN, src=src),
            f.tcp(7, 9999, bits=f.SYN, src=src),
            f.ip(99, b"12345678", src=src),
        ):
            r.dropped(frame, "ip_drop_source")
    # Unicast in a link broadcast (RFC 1122 §3.3.6).
    for frame in (f.echo(eth_dst=BROADCAST), f.tcp(7, 80, bits=f.SYN, eth_dst=BROADCAST)):
        r.dropped(frame, "ip_drop_link_broadcast")


@hostile
def test_11_land(r):
    for port in (80, 7, 9, 9999):
        r.dropped(f.tcp(port, port, bits=f.SYN, src=ME), "ip_drop_source")
        r.dropped(f.udp(port, port, b"x", src=ME), "ip_drop_source")
    r.dropped(f.echo(src=ME), "ip_drop_source")
    assert not r.run(10 * SECOND)


def echo_parts(size, piece, ident, fill=0x55):
    return f.fragments(1, f.icmp_message(8, 0, ident, bytes([fill]) * size), piece, ident=ident)


@hostile
def test_12_overlaps_in_both_orders(r):
    # Teardrop, and every way in which a second fragment can overlap the first: the datagram is
    # gone (RFC 5722's rule), and what follows of it does not bring it back.
    message = f.icmp_message(8, 0, 1, bytes(range(256)))
    n = len(message)
    ident = 100
    for start, end in ((0, 64), (8, 72), (56, 120), (64, 120), (72, 128), (120, 184), (64, 136),
                       (56, 136), (0, 136), (0, 256)):  # fmt: skip
        for first in (True, False):
            ident += 1
            a = f.ip(1, message[64:128], flags=1, offset=64, ident=ident)
            b = f.ip(1, b"\xff" * (end - start), flags=1, offset=start, ident=ident)
            overlap = start < 128 and end > 64
            one, two = (a, b) if first else (b, a)
            assert not r.send(one)
            if overlap:
                r.dropped(two, FRAGMENT)
            else:
                assert not r.send(two)
            # The rest of the honest datagram: it must never be answered with foreign bytes.
            rest = [
                f.ip(1, message[:64], flags=1, offset=0, ident=ident),
                f.ip(1, message[128:], offset=128, ident=ident),
            ]
            for p in r.send(*rest):
                assert p.data == message[8:], "pieces of two datagrams were mixed"
    assert n == 264
    r.run(2 * MINUTE)
    assert len(r.stack.ip._reassembly) == 0


@hostile
def test_12_duplicates(r):
    # A copy does no harm; one that differs spoils the datagram.
    parts = echo_parts(600, 200, 7)
    out = r.send(parts[0], parts[0], parts[1], parts[1], parts[0], *parts[2:])
    assert len(out) == 1 and out[0].data == b"\x55" * 600
    assert r.drops()[FRAGMENT] == 3
    parts = echo_parts(600, 200, 8)
    other = echo_parts(600, 200, 8, fill=0x66)
    assert not r.send(parts[0], parts[1])
    r.dropped(other[1], FRAGMENT)
    assert not r.send(*parts[2:])


@hostile
def test_12_ping_of_death(r):
    # No fragment may end beyond 65535 bytes of datagram, header included.
    for offset, size in ((65528, 8), (65528, 1480), (65512, 8), (65504, 16), (64120, 1480)):
        for flags in (0, 1):
            frame = f.ip(1, bytes(size), flags=flags, offset=offset, ident=offset + flags)
            if offset + size > 65515:
                r.dropped(frame, FRAGMENT)
            else:
                assert not r.send(frame)
    # With options the header is longer: 65535 - 60 bytes are left.
    frame = f.ip(1, bytes(8), offset=65472, ident=1, options=b"\x01" * 40)
    r.dropped(frame, FRAGMENT)


@hostile
def test_12_tiny_first_fragment(r):
    # 8 bytes hide TCP's flags (RFC 1858 §3). Whole, the SYN is an ordinary one; the answer is to
    # the whole segment or there is none.
    segment = f.tcp_segment(4321, 80, seq=1000, bits=f.SYN, tcp_options=f.mss(1460))
    out = r.send(*f.fragments(6, segment, 8, ident=20))
    assert len(out) <= 1
    for p in out:
        assert p.bits == f.SYN | f.ACK and p.ack == 1001
    assert not r.send(f.tcp(4321, 80, seq=1001, bits=f.RST))
    # The flags overwritten by a second fragment 1 (RFC 1858 §4).
    parts = f.fragments(6, segment, 8, ident=21)
    assert not r.send(parts[0], parts[1])
    liar = f.tcp_segment(4321, 80, seq=1000, bits=f.ACK)[8:16]
    r.dropped(f.ip(6, liar, flags=1, offset=8, ident=21), FRAGMENT)
    assert not r.send(*parts[2:])
    # Fragments of 8 bytes of one ping, all of them, backwards: the last comes first.
    parts = echo_parts(400, 8, 22)
    out = r.send(*reversed(parts))
    assert len(out) == 1 and out[0].data == b"\x55" * 400


@hostile
def test_12_lengths(r):
    for flags in (0, 1):
        r.dropped(f.ip(1, b"", flags=flags, offset=8, ident=30), FRAGMENT)
    for n in (1, 7, 9, 1479):
        r.dropped(f.ip(1, bytes(n), flags=1, offset=0, ident=30 + n), FRAGMENT)
    # total length 0xffff in a small frame is no matter of fragments.
    r.dropped(f.ip(1, bytes(64), flags=1, total=0xFFFF), "ip_drop_total_length")
    # Two ends of one datagram, and data behind the end.
    assert not r.send(f.ip(1, bytes(16), offset=64, ident=40))
    r.dropped(f.ip(1, bytes(16), offset=128, ident=40), FRAGMENT)
    assert not r.send(f.ip(1, bytes(16), offset=64, ident=41))
    r.dropped(f.ip(1, bytes(16), flags=1, offset=72, ident=41), FRAGMENT)
    assert not r.send(f.ip(1, bytes(64), flags=1, offset=64, ident=42))
    r.dropped(f.ip(1, bytes(16), offset=32, ident=42), FRAGMENT)
    # The reserved flag is ignored (RFC 791 says must be zero; hosts do not check).
    assert len(r.send(f.echo(flags=4))) == 1
    assert len(r.send(f.echo(flags=2))) == 1


@hostile
def test_13_fragmentsmack(r):
    # CVE-2018-5391: 1000 first fragments, and 1000 middles, that are never completed.
    for i in range(1000):
        assert not r.send(
            f.ip(1, bytes(1480), flags=1, ident=1000 + i, src=0x0A000000 | i % 250 + 3)
        )
        assert not r.send(f.ip(17, bytes(8), flags=1, offset=8, ident=1000 + i))
        if i % 100 == 0:
            # One that is complete passes nevertheless: the oldest made room.
            out = r.send(*echo_parts(1400, 704, i + 5000))
            assert len(out) == 1 and out[0].data == b"\x55" * 1400
            table = r.tables()
            assert table["reassembly"][0] <= 16 and table["reassembly bytes"][0] <= 196608
    assert r.counters.ip_reassembly_evicted >= 2000 - 16
    out = r.run(2 * MINUTE)
    assert len(r.stack.ip._reassembly) == 0
    # Time Exceeded goes to who sent a first fragment, and not without limit (RFC 792).
    assert len([p for p in out if p.proto == 1 and p.type == 11]) <= 16
    assert r.counters.ip_reassembly_timeout == 16


@hostile
def test_13_a_datagram_of_many_tiny_fragments(r):
    # One datagram of 8-byte fragments with holes: their number is bounded.
    for i in range(0, 4096, 2):
        r.send(f.ip(17, bytes(8), flags=1, offset=8 * i, ident=77))
        for d in r.stack.ip._reassembly._table.values():
            assert len(d.parts) <= 288
    r.ping()


@hostile
def test_14_protocol_is_part_of_the_key(r):
    # TC8 FRAGMENTS_04: the same addresses and id, but another protocol.
    ping = f.icmp_message(8, 0, 1, b"p" * 56)
    datagram = f.udp_datagram(5000, 7, b"d" * 56)
    other = f.icmp_message(8, 0, 2, b"q" * 56)
    out = r.send(
        f.ip(1, ping[:32], flags=1, ident=5),
        f.ip(17, datagram[:32], flags=1, ident=5),
        f.ip(1, other[:32], flags=1, ident=5, src=f.FAR, eth_src=f.ROUTER_MAC),
        f.ip(17, datagram[32:], offset=32, ident=5),
        f.ip(1, other[32:], offset=32, ident=5, src=f.FAR, eth_src=f.ROUTER_MAC),
        f.ip(1, ping[32:], offset=32, ident=5),
    )
    assert [p.data for p in out] == [b"d" * 56, b"q" * 56, b"p" * 56]


@hostile
def test_15_smurf(r):
    # An echo request to everybody is not answered (RFC 1122 §3.2.2.6 allows that).
    for dst in (NET_BROADCAST, ALL):
        r.dropped(f.echo(dst=dst, eth_dst=BROADCAST), "icmp_drop_broadcast")
        r.dropped(f.echo(dst=dst, src=f.FAR, eth_dst=BROADCAST), "icmp_drop_broadcast")
        r.dropped(f.echo(dst=dst), "icmp_drop_broadcast")
    r.dropped(f.echo(dst=0xE0000001, eth_dst=b"\x01\x00\x5e\x00\x00\x01"), "icmp_drop_broadcast")
    # The old broadcast address, and the one of our classful network.
    for dst in (0x0A000000, 0x0AFFFFFF):
        r.dropped(f.echo(dst=dst, eth_dst=BROADCAST), "ip_drop_not_ours")
    # In fragments.
    message = f.icmp_message(8, 0, 1, bytes(1000))
    parts = f.fragments(1, message, 504, ident=3, dst=NET_BROADCAST, eth_dst=BROADCAST)
    assert not r.send(parts[0])
    r.dropped(parts[1], "icmp_drop_broadcast")


@hostile
def test_13_a_client_works_through_it(r):
    c = Talker(r, 7).open()
    for i in range(300):
        r.send(f.ip(6, bytes(1480), flags=1, ident=i, src=0x0A000000 | i % 250 + 3))
        if i % 50 == 0:
            c.echoed()
    c.reset()
