# Frostnet: the Internet checksum
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1071. A one's complement sum is arithmetic modulo 65535, and 2**16 is 1 there: a whole
# buffer read as one big-endian number has the same remainder as the sum of its words. The
# interpreter does both in C. What the remainder cannot tell apart are 0 and 0xFFFF; a sum of
# words is 0 only if all of them are.


def checksum(buf, off, n, start=0):
    """Return the checksum of `n` bytes of `buf` at `off`, 0..0xFFFF, RFC 1071.

    `start` is a sum to begin with, of a pseudo-header for example: any int >= 0. The result
    over data that contain their own correct checksum is 0.
    """
    total = int.from_bytes(buf[off : off + n], "big")
    rest = total % 0xFFFF  # from here on all numbers are small
    if n & 1:
        rest <<= 8
    rest += start
    if rest:
        return 0xFFFF - (rest % 0xFFFF or 0xFFFF)
    return 0 if total else 0xFFFF


def pseudo(src, dst):
    """Return the sum of a pseudo-header's addresses; add protocol and length (RFC 793 §3.1)."""
    return (src >> 16) + (src & 0xFFFF) + (dst >> 16) + (dst & 0xFFFF)


def fold(total):
    """Return the checksum, 0..0xFFFF, for a sum of words."""
    if total:
        return 0xFFFF - (total % 0xFFFF or 0xFFFF)
    return 0xFFFF


def adjust(check, old, new):
    """Return `check` after a word it covers changed from `old` to `new`, RFC 1624 eqn. 3."""
    total = (check ^ 0xFFFF) + (old ^ 0xFFFF) + new
    total = (total & 0xFFFF) + (total >> 16)
    return ((total & 0xFFFF) + (total >> 16)) ^ 0xFFFF
