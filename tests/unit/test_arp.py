# Frostnet: tests of address resolution
# MIT license; Copyright (c) 2026 The Frostnet authors

from errno import EHOSTUNREACH

from frostnet.errnos import ENOBUFS
from ipbench import ALL, BROADCAST, MAC, ME, OTHER, PEER, PEER_MAC, ROUTER, ROUTER_MAC, ZERO_MAC
from ipbench import Bench, arp, echo, heap, ip, raises, udp_frame

REQUEST = 1
REPLY = 2
SECOND = 1_000_000


def opened(b, dst=OTHER):
    """An endpoint that sends to a neighbour nobody knows yet."""
    endpoint = b.stack.udp.open(0, 5000)
    endpoint.connect(dst, 7)
    return endpoint


def requests(packets):
    return [p for p in packets if p.type == 0x0806 and p.oper == REQUEST]


def test_request_for_us_is_answered():
    b = Bench(know=False)
    p = b.one(arp(REQUEST, PEER_MAC, PEER, ZERO_MAC, ME))
    assert p.to == PEER_MAC and p.mac == MAC
    assert p.arp == (1, 0x0800, 6, 4, REPLY, MAC, ME, PEER_MAC, PEER)
    # RFC 826: the asker will be asked for soon, so it was remembered.
    assert b.iface.arp.entries()[0][:2] == (PEER, PEER_MAC)


def test_request_for_somebody_else():
    b = Bench(know=False)
    b.feed(arp(REQUEST, PEER_MAC, PEER, ZERO_MAC, OTHER))
    assert b.counters.arp_drop_not_ours == 1
    assert not b.iface.arp.entries(), "learned from a request that was not for us"


def test_merge_refreshes_a_known_neighbour():
    # RFC 826: the merge happens whoever the target is.
    b = Bench()
    b.feed(arp(REQUEST, ROUTER_MAC, PEER, ZERO_MAC, OTHER))
    answer = b.one(echo(smac=ROUTER_MAC))
    assert answer.to == ROUTER_MAC


def test_probe_of_rfc_5227_is_answered_and_not_cached():
    b = Bench(know=False)
    p = b.one(arp(REQUEST, PEER_MAC, 0, ZERO_MAC, ME))
    assert p.oper == REPLY and p.tpa == 0
    assert not b.iface.arp.entries()


def test_first_packet_is_not_lost():
    b = Bench(know=False)
    endpoint = opened(b)
    endpoint.send(b"one")
    b.poll()
    (p,) = b.take()
    assert p.to == ALL and p.oper == REQUEST and p.tpa == OTHER
    assert p.spa == ME and p.sha == MAC and p.tha == ZERO_MAC
    endpoint.send(b"two")
    b.poll()
    assert not b.take(), "asked again at once"
    answers = b.feed(arp(REPLY, PEER_MAC, OTHER, MAC, ME, dst=MAC))
    assert [a.payload for a in answers] == [b"one", b"two"]
    assert all(a.to == PEER_MAC for a in answers)
    endpoint.send(b"three")
    b.poll()
    (p,) = b.take()
    assert p.payload == b"three" and p.to == PEER_MAC


def test_doubt_asks_everybody_and_finds_the_right_address():
    # RFC 1122 §2.3.2.1 (4): a transport hears nothing because a wrong address was learned.
    b = Bench()
    endpoint = opened(b, PEER)
    b.feed(arp(REQUEST, ROUTER_MAC, PEER, ZERO_MAC, ME))
    b.poll(2 * SECOND)
    b.take()
    path = b.stack.ip.path(PEER)
    path.doubt()
    path.doubt()
    b.poll()
    (p,) = b.take()
    assert p.to == ALL and p.oper == REQUEST and p.tpa == PEER
    endpoint.send(b"meanwhile")
    b.poll()
    assert b.take()[0].to == ROUTER_MAC, "it may be right after all"
    b.feed(arp(REPLY, PEER_MAC, PEER, MAC, ME, dst=MAC))
    endpoint.send(b"now")
    b.poll()
    assert b.take()[0].to == PEER_MAC
    path.doubt()
    b.poll()
    assert not b.take(), "asked again within a second"


def test_queue_per_neighbour_is_bounded_and_keeps_the_newest():
    b = Bench(know=False)
    endpoint = opened(b)
    for i in range(100):
        endpoint.send(b"%d" % i)
    answers = b.feed(arp(REPLY, PEER_MAC, OTHER, MAC, ME, dst=MAC))
    payloads = [p.payload for p in answers if p.type == 0x0800]
    assert len(payloads) == 48, "the fragments of 64 KiB must fit"
    assert payloads[-1] == b"99", "RFC 1122 §2.3.2.2: the latest packet"
    assert b.counters.arp_queue_drop == 100 - len(payloads)


