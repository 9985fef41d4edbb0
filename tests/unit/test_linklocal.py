# Frostnet: tests of link-local addresses (RFC 3927)
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.link import linklocal
from frostnet.link.linklocal import LinkLocal
from frostnet.wire.addr import is_link_local, parse
from ipbench import ALL, MAC, ME, PEER_MAC, ZERO_MAC, Bench, arp, udp_frame

S = 1000000
REQUEST = 1
REPLY = 2


def bench(seed=1):
    """A host that begins to look for an address."""
    b = Bench(address=None, know=False, seed=seed)
    local = LinkLocal(b.stack, b.iface)
    local.start(b.now)
    return b, local


def probed(b):
    """The address that the host probes for next."""
    for _ in range(100):
        b.poll(S)
        for p in b.take():
            if p.type == 0x0806 and p.spa == 0:
                return p.tpa
    assert False, "no probe"


def settled(seed=1):
    b, local = bench(seed)
    b.poll(8 * S)
    assert local.state == linklocal.BOUND
    b.poll(10 * S)
    b.take()
    return b, local


def test_probes_then_uses_and_announces():
    # RFC 3927 §2.2.1, §2.4
    b, local = bench()
    assert b.iface.addr == 0
    sent = []
    for _ in range(80):
        b.poll(S // 10)
        for p in b.take():
            sent.append((p.spa, p.tpa))
            assert p.to == ALL and p.oper == REQUEST
            assert bool(b.iface.addr) == bool(p.spa)
    b.poll(10 * S)
    sent += [(p.spa, p.tpa) for p in b.take()]
    addr = b.iface.addr
    assert sent == [(0, addr)] * 3 + [(addr, addr)] * 2
    assert is_link_local(addr) and b.iface.prefixlen == 16
    assert b.iface.broadcast == parse("169.254.255.255")


def test_address_is_of_the_range_and_the_same_at_every_boot():
    # §2.1: not the first or last 256; from the hardware address; hosts choose differently
    found = set()
    for n in range(40):
        addrs = []
        for seed in (1, 2):
            b = Bench(address=None, know=False, seed=seed)
            b.iface.mac = b"\x52\x54\0\x12\x34" + bytes((n,))
            local = LinkLocal(b.stack, b.iface)
            local.start(b.now)
            addrs.append(list(b.iface.arp.claims)[0])
        assert addrs[0] == addrs[1]
        assert parse("169.254.1.0") <= addrs[0] <= parse("169.254.254.255")
        found.add(addrs[0])
    assert len(found) == 40


def test_the_range_is_used_evenly():
    b = Bench(address=None, know=False)
    local = LinkLocal(b.stack, b.iface)
    local.start(b.now)
    thirds = [0] * 254
    for _ in range(254 * 20):
        (addr,) = b.iface.arp.claims
        assert parse("169.254.1.0") <= addr <= parse("169.254.254.255")
        thirds[(addr >> 8 & 255) - 1] += 1
        local._claim.drop()
        local._try(b.now)
    assert min(thirds) > 4 and max(thirds) < 45, (min(thirds), max(thirds))


def test_conflict_while_probing_takes_the_next_address():
    b, local = bench()
    first = probed(b)
    b.feed(arp(REPLY, PEER_MAC, first, MAC, 0, dst=MAC))
    second = probed(b)
    assert second != first and local.conflicts == 1
    # Somebody else's probe for it is one as well (§2.2.1)
    b.feed(arp(REQUEST, PEER_MAC, 0, ZERO_MAC, second))
    third = probed(b)
    assert third not in (first, second)
    b.poll(10 * S)
    assert b.iface.addr == third and list(b.iface.arp.claims) == [third]


def test_conflicts_are_rate_limited():
    # §2.2.1: after ten, one attempt per minute
    b, local = bench()
    times = []
    start = b.now
    while b.now < start + 400 * S:
        b.poll(S // 4)
        for p in b.take():
            if p.spa == 0:
                times.append(b.now)
                b.feed(arp(REPLY, PEER_MAC, p.tpa, MAC, 0, dst=MAC))
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert all(gap < 3 * S for gap in gaps[:8]) and all(gap >= 59 * S for gap in gaps[9:]), gaps
    assert 12 <= len(times) <= 18 and b.iface.addr == 0


def test_defends_once_then_moves():
    # §2.5 (b)
    b, local = settled()
    mine = b.iface.addr
    (p,) = b.feed(arp(REQUEST, PEER_MAC, mine, ZERO_MAC, mine))
    assert p.spa == p.tpa == mine and b.iface.addr == mine
    b.feed(arp(REQUEST, PEER_MAC, mine, ZERO_MAC, mine))
    assert b.iface.addr == 0
    b.poll(8 * S)
    assert is_link_local(b.iface.addr) and b.iface.addr != mine


def test_all_arp_is_broadcast():
    # §2.5
    b, local = settled()
    other = b.iface.addr ^ 1
    p = b.one(arp(REQUEST, PEER_MAC, other, ZERO_MAC, b.iface.addr))
    assert p.oper == REPLY and p.to == ALL


def test_everybody_on_the_link_is_reached_and_no_router():
    # §2.6.2: with nothing but such an address, "ARP for everything"
    b, local = settled()
    endpoint = b.stack.udp.open()
    for text in ("169.254.9.9", "10.1.2.3"):
        endpoint.send(b"x", parse(text), 9)
        b.poll()
        (p,) = b.take()
        assert p.oper == REQUEST and p.tpa == parse(text)


def test_link_local_destinations_are_on_the_link():
    # §2.6.2: whatever our own address, and although there is a router
    b = Bench()
    endpoint = b.stack.udp.open()
    peer = parse("169.254.9.9")
    endpoint.send(b"x", peer, 9)
    b.poll()
    (p,) = b.take()
    assert p.oper == REQUEST and p.tpa == peer and not is_link_local(p.spa)
    (p,) = b.feed(arp(REPLY, PEER_MAC, peer, MAC, p.spa, dst=MAC))
    assert p.to == PEER_MAC and p.dst == peer
    # And back
    endpoint = b.stack.udp.open(0, 7)
    b.feed(udp_frame(b"y", 7, src=peer))
    assert endpoint.recv()[:2] == (b"y", peer)


def test_stop_forgets_everything():
    for us in (S, 20 * S):
        b, local = bench()
        b.poll(us)
        local.stop()
        assert b.iface.addr == 0 and not b.iface.arp.claims and not list(b.stack.ip.routes)
        b.take()
        b.poll(20 * S)
        assert not b.take() and b.stack.timers.next() is None
    # An address that was set meanwhile is not touched
    b, local = settled()
    b.iface.set_address(ME, 24)
    local.stop()
    assert b.iface.addr == ME
