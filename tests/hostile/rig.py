# Frostnet: hostile frames: a host behind its virtio card, and the rule that holds for every test
# MIT license; Copyright (c) 2026 The Frostnet authors

# The host runs a web server and an echo server on the real stack, behind the real driver on a
# device that insists on virtio's rules. The tests are the network: they speak in frames, see
# every frame that leaves, and own the clock.

import gc
import sys

sys.path.append("tests/unit")

from fake_board import Board
from fake_virtio import Net

board = Board().install()
gc.threshold(1 << 20)  # as on the board

import frames as f  # noqa: E402
from frostnet import ring  # noqa: E402
from frostnet.dns import Resolver  # noqa: E402
from frostnet.stack import Stack  # noqa: E402
from frostnet.tcp import flight  # noqa: E402
from frostnet.tcp import states  # noqa: E402
from services import REPLY, Services  # noqa: E402
from simwire import Rng  # noqa: E402
from virtio import cards  # noqa: E402

SECOND = 1000000
MINUTE = 60 * SECOND
_SPIN = 2000  # polls without the time passing
_CALM = 400 * SECOND  # after this nothing of the past may be left
_HEAP = 2048


class Rig:
    """The host, 10.0.0.1/24 with a default route, and the network around it.

    `send(frame, …)` delivers frames and returns what the host answered, as Packets. Stations in
    `stations` answer ARP requests; that traffic is not in the answers.
    """

    def __init__(self, version=1, addr=f.ME, seed=1):
        board.reset()
        self.device = board.plug(31, Net(version))
        (self.card,) = cards.find()
        self.rng = Rng(seed)
        self.now = SECOND
        self.stack = stack = Stack(self.rng.getrandbits, self.now)
        stack.strict = True
        self.iface = stack.add(self.card, "eth0")
        self.stations = {f.PEER: f.PEER_MAC, f.ROUTER: f.ROUTER_MAC}
        self.arps = []  # whom the host asked for by ARP
        self.port = 20000  # the next client's
        self.services = Services(stack)
        self.dns = Resolver(stack)
        self.dns.servers = [f.PEER]
        if addr:
            self.iface.set_address(addr, 24)
            stack.ip.routes.set_default(self.iface, f.ROUTER)
        self.counters = stack.counters
        self.poll()

    # Time and frames.

    def poll(self):
        """Let the host work at this time until it has nothing to do; returns its Packets."""
        out = []
        stack = self.stack
        for _ in range(_SPIN):
            when = stack.poll(self.now)
            busy = self.services.run()
            stack.flush()
            self.device.notifications.clear()
            sent = self.device.sent
            if sent:
                self.device.sent = []
                for frame in sent:
                    busy = self._sent(f.Packet(frame), out) or busy
            if not busy and not stack.pending() and (when is None or when > self.now):
                self.deadline = when
                return out
        raise AssertionError("the host asks to be polled for ever")

    # True if the network answers at once.
    def _sent(self, packet, out):
        if packet.kind == f.ARP and packet.op == 1:
            self.arps.append(packet.tpa)
            mac = self.stations.get(packet.tpa)
            if mac and packet.spa != packet.tpa:
                reply = f.arp(2, f.ME_MAC, mac, sha=mac, spa=packet.tpa, tha=f.ME_MAC,
                              tpa=packet.spa)  # fmt: skip
                assert self.device.deliver(reply)
                return True
            return False
        out.append(packet)
        return False

    def send(self, *frames):
        """Frames arrive one after the other; returns what they were answered with."""
        out = []
        for frame in frames:
            while not self.device.deliver(frame):
                out += self.poll()
            out += self.poll()
        return out

    def run(self, us):
        """Let time pass; returns what the host sends of its own accord."""
        end = self.now + us
        out = self.poll()
        while self.deadline is not None and self.deadline <= end:
            self.now = max(self.now, self.deadline)
            out += self.poll()
        self.now = self.stack.now = end
        return out

    # Drops.

    def drops(self):
        """All drop counters that are not 0."""
        found = self.counters.drops()
        for name, count in self.card.counters.drops().items():
            found["card_" + name] = count
        return found

    def dropped(self, frame, name):
        """`frame` is dropped in silence, and counted under `name` and nothing else."""
        before = self.drops()
        out = self.send(frame)
        assert not out, "%s answered %s" % (name, out)
        after = self.drops()
        moved = {k: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)}
        assert moved == {name: 1}, "%s expected, %s counted" % (name, moved)

    def refused(self, frame, name=None):
        """`frame` is dropped and counted, with one answer, which is returned."""
        before = self.drops()
        out = self.send(frame)
        assert len(out) == 1, out
        after = self.drops()
        moved = {k: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)}
        assert moved == ({name: 1} if name else {}), "%s expected, %s counted" % (name, moved)
        return out[0]

    # The global pass rule.

    def tables(self):
        """{name: (entries, most)} of everything that frames from outside can fill."""
        stack = self.stack
        tcp = stack.tcp
        tables = {
            "neighbours": (len(self.iface.arp), 64 + 16 + 1),
            "reassembly": (len(stack.ip._reassembly), 16),
            "reassembly bytes": (stack.ip._reassembly._bytes, 196608),
            "paths": (len(stack.ip._paths), 64),
            "TCP paths": (len(tcp._paths), 64),
            "buffers": (len(ring._pool) + len(ring._small), 2 * ring.POOL),
            "buffers kept": (len(ring._keepers), ring.KEEPERS),
            "connections": (tcp.count, 2048),
            "TIME_WAIT": (tcp.timewait.count, 256),
            "DNS answers": (len(self.dns.cache), 64),
            "DNS questions": (len(self.dns.exchanges), 16),
            "datagrams": (self.services.sink.available(), 32),
            "timers": (len(stack.timers), 4 * 2048 + 1024),
        }
        for c in tcp.connections():
            if c.ooo is not None:
                n = getattr(c.ooo, "count", 0)
                if n > tables.get("ranges", (0, 0))[0]:
                    tables["ranges"] = (n, 64)
        return tables

    def check(self):
        """No exception left the poll loop, tables are bounded, ping and services answer."""
        counters = self.counters.as_dict()
        bugs = {k: n for k, n in counters.items() if "bug" in k and n}
        assert not bugs and not self.stack.last_bug, (bugs, self.stack.last_bug)
        for name, (n, most) in self.tables().items():
            assert n <= most, "%d %s, %d at most" % (n, name, most)
        self.ping()
        self.ask()
        self.get()

    def ask(self):
        """UDP's echo service answers."""
        out = [p for p in self.send(f.udp(5, 7, b"and you?")) if p.proto == 17]
        assert len(out) == 1 and out[0].data == b"and you?", out

    def ping(self, src=f.PEER):
        """The host answers a ping."""
        frame = f.echo(self.port & 0xFFFF, b"are you there?", src=src)
        out = [p for p in self.send(frame) if p.proto == 1]
        assert len(out) == 1 and out[0].type == 0 and out[0].data == b"are you there?", out

    def get(self, port=80):
        """The web server serves a page to a client without faults."""
        c = Talker(self, port)
        c.open()
        out = c.say(b"GET / HTTP/1.0\r\n\r\n")
        got = b"".join([p.data for p in out])
        assert got == REPLY, got
        assert out[-1].bits & f.FIN
        c.ack = out[-1].seq + len(out[-1].data) + 1
        c.say(bits=f.FIN | f.ACK)
        c.seq += 1

    def heap(self):
        """Bytes in use; without what is kept to be used again: paths, buffers and DNS answers, a
        bounded number each (see tables)."""
        self.stack.ip._paths.clear()
        self.stack.tcp._paths.clear()
        self.dns.cache = self.dns.cache.__class__()
        self.dns.quality = self.dns.quality.__class__()
        while ring._keepers:
            ring._keepers.pop()._retire()
        flight._pool = []
        ring._pool = []
        ring._small = []  # clear() would leave words behind that look like references
        gc.collect()
        return gc.mem_alloc()

    def calm(self):
        """Let everything that is under way end."""
        for c in list(self.services.accepted):
            c.abort()
        self.services.accepted.clear()
        while self.services.sink.recv():
            pass
        self.services.sink.clear()
        self.arps.clear()
        self.run(_CALM)
        self.check()
        self.run(_CALM)
        self.arps.clear()


