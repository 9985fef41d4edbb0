# Frostnet: tests of TCP's options on the wire
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
from array import array

from frostnet.wire import tcp, tcp_fast
from frostnet.wire.tcp_options import build_options, build_syn_options, parse_options
from simwire import Rng


def parse(data, payload=b"", flags=0x12):
    """What the parsers say about a segment with these options, padded by END."""
    data = data + b"\0" * (-len(data) & 3)
    raw = struct.pack(">HHIIBBHHH", 80, 4000, 1, 2, 80 + len(data) * 4, flags, 9, 0, 0)
    raw += data + payload
    seg = array("I", [0x77777777] * tcp.SIZE)
    buf = memoryview(b"?" * 7 + raw + b"\x02\x04\x05\xb4" * 16)
    assert tcp_fast.parse(buf, 7, 7 + len(raw), seg, 0) >= 0
    parse_options(buf, 27, seg[tcp.DATA], seg)
    assert seg[tcp.LEN] == len(payload)
    return seg


def absent(seg):
    return (seg[tcp.MSS], seg[tcp.WSCALE], seg[tcp.SACK_OK], seg[tcp.HAS_TS], seg[tcp.SACKS]) == (
        0, tcp.NO_WSCALE, 0, 0, 0,
    )  # fmt: skip


def test_none():
    assert absent(parse(b"")) and absent(parse(b"\x01" * 40)) and absent(parse(b"\x00" * 40))


def test_mss():
    """RFC 9293 §3.7.1."""
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
        assert parse(data)[tcp.MSS] == mss, data


def test_window_scale():
    """RFC 7323 §2.2; §2.3: more than 14 counts as 14."""
    for shift in range(256):
        seg = parse(bytes((1, 3, 3, shift)))
        assert seg[tcp.WSCALE] == min(shift, 14)
    for data in (b"\x03\x02", b"\x03\x04\x07\x00", b"\x03", b"\x01\x01\x01\x03"):
        assert parse(data)[tcp.WSCALE] == tcp.NO_WSCALE, data


def test_timestamps():
    """RFC 7323 §3.2, wherever they stand."""
    stamps = b"\x08\x0a\x80\x00\x00\x01\xff\xff\xff\xfe"
    for data in (b"\x01\x01" + stamps, stamps + b"\x01\x01", b"\x04\x02" + stamps):
        seg = parse(data)
        assert (seg[tcp.HAS_TS], seg[tcp.TSVAL], seg[tcp.TSECR]) == (1, 0x80000001, 0xFFFFFFFE)
    for n in (2, 3, 9, 11, 12):
        assert not parse(b"\x08" + bytes((n,)) + b"\xff" * 36)[tcp.HAS_TS], n


def test_sack_permitted():
    """RFC 2018 §2."""
    assert parse(b"\x04\x02")[tcp.SACK_OK] == 1
    assert parse(b"\x04\x03\x01\x01")[tcp.SACK_OK] == 0


def test_sack_blocks():
    """RFC 2018 §3: up to four, three beside timestamps."""
    edges = [0, 0xFFFFFFFF, 0x80000000, 5, 7, 7, 0xFFFFFFFE, 1]
    for count in range(1, 5):
        data = struct.pack(">BB%dI" % (2 * count), 5, 2 + 8 * count, *edges[: 2 * count])
        seg = parse(data, flags=0x10)
        assert seg[tcp.SACKS] == count
        assert list(seg[tcp.SACK : tcp.SACK + 2 * count]) == edges[: 2 * count]


