# Frostnet: tests of the DNS forwarder: a board between a client and a server, in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc

import net
import services
from dns_server import ZONE, Server, a, cname, finish, soa
from frostnet import runtime
from frostnet.dns import EAI_AGAIN, EAI_NONAME, Resolver
from frostnet.dns.framing import Framer, frame
from frostnet.wire import dns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name
from simnet import Sim
from simtools import scheduler

S = 1000000
BOARD = parse("10.0.0.1")


class Bench:
    """The board is 10.0.0.1, its server 10.0.0.10 (and 10.0.0.11), the client 10.0.0.2."""

    def __init__(self, servers=1, seed=1, **wire):
        self.sim = sim = Sim(seed, delay=500, **wire)
        self.board = sim.host(1, "10.0.0.1/24")
        self.resolver = Resolver(self.board.stack)
        self.board.rt.resolver = self.resolver
        self.board.rt.dhcp = {}
        self.resolver.hostname = "router"
        self.servers = []
        for i in range(servers):
            host = sim.host(10 + i, "10.0.0.%d/24" % (10 + i))
            self.servers.append(Server(host, dict(ZONE)))
            self.resolver.servers.append(host.iface.addr)
        self.client = sim.host(2, "10.0.0.2/24")
        self.asker = Resolver(self.client.stack)
        self.asker.servers = [BOARD]
        self.endpoint = self.client.stack.udp.open()
        self.before = self.board.use()
        scheduler(sim, self.board.rt)
        self.service = net.dnsd()
        self.counters = self.service.counters

    def ask(self, name, qtype=dns.A):
        return finish(self.sim, self.asker.query(name, qtype))

    def send(self, data, dst=BOARD):
        self.endpoint.send(data, dst, 53)

    def heard(self, seconds=1):
        """What comes back, as bytes, in this time."""
        self.run(seconds)
        found = []
        while True:
            datagram = self.endpoint.recv()
            if datagram is None:
                return found
            assert datagram[1] == BOARD and datagram[2] == 53
            found.append(bytes(datagram[0]))

    def run(self, seconds):
        self.sim.run(int(seconds * S))

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, tb):
        if exc is None:
            self.run(30)
            assert not len(self.service._forwarder) and not self.service._tries
        self.service.stop()
        if exc is None:
            assert self.counters["failed"] == 0, self.service.error
            assert not services.running
            assert not self.board.stack.udp.endpoints() and not self.board.stack.tcp.listeners
        runtime.set_current(self.before)


def question(name, qtype=dns.A, ident=0x1234, flags=0x0100, opt=b""):
    head = (ident, flags, 1, 0, 0, 1 if opt else 0)
    body = encode_name(name) + qtype.to_bytes(2, "big") + b"\0\1"
    return b"".join([n.to_bytes(2, "big") for n in head]) + body + opt


def opt(size, data=b"", ttl=0):
    return (
        b"\0\0\x29"
        + size.to_bytes(2, "big")
        + ttl.to_bytes(4, "big")
        + len(data).to_bytes(2, "big")
        + data
    )


def rcode(data):
    return data[3] & 15


def test_a_name_that_a_server_knows():
    with Bench() as bench:
        assert bench.ask("www.example.org").result == [parse("10.9.9.1")]
        assert bench.ask("nowhere.example.org").error == EAI_NONAME
        assert bench.ask("broken.example.org").error == EAI_AGAIN
        assert bench.counters["forwarded"] == bench.counters["answered"] == 3


def test_ids_and_ports_are_ours_and_random():
    # RFC 5452 §9: nothing of the client's helps to guess
    with Bench() as bench:
        (server,) = bench.servers
        server.zone["n.example.org"] = [a("n.example.org", "10.9.9.9", 0)]
        for i in range(40):
            bench.send(question("n.example.org", ident=7))
            (data,) = bench.heard()
            assert data[:2] == b"\0\7" and rcode(data) == 0
        idents = {q.ident for q in server.asked}
        ports = {q.port for q in server.asked}
        assert len(idents) > 35 and len(ports) > 35


