# Frostnet: split virtqueue (Virtio 1.2 §2.7)
# MIT license; Copyright (c) 2026 The Frostnet authors

# Descriptor i always describes buffer i, so handing buffers over and back touches only the two
# rings. Positions (`avail`, `last` …) count up for ever; ring slots are their low bits.
#
# The available ring is its own free list. Its slots hold every buffer exactly once:
#
#   position   last ........ avail ........ next ........ last + size
#   buffers      at the device    staged        free
#
# A device that returns buffers in the order it got them finds each in the slot where it stands
# already, and a buffer goes round without a single store to the ring. When a device returns
# another buffer first (legal), the two slots are swapped. A buffer that is not at the device
# cannot be returned: that is a broken device.

import _virtio
from micropython import const

from virtio.fast import in_order

NEXT = const(1)  # descriptor flags
WRITE = const(2)

_NO_INTERRUPT = const(1)  # avail.flags
_NO_NOTIFY = const(1)  # used.flags
ALIGN = const(4096)  # of the used ring, for the legacy layout

barrier = _virtio.barrier
fence = _virtio.fence


class Queue:
    """A virtqueue of `size` buffers (a power of two) with its rings in DMA memory.

    `index` is its number at the device, `name` is for errors. `phys` (of the descriptor table),
    `driver_phys` and `device_phys` are what the transport tells the device; the layout is the
    legacy one, contiguous and aligned to a page, which suits both. The transport also sets
    `notify_write(notify_addr, index)`.
    """

    def __init__(self, index, size, name):
        self.index = index
        self.size = size
        self.mask = size - 1
        self.used_event = size + 2  # its place in `avail_ring`
        self.name = name
        avail = 16 * size
        # 2 bytes after the ring are used_event, and after the used ring avail_event (EVENT_IDX).
        used = (avail + 6 + 2 * size + ALIGN - 1) & ~(ALIGN - 1)
        memory, phys = _virtio.dma(used + 6 + 8 * size, ALIGN)
        self.avail_memory = memory[avail + 4 : avail + 4 + 2 * size]  # the rings without heads,
        self.used_memory = memory[used + 4 : used + 4 + 8 * size]  # for viper
        self.phys = phys
        self.driver_phys = phys + avail
        self.device_phys = phys + used
        self.desc_addr = _virtio.view(phys, size * 2, "Q")  # [2 * i] is descriptor i's address
        self.desc = _virtio.view(phys, size * 4, "I")  # [4 * i + 2] is its length
        self.avail_ring = _virtio.view(phys + avail, size + 3, "H")  # flags, idx, ring, used_event
        self.used_head = _virtio.view(phys + used, 2, "H")  # flags, idx
        self.avail_event = _virtio.view(phys + used + 4 + 8 * size, 1, "H")
        self.used_ring = _virtio.view(phys + used + 4, size * 2, "I")  # id, length pairs
        self.bytes = 0  # for the driver's use: it counts what went through
        self.staged = 0  # likewise: where the length of the buffer that is being filled goes
        self.notify_write = None
        self.notify_addr = 0
        self.event_idx = False  # VIRTIO_F_EVENT_IDX was agreed on
        self.clear()

    def clear(self):
        """Make the rings as a device expects them after its reset; all buffers are free."""
        self.last = 0  # next used element to take
        self.avail = 0  # first position that the device was not told of
        self.next = 0  # first free position
        self.length = 0  # bytes that the device wrote to the buffer from the last get()
        self.broken = None  # what the device did wrong; it must be reset
        self.seen = 0  # used.idx when it was last looked at, as a position
        ring = self.avail_ring
        ring[0] = 0
        ring[1] = 0
        for i in range(self.size):
            ring[i + 2] = i
        ring[self.used_event] = 0
        self.used_head[0] = 0
        self.used_head[1] = 0
        self.avail_event[0] = 0

    def describe(self, i, addr, length, flags=0):
        """Let descriptor i stand for `length` bytes at physical address `addr`."""
        self.desc_addr[2 * i] = addr
        self.desc[4 * i + 2] = length
        self.desc[4 * i + 3] = flags

    def get(self):
        """Take back a buffer that the device is done with: its number, -1 if there is none.

        `length` is what the device wrote. The buffer is free from now on, and comes up again
        for the device once everything that is free before it was staged.
        """
        last = self.last
        if last >= self.seen and not self.look():
            return -1
        slot = last & self.mask
        ring = self.used_ring
        i = ring[slot + slot]
        self.length = ring[slot + slot + 1]
        if i != self.avail_ring[slot + 2] and not self._swap(last, i):
            return -1
        self.last = last + 1
        return i

    def look(self):
        """How many buffers the device has returned that get() did not take yet."""
        last = self.last
        n = (self.used_head[1] - last) & 0xFFFF
        if n:
            if n > self.avail - last:
                self.broken = "used.idx ran ahead of what it was given"
            if self.broken:
                return 0
            self.seen = last + n
            barrier()  # the elements are read after the index
        return n

    def reap(self):
        """Take back all that the device is done with, whatever was written; how many."""
        n = self.look()
        if n:
            last = self.last
            end = last + n
            mask = self.mask
            used = self.used_memory
            avail = self.avail_memory
            while True:
                last += in_order(used, avail, last & mask, mask, end - last)
                if last == end or not self._swap(last, self.used_ring[2 * (last & mask)]):
                    break
            n -= end - last
            self.last = last
        return n

    def publish(self):
        """Hand everything that is staged to the device, and notify it if it wants that."""
        barrier()  # descriptors and ring before the index
        before = self.avail
        self.avail = position = self.next
        self.avail_ring[1] = position & 0xFFFF
        # What the device wants may be from before it saw the index. To notify it in vain does no
        # harm; only a "no" must be asked for again, with the index surely in its sight. Does it
        # want to know that the index went from `before` to `position` (§2.7.10)?
        if not self.event_idx:
            wanted = not self.used_head[0] & _NO_NOTIFY
            if not wanted:
                fence()
                wanted = not self.used_head[0] & _NO_NOTIFY
        else:
            event = self.avail_event
            wanted = (position - 1 - event[0]) & 0xFFFF < position - before
            if not wanted:
                fence()
                wanted = (position - 1 - event[0]) & 0xFFFF < position - before
        if wanted:
            self.notify_write(self.notify_addr, self.index)

    def interrupts(self, on):
        """Ask for an interrupt with the next returned buffer, or (as far as possible) for none."""
        if not self.event_idx:
            self.avail_ring[0] = 0 if on else _NO_INTERRUPT
        elif on:
            self.avail_ring[self.used_event] = self.last & 0xFFFF

    # The device returned buffer i where another one stands; False if it never had i.
    def _swap(self, last, i):
        ring = self.avail_ring
        mask = self.mask
        for position in range(last + 1, self.avail):
            slot = (position & mask) + 2
            if ring[slot] == i:
                here = (last & mask) + 2
                ring[slot] = ring[here]
                ring[here] = i
                return True
        self.broken = "buffer %d came back, which it did not have" % i
        return False
