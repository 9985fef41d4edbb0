# Frostnet: tests of net.traceroute, across routers that are stacks of ours, and made-up answers
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import struct

import net
import net._traceroute
from dns_server import Server as DNSServer
from dns_server import a
from frostnet.trace import PORT
from frostnet.wire import addr
from net_bench import Bench, error_of
from simnet import mac_of
from simwatch import be16, ones_sum

S = 1000000
FAR = "10.3.0.9"
WAY = ["10.0.0.254", "10.1.0.254", "10.2.0.254", FAR]
MS = r"\d+\.\d\d\d ms"


class Way(Bench):
    """The board, three routers in a row and a host behind them: WAY."""

    stranger = None  # who sends made-up answers

    def __init__(self, **options):
        super().__init__(**options)
        self.listen_to(net._traceroute)
        sim = self.sim
        near = sim.default
        self.routers = []
        self.wires = [near]
        for i in range(3):
            far = sim.wire(delay=1000)
            self.wires.append(far)
            router = sim.host(100 + i, "10.%d.0.254/24" % i, wire=near)
            router.add(far.port(mac_of(200 + i), 1500), "10.%d.0.1/24" % (i + 1))
            stack = router.stack
            stack.ip.set_forwarding(True)
            way = addr.parse("10.%d.0.254" % (i + 1))
            if i < 2:
                stack.ip.routes.add(0, 0, stack.ifaces[1], way)
            for back in range(i):
                way = addr.parse("10.%d.0.1" % i)
                stack.ip.routes.add(addr.parse("10.%d.0.0" % back), 24, stack.ifaces[0], way)
            self.routers.append(router)
            near = far
        self.far = sim.host(99, FAR + "/24", "10.3.0.1", wire=near)
        routes = self.board.stack.ip.routes
        routes.set_default(self.board.iface, addr.parse(WAY[0]))

    def nothing_is_left(self):
        stack = self.board.stack
        assert not stack.udp.endpoints() and not stack.raw.endpoints()
        assert not stack.icmp.pings._table

    def answer(self, make):
        """For each probe that leaves: a list of what make(probe) returns, as datagrams."""

        def see(f, src):
            if f[12:14] == b"\x08\x00" and f[26:30] == b"\x0a\0\0\x02" and f[30:34] == far:
                for datagram in make(f[14:]) or ():
                    head = f[6:12] + stranger.mac + b"\x08\x00"
                    self.wires[0].carry(head + datagram, stranger)
                return None
            return f

        far = addr.parse(FAR).to_bytes(4, "big")
        stranger = self.stranger = self.stranger or self.sim.port(0x666)
        self.wires[0].filter = see


def addresses(hops):
    return [[probe.address for probe in hop.probes] for hop in hops]


def test_the_way():
    """RFC 792, RFC 1812 §5.3.1: each router says that the TTL ran out; RFC 1122 §3.2.2.1: the
    host says that nobody has the port."""
    with Way() as w:
        hops = net.traceroute(FAR)
        assert addresses(hops) == [[address] * 3 for address in WAY]
        assert hops.reached and hops.address == FAR and repr(hops) == "<4 hops to 10.3.0.9>"
        assert [hop.ttl for hop in hops] == [1, 2, 3, 4]
        assert all(probe.mark == "" for hop in hops for probe in hop.probes)
        lines = w.text().split("\n")
        assert lines[0] == "traceroute to 10.3.0.9 (10.3.0.9), 30 hops max, 60 byte packets"
        for i, address in enumerate(WAY):
            want = "^ %d  %s  %s  %s  %s$" % (i + 1, address.replace(".", r"\."), MS, MS, MS)
            assert re.match(want, lines[1 + i]), lines[1 + i]
        assert lines[5:] == [""]
        # The wires take 0.2 ms, and 2 ms each of the others, once nobody needs ARP
        hops = net.traceroute(FAR)
        assert [int(hop.probes[2].rtt / 2) for hop in hops] == [0, 1, 2, 3]
        w.nothing_is_left()


