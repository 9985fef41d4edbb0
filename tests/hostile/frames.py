# Frostnet: hostile frames: builders and a parser of the tests' own
# MIT license; Copyright (c) 2026 The Frostnet authors

# Nothing here knows the stack's code: what both got wrong would pass. Every builder returns a
# whole Ethernet frame with everything right, and takes any field as a keyword to make it wrong:
# udp(7, 9, b"x", length=3, ttl=0, eth_dst=BROADCAST). It runs in MicroPython and in CPython.

import struct

ME = 0x0A000001  # 10.0.0.1, the host under test
PEER = 0x0A000002
ROUTER = 0x0A0000FE
FAR = 0xC6336401  # 198.51.100.1, behind the router
NET_BROADCAST = 0x0A0000FF
ALL = 0xFFFFFFFF

ME_MAC = b"\x52\x54\x00\x12\x34\x56"
PEER_MAC = b"\x02\x00\x00\x00\x00\x02"
ROUTER_MAC = b"\x02\x00\x00\x00\x00\xfe"
BROADCAST = b"\xff" * 6

IPV4 = 0x0800
ARP = 0x0806

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def ones(data, total=0):
    """The Internet checksum of `data`, with `total` added before."""
    if len(data) & 1:
        data = bytes(data) + b"\0"
    total += int.from_bytes(data, "big")  # 2^16 is 1 mod 65535
    if not total:
        return 0xFFFF
    return 0xFFFF - (total % 0xFFFF or 0xFFFF)


def text(addr):
    """An address as people write it."""
    return ".".join([str(addr >> n & 255) for n in (24, 16, 8, 0)])


def eth(payload, kind=IPV4, eth_src=PEER_MAC, eth_dst=ME_MAC, pad=0):
    return eth_dst + eth_src + struct.pack(">H", kind) + payload + bytes(pad)


def ip_header(proto, size, src=PEER, dst=ME, ttl=64, ident=0x1234, flags=0, offset=0, version=4,
              ihl=None, total=None, options=b"", ip_sum=None, tos=0):  # fmt: skip
    """`offset` is in bytes, `flags` are 4 for reserved, 2 for DF, 1 for MF."""
    options = options + bytes(-len(options) % 4)
    if ihl is None:
        ihl = 5 + len(options) // 4
    if total is None:
        total = 20 + len(options) + size
    field = flags << 13 | offset >> 3
    head = struct.pack(
        ">BBHHHBBHII", version << 4 | ihl, tos, total & 0xFFFF, ident & 0xFFFF, field, ttl, proto,
        0, src, dst
    )  # fmt: skip
    head += options
    if ip_sum is None:
        # Of as much as the header claims to have, if it is there.
        ip_sum = ones(head[: max(20, ihl * 4)])
    return head[:10] + struct.pack(">H", ip_sum) + head[12:]


_IP_FIELDS = (
    "src", "dst", "ttl", "ident", "flags", "offset", "version", "ihl", "total", "options",
    "ip_sum", "tos"
)  # fmt: skip


def ip(proto, payload, **fields):
    """A datagram. Keywords are those of ip_header() and of eth()."""
    head = {k: fields.pop(k) for k in _IP_FIELDS if k in fields}
    return eth(ip_header(proto, len(payload), **head) + payload, **fields)


def fragments(proto, payload, size, **fields):
    """The datagram in fragments of `size` bytes of payload."""
    out = []
    for at in range(0, len(payload), size):
        more = 1 if at + size < len(payload) else 0
        out.append(ip(proto, payload[at : at + size], flags=more, offset=at, **fields))
    return out


def arp_packet(op=1, sha=PEER_MAC, spa=PEER, tha=bytes(6), tpa=ME, htype=1, ptype=0x0800, hlen=6,
               plen=4):  # fmt: skip
    head = struct.pack(">HHBBH", htype, ptype, hlen, plen, op)
    return head + sha + struct.pack(">I", spa) + tha + struct.pack(">I", tpa)


def arp(op=1, eth_dst=BROADCAST, eth_src=PEER_MAC, cut=28, kind=ARP, **fields):
    return eth(arp_packet(op, **fields)[:cut], kind, eth_src, eth_dst)


def icmp_message(kind, code=0, word=0, data=b"", icmp_sum=None):
    body = struct.pack(">BBHI", kind, code, 0, word) + data
    check = ones(body) if icmp_sum is None else icmp_sum
    return body[:2] + struct.pack(">H", check) + body[4:]


def icmp(kind, code=0, word=0, data=b"", icmp_sum=None, cut=None, **fields):
    return ip(1, icmp_message(kind, code, word, data, icmp_sum)[:cut], **fields)


def echo(seq=1, data=b"abcdefgh", ident=0x7777, **fields):
    """An echo request; `ident` is its own, not IP's."""
    return icmp(8, 0, ident << 16 | seq, data, **fields)


def _pseudo(src, dst, proto, n):
    return (src >> 16) + (src & 0xFFFF) + (dst >> 16) + (dst & 0xFFFF) + proto + n


def udp_datagram(sport, dport, data=b"", src=PEER, dst=ME, length=None, udp_sum=None):
    n = 8 + len(data) if length is None else length
    body = struct.pack(">HHHH", sport, dport, n & 0xFFFF, 0) + data
    if udp_sum is None:
        udp_sum = ones(body, _pseudo(src, dst, 17, n)) or 0xFFFF
    return body[:6] + struct.pack(">H", udp_sum) + body[8:]


