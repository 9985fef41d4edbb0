# Frostnet: tests of the multicast DNS responder (RFC 6762 §5 to §7, §11)
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import dns, mdns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name
from mdns_peer import FLUSH, MS, S, network

A2 = b"\x0a\0\0\2"
HERE = parse("10.0.0.2")
PEER = parse("10.0.0.9")
REVERSE = "2.0.0.10.in-addr.arpa"
PUMP = ("pump.local", dns.A, FLUSH, 120, A2)
POINTER = (REVERSE, dns.PTR, FLUSH, 120, encode_name("pump.local"))
# §6.1: next name is its own, one window of one byte: A only
NSEC = ("pump.local", dns.NSEC, FLUSH, 120, encode_name("pump.local") + b"\0\1\x40")
QU = dns.IN | mdns.TOP


def replies(sim, peer, us=50 * MS):
    sim.run(us)
    return [h for h in peer.take() if h.response]


def answers(sim, peer, us=50 * MS):
    return [h.answers for h in replies(sim, peer, us)]


def test_question_to_all():
    # §6: by multicast, AA set, id 0, no question, with the cache-flush bit, at once
    sim, peer, *_ = network()
    for name, qtype, want in (
        ("pump.local", dns.A, PUMP),
        ("PUMP.Local", dns.ANY, PUMP),
        (REVERSE, dns.PTR, POINTER),
        (REVERSE, dns.ANY, POINTER),
    ):
        peer.ask(name, qtype)
        (h,) = replies(sim, peer)
        assert (h.dst, h.sport, h.dport, h.ttl) == (mdns.GROUP, 5353, 5353, 255)
        assert h.data[:12] == b"\0\0\x84\0\0\0\0\1\0\0\0\0"
        assert h.answers == [want]
        sim.run(2 * S)


def test_types_that_are_not_there():
    # §6.1: said, so that nobody waits
    sim, peer, *_ = network()
    peer.ask("pump.local", dns.AAAA)
    assert answers(sim, peer) == [[NSEC]]


def test_questions_about_others():
    sim, peer, *_ = network()
    peer.ask("valve.local")
    peer.ask("pump.local.local")
    peer.ask("3.0.0.10.in-addr.arpa", dns.PTR)
    peer.ask("pump.local", dns.A, 3)  # class
    peer.ask(REVERSE, dns.A)
    assert answers(sim, peer, 2 * S) == []


def test_several_questions_in_one_message():
    sim, peer, *_ = network()
    out = mdns.Builder(False)
    for name, qtype in (("pump.local", dns.A), (REVERSE, dns.PTR), ("pump.local", dns.A)):
        out.question(encode_name(name), qtype)
    peer.send(out.data)
    assert answers(sim, peer) == [[PUMP, POINTER]]


def test_not_more_often_than_once_a_second():
    # §6: the same record on the same link; who asked meanwhile gets it when the second is over
    sim, peer, *_ = network()
    began = sim.now
    for _ in range(40):
        peer.ask("pump.local")
        sim.run(50 * MS)
    sim.run(2 * S)
    times = [h.when for h in peer.take() if h.response]
    assert times[0] - began < MS and len(times) == 3
    assert [b - a for a, b in zip(times, times[1:])] == [S, S]
    # Other records have their own second
    peer.ask("pump.local")
    peer.ask(REVERSE, dns.PTR)
    assert answers(sim, peer) == [[PUMP], [POINTER]]


