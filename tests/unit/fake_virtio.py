# Frostnet: virtio devices for tests, which insist on the rules
# MIT license; Copyright (c) 2026 The Frostnet authors

from fake_board import RAM_BASE, Board
from fake_queues import PackedDeviceQueue, SplitDeviceQueue

PAGE = 4096

MAC = 1 << 5
STATUS = 1 << 16
CTRL_VQ = 1 << 17
CTRL_RX = 1 << 18
ANNOUNCE = 1 << 21
ANY_LAYOUT = 1 << 27
INDIRECT_DESC = 1 << 28
EVENT_IDX = 1 << 29
VERSION_1 = 1 << 32
PACKED = 1 << 34


class Device:
    """A device's registers, version 1 or 2. Every illegal access is an AssertionError."""

    def __init__(self, device_id, version=1, features=0, queues=(256, 256), config=b""):
        self.device_id = device_id
        self.version = version
        self.features = features | (VERSION_1 if version == 2 else 0)
        self.queue_max = list(queues)
        self.config = bytearray(config)
        self.magic = 0x74726976
        self.refuse = False  # do not accept FEATURES_OK
        self.stuck = False  # never come out of reset
        self.resets = 0
        self.on_config_read = None
        self.queues = {}
        self.clear()

    def connect(self, board, base, intid):
        self.board = board
        self.base = base
        self.intid = intid

    def clear(self):
        self.status = 0
        self.accepted = 0
        self.isr = 0
        self.generation = 0
        for queue in self.queues.values():
            queue.attach(False)
        self.queues = {}
        self.regs = {}
        self.sel = {0x14: 0, 0x24: 0, 0x30: 0}
        self.notifications = []

    def read(self, offset, width):
        if offset >= 0x100:
            offset -= 0x100
            assert offset + width <= len(self.config), "configuration at %d" % offset
            if self.on_config_read:
                self.on_config_read(offset)
            return int.from_bytes(self.config[offset : offset + width], "little")
        assert width == 4 and offset % 4 == 0, "register access of %d bytes" % width
        v1, v2 = self.version == 1, self.version == 2
        queue = self.sel[0x30]
        if offset == 0x000:
            return self.magic
        if offset == 0x004:
            return self.version
        if offset == 0x008:
            return self.device_id
        if offset == 0x010:
            assert self.status & 2, "features read before DRIVER"
            return self.features >> 32 * self.sel[0x14] & 0xFFFFFFFF
        if offset == 0x034:
            return self.queue_max[queue] if queue < len(self.queue_max) else 0
        if offset == 0x040 and v1 or offset == 0x044 and v2:
            return 1 if queue in self.queues else 0
        if offset == 0x060:
            return self.isr
        if offset == 0x070:
            return self.status
        if offset == 0x0FC and v2:
            return self.generation
        raise AssertionError("read of register 0x%x, version %d" % (offset, self.version))

    def write(self, offset, value):
        v1, v2 = self.version == 1, self.version == 2
        if offset == 0x070:
            self.set_status(value)
        elif offset in self.sel:
            self.sel[offset] = value
        elif offset == 0x020:
            assert self.status & 2 and not self.status & 12, "features in status %d" % self.status
            shift = 32 * self.sel[0x24]
            self.accepted = self.accepted & ~(0xFFFFFFFF << shift) | value << shift
            assert not self.accepted & ~self.features, "feature that was not offered"
        elif offset == 0x050:
            assert self.status & 4, "notified before DRIVER_OK"
            assert value in self.queues, "notified queue %d" % value
            self.notifications.append(value)
            self.notified(value)
        elif offset == 0x064:
            assert value & ~3 == 0
            self.isr &= ~value
        elif v1 and offset in (0x028, 0x03C) or offset == 0x038:
            self.regs[offset] = value
            if offset == 0x038:
                assert 0 < value <= self.queue_max[self.sel[0x30]], "queue size %d" % value
        elif v1 and offset == 0x040:
            self.set_queue_pfn(value)
        elif v2 and offset in (0x080, 0x084, 0x090, 0x094, 0x0A0, 0x0A4):
            self.regs[offset] = value
        elif v2 and offset == 0x044:
            assert value == 1
            address = [self.regs[r] | self.regs[r + 4] << 32 for r in (0x080, 0x090, 0x0A0)]
            self.add_queue(*address)
        else:
            raise AssertionError("write of register 0x%x, version %d" % (offset, self.version))

    def set_status(self, value):
        if value == 0:
            self.resets += 1
            self.clear()
            if self.stuck:
                self.status = 64
            return
        new = value & ~self.status
        assert value & self.status == self.status & ~64, "status bits were taken back"
        if new & 2:
            assert value & 1, "DRIVER before ACKNOWLEDGE"
        if new & 8:
            assert self.version == 2, "FEATURES_OK on a legacy device"
            if self.refuse or not self.accepted & VERSION_1:
                value &= ~8
        if new & 4:
            assert value & 3 == 3 and not value & 128, "DRIVER_OK in status %d" % value
            assert self.version == 1 or value & 8, "DRIVER_OK without FEATURES_OK"
            for queue in self.queues.values():
                queue.start(bool(self.accepted & EVENT_IDX), bool(self.accepted & INDIRECT_DESC))
        self.status = value

    def set_queue_pfn(self, pfn):
        assert self.regs.get(0x028) == PAGE, "QueuePFN before GuestPageSize"
        size = self.regs[0x038]
        align = self.regs[0x03C]
        desc = pfn * PAGE
        avail = desc + 16 * size
        used = (avail + 6 + 2 * size + align - 1) // align * align
        self.add_queue(desc, avail, used)

    def add_queue(self, desc, avail, used):
        assert self.status & 2 and not self.status & 4, "queue in status %d" % self.status
        assert self.version == 1 or self.status & 8, "queue before FEATURES_OK"
        index = self.sel[0x30]
        assert index not in self.queues, "queue %d twice" % index
        kind = PackedDeviceQueue if self.accepted & PACKED else SplitDeviceQueue
        self.queues[index] = kind(self.board, self.regs[0x038], desc, avail, used)

    def notified(self, index):
        pass

    def interrupt(self, bits):
        self.isr |= bits
        irq = self.board.irqs.get(self.intid)
        if irq:
            irq.raise_()


