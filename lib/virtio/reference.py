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


def frames(found, batch, n, memory, shape):
    header, room, stride, several, trust, most = shape
    k = at = 0
    while at < n and k < most:
        first = batch[at] & 0x3FF
        head = memory[first * stride : first * stride + header]
        count = head[10] | head[11] << 8 if several else 1
        if not 0 < count <= n - at or batch[at] >> 10 <= header:
            return k
        total = -header
        for j in range(count):
            length = batch[at + j] >> 10
            if batch[at + j] & 0x3FF != first + j or (j < count - 1 and length != stride):
                return k
            total += length
        if total > room:
            return k
        size = head[4] | head[5] << 8 if head[1] == 1 else 0
        found[2 * k] = total << 10 | first
        found[2 * k + 1] = count << 18 | size << 2 | head[0] & trust
        at += count
        k += 1
    return k