def test_the_query_goes_through_as_it_is():
    # RFC 5625 §4.1 to §4.4: unknown types, options of EDNS, flags CD and AD, the case of letters
    with Bench() as bench:
        (server,) = bench.servers
        got = []

        def input(iface, buf, off, end, src, sport):
            data = bytearray(buf[off:end])
            got.append(bytes(data))
            data[2] |= 0x80
            data[3] |= 0x80
            server.endpoint.send(data, src, sport)

        server.endpoint.handler = input
        extra = opt(1400, b"\xfd\xe9\0\3abc", 0x8000)  # DO, and an option for experiments
        ask = bytearray(question("wWw.eXample.ORG", 65280, 99, 0x0130, extra))
        at = ask.find(b"www")
        ask[at : at + 3] = b"wWw"
        ask = bytes(ask)
        bench.send(ask)
        (data,) = bench.heard()
        assert got[0][2:] == ask[2:] and got[0][:2] != ask[:2]
        assert data[:2] == ask[:2] and data[4:] == ask[4:]


def test_hosts_own_name_and_what_is_nobodys():
    with Bench() as bench:
        bench.resolver.hosts.add("pump.example.org", parse("10.7.7.7"))
        assert bench.ask("pump.example.org").result == [parse("10.7.7.7")]
        assert bench.ask("router").result == [BOARD]
        assert bench.ask("10.7.7.7", dns.PTR).result == ["pump.example.org"]
        assert bench.ask("10.0.0.1", dns.PTR).result == ["router"]
        for name in ("x.invalid", "x.onion", "nobody", "some.local"):
            assert bench.ask(name).error == EAI_NONAME, name
        bench.send(question("localhost"))
        (data,) = bench.heard()
        assert data[-4:] == b"\x7f\0\0\1"
        # It has an address, and nothing else
        bench.send(question("pump.example.org", dns.MX, opt=opt(1232)))
        (data,) = bench.heard()
        assert rcode(data) == 0 and data[6:8] == b"\0\0" and data[10:12] == b"\0\1"
        assert not bench.servers[0].asked


def test_clients_of_dhcpd():
    with Bench() as bench:
        dhcpd = net.dhcpd("eth0", check=False)
        from frostnet.dhcp.client import Client

        host = bench.sim.host(7)
        resolver = Resolver(host.stack)
        client = Client(host.stack, host.iface, resolver, "Pump")
        client.start(bench.sim.now)
        bench.run(1)
        assert resolver.servers == [BOARD] and resolver.search == ["lan"]
        address = client.lease.addr
        for name in ("pump", "pump.lan", "PUMP.lan"):
            assert bench.ask(name).result == [address]
        assert bench.ask("10.0.0.100", dns.PTR).result == ["pump.lan"]
        assert bench.ask("router.lan").result == [BOARD]
        # No one else knows who is not there
        assert bench.ask("valve.lan").error == EAI_NONAME
        assert bench.ask("10.0.0.150", dns.PTR).error == EAI_NONAME
        assert not bench.servers[0].asked
        assert finish(bench.sim, resolver.query("www.example.org")).result == [parse("10.9.9.1")]
        assert finish(bench.sim, resolver.query("router")).result == [BOARD]
        # A client that calls itself as we do, and names around those that there are
        host = bench.sim.host(8)
        liar = Client(host.stack, host.iface, None, "router")
        liar.start(bench.sim.now)
        bench.run(1)
        assert liar.lease and dhcpd.address_of("router")
        bench.asker.cache.clear()
        assert bench.ask("router.lan").result == bench.ask("router").result == [BOARD]
        for name in ("router.pump.lan", "pump.lan.lan", "pump.pump.lan"):
            assert bench.ask(name).error == EAI_NONAME, name
        bench.send(question("lan", dns.ANY))
        (data,) = bench.heard()
        assert rcode(data) == 0 and data[6:8] == b"\0\0"
        assert len(bench.servers[0].asked) == 1
        client.stop(bench.sim.now)
        bench.run(1)
        bench.asker.cache.clear()
        assert bench.ask("pump.lan").error == EAI_NONAME
        dhcpd.stop()


