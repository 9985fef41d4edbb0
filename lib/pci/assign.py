# Frostnet: addresses for the BARs of PCI functions and the windows of bridges
# MIT license; Copyright (c) 2026 The Frostnet authors

# Three kinds of windows lead through a bridge: I/O, memory below 4 GiB, and memory that may be
# read ahead, which may be anywhere. What is behind a bridge needs one stretch of each kind.
# Stretches are laid out from the inside out, largest alignment first, which leaves hardly a gap.

import _virtio
from micropython import const

from pci.function import BRIDGE, IO, MASTER, MEMORY

r8 = _virtio.r8
r16 = _virtio.r16
w8 = _virtio.w8
w16 = _virtio.w16
w32 = _virtio.w32

_IO, _MEMORY, _AHEAD = const(0), const(1), const(2)

# A bridge's windows (PCI-to-PCI Bridge 1.2 §3.2.5): their upper ends are inclusive.
_IO_BASE = const(0x1C)
_IO_LIMIT = const(0x1D)
_IO_BASE_HIGH = const(0x30)
_IO_LIMIT_HIGH = const(0x32)
_MEMORY_BASE = const(0x20)
_MEMORY_LIMIT = const(0x22)
_AHEAD_BASE = const(0x24)
_AHEAD_LIMIT = const(0x26)
_AHEAD_BASE_HIGH = const(0x28)
_AHEAD_LIMIT_HIGH = const(0x2C)

_IO_STEP = const(0x1000)
_MEMORY_STEP = const(0x100000)
_SUPPORTS_64 = const(1)


class _One:
    """The stretch of one BAR."""

    def __init__(self, function, bar):
        self.function = function
        self.bar = bar
        self.size = self.align = bar.size
        self.wide = bar.wide

    def place(self, address, cpu):
        if not self.bar.place(address, cpu):
            self.refuse("does not take its address")

    def refuse(self, why="there is no room for it"):
        i = self.function.bars.index(self.bar)
        self.function.faults.append("BAR %d of 0x%x bytes: %s" % (i, self.size, why))
        self.function.unsettled = True


class _Stretch:
    """What lies behind a bridge, of one kind."""

    def __init__(self, bridge, kind, items):
        self.bridge = bridge
        self.kind = kind
        self.items = items
        self.align = _IO_STEP if kind == _IO else _MEMORY_STEP
        self.offsets, end = _lay_out(items)
        self.size = (end + self.align - 1) // self.align * self.align
        for item in items:
            self.align = max(self.align, item.align)
        self.wide = kind == _AHEAD and _wide_window(bridge) and all(i.wide for i in items)

    def place(self, address, cpu):
        _open(self.bridge, self.kind, address, address + self.size - 1)
        for item, offset in zip(self.items, self.offsets):
            item.place(address + offset, cpu + offset)

    def refuse(self):
        for item in self.items:
            item.refuse()


def assign(host):
    """Give every function behind `host` its addresses, and let it answer there.

    If there is no room for one of a function's, it gets none, and has a fault that says so: what
    has no address would answer at some other's.
    """
    limits = _limits(host)
    for kind, items in enumerate(_wants(host.functions, None, limits)):
        for item in _sorted(items):
            _take(host, kind, item)
    for function in host.functions:
        if function.above and function.above.unsettled:
            function.unsettled = True
            function.faults.append("its bridge %s cannot be used" % function.above)
        bars = [bar for bar in function.bars if bar]
        if function.unsettled:
            for bar in bars:
                bar.drop()
        elif function.header == BRIDGE:
            function.command(IO | MEMORY | MASTER)  # it passes on what others do
        else:
            for bar in bars:
                function.command(IO if bar.io else MEMORY)


# The largest that may be asked for, of each kind; what asks for more must not crowd out others.
def _limits(host):
    sizes = [w.size if w else 0 for w in (host.io, host.memory, host.high)]
    sizes[_AHEAD] = max(sizes[_MEMORY], sizes[_AHEAD])
    return sizes


# The stretches of each kind that are wanted on the bus behind `above`.
def _wants(functions, above, limits):
    wants = [], [], []
    for function in functions:
        if function.above is not above:
            continue
        for bar in function.bars:
            if bar:
                kind = _IO if bar.io else _MEMORY
                if bar.wide and (bar.prefetch or not above):
                    kind = _AHEAD  # no bridge is in the way, or it has a window for it
                one = _One(function, bar)
                if bar.size > limits[kind]:
                    one.refuse()
                else:
                    wants[kind].append(one)
        if function.header == BRIDGE:
            _close(function)
            inside = _wants(functions, function, limits)
            if not _has_ahead(function):
                inside[_MEMORY].extend(inside[_AHEAD])
                inside[_AHEAD].clear()
            if not _has_io(function):
                for item in inside[_IO]:
                    item.refuse()
                inside[_IO].clear()
            for kind, items in enumerate(inside):
                if items:
                    wants[kind].append(_Stretch(function, kind, _sorted(items)))
    return wants


def _sorted(items):
    return sorted(items, key=lambda item: -item.align)


def _lay_out(items):
    offsets = []
    end = 0
    for item in items:
        at = (end + item.align - 1) // item.align * item.align
        offsets.append(at)
        end = at + item.size
    return offsets, end


# Place a stretch in the host bridge's windows: memory below 4 GiB first, which is always mapped.
def _take(host, kind, item):
    windows = [host.io] if kind == _IO else [host.memory]
    if item.wide:
        windows.append(host.high)
    for window in windows:
        address = window.take(item.size, item.align) if window else None
        if address is not None:
            item.place(address, window.cpu + address - window.address)
            return
    item.refuse()


def _has_io(bridge):
    return bool(r8(bridge.base + _IO_BASE) & 0xF0)  # see _close()


def _wide_window(bridge):
    return bool(r16(bridge.base + _AHEAD_BASE) & _SUPPORTS_64)


def _has_ahead(bridge):
    return bool(r16(bridge.base + _AHEAD_BASE) & 0xFFF0)


# Let a bridge pass nothing on. A window that it does not have reads as 0 all the same.
def _close(bridge):
    base = bridge.base
    w8(base + _IO_BASE, 0xF0)
    w8(base + _IO_LIMIT, 0)
    w16(base + _MEMORY_BASE, 0xFFF0)
    w16(base + _MEMORY_LIMIT, 0)
    w16(base + _AHEAD_BASE, 0xFFF0)
    w16(base + _AHEAD_LIMIT, 0)
    w32(base + _AHEAD_BASE_HIGH, 0)
    w32(base + _AHEAD_LIMIT_HIGH, 0)


def _open(bridge, kind, first, last):
    base = bridge.base
    if kind == _IO:
        w8(base + _IO_BASE, first >> 8 & 0xF0)
        w8(base + _IO_LIMIT, last >> 8 & 0xF0)
        w16(base + _IO_BASE_HIGH, first >> 16)
        w16(base + _IO_LIMIT_HIGH, last >> 16)
    elif kind == _MEMORY:
        w16(base + _MEMORY_BASE, first >> 16 & 0xFFF0)
        w16(base + _MEMORY_LIMIT, last >> 16 & 0xFFF0)
    else:
        w16(base + _AHEAD_BASE, first >> 16 & 0xFFF0)
        w16(base + _AHEAD_LIMIT, last >> 16 & 0xFFF0)
        w32(base + _AHEAD_BASE_HIGH, first >> 32)
        w32(base + _AHEAD_LIMIT_HIGH, last >> 32)
