# Frostnet: a `_virtio` for tests: RAM, slots and interrupts
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
import sys

RAM_BASE = 0x40000000
SLOT_BASE = 0x0A000000
SLOT_SIZE = 0x200

_ZEROS = bytes(4096)
_SIZES = {"B": 1, "H": 2, "I": 4, "Q": 8}


class View:
    """What `_virtio.view` returns. It notices where a barrier is missing."""

    def __init__(self, board, addr, count, typecode):
        self.board = board
        self.addr = addr
        self.count = count
        self.fmt = "<" + typecode
        self.step = _SIZES[typecode]

    def __len__(self):
        return self.count

    def at(self, i):
        assert 0 <= i < self.count, "index %d of %d" % (i, self.count)
        return self.addr + i * self.step

    def __getitem__(self, i):
        addr = self.at(i)
        board = self.board
        assert addr not in board.used_rings or not board.stale, "no barrier after used.idx"
        if addr in board.used_indexes:
            board.stale = True
        return struct.unpack_from(self.fmt, board.ram, addr - RAM_BASE)[0]

    def __setitem__(self, i, value):
        addr = self.at(i)
        board = self.board
        if addr in board.avail_indexes:
            assert not board.dirty, "no barrier before avail.idx"
        else:
            board.dirty = True
        assert 0 <= value < 1 << 8 * self.step, "%d does not fit" % value
        struct.pack_into(self.fmt, board.ram, addr - RAM_BASE, value)


class IRQ:
    """An interrupt line. The handler acknowledges; the callback runs once until take()."""

    def __init__(self, board, intid, callback, status, ack):
        self.board = board
        self.callback = callback
        self.status = status
        self.ack = ack
        self.enabled = False
        self.scheduled = False
        self.bits = 0
        self.fired = 0
        board.irqs[intid] = self

    def enable(self):
        self.enabled = True
        self.raise_()

    def disable(self):
        self.enabled = False

    def take(self):
        bits = self.bits
        self.bits = 0
        self.scheduled = False
        return bits

    def raise_(self):
        bits = self.board.r32(self.status) if self.enabled else 0
        if bits:
            self.board.w32(self.ack, bits)
            self.bits |= bits
            self.fired += 1
            if not self.scheduled:
                self.scheduled = True
                self.callback(self)


class Board:
    """The module's functions. `install()` makes `import _virtio` find this board."""

    empty = None  # what answers for a slot without a device
    ram = b""

    def __init__(self, ram=2 << 20):
        self.reset(ram)

    def reset(self, ram=2 << 20):
        """Empty slots, fresh RAM, no device tree; nothing is remembered of those before."""
        for name in ("fdt", "pci", "virtio.devices"):
            if name in sys.modules:
                sys.modules[name].forget()
        if len(self.ram) != ram:
            self.ram = bytearray(ram)
        for at in range(0, ram, len(_ZEROS)):  # a heap in pieces has no room for another one
            self.ram[at : at + len(_ZEROS)] = _ZEROS
        self.used = 0
        self.slots = {}
        self.irqs = {}
        self.tree = b""
        self.stale = self.dirty = False
        self.avail_indexes = set()
        self.used_indexes = set()
        self.used_rings = set()
        self.barriers = 0
        self.on_fence = None  # tests: what the device does meanwhile
        return self

    def install(self):
        sys.modules["_virtio"] = self
        return self

    def plug(self, slot, device):
        device.connect(self, SLOT_BASE + slot * SLOT_SIZE, 48 + slot)
        self.slots[device.base] = device
        return device

    def dma(self, size, align=4096):
        at = (self.used + align - 1) // align * align
        if at + size > len(self.ram):
            raise MemoryError("DMA memory is used up")
        self.used = at + size
        return memoryview(self.ram)[at : at + size], RAM_BASE + at

    def dma_free(self):
        return len(self.ram) - self.used

    def view(self, phys, count, typecode):
        assert RAM_BASE <= phys and phys % _SIZES[typecode] == 0, "view at 0x%x" % phys
        assert phys + count * _SIZES[typecode] <= RAM_BASE + self.used, "view beyond dma()"
        return View(self, phys, count, typecode)

    def barrier(self):
        self.barriers += 1
        self.stale = self.dirty = False

    def fdt(self):
        return memoryview(self.tree)

    def fence(self):
        self.barrier()
        if self.on_fence:
            self.on_fence()

    def IRQ(self, intid, callback, status, ack):
        return IRQ(self, intid, callback, status, ack)

    def _slot(self, addr):
        base = addr // SLOT_SIZE * SLOT_SIZE
        assert SLOT_BASE <= base < SLOT_BASE + 32 * SLOT_SIZE, "access to 0x%x" % addr
        return self.slots.get(base) or self.empty, addr - base

    def _read(self, addr, width):
        slot, offset = self._slot(addr)
        return slot.read(offset, width)

    def r8(self, addr):
        return self._read(addr, 1)

    def r16(self, addr):
        return self._read(addr, 2)

    def r32(self, addr):
        return self._read(addr, 4)

    def w32(self, addr, value):
        assert 0 <= value < 1 << 32, "store of %d" % value
        slot, offset = self._slot(addr)
        slot.write(offset, value)

    # Only PCI has narrow registers that are written, and windows: see fake_pci.

    def w8(self, addr, value):
        raise AssertionError("store of a byte")

    def w16(self, addr, value):
        raise AssertionError("store of 16 bits")

    def map(self, phys, size):
        pass

    def u16(self, addr):
        return struct.unpack_from("<H", self.ram, addr - RAM_BASE)[0]

    def p16(self, addr, value):
        struct.pack_into("<H", self.ram, addr - RAM_BASE, value & 0xFFFF)
