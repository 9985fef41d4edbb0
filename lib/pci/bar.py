# Frostnet: base address registers of PCI functions (PCI Express 5.0 §7.5.1.2.1)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

from pci.function import BRIDGE, DEVICE

r32 = _virtio.r32
w32 = _virtio.w32

_BARS = const(0x10)
_ROM = const(0x30)
_ROM_BRIDGE = const(0x38)

_IO = const(1)
_TYPE = const(6)
_WIDE = const(4)
_PREFETCH = const(8)
_MEMORY_MIN = const(16)
_IO_MIN = const(4)

_COUNT = {DEVICE: 6, BRIDGE: 2}


class Bar:
    """A window that a function asks for: `size` bytes, in the I/O space if `io`.

    `wide` if its address may have 64 bits; `prefetch` if reading it changes nothing. `address` is
    where it is on the bus and `cpu` where the processor sees it; None until it is assigned.
    """

    def __init__(self, register, io, wide, prefetch, size):
        self.address = self.cpu = None
        self.register = register
        self.io = io
        self.wide = wide
        self.prefetch = prefetch
        self.size = size

    def place(self, address, cpu):
        """Give it its address; False if the function did not take it."""
        w32(self.register, address & 0xFFFFFFFF)
        if self.wide:
            w32(self.register + 4, address >> 32)
            if r32(self.register + 4) != address >> 32:
                return False
        if r32(self.register) & (~3 if self.io else ~15) != address & 0xFFFFFFFF:
            return False
        self.address = address
        self.cpu = cpu
        return True

    def drop(self):
        """Take its address back."""
        self.address = self.cpu = None


def measure(function):
    """Find out what `function` asks for: its `bars`. It must not decode addresses meanwhile.

    If it asks for what cannot be, it has `faults`.
    """
    count = _COUNT.get(function.header, 0)
    function.bars = bars = [None] * count
    i = 0
    while i < count:
        register = function.base + _BARS + 4 * i
        mask = _ask(register)
        wide = not mask & _IO and mask & _TYPE == _WIDE
        if wide:
            if i + 1 == count:
                _reject(function, i, "has no second half")
                break
            mask |= _ask(register + 4) << 32
        bars[i] = _understand(function, i, register, mask, wide)
        i += 2 if wide else 1
    if count:
        # What is in the option ROM is of no use here: switch it off.
        w32(function.base + (_ROM if function.header == DEVICE else _ROM_BRIDGE), 0)


# Which bits of a register can be set, or are: the lowest say what it is. Its address is 0 then.
def _ask(register):
    w32(register, 0xFFFFFFFF)
    mask = r32(register)
    w32(register, 0)
    return mask


def _understand(function, i, register, mask, wide):
    if not mask:
        return None  # there is no such register
    kind = mask
    io = bool(kind & _IO)
    if io:
        mask &= ~3
        if not mask >> 16:
            mask |= 0xFFFF0000  # it decodes 16 bits: more are not used here anyway
        width, least = 32, _IO_MIN
    else:
        mask &= ~15
        width, least = 64 if wide else 32, _MEMORY_MIN
        if kind & _TYPE not in (0, _WIDE):
            return _reject(function, i, "is of no known type")
    size = mask & -mask
    # Ones without a gap down from the highest bit, or it is no mask.
    if size < least or mask + size != 1 << width:
        return _reject(function, i, "is broken: its mask is 0x%x" % mask)
    return Bar(register, io, wide, not io and bool(kind & _PREFETCH), size)


def _reject(function, i, what):
    function.faults.append("BAR %d %s" % (i, what))
    function.unsettled = True
