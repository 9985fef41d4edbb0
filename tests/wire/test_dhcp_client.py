# Frostnet: tests of the DHCP client's state machine, in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

from dhcp_server import CLIENT, DEFAULTS, SERVER, Server, changed, reply
from frostnet.dhcp.client import Client
from frostnet.dhcp.states import BOUND, INIT, NAMES, REBINDING, RENEWING, REQUESTING
from frostnet.dhcp.states import SELECTING, STOPPED
from frostnet.dns import Resolver
from frostnet.wire import dhcp
from frostnet.wire.addr import parse
from simnet import Sim

S = 1000000


def setup(seed=1, **wire):
    sim = Sim(seed, **wire)
    server = Server(sim)
    host = sim.host(1)
    resolver = Resolver(host.stack)
    client = Client(host.stack, host.iface, resolver, "board")
    return sim, server, host, client


def bound(seed=1, **options):
    sim, server, host, client = setup(seed)
    server.options = changed(**options)
    client.start(sim.now)
    sim.run_until(lambda: client.state == BOUND)
    return sim, server, host, client


def expect_state(client, state):
    assert client.state == state, "%s, not %s" % (NAMES[client.state], NAMES[state])


def test_lease_comes_at_once():
    # No initial delay, and what RFC 2131 table 5 wants in DISCOVER and REQUEST
    sim, server, host, client = setup()
    started = sim.now
    client.start(sim.now)
    sim.run_until(lambda: client.state == BOUND, 10000)
    assert server.kinds() == [dhcp.DISCOVER, dhcp.REQUEST]
    discover, request = server.asked
    assert discover.when - started < 1000
    assert discover.broadcast and discover.src == 0 and discover.ciaddr == 0
    assert discover.flags == 0  # we take a reply to the address that we are about to get
    assert dhcp.SERVER not in discover.options
    assert request.broadcast and request.src == 0 and request.ciaddr == 0
    assert request.xid == discover.xid
    assert request.options[dhcp.SERVER] == SERVER.to_bytes(4, "big")
    assert request.options[dhcp.REQUESTED] == CLIENT.to_bytes(4, "big")
    for asked in server.asked:
        assert asked.mac == host.port.mac
        assert asked.options[dhcp.CLIENT_ID] == b"\x01" + host.port.mac
        assert asked.options[dhcp.HOSTNAME] == b"board"
        for code in (dhcp.MASK, dhcp.ROUTERS, dhcp.DNS):
            assert code in asked.options[dhcp.WANTED]


def test_lease_configures_the_interface():
    sim, server, host, client = bound(MTU=b"\x04\xb0")
    iface = host.iface
    assert (iface.addr, iface.prefixlen, iface.mtu) == (CLIENT, 24, 1200)
    route = host.stack.ip.routes.lookup(parse("8.8.8.8"))
    assert route and route.gateway == SERVER
    assert client.resolver.servers == [parse("10.0.0.3"), parse("10.0.0.4")]
    assert client.left(sim.now) in (3599, 3600)


def test_an_mtu_that_people_have_set_is_the_most():
    sim, server, host, client = setup()
    host.iface.set_mtu(1000)
    client.start(sim.now)
    for said, mtu in ((b"\x04\xb0", 1000), (b"\x03\x20", 800), (None, 1000)):
        server.options = changed(MTU=said)
        client.renew(sim.now)
        sim.run(S)
        assert host.iface.mtu == mtu, said
    client.stop(sim.now)
    assert host.iface.mtu == 1000


def test_changed_is_told():
    sim, server, host, client = setup()
    seen = []
    client.changed = lambda c: seen.append(c.lease and c.lease.addr)
    client.start(sim.now)
    sim.run(S)
    client.stop(sim.now)
    assert seen == [CLIENT, None]


def test_discover_backs_off():
    # RFC 2131 section 4.1: 4, 8, 16, 32, 64 s, each ± 1 s
    sim, server, host, client = setup()
    server.answer = server.silent
    client.start(sim.now)
    sim.run(400 * S)
    times = [a.when for a in server.asked]
    gaps = [(b - a) / S for a, b in zip(times, times[1:])]
    for gap, want in zip(gaps, (4, 8, 16, 32, 64, 64, 64, 64)):
        assert want - 1 <= gap <= want + 1, gaps
    assert len(times) >= 7
    assert server.kinds() == [dhcp.DISCOVER] * len(times)
    assert any(gap != int(gap) for gap in gaps), "no jitter"
    # `secs` tells how long it has been trying
    assert server.asked[0].secs == 0
    assert abs(server.asked[3].secs - 28) <= 3


