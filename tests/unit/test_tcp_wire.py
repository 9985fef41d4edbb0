# Frostnet: tests of TCP's header
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
    tcp.parse_options(buf, 27, seg[tcp.DATA], seg)
    return seg


def test_parse():
    """RFC 9293 §3.1, figure 1."""
    seg = parse(header(payload=b"hello"))
    assert seg[tcp.PORTS] == 4000 << 16 | 80
    assert list(seg[2:9]) == [0x89ABCDEF, 0xFEDCBA98, 0x12, 0x8765, 27, 5, 0]


def test_every_length_and_data_offset():
    """A data offset below 5 or beyond the segment, a segment shorter than a header."""
    for hlen in range(16):
        raw = header(hlen, options=b"\x01" * 44)
        for n in range(len(raw) + 1):
            seg = parse(raw, n)
            assert (seg is not None) == (n >= 20 and 5 <= hlen and hlen * 4 <= n), (hlen, n)
            if seg:
                assert seg[tcp.LEN] == n - hlen * 4


def options(data):
    data = data + b"\0" * (-len(data) & 3)
    return parse(header(5 + len(data) // 4, options=data))


def test_mss_option():
    for data, mss in (
        (b"\x02\x04\x05\xb4", 1460),
        (b"\x01\x01\x02\x04\x00\x01", 1),
        (b"\x03\x03\x07\x02\x04\xff\xff", 65535),
        (b"\x02\x04\x05\xb4\x02\x04\x02\x18", 536),  # the last one counts
        (b"\x00\x02\x04\x05\xb4", 0),  # behind the end
        (b"\x02\x03\x05\x02\x04\x01\x00", 256),  # wrong length: skipped
        (b"\x02\x05\x05\xb4\x00", 0),
        (b"\x02\x04\x00\x00", 0),
    ):
        assert options(data)[tcp.MSS] == mss, data


def test_hostile_options_end():
    """Length 0 and 1, lengths beyond the header, unknown kinds: the parse moves on or stops."""
    for data in (
        b"\x02\x00\x05\xb4",
        b"\x02\x01\x05\xb4",
        b"\xfd\x00" * 20,
        b"\x05\xff\x01\x02",
        b"\x02",
        b"\x01\x01\x01\x02",
        b"\x01" * 40,
        b"\x08\x0a" + b"\xff" * 38,
        b"\x05\x02\x05\x03\x00\x05\x2a" + b"\x09" * 33,
        b"\x13\x12" + b"m" * 38,
        b"\xfd\x28" + b"\x02" * 38,
    ):
        seg = options(data)
        assert seg is not None and seg[tcp.MSS] == 0, data


def test_option_is_not_read_beyond_the_header():
    """The MSS option's value may not come out of the payload."""
    seg = parse(header(6, options=b"\x01\x01\x02\x04", payload=b"\x05\xb4"))
    assert seg[tcp.MSS] == 0 and seg[tcp.LEN] == 2


def test_noise_never_raises():
    rng = Rng(3)
    for _ in range(3000):
        raw = bytes(rng.below(256) for _ in range(rng.below(70)))
        seg = parse(raw)
        if seg:
            assert 0 <= seg[tcp.LEN] <= len(raw) - 20


def test_build_syn():
    buf = bytearray(b"?" * 40)
    n = tcp.build_syn(memoryview(buf), 0, 1, 2, 3, 2, 4, 1460, 77)
    assert n == 24 and buf[12:14] == b"\x60\x02" and buf[20:24] == b"\x02\x04\x05\xb4"
    assert parse(bytes(buf[:24]))[tcp.MSS] == 1460
    assert checksum(buf, 0, 24, 77 + 24) == 0


def numbers(rng, limit):
    """0 to limit, both ends often."""
    return rng.below(limit + 1) if rng.below(3) else rng.below(2) * limit


def test_property_parse():
    rng = Rng(11)
    for i in range(3000):
        raw = bytearray(numbers(rng, 255) for _ in range(rng.below(70)))
        if len(raw) > 12 and i & 1:
            raw[12] = 0x50
        buf = memoryview(b"??" + raw + b"!!!")
        start = numbers(rng, 1 << 33)
        fast = array("I", [7] * tcp.SIZE)
        slow = array("I", [7] * tcp.SIZE)
        end = 2 + len(raw)
        got = tcp_fast.parse(buf, 2, end, fast, start)
        assert got == tcp_reference.parse(buf, 2, end, slow, start), raw
        assert fast == slow, (raw, fast, slow)


def test_plain_is_an_ack_without_options():
    """Only ACK, with or without PSH and the bits of ECN, is for header prediction."""
    for flags in range(256):
        raw = header(flags=flags)
        assert tcp_fast.parse(raw, 0, 20, array("I", bytes(64)), 0) == (flags & 0x37 == 0x10)
    raw = header(6, 0x10, b"\x01" * 4)
    assert tcp_fast.parse(raw, 0, 24, array("I", bytes(64)), 0) == 0


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
