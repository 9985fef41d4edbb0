# Frostnet: virtio devices behind PCI for tests: the registers of fake_virtio's, elsewhere
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from fake_pci import AHEAD64, IO, MASTER, MEM32, NO_INTX, Function, express

# Where the modern registers are in BAR 4, as QEMU has them.
COMMON, ISR, DEVICE, NOTIFY = 0x0000, 0x1000, 0x2000, 0x3000
MULTIPLIER = 4
NO_VECTOR = 0xFFFF

# Registers of the common configuration: {offset: (width, register of virtio-mmio)}.
SAME = {
    0x00: (4, 0x014),
    0x08: (4, 0x024),
    0x0C: (4, 0x020),
    0x14: (1, 0x070),
    0x16: (2, 0x030),
    0x18: (2, 0x038),
    0x1C: (2, 0x044),
    0x20: (4, 0x080),
    0x24: (4, 0x084),
    0x28: (4, 0x090),
    0x2C: (4, 0x094),
    0x30: (4, 0x0A0),
    0x34: (4, 0x0A4),
}
READ = {0x04: (4, 0x010), 0x14: (1, 0x070), 0x15: (1, 0x0FC), 0x18: (2, 0x034), 0x1C: (2, 0x044)}


def cap(kind, bar, offset, length, extra=b""):
    """A capability that says where registers are."""
    body = struct.pack("<BBBBBBII", 16 + len(extra), kind, bar, 0, 0, 0, offset, length)
    return 9, body + extra


def caps_of(notify_length=0x1000, multiplier=MULTIPLIER):
    return [
        cap(1, 4, COMMON, 0x1000),
        cap(3, 4, ISR, 0x1000),
        cap(4, 4, DEVICE, 0x1000),
        cap(2, 4, NOTIFY, notify_length, struct.pack("<I", multiplier)),
    ]