def test_cache():
    with Bench() as bench:
        (server,) = bench.servers
        server.zone["al.example.org"] = [
            cname("al.example.org", "www.example.org", 100),
            a("www.example.org", "10.9.9.1", 60),
        ]
        for i in range(3):
            bench.send(question("al.example.org", ident=i))
            (data,) = bench.heard(10)
            assert data[1] == i and data[-4:] == b"\x0a\x09\x09\1"
            # RFC 1035 §3.2.1: what is left of its time
            assert abs(int.from_bytes(data[-10:-6], "big") - (60 - 10 * i)) <= 1, data
        assert len(server.asked) == 1 and bench.counters["cached"] == 2
        bench.run(40)
        bench.send(question("al.example.org"))
        assert bench.heard() and len(server.asked) == 2
        # RFC 2308 §5: that there is nothing is kept for as long as the zone says
        server.answer = lambda q: server.reply(
            q, rcode=dns.NXDOMAIN, authority=[soa("example.org", 20)]
        )
        for wait, asked in ((10, 3), (5, 3), (10, 3), (1, 4)):
            bench.send(question("no.example.org"))
            (data,) = bench.heard(wait)
            assert rcode(data) == dns.NXDOMAIN and len(server.asked) == asked, (wait, asked)
        # Not kept: no TTL, a failure, other flags
        server.answer = server.look_up
        for name in ("zero.example.org", "broken.example.org"):
            before = len(server.asked)
            for i in range(2):
                bench.send(question(name))
                assert bench.heard()
            assert len(server.asked) == before + 2


def test_one_question_of_many_clients_is_asked_once():
    # RFC 5452 §5; and a client that repeats its own does not begin another
    with Bench() as bench:
        (server,) = bench.servers
        server.answer = server.silent
        for i in range(10):
            bench.send(question("www.example.org", ident=i & 3))
        bench.run(0.5)
        assert len(server.asked) == 1
        server.answer = server.look_up
        found = bench.heard(2)
        assert sorted(data[1] for data in found) == [0, 1, 2, 3]
        assert len(server.asked) == 2 and bench.counters["retried"] == 1


def test_the_next_server_and_none():
    with Bench(servers=2) as bench:
        first, second = bench.servers
        first.answer = first.silent
        bench.send(question("www.example.org"))
        (data,) = bench.heard(2)
        assert data[-4:] == b"\x0a\x09\x09\1" and second.asked
        second.answer = second.silent
        bench.send(question("two.example.org"))
        (data,) = bench.heard(10)
        assert rcode(data) == dns.SERVFAIL and bench.counters["unanswered"] == 1
        # One that has no server at all says so at once
        second.endpoint.close()
        bench.resolver.servers = [parse("10.0.0.11")]
        bench.send(question("two.example.org"))
        (data,) = bench.heard(0.2)
        assert rcode(data) == dns.SERVFAIL


def test_it_does_not_ask_itself():
    with Bench() as bench:
        bench.resolver.servers = [BOARD, parse("127.0.0.1")]
        bench.send(question("www.example.org"))
        (data,) = bench.heard(0.2)
        assert rcode(data) == dns.SERVFAIL
        bench.resolver.servers = []
        bench.send(question("www.example.org"))
        assert rcode(bench.heard(0.2)[0]) == dns.SERVFAIL


def big(n=35):
    return [a("big.example.org", "10.9.%d.1" % i) for i in range(n)]


def test_answers_that_do_not_fit():
    # RFC 5625 §4.4.1 and §4.4.2: TC, and then by TCP
    with Bench() as bench:
        (server,) = bench.servers
        server.serve_tcp(bench.sim)
        server.zone["big.example.org"] = big()
        bench.send(question("big.example.org"))
        (data,) = bench.heard()
        assert len(data) <= 512 and data[2] & dns.TC and data[6:8] == b"\0\0"
        bench.send(question("big.example.org", opt=opt(1232)))
        (data,) = bench.heard()
        assert data[6:8] == b"\0\x23" and not data[2] & dns.TC
        server.zone["big.example.org"] = big(100)
        assert len(bench.ask("big.example.org").result) == 35  # from the cache
        bench.service.cache.clear()
        bench.asker.cache.clear()
        assert len(bench.ask("big.example.org").result) == 64  # all that our resolver reads
        assert bench.client.stack.counters.dns_tcp == 1
        assert [bool(q.connection) for q in server.asked][-2:] == [False, True]


