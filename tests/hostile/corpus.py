# Frostnet: hostile frames: those that need no session, as data; for the board in QEMU
# MIT license; Copyright (c) 2026 The Frostnet authors

# Each entry is (line of the list of hostile inputs, frame, whether silence must follow). The
# tests beside this file say what happens to them in detail; here they are all in one place.

import frames as f
from frames import ACK, ALL, BROADCAST, FIN, ME, NET_BROADCAST, PSH, RST, SYN, URG

_NOBODY = (0, ALL, NET_BROADCAST, 0xE0000001, 0x7F000001, 0xF0000001)


def _link():
    whole = f.echo()
    for n in range(1, 15):
        yield 1, whole[:n], True
    yield 1, f.echo(eth_src=BROADCAST), True
    yield 1, f.echo(eth_dst=b"\x52\x54\x00\x12\x34\x57"), True
    for n in range(0, 40, 3):
        yield 2, f.PEER_MAC.join((f.ME_MAC, b"\x81\x00\x00\x05" + whole[12 : 12 + n])), True
    for kind in (0, 46, 0x05FF, 0x88A8, 0xFFFF):
        yield 2, f.eth(whole[14:], kind), True
    for n in range(28):
        yield 3, f.arp(cut=n), True
    for fields in ({"hlen": 5}, {"plen": 16}, {"htype": 6}, {"op": 0}, {"op": 9}):
        yield 3, f.arp(**fields), True
    for spa in (ALL, 0xE0000001, 0x7F000001):
        for op in (1, 2):
            yield 4, f.arp(op, spa=spa), True
    yield 4, f.arp(sha=BROADCAST), True
    yield 4, f.arp(2, kind=0x8035, tha=f.ME_MAC), True


def _ip():
    payload = f.icmp_message(8, 0, 1, b"abcdefgh")
    for ihl in (0, 4, 10, 15):
        yield 7, f.ip(1, payload, ihl=ihl), True
    for total in (0, 19, 37, 1500, 0xFFFF):
        yield 7, f.ip(1, payload, total=total), True
    for version in (0, 5, 6, 15):
        yield 7, f.ip(1, payload, version=version), True
    for proto in (1, 6, 17):
        yield 7, f.ip(proto, b""), True
    for options in (b"\x07\x00", b"\x07\x01", b"\x07\xff\x04\x00", b"\x83\x07\xff" + bytes(5),
                    b"\x89\x03\x04\x00", b"\x44\x00" + bytes(38),
                    b"\x01\x01\x01\x07"):  # fmt: skip
        yield 8, f.echo(options=options), False  # an error may follow, never a reply
        yield 8, f.tcp(99, 80, bits=SYN, options=options), False
    for options in (b"\x01" * 40, b"\x00" * 40, b"\x07\x27\x04" + bytes(37)):
        yield 8, f.echo(options=options), False
    for proto in (4, 41, 47):
        yield 9, f.ip(proto, f.echo()[14:]), False
    yield 10, f.echo(ip_sum=0x1234), True
    yield 10, f.echo(ttl=0), True
    for dst in (f.PEER, f.FAR, 0xE0000005):
        yield 10, f.echo(dst=dst), True
    for src in _NOBODY:
        yield 10, f.echo(src=src), True
        yield 10, f.tcp(7, 80, bits=SYN, src=src), True
        yield 10, f.udp(7, 9999, b"x", src=src), True
    yield 11, f.tcp(80, 80, bits=SYN, src=ME), True
    yield 11, f.udp(7, 7, b"x", src=ME), True
    for offset, flags in ((65528, 0), (65528, 1), (8, 1)):
        yield 12, f.ip(1, bytes(24), offset=offset, flags=flags, ident=5), True
    for n in (0, 1, 7):
        yield 12, f.ip(1, bytes(n), flags=1, ident=6), True
    for start in (0, 8, 64, 120):
        yield 12, f.ip(1, bytes([start]) * 64, flags=1, offset=start, ident=7), True
    for i in range(100):
        yield 13, f.ip(17, bytes(1480), flags=1, ident=1000 + i), True
    for dst in (NET_BROADCAST, ALL):
        yield 15, f.echo(dst=dst, eth_dst=BROADCAST), True


def _icmp_and_udp():
    good = f.icmp_message(8, 0, 0x77770001, b"abcdefgh")
    for n in range(len(good)):
        yield 16, f.ip(1, good[:n]), True
    for code in (1, 0x42, 255):
        yield 16, f.icmp(8, code, 1, b"abcd"), True
    quoted = f.ip_header(17, 8, src=ME, dst=f.PEER) + f.udp_datagram(9999, 5, src=ME, dst=f.PEER)
    for kind in (3, 4, 5, 11, 12):
        yield 17, f.icmp(kind, 1, 0, quoted), True
    for n in range(0, 28, 3):
        yield 18, f.icmp(3, 3, 0, quoted[:n]), True
    for mtu in (0, 1, 67, 68, 65535):
        yield 19, f.icmp(3, 4, mtu, quoted), True
    for kind in (4, 5, 9, 10, 13, 17, 30, 255):
        yield 20, f.icmp(kind, 0, 0x0A000042, quoted), True
    for i in range(50):
        yield 21, f.udp(5, 10_000 + i, b"x"), False
    for n in (0, 7, 17, 65535):
        yield 22, f.udp(5, 7, b"abcdefgh", length=n), True
    for n in range(8):
        yield 22, f.udp(5, 7, b"abcdefgh", cut=n), True
    yield 22, f.udp(5, 7, b"abcdefgh", udp_sum=0x1234), True
    yield 22, f.udp(5, 0, b"abcd"), True
    yield 23, f.udp(5, 9999, b"x", dst=ALL, eth_dst=BROADCAST), True
    yield 23, f.udp(5, 9999, b"x", dst=0xEFFFFFFA, eth_dst=b"\x01\x00\x5e\x7f\xff\xfa"), True


def _tcp():
    for off in (0, 4, 6, 15):
        yield 24, f.tcp(99, 7, bits=SYN, off=off), True
    for bits in (0, FIN, FIN | PSH | URG, SYN | FIN, SYN | RST, RST, RST | ACK):
        yield 24, f.tcp(99, 7, bits=bits), True
        yield 24, f.tcp(99, 7, bits=bits, data=b"data"), True
    for bits in (0, FIN, SYN | FIN, ACK, FIN | PSH | URG):
        yield 24, f.tcp(99, 9999, bits=bits), False
    for options in (b"\x02\x00\x05\xb4", b"\xfd\x01\x00\x00", b"\x02\xff\x05\xb4", b"\xff" * 40,
                    b"\x05\x02\x01\x01", b"\x08\x0b" + bytes(10), b"\x03\x03\xff\x01",
                    f.mss(0), f.mss(1), f.mss(65535)):  # fmt: skip
        yield 25, f.tcp(98, 7, seq=5, bits=SYN, tcp_options=options), False
        yield 25, f.tcp(98, 7, seq=6, bits=RST), True
    for urgent in (0, 1, 0xFFFF):
        yield 27, f.tcp(97, 7, seq=5, bits=SYN | URG, urgent=urgent), False
        yield 27, f.tcp(97, 7, seq=6, bits=RST), True
    yield 28, f.tcp(99, 7, bits=SYN, tcp_sum=5), True
    for bits in (SYN, SYN | ACK, ACK, RST):
        yield 35, f.tcp(99, 7, seq=77, ack=99, bits=bits, dst=NET_BROADCAST,
                        eth_dst=BROADCAST), True  # fmt: skip


def corpus():
    for part in (_link, _ip, _icmp_and_udp, _tcp):
        yield from part()
