# Frostnet: tests of the Internet checksum
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from frostnet.wire.checksum import adjust, checksum, pseudo
from ipbench import noise, sum16
from simwire import Rng


def test_example_of_rfc_1071_section_3():
    data = bytes((0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7))
    assert checksum(data, 0, 8) == 0xDDF2 ^ 0xFFFF


def test_known_header():
    header = bytes.fromhex("4500003c1c4640004006b1e6ac100a63ac100a0c")
    assert checksum(header, 0, 20) == 0
    zeroed = header[:10] + b"\0\0" + header[12:]
    assert checksum(zeroed, 0, 20) == 0xB1E6


def test_zeros_and_ones():
    # RFC 1071 §2: a sum of 0 occurs only if all words are 0; 0xFFFF words sum to 0xFFFF.
    assert checksum(bytes(20), 0, 20) == 0xFFFF
    assert checksum(b"", 0, 0) == 0xFFFF
    assert checksum(b"\xff" * 20, 0, 20) == 0
    assert checksum(b"\xff\xff", 0, 2) == 0
    assert checksum(b"", 0, 0, 0xFFFF) == 0
    assert checksum(b"\xff", 0, 1) == 0x00FF
    assert checksum(b"\xff\xfe\x00\x01", 0, 4) == 0


def test_odd_length_is_padded_with_zero():
    assert checksum(b"\x12\x34\x56", 0, 3) == checksum(b"\x12\x34\x56\x00", 0, 4)
    assert checksum(b"\x12\x34\x56\x99", 0, 3) == checksum(b"\x12\x34\x56\x00", 0, 4)


def test_property_same_as_word_by_word():
    rng = Rng(7)
    for i in range(1500):
        n = rng.below(80) if i % 50 else rng.below(1500)
        off = rng.below(9)
        # Many zeros and ones: those are where the two zeros of one's complement meet.
        data = bytes(rng.below(256) if rng.below(3) else rng.below(2) * 255 for _ in range(n))
        buf = memoryview(bytes(off) + data + b"\xaa\x55")
        assert checksum(buf, off, n) == sum16(data), (i, n, off)
        start = rng.below(0x20000)
        assert checksum(buf, off, n, start) == sum16(data, start), (i, n, start)


def test_property_stored_checksum_verifies():
    rng = Rng(8)
    for _ in range(200):
        data = bytearray(noise(rng, 20 + rng.below(40)))
        data[10] = data[11] = 0
        check = checksum(data, 0, len(data))
        data[10] = check >> 8
        data[11] = check & 255
        assert checksum(data, 0, len(data)) == 0
        assert sum16(data) == 0


def test_pseudo_header():
    rng = Rng(9)
    for _ in range(100):
        src = rng.bits()
        dst = rng.bits()
        n = rng.below(1500)
        data = noise(rng, rng.below(60))
        head = struct.pack(">IIHH", src, dst, 17, n)
        start = pseudo(src, dst) + 17 + n
        assert checksum(data, 0, len(data), start) == sum16(head + data)


def test_property_adjust_equals_computing_again():
    # RFC 1624 §3, with its counter-example of §4 first.
    assert adjust(0xDD2F, 0x5555, 0x3285) == 0x0000
    rng = Rng(11)
    for i in range(3000):
        words = [rng.below(0x10000) if rng.below(4) else 0xFFFF * rng.below(2) for _ in range(6)]
        words[0] |= 0x4000  # one word is never 0, as in every real header
        old = words[3]
        check = sum16(struct.pack(">6H", *words))
        words[3] = new = rng.below(0x10000) if rng.below(4) else 0xFFFF * rng.below(2)
        assert adjust(check, old, new) == sum16(struct.pack(">6H", *words)), (i, words)
