# Frostnet: tests of initial sequence numbers and ports
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.isn import isn

A = (0x0A000001, 80, 0x0A000002, 4000)


def test_grows_by_a_clock_of_4_us():
    """RFC 6528 §3, RFC 9293 §3.4.1."""
    first = isn(0, b"secret", *A)
    assert isn(4, b"secret", *A) == (first + 1) & 0xFFFFFFFF
    assert isn(4000000, b"secret", *A) == (first + 1000000) & 0xFFFFFFFF
    assert 0 <= isn(1 << 60, b"secret", *A) <= 0xFFFFFFFF


def test_every_part_of_the_tuple_and_the_secret_count():
    seen = {isn(0, b"secret", *A), isn(0, b"other", *A)}
    for i in range(4):
        t = list(A)
        t[i] += 1
        seen.add(isn(0, b"secret", *t))
    assert len(seen) == 6


def test_numbers_of_different_tuples_are_unrelated():
    """Consecutive ports: the differences are all over the range."""
    numbers = [isn(0, b"secret", A[0], A[1], A[2], 4000 + i) for i in range(500)]
    steps = {(q - p) & 0xFFFFFFFF for p, q in zip(numbers, numbers[1:])}
    assert len(steps) == 499
    buckets = [0] * 8
    for step in steps:
        buckets[step >> 29] += 1
    assert min(buckets) > 30, buckets
