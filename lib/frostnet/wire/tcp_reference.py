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
    total = start + n + sum(unpack_from(">10H", buf, off))
    flags = bits & 0xFF
    fields = (dport << 16 | sport, fold(total), seq, ack, flags, wnd, off + hlen, n - hlen, 0)
    for i, value in enumerate(fields):
        seg[i] = value
    return 1 if hlen == 20 and flags & 0x37 == 0x10 else 0


def build(buf, off, ports, seq, ack, bits, start):
    pack_into(">IIIHHI", buf, off, ports, seq, ack, 0x5000 | bits >> 16, bits & 0xFFFF, 0)
    pack_into(">H", buf, off + 16, checksum(buf, off, 20, start))
