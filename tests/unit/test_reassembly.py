# Frostnet: tests of out-of-order reassembly
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.reassembly import RANGES, Reassembly
from simwire import Rng


def test_ranges_merge_in_every_geometry():
    """Two ranges, each way they can lie to each other, and a third over both."""
    for a in range(1, 12):
        for b in range(a + 1, 13):
            for c in range(1, 12):
                for d in range(c + 1, 13):
                    r = Reassembly()
                    assert r.insert(a, b) and r.insert(c, d)
                    check(r, set(range(a, b)) | set(range(c, d)))


def check(r, bytes_there):
    ranges = list(r)
    assert len(ranges) == r.count
    there = set()
    before = -1
    for start, end in ranges:
        assert before < start < end, "sorted and apart: %s" % ranges
        before = end
        there |= set(range(start, end))
    assert there == bytes_there, (ranges, bytes_there)


def test_advance():
    r = Reassembly()
    r.insert(10, 20)
    r.insert(30, 40)
    r.insert(50, 60)
    assert r.advance(5) == 5 and r.count == 3
    assert r.advance(10) == 20 and r.count == 2
    assert r.advance(35) == 40
    assert r.advance(70) == 70 and r.count == 0
    assert r.advance(71) == 71


def test_all_orders_of_five():
    """Whatever the order, nothing is missing at the end."""

    def orders(items):
        if not items:
            yield items
        for i in range(len(items)):
            for rest in orders(items[:i] + items[i + 1 :]):
                yield [items[i]] + rest

    count = 0
    for order in orders([0, 1, 2, 3, 4]):
        count += 1
        r = Reassembly()
        nxt = 0
        for i in order:
            if i * 10 == nxt:
                nxt = r.advance(nxt + 10)
            else:
                assert r.insert(i * 10, i * 10 + 10)
        assert nxt == 50 and r.count == 0
    assert count == 120


def test_the_list_is_bounded():
    """Single bytes with holes: memory and work stay bounded (CVE-2018-5390)."""
    r = Reassembly()
    for i in range(RANGES):
        assert r.insert(i * 2, i * 2 + 1)
    assert not r.insert(1000, 1001) and not r.insert(-5, -4)
    assert r.count == RANGES
    assert r.insert(3, 4), "what joins two ranges needs no room"
    assert r.count == RANGES - 1
    assert r.insert(1000, 1001)


def test_against_a_plain_model():
    rng = Rng(5)
    for _ in range(60):
        r = Reassembly()
        model = set()
        nxt = 0
        for _ in range(60):
            if rng.below(4):
                start = nxt + 1 + rng.below(200)
                end = start + 1 + rng.below(30)
                if r.insert(start, end):
                    model |= set(range(start, end))
                else:
                    assert r.count == RANGES
            else:
                nxt += rng.below(20)
                reach = r.advance(nxt)
                while nxt in model:
                    nxt += 1
                assert reach == nxt
                model = set(i for i in model if i >= nxt)
            check(r, model)