def test_probes_are_as_unix_sends_them():
    with Way() as w:
        seen = []
        w.wires[0].filter = lambda f, src: (
            (seen.append(f[14:]) if f[23] == 17 and f[26:30] == b"\x0a\0\0\x02" else None) or f
        )
        net.traceroute(FAR, probes=2, size=100)
        assert [d[8] for d in seen] == [1, 1, 2, 2, 3, 3, 4, 4]
        assert [be16(d, 22) for d in seen] == list(range(PORT, PORT + 8))
        assert all(len(d) == be16(d, 2) == 100 and not d[6] & 0x40 for d in seen)
        assert len({be16(d, 20) for d in seen}) == 8


def test_echo_requests():
    with Way() as w:
        hops = net.traceroute(FAR, icmp=True)
        assert addresses(hops) == [[address] * 3 for address in WAY] and hops.reached
        w.nothing_is_left()


def test_several_traces_at_once_and_a_ping():
    """Each takes its own answers."""
    with Way() as w:
        other = []
        w.sim.go(beside(other))
        hops = net.traceroute(FAR, probes=1)
        assert addresses(hops) == [[address] for address in WAY]
        assert addresses(other[0]) == [["10.0.0.9"]]


def beside(results):
    yield
    results.append(net.traceroute("10.0.0.9", probes=1, quiet=True))


def test_size():
    with Way() as w:
        for size in (28, 1500, 1501, 9000):
            assert net.traceroute(FAR, size=size, probes=1).reached, size
        w.nothing_is_left()


def test_a_silent_router():
    """It costs one patience, and the way goes on."""
    with Way() as w:
        w.wires[1].filter = lambda f, src: None if f[23] == 1 and f[26] == 10 and f[27] == 1 else f
        since = w.sim.now
        hops = net.traceroute(FAR, wait=3)
        assert addresses(hops) == [[WAY[0]] * 3, [None] * 3, [WAY[2]] * 3, [FAR] * 3]
        assert 3 * S < w.sim.now - since < 3 * S + S // 10
        assert " 2  * * *\n" in w.text()


def test_lost_answers():
    with Way() as w:
        count = [0]

        def lose(f, src):
            if f[23] == 1:
                count[0] += 1
                return None if count[0] % 3 == 2 else f
            return f

        w.wires[0].filter = lose
        hops = net.traceroute(FAR, wait=0.5)
        assert addresses(hops) == [[address, None, address] for address in WAY]
        line = w.text().split("\n")[1]
        assert re.match(r"^ 1  10\.0\.0\.254  %s \*  %s$" % (MS, MS), line), line


def test_nobody_answers():
    with Way() as w:
        w.wires[0].filter = lambda f, src: None if f[23] == 1 else f
        hops = net.traceroute(FAR, max_hops=5, wait=0.1)
        assert len(hops) == 5 and not hops.reached
        assert repr(hops) == "<5 hops towards 10.3.0.9>"


def test_too_few_hops():
    with Way():
        hops = net.traceroute(FAR, max_hops=2)
        assert addresses(hops) == [[WAY[0]] * 3, [WAY[1]] * 3] and not hops.reached


def test_no_route_there():
    """RFC 1812 §5.2.7.1: !N; the trace ends."""
    with Way() as w:
        hops = net.traceroute("10.99.0.1")
        assert [probe.mark for probe in hops[-1].probes] == ["!N"] * 3
        assert hops[-1].probes[0].address == WAY[2] and len(hops) == 4 and not hops.reached
        assert w.text().count(" ms !N") == 3


def test_nobody_has_the_address_there():
    """The last router gets no answer to ARP: !H."""
    with Way() as w:
        hops = net.traceroute("10.3.0.77", wait=4)
        assert [probe.mark for probe in hops[-1].probes] == ["!H"] * 3 and len(hops) == 4
        assert hops[-1].probes[0].address == WAY[2]
        w.nothing_is_left()


