# Frostnet: tests of looking names up by multicast DNS (RFC 6762 §5)
# MIT license; Copyright (c) 2026 The Frostnet authors

from dns_server import Server, a, finish
from frostnet.dns import EAI_FAIL, EAI_NONAME
from frostnet.wire import dns, mdns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name
from mdns_peer import FLUSH, MS, S, host, network

A9 = b"\x0a\0\0\x09"
VALVE = ("valve.local", dns.A, 120, A9)
QU = dns.IN | mdns.TOP
HERE = parse("10.0.0.2")


def asked(heard):
    return [h for h in heard if not h.response]


def test_question_and_answer():
    # §5.2 and §5.4: from port 5353 to the group; the first time an answer for us alone will do
    sim, peer, one, resolver, service = network()
    query = resolver.query("Valve.local")
    sim.run(10 * MS)
    (h,) = peer.take()
    assert (h.dst, h.sport, h.dport, h.ttl) == (mdns.GROUP, 5353, 5353, 255)
    assert h.questions == [("valve.local", dns.A, True)] and h.message.ident == 0
    peer.say(VALVE)
    finish(sim, query)
    assert query.result == [parse("10.0.0.9")]
    # Kept for its TTL
    sim.run(119 * S)
    assert resolver.query("valve.local").done
    sim.run(2 * S)
    assert not resolver.query("valve.local").done
    assert resolver.stack.counters.dns_tx == 0


def test_two_of_us():
    sim, peer, one, resolver, service = network(loss=0.1, delay=MS)
    host(sim, 3, "valve")
    sim.run(10 * S)
    for seed in range(5):
        resolver.cache.clear()
        assert finish(sim, resolver.query("valve.local")).result == [parse("10.0.0.3")]
        name = finish(sim, resolver.query("valve.local", dns.AAAA))
        assert name.error == EAI_NONAME


def test_nobody_answers():
    # §5.2: after 1 s and another 2 s, now for all to hear; and no server is asked (§3)
    sim, peer, one, resolver, service = network()
    server = Server(peer.host)
    resolver.servers = [peer.host.iface.addr]
    began = sim.now
    query = finish(sim, resolver.query("nobody.local"))
    assert query.error == EAI_NONAME and sim.now - began == 7 * S
    heard = peer.take()
    assert [h.when - began for h in heard] == [0, S, 3 * S]
    assert [h.questions[0][2] for h in heard] == [True, False, False]
    assert not server.asked and not resolver.exchanges


def test_answer_by_unicast():
    sim, peer, one, resolver, service = network()
    query = resolver.query("valve.local")
    sim.run(MS)
    peer.say(VALVE, dst=HERE)
    assert finish(sim, query).result


def test_answers_that_do_not_count():
    # §6: from another port than 5353; §11: from afar; §10.1: a goodbye; of another name
    sim, peer, one, resolver, service = network()
    query = resolver.query("valve.local")
    sim.run(MS)
    peer.say(VALVE, endpoint=peer.legacy)
    peer.say(("valve.local", dns.A, 0, A9))
    peer.say(("valves.local", dns.A, 120, A9))
    peer.say(("valve.local", dns.TXT, 120, b"\0"))
    peer.say(VALVE, rclass=3)
    sim.run(100 * MS)
    assert not query.done and one.stack.counters.mdns_drop_port == 1
    one.stack.ip.routes.set_default(one.iface, peer.host.iface.addr)
    peer.host.iface.set_address(parse("10.0.5.9"), 16)
    peer.say(VALVE, dst=HERE)
    sim.run(100 * MS)
    assert not query.done and one.stack.counters.mdns_drop_far == 1
    peer.say(VALVE)
    assert finish(sim, query).result == [parse("10.0.0.9")]


def test_said_that_it_is_not_there():
    # §6.1: NSEC, at once
    name = encode_name("valve.local")
    for qtype, bits, there in (
        (dns.AAAA, b"\0\1\x40", True),
        (dns.TXT, b"\0\1\x40", True),
        (dns.SRV, b"\0\5\x40\0\0\0\0", True),
        (dns.AAAA, b"\0\4\x40\0\0\x08", False),  # it says that there is one
        (dns.AAAA, b"\1\1\x40", False),  # another window, which §6.1 does not allow
        (dns.AAAA, b"\0\x05\x40", False),  # cut short
        (dns.AAAA, b"\0\0", False),
        (dns.AAAA, b"", False),
    ):
        for owner in (name, b"\xc0\x0c"):
            sim, peer, one, resolver, service = network()
            query = resolver.query("valve.local", qtype)
            sim.run(MS)
            peer.say(("valve.local", dns.NSEC, 120, owner + bits))
            sim.run(100 * MS)
            assert query.done == there, (qtype, bits)
            if there:
                assert query.error == EAI_NONAME
                assert resolver.query("valve.local", qtype).done
            query.cancel()


def test_goodbye_and_change():
    # §10.1, §10.2
    for after in ((VALVE[:2] + (0, A9)), VALVE[:3] + (b"\x0a\0\0\x08",)):
        sim, peer, one, resolver, service = network()
        query = resolver.query("valve.local")
        sim.run(MS)
        peer.say(VALVE)
        finish(sim, query)
        peer.say(after)
        sim.run(MS)
        assert not resolver.query("valve.local").done


