# Frostnet: one packet for each reason to throw one away: its counter, and no other, goes up by one
# MIT license; Copyright (c) 2026 The Frostnet authors

# docs/counters.md explains them, with the clauses that ask for it.

import struct

from frostnet import hooked, packet
from frostnet.counters import ARP, ICMP, IP, LINK, UDP
from frostnet.dhcp import client as dhcp_client
from frostnet.dhcp import sender as dhcp_sender
from frostnet.dns import Resolver
from frostnet.dns.codes import COUNTERS as DNS
from frostnet.ip import forwarding, igmp, raw
from frostnet.link import tap
from frostnet.mdns import Mdns
from frostnet.mdns import service as mdns_service
from frostnet.tcp.counted import COUNTERS as TCP
from frostnet.wire import dns
from ipbench import ALL, BROADCAST, FAR, MAC, ME, NET_BROADCAST, OTHER, PEER, PEER_MAC, ZERO_MAC
from ipbench import Bench, Port, arp, echo, eth, icmp, ip, ipv4, sum16, udp, udp_frame

S = 1_000_000
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MF, DF = 0x2000, 0x4000
OTHER_MAC = b"\x02\x00\x00\x00\x00\x77"
GROUP = 0xE00000FB
GROUP_MAC = b"\x01\x00\x5e\x00\x00\xfb"
TS = b"\x01\x01\x08\x0a"

CASES = {}  # {counter: function(bench) that returns the frame}


def case(name):
    def keep(fn):
        CASES[name] = fn
        return fn

    return keep


def simple(name, frame):
    CASES[name] = lambda b: frame


# Ethernet.
simple("eth_drop_runt", MAC + PEER_MAC + b"\x08")
simple("eth_drop_other_host", echo(mac=OTHER_MAC))
simple("eth_drop_source", echo(smac=ALL))
simple("eth_drop_type", eth(MAC, PEER_MAC, 0x86DD, bytes(40)))


@case("eth_drop_oversize")
def _oversize(b):
    frame = memoryview(bytearray(echo(payload=bytes(1501 - 28))))
    return lambda: b.iface.input(frame, len(frame))


@case("eth_drop_down")
def _down(b):
    b.iface.set_up(False)
    return echo()


@case("tap_drop_in")
def _tap_in(b):
    tap.attach(b.iface, lambda frame, n, out, now, offload: not out)
    return echo()


@case("tap_drop_out")
def _tap_out(b):
    tap.attach(b.iface, lambda frame, n, out, now, offload: out)
    return echo()


class Packet:
    """What a hook is shown, as frostnet/hooked.py asks for it."""

    touched = False

    def __init__(self, layer):
        pass

    def load(self, buf, n, out):
        self.buf = buf
        self.n = n


class Hook:
    received = True
    sent = False
    name = direction = "test"

    def __init__(self, fn):
        self.fn = fn

    def count(self, verdict, touched):
        pass

    def failed(self, error):
        pass


@case("hook_drop")
def _hook(b):
    hooked.attach(b.iface, Hook(lambda packet: False), True, Packet)
    return echo()


