# Frostnet: tests that the viper functions of the wire equal their reference
# MIT license; Copyright (c) 2026 The Frostnet authors

# Runs on the board too, so it needs nothing but what is frozen there.

from frostnet.wire import fast, reference

_SIZE = 1600


class Rng:
    """xorshift64*: the same numbers everywhere."""

    def __init__(self, seed):
        self.x = seed

    def below(self, n):
        x = self.x
        x ^= x >> 12
        x ^= x << 25 & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 27
        self.x = x
        return (x * 0x2545F4914F6CDD1D >> 33 & 0x3FFFFFFF) % n


# Bytes of which many are 0 or 255: there the two zeros of one's complement meet.
def noise(rng, n):
    return bytearray(rng.below(256) if rng.below(3) else rng.below(2) * 255 for _ in range(n))


# Lengths, most of them near the steps of the loops, some of whole packets.
def length(rng, i):
    return rng.below(80) if i % 25 else rng.below(_SIZE - 20)


def test_property_checksum():
    rng = Rng(1)
    data = memoryview(noise(rng, _SIZE))
    for i in range(1500):
        off = rng.below(17)
        n = length(rng, i)
        start = rng.below(1 << 20) << rng.below(14)
        want = reference.checksum(data, off, n, start)
        assert fast.checksum(data, off, n, start) == want, (off, n, start)


def test_checksum_limits():
    # 64 KB of ones is the largest sum; a start may be as large as a sum of addresses.
    ones = b"\xff" * 65535
    for n in (65535, 65534, 1, 2, 3, 4, 15, 16, 17):
        for start in (0, 1, 0xFFFF, 0x1FFFFFFFE, (1 << 61) - 1):
            assert fast.checksum(ones, 0, n, start) == reference.checksum(ones, 0, n, start), n
    assert fast.checksum(b"", 0, 0, 0) == 0xFFFF
    assert fast.checksum(bytes(40), 0, 40, 0) == 0xFFFF
    assert fast.checksum(b"\xff\xff", 0, 2, 0) == 0


def test_property_copy():
    rng = Rng(2)
    src = memoryview(noise(rng, _SIZE))
    for i in range(800):
        soff = rng.below(17)
        doff = rng.below(17)
        n = length(rng, i)
        fill = bytes((rng.below(256),)) * (doff + n + 20)
        want = bytearray(fill)
        sum_want = reference.copy_sum(want, doff, src, soff, n)
        again = bytearray(fill)
        reference.copy(again, doff, src, soff, n)
        assert again == want
        got = bytearray(fill)
        fast.copy(got, doff, src, soff, n)
        assert got == want, (soff, doff, n)
        got = bytearray(fill)
        assert fast.copy_sum(got, doff, src, soff, n) == sum_want, (soff, doff, n)
        assert got == want, (soff, doff, n)


def test_sums_of_parts():
    # What copy_sum() says about joining: the part after an odd number of bytes counts << 8.
    rng = Rng(3)
    data = memoryview(noise(rng, 300))
    out = bytearray(300)
    for _ in range(300):
        n = 1 + rng.below(299)
        cut = rng.below(n)
        total = fast.copy_sum(out, 0, data, 0, cut)
        rest = fast.copy_sum(out, cut, data, cut, n - cut)
        total += rest << 8 if cut & 1 else rest
        assert fast.checksum(b"", 0, 0, total) == reference.checksum(data, 0, n, 0), (n, cut)
        assert out[:n] == data[:n]
