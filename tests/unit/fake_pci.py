# Frostnet: a PCIe host bridge with functions and bridges for tests, which insist on the rules
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import fake_board
from fake_tree import Tree

ECAM = 0x4010000000
IO_WINDOW = (0, 0x3EFF0000, 0x10000)  # bus address, CPU address, size
MEMORY_WINDOW = (0x10000000, 0x10000000, 0x2EFF0000)
HIGH_WINDOW = (0x8000000000, 0x8000000000, 0x8000000000)
DOORBELL = 0x08020040
GIC, V2M = 0x8001, 0x8003

# Kinds of BARs: their lowest bits.
IO, MEM32, MEM64, AHEAD32, AHEAD64 = 1, 0, 4, 8, 12

COMMAND, CLASS, HEADER, SUBSYSTEM, CAPS, PIN = 0x04, 0x08, 0x0E, 0x2C, 0x34, 0x3D
DECODE_IO, DECODE_MEMORY, MASTER, NO_INTX = 1, 2, 4, 0x400

ROOT_PORT, UPSTREAM, DOWNSTREAM, TO_PCI = 4, 5, 6, 7


def express(kind=0):
    """A PCI Express capability."""
    return 0x10, struct.pack("<H", kind << 4 | 2)


class Function:
    """A function's configuration space. `bars` is {index: (kind, size)}, `caps` [(id, data)]."""

    header = 0
    bar_count = 6

    def __init__(self, vendor=0x1234, device=0x5678, class_code=0xFF0000, bars=None, caps=(),
                 pin=1, multi=False, subsystem=0x11001AF4):  # fmt: skip
        self.space = bytearray(256)
        self.writable = bytearray(256)
        struct.pack_into("<HH", self.space, 0, vendor, device)
        struct.pack_into("<I", self.space, CLASS, class_code << 8 | 1)
        self.space[HEADER] = self.header | (0x80 if multi else 0)
        self.space[PIN] = pin
        if not self.header:
            struct.pack_into("<I", self.space, SUBSYSTEM, subsystem)
        self.writable[COMMAND], self.writable[COMMAND + 1] = 0x07, 0x04
        self.bars = bars or {}
        for i, (kind, size) in self.bars.items():
            at = 0x10 + 4 * i
            mask = (1 << 64) - size
            struct.pack_into("<I", self.space, at, kind)
            struct.pack_into("<I", self.writable, at, mask & 0xFFFFFFFF)
            if kind & 7 == 4:
                struct.pack_into("<I", self.writable, at + 4, mask >> 32)
        self.forced = {}  # {offset: byte that is read there whatever was written}
        self.above = self.board = None
        self.at_caps = {}
        self.add_caps(caps)

    def add_caps(self, caps):
        """Append capabilities; `at_caps` {id: offset of the last with that id} tells where."""
        at = 0x40
        link = CAPS
        for cap, data in caps:
            self.space[6] |= 0x10
            self.space[link] = at
            self.space[at] = cap
            self.space[at + 2 : at + 2 + len(data)] = data
            self.at_caps[cap] = at
            link = at + 1
            at = at + 2 + len(data) + 3 & ~3
        assert at <= 256

    def read(self, offset, width):
        if offset >= 256:
            return 0
        assert offset % width == 0, "configuration access across a boundary"
        raw = bytearray(self.space[offset : offset + width])
        for i in range(width):
            if offset + i in self.forced:
                raw[i] = self.forced[offset + i]
        return int.from_bytes(raw, "little")

    def write(self, offset, width, value):
        assert offset % width == 0, "configuration access across a boundary"
        assert 0x10 > offset or offset >= 0x28 or self.header or not self.command() & 3, (
            "BAR changed while it is decoded"
        )
        for i in range(width):
            mask = self.writable[offset + i] if offset + i < 256 else 0
            byte = value >> 8 * i & mask
            if mask:
                self.space[offset + i] = self.space[offset + i] & ~mask | byte

    def command(self):
        return struct.unpack_from("<H", self.space, COMMAND)[0]

    def u32(self, at):
        return struct.unpack_from("<I", self.space, at)[0]

    def placed(self):
        """(index, is I/O, bus address, size) of every BAR."""
        for i, (kind, size) in self.bars.items():
            address = self.u32(0x10 + 4 * i) & ~(3 if kind & 1 else 15)
            if kind & 7 == 4:
                address |= self.u32(0x14 + 4 * i) << 32
            yield i, bool(kind & 1), address, size

    def reach(self, io, address):
        """(function, BAR, offset) of what answers at that address of the bus, or None."""
        for i, is_io, base, size in self.placed():
            decoded = self.command() & (DECODE_IO if io else DECODE_MEMORY)
            if is_io == io and decoded and base <= address < base + size:
                return self, i, address - base
        return None

    # What is in the BARs: for subclasses.

    def read_bar(self, bar, offset, width):
        raise AssertionError("read of BAR %d" % bar)

    def write_bar(self, bar, offset, width, value):
        raise AssertionError("write to BAR %d" % bar)


