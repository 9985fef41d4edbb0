# Frostnet: network card (Virtio 1.2 §5.1)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
import time
from array import array

from micropython import const

from frostnet.counters import Counters
from frostnet.link.device import Device
from virtio import VirtioError
from virtio.control import F_CTRL_VQ, Control
from virtio.features import ANY_LAYOUT, VERSION_1
from virtio.queue import WRITE
from virtio.transport import CONFIG

F_MTU = const(1 << 3)
F_MAC = const(1 << 5)
F_MRG_RXBUF = const(1 << 15)
F_STATUS = const(1 << 16)

# MTU, MAC, STATUS, CTRL_VQ, CTRL_RX, GUEST_ANNOUNCE
WANT = const(1 << 3 | 1 << 5 | 1 << 16 | 1 << 17 | 1 << 18 | 1 << 21)
_QUEUE_MAX = const(256)
_QUEUE_MIN = const(8)
_RX, _TX = const(0), const(1)
_NO_INTERRUPT = const(1)
_ETH = const(14)
_VLAN = const(4)  # a tagged frame is this much longer
_MTU = const(1500)
_MTU_MIN = const(68)
_BITS = const(10)  # BUFFER_BITS
_BATCH = const(64)  # frames that one receive() takes from the ring at once
_BURST = const(32)  # frames sent between two notifications, and received between two refills
_FAREWELL = const(20)  # ms
_RESTARTS = const(8)  # without a frame in between, before the card is given up

# Device configuration and header.
_CONFIG_MAC = const(0)
_CONFIG_STATUS = const(6)
_CONFIG_MTU = const(10)
_LINK_UP = const(1)
_ANNOUNCE = const(2)
_HEADER_LEGACY = const(10)
_HEADER = const(12)  # with num_buffers: VERSION_1, or MRG_RXBUF

_COUNTERS = (
    "rx_frames",
    "rx_bytes",
    "rx_drop_length",  # impossible length from the device
    "tx_frames",
    "tx_bytes",
    "tx_full",  # tx() had no buffer to lend
    "tx_lost",  # frames that the card held when it was restarted
    "link_changes",
    "restarts",  # the card broke the rules, or asked for it
)