def test_request_is_repeated_then_another_server_is_sought():
    sim, server, host, client = setup()
    server.answer = lambda a: a.kind == dhcp.DISCOVER and server.send(a, dhcp.OFFER)
    client.start(sim.now)
    sim.run(23 * S)
    expect_state(client, REQUESTING)
    assert server.kinds() == [dhcp.DISCOVER] + [dhcp.REQUEST] * 3
    sim.run(2 * S)
    assert server.kinds()[4] == dhcp.DISCOVER
    assert server.asked[4].xid != server.asked[0].xid


def test_renewal_at_t1():
    # RFC 2131 section 4.4.5 and table 5: unicast, ciaddr, neither server id nor address wanted
    sim, server, host, client = bound(LEASE_TIME=1000)
    since = sim.now
    generation = host.stack.ip.routes.generation
    sim.run(490 * S)
    assert len(server.asked) == 2
    sim.run(11 * S)
    assert server.kinds()[2:] == [dhcp.REQUEST]
    renewal = server.asked[2]
    assert 492 * S <= renewal.when - since <= 500 * S
    assert not renewal.broadcast and renewal.dst == SERVER
    assert renewal.ciaddr == CLIENT and renewal.src == CLIENT
    assert dhcp.SERVER not in renewal.options and dhcp.REQUESTED not in renewal.options
    assert renewal.xid != server.asked[1].xid
    expect_state(client, BOUND)
    assert client.left(sim.now) >= 990
    assert host.stack.ip.routes.generation == generation, "address was taken away and given back"


def test_server_sets_t1_and_t2():
    sim, server, host, client = bound(LEASE_TIME=1000, T1=100, T2=200)
    since = sim.now
    server.answer = server.silent
    sim.run(101 * S)
    expect_state(client, RENEWING)
    assert 98 * S < server.asked[2].when - since < 101 * S
    sim.run(100 * S)
    expect_state(client, REBINDING)


