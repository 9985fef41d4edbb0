# Frostnet: tests of getting and keeping a name in .local (RFC 6762 §8 to §10)
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.mdns.prober import HELD, PROBING
from frostnet.wire import dns, mdns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name
from mdns_peer import FLUSH, MS, Peer, S, host, network
from simnet import Sim

A2 = b"\x0a\0\0\2"
PUMP = ("pump.local", dns.A, FLUSH, 120, A2)
POINTER = ("2.0.0.10.in-addr.arpa", dns.PTR, FLUSH, 120, encode_name("pump.local"))


def probes(heard, name="pump.local"):
    return [h for h in heard if not h.response and h.questions == [(name, dns.ANY, True)]]


def test_probes_then_announces():
    # §8.1: three probes 250 ms apart, the first within 250 ms; §8.3: two announcements 1 s apart
    sim, peer, one, resolver, service = network(settled=False)
    began = sim.now
    sim.run(10 * S)
    heard = peer.take()
    assert [h.response for h in heard] == [False] * 3 + [True] * 2
    times = [h.when for h in heard]
    assert 0 <= times[0] - began <= 250 * MS
    assert [b - a for a, b in zip(times, times[1:])] == [250 * MS] * 3 + [S]
    for h in heard:
        # §11: TTL 255; §3: from port 5353 to the group; §18.1: id 0
        assert (h.dst, h.sport, h.dport, h.ttl) == (mdns.GROUP, 5353, 5353, 255)
        assert h.message.ident == 0
    assert len(probes(heard)) == 3
    for h in heard[:3]:
        # §8.2: what is wanted, without the bit
        assert h.authority == [("pump.local", dns.A, dns.IN, 120, A2)]
    for h in heard[3:]:
        assert h.answers == [PUMP, POINTER] and not h.questions
    assert service.links[0].prober.state == HELD


