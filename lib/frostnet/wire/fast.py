# Frostnet: what touches every byte or every header, in viper; reference.py says the same readably
# MIT license; Copyright (c) 2026 The Frostnet authors

# Viper code is machine code over raw memory: nothing here checks a bound. Callers have checked
# that offsets and lengths lie within their buffers. Functions are leaves without globals, their
# locals few enough for registers. Buffers may start at any address; loads of 32 bits need no
# alignment, and are little-endian on every machine that has a port. Constants have 30 bits at
# most: of larger ones mpy-cross makes objects.

import micropython


@micropython.viper
def checksum(buf: ptr32, off: int, n: int, start: int) -> int:
    """Return the checksum of `n` bytes of `buf` at `off`, 0..0xFFFF, RFC 1071.

    `start` is a sum to begin with, 0 <= start < 1 << 61. The result over data that contain their
    own correct checksum is 0.
    """
    buf = ptr32(int(buf) + off)
    total = 0
    while n >= 16:
        total += buf[0]
        total += buf[1]
        total += buf[2]
        total += buf[3]
        buf = ptr32(int(buf) + 16)
        n -= 16
    while n >= 4:
        total += buf[0]
        buf = ptr32(int(buf) + 4)
        n -= 4
    tail = ptr8(int(buf))
    if n & 2:
        total += tail[0] | tail[1] << 8
    if n & 1:
        total += tail[n - 1]
    # One's complement sums may be folded, and bytes swapped, at any time (RFC 1071 §2 (B)).
    total = (total & 0xFFFF) + (total >> 16 & 0xFFFF) + (total >> 32)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    total = ((total & 0xFF) << 8 | total >> 8) + start
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


@micropython.viper
def copy(dst: ptr32, doff: int, src: ptr32, soff: int, n: int):
    """Copy `n` bytes from `src` at `soff` to `dst` at `doff`; they must not overlap."""
    dst = ptr32(int(dst) + doff)
    src = ptr32(int(src) + soff)
    while n >= 64:
        dst[0] = src[0]
        dst[1] = src[1]
        dst[2] = src[2]
        dst[3] = src[3]
        dst[4] = src[4]
        dst[5] = src[5]
        dst[6] = src[6]
        dst[7] = src[7]
        dst[8] = src[8]
        dst[9] = src[9]
        dst[10] = src[10]
        dst[11] = src[11]
        dst[12] = src[12]
        dst[13] = src[13]
        dst[14] = src[14]
        dst[15] = src[15]
        dst = ptr32(int(dst) + 64)
        src = ptr32(int(src) + 64)
        n -= 64
    while n >= 16:
        dst[0] = src[0]
        dst[1] = src[1]
        dst[2] = src[2]
        dst[3] = src[3]
        dst = ptr32(int(dst) + 16)
        src = ptr32(int(src) + 16)
        n -= 16
    while n >= 4:
        dst[0] = src[0]
        dst = ptr32(int(dst) + 4)
        src = ptr32(int(src) + 4)
        n -= 4
    to = ptr8(int(dst))
    tail = ptr8(int(src))
    while n > 0:
        n -= 1
        to[n] = tail[n]


@micropython.viper
def copy_sum(dst: ptr32, doff: int, src: ptr32, soff: int, n: int) -> int:
    """copy(), and return the sum of the words copied, 0..0xFFFF.

    Add the sums of the parts of a packet for the `start` of checksum(); the sum of a part that
    follows an odd number of bytes counts << 8.
    """
    dst = ptr32(int(dst) + doff)
    src = ptr32(int(src) + soff)
    total = 0
    while n >= 16:
        word = src[0]
        dst[0] = word
        total += word
        word = src[1]
        dst[1] = word
        total += word
        word = src[2]
        dst[2] = word
        total += word
        word = src[3]
        dst[3] = word
        total += word
        dst = ptr32(int(dst) + 16)
        src = ptr32(int(src) + 16)
        n -= 16
    while n >= 4:
        word = src[0]
        dst[0] = word
        total += word
        dst = ptr32(int(dst) + 4)
        src = ptr32(int(src) + 4)
        n -= 4
    to = ptr8(int(dst))
    tail = ptr8(int(src))
    if n & 1:
        word = tail[n - 1]
        to[n - 1] = word
        total += word
    if n & 2:
        to[0] = tail[0]
        to[1] = tail[1]
        total += tail[0] | tail[1] << 8
    total = (total & 0xFFFF) + (total >> 16 & 0xFFFF) + (total >> 32)
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return (total & 0xFF) << 8 | total >> 8
