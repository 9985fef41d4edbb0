# Frostnet: virtio over memory-mapped registers (Virtio 1.2 §4.2), version 1 (legacy) and 2
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

from virtio import VirtioError, fdt
from virtio.queue import ALIGN, Queue

# What every driver may ask of a transport, and this one has. PCI will have the same:
#
#   where, device_id          for errors; what the device is
#   negotiate(want, need)     reset, agree on features; returns what was agreed
#   queue(index, limit)       a Queue of at most `limit` buffers, known to the device
#   restore(queue)            make a queue known again after another negotiate()
#   ready()                   the device may start
#   config8/16/32(offset)     device configuration, `stable(fn)` for more than one field
#   irq(callback)             attach the interrupt; the IRQ object, whose take() is as ack()
#   ack()                     acknowledge the interrupt; bits RING and CONFIG say what it was
#   failed()                  the device asks for a reset
#   fail(), reset()           give up; stop the device

F_NOTIFY_ON_EMPTY = const(1 << 24)
F_ANY_LAYOUT = const(1 << 27)
F_EVENT_IDX = const(1 << 29)
F_VERSION_1 = const(1 << 32)

RING = const(1)  # what ack() returns
CONFIG = const(2)

# The `virt` machine's slots, for when there is no device tree.
_SLOTS = const(32)
_SLOT_BASE = const(0x0A000000)
_SLOT_SIZE = const(0x200)
_SLOT_INTID = const(48)

_MAGIC = const(0x74726976)  # "virt"
_PAGE = const(4096)

# Registers (§4.2.2, §4.2.4).
_MAGIC_VALUE = const(0x000)
_VERSION = const(0x004)
_DEVICE_ID = const(0x008)
_DEVICE_FEATURES = const(0x010)
_DEVICE_FEATURES_SEL = const(0x014)
_DRIVER_FEATURES = const(0x020)
_DRIVER_FEATURES_SEL = const(0x024)
_GUEST_PAGE_SIZE = const(0x028)  # version 1
_QUEUE_SEL = const(0x030)
_QUEUE_NUM_MAX = const(0x034)
_QUEUE_NUM = const(0x038)
_QUEUE_ALIGN = const(0x03C)  # version 1
_QUEUE_PFN = const(0x040)  # version 1
_QUEUE_READY = const(0x044)
_QUEUE_NOTIFY = const(0x050)
_INTERRUPT_STATUS = const(0x060)
_INTERRUPT_ACK = const(0x064)
_STATUS = const(0x070)
_QUEUE_DESC = const(0x080)
_QUEUE_DRIVER = const(0x090)
_QUEUE_DEVICE = const(0x0A0)
_CONFIG_GENERATION = const(0x0FC)
_CONFIG = const(0x100)

# Device status (§2.1).
_ACKNOWLEDGE = const(1)
_DRIVER = const(2)
_DRIVER_OK = const(4)
_FEATURES_OK = const(8)
_NEEDS_RESET = const(64)
_FAILED = const(128)

_TRIES = const(100000)  # reads of a register that ought to change at once

r8 = _virtio.r8
r16 = _virtio.r16
r32 = _virtio.r32
w32 = _virtio.w32


