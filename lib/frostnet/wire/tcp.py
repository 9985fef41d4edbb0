# Frostnet: TCP segments
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.1. A parsed segment is a preallocated array("I") of SIZE items; the names below are
# its indices. Sequence numbers are as on the wire. `parse` and `build`, which run for each
# segment, are in tcp_fast.py, and the options in tcp_options.py.

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
# Items that `parse` sets to "absent"; `parse_options` fills them.
MSS = const(8)  # 0: absent
WSCALE = const(9)  # shift count, at most MAX_WSCALE; NO_WSCALE: absent
SACK_OK = const(10)
HAS_TS = const(11)  # 1 if TSVAL and TSECR were there; they are nothing otherwise
TSVAL = const(12)
TSECR = const(13)
SACKS = const(14)  # number of SACK blocks, at most 4, whose left and right edges follow
SACK = const(15)
SIZE = const(24)

NO_WSCALE = const(0xFF)

FIN = const(0x01)
SYN = const(0x02)
RST = const(0x04)
PSH = const(0x08)
FLAG_ACK = const(0x10)
URG = const(0x20)

HEADER = const(20)
CSUM = const(16)  # offset of the checksum
DEFAULT_MSS = const(536)  # of a peer that sends none, §3.7.1


def build_header(buf, off, ports, seq, ack, hlen, flags, wnd, total):
    """Write the header of a segment whose options, up to `hlen`, are at `off` already.

    For segments that are no case for `tcp_fast.build`. `total` is the sum of the pseudo-header
    (its length included) and the payload.
    """
    pack_into(">IIIHHI", buf, off, ports, seq, ack, hlen << 10 | flags, wnd, 0)
    pack_into(">H", buf, off + CSUM, checksum(buf, off, hlen, total))
