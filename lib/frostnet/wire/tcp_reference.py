# Frostnet: what tcp_fast.py does, as one would write it down: the tests hold the two equal
# MIT license; Copyright (c) 2026 The Frostnet authors

from struct import pack_into, unpack_from

from frostnet.wire.reference import checksum


def fold(total):
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def parse(buf, off, end, seg, start):
    n = end - off
    if n < 20:
        return -1
    sport, dport, seq, ack, bits, wnd, check, urgent = unpack_from(">HHIIHHHH", buf, off)
    hlen = bits >> 12 << 2
    if hlen < 20 or hlen > n:
        return -1
    flags = bits & 0xFF
    stamped = hlen == 32 and bytes(buf[off + 20 : off + 24]) == b"\x01\x01\x08\x0a"
    plain = flags & 0x37 == 0x10 and (hlen == 20 or stamped)
    covered = hlen if plain else 20
    total = start + n + sum(unpack_from(">%dH" % (covered // 2), buf, off))
    fields = (dport << 16 | sport, fold(total), seq, ack, flags, wnd, off + hlen, n - hlen)
    for i, value in enumerate(fields):
        seg[i] = value
    seg[8] = seg[10] = seg[11] = seg[14] = 0
    seg[9] = 0xFF
    if plain and stamped:
        seg[11] = 1
        seg[12], seg[13] = unpack_from(">II", buf, off + 24)
        return 2
    return int(plain)


def build(buf, off, ports, seq, ack, bits, start):
    pack_into(">IIIHHI", buf, off, ports, seq, ack, 0x5000 | bits >> 16, bits & 0xFFFF, 0)
    pack_into(">H", buf, off + 16, checksum(buf, off, 20, start))


def build_ts(buf, off, ports, seq, ack, bits, tsval, tsecr, start):
    pack_into(">IIIHHI", buf, off, ports, seq, ack, 0x8000 | bits >> 16, bits & 0xFFFF, 0)
    pack_into(">III", buf, off + 20, 0x0101080A, tsval, tsecr)
    pack_into(">H", buf, off + 16, checksum(buf, off, 32, start))
