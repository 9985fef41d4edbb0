# Frostnet: tests of frames in words: what each protocol's line says, and that none ever fails
# MIT license; Copyright (c) 2026 The Frostnet authors

import random
import struct

from frostnet.wire import dns
from frostnet.wire.addr import parse
from frostnet.wire.checksum import checksum, pseudo
from frostnet.wire.dns_name import encode_name
from sniff.fields import Fields
from sniff.link import line

A = parse("10.0.2.15")
B = parse("10.0.2.2")
MAC_A = b"\x52\x54\x00\x12\x34\x56"
MAC_B = b"\x52\x55\x0a\x00\x02\x02"


def ether(kind, payload, dst=MAC_B):
    return dst + MAC_A + struct.pack(">H", kind) + payload


def summed(data, at, start=0):
    data = bytearray(data)
    check = checksum(data, 0, len(data), start)
    data[at : at + 2] = struct.pack(">H", check)
    return bytes(data)


def ip(proto, payload, src=A, dst=B, field=0x4000, options=b"", ident=7):
    head = struct.pack(
        ">BBHHHBBHII",
        0x45 + len(options) // 4,
        0,
        20 + len(options) + len(payload),
        ident,
        field,
        64,
        proto,
        0,
        src,
        dst,
    )
    return ether(0x0800, summed(head + options, 10) + payload)


def udp(sport, dport, data, src=A, dst=B):
    n = 8 + len(data)
    body = struct.pack(">HHHH", sport, dport, n, 0) + data
    return ip(17, summed(body, 6, pseudo(src, dst) + 17 + n), src, dst)


def tcp(flags, data=b"", options=b"", seq=1000, ack=0, win=64240, urg=0):
    head = (20 + len(options)) >> 2 << 4
    body = struct.pack(">HHIIBBHHH", 49153, 80, seq, ack, head, flags, win, 0, urg)
    body += options + data
    return ip(6, summed(body, 16, pseudo(A, B) + 6 + len(body)))


def icmp(kind, code, word=0, data=b""):
    return ip(1, summed(struct.pack(">BBHI", kind, code, 0, word) + data, 2))


def said(frame, n=None, size=None):
    n = len(frame) if n is None else n
    return line(memoryview(frame), n, len(frame) if size is None else size)


def arp(oper, spa, tpa, sha=MAC_A):
    head = b"\x00\x01\x08\x00\x06\x04" + struct.pack(">H", oper)
    return ether(
        0x0806,
        head + sha + struct.pack(">I", spa) + bytes(6) + struct.pack(">I", tpa),
        b"\xff" * 6,
    )


def query(name="example.com", kind=dns.A, ident=4660, flags=0x0100):
    return (
        struct.pack(">HHHHHH", ident, flags, 1, 0, 0, 0)
        + encode_name(name)
        + struct.pack(">HH", kind, 1)
    )


def response(flags=0x8180, answers=(), ident=4660):
    out = struct.pack(">HHHHHH", ident, flags, 1, len(answers), 0, 0)
    out += encode_name("example.com") + struct.pack(">HH", 1, 1)
    for kind, data in answers:
        out += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
    return out


def bootp(op, kind, ciaddr=0, yiaddr=0, options=b""):
    out = struct.pack(">BBBBIHHIIII", op, 1, 6, 0, 0xABCD1234, 0, 0, ciaddr, yiaddr, 0, 0)
    out += MAC_A + bytes(202) + b"\x63\x82\x53\x63" + bytes((53, 1, kind)) + options + b"\xff"
    return out


SYN = b"\x02\x04\x05\xb4\x04\x02\x08\x0a\x00\x00\x00\x05\x00\x00\x00\x00\x01\x03\x03\x07"

PAIR = "IP 10.0.2.15 > 10.0.2.2: "
TCP = "IP 10.0.2.15.49153 > 10.0.2.2.80: Flags "
DNS = "IP 10.0.2.15.5555 > 10.0.2.2.53: "
REPLY = "IP 10.0.2.15.53 > 10.0.2.2.5555: "
INNER = ip(17, struct.pack(">HHHH", 1, 9, 8, 0))[14:]