class Empty(Device):
    """A slot without a device, as QEMU has them."""

    def __init__(self):
        super().__init__(0)


Board.empty = Empty()


class Net(Device):
    """A network card. `deliver(frame)` is what arrives; `sent` is what it sent."""

    def __init__(self, version=1, features=MAC | STATUS | ANY_LAYOUT, **kwargs):
        mac = b"\x52\x54\x00\x12\x34\x56"
        super().__init__(1, version, features, config=mac + b"\x01\x00", **kwargs)
        self.sent = []
        self.hold = False  # do not complete transmissions
        self.deaf = False  # do not look at the control queue
        self.commands = []  # all that it was told there
        self.refused = ()  # classes and commands
        self.header = 12 if version == 2 else 10

    def clear(self):
        super().clear()
        self.promiscuous = True
        self.macs = self.groups = None

    def notified(self, index):
        if index == 1 and not self.hold:
            self.transmit()
        elif index == 2 and not self.deaf:
            self.obey()

    def obey(self):
        """Do what the control queue asks for (Virtio 1.2 §5.1.6.5)."""
        queue = self.queues[2]
        while True:
            chain = queue.pop_chain()
            if not chain:
                break
            i, ((at, n, writable), (to, room, last)) = chain
            assert not writable and last and room == 1
            command = bytes(self.board.ram[at - RAM_BASE : at - RAM_BASE + n])
            self.commands.append(command)
            ok = command[:2] not in self.refused and self.command(command[:2], command[2:])
            self.board.ram[to - RAM_BASE] = 0 if ok else 1
            queue.push(i, 1)
        queue.notify_me(queue.awake)

    def command(self, kind, data):
        if kind == b"\0\0":
            self.promiscuous = data != b"\0"
            return len(data) == 1
        if kind == b"\1\0":
            tables = []
            for _ in range(2):
                count = int.from_bytes(data[:4], "little")
                end = 4 + 6 * count
                tables.append([data[at : at + 6] for at in range(4, end, 6)])
                data = data[end:]
            self.macs, self.groups = tables
            return not data
        if kind == b"\3\0":
            asked = self.config[6] & 2
            self.config[6] &= ~2
            return asked and not data
        return False

    def transmit(self):
        """Send what is available, and return the buffers."""
        queue = self.queues[1]
        while True:
            entry = queue.pop()
            if not entry:
                break
            self.send_one(*entry)
            queue.push(entry[0], 0)
        queue.notify_me(queue.awake)
        if queue.wants_interrupt():
            self.interrupt(1)

    def send_one(self, i, addr, length, writable):
        assert not writable, "transmit buffer %d is writable" % i
        at = addr - RAM_BASE
        data = bytes(self.board.ram[at : at + length])
        assert data[: self.header] == bytes(self.header), "packet header is not zero"
        self.sent.append(data[self.header :])

    def fill(self, frame):
        """Write `frame` to the next receive buffer; (id, length) to push, or None."""
        entry = self.queues[0].pop()
        if not entry:
            return None
        i, addr, length, writable = entry
        assert writable, "receive buffer %d is read-only" % i
        data = bytes(self.header) + frame
        assert len(data) <= length, "frame does not fit"
        at = addr - RAM_BASE
        self.board.ram[at : at + len(data)] = data
        return i, len(data)

    def deliver(self, frame):
        """A frame arrives. False if there was no buffer for it."""
        entry = self.fill(frame)
        if not entry:
            return False
        self.queues[0].push(*entry)
        if self.queues[0].wants_interrupt():
            self.interrupt(1)
        return True

    def set_link(self, up):
        self.config[6] = 1 if up else 0
        self.generation += 1
        self.interrupt(2)


class Echo(Device):
    """Answers a request with what it read, reversed; with `hold`, when told to."""

    def __init__(self, version=1, features=0, **kwargs):
        super().__init__(99, version, features, **kwargs)
        self.hold = False
        self.held = []
        self.asked = []

    def notified(self, index):
        queue = self.queues[index]
        chain = queue.pop_chain()
        while chain:
            self.held.append(chain)
            chain = queue.pop_chain()
        queue.notify_me(queue.awake)
        while self.held and not self.hold:
            self.answer()

    def answer(self, at=0, index=0):
        """Answer the request at that place of those that are held."""
        i, parts = self.held.pop(at)
        ram = self.board.ram
        data = b""
        for addr, n, writable in parts:
            if not writable:
                data += bytes(ram[addr - RAM_BASE : addr - RAM_BASE + n])
        self.asked.append(data)
        back = bytes(reversed(data))
        total = 0
        for addr, n, writable in parts:
            if writable:
                piece = back[total : total + n]
                ram[addr - RAM_BASE : addr - RAM_BASE + len(piece)] = piece
                total += len(piece)
        self.queues[index].push(i, total)
        if self.queues[index].wants_interrupt():
            self.interrupt(1)
