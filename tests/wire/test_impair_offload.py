# Frostnet: tests of impairments of cards that sum, cut and join: a frame is one of the wire
# MIT license; Copyright (c) 2026 The Frostnet authors

from simtools import MINUTE, SECOND, Transfer, pattern
from test_impair import DATA, impair
from test_offload import hosts
from test_tap import Carried


def test_damage_is_found_whatever_the_device_says_of_checksums():
    """A card that answers for checksums has checked what the wire brought, not what is made of it
    here; and what was never summed, or was joined, is made as it was on the wire."""
    bad = {"corrupt": 0.05, "delay_ms": 5}
    for partial in (True, False):
        sim, a, b = hosts(offloads=({"partial": partial}, {}))
        sim.default.filter = None
        for host in (a, b):
            host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
        sim.run(SECOND)
        impair(a, bad, bad)
        Transfer(sim, a, b, DATA, back=DATA).run(30 * MINUTE)
        for host in (a, b):
            counters = host.stack.counters
            assert counters.tcp_drop_checksum + counters.ip_drop_checksum > 3
        assert a.port.joined > 10


def test_a_frame_is_one_of_the_wire_on_a_card_with_offloads():
    sim, a, b = hosts()
    sim.default.filter = None
    for host in (a, b):
        host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
    sim.run(SECOND)
    it = impair(a, {"delay_ms": 1}, {"delay_ms": 1})
    carried = Carried(sim.default, a.port)
    Transfer(sim, a, b, DATA, back=DATA).run()
    sim.run(SECOND)
    assert it.sent.counts["frames"] == len(carried.sent)
    assert it.received.counts["frames"] == len(carried.received)
    assert not a.port.cut and a.port.joined


def test_comes_and_goes_while_a_connection_sends():
    """Segments of a card that cuts, and of one that does not, on the same connection."""
    sim, a, b = hosts(rate=2000000, delay=1000)
    sim.default.filter = None
    for host in (a, b):
        host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
    sim.run(SECOND)
    t = Transfer(sim, a, b, pattern(1000000), back=DATA)
    plain = a.iface.dev
    changes = []

    def program():
        for i in range(8):
            yield sim.now + SECOND // 50
            impair(a, {"delay_ms": 3, "loss": 0.01}, {"delay_ms": 2}, i)
            changes.append(a.iface.dev is not plain)
            yield sim.now + SECOND // 50
            impair(a)
            yield sim.now + 1
            changes.append(a.iface.dev is plain)

    sim.go(program())
    t.run()
    assert changes == [True] * 16, changes
    assert a.port.cut


def test_connections_of_before_share_what_they_write_into():
    """Each counted on the card's 64 KB."""
    sim, a, b = hosts()
    listener = b.stack.tcp.listen(0, 80, 16)
    made = [a.stack.tcp.connect(b.iface.addr, 80) for _ in range(10)]
    sim.run(SECOND)
    impair(a, None, {"delay_ms": 1})
    for c in made:
        assert c.send(memoryview(DATA), 0, 5000) == 5000
    sim.touch()
    sim.run(SECOND // 10)  # nothing was lost: no time-out has brought it
    assert not a.stack.counters.tcp_tx_failed
    assert len({id(c.path._dev) for c in made}) == 1 and not made[0].path.tso
    assert [listener.accept().available() for _ in made] == [5000] * 10
    impair(a)
    sim.run(SECOND)
    for c in made:
        c.path.renew()
        assert c.path.tso


def test_one_direction_leaves_the_other_as_it_is():
    """Offloads too: what is sent leaves in large segments while only what comes is impaired."""
    sim, a, b = hosts()
    for host in (a, b):
        host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
    sim.run(SECOND)
    impair(a, {"delay_ms": 1}, None)
    Transfer(sim, a, b, DATA).run()
    assert a.port.cut and a.iface.dev.tso == a.port.tso
    impair(a, None, {"delay_ms": 1})
    assert a.iface.receive == a.port.receive and not a.iface.dev.tso and not a.iface.dev.csum
