# Frostnet: what fast.py does, as one would write it down: the tests hold the two equal
# MIT license; Copyright (c) 2026 The Frostnet authors

from struct import unpack_from

from frostnet.tcp.batch import ACKED, ACKS, BYTES, FLIGHT, LADDR, MASK, MAX_WND, PORTS, POS
from frostnet.tcp.batch import RADDR, RCV_NXT, ROOM, SEGMENTS, SND_UNA, SND_WND, WINDOW
from frostnet.wire.reference import checksum


def predict(buf, off, end, hot, src, dst, chunk):
    n = end - off - 20
    if n < 0:
        return 0
    sport, dport, seq, ack, bits, wnd = unpack_from(">HHIIHH", buf, off)
    acked = (ack - hot[SND_UNA]) & hot[MASK]
    if (
        bits & 0xFF37 != 0x5010
        or (src, dst, dport << 16 | sport) != (hot[RADDR], hot[LADDR], hot[PORTS])
        or seq != hot[RCV_NXT]
        or n > min(hot[WINDOW], hot[ROOM])
        or acked > hot[FLIGHT]
        or (n == 0 and acked == 0 and wnd == hot[SND_WND])
        or checksum(buf, off, n + 20, src + dst + 6 + n + 20)
    ):
        return 0
    pos = hot[POS]
    chunk[pos : pos + n] = buf[off + 20 : end]
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
    hot[SND_WND] = wnd
    hot[MAX_WND] = max(wnd, hot[MAX_WND])
    return 1
