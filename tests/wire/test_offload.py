# Frostnet: whole stacks on cards that sum, cut and join
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from simnet import Sim, mac_of
from simoffload import OffloadPort
from simtools import MINUTE, Transfer, pattern
from simwatch import Watch

DATA = pattern(300000)


def hosts(seed=1, delay=2000, offloads=("", ""), ab=(), **wire):
    """(simulation, a, b); `offloads` has what each one's card is made with, None: nothing."""
    sim = Sim(seed=seed, delay=delay, **wire)
    made = []
    for i, options in enumerate(offloads):
        port = None
        if options is not None:
            port = OffloadPort(mac_of(i + 1), wire=sim.default, **(options or {}))
            sim.default.attach(port)
        made.append(sim.host(i + 1, "10.0.0.%d/24" % (i + 1), port=port, name="ab"[i]))
    sim.watch = Watch(sim.default)
    return sim, made[0], made[1]


KINDS = (
    {},
    {"partial": False},
    {"join": False},
    {"tso": 0},
    {"tso": 0, "join": False},
    {"tso": 9000},
    None,
)


def test_every_kind_with_every_other():
    """What arrives is what was sent, and on the wire are ordinary segments with checksums."""
    for i, first in enumerate(KINDS):
        for second in (KINDS[0], None):
            sim, a, b = hosts(i + 1, offloads=(first, second))
            Transfer(sim, a, b, DATA[:80000], back=DATA[80000:120000]).run()


def test_large_segments_are_used():
    sim, a, b = hosts()
    for host in (a, b):
        host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
    t = Transfer(sim, a, b, DATA)
    t.run()
    assert a.port.largest > 60000, a.port.largest
    assert a.port.cut > 3 and b.port.joined > 100, (a.port.cut, b.port.joined)
    # One ACK for each large segment or so: RFC 9293 §3.8.6.3 is about the peer's segments.
    assert b.stack.counters.tcp_tx < len(DATA) // 1460 // 2
    assert not a.stack.counters.tcp_retransmit


def test_losses_among_the_segments_of_a_large_one():
    """RFC 6675 and RFC 8985 when the network loses single segments out of a large one."""
    for seed in range(1, 13):
        sim, a, b = hosts(seed, loss=0.03, reorder=0.02, dup=0.01)
        Transfer(sim, a, b, DATA[:200000], back=DATA[:50000]).run(30 * MINUTE)
        assert a.stack.counters.tcp_retransmit, seed
        assert a.stack.last_bug is None and b.stack.last_bug is None


def test_damage_is_found():
    """RFC 9293 §3.1: a device that answers for no checksum leaves that to the stack."""
    for seed in range(1, 5):
        sim, a, b = hosts(seed, corrupt=0.02)
        Transfer(sim, a, b, DATA[:150000]).run(30 * MINUTE)
        assert b.stack.counters.tcp_drop_checksum + b.stack.counters.ip_drop_checksum, seed


def test_a_smaller_path_mtu_makes_smaller_segments_of_large_ones():
    """RFC 1191 §6.5: the segments that the card cuts follow the path."""
    sim, a, b = hosts()
    b.stack.tcp.rcvbuf = a.stack.tcp.sndbuf = 200000
    a.iface.set_mtu(900)
    longest = []

    def note(frame, src):
        longest.append(len(frame))
        return frame

    sim.watch.inner = note
    Transfer(sim, a, b, DATA).run()
    assert max(longest) == 914 and a.port.largest > 30000, (max(longest), a.port.largest)


def test_udp_checksums_that_are_not_made_yet():
    """A datagram from the same machine has the pseudo-header's sum only."""
    sim, a, b = hosts()
    got = []
    endpoint = b.stack.udp.open(0, 7)
    data = b"unsummed"
    frame = bytearray(mac_of(2) + mac_of(1) + b"\x08\x00\x45\0" + bytes(18) + bytes(8) + data)
    struct.pack_into(
        ">HHHBBHII", frame, 16, 28 + len(data), 0, 0, 64, 17, 0, 0x0A000001, 0x0A000002
    )
    total = sum(struct.unpack(">10H", frame[14:34]))
    struct.pack_into(">H", frame, 24, (total & 0xFFFF) + (total >> 16) ^ 0xFFFF)
    struct.pack_into(">HHHH", frame, 34, 9, 7, 8 + len(data), 0x1234)
    for offload, counter in ((1, 0), (2, 0), (0, 1)):
        b.iface.input(memoryview(frame), len(frame), offload)
        assert b.stack.counters.udp_drop_checksum == counter
        datagram = endpoint.recv()
        got.append(datagram and datagram[0])
    assert got == [data, data, None]
