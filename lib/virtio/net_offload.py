# Frostnet: network card that sums, cuts and joins for us (Virtio 1.2 §5.1.6)
# MIT license; Copyright (c) 2026 The Frostnet authors

# To send, the header in front of a frame says where a checksum is to be made, and how large the
# segments are that the card shall cut (CSUM, HOST_TSO4). Of received frames it says whether the
# checksum is known to be good, or not made yet, and of segments of what size the card has joined
# them (GUEST_CSUM, GUEST_TSO4).
#
# A joined frame has up to 64 KiB. With MRG_RXBUF it comes in as many receive buffers as it takes.
# These lie one behind the other in memory, without gaps: a card that uses them in order, and that
# is every one known, puts the frame in one piece. A frame that goes from the last buffer on to the
# first is put together elsewhere. Without MRG_RXBUF each buffer is as large as the largest frame.

import _virtio
from array import array

from micropython import const

from frostnet.link.device import SIZE
from frostnet.wire.fast import copy
from virtio.control import F_CTRL_RX, F_CTRL_VQ, F_GUEST_ANNOUNCE
from virtio.fast import frames
from virtio.net import F_MRG_RXBUF, WANT, VirtioNet
from virtio.queue import BUFFER_BITS, WRITE

F_CSUM = const(1 << 0)
F_GUEST_CSUM = const(1 << 1)
F_GUEST_TSO4 = const(1 << 7)
F_HOST_TSO4 = const(1 << 11)

_WANT = const(1 << 0 | 1 << 1 | 1 << 7 | 1 << 11 | 1 << 15)  # these, and MRG_RXBUF

_RX, _TX = const(0), const(1)
_QUEUE_MAX = const(256)
_ETH = const(14)
_VLAN = const(4)
_IP_MAX = const(65535)
_FRAMES = const(64)  # that one receive() takes from the ring at once
_CHUNK = const(4096)  # a receive buffer with MRG_RXBUF; a power of two

# The header in front of a frame (§5.1.6).
_FLAGS = const(0)
_GSO_TYPE = const(1)
_HDR_LEN = const(2)
_GSO_SIZE = const(4)
_CSUM_START = const(6)
_CSUM_OFFSET = const(8)
_NUM_BUFFERS = const(10)
_NEEDS_CSUM = const(1)
_CHECKED = const(3)  # NEEDS_CSUM and DATA_VALID, which are link.device's PARTIAL and VALID
_TCPV4 = const(1)

# Entries that fast.frames() makes, and what it wants to know.
_BITS = const(10)
_BUFFER_MASK = const(0x3FF)
_OFFLOAD_BITS = const(18)
_OFFLOAD_MASK = const(0x3FFFF)
_TRUST, _MOST = const(4), const(5)

assert _BITS == BUFFER_BITS