class Bridge(Function):
    """A bridge of `kind`; None for one that is not PCI Express. `children` {(slot, number): …}."""

    header = 1
    bar_count = 2

    def __init__(self, kind=ROOT_PORT, children=None, io=True, ahead=1, **kwargs):
        caps = () if kind is None else (express(kind),)
        super().__init__(class_code=0x060400, caps=caps, **kwargs)
        self.children = children or {}
        for at in (0x18, 0x19, 0x1A):
            self.writable[at] = 0xFF
        for at in (0x20, 0x22):
            struct.pack_into("<H", self.writable, at, 0xFFF0)
        if io:
            self.writable[0x1C] = self.writable[0x1D] = 0xF0
        if ahead is not None:
            for at in (0x24, 0x26):
                struct.pack_into("<H", self.writable, at, 0xFFF0)
                self.space[at] = ahead
            for at in range(0x28, 0x30):
                self.writable[at] = 0xFF if ahead else 0

    def find(self, bus, slot, number):
        """The function that a configuration access reaches behind this bridge."""
        first, last = self.space[0x19], self.space[0x1A]
        if not first <= bus <= last or not first:
            return None
        if bus == first:
            return self.children.get((slot, number))
        return find(self.children, bus, slot, number)

    def windows(self, io):
        """(first, last) of the windows, last < first for a closed one."""
        space = self.space
        if io:
            yield (space[0x1C] & 0xF0) << 8, (space[0x1D] & 0xF0) << 8 | 0xFFF
            return
        for at, high in ((0x20, None), (0x24, 0x28)):
            base, limit = struct.unpack_from("<HH", space, at)
            first, last = (base & 0xFFF0) << 16, (limit & 0xFFF0) << 16 | 0xFFFFF
            if high:
                first |= self.u32(high) << 32
                last |= self.u32(high + 4) << 32
            yield first, last

    def reach(self, io, address):
        found = super().reach(io, address)
        if found:
            return found
        if self.command() & (DECODE_IO if io else DECODE_MEMORY):
            for first, last in self.windows(io):
                if first <= address <= last:
                    return reach(self.children, io, address)
        return None


def find(functions, bus, slot, number):
    found = None
    for bridge in functions.values():
        if isinstance(bridge, Bridge):
            hit = bridge.find(bus, slot, number)
            assert not (hit and found), "two bridges claim bus %d" % bus
            found = found or hit
    return found


def reach(functions, io, address):
    hits = [f.reach(io, address) for f in functions.values()]
    hits = [hit for hit in hits if hit]
    assert len(hits) < 2, "two functions answer at 0x%x" % address
    return hits[0] if hits else None


class Line:
    """`_virtio.IRQ` on a line that several may share."""

    def __init__(self, board, intid, callback, status):
        self.board = board
        self.callback = callback
        self.status = status
        self.enabled = False
        self.bits = 0
        board.lines.setdefault(intid, []).append(self)

    def enable(self):
        self.enabled = True
        self.fire()

    def disable(self):
        self.enabled = False

    def take(self):
        bits, self.bits = self.bits, 0
        return bits

    def fire(self):
        bits = self.board.r8(self.status) if self.enabled else 0
        if bits:
            scheduled = self.bits
            self.bits |= bits
            if not scheduled:
                self.callback(self)


class Messages:
    """`_virtio.MSI`."""

    def __init__(self, board, device_id, callback, vector, count):
        self.callback = callback
        self.address = DOORBELL
        self.data = 80 + 8 * len(board.messages)
        self.enabled = False
        self.bits = self.waiting = 0
        for n in range(count):
            board.messages[device_id, self.data + n] = self, n

    def enable(self):
        self.enabled = True
        if self.waiting:
            self.fire()

    def disable(self):
        self.enabled = False

    def take(self):
        bits, self.bits = self.bits, 0
        return bits

    def fire(self):
        self.bits |= self.waiting
        self.waiting = 0
        self.callback(self)