class Stream:
    """A TCP connection of the client's to the board."""

    def __init__(self, bench):
        self.bench = bench
        self.c = bench.client.stack.tcp.connect(BOARD, 53)
        bench.run(0.1)
        self.framer = Framer()

    def send(self, data):
        self.c.send(data, 0, len(data))
        self.bench.sim.touch()

    def heard(self, seconds=1):
        self.bench.run(seconds)
        found = []
        buf = bytearray(65536)
        while True:
            n = self.c.recv_into(buf, 0, self.framer.wanted())
            if not n:
                return found
            message = self.framer.feed(buf, n)
            if message is not None:
                found.append(bytes(message))

    def is_over(self):
        return self.c.eof or self.c.error


def test_tcp():
    with Bench() as bench:
        (server,) = bench.servers
        server.serve_tcp(bench.sim)
        stream = Stream(bench)
        names = ("www.example.org", "router", "two.example.org", "nowhere.example.org")
        data = b"".join([frame(question(name, ident=i)) for i, name in enumerate(names)])
        stream.send(data[:5])  # cut anywhere
        bench.run(0.1)
        stream.send(data[5:])
        found = stream.heard()
        assert [message[1] for message in found] == [0, 1, 2, 3]
        assert [rcode(message) for message in found] == [0, 0, 0, dns.NXDOMAIN]
        assert all(q.connection for q in server.asked)
        stream.send(frame(question("www.example.org", ident=9)))
        assert stream.heard()[0][1] == 9 and len(server.asked) == 3  # the cache
        bench.run(11)
        assert stream.is_over()  # RFC 7766 §6.2.3
        stream.c.close()


def test_many_questions_by_tcp():
    with Bench() as bench:
        (server,) = bench.servers
        server.serve_tcp(bench.sim)
        stream = Stream(bench)
        for i in range(100):
            stream.send(frame(question("zero.example.org", ident=i)))
        assert [m[1] for m in stream.heard(20)] == list(range(100))
        stream.c.close()


def test_a_tcp_server_that_is_silent_or_lies():
    with Bench(servers=2) as bench:
        first, second = bench.servers
        first.serve_tcp(bench.sim)
        second.serve_tcp(bench.sim)
        first.answer = first.silent
        stream = Stream(bench)
        stream.send(frame(question("www.example.org")))
        assert not stream.heard(3)
        (message,) = stream.heard(3)
        assert rcode(message) == 0 and second.asked
        second.answer = lambda q: second.reply(q, [a("www.example.org", "6.6.6.6")], ident=1)
        stream.send(frame(question("two.example.org")))
        (message,) = stream.heard(9)
        assert rcode(message) == dns.SERVFAIL
        assert bench.counters["drop_mismatch"] == 1
        stream.c.close()


def test_forged_answers():
    # RFC 5452 §9.1: address, port, id and question must fit
    with Bench() as bench:
        (server,) = bench.servers
        rival = bench.sim.host(66, "10.0.0.66/24")
        other = rival.stack.udp.open(0, 53)
        wrong = [a("www.example.org", "6.6.6.6")]

        def answer(q):
            other.send(server.message(q, wrong), q.src, q.port)
            elsewhere = server.host.stack.udp.open(0, 5353)
            server.send(q, server.message(q, wrong), elsewhere)
            elsewhere.close()
            server.reply(q, wrong, ident=q.ident ^ 1)
            server.reply(q, wrong, name=encode_name("www.example.com"))
            server.reply(q, wrong, qtype=dns.AAAA)
            server.reply(q, wrong, flags=0x0100)
            server.send(q, b"\0" * 5)
            bench.sim.touch()
            server.reply(q, [a("www.example.org", "10.9.9.1")])

        server.answer = answer
        bench.send(question("www.example.org"))
        found = bench.heard(5)
        assert [data[-4:] for data in found] == [b"\x0a\x09\x09\1"]


def test_only_attached_networks():
    # No amplifier: who is not on our wires gets no answer, whatever it says it is.
    with Bench() as bench:
        far = bench.sim.host(9, "10.5.0.2/24")
        far.stack.ip.routes.add(BOARD, 32, far.iface, 0)
        far.stack.udp.open().send(question("www.example.org"), BOARD, 53)
        bench.sim.touch()
        bench.run(1)
        assert bench.counters["drop_not_attached"] == 1
        assert not bench.servers[0].asked and bench.counters["sent"] == 0


