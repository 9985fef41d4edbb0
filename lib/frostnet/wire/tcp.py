# Frostnet: TCP segments
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.1. A parsed segment is a preallocated array("I") of SIZE items; the names below are
# its indices. Sequence numbers are as on the wire; options that are absent are 0. `parse` and
# `build`, which run for each segment, are in tcp_fast.py.

from struct import pack_into

from micropython import const

from frostnet.wire.checksum import checksum

# Items that `parse` always fills.
PORTS = const(0)  # destination << 16 | source: ours and the peer's, as `build` wants them
SUM = const(1)  # of pseudo-header and header: the segment is good if the rest makes it 0xFFFF
SEQ = const(2)
ACK = const(3)
FLAGS = const(4)  # the eight flags, CWR to FIN
WND = const(5)
DATA = const(6)  # offset of the payload in the buffer
LEN = const(7)  # bytes of payload
# Items that `parse_options` fills; `parse` makes them 0.
MSS = const(8)
SIZE = const(16)

FIN = const(0x01)
SYN = const(0x02)
RST = const(0x04)
PSH = const(0x08)
FLAG_ACK = const(0x10)
URG = const(0x20)

HEADER = const(20)
CSUM = const(16)  # offset of the checksum
MSS_OPTION = const(4)  # bytes that the MSS option takes
DEFAULT_MSS = const(536)  # of a peer that sends none, §3.7.1

_OPT_END = const(0)
_OPT_NOP = const(1)
_OPT_MSS = const(2)


def parse_options(buf, off, end, seg):
    """Fill `seg` from the options `buf[off:end]`, RFC 9293 §3.1.

    Unknown options and known ones of the wrong length are skipped. A length that does not fit
    ends the parse: what came before it counts. Each turn moves on, so any input ends.
    """
    while off < end:
        kind = buf[off]
        if kind == _OPT_NOP:
            off += 1
            continue
        if kind == _OPT_END or off + 1 >= end:
            return
        n = buf[off + 1]
        if n < 2 or off + n > end:
            return
        if kind == _OPT_MSS and n == 4:
            seg[MSS] = buf[off + 2] << 8 | buf[off + 3]
        off += n


def build_syn(buf, off, ports, seq, ack, flags, wnd, mss, pseudo):
    """Write a SYN's header with its MSS option at `off`; return its length.

    `pseudo` is the sum of the pseudo-header without its length.
    """
    pack_into(">IIIHHIBBH", buf, off, ports, seq, ack, 0x6000 | flags, wnd, 0, _OPT_MSS, 4, mss)
    pack_into(">H", buf, off + CSUM, checksum(buf, off, 24, pseudo + 24))
    return HEADER + MSS_OPTION