def test_sack_of_wrong_length():
    """No block, half a block, more than fit into a header: none of it is read."""
    for n in range(256):
        seg = parse(bytes((5, n)) + b"\xaa" * 38, flags=0x10)
        assert seg[tcp.SACKS] == (n // 8 if n in (10, 18, 26, 34) else 0), n
        assert seg[tcp.SIZE - 1] == 0x77777777
    # Room for four blocks and a claim of four, of which one byte lies outside.
    assert parse(b"\x01" * 7 + b"\x05\x22" + b"\xaa" * 31, flags=0x10)[tcp.SACKS] == 0


def test_two_sack_options():
    """The last one counts; there is never room for more than four blocks."""
    seg = parse(b"\x05\x12" + b"\x11" * 16 + b"\x05\x0a" + b"\x22" * 8, flags=0x10)
    assert seg[tcp.SACKS] == 1 and seg[tcp.SACK] == 0x22222222


def test_hostile_options_end():
    """Length 0 and 1, lengths beyond the header, unknown kinds: the parse moves on or stops."""
    for data in (
        b"\x02\x00\x05\xb4",
        b"\x02\x01\x05\xb4",
        b"\xfd\x00" * 20,
        b"\x05\xff\x01\x02",
        b"\x02",
        b"\x01\x01\x01\x02",
        b"\x05\x02\x05\x03\x00\x05\x2a" + b"\x09" * 33,
        b"\x13\x12" + b"m" * 38,  # MD5 and AO (RFC 2385, 5925) are skipped
        b"\x1d\x10" + b"a" * 14,
        b"\xfd\x28" + b"\x02" * 38,
        b"\x08\x00" + b"\xff" * 38,
        b"\x03\x01\x07\x00",
    ):
        assert absent(parse(data)), data


def test_every_length_of_every_kind():
    """RFC 9293 §3.1 and CVE-2018-16523 ff: an option's claim meets every end of the header."""
    for kind in range(256):
        for n in range(45):
            for size in (1, 2, 3, 4, 10, 34, 40):
                seg = parse((bytes((kind, n)) + b"\x00" * 38)[:size])
                fits = 2 <= n <= size + (-size & 3) and size > 1
                assert bool(seg[tcp.HAS_TS]) == (fits and kind == 8 and n == 10)
                assert (seg[tcp.WSCALE] == 0) == (fits and kind == 3 and n == 3)
                assert bool(seg[tcp.SACKS]) == (fits and kind == 5 and n in (10, 18, 26, 34))


def test_option_is_not_read_beyond_the_header():
    """An option's value may not come out of the payload."""
    assert parse(b"\x01\x01\x02\x04", b"\x05\xb4")[tcp.MSS] == 0
    assert parse(b"\x01\x01\x08\x0a", b"\x01" * 8)[tcp.HAS_TS] == 0
    assert parse(b"\x01\x01\x05\x0a", b"\x01" * 8)[tcp.SACKS] == 0
    assert parse(b"\x01\x01\x03\x03", b"\x07")[tcp.WSCALE] == tcp.NO_WSCALE


def test_noise_never_raises():
    rng = Rng(3)
    kinds = (0, 1, 2, 3, 4, 5, 8, 253)
    for _ in range(5000):
        data = bytearray(rng.below(41))
        for i in range(len(data)):
            data[i] = kinds[rng.below(8)] if rng.below(3) else rng.below(256)
        seg = parse(bytes(data))
        assert seg[tcp.MSS] < 1 << 16 and seg[tcp.SACKS] <= 4
        assert seg[tcp.WSCALE] <= 14 or seg[tcp.WSCALE] == tcp.NO_WSCALE


def test_build_syn_options():
    """Every combination comes back from the parser, and 40 bytes are enough."""
    for wscale in (-1, 0, 14):
        for sack_ok in (False, True):
            for tsval in (-1, 0, 0xFFFFFFFF):
                buf = bytearray(b"?" * 48)
                n = build_syn_options(memoryview(buf), 4, 1460, wscale, sack_ok, tsval, 77)
                assert n <= 40 and n % 4 == 0 and buf[4 + n :] == b"?" * (44 - n)
                seg = parse(bytes(buf[4 : 4 + n]))
                assert seg[tcp.MSS] == 1460 and seg[tcp.SACK_OK] == sack_ok
                assert seg[tcp.WSCALE] == (tcp.NO_WSCALE if wscale < 0 else wscale)
                assert seg[tcp.HAS_TS] == (tsval >= 0)
                if tsval >= 0:
                    assert (seg[tcp.TSVAL], seg[tcp.TSECR]) == (tsval, 77)
    assert n == 20


def test_build_options():
    edges = array("I", [1, 0xFFFFFFFF, 0x80000000, 5, 7, 8, 9, 10])
    for tsval in (-1, 0x89ABCDEF):
        for count in range(5 if tsval < 0 else 4):
            buf = bytearray(b"?" * 48)
            n = build_options(memoryview(buf), 4, tsval, 99, edges if count else None, count)
            assert n <= 40 and n % 4 == 0 and buf[4 + n :] == b"?" * (44 - n)
            seg = parse(bytes(buf[4 : 4 + n]), flags=0x10)
            assert seg[tcp.SACKS] == count
            assert seg[tcp.SACK : tcp.SACK + 2 * count] == edges[: 2 * count]
            assert seg[tcp.HAS_TS] == (tsval >= 0) and (tsval < 0 or seg[tcp.TSVAL] == tsval)
