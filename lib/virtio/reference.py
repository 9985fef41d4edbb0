# Frostnet: what fast.py does, to read and to test against
# MIT license; Copyright (c) 2026 The Frostnet authors

# All arguments that are not ints are sequences of ints; `used` and `avail` are the rings without
# their heads.


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


def returned(ring, position, n, size):
    for k in range(n):
        lap, slot = divmod(position + k, size)
        used = ring[4 * slot + 3] >> 16 & 0x8080
        if used != (0 if lap % 2 else 0x8080):
            return k
    return n


def gather_packed(batch, ring, order, slot, mask, n, header, room):
    for k in range(n):
        i = ring[4 * slot + 3] & 0xFFFF
        length = ring[4 * slot + 2] - header
        if i != order[slot] or not 0 < length <= room:
            return k
        batch[k] = length << 10 | i
        slot = (slot + 1) & mask
    return n


def in_order_packed(ring, order, slot, mask, n):
    for k in range(n):
        if ring[4 * slot + 3] & 0xFFFF != order[slot]:
            return k
        slot = (slot + 1) & mask
    return n


def offer(ring, table, order, position, end, size):
    first = None
    for p in range(position, end):
        lap, slot = divmod(p, size)
        i = order[slot]
        ring[4 * slot : 4 * slot + 3] = table[4 * i : 4 * i + 3]
        available = 0x8000 if lap % 2 else 0x0080
        word = table[4 * i + 3] | available << 16
        if first is None:
            first = word
        else:
            ring[4 * slot + 3] = word
    return first
