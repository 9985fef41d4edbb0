# Frostnet: hostile input, lines 16 to 23: ICMP and UDP
# MIT license; Copyright (c) 2026 The Frostnet authors

import frames as f
from frames import BROADCAST, FAR, ME, PEER, ROUTER_MAC
from rig import MINUTE, SECOND, Talker, hostile

_ECONNREFUSED = 111
_ERRORS = (3, 4, 5, 11, 12)


def errors(out):
    return [p for p in out if p.proto == 1 and p.type in _ERRORS]


@hostile
def test_16_malformed_echo(r):
    good = f.icmp_message(8, 0, 0x77770001, b"abcdefgh")
    for n in range(8):
        r.dropped(f.ip(1, good[:n]), "icmp_drop_short")
    for n in range(8, 16):
        r.dropped(f.ip(1, good[:n]), "icmp_drop_checksum")
    check = good[2] << 8 | good[3]
    for bad in (check ^ 1, check ^ 0x8000, 0, 0xFFFF):
        r.dropped(f.icmp(8, 0, 0x77770001, b"abcdefgh", icmp_sum=bad), "icmp_drop_checksum")
    # IP says less, or more, than the message has.
    r.dropped(f.ip(1, good, total=20 + 12), "icmp_drop_checksum")
    r.dropped(f.ip(1, good, total=20 + 17), "ip_drop_total_length")
    # CVE-2026-7423: replies that are too short, or that nobody waits for.
    reply = f.icmp_message(0, 0, 0x77770001, b"abcdefgh")
    for n in range(8):
        r.dropped(f.ip(1, reply[:n]), "icmp_drop_short")
    r.dropped(f.ip(1, reply), "icmp_drop_echo_id")


def joined(out):
    """The payload of a datagram that left in fragments; every byte exactly once."""
    parts = sorted([((p.fragment & 0x1FFF) * 8, p.body, p.fragment & 0x2000) for p in out])
    body = b""
    for at, piece, more in parts:
        assert at == len(body), "a hole or an overlap at %d" % at
        body += piece
    assert not more, "the last fragment is missing"
    return body


