# Frostnet: tests of address conflict detection (RFC 5227)
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.link.claim import ANNOUNCING, HELD, IDLE, PROBING, Claim
from ipbench import ALL, MAC, ME, OTHER, PEER, PEER_MAC, ROUTER_MAC, ZERO_MAC, Bench, arp

REQUEST = 1
REPLY = 2
SECOND = 1_000_000


class Owner:
    def __init__(self):
        self.told = []

    def claimed(self, claim):
        self.told.append("claimed")

    def lost(self, claim):
        self.told.append("lost")


def bench(addr=ME, owner=None, seed=1):
    """A host that begins to use `addr` for `owner`."""
    b = Bench(address=None, know=False, seed=seed)
    b.iface.set_address(addr, 24, Claim(b.iface, addr, owner))
    return b


def prober(seed=1):
    """A host that wants ME, and does not use it before it is sure."""
    b = Bench(address=None, know=False, seed=seed)
    owner = Owner()
    claim = Claim(b.iface, ME, owner)
    claim.probe()
    return b, owner, claim


def timeline(b, us):
    """[(µs, packet)] of what the host sends from now on."""
    start = b.now
    sent = []
    while b.now < start + us:
        b.poll(10_000)
        sent += [(b.now - start, p) for p in b.take()]
    return sent


def gaps(sent):
    times = [when for when, _ in sent]
    return [b - a for a, b in zip(times, times[1:])]


def test_three_probes_then_two_announcements():
    # RFC 5227 §2.1.1 and §2.3: PROBE_WAIT, PROBE_NUM, PROBE_MIN … PROBE_MAX, ANNOUNCE_WAIT,
    # ANNOUNCE_NUM, ANNOUNCE_INTERVAL; §1.1 says how long.
    waits = []
    for seed in range(1, 9):
        b = bench(seed=seed)
        sent = timeline(b, 30 * SECOND)
        assert len(sent) == 5
        for when, p in sent:
            assert p.to == ALL and p.mac == p.sha == MAC and p.oper == REQUEST
            assert p.tpa == ME and p.tha == ZERO_MAC
        assert [p.spa for _, p in sent] == [0, 0, 0, ME, ME]
        assert sent[0][0] <= SECOND + 10_000
        waits.append(sent[0][0])
        first, second, third, fourth = gaps(sent)
        assert SECOND <= first <= 2 * SECOND + 20_000, first
        assert SECOND <= second <= 2 * SECOND + 20_000, second
        assert abs(third - 2 * SECOND) <= 20_000 and abs(fourth - 2 * SECOND) <= 20_000
        assert b.iface.claim.state == HELD and not b.stack.timers.next()
        assert b.counters.arp_tx_probe == 3
    assert max(waits) - min(waits) > SECOND // 4, "no jitter"


def test_the_address_works_while_it_is_probed():
    b = bench()
    assert b.iface.claim.state == PROBING
    b.meet()
    b.well()


