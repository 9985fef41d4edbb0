# Frostnet: one function of a PCI device and its configuration space (PCI Express 5.0 §7.5)
# MIT license; Copyright (c) 2026 The Frostnet authors

import _virtio
from micropython import const

r8 = _virtio.r8
r16 = _virtio.r16
r32 = _virtio.r32
w8 = _virtio.w8
w16 = _virtio.w16
w32 = _virtio.w32

NONE = const(0xFFFFFFFF)  # what registers of nobody read as

# Registers.
_ID = const(0x00)
_COMMAND = const(0x04)
_STATUS = const(0x06)
_CLASS = const(0x08)  # and revision
_HEADER_TYPE = const(0x0E)
_SUBSYSTEM = const(0x2C)  # type 0
_CAPABILITIES = const(0x34)
_PIN = const(0x3D)

_HAS_CAPABILITIES = const(0x10)
_MULTI = const(0x80)

# Command bits.
IO = const(1)
MEMORY = const(2)
MASTER = const(4)
NO_INTX = const(0x400)

# Header types.
DEVICE = const(0)
BRIDGE = const(1)

# Kinds of ports (§7.5.3.2).
_TO_PCI = const(7)

# The list of capabilities is in the upper 192 bytes, 4 each at least.
_FIRST = const(0x40)

CAP_MSI = const(0x05)
CAP_VENDOR = const(0x09)
CAP_EXPRESS = const(0x10)
CAP_MSIX = const(0x11)


class Function:
    """A function whose configuration space is at physical address `base`.

    `bus`, `slot`, `number` say where it is, `above` is the bridge that leads there (None at the
    host bridge). `bars` has a Bar or None for each register, `faults` texts about what is wrong
    with it, `driver` the name of what drives it.
    """

    def __init__(self, base, bus, slot, number, above):
        self.base = base
        self.bus = bus
        self.slot = slot
        self.number = number
        self.above = above
        ids = r32(base + _ID)
        self.vendor_id = ids & 0xFFFF
        self.device_id = ids >> 16
        revision = r32(base + _CLASS)
        self.revision = revision & 0xFF
        self.class_code = revision >> 8  # class, subclass, programming interface
        kind = r8(base + _HEADER_TYPE)
        self.header = kind & ~_MULTI
        self.multi = bool(kind & _MULTI)
        self.pin = r8(base + _PIN)  # 1 to 4 for INTA to INTD
        subsystem = r32(base + _SUBSYSTEM) if self.header == DEVICE else 0
        self.subvendor_id = subsystem & 0xFFFF
        self.subsystem_id = subsystem >> 16
        self.secondary = self.subordinate = 0  # a bridge's buses
        self.bars = ()
        self.unsettled = False  # it asks for addresses that it cannot have
        self.faults = []
        self.driver = ""
        self.capabilities = self._list() if r16(base + _STATUS) & _HAS_CAPABILITIES else []

    def __repr__(self):
        return self.name()

    def name(self):
        """As Unix names it: bus:slot.function."""
        return "%02x:%02x.%d" % (self.bus, self.slot, self.number)

    def requester(self):
        """The id that the function's messages bear at the host bridge."""
        function = self
        result = self.bus << 8 | self.slot << 3 | self.number
        while function.above:
            function = function.above
            if not function.express():
                # PCI has no ids: its bridge speaks for what is behind it.
                result = function.bus << 8 | function.slot << 3 | function.number
            elif function.port_type() == _TO_PCI:
                result = function.secondary << 8
        return result

    def express(self):
        """Whether it has a PCI Express capability, and not only PCI's."""
        return self.find(CAP_EXPRESS) is not None

    def port_type(self):
        """What kind of port or device it is (§7.5.3.2); 0 if it is not PCI Express."""
        at = self.find(CAP_EXPRESS)
        return r16(self.base + at + 2) >> 4 & 15 if at else 0

    def find(self, cap):
        """The offset of the first capability with that id, None if there is none."""
        for found, at in self.capabilities:
            if found == cap:
                return at
        return None

    def read8(self, offset):
        """A byte of the configuration space."""
        return r8(self.base + offset)

    def read16(self, offset):
        """16 bits of the configuration space, at an even offset."""
        return r16(self.base + offset)

    def window(self, index, offset, length):
        """Where the CPU sees `length` bytes at `offset` of BAR `index`; None if nowhere."""
        bar = self.bars[index] if index < len(self.bars) else None
        if not bar or bar.cpu is None or offset + length > bar.size:
            return None
        try:
            _virtio.map(bar.cpu, bar.size)
        except ValueError:
            return None  # the CPU cannot reach that far
        return bar.cpu + offset

    def command(self, on=0, off=0):
        """Set and clear bits of the command register."""
        at = self.base + _COMMAND
        w16(at, r16(at) & ~off | on)

    def at_reset(self):
        """From the soft reset on let it touch no memory, and answer at no address."""
        _virtio.at_reset(self.base + _COMMAND, 0)

    # [(id, offset)]. A list that leads nowhere, or in a circle, ends there.
    def _list(self):
        found = []
        seen = set()
        at = r8(self.base + _CAPABILITIES) & ~3
        while at:
            if at < _FIRST or at in seen:
                self.faults.append("its list of capabilities is broken at 0x%02x" % at)
                break
            seen.add(at)
            word = r16(self.base + at)
            if word == NONE & 0xFFFF:
                self.faults.append("it does not answer")
                break
            found.append((word & 0xFF, at))
            at = word >> 8 & ~3
        return found