def test_denied_beside_an_answer():
    # §6.1: the NSEC record stands in the additional section, behind what there is
    sim, peer, one, resolver, service = network()
    query = resolver.query("valve.local", dns.AAAA)
    sim.run(MS)
    out = mdns.Builder(True)
    name = encode_name("valve.local")
    out.record(mdns.ANSWER, name, dns.A, 120, A9, FLUSH)
    out.record(mdns.ADDITIONAL, name, dns.NSEC, 120, name + b"\0\1\x40", FLUSH)
    peer.send(out.data)
    sim.run(MS)
    assert query.done and query.error == EAI_NONAME


def test_neighbours_do_not_change_what_servers_said():
    sim, peer, one, resolver, service = network()
    server = Server(peer.host, {"www.example.org": [a("www.example.org", "10.9.9.1")]})
    resolver.servers = [peer.host.iface.addr]
    finish(sim, resolver.query("www.example.org"))
    peer.say(("www.example.org", dns.A, 120, A9))
    peer.say(("www.example.org", dns.A, 0, A9))
    sim.run(MS)
    assert resolver.query("www.example.org").result == [parse("10.9.9.1")]
    # Nor answer in their place
    resolver.cache.clear()
    server.answer = server.silent
    query = resolver.query("www.example.org")
    sim.run(MS)
    peer.say(("www.example.org", dns.A, 120, A9))
    sim.run(MS)
    assert not query.done


def test_reverse():
    # §4: link-local addresses have their names here, others at the servers
    sim, peer, one, resolver, service = network()
    query = resolver.query("169.254.1.2", dns.PTR)
    sim.run(MS)
    assert asked(peer.take())[0].questions == [("2.1.254.169.in-addr.arpa", dns.PTR, True)]
    peer.say(("2.1.254.169.in-addr.arpa", dns.PTR, 120, encode_name("valve.local")))
    assert finish(sim, query).result == ["valve.local"]
    assert resolver.query("10.0.0.9", dns.PTR).error == 101  # ENETUNREACH: no servers


def test_our_own_name():
    sim, peer, one, resolver, service = network()
    peer.take()
    assert resolver.query("pump.local").result == [HERE]
    service.conflict()
    assert resolver.query("pump-2.local").result == [HERE]
    # It is somebody else's now, under which "pump" still means us
    assert not resolver.query("pump.local").done
    assert resolver.query("pump").result == [HERE]


def test_search_domains_are_not_tried():
    sim, peer, one, resolver, service = network()
    resolver.search = ["example.org"]
    assert finish(sim, resolver.query("nobody.local")).error == EAI_NONAME
    assert {h.questions[0][0] for h in asked(peer.take())} == {"nobody.local"}


def test_shared_and_cancelled():
    sim, peer, one, resolver, service = network()
    queries = [resolver.query("valve.local") for _ in range(5)]
    sim.run(10 * MS)
    assert len(asked(peer.take())) == 1
    for query in queries[1:]:
        query.cancel()
    sim.run(2 * S)
    assert len(asked(peer.take())) == 1
    queries[0].cancel()
    sim.run(20 * S)
    assert not asked(peer.take()) and not resolver.exchanges


def test_cancel_when_told():
    sim, peer, one, resolver, service = network()
    queries = [resolver.query("%s.local" % name) for name in ("valve", "crane")]

    def end_the_other(query):
        return lambda: query.cancel()

    queries[0].notify = end_the_other(queries[1])
    queries[1].notify = end_the_other(queries[0])
    sim.run(MS)
    peer.say(VALVE, ("crane.local", dns.A, 120, A9))
    sim.run(10 * S)
    assert sorted(q.done for q in queries) == [False, True]
    assert not resolver.exchanges


def test_no_link():
    sim, peer, one, resolver, service = network()
    one.port.carrier = False
    sim.run(MS)
    query = resolver.query("valve.local")
    assert query.done and query.error == 100  # ENETDOWN
    one.port.carrier = True
    one.iface.clear_address()
    sim.run(MS)
    assert resolver.query("valve.local").error == 101  # ENETUNREACH


def test_aliases():
    sim, peer, one, resolver, service = network()
    query = resolver.query("a.local")
    sim.run(MS)
    peer.say(("a.local", dns.CNAME, 120, encode_name("valve.local")))
    sim.run(MS)
    assert asked(peer.take())[-1].questions[0][0] == "valve.local"
    peer.say(VALVE)
    assert finish(sim, query).result == [parse("10.0.0.9")]
    query = resolver.query("loop.local")
    sim.run(MS)
    peer.say(("loop.local", dns.CNAME, 120, encode_name("loop.local")))
    assert finish(sim, query).error == EAI_FAIL


def test_answers_to_nobody_do_not_fill_the_cache():
    sim, peer, one, resolver, service = network()
    for i in range(300):
        peer.say(("n%d.local" % i, dns.A, 120, A9), rclass=FLUSH)
    sim.run(S)
    assert len(resolver.cache) == 0
