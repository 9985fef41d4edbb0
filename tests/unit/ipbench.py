# Frostnet: one stack on a bench: frames by hand in, frames out, for the tests of the IP layers
# MIT license; Copyright (c) 2026 The Frostnet authors

# Frames are built and taken apart here without the stack's own code, so that an error in it
# cannot hide itself.

import gc
import struct

from frostnet.stack import Stack
from simwire import Port, Rng

MAC = b"\x02\x00\x00\x00\x00\x01"
PEER_MAC = b"\x02\x00\x00\x00\x00\x02"
ROUTER_MAC = b"\x02\x00\x00\x00\x00\xfe"
ALL = b"\xff\xff\xff\xff\xff\xff"
ZERO_MAC = bytes(6)


def ip(text):
    a, b, c, d = text.split(".")
    return int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)


ME = ip("10.0.0.1")
PEER = ip("10.0.0.2")
ROUTER = ip("10.0.0.254")
OTHER = ip("10.0.0.77")
FAR = ip("192.0.2.33")
NET_BROADCAST = ip("10.0.0.255")
BROADCAST = 0xFFFFFFFF


def noise(rng, n):
    return bytes(rng.below(256) for _ in range(n))


def sum16(data, start=0):
    """The checksum as RFC 1071 §4.1 writes it: word by word."""
    total = start
    for i in range(0, len(data) - 1, 2):
        total += data[i] << 8 | data[i + 1]
    if len(data) & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def eth(dst, src, ethertype, payload):
    return dst + src + struct.pack(">H", ethertype) + payload


def arp(oper, sha, spa, tha, tpa, dst=ALL, src=None):
    return eth(
        dst, src or sha, 0x0806, struct.pack(">HHBBH", 1, 0x0800, 6, 4, oper)
        + sha + struct.pack(">I", spa) + tha + struct.pack(">I", tpa),
    )  # fmt: skip


def ipv4(
    payload, proto, src=PEER, dst=ME, *, ttl=64, options=b"", total=None, ihl=None, version=4,
    frag=0, check=None, ident=0, mac=MAC, smac=PEER_MAC, pad=b"",
):  # fmt: skip
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    total = 20 + len(options) + len(payload) if total is None else total
    head = struct.pack(
        ">BBHHHBBHII", version << 4 | ihl, 0, total, ident, frag, ttl, proto, 0, src, dst
    )
    head += options
    check = sum16(head[: max(ihl, 5) * 4]) if check is None else check
    head = head[:10] + struct.pack(">H", check) + head[12:]
    return eth(mac, smac, 0x0800, head + payload + pad)


def icmp(kind, code=0, word=0, payload=b"", check=None):
    data = struct.pack(">BBHI", kind, code, 0, word) + payload
    check = sum16(data) if check is None else check
    return data[:2] + struct.pack(">H", check) + data[4:]


def udp(payload, dport, sport=1000, src=PEER, dst=ME, length=None, check=None):
    length = 8 + len(payload) if length is None else length
    data = struct.pack(">HHHH", sport, dport, length, 0) + payload
    if check is None:
        check = sum16(struct.pack(">IIHH", src, dst, 17, length) + data) or 0xFFFF
    return data[:6] + struct.pack(">H", check) + data[8:]


def udp_frame(payload, dport, sport=1000, src=PEER, dst=ME, **kw):
    return ipv4(udp(payload, dport, sport, src, dst), 17, src, dst, **kw)


def echo(seq=1, payload=b"abcdefgh", ident=0x1234, **kw):
    return ipv4(icmp(8, 0, ident << 16 | seq, payload), 1, **kw)


