# Frostnet: a virtio disk for tests, and the port that its driver waits with
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from fake_board import RAM_BASE
from fake_virtio import Device

SIZE_MAX = 1 << 1
RO = 1 << 5
BLK_SIZE = 1 << 6
FLUSH = 1 << 9

IN, OUT, DO_FLUSH = 0, 1, 4
OK, IOERR, UNSUPP = 0, 1, 2


class Disk(Device):
    """A drive with `image` (bytearray), answering at once; with `hold`, when told to.

    `log` lists (kind, byte, length, requests under way) as they were asked.
    """

    def __init__(self, image, version=1, features=FLUSH, unit=512, size_max=0, size=128):
        config = struct.pack("<QIIHBBI", len(image) // 512, size_max, 0, 0, 0, 0, unit)
        super().__init__(2, version, features, queues=(size,), config=config)
        self.image = image
        self.unit = unit
        self.hold = False
        self.status = None
        self.answers = []  # statuses of the next requests, instead of OK; None: write none
        self.held = []
        self.log = []

    def notified(self, index):
        queue = self.queues[0]
        chain = queue.pop_chain()
        while chain:
            self.held.append((chain, self.look(chain[1])))
            chain = queue.pop_chain()
        queue.notify_me(queue.awake)
        if not self.hold:
            self.answer_all()

    def look(self, parts):
        """What a request asks for (Virtio 1.2 §5.2.6): kind, byte, data address, length."""
        addr, n, writable = parts[0]
        assert n == 16 and not writable, "header of %d bytes" % n
        at = addr - RAM_BASE
        kind, reserved, sector = struct.unpack_from("<IIQ", self.board.ram, at)
        assert not reserved
        addr, n, writable = parts[-1]
        assert n == 1 and writable, "status of %d bytes" % n
        if kind == DO_FLUSH:
            assert len(parts) == 2 and self.accepted & FLUSH and not sector
            self.log.append((kind, 0, 0, len(self.held)))
            return kind, 0, 0, 0
        assert kind in (IN, OUT) and len(parts) == 3, "kind %d" % kind
        addr, n, writable = parts[1]
        assert writable == (kind == IN)
        assert n % self.unit == 0 and sector * 512 % self.unit == 0, "%d at %d" % (n, sector)
        self.log.append((kind, sector * 512, n, len(self.held)))
        return kind, sector * 512, addr - RAM_BASE, n

    def answer(self, which=0):
        """Do and return the request at that place of those that are held."""
        (i, parts), (kind, at, data, n) = self.held.pop(which)
        ram = self.board.ram
        status = self.answers.pop(0) if self.answers else OK
        if at + n > len(self.image):
            status = IOERR
        if status == OK and kind == IN:
            ram[data : data + n] = self.image[at : at + n]
        elif status == OK and kind == OUT:
            self.image[at : at + n] = ram[data : data + n]
        if status is not None:
            ram[parts[-1][0] - RAM_BASE] = status
        self.queues[0].push(i, (n if kind == IN else 0) + 1)
        if self.queues[0].wants_interrupt():
            self.interrupt(1)

    def answer_all(self):
        while self.held:
            self.answer()

    def clear(self):
        super().clear()
        self.held = []


class Port:
    """`_port` with a clock of its own, which runs while the driver sleeps."""

    def __init__(self):
        self.now = 1000
        self.depth = 0
        self.ctrl_c = False
        self.on_doze = None
        self.dozes = 0

    def ticks_us(self):
        return self.now

    def lock(self):
        self.depth += 1
        return self.depth == 1

    def unlock(self):
        self.depth -= 1

    def doze(self, until):
        assert self.depth, "sleeps without the lock"
        self.dozes += 1
        if self.on_doze:
            self.on_doze()
        if self.ctrl_c:
            self.now += 1  # nobody sleeps now
        else:
            assert until > self.now, "sleeps for ever"
            self.now = until
        return self.ctrl_c