class MMIO:
    """The device in the slot at `base`, whose interrupt is `intid`. VirtioError if none can be.

    An empty slot has device id 0.
    """

    def __init__(self, base, intid):
        self.base = base
        self.intid = intid
        self.where = "virtio-mmio slot at 0x%08x" % base
        self.status = 0
        self._isr = base + _INTERRUPT_STATUS
        magic = r32(base + _MAGIC_VALUE)
        if magic != _MAGIC:
            raise VirtioError(self.where, "magic number is 0x%08x, not 0x%08x" % (magic, _MAGIC))
        self.version = r32(base + _VERSION)
        if not 1 <= self.version <= 2:
            raise VirtioError(self.where, "version %d is not 1 or 2" % self.version)
        self.device_id = r32(base + _DEVICE_ID)

    def negotiate(self, want, need=0):
        """Reset the device and agree on features: `need`, and of `want` what it offers.

        Returns the agreed bits. VirtioError if a needed one is missing or they are refused.
        """
        self.reset()
        self._set(_ACKNOWLEDGE)
        self._set(_DRIVER)
        modern = self.version == 2
        if modern:
            need |= F_VERSION_1
        else:
            w32(self.base + _GUEST_PAGE_SIZE, _PAGE)
        offered = self.offered()
        if need & ~offered:
            self.fail()
            raise VirtioError(self.where, "lacks features 0x%x" % (need & ~offered))
        agreed = offered & (want | need)
        self._write_features(agreed)
        if modern:
            self._set(_FEATURES_OK)
            if not r32(self.base + _STATUS) & _FEATURES_OK:
                self.fail()
                raise VirtioError(self.where, "refused the features 0x%x" % agreed)
        return agreed

    def offered(self):
        """The features that the device offers."""
        base = self.base
        w32(base + _DEVICE_FEATURES_SEL, 1)
        high = r32(base + _DEVICE_FEATURES)
        w32(base + _DEVICE_FEATURES_SEL, 0)
        return high << 32 | r32(base + _DEVICE_FEATURES)

    def queue(self, index, limit):
        """Queue number `index` with at most `limit` (a power of two) buffers."""
        self._select(index)
        most = r32(self.base + _QUEUE_NUM_MAX)
        size = limit
        while size > most:
            size >>= 1
        if not size:
            self.fail()
            raise VirtioError(self.where, "has no queue %d" % index)
        queue = Queue(index, size, "%s, queue %d" % (self.where, index))
        queue.notify_write = w32
        queue.notify_addr = self.base + _QUEUE_NOTIFY
        self.restore(queue)
        return queue

    def restore(self, queue):
        """Tell the device, which was reset, where an existing queue is."""
        base = self.base
        self._select(queue.index)
        w32(base + _QUEUE_NUM, queue.size)
        if self.version == 1:
            w32(base + _QUEUE_ALIGN, ALIGN)
            w32(base + _QUEUE_PFN, queue.phys // _PAGE)
        else:
            self._write_address(_QUEUE_DESC, queue.phys)
            self._write_address(_QUEUE_DRIVER, queue.avail_phys)
            self._write_address(_QUEUE_DEVICE, queue.used_phys)
            w32(base + _QUEUE_READY, 1)

    def ready(self):
        """Set-up is done: let the device work."""
        self._set(_DRIVER_OK)

    def config8(self, offset):
        return r8(self.base + _CONFIG + offset)

    def config16(self, offset):
        return r16(self.base + _CONFIG + offset)

    def config32(self, offset):
        return r32(self.base + _CONFIG + offset)

    def stable(self, read):
        """`read()`, repeated until the configuration did not change meanwhile (§2.5.2)."""
        if self.version == 1:
            # There is no generation: two equal readings are as good as it gets.
            value = read()
            for _ in range(_TRIES):
                again = read()
                if again == value:
                    break
                value = again
            return value
        generation = self.base + _CONFIG_GENERATION
        for _ in range(_TRIES):
            before = r32(generation)
            value = read()
            if r32(generation) == before:
                break
        return value

    def irq(self, callback):
        """Attach the interrupt to `callback(irq)`; it is off until `enable()`."""
        return _virtio.IRQ(self.intid, callback, self._isr, self.base + _INTERRUPT_ACK)

    def ack(self):
        """Acknowledge the interrupt; the bits (RING, CONFIG) that it stood for."""
        bits = r32(self._isr)
        if bits:
            w32(self.base + _INTERRUPT_ACK, bits)
        return bits

    def failed(self):
        return bool(r32(self.base + _STATUS) & _NEEDS_RESET)

    def fail(self):
        """Give up on the device: stop it, and leave a sign."""
        w32(self.base + _STATUS, 0)
        self.status = _FAILED
        w32(self.base + _STATUS, _FAILED)

    def reset(self):
        """Stop the device: afterwards it touches no memory."""
        self.status = 0
        w32(self.base + _STATUS, 0)
        for _ in range(_TRIES):
            if not r32(self.base + _STATUS):
                return
        raise VirtioError(self.where, "does not come out of its reset")

    def _set(self, bit):
        self.status |= bit
        w32(self.base + _STATUS, self.status)

    def _select(self, index):
        base = self.base
        w32(base + _QUEUE_SEL, index)
        if r32(base + (_QUEUE_PFN if self.version == 1 else _QUEUE_READY)):
            self.fail()
            raise VirtioError(self.where, "queue %d is in use after a reset" % index)

    def _write_features(self, bits):
        base = self.base
        w32(base + _DRIVER_FEATURES_SEL, 1)
        w32(base + _DRIVER_FEATURES, bits >> 32)
        w32(base + _DRIVER_FEATURES_SEL, 0)
        w32(base + _DRIVER_FEATURES, bits & 0xFFFFFFFF)

    def _write_address(self, register, address):
        w32(self.base + register, address & 0xFFFFFFFF)
        w32(self.base + register + 4, address >> 32)


def slots():
    """(base, INTID) of every slot, from the device tree or, without one, the known places."""
    try:
        nodes = fdt.find(_virtio.fdt(), "virtio,mmio")
        found = [(n.reg()[0][0], n.interrupts()[0]) for n in nodes]
    except (ValueError, IndexError, TypeError, OSError):
        found = []  # damaged or absent: the machine has them where it always has
    if not found:
        found = [(_SLOT_BASE + n * _SLOT_SIZE, _SLOT_INTID + n) for n in range(_SLOTS)]
    return sorted(found)


def probe():
    """A transport for every device, lowest slot first, and the first VirtioError or None."""
    found = []
    error = None
    for base, intid in slots():
        try:
            device = MMIO(base, intid)
        except VirtioError as e:
            error = error or e
        else:
            if device.device_id:
                found.append(device)
    return found, error