LINES = [
    # RFC 826, 5227
    (arp(1, A, B), "ARP, Request who-has 10.0.2.2 tell 10.0.2.15, length 28"),
    (arp(2, A, B), "ARP, Reply 10.0.2.15 is-at 52:54:00:12:34:56, length 28"),
    (arp(1, 0, B), "ARP, Probe who-has 10.0.2.2, length 28"),
    (arp(1, A, A), "ARP, Announcement 10.0.2.15 is-at 52:54:00:12:34:56, length 28"),
    (arp(9, A, B), "ARP, operation 9 from 52:54:00:12:34:56, length 28"),
    (
        ether(0x0806, b"\x00\x06\x08\x00\x06\x04" + bytes(22)),
        "ARP, hardware 6, protocol 0x0800, address lengths 6 and 4, length 28",
    ),
    # RFC 9293 §3.1
    (
        tcp(2, options=SYN),
        TCP + "[S], seq 1000, win 64240, options "
        "[mss 1460,sackOK,TS val 5 ecr 0,nop,wscale 7], length 0",
    ),
    (tcp(0x12, ack=77), TCP + "[S.], seq 1000, ack 77, win 64240, length 0"),
    (tcp(0x18, b"hello", ack=1), TCP + "[P.], seq 1000:1005, ack 1, win 64240, length 5"),
    (tcp(0x10, ack=1), TCP + "[.], ack 1, win 64240, length 0"),
    (tcp(0x11, ack=1), TCP + "[F.], seq 1000, ack 1, win 64240, length 0"),
    (tcp(4), TCP + "[R], seq 1000, win 64240, length 0"),
    (tcp(0, win=0), TCP + "[none], win 0, length 0"),
    (tcp(0xF0, ack=1, urg=3), TCP + "[.UEW], ack 1, win 64240, urg 3, length 0"),
    (
        tcp(0x10, b"abcd", seq=0xFFFFFFFE, ack=1),
        TCP + "[.], seq 4294967294:2, ack 1, win 64240, length 4",
    ),
    # RFC 2018
    (
        tcp(0x10, ack=1, options=b"\x01\x01\x05\x0a\x00\x00\x00\x05\x00\x00\x00\x09"),
        TCP + "[.], ack 1, win 64240, options [nop,nop,sack 1 {5:9}], length 0",
    ),
    (
        tcp(0x10, ack=1, options=b"\xfe\x04\xab\xcd\x03\x01\x00\x00"),
        TCP + "[.], ack 1, win 64240, "
        "options [unknown-254 0xabcd,bad option 3: length 1], length 0",
    ),
    (
        tcp(0x10, ack=1, options=b"\x08\x0a\x00\x00"),
        TCP + "[.], ack 1, win 64240, options [bad option 8: too long], length 0",
    ),
    # RFC 768
    (udp(1234, 9, b"abc"), "IP 10.0.2.15.1234 > 10.0.2.2.9: UDP, length 3"),
    # RFC 792, 1191
    (icmp(8, 0, 5 << 16 | 3, bytes(56)), PAIR + "ICMP echo request, id 5, seq 3, length 64"),
    (icmp(0, 0, 5 << 16 | 3), PAIR + "ICMP echo reply, id 5, seq 3, length 8"),
    (icmp(3, 3, 0, INNER), PAIR + "ICMP 10.0.2.2 udp port 9 unreachable, length 36"),
    (icmp(3, 0, 0, INNER), PAIR + "ICMP net 10.0.2.2 unreachable, length 36"),
    (icmp(3, 1, 0, INNER), PAIR + "ICMP host 10.0.2.2 unreachable, length 36"),
    (icmp(3, 2, 0, INNER), PAIR + "ICMP 10.0.2.2 protocol udp unreachable, length 36"),
    (
        icmp(3, 4, 1280, INNER),
        PAIR + "ICMP 10.0.2.2 unreachable - need to frag (mtu 1280), length 36",
    ),
    (icmp(3, 1), PAIR + "ICMP unreachable, code 1 [about what is not there], length 8"),
    (icmp(11, 0, 0, INNER), PAIR + "ICMP time exceeded in-transit, length 36"),
    (icmp(5, 1, A, INNER), PAIR + "ICMP redirect 10.0.2.2 to 10.0.2.15, length 36"),
    (icmp(42, 1), PAIR + "ICMP type 42, code 1, length 8"),
    # RFC 2236, 3376
    (
        ip(2, summed(struct.pack(">BBHI", 0x16, 0, 0, parse("224.0.0.251")), 2)),
        PAIR + "igmp v2 report 224.0.0.251",
    ),
    (
        ip(2, summed(struct.pack(">BBHHH", 0x22, 0, 0, 0, 2), 2)),
        PAIR + "igmp v3 report, 2 group record(s)",
    ),
    # RFC 1035
    (udp(5555, 53, query()), DNS + "4660+ A? example.com. (29)"),
    (udp(5555, 53, query(kind=28, flags=0)), DNS + "4660 AAAA? example.com. (29)"),
    (udp(5555, 53, query("\x1b[2j", 16)), DNS + "4660+ TXT? \\027[2j. (22)"),
    (
        udp(53, 5555, response(answers=[(1, b"\x5d\xb8\xd8\x22"), (15, b"\0\5\xc0\x0c")])),
        REPLY + "4660 A? example.com. 2/0/0 A 93.184.216.34, MX 5 example.com (61)",
    ),
    (
        udp(53, 5555, response(0x8583)),
        REPLY + "4660 NXDomain* A? example.com. 0/0/0 (29)",
    ),
    (
        udp(53, 5555, response(0x8300)),
        REPLY + "4660-| A? example.com. 0/0/0 (29)",
    ),
    # RFC 2131
    (
        udp(68, 67, bootp(1, 1), 0, 0xFFFFFFFF),
        "IP 0.0.0.0.68 > 255.255.255.255.67: BOOTP/DHCP, Request from 52:54:00:12:34:56, "
        "xid 0xabcd1234, DHCP Discover, length 244",
    ),
    (
        udp(67, 68, bootp(2, 5, yiaddr=A, options=b"\x36\x04\x0a\x00\x02\x02"), B, A),
        "IP 10.0.2.2.67 > 10.0.2.15.68: BOOTP/DHCP, Reply to 52:54:00:12:34:56, "
        "xid 0xabcd1234, DHCP ACK, server 10.0.2.2, your-ip 10.0.2.15, length 250",
    ),
    # RFC 791
    (ip(47, b"abcd"), PAIR + "gre, length 4"),
    (ip(200, b"abcd"), PAIR + "ip-proto-200, length 4"),
    (ip(17, bytes(1480), field=0x2000 | 185), PAIR + "udp (frag 7:1480@1480+)"),
    (
        ip(17, struct.pack(">HHHH", 5, 9, 3008, 0) + bytes(1472), field=0x2000),
        "IP 10.0.2.15.5 > 10.0.2.2.9: UDP, length 3000 (frag 7:1480@0+)",
    ),
    # IEEE 802.1Q, IPv6, and what nobody here speaks
    (
        ether(0x8100, b"\x00\x05\x08\x06" + arp(1, A, B)[14:]),
        "vlan 5, ARP, Request who-has 10.0.2.2 tell 10.0.2.15, length 28",
    ),
    (
        ether(
            0x86DD, b"\x60\0\0\0\0\x08\x3a\xff" + bytes(15) + b"\1" + b"\xff\2" + bytes(13) + b"\2"
        ),
        "IP6 ::1 > ff02::2: next-header 58, length 8",
    ),
    (
        ether(0x88CC, b"\x02\x07\x04"),
        "52:54:00:12:34:56 > 52:55:0a:00:02:02, LLDP, ethertype 0x88cc, length 3: 020704",
    ),
    (
        ether(0x1234, bytes(20)),
        "52:54:00:12:34:56 > 52:55:0a:00:02:02, ethertype 0x1234, length 20: " + "00" * 16 + "…",
    ),
    (ether(0x0026, b"BB"), "52:54:00:12:34:56 > 52:55:0a:00:02:02, 802.3, length 38: 4242"),
]


