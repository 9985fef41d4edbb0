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


@micropython.viper
def frames(found: ptr32, batch: ptr32, n: int, memory: ptr8, shape: ptr32) -> int:
    """Find frames in `n` buffers that gather() put into `batch`, their headers included.

    Returns how many there are before something is unusual: each has a header and more, all its
    buffers are there, full but the last one, and follow each other in memory. Frame k is at
    found[2 * k]: bytes << BUFFER_BITS | first buffer, and behind it: buffers << OFFLOAD_BITS |
    offload (link/device.py). Buffer i is at `memory` + i * stride.

    `shape`: bytes of a header, most bytes of a frame, stride, whether a frame may have several
    buffers, the bits of the header's flags that count, and how many frames at most.
    """
    k = 0
    at = 0
    while at < n and k < shape[5]:
        i = batch[at] & 0x3FF
        length = batch[at] >> 10
        if length <= shape[0]:
            return k
        head = ptr8(int(memory) + i * shape[2])
        count = 1
        if shape[3]:
            count = head[10] | head[11] << 8
            if count == 0 or count > n - at:
                return k
        total = length - shape[0]
        end = at + count
        at += 1
        while at < end:
            i += 1
            if length != shape[2] or batch[at] & 0x3FF != i:
                return k
            length = batch[at] >> 10
            total += length
            at += 1
        if total > shape[1]:
            return k
        i -= count - 1
        found[k + k] = total << 10 | i
        i = head[0] & shape[4]
        if head[1] == 1:
            i |= (head[4] | head[5] << 8) << 2
        found[k + k + 1] = count << 18 | i
        k += 1
    return k


# Packed rings: four words for each slot, of which the last has the buffer's id and flags. Two of
# them say whose it is: in the first lap, when `position & size` is 0, "used" is two ones, in the
# next one two zeros.


@micropython.viper
def returned(ring: ptr32, position: int, n: int, size: int) -> int:
    """Return how many of `n` descriptors from `position` on the device has used."""
    k = 0
    while k < n:
        p = position + k
        owner = 0 if p & size else 0x80800000
        if ring[((p & (size - 1)) << 2) + 3] & 0x80800000 != owner:
            return k
        k += 1
    return k


@micropython.viper
def gather_packed(batch: ptr32, ring: ptr32, order: ptr16, slot: int, mask: int, n: int,
                  header: int, room: int) -> int:  # fmt: skip
    """As gather(), of `n` used descriptors in a packed ring; `order` has the expected buffers."""
    k = 0
    while k < n:
        at = slot << 2
        i = ring[at + 3] & 0xFFFF
        length = ring[at + 2] - header
        if i != order[slot] or length <= 0 or length > room:
            return k
        batch[k] = length << 10 | i
        k += 1
        slot = (slot + 1) & mask
    return k


@micropython.viper
def in_order_packed(ring: ptr32, order: ptr16, slot: int, mask: int, n: int) -> int:
    """As in_order(), of `n` used descriptors in a packed ring."""
    k = 0
    while k < n:
        if ring[(slot << 2) + 3] & 0xFFFF != order[slot]:
            return k
        k += 1
        slot = (slot + 1) & mask
    return k


@micropython.viper
def offer(ring: ptr32, table: ptr32, order: ptr16, position: int, end: int, size: int) -> uint:
    """Make the descriptors of the buffers at positions up to `end` available.

    All but the first: return its last word, which is to be stored when the others surely are.
    """
    first = uint(0)
    p = end
    while p > position:
        p -= 1
        slot = p & (size - 1)
        source = int(order[slot]) << 2
        at = slot << 2
        ring[at] = table[source]
        ring[at + 1] = table[source + 1]
        ring[at + 2] = table[source + 2]
        first = uint(table[source + 3]) | uint(0x80000000 if p & size else 0x00800000)
        if p > position:
            ring[at + 3] = first
    return first
