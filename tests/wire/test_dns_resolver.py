# Frostnet: tests of the DNS resolver, in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

from dns_server import S, a, ask, cname, finish, idle, record, setup
from frostnet.dns import EAI_AGAIN, EAI_FAIL, EAI_NONAME
from frostnet.wire import dns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name

ENETDOWN = 100
ENETUNREACH = 101
ENOBUFS = 105
ETIMEDOUT = 110


def test_address():
    sim, resolver, (server,) = setup()
    query = ask(sim, resolver, "www.example.org")
    assert query.result == [parse("10.9.9.1")] and query.error == 0
    question = server.asked[0]
    assert question.data[2:12] == b"\x01\0\0\1\0\0\0\0\0\1"  # a query, recursion desired
    idle(resolver)


def test_several_addresses():
    sim, resolver, _ = setup()
    assert ask(sim, resolver, "two.example.org").result == [parse("10.9.9.1"), parse("10.9.9.2")]


def test_numbers_need_no_server():
    sim, resolver, (server,) = setup()
    resolver.servers = []
    for text in ("10.0.2.2", "255.255.255.255", "0.0.0.0"):
        query = resolver.query(text)
        assert query.done and query.result == [parse(text)]


def test_localhost():
    # RFC 6761 section 6.3
    sim, resolver, (server,) = setup()
    for name in ("localhost", "LocalHost", "localhost.", "a.localhost"):
        query = resolver.query(name)
        assert query.done and query.result == [parse("127.0.0.1")], name
    assert not resolver.query("notlocalhost").done


def test_impossible_names():
    sim, resolver, (server,) = setup()
    for name in ("", ".", "a..b", "x" * 64, "x." * 200):
        query = resolver.query(name)
        assert query.done and query.error == EAI_NONAME, name
    assert not server.asked


def test_unknown_name():
    sim, resolver, (server,) = setup()
    assert ask(sim, resolver, "nobody.example.org").error == EAI_NONAME
    assert ask(sim, resolver, "empty.example.org").error == EAI_NONAME
    idle(resolver)


def test_pointer_record():
    sim, resolver, (server,) = setup()
    name = "3.0.0.10.in-addr.arpa"
    server.zone[name] = [record(name, dns.PTR, encode_name("ns.example.org"))]
    assert ask(sim, resolver, "10.0.0.3", dns.PTR).result == ["ns.example.org"]


def test_cache():
    sim, resolver, (server,) = setup()
    ask(sim, resolver, "www.example.org")
    sim.run(59 * S)
    query = resolver.query("WWW.EXAMPLE.ORG.")
    assert query.done and query.result == [parse("10.9.9.1")]
    assert len(server.asked) == 1 and resolver.stack.counters.dns_cache_hit == 1
    sim.run(2 * S)
    ask(sim, resolver, "www.example.org")
    assert len(server.asked) == 2
    # What a user does to his list does not change the cache
    query.result.append(0)
    assert len(resolver.query("www.example.org").result) == 1


def test_ttl_zero_is_asked_again():
    sim, resolver, (server,) = setup()
    for _ in range(2):
        assert ask(sim, resolver, "zero.example.org").result
    assert len(server.asked) == 2


def test_aliases_in_one_answer():
    # In any order: RFC 1034 section 3.6.2
    sim, resolver, (server,) = setup()
    chain = [a("c.org", "10.9.9.9", 50), cname("b.org", "c.org", 40), cname("a.org", "b.org", 30)]
    server.zone["a.org"] = chain
    query = ask(sim, resolver, "a.org")
    assert query.result == [parse("10.9.9.9")]
    assert len(server.asked) == 1
    sim.run(31 * S)  # the least TTL counts
    assert not resolver.query("a.org").done


def test_alias_is_asked_for():
    sim, resolver, (server,) = setup()
    server.zone["a.org"] = [cname("a.org", "www.example.org", 20)]
    assert ask(sim, resolver, "a.org").result == [parse("10.9.9.1")]
    assert [q.text for q in server.asked] == ["a.org", "www.example.org"]
    assert resolver.query("a.org").done
    sim.run(21 * S)
    assert not resolver.query("a.org").done


def test_alias_to_nowhere():
    sim, resolver, (server,) = setup()
    server.zone["a.org"] = [cname("a.org", "nobody.org")]
    assert ask(sim, resolver, "a.org").error == EAI_NONAME


def test_alias_loops():
    sim, resolver, (server,) = setup()
    loop = [cname("a.org", "b.org"), cname("b.org", "a.org")]
    server.zone["a.org"] = loop
    assert ask(sim, resolver, "a.org").error == EAI_FAIL
    assert len(server.asked) == 1
    # One record at a time
    server.zone["a.org"], server.zone["b.org"] = loop[:1], loop[1:]
    assert ask(sim, resolver, "a.org").error == EAI_FAIL
    assert len(server.asked) < 20
    server.zone["c.org"] = [cname("c.org", "c.org")]
    assert ask(sim, resolver, "c.org").error == EAI_FAIL
    idle(resolver)