def test_every_protocols_line():
    for frame, want in LINES:
        assert said(frame) == want, "\n%s\n%s" % (said(frame), want)


def test_padding_is_no_payload():
    """RFC 894: what follows the datagram's end in a short frame is not the datagram's."""
    for frame, want in LINES[6:20]:
        padded = frame + bytes(20)
        assert said(padded) == said(frame)


def test_what_was_cut_is_said_to_be_cut():
    frame = tcp(2, options=SYN)
    for n, want in (
        (10, "[|ether]"),
        (20, "IP [|ip]"),
        (36, PAIR + "tcp [|tcp]"),
        (50, "IP 10.0.2.15.49153 > 10.0.2.2.80: tcp [|tcp]"),
        (60, TCP + "[S], seq 1000, win 64240, options [mss 1460,sackOK,|tcp], length 0"),
    ):
        assert said(frame, n) == want, said(frame, n)
    assert said(arp(1, A, B), 30) == "ARP, [|arp]"
    assert said(udp(5555, 53, query()), 60) == DNS + "4660+ [|domain] (29)"
    assert said(udp(5555, 53, query()), 45) == DNS + "DNS [|domain]"
    assert said(icmp(8, 0), 36) == PAIR + "ICMP [|icmp]"


def test_what_is_too_short_is_said_to_be_so():
    assert said(b"abc") == "[ether too short: 3 of 14 bytes]"
    assert said(arp(1, A, B)[:30]) == "ARP, [arp too short: 16 of 28 bytes]"
    assert said(ip(6, bytes(19))) == (
        "IP 10.0.2.15.0 > 10.0.2.2.0: tcp [tcp too short: 19 of 20 bytes]"
    )
    assert said(ip(17, bytes(3))) == PAIR + "udp [udp too short: 3 of 8 bytes]"
    assert said(udp(5555, 53, bytes(11))) == DNS + "DNS [domain too short: 11 of 12 bytes]"
    # What the IP header promises and the link did not bring
    assert said(ip(47, bytes(20))[:40]) == "IP truncated-ip - 14 bytes missing! " + PAIR[3:] + (
        "gre, length 20"
    )


