# Frostnet: tests of Ethernet framing and of the interface's input
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import ethernet
from ipbench import ALL, MAC, PEER_MAC, ROUTER_MAC, Bench, Port, arp, echo, eth, udp_frame
from ipbench import BROADCAST, ME, PEER, ZERO_MAC

MDNS_MAC = b"\x01\x00\x5e\x00\x00\xfb"


def test_header():
    assert ethernet.header(ALL, MAC, 0x0806) == ALL + MAC + b"\x08\x06"
    assert ethernet.multicast(0xEFFFFFFA) == b"\x01\x00\x5e\x7f\xff\xfa"  # RFC 1112 §6.4
    assert ethernet.is_station(MAC)
    for mac in (ALL, MDNS_MAC, ZERO_MAC):
        assert not ethernet.is_station(mac)


def test_hostile_1_runt_frames():
    b = Bench()
    full = echo()
    for n in range(1, 14):
        b.drops("eth_drop_runt", full[:n])
    # 14 bytes are a header, and what it announces is missing.
    b.drops("ip_drop_short", full[:14])
    b.drops("arp_drop_malformed", arp(1, PEER_MAC, PEER, ZERO_MAC, ME)[:14])


def test_hostile_1_length_beyond_the_buffer():
    b = Bench()
    frame = memoryview(echo())
    for n in (len(frame) + 1, 1514, 1515, 65536, 1 << 30):
        before = b.counters.eth_drop_oversize
        b.iface.input(frame, n)
        assert b.counters.eth_drop_oversize == before + 1, n
    assert not b.take()
    b.well()


def test_frame_longer_than_the_mtu():
    b = Bench()
    frame = memoryview(echo(payload=bytes(1473)))
    b.iface.input(frame, len(frame))
    assert b.counters.eth_drop_oversize == 1
    b.well()


def test_hostile_2_vlan_llc_rarp_and_others():
    b = Bench()
    ip_part = echo()[14:]
    for ethertype, payload in (
        (0x8100, b""),  # 802.1Q without its inner type
        (0x8100, b"\x00"),
        (0x8100, b"\x00\x01\x08"),
        (0x8100, b"\x00\x01\x08\x00" + ip_part),
        (0x0000, ip_part),
        (0x0026, b"\x42\x42\x03" + bytes(35)),  # LLC: a length, not a type
        (0x05FF, ip_part),
        (0x0600, ip_part),
        (0x8035, arp(1, PEER_MAC, PEER, ZERO_MAC, ME)[14:]),  # RARP
        (0x86DD, bytes(40)),
        (0x88CC, b""),
        (0xFFFF, ip_part),
    ):
        b.drops("eth_drop_type", eth(MAC, PEER_MAC, ethertype, payload))
        b.drops("eth_drop_type", eth(ALL, PEER_MAC, ethertype, payload))


def test_frame_to_another_station():
    b = Bench()
    b.drops("eth_drop_other_host", echo(mac=ROUTER_MAC))
    b.drops("eth_drop_other_host", arp(1, PEER_MAC, PEER, ZERO_MAC, ME, dst=ROUTER_MAC))
    b.drops("eth_drop_source", echo(smac=ALL))
    b.drops("eth_drop_source", echo(smac=MDNS_MAC))


def test_padding_is_not_data():
    # Ethernet pads to 60 bytes: the IP length counts.
    b = Bench()
    answer = b.one(echo(payload=b"abc", pad=b"\xee" * 15))
    assert answer.data[8:] == b"abc"


def test_group_frame_reaches_ip():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)
    assert not b.feed(udp_frame(b"x", 7, dst=BROADCAST, mac=ALL))
    assert endpoint.recv()[0] == b"x"


def test_link_change_is_reported_and_forgets_neighbours():
    b = Bench()
    states = []
    b.iface.on_link.append(states.append)
    assert len(b.iface.arp) == 1
    b.port.carrier = False
    b.poll()
    assert states == [False] and not b.iface.carrier
    assert len(b.iface.arp) == 0, "neighbours of the old network"
    b.take()
    b.port.carrier = True
    b.poll()
    assert states == [False, True]
    b.poll(1_000_000)
    probe = b.take()[0]  # the address may be another's there (RFC 5227 §2.1)
    assert probe.spa == 0 and probe.tpa == ME
    b.meet()
    b.well()


class Broken(Port):
    def rx(self):
        raise RuntimeError("broken device")

    flush = rx


def test_broken_device_does_not_stop_the_others():
    b = Bench()
    b.stack.strict = False
    b.stack.ifaces.insert(0, b.stack.add(Broken(ROUTER_MAC), "eth1"))
    b.stack.ifaces.pop()
    assert b.one(echo()).proto == 1
    assert b.counters.bug_frame and b.counters.bug_flush


def test_no_exception_leaves_the_poll_loop():
    b = Bench()
    endpoint = b.stack.udp.open(0, 7)

    def handler(*_):
        raise ValueError("defect")

    endpoint.handler = handler
    b.stack.strict = False
    b.feed(udp_frame(b"x", 7), echo())
    assert b.counters.bug_frame == 1
    assert isinstance(b.stack.last_bug, ValueError)
    b.stack.last_bug = None
    b.well()
    b.stack.strict = True
    b.port.inject(udp_frame(b"x", 7))
    try:
        b.poll()
    except ValueError:
        return
    assert False, "strict did not let the exception out"


def test_frames_beyond_the_budget_are_for_the_next_poll():
    b = Bench()
    for i in range(200):
        b.port.inject(echo(i))
    when = b.stack.poll(b.now)
    first = b.counters.icmp_echo
    assert 0 < first < 200
    assert when == b.now, "work was left, the deadline is now"
    b.poll()
    assert b.counters.icmp_echo == 200
    assert len(b.take()) == 200


def test_interface_that_is_down_takes_nothing():
    b = Bench()
    b.iface.set_up(False)
    assert not b.feed(echo(), arp(1, PEER_MAC, PEER, ZERO_MAC, ME))
    assert b.counters.eth_drop_down == 2
    b.iface.set_up(True)
    b.feed()
    b.meet()
    b.well()