class VirtioNet(Device):
    """Frame device (docs/architecture.md) on a virtio network card.

    Sending and receiving allocate nothing. It does not use the features named in `without`
    (virtio/features.py). `features` is what was agreed on, `error` the VirtioError that ended the
    card's life, None while it is well.
    """

    def __init__(self, transport, mtu=_MTU, want=WANT, without=()):
        transport.exclude(without)
        self.transport = transport
        self.mtu = mtu
        self.want = want
        self._counters = Counters(_COUNTERS)
        self.error = None
        self._irq = None
        self._take = transport.ack  # says what interrupts there were
        self._batch = array("I", bytes(4 * _BATCH))  # see Queue.gather()
        self._starved = False  # somebody waits for a transmit buffer
        self._refill_at = 0  # position in the receive queue from which on buffers are posted
        self._restarts = 0  # in a row
        self._rx_before = self._tx_before = 0  # frames before the last restart
        try:
            self._negotiate()
            self._make_queues()
            self._refill = min(_BURST, self._rxq.size >> 2) or 1
            self._control = None
            if self.features & F_CTRL_VQ:
                self._control = Control(transport, self._counters)
        except MemoryError:
            transport.fail()
            raise VirtioError(transport.where, "there is no DMA memory left for its buffers")
        self.frame = self._rx_frames[0]
        self.carrier = bool(self._read_status() & _LINK_UP)
        self.mac = self._read_mac()
        self._start()

    def receive(self, handle, budget):
        queue = self._rxq
        batch = self._batch
        plain = queue.gather(batch, budget if budget < _BATCH else _BATCH)
        n = queue.returned
        if not n:
            return False
        if not queue.event_idx:
            queue.interrupts(False)
        frames = self._rx_frames
        total = k = 0
        try:
            while k < plain:
                entry = batch[k]
                k += 1
                length = entry >> _BITS
                total += length
                handle(frames[entry & (1 << _BITS) - 1], length)
        finally:
            # If handle() raised, the frames after this one are for the next call.
            queue.last += k
            queue.bytes += total
        left = budget - plain
        if plain < n:
            while left:
                length = self.rx()
                if not length:
                    break
                handle(self.frame, length)
                left -= 1
        return not left

    def rx(self):
        """Length of the next received frame, which is then in `frame`; 0 if there is none.

        One frame at a time, whatever order the card returns buffers in.
        """
        queue = self._rxq
        i = queue.get()
        while i >= 0:
            n = queue.length - self._header
            if 0 < n <= self._rx_room:
                self.frame = self._rx_frames[i]
                queue.bytes += n
                return n
            self._counters.rx_drop_length += 1
            i = queue.get()
        return 0

    def tx(self):
        queue = self._txq
        position = queue.next
        if position - queue.last == queue.size and not self._make_room():
            return None
        i = queue.order[position & queue.mask]
        queue.staged = (i << 2) + 2
        return self._tx_frames[i]

    def send(self, n):
        queue = self._txq
        queue.desc[queue.staged] = n + self._header
        queue.next = position = queue.next + 1
        queue.bytes += n
        if not position & (_BURST - 1):
            queue.publish()  # a long burst: the card works while the stack does

    def flush(self):
        rxq = self._rxq
        if rxq.last >= self._refill_at:
            self._post()
        txq = self._txq
        if txq.next != txq.avail:
            txq.publish()
            if (txq.next - txq.last) << 1 > txq.size:
                txq.reap()
        if rxq.broken or txq.broken:
            self._restart(rxq.broken or txq.broken)

    @property
    def counters(self):
        # Ring positions count frames. (Storing in an object whose class has a property is slow, so
        # the hot path keeps what it counts in the queues.)
        counters = self._counters
        counters.rx_frames = self._rx_before + self._rxq.last
        counters.rx_bytes = self._rxq.bytes
        counters.tx_frames = self._tx_before + self._txq.next
        counters.tx_bytes = self._txq.bytes
        return counters

    def attach(self, callback):
        """Let the interrupt schedule `callback(irq)` from the next `arm()` on."""
        self._irq = self.transport.irq(callback)
        self._take = self._irq.take
        self._irq.enable()

    def arm(self):
        if self._starved:
            self._txq.interrupts(True)
        # Taken before the rings are looked at: an interrupt that comes after the look schedules
        # the callback only if the one before is taken.
        work = self._take() & CONFIG
        if work:
            self._changed()
        if self._rxq.arm():
            return not self.error
        if self._starved and (self._txq.look() or self._txq.broken):
            work = True
        return bool(work) and not self.error

    def listen(self, groups, everything=False):
        if self._control and not self.error:
            self._control.listen(self.mac, groups, everything)
            self._check_control()

    def stop(self):
        """Stop the card for good; it touches no memory afterwards.

        What was sent last, such as a lease's release, has a few milliseconds to leave.
        """
        if self._irq:
            self._irq.disable()
        txq = self._txq
        for _ in range(_FAREWELL):
            txq.reap()
            if txq.last == txq.avail or txq.broken or self.error:
                break
            time.sleep_ms(1)
        self.transport.reset()
        self._give_up(VirtioError(self.transport.where, "was stopped"))

    def _negotiate(self):
        transport = self.transport
        self.features = features = transport.negotiate(self.want)
        modern = features & VERSION_1
        if not (modern or features & ANY_LAYOUT):
            # §5.1.6.2: such a card wants the header in a buffer of its own. None is known.
            transport.fail()
            raise VirtioError(transport.where, "offers neither VERSION_1 nor ANY_LAYOUT")
        self._header = _HEADER if modern or features & F_MRG_RXBUF else _HEADER_LEGACY
        if features & F_MTU:
            mtu = transport.config16(_CONFIG_MTU)
            if mtu >= _MTU_MIN:
                self.mtu = mtu

    # Transmit headers stay all zero: no offloads.
    def _make_queues(self):
        header = self._header
        room = self._rx_room = _ETH + _VLAN + self.mtu
        self._rxq, _, self._rx_frames = self._buffers(_RX, room, header + room, WRITE)
        self._rxq.header = header
        self._rxq.room = room
        room = _ETH + self.mtu
        self._txq, _, self._tx_frames = self._buffers(_TX, room, header + room, 0)

    # Makes a queue with a DMA buffer of `size` bytes for each descriptor, and leaves memory for
    # others. Returns it, the memory with the buffers one behind the other, at multiples of 64, and
    # the frames: `room` bytes behind the device's header, or as many as there are.
    def _buffers(self, index, room, size, flags):
        header = self._header
        stride = (size + 63) & ~63
        limit = _QUEUE_MAX
        most = _virtio.dma_free() // 3
        while limit > _QUEUE_MIN and limit * stride > most:
            limit >>= 1
        queue = self.transport.queue(index, limit)
        lead = -(header + _ETH) & 3  # puts the IP header at a multiple of 4
        memory, phys = _virtio.dma(lead + stride * queue.size, 64)
        memory = memory[lead:]
        frames = []
        for i in range(queue.size):
            at = i * stride
            queue.describe(i, phys + lead + at, size, flags)
            frames.append(memory[at + header : at + header + room])
        return queue, memory, frames

    def _start(self):
        for queue in (self._rxq, self._txq):
            queue.interrupts(False)
        self.transport.ready()
        self._post()

    # Hand all free receive buffers to the card.
    def _post(self):
        queue = self._rxq
        queue.next = position = queue.last + queue.size
        self._refill_at = position - queue.size + self._refill
        queue.publish()

    def _make_room(self):
        queue = self._txq
        if queue.avail != queue.next:
            queue.publish()
        room = queue.reap()
        if self._starved:
            queue.interrupts(False)
        self._starved = not room
        if not room:
            self._counters.tx_full += 1
        return room

    def _read_mac(self):
        transport = self.transport
        if not self.features & F_MAC:
            import os

            return b"\x02" + os.urandom(5)  # locally administered
        return transport.stable(
            lambda: bytes(transport.config8(_CONFIG_MAC + i) for i in range(6))
        )

    def _read_status(self):
        if not self.features & F_STATUS:
            return _LINK_UP
        return self.transport.config16(_CONFIG_STATUS)

    def _changed(self):
        if self.error:
            return
        if self.transport.failed():
            self._rxq.broken = "the device asked for a reset"
            return
        status = self._read_status()
        up = bool(status & _LINK_UP)
        if up != self.carrier:
            self.carrier = up
            self._counters.link_changes += 1
        if status & _ANNOUNCE and self._control:
            self._control.announced()
            self._check_control()
            if self.on_announce:
                self.on_announce()

    # A card that does not answer is restarted, and asked nothing more.
    def _check_control(self):
        if self._control.lost:
            self._rxq.broken = self._control.lost
            self._control = None

    # The card broke the rules or asked for a reset: begin anew, with the same memory.
    def _restart(self, why):
        if self.error:
            return
        rxq, txq = self._rxq, self._txq
        transport = self.transport
        self._counters.restarts += 1
        self._restarts = 1 if rxq.last else self._restarts + 1
        self._counters.tx_lost += txq.next - txq.last
        try:
            if self._restarts > _RESTARTS:
                raise VirtioError(transport.where, why)
            transport.reset()
            self._clear()
            transport.restart()
            self.carrier = bool(self._read_status() & _LINK_UP)
            self._start()
            if self._control:
                self._control.restart()
                self._check_control()
            self.tx()  # for a send() whose tx() was before
        except VirtioError as e:
            transport.fail()
            self._give_up(e)

    def _give_up(self, error):
        self.error = error
        self.carrier = False
        self._irq = None
        self._take = self.transport.ack
        self._clear()
        for queue in (self._rxq, self._txq):
            queue.avail = queue.next = queue.size  # nothing to receive, nothing free to send
        self._tx_before -= self._txq.size
        self._refill_at = self._rxq.size

    def _clear(self):
        self._rx_before += self._rxq.last
        self._tx_before += self._txq.next
        self._rxq.clear()
        self._txq.clear()
