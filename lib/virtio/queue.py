# Frostnet: virtqueues: what split and packed ones have in common (Virtio 1.2 §2.6)
# MIT license; Copyright (c) 2026 The Frostnet authors

# Descriptor i always describes buffer i. Positions (`last`, `avail`, `next`) count up for ever;
# ring slots are their low bits. `order` says which buffer stands in a slot, and is its own free
# list: it holds every buffer exactly once.
#
#   position   last ........ avail ........ next ........ last + size
#   buffers      at the device    staged        free
#
# A device that returns buffers in the order it got them finds each in the slot where it stands
# already, and a buffer goes round without a single store to `order`. When a device returns
# another buffer first (legal), the two slots are swapped. A buffer that is not at the device
# cannot be returned: that is a broken device.

import _virtio
from micropython import const

NEXT = const(1)  # descriptor flags
WRITE = const(2)
INDIRECT = const(4)

BUFFER_BITS = const(10)  # of an entry that gather() makes; the others are its length

barrier = _virtio.barrier
fence = _virtio.fence


class Queue:
    """A virtqueue of `size` buffers (a power of two, at most 1024) with its rings in DMA memory.

    `index` is its number at the device, `name` is for errors. `phys`, `driver_phys` and
    `device_phys` (the descriptors, the driver's area and the device's) are what the transport
    tells the device; it also sets `notify_write(notify_addr, index)`.

    A kind of queue is a subclass, which has in addition

        packed                  which kind it is
        desc                    the descriptors: [4 * i + 2] is the length of buffer i
        order                   the buffer in each slot
        word(flags, i)          the last four bytes of descriptor i
        look()                  how many buffers were returned that nobody took yet
        peek()                  the first of them, -1 if there is none; its `length`
        gather(batch, most)     see the split queue's
        publish()               hand over what is staged, and notify the device if it wants that
        interrupts(on)          ask for an interrupt with the next returned buffer, or (as far as
                                possible) for none
        arm()                   interrupts(True); True if a buffer was returned meanwhile
        _in_order(slot, n), _id(slot)   see reap()
    """

    def __init__(self, index, size, name):
        self.index = index
        self.size = size
        self.mask = size - 1
        self.name = name
        self.bytes = 0  # for the driver's use: it counts what went through
        self.staged = 0  # likewise: where the length of the buffer that is being filled goes
        self.header = 0  # for gather(): bytes before the payload,
        self.room = 0  # and the most that may follow
        self.returned = 0  # how many buffers gather() looked at
        self.event_idx = False  # VIRTIO_F_EVENT_IDX was agreed on
        self.notify_write = None
        self.notify_addr = 0

    def clear(self):
        """Make the queue as a device expects it after its reset; all buffers are free."""
        self.last = 0  # next buffer to come back
        self.avail = 0  # first position that the device was not told of
        self.next = 0  # first free position
        self.length = 0  # bytes that the device wrote to the buffer from the last get()
        self.broken = None  # what the device did wrong; it must be reset
        order = self.order
        for i in range(self.size):
            order[i] = i

    def describe(self, i, addr, length, flags=0):
        """Let descriptor i stand for `length` bytes at physical address `addr`."""
        self.desc_addr[2 * i] = addr
        self.desc[4 * i + 2] = length
        self.desc[4 * i + 3] = self.word(flags, i)

    def stage(self, i):
        """Put buffer i into the next slot, for those who know themselves which are free.

        They take it back with peek(), and add to `last`.
        """
        self.order[self.next & self.mask] = i
        self.next += 1

    def get(self):
        """Take back a buffer that the device is done with: its number, -1 if there is none.

        `length` is what the device wrote. The buffer is free from now on, and comes up again
        for the device once everything that is free before it was staged.
        """
        i = self.peek()
        if i >= 0:
            last = self.last
            if i != self.order[last & self.mask] and not self._swap(last, i):
                return -1
            self.last = last + 1
        return i

    def reap(self):
        """Take back all that the device is done with, whatever was written; how many."""
        n = self.look()
        if n:
            last = self.last
            end = last + n
            mask = self.mask
            while True:
                # Of those that are left, so many are in order; and the one after them is not.
                last += self._in_order(last & mask, end - last)
                if last == end or not self._swap(last, self._id(last & mask)):
                    break
            n -= end - last
            self.last = last
        return n

    # The device returned buffer i where another one stands; False if it never had i.
    def _swap(self, last, i):
        order = self.order
        mask = self.mask
        for position in range(last + 1, self.avail):
            slot = position & mask
            if order[slot] == i:
                order[slot] = order[last & mask]
                order[last & mask] = i
                return True
        self.broken = "buffer %d came back, which it did not have" % i
        return False
