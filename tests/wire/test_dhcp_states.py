# Frostnet: tests of the DHCP client's rarer states: INIT-REBOOT, DECLINE, RELEASE, INFORM
# MIT license; Copyright (c) 2026 The Frostnet authors

from errno import ETIMEDOUT

from dhcp_server import CLIENT, SERVER, Server, changed, reply
from frostnet.dhcp.client import Client
from frostnet.dhcp.states import BOUND, CHECKING, INIT, NAMES, REBOOTING, SELECTING, STOPPED
from frostnet.dns import Resolver
from frostnet.errnos import EADDRNOTAVAIL
from frostnet.wire import dhcp
from frostnet.wire.addr import parse
from simnet import Sim

S = 1000000
RIVAL = b"\x02\0\0\0\0\x66"


def setup(seed=1, **wire):
    sim = Sim(seed, **wire)
    server = Server(sim)
    host = sim.host(1)
    client = Client(host.stack, host.iface, Resolver(host.stack), "board")
    return sim, server, host, client


def bound(seed=1, **options):
    sim, server, host, client = setup(seed)
    server.options = changed(**options)
    client.start(sim.now)
    sim.run_until(lambda: client.state == BOUND)
    return sim, server, host, client


def expect_state(client, state):
    assert client.state == state, "%s, not %s" % (NAMES[client.state], NAMES[state])


