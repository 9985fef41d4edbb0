# Frostnet: what a disk was asked, and the memory that it has for its answers
# MIT license; Copyright (c) 2026 The Frostnet authors

# A drive sees only this memory, and keeps a slot of it until it has answered, however long that
# takes: neither Ctrl-C nor a time-out gives it to anybody else. Nothing here allocates or raises,
# except when it begins; see blk.py.

import _virtio
import gc

from micropython import const

from virtio.requests import Requests

_DEPTH = const(4)  # requests under way
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

    The caller uses them in turn, and has the lock. `segment` is at most `most` and a multiple of
    `unit`, both in bytes. `idle`, a function or None, is called while the drive is slow.
    """

    idle = None

    def __init__(self, transport, port, counters, unit, most):
        self._transport = transport
        self._port = port
        self._counters = counters
        self.segment = segment = min(SEGMENT, most) & -unit
        self._requests = requests = Requests(transport, 0, _DEPTH, _PARTS)
        self.depth = depth = requests.depth
        self.memory, self._phys = _virtio.dma(depth * segment)
        self._state = bytearray(depth)
        self._slot_of = bytearray(depth)  # of each request
        self._allocate(depth)

    def submit(self, kind, slot, at, n):
        """Ask for `n` bytes from byte `at` on, into or out of a slot that is free."""
        requests = self._requests
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
        counters = self._counters
        if kind == IN:
            requests.put(number, self._head[number], self._data_status[number])
            counters.reads += 1
        elif kind == OUT:
            requests.put(number, self._head_data[number], self._tail[number])
            counters.writes += 1
        else:
            requests.put(number, self._head[number], self._tail[number])
            counters.flushes += 1
        requests.flush()

    def wait(self, slot, patience=_PATIENCE):
        """Wait for the answer in a slot, at most `patience` µs: 0, a negative errno, or AGAIN."""
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
        return result

    def settle(self):
        """Wait for answers that came too late; 0, a negative errno, or AGAIN.

        An old request that is answered late must not overtake a newer one.
        """
        for slot in range(self.depth):
            if self._state[slot] == _WAITING:
                result = self.wait(slot, _GRACE)
                if result == AGAIN or self._state[slot] == _WAITING:
                    return result
        return 0

    def begin(self):
        """The device was reset, and nothing is under way: let it work."""
        self._requests.clear()
        for slot in range(self.depth):
            self._state[slot] = _OK
        self._transport.ready()

    # Note what the drive has answered.
    def _collect(self):
        requests = self._requests
        number = requests.poll()
        while number >= 0:
            self._state[self._slot_of[number]] = self._status[number]
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