@case("hook_drop_error")
def _hook_error(b):
    hooked.attach(b.iface, Hook(lambda packet: 1 // 0), True, Packet)
    return echo()


# ARP.
simple("arp_drop_malformed", arp(1, PEER_MAC, PEER, ZERO_MAC, ME)[:41])
simple("arp_drop_sender", arp(1, ALL, PEER, ZERO_MAC, ME, src=PEER_MAC))
simple("arp_drop_not_ours", arp(1, OTHER_MAC, OTHER, ZERO_MAC, PEER))
simple("arp_drop_unasked", arp(2, OTHER_MAC, OTHER, MAC, ME, dst=MAC))


@case("arp_drop_no_buffer")
def _arp_no_buffer(b):
    b.port.tx = lambda: None
    return arp(1, PEER_MAC, PEER, ZERO_MAC, ME)


@case("arp_queue_drop")
def _arp_queue(b):
    e = b.stack.udp.open()
    for _ in range(48):
        e.send(b"x", OTHER, 9)
    return lambda: e.send(b"x", OTHER, 9)


# IP.
PING = icmp(8, 0, 1, b"abcdefgh")
simple("ip_drop_short", eth(MAC, PEER_MAC, 0x0800, bytes([0x45]) + bytes(18)))
simple("ip_drop_version", echo(version=5))
simple("ip_drop_header_length", echo(ihl=4))
simple("ip_drop_total_length", echo(total=1000))
simple("ip_drop_checksum", echo(check=1))
simple("ip_drop_options", echo(options=b"\x07\x01\x00\x00"))
simple("ip_drop_source", echo(src=BROADCAST))
simple("ip_drop_link_broadcast", echo(mac=ALL))
simple("ip_drop_not_ours", echo(dst=OTHER))
simple("ip_drop_ttl", echo(ttl=0))
simple("ip_drop_fragment", ipv4(bytes(7), 17, frag=MF))
simple("ip_drop_protocol", ipv4(b"abcd", 99))


# Forwarding: the bench has a second interface, and no default route.
BEYOND = ip("10.1.0.9")


def router(b):
    port = Port(b"\x02\x00\x00\x00\x01\x01", 600)
    eth1 = b.stack.add(port, "eth1")
    eth1.set_address(ip("10.1.0.1"), 24)
    eth1.claim.hold()
    b.stack.ip.set_forwarding(True)
    b.stack.ip.routes.remove(0, 0, b.iface)
    b.poll(10 * S)
    b.meet()
    return port


def forwarded(name, frame):
    def make(b):
        router(b)
        return frame

    CASES[name] = make


forwarded("ip_fwd_drop_address", echo(dst=ip("169.254.1.1")))
forwarded("ip_fwd_drop_source", echo(src=FAR, dst=BEYOND))
forwarded("ip_fwd_drop_ttl", echo(dst=BEYOND, ttl=1))
forwarded("ip_fwd_drop_no_route", echo(dst=FAR))


@case("ip_fwd_drop_mtu")
def _fwd_mtu(b):
    port = router(b)
    port.inject(arp(1, OTHER_MAC, BEYOND, ZERO_MAC, ip("10.1.0.1")))
    b.poll()
    return echo(dst=BEYOND, payload=bytes(1000), frag=DF)


@case("ip_fwd_drop_no_buffer")
def _fwd_no_buffer(b):
    router(b).tx = lambda: None
    return echo(dst=BEYOND)


@case("ip_fwd_drop_host")
def _fwd_host(b):
    router(b)
    b.feed(echo(dst=BEYOND))
    b.poll(3 * S - 1000)
    return lambda: b.poll(2000)  # ARP has asked three times


# ICMP.
simple("icmp_drop_short", ipv4(b"abc", 1))
simple("icmp_drop_checksum", ipv4(icmp(8, 0, 1, check=1), 1))
simple("icmp_drop_code", ipv4(icmp(8, 5, 1), 1))
simple("icmp_drop_type", ipv4(icmp(13, 0, 1, bytes(12)), 1))
simple("icmp_drop_broadcast", echo(dst=NET_BROADCAST, mac=ALL))
simple("icmp_drop_quote", ipv4(icmp(3, 3, 0, bytes(28)), 1))
simple("icmp_drop_echo_id", ipv4(icmp(0, 0, 0x12340001), 1))


def quoting(code, inner, proto, word=0, flags=0):
    """ "Unreachable" about a datagram of ours to the peer."""
    return ipv4(icmp(3, code, word, ipv4(inner, proto, ME, PEER, frag=flags)[14:]), 1)


simple("icmp_drop_mtu", quoting(4, udp(b"x", 9, 5000, ME, PEER), 17, 500, DF))
simple("udp_drop_error", quoting(3, udp(b"x", 9, 5000, ME, PEER), 17))
simple("tcp_drop_error", quoting(3, struct.pack(">HHI", 5000, 80, 1), 6))


def pinging(b, n):
    ping = b.stack.icmp.pings.open()
    for seq in range(n):
        ping.send(PEER, seq, b"", b.now)
    b.take()
    return [ipv4(icmp(0, 0, ping.ident << 16 | seq), 1) for seq in range(n)]


@case("icmp_drop_echo_again")
def _echo_again(b):
    (reply,) = pinging(b, 1)
    b.feed(reply)
    return reply


@case("icmp_drop_echo_queue")
def _echo_queue(b):
    replies = pinging(b, 33)
    b.feed(*replies[:32])
    return replies[32]


# IGMP.
def report(message, ttl=1, src=PEER, check=None):
    check = sum16(message) if check is None else check
    message = message[:2] + struct.pack(">H", check) + message[4:]
    return ipv4(message, 2, src, 0xE0000001, ttl=ttl, mac=b"\x01\x00\x5e\x00\x00\x01")


V2_REPORT = struct.pack(">BBHI", 0x16, 0, 0, 0xEF000001)
simple("igmp_drop_short", report(V2_REPORT[:7]))
simple("igmp_drop_checksum", report(V2_REPORT, check=1))
simple("igmp_drop_ttl", report(V2_REPORT, ttl=2))
simple("igmp_drop_source", report(V2_REPORT, src=FAR))
simple("igmp_drop_type", report(struct.pack(">BBHI", 0x13, 0, 0, 0)))


# UDP.
simple("udp_drop_short", ipv4(b"abc", 17))
simple("udp_drop_length", ipv4(udp(b"abc", 9, length=7), 17))
simple("udp_drop_checksum", ipv4(udp(b"abc", 9, check=1), 17))
simple("udp_drop_port", udp_frame(b"abc", 0))
simple("udp_drop_no_endpoint", udp_frame(b"abc", 9))


@case("udp_drop_queue")
def _udp_queue(b):
    b.stack.udp.open(0, 9)
    b.feed(*[udp_frame(b"x", 9) for _ in range(32)])
    return udp_frame(b"x", 9)


@case("raw_drop_queue")
def _raw_queue(b):
    raw.of(b.stack).open(99)
    b.feed(*[ipv4(b"x", 99) for _ in range(32)])
    return ipv4(b"x", 99)


@case("packet_drop_queue")
def _packet_queue(b):
    packet.Endpoint(b.stack, 0x0806, b.iface)
    frame = arp(1, PEER_MAC, PEER, ZERO_MAC, ME)
    b.feed(*[frame] * 32)
    return frame


# TCP: the peer's port 4000 and our port 80.
def tcp(bits, seq, ack=0, data=b"", sport=4000, dport=80, wnd=65535, options=b"", **kw):
    off = kw.get("off", 5 + len(options) // 4)
    head = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, off << 4, bits, wnd, 0, 0) + options
    n = len(head) + len(data)
    check = kw.get("check", sum16(struct.pack(">IIHH", PEER, ME, 6, n) + head + data))
    return ipv4(head[:16] + struct.pack(">H", check) + head[18:] + data, 6)


def listen(b, backlog=4):
    return b.stack.tcp.listen(0, 80, backlog)


def connected(b, options=b"", sport=4000):
    """Have the peer connect; return (connection, our next number). The peer's next one is 101."""
    listener = b.stack.tcp.ports.listener(ME, 80) or listen(b)
    (answer,) = b.feed(tcp(SYN, 100, sport=sport, options=options))
    iss = struct.unpack(">I", answer.data[4:8])[0]
    if options:
        options = TS + struct.pack(">II", 1001, struct.unpack(">I", stamp_of(answer))[0])
    b.feed(tcp(ACK, 101, iss + 1 & 0xFFFFFFFF, sport=sport, options=options))
    c = listener.accept()
    assert c.state == 4
    return c, iss + 1 & 0xFFFFFFFF


def stamp_of(answer):
    at = 20
    while answer.data[at] != 8:
        at += 1 if answer.data[at] == 1 else answer.data[at + 1]
    return answer.data[at + 2 : at + 6]


simple("tcp_drop_malformed", tcp(SYN, 1, off=4))
simple("tcp_drop_checksum", tcp(SYN, 1, check=1))
simple("tcp_drop_port", tcp(SYN, 1, dport=0))
simple("tcp_drop_unknown", tcp(SYN, 1))


def listening(name, frame, backlog=4):
    def make(b):
        listen(b, backlog)
        return frame

    CASES[name] = make


listening("tcp_drop_flags", tcp(PSH, 1))
listening("tcp_drop_reset", tcp(RST, 1))


@case("tcp_drop_backlog")
def _backlog(b):
    listener = listen(b, 1)
    accept, listener.accept = listener.accept, lambda: c
    c = Fake()
    connected(b, sport=4001)
    listener.accept = accept
    return tcp(SYN, 100)


class Fake:
    state = 4


@case("tcp_drop_full")
def _full(b):
    listen(b)
    b.stack.tcp.full = lambda: True
    return tcp(SYN, 100)


def within(name, make):
    """On a connection: make(our next number) is the frame."""

    def prepare(b):
        return make(connected(b)[1])

    CASES[name] = prepare


within("tcp_drop_no_ack", lambda nxt: tcp(PSH, 101, data=b"x"))
within("tcp_drop_ack", lambda nxt: tcp(ACK, 101, nxt + 1000 & 0xFFFFFFFF))
within("tcp_drop_window", lambda nxt: tcp(ACK, 101 + 70000, nxt, b"x"))


@case("tcp_drop_no_room")
def _no_room(b):
    c, nxt = connected(b)
    seq = 101
    left = c.rx.limit
    while left:
        n = min(left, 1400)
        b.feed(tcp(ACK, seq, nxt, bytes(n)))
        seq += n
        left -= n
    b.poll(S)
    assert c.rcv_adv == c.rcv_nxt
    return tcp(ACK, seq, nxt, b"x")


@case("tcp_drop_after_fin")
def _after_fin(b):
    c, nxt = connected(b)
    b.feed(tcp(ACK | FIN, 101, nxt))
    return tcp(ACK, 102, nxt, b"x")


@case("tcp_drop_timewait")
def _timewait(b):
    c, nxt = connected(b)
    c.close()
    b.poll()
    b.feed(tcp(ACK | FIN, 101, nxt + 1 & 0xFFFFFFFF))
    assert b.stack.tcp.timewait.count == 1
    return tcp(RST, 102)


@case("tcp_drop_paws")
def _paws(b):
    c, nxt = connected(b, TS + struct.pack(">II", 1000, 0))
    return tcp(ACK, 101, nxt, b"x", options=TS + struct.pack(">II", 900, 0))


@case("tcp_drop_no_ts")
def _no_ts(b):
    c, nxt = connected(b, TS + struct.pack(">II", 1000, 0))
    return tcp(ACK, 101, nxt, b"x")


@case("tcp_drop_ranges")
def _ranges(b):
    c, nxt = connected(b)
    seq = 103
    while not b.counters.tcp_drop_ranges:  # find out how many there may be
        b.feed(tcp(ACK, seq, nxt, b"x"))
        seq += 2
    b.counters.tcp_drop_ranges = 0
    return tcp(ACK, seq, nxt, b"x")


@case("tcp_drop_memory")
def _memory(b):
    c, nxt = connected(b)

    def full(*args):
        raise MemoryError

    class Full:
        limit = c.rx.limit
        len = 0
        append = put = full

    c.rx = Full()
    return tcp(ACK, 101, nxt, b"x")


# DHCP.
def dhcp_message(xid, kind, yiaddr, options=b"", mac=MAC):
    head = struct.pack(">BBBBIHHIIII", 2, 1, 6, 0, xid, 0, 0, 0, yiaddr, 0, 0)
    head += mac + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63\x35\x01" + bytes([kind])
    return head + options + b"\xff"


def asking(b):
    """A client that asks; returns its transaction's number."""
    client = dhcp_client.Client(b.stack, b.iface)
    client.start(b.now)
    b.poll()
    found = [p for p in b.take() if p.proto == 17 and p.dport == 67]
    return struct.unpack(">I", found[0].payload[4:8])[0]


def answer(message):
    return udp_frame(message, 68, 67)


@case("dhcp_drop_malformed")
def _dhcp_malformed(b):
    asking(b)
    return answer(b"x")


@case("dhcp_drop_stray")
def _dhcp_stray(b):
    return answer(dhcp_message(asking(b) ^ 1, 2, OTHER, b"\x36\x04\x0a\x00\x00\x02"))


@case("dhcp_drop_unusable")
def _dhcp_unusable(b):
    return answer(dhcp_message(asking(b), 2, 0x7F000001, b"\x36\x04\x0a\x00\x00\x02"))


# DNS.
def looking_up(b):
    resolver = Resolver(b.stack)
    resolver.servers.append(PEER)
    resolver.query("example.org", dns.A)
    b.poll()
    (asked,) = [p for p in b.take() if p.proto == 17]
    return asked


@case("dns_drop_malformed")
def _dns_malformed(b):
    asked = looking_up(b)
    return udp_frame(asked.payload[:2] + b"\x81\x80\x00\x01", asked.sport, 53)


@case("dns_drop_mismatch")
def _dns_mismatch(b):
    asked = looking_up(b)
    wrong = bytes([asked.payload[0] ^ 1]) + asked.payload[1:2] + b"\x81\x80"
    return udp_frame(wrong + asked.payload[4:], asked.sport, 53)


# mDNS.
def speaking(b):
    service = Mdns(Resolver(b.stack), "board")
    service.add(b.iface)
    b.poll(10 * S)
    b.port.sent = []
    b.meet()


def mdns_frame(message, sport=5353, src=PEER, dst=GROUP):
    mac = GROUP_MAC if dst == GROUP else MAC
    return udp_frame(message, 5353, sport, src, dst, ttl=255, mac=mac)


def spoken(name, frame):
    def make(b):
        speaking(b)
        return frame

    CASES[name] = make


RESPONSE = b"\x00\x00\x84\x00" + bytes(8)
spoken("mdns_drop_malformed", mdns_frame(b"x"))
spoken("mdns_drop_far", mdns_frame(RESPONSE, src=FAR, dst=ME))
spoken("mdns_drop_port", mdns_frame(RESPONSE, sport=5000))


@case("mdns_drop_down")
def _mdns_down(b):
    speaking(b)
    b.port.carrier = False
    b.poll()
    frame = memoryview(bytearray(mdns_frame(RESPONSE)))
    return lambda: b.iface.input(frame, len(frame))


# Of these a device must say more than that a frame came: tests/wire/test_offload.py.
ELSEWHERE = {"ip_fwd_drop_offload"}


def test_each_reason_has_its_counter():
    wrong = []
    for name, make in CASES.items():
        b = Bench()
        frame = make(b)
        before = b.counters.as_dict()
        if callable(frame):
            frame()
        else:
            assert b.port.inject(frame), name
            b.poll()
        after = b.counters.as_dict()
        went_up = {key: after[key] - before.get(key, 0) for key in after if "drop" in key}
        went_up = {key: n for key, n in went_up.items() if n}
        if went_up != {name: 1} or b.stack.last_bug is not None:
            wrong.append((name, went_up, b.stack.last_bug))
    assert not wrong, wrong


def test_no_counter_is_left_out():
    names = LINK + ARP + IP + ICMP + UDP + TCP + DNS + packet.COUNTERS + raw.COUNTERS
    names += forwarding.COUNTERS + igmp.COUNTERS + mdns_service.COUNTERS
    names += dhcp_client.COUNTERS + dhcp_sender.COUNTERS + ("tap_drop_in", "tap_drop_out")
    names += hooked.COUNTERS
    drops = {name for name in names if "drop" in name}
    assert drops == set(CASES) | ELSEWHERE, drops ^ (set(CASES) | ELSEWHERE)