class OffloadNet(VirtioNet):
    """VirtioNet that uses what the card offers of CSUM, HOST_TSO4, GUEST_CSUM and GUEST_TSO4."""

    def __init__(self, transport, mtu=1500, without=()):
        super().__init__(transport, mtu, WANT | _WANT, without)
        if self._plain:
            self.receive = super().receive
            self.rx = super().rx
        self._send = super().send
        if not self.csum:
            self.send = self._send

    def receive(self, handle, budget):
        queue = self._rxq
        batch = self._batch
        plain = queue.gather(batch, _QUEUE_MAX)
        n = queue.returned
        if not n:
            return False
        if not queue.event_idx:
            queue.interrupts(False)
        found = self._found
        shape = self._shape
        shape[_MOST] = most = budget if budget < _FRAMES else _FRAMES
        count = frames(found, batch, plain, self._rx_memory, shape)
        views = self._rx_frames
        last = begin = queue.last
        total = k = 0
        try:
            while k < count:
                entry = found[k + k]
                offload = found[k + k + 1]
                k += 1
                last += offload >> _OFFLOAD_BITS
                length = entry >> _BITS
                total += length
                handle(views[entry & _BUFFER_MASK], length, offload & _OFFLOAD_MASK)
        finally:
            # If handle() raised, the frames after this one are for the next call.
            queue.last = last
            queue.bytes += total
            if last - begin != k:
                self._rx_before -= last - begin - k  # positions in the queue count as frames
        if count == most:
            return True
        left = budget - count
        if last - begin < n:
            while left:
                length = self.rx()
                if not length:
                    break
                handle(self.frame, length, self.offload)
                left -= 1
        return not left

    def rx(self):
        """As VirtioNet.rx(); `offload` says of the frame what link/device.py has names for."""
        queue = self._rxq
        i = queue.get()
        while i >= 0:
            at = i * self._stride
            length = queue.length
            n = length - self._header
            self.frame = self._rx_frames[i]
            memory = self._rx_memory
            if self._several and n > 0:
                count = memory[at + _NUM_BUFFERS] | memory[at + _NUM_BUFFERS + 1] << 8
                if count != 1:
                    n = self._join(i, n, count)
            if 0 < n <= self._rx_room:
                queue.bytes += n
                self.offload = self._offload(at)
                return n
            self._counters.rx_drop_length += 1
            if queue.broken:
                break
            i = queue.get()
        return 0

    def send(self, n):
        i = self._txq.staged >> 2
        if self._marked[i]:
            # The header is that of an earlier frame.
            self._marked[i] = 0
            self._write_header(i, 0, 0, 0, 0, 0, 0)
        self._send(n)

    def send_partial(self, n, start, offset, head, size):
        """Queue the first `n` bytes of the buffer of tx(), with work left to do: the checksum of
        what begins at `start` goes to `offset` in it, where the pseudo-header's sum is now; and
        if `size`, what follows the first `head` bytes leaves in segments of `size` bytes.
        """
        i = self._txq.staged >> 2
        self._marked[i] = 1
        gso = _TCPV4 if size else 0
        self._write_header(i, _NEEDS_CSUM, gso, head, size, start, offset)
        self._send(n)

    def _negotiate(self):
        super()._negotiate()
        sensible = self.features
        if not sensible & F_CSUM:
            sensible &= ~F_HOST_TSO4
        if not sensible & F_GUEST_CSUM:
            sensible &= ~F_GUEST_TSO4
        if not sensible & F_GUEST_TSO4 and self.mtu <= _CHUNK - 64:
            sensible &= ~F_MRG_RXBUF
        if not sensible & F_CTRL_VQ:
            sensible &= ~(F_CTRL_RX | F_GUEST_ANNOUNCE)
        if sensible != self.features:
            self.want = sensible
            super()._negotiate()

    def _make_queues(self):
        features = self.features
        header = self._header
        mtu = self.mtu
        self.csum = bool(features & F_CSUM)
        if features & F_HOST_TSO4:
            self.tso = _IP_MAX
        if features & F_GUEST_TSO4:
            self.rx_max = _IP_MAX
        self._plain = not features & (F_GUEST_CSUM | F_MRG_RXBUF)  # nothing to see in headers
        self.offload = 0
        self._several = bool(features & F_MRG_RXBUF)  # buffers may make one frame
        room = self._rx_room = _ETH + _VLAN + (self.rx_max or mtu)
        size = _CHUNK if self._several else header + room
        self._rxq, self._rx_memory, self._rx_frames = self._buffers(_RX, room, size, WRITE)
        self._stride = stride = (size + 63) & ~63
        trust = _CHECKED if features & F_GUEST_CSUM else 0
        self._shape = array("I", (header, room, stride, self._several, trust, 0))
        self._found = array("I", bytes(8 * _FRAMES))
        self._batch = array("I", bytes(4 * _QUEUE_MAX))
        self._rxq.header = header if self._plain else 0
        self._rxq.room = room if self._plain else size
        if self._several:
            self._joined = _virtio.dma(room, 64)[0]
        room = _ETH + (self.tso or mtu)
        size = header + room
        self._txq, self._tx_memory, self._tx_frames = self._buffers(_TX, room, size, 0)
        self._tx_stride = (size + 63) & ~63
        self._marked = bytearray(self._txq.size)  # transmit buffers whose header is not all zero

    # Puts a frame that came in `count` buffers into one piece. The first is buffer i, with `n`
    # bytes of frame. Returns its length, 0 if it makes no sense.
    def _join(self, i, n, count):
        queue = self._rxq
        stride = self._stride
        header = self._header
        memory = self._rx_memory
        self.frame = whole = self._joined
        good = count and n <= stride - header
        if good:
            copy(whole, 0, memory, i * stride + header, n)
        while count > 1:
            count -= 1
            i = queue.get()
            if i < 0:
                queue.broken = queue.broken or "a frame came without its last buffers"
                return 0
            self._rx_before -= 1
            part = queue.length
            good = good and part <= stride and n + part <= self._rx_room
            if good:
                copy(whole, n, memory, i * stride, part)
                n += part
        return n if good else 0

    def _offload(self, at):
        memory = self._rx_memory
        size = 0
        if memory[at + _GSO_TYPE] == _TCPV4:
            size = memory[at + _GSO_SIZE] | memory[at + _GSO_SIZE + 1] << 8
        return size << SIZE | memory[at + _FLAGS] & self._shape[_TRUST]

    # Fields are little-endian: those of a modern card, and of a legacy one in a guest that is.
    def _write_header(self, i, flags, kind, head, size, start, offset):
        at = i * self._tx_stride
        memory = self._tx_memory
        memory[at + _FLAGS] = flags
        memory[at + _GSO_TYPE] = kind
        memory[at + _HDR_LEN] = head & 0xFF
        memory[at + _HDR_LEN + 1] = head >> 8
        memory[at + _GSO_SIZE] = size & 0xFF
        memory[at + _GSO_SIZE + 1] = size >> 8
        memory[at + _CSUM_START] = start & 0xFF
        memory[at + _CSUM_START + 1] = start >> 8
        memory[at + _CSUM_OFFSET] = offset & 0xFF
        memory[at + _CSUM_OFFSET + 1] = offset >> 8
