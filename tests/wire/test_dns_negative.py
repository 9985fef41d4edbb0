# Frostnet: tests of what the resolver remembers not to exist (RFC 2308)
# MIT license; Copyright (c) 2026 The Frostnet authors

from dns_server import S, a, ask, cname, idle, record, setup, soa
from frostnet.dns import EAI_AGAIN, EAI_NONAME
from frostnet.wire import dns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name


def refusing(*authority, rcode=dns.NXDOMAIN, records=(), **options):
    sim, resolver, (server,) = setup()
    server.answer = lambda q: server.reply(q, records, rcode=rcode, authority=authority, **options)
    return sim, resolver, server


def test_name_error_is_kept_for_all_types():
    # RFC 2308 §5: by name alone, for the least of the SOA record's own TTL and its minimum
    for minimum, ttl in ((20, 300), (300, 20)):
        sim, resolver, server = refusing(soa("example.org", minimum, ttl))
        assert ask(sim, resolver, "no.example.org").error == EAI_NONAME
        sim.run(19 * S)
        for qtype in (dns.A, dns.TXT):
            query = resolver.query("no.example.org", qtype)
            assert query.done and query.error == EAI_NONAME and query.result == []
        assert len(server.asked) == 1
        sim.run(2 * S)
        ask(sim, resolver, "no.example.org")
        assert len(server.asked) == 2


def test_no_data_is_kept_for_its_type():
    # RFC 2308 §2.2
    sim, resolver, server = refusing(soa("example.org", 20), rcode=0)
    assert ask(sim, resolver, "www.example.org").error == EAI_NONAME
    assert resolver.query("www.example.org").done
    assert not resolver.query("www.example.org", dns.TXT).done


def test_without_soa_it_is_not_kept():
    # RFC 2308 §5: "SHOULD NOT be cached"
    for rcode in (0, dns.NXDOMAIN):
        sim, resolver, server = refusing(rcode=rcode)
        for _ in range(2):
            assert ask(sim, resolver, "no.example.org").error == EAI_NONAME
        assert len(server.asked) == 2


def test_not_for_longer_than_three_hours():
    # RFC 2308 §5; and RFC 2181 §8: with the top bit set a TTL is 0
    for minimum, hours in ((0x7FFFFFFF, 3), (0x80000000, 0), (0, 0)):
        sim, resolver, server = refusing(soa("example.org", minimum, 0x7FFFFFFF))
        ask(sim, resolver, "no.example.org")
        assert resolver.query("no.example.org").done == (hours > 0)
        sim.run(3 * 3600 * S + S)
        assert not resolver.query("no.example.org").done


def test_soa_of_another_zone_does_not_count():
    sim, resolver, server = refusing(soa("example.com", 300))
    ask(sim, resolver, "no.example.org")
    assert not resolver.query("no.example.org").done


def test_alias_to_nowhere():
    # RFC 2308 §2.1: it is the alias's target that does not exist; the alias may have others types
    sim, resolver, server = refusing(
        soa("example.org", 20), records=[cname("a.org", "no.example.org", 10)]
    )
    assert ask(sim, resolver, "a.org").error == EAI_NONAME
    assert resolver.query("a.org").done
    assert not resolver.query("a.org", dns.CNAME).done
    sim.run(11 * S)
    assert not resolver.query("a.org").done


def test_referral_is_no_answer():
    # RFC 2308 §2.2: NS records without SOA name others to ask; that is a server of no use to us
    referral = record("example.org", dns.NS, encode_name("ns.example.org"))
    sim, resolver, server = refusing(referral, rcode=0)
    assert ask(sim, resolver, "www.example.org").error == EAI_AGAIN
    sim, resolver, servers = setup(2)
    servers[0].answer = lambda q: servers[0].reply(q, authority=[referral])
    assert ask(sim, resolver, "www.example.org").result == [parse("10.9.9.1")]


def test_failures_are_not_kept():
    sim, resolver, (server,) = setup()
    assert ask(sim, resolver, "broken.example.org").error == EAI_AGAIN
    server.zone["broken.example.org"] = [a("broken.example.org", "10.9.9.4")]
    assert ask(sim, resolver, "broken.example.org").result == [parse("10.9.9.4")]


def test_cache_is_bounded_by_a_flood_of_names():
    sim, resolver, server = refusing(soa("org", 300))
    for i in range(500):
        assert ask(sim, resolver, "n%d.org" % i).error == EAI_NONAME
    assert len(resolver.cache) == 64
    idle(resolver)
