# Frostnet: the Internet checksum
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1071. fast.py has what runs per packet.

from frostnet.wire import fast


def checksum(buf, off, n, start=0):
    """Return the checksum of `n` bytes of `buf` at `off`, 0..0xFFFF, RFC 1071.

    `start` is a sum to begin with, of a pseudo-header for example: an int >= 0. The result
    over data that contain their own correct checksum is 0.
    """
    return fast.checksum(buf, off, n, start)


def pseudo(src, dst):
    """Return the sum of a pseudo-header's addresses; add protocol and length (RFC 793 §3.1)."""
    return (src >> 16) + (src & 0xFFFF) + (dst >> 16) + (dst & 0xFFFF)


def adjust(check, old, new):
    """Return `check` after a word it covers changed from `old` to `new`, RFC 1624 eqn. 3."""
    total = (check ^ 0xFFFF) + (old ^ 0xFFFF) + new
    total = (total & 0xFFFF) + (total >> 16)
    return ((total & 0xFFFF) + (total >> 16)) ^ 0xFFFF
