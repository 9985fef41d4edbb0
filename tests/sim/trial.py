# Frostnet: simulator trials: one trial and the properties that hold in every one
# MIT license; Copyright (c) 2026 The Frostnet authors

from apps import End
from frostnet.tcp.states import CLOSED, TIME_WAIT
from frostnet.wire import addr
from scenario import ABORT, CLOSE, SECOND, scenario
from simnet import Sim, mac_of
from simrouter import Router
from simwatch import Watch

_PORT = 7
_PATIENCE = 300 * SECOND  # without any progress: longer than every time-out of a connection
_AFTERWARDS = 400 * SECOND  # in which orphans and TIME_WAIT end
_ECONNRESET = 104
_ETIMEDOUT = 110
_ECONNREFUSED = 111
_EHOSTUNREACH = 113
_DAMAGE = (  # counters of what corruption does
    "eth_drop_type", "ip_drop_", "icmp_drop_checksum", "tcp_drop_checksum", "tcp_drop_malformed",
    "arp_drop_malformed",
)  # fmt: skip


class Trial:
    def __init__(self, seed, pcap=None):
        self.plan = plan = scenario(seed)
        self.sim = sim = Sim(seed, **plan["link"])
        self.wire = sim.default
        sim.progress = sim.now
        sim.buf = memoryview(bytearray(65536))
        if pcap:
            self.wire.pcap(pcap)
        self.watch = Watch(self.wire)
        self.watch.unsent = self.unsent
        self.excused = {}  # {errno or "idle": ends whose trouble the links explain}
        self.hosts = []
        self.router = None
        wires = (self.wire, self.route(plan["router"])) if plan["router"] else (self.wire,) * 2
        for i, options in enumerate(plan["hosts"]):
            host = self.host(i, wires, options["mtu"])
            host.port.tx_room = options["tx_room"]
            tcp = host.stack.tcp
            tcp.rcvbuf = options["rcvbuf"]
            tcp.sndbuf = options["sndbuf"]
            iss = options["iss"]
            if iss is not None:
                tcp.isn = lambda *tuple, iss=iss: iss
            self.hosts.append(host)
        # Whether frames can get lost: then a connection may end without its other end knowing.
        loss = ("loss", "burst", "corrupt", "rate")
        self.lossy = (
            bool(plan["unplug"])
            or bool(plan["router"] and plan["router"]["silent"])
            or any(name in plan["link"] for name in loss)
            or any(options["tx_room"] < 256 for options in plan["hosts"])  # for a reset
        )
        # Where less than half of all questions are answered, even five minutes may be too short.
        arrives = (1 - plan["link"].get("loss", 0)) * (1 - plan["link"].get("corrupt", 0))
        answered = arrives ** (4 if plan["router"] else 2)
        # A burst counts in frames: who sends one a minute may stay in it for long.
        burst = "burst" in plan["link"]
        silent = bool(plan["router"] and plan["router"]["silent"])
        self.hopeless = burst or silent or answered < 0.5
        # An orphan has 100 s, in which it asks six times or has to find a black hole.
        self.harsh = self.hopeless or answered < 0.7
        self.ends = []
        self.expected = {}  # {(host, address, port): End} of connections to be accepted
        for host, options in zip(self.hosts, plan["hosts"]):
            sim.go(self.accept(host, host.stack.tcp.listen(0, _PORT, options["backlog"])))
        for i, connection in enumerate(plan["connections"]):
            sim.go(self.connect(i, connection))
        if plan["unplug"]:
            sim.go(self.unplug(*plan["unplug"]))

    def host(self, i, wires, mtu):
        name = "h%d" % i
        router = self.router
        if not router:
            return self.sim.host(i + 1, "10.0.0.%d/24" % (i + 1), mtu=mtu, name=name)
        net = i & 1
        host = self.sim.host(
            i + 1, "10.0.%d.%d/24" % (net, i + 1), "10.0.%d.254" % net, wires[net], mtu, name
        )
        router.know(host, router.ports[net])
        return host

    # Two wires with a router between them; returns the second.
    def route(self, options):
        sim = self.sim
        # One wire damages frames: faults of two may cancel out in the checksum.
        far = sim.wire(**dict(self.plan["link"], corrupt=0))
        self.router = router = Router(sim, options["mtu"], options["silent"])
        for n, wire in enumerate((self.wire, far)):
            router.port(wire, mac_of(100 + n), addr.parse("10.0.%d.254" % n))
        watch = Watch(far)
        watch.unsent = self.unsent
        watch.datagrams = self.watch.datagrams
        watch.flows = self.watch.flows
        self.watch.strangers = watch.strangers = router.ports
        return far

    # How many frames of the port's host count as sent, but never came to the wire: no neighbour
    # took them, ARP's queue or the card had no room for them, the cable was out.
    def unsent(self, port):
        for host in self.hosts:
            if host.port is port:
                counters = host.stack.counters
                return (
                    counters.tcp_tx_failed + counters.ip_tx_unreachable
                    + counters.arp_queue_drop + port.counters.tx_drop_carrier
                )  # fmt: skip
        return 0

    def describe(self):
        """Print what the trial is and how far it came."""
        for name in sorted(self.plan):
            value = self.plan[name]
            if isinstance(value, list):
                for item in value:
                    print(name, item)
            else:
                print(name, value)
        print("t = %.6f s" % (self.sim.now / 1000000))
        for end in self.ends:
            print(end)

    # Programs.

    def connect(self, i, options):
        sim = self.sim
        client, server = (self.hosts[options[side]] for side in ("client", "server"))
        a, b = (
            End(sim, host, plan, "connection %d, %s" % (i, side))
            for host, plan, side in zip((client, server), options["ends"], ("client", "server"))
        )
        a.peer, b.peer = b, a
        a.cross = b.cross = options["cross"]
        a.phase = i * 4099
        b.phase = i * 4099 + 32768
        self.ends += [a, b]
        if options["early"]:
            a.plan["early"] = True
        yield sim.now + options["start"]
        there = server.iface.addr
        here = client.iface.addr
        if options["cross"]:
            # Simultaneous open, RFC 9293 §3.5.
            ports = 1000 + 2 * i, 1001 + 2 * i
            a.begin(client.stack.tcp.connect(there, ports[1], None, ports[0]))
            b.begin(server.stack.tcp.connect(here, ports[0], None, ports[1]))
        else:
            c = client.stack.tcp.connect(there, _PORT)
            self.expected[server, here, c.ports >> 16] = b
            a.begin(c)

    def accept(self, host, listener):
        pause = self.plan["accept_pause"]
        while True:
            c = listener.accept()
            if c:
                self.expected[host, c.raddr, c.ports & 0xFFFF].begin(c)
                if pause:
                    until = self.sim.now + pause
                    while self.sim.now < until:
                        yield until
            else:
                yield

    def unplug(self, i, when, how_long):
        sim = self.sim
        port = self.hosts[i].port
        begin = sim.now
        while sim.now < begin + when:
            yield begin + when
        port.carrier = False
        while sim.now < begin + when + how_long:
            yield begin + when + how_long
        port.carrier = True

    # The run.

    def run(self):
        """Run to the end and hold what happened against the properties; AssertionError if not."""
        sim = self.sim
        while not self.ended():
            if sim.now - sim.progress > _PATIENCE:
                self.stuck()
            sim.step(sim.now + 10 * SECOND)
        sim.run(_AFTERWARDS)
        if any(end.c and not end.done for end in self.ends):
            self.stuck()  # accepted when its peer was gone already
            sim.run(_AFTERWARDS)
        for end in self.ends:
            self.judge(end)
        for host in self.hosts:
            tcp = host.stack.tcp
            assert tcp.count == 0, "%s: %s is left" % (host.name, list(tcp.connections()))
            assert tcp.timewait.count == 0, "TIME_WAIT is left"
            self.audit(host)
        if not self.router:
            self.damage()

    def ended(self):
        if len(self.ends) < 2 * len(self.plan["connections"]):
            return False
        for i in range(0, len(self.ends), 2):
            a, b = self.ends[i : i + 2]
            # A client that gave up early may leave nobody to accept.
            if not (
                a.done and (b.done or (b.c is None and (a.error or a.given_up or rude(a.plan))))
            ):
                return False
        return True

    # No progress: that is a deadlock, unless the peer is gone and this end has nothing to send:
    # then nobody can tell it (RFC 9293 §3.5.1), and it is the user who must give up. The peer was
    # reset and that was lost, it gave up itself as an orphan, or its listener had no room for it.
    def stuck(self):
        waiting = [end for end in self.ends if not end.done and end.c]
        assert waiting, "deadlock: nobody does anything"
        for end in waiting:
            peer = end.peer
            idle = end.c.tx.len == 0 and end.c.snd_una == end.c.snd_max
            gone = peer.c is None or (peer.done and peer.c.state in (CLOSED, TIME_WAIT))
            assert idle and gone and (self.lossy or peer.c is None), "deadlock: no progress"
            end.c.abort()
            end.done = end.given_up = True
        self.sim.progress = self.sim.now

    # Every transfer ends, and completely if nobody broke it off and no error says why not.
    def judge(self, end):
        peer = end.peer
        if end.eof:
            assert end.got == peer.plan["size"], "an end that is not the end: %r" % end
        if end.error:
            assert self.explained(end), "error without a reason: %r" % end
            if end.error in (_ETIMEDOUT, _EHOSTUNREACH) or not rude(peer.plan):
                self.excuse(end.error)
        elif end.given_up:
            assert self.left(peer), "nobody left it: %r" % end
            if not rude(peer.plan):
                self.excuse("idle")
        elif end.c and not rude(end.plan):
            assert end.done and end.eof, "incomplete: %r" % end

    def excuse(self, what):
        self.excused[what] = self.excused.get(what, 0) + 1

    # Whether the links or the peer can have caused the error, as the stacks' counters tell it.
    def explained(self, end):
        host = end.host
        counters = host.stack.counters
        if end.error == _ETIMEDOUT:
            return self.hopeless and counters.tcp_timeout
        if end.error == _EHOSTUNREACH:
            # ARP got no answer, or nobody could be asked any more.
            unplug = self.plan["unplug"]
            pulled = unplug and self.hosts[unplug[0]] is host
            return self.lossy and (counters.arp_failed or pulled and counters.ip_tx_unreachable)
        if end.error == _ECONNREFUSED:
            return end.cross and not end.got and self.left(end.peer)  # nobody listened
        return end.error == _ECONNRESET and counters.tcp_reset and self.left(end.peer)

    # Whether an end broke off, or gave up: with an error, or as an orphan.
    def left(self, end):
        if rude(end.plan) or end.error or end.given_up:
            return True
        if end.c is None:
            return self.lossy or end.host.stack.counters.tcp_drop_backlog
        return self.harsh and end.host.stack.counters.tcp_timeout

    # Each frame that came is one that a layer took, or a named drop.
    def audit(self, host):
        counts = host.stack.counters.as_dict()

        def total(prefix):
            return sum(n for name, n in counts.items() if name.startswith(prefix))

        assert counts["eth_rx"] == host.port.counters.rx_frames, "eth_rx"
        kinds = counts["arp_rx"] + counts["ip_rx"]
        assert counts["eth_rx"] == total("eth_drop_") + kinds, "frames: %s" % counts
        kinds = counts["icmp_rx"] + counts["udp_rx"] + counts["tcp_rx"]
        assert counts["ip_rx"] == total("ip_drop_") + kinds, "datagrams: %s" % counts
        # One of TCP's drops is of errors, which are no segments.
        segments = total("tcp_drop_") - counts["tcp_drop_error"]
        assert segments <= counts["tcp_rx"], "segments: %s" % counts
        # And each datagram that was sent came to the wire, or waited for a neighbour in vain.
        kept = counts["ip_tx_unreachable"] + counts["arp_queue_drop"]
        seen = self.watch.datagrams.get(host.port, 0)
        missing = counts["ip_tx"] - kept - seen
        assert 0 <= missing <= host.port.counters.tx_drop_carrier, "sent: %s" % counts
        assert not total("bug_"), host.stack.last_bug

    # Every corrupted frame was dropped under a name: none was taken for a good one.
    def damage(self):
        dropped = 0
        for host in self.hosts:
            for name, n in host.stack.counters.as_dict().items():
                if name.startswith(_DAMAGE):
                    dropped += n
        wire = self.wire.counters
        most = wire.damaged_ip + wire.damaged_other
        assert wire.damaged_ip <= dropped <= most, "%d corrupted, %d dropped" % (
            wire.damaged_ip, dropped,
        )  # fmt: skip


def rude(plan):
    return plan["fate"] in (ABORT, CLOSE)