def test_rebinding_by_another_server():
    # RFC 2131 section 4.4.5: from T2 on, broadcast to everybody, with ciaddr
    sim, server, host, client = bound(LEASE_TIME=1000)
    server.answer = server.silent
    since = sim.now
    sim.run(876 * S)
    expect_state(client, REBINDING)
    rebinding = server.asked[-1]
    assert abs(rebinding.when - since - 875 * S) < S
    assert rebinding.broadcast and rebinding.dst == 0xFFFFFFFF
    assert rebinding.ciaddr == CLIENT and dhcp.SERVER not in rebinding.options
    # Tries to renew: at half of the time that was left, not more often than every minute
    renewals = [a.when for a in server.asked if not a.broadcast]
    gaps = [(b - a) // S for a, b in zip(renewals, renewals[1:])]
    assert renewals and all(gap >= 59 for gap in gaps), gaps
    other = Server(sim, parse("10.0.0.2"), 98)
    sim.run(100 * S)
    expect_state(client, BOUND)
    assert client.lease.server == other.ip and host.iface.addr == CLIENT


def test_expiry_takes_the_address():
    # RFC 2131 section 4.4.5: it MUST stop using the address
    sim, server, host, client = bound(LEASE_TIME=1000)
    server.answer = server.silent
    sim.run(999 * S)
    assert host.iface.addr == CLIENT
    sim.run(2 * S)
    assert host.iface.addr == 0 and client.lease is None
    assert client.resolver.servers == []
    assert host.stack.counters.dhcp_expired == 1
    expect_state(client, SELECTING)
    assert server.kinds()[-1] == dhcp.DISCOVER
    server.answer = server.grant
    sim.run(70 * S)
    assert host.iface.addr == CLIENT


def test_short_lease_gets_several_tries():
    sim, server, host, client = bound(LEASE_TIME=20)
    server.answer = server.silent
    sim.run(19 * S)
    assert len(server.asked) >= 2 + 4
    server.answer = server.grant
    assert client.lease is not None


def test_leases_out_of_order_are_made_sane():
    # T1 > T2 > lease, T1 = 0, lease 0 and 1
    for time, t1, t2 in ((1000, 900, 800), (1000, 2000, 3000), (1000, 0, 0), (0, 0, 0), (1, 1, 1)):
        sim, server, host, client = bound(LEASE_TIME=time, T1=t1, T2=t2)
        lease = client.lease
        assert lease.time == max(time, 10)
        assert 0 < lease.t1 < lease.t2 < lease.end, (lease.t1, lease.t2, lease.end)
        before = len(server.asked)
        sim.run(100 * S)
        assert len(server.asked) - before <= 20, "asks without end"
        assert client.lease is not None


def test_lease_for_ever():
    sim, server, host, client = bound(LEASE_TIME=0xFFFFFFFF)
    sim.run(200 * 86400 * S)
    assert len(server.asked) == 2
    expect_state(client, BOUND)
    assert client.left(sim.now) is None
    client.renew(sim.now)
    sim.run(S)
    expect_state(client, BOUND)
    assert len(server.asked) == 3


def test_nak_starts_over():
    sim, server, host, client = setup()
    server.answer = server.refuse
    client.start(sim.now)
    sim.run(S // 2)
    assert server.kinds()[:4] == [dhcp.DISCOVER, dhcp.REQUEST, dhcp.DISCOVER, dhcp.REQUEST]
    server.answer = server.grant
    sim.run(10 * S)
    expect_state(client, BOUND)


def test_nak_while_renewing_takes_the_address():
    # RFC 2131 section 3.1.5
    sim, server, host, client = bound(LEASE_TIME=1000)
    server.answer = lambda a: a.kind == dhcp.REQUEST and server.refuse(a)
    sim.run(501 * S)
    assert host.iface.addr == 0 and host.stack.counters.dhcp_nak == 1
    # and does not ask for what it was refused
    assert server.kinds()[-1] == dhcp.DISCOVER
    assert dhcp.REQUESTED not in server.asked[-1].options


def test_nak_flood_does_not_make_a_flood():
    sim, server, host, client = setup()
    server.answer = server.refuse
    client.start(sim.now)
    sim.run(600 * S)
    assert 8 < len(server.asked) < 60, len(server.asked)
    assert host.stack.counters.dhcp_nak > 3


def test_nak_of_a_stranger_is_dropped():
    sim, server, host, client = setup()

    def answer(asked):
        if asked.kind == dhcp.REQUEST:
            server.send(asked, dhcp.NAK, [(dhcp.SERVER, b"\x0a\x00\x00\x63")])
            server.send(asked, dhcp.NAK, [])
        server.grant(asked)

    server.answer = answer
    client.start(sim.now)
    sim.run(S)
    expect_state(client, BOUND)
    assert host.stack.counters.dhcp_drop_stray >= 2 and host.stack.counters.dhcp_nak == 0


def test_strays_are_dropped():
    # Wrong transaction, station, direction, type; no type; no cookie
    sim, server, host, client = setup()
    server.answer = server.silent
    client.start(sim.now)
    sim.run(S)
    xid = server.asked[0].xid
    mac = host.port.mac
    good = reply(xid, mac, dhcp.OFFER)
    bad = [
        reply(xid ^ 1, mac, dhcp.OFFER),
        reply(xid, b"\x02\x00\x00\x00\x00\x77", dhcp.OFFER),
        reply(xid, mac, dhcp.OFFER, op=1),
        reply(xid, mac, dhcp.ACK),
        reply(xid, mac, dhcp.NAK),
        reply(xid, mac, dhcp.DISCOVER),
        reply(xid, mac, 200),
        reply(xid, mac, None),
        good[:236] + b"\0\0\0\0" + good[240:],
        good[:239],
        good[:44],
        b"",
    ]
    for message in bad:
        server.transmit(mac, message)
    sim.run(S)
    expect_state(client, SELECTING)
    counters = host.stack.counters
    assert counters.dhcp_rx == len(bad)
    assert counters.dhcp_drop_stray + counters.dhcp_drop_malformed == len(bad)
    server.transmit(mac, good)
    sim.run(S // 10)
    expect_state(client, REQUESTING)


def test_offers_of_impossible_addresses_are_dropped():
    sim, server, host, client = setup()
    server.answer = server.silent
    client.start(sim.now)
    sim.run(S)
    xid, mac = server.asked[0].xid, host.port.mac
    bad = ["0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "240.0.0.1", "10.0.0.0"]
    for text in bad + ["10.0.0.255", "0.0.0.9"]:
        server.transmit(mac, reply(xid, mac, dhcp.OFFER, parse(text)))
    server.transmit(mac, reply(xid, mac, dhcp.OFFER, options=changed(SERVER=None)))
    server.transmit(mac, reply(xid, mac, dhcp.OFFER, options=changed(SERVER=b"\x0a\0\0")))
    sim.run(S)
    expect_state(client, SELECTING)
    assert host.stack.counters.dhcp_drop_unusable == 10


def test_first_offer_wins_a_flood():
    sim, server, host, client = setup()

    def answer(asked):
        if asked.kind == dhcp.DISCOVER:
            for i in range(100):
                server.send(asked, dhcp.OFFER, yiaddr=CLIENT + i)
        else:
            server.grant(asked)

    server.answer = answer
    client.start(sim.now)
    sim.run(S)
    expect_state(client, BOUND)
    assert host.iface.addr == CLIENT and server.kinds() == [dhcp.DISCOVER, dhcp.REQUEST]


def test_ack_must_be_for_what_was_asked():
    sim, server, host, client = setup()

    def answer(asked):
        if asked.kind == dhcp.REQUEST:
            server.send(asked, dhcp.ACK, yiaddr=CLIENT + 1)
            server.send(asked, dhcp.ACK, options=changed(SERVER=SERVER + 1))
        server.grant(asked)

    server.answer = answer
    client.start(sim.now)
    sim.run(S)
    assert host.iface.addr == CLIENT and client.lease.server == SERVER


def test_rogue_ack_when_bound():
    sim, server, host, client = bound()
    xid, mac = server.asked[-1].xid, host.port.mac
    rogue = reply(xid, mac, dhcp.ACK, parse("10.0.0.66"), changed(DNS=b"\x0a\0\0\x42"))
    server.transmit(mac, rogue)
    server.transmit(mac, reply(xid, mac, dhcp.NAK))
    sim.run(S)
    assert host.iface.addr == CLIENT and client.resolver.servers[0] == parse("10.0.0.3")
    assert host.stack.counters.dhcp_drop_stray == 2


def test_link_down_stops_and_up_starts():
    sim, server, host, client = setup()
    host.port.carrier = False
    client.start(sim.now)
    sim.run(60 * S)
    assert not server.asked
    expect_state(client, INIT)
    host.port.carrier = True
    sim.run(S // 10)
    expect_state(client, BOUND)


def test_lease_expires_without_link():
    sim, server, host, client = bound(LEASE_TIME=100)
    host.port.carrier = False
    sim.run(101 * S)
    assert host.iface.addr == 0
    expect_state(client, INIT)


def test_stop_releases():
    # RFC 2131 section 4.4.6
    sim, server, host, client = bound()
    client.renew(sim.now)
    sim.run(S)  # now ARP knows the server
    client.stop(sim.now)
    sim.run(S)
    release = server.asked[-1]
    assert release.kind == dhcp.RELEASE and not release.broadcast
    assert release.ciaddr == CLIENT and release.options[dhcp.SERVER] == SERVER.to_bytes(4, "big")
    assert host.iface.addr == 0 and not client.resolver.servers
    expect_state(client, STOPPED)
    count = len(server.asked)
    sim.run(5000 * S)
    assert len(server.asked) == count
    client.start(sim.now)
    sim.run(S)
    expect_state(client, BOUND)


def test_own_dns_servers_stay():
    sim, server, host, client = bound(LEASE_TIME=100)
    mine = client.resolver.servers = [parse("9.9.9.9")]
    sim.run(60 * S)
    assert len(server.asked) == 3 and client.resolver.servers is mine
    client.stop(sim.now)
    assert client.resolver.servers is mine


def test_router_off_the_link_is_skipped():
    sim, server, host, client = bound(ROUTERS=b"\x0b\0\0\x01\x0a\0\0\x01\x0a\0\0\x02")
    assert host.iface.addr == CLIENT
    gateways = [r.gateway for r in host.stack.ip.routes if not r.prefixlen]
    assert gateways == [parse("10.0.0.1"), parse("10.0.0.2")]


def test_single_address_network():
    # A /32 whose router is elsewhere, as clouds give
    sim, server, host, client = bound(MASK=b"\xff\xff\xff\xff", ROUTERS=b"\x0b\0\0\x01")
    route = host.stack.ip.routes.lookup(parse("8.8.8.8"))
    assert route.gateway == parse("11.0.0.1")


def test_lossy_links():
    for seed in range(1, 13):
        sim, server, host, client = setup(seed, loss=0.3, dup=0.1, delay=1000, jitter=5000)
        server.options = changed(LEASE_TIME=600)
        client.start(sim.now)
        sim.run_until(lambda: client.state == BOUND, 400 * S, "a lease")
        sim.run(3000 * S)
        assert client.state != INIT, seed
        sim.run_until(lambda: client.state == BOUND, 400 * S, "a lease again")


def test_mutated_replies():
    # Whatever comes, the state is one of the table's and the interface's address is sane
    sim, server, host, client = setup(7)
    rng = sim.rng
    options = list(DEFAULTS) + [(dhcp.T1, b"\0\0\0\x20"), (dhcp.OVERLOAD, b"\3")]

    def answer(asked):
        kind = (dhcp.OFFER, dhcp.ACK, dhcp.NAK)[rng.below(3)]
        for _ in range(20):
            message = bytearray(reply(asked.xid, asked.mac, kind, CLIENT, options))
            for _ in range(1 + rng.below(4)):
                # Mostly in the options
                at = rng.below(len(message)) if rng.chance(0.2) else 236 + rng.below(60)
                if at < len(message):
                    message[at] = rng.below(256)
            if rng.chance(0.2):
                message = message[: rng.below(len(message))]
            server.transmit(asked.mac, bytes(message))
        server.grant(asked)

    server.answer = answer
    client.start(sim.now)
    for _ in range(60):
        sim.run(100 * S)
        addr = host.iface.addr
        assert addr == 0 or 0 < addr >> 24 < 224
        client.renew(sim.now)
    assert host.stack.counters.dhcp_drop_malformed > 100
    server.answer = server.grant
    sim.run(200 * S)
    expect_state(client, BOUND)
