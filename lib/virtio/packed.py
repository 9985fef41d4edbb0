# Frostnet: packed virtqueue (Virtio 1.2 §2.8)
# MIT license; Copyright (c) 2026 The Frostnet authors

# One ring of descriptors, which driver and device write by turns. Flags say whose a slot is: they
# change meaning each time the ring wraps. What descriptor i says is kept in a table of our own and
# copied to the slot where buffer i is handed over, so that nothing depends on what the device left
# there.

import _virtio
from array import array

from micropython import const

from virtio.fast import gather_packed, in_order_packed, offer, returned
from virtio.queue import Queue, barrier, fence

# Of a descriptor's last word, which has the buffer's id and the flags: available, used (§2.8.1).
_OWNER = const(0x80800000)
_ID = const(0xFFFF)

# Event suppression (§2.8.10): [0] is a slot, and the lap it is meant in; [1] is one of these.
_ENABLE, _DISABLE, _DESC = const(0), const(1), const(2)
_LAP = const(0x8000)


class Packed(Queue):
    """A packed virtqueue."""

    packed = True

    def __init__(self, index, size, name):
        super().__init__(index, size, name)
        self.laps = 2 * size - 1  # a position's low bits: slot, and whether the lap is odd
        ring = 16 * size
        memory, phys = _virtio.dma(2 * ring + 8, 64)
        self.phys = phys
        self.driver_phys = phys + ring
        self.device_phys = phys + ring + 4
        self.ring = _virtio.view(phys, 4 * size, "I")  # address (2), length, id and flags
        self.driver_event = _virtio.view(phys + ring, 2, "H")
        self.device_event = _virtio.view(phys + ring + 4, 2, "H")
        table = phys + ring + 8
        self.desc_addr = _virtio.view(table, 2 * size, "Q")
        self.desc = _virtio.view(table, 4 * size, "I")
        self.order = array("H", bytes(2 * size))
        self.ring_memory = memory[:ring]  # for viper
        self.desc_memory = memory[ring + 8 :]
        self.clear()

    def clear(self):
        super().clear()
        ring = self.ring
        for at in range(4 * self.size):
            ring[at] = 0
        for event in (self.driver_event, self.device_event):
            event[0] = 0
            event[1] = _ENABLE

    def word(self, flags, i):
        """The last four bytes of descriptor i: its id, and flags."""
        return flags << 16 | i

    def look(self):
        """How many buffers the device has returned that get() did not take yet."""
        last = self.last
        n = returned(self.ring_memory, last, self.avail - last, self.size)
        if n:
            if self.broken:
                return 0
            barrier()  # the rest of a descriptor is read after its flags
        return n

    def peek(self):
        """The number of the next returned buffer, -1 if there is none; `length` is set."""
        last = self.last
        if last == self.avail or self.broken:
            return -1
        at = (last & self.mask) << 2
        ring = self.ring
        word = ring[at + 3]
        if word & _OWNER != (0 if last & self.size else _OWNER):
            return -1
        barrier()
        self.length = ring[at + 2]
        return word & _ID

    def gather(self, batch, most):
        """As in a split queue."""
        last = self.last
        n = self.avail - last
        if n > most:
            n = most
        ring = self.ring_memory
        self.returned = n = returned(ring, last, n, self.size)
        if not n:
            return 0
        barrier()  # the rest of a descriptor is read after its flags
        mask = self.mask
        order = self.order
        return gather_packed(batch, ring, order, last & mask, mask, n, self.header, self.room)

    def publish(self):
        """Hand everything that is staged to the device, and notify it if it wants that."""
        before = self.avail
        self.avail = position = self.next
        if position == before:
            return
        size = self.size
        ring = self.ring_memory
        word = offer(ring, self.desc_memory, self.order, before, position, size)
        barrier()  # all the rest before the first one's flags, which the device waits for
        self.ring[((before & self.mask) << 2) + 3] = word
        # The same as _wanted(): a "no" must be asked for again, as in Split.publish().
        event = self.device_event
        flags = event[1]
        if flags == _DESC:
            slot = event[0]
            if slot < _LAP:
                slot += size
            wanted = (position - 1 - slot) & self.laps < position - before
        else:
            wanted = flags != _DISABLE
        if not wanted:
            fence()
            wanted = self._wanted(before, position)
        if wanted:
            self.notify_write(self.notify_addr, self.index)

    def interrupts(self, on):
        """Ask for an interrupt with the next returned buffer, or for none."""
        event = self.driver_event
        if not on:
            event[1] = _DISABLE
        elif self.event_idx:
            last = self.last
            event[0] = last & self.mask | (0 if last & self.size else _LAP)
            event[1] = _DESC
        else:
            event[1] = _ENABLE

    def arm(self):
        """Ask for an interrupt with the next returned buffer; True if there is one already."""
        event = self.driver_event
        last = self.last
        size = self.size
        if self.event_idx:
            event[0] = last & self.mask | (0 if last & size else _LAP)
            event[1] = _DESC
        else:
            event[1] = _ENABLE
        # Only when the device has surely seen that is "nothing is there" true.
        fence()
        return returned(self.ring_memory, last, self.avail != last, size) != 0

    # Does the device want to know that the ring went from position `before` to `position`?
    def _wanted(self, before, position):
        event = self.device_event
        flags = event[1]
        if flags != _DESC:
            return flags != _DISABLE
        # A slot and the lap that it is meant in tell positions apart that are less than two laps
        # from each other. Laps are even or odd: the bit for an even one is a multiple of two laps.
        slot = event[0]
        if slot < _LAP:
            slot += self.size
        return (position - 1 - slot) & self.laps < position - before

    def _in_order(self, slot, n):
        return in_order_packed(self.ring_memory, self.order, slot, self.mask, n)

    def _id(self, slot):
        return self.ring[4 * slot + 3] & _ID
