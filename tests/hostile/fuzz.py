# Frostnet: hostile frames: a fuzzer that changes the frames of live sessions
# MIT license; Copyright (c) 2026 The Frostnet authors

# Run by tools/fuzz.py. A round is a world of its own, made from one number: a host with services
# and clients, a guest that lives by DHCP, and a peer that all of them talk to, on the virtual
# wire. Part of what the peer sends is changed on its way; changed copies of what went over the
# wire arrive beside it, alone, in bursts, in fragments. When a round is over the host must answer
# as ever and have nothing left of it.

import gc
import sys

sys.path.insert(0, "tests/hostile")
gc.threshold(1 << 20)

import frames as f  # noqa: E402
from frostnet import ring  # noqa: E402
from frostnet.dhcp import Client  # noqa: E402
from frostnet.dns import Resolver  # noqa: E402
from frostnet.mdns import Mdns  # noqa: E402
from frostnet.tcp import flight  # noqa: E402
from mutate import Mutator, repair  # noqa: E402
from services import REPLY, Services  # noqa: E402
from simnet import Sim  # noqa: E402
from simwire import Rng  # noqa: E402

SECOND = 1000000
ROUND = 2000  # changed frames
_KEPT = 12  # frames of each kind to choose from
_KINDS = 80
_CALM = 400 * SECOND
_HEAP = 8192  # a round's own lists and dicts are in it

HOST = 0x0A000001
PEER = 0x0A000002
GUEST = 0x0A000003


class Corpus:
    """Frames that went over the wire, a few of each kind: what is rare is changed as often."""

    def __init__(self, rng):
        self.rng = rng
        self.kinds = {}
        self.names = []  # of the kinds
        self.recent = []

    def add(self, frame):
        name = kind_of(frame)
        frames = self.kinds.get(name)
        if frames is None:
            if len(self.names) >= _KINDS:
                return
            frames = self.kinds[name] = []
            self.names.append(name)
        for some in (frames, self.recent):
            if len(some) < _KEPT:
                some.append(frame)
            else:
                some[self.rng.below(_KEPT)] = frame

    def pick(self):
        frames = self.kinds[self.names[self.rng.below(len(self.names))]]
        return frames[self.rng.below(len(frames))]

    def clear(self):
        self.kinds.clear()
        self.names.clear()
        self.recent.clear()


def kind_of(frame):
    """A number for frames that are alike."""
    if frame[12:14] != b"\x08\x00" or len(frame) < 42:
        return -(frame[12] << 16 | frame[13] << 8 | frame[21 % len(frame)])
    proto = frame[23]
    if frame[20] & 0x3F or frame[21]:
        return proto << 8 | 1 << 20
    at = 14 + (frame[14] & 15) * 4
    if proto == 6 and at + 13 < len(frame):
        return proto << 8 | frame[at + 13]
    if proto == 17 and at + 3 < len(frame):
        return proto << 16 | min(
            frame[at] << 8 | frame[at + 1], frame[at + 2] << 8 | frame[at + 3]
        )
    return proto << 8 | frame[at % len(frame)]


