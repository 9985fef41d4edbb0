# Frostnet: virtio over PCI before virtio 1.0: registers in the I/O space (Virtio 1.2 §4.1.4.10)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

from virtio import VirtioError
from virtio.pci import PCITransport

_DEVICE_FEATURES = const(0x00)
_DRIVER_FEATURES = const(0x04)
_QUEUE_ADDRESS = const(0x08)
_QUEUE_SIZE = const(0x0C)
_QUEUE_SELECT = const(0x0E)
_QUEUE_NOTIFY = const(0x10)
_DEVICE_STATUS = const(0x12)
_ISR_STATUS = const(0x13)
_CONFIG_VECTOR = const(0x14)  # these two only while MSI-X is enabled
_QUEUE_VECTOR = const(0x16)
_CONFIG = const(0x14)
_CONFIG_WITH_MSIX = const(0x18)

_PAGE = const(4096)

r8 = _virtio.r8
r16 = _virtio.r16
r32 = _virtio.r32
w8 = _virtio.w8
w16 = _virtio.w16
w32 = _virtio.w32


class Legacy(PCITransport):
    """A legacy virtio device, whose registers are BAR 0. VirtioError if none can be.

    The device alone says how large its queues are.
    """

    exact = True

    def __init__(self, function, device_id):
        super().__init__(function, device_id, False)
        bar = function.bars[0] if function.bars else None
        self.base = function.window(0, 0, _CONFIG_WITH_MSIX) if bar and bar.io else None
        if self.base is None:
            raise VirtioError(self.where, "has no registers: neither modern nor legacy ones")
        self._isr = self.base + _ISR_STATUS
        self._end = self.base + bar.size
        if self._messages:
            self._messages.enable()

    def config8(self, offset):
        return r8(self._field(offset, 1))

    def config16(self, offset):
        return r16(self._field(offset, 2))

    def config32(self, offset):
        return r32(self._field(offset, 4))

    def _field(self, offset, size):
        at = self.base + (_CONFIG_WITH_MSIX if self._messages else _CONFIG) + offset
        if at + size > self._end:
            raise VirtioError(self.where, "has no configuration at offset %d" % offset)
        return at

    def _read_status(self):
        return r8(self.base + _DEVICE_STATUS)

    def _write_status(self, value):
        w8(self.base + _DEVICE_STATUS, value)

    def _read_features(self, word):
        return 0 if word else r32(self.base + _DEVICE_FEATURES)

    def _write_features(self, word, bits):
        if not word:
            w32(self.base + _DRIVER_FEATURES, bits)

    def _select(self, index):
        base = self.base
        w16(base + _QUEUE_SELECT, index)
        return None if r32(base + _QUEUE_ADDRESS) else r16(base + _QUEUE_SIZE)

    def _place(self, queue):
        self._route()
        w32(self.base + _QUEUE_ADDRESS, queue.phys // _PAGE)

    def _wire(self, queue):
        queue.notify_write = w16
        queue.notify_addr = self.base + _QUEUE_NOTIFY

    def _generation(self):
        return None

    def _set_vector(self, vector):
        w16(self.base + _QUEUE_VECTOR, vector)
        return r16(self.base + _QUEUE_VECTOR)

    def _set_config_vector(self, vector):
        w16(self.base + _CONFIG_VECTOR, vector)
        return r16(self.base + _CONFIG_VECTOR)
