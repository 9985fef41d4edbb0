# Frostnet: tests of sequence numbers
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.seq import unwrap


def test_unwrap_is_nearest():
    """RFC 9293 §3.4: arithmetic modulo 2**32, comparison over half of it."""
    for near in (0, 1, 5, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 32, (7 << 32) + 99):
        for d in (-0x80000000, -0x7FFFFFFF, -70000, -1, 0, 1, 70000, 0x7FFFFFFF):
            assert unwrap((near + d) & 0xFFFFFFFF, near) == near + d, (near, d)


def test_unwrap_goes_on_beyond_32_bits():
    number = 0xFFFFFF00
    for _ in range(100000):
        number += 1000003
        got = unwrap(number & 0xFFFFFFFF, number - 1000003)
        assert got == number
    assert number > 1 << 36
