# Frostnet: tests of search domains, hosts table, own name, and all record types
# MIT license; Copyright (c) 2026 The Frostnet authors

from dns_server import S, a, ask, cname, finish, idle, record, setup
from frostnet.dns import EAI_AGAIN, EAI_NONAME
from frostnet.wire import dns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name

ETIMEDOUT = 110


def asked(server):
    return [q.text for q in server.asked]


def test_search_domains():
    # RFC 1535 §6
    sim, resolver, (server,) = setup()
    resolver.search = ["example.com", "example.org"]
    query = ask(sim, resolver, "www")
    assert query.result == [parse("10.9.9.1")] and query.name == encode_name("www.example.org")
    assert asked(server) == ["www.example.com", "www.example.org"]
    server.asked.clear()
    assert ask(sim, resolver, "www.example.org").result
    assert not server.asked  # cached under its full name
    assert ask(sim, resolver, "nobody.x").error == EAI_NONAME
    assert asked(server) == ["nobody.x", "nobody.x.example.com", "nobody.x.example.org"]
    server.asked.clear()
    assert ask(sim, resolver, "www.").error == EAI_NONAME
    assert asked(server) == ["www"]
    idle(resolver)


def test_search_goes_on_after_a_failure_but_remembers():
    # "No such name" is not said when a server could not tell about one of the candidates
    sim, resolver, (server,) = setup()
    resolver.search = ["x.org", "example.org"]
    server.zone["www.x.org"] = dns.SERVFAIL
    server.zone["nobody.x.org"] = dns.SERVFAIL
    assert ask(sim, resolver, "www").result == [parse("10.9.9.1")]
    assert ask(sim, resolver, "nobody").error == EAI_AGAIN


def test_search_ends_in_time():
    sim, resolver, (server,) = setup()
    resolver.search = ["d%d.org" % i for i in range(6)]
    server.answer = server.silent
    began = sim.now
    assert ask(sim, resolver, "www").error == ETIMEDOUT
    assert abs(sim.now - began - 10 * S) < S // 10
    assert set(asked(server)) == {"www.d0.org"}
    idle(resolver)


def test_search_by_aliases():
    sim, resolver, (server,) = setup()
    resolver.search = ["x.org", "example.org"]
    server.zone["www.x.org"] = [cname("www.x.org", "nobody.org")]
    assert ask(sim, resolver, "www").result == [parse("10.9.9.1")]


def test_hosts_table():
    sim, resolver, (server,) = setup()
    resolver.hosts.add("printer", parse("10.0.0.9"))
    resolver.hosts.add("printer", parse("10.0.0.8"))
    resolver.hosts.add("www.example.org", parse("10.0.0.7"))
    query = resolver.query("PRINTER")
    assert query.done and query.result == [parse("10.0.0.9"), parse("10.0.0.8")]
    assert resolver.query("www.example.org").result == [parse("10.0.0.7")]
    assert resolver.query("10.0.0.9", dns.PTR).result == ["printer"]
    query = resolver.query("printer", dns.AAAA)
    assert query.done and query.error == EAI_NONAME  # it has an address, only not of this kind
    resolver.search = ["example.org"]
    assert resolver.query("www").result == [parse("10.0.0.7")]
    assert not server.asked
    resolver.hosts.remove("printer")
    assert not resolver.query("printer").done


def test_our_own_name():
    sim, resolver, (server,) = setup()
    resolver.hostname = "Pump"
    for name in ("pump", "PUMP.", "pump.local"):
        query = resolver.query(name)
        assert query.done and query.result == [parse("10.0.0.2")], name
    assert resolver.query("10.0.0.2", dns.PTR).result == ["Pump"]
    sim.hosts[0].iface.clear_address()
    assert resolver.query("pump").result == [parse("127.0.0.1")]


def test_localhost():
    # RFC 6761 §6.3
    sim, resolver, (server,) = setup()
    resolver.search = ["example.org"]
    assert resolver.query("localhost").result == [parse("127.0.0.1")]
    assert resolver.query("127.0.0.1", dns.PTR).result == ["localhost"]
    for qtype in (dns.AAAA, dns.TXT):
        query = resolver.query("localhost", qtype)
        assert query.done and query.error == EAI_NONAME
    assert not server.asked