def changed(frame, at, value):
    frame = bytearray(frame)
    frame[at] = value
    return bytes(frame)


def test_what_is_malformed_is_said_to_be_so():
    frame = tcp(2)
    assert said(changed(frame, 14, 0x65)) == "IP [version 6]"
    assert said(changed(frame, 14, 0x44)) == "IP [bad header length 16: less than 20]"
    assert said(changed(frame, 17, 19)) == "IP [bad length 19: less than the header's 20]"
    assert said(changed(frame, 22, 63)).endswith("length 0 [bad ip cksum]")
    assert said(changed(frame, 48, 9)).endswith("length 0 [bad tcp cksum]")
    assert said(changed(frame, 46, 0x40)).endswith(
        "[bad header length 16: less than 20, or more than 20]"
    )
    assert said(changed(icmp(8, 0), 41, 9)).endswith("[bad icmp cksum]")
    assert said(changed(udp(1, 9, b"abc"), 44, 9)).endswith("[bad udp cksum]")
    assert said(changed(udp(1, 9, b"abc"), 39, 7)).endswith("UDP, [bad length 7: less than 8]")
    assert said(changed(udp(1, 9, b"abc"), 39, 99)).endswith(
        "[bad length 99: only 11 bytes there]"
    )
    assert " [malformed: " in said(udp(5555, 53, query()[:20]))
    loop = query()[:12] + b"\xc0\x0c\0\1\0\1"
    assert "[malformed: pointer does not lead back]" in said(udp(5555, 53, loop))
    cut = bootp(1, 1)[:-1] + b"\x32\x09\0"
    assert "[option 50 too long]" in said(udp(68, 67, cut))


def test_a_udp_checksum_of_0_is_none():
    """RFC 768: the transmitter generated no checksum."""
    frame = bytearray(udp(1, 9, b"abc"))
    frame[40] = frame[41] = 0
    assert said(bytes(frame)) == "IP 10.0.2.15.1 > 10.0.2.2.9: UDP, length 3"


def test_no_frame_makes_it_fail():
    """Every prefix, as cut and as sent; then bytes changed at random, of all kinds of frames."""
    frames = [frame for frame, _ in LINES]
    fields = Fields()

    def look(frame, n, size):
        text = line(memoryview(frame), n, size)
        assert text and len(text) < 6000
        for c in text:
            assert " " <= c, text
        fields.load(memoryview(frame), n)

    for frame in frames:
        for n in range(min(len(frame), 400)):
            # Nothing lies behind: what reads there raises IndexError.
            look(frame[:n], n, len(frame))
            look(frame[:n], n, n)
    random.seed(7)
    for _ in range(20000):
        frame = bytearray(random.choice(frames))
        for _ in range(random.randint(1, 6)):
            frame[random.randint(0, len(frame) - 1)] = random.choice(
                (0, 255, random.getrandbits(8))
            )
        n = random.randint(1, len(frame))
        look(bytes(frame[:n]), n, random.choice((n, len(frame))))
    for _ in range(3000):
        data = bytes([random.getrandbits(8) for _ in range(random.randint(0, 120))])
        look(data, len(data), len(data))
        for frame in (
            ip(6, data),
            udp(5555, 53, data),
            udp(67, 68, bytes((1,)) + data + bytes(240)),
        ):
            look(frame, len(frame), len(frame))
