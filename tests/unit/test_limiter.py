# Frostnet: tests of the token bucket
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.ip.limiter import TokenBucket
from simwire import Rng

SECOND = 1_000_000


def bucket(seed=1, burst=10, interval=20_000):
    return TokenBucket(Rng(seed).getrandbits, burst, interval)


def taken(b, now, n=100):
    return sum(b.take(now) for _ in range(n))


def test_a_burst_and_then_a_rate():
    # RFC 1812 §4.3.2.8
    b = bucket()
    now = 5 * SECOND
    first = taken(b, now)
    assert 5 <= first <= 25, first
    assert not taken(b, now + 19_999)
    n = 0
    for i in range(1000):
        now += 10_000
        n += taken(b, now)
    # 10 seconds at 50 a second.
    assert 420 <= n <= 580, n


def test_what_was_not_used_is_not_saved():
    b = bucket()
    taken(b, SECOND)
    assert taken(b, 3600 * SECOND) <= 25


def test_what_others_took_cannot_be_counted():
    # A shared counter would tell who sees a part of the answers how many the others got.
    counts = {taken(bucket(seed), SECOND) for seed in range(40)}
    assert len(counts) > 4, counts


def test_clock_that_begins_anywhere():
    b = bucket()
    assert b.take(0) and b.take(1)
    b = bucket()
    assert b.take(1 << 50)
