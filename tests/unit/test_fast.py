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
    for i in range(800):
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


# A frame that is valid, with some noise behind it.
def valid_frame(rng):
    off = 14
    size = 20 if rng.below(4) else 20 + 4 * rng.below(11)
    total = size + rng.below(100)
    buf = noise(rng, off + total + rng.below(30))
    if rng.below(8):
        buf[:6] = MAC
    buf[6] &= 0xFE
    buf[12] = 8
    buf[13] = 0
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


def test_property_frame():
    rng = Rng(5)
    # A few pairs of addresses, so that some are known.
    want = array("I", [rng.below(1 << 30) << 2 | i for i in range(fast_headers.FOUND)])
    got = array("I", want)
    seen = set()
    for i in range(1500):
        buf = valid_frame(rng)
        if rng.below(4) == 0:
            at = 4 + 2 * rng.below(8)
            buf[26:30] = want[at].to_bytes(4, "big")
            buf[30:34] = want[at + 1].to_bytes(4, "big")
            seal(buf, 24, 14, (buf[14] & 15) << 2, 0)
        off = 0 if rng.below(8) == 0 else 14
        end = spoil(rng, buf, off, 20)
        if end == len(buf) and buf[14] & 15 >= 5 and rng.below(3):
            # Have the checksum right in spite of it.
            seal(buf, 24, 14, min((buf[14] & 15) << 2, end - 14), 0)
        limit = end if rng.below(20) else end - 1
        result = reference.frame(buf, end, limit, MAC, want)
        args = (memoryview(buf), end, limit, MAC, got)
        assert fast_headers.frame(*args) == result, (i, end, limit, buf)
        if 0 <= result < 0x10000:
            assert got == want, (i, end, buf)
            if rng.below(8) == 0:
                at = 4 + 2 * ((want[2] ^ want[3]) & 7)
                got[at] = want[at] = want[2]
                got[at + 1] = want[at + 1] = want[3]
        seen.add(result & ~0xFF if result >= 0 else result)
    plain = {0, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000}
    bad = {0x10000, 0x20000, 0x30000, 0x40000, 0x50000}
    # More than one thing may be unusual about a datagram.
    single = {bit for bit in plain if bit in seen or any(s >= 0 and s & bit for s in seen)}
    assert single == plain and bad <= seen, seen
    assert {-1, -2, -3, -4, -5} <= seen, seen


def test_arp_frames_are_told_apart():
    found = array("I", [0] * fast_headers.FOUND)
    for kind, want in ((0x0806, -6), (0x0800, 0x10000), (0x0906, -3), (0x0801, -3), (0x0608, -3)):
        frame = MAC + MAC + kind.to_bytes(2, "big")
        assert reference.frame(frame, 14, 1514, MAC, found) == want
        assert fast_headers.frame(frame, 14, 1514, MAC, found) == want
    for i in range(6):
        other = bytearray(MAC + MAC + b"\x08\x00")
        other[i] ^= 2
        assert fast_headers.frame(other, 14, 1514, MAC, found) == -1, i


def test_property_udp():
    rng = Rng(6)
    seen = set()
    for i in range(1500):
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
        if rng.below(10) == 0:
            start = -1
        want = reference.udp(buf, off, end, start)
        assert fast_headers.udp(memoryview(buf), off, end, start) == want, (i, off, end, buf)
        seen.add(min(want, 0))
    assert seen == {0, -1, -2, -3, -4}


def test_property_build():
    rng = Rng(7)
    ident = array("I", [0xFFFFFF00])
    other = array("I", ident)
    for i in range(300):
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
        args = (head, n + 8, proto, check_at if check_at < n + 7 else -1)
        reference.datagram(want, *args, ident)
        fast_headers.datagram(got, *args, other)
        assert got == want, (i, args)
        assert other == ident


def test_checksum_0_of_udp_is_sent_as_ffff():
    # RFC 768: 0 would say that there is none.
    ident = array("I", [0])
    head = bytearray(34)
    head[14] = 0x45
    head[20] = 0x40
    for word in range(0, 0x10000, 13):
        want = bytearray(46)
        want[34] = word >> 8
        want[35] = word & 255
        # As its checksum, the last word makes the sum 0xFFFF.
        reference.datagram(want, head, 10, 17, 8, ident)
        got = bytearray(want)
        assert reference.checksum(want, 34, 10, 17 + 10) == 0
        reference.datagram(want, head, 10, 17, 6, ident)
        fast_headers.datagram(got, head, 10, 17, 6, ident)
        assert got == want and got[40:42] == b"\xff\xff", word
