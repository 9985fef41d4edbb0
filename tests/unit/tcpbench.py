# Frostnet: one TCP on a bench: segments by hand in, segments out, at times that the test says
# MIT license; Copyright (c) 2026 The Frostnet authors

# Segments are built and taken apart here without the stack's own code. Numbers in tests are
# relative: our ISS and the peer's are 0, so that "our first byte" is 1, and the bench adds what
# ISS and PEER_ISS say. Running a test with numbers near 2**32 is a matter of another bench.

import struct

from frostnet.counters import Counters
from frostnet.tcp.protocol import TCP
from frostnet.tcp.states import NAMES
from frostnet.timers import Timers
from simwire import Rng

ME = 0x0A000001
PEER = 0x0A000002
PORT = 80  # ours when we listen, the peer's when we connect
PEER_PORT = 4000

FLAGS = "FSRPAUEC"
MASK = 0xFFFFFFFF
_OFF = 34


def sum16(data):
    if len(data) & 1:
        data = data + b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def pseudo(src, dst, n):
    return struct.pack(">IIBBH", src, dst, 0, 6, n)


class Path:
    """Lends one buffer and keeps what is sent. With `bench.tso` it has that cut into segments."""

    def __init__(self, bench, dst, src):
        self.bench = bench
        self.dst = dst
        self.src = src or ME
        self.pseudo = (self.src >> 16) + (self.src & 0xFFFF) + (dst >> 16) + (dst & 0xFFFF)
        self.off = _OFF
        self.mtu = bench.mtu
        self.csum = bool(bench.tso)
        self.buf = memoryview(bytearray(14 + (bench.tso or bench.mtu)))

    def begin(self):
        if self.bench.unreachable:
            raise OSError(self.bench.unreachable)
        return self.buf if self.bench.tx_room else None

    def doubt(self):
        self.bench.doubts += 1

    def renew(self):
        self.mtu = min(self.mtu, self.bench.mtu)

    def send(self, proto, n, csum_off):
        bench = self.bench
        assert proto == 6 and csum_off == -1 and 20 <= n
        if n > self.mtu - 20:
            raise OSError(90)
        bench.tx_room -= 1
        raw = bytes(self.buf[_OFF : _OFF + n])
        assert sum16(pseudo(self.src, self.dst, n) + raw) == 0, "checksum"
        assert raw[18:20] == b"\0\0", "urgent pointer"
        bench.raw.append((self.dst, raw))

    def most(self, head, size):
        room = self.bench.tso - 20 - head
        return max(room - room % size, size)

    def send_partial(self, proto, n, csum_off, head=0, size=0):
        bench = self.bench
        assert proto == 6 and csum_off == 16 and self.csum
        assert n + 20 <= (bench.tso if size else self.mtu) and head + size + 20 <= self.mtu
        bench.tx_room -= 1
        bench.sends.append(n)
        raw = bytes(self.buf[_OFF : _OFF + n])
        assert head == raw[12] >> 4 << 2, "header"
        bench.raw.append((self.dst, raw))


class IP:
    def __init__(self, bench):
        self.bench = bench
        self.owners = {ME: None}
        self.routes = self
        self.generation = 0

    def register(self, proto, handler, sums):
        assert proto == 6 and sums

    def path(self, dst, src=None, iface=None, df=True):
        if self.bench.no_route:
            raise OSError(101)
        return Path(self.bench, dst, src)


class Seg:
    """A segment as a test writes it. None matches anything.

    `options` of one that was sent are those of tcp_options(); MSS and timestamps apart.
    """

    def __init__(
        self,
        flags,
        seq,
        ack=None,
        data=None,
        wnd=None,
        mss=None,
        ts=None,
        sacks=None,
        options=None,
    ):
        self.flags = flags
        self.seq = seq
        self.ack = ack
        self.data = data
        self.wnd = wnd
        self.mss = mss
        self.ts = ts  # (value, echo)
        self.sacks = sacks  # [(left, right)], relative to the peer's ISS
        self.options = options

    def __repr__(self):
        text = "<%s seq=%s ack=%s" % (self.flags, self.seq, self.ack)
        if self.data:
            text += " %d bytes" % len(self.data)
        if self.mss is not None:
            text += " mss=%d" % self.mss
        if self.ts is not None:
            text += " ts=%s" % (self.ts,)
        if self.sacks:
            text += " sacks=%s" % self.sacks
        return text + " wnd=%s>" % self.wnd

    def matches(self, got):
        if (self.flags, self.seq, self.data or b"") != (got.flags, got.seq, got.data):
            return False
        if "A" in self.flags and self.ack is not None and self.ack != got.ack:
            return False
        for name in ("wnd", "mss", "ts", "sacks"):
            want = getattr(self, name)
            if want is not None and want != getattr(got, name):
                return False
        return True


