# Frostnet: what fast.py does, as one would write it down: the tests hold the two equal
# MIT license; Copyright (c) 2026 The Frostnet authors

from struct import unpack_from

from frostnet.tcp.batch import ACKED, ACKS, BYTES, CHECKED, FLIGHT, HEADER, LADDR, LAST_ACK, MASK
from frostnet.tcp.batch import MAX_WND
from frostnet.tcp.batch import PORTS, POS, RADDR, RCV_NXT, ROOM, SEGMENTS, SHIFT, SND_UNA, SND_WND
from frostnet.tcp.batch import TS_RECENT, TSECR, WINDOW
from frostnet.wire.reference import checksum


def predict(buf, off, end, hot, src, dst, chunk):
    tsecr = 0
    hlen = hot[HEADER]
    n = end - off - hlen
    if n < 0:
        return 0
    sport, dport, seq, ack, bits, wnd = unpack_from(">HHIIHH", buf, off)
    wnd <<= hot[SHIFT]
    acked = (ack - hot[SND_UNA]) & hot[MASK]
    if (
        bits & 0xFF37 != hlen << 10 | 0x10
        or (src, dst, dport << 16 | sport) != (hot[RADDR], hot[LADDR], hot[PORTS])
        or seq != hot[RCV_NXT]
        or n > min(hot[WINDOW], hot[ROOM])
        or acked > hot[FLIGHT]
        or (n == 0 and acked == 0 and wnd == hot[SND_WND])
        or not hot[CHECKED]
        and checksum(buf, off, end - off, src + dst + 6 + end - off)
    ):
        return 0
    if hlen == 32:
        kind, tsval, tsecr = unpack_from(">III", buf, off + 20)
        if kind != 0x0101080A or (tsval - hot[TS_RECENT]) & 0xFFFFFFFF >= 0x80000000:
            return 0
        if seq == hot[LAST_ACK]:
            hot[TS_RECENT] = tsval
    pos = hot[POS]
    chunk[pos : pos + n] = buf[off + hlen : end]
    if n:
        hot[RCV_NXT] = (seq + n) & hot[MASK]
        hot[WINDOW] -= n
        hot[POS] += n
        hot[ROOM] -= n
        hot[SEGMENTS] += 1
        hot[BYTES] += n
    if acked:
        hot[SND_UNA] = ack
        hot[FLIGHT] -= acked
        hot[ACKS] += 1
        hot[ACKED] += acked
        hot[TSECR] = tsecr
    hot[SND_WND] = wnd
    hot[MAX_WND] = max(wnd, hot[MAX_WND])
    return 1