class PciBoard(fake_board.Board):
    """A board with a host bridge. `functions` {(slot, number): Function} is its root bus."""

    def reset(self, ram=2 << 20):
        super().reset(ram)
        self.functions = {}
        self.mapped = []
        self.lines = {}
        self.messages = {}
        self.no_messages = False
        self.resets = {}
        self.accesses = 0
        self.ecam, self.ecam_size = ECAM, 256 << 20
        self.bus_range = None
        self.windows = {1: IO_WINDOW, 2: MEMORY_WINDOW, 3: HIGH_WINDOW}
        self.msi_map = [0, V2M, 0, 0x10000]
        self.grow = None  # what answers where nothing is: fn(bus, slot, number)
        return self

    def plug_pci(self, functions):
        """Put functions on the root bus, and make the device tree."""
        self.functions = functions
        self._connect(functions, None)
        self.tree = self.make_tree()
        return self

    def _connect(self, functions, above):
        for (slot, number), function in functions.items():
            function.board, function.above = self, above
            function.slot, function.number = slot, number
            if isinstance(function, Bridge):
                self._connect(function.children, function)

    def make_tree(self):
        t = Tree()
        t.begin("")
        t.prop("#size-cells", [2])
        t.prop("#address-cells", [2])
        t.begin("intc@8000000")
        t.prop("#address-cells", [2])
        t.prop("#interrupt-cells", [3])
        t.prop("phandle", [GIC])
        t.end()
        t.begin("pcie@10000000", compatible="pci-host-ecam-generic")
        t.prop("#size-cells", [2])
        t.prop("#address-cells", [3])
        if self.ecam is not None:
            size = self.ecam_size
            t.prop("reg", [self.ecam >> 32, self.ecam & 0xFFFFFFFF, size >> 32, size & 0xFFFFFFFF])
        if self.bus_range:
            t.prop("bus-range", self.bus_range)
        rows = []
        for space, (bus, cpu, size) in self.windows.items():
            rows += [space << 24]
            for value in (bus, cpu, size):
                rows += [value >> 32, value & 0xFFFFFFFF]
        t.prop("ranges", rows)
        rows = []
        for slot in range(4):
            for pin in range(4):
                rows += [slot << 11, 0, 0, pin + 1, GIC, 0, 0, 0, 3 + (slot + pin) % 4, 4]
        t.prop("interrupt-map", rows)
        t.prop("interrupt-map-mask", [0x1800, 0, 0, 7])
        if self.msi_map:
            t.prop("msi-map", self.msi_map)
        t.end(2)
        return t.blob()

    # -- the shim's functions

    def map(self, phys, size):
        if phys >> 48 or not size:
            raise ValueError("out of reach")
        self.mapped.append((phys, size))

    def at_reset(self, addr, value):
        self.resets[addr] = value

    def IRQ(self, intid, callback, status, ack=None):
        if ack is None:
            return Line(self, intid, callback, status)
        return super().IRQ(intid, callback, status, ack)

    def MSI(self, device_id, callback, vector=0, count=1):
        if self.no_messages:
            raise OSError(28)
        return Messages(self, device_id, callback, vector, count)

    def message(self, requester, address, data):
        """A function sends a message."""
        assert address == DOORBELL, "message to 0x%x" % address
        irq, n = self.messages[requester, data]
        irq.waiting |= 1 << n
        if irq.enabled:
            irq.fire()

    def r8(self, addr):
        return self._read(addr, 1)

    def w8(self, addr, value):
        self._write(addr, 1, value)

    def w16(self, addr, value):
        self._write(addr, 2, value)

    def w32(self, addr, value):
        self._write(addr, 4, value)

    def _read(self, addr, width):
        where = self._where(addr, width)
        if where is None:
            return super()._read(addr, width)
        function, bar, offset = where
        if function is None:
            return (1 << 8 * width) - 1
        if bar is None:
            return function.read(offset, width)
        return function.read_bar(bar, offset, width)

    def _write(self, addr, width, value):
        assert 0 <= value < 1 << 8 * width, "store of %d" % value
        where = self._where(addr, width)
        if where is None:
            super().w32(addr, value)
            return
        function, bar, offset = where
        assert function, "store where nothing is: 0x%x" % addr
        if bar is None:
            function.write(offset, width, value)
        else:
            function.write_bar(bar, offset, width, value)

    # (function, BAR or None for configuration space, offset); None if that is not PCI's.
    def _where(self, addr, width):
        assert addr % width == 0, "access to 0x%x of %d bytes" % (addr, width)
        self.accesses += 1
        if self.ecam is not None and self.ecam <= addr < self.ecam + self.ecam_size:
            offset = addr - self.ecam
            first = self.bus_range[0] if self.bus_range else 0
            bus, slot, number = (offset >> 20) + first, offset >> 15 & 31, offset >> 12 & 7
            if bus == first:
                function = self.functions.get((slot, number))
            else:
                function = find(self.functions, bus, slot, number)
            if function is None and self.grow:
                function = self.grow(bus, slot, number)
            return function, None, offset & 0xFFF
        for space, (bus, cpu, size) in self.windows.items():
            if cpu <= addr < cpu + size:
                assert any(at <= addr < at + n for at, n in self.mapped), "not mapped"
                hit = reach(self.functions, space == 1, addr - cpu + bus)
                assert hit, "nothing answers at 0x%x" % addr
                return hit
        return None
