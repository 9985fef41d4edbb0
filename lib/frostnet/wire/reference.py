# Frostnet: what fast.py does, as one would write it down: the tests hold the two equal
# MIT license; Copyright (c) 2026 The Frostnet authors


def checksum(buf, off, n, start):
    """As RFC 1071 §4.1 writes it: word by word."""
    total = start + copy_sum(bytearray(n), 0, buf, off, n)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def copy(dst, doff, src, soff, n):
    dst[doff : doff + n] = src[soff : soff + n]


def copy_sum(dst, doff, src, soff, n):
    total = 0
    for i in range(n):
        byte = dst[doff + i] = src[soff + i]
        total += byte if i & 1 else byte << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total