def test_an_address_that_must_be_free_is_not_used_before():
    # RFC 5227 §2.1.1
    b, owner, claim = prober()
    for _ in range(40):
        answers = b.feed(arp(REQUEST, PEER_MAC, PEER, ZERO_MAC, ME))
        assert not answers, "answered for an address that it does not have"
        if owner.told:
            break
        b.poll(SECOND // 4)
        assert all(p.spa == 0 for p in b.take())
    assert owner.told == ["claimed"] and claim.state == HELD
    b.iface.set_address(ME, 24, claim)
    assert claim.state == ANNOUNCING
    sent = timeline(b, 10 * SECOND)
    assert [p.spa for _, p in sent] == [ME, ME] and claim.state == HELD
    b.meet()
    b.well()


def test_whoever_uses_the_address_ends_the_probes():
    # RFC 5227 §2.1.1: any ARP packet with it as sender, request or reply, to whomever
    for frame in (
        arp(REPLY, PEER_MAC, ME, MAC, 0, dst=MAC),
        arp(REQUEST, PEER_MAC, ME, ZERO_MAC, ME),
        arp(REQUEST, PEER_MAC, ME, ZERO_MAC, OTHER),
        # … or somebody else's probe for it
        arp(REQUEST, PEER_MAC, 0, ZERO_MAC, ME),
    ):
        for after in (0, 1500_000, 5000_000):  # before the first, between them, after the last
            b, owner, claim = prober()
            b.poll(after)
            if owner.told:
                continue
            b.feed(frame)
            assert owner.told == ["lost"] and claim.state == IDLE and claim.rival == PEER_MAC
            assert b.counters.arp_conflict == 1 and b.counters.arp_lost == 1
            assert not timeline(b, 10 * SECOND) and not b.iface.arp.claims


def test_what_is_no_conflict():
    b, owner, claim = prober()
    b.feed(
        arp(REQUEST, MAC, 0, ZERO_MAC, ME),  # our own probe, reflected by a switch
        arp(REQUEST, PEER_MAC, PEER, ZERO_MAC, ME),  # somebody looks for it
        arp(REQUEST, PEER_MAC, 0, ZERO_MAC, OTHER),  # a probe for another address
        arp(REPLY, PEER_MAC, 0, MAC, ME),
    )
    assert not owner.told and not b.counters.arp_conflict
    b.poll(10 * SECOND)
    assert owner.told == ["claimed"]


def test_conflict_while_the_granted_address_is_probed():
    owner = Owner()
    b = bench(owner=owner)
    b.poll(2 * SECOND)
    b.take()
    assert not b.feed(arp(REPLY, PEER_MAC, ME, MAC, 0, dst=MAC)), "announced another's address"
    assert owner.told == ["lost"]


def test_probe_of_another_for_an_address_in_use_is_answered():
    # RFC 5227 §2.1.1: it learns of us by our reply, even while we probe ourselves
    owner = Owner()
    b = bench(owner=owner)
    p = b.one(arp(REQUEST, PEER_MAC, 0, ZERO_MAC, ME))
    assert p.oper == REPLY and p.spa == ME and p.to == PEER_MAC
    assert not owner.told


def test_defends_once_and_gives_up_at_the_second_conflict():
    # RFC 5227 §2.4 (b)
    owner = Owner()
    b = bench(owner=owner)
    b.poll(20 * SECOND)
    b.take()
    conflict = arp(REQUEST, PEER_MAC, ME, ZERO_MAC, PEER)
    p = b.one(conflict)
    assert p.to == ALL and p.spa == p.tpa == ME and p.oper == REQUEST
    assert owner.told == ["claimed"] and b.counters.arp_defended == 1
    # More than DEFEND_INTERVAL later it is a first one again
    b.poll(10 * SECOND + 1000)
    assert len(b.feed(conflict)) == 1
    b.poll(9 * SECOND)
    assert not b.feed(conflict)
    assert owner.told == ["claimed", "lost"] and b.counters.arp_defended == 2


def test_static_address_is_kept_and_defended_at_most_every_ten_seconds():
    # RFC 5227 §2.4 (c)
    b = bench()
    b.poll(20 * SECOND)
    b.take()
    sent = 0
    for _ in range(1000):
        sent += len(b.feed(arp(REQUEST, PEER_MAC, ME, ZERO_MAC, ME)))
        b.poll(SECOND // 10)
    assert 10 <= sent <= 11, sent
    claim = b.iface.claim
    assert b.iface.addr == ME and claim.rival == PEER_MAC and claim.conflicts == 1000
    assert b.counters.arp_conflict == 1000
    b.meet()
    b.well()


def test_static_address_that_another_had_first_is_not_announced():
    b = bench()
    b.poll(2 * SECOND)
    b.take()
    b.feed(arp(REPLY, PEER_MAC, ME, MAC, 0, dst=MAC))
    assert not timeline(b, 30 * SECOND)
    assert b.iface.addr == ME and b.iface.claim.rival == PEER_MAC


def test_link_that_returns_is_probed_again():
    # RFC 5227 §2.1: when an interface becomes active; nothing is sent while it is not
    b = bench()
    b.poll(20 * SECOND)
    b.take()
    b.port.carrier = False
    assert not timeline(b, 20 * SECOND)
    b.port.carrier = True
    assert [p.spa for _, p in timeline(b, 20 * SECOND)] == [0, 0, 0, ME, ME]
    b.port.carrier = False
    b.poll()
    b.port.carrier = True
    b.poll(SECOND)
    b.port.carrier = False
    b.poll()
    b.take()
    assert not timeline(b, 20 * SECOND), "probed without a link"
    b.iface.set_up(False)
    b.iface.set_up(True)
    assert not timeline(b, 5 * SECOND)
    b.port.carrier = True
    assert len(timeline(b, 20 * SECOND)) == 5


def test_letting_go_of_an_address():
    b = bench()
    claim = b.iface.claim
    b.iface.clear_address()
    assert claim.state == IDLE and not b.iface.arp.claims and b.iface.claim is None
    b.feed(arp(REPLY, PEER_MAC, ME, MAC, ME))
    assert not b.counters.arp_conflict and not timeline(b, 20 * SECOND)
    # Another address: the claim to the old one is gone
    b.iface.set_address(ME, 24)
    b.iface.set_address(OTHER, 24)
    assert list(b.iface.arp.claims) == [OTHER]
    b.feed(arp(REQUEST, ROUTER_MAC, ME, ZERO_MAC, ME))
    assert not b.counters.arp_conflict


def test_link_local_senders_broadcast_all_arp():
    # RFC 3927 §2.5, replies and validations too
    mine = 0xA9FE1234
    b = bench(mine)
    b.iface.set_address(mine, 16)
    p = b.one(arp(REQUEST, PEER_MAC, mine + 1, ZERO_MAC, mine))
    assert p.oper == REPLY and p.to == ALL and p.tha == PEER_MAC
