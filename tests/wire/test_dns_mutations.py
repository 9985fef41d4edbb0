# Frostnet: tests of DNS and multicast DNS with messages that were tampered with
# MIT license; Copyright (c) 2026 The Frostnet authors

# The stacks are strict: an exception inside a poll fails the test.

from dns_server import S, a, ask, cname, idle, record, setup, soa
from frostnet.wire import dns, mdns
from frostnet.wire.dns_name import encode_name
from mdns_peer import FLUSH, MS, network
from simwire import Rng

HOST = encode_name("h.org")
TYPES = (dns.A, dns.AAAA, dns.MX, dns.TXT, dns.SRV, dns.SOA, dns.PTR)


def tampered(rng, data, keep=0):
    """A copy with a few bytes changed behind the first `keep`, sometimes cut short."""
    data = bytearray(data)
    for _ in range(1 + rng.getrandbits(2)):
        data[keep + rng.getrandbits(16) % (len(data) - keep)] = rng.getrandbits(8)
    if rng.getrandbits(3) == 0:
        data = data[: rng.getrandbits(16) % len(data)]
    return bytes(data)


def test_tampered_answers():
    # RFC 9267; id and question stay, so that what is behind them is read. The good answer that
    # follows counts when the bad one was dropped; when it made sense, so be it.
    sim, resolver, (server,) = setup()
    rng = Rng(5)
    name = "x.org"
    good = [
        cname(name, "y.org"),
        a("y.org", "10.1.1.1"),
        record("y.org", dns.MX, b"\0\1" + HOST),
        record("y.org", dns.TXT, b"\3abc"),
        record("y.org", dns.SRV, bytes(6) + HOST),
        record("y.org", dns.PTR, HOST),
        record("y.org", dns.AAAA, bytes(16)),
    ]

    def answer(q):
        whole = server.message(q, good, authority=[soa("org", 60)])
        head = 12 + len(q.name) + 4
        server.send(q, tampered(rng, whole, 6 if rng.getrandbits(1) else head))
        server.reply(q, good)

    server.answer = answer
    failed = 0
    for i in range(700):
        query = ask(sim, resolver, name, TYPES[i % len(TYPES)])
        failed += bool(query.error)
        resolver.cache.clear()
        idle(resolver)
    assert 50 < failed < 650, failed
    server.answer = lambda q: server.reply(q, good)
    assert ask(sim, resolver, name).result == [0x0A010101]


def test_tampered_multicast():
    sim, peer, one, resolver, service = network()
    rng = Rng(6)
    pump = encode_name("pump.local")
    for i in range(3000):
        out = mdns.Builder(bool(rng.getrandbits(1)))
        out.question(pump, dns.ANY, FLUSH)
        out.question(encode_name("2.0.0.10.in-addr.arpa"), dns.PTR)
        out.record(mdns.ANSWER, pump, dns.A, 120, b"\x0a\0\0\2", FLUSH)
        out.record(mdns.ANSWER, encode_name("valve.local"), dns.A, 120, b"\x0a\0\0\3", FLUSH)
        out.record(mdns.ANSWER, pump, dns.NSEC, 120, pump + b"\0\1\x40", FLUSH)
        out.record(mdns.AUTHORITY, pump, dns.A, 120, b"\x0a\0\0\2")
        peer.send(tampered(rng, out.data), endpoint=None if i & 7 else peer.legacy)
        if i % 10 == 0 and len(resolver.exchanges) < 8:
            resolver.query("valve.local", TYPES[i // 10 % len(TYPES)])
        sim.run(MS)
    assert one.stack.counters.mdns_drop_malformed > 300
    sim.run(60 * S)
    assert not resolver.exchanges and len(resolver.cache) <= 64
    assert len(one.stack.timers) < 64
    # Whatever it is called now, it answers
    peer.take()
    peer.ask(service.hostname() + ".local")
    sim.run(2 * S)
    assert [h.answers[0][4] for h in peer.take() if h.response] == [b"\x0a\0\0\2"]
