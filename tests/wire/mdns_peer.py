# Frostnet: a station that speaks multicast DNS by hand, for tests
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns import Resolver
from frostnet.mdns import Mdns
from frostnet.wire import dns, mdns
from frostnet.wire.dns_name import encode_name, text_name
from simnet import Sim

S = 1000000
MS = 1000
FLUSH = dns.IN | mdns.TOP


class Heard:
    """A message from the wire: text of its records, and how it was sent."""

    def __init__(self, when, dst, sport, dport, ttl, data):
        self.when = when
        self.dst = dst
        self.sport = sport
        self.dport = dport
        self.ttl = ttl
        self.data = data
        m = self.message = mdns.parse(data, 0, len(data))
        self.response = m.response
        self.questions = [(text_name(q.name), q.qtype, q.unicast) for q in m.questions]
        self.answers = self._records(m.answers)
        self.authority = self._records(m.authority)

    def _records(self, records):
        return [
            (text_name(r.name), r.rtype, r.rclass, r.ttl, self.data[r.off : r.end])
            for r in records
        ]


class Peer:
    """10.0.0.`last` on the wire, a host whose stack only sends; `heard` is all of the others'."""

    def __init__(self, sim, last=9):
        self.sim = sim
        self.host = sim.host(last, "10.0.0.%d/24" % last)
        self.endpoint = self.host.stack.udp.open(0, mdns.PORT)
        self.endpoint.handler = lambda *args: None
        self.legacy = self.host.stack.udp.open(0, 0)
        self.legacy.handler = lambda *args: None
        self.heard = []
        sim.default.filter = self._see

    def _see(self, f, src):
        # Every IPv4/UDP frame from or to port 5353, except our own
        if f[12:14] == b"\x08\x00" and f[23] == 17 and src is not self.host.port:
            sport = f[34] << 8 | f[35]
            dport = f[36] << 8 | f[37]
            if mdns.PORT in (sport, dport):
                end = 34 + (f[38] << 8 | f[39])
                dst = int.from_bytes(f[30:34], "big")
                self.heard.append(Heard(self.sim.now, dst, sport, dport, f[22], f[42:end]))
        return f

    def take(self):
        """What was heard since the last time."""
        heard = self.heard
        self.heard = []
        return heard

    def send(self, data, dst=mdns.GROUP, endpoint=None, port=mdns.PORT):
        (endpoint or self.endpoint).send(bytes(data), dst, port)

    def ask(self, name, qtype=dns.A, qclass=dns.IN, known=(), authority=(), flags=0, **how):
        """Send a query; `known` and `authority` are (name, type, ttl, data)."""
        out = mdns.Builder(False)
        if name:
            out.question(encode_name(name), qtype, qclass)
        self._put(out, mdns.ANSWER, known)
        self._put(out, mdns.AUTHORITY, authority)
        out.data[2] |= flags
        self.send(out.data, **how)

    def say(self, *records, rclass=FLUSH, **how):
        """Send a response with records (name, type, ttl, data)."""
        out = mdns.Builder(True)
        self._put(out, mdns.ANSWER, records, rclass)
        self.send(out.data, **how)

    def _put(self, out, section, records, rclass=dns.IN):
        for name, rtype, ttl, data in records:
            out.record(section, encode_name(name), rtype, ttl, data, rclass)


def host(sim, last=2, hostname="pump"):
    """A host with multicast DNS at 10.0.0.`last`: (simulated host, Resolver, Mdns)."""
    one = sim.host(last, "10.0.0.%d/24" % last)
    resolver = Resolver(one.stack)
    resolver.hostname = hostname
    service = Mdns(resolver, hostname)
    service.add(one.iface)
    return one, resolver, service


def network(seed=1, settled=True, **wire):
    """(Sim, Peer, host, Resolver, Mdns): the host has its name, unless `settled` is false."""
    sim = Sim(seed, **wire)
    peer = Peer(sim)
    one, resolver, service = host(sim)
    if settled:
        sim.run(10 * S)
        peer.take()
    return sim, peer, one, resolver, service
