# Frostnet: TCP headers in viper; tcp_reference.py says the same readably
# MIT license; Copyright (c) 2026 The Frostnet authors

# Machine code over raw memory, as fast.py: leaf functions that check no bounds but those that the
# segment itself claims.

import micropython


@micropython.viper
def parse(buf: ptr8, off: int, end: int, seg: ptr32, start: int) -> int:
    """Fill `seg`, an array("I") of wire.tcp.SIZE items, from the segment `buf[off:end]`.

    Returns -1 if its header does not fit into it, 1 for a segment without options and without
    flags but ACK and PSH, 2 for such a one with timestamps as in RFC 7323 appendix A, and 0 for
    others. `start` is the sum of addresses and protocol number; seg[SUM] is that of the whole
    pseudo-header and the header, but without the options of others.
    """
    n = end - off
    if n < 20:
        return -1
    p = ptr8(int(buf) + off)
    data = p[12] >> 2 & 0x3C
    if data < 20 or data > n:
        return -1
    high = p[0] << 8 | p[1]
    low = p[2] << 8 | p[3]
    start += n + high + low
    seg[0] = low << 16 | high
    high = p[4] << 8 | p[5]
    low = p[6] << 8 | p[7]
    start += high + low
    seg[2] = high << 16 | low
    high = p[8] << 8 | p[9]
    low = p[10] << 8 | p[11]
    start += high + low
    seg[3] = high << 16 | low
    high = p[14] << 8 | p[15]
    start += high + (p[16] << 8 | p[17]) + (p[18] << 8 | p[19])
    seg[5] = high
    high = p[13]
    start += p[12] << 8 | high
    seg[4] = high
    seg[6] = off + data
    seg[7] = n - data
    seg[8] = 0
    seg[9] = 0xFF
    seg[10] = 0
    seg[11] = 0
    seg[14] = 0
    n = 0
    if high & 0x37 == 0x10:
        if data == 20:
            n = 1
        elif data == 32 and p[20] << 24 | p[21] << 16 | p[22] << 8 | p[23] == 0x0101080A:
            high = p[24] << 8 | p[25]
            low = p[26] << 8 | p[27]
            start += 0x090B + high + low
            seg[12] = high << 16 | low
            high = p[28] << 8 | p[29]
            low = p[30] << 8 | p[31]
            start += high + low
            seg[13] = high << 16 | low
            seg[11] = 1
            n = 2
    start = (start & 0xFFFF) + (start >> 16 & 0xFFFF) + (start >> 32)
    start = (start & 0xFFFF) + (start >> 16)
    seg[1] = (start & 0xFFFF) + (start >> 16)
    return n


@micropython.viper
def build(buf: ptr8, off: int, ports: int, seq: int, ack: int, bits: int, start: int):
    """Write a header without options at `off`, 20 bytes, with its checksum.

    `ports` is source << 16 | destination, `bits` is flags << 16 | window, and `start` the sum of
    the pseudo-header (its length included) and the payload.
    """
    p = ptr8(int(buf) + off)
    p[0] = ports >> 24
    p[1] = ports >> 16
    p[2] = ports >> 8
    p[3] = ports
    p[4] = seq >> 24
    p[5] = seq >> 16
    p[6] = seq >> 8
    p[7] = seq
    p[8] = ack >> 24
    p[9] = ack >> 16
    p[10] = ack >> 8
    p[11] = ack
    p[12] = 0x50
    p[13] = bits >> 16
    p[14] = bits >> 8
    p[15] = bits
    p[18] = 0
    p[19] = 0
    start += (ports >> 16) + (ports & 0xFFFF) + (seq >> 16) + (seq & 0xFFFF) + 0x5000
    start += (ack >> 16) + (ack & 0xFFFF) + (bits >> 16) + (bits & 0xFFFF)
    start = (start & 0xFFFF) + (start >> 16 & 0xFFFF) + (start >> 32)
    start = (start & 0xFFFF) + (start >> 16)
    start = (start & 0xFFFF) + (start >> 16) ^ 0xFFFF
    p[16] = start >> 8
    p[17] = start


@micropython.viper
def build_ts(
    buf: ptr8,
    off: int,
    ports: int,
    seq: int,
    ack: int,
    bits: int,
    tsval: int,
    tsecr: int,
    start: int,
):
    """As build(), a header with timestamps, 32 bytes."""
    p = ptr8(int(buf) + off)
    p[0] = ports >> 24
    p[1] = ports >> 16
    p[2] = ports >> 8
    p[3] = ports
    p[4] = seq >> 24
    p[5] = seq >> 16
    p[6] = seq >> 8
    p[7] = seq
    p[8] = ack >> 24
    p[9] = ack >> 16
    p[10] = ack >> 8
    p[11] = ack
    p[12] = 0x80
    p[13] = bits >> 16
    p[14] = bits >> 8
    p[15] = bits
    p[18] = 0
    p[19] = 0
    p[20] = 1
    p[21] = 1
    p[22] = 8
    p[23] = 10
    p[24] = tsval >> 24
    p[25] = tsval >> 16
    p[26] = tsval >> 8
    p[27] = tsval
    p[28] = tsecr >> 24
    p[29] = tsecr >> 16
    p[30] = tsecr >> 8
    p[31] = tsecr
    start += (ports >> 16) + (ports & 0xFFFF) + (seq >> 16) + (seq & 0xFFFF) + 0x890B
    start += (ack >> 16) + (ack & 0xFFFF) + (bits >> 16) + (bits & 0xFFFF)
    start += (tsval >> 16) + (tsval & 0xFFFF) + (tsecr >> 16) + (tsecr & 0xFFFF)
    start = (start & 0xFFFF) + (start >> 16 & 0xFFFF) + (start >> 32)
    start = (start & 0xFFFF) + (start >> 16)
    start = (start & 0xFFFF) + (start >> 16) ^ 0xFFFF
    p[16] = start >> 8
    p[17] = start