def test_all_record_types():
    sim, resolver, (server,) = setup()
    name = "x.org"
    host = encode_name("h.org")
    numbers = b"".join(n.to_bytes(4, "big") for n in (1, 2, 3, 4, 5))
    data = {
        dns.A: (b"\x0a\0\0\1", parse("10.0.0.1")),
        dns.AAAA: (b"\xfe\x80" + bytes(13) + b"\1", "fe80::1"),
        dns.MX: (b"\0\x0a" + host, (10, "h.org")),
        dns.TXT: (b"\2ab\1c", (b"ab", b"c")),
        dns.SRV: (b"\0\1\0\2\0\x50" + host, (1, 2, 80, "h.org")),
        dns.NS: (host, "h.org"),
        dns.PTR: (host, "h.org"),
        dns.CNAME: (host, "h.org"),
        dns.SOA: (host + host + numbers, ("h.org", "h.org", 1, 2, 3, 4, 5)),
    }
    for qtype, (rdata, want) in data.items():
        # Each through an alias too, except the alias itself (RFC 1034 §3.6.2)
        server.zone[name] = [record(name, qtype, rdata)]
        assert ask(sim, resolver, name, qtype).result == [want], qtype
        assert server.asked[-1].qtype == qtype
        if qtype != dns.CNAME:
            server.zone[name] = [record(name, qtype, rdata), cname("a.org", name)]
            server.zone["a.org"] = server.zone[name]
            resolver.cache.clear()
            assert ask(sim, resolver, "a.org", qtype).result == [want], qtype
        resolver.cache.clear()


def test_damaged_data_of_any_type():
    sim, resolver, (server,) = setup()
    for qtype in (dns.A, dns.AAAA, dns.MX, dns.SRV, dns.NS, dns.PTR, dns.SOA):
        for rdata in (b"", b"\1", b"\1\2\3", b"\xc0\xff", b"\0\1\0\2\0\3\xff", bytes(40)):
            server.zone["x.org"] = [record("x.org", qtype, rdata)]
            assert ask(sim, resolver, "x.org", qtype).error < 0, (qtype, rdata)
    idle(resolver)


def test_one_server_is_asked():
    # Neither the cache nor any table has a say, and nothing is kept
    sim, resolver, servers = setup(2)
    servers[1].zone["www.example.org"] = [a("www.example.org", "10.1.1.1")]
    resolver.hosts.add("www.example.org", parse("10.0.0.7"))
    resolver.search = ["example.org"]
    query = resolver.query("www.example.org", dns.A, resolver.servers[1])
    assert finish(sim, query).result == [parse("10.1.1.1")]
    assert not servers[0].asked and len(resolver.cache) == 0
    query = resolver.query("nobody", dns.A, resolver.servers[1])
    assert finish(sim, query).error == EAI_NONAME
    assert servers[1].asked[-1].text == "nobody"
    # And it does not share the answer with those who ask all
    resolver.hosts.clear()
    one = resolver.query("www.example.org")
    other = resolver.query("www.example.org", dns.A, resolver.servers[1])
    finish(sim, one)
    finish(sim, other)
    assert one.result == [parse("10.9.9.1")] and other.result == [parse("10.1.1.1")]
    idle(resolver)


def test_alias_is_looked_up_once_for_all():
    # One outstanding question per name and type, whoever leads there (RFC 5452 §5)
    sim, resolver, (server,) = setup(1, delay=2000)
    server.zone["a.org"] = [cname("a.org", "www.example.org")]
    server.zone["b.org"] = [cname("b.org", "www.example.org")]
    queries = [resolver.query(name) for name in ("a.org", "b.org", "a.org")]
    for query in queries:
        assert finish(sim, query).result == [parse("10.9.9.1")]
    assert sorted(asked(server)) == ["a.org", "b.org", "www.example.org"]