class World:
    def __init__(self, seed):
        self.rng = rng = Rng(seed)
        self.mutator = Mutator(rng)
        self.sim = sim = Sim(seed=seed, delay=100)
        self.host = sim.host(1, "10.0.0.1/24", gateway="10.0.0.254", name="host")
        self.peer = sim.host(2, "10.0.0.2/24", name="peer")
        self.guest = sim.host(3, name="guest")
        self.services = [Services(h.stack) for h in (self.host, self.peer)]
        for h in (self.host, self.guest, self.peer):
            resolver = Resolver(h.stack)
            resolver.servers = [PEER]
            Mdns(resolver, h.name).add(h.iface)
        if seed & 1:
            self.host.stack.ip.set_forwarding(True)
        self.client = Client(self.guest.stack, self.guest.iface, self.guest.stack.dns)
        self.serve_dns()
        self.heard = Corpus(rng)  # frames of the peer
        self.said = Corpus(rng)  # frames of host and guest
        self.frames = 0  # changed ones
        self.last = b""
        self.hostile = False
        sim.default.filter = self.see
        sim.go(self.serve())
        self.client.start(sim.now)

    # The peer's services, by hand: their answers are the ones to be changed.

    def serve(self):
        while True:
            for services in self.services:
                services.run()
            yield

    def serve_dns(self):
        endpoint = self.peer.stack.udp.open(0, 53)

        def answer(iface, buf, off, end, src, sport):
            query = bytes(buf[off:end])
            at = 12
            while at < len(query) and query[at]:
                at += query[at] + 1
            question = query[12 : at + 5]
            kind = self.rng.below(8)
            link = b"\xc0\x0c"
            address = b"\0\1\0\1\0\0\0\5\0\4\1\2\3\4"
            if kind == 0:
                records = [b"\xc0\x0c\0\5\0\1\0\0\0\5\0\4\1x\xc0\x0c", b"\1x\xc0\x0c" + address]
            elif kind == 1:
                records = [link + address] * 20
            else:
                records = [link + address]
            rcode = 3 if kind == 2 else 0
            bits = b"\x83\x80" if kind == 3 else bytes((0x81, 0x80 | rcode))
            if rcode:
                records = []
            head = query[:2] + bits + b"\0\1" + bytes((0, len(records))) + bytes(4)
            try:
                endpoint.send(head + question + b"".join(records), src, sport)
            except OSError:
                pass

        endpoint.handler = answer

    # A stack is no DHCP server: it takes nothing from 0.0.0.0.
    def serve_dhcp(self, frame):
        query = frame[42:]
        kind = {b"\x35\x01\x01": 2, b"\x35\x01\x03": 5}.get(query[240:243])
        if kind is None:
            return
        if self.hostile and self.rng.below(10) == 0:
            kind = 6
        body = b"\x02" + query[1:16] + GUEST.to_bytes(4, "big") + bytes(8) + query[28:240]
        body += bytes((53, 1, kind, 54, 4, 10, 0, 0, 2, 51, 4, 0, 0, 0, 60))
        body += b"\x01\x04\xff\xff\xff\0\x03\x04\x0a\0\0\xfe\x06\x04\x0a\0\0\x02"
        body += b"\x0f\x07example\x1a\x02\x05\xdc\xff"
        body += bytes(300 - len(body))
        reply = f.udp(67, 68, body, dst=f.ALL, eth_dst=f.BROADCAST)
        self.heard.add(reply)
        for out in [reply] if not self.hostile or self.rng.below(3) else self.changed(reply):
            self.guest.port.inject(out)

    # Sessions.

    def talk(self, stack, dst):
        """Programs that open connections to `dst`, one after the other, and use them."""
        rng = self.rng
        buf = bytearray(2000)
        data = memoryview(bytes(8000))
        while self.hostile:
            port = (7, 80, 9, 9999)[rng.below(8) % 4 if rng.below(4) else 0]
            try:
                c = stack.tcp.connect(dst, port)
            except OSError:
                yield self.sim.now + 50000
                continue
            end = self.sim.now + rng.below(SECOND)
            left = rng.below(30000)
            while self.sim.now < end and not c.error and c.state:
                if c.state >= 4:
                    if port == 80 and left and c.room():
                        left = 0
                        c.send(memoryview(b"GET / HTTP/1.0\r\n\r\n"), 0, 18)
                        c.shutdown()
                    elif left and c.room():
                        left -= c.send(data, 0, min(left, len(data)))
                    while c.recv_into(buf, 0, len(buf)):
                        pass
                    if c.eof:
                        break
                yield self.sim.now + 1000 + rng.below(5000)
            if rng.below(4):
                c.close()
            else:
                c.abort()
            yield self.sim.now + rng.below(20000)

    def chatter(self):
        """Everything else: names, pings, datagrams short and long, lost neighbours."""
        rng = self.rng
        sim = self.sim
        pings = [h.stack.icmp.pings.open() for h in (self.host, self.peer)]
        sockets = [h.stack.udp.open() for h in (self.host, self.peer)]
        queries = []
        count = 0
        while self.hostile:
            count += 1
            kind = rng.below(9)
            way = rng.below(2)
            dst = (PEER, HOST)[way]
            try:
                if kind == 0:
                    h = (self.host, self.guest, self.peer)[rng.below(3)]
                    name = ("host", "peer", "guest", "nobody%d" % count)[rng.below(4)]
                    queries.append(h.stack.dns.query(name + ".local", 1))
                elif kind == 1:
                    h = (self.host, self.guest)[way]
                    qtype = (1, 1, 12, 5)[rng.below(4)]
                    queries.append(h.stack.dns.query("a%d.example" % count, qtype))
                elif kind == 2:
                    pings[way].send(dst, count, bytes(rng.below(1400)), sim.now)
                elif kind == 3:
                    sockets[way].send(bytes(rng.below(1400)), dst, (7, 9, 5555)[rng.below(3)])
                elif kind == 4:
                    sockets[way].send(bytes(1472 + rng.below(4000)), dst, 7)
                elif kind == 5 and rng.below(5) == 0:
                    (self.host, self.guest)[way].iface.arp.clear()
                elif kind == 6 and rng.below(4) == 0:
                    self.client.stop(sim.now)
                    self.client.start(sim.now)
                elif kind == 7 and rng.below(20) == 0:
                    c = self.host.stack.tcp.connect(0x0A000063, 80)  # nobody
                    c.close()
                elif kind == 7 and rng.below(10) == 0:
                    # Names are probed for again.
                    self.peer.iface.clear_address()
                    self.peer.iface.set_address(PEER, 24)
                elif kind == 8 and rng.below(3) == 0:
                    sockets[way].send(b"to all", f.ALL, 9)
            except (OSError, ValueError):
                pass
            for s in sockets:
                while s.recv():
                    pass
                s.take_error()
            for p in pings:
                while p.recv():
                    pass
            queries = [q for q in queries if not q.done][-8:]
            for services in self.services:
                while services.sink.recv():
                    pass
                for c in services.accepted[8:]:
                    c.abort()
            yield sim.now + 1000 + rng.below(3000)
        for q in queries:
            q.cancel()
        for x in pings + sockets:
            x.close()

    # The wire.

    def see(self, frame, src):
        frame = bytes(frame)
        if src is not self.peer.port:
            self.said.add(frame)
            if frame[23:24] == b"\x11" and frame[36:38] == b"\0\x43":
                self.serve_dhcp(frame)
            return frame
        self.heard.add(frame)
        if not self.hostile or self.rng.below(4):
            return frame
        return self.changed(frame)

    # Changed frames for `frame`; a list.
    def changed(self, frame):
        rng = self.rng
        kind = rng.below(16)
        if kind == 0:
            out = self.mutator.several(frame)
        elif kind == 1 and self.said.kinds:
            out = [self.mutator.error(self.said.pick()), frame]
        elif kind < 6:
            out = [frame, self.mutator.one(frame)]
        elif kind == 6:
            out = [frame, frame]
        else:
            out = [self.mutator.one(frame)]
        self.frames += len(out)
        self.last = out[-1]
        return out

    # Frames that arrive beside the sessions; now and then many at once.
    def attack(self):
        rng = self.rng
        self.mutator.others = self.heard.recent
        if rng.below(40) == 0:
            self.flood()
            return
        for _ in range(1 + rng.below(8) * rng.below(4)):
            at = rng.below(6)
            source = self.said if at == 0 and self.said.kinds else self.heard
            frame = source.pick()
            if source is self.said:
                frame = frame[6:12] + frame[:6] + frame[12:]  # what it said comes back
            for out in self.changed(frame):
                port = self.guest.port if out[:6] == self.guest.port.mac else self.host.port
                port.inject(out)
                if out[0] & 1:
                    self.guest.port.inject(out)

    # Many frames of one kind, as fast as they come.
    def flood(self):
        rng = self.rng
        kind = rng.below(4)
        base = self.heard.pick()
        seq = rng.bits()
        for i in range(20 + rng.below(80)):
            src = (PEER, 0x0A000000 | rng.below(256), rng.bits())[rng.below(3)]
            if kind == 0:
                out = f.tcp(rng.below(65536), (7, 80, 9)[rng.below(3)], seq=seq + i, bits=f.SYN,
                            src=src)  # fmt: skip
            elif kind == 1:
                out = f.udp(5, 9, bytes(rng.below(1400)), src=src)
            elif kind == 2:
                out = f.arp(1 + rng.below(2), spa=src, eth_dst=self.host.port.mac)
            else:
                b = bytearray(base)
                if len(b) >= 54 and b[23] == 6:
                    # One byte here, one byte there.
                    number = int.from_bytes(b[38:42], "big") + rng.below(60000)
                    b[38:42] = (number & f.ALL).to_bytes(4, "big")
                    repair(b)
                out = bytes(b)
            out = self.host.port.mac + out[6:]
            self.frames += 1
            self.last = out
            self.host.port.inject(out)

    def run(self, frames):
        """One round; AssertionError or whatever a stack raises."""
        self.warm()
        # Tables and lists that grew once stay large: that is not what a leak looks like.
        self.assault(frames // 8)
        before = self.heap()
        self.assault(frames)
        grown = self.heap() - before
        assert grown <= _HEAP, "%d bytes did not come back" % grown

    # Sessions and attacks until so many frames were changed, and peace afterwards.
    def assault(self, frames):
        sim = self.sim
        self.hostile = True
        for stack, dst in ((self.peer.stack, HOST), (self.host.stack, PEER)):
            for _ in range(3):
                sim.go(self.talk(stack, dst))
        sim.go(self.talk(self.guest.stack, PEER))
        sim.go(self.chatter())
        sim.run(20000)
        while self.frames < frames:
            self.attack()
            sim.run(500 + self.rng.below(8000))
        self.hostile = False
        self.calm()

    # Everything once, so that what is made once is there.
    def warm(self):
        sim = self.sim
        sim.run(10 * SECOND)
        for stack in (self.host.stack, self.guest.stack):
            try:
                stack.tcp.connect(0x7F000001, 9999)
            except OSError:
                pass
        self.calm()

    def calm(self):
        """Let everything end; then the host is as it was."""
        sim = self.sim
        for _ in range(2):
            sim.run(_CALM // 4)
            for h in (self.host, self.guest, self.peer):
                # A program waits as long as it likes; what nobody holds must end by itself.
                for c in [c for c in h.stack.tcp.connections() if not c.orphan]:
                    c.abort()
            for services in self.services:
                services.accepted.clear()
                while services.sink.recv():
                    pass
                services.sink.clear()
            sim.run(_CALM // 4)
        for h in (self.host, self.guest):
            stack = h.stack
            bugs = [n for n in ("bug_frame", "bug_timer", "bug_output", "bug_flush")
                    if getattr(stack.counters, n)]  # fmt: skip
            assert not bugs and not stack.last_bug, (h.name, bugs, stack.last_bug)
            left = [repr(c.__dict__) for c in stack.tcp.connections()]
            assert not left, "%s: connections are left: %s" % (h.name, left)
            assert stack.tcp.timewait.count == 0, h.name
            assert len(stack.ip._reassembly) == 0 and stack.ip._reassembly._bytes == 0, h.name
            assert not stack.dns.exchanges, h.name
            assert len(h.iface.arp) <= 64 + 16 + 1, h.name
        self.well()

    def well(self):
        """The host answers ping, and serves its page."""
        sim = self.sim
        ping = self.peer.stack.icmp.pings.open()
        ping.send(HOST, 1, b"well?", sim.now)
        sim.run_until(lambda: ping._replies, 5 * SECOND, "the answer to a ping")
        ping.close()
        c = self.peer.stack.tcp.connect(HOST, 80)
        sim.run_until(lambda: c.state >= 4, 5 * SECOND, "the connection")
        c.send(memoryview(b"GET / HTTP/1.0\r\n\r\n"), 0, 18)
        sim.run_until(lambda: c.eof, 5 * SECOND, "the page")
        buf = bytearray(len(REPLY) + 1)
        assert c.recv_into(buf, 0, len(buf)) == len(REPLY) and buf[:-1] == REPLY
        c.close()
        sim.run(100 * SECOND)

    def heap(self):
        self.heard.clear()
        self.said.clear()
        for h in (self.host, self.guest, self.peer):
            stack = h.stack
            stack.ip._paths.clear()
            stack.tcp._paths.clear()
            stack.dns and stack.dns.cache.clear()
        while ring._keepers:
            ring._keepers.pop()._retire()
        flight._pool = []
        ring._pool = []
        ring._small = []
        gc.collect()
        return gc.mem_alloc()

    def reached(self):
        """{counter: count} of host and guest."""
        out = {}
        for h in (self.host, self.guest):
            for name, n in h.stack.counters.as_dict().items():
                out[name] = out.get(name, 0) + n
        return out


def main(seed, frames):
    """Rounds from `seed` on until that many frames were changed. Prints a line for each: round,
    its number, frames, and the counters that it was the first to reach."""
    total = {}
    done = 0
    while done < frames:
        world = World(seed)
        size = min(ROUND, frames - done)
        try:
            world.run(size)
        except BaseException as e:
            print("failed", seed, size, "after", world.frames, "frames, at", world.last.hex())
            sys.print_exception(e, sys.stdout)
            sys.exit(1)
        done += world.frames
        new = []
        for name, n in world.reached().items():
            if n and not total.get(name):
                new.append(name)
            total[name] = total.get(name, 0) + n
        print("round", seed, world.frames, " ".join(sorted(new)))
        seed += 1
    print("frames", done)
    for name in sorted(total):
        print("count", name, total[name])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
