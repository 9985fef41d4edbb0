# Frostnet: TCP across a router whose link carries less than the hosts' own
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr
from simnet import Sim, mac_of
from simrouter import Router
from simtools import MINUTE, Transfer, pattern
from simwatch import Watch


def two_nets(mtu, silent=False, **wire):
    sim = Sim(delay=5000, **wire)
    far = sim.wire(delay=5000, **wire)
    router = Router(sim, mtu, silent)
    hosts = []
    for n, line in enumerate((sim.default, far)):
        gateway = "10.0.%d.254" % n
        port = router.port(line, mac_of(100 + n), addr.parse(gateway))
        host = sim.host(1 + n, "10.0.%d.1/24" % n, gateway, line)
        router.know(host, port)
        Watch(line).strangers = (port,)
        hosts.append(host)
    return sim, hosts[0], hosts[1], router


def test_forwarding():
    sim, a, b, router = two_nets(1500)
    Transfer(sim, a, b, pattern(50000), back=pattern(20000)).run()
    assert router.counters.forwarded > 50 and router.counters.too_big == 0


def test_the_path_mtu_is_found():
    """RFC 1191 §3: the datagram that was too big is sent again in smaller ones, at once."""
    sim, a, b, router = two_nets(1000)
    begin = sim.now
    Transfer(sim, a, b, pattern(100000), back=pattern(100000)).run()
    assert 0 < router.counters.too_big < 50
    assert sim.now - begin < 5000000, sim.now - begin


def test_a_black_hole_is_found():
    """RFC 1191 §8, RFC 8899 §4.3: without ICMP only silence tells."""
    sim, a, b, router = two_nets(1000, silent=True)
    Transfer(sim, a, b, pattern(100000), back=pattern(100000)).run(5 * MINUTE)
    assert router.counters.too_big


def test_a_black_hole_swallows_less_than_full_segments_too():
    """RFC 4821 §7.7: a peer's small window, or a single write, makes segments below the MSS that
    are still too large."""
    for window, size in ((1100, 20000), (65535, 1200)):
        sim, a, b, router = two_nets(1000, silent=True)
        b.stack.tcp.rcvbuf = window
        Transfer(sim, a, b, pattern(size)).run(5 * MINUTE)
        assert router.counters.too_big


def test_losses_and_a_small_mtu():
    sim, a, b, router = two_nets(700, loss=0.05, reorder=0.05)
    Transfer(sim, a, b, pattern(50000), back=pattern(50000)).run()
    assert router.counters.too_big
