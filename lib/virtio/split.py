# Frostnet: split virtqueue (Virtio 1.2 §2.7)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

from virtio.fast import gather, in_order
from virtio.queue import Queue, barrier, fence

ALIGN = const(4096)  # of the used ring, for the legacy layout

_NO_INTERRUPT = const(1)  # avail.flags
_NO_NOTIFY = const(1)  # used.flags


class Split(Queue):
    """A split virtqueue. `order` is the available ring itself.

    The layout is the legacy one, contiguous and aligned to a page, which suits both.
    """

    packed = False

    def __init__(self, index, size, name):
        super().__init__(index, size, name)
        avail = 16 * size
        # 2 bytes after the ring are used_event, and after the used ring avail_event (EVENT_IDX).
        used = (avail + 6 + 2 * size + ALIGN - 1) & ~(ALIGN - 1)
        memory, phys = _virtio.dma(used + 6 + 8 * size, ALIGN)
        self.phys = phys
        self.driver_phys = phys + avail
        self.device_phys = phys + used
        self.desc_addr = _virtio.view(phys, size * 2, "Q")  # [2 * i] is descriptor i's address
        self.desc = _virtio.view(phys, size * 4, "I")
        self.avail_ring = _virtio.view(phys + avail, size + 3, "H")  # flags, idx, ring, used_event
        self.used_event = size + 2  # its place in `avail_ring`
        self.order = _virtio.view(phys + avail + 4, size, "H")
        self.used_head = _virtio.view(phys + used, 2, "H")  # flags, idx
        self.avail_event = _virtio.view(phys + used + 4 + 8 * size, 1, "H")
        self.used_ring = _virtio.view(phys + used + 4, size * 2, "I")  # id, length pairs
        self.order_memory = memory[avail + 4 : avail + 4 + 2 * size]  # the rings for viper
        self.used_memory = memory[used + 4 : used + 4 + 8 * size]
        self.clear()

    def clear(self):
        super().clear()
        self.seen = 0  # used.idx when it was last looked at, as a position
        self.avail_ring[0] = 0
        self.avail_ring[1] = 0
        self.avail_ring[self.used_event] = 0
        self.used_head[0] = 0
        self.used_head[1] = 0
        self.avail_event[0] = 0

    def word(self, flags, i):
        """The last four bytes of descriptor i: flags, and the next descriptor's number."""
        return flags | (i + 1 & 0xFFFF) << 16

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

    def peek(self):
        """The number of the next returned buffer, -1 if there is none; `length` is set."""
        last = self.last
        if last >= self.seen and not self.look():
            return -1
        at = (last & self.mask) << 1
        ring = self.used_ring
        self.length = ring[at + 1]
        return ring[at]

    def gather(self, batch, most):
        """Look at up to `most` returned buffers; how many of them are plain.

        That is, returned in order and with 1..`room` bytes after the header. Then batch[k] is
        bytes << BUFFER_BITS | buffer. They stay in the queue until the driver adds to `last`.
        `returned` is how many were looked at: the first that is not plain is for get().
        """
        last = self.last
        n = (self.used_head[1] - last) & 0xFFFF
        if n > self.avail - last:
            n = self.look()  # says what is wrong
        elif n > most:
            n = most
        self.returned = n
        if not n:
            return 0
        self.seen = last  # get() looks for itself
        barrier()  # the elements are read after the index
        mask = self.mask
        return gather(
            batch, self.used_memory, self.order_memory, last & mask, mask, n,
            self.header, self.room
        )  # fmt: skip

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

    def arm(self):
        """Ask for an interrupt with the next returned buffer; True if there is one already."""
        used = self.used_head
        last = self.last & 0xFFFF
        if used[1] != last:
            return True
        if self.event_idx:
            self.avail_ring[self.used_event] = last
        else:
            self.avail_ring[0] = 0
        # Only when the device has surely seen that is "nothing is there" true.
        fence()
        return used[1] != last

    def _in_order(self, slot, n):
        return in_order(self.used_memory, self.order_memory, slot, self.mask, n)

    def _id(self, slot):
        return self.used_ring[2 * slot]