def test_what_is_no_question():
    with Bench() as bench:
        good = question("www.example.org")
        for data, code in (
            (b"", None),
            (good[:11], None),
            (good[:2] + b"\x81" + good[3:], None),  # an answer: or they talk for ever
            (good[:14], dns.FORMERR),
            (good[:-1], dns.FORMERR),
            (good[:2] + b"\x29" + good[3:], dns.NOTIMP),  # UPDATE
            (good[:5] + b"\2" + good[6:], dns.FORMERR),
            (good[:5] + b"\0" + good[6:], dns.FORMERR),
            (good[:12] + b"\xc0\x0c\0\1\0\1", dns.FORMERR),
            (good[:12] + b"\x7f" + good[13:], dns.FORMERR),
            (question("www.example.org", opt=opt(1232)[:-1]), dns.FORMERR),
        ):
            bench.send(data)
            found = bench.heard(0.1)
            assert [rcode(x) for x in found] == ([] if code is None else [code]), data
        assert not bench.servers[0].asked
        assert bench.ask("www.example.org").result


def test_a_flood_leaves_room_for_others():
    with Bench() as bench:
        (server,) = bench.servers
        server.answer = server.silent
        for i in range(200):
            bench.send(question("n%d.example.org" % i, ident=i))
            bench.run(0.001)
        refused = bench.heard(0.2)
        assert refused and all(rcode(d) == dns.SERVFAIL for d in refused)
        assert bench.counters["busy"] == 188
        assert len(bench.service._forwarder) == 12
        server.answer = server.look_up
        other = bench.sim.host(5, "10.0.0.5/24")
        resolver = Resolver(other.stack)
        resolver.servers = [BOARD]
        assert finish(bench.sim, resolver.query("www.example.org")).result


def test_hostile_tcp_clients():
    with Bench() as bench:
        for data in (b"\0\0", b"\0\1x", b"\xff\xff" + bytes(100), frame(b"\x81" * 30)):
            stream = Stream(bench)
            stream.send(data)
            bench.run(1)
            assert stream.is_over(), data
            stream.c.abort()
        idle = [Stream(bench) for _ in range(12)]
        late = Stream(bench)
        late.send(frame(question("router")))
        assert late.heard(3)
        for stream in idle + [late]:
            stream.c.abort()
        assert bench.counters["drop_malformed"] == 4


def test_memory_returns():
    with Bench() as bench:
        (server,) = bench.servers
        server.answer = lambda q: server.reply(q, [a(q.text, "10.9.9.1")])
        dhcpd = net.dhcpd("eth0", check=False)
        used = 0
        for i in range(6):
            for n in range(60):
                bench.send(question("n%d.example.org" % n))
                bench.run(0.01)
            assert bench.heard() and len(bench.service.cache) == 60
            bench.service.stop()
            dhcpd.stop()
            server.asked.clear()
            gc.collect()
            if i == 1:
                used = gc.mem_alloc()
            elif i > 1:
                assert gc.mem_alloc() - used < 16000, gc.mem_alloc() - used
            bench.service = net.dnsd()
            bench.counters = bench.service.counters
            dhcpd = net.dhcpd("eth0", check=False)
        dhcpd.stop()


def test_losses():
    with Bench(seed=5, loss=0.1) as bench:
        found = [bench.ask("www.example.org").result for _ in range(20)]
        assert found.count([parse("10.9.9.1")]) == 20


def test_errors_are_sentences():
    with Bench() as bench:
        for args, said in (
            ({}, "dnsd runs already"),
            ({"name": "eth7"}, "no interface eth7"),
            ({"servers": "x"}, "servers are addresses"),
        ):
            try:
                net.dnsd(**args)
                raise AssertionError
            except net.NetError as e:
                assert said in str(e), e
        bench.service.stop()
        listener = bench.board.stack.tcp.listen(0, 53, 1)
        try:
            net.dnsd()
            raise AssertionError
        except net.NetError as e:
            assert "port 53 is taken" in str(e)
        listener.close()
        assert not services.running and not bench.board.stack.udp.endpoints()