def test_queues_of_all_neighbours_are_bounded():
    b = Bench(know=False)
    endpoint = b.stack.udp.open(0, 5000)
    for i in range(100):
        for addr in range(OTHER, OTHER + 8):
            endpoint.send(b"%d" % i, addr, 7)
    assert b.counters.arp_queue_drop == 800 - 128
    got = 0
    for addr in range(OTHER, OTHER + 8):
        answers = b.feed(arp(REPLY, PEER_MAC, addr, MAC, ME, dst=MAC))
        got += len([p for p in answers if p.type == 0x0800])
    assert got == 128
    # The room is free again.
    endpoint.send(b"x", OTHER + 20, 7)
    answers = b.feed(arp(REPLY, PEER_MAC, OTHER + 20, MAC, ME, dst=MAC))
    assert [p.payload for p in answers if p.type == 0x0800] == [b"x"]


def test_room_for_waiting_packets_comes_back():
    # What is given up, evicted or cleared waits no longer.
    b = Bench(know=False)
    endpoint = b.stack.udp.open(0, 5000)
    for round in range(6):
        for i in range(40):
            endpoint.send(b"x", OTHER + i, 7)
        if round & 1:
            b.iface.arp.clear()
        b.poll(6 * SECOND)
    assert b.iface.arp._queued == 0 and not b.counters.arp_queue_drop


def test_requests_are_repeated_once_per_second_three_times():
    b = Bench(know=False)
    opened(b).send(b"x")
    start = b.now
    times = []
    for _ in range(80):
        b.poll(100_000)
        times += [b.now - start] * len(requests(b.take()))
    assert len(times) == 3, times
    assert times[1] - times[0] >= 900_000 and times[2] - times[1] >= 900_000


def test_hostile_6_no_answer_is_reported_in_bounded_time():
    b = Bench(know=False)
    endpoint = opened(b)
    errors = []
    endpoint.on_error = lambda *a: errors.append(a)
    endpoint.send(b"x")
    b.poll(3_500_000)
    assert endpoint.take_error() == EHOSTUNREACH
    assert errors == [(EHOSTUNREACH, OTHER, 7)]
    assert b.counters.arp_failed == 1 and b.counters.ip_tx_unreachable == 1


def test_dead_neighbour_fails_at_once_and_is_tried_again_later():
    b = Bench(know=False)
    endpoint = opened(b)
    endpoint.send(b"x")
    b.poll(3_100_000)
    raises(EHOSTUNREACH, endpoint.send, b"y")
    b.take()
    b.poll(2 * SECOND)
    endpoint.send(b"z")
    b.poll()
    assert len(requests(b.take())) == 1
    answers = b.feed(arp(REPLY, PEER_MAC, OTHER, MAC, ME, dst=MAC))
    assert [p.payload for p in answers] == [b"z"]


def test_idle_neighbour_is_forgotten():
    b = Bench()
    b.poll(121 * SECOND)
    assert not b.iface.arp.entries()
    assert not b.take(), "asked for a neighbour that nobody uses"