def test_nobody_has_the_address_here():
    with Way() as w:
        hops = net.traceroute("10.0.0.77", wait=4)
        assert [(p.address, p.mark) for p in hops[0].probes] == [("10.0.0.2", "!H")] * 3
        hops = net.traceroute("10.0.0.77", wait=4)  # known by now
        assert [p.mark for p in hops[0].probes] == ["!H"] * 3 and len(hops) == 1
        hops = net.traceroute("10.0.0.77", wait=4, icmp=True)
        assert [p.mark for p in hops[0].probes] == ["!H"] * 3
        w.nothing_is_left()


def test_somebody_listens_at_the_port():
    with Way() as w:
        endpoint = w.far.stack.udp.open(0, PORT + 3)
        endpoint.handler = lambda iface, buf, off, end, src, sport: endpoint.send(b"?", src, sport)
        hops = net.traceroute(FAR, probes=1, wait=0.2)
        assert addresses(hops)[-1] == [FAR] and len(hops) == 4 and hops.reached


def test_ourselves():
    with Way() as w:
        for host in ("127.0.0.1", "10.0.0.2", "localhost"):
            for icmp in (False, True):
                hops = net.traceroute(host, icmp=icmp)
                assert len(hops) == 1 and hops.reached, (host, icmp)
        w.nothing_is_left()


def test_names():
    with Way() as w:
        DNSServer(w.peer, {"www.example.org": [a("www.example.org", FAR)]})
        w.rt.resolver.servers = [w.peer.iface.addr]
        assert net.traceroute("www.example.org").reached
        assert w.text().startswith("traceroute to www.example.org (10.3.0.9), 30 hops")


def test_interrupt():
    with Way() as w:
        wait = w.rt.wait
        w.wires[0].filter = lambda f, src: None if f[23] == 1 else f

        def interrupted(until=None):
            if w.sim.now > 5 * S:
                raise KeyboardInterrupt
            wait(until)

        w.rt.wait = interrupted
        hops = net.traceroute(FAR)
        del w.rt.wait
        assert 1 <= len(hops) < 4 and w.text().endswith("^C\n")
        w.nothing_is_left()


# What others say


def error(probe, kind, code, src=WAY[0], quote=28, dst=b"\x0a\0\0\x02", check=0, **change):
    """An ICMP error of router `src` about a probe."""
    quoted = bytearray(probe[:quote])
    for name, value in change.items():
        at, form = {
            "version": (0, ">B"),
            "fragment": (6, ">H"),
            "proto": (9, ">B"),
            "from_": (12, ">I"),
            "to": (16, ">I"),
            "sport": (20, ">H"),
            "dport": (22, ">H"),
            "length": (24, ">H"),
        }[name]
        struct.pack_into(form, quoted, at, value)
    body = struct.pack(">BBHI", kind, code, 0, 0) + bytes(quoted)
    body = body[:2] + ((ones_sum(body) ^ 0xFFFF) + check & 0xFFFF).to_bytes(2, "big") + body[4:]
    return datagram(src, body, dst)


def datagram(src, body, dst=b"\x0a\0\0\x02", proto=1):
    head = struct.pack(">BBHHHBBHI", 0x45, 0, 20 + len(body), 0, 0, 64, proto, 0, addr.parse(src))
    head += dst
    return head[:10] + (ones_sum(head) ^ 0xFFFF).to_bytes(2, "big") + head[12:] + body


