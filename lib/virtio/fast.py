# Frostnet: virtqueue rings in viper
# MIT license; Copyright (c) 2026 The Frostnet authors

# What runs per frame over the rings' memory. reference.py says the same in readable bytecode; both
# only know devices that return buffers in order, and Queue handles the others.

import micropython


@micropython.viper
def gather(batch: ptr32, used: ptr32, avail: ptr16, slot: int, mask: int, n: int, header: int,
           room: int) -> int:  # fmt: skip
    """Look at `n` used elements from ring slot `slot` on; return how many are plain.

    `used` is the used ring from its first element on, `avail` the available ring from its first
    entry on. Element k is plain if its buffer is the one that stands in the available ring and
    1..room bytes follow the header: then batch[k] = bytes << BUFFER_BITS | buffer.
    """
    k = 0
    while k < n:
        i = used[slot + slot]
        length = used[slot + slot + 1] - header
        if i != avail[slot] or length <= 0 or length > room:
            return k
        batch[k] = length << 10 | i
        k += 1
        slot = (slot + 1) & mask
    return k


@micropython.viper
def in_order(used: ptr32, avail: ptr16, slot: int, mask: int, n: int) -> int:
    """Return how many of `n` used elements from `slot` on are buffers in order."""
    k = 0
    while k < n:
        if used[slot + slot] != avail[slot]:
            return k
        k += 1
        slot = (slot + 1) & mask
    return k
