# Frostnet: what a disk was asked, and the memory that it has for its answers
# MIT license; Copyright (c) 2026 The Frostnet authors

# A drive sees only this memory, and keeps a slot of it until it has answered, however long that
# takes: neither Ctrl-C nor a time-out gives it to anybody else. Nothing here allocates or raises,
# except when it begins; see blk.py.
#
# Slots are used in turn, so the next one is the one used longest ago. Until then it keeps what it
# holds: what was read is there for who wants more of it, and what was written for LittleFS, which
# reads it back to compare. A write is "behind" while nobody waits for its answer.

import _virtio
import gc
from array import array

from micropython import const

from virtio.requests import Requests

_DEPTH = const(8)  # requests under way
SEGMENT = const(65536)  # bytes of each, at most
_PARTS = const(3)  # header, data, status (Virtio 1.2 §5.2.6)

_SECTOR_BITS = const(9)
_HEADER = const(16)

IN, OUT, FLUSH = const(0), const(1), const(4)  # what a request is
_OK = const(0)
_WAITING = const(0xFE)  # no status of the device's: it has not answered
_UNSET = const(0xFF)  # nor is this: it answered and did not say how it went

_PATIENCE = const(10000000)  # µs that a drive may take to answer
_GRACE = const(1000000)  # µs that it may take after Ctrl-C, or if it owes older answers already
_TICK = const(10000)  # µs, at most, between two looks at the network

EINTR, EIO, ETIMEDOUT = const(-4), const(-5), const(-110)
AGAIN = const(1)  # the drive broke the rules, or wants to be reset

COUNTERS = (
    "reads",
    "writes",
    "flushes",
    "timeouts",  # requests that the drive did not answer
    "interrupted",  # those that Ctrl-C ended
    "bug_idle",  # exceptions of idle()
)


