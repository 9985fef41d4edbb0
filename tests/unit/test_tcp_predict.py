# Frostnet: tests that header prediction in viper equals its reference, and of batches
# MIT license; Copyright (c) 2026 The Frostnet authors

# The property test runs on the board too.

import struct
from array import array

from frostnet.tcp import batch, fast, reference

ME, PEER = 0x0A00020F, 0x0A000202
SIZE = 1600


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

    def one_of(self, *values):
        return values[self.below(len(values))]


def fresh(rng):
    """What is expected, with numbers near the wrap half of the time."""
    hot = array("I", [0] * 22)
    hot[batch.PORTS] = 8080 << 16 | 4000
    hot[batch.RADDR] = PEER
    hot[batch.LADDR] = ME
    hot[batch.RCV_NXT] = rng.one_of(0, 1000, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFF00)
    hot[batch.SND_UNA] = rng.one_of(0, 1000, 0x80000000, 0xFFFFFFFF, 0xFFFFF000)
    hot[batch.FLIGHT] = rng.one_of(0, 1, 1460, 65535)
    hot[batch.WINDOW] = rng.one_of(0, 10, 1460, 65535)
    hot[batch.SND_WND] = rng.one_of(0, 1000, 65535)
    hot[batch.MAX_WND] = rng.one_of(1000, 65535)
    hot[batch.POS] = rng.below(50)
    hot[batch.ROOM] = rng.one_of(0, 100, SIZE)
    hot[batch.MASK] = 0xFFFFFFFF
    hot[batch.HEADER] = rng.one_of(20, 32)
    hot[batch.SHIFT] = rng.one_of(0, 0, 1, 7, 14)
    hot[batch.TS_RECENT] = rng.one_of(0, 77, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
    hot[batch.CHECKED] = rng.below(4) == 0
    hot[batch.LAST_ACK] = (hot[batch.RCV_NXT] - rng.one_of(0, 0, 1, 1460)) & 0xFFFFFFFF
    return hot


def segment(rng, hot):
    """One that is expected, with deviations now and then: (bytes, source, destination)."""

    def off(value, bits=32):
        return (value + rng.one_of(-1, 1, 1460)) & (1 << bits) - 1 if rng.below(12) == 0 else value

    size = rng.one_of(0, 0, 1, 2, 3, 4, 15, 16, 17, rng.below(100), 1440)
    seq = off(hot[batch.RCV_NXT])
    ack = off((hot[batch.SND_UNA] + rng.one_of(0, 0, hot[batch.FLIGHT])) & 0xFFFFFFFF)
    bits = rng.one_of(0x10, 0x10, 0x18, 0x18, 0x50) if rng.below(8) else rng.below(256)
    head = hot[batch.HEADER] if rng.below(10) else rng.one_of(20, 32)
    hlen = head << 2 if rng.below(10) else rng.below(256)
    wnd = rng.one_of(hot[batch.SND_WND] >> hot[batch.SHIFT] & 0xFFFF, 1000, 65535)
    raw = bytearray(head + size)
    for i in range(head, len(raw)):
        raw[i] = rng.below(256) if rng.below(3) else rng.below(2) * 255
    ports = struct.pack(">HH", off(4000, 16), off(8080, 16))
    raw[:20] = ports + struct.pack(">IIBBHHH", seq, ack, hlen, bits, wnd, 0, rng.one_of(0, 7))
    if head == 32:
        tsval = hot[batch.TS_RECENT] + rng.one_of(0, 0, 1, 5, 0x7FFFFFFF, 0x80000000, -1)
        kind = off(0x0101080A)
        raw[20:32] = struct.pack(">III", kind, tsval & 0xFFFFFFFF, rng.below(1 << 30) << 2)
    src, dst = off(PEER), off(ME)
    raw[16:18] = struct.pack(">H", reference.checksum(raw, 0, len(raw), src + dst + 6 + len(raw)))
    if rng.below(10) == 0:
        raw[rng.below(len(raw))] ^= 1 << rng.below(8)
    return raw, src, dst


def test_property_predict():
    """RFC 9293 §3.10.7.4, and RFC 7323 §4.3 and §5 with timestamps, in both ways of saying it."""
    rng = Rng(21)
    taken = [0, 0]
    unseen = 0
    for _ in range(3000):
        hot = fresh(rng)
        raw, src, dst = segment(rng, hot)
        if rng.below(20) == 0:
            raw = raw[: rng.below(len(raw) + 1)]  # truncated
        at = rng.below(9)
        buf = memoryview(bytes(at) + raw + b"!" * 24)
        end = at + len(raw)
        again = array("I", hot)
        slow = bytearray(2 * SIZE)
        got = bytearray(2 * SIZE)
        want = reference.predict(buf, at, end, again, src, dst, slow)
        assert fast.predict(buf, at, end, hot, src, dst, got) == want, (hot, bytes(raw))
        assert hot == again, (hot, again, bytes(raw))
        if want:
            assert got == slow
            taken[hot[batch.HEADER] == 32] += 1
            good = not reference.checksum(buf, at, end - at, src + dst + 6 + end - at)
            assert good or hot[batch.CHECKED], "damaged"
            unseen += not good
        else:
            room = hot[batch.POS] + hot[batch.ROOM]
            assert got[: hot[batch.POS]] == bytes(hot[batch.POS]) and not any(got[room:])
    assert min(taken) > 120 and unseen > 5, (taken, unseen)
