# Frostnet: virtio over memory-mapped registers (Virtio 1.2 §4.2), version 1 (legacy) and 2
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

import fdt
from virtio import VirtioError
from virtio.split import ALIGN
from virtio.transport import Transport

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

r8 = _virtio.r8
r16 = _virtio.r16
r32 = _virtio.r32
w32 = _virtio.w32


class MMIO(Transport):
    """The device in the slot at `base`, whose interrupt is `intid`. VirtioError if none can be.

    An empty slot has device id 0.
    """

    def __init__(self, base, intid):
        self.base = base
        self.intid = intid
        self._isr = base + _INTERRUPT_STATUS
        where = "virtio-mmio slot at 0x%08x" % base
        magic = r32(base + _MAGIC_VALUE)
        if magic != _MAGIC:
            raise VirtioError(where, "magic number is 0x%08x, not 0x%08x" % (magic, _MAGIC))
        version = r32(base + _VERSION)
        if not 1 <= version <= 2:
            raise VirtioError(where, "version %d is not 1 or 2" % version)
        super().__init__(where, r32(base + _DEVICE_ID), version == 2)

    def config8(self, offset):
        return r8(self.base + _CONFIG + offset)

    def config16(self, offset):
        return r16(self.base + _CONFIG + offset)

    def config32(self, offset):
        return r32(self.base + _CONFIG + offset)

    def irq(self, callback):
        """Attach the interrupt to `callback(irq)`; it is off until `enable()`."""
        return _virtio.IRQ(self.intid, callback, self._isr, self.base + _INTERRUPT_ACK)

    def ack(self):
        """Acknowledge the interrupt; the bits (RING, CONFIG) that it stood for."""
        bits = r32(self._isr)
        if bits:
            w32(self.base + _INTERRUPT_ACK, bits)
        return bits

    def _read_status(self):
        return r32(self.base + _STATUS)

    def _write_status(self, value):
        w32(self.base + _STATUS, value)

    def _read_features(self, word):
        w32(self.base + _DEVICE_FEATURES_SEL, word)
        return r32(self.base + _DEVICE_FEATURES)

    def _write_features(self, word, bits):
        w32(self.base + _DRIVER_FEATURES_SEL, word)
        w32(self.base + _DRIVER_FEATURES, bits)

    def _select(self, index):
        base = self.base
        w32(base + _QUEUE_SEL, index)
        if r32(base + (_QUEUE_READY if self.modern else _QUEUE_PFN)):
            return None
        return r32(base + _QUEUE_NUM_MAX)

    def _place(self, queue):
        base = self.base
        w32(base + _QUEUE_NUM, queue.size)
        if self.modern:
            self._write_address(_QUEUE_DESC, queue.phys)
            self._write_address(_QUEUE_DRIVER, queue.driver_phys)
            self._write_address(_QUEUE_DEVICE, queue.device_phys)
            w32(base + _QUEUE_READY, 1)
        else:
            w32(base + _GUEST_PAGE_SIZE, _PAGE)
            w32(base + _QUEUE_ALIGN, ALIGN)
            w32(base + _QUEUE_PFN, queue.phys // _PAGE)

    def _wire(self, queue):
        queue.notify_write = w32
        queue.notify_addr = self.base + _QUEUE_NOTIFY

    def _generation(self):
        return r32(self.base + _CONFIG_GENERATION) if self.modern else None

    def _write_address(self, register, address):
        w32(self.base + register, address & 0xFFFFFFFF)
        w32(self.base + register + 4, address >> 32)


def slots():
    """(base, INTID) of every slot, from the device tree or, without one, the known places.

    The highest comes first: QEMU fills the slots from there, in the order of its command line.
    """
    try:
        nodes = fdt.machine("virtio,mmio")
        found = [(n.reg()[0][0], n.interrupts()[0]) for n in nodes]
    except (ValueError, IndexError, TypeError, OSError):
        found = []  # damaged or absent: the machine has them where it always has
    if not found:
        found = [(_SLOT_BASE + n * _SLOT_SIZE, _SLOT_INTID + n) for n in range(_SLOTS)]
    return sorted(found, reverse=True)


def probe():
    """A transport for every device, highest slot first, and the VirtioErrors of others."""
    found = []
    errors = []
    for base, intid in slots():
        if r32(base + _MAGIC_VALUE) == _MAGIC and not r32(base + _DEVICE_ID):
            continue  # an empty slot, as most are
        try:
            device = MMIO(base, intid)
        except VirtioError as e:
            errors.append(e)
        else:
            found.append(device)
    return found, errors