@hostile
def test_16_the_largest_ping(r):
    # 65,507 bytes are the most that fit into a datagram; one more does not exist. (CVE-2020-17443)
    for size in (1472, 1473, 2952, 30_000, 65_507):
        data = bytes(range(256)) * (size // 256) + bytes(size % 256)
        message = f.icmp_message(8, 0, size, data)
        out = r.send(*f.fragments(1, message, 1480, ident=size))
        assert len({p.ident for p in out}) == 1 or len(out) == 1
        body = joined(out)
        assert len(body) == size + 8 and body[0] == 0 and body[8:] == data
        assert f.ones(body) == 0
    parts = f.fragments(1, f.icmp_message(8, 0, 1, bytes(65_508)), 1480, ident=9)
    assert not r.send(*parts[:-1])
    r.dropped(parts[-1], "ip_drop_fragment")


@hostile
def test_16_odd_codes_are_no_fingerprint(r):
    # Stacks that copy the code into the reply are told apart by it.
    for code in (1, 2, 0x42, 128, 255):
        r.dropped(f.icmp(8, code, 1, b"abcd"), "icmp_drop_code")
        r.dropped(f.icmp(0, code, 1, b"abcd"), "icmp_drop_code")


@hostile
def test_16_replies_while_a_ping_waits(r):
    p = r.stack.icmp.pings.open()
    p.send(PEER, 7, b"abcdefghijkl", r.now)
    (request,) = r.poll()
    ident = request.word >> 16
    for word, data, src in (
        (ident << 16 | 8, b"abcdefghijkl", PEER),  # another number
        (ident + 1 << 16 & f.ALL | 7, b"abcdefghijkl", PEER),  # another program's
        (ident << 16 | 7, b"abcdefghijkl", FAR),  # somebody else
    ):
        r.send(f.icmp(0, 0, word, data, src=src))
    r.send(f.icmp(0, 0, request.word))  # cut short: CVE-2026-7423
    r.send(f.icmp(0, 0, request.word, b"abcdefghijkl"))
    r.send(f.icmp(0, 0, request.word, b"abcdefghijkl"))  # twice
    got = []
    while True:
        reply = p.recv()
        if not reply:
            break
        got.append(reply[:3])
    assert len(got) == 1 and got[0][:2] == (7, PEER), got
    p.close()


@hostile
def test_17_no_error_about_errors_fragments_broadcasts(r):
    # RFC 1122 §3.2.2. Protocol 99 and port 9999 lead nowhere.
    quoted = f.ip_header(17, 8, src=ME, dst=PEER) + f.udp_datagram(9999, 5, src=ME, dst=PEER)
    for kind in _ERRORS:
        for code in (0, 1, 3):
            assert not r.send(f.icmp(kind, code, 0, quoted))
    lost = (f.udp(5, 9999, b"x"), f.ip(99, b"12345678"))
    for frame in lost:
        assert len(errors(r.send(frame))) == 1
    for src in (0, f.ALL, 0xE0000001, 0x7F000001, f.NET_BROADCAST):
        r.dropped(f.udp(5, 9999, b"x", src=src), "ip_drop_source")
        r.dropped(f.ip(99, b"12345678", src=src), "ip_drop_source")
    for dst in (f.ALL, f.NET_BROADCAST, 0xE0000001):
        r.dropped(f.udp(5, 9999, b"x", dst=dst, eth_dst=BROADCAST), "udp_drop_no_endpoint")
        r.dropped(f.ip(99, b"12345678", dst=dst, eth_dst=BROADCAST), "ip_drop_protocol")
    # A fragment that is not the first, and first ones that nobody completes when it was to all.
    assert not r.send(f.ip(99, bytes(16), offset=16, ident=3))
    assert not r.send(f.ip(99, bytes(16), flags=1, ident=4, dst=f.NET_BROADCAST))
    assert not errors(r.run(2 * MINUTE))


def quote(c, seq=None, sport=None, dport=None, src=ME, dst=PEER, cut=None, **head):
    """A datagram that the host sent on connection `c`, as an ICMP error quotes it."""
    segment = f.tcp_segment(
        c.dport if sport is None else sport, c.sport if dport is None else dport,
        seq=c.ack if seq is None else seq, src=src, dst=dst
    )  # fmt: skip
    return (f.ip_header(6, len(segment), src=src, dst=dst, **head) + segment)[:cut]


@hostile
def test_18_broken_quotes(r):
    c = Talker(r, 7).open()
    good = quote(c)
    for n in range(28):
        r.dropped(f.icmp(3, 3, 0, good[:n]), "icmp_drop_quote")
    for fields in (
        {"ihl": 15},
        {"ihl": 4},
        {"ihl": 0},
        {"version": 6},
        {"total": 20},
        {"total": 27},
        {"total": 0},
        {"offset": 8},
        {"offset": 8, "flags": 1},
    ):
        r.dropped(f.icmp(3, 3, 0, quote(c, **fields)), "icmp_drop_quote")
    # Somebody else's datagram, and protocols that we do not speak.
    r.dropped(f.icmp(3, 3, 0, quote(c, src=FAR)), "icmp_drop_quote")
    r.dropped(f.icmp(3, 3, 0, f.ip_header(99, 8, src=ME, dst=PEER) + bytes(8)), "icmp_drop_quote")
    for code in (16, 17, 255):
        r.dropped(f.icmp(3, code, 0, good), "icmp_drop_code")
    c.echoed()
    c.reset()


@hostile
def test_18_blind_errors_do_not_reset(r):
    # RFC 5927 §4: an error about a number that is not on its way, or for another connection, is
    # ignored; one that fits is soft on a connection that is established.
    c = Talker(r, 7).open()
    for kind, code in ((3, 0), (3, 1), (3, 2), (3, 3), (3, 9), (3, 10), (3, 13), (11, 0), (12, 0)):
        for seq in (c.ack - 1, c.ack, c.ack + 1, c.ack + 70000, c.ack ^ 0x80000000, 0, f.ALL):
            assert not r.send(f.icmp(kind, code, 0, quote(c, seq)))
            assert not r.send(f.icmp(kind, code, 0, quote(c, seq, sport=c.dport + 1)))
    c.echoed()
    # Data on their way: the number fits.
    c.say(b"hello")
    r.run(SECOND)
    for code in (2, 3, 1, 0, 13):
        r.send(f.icmp(3, code, 0, quote(c)))
        r.send(f.icmp(3, code, 0, quote(c), src=FAR, eth_src=ROUTER_MAC))
    assert c.connection().error == 0
    c.ack += 5
    c.echoed()
    c.reset()


@hostile
def test_18_errors_while_connecting(r):
    # In SYN_SENT the number must be right as well.
    client = r.stack.tcp.connect(PEER, 5555)
    (syn,) = r.poll()
    assert syn.bits == f.SYN
    c = Talker(r, syn.sport, 5555)
    for seq in (syn.seq - 1, syn.seq + 1, syn.seq ^ 0x80000000):
        r.send(f.icmp(3, 3, 0, quote(c, seq)))
        assert client.state == 2 and not client.error
    r.send(f.icmp(3, 3, 0, quote(c, syn.seq)))
    assert client.error == _ECONNREFUSED and r.stack.tcp.count == 0


@hostile
def test_19_fragmentation_needed(r):
    # An MTU below 68 is nonsense, and whatever is claimed the connection must go on in segments
    # of a sensible size. A number that is not on its way changes nothing.
    c = Talker(r, 7).open()
    for mtu in (0, 1, 67, 68, 576, 1400, 1499, 1500, 1501, 9000, 65535):
        for seq in (c.ack - 1000, c.ack + 100000, c.ack ^ 0x80000000):
            assert not r.send(f.icmp(3, 4, mtu, quote(c, seq)))
    data = bytes(range(250)) * 20
    mtus = (0, 1, 67, 68, 100, 551, 65535)
    got = b""
    start = c.ack
    out = []
    for at in range(0, len(data), 1400):
        out += c.say(data[at : at + 1400])
    for mtu in mtus:
        out += c.mine(r.send(f.icmp(3, 4, mtu, quote(c))))
    for _ in range(40):
        for p in sorted(out, key=lambda p: (p.seq - start) & f.ALL):
            at = (p.seq - start) & f.ALL
            if p.data and at <= len(got):
                got = got[:at] + p.data
            small = len(p.data) < 500 and at + len(p.data) < len(data)
            assert not small or not p.data, "segments of %d bytes" % len(p.data)
        if len(got) == len(data):
            break
        c.ack = start + len(got)
        out = c.say() + c.mine(r.run(SECOND))
    assert got == data
    c.ack = start + len(got)
    c.say()
    c.reset()


@hostile
def test_19_fragmentation_needed_for_udp(r):
    # A flow that does not exist, and one that does: no state for the first, a sane one for both.
    e = r.stack.udp.open()
    e.connect(PEER, 5555)
    for mtu in (0, 1, 67, 68, 1499, 65535):
        for port in (e.port, 1):
            quoted = f.ip_header(17, 8, src=ME, dst=PEER) + f.udp_datagram(port, 5555)
            assert not r.send(f.icmp(3, 4, mtu, quoted))
        e.take_error()
        e.send(b"x" * 500)
        (p,) = r.poll()
        assert p.data == b"x" * 500
    e.close()


@hostile
def test_20_advice_is_not_taken(r):
    # Redirect, router advertisement and solicitation, source quench, timestamp, mask, trace
    # route: dropped, and nothing changes.
    c = Talker(r, 7).open()
    rogue = 0x0A000042
    routes = repr([(x.network, x.gateway) for x in r.stack.ip.routes])
    quoted = quote(c)
    for kind in range(256):
        if kind in (0, 3, 8, 11, 12):
            continue
        for word in (0, rogue, f.ALL):
            r.dropped(f.icmp(kind, 1, word, quoted), "icmp_drop_type")
        r.dropped(f.icmp(kind, 0, 0x01020708, b"\x0a\x00\x00\x42" + bytes(12)), "icmp_drop_type")
    assert repr([(x.network, x.gateway) for x in r.stack.ip.routes]) == routes
    r.send(f.udp(5, 7, b"hello", src=FAR, eth_src=ROUTER_MAC))
    assert rogue not in r.arps
    c.echoed()
    c.reset()


@hostile
def test_21_closed_ports(r):
    # 10,000 datagrams in one second: errors are limited, and a ping passes.
    sent = 0
    for i in range(10_000):
        sent += len(errors(r.send(f.udp(5, 10_000 + i, b"x"))))
        r.run(100)
        if i % 1000 == 0:
            r.ping()
    assert 10 <= sent <= 70, sent
    assert r.counters.icmp_tx_limited >= 9900
    assert r.counters.udp_drop_no_endpoint == 10_000


@hostile
def test_22_lengths(r):
    for n in (0, 1, 7):
        r.dropped(f.udp(5, 7, b"abcdefgh", length=n), "udp_drop_length")
    for n in (17, 18, 100, 65535):
        r.dropped(f.udp(5, 7, b"abcdefgh", length=n), "udp_drop_length")
    for n in range(8):
        r.dropped(f.udp(5, 7, b"abcdefgh", cut=n), "udp_drop_short")
    # Less than what IP brought: the rest is not data (its checksum covers the length only).
    body = f.udp_datagram(5, 7, b"abcd")
    (reply,) = r.send(f.ip(17, body + b"tail"))
    assert reply.data == b"abcd"
    (reply,) = r.send(f.udp(5, 7, b""))
    assert reply.data == b""


@hostile
def test_22_checksums_and_ports(r):
    good = f.udp_datagram(5, 7, b"abcdefgh")
    check = good[6] << 8 | good[7]
    for bad in (check ^ 1, check ^ 0x100, check ^ 0xFFFF):
        r.dropped(f.udp(5, 7, b"abcdefgh", udp_sum=bad or 1), "udp_drop_checksum")
        r.dropped(f.udp(5, 9999, b"abcdefgh", udp_sum=bad or 1), "udp_drop_checksum")
    # RFC 1122 §4.1.3.4: a checksum of 0 means that there is none.
    (reply,) = r.send(f.udp(5, 7, b"abcdefgh", udp_sum=0))
    assert reply.data == b"abcdefgh"
    r.dropped(f.udp(5, 0, b"abcd"), "udp_drop_port")
    r.dropped(f.udp(0, 0, b"abcd"), "udp_drop_port")
    # Port 0 as the source means that no answer is wanted (RFC 768): it is taken.
    before = r.services.sink.available()
    assert not r.send(f.udp(0, 9, b"abcd"))
    assert r.services.sink.available() == before + 1


@hostile
def test_22_a_queue_that_nobody_reads(r):
    for i in range(1000):
        assert not r.send(f.udp(5, 9, bytes(1400)))
    assert r.services.sink.available() <= 32
    assert r.counters.udp_drop_queue >= 1000 - 47
    # Others are not affected.
    (reply,) = r.send(f.udp(5, 7, b"hello"))
    assert reply.data == b"hello"


@hostile
def test_23_groups(r):
    for src in (0xE0000001, 0xEFFFFFFF, f.ALL, f.NET_BROADCAST):
        r.dropped(f.udp(5, 7, b"x", src=src), "ip_drop_source")
    for dst in (f.ALL, f.NET_BROADCAST):
        r.dropped(f.udp(5, 9999, b"x", dst=dst, eth_dst=BROADCAST), "udp_drop_no_endpoint")
    group = {"dst": 0xEFFFFFFA, "eth_dst": b"\x01\x00\x5e\x7f\xff\xfa"}
    r.dropped(f.udp(5, 9999, b"x", **group), "ip_drop_not_ours")
    r.dropped(f.udp(5, 9, b"x", **group), "ip_drop_not_ours")
    # TCP knows no groups (RFC 1122 §4.2.3.10).
    for dst in (f.ALL, f.NET_BROADCAST, 0xE0000001):
        for bits in (f.SYN, f.ACK, f.RST):
            frame = f.tcp(5, 80, bits=bits, dst=dst, eth_dst=BROADCAST)
            r.dropped(frame, "ip_drop_protocol")
