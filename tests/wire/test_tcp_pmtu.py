# Frostnet: tests of TCP over a way that is narrower than its first link
# MIT license; Copyright (c) 2026 The Frostnet authors

from simtools import MINUTE, Transfer, pattern, two_hosts


def test_black_hole():
    """RFC 2923 §2.1: long frames disappear without a word; the transfer ends all the same."""
    for mtu in (1450, 1280, 600):
        sim, a, b = two_hosts(delay=10000, mtu=mtu)
        data = pattern(60000)
        Transfer(sim, a, b, data).run(5 * MINUTE)
        assert a.stack.counters.tcp_black_hole


def test_no_black_hole_on_a_good_wire_or_a_lossy_one():
    for loss in (0, 0.1):
        sim, a, b = two_hosts(delay=10000, loss=loss)
        Transfer(sim, a, b, pattern(60000)).run(5 * MINUTE)
        assert not a.stack.counters.tcp_black_hole
