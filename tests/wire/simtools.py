# Frostnet: what the tests on the virtual wire share: programs for the hosts, eyes on the wire
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp import states
from simnet import Sim

SECOND = 1000000
MINUTE = 60 * SECOND


def pattern(n, seed=1):
    """n bytes in which every place can be told from every other."""
    out = bytearray(n)
    x = seed * 2654435761 & 0xFFFFFFFF | 1
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0xFFFFFFFF
        out[i] = x >> 16 & 0xFF
    return bytes(out)


def two_hosts(seed=1, delay=5000, **wire):
    """(simulation, a, b): 10.0.0.1 and 10.0.0.2 on one wire that a Watch looks at."""
    sim = Sim(seed=seed, delay=delay, **wire)
    a = sim.host(1, "10.0.0.1/24", name="a")
    b = sim.host(2, "10.0.0.2/24", name="b")
    sim.watch = Watch(sim.default)
    return sim, a, b


def address(host):
    return host.iface.addr


def be16(b, at):
    return b[at] << 8 | b[at + 1]


def be32(b, at):
    return be16(b, at) << 16 | be16(b, at + 2)


def ones_sum(data, total=0):
    """The Internet checksum's sum, the slow and obvious way: 0xFFFF over correct data."""
    for i in range(0, len(data) - 1, 2):
        total += data[i] << 8 | data[i + 1]
    if len(data) & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Watch:
    """Looks at every frame that a stack sends: formats, checksums, TCP's windows.

    It knows nothing of the stack's code. An AssertionError ends the run.
    """

    def __init__(self, wire):
        self.wire = wire
        self.edges = {}  # right edge of the window that was offered, by (address, port, port)
        self.segments = 0
        self.bytes = 0  # of TCP payload
        self.inner = None  # another filter, which sees the frame next
        wire.filter = self.see

    def see(self, frame, src):
        kind = be16(frame, 12)
        assert frame[6:12] == src.mac, "foreign source address"
        if kind == 0x0800:
            self.ip(frame)
        else:
            assert kind == 0x0806, "EtherType %04x" % kind
            assert len(frame) >= 42 and frame[14:20] == b"\x00\x01\x08\x00\x06\x04"
        return self.inner(frame, src) if self.inner else frame

    def ip(self, f):
        assert f[14] == 0x45, "version, header length"
        total = be16(f, 16)
        assert 20 <= total <= len(f) - 14, "total length"
        assert ones_sum(f[14:34]) == 0xFFFF, "IP header checksum"
        assert f[22], "TTL"
        body = f[34 : 14 + total]
        proto = f[23]
        if proto == 1:
            assert ones_sum(body) == 0xFFFF, "ICMP checksum"
            return
        total = ones_sum(f[26:34], proto + len(body))
        if proto == 17:
            assert be16(body, 4) == len(body), "UDP length"
            assert be16(body, 6) and ones_sum(body, total) == 0xFFFF, "UDP checksum"
        elif proto == 6:
            assert ones_sum(body, total) == 0xFFFF, "TCP checksum"
            self.tcp(be32(f, 26), be32(f, 30), body)

    def tcp(self, src, dst, t):
        sport, dport, seq = be16(t, 0), be16(t, 2), be32(t, 4)
        flags = t[13]
        header = (t[12] >> 4) * 4
        assert 20 <= header <= len(t), "data offset"
        n = len(t) - header
        self.segments += 1
        self.bytes += n
        if flags & 0x16 == 0x10:  # neither SYN nor RST, with ACK
            edge = self.edges.get((dst, dport, sport))
            if edge is not None and n > 1:  # one byte may probe a closed window
                beyond = (seq + n - edge) & 0xFFFFFFFF
                assert beyond == 0 or beyond >> 31, "%d bytes beyond the window" % beyond
        if flags & 0x10 and not flags & 4:
            edge = (be32(t, 8) + be16(t, 14)) & 0xFFFFFFFF
            key = (src, sport, dport)
            old = self.edges.get(key)
            if old is not None and not flags & 2:
                back = (old - edge) & 0xFFFFFFFF
                # A reordered, older segment is not sent again by a stack: the edge never moves
                # back (RFC 9293 §3.8.6.2.1).
                assert back == 0 or back >> 31, "window moved back by %d" % back
            self.edges[key] = edge


class Transfer:
    """Programs that send `data` from host a to host b, which listens. Both close."""

    def __init__(self, sim, a, b, data, port=80, read=65536, pause=0, back=b""):
        self.sim = sim
        self.data = data
        self.back = back  # what the listener sends meanwhile
        self.got = bytearray()
        self.got_back = bytearray()
        self.read = read  # bytes taken at a time
        self.pause = pause  # µs between two reads
        self.listener = b.stack.tcp.listen(0, port, 4)
        self.client = a.stack.tcp.connect(address(b), port)
        self.server = None
        self.errors = []
        sim.go(self.active())
        sim.go(self.passive())

    def active(self):
        c = self.client
        while c.state in (states.SYN_SENT, states.SYN_RECEIVED):
            yield
        yield from self.both(c, self.data, self.got_back)

    def passive(self):
        while not self.server:
            self.server = self.listener.accept()
            if not self.server and self.client.error:
                return
            yield
        self.listener.close()
        yield from self.both(self.server, self.back, self.got)

    # Send all of `data` and read to the end, then close.
    def both(self, c, data, got):
        data = memoryview(data)
        sent = 0
        shut = False
        buf = bytearray(self.read)
        next_read = 0
        while True:
            if c.error:
                self.errors.append(c.error)
                c.close()
                return
            moved = 0
            if sent < len(data):
                moved = c.send(data, sent, len(data) - sent)
                sent += moved
            elif not shut:
                shut = True
                c.shutdown()
            if self.sim.now >= next_read:
                n = c.recv_into(buf, 0, len(buf))
                got.extend(memoryview(buf)[:n])
                moved += n
                if n and self.pause:
                    next_read = self.sim.now + self.pause
                if not n and c.eof and shut:
                    break
            if not moved:
                yield next_read if next_read > self.sim.now else None
        c.close()

    def run(self, limit=10 * MINUTE):
        """Run to the end; everything must have arrived."""
        sim = self.sim
        sim.run_until(lambda: not sim.programs, limit, "the end of the transfer")
        assert not self.errors, self.errors
        assert self.got == self.data, "%d of %d bytes" % (len(self.got), len(self.data))
        assert self.got_back == self.back