def test_a_probe_is_answered_faster():
    # §6: 250 ms, to defend the name
    sim, peer, *_ = network()
    peer.ask("pump.local")
    sim.run(100 * MS)
    peer.take()
    peer.ask("pump.local", dns.ANY, authority=[("pump.local", dns.A, 120, b"\x0a\0\0\x09")])
    (h,) = replies(sim, peer, S // 2)
    assert h.answers == [PUMP]
    sim.run(2 * S)
    peer.ask("pump.local", dns.ANY, QU, authority=[("pump.local", dns.A, 120, b"\x0a\0\0\x09")])
    (h,) = replies(sim, peer, MS)
    assert h.answers == [PUMP] and h.dst == PEER


def test_known_answers():
    # §7.1: suppressed if the TTL is at least half of the true one, and the data are the same
    for ttl, data, said in ((120, A2, 0), (60, A2, 0), (59, A2, 1), (120, b"\x0a\0\0\3", 1)):
        sim, peer, *_ = network()
        peer.ask("pump.local", known=[("pump.local", dns.A, ttl, data)])
        assert len(answers(sim, peer)) == said, (ttl, data)
    # Of two answers one is known; and names in data may be compressed (§18.14)
    sim, peer, *_ = network()
    for data in (encode_name("pump.local"), (0xC000 | 12).to_bytes(2, "big")):
        out = mdns.Builder(False)
        out.question(encode_name("pump.local"), dns.A)
        out.question(encode_name(REVERSE), dns.PTR)
        out.record(mdns.ANSWER, encode_name(REVERSE), dns.PTR, 120, data)
        peer.send(out.data)
        assert answers(sim, peer) == [[PUMP]]
        sim.run(2 * S)


def test_known_answers_in_several_messages():
    # §7.2: with the TC bit more follow, within 400 to 500 ms
    sim, peer, *_ = network()
    peer.ask("pump.local", flags=dns.TC)
    assert answers(sim, peer, 390 * MS) == []
    assert answers(sim, peer, 120 * MS) == [[PUMP]]
    sim.run(2 * S)
    peer.ask("pump.local", flags=dns.TC)
    sim.run(100 * MS)
    peer.ask(None, known=[("pump.local", dns.A, 100, A2)])
    assert answers(sim, peer, S) == []


def test_many_that_have_more_to_say():
    # Bounded: those beyond get their answer at once
    sim, peer, one, *_ = network()
    for i in range(20):
        source = sim.host(20 + i, "10.0.0.%d/24" % (20 + i))
        out = mdns.Builder(False)
        out.question(encode_name("pump.local"), dns.A, QU)
        out.data[2] |= dns.TC
        source.stack.udp.open(0, 5353).send(bytes(out.data), mdns.GROUP, 5353)
    heard = replies(sim, peer, 100 * MS)
    assert len(heard) == 16
    assert len(replies(sim, peer, S)) == 4


def test_question_for_an_answer_alone():
    # §5.4: by unicast; but by multicast if that has not been done for a quarter of the TTL
    sim, peer, *_ = network()
    peer.ask("pump.local", qclass=QU)
    (h,) = replies(sim, peer)
    assert (h.dst, h.sport, h.dport, h.ttl) == (PEER, 5353, 5353, 255)
    assert h.answers == [PUMP]
    sim.run(30 * S)
    peer.ask("pump.local", qclass=QU)
    (h,) = replies(sim, peer)
    assert h.dst == mdns.GROUP
    # No limit of one per second for those (§6 is about multicast)
    for _ in range(5):
        peer.ask("pump.local", qclass=QU)
        (h,) = replies(sim, peer)
        assert h.dst == PEER
    # Both kinds in one message: all can have the answer
    out = mdns.Builder(False)
    out.question(encode_name("pump.local"), dns.A, QU)
    out.question(encode_name(REVERSE), dns.PTR)
    sim.run(S)
    peer.send(out.data)
    (h,) = replies(sim, peer)
    assert h.dst == mdns.GROUP and h.answers == [PUMP, POINTER]


def test_question_by_unicast():
    # §5.5: also to our own address, if it is from this link
    sim, peer, *_ = network()
    peer.ask("pump.local", qclass=QU, dst=HERE)
    (h,) = replies(sim, peer)
    assert h.dst == PEER


def test_question_from_afar():
    # §11: what did not come from this link is ignored
    sim, peer, one, *_ = network()
    one.stack.ip.routes.set_default(one.iface, PEER)
    peer.host.iface.set_address(parse("10.0.5.9"), 16)
    peer.ask("pump.local", qclass=QU, dst=HERE)
    assert replies(sim, peer, S) == []
    assert one.stack.counters.mdns_drop_far == 1


def test_legacy_question():
    # §6.7: from another port than 5353: by unicast, with id and question, TTL at most 10 s,
    # without the cache-flush bit
    sim, peer, *_ = network()
    out = mdns.Builder(False, 0xABCD)
    out.question(encode_name("pump.local"), dns.A)
    peer.send(out.data, endpoint=peer.legacy)
    (h,) = replies(sim, peer)
    assert (h.dst, h.dport, h.message.ident) == (PEER, peer.legacy.port, 0xABCD)
    assert h.questions == [("pump.local", dns.A, False)]
    assert h.answers == [("pump.local", dns.A, dns.IN, 10, A2)]
    # A type that is not there: an answer without records
    out = mdns.Builder(False, 0xABCE)
    out.question(encode_name("pump.local"), dns.AAAA)
    out.question(encode_name("other.local"), dns.A)
    peer.send(out.data, endpoint=peer.legacy)
    (h,) = replies(sim, peer)
    assert h.answers == [] and h.questions == [("pump.local", dns.AAAA, False)]


def test_nothing_is_said_of_a_name_that_is_not_ours_yet():
    # §8.1
    sim, peer, one, resolver, service = network(settled=False)
    for _ in range(5):
        peer.ask("pump.local")
        peer.ask("pump.local", qclass=QU)
        assert answers(sim, peer, 100 * MS) == []


def test_responses_are_not_answered_and_nonsense_is_counted():
    sim, peer, one, *_ = network()
    good = mdns.Builder(False)
    good.question(encode_name("pump.local"), dns.A)
    for n in range(len(good.data)):
        peer.send(good.data[:n])
    peer.send(b"\xff" * 100)
    loop = bytearray(good.data)
    loop[12:14] = b"\xc0\x0c"
    peer.send(loop)
    assert answers(sim, peer, S) == []
    assert one.stack.counters.mdns_drop_malformed == len(good.data) + 2
    good.data[2] = 0x84
    peer.send(good.data)
    good.data[2] = 0x28  # another opcode
    peer.send(good.data)
    assert answers(sim, peer, S) == []


def test_flood_of_questions():
    # Bounded state, and one answer per second
    sim, peer, one, *_ = network()
    for i in range(2000):
        peer.ask("pump.local", dns.A if i & 1 else dns.TXT, flags=dns.TC if i & 2 else 0)
        sim.run(MS)
    heard = replies(sim, peer, 2 * S)
    assert len(heard) <= 2 * 4, len(heard)
    assert len(one.stack.timers) < 64
