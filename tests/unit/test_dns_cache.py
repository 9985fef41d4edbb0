# Frostnet: tests of the DNS cache
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns.cache import Cache

S = 1000000


def test_until_it_expires():
    cache = Cache()
    cache.put("a", [1], 10, 5 * S)
    assert cache.get("a", 5 * S) == [1]
    assert cache.get("a", 15 * S - 1) == [1]
    assert cache.get("a", 15 * S) is None
    assert len(cache) == 0


def test_ttl_zero_is_not_kept():
    cache = Cache()
    cache.put("a", [1], 0, 0)
    assert cache.get("a", 0) is None


def test_ttl_is_clamped():
    cache = Cache()
    cache.put("a", [1], 0x7FFFFFFF, 0)
    assert cache.get("a", 86400 * S - 1) == [1]
    assert cache.get("a", 86400 * S) is None


def test_bounded_and_least_recently_used_goes():
    cache = Cache()
    for i in range(64):
        cache.put(i, [i], 100, 0)
    assert cache.get(0, 1) == [0]
    for i in range(64, 1000):
        cache.put(i, [i], 100, 0)
        assert cache.get(0, 1) == [0], i
        assert len(cache) == 64
    assert cache.get(1, 1) is None and cache.get(999, 1) == [999]


def test_replaced():
    cache = Cache()
    cache.put("a", [1], 10, 0)
    cache.put("a", [2], 20, 0)
    assert cache.get("a", 15 * S) == [2] and len(cache) == 1
    cache.clear()
    assert cache.get("a", 0) is None


def test_forget():
    cache = Cache()
    cache.put("a", [1], 10, 0)
    cache.forget("a")
    cache.forget("b")
    assert cache.get("a", 1) is None and len(cache) == 0
