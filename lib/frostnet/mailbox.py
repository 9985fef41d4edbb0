# Frostnet: the datagrams that wait at an endpoint; post(), which runs per packet, is in viper
# MIT license; Copyright (c) 2026 The Frostnet authors

# Payloads lie one after the other in a ring of bytes, each in one piece: one that does not fit
# before the ring's end goes to its start. The ring grows when it must and then stays, so that
# nothing is allocated per datagram.

from array import array

import micropython
from micropython import const

from frostnet.wire.fast import copy

_DATAGRAMS = const(32)  # a power of 2
_BYTES = const(65536)  # the largest datagram fits
_FIRST_BYTES = const(2048)

# The queue is an array("I"): these and, for each slot, offset in the ring, length, sender's
# address and port.
_COUNT = const(0)
_HEAD = const(1)  # slot of the oldest datagram
_TAIL = const(2)  # where the newest ends in the ring
_SIZE = const(3)  # of the ring
_SRC = const(4)  # sender of the datagram that left last
_SPORT = const(5)
_SLOTS = const(8)
_MASK = const(0x1FFFF)  # of an offset; a length may be as large

# What there is before the first datagram. Nobody writes to it: it has no room.
_EMPTY = array("I", [0] * (_SLOTS + 4))


@micropython.viper
def post(queue: ptr32, ring: ptr32, buf: ptr32, off: int, n: int, src: int, sport: int) -> int:
    """Copy `n` bytes of `buf` at `off` to the ring and return 1; 0 if there is no room now."""
    slot = ptr32(int(queue) + (_SLOTS << 2) + (int(queue[_HEAD]) << 4))
    at = int(queue[_TAIL])
    room = int(queue[_SIZE])  # where it ends
    need = n
    if need == 0:
        need = 1  # a ring that is full is not to look like one that is empty
    if queue[_COUNT] == 0:
        at = 0
    elif at <= int(slot[0]):
        room = int(slot[0])
    elif room - at < need:
        at = 0
        room = int(slot[0])
    if room - at < need or int(queue[_COUNT]) == _DATAGRAMS:
        return 0
    queue[_TAIL] = at + need
    need = int(queue[_COUNT])
    queue[_COUNT] = need + 1
    need = int(queue[_HEAD]) + need & _DATAGRAMS - 1
    slot = ptr32(int(queue) + (_SLOTS << 2) + (need << 4))
    slot[0] = at
    slot[1] = n
    slot[2] = src
    slot[3] = sport
    slot = ptr32(int(ring) + at)
    buf = ptr32(int(buf) + off)
    while n >= 8:
        slot[0] = buf[0]
        slot[1] = buf[1]
        slot = ptr32(int(slot) + 8)
        buf = ptr32(int(buf) + 8)
        n -= 8
    to = ptr8(int(slot))
    tail = ptr8(int(buf))
    while n > 0:
        n -= 1
        to[n] = tail[n]
    return 1


@micropython.viper
def oldest(queue: ptr32, keep: int) -> int:
    """Return length << 17 | offset of the oldest datagram, -1 if there is none; unless `keep` it
    leaves the queue. Its sender is in `queue[_SRC]` and `queue[_SPORT]`.
    """
    slot = int(queue[_COUNT])
    if slot == 0:
        return -1
    if not keep:
        queue[_COUNT] = slot - 1
    slot = int(queue[_HEAD])
    if not keep:
        queue[_HEAD] = slot + 1 & _DATAGRAMS - 1
    slot = _SLOTS + (slot << 2)
    queue[_SRC] = queue[slot + 2]
    queue[_SPORT] = queue[slot + 3]
    return int(queue[slot]) | int(queue[slot + 1]) << 17


class Mailbox:
    """Datagrams and their senders, first in, first out; bounded by number and bytes."""

    def __init__(self):
        self.queue = _EMPTY
        self.ring = b""
        self.src = 0  # sender of the datagram that was taken last
        self.sport = 0
        self.take = self.take  # found at once: a method is looked for in the object first

    def available(self):
        """Return how many datagrams wait."""
        return self.queue[_COUNT]

    def deliver(self, counters, buf, off, end, src, sport):
        """Take the datagram `buf[off:end]` in; it is dropped if there is no room."""
        n = end - off
        if not post(self.queue, self.ring, buf, off, n, src, sport):
            if not self._grow(n) or not post(self.queue, self.ring, buf, off, n, src, sport):
                self.dropped(counters)

    def dropped(self, counters):
        """Count what found no room."""
        counters.udp_drop_queue += 1

    def take(self, peek=False):
        """Return the next datagram, bytes, or None; `src` and `sport` then tell the sender."""
        queue = self.queue
        got = oldest(queue, peek)
        if got < 0:
            return None
        self.src = queue[_SRC]
        self.sport = queue[_SPORT]
        at = got & _MASK
        return bytes(self._view[at : at + (got >> 17)])

    def recv(self, peek=False):
        """Return (bytes, address, port) of the next datagram, or None."""
        data = self.take(peek)
        return None if data is None else (data, self.src, self.sport)

    def recv_into(self, buf, peek=False):
        """Copy the next datagram into `buf`, cut to its size; return the length, or -1 if there
        is none. `src` and `sport` then tell the sender.
        """
        queue = self.queue
        got = oldest(queue, True)
        if got < 0:
            return -1
        n = min(got >> 17, len(buf))
        if n:
            at = got & _MASK
            buf[0] = self.ring[at]  # who passes a constant learns it here
            copy(buf, 0, self.ring, at, n)
        self.src = queue[_SRC]
        self.sport = queue[_SPORT]
        if not peek:
            oldest(queue, False)
        return n

    def clear(self):
        """Forget what waits, and give the memory back."""
        self.queue = _EMPTY
        self.ring = b""
        self._view = None

    # Makes the ring larger, for `n` bytes more; False if it is as large as it may become.
    def _grow(self, n):
        old = self.queue
        count = old[_COUNT]
        if count == _DATAGRAMS or old[_SIZE] == _BYTES:
            return False
        used = n
        for i in range(count):
            used += max(old[_SLOTS + (old[_HEAD] + i & _DATAGRAMS - 1) * 4 + 1], 1)
        size = max(old[_SIZE] * 2, _FIRST_BYTES)
        while size < used:
            size *= 2
        if size > _BYTES:
            return False
        try:
            queue = array("I", [0] * (_SLOTS + _DATAGRAMS * 4))
            ring = bytearray(size)
        except MemoryError:
            return False
        queue[_SIZE] = size
        for i in range(count):
            slot = _SLOTS + (old[_HEAD] + i & _DATAGRAMS - 1) * 4
            post(queue, ring, self.ring, old[slot], old[slot + 1], old[slot + 2], old[slot + 3])
        self.queue = queue
        self.ring = ring
        self._view = memoryview(ring)
        return True