def replug(sim, host, seconds=1):
    host.port.carrier = False
    sim.run(seconds * S)
    host.port.carrier = True
    sim.run(S // 10)


def conflict(server, address=CLIENT, oper=1):
    """An ARP packet of another station that has `address`."""
    packet = b"\x00\x01\x08\x00\x06\x04\x00" + bytes((oper,)) + RIVAL + address.to_bytes(4, "big")
    packet += bytes(6) + address.to_bytes(4, "big")
    server.port.put(b"\xff" * 6 + RIVAL + b"\x08\x06" + packet)


# INIT-REBOOT


def test_link_that_returns_asks_for_the_same_address():
    # RFC 2131 sections 3.2 and 4.3.2: REQUEST with the address, without server id or ciaddr
    sim, server, host, client = bound()
    routes = list(host.stack.ip.routes)
    host.port.carrier = False
    sim.run(5 * S)
    expect_state(client, INIT)
    assert host.iface.addr == CLIENT
    host.port.carrier = True
    sim.run(S // 10)
    expect_state(client, BOUND)
    (asked,) = server.asked[2:]
    assert asked.kind == dhcp.REQUEST and asked.broadcast
    assert asked.src == 0 and asked.ciaddr == 0
    assert asked.options[dhcp.REQUESTED] == CLIENT.to_bytes(4, "big")
    assert dhcp.SERVER not in asked.options
    assert host.iface.addr == CLIENT
    assert list(host.stack.ip.routes) == routes, "address was taken away and given back"
    assert client.left(sim.now) >= 3598, "the lease counts from the new REQUEST"


def test_in_another_network_it_gets_another_address():
    sim, server, host, client = bound()
    server.yiaddr = CLIENT + 1
    server.answer = server.careful
    replug(sim, host)
    expect_state(client, BOUND)
    assert server.kinds()[2:] == [dhcp.REQUEST, dhcp.DISCOVER, dhcp.REQUEST]
    assert host.iface.addr == CLIENT + 1 and host.stack.counters.dhcp_nak == 1


def test_silence_after_the_link_returned():
    # A server without a record says nothing (section 4.3.2): then it is asked for an address,
    # while the old one serves until the lease ends (section 3.2, step 3)
    sim, server, host, client = bound(LEASE_TIME=1000)
    server.answer = server.silent
    replug(sim, host)
    expect_state(client, REBOOTING)
    sim.run(9 * S)
    assert server.kinds()[2:] == [dhcp.REQUEST] * 2
    sim.run(2 * S)
    expect_state(client, SELECTING)
    assert host.iface.addr == CLIENT
    # It has an address, so the offer of another one must be broadcast
    assert server.asked[-1].flags == 0x80 and server.asked[-1].src == 0
    server.yiaddr = CLIENT + 1
    server.answer = server.careful
    sim.run(6 * S)
    assert host.iface.addr == CLIENT + 1
    server.answer = server.silent
    sim.run(1000 * S)
    assert host.iface.addr == 0


def test_lease_that_was_kept_is_asked_for_at_the_next_start():
    sim, server, host, client = bound()
    client.stop(sim.now, release=False)
    assert host.iface.addr == 0 and client.lease is None
    sim.run(10 * S)
    client.start(sim.now)
    sim.run(S)
    expect_state(client, BOUND)
    assert server.kinds()[2:] == [dhcp.REQUEST]
    # One that ran out, and one that was given back, are not; they are hinted at
    for release, seconds in ((False, 3601), (True, 1)):
        client.stop(sim.now, release)
        sim.run(seconds * S)
        del server.asked[:]
        client.start(sim.now)
        sim.run(S)
        assert server.kinds() == [dhcp.DISCOVER, dhcp.REQUEST]
        assert server.asked[0].options[dhcp.REQUESTED] == CLIENT.to_bytes(4, "big")


def test_reboot_takes_the_answer_of_any_server_for_this_address_only():
    sim, server, host, client = bound()
    server.answer = server.silent
    replug(sim, host)
    xid, mac = server.asked[-1].xid, host.port.mac
    other = changed(SERVER=SERVER + 1)
    server.transmit(mac, reply(xid, mac, dhcp.ACK, CLIENT + 5, other))
    server.transmit(mac, reply(xid, mac, dhcp.OFFER, CLIENT, other))
    server.transmit(mac, reply(xid, mac, dhcp.NAK, 0, []))
    sim.run(S)
    expect_state(client, REBOOTING)
    server.transmit(mac, reply(xid, mac, dhcp.ACK, CLIENT, other))
    sim.run(S)
    expect_state(client, BOUND)
    assert client.lease.server == SERVER + 1


def test_link_that_flaps():
    sim, server, host, client = bound(LEASE_TIME=600)
    for i in range(50):
        replug(sim, host, 1 + i % 3)
        sim.run(i % 4 * S // 3)
    sim.run(S)
    expect_state(client, BOUND)
    assert host.iface.addr == CLIENT
    assert len(server.asked) == 52, len(server.asked)


# Conflicts


def test_lease_is_used_before_the_probes_are_over():
    # Start to lease is two round trips; RFC 5227 §2.1 would add four to seven seconds
    sim, server, host, client = setup(delay=1000)
    started = sim.now
    client.start(sim.now)
    sim.run_until(lambda: client.state == BOUND)
    assert sim.now - started <= 5000
    assert host.iface.addr == CLIENT
    sim.run(20 * S)
    assert host.stack.counters.arp_tx_probe == 3


def test_conflict_is_declined_and_another_address_asked_for():
    # RFC 2131 section 3.1.5 and 4.4.4, table 5; hostile line 46
    sim, server, host, client = bound()
    sim.run(2 * S)
    conflict(server, oper=2)
    at = sim.now
    sim.run(S)
    decline = server.asked[-1]
    assert decline.kind == dhcp.DECLINE and decline.broadcast and decline.src == 0
    assert decline.ciaddr == 0 and decline.flags == 0
    assert decline.options[dhcp.REQUESTED] == CLIENT.to_bytes(4, "big")
    assert decline.options[dhcp.SERVER] == SERVER.to_bytes(4, "big")
    assert dhcp.WANTED not in decline.options and dhcp.MAX_MESSAGE not in decline.options
    assert host.iface.addr == 0 and client.lease is None and not client.resolver.servers
    expect_state(client, INIT)
    server.yiaddr = CLIENT + 1
    sim.run(8 * S)
    assert server.kinds()[3:] == [], "did not wait ten seconds"
    sim.run(2 * S)
    expect_state(client, BOUND)
    discover = server.asked[3]
    assert discover.when - at >= 10 * S
    assert discover.kind == dhcp.DISCOVER and dhcp.REQUESTED not in discover.options
    assert host.iface.addr == CLIENT + 1
    assert host.stack.counters.dhcp_declined == 1


def test_address_in_use_is_defended_once():
    # RFC 5227 §2.4 (b)
    sim, server, host, client = bound()
    sim.run(20 * S)
    conflict(server)
    sim.run(S)
    assert host.iface.addr == CLIENT and host.stack.counters.arp_defended == 1
    conflict(server)
    sim.run(S)
    assert host.iface.addr == 0 and server.kinds()[-1] == dhcp.DECLINE


def test_conflicts_without_end_are_rate_limited():
    # RFC 5227 §2.1.1: after MAX_CONFLICTS one attempt per minute
    sim, server, host, client = setup()

    def answer(asked):
        server.grant(asked)
        if asked.kind == dhcp.REQUEST:
            sim.go(late())

    def late():
        yield sim.now + S // 10
        conflict(server)

    server.answer = answer
    client.start(sim.now)
    sim.run(600 * S)
    requests = [a.when for a in server.asked if a.kind == dhcp.REQUEST]
    gaps = [(b - a) / S for a, b in zip(requests, requests[1:])]
    assert all(gap >= 10 for gap in gaps) and min(gaps[9:]) >= 60, gaps
    assert host.iface.addr == 0


def test_conflict_after_the_link_returned():
    sim, server, host, client = bound()
    server.answer = server.silent
    replug(sim, host)
    conflict(server)
    sim.run(S)
    assert server.kinds()[-1] == dhcp.DECLINE and host.iface.addr == 0


def test_careful_client_probes_first():
    # RFC 5227 §2.1 to the letter
    sim, server, host, client = setup()
    client.careful = True
    client.start(sim.now)
    sim.run(3 * S)
    expect_state(client, CHECKING)
    assert host.iface.addr == 0 and client.lease is None
    sim.run(5 * S)
    expect_state(client, BOUND)
    assert host.iface.addr == CLIENT and host.stack.counters.arp_tx_probe == 3
    assert client.left(sim.now) <= 3597, "the lease counts from the REQUEST"
    # Renewing does not probe again
    client.renew(sim.now)
    sim.run(S)
    expect_state(client, BOUND)


def test_careful_client_declines():
    sim, server, host, client = setup()
    client.careful = True
    client.start(sim.now)
    sim.run(2 * S)
    conflict(server)
    sim.run(S)
    assert server.kinds()[-1] == dhcp.DECLINE and not host.iface.arp.claims
    expect_state(client, INIT)
    # Whatever ends the check leaves no claim behind
    sim.run(11 * S)
    expect_state(client, CHECKING)
    host.port.carrier = False
    sim.run(S)
    assert not host.iface.arp.claims
    host.port.carrier = True
    sim.run(S)
    client.stop(sim.now)
    assert not host.iface.arp.claims
    expect_state(client, STOPPED)


# RELEASE


def test_release_does_not_wait_for_arp():
    # RFC 2131 section 4.4.6. The server is known by its ACK only.
    sim, server, host, client = bound()
    assert SERVER not in [e[0] for e in host.iface.arp.entries()]
    client.stop(sim.now)
    host.touch()
    sim.run(S)
    release = server.asked[-1]
    assert release.kind == dhcp.RELEASE and not release.broadcast
    assert release.src == release.ciaddr == CLIENT and release.dst == SERVER
    assert release.options[dhcp.SERVER] == SERVER.to_bytes(4, "big")
    assert dhcp.REQUESTED not in release.options
    assert host.iface.addr == 0 and len(host.iface.arp) == 0


def test_release_behind_a_relay():
    # The server is not on the link: what came from the relay goes back there
    far = parse("172.16.0.1")
    sim, server, host, client = bound(SERVER=far)
    client.stop(sim.now)
    host.touch()
    sim.run(S)
    release = server.asked[-1]
    assert release.kind == dhcp.RELEASE and release.dst == far


# INFORM


def static(seed=1):
    sim, server, host, client = setup(seed)
    host.iface.set_address(CLIENT + 9, 24)
    return sim, server, host, client


def parameters(server):
    def answer(asked):
        if asked.kind == dhcp.INFORM:
            server.send(asked, dhcp.ACK, yiaddr=0)

    server.answer = answer


def test_inform():
    # RFC 2131 sections 3.4 and 4.4.3, table 5: ciaddr, and nothing about a lease
    sim, server, host, client = static()
    server.options = changed(LEASE_TIME=None, DOMAIN=b"lan", NTP=b"\x0a\0\0\x05")
    parameters(server)
    done = []
    inform = client.inform(sim.now)
    inform.notify = lambda: done.append(inform.parameters)
    sim.run(S)
    (asked,) = server.asked
    assert asked.kind == dhcp.INFORM and asked.broadcast
    assert asked.ciaddr == asked.src == CLIENT + 9
    for code in (dhcp.REQUESTED, dhcp.SERVER, dhcp.LEASE_TIME):
        assert code not in asked.options
    assert dhcp.LEASE_TIME not in asked.options[dhcp.WANTED]
    assert done == [inform.parameters] and inform.done and not inform.error
    assert inform.parameters.ntp == [parse("10.0.0.5")] and inform.parameters.domain == "lan"
    assert client.resolver.servers == [parse("10.0.0.3"), parse("10.0.0.4")]
    assert host.iface.addr == CLIENT + 9 and not host.stack.ip.routes.default()
    sim.run(100 * S)
    assert len(server.asked) == 1
    # The port is free again
    host.stack.udp.open(0, 68).close()


def test_inform_gives_up():
    sim, server, host, client = static()
    server.answer = server.silent
    inform = client.inform(sim.now)
    sim.run(20 * S)
    assert not inform.done
    sim.run(12 * S)
    assert inform.error == ETIMEDOUT and len(server.asked) == 3
    inform = client.inform(sim.now)
    host.iface.clear_address()
    sim.run(6 * S)
    assert inform.error == EADDRNOTAVAIL


def test_inform_believes_only_its_answer():
    sim, server, host, client = static()
    server.answer = server.silent
    inform = client.inform(sim.now)
    sim.run(S)
    xid, mac = server.asked[0].xid, host.port.mac
    for message in (
        reply(xid ^ 1, mac, dhcp.ACK, 0),
        reply(xid, RIVAL, dhcp.ACK, 0),
        reply(xid, mac, dhcp.NAK, 0),
        reply(xid, mac, dhcp.OFFER, 0),
        reply(xid, mac, dhcp.ACK, 0, changed(SERVER=None)),
        reply(xid, mac, dhcp.ACK, 0)[:239],
    ):
        server.transmit(mac, message, CLIENT + 9)
    sim.run(S)
    assert not inform.done and host.stack.counters.dhcp_rx == 6
    server.transmit(mac, reply(xid, mac, dhcp.ACK, 0), CLIENT + 9)
    sim.run(S)
    assert inform.done and not inform.error


def test_inform_needs_an_address_of_its_own():
    sim, server, host, client = setup()
    for _ in range(2):
        try:
            client.inform(sim.now)
        except OSError as e:
            assert e.errno == EADDRNOTAVAIL
        else:
            assert False
        client.start(sim.now)
        sim.run(S)
    client.stop(sim.now)
    # A lease instead of the answer
    host.iface.set_address(CLIENT + 9, 24)
    inform = client.inform(sim.now)
    client.start(sim.now)
    sim.run(S)
    assert inform.done and inform.parameters is None
    expect_state(client, BOUND)


# What comes with a lease


def test_classless_routes_stand_instead_of_routers():
    # RFC 3442
    routes = b"\x18\xc0\xa8\x05\x0a\0\0\x02" + b"\x08\xac\0\0\0\0" + b"\0\x0a\0\0\x03"
    sim, server, host, client = bound(ROUTES=routes)
    table = host.stack.ip.routes
    assert table.lookup(parse("192.168.5.9")).gateway == parse("10.0.0.2")
    assert table.lookup(parse("172.1.1.1")).gateway == 0
    assert table.lookup(parse("8.8.8.8")).gateway == parse("10.0.0.3")
    assert not client.lease.routers


def test_renewal_changes_what_changed_and_keeps_the_address():
    sim, server, host, client = bound(MTU=b"\x04\xb0")
    udp = host.stack.udp.open()
    udp.connect(parse("8.8.8.8"), 9)
    server.options = changed(ROUTERS=b"\x0a\0\0\x09", MTU=b"\x05\x00", DNS=b"\x0a\0\0\x07")
    cleared = []
    host.iface.clear_address = lambda: cleared.append(1)
    client.renew(sim.now)
    sim.run(S)
    assert not cleared and host.iface.addr == CLIENT
    assert [r.gateway for r in host.stack.ip.routes if not r.prefixlen] == [parse("10.0.0.9")]
    assert host.iface.mtu == 1280 and client.resolver.servers == [parse("10.0.0.7")]
    server.options = changed(ROUTERS=None, DNS=None)
    client.renew(sim.now)
    sim.run(S)
    assert host.stack.ip.routes.default() is None and host.iface.mtu == 1500


def test_replies_by_broadcast_are_taken_too():
    sim, server, host, client = setup()
    server.shout = True
    client.start(sim.now)
    sim.run(S)
    expect_state(client, BOUND)


def test_message_size_and_vendor_class():
    # RFC 2132 sections 9.10 and 9.13; RFC 3442: routes are asked for before routers
    sim, server, host, client = setup()
    client.start(sim.now)
    sim.run(S)
    for asked in server.asked[:2]:
        assert asked.options[dhcp.MAX_MESSAGE] == (1472).to_bytes(2, "big")
        assert asked.options[dhcp.VENDOR_CLASS] == b"frostnet"
        wanted = list(asked.options[dhcp.WANTED])
        assert wanted.index(dhcp.ROUTES) < wanted.index(dhcp.ROUTERS)
        for code in (dhcp.NTP, dhcp.SEARCH, dhcp.MTU, dhcp.DOMAIN):
            assert code in wanted
