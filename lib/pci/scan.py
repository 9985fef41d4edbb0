# Frostnet: finding the functions on all PCI buses, and numbering the buses
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

from pci import bar
from pci.function import BRIDGE, IO, MASTER, MEMORY, NO_INTX, NONE, Function

r32 = _virtio.r32
w8 = _virtio.w8

# Bounds for a bus that has no end.
_FUNCTIONS = const(256)
_DEPTH = const(16)

_SLOTS = const(32)
_NUMBERS = const(8)
_PRIMARY = const(0x18)  # a bridge's bus numbers
_SECONDARY = const(0x19)
_SUBORDINATE = const(0x1A)


class _Scan:
    def __init__(self, host):
        self.host = host
        self.bus = host.first_bus  # the last number that is in use
        self.found = []
        self.count = 0

    # All functions on a bus, and behind its bridges.
    def look(self, bus, above, depth):
        here = []
        for slot in range(_SLOTS):
            function = self.meet(bus, slot, 0, above, here)
            if function and function.multi:
                for number in range(1, _NUMBERS):
                    self.meet(bus, slot, number, above, here)
        for function in here:
            if function.header == BRIDGE:
                # None may claim a bus that it had before, maybe under another number.
                for register in (_PRIMARY, _SECONDARY, _SUBORDINATE):
                    w8(function.base + register, 0)
        for function in here:
            self.found.append(function)
            if function.header == BRIDGE:
                self.descend(function, depth)

    def meet(self, bus, slot, number, above, here):
        if self.count == _FUNCTIONS:
            return None
        base = self.host.config(bus, slot, number)
        word = r32(base)
        if word == NONE or not word & 0xFFFF:
            return None
        self.count += 1
        function = Function(base, bus, slot, number, above)
        function.command(NO_INTX, IO | MEMORY | MASTER)
        bar.measure(function)
        here.append(function)
        return function

    # Give a bridge the next bus number, and what is behind it those after that.
    def descend(self, bridge, depth):
        if depth == _DEPTH or self.bus == self.host.last_bus:
            bridge.faults.append("no bus number is left for what is behind it")
            return
        self.bus += 1
        bridge.secondary = self.bus
        w8(bridge.base + _PRIMARY, bridge.bus)
        w8(bridge.base + _SECONDARY, bridge.secondary)
        w8(bridge.base + _SUBORDINATE, self.host.last_bus)
        self.look(bridge.secondary, bridge, depth + 1)
        bridge.subordinate = self.bus
        w8(bridge.base + _SUBORDINATE, bridge.subordinate)


def scan(host):
    """The functions behind `host`, a list: each bus by slot, and after a bridge what is behind it.

    Afterwards none decodes addresses or can access memory.
    """
    it = _Scan(host)
    it.look(host.first_bus, None, 0)
    return it.found