def test_marks():
    """As Unix prints them; the trace ends when more than half of a hop's answers are such."""
    with Way() as w:
        for code, mark in (
            (0, "!N"),
            (1, "!H"),
            (2, "!P"),
            (4, "!F"),
            (5, "!S"),
            (6, "!6"),
            (9, "!X"),
            (10, "!X"),
            (13, "!X"),
            (14, "!V"),
            (15, "!C"),
            (255, "!255"),
        ):
            w.answer(lambda probe: [error(probe, 3, code)])
            hops = net.traceroute(FAR, max_hops=3)
            assert [p.mark for p in hops[0].probes] == [mark] * 3 and len(hops) == 1, code
            assert not hops.reached
            assert w.text().count(" ms %s" % mark) == 3


def test_a_host_that_takes_itself_for_a_router():
    """What comes from the address itself is the host's, even "time exceeded": QEMU's user
    networking says it of its own address, and then "port unreachable" from 127.0.0.1, which
    nobody may hear (RFC 1122 §3.2.1.3)."""
    with Way() as w:
        w.answer(lambda p: [error(p, 11, 0, FAR if p[8] == 2 else WAY[0])])
        hops = net.traceroute(FAR, max_hops=5)
        assert addresses(hops) == [[WAY[0]] * 3, [FAR] * 3] and hops.reached
        assert repr(hops) == "<2 hops to 10.3.0.9>"
        # but one that refuses there has not been reached the less
        w.answer(lambda p: [error(p, 3, 13, FAR)])
        hops = net.traceroute(FAR, max_hops=5)
        assert len(hops) == 1 and hops[0].probes[0].mark == "!X" and hops.reached


def test_one_refusal_of_three_does_not_end_it():
    with Way() as w:
        w.answer(lambda p: [error(p, 3, 13) if be16(p, 22) % 3 == 0 else error(p, 11, 0)])
        assert len(net.traceroute(FAR, max_hops=4)) == 4


def test_several_routers_at_one_distance():
    with Way() as w:
        w.answer(lambda p: [error(p, 11, 0, "10.0.0.%d" % (250 + be16(p, 22) % 2))])
        hops = net.traceroute(FAR, max_hops=1)
        assert addresses(hops) == [["10.0.0.250", "10.0.0.251", "10.0.0.250"]]
        line = w.text().split("\n")[1]
        want = r"^ 1  10\.0\.0\.250  %s 10\.0\.0\.251  %s 10\.0\.0\.250  %s$" % (MS, MS, MS)
        assert re.match(want, line), line


def test_repeated_answers_count_once():
    with Way() as w:
        w.answer(lambda p: [error(p, 11, 0), error(p, 11, 0), error(p, 3, 3)])
        hops = net.traceroute(FAR, max_hops=3)
        assert len(hops) == 3 and addresses(hops) == [[WAY[0]] * 3] * 3


def test_late_answers_are_not_taken_for_others():
    """What comes for an earlier hop says nothing about this one."""
    with Way() as w:
        kept = []

        def make(probe):
            kept.append(probe)
            return [error(kept[-4], 3, 3)] if len(kept) > 3 else []

        w.answer(make)
        hops = net.traceroute(FAR, max_hops=4, wait=0.1)
        assert addresses(hops) == [[None] * 3] * 4 and not hops.reached