def test_used_neighbour_is_validated_by_unicast():
    # RFC 1122 §2.3.2.1 (2)
    b = Bench()
    endpoint = opened(b, PEER)
    endpoint.send(b"x")
    b.poll()
    b.take()
    b.poll(60 * SECOND + SECOND // 2)
    (p,) = b.take()
    assert p.to == PEER_MAC and p.oper == REQUEST and p.tpa == PEER
    # Packets go on meanwhile, to the address that is being validated.
    endpoint.send(b"y")
    b.poll()
    (p,) = b.take()
    assert p.to == PEER_MAC and p.payload == b"y"
    b.feed(arp(REPLY, PEER_MAC, PEER, MAC, ME, dst=MAC))
    b.poll(30 * SECOND)
    assert not b.take()


def test_neighbour_that_changed_its_hardware_address():
    b = Bench()
    endpoint = opened(b, PEER)
    endpoint.send(b"x")
    b.poll()
    b.take()
    asked_all = False
    for _ in range(700):
        b.poll(SECOND // 10)
        endpoint.send(b"y")
        for p in requests(b.take()):
            if p.to == ALL:
                asked_all = True
                b.feed(arp(REPLY, ROUTER_MAC, PEER, MAC, ME, dst=MAC))
        if asked_all:
            break
    assert asked_all, "never asked everybody"
    endpoint.send(b"z")
    b.poll()
    assert b.take()[-1].to == ROUTER_MAC


def test_reply_to_nobodys_question_is_not_cached():
    b = Bench(know=False)
    b.feed(arp(REPLY, PEER_MAC, PEER, MAC, ME, dst=MAC))
    assert not b.iface.arp.entries()


def test_sender_off_the_link_is_answered_and_not_cached():
    b = Bench(know=False)
    p = b.one(arp(REQUEST, PEER_MAC, ip("192.168.1.1"), ZERO_MAC, ME))
    assert p.oper == REPLY
    assert not b.iface.arp.entries()


def test_static_neighbour_needs_no_question_and_no_packet_changes_it():
    b = Bench(know=False)
    endpoint = opened(b)
    endpoint.send(b"waits")
    b.poll()
    b.take()
    b.iface.arp.add_static(OTHER, PEER_MAC)
    b.poll()
    assert [p.payload for p in b.take()] == [b"waits"]
    b.feed(arp(REPLY, ROUTER_MAC, OTHER, MAC, ME, dst=MAC))
    b.feed(arp(REQUEST, ROUTER_MAC, OTHER, ZERO_MAC, OTHER))
    b.poll(600 * SECOND)
    endpoint.send(b"x")
    b.poll()
    (p,) = b.take()
    assert p.to == PEER_MAC and p.payload == b"x"
    assert b.iface.arp.entries() == [(OTHER, PEER_MAC, 0, None)]
    # It outlives the link; a correction changes it where it is used.
    b.port.carrier = False
    b.poll()
    b.port.carrier = True
    b.poll(30 * SECOND)
    b.iface.arp.add_static(OTHER, ROUTER_MAC)
    endpoint.send(b"y")
    b.poll()
    assert b.take()[-1].to == ROUTER_MAC
    assert b.iface.arp.remove(OTHER) and not b.iface.arp.remove(OTHER)
    endpoint.send(b"z")
    b.poll()
    (p,) = b.take()
    assert p.oper == REQUEST and p.tpa == OTHER


def test_static_neighbours_are_checked_and_bounded():
    b = Bench(know=False)
    add = b.iface.arp.add_static
    for addr, mac in (
        (OTHER, ALL), (OTHER, ZERO_MAC), (OTHER, b"\x01\0\0\0\0\1"), (OTHER, b"\2\0\0"),
        (0, PEER_MAC), (BROADCAST, PEER_MAC), (ip("224.0.0.1"), PEER_MAC),
    ):  # fmt: skip
        try:
            add(addr, mac)
        except ValueError:
            continue
        assert False, (addr, mac)
    for i in range(32):
        add(OTHER + i, PEER_MAC)
    add(OTHER, ROUTER_MAC)
    raises(ENOBUFS, add, OTHER + 32, PEER_MAC)
    # They take nobody's place.
    b.iface.set_address(ME, 16)
    endpoint = b.stack.udp.open(0, 5000)
    for i in range(100):
        endpoint.send(b"x", ip("10.0.1.0") + i, 7)
    assert len(b.iface.arp) == 32 + 64
    for i in range(32):
        assert b.iface.arp.remove(OTHER + i)
    add(OTHER, PEER_MAC)


def test_supposed_address_serves_until_it_is_validated():
    # DHCP's RELEASE goes where the server's last datagram came from; nobody waits for ARP then.
    b = Bench(know=False)
    endpoint = b.stack.udp.open()
    path = b.stack.ip.path(OTHER)
    path.suppose(PEER_MAC)
    endpoint.send(b"x", OTHER, 7)
    b.poll()
    ask, p = b.take()
    assert ask.oper == REQUEST and ask.to == PEER_MAC and p.to == PEER_MAC
    b.feed(arp(REPLY, ROUTER_MAC, OTHER, MAC, ME, dst=MAC))
    path.suppose(PEER_MAC)
    endpoint.send(b"y", OTHER, 7)
    b.poll()
    (p,) = b.take()
    assert p.to == ROUTER_MAC, "what ARP said is better"
    # Nor a group's address
    b.stack.ip.path(PEER).suppose(ALL)
    endpoint.send(b"z", PEER, 7)
    b.poll()
    assert [p.type for p in b.take()] == [0x0806]


def test_entries_tell_state_and_age():
    b = Bench()
    opened(b).send(b"x")
    b.poll(2 * SECOND)
    states = {e[0]: e[1:] for e in b.iface.arp.entries()}
    assert states[PEER] == (PEER_MAC, 2, 2 * SECOND)
    assert states[OTHER] == (None, 1, None)


def test_hostile_3_malformed():
    b = Bench()
    good = arp(REQUEST, ROUTER_MAC, ROUTER, ZERO_MAC, ME)
    for n in range(14, 42):
        b.drops("arp_drop_malformed", good[:n])
    for at, value in (
        (14, 1), (15, 6), (15, 0),  # hardware type
        (16, 0x86), (17, 1),  # protocol type
        (18, 5), (18, 0), (18, 255), (19, 3), (19, 16), (19, 255),  # address lengths
        (20, 1), (21, 0), (21, 3), (21, 4), (21, 8), (21, 255),  # operation
    ):  # fmt: skip
        frame = bytearray(good)
        frame[at] = value
        b.drops("arp_drop_malformed", bytes(frame))
    assert len(b.iface.arp) == 1


def test_trailing_bytes_are_padding():
    b = Bench(know=False)
    assert b.one(arp(REQUEST, PEER_MAC, PEER, ZERO_MAC, ME) + bytes(18)).oper == REPLY


def test_hostile_4_sender_that_no_station_has():
    b = Bench()
    for mac in (ALL, b"\x01\x00\x5e\x00\x00\x01", ZERO_MAC, MAC):
        for oper in (REQUEST, REPLY):
            b.drops("arp_drop_sender", arp(oper, mac, OTHER, ZERO_MAC, ME, src=PEER_MAC))
    for text in ("255.255.255.255", "224.0.0.1", "239.1.2.3", "127.0.0.1", "0.0.0.1", "240.0.0.1"):
        for oper in (REQUEST, REPLY):
            b.drops("arp_drop_sender", arp(oper, ROUTER_MAC, ip(text), ZERO_MAC, ME))
    assert len(b.iface.arp) == 1, b.iface.arp.entries()


def test_hostile_4_our_own_address_is_a_conflict():
    b = Bench()
    b.feed(arp(REQUEST, PEER_MAC, ME, ZERO_MAC, ME))
    b.feed(arp(REPLY, PEER_MAC, ME, MAC, ME))
    assert b.counters.arp_conflict == 2 and b.counters.arp_defended == 1
    assert len(b.iface.arp) == 1
    b.well()


def test_hostile_5_flood_of_10000_senders():
    b = Bench()
    peer = opened(b, PEER)
    peer.send(b"x")
    peer.connect(OTHER, 7)
    peer.send(b"waits")
    b.poll()
    b.take()
    before = heap()
    net = ip("10.0.0.0")
    b.iface.clear_address()
    b.iface.set_address(ME, 8)
    b.meet()
    peer.connect(PEER, 7)
    peer.send(b"x")
    peer.connect(OTHER, 7)
    peer.send(b"waits")
    b.poll()
    most = 0
    for i in range(10_000):
        sender = net + 0x10000 + i
        b.port.inject(
            arp(REQUEST, b"\x02\x11\x11\x11" + i.to_bytes(2, "big"), sender, ZERO_MAC, ME)
        )
        if i % 50 == 49:
            b.poll()
            b.port.sent = []
            most = max(most, len(b.iface.arp))
    assert most <= 80, most
    # The live peer is still there, and the pending resolution ends.
    peer.connect(PEER, 7)
    peer.send(b"y")
    b.poll()
    (p,) = b.take()
    assert p.to == PEER_MAC and p.payload == b"y"
    answers = b.feed(arp(REPLY, ROUTER_MAC, OTHER, MAC, ME, dst=MAC))
    assert [p.payload for p in answers] == [b"waits"]
    assert len(b.stack.timers) <= 200
    b.poll(200 * SECOND)
    b.take()
    assert before - heap() < 8192
    b.meet()
    b.well()


def test_many_neighbours_are_bounded_and_those_in_use_stay():
    b = Bench(know=False)
    b.iface.set_address(ME, 16)
    live = ip("10.0.9.9")
    b.meet(live, PEER_MAC)
    endpoint = b.stack.udp.open(0, 5000)
    endpoint.send(b"x", live, 7)
    for i in range(200):
        addr = ip("10.0.1.0") + i
        mac = b"\x02\x22\x22\x22\x22" + bytes((i,))
        endpoint.send(b"x", addr, 7)
        b.feed(arp(REPLY, mac, addr, MAC, ME, dst=MAC))
        endpoint.send(b"live", live, 7)
        b.poll()
        last = b.take()[-1]
        assert last.type == 0x0800 and last.to == PEER_MAC, (i, last.frame)
    assert len(b.iface.arp) <= 64
    assert b.counters.arp_evicted > 100


def test_scan_of_dead_addresses_is_bounded():
    b = Bench(know=False)
    b.iface.set_address(ME, 16)
    endpoint = b.stack.udp.open(0, 5000)
    for i in range(300):
        endpoint.send(b"x", ip("10.0.1.0") + i, 7)
        b.poll()
        b.take()
    assert len(b.iface.arp) <= 64
    b.poll(10 * SECOND)
    assert not b.iface.arp.entries()
    b.meet()
    b.well()


def test_answer_waits_when_the_device_is_full():
    b = Bench(know=False)
    b.port.tx_room = 0
    b.feed(arp(REQUEST, PEER_MAC, PEER, ZERO_MAC, ME))
    assert b.counters.arp_drop_no_buffer == 1 and b.counters.arp_tx_reply == 0


def test_clearing_the_address_reports_what_waits():
    b = Bench(know=False)
    endpoint = opened(b)
    errors = []
    endpoint.on_error = lambda *a: errors.append(a)
    endpoint.send(b"x")
    b.iface.clear_address()
    assert errors == [(EHOSTUNREACH, OTHER, 7)]
    assert b.stack.timers.next() is None


def test_broadcast_needs_no_resolution():
    b = Bench(know=False)
    endpoint = b.stack.udp.open(0, 5000)
    for dst in (BROADCAST, ip("10.0.0.255")):
        endpoint.send(b"x", dst, 7)
        b.poll()
        (p,) = b.take()
        assert p.to == ALL and p.dst == dst and p.src == ME
    endpoint.send(b"x", ip("224.0.0.251"), 5353)
    b.poll()
    (p,) = b.take()
    assert p.to == b"\x01\x00\x5e\x00\x00\xfb"


def test_echo_to_unknown_neighbour_asks_first():
    b = Bench(know=False)
    (p,) = b.feed(echo())
    assert p.oper == REQUEST and p.tpa == PEER
    (p,) = b.feed(arp(REPLY, PEER_MAC, PEER, MAC, ME, dst=MAC))
    assert p.proto == 1 and p.data[0] == 0


def test_datagram_for_the_gateway_asks_for_the_gateway():
    b = Bench(know=False)
    endpoint = b.stack.udp.open(0, 5000)
    endpoint.send(b"x", ip("192.0.2.1"), 7)
    b.poll()
    (p,) = b.take()
    assert p.tpa == ROUTER
    (p,) = b.feed(arp(REPLY, ROUTER_MAC, ROUTER, MAC, ME, dst=MAC))
    assert p.to == ROUTER_MAC and p.dst == ip("192.0.2.1")
    assert not b.feed(udp_frame(b"x", 9999, dst=BROADCAST, mac=ALL))


def test_answers_to_invented_addresses_push_out_nobody():
    # Echo requests from 3000 sources on the link that do not exist, while we talk to 20 that do
    # and wait for one more.
    b = Bench(know=False)
    b.iface.set_address(ME, 16)
    endpoint = b.stack.udp.open(0, 5000)
    live = [ip("10.0.9.0") + i for i in range(20)]
    for addr in live:
        b.meet(addr, b"\x02\x33\x33\x33\x33" + bytes((addr & 255,)))
        endpoint.send(b"x", addr, 7)
    b.poll()
    b.take()
    for i in range(3000):
        b.port.inject(echo(src=ip("10.0.16.0") + i))
        if i % 10 == 9:
            b.poll(1000)
            for addr in live:
                endpoint.send(b"live", addr, 7)
            b.poll()
            sent = [p for p in b.take() if p.type == 0x0800]
            assert len(sent) == 20, (i, len(sent))
    assert len(b.iface.arp) <= 64
    # A neighbour that answers is found meanwhile.
    endpoint.send(b"new", OTHER, 7)
    for i in range(20):
        b.port.inject(echo(src=ip("10.0.32.0") + i))
    b.poll()
    b.take()
    answers = b.feed(arp(REPLY, PEER_MAC, OTHER, MAC, ME, dst=MAC))
    assert [p.payload for p in answers if p.type == 0x0800] == [b"new"]
