# Frostnet: tests of EDNS0 (RFC 6891) and of what is remembered about servers
# MIT license; Copyright (c) 2026 The Frostnet authors

from dns_server import S, a, ask, idle, record, setup
from frostnet.dns import EAI_AGAIN, EAI_FAIL
from frostnet.wire import dns
from frostnet.wire.addr import parse


def test_queries_tell_our_size():
    # RFC 6891 §6.2.3; 1232 bytes fit any path without fragments
    sim, resolver, (server,) = setup()
    ask(sim, resolver, "www.example.org")
    assert server.asked[0].edns == 1232


def test_answer_of_more_than_512_bytes():
    sim, resolver, (server,) = setup()
    name = "big.example.org"
    server.zone[name] = [a(name, "10.9.0.%d" % i) for i in range(30)]
    question = ask(sim, resolver, name)
    assert len(question.result) == 30
    assert resolver.stack.counters.dns_tcp == 0


def opt(extended=0):
    return record(b"\0", dns.OPT, b"", extended << 24)


def test_server_that_does_not_understand():
    # RFC 6891 §7: FORMERR or NOTIMP, with or without the question: again without, and from then
    # on at once
    for rcode in (dns.FORMERR, dns.NOTIMP):
        for whole in (True, False):
            sim, resolver, (server,) = setup()

            def answer(q):
                if not q.edns:
                    server.look_up(q)
                elif whole:
                    server.reply(q, rcode=rcode)
                else:
                    server.send(q, q.data[:2] + bytes((0x81, 0x80 | rcode)) + bytes(8))

            server.answer = answer
            began = sim.now
            assert ask(sim, resolver, "www.example.org").result == [parse("10.9.9.1")]
            assert sim.now - began < S // 10
            assert [q.edns > 0 for q in server.asked] == [True, False]
            assert server.asked[0].ident != server.asked[1].ident
            assert server.asked[0].port != server.asked[1].port
            ask(sim, resolver, "two.example.org")
            assert [q.edns > 0 for q in server.asked] == [True, False, False]
            assert resolver.stack.counters.dns_no_edns == 1
            sim.run(3601 * S)
            ask(sim, resolver, "www.example.org")
            assert [q.edns > 0 for q in server.asked] == [True, False, False, True, False]
            idle(resolver)


def test_bad_version():
    # RFC 6891 §6.1.3
    sim, resolver, (server,) = setup()

    def answer(q):
        if not q.edns:
            server.look_up(q)
            return
        message = bytearray(server.message(q))
        message[11] = 1
        server.send(q, bytes(message) + opt(1))

    server.answer = answer
    assert ask(sim, resolver, "www.example.org").result


def test_server_that_refuses_everything():
    sim, resolver, servers = setup(2)
    servers[0].answer = lambda q: servers[0].reply(q, rcode=dns.FORMERR)
    assert ask(sim, resolver, "www.example.org").result
    assert len(servers[0].asked) == 2 and len(servers[1].asked) == 1
    resolver.servers = resolver.servers[:1]
    assert ask(sim, resolver, "two.example.org").error == EAI_AGAIN


def test_network_that_drops_the_option():
    # The third round goes without: at 0, 1 and 3 s
    sim, resolver, (server,) = setup()
    server.answer = lambda q: None if q.edns else server.look_up(q)
    began = sim.now
    assert ask(sim, resolver, "www.example.org").result
    assert abs(sim.now - began - 3 * S) < S // 10
    assert [q.edns > 0 for q in server.asked] == [True, True, False]


def test_silent_server_is_asked_last_for_a_while():
    sim, resolver, servers = setup(2)
    servers[0].answer = servers[0].silent
    ask(sim, resolver, "www.example.org")
    began = sim.now
    assert ask(sim, resolver, "two.example.org").result
    assert sim.now - began < S // 10 and len(servers[0].asked) == 1
    # It is needed when the other one fails, and gets another chance after 30 s
    servers[0].answer = servers[0].look_up
    servers[1].answer = lambda q: servers[1].reply(q, rcode=dns.SERVFAIL)
    assert ask(sim, resolver, "zero.example.org").result
    assert ask(sim, resolver, "zero.example.org").result
    assert [len(s.asked) for s in servers] == [3, 3]


def test_server_that_knows_nothing_is_not_asked_twice():
    # One says SERVFAIL, the other needs its time: the first does not use up the tries
    sim, resolver, servers = setup(2)
    servers[0].answer = lambda q: servers[0].reply(q, rcode=dns.SERVFAIL)
    left = [2]

    def slow(q):
        left[0] -= 1
        if left[0] < 0:
            servers[1].look_up(q)

    servers[1].answer = slow
    assert ask(sim, resolver, "www.example.org").result
    assert [len(s.asked) for s in servers] == [1, 3]


def test_nonsense_is_not_kept():
    # A record of wrong length: the other server may know better
    sim, resolver, servers = setup(2)
    bad = [record("www.example.org", dns.A, b"\1\2\3")]
    servers[0].answer = lambda q: servers[0].reply(q, bad)
    assert ask(sim, resolver, "www.example.org").result == [parse("10.9.9.1")]
    resolver.cache.clear()
    resolver.servers = resolver.servers[:1]
    assert ask(sim, resolver, "www.example.org").error == EAI_FAIL
    assert len(resolver.cache) == 0