def test_hosts_do_not_probe_in_step():
    # §8.1: a random delay of 0 to 250 ms
    delays = set()
    for seed in range(1, 21):
        sim, peer, *_ = network(seed, settled=False)
        began = sim.now
        sim.run(S // 2)
        delays.add(peer.take()[0].when - began)
    assert len(delays) == 20 and max(delays) - min(delays) > 150 * MS
    assert max(delays) <= 250 * MS


def test_not_a_word_without_address_or_link():
    sim = Sim(1)
    peer = Peer(sim)
    one, resolver, service = host(sim)
    one.iface.clear_address()
    sim.run(3 * S)
    assert not peer.take()
    one.iface.set_address(parse("10.0.0.3"), 24)
    sim.run(3 * S)
    assert peer.take()[-1].answers[0][4] == b"\x0a\0\0\3"
    # §8.3: a link that returns may lead to another network, so it begins anew
    one.port.carrier = False
    sim.run(3 * S)
    assert not peer.take()
    one.port.carrier = True
    sim.run(3 * S)
    heard = peer.take()
    assert len(probes(heard)) == 3 and len(heard) == 5
    one.iface.set_up(False)
    sim.run(3 * S)
    assert not peer.take() and service.unavailable()
    one.iface.set_up(True)
    sim.run(3 * S)
    assert len(peer.take()) == 5 and not service.unavailable()


def test_a_name_that_is_taken():
    # §8.1: whatever record somebody has under that name
    for rtype, data in ((dns.A, b"\x0a\0\0\x09"), (dns.AAAA, bytes(16)), (dns.TXT, b"\0")):
        for which in range(3):
            sim, peer, one, resolver, service = network(settled=False)
            sim.run_until(lambda: len(probes(peer.heard)) > which, S)
            peer.say(("PUMP.local", rtype, 120, data))
            sim.run(10 * S)
            heard = peer.take()
            assert len(probes(heard)) == which + 1
            assert len(probes(heard, "pump-2.local")) == 3
            assert all(h.answers[0][0] == "pump-2.local" for h in heard if h.response)
            assert service.hostname() == "pump-2"
            assert one.stack.counters.mdns_conflict == 1


def test_two_hosts_of_one_name():
    # Whoever is there first keeps it; a third goes on counting
    sim, peer, one, resolver, service = network()
    others = [host(sim, last)[2] for last in (3, 4)]
    sim.run(20 * S)
    names = sorted(s.hostname() for s in [service] + others)
    assert service.hostname() == "pump" and names == ["pump", "pump-2", "pump-3"]
    answers = [h for h in peer.take() if h.response]
    for h in answers:
        assert (h.answers[0][0] == "pump.local") == (h.answers[0][4] == A2)


def test_both_begin_at_once():
    # §8.2: the greater data win; the other one tries again after 1 s, finds the name taken, and
    # takes the next
    for seed in range(1, 21):
        sim = Sim(seed, delay=500, jitter=500)
        Peer(sim)
        low = host(sim, 2)[2]
        high = host(sim, 3)[2]
        sim.run(20 * S)
        assert (high.hostname(), low.hostname()) == ("pump", "pump-2"), seed
        assert low.links[0].prober.state == high.links[0].prober.state == HELD


def test_tie_break():
    # §8.2.1: class, then type, then data, then the number of records
    def outcome(*authority):
        sim, peer, one, resolver, service = network(settled=False)
        sim.run_until(lambda: peer.heard, S)
        peer.ask("pump.local", dns.ANY, authority=authority)
        sim.run(10 * S)
        return len(probes(peer.take())), service.hostname()

    kept = (3, "pump")
    deferred = (4, "pump")  # three more, a second later: the other one never answered
    a = ("pump.local", dns.A, 120, A2)
    assert outcome(a) == kept  # the same: it may be our own, come back
    assert outcome(("pump.local", dns.A, 120, b"\x0a\0\0\1")) == kept
    assert outcome(("pump.local", dns.A, 120, b"\x0a\0\0\3")) == deferred
    assert outcome(("pump.local", dns.A, 120, b"\xc8\0\0\1")) == deferred  # unsigned
    assert outcome(("pump.local", dns.AAAA, 120, bytes(16))) == deferred
    assert outcome(a, ("pump.local", dns.TXT, 120, b"\0")) == deferred
    assert outcome(("other.local", dns.TXT, 120, b"\0")) == kept


def test_conflict_later():
    # §9: probe again; whoever is really there answers, and then it is renamed
    sim, peer, one, resolver, service = network()
    peer.say(("pump.local", dns.A, 120, b"\x0a\0\0\x09"))
    sim.run(10 * S)
    assert service.hostname() == "pump" and len(probes(peer.take())) == 3
    # Not for our own data, other types, or a goodbye
    peer.say(("pump.local", dns.A, 120, A2))
    peer.say(("pump.local", dns.AAAA, 120, bytes(16)))
    peer.say(("pump.local", dns.A, 0, b"\x0a\0\0\x09"))
    sim.run(10 * S)
    assert not probes(peer.take())
    assert service.links[0].prober.state == HELD


def test_rival_that_has_every_name():
    # §8.1: after fifteen conflicts one attempt per 5 s; and names stay valid
    sim, peer, one, resolver, service = network(settled=False)
    claimed = [0]
    times = []

    def rival():
        while True:
            for h in peer.take():
                if not h.response and h.authority:
                    claimed[0] += 1
                    times.append(sim.now)
                    peer.say((h.questions[0][0], dns.A, 120, b"\x0a\0\0\x09"))
            yield

    sim.go(rival())
    sim.run(60 * S)
    assert 15 < claimed[0] < 40, claimed
    assert all(b - a >= 5 * S for a, b in zip(times[16:], times[17:]))
    assert len(one.stack.timers) < 20


def test_goodbye():
    # §10.1: TTL 0
    sim, peer, one, resolver, service = network()
    service.stop()
    sim.run(S)
    (h,) = peer.take()
    assert h.answers == [PUMP[:3] + (0, A2), POINTER[:3] + (0, POINTER[4])]
    assert resolver.multicast is None
    assert not one.stack.udp.endpoints() and not list(one.iface.groups or ())
    sim.run(100 * S)
    assert not peer.take()


def test_no_goodbye_for_a_name_that_was_not_ours():
    sim, peer, one, resolver, service = network(settled=False)
    sim.run(100 * MS)
    assert service.links[0].prober.state == PROBING
    peer.take()
    service.stop()
    sim.run(S)
    assert not peer.take()


def test_another_name():
    sim, peer, one, resolver, service = network()
    service.set_hostname("pump")
    sim.run(S)
    assert not peer.take()
    service.set_hostname("Valve.example.org")
    sim.run(10 * S)
    heard = peer.take()
    assert heard[0].answers[0] == PUMP[:3] + (0, A2)
    assert len(probes(heard, "valve.local")) == 3
    assert heard[-1].answers[1][4] == encode_name("valve.local")
    for name in ("", "x" * 64, ".a"):
        try:
            service.set_hostname(name)
            assert False, name
        except ValueError:
            pass
    assert service.hostname() == "valve"


def test_long_names_get_numbers_too():
    sim, peer, one, resolver, service = network()
    service.set_hostname("x" * 63)
    service.conflict()
    assert service.hostname() == "x" * 61 + "-2"


def test_several_interfaces():
    # One host on one link with two cards is no rival of itself
    sim = Sim(1)
    peer = Peer(sim)
    one, resolver, service = host(sim)
    port = sim.port(7)
    second = one.stack.add(port, "eth1")
    port.wake = one.touch
    second.set_address(parse("10.0.0.7"), 24)
    service.add(second)
    sim.run(10 * S)
    assert service.hostname() == "pump"
    assert [link.prober.state for link in service.links] == [HELD, HELD]
    said = {h.answers[0][4] for h in peer.take() if h.response}
    assert said == {A2, b"\x0a\0\0\7"}
    service.stop()
