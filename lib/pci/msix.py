# Frostnet: MSI-X: interrupts as messages (PCI Express 5.0 §6.1.4, §7.7.2)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

from pci.function import CAP_MSIX

r16 = _virtio.r16
r32 = _virtio.r32
w16 = _virtio.w16
w32 = _virtio.w32

# The capability.
_CONTROL = const(2)
_COUNT = const(0x7FF)  # less one
_MASK_ALL = const(0x4000)
_ENABLE = const(0x8000)
_TABLE = const(4)
_BAR = const(7)

# An entry of the table.
_ENTRY = const(16)
_ADDRESS = const(0)
_ADDRESS_HIGH = const(4)
_DATA = const(8)
_VECTOR_CONTROL = const(12)
_MASKED = const(1)


class Table:
    """The table of a function's messages, `count` of them, at CPU address `base`."""

    def __init__(self, control, base, count):
        self._control = control
        self.base = base
        self.count = count

    def enable(self):
        """Send messages instead of using the INTx line; each is masked until set()."""
        # Set-up before the table is touched, so that nothing stale is sent meanwhile.
        w16(self._control, _ENABLE | _MASK_ALL)
        for i in range(self.count):
            w32(self.base + _ENTRY * i + _VECTOR_CONTROL, _MASKED)
        w16(self._control, _ENABLE)

    def disable(self):
        """Use the INTx line again."""
        w16(self._control, 0)

    def set(self, i, address, data):
        """Let message `i` be a store of `data` at `address`."""
        entry = self.base + _ENTRY * i
        w32(entry + _VECTOR_CONTROL, _MASKED)
        w32(entry + _ADDRESS, address & 0xFFFFFFFF)
        w32(entry + _ADDRESS_HIGH, address >> 32)
        w32(entry + _DATA, data)
        w32(entry + _VECTOR_CONTROL, 0)


def find(function):
    """The `Table` of a function, None if it has none, or none that can be right."""
    at = function.find(CAP_MSIX)
    if at is None or at + 12 > 0x100:
        return None
    control = function.base + at + _CONTROL
    count = (r16(control) & _COUNT) + 1
    where = r32(function.base + at + _TABLE)
    base = function.window(where & _BAR, where & ~_BAR, _ENTRY * count)
    if base is None:
        function.faults.append("its MSI-X table is in no BAR")
        return None
    return Table(control, base, count)
