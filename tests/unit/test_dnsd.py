# Frostnet: tests of the DNS forwarder without I/O: noise, bounds, the cache
# MIT license; Copyright (c) 2026 The Frostnet authors

import random

from dnsd import query as wire
from dnsd.cache import Cache
from dnsd.forward import Forwarder
from dnsd.local import Local
from frostnet.dns.hosts import Hosts
from frostnet.wire import dns
from frostnet.wire.dns_name import encode_name

S = 1000000


def question(name, ident=1, qtype=dns.A, opt=b""):
    head = bytes((ident >> 8, ident & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, bool(opt)))
    return head + encode_name(name) + qtype.to_bytes(2, "big") + b"\0\1" + opt


OPT = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"


def reply(asked, records, rcode=0):
    """What a server says: `records` are (type, ttl, data) for the name asked for."""
    data = wire.answer(asked, rcode, records)
    return bytes(data)


def test_answers_are_sound():
    # RFC 1035 §4.1, RFC 6891 §6.1.1; the spelling of the question is kept
    for opt in (b"", OPT):
        asked = wire.parse(question("pump.lan", 0x1234, opt=opt).replace(b"pump", b"PuMp"))
        data = bytes(
            wire.answer(asked, 0, [(dns.A, 30, b"\x0a\0\0\1"), (dns.A, 30, b"\x0a\0\0\2")])
        )
        message = dns.parse(data, 0, len(data))
        assert message.ident == 0x1234 and message.name == b"\4pump\3lan\0"
        assert [data[r.off : r.end] for r in message.answers] == [b"\x0a\0\0\1", b"\x0a\0\0\2"]
        assert b"\4PuMp\3lan\0" in data
        assert (data[11], data.endswith(OPT)) == (bool(opt), bool(opt))
        assert data[2:4] == b"\x81\x80"


def test_sizes():
    plain, large = wire.parse(question("a.b")), wire.parse(question("a.b", opt=OPT))
    assert (plain.size, large.size) == (512, 1232)
    long = reply(plain, [(dns.TXT, 1, bytes(200))] * 4)
    assert wire.fitted(large, long) is long
    short = wire.fitted(plain, long)
    assert len(short) <= 512 and short[2] & dns.TC
    tiny = OPT[:3] + b"\0\1" + OPT[5:]
    assert wire.parse(question("a.b", opt=tiny)).size == 512


def test_the_cache_is_bounded():
    cache = Cache()
    for i in range(500):
        asked = wire.parse(question("n%d.example.org" % i))
        cache.put(asked, reply(asked, [(dns.A, 60, b"\x0a\0\0\1")]), i)
        assert len(cache) <= 64 and len(cache) == len(cache._order)
    assert cache.get(wire.parse(question("n499.example.org")), 500) is not None
    assert cache.get(wire.parse(question("n0.example.org")), 500) is None
    for i in range(500):
        cache.get(wire.parse(question("n%d.example.org" % i)), 61 * S)
    assert len(cache) == 0 == len(cache._order)


def test_what_is_not_kept():
    cache = Cache()
    asked = wire.parse(question("a.example.org"))
    good = [(dns.A, 60, b"\x0a\0\0\1")]
    cut = bytearray(reply(asked, good))
    cut[2] |= dns.TC
    for data in (
        reply(asked, [(dns.A, 0, b"\x0a\0\0\1")]),
        reply(asked, good, dns.SERVFAIL),
        reply(asked, [], dns.NXDOMAIN),  # nobody says for how long
        reply(asked, []),
        bytes(cut),
        reply(asked, good)[:-1],
        reply(asked, [(dns.TXT, 60, bytes(250))] * 5),
    ):
        cache.put(asked, data, 0)
        assert not len(cache), data
    # Other flags, another type: another question
    cache.put(asked, reply(asked, good), 0)
    for other in (
        question("a.example.org", qtype=dns.MX),
        question("a.example.org", opt=OPT),
        question("a.example.org")[:3] + b"\x10" + question("a.example.org")[4:],
    ):
        assert cache.get(wire.parse(other), 0) is None
    assert cache.get(wire.parse(question("A.Example.ORG", 9)), 0)[:2] == b"\0\x09"


def test_exchanges_are_bounded():
    forwarder = Forwarder(Cache())
    begun = 0
    for host in range(10):
        for i in range(20):
            asked = wire.parse(question("n%d.h%d" % (i, host)))
            client = (host, 1000)
            assert forwarder.find(asked, client) is None
            begun += forwarder.begin(asked, client, [1], 0) is not None
    assert begun == len(forwarder) == 24
    for exchange in forwarder.all():
        tries = 0
        now = 0
        while exchange.next(tries, now) is not None:
            tries += 1
            now = exchange.deadline
        assert tries == 2 and now <= 8 * S
        ((_, answer),) = forwarder.end(exchange, None, now)
        assert answer[3] & 15 == dns.SERVFAIL
    assert len(forwarder) == 0
    asked = wire.parse(question("a.b"))
    exchange = forwarder.begin(asked, (1, 1), [1, 2, 3], 0)
    joined = [forwarder.find(asked, (2, port)) for port in range(40)]
    assert joined == [True] * 15 + [False] * 25
    assert forwarder.find(asked, (1, 1)) is False
    assert len(forwarder.end(exchange, reply(asked, []), 0)) == 16


def test_noise():
    # Nothing but a Query or None comes of it, and an answer to it can be read.
    rand = random
    rand.seed(11)
    hosts = Hosts()
    hosts.add("a.example.org", 0x0A000001)
    local = Local(hosts, "router")
    cache = Cache()
    seeds = [
        question("www.example.org"),
        question("a.example.org", opt=OPT),
        question("1.0.0.10.in-addr.arpa", qtype=dns.PTR),
    ]
    seeds.append(reply(wire.parse(seeds[0]), [(dns.A, 60, b"\x0a\0\0\1")] * 3))
    asked = wire.parse(seeds[0])
    for i in range(6000):
        data = bytearray(seeds[i & 3])
        for _ in range(rand.getrandbits(2)):
            data[rand.getrandbits(10) % len(data)] = rand.getrandbits(8)
        if not i & 4:
            data = data[: rand.getrandbits(10) % (len(data) + 1)]
        data = bytes(data)
        query = wire.parse(data)
        if query is not None:
            if not query.rcode:
                found = local.look_up(query, 0x0A000001)
                answer = wire.answer(query, *(found or (dns.REFUSED,)))
                assert wire.answers(query, answer), data
                assert cache.get(query, 0) is None or query.key == asked.key
            else:
                answer = wire.answer(query, query.rcode)
            assert answer[:2] == data[:2] and answer[2] & dns.QR
        if len(data) >= 12 and wire.answers(asked, data):
            cache.put(asked, data, 0)
            cache.get(asked, S)
            wire.fitted(asked, wire.told(asked, data))
