# Frostnet: the PCIe host bridge as the device tree describes it (PCI Bus Binding to IEEE 1275)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
import fdt
from micropython import const

from pci import PCIError

_COMPATIBLE = "pci-host-ecam-generic"

_BUS_SIZE = const(1 << 20)  # of the configuration space of a bus
_BUSES = const(256)

# A PCI address' first cell says which space it is in.
_SPACE_SHIFT = const(24)
_IO, _MEMORY_32, _MEMORY_64 = const(1), const(2), const(3)
_4_GIB = const(1 << 32)

_IO_FIRST = const(0x1000)  # below are ISA's ports, and 0, which means none
_GIC_CELLS = const(3)
_SPI, _SPI_FIRST = const(0), const(32)


class Window:
    """A part of the bus' address space, which the processor sees at `cpu`."""

    def __init__(self, address, cpu, size, skip=0):
        self.address = address
        self.cpu = cpu
        self.size = size
        self._next = address + skip

    def take(self, size, align):
        """Reserve `size` bytes: their address, None if there is no room."""
        address = (self._next + align - 1) // align * align
        if address + size > self.address + self.size:
            return None
        self._next = address + size
        return address


class Host:
    """A host bridge: where configuration space and windows are, where interrupts go.

    `io`, `memory`, `high` are its windows, None if it has no such one; `high` is memory above
    4 GiB. `functions` is what was found behind it.
    """

    io = memory = high = None

    def __init__(self, node):
        self.functions = []
        where = node.path()
        try:
            ecam, size = node.reg()[0]
        except IndexError:
            raise PCIError(where, "the device tree does not say where its registers are")
        self.ecam = ecam
        first, last = (node.table("bus-range", (1, 1)) or [(0, _BUSES - 1)])[0]
        last = min(last, first + size // _BUS_SIZE - 1, _BUSES - 1)
        if first > last:
            raise PCIError(where, "its configuration space is too small for a bus")
        self.first_bus = first
        self.last_bus = last
        try:
            _virtio.map(ecam, size)
            for space, address, cpu, length in _ranges(node):
                self._add(space, address, cpu, length)
        except ValueError as e:
            raise PCIError(where, "its windows cannot be reached (%s)" % e)
        self._lines = _lines(node)
        self._line_mask = (node.table("interrupt-map-mask", (1, 1, 1, 1)) or [(0, 0, 0, 0)])[0]
        self._messages = node.table("msi-map", (1, 1, 1, 1))
        self._message_mask = (node.cells("msi-map-mask") or [0xFFFF])[0]

    def config(self, bus, slot, number):
        """Where the configuration space of a function is."""
        return self.ecam + ((bus - self.first_bus) << 20 | slot << 15 | number << 12)

    def line(self, function):
        """The INTID that a function's INTx line leads to, None if it has none."""
        pin = function.pin
        if not 1 <= pin <= 4:
            return None
        # Each bridge passes its slots' pins on in turns (PCI-to-PCI Bridge 1.2 §9.1).
        while function.above:
            pin = (pin - 1 + function.slot) % 4 + 1
            function = function.above
        mask = self._line_mask
        address = (function.bus << 16 | function.slot << 11 | function.number << 8) & mask[0]
        return self._lines.get((address, pin & mask[3]))

    def message_id(self, function):
        """What the interrupt controller knows a function's messages by, None if it takes none."""
        requester = function.requester() & self._message_mask
        for first, _, base, length in self._messages:
            if first <= requester < first + length:
                return base + requester - first
        return None

    def _add(self, space, address, cpu, length):
        kind = space >> _SPACE_SHIFT & 3
        if kind == _IO and not self.io:
            self.io = Window(address, cpu, length, _IO_FIRST if address < _IO_FIRST else 0)
        elif kind in (_MEMORY_32, _MEMORY_64) and address + length <= _4_GIB and not self.memory:
            self.memory = Window(address, cpu, length)
        elif kind == _MEMORY_64 and address >= _4_GIB and not self.high:
            self.high = Window(address, cpu, length)
            return  # who gets something there has it mapped
        else:
            return
        _virtio.map(cpu, length)


def find():
    """The machine's host bridge, None if it has none. PCIError if it cannot be understood."""
    try:
        nodes = fdt.machine(_COMPATIBLE)
    except ValueError:
        return None  # a damaged tree; what is not behind PCI may work still
    return Host(nodes[0]) if nodes else None


# (space, bus address, CPU address, size) of each window.
def _ranges(node):
    for child, cpu, size in node.ranges():
        yield child >> 64, child & (1 << 64) - 1, cpu, size


# {(function's address, pin): INTID} from the rows of interrupt-map, whose width depends on the
# interrupt controllers that they name.
def _lines(node):
    lines = {}
    controllers = {}
    cells = node.cells("interrupt-map")
    at = 0
    while at + 5 <= len(cells):
        address, pin, phandle = cells[at], cells[at + 3], cells[at + 4]
        if phandle not in controllers:
            controllers[phandle] = _by_phandle(phandle)
        parent = controllers[phandle]
        if not parent:
            break
        skip = at + 5 + parent.cell_count("#address-cells", 0)
        width = parent.cell_count("#interrupt-cells", _GIC_CELLS)
        at = skip + width
        if width == _GIC_CELLS and at <= len(cells) and cells[skip] == _SPI:
            lines.setdefault((address, pin), cells[skip + 1] + _SPI_FIRST)
    return lines


def _by_phandle(phandle):
    for node in fdt.tree():
        if node.cells("phandle") == [phandle]:
            return node
    return None
