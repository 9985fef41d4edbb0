# Frostnet: tests of TCP's header; those of options are in test_tcp_options.py
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
from array import array

from frostnet.wire import tcp, tcp_fast, tcp_reference
from frostnet.wire.checksum import checksum
from simwire import Rng


def header(hlen=5, flags=0x12, options=b"", payload=b""):
    return (
        struct.pack(">HHIIBBHHH", 80, 4000, 0x89ABCDEF, 0xFEDCBA98, hlen << 4, flags, 0x8765, 0, 0)
        + options + payload
    )  # fmt: skip


def parse(raw, end=None):
    seg = array("I", [0xFFFFFFFF] * tcp.SIZE)
    buf = memoryview(b"?" * 7 + raw + b"!" * 64)
    if tcp_fast.parse(buf, 7, 7 + (len(raw) if end is None else end), seg, 0) < 0:
        return None
    return seg


def test_parse():
    """RFC 9293 §3.1, figure 1."""
    seg = parse(header(payload=b"hello"))
    assert seg[tcp.PORTS] == 4000 << 16 | 80
    assert list(seg[2:12]) == [0x89ABCDEF, 0xFEDCBA98, 0x12, 0x8765, 27, 5, 0, 255, 0, 0]
    assert seg[tcp.SACKS] == 0


def test_every_length_and_data_offset():
    """A data offset below 5 or beyond the segment, a segment shorter than a header."""
    for hlen in range(16):
        raw = header(hlen, options=b"\x01" * 44)
        for n in range(len(raw) + 1):
            seg = parse(raw, n)
            assert (seg is not None) == (n >= 20 and 5 <= hlen and hlen * 4 <= n), (hlen, n)
            if seg:
                assert seg[tcp.LEN] == n - hlen * 4


def test_noise_never_raises():
    rng = Rng(3)
    for _ in range(3000):
        raw = bytes(rng.below(256) for _ in range(rng.below(70)))
        seg = parse(raw)
        if seg:
            assert 0 <= seg[tcp.LEN] <= len(raw) - 20


def numbers(rng, limit):
    """0 to limit, both ends often."""
    return rng.below(limit + 1) if rng.below(3) else rng.below(2) * limit


def test_property_parse():
    rng = Rng(11)
    for i in range(3000):
        raw = bytearray(numbers(rng, 255) for _ in range(rng.below(70)))
        if len(raw) > 13 and i & 1:
            raw[12] = 0x50
        elif len(raw) > 24 and i & 2:
            raw[12:14] = b"\x80\x10"
            raw[20:24] = b"\x01\x01\x08\x0a"
            if i & 4:
                raw[20 + rng.below(4)] ^= 1 << rng.below(8)
        buf = memoryview(b"??" + raw + b"!!!")
        start = numbers(rng, 1 << 33)
        fast = array("I", [7] * tcp.SIZE)
        slow = array("I", [7] * tcp.SIZE)
        end = 2 + len(raw)
        got = tcp_fast.parse(buf, 2, end, fast, start)
        assert got == tcp_reference.parse(buf, 2, end, slow, start), raw
        assert fast == slow, (raw, fast, slow)


def test_plain_is_an_ack_without_options_but_timestamps():
    """Only ACK, with or without PSH and the bits of ECN, is for header prediction."""
    stamps = b"\x01\x01\x08\x0a" + b"\x80\x00\x00\x01" + b"\xff\xff\xff\xfe"
    seg = array("I", [0] * tcp.SIZE)
    for flags in range(256):
        raw = header(flags=flags)
        assert tcp_fast.parse(raw, 0, 20, seg, 0) == (flags & 0x37 == 0x10)
        assert not seg[tcp.HAS_TS]
        raw = header(8, flags, stamps)
        assert tcp_fast.parse(raw, 0, 32, seg, 0) == 2 * (flags & 0x37 == 0x10)
        assert seg[tcp.HAS_TS] == (flags & 0x37 == 0x10)
    assert seg[tcp.TSVAL] == 0x80000001 or not seg[tcp.HAS_TS]
    for hlen, options in (
        (6, b"\x01" * 4),
        (8, b"\x08\x0a\x00\x00\x00\x01\x00\x00\x00\x02\x01\x01"),
        (8, b"\x01" * 12),
        (9, stamps + b"\x01" * 4),
        (7, stamps[:8]),
    ):
        raw = header(hlen, 0x10, options)
        assert tcp_fast.parse(raw, 0, len(raw), seg, 0) == 0 and not seg[tcp.HAS_TS]


def test_the_sum_of_a_plain_header_covers_its_options():
    for options in (b"", b"\x01\x01\x08\x0a\x12\x34\x56\x78\x9a\xbc\xde\xf0"):
        raw = bytearray(header(5 + len(options) // 4, 0x10, options, b"data"))
        raw[16:18] = struct.pack(">H", checksum(raw, 0, len(raw), 99 + len(raw)))
        seg = array("I", [0] * tcp.SIZE)
        assert tcp_fast.parse(raw, 0, len(raw), seg, 99) == (2 if options else 1)
        at = seg[tcp.DATA]
        assert checksum(raw, at, 4, seg[tcp.SUM]) == 0


def test_property_build():
    rng = Rng(12)
    for _ in range(2000):
        args = [numbers(rng, 0xFFFFFFFF) for _ in range(3)]
        args += [numbers(rng, 0xFFFFFF), numbers(rng, 1 << 33)]
        fast = bytearray(b"?" * 30)
        slow = bytearray(b"?" * 30)
        tcp_fast.build(memoryview(fast), 5, *args)
        tcp_reference.build(memoryview(slow), 5, *args)
        assert fast == slow, args


def test_property_build_ts():
    """The header with timestamps, RFC 7323 appendix A."""
    rng = Rng(13)
    for _ in range(2000):
        args = [numbers(rng, 0xFFFFFFFF) for _ in range(3)]
        args += [numbers(rng, 0xFFFFFF), numbers(rng, 0xFFFFFFFF), numbers(rng, 0xFFFFFFFF)]
        args.append(numbers(rng, 1 << 33))
        fast = bytearray(b"?" * 42)
        slow = bytearray(b"?" * 42)
        tcp_fast.build_ts(memoryview(fast), 5, *args)
        tcp_reference.build_ts(memoryview(slow), 5, *args)
        assert fast == slow, args


def test_build_header():
    """A header for options of any length, with the checksum over all of it."""
    for hlen in range(20, 64, 4):
        raw = bytearray(b"?" * 64)
        raw[20:hlen] = bytes(range(1, hlen - 19))
        tcp.build_header(
            memoryview(raw), 0, 80 << 16 | 4000, 0xFFFFFFFF, 0x80000000, hlen, 0x12, 65535, 777
        )
        assert raw[:16] == struct.pack(
            ">HHIIBBH", 80, 4000, 0xFFFFFFFF, 0x80000000, hlen << 2, 0x12, 65535
        )
        assert raw[18:20] == b"\0\0" and raw[20:hlen] == bytes(range(1, hlen - 19))
        assert checksum(raw, 0, hlen, 777) == 0 and raw[hlen:] == b"?" * (64 - hlen)
