# Frostnet: what fast.py does, to read and to test against
# MIT license; Copyright (c) 2026 The Frostnet authors

# `used` and `avail` are sequences of ints: the rings without their heads.


def gather(batch, used, avail, slot, mask, n, header, room):
    for k in range(n):
        i = used[2 * slot]
        length = used[2 * slot + 1] - header
        if i != avail[slot] or not 0 < length <= room:
            return k
        batch[k] = length << 10 | i
        slot = (slot + 1) & mask
    return n


def in_order(used, avail, slot, mask, n):
    for k in range(n):
        if used[2 * slot] != avail[slot]:
            return k
        slot = (slot + 1) & mask
    return n