class Packet:
    """A frame that the stack sent, taken apart; checksums are verified on the way."""

    def __init__(self, frame):
        self.frame = frame
        self.to = frame[:6]
        self.mac = frame[6:12]
        self.type = struct.unpack(">H", frame[12:14])[0]
        if self.type == 0x0806:
            self.arp = struct.unpack(">HHBBH6sI6sI", frame[14:42])
            self.oper, self.sha, self.spa, self.tha, self.tpa = self.arp[4:]
        elif self.type == 0x0800:
            h = struct.unpack(">BBHHHBBHII", frame[14:34])
            self.first, _, self.total, self.ident, self.frag, self.ttl, self.proto = h[:7]
            self.src, self.dst = h[8:]
            assert self.first == 0x45, "version or options"
            assert self.total == len(frame) - 14, "total length"
            assert sum16(frame[14:34]) == 0, "header checksum"
            self.data = frame[34:]
            if self.frag & 0x3FFF:
                return  # a fragment
            if self.proto == 1:
                assert sum16(self.data) == 0, "ICMP checksum"
            elif self.proto == 17:
                self.sport, self.dport, n, check = struct.unpack(">HHHH", self.data[:8])
                assert n == len(self.data), "UDP length"
                assert check, "UDP checksum missing"
                pseudo = struct.pack(">IIHH", self.src, self.dst, 17, n)
                assert sum16(pseudo + self.data) == 0, "UDP checksum"
                self.payload = self.data[8:]


def whole(packets):
    """The payload of the datagram of which `packets` are all fragments, in order."""
    data = b""
    for p in packets:
        assert p.ident == packets[0].ident and p.proto == packets[0].proto
        assert (p.frag & 0x1FFF) << 3 == len(data), "a hole, an overlap or out of order"
        assert bool(p.frag & 0x2000) == (p is not packets[-1]), "more fragments"
        data += p.data
    return data


class Bench:
    """A stack at 10.0.0.1/24 with a router at .254; the peer .2 is known by ARP."""

    def __init__(self, address="10.0.0.1", prefix=24, know=True, seed=1):
        self.now = 1_000_000
        self.rng = Rng(seed)
        self.port = Port(MAC)
        self.stack = Stack(self.rng.getrandbits, self.now)
        self.stack.strict = True
        self.iface = self.stack.add(self.port, "eth0")
        self.counters = self.stack.counters
        if address:
            self.iface.set_address(ip(address), prefix)
            self.iface.claim.hold()  # no probes in between
            self.stack.ip.routes.set_default(self.iface, ROUTER)
        self.poll()
        self.port.sent = []
        if know:
            self.meet()

    def poll(self, us=0):
        """Let `us` µs pass, polling at every deadline; return the next one."""
        end = self.now + us
        while True:
            when = self.stack.poll(self.now)
            if when is None or when > end:
                break
            assert when >= self.now or self.port.arm(), "deadline in the past"
            self.now = max(when, self.now)
        if self.now < end:
            self.now = end
            when = self.stack.poll(end)
        return when

    def meet(self, addr=PEER, mac=PEER_MAC):
        """Have the stack and `addr` know each other."""
        self.feed(arp(1, mac, addr, ZERO_MAC, ME))

    def feed(self, *frames):
        """Receive frames and return what the stack answered, as Packets."""
        self.take()
        for frame in frames:
            self.port.inject(frame)
        self.poll()
        return self.take()

    def take(self):
        """Return what was sent since the last time."""
        sent = [Packet(f) for f in self.port.sent]
        self.port.sent = []
        return sent

    def one(self, *frames):
        """Feed, and expect exactly one answer."""
        answers = self.feed(*frames)
        assert len(answers) == 1, "%d answers" % len(answers)
        return answers[0]

    def drops(self, name, *frames):
        """Feed what must be dropped in silence, each counted under `name` and nowhere else."""
        before = self.counters.as_dict()
        answers = self.feed(*frames)
        assert not answers, "answered: %s" % answers[0].frame
        after = self.counters.as_dict()
        for key in after:
            if "drop" in key:
                expected = before[key] + (len(frames) if key == name else 0)
                assert after[key] == expected, "%s: %d not %d" % (key, after[key], expected)
        self.well()

    def well(self):
        """The host is alive: a ping is answered, no exception was caught."""
        answer = self.one(echo(99))
        assert answer.proto == 1 and answer.data[0] == 0 and answer.dst == PEER
        assert self.stack.last_bug is None


def heap():
    gc.collect()
    return gc.mem_free()


def raises(errno, fn, *args):
    try:
        fn(*args)
    except OSError as e:
        assert e.errno == errno, "errno %d, not %d" % (e.errno, errno)
    else:
        assert False, "no OSError"
