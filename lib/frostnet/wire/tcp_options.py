# Frostnet: TCP options
# MIT license; Copyright (c) 2026 The Frostnet authors

# MSS (RFC 9293 §3.7.1), window scale and timestamps (RFC 7323 §2.2, §3.2), SACK (RFC 2018). The
# common case, nothing but timestamps, is parsed and built in tcp_fast.py.

from struct import pack_into

from micropython import const

from frostnet.wire.tcp import HAS_TS, MSS, SACK, SACK_OK, SACKS, TSECR, TSVAL, WSCALE

MAX_WSCALE = const(14)  # RFC 7323 §2.3: more is taken as this
MAX_BLOCKS = const(4)  # SACK blocks that fit into 40 bytes; 3 beside timestamps
TS_BYTES = const(12)  # what timestamps take of each segment

_END = const(0)
_NOP = const(1)
_MSS = const(2)
_WSCALE = const(3)
_SACK_OK = const(4)
_SACK = const(5)
_TS = const(8)

_NOP_NOP_TS = const(0x0101080A)
_NOP_NOP_SACK_OK = const(0x01010402)
_SACK_OK_TS = const(0x0402080A)  # SACK-permitted takes the place of the two NOPs
_NOP_WSCALE = const(0x01030300)
_NOP_NOP_SACK = const(0x01010500)


def parse_options(buf, off, end, seg):
    """Fill `seg`, whose options are marked absent, from `buf[off:end]`, RFC 9293 §3.1.

    Unknown options and known ones of the wrong length are skipped. A length that does not fit
    ends the parse: what came before it counts. Each turn moves on, so any input ends. What an
    option means where it has no business (window scale without SYN) is up to the caller.
    """
    while off < end:
        kind = buf[off]
        if kind == _NOP:
            off += 1
            continue
        if kind == _END or off + 1 >= end:
            return
        n = buf[off + 1]
        if n < 2 or off + n > end:
            return
        if kind == _TS:
            if n == 10:
                seg[HAS_TS] = 1
                seg[TSVAL] = _be32(buf, off + 2)
                seg[TSECR] = _be32(buf, off + 6)
        elif kind == _SACK:
            # 40 bytes of options have no room for more than MAX_BLOCKS.
            if n > 2 and n & 7 == 2:
                seg[SACKS] = n >> 3
                i = SACK
                for at in range(off + 2, off + n, 4):
                    seg[i] = _be32(buf, at)
                    i += 1
        elif kind == _MSS:
            if n == 4:
                seg[MSS] = buf[off + 2] << 8 | buf[off + 3]
        elif kind == _WSCALE:
            if n == 3:
                shift = buf[off + 2]
                seg[WSCALE] = shift if shift < MAX_WSCALE else MAX_WSCALE
        elif kind == _SACK_OK:
            if n == 2:
                seg[SACK_OK] = 1
        off += n


def build_syn_options(buf, off, mss, wscale, sack_ok, tsval, tsecr):
    """Write the options of a SYN at `off`; return their length, a multiple of 4.

    `wscale` or `tsval` -1: without that option.
    """
    pack_into(">HH", buf, off, _MSS << 8 | 4, mss)
    n = 4
    if tsval >= 0:
        pack_into(">III", buf, off + n, _SACK_OK_TS if sack_ok else _NOP_NOP_TS, tsval, tsecr)
        n += TS_BYTES
    elif sack_ok:
        pack_into(">I", buf, off + n, _NOP_NOP_SACK_OK)
        n += 4
    if wscale >= 0:
        pack_into(">I", buf, off + n, _NOP_WSCALE | wscale)
        n += 4
    return n


def build_options(buf, off, tsval, tsecr, blocks, count):
    """Write the options of a segment without SYN at `off`; return their length, a multiple of 4.

    `tsval` -1: no timestamps. `blocks` has the edges of SACK blocks as they go on the wire, left,
    right, left, right …, of which the first `count` blocks are written; it is not looked at if
    `count` is 0. There must be room: `count` is at most 4, or 3 beside timestamps.
    """
    n = 0
    if tsval >= 0:
        pack_into(">III", buf, off, _NOP_NOP_TS, tsval, tsecr)
        n = TS_BYTES
    if count:
        pack_into(">I", buf, off + n, _NOP_NOP_SACK | 2 + 8 * count)
        n += 4
        for i in range(2 * count):
            pack_into(">I", buf, off + n, blocks[i])
            n += 4
    return n


def _be32(buf, at):
    return buf[at] << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]