def tcp_options(raw):
    """{kind: value} of a header's options; an AssertionError if they are not as they should be."""
    found = {}
    at = 0
    while at < len(raw):
        kind = raw[at]
        if kind == 1:
            at += 1
            continue
        assert kind and kind not in found, raw
        n = raw[at + 1]
        assert 2 <= n <= len(raw) - at, raw
        found[kind] = bytes(raw[at + 2 : at + n])
        at += n
    assert at == len(raw), raw
    return found


class Bench:
    """A TCP with one peer. `now` moves by `run`; what is sent collects until `expect`."""

    def __init__(self, iss=1000, peer_iss=5000, mtu=1500, now=1000000, tso=0):
        self.iss = iss
        self.peer_iss = peer_iss
        self.mtu = mtu
        self.tso = tso
        self.sends = []  # bytes of each large segment
        self.now = now
        self.rng = Rng(7)
        self.raw = []
        self.tx_room = 1 << 30
        self.unreachable = 0
        self.no_route = False
        self.doubts = 0
        self.timers = Timers()
        self.counters = Counters()
        self.ip = IP(self)
        self.tcp = TCP(self)
        self.tcp.isn = lambda *tuple: self.iss & 0xFFFFFFFF
        self.port = PORT
        self.peer_port = PEER_PORT
        self.c = None

    def rand(self, bits):
        return self.rng.bits() & ((1 << bits) - 1)

    # Peer to us.

    def segment(
        self, flags, seq=0, ack=0, data=b"", wnd=65535, mss=None, options=b"", urg=0, ts=None
    ):
        """The bytes of a segment from the peer."""
        if ts is not None:
            options = struct.pack(">III", 0x0101080A, ts[0] & MASK, ts[1] & MASK) + options
        if mss is not None:
            options += struct.pack(">BBH", 2, 4, mss)
        while len(options) & 3:
            options += b"\0"
        bits = sum(1 << FLAGS.index(f) for f in flags)
        raw = bytearray(
            struct.pack(
                ">HHIIBBHHH",
                self.peer_port, self.port, (self.peer_iss + seq) & 0xFFFFFFFF,
                (self.iss + ack) & 0xFFFFFFFF if "A" in flags else 0,
                (20 + len(options)) << 2, bits, wnd, 0, urg,
            )
            + options + data
        )  # fmt: skip
        self.checksum(raw)
        return raw

    def checksum(self, raw, src=PEER):
        raw[16:18] = b"\0\0"
        raw[16:18] = struct.pack(">H", sum16(pseudo(src, ME, len(raw)) + bytes(raw)))

    def inject(self, raw, src=PEER, dst=ME):
        """`raw` arrives; nothing is sent yet but what cannot wait."""
        frame = bytearray(b"\xee" * _OFF) + raw + b"\xee" * 8
        self.tcp.input(None, memoryview(frame), _OFF, _OFF + len(raw), src, dst)

    def rx(self, flags, seq=0, ack=0, data=b"", **more):
        """A segment arrives, and the batch ends."""
        self.inject(self.segment(flags, seq, ack, data, **more))
        self.poll()

    def poll(self):
        self.tcp.output_pending(self.now)
        timer = self.timers.pop(self.now)
        while timer:
            timer.fn(self.now)
            timer = self.timers.pop(self.now)
        self.tcp.output_pending(self.now)

    def run(self, us):
        """Let time pass, timer by timer."""
        end = self.now + us
        while True:
            when = self.timers.next()
            if when is None or when > end:
                break
            self.now = max(self.now, when)
            self.poll()
        self.now = end
        self.poll()

    # We to the peer.

    def sent(self):
        """What was sent since the last time, as a list of Seg."""
        out = []
        for dst, raw in self.raw:
            assert dst == PEER
            sport, dport, seq, ack, hlen, bits, wnd = struct.unpack(">HHIIBBH", raw[:16])
            assert (sport, dport) == (self.port, self.peer_port), (sport, dport)
            hlen >>= 2
            flags = "".join(f for i, f in enumerate(FLAGS) if bits >> i & 1)
            options = tcp_options(raw[20:hlen])
            assert (2 in options) == ("S" in flags), "MSS in SYNs and nowhere else"
            mss = ts = None
            if 2 in options:
                mss = struct.unpack(">H", options[2])[0]
            if 8 in options:
                ts = struct.unpack(">II", options[8])
            edges = options.get(5, b"")
            edges = [
                self.relative(n, self.peer_iss)
                for n in struct.unpack(">%dI" % (len(edges) // 4), edges)
            ]
            sacks = [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2)]
            seq = self.relative(seq, self.iss)
            if "A" in flags:
                ack = self.relative(ack, self.peer_iss)
            out.append(Seg(flags, seq, ack, raw[hlen:], wnd, mss, ts, sacks, options))
        self.raw = []
        return out

    def relative(self, number, base):
        number = (number - base) & 0xFFFFFFFF
        return number - (1 << 32) if number >> 31 else number

    def expect(self, *segs):
        """Exactly these segments were sent."""
        got = self.sent()
        ok = len(got) == len(segs)
        for want, have in zip(segs, got):
            ok = ok and want.matches(have)
        assert ok, "expected %s\ngot %s" % (segs, got)
        return got

    def silent(self):
        self.expect()

    @property
    def state(self):
        return NAMES[self.c.state]

    def write(self, data):
        return self.c.send(memoryview(data), 0, len(data))

    def read(self, n=65536):
        n = min(n, self.c.available())
        buf = bytearray(n)
        return bytes(buf[: self.c.recv_into(memoryview(buf), 0, n)])


# One fixture for each state. The peer's window is 65535, its MSS 1460, nothing is unanswered.


def listen(backlog=4, **options):
    b = Bench(**options)
    b.listener = b.tcp.listen(0, PORT, backlog)
    return b


def connect(b):
    b.port = 0
    b.c = b.tcp.connect(PEER, PORT)
    b.port = b.c.ports >> 16
    b.peer_port = PORT
    return b


def syn_sent(**options):
    b = connect(Bench(**options))
    b.expect(Seg("S", 0, mss=b.mtu - 40))
    assert b.state == "SYN_SENT"
    return b


def syn_received(mss=1460, wnd=65535, **options):
    b = listen(**options)
    b.rx("S", 0, mss=mss, wnd=wnd)
    b.expect(Seg("SA", 0, 1, mss=b.mtu - 40))
    b.c = next(b.tcp.connections())
    assert b.state == "SYN_RECEIVED"
    return b


def established(wnd=65535, **options):
    b = syn_received(wnd=wnd, **options)
    b.rx("A", 1, 1, wnd=wnd)
    b.silent()
    c = b.listener.accept()
    assert c is b.c and b.state == "ESTABLISHED"
    return b


def fin_wait_1(**options):
    b = established(**options)
    b.c.shutdown()
    b.expect(Seg("FA", 1, 1))
    assert b.state == "FIN_WAIT_1"
    return b


def fin_wait_2(**options):
    b = fin_wait_1(**options)
    b.rx("A", 1, 2)
    b.silent()
    assert b.state == "FIN_WAIT_2"
    return b


def close_wait(**options):
    b = established(**options)
    b.rx("FA", 1, 1)
    b.expect(Seg("A", 1, 2))
    assert b.state == "CLOSE_WAIT"
    return b


def closing(**options):
    b = fin_wait_1(**options)
    b.rx("FA", 1, 1)
    b.expect(Seg("A", 2, 2))
    assert b.state == "CLOSING"
    return b


def last_ack(**options):
    b = close_wait(**options)
    b.c.shutdown()
    b.expect(Seg("FA", 1, 2))
    assert b.state == "LAST_ACK"
    return b


def time_wait(**options):
    b = fin_wait_2(**options)
    b.rx("FA", 1, 2)
    b.expect(Seg("A", 2, 2))
    assert b.state == "TIME_WAIT"
    return b


STATES = {
    "SYN_SENT": syn_sent,
    "SYN_RECEIVED": syn_received,
    "ESTABLISHED": established,
    "FIN_WAIT_1": fin_wait_1,
    "FIN_WAIT_2": fin_wait_2,
    "CLOSE_WAIT": close_wait,
    "CLOSING": closing,
    "LAST_ACK": last_ack,
    "TIME_WAIT": time_wait,
}