def test_what_is_not_about_our_probes_is_ignored():
    """RFC 5927 §4: others must not be able to answer blindly; RFC 1122 §3.2.2."""
    with Way() as w:
        wrong = (
            lambda p: error(p, 11, 0, check=1),
            lambda p: error(p, 11, 1),  # of reassembly
            lambda p: error(p, 12, 0),
            lambda p: error(p, 4, 0),  # RFC 6633: source quench
            lambda p: error(p, 11, 0, sport=be16(p, 20) ^ 1),
            lambda p: error(p, 11, 0, dport=PORT - 1),
            lambda p: error(p, 11, 0, dport=PORT + 500),
            lambda p: error(p, 11, 0, length=41),
            lambda p: error(p, 11, 0, proto=6),
            lambda p: error(p, 11, 0, proto=1),
            lambda p: error(p, 11, 0, from_=0x0A000003),
            lambda p: error(p, 11, 0, to=0x0A030008),
            lambda p: error(p, 11, 0, version=0x65),
            lambda p: error(p, 11, 0, version=0x44),
            lambda p: error(p, 11, 0, version=0x4F),
            lambda p: error(p, 11, 0, fragment=1),
            lambda p: error(p, 11, 0, quote=27),
            lambda p: error(p, 11, 0, quote=19),
            lambda p: error(p, 11, 0, quote=0),
            lambda p: error(p, 11, 0, dst=b"\x0a\0\0\xff"),
            lambda p: datagram(FAR, b"\x0b\0\xf4"),
            lambda p: datagram(FAR, b""),
            # An echo reply, and a datagram from another host, to the right port
            lambda p: datagram(FAR, b"\0\0\xff\xff" + bytes(4)),
            lambda p: datagram(WAY[0], p[22:24] + p[20:22] + b"\0\x08\0\0", proto=17),
        )
        for i, make in enumerate(wrong):
            w.answer(lambda p: [make(p)])
            hops = net.traceroute(FAR, max_hops=1, wait=0.1)
            assert addresses(hops) == [[None] * 3], i
        w.answer(lambda p: [make(p) for make in wrong] + [error(p, 11, 0)])
        assert addresses(net.traceroute(FAR, max_hops=1)) == [[WAY[0]] * 3]
        w.nothing_is_left()


def test_noise():
    """Nothing leaves the poll loop, and what is right among it is found."""
    with Way() as w:
        rng = w.sim.rng

        def make(probe):
            out = []
            for _ in range(20):
                bad = bytearray(error(probe, 11, 0, quote=rng.bits() % 60))
                bad[20 + rng.bits() % (len(bad) - 20)] ^= 1 << rng.bits() % 8
                if rng.bits() & 1:  # with a checksum that is right
                    bad[22:24] = b"\0\0"
                    bad[22:24] = (ones_sum(bad[20:]) ^ 0xFFFF).to_bytes(2, "big")
                out.append(bytes(bad))
            return out

        w.answer(make)
        for icmp in (False, True):
            net.traceroute(FAR, max_hops=20, wait=0.05, icmp=icmp, quiet=True)
        assert not w.board.stack.last_bug
        w.nothing_is_left()


def test_echo_needs_the_identifier():
    with Way() as w:
        for change in ({"sport": 0x0000}, {"length": 0}):
            w.answer(lambda p: [error(p, 11, 0, **change)])
            hops = net.traceroute(FAR, max_hops=1, wait=0.1, icmp=True)
            assert addresses(hops) == [[None] * 3], change
        w.answer(lambda p: [error(p, 11, 0)])
        assert addresses(net.traceroute(FAR, max_hops=1, icmp=True)) == [[WAY[0]] * 3]


def test_refuses():
    with Way() as w:
        for args in (
            {"max_hops": 0},
            {"max_hops": 256},
            {"probes": 0},
            {"probes": 11},
            {"size": 27},
            {"size": 65536},
            {"wait": 0},
            {"wait": 61},
        ):
            assert error_of(net.traceroute, FAR, **args).errno == 22
        assert error_of(net.traceroute, "224.0.0.1").errno == 22
        w.board.stack.ip.routes.remove(0, 0, w.board.iface)
        assert error_of(net.traceroute, "192.168.3.4").errno == 101
        held = [w.board.stack.udp.open() for _ in range(64)]
        assert error_of(net.traceroute, "10.0.0.9").errno == 105
        for endpoint in held:
            endpoint.close()
        held = [w.board.stack.icmp.pings.open() for _ in range(16)]
        assert error_of(net.traceroute, "10.0.0.9", icmp=True).errno == 105
        for ping in held:
            ping.close()
        w.nothing_is_left()


def test_help():
    assert repr(net.traceroute).startswith("traceroute(host, max_hops=30")
