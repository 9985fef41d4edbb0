# Frostnet: tests that the viper functions of the wire equal their reference
# MIT license; Copyright (c) 2026 The Frostnet authors

# Runs on the board too, so it needs nothing but what is frozen there.

from array import array

from frostnet.wire import fast, fast_headers, reference

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


MAC = b"\x02\x00\x00\x00\x00\x01"


def test_property_ethernet():
    rng = Rng(4)
    for i in range(2000):
        frame = noise(rng, 14)
        if i % 4:
            frame[:6] = MAC
        if i % 3 == 0:
            frame[rng.below(14)] ^= 1 << rng.below(8)
        want = reference.ethernet(frame, MAC)
        assert fast_headers.ethernet(memoryview(frame), MAC) == want, frame


# A datagram that is valid, at `off` of a buffer of noise.
def valid_ipv4(rng, off):
    size = 20 if rng.below(4) else 20 + 4 * rng.below(11)
    total = size + rng.below(100)
    buf = noise(rng, off + total + rng.below(30))
    buf[off] = 0x40 | size >> 2
    buf[off + 2] = total >> 8
    buf[off + 3] = total & 255
    if rng.below(4):
        buf[off + 6] = 0x40 * rng.below(2)
        buf[off + 7] = 0
    seal(buf, off + 10, off, size, 0)
    return buf


def seal(buf, at, off, n, start):
    buf[at] = buf[at + 1] = 0
    check = reference.checksum(buf, off, n, start)
    buf[at] = check >> 8
    buf[at + 1] = check & 255


# Make something wrong in the first `n` bytes at `off`: a bit, a byte, or the end.
def spoil(rng, buf, off, n):
    end = len(buf)
    kind = rng.below(6)
    if kind == 0:
        buf[off + rng.below(n)] ^= 1 << rng.below(8)
    elif kind == 1:
        buf[off + rng.below(n)] = rng.below(2) * 255
    elif kind == 2:
        end = off + rng.below(end - off + 1)
    return end


def test_property_ipv4():
    rng = Rng(5)
    want = array("I", [0] * 4)
    got = array("I", [0] * 4)
    seen = set()
    for i in range(3000):
        off = rng.below(20)
        buf = valid_ipv4(rng, off)
        end = spoil(rng, buf, off, 20)
        if end == len(buf) and buf[off] & 15 >= 5 and rng.below(3):
            # Have the checksum right in spite of it.
            seal(buf, off + 10, off, min((buf[off] & 15) << 2, end - off), 0)
        result = reference.ipv4(buf, off, end, want)
        assert fast_headers.ipv4(memoryview(buf), off, end, got) == result, (i, off, end, buf)
        if result < 0x10000:
            assert list(got) == list(want), (i, off, end, buf)
        seen.add(result & ~0xFF)
    assert {0, 0x100, 0x200, 0x400, 0x800, 0x10000, 0x20000, 0x30000, 0x40000, 0x50000} <= seen


def test_property_udp():
    rng = Rng(6)
    seen = set()
    for i in range(3000):
        off = rng.below(20)
        n = 8 + length(rng, i) % 300
        buf = noise(rng, off + n + rng.below(10))
        buf[off + 4] = n >> 8
        buf[off + 5] = n & 255
        start = (rng.below(1 << 30) << 2) + (rng.below(1 << 30) << 2)
        seal(buf, off + 6, off, n, start + 17 + n)
        end = spoil(rng, buf, off, 8)
        if rng.below(10) == 0:
            buf[off + 6] = buf[off + 7] = 0
        if rng.below(10) == 0:
            buf[off + 2] = buf[off + 3] = 0
            seal(buf, off + 6, off, n, start + 17 + n)
        want = reference.udp(buf, off, end, start)
        assert fast_headers.udp(memoryview(buf), off, end, start) == want, (i, off, end, buf)
        seen.add(min(want, 0))
    assert seen == {0, -1, -2, -3, -4}


def test_property_build():
    rng = Rng(7)
    for i in range(800):
        n = length(rng, i) % 1473
        src = memoryview(noise(rng, n + 3))[rng.below(4) :][:n]
        ports = rng.below(0x10000) << 16 | rng.below(0x10000)
        at = 34 + rng.below(3)
        want = noise(rng, n + 50)
        got = bytearray(want)
        reference.udp_build(want, at, ports, src, n)
        fast_headers.udp_build(got, at, ports, src, n)
        assert got == want, (i, n, at)
        head = noise(rng, 34)
        head[24] = head[25] = 0
        proto = (17, 6, 1, 255)[rng.below(4)]
        check_at = (-1, 2, 6, 16)[rng.below(4)]
        args = (head, n + 8, proto, check_at if check_at < n + 7 else -1, rng.below(0x10000))
        reference.datagram(want, *args)
        fast_headers.datagram(got, *args)
        assert got == want, (i, args)


def test_checksum_0_of_udp_is_sent_as_ffff():
    # RFC 768: 0 would say that there is none.
    head = bytearray(34)
    head[14] = 0x45
    for word in range(0, 0x10000, 13):
        want = bytearray(46)
        want[34] = word >> 8
        want[35] = word & 255
        # As its checksum, the last word makes the sum 0xFFFF.
        reference.datagram(want, head, 10, 17, 8, 1)
        got = bytearray(want)
        assert reference.checksum(want, 34, 10, 17 + 10) == 0
        reference.datagram(want, head, 10, 17, 6, 1)
        fast_headers.datagram(got, head, 10, 17, 6, 1)
        assert got == want and got[40:42] == b"\xff\xff", word
