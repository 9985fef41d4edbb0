# Frostnet: net.lspci
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import ENODEV
import pci
from net._error import EINVAL, NetError
from net._pci_names import class_name, device_name

_OPTIONS = ("", "-n", "-nn", "-v")

_CAPABILITIES = {
    0x01: "Power Management",
    0x04: "Slot ID",
    0x05: "MSI",
    0x0C: "Hot-plug capable",
    0x0D: "Subsystem",
    0x10: "Express",
}

# The command register.
_COMMAND = const(0x04)
_IO, _MEMORY, _MASTER = const(1), const(2), const(4)

_VENDOR, _MSIX = const(0x09), const(0x11)
_VIRTIO = const(0x1AF4)

# Of virtio's own capabilities (Virtio 1.2 §4.1.4).
_STRUCTURES = ("<unknown>", "CommonCfg", "Notify", "ISR", "DeviceCfg", "<unknown>")


class Device:
    """What `net.lspci` tells about one function of a device.

    `slot` is "bus:device.function"; `vendor_id`, `device_id`, `class_id` (16 bits), `revision`,
    `subsystem` (vendor, device) are numbers, `kind` and `name` are words. `bars` are tuples
    (index, "io" or "memory", address on the bus or `None`, size, bits, prefetchable), `irq` is the
    interrupt id of its line, `buses` a bridge's secondary and subordinate bus, `faults` are texts
    about what is wrong with it.
    """

    def __init__(self, host, function):
        self.slot = function.name()
        self.vendor_id = function.vendor_id
        self.device_id = function.device_id
        self.class_id = function.class_code >> 8
        self.revision = function.revision
        self.subsystem = function.subvendor_id, function.subsystem_id
        self.kind = class_name(self.class_id)
        self.name = device_name(self.vendor_id, self.device_id)
        self.bars = [_bar(i, bar) for i, bar in enumerate(function.bars) if bar]
        self.irq = host.line(function)
        self.buses = (function.secondary, function.subordinate) if function.secondary else None
        self.capabilities = list(function.capabilities)
        self.driver = function.driver
        self.faults = list(function.faults)
        self._function = function

    def __repr__(self):
        return "<%s %04x:%04x>" % (self.slot, self.vendor_id, self.device_id)

    def line(self, option=""):
        """Return the line that lspci prints."""
        kind, name = self.kind, self.name
        ids = "%04x:%04x" % (self.vendor_id, self.device_id)
        if option == "-n":
            kind, name = "%04x" % self.class_id, ids
        elif option == "-nn":
            if not kind.endswith("]"):
                kind += " [%04x]" % self.class_id
            name += " [%s]" % ids
        text = "%s %s: %s" % (self.slot, kind, name)
        return text + " (rev %02x)" % self.revision if self.revision else text

    def details(self):
        """Return the lines that lspci -v prints below."""
        lines = []
        if self.subsystem[0]:
            lines.append("Subsystem: " + device_name(*self.subsystem))
        command = self._function.read16(_COMMAND)
        flags = ["bus master"] if command & _MASTER else []
        flags += ["fast devsel", "latency 0"]
        if self.irq is not None:
            flags.append("IRQ %d" % self.irq)
        lines.append("Flags: " + ", ".join(flags))
        for bar in self.bars:
            lines.append(_bar_text(bar, command))
        if self.buses:
            text = "Bus: primary=%02x, secondary=%02x, subordinate=%02x"
            lines.append(text % ((self._function.bus,) + self.buses))
        for cap, at in self.capabilities:
            lines.append("Capabilities: [%02x] %s" % (at, self._capability(cap, at)))
        if self.driver:
            lines.append("Kernel driver in use: " + self.driver)
        for fault in self.faults:
            lines.append("Fault: " + fault)
        return lines

    def _capability(self, cap, at):
        function = self._function
        if cap == _MSIX:
            control = function.read16(at + 2)
            enabled = "+" if control & 0x8000 else "-"
            masked = "+" if control & 0x4000 else "-"
            text = "MSI-X: Enable%s Count=%d Masked%s"
            return text % (enabled, (control & 0x7FF) + 1, masked)
        if cap == _VENDOR:
            text = "Vendor Specific Information"
            if self.vendor_id != _VIRTIO:
                return text
            return "%s: VirtIO: %s" % (text, _STRUCTURES[min(function.read8(at + 3), 5)])
        return _CAPABILITIES.get(cap, "#%02x" % cap)


class Devices(list):
    """A list that the prompt does not print once more."""

    def __repr__(self):
        return "<%d devices>" % len(self)


def lspci(option=""):
    """See net.lspci; NetError for an option that there is not, or if the bus cannot be read."""
    if option not in _OPTIONS:
        raise NetError(EINVAL, 'lspci knows the options "-n", "-nn" (numbers) and "-v" (more)')
    try:
        host = pci.host()
    except pci.PCIError as e:
        raise NetError(ENODEV, "the PCI bus cannot be used: %s" % e.args[1])
    except ImportError:
        raise NetError(ENODEV, "there is no PCI bus here: lspci is for the board")
    found = Devices(Device(host, f) for f in host.functions) if host else Devices()
    found.sort(key=lambda device: device.slot)
    for device in found:
        print(device.line("" if option == "-v" else option))
        if option == "-v":
            for line in device.details():
                print("\t" + line)
            print()
    return found


def _bar(i, bar):
    kind = "io" if bar.io else "memory"
    return i, kind, bar.address, bar.size, 64 if bar.wide else 32, bar.prefetch


def _bar_text(bar, command):
    _, kind, address, size, bits, prefetch = bar
    unit = 0
    while size >= 1024 and not size & 1023:
        size >>= 10
        unit += 1
    text = "%d%s" % (size, "BKMGTPE"[unit] if unit else "")
    where = "<unassigned>" if address is None else "%04x" % address
    if kind == "io":
        where += "" if command & _IO else " [disabled]"
        return "I/O ports at %s [size=%s]" % (where, text)
    ahead = "prefetchable" if prefetch else "non-prefetchable"
    where = where if address is None else "%08x" % address
    off = "" if command & _MEMORY else " [disabled]"
    return "Memory at %s (%d-bit, %s)%s [size=%s]" % (where, bits, ahead, off, text)