def udp(sport, dport, data=b"", length=None, udp_sum=None, cut=None, src=PEER, dst=ME, **fields):
    body = udp_datagram(sport, dport, data, src, dst, length, udp_sum)
    return ip(17, body[:cut], src=src, dst=dst, **fields)


def tcp_segment(sport, dport, seq=0, ack=0, bits=ACK, data=b"", wnd=65535, tcp_options=b"",
                src=PEER, dst=ME, off=None, reserved=0, urgent=0, tcp_sum=None):  # fmt: skip
    """`off` is the data offset in words; options are padded with zeros to whole words."""
    tcp_options = tcp_options + bytes(-len(tcp_options) % 4)
    if off is None:
        off = 5 + len(tcp_options) // 4
    body = struct.pack(
        ">HHIIBBHHH", sport, dport, seq & ALL, ack & ALL, (off & 15) << 4 | reserved, bits, wnd, 0,
        urgent
    )  # fmt: skip
    body += tcp_options + data
    if tcp_sum is None:
        tcp_sum = ones(body, _pseudo(src, dst, 6, len(body)))
    return body[:16] + struct.pack(">H", tcp_sum) + body[18:]


_TCP_FIELDS = ("seq", "ack", "bits", "data", "wnd", "tcp_options", "off", "reserved", "urgent",
               "tcp_sum")  # fmt: skip


def tcp(sport, dport, cut=None, src=PEER, dst=ME, **fields):
    own = {k: fields.pop(k) for k in _TCP_FIELDS if k in fields}
    body = tcp_segment(sport, dport, src=src, dst=dst, **own)
    return ip(6, body[:cut], src=src, dst=dst, **fields)


def mss(n):
    return struct.pack(">BBH", 2, 4, n)


def wscale(n):
    return bytes((1, 3, 3, n))


def timestamps(val, ecr=0):
    return struct.pack(">BBBBII", 1, 1, 8, 10, val & ALL, ecr & ALL)


SACK_PERMITTED = b"\x01\x01\x04\x02"


def sack(*blocks):
    """SACK blocks; each is (left, right)."""
    out = bytes((1, 1, 5, 2 + 8 * len(blocks)))
    for left, right in blocks:
        out += struct.pack(">II", left & ALL, right & ALL)
    return out


class Packet:
    """What a frame of the host says. A frame that is not well-formed is an AssertionError."""

    proto = -1
    seq = ack = bits = wnd = sport = dport = 0
    data = b""
    options = b""

    def __init__(self, frame):
        self.frame = frame
        assert len(frame) >= 14
        self.to = frame[:6]
        assert frame[6:12] == ME_MAC, "foreign source address"
        self.kind = struct.unpack(">H", frame[12:14])[0]
        if self.kind == ARP:
            body = frame[14:42]
            assert len(body) == 28 and body[:6] == b"\x00\x01\x08\x00\x06\x04", "ARP"
            self.op, self.sha, self.spa, self.tha, self.tpa = struct.unpack(">H6sI6sI", body[6:])
            assert self.sha == ME_MAC, "ARP with a foreign address"
            return
        assert self.kind == IPV4, "EtherType %04x" % self.kind
        head = frame[14:34]
        fields = struct.unpack(">BBHHHBBHII", head)
        size = (fields[0] & 15) * 4
        assert fields[0] >> 4 == 4 and size >= 20, "IP header"
        total = fields[2]
        self.options = frame[34 : 14 + size]
        self.ident, self.fragment, self.ttl, self.proto = fields[3:7]
        self.src, self.dst = fields[8:]
        assert size <= total <= len(frame) - 14, "total length %d of %d" % (total, len(frame))
        assert ones(frame[14 : 14 + size]) == 0, "IP checksum"
        assert self.ttl, "TTL"
        body = self.body = frame[14 + size : 14 + total]
        if self.fragment & 0x3FFF:
            return
        if self.proto == 1:
            assert len(body) >= 8 and ones(body) == 0, "ICMP"
            self.type, self.code, _, self.word = struct.unpack(">BBHI", body[:8])
            self.data = body[8:]
        elif self.proto == 17:
            self.sport, self.dport, n, check = struct.unpack(">HHHH", body[:8])
            assert n == len(body), "UDP length"
            assert check and ones(body, _pseudo(self.src, self.dst, 17, n)) == 0, "UDP checksum"
            self.data = body[8:]
        elif self.proto == 6:
            fields = struct.unpack(">HHIIBBHHH", body[:20])
            self.sport, self.dport, self.seq, self.ack, off, self.bits, self.wnd = fields[:7]
            off = off >> 4 << 2
            assert 20 <= off <= len(body), "data offset"
            check = ones(body, _pseudo(self.src, self.dst, 6, len(body)))
            assert check == 0, "TCP checksum"
            self.tcp_options = body[20:off]
            self.data = body[off:]
            assert not self.bits & RST or not self.bits & (SYN | FIN) and not self.data, "RST"

    def __repr__(self):
        if self.kind == ARP:
            return "<ARP %d %s asks %s>" % (self.op, text(self.spa), text(self.tpa))
        where = "%s > %s" % (text(self.src), text(self.dst))
        if self.proto == 6:
            names = "".join([n for i, n in enumerate("FSRPAU") if self.bits >> i & 1])
            return "<TCP %s %d>%d %s seq=%d ack=%d wnd=%d %d bytes>" % (
                where, self.sport, self.dport, names, self.seq, self.ack, self.wnd,
                len(self.data)
            )  # fmt: skip
        if self.proto == 1:
            return "<ICMP %s %d/%d %d bytes>" % (where, self.type, self.code, len(self.data))
        return "<IP %s protocol %d, %d bytes>" % (where, self.proto, len(self.body))
