# Frostnet: tests of DNS by TCP (RFC 7766)
# MIT license; Copyright (c) 2026 The Frostnet authors

from dns_server import S, a, ask, finish, idle, setup
from frostnet.dns import EAI_FAIL
from frostnet.wire import dns
from frostnet.wire.addr import parse

TRUNCATED = 0x8380
NAME = "big.example.org"
RECORDS = [a(NAME, "10.9.%d.1" % i) for i in range(60)]


def truncating(servers=1, tcp=True, **wire):
    sim, resolver, found = setup(servers, **wire)
    for server in found:

        def answer(q, server=server):
            if q.connection:
                server.reply(q, RECORDS)
            else:
                server.reply(q, RECORDS[:1], flags=TRUNCATED)

        server.answer = answer
        if tcp:
            server.serve_tcp(sim)
    return sim, resolver, found


def connections(resolver):
    return list(resolver.stack.tcp.connections())


def test_truncated_answer_is_asked_for_again():
    # RFC 7766 §5; RFC 2181 §9: the truncated one is ignored
    sim, resolver, (server,) = truncating()
    assert ask(sim, resolver, NAME).result == [parse("10.9.%d.1" % i) for i in range(60)]
    udp, tcp = server.asked
    assert not udp.connection and tcp.connection
    assert tcp.name == udp.name and tcp.ident != udp.ident
    assert resolver.stack.counters.dns_tcp == 1
    sim.run(S)
    idle(resolver)
    assert not connections(resolver)
    assert resolver.query(NAME).done


def test_on_a_bad_network():
    for seed in range(1, 11):
        sim, resolver, _ = truncating(2, seed=seed, loss=0.1, delay=3000, jitter=3000)
        assert len(ask(sim, resolver, NAME).result) == 60, seed
        idle(resolver)


def test_cut_into_pieces():
    sim, resolver, (server,) = truncating()
    reply = server.reply

    def answer(q):
        if not q.connection:
            reply(q, flags=TRUNCATED)
            return
        data = server.message(q, RECORDS)
        data = memoryview(len(data).to_bytes(2, "big") + data)

        def dribble():
            q.connection.nodelay = True
            for i in range(0, len(data), 7):
                q.connection.send(data, i, min(7, len(data) - i))
                until = sim.now + 10000
                while sim.now < until:
                    yield until

        sim.go(dribble())

    server.answer = answer
    assert len(ask(sim, resolver, NAME).result) == 60


def test_no_tcp_there():
    # Refused: at once the next server
    sim, resolver, servers = truncating(2, tcp=False)
    servers[1].answer = servers[1].look_up
    servers[1].zone[NAME] = RECORDS[:2]
    began = sim.now
    assert len(ask(sim, resolver, NAME).result) == 2
    assert sim.now - began < S // 10
    resolver.servers = resolver.servers[:1]
    assert ask(sim, resolver, "other.example.org").error == 111  # ECONNREFUSED


def test_deaf_tcp():
    # 4 s, then the next server
    sim, resolver, servers = truncating(2, tcp=False)
    servers[0].host.stack.tcp.listen(0, 53, 4)
    servers[1].serve_tcp(sim)
    began = sim.now
    assert len(ask(sim, resolver, NAME).result) == 60
    assert abs(sim.now - began - 4 * S) < S // 10
    sim.run(60 * S)
    assert not connections(resolver)


def test_closed_early_or_nonsense():
    for cut in (0, 1, 2, 30, -1):
        sim, resolver, servers = truncating(2, tcp=False)
        server = servers[0]
        listener = server.host.stack.tcp.listen(0, 53, 4)
        servers[1].serve_tcp(sim)

        def program():
            while True:
                c = listener.accept()
                if c:
                    data = memoryview(b"\0\x64" + bytes(100))
                    data = data if cut < 0 else data[:cut]
                    c.send(data, 0, len(data))
                    c.shutdown()
                yield

        sim.go(program())
        began = sim.now
        assert len(ask(sim, resolver, NAME).result) == 60, cut
        assert sim.now - began < S, cut
        idle(resolver)


def test_a_message_without_contents_is_counted():
    sim, resolver, servers = truncating(2, tcp=False)
    listener = servers[0].host.stack.tcp.listen(0, 53, 4)
    servers[1].serve_tcp(sim)

    def program():
        while True:
            c = listener.accept()
            if c:
                c.send(memoryview(bytes(2)), 0, 2)
                c.shutdown()
            yield

    sim.go(program())
    assert len(ask(sim, resolver, NAME).result) == 60
    assert resolver.stack.counters.dns_drop_malformed == 1


def test_forged_in_the_stream():
    # RFC 5452 §4: id and question are checked by TCP as well
    for options in ({"ident": 1}, {"qtype": dns.TXT}, {"flags": TRUNCATED}):
        sim, resolver, (server,) = truncating()
        server.answer = lambda q: (
            server.reply(q, RECORDS, **options)
            if q.connection
            else server.reply(q, flags=TRUNCATED)
        )
        assert ask(sim, resolver, NAME).error == EAI_FAIL, options
        idle(resolver)


def test_cancel_meanwhile():
    sim, resolver, (server,) = truncating(delay=10000)
    for us in range(0, 100000, 7000):
        query = resolver.query(NAME)
        sim.run(us)
        query.cancel()
        resolver.cache.clear()
        idle(resolver)
    sim.run(2 * S)
    assert not connections(resolver)
    assert ask(sim, resolver, NAME).result


def test_time_is_up_meanwhile():
    sim, resolver, (server,) = truncating(tcp=False)
    server.host.stack.tcp.listen(0, 53, 4)
    began = sim.now
    query = finish(sim, resolver.query(NAME))
    assert query.error == 110 and abs(sim.now - began - 10 * S) < S // 10
    idle(resolver)
    sim.run(120 * S)
    assert not connections(resolver)


def test_largest_message():
    # 64 records are read of more; and what is that large is not worth a place in the cache
    sim, resolver, (server,) = truncating()
    many = [a(NAME, "10.9.%d.%d" % (i >> 8, i & 255)) for i in range(1500)]
    server.answer = lambda q: (
        server.reply(q, many) if q.connection else server.reply(q, flags=TRUNCATED)
    )
    assert len(ask(sim, resolver, NAME).result) == 64
    assert len(resolver.cache) == 0


def test_server_itself():
    # What the other tests rest on: without TC nobody asks by TCP
    sim, resolver, (server,) = truncating()
    server.answer = server.look_up
    assert ask(sim, resolver, "www.example.org").result
    assert not server.asked[0].connection