class VirtioFunction(Function):
    """`device` (of fake_virtio) behind PCI; `vectors` messages, legacy registers if it is old."""

    def __init__(self, device, vectors=3, caps=None, device_id=None):
        self.device = device
        self.legacy = device.version == 1
        self.vectors = vectors
        bars = {4: (AHEAD64, 0x4000)}
        if caps is None:
            caps = caps_of()
        if self.legacy:
            bars = {0: (IO, 64)}
            caps = []
        if vectors:
            bars[1] = (MEM32, 4096)
            caps = caps + [(0x11, struct.pack("<HII", vectors - 1, 1, 0x801))]
        ids = 0x0FFF if self.legacy else 0x1040
        super().__init__(
            0x1AF4, device_id or ids + device.device_id, 0x020000, bars, caps + [express()],
            subsystem=device.device_id << 16 | 0x1AF4,
        )  # fmt: skip
        if vectors:
            self.writable[self.at_caps[0x11] + 3] = 0xC0
        self.table = bytearray((bytes(12) + b"\x01\0\0\0") * vectors)
        self.forget()
        self.sent = 0
        self.refuse_vectors = False
        device.intid = None
        device.interrupt = self.interrupt
        clear = device.clear

        def reset():
            clear()
            self.forget()

        device.clear = reset

    def forget(self):
        self.config_vector = NO_VECTOR
        self.queue_vectors = {}
        self.pending = set()
        if self.legacy:
            self.device.regs = {0x028: 4096, 0x03C: 4096}

    @property
    def msix(self):
        """Enabled and not masked as a whole."""
        return bool(self.vectors and self.space[self.at_caps[0x11] + 3] & 0xC0 == 0x80)

    def may_access(self):
        return bool(self.command() & MASTER)

    # -- interrupts

    def interrupt(self, bits):
        assert self.may_access(), "interrupt of a device that may not access memory"
        self.device.isr |= bits
        if not self.vectors or not self.space[self.at_caps[0x11] + 3] & 0x80:
            if not self.command() & NO_INTX:
                for line in self.board.lines.get(self.line(), ()):
                    line.fire()
            return
        if bits & 1:
            for vector in set(self.queue_vectors.values()):
                self.pending.add(vector)
        if bits & 2:
            self.pending.add(self.config_vector)
        self.send()

    def line(self):
        return 35 + (self.slot + self.space[0x3D] - 1) % 4

    def send(self):
        for vector in sorted(self.pending):
            if vector == NO_VECTOR:
                self.pending.discard(vector)
                continue
            low, high, data, masked = struct.unpack_from("<IIII", self.table, 16 * vector)
            if self.msix and not masked & 1:
                self.pending.discard(vector)
                self.sent += 1
                requester = self.slot << 3 | self.number
                self.board.message(requester, high << 32 | low, data)

    def write(self, offset, width, value):
        super().write(offset, width, value)
        if self.vectors and offset & ~3 == self.at_caps[0x11]:
            self.send()

    # -- what is in the BARs

    def read_bar(self, bar, offset, width):
        if bar == 1:
            assert width == 4
            return struct.unpack_from("<I", self.table, offset)[0]
        if bar == 0:
            return self.read_legacy(offset, width)
        if offset >= DEVICE:
            assert offset < NOTIFY
            return self.device.read(0x100 + offset - DEVICE, width)
        if offset >= ISR:
            assert offset == ISR and width == 1
            return self.take_isr()
        if offset == 0x10:
            return self.config_vector
        if offset == 0x12:
            return len(self.device.queue_max)
        if offset == 0x1A:
            return self.queue_vectors.get(self.device.sel[0x30], NO_VECTOR)
        if offset == 0x1E:
            return self.device.sel[0x30]
        assert READ[offset][0] == width, "register 0x%x, %d bytes" % (offset, width)
        return self.device.read(READ[offset][1], 4)

    def take_isr(self):
        isr, self.device.isr = self.device.isr, 0
        return isr

    def write_bar(self, bar, offset, width, value):
        if bar == 1:
            assert width == 4
            struct.pack_into("<I", self.table, offset, value)
            self.send()
        elif bar == 0:
            self.write_legacy(offset, width, value)
        elif offset >= NOTIFY:
            assert width == 2 and offset == NOTIFY + MULTIPLIER * value, "notified elsewhere"
            assert self.may_access(), "notified a device that may not access memory"
            self.device.write(0x050, value)
        elif offset == 0x10:
            self.config_vector = self.vector(value)
        elif offset == 0x1A:
            self.queue_vectors[self.device.sel[0x30]] = self.vector(value)
        else:
            assert SAME[offset][0] == width, "register 0x%x, %d bytes" % (offset, width)
            self.device.write(SAME[offset][1], value)

    def vector(self, value):
        return value if value < self.vectors and not self.refuse_vectors else NO_VECTOR

    # -- legacy registers (Virtio 1.2 §4.1.4.10)

    def read_legacy(self, offset, width):
        device = self.device
        msix = self.vectors and self.space[self.at_caps[0x11] + 3] & 0x80
        config = 24 if msix else 20
        if offset >= config:
            return device.read(0x100 + offset - config, width)
        if offset == 20:
            return self.config_vector
        if offset == 22:
            return self.queue_vectors.get(device.sel[0x30], NO_VECTOR)
        if offset == 19:
            assert width == 1
            return self.take_isr()
        widths = {0: (4, 0x010), 8: (4, 0x040), 12: (2, 0x034), 18: (1, 0x070)}
        assert widths[offset][0] == width, "register %d, %d bytes" % (offset, width)
        return device.read(widths[offset][1], 4)

    def write_legacy(self, offset, width, value):
        device = self.device
        if offset == 20:
            self.config_vector = self.vector(value)
        elif offset == 22:
            self.queue_vectors[device.sel[0x30]] = self.vector(value)
        else:
            widths = {4: (4, 0x020), 8: (4, 0x040), 14: (2, 0x030), 16: (2, 0x050), 18: (1, 0x070)}
            assert widths[offset][0] == width, "register %d, %d bytes" % (offset, width)
            if offset == 8:
                queue = device.sel[0x30]
                device.regs[0x038] = device.queue_max[queue]
            device.write(widths[offset][1], value)
