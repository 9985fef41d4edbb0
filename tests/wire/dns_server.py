# Frostnet: a DNS server for tests, on a host of the simulator
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns import Resolver
from frostnet.dns.framing import Framer, frame
from frostnet.wire import dns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name, read_name, text_name
from simnet import Sim

S = 1000000


def record(name, rtype, data, ttl=300):
    name = encode_name(name) if isinstance(name, str) else name
    return (
        name
        + rtype.to_bytes(2, "big")
        + b"\0\1"
        + ttl.to_bytes(4, "big")
        + len(data).to_bytes(2, "big")
        + data
    )


def a(name, address, ttl=300):
    return record(name, dns.A, parse(address).to_bytes(4, "big"), ttl)


def cname(name, target, ttl=300):
    return record(name, dns.CNAME, encode_name(target), ttl)


def soa(name, minimum, ttl=300):
    data = encode_name("ns." + name) + encode_name("admin." + name)
    data += b"".join(n.to_bytes(4, "big") for n in (1, 7200, 900, 86400, minimum))
    return record(name, dns.SOA, data, ttl)


class Question:
    """What a client asked; `port` is its own; `connection`, if it came by TCP; `edns` is the size
    that its OPT record tells, or 0."""

    connection = None

    def __init__(self, when, data, src, port):
        self.when = when
        self.ident = data[0] << 8 | data[1]
        self.name, at = read_name(data, 0, 12, len(data))
        self.text = text_name(self.name)
        self.qtype = data[at] << 8 | data[at + 1]
        self.edns = 0
        if data[11]:
            assert data[at + 4 : at + 7] == b"\0\0\x29" and len(data) == at + 15
            self.edns = data[at + 7] << 8 | data[at + 8]
        self.data = data
        self.src = src
        self.port = port


class Server:
    """Answers from `zone`: {name: list of records, or a response code}; `asked` lists what came.

    A test may replace `answer(question)`.
    """

    def __init__(self, host, zone=None, port=53):
        self.host = host
        self.zone = zone or {}
        self.asked = []
        self.answer = self.look_up
        self.endpoint = host.stack.udp.open(0, port)
        self.endpoint.handler = self._input

    def look_up(self, question):
        found = self.zone.get(question.text, dns.NXDOMAIN)
        if isinstance(found, int):
            self.reply(question, rcode=found)
        else:
            self.reply(question, found)

    def silent(self, question):
        pass

    def reply(self, question, records=(), **options):
        self.send(question, self.message(question, records, **options))

    def message(
        self, q, records=(), rcode=0, flags=0x8180, ident=None, name=None, qtype=None, authority=()
    ):
        ident = q.ident if ident is None else ident
        counts = (ident, flags | rcode, 1, len(records), len(authority), 0)
        head = b"".join(x.to_bytes(2, "big") for x in counts)
        qtype = q.qtype if qtype is None else qtype
        question = (name or q.name) + qtype.to_bytes(2, "big") + b"\0\1"
        return head + question + b"".join(records) + b"".join(authority)

    def send(self, question, data, endpoint=None):
        if question.connection:
            data = memoryview(frame(data))
            assert question.connection.send(data, 0, len(data)) == len(data)
        else:
            (endpoint or self.endpoint).send(data, question.src, question.port)

    def serve_tcp(self, sim, backlog=4):
        """A program for the simulation that answers by TCP too (RFC 7766)."""
        self.listener = self.host.stack.tcp.listen(0, self.endpoint.port, backlog)
        sim.go(self._accept(sim))

    def _accept(self, sim):
        while True:
            connection = self.listener.accept()
            if connection:
                sim.go(self._converse(connection))
            yield

    def _converse(self, c):
        framer = Framer()
        buf = bytearray(600)
        while not c.eof and not c.error:
            n = c.recv_into(buf, 0, framer.wanted())
            if not n:
                yield
                continue
            message = framer.feed(buf, n)
            if message:
                question = Question(self.host.stack.now, bytes(message), c.raddr, c.ports & 0xFFFF)
                question.connection = c
                self.asked.append(question)
                self.answer(question)
        c.close()

    def _input(self, iface, buf, off, end, src, sport):
        question = Question(self.host.stack.now, bytes(buf[off:end]), src, sport)
        self.asked.append(question)
        self.answer(question)


ZONE = {
    "www.example.org": [a("www.example.org", "10.9.9.1", 60)],
    "two.example.org": [a("two.example.org", "10.9.9.1"), a("two.example.org", "10.9.9.2")],
    "empty.example.org": [],
    "zero.example.org": [a("zero.example.org", "10.9.9.3", 0)],
    "broken.example.org": dns.SERVFAIL,
}


def setup(servers=1, seed=1, **wire):
    sim = Sim(seed, **wire)
    host = sim.host(1, "10.0.0.2/24")
    resolver = Resolver(host.stack)
    found = []
    for i in range(servers):
        peer = sim.host(10 + i, "10.0.0.%d/24" % (10 + i))
        found.append(Server(peer, dict(ZONE)))
        resolver.servers.append(peer.iface.addr)
    return sim, resolver, found


def finish(sim, query, timeout=15 * S):
    sim.run_until(lambda: query.done, timeout, "the query")
    return query


def ask(sim, resolver, name, qtype=dns.A):
    return finish(sim, resolver.query(name, qtype))


def idle(resolver):
    # Nothing stays behind
    assert not resolver.exchanges
    assert not resolver.stack.udp.endpoints()
