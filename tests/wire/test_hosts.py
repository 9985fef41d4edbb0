# Frostnet: two whole stacks on a wire: ARP, ping, UDP, unplugging
# MIT license; Copyright (c) 2026 The Frostnet authors

from simtools import SECOND, address, two_hosts
from simwatch import be16


def udp_pair(a, b):
    return a.stack.udp.open(port=1000), b.stack.udp.open(port=2000)


def is_arp(f):
    return be16(f, 12) == 0x0806


def test_the_first_datagram_is_not_lost_to_arp():
    # RFC 1122 §2.3.2.2: the packet that makes ARP ask should be kept
    sim, a, b = two_hosts()
    ua, ub = udp_pair(a, b)
    for n in range(3):
        assert ua.send(b"%d" % n, address(b), 2000)
    sim.run(SECOND)
    assert [ub.recv()[0] for _ in range(3)] == [b"0", b"1", b"2"]


def test_arp_asks_again_when_its_request_is_lost():
    sim, a, b = two_hosts()
    ua, ub = udp_pair(a, b)
    sim.run(SECOND)  # announcements
    left = [1]

    def lose(f, src):
        if is_arp(f) and left[0]:
            left[0] -= 1
            return None
        return f

    sim.watch.inner = lose
    ua.send(b"x", address(b), 2000)
    sim.run(3 * SECOND)
    assert left == [0] and ub.recv() == (b"x", address(a), 1000)


def test_a_neighbour_that_does_not_answer_is_reported():
    sim, a, b = two_hosts()
    ua, _ = udp_pair(a, b)
    ua.connect(0x0A000063, 9)
    ua.send(b"x")
    sim.run_until(lambda: ua.error, 20 * SECOND, "an error")
    assert ua.take_error() == 113  # EHOSTUNREACH
    assert a.stack.counters.arp_failed == 1


def test_ping_both_ways():
    # RFC 792; the frames are by hand, the answers from the stacks
    sim, a, b = two_hosts()
    raw = sim.port(9)
    seen = []
    for host, last in ((a, 1), (b, 2)):
        echo = bytearray(b"\x08\x00\x00\x00\x12\x34\x00\x01" + bytes(range(56)))
        total = 0xFFFF ^ _sum(echo)
        echo[2:4] = total.to_bytes(2, "big")
        ip = bytearray(b"\x45\x00\x00\x54\x00\x01\x00\x00\x40\x01\x00\x00")
        ip += b"\x0a\x00\x00\x09\x0a\x00\x00" + bytes([last])
        ip[10:12] = (0xFFFF ^ _sum(ip)).to_bytes(2, "big")
        sim.default._impair(host.port.mac + raw.mac + b"\x08\x00" + ip + echo, raw)
        sim.run(100000)
        f = raw.take()
        while f:
            if is_arp(f) and f[21] == 1 and f[41] == 9:
                raw.put(f[6:12] + raw.mac + f[12:21] + b"\x02" + raw.mac + f[38:42] + f[22:32])
                sim.run(100000)
            elif be16(f, 12) == 0x0800:
                seen.append((f[29], f[34], bytes(f[38:98])))
            f = raw.take()
    reply = bytes(echo[4:])
    assert seen == [(1, 0, reply), (2, 0, reply)], seen


def _sum(data):
    total = 0
    for i in range(0, len(data), 2):
        total += data[i] << 8 | data[i + 1]
    return (total & 0xFFFF) + (total >> 16)


def test_udp_carries_every_size_exactly():
    sim, a, b = two_hosts()
    ua, ub = udp_pair(a, b)
    for n in (0, 1, 2, 17, 18, 19, 1000, 1471, 1472):
        data = bytes((n + i) & 0xFF for i in range(n))
        assert ua.send(data, address(b), 2000)
        sim.run(50000)
        assert ub.recv() == (data, address(a), 1000), n


def test_a_closed_port_is_refused():
    sim, a, b = two_hosts()
    ua, _ = udp_pair(a, b)
    ua.connect(address(b), 2001)
    ua.send(b"x")
    sim.run(SECOND)
    assert ua.take_error() == 111  # ECONNREFUSED


def test_corrupt_frames_are_dropped_and_counted():
    sim, a, b = two_hosts(seed=4)
    ua, ub = udp_pair(a, b)
    ua.send(b"first", address(b), 2000)
    sim.run(SECOND)
    ub.recv()
    sim.default.corrupt = 1
    sent = 0
    for n in range(300):
        ua.send(b"%04d" % n * 20, address(b), 2000)
        sent += 1
        sim.run(20000)
        got = ub.recv()
        # A flipped bit in the type or the addresses is not corruption but another packet.
        assert got is None or got[0] == b"%04d" % n * 20
    drops = b.stack.counters.drops()
    assert drops["udp_drop_checksum"] > 120 and drops["ip_drop_checksum"] > 60, drops
    sim.default.corrupt = 0
    ua.send(b"last", address(b), 2000)
    sim.run(SECOND)
    assert ub.recv()[0] == b"last"


def test_a_replugged_cable_works_again():
    sim, a, b = two_hosts()
    ua, ub = udp_pair(a, b)
    ua.send(b"1", address(b), 2000)
    sim.run(SECOND)
    assert ub.recv()[0] == b"1"
    b.port.carrier = False
    sim.run(SECOND)
    assert not b.iface.carrier
    ua.send(b"2", address(b), 2000)
    sim.run(SECOND)
    b.port.carrier = True
    sim.run(SECOND)
    assert b.iface.carrier and ub.recv() is None
    ua.send(b"3", address(b), 2000)
    sim.run(SECOND)
    assert ub.recv()[0] == b"3"


def test_a_card_without_room_delays_nothing_but_itself():
    sim, a, b = two_hosts()
    ua, ub = udp_pair(a, b)
    ua.send(b"1", address(b), 2000)
    sim.run(SECOND)
    ub.recv()
    a.port.stalled = True
    a.port.tx_room = 2
    sent = 0
    while ua.send(b"x%d" % sent, address(b), 2000):
        sent += 1
        assert sent < 10, "more than there is room for"
    assert sent == 2
    a.port.stalled = False
    sim.run(SECOND)
    assert ua.send(b"y", address(b), 2000)
    sim.run(SECOND)
    assert [ub.recv()[0] for _ in range(3)] == [b"x0", b"x1", b"y"]


def test_idle_hosts_send_nothing_and_ask_for_nothing():
    sim, a, b = two_hosts()
    ua, ub = udp_pair(a, b)
    ua.send(b"1", address(b), 2000)
    sim.run(3600 * SECOND)
    before = sim.default.counters.frames
    turns = a.turns + b.turns
    sim.run(3600 * SECOND)
    assert sim.default.counters.frames == before
    assert a.turns + b.turns - turns < 10, "polled without a reason"


def test_changes_of_the_address_are_told():
    sim, a, b = two_hosts()
    told = []
    a.iface.on_address.append(lambda: told.append(a.iface.addr))
    a.iface.set_address(0x0A000005, 24)
    a.iface.clear_address()
    a.iface.clear_address()
    assert told == [0, 0x0A000005, 0]
    a.iface.set_up(False)
    assert len(told) == 4