class Talker:
    """A TCP peer by hand: it keeps numbers, and sends exactly what it is told to.

    `say(data, bits=…, seq=…)` sends a segment and returns the host's segments for this
    connection; `seq` and `ack` (the next ones) advance only by data that `say` sends.
    """

    def __init__(self, rig, dport, sport=None, src=f.PEER, iss=None, wnd=65535, **low):
        self.rig = rig
        if sport is None:
            rig.port += 1
            sport = rig.port
        self.sport = sport
        self.dport = dport
        self.src = src
        self.seq = rig.rng.bits() if iss is None else iss
        self.ack = 0
        self.wnd = wnd
        self.ended = False  # the host's FIN was seen
        self.low = low  # for frames.tcp()

    def frame(self, data=b"", bits=f.ACK, seq=None, ack=None, **fields):
        fields.setdefault("wnd", self.wnd)
        fields.update(self.low)
        return f.tcp(
            self.sport, self.dport, seq=self.seq if seq is None else seq,
            ack=(self.ack if ack is None else ack) if bits & f.ACK else 0,
            bits=bits, data=data, src=self.src, **fields
        )  # fmt: skip

    def mine(self, out):
        """The host's segments for this connection."""
        return [p for p in out if p.proto == 6 and p.dst == self.src and p.dport == self.sport]

    def say(self, data=b"", bits=f.ACK, seq=None, ack=None, **fields):
        out = self.mine(self.rig.send(self.frame(data, bits, seq, ack, **fields)))
        if seq is None:
            self.seq += len(data)
        return out

    def syn(self, **fields):
        """Send a SYN; returns the answer."""
        return self.mine(self.rig.send(self.frame(b"", f.SYN, wnd=self.wnd, **fields)))

    def open(self, **fields):
        """The opening handshake; options in `tcp_options`."""
        fields.setdefault("tcp_options", f.mss(1460))
        out = self.syn(**fields)
        assert len(out) == 1 and out[0].bits == f.SYN | f.ACK, out
        p = self.answer = out[0]
        assert p.ack == (self.seq + 1) & f.ALL
        self.seq += 1
        self.ack = p.seq + 1
        self.say()
        return self

    def accept(self, syn):
        """Answer the host's own SYN."""
        self.dport = syn.sport
        self.ack = syn.seq + 1
        out = self.say(bits=f.SYN | f.ACK, tcp_options=f.mss(1460))
        self.seq += 1
        return out

    def hear(self, out=(), us=50000):
        """Take what is new in `out`, and what comes within `us`, and acknowledge it; returns the
        data. A FIN that is reached is acknowledged too."""
        got = b""
        for p in list(out) + self.mine(self.rig.run(us)):
            assert not p.bits & f.RST, p
            skip = (self.ack - p.seq) & f.ALL
            if p.data and skip < len(p.data):
                got += p.data[skip:]
                self.ack += len(p.data) - skip
            if p.bits & f.FIN and (p.seq + len(p.data) - self.ack) & f.ALL == 0:
                self.ack += 1
                self.ended = True
        self.say()
        return got

    def echoed(self, data=b"still here"):
        """The connection to the echo server works."""
        got = self.hear(self.say(data))
        assert got == data, got

    def connection(self):
        """The host's connection object, or None."""
        ports = self.dport << 16 | self.sport
        return self.rig.stack.tcp.find(ports, self.src, f.ME)

    def state(self):
        c = self.connection()
        return c.state if c else states.CLOSED

    def reset(self):
        """End it: the connection is gone afterwards."""
        self.say(bits=f.RST)
        assert not self.connection()


def hostile(test):
    """Run a test on a Rig, and hold the global pass rule: no exception leaves the poll loop, the
    next ping and the next request are answered, tables are bounded, memory returns."""

    def run():
        r = Rig()
        r.stack.tcp.connect(0x7F000001, 9999)  # refused; the loopback makes its buffers
        r.check()
        r.calm()
        before = r.heap()
        test(r)
        r.check()
        r.calm()
        grown = r.heap() - before
        assert abs(grown) <= _HEAP, "the heap is %d bytes larger than before" % grown

    return run