def test_alias_chain_of_fifty():
    sim, resolver, (server,) = setup()
    server.zone["0.org"] = [cname("%d.org" % i, "%d.org" % (i + 1)) for i in range(50)]
    assert ask(sim, resolver, "0.org").error == EAI_FAIL


def test_time_out():
    # 1, 2, 4 s and what is left of 10; every try from a new port with a new id (RFC 5452)
    sim, resolver, (server,) = setup()
    server.answer = server.silent
    started = sim.now
    query = ask(sim, resolver, "www.example.org")
    assert query.error == ETIMEDOUT
    assert abs(sim.now - started - 10 * S) < S // 10
    times = [(q.when - started + S // 2) // S for q in server.asked]
    assert times == [0, 1, 3, 7], times
    assert len({q.port for q in server.asked}) == 4
    assert len({q.ident for q in server.asked}) == 4
    idle(resolver)


def test_lost_packets():
    for seed in range(1, 16):
        sim, resolver, _ = setup(2, seed, loss=0.15, delay=2000)
        query = ask(sim, resolver, "www.example.org")
        assert query.result == [parse("10.9.9.1")], seed
        idle(resolver)


def test_next_server_after_silence():
    sim, resolver, servers = setup(3)
    servers[0].answer = servers[0].silent
    started = sim.now
    assert ask(sim, resolver, "www.example.org").result
    assert sim.now - started < S + S // 10
    assert [len(s.asked) for s in servers] == [1, 1, 0]


def test_next_server_after_failure():
    # At once: SERVFAIL, REFUSED and the like say nothing about the name
    for rcode in (dns.FORMERR, dns.SERVFAIL, dns.NOTIMP, dns.REFUSED, 9):
        sim, resolver, servers = setup(2)
        servers[0].zone["www.example.org"] = rcode
        started = sim.now
        assert ask(sim, resolver, "www.example.org").result
        assert sim.now - started < S // 10


def test_all_servers_fail():
    sim, resolver, servers = setup(2)
    started = sim.now
    assert ask(sim, resolver, "broken.example.org").error == EAI_AGAIN
    assert sim.now - started < S // 10
    assert [len(s.asked) for s in servers] == [1, 1]


def test_no_server_there():
    # ICMP port unreachable moves on at once; so does a host that ARP does not find, in time
    sim, resolver, servers = setup(2)
    servers[0].endpoint.close()
    started = sim.now
    assert ask(sim, resolver, "www.example.org").result
    assert sim.now - started < S // 10
    resolver.servers = [parse("10.0.0.77"), resolver.servers[1]]
    assert ask(sim, resolver, "two.example.org").result


def test_no_servers_at_all():
    sim, resolver, (server,) = setup()
    resolver.servers = []
    query = resolver.query("www.example.org")
    assert query.done and query.error == ENETUNREACH
    resolver.servers = [parse("192.168.7.7")]
    query = resolver.query("www.example.org")
    assert query.done and query.error == ENETUNREACH


def test_link_down():
    sim, resolver, (server,) = setup()
    sim.hosts[0].port.carrier = False
    sim.run(S // 10)
    query = resolver.query("www.example.org")
    assert query.done and query.error == ENETDOWN
    resolver.servers = []
    assert resolver.query("www.example.org").error == ENETDOWN
    sim.hosts[0].port.carrier = True


def test_link_goes_down_meanwhile():
    sim, resolver, (server,) = setup()
    server.answer = server.silent
    query = resolver.query("www.example.org")
    sim.run(S // 10)
    sim.hosts[0].port.carrier = False
    assert finish(sim, query).error == ENETDOWN


def test_link_goes_down_meanwhile_is_said_at_once():
    # As netup has it; but not while another server can still be reached
    for servers in (["10.0.0.10"], ["10.0.0.10", "127.0.0.1"]):
        sim, resolver, (server,) = setup()
        server.answer = server.silent
        sim.hosts[0].stack.udp.open(0, 53).handler = lambda *args: None
        sim.hosts[0].iface.on_link.append(resolver.link_changed)
        resolver.servers = [parse(text) for text in servers]
        queries = [resolver.query(name) for name in ("a.org", "b.org")]
        sim.run(S // 10)
        sim.hosts[0].port.carrier = False
        sim.run(1000)
        assert [q.error for q in queries] == ([0, 0] if servers[1:] else [ENETDOWN] * 2)
        sim.run(11 * S)
        assert all(q.done for q in queries)
        assert not resolver.exchanges


def test_joined():
    # One outstanding question for a name: RFC 5452 section 5
    sim, resolver, (server,) = setup(1, delay=1000)
    queries = [resolver.query("two.example.org") for _ in range(10)]
    other = resolver.query("two.example.org", dns.NS)
    told = []
    queries[3].notify = lambda: told.append(queries[3].done)
    finish(sim, queries[0])
    finish(sim, other)
    assert [q.result for q in queries] == [[parse("10.9.9.1"), parse("10.9.9.2")]] * 10
    assert told == [True]
    assert len(server.asked) == 2
    assert queries[0].result is not queries[1].result


def test_cancel():
    sim, resolver, (server,) = setup(1, delay=1000)
    one = resolver.query("www.example.org")
    two = resolver.query("www.example.org")
    one.cancel()
    finish(sim, two)
    assert not one.done and two.result
    only = resolver.query("two.example.org")
    sim.run(100)
    only.cancel()
    idle(resolver)
    sim.run(20 * S)
    assert not only.done
    two.cancel()  # of a finished one: nothing


def test_cancel_when_told():
    # One of several that wait for an answer may end the others, and ask again
    sim, resolver, (server,) = setup(1, delay=1000)
    queries = [resolver.query("www.example.org") for _ in range(4)]
    again = []

    def told():
        for query in queries[1:]:
            query.cancel()
        again.append(resolver.query("www.example.org"))

    queries[0].notify = told
    finish(sim, queries[0])
    assert [q.done for q in queries] == [True, False, False, False]
    assert again[0].result and again[0].done
    sim.run(20 * S)
    assert [q.done for q in queries] == [True, False, False, False]
    idle(resolver)


def test_bounds():
    sim, resolver, (server,) = setup()
    server.answer = server.silent
    queries = [resolver.query("n%d.org" % i) for i in range(40)]
    assert [q.error for q in queries if q.done] == [ENOBUFS] * 24
    same = [resolver.query("n0.org") for _ in range(40)]
    assert [q.error for q in same if q.done] == [ENOBUFS] * 25
    sim.run(11 * S)
    assert all(q.done for q in queries + same)
    idle(resolver)


def test_forged_answers():
    # Other id, question, address, port; not a response. The real one still counts.
    sim, resolver, (server, other) = setup(2)
    resolver.servers = resolver.servers[:1]
    lie = [a("www.example.org", "6.6.6.6")]
    second = server.host.stack.udp.open(0, 5353)

    def answer(q):
        reply = server.reply
        reply(q, lie, ident=q.ident ^ 1)
        reply(q, lie, name=encode_name("www.example.com"))
        reply(q, lie, qtype=dns.PTR)
        reply(q, lie, flags=0x0180)
        reply(q, lie, flags=0x8980)
        other.send(q, other.message(q, lie))
        server.send(q, server.message(q, lie), second)
        reply(q, [a("www.example.com", "6.6.6.6"), a("www.example.org", "10.9.9.1")])
        reply(q, lie)  # too late

    server.answer = answer
    assert ask(sim, resolver, "www.example.org").result == [parse("10.9.9.1")]
    sim.run(S)
    assert resolver.query("www.example.org").result == [parse("10.9.9.1")]
    counters = resolver.stack.counters
    assert counters.dns_drop_mismatch == 3 and counters.dns_drop_malformed == 2


def test_answer_in_other_case():
    sim, resolver, (server,) = setup()
    upper = b"\x03WWW\x07EXAMPLE\x03ORG\0"
    server.answer = lambda q: server.reply(
        q, [record(upper, dns.A, b"\x0a\x09\x09\x01")], name=upper
    )
    assert ask(sim, resolver, "www.example.org").result == [parse("10.9.9.1")]


def test_damaged_answers_are_not_the_end():
    sim, resolver, (server,) = setup()

    def answer(q):
        good = server.message(q, [a("www.example.org", "10.9.9.1")])
        for n in range(len(good)):
            server.send(q, good[:n])
        server.send(q, good[:4] + b"\0\0" + good[6:])
        server.send(q, good[:4] + b"\0\2" + good[6:])
        server.send(q, good[:6] + b"\xff\xff" + good[8:])
        server.send(q, good)

    server.answer = answer
    assert ask(sim, resolver, "www.example.org").result == [parse("10.9.9.1")]


def test_ids_and_ports_are_random():
    # RFC 5452 section 4.5, 1000 queries: both over their whole range, without a pattern
    sim, resolver, (server,) = setup()
    server.answer = lambda q: server.reply(q, rcode=dns.NXDOMAIN)
    for i in range(1000):
        ask(sim, resolver, "n%d.org" % i)
    idents = [q.ident for q in server.asked]
    ports = [q.port for q in server.asked]
    assert len(set(idents)) > 980 and len(set(ports)) > 950
    for values, low, width in ((idents, 0, 65536), (ports, 49152, 16384)):
        bins = [0] * 16
        for value in values:
            bins[(value - low) * 16 // width] += 1
        assert min(bins) > 30 and max(bins) < 100, bins
        assert len({value & 1 for value in values}) == 2
        steps = [b - a for a, b in zip(values, values[1:])]
        assert len(set(steps)) > 900
    assert all(port >= 49152 for port in ports)


def test_unsupported_type():
    sim, resolver, _ = setup()
    try:
        resolver.query("a.org", dns.OPT)
        assert False
    except ValueError:
        pass