class Slots:
    """`depth` slots of `segment` bytes in `memory`, each for one request at a time.

    The caller has the lock. `segment` is at most `most` and a multiple of `unit`, both in bytes.
    `next` is the slot for the next request; free() waits until it can be used. `idle`, a function
    or None, is called while the drive is slow. `lost(at, n, owner)` is called when the drive could
    not write what submit() was given with that `owner`.

    Methods that wait return 0, a negative errno, or AGAIN.
    """

    idle = None

    def __init__(self, transport, port, counters, unit, most, lost):
        self._transport = transport
        self._port = port
        self._counters = counters
        self._lost = lost
        self.segment = segment = min(SEGMENT, most) & -unit
        self._requests = requests = Requests(transport, 0, _DEPTH, _PARTS)
        self.depth = depth = requests.depth
        self.memory, self._phys = _virtio.dma(depth * segment)
        self.next = 0
        self._overdue = False  # somebody gave up waiting for one of them
        self._state = bytearray(depth)
        self._kind = bytearray(depth)
        self._owner = [None] * depth
        # What each holds of the drive. Items of "q" would be made anew with each look at them.
        self.start = array("l", bytes(8 * depth))
        self._end = array("l", bytes(8 * depth))
        self._slot_of = bytearray(depth)  # of each request
        self._allocate(depth)

    def submit(self, kind, slot, at, n, owner=None):
        """Ask for `n` bytes from byte `at` on, into or out of a slot that is free."""
        self.start[slot] = at
        self._end[slot] = at + n if kind == OUT else 0
        self._kind[slot] = kind
        self._owner[slot] = owner
        self.next = (slot + 1) % self.depth
        counters = self._counters
        if kind == IN:
            counters.reads += 1
        elif kind == OUT:
            counters.writes += 1
        else:
            counters.flushes += 1
        self._put(slot, at, n)

    def find(self, at, n):
        """A slot that holds all of the `n` bytes from byte `at` on, -1 if there is none."""
        start, end = self.start, self._end
        for slot in range(self.depth):
            if start[slot] <= at and at + n <= end[slot]:
                return slot
        return -1

    def hold(self, slot, n):
        """A slot holds the `n` bytes that were read into it."""
        self._end[slot] = self.start[slot] + n

    def drop(self, at, n):
        """Forget what slots hold of the `n` bytes from byte `at` on: others will be there."""
        start, end = self.start, self._end
        for slot in range(self.depth):
            if start[slot] < at + n and at < end[slot]:
                end[slot] = 0

    def free(self):
        """Wait until the next slot is free."""
        return self._vacate(self.next, _PATIENCE)

    def clear(self, at, n):
        """Wait for writes to any of the `n` bytes from byte `at` on.

        A drive does what it is asked in any order (Virtio 1.2 §5.2.6.2).
        """
        start, end, state = self.start, self._end, self._state
        for slot in range(self.depth):
            if state[slot] == _WAITING and start[slot] < at + n and at < end[slot]:
                result = self._vacate(slot, _PATIENCE)
                if result:
                    return result
        return 0

    def wait(self, slot, patience=_PATIENCE):
        """Wait for the answer in a slot, at most `patience` µs."""
        state = self._state
        port = self._port
        queue = self._requests.queue
        deadline = 0
        result = ETIMEDOUT
        while True:
            self._collect()
            if state[slot] != _WAITING:
                return EIO if state[slot] else 0
            if queue.broken:
                return AGAIN
            if queue.arm():
                continue
            now = port.ticks_us()
            if not deadline:
                deadline = now + patience
            elif self._transport.failed():
                return AGAIN
            if now >= deadline:
                break
            if port.doze(min(deadline, now + _TICK)) and result != EINTR:
                result = EINTR
                deadline = min(deadline, port.ticks_us() + _GRACE)
            if self.idle:
                self._keep_going()
        if result == EINTR:
            self._counters.interrupted += 1
        else:
            self._counters.timeouts += 1
        self._overdue = True
        return result

    def settle(self):
        """Wait for answers that came too late: nothing is asked before they are here."""
        if self._overdue:
            for slot in range(self.depth):
                result = self._vacate(slot, _GRACE)
                if result:
                    return result
            self._overdue = False
        return 0

    def begin(self):
        """The device was reset: let it work, and write what it had not written."""
        self._requests.clear()
        self._transport.ready()
        start = self.start
        for slot in range(self.depth):
            if self._state[slot] == _WAITING and self._kind[slot] == OUT:
                self._put(slot, start[slot], self._end[slot] - start[slot])
            else:
                self._state[slot] = _OK

    # Wait until a slot can be used. How its request ended is not for who wants the slot.
    def _vacate(self, slot, patience):
        if self._state[slot] == _WAITING:
            result = self.wait(slot, patience)
            if result == AGAIN or self._state[slot] == _WAITING:
                return result
        return 0

    def _put(self, slot, at, n):
        requests = self._requests
        kind = self._kind[slot]
        number = requests.begin()  # there is one: they are as many as slots
        heads = self._heads
        heads[4 * number] = kind
        heads[4 * number + 2] = at >> _SECTOR_BITS & 0xFFFFFFFF
        heads[4 * number + 3] = at >> _SECTOR_BITS + 32
        data = self._data[number]
        data[0] = self._phys + slot * self.segment
        data[1] = n
        self._status[number] = _UNSET
        self._state[slot] = _WAITING
        self._slot_of[number] = slot
        if kind == IN:
            requests.put(number, self._head[number], self._data_status[number])
        elif kind == OUT:
            requests.put(number, self._head_data[number], self._tail[number])
        else:
            requests.put(number, self._head[number], self._tail[number])
        requests.flush()

    # Note what the drive has answered.
    def _collect(self):
        requests = self._requests
        number = requests.poll()
        while number >= 0:
            slot = self._slot_of[number]
            status = self._status[number]
            self._state[slot] = status if status != _WAITING else _UNSET
            if status and self._kind[slot] == OUT:
                at = self.start[slot]
                n = self._end[slot] - at
                self._end[slot] = 0
                self._lost(at, n, self._owner[slot])
            number = requests.poll()
        requests.queue.interrupts(False)

    # A collection would close lost files, in the middle of a filesystem that waits for us.
    def _keep_going(self):
        collecting = gc.isenabled()
        gc.disable()
        try:
            self.idle()
        except Exception:
            self._counters.bug_idle += 1
        finally:
            if collecting:
                gc.enable()

    # A header and a status for each request, and what put() wants to know.
    def _allocate(self, depth):
        memory, phys = _virtio.dma(depth * (_HEADER + 1), _HEADER)
        self._heads = _virtio.view(phys, depth * _HEADER // 4, "I")
        self._status = memory[depth * _HEADER :]
        heads = [(phys + n * _HEADER, _HEADER) for n in range(depth)]
        tails = [(phys + depth * _HEADER + n, 1) for n in range(depth)]
        self._data = [[0, 0] for _ in range(depth)]
        self._head = [(head,) for head in heads]
        self._tail = [(tail,) for tail in tails]
        self._head_data = list(zip(heads, self._data))
        self._data_status = list(zip(self._data, tails))
