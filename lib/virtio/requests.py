# Frostnet: requests to a device: chains of buffers that it reads, and then writes
# MIT license; Copyright (c) 2026 The Frostnet authors

# For devices that answer: disks, control queues, sources of random bytes. A request is a chain of
# descriptors (Virtio 1.2 §2.7.5, §2.8.6), in a table of its own where the device knows indirect
# ones (§2.7.5.3, §2.8.7), so that it takes one place in the ring.

import _virtio
import errno
import time

from micropython import const

from virtio import VirtioError
from virtio.features import INDIRECT_DESC
from virtio.queue import INDIRECT, NEXT, WRITE

_FREE, _BUSY, _DONE, _ORPHAN = const(0), const(1), const(2), const(3)
_PATIENCE = const(1000)  # µs that wait() lets pass before it asks the device for its health


class Requests:
    """At most `depth` requests in queue `index`, each of at most `segments` buffers.

    Made between the transport's negotiate() and ready(). A driver has memory for each request
    number, and

        number = r.begin()                      # fills memory[number], and then
        r.put(number, out, into); r.flush()
        r.wait(number, us)

    with Ctrl-C held back (`_port.lock()`) from put() to wait(), unless it calls poll() later on.
    After `transport.restart()` it calls clear().
    """

    def __init__(self, transport, index, depth, segments):
        self._transport = transport
        indirect = bool(transport.features & INDIRECT_DESC)
        # §2.7.5.3.1: no chain is longer than the queue, even if it is in a table.
        limit = 1
        while limit < (max(depth, segments) if indirect else depth * segments):
            limit <<= 1
        self.queue = queue = transport.queue(index, limit)
        if queue.size < segments:
            transport.fail()
            raise VirtioError(queue.name, "is too small for requests of %d buffers" % segments)
        self.depth = min(depth, queue.size if indirect else queue.size // segments)
        self.segments = segments
        # Request n begins with descriptor n * _spread, and comes back under that name. In a packed
        # queue each descriptor of a chain takes a place.
        self._spread = 1 if indirect else segments
        self._each = queue.packed and not indirect
        self._table = None
        if indirect:
            size = self.depth * segments
            _, self._table_phys = _virtio.dma(16 * size, 16)
            self._table_addr = _virtio.view(self._table_phys, 2 * size, "Q")
            self._table = _virtio.view(self._table_phys, 4 * size, "I")
        self._state = bytearray(self.depth)
        self._places = [0] * self.depth  # that it takes at the device, 0 if it is not there
        self._written = [0] * self.depth  # while the device has it: the most that it may write
        self._epoch = 0
        self.clear()

    def clear(self):
        """Forget all requests: the device was reset. Whoever waits for one gets an error."""
        self._epoch += 1
        self._free = list(range(self.depth))
        self._finished = 0
        for number in range(self.depth):
            self._state[number] = _FREE
            self._places[number] = 0
        self.queue.interrupts(False)

    def begin(self):
        """The number of the next request, -1 if all are under way. Asked twice it is the same."""
        if not self._free:
            self._collect()
        return self._free[-1] if self._free else -1

    def put(self, number, out, into=()):
        """Stage the request that began: (address, length) pairs to read from, and to write to.

        It allocates nothing: disks ask while nothing can be allocated.
        """
        readable = len(out)
        last = readable + len(into) - 1
        if not self._free or number != self._free[-1] or not 0 <= last < self.segments:
            raise ValueError("not the request that began, or not 1 to %d parts" % self.segments)
        room = 0
        queue = self.queue
        head = number * self._spread
        table = number * self.segments
        for k in range(last + 1):
            if k < readable:
                addr, length = out[k]
                flags = 0
            else:
                addr, length = into[k - readable]
                flags = WRITE
                room += length
            more = NEXT if k < last else 0
            if self._table:
                # §2.8.7: in a packed queue's table the order says what follows.
                at = table + k
                word = queue.word(flags, 0) if queue.packed else queue.word(flags | more, k)
                self._table_addr[2 * at] = addr
                self._table[4 * at + 2] = length
                self._table[4 * at + 3] = word
            else:
                i = head + k
                queue.describe(i, addr, length, flags | more)
                if self._each:
                    # §2.8.6: the last one's id counts. QEMU takes the first one's.
                    queue.desc[4 * i + 3] = queue.word(flags | more, head)
                    queue.stage(i)
        if self._table:
            queue.describe(head, self._table_phys + 16 * table, 16 * (last + 1), INDIRECT)
        if not self._each:
            queue.stage(head)
        self._free.pop()
        self._state[number] = _BUSY
        self._places[number] = last + 1 if self._each else 1
        self._written[number] = room

    def flush(self):
        """Hand the device what is staged."""
        if self.queue.next != self.queue.avail:
            self.queue.publish()

    def poll(self):
        """The number of a request that is finished, and free again; -1 if there is none."""
        self._collect()
        if self._finished:
            for number in range(self.depth):
                if self._state[number] == _DONE:
                    self._release(number)
                    return number
        return -1

    def written(self, number):
        """How many bytes the device says it wrote for a request that finished."""
        return self._written[number]

    def wait(self, number, us):
        """Wait for a request; the number of bytes that the device says it wrote.

        OSError: ETIMEDOUT after `us`; the request's memory is the device's until it returns it.
        VirtioError if the device broke the rules, asks for a reset or had one.
        """
        state = self._state
        epoch = self._epoch
        ask = _PATIENCE
        try:
            start = time.ticks_us()
            while True:
                self._collect()
                if epoch != self._epoch:
                    raise VirtioError(self.queue.name, "was reset")
                if state[number] == _DONE:
                    self._release(number)
                    return self._written[number]
                if self.queue.broken:
                    raise VirtioError(self.queue.name, self.queue.broken)
                passed = time.ticks_diff(time.ticks_us(), start)
                if passed >= ask:
                    ask = passed + _PATIENCE
                    if self._transport.failed():
                        raise VirtioError(self.queue.name, "asks for a reset")
                if passed >= us:
                    raise OSError(errno.ETIMEDOUT)
        except BaseException:
            # Ctrl-C too: nobody will ask for it again.
            if epoch == self._epoch:
                if state[number] == _DONE:
                    self._release(number)
                elif state[number] == _BUSY:
                    state[number] = _ORPHAN
            raise

    def pending(self):
        """How many requests the device has, or are staged."""
        return self.depth - len(self._free) - self._finished

    # Note what the device returned.
    def _collect(self):
        queue = self.queue
        while True:
            i = queue.peek()
            if i < 0:
                return
            number = i // self._spread
            places = self._places[number] if number < self.depth else 0
            if not places or i != number * self._spread:
                queue.broken = "request %d came back, which it did not have" % number
                return
            if queue.length > self._written[number]:
                queue.broken = "more was written than there is room for"
                return
            queue.last += places
            self._places[number] = 0
            self._written[number] = queue.length
            if self._state[number] == _ORPHAN:
                self._release(number)
            else:
                self._state[number] = _DONE
                self._finished += 1

    def _release(self, number):
        if self._state[number] == _DONE:
            self._finished -= 1
        self._state[number] = _FREE
        self._free.insert(0, number)
