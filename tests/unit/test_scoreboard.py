# Frostnet: tests of what a peer's SACK blocks are worth
# MIT license; Copyright (c) 2026 The Frostnet authors

from array import array

from frostnet.tcp import scoreboard
from frostnet.tcp.flight import RANGES, Flight
from frostnet.wire.tcp import SACK, SACKS, SIZE
from simwire import Rng

BASE = (1 << 32) - 5000  # numbers wrap within the flight


class Counters:
    tcp_sack_bad = 0


class TCP:
    counters = Counters()


class C:
    max_wnd = 65535
    watch = None
    tcp = TCP()

    def __init__(self, n=20000):
        self.snd_una = BASE
        self.snd_max = BASE + n
        self.flight = Flight()
        self.flight.add(BASE, BASE + n, 1, 0)
        self.tcp.counters.tcp_sack_bad = 0


def blocks(*pairs):
    seg = array("I", [0] * SIZE)
    seg[SACKS] = len(pairs)
    for i, (left, right) in enumerate(pairs):
        seg[SACK + 2 * i] = (BASE + left) & 0xFFFFFFFF
        seg[SACK + 2 * i + 1] = (BASE + right) & 0xFFFFFFFF
    return seg


def take(c, *pairs):
    return scoreboard.take(c, blocks(*pairs), lambda end, stamp: None)


def test_blocks_are_noted():
    """RFC 2018 §5: also where numbers wrap."""
    c = C()
    assert not take(c, (1000, 2000), (4000, 6000))
    assert c.flight.sacked == 3000 and c.flight.starts[1] == BASE + 1000
    assert not take(c, (1000, 3000), (4000, 6000))
    assert c.flight.sacked == 4000 and c.tcp.counters.tcp_sack_bad == 0


def test_dsack():
    """RFC 2883 §4: the first block below the ACK, or within the second."""
    c = C()
    assert take(c, (-1000, 0)) and scoreboard.dsack == [BASE - 1000, BASE]
    assert take(c, (1200, 1500), (1000, 2000)) and scoreboard.dsack == [BASE + 1200, BASE + 1500]
    assert c.flight.sacked == 1000
    assert not take(c, (3000, 4000), (1000, 2000))


def test_impossible_blocks():
    """Reversed, empty, beyond what was sent, half of the numbers away, too old: not believed."""
    c = C()
    bad = ((5, 5), (2000, 1000), (19000, 20001), (25000, 26000), (1 << 30, 1 << 31), (0, 1 << 31))
    for pair in bad:
        assert not take(c, pair)
    assert c.flight.sacked == 0 and c.tcp.counters.tcp_sack_bad == len(bad)
    assert not take(c, (-70000, -69000)), "a D-SACK of what was long ago"
    assert c.tcp.counters.tcp_sack_bad == len(bad) + 1
    take(c, (1000, 2000), (-500, 500))
    assert c.flight.sacked == 1000, "a block across the ACK is old"


def test_without_a_flight():
    c = C()
    c.flight = None
    c.snd_una = c.snd_max
    assert take(c, (19000, 20000)) and not take(c, (20000, 21000))


def test_random_blocks_are_bounded():
    """Whatever comes: no exception, a bounded table, no more SACKed than was sent."""
    rng = Rng(3)
    c = C()
    for _ in range(3000):
        pairs = []
        for _ in range(rng.below(5)):
            left = rng.below(24000) - 2000
            pairs.append((left, left + rng.below(300) - 20))
        take(c, *pairs)
        assert len(c.flight) <= RANGES and 0 <= c.flight.sacked <= 20000
