# Frostnet: header prediction in viper; reference.py says the same readably
# MIT license; Copyright (c) 2026 The Frostnet authors

# Machine code over raw memory. It checks the segment's length itself; that `hot` is right, and
# `chunk` has room for hot[ROOM] bytes at hot[POS], is the caller's promise (tcp/batch.py).

import micropython


@micropython.viper
def predict(buf: ptr8, off: int, end: int, hot: ptr32, src: int, dst: int, chunk: ptr32) -> int:
    """Take the segment `buf[off:end]` if it is the one that is expected; 1 if so, 0 if not.

    It is if it belongs to the connection that `hot` describes, is in order and in the window, has
    no flags but ACK and PSH, has timestamps, laid out as in RFC 7323 appendix A and not older than
    expected, or no options if that is what was agreed, acknowledges nothing that was not sent,
    says something new, is not damaged (`hot` may say that somebody has checked that), and its
    payload fits. Then the payload is in `chunk` and `hot` has the sums; if not, only memory that
    nobody reads has changed.
    """
    words = ptr32(int(buf) + off)
    buf = ptr8(int(words))
    stamps = hot[12] - 20
    start = end - off
    n = start - stamps - 20
    # Offset, flags: nothing unusual. Ports and addresses: the same connection.
    if (
        n < 0
        or buf[12] != stamps + 20 << 2
        or buf[13] & 0x37 != 0x10
        or src != hot[1]
        or dst != hot[2]
    ):
        return 0
    if buf[2] << 24 | buf[3] << 16 | buf[0] << 8 | buf[1] != hot[0]:
        return 0
    # The next number, and room for all of it.
    if buf[4] << 24 | buf[5] << 16 | buf[6] << 8 | buf[7] != hot[3] or n > hot[6] or n > hot[10]:
        return 0
    ack = buf[8] << 24 | buf[9] << 16 | buf[10] << 8 | buf[11]
    acked = (ack - hot[4]) & hot[11]
    wnd = (buf[14] << 8 | buf[15]) << hot[13]
    if acked > hot[5] or n == 0 and acked == 0 and wnd == hot[7]:
        return 0
    # Sum all that the checksum covers, with the bytes of words swapped, and copy the payload.
    start += src + dst + 6
    src = words[0] + words[1] + words[2] + words[3] + words[4]
    tsval = tsecr = 0
    if stamps:
        if words[5] != 0x0A080101:
            return 0
        tsecr = buf[28] << 24 | buf[29] << 16 | buf[30] << 8 | buf[31]
        tsval = buf[24] << 24 | buf[25] << 16 | buf[26] << 8 | buf[27]
        if tsval - hot[14] >> 31 & 1:
            return 0
        src += words[5] + words[6] + words[7]
    words = ptr32(int(words) + 20 + stamps)
    chunk = ptr32(int(chunk) + hot[9])
    off = n
    while off >= 16:
        dst = words[0]
        chunk[0] = dst
        src += dst
        dst = words[1]
        chunk[1] = dst
        src += dst
        dst = words[2]
        chunk[2] = dst
        src += dst
        dst = words[3]
        chunk[3] = dst
        src += dst
        words = ptr32(int(words) + 16)
        chunk = ptr32(int(chunk) + 16)
        off -= 16
    while off >= 4:
        dst = words[0]
        chunk[0] = dst
        src += dst
        words = ptr32(int(words) + 4)
        chunk = ptr32(int(chunk) + 4)
        off -= 4
    buf = ptr8(int(words))
    to = ptr8(int(chunk))
    end = 0
    while end < off:
        dst = buf[end]
        to[end] = dst
        src += dst << 8 if end & 1 else dst
        end += 1
    src = (src & 0xFFFF) + (src >> 16 & 0xFFFF) + (src >> 32)
    src = (src & 0xFFFF) + (src >> 16)
    src = (src & 0xFFFF) + (src >> 16)
    start += (src & 0xFF) << 8 | src >> 8
    start = (start & 0xFFFF) + (start >> 16 & 0xFFFF) + (start >> 32)
    start = (start & 0xFFFF) + (start >> 16)
    if (start & 0xFFFF) + (start >> 16) != 0xFFFF and not hot[21]:
        return 0
    if stamps and hot[3] == hot[15]:
        hot[14] = tsval
    if n:
        hot[3] = hot[3] + n
        hot[6] = hot[6] - n
        hot[9] = hot[9] + n
        hot[10] = hot[10] - n
        hot[17] = hot[17] + 1
        hot[18] = hot[18] + n
    if acked:
        hot[4] = ack
        hot[5] = hot[5] - acked
        hot[19] = hot[19] + 1
        hot[20] = hot[20] + acked
        hot[16] = tsecr
    hot[7] = wnd
    if wnd > hot[8]:
        hot[8] = wnd
    return 1
