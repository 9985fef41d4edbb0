# Frostnet: the device's side of virtqueues, for tests
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from fake_board import RAM_BASE

_NEXT, _WRITE, _INDIRECT = 1, 2, 4


class DeviceQueue:
    """What both kinds share. `seen` positions were taken, `done` given back."""

    def __init__(self, board, size):
        assert size and not size & (size - 1), "queue size %d" % size
        self.board = board
        self.size = size
        self.event_idx = False
        self.indirect = False
        self.awake = True
        self.seen = 0
        self.done = 0
        self.crossed = False  # the driver wants to know of something that was pushed

    def start(self, event_idx, indirect):
        """The driver is ready, and these features were agreed on."""
        self.event_idx = event_idx
        self.indirect = indirect
        self.notify_me(True)

    def pop(self):
        """The next available buffer: (id, address, length, writable), or None."""
        chain = self.pop_chain()
        if not chain:
            return None
        i, parts = chain
        assert len(parts) == 1, "a chain"
        return (i,) + parts[0]

    def inside(self, addr, length):
        end = RAM_BASE + self.board.used
        assert RAM_BASE <= addr and addr + length <= end, "not in DMA memory"

    def descriptor(self, at):
        assert at % 16 == 0
        return struct.unpack_from("<QIHH", self.board.ram, at - RAM_BASE)

    def part(self, addr, length, flags):
        assert not flags & ~(_NEXT | _WRITE), "flags %d" % flags
        assert length, "empty buffer"
        self.inside(addr, length)
        return addr, length, bool(flags & _WRITE)

    def check(self, parts):
        # Virtio 1.2 §2.7.4.2, §2.7.5.3.1: what is read comes first, no chain is longer than the
        # queue.
        assert 0 < len(parts) <= self.size, "chain of %d" % len(parts)
        writable = [part[2] for part in parts]
        assert writable == sorted(writable), "a readable buffer follows a writable one"

    def watch(self, on, addrs, addr):
        if on:
            addrs.add(addr)
        else:
            addrs.discard(addr)


class SplitDeviceQueue(DeviceQueue):
    """Virtio 1.2 §2.7."""

    def __init__(self, board, size, desc, avail, used):
        super().__init__(board, size)
        assert desc % 16 == 0 and avail % 2 == 0 and used % 4 == 0, "alignment"
        for addr, length in ((desc, 16 * size), (avail, 6 + 2 * size), (used, 6 + 8 * size)):
            self.inside(addr, length)
        self.desc, self.avail, self.used = desc, avail, used
        self.attach(True)
        assert board.u16(avail + 2) == 0 and board.u16(used + 2) == 0, "rings not cleared"
        board.p16(used, 1)  # do not notify, until the driver is ready

    def start(self, event_idx, indirect):
        self.board.p16(self.used, 0)
        super().start(event_idx, indirect)

    def attach(self, on):
        """Watch for stores and loads without their barrier, or no more."""
        board = self.board
        self.watch(on, board.avail_indexes, self.avail + 2)
        self.watch(on, board.used_indexes, self.used + 2)
        for i in range(self.size):
            self.watch(on, board.used_rings, self.used + 4 + 8 * i)

    def waiting(self):
        """How many buffers the driver has made available."""
        n = (self.board.u16(self.avail + 2) - self.seen) & 0xFFFF
        assert n <= self.size, "avail.idx jumped"
        return n

    def pop_chain(self):
        """The next available chain: (id, [(address, length, writable), ...]), or None."""
        if not self.waiting():
            return None
        i = head = self.board.u16(self.avail + 4 + 2 * (self.seen % self.size))
        self.seen += 1
        parts = []
        table, size = self.desc, self.size
        more = True
        while more:
            assert i < size, "descriptor %d of %d" % (i, size)
            addr, length, flags, following = self.descriptor(table + 16 * i)
            if flags & _INDIRECT:
                # Virtio 1.2 §2.7.5.3.1
                assert self.indirect and flags == _INDIRECT and not parts and table == self.desc
                assert length % 16 == 0, "table of %d bytes" % length
                table, size, i = addr, length // 16, 0
                assert 0 < size <= self.size, "table of %d descriptors" % size
                continue
            parts.append(self.part(addr, length, flags))
            i = following
            more = flags & _NEXT
        self.check(parts)
        return head, parts

    def push(self, i, length):
        """Return buffer i, with whatever id and length a test wants to see."""
        at = self.used + 4 + 8 * (self.done % self.size)
        struct.pack_into("<II", self.board.ram, at - RAM_BASE, i, length)
        self.done += 1
        self.board.p16(self.used + 2, self.done)
        # Virtio 1.2 §2.7.7.2: used_event is the entry that is to be announced.
        event = self.board.u16(self.avail + 4 + 2 * self.size)
        self.crossed = self.crossed or (self.done - 1 - event) & 0xFFFF == 0

    def set_used(self, idx):
        self.board.p16(self.used + 2, idx)

    def wants_interrupt(self):
        """Whether to interrupt for what was pushed since the last time."""
        if self.event_idx:
            assert self.board.u16(self.avail) == 0, "flags with EVENT_IDX"
            crossed = self.crossed
            self.crossed = False
            return crossed
        return not self.board.u16(self.avail) & 1

    def notify_me(self, on):
        self.awake = on
        if self.event_idx:
            # Virtio 1.2 §2.7.10.1: the entry of which to be told; or one that is far away.
            event = self.seen if on else self.seen - 1
            self.board.p16(self.used + 4 + 8 * self.size, event)
        else:
            self.board.p16(self.used, 0 if on else 1)


_AVAIL, _USED = 1 << 7, 1 << 15
_ENABLE, _DISABLE, _DESC = 0, 1, 2


class PackedDeviceQueue(DeviceQueue):
    """Virtio 1.2 §2.8."""

    def __init__(self, board, size, desc, driver, device):
        super().__init__(board, size)
        assert desc % 16 == 0 and driver % 4 == 0 and device % 4 == 0, "alignment"
        for addr, length in ((desc, 16 * size), (driver, 4), (device, 4)):
            self.inside(addr, length)
        self.desc, self.driver, self.device = desc, driver, device
        self.attach(True)
        for slot in range(size):
            assert board.u16(desc + 16 * slot + 14) == 0, "ring not cleared"
        self.spans = {}  # {id: descriptors of the chain that the device has}
        board.p16(device + 2, _DISABLE)  # until the driver is ready

    def attach(self, on):
        """Watch for stores and loads without their barrier, or no more."""
        for slot in range(self.size):
            at = self.desc + 16 * slot
            self.watch(on, self.board.avail_indexes, at + 12)
            self.watch(on, self.board.used_indexes, at + 12)
            self.watch(on, self.board.used_rings, at + 8)

    def flags(self, position):
        return self.board.u16(self.desc + 16 * (position % self.size) + 14)

    def lap(self, position):
        """The wrap counter (§2.8.1)."""
        return not (position // self.size) & 1

    def available(self, position):
        flags = self.flags(position)
        lap = self.lap(position)
        return bool(flags & _AVAIL) == lap and bool(flags & _USED) != lap

    def waiting(self):
        """How many descriptors the driver has made available."""
        n = 0
        while n < self.size and self.available(self.seen + n):
            n += 1
        return n

    def pop_chain(self):
        """The next available chain: (id, [(address, length, writable), ...]), or None."""
        if not self.waiting():
            return None
        parts = []
        span = 0
        ids = set()
        while True:
            assert self.available(self.seen), "half a chain is available"
            at = self.desc + 16 * (self.seen % self.size)
            addr, length, i, flags = self.descriptor(at)
            self.seen += 1
            span += 1
            ids.add(i)
            flags &= ~(_AVAIL | _USED)
            if flags & _INDIRECT:
                # §2.8.7: in the table NEXT is reserved; the order says what follows.
                assert self.indirect and flags == _INDIRECT and not parts
                assert length % 16 == 0 and 0 < length // 16 <= self.size
                for entry in range(addr, addr + length, 16):
                    part = self.descriptor(entry)
                    assert part[3] & ~_WRITE == 0, "flags %d in a table" % part[3]
                    parts.append(self.part(part[0], part[1], part[3]))
                break
            parts.append(self.part(addr, length, flags))
            if not flags & _NEXT:
                break
        self.check(parts)
        # The last one's counts (§2.8.6), and QEMU takes the first one's.
        assert len(ids) == 1, "a chain has two names"
        assert i not in self.spans, "buffer %d twice" % i
        self.spans[i] = span
        return i, parts

    def push(self, i, length):
        """Return buffer i, with whatever id and length a test wants to see."""
        at = self.desc + 16 * (self.done % self.size)
        flags = _AVAIL | _USED if self.lap(self.done) else 0
        # The address is no longer there (§2.8.4): the driver must not need it.
        struct.pack_into(
            "<QIHH", self.board.ram, at - RAM_BASE, 0xDEADBEEF, length, i & 0xFFFF, flags
        )
        span = self.spans.pop(i, 1)
        event = self.board.u16(self.driver)
        for _ in range(span):
            here = self.done % self.size | (0x8000 if self.lap(self.done) else 0)
            self.crossed = self.crossed or here == event
            self.done += 1

    def wants_interrupt(self):
        """Whether to interrupt for what was pushed since the last time."""
        flags = self.board.u16(self.driver + 2)
        crossed = self.crossed
        self.crossed = False
        if flags == _DESC:
            assert self.event_idx
            return crossed
        assert flags in (_ENABLE, _DISABLE)
        return flags == _ENABLE

    def notify_me(self, on):
        self.awake = on
        if not on:
            self.board.p16(self.device + 2, _DISABLE)
        elif self.event_idx:
            lap = 0x8000 if self.lap(self.seen) else 0
            self.board.p16(self.device, self.seen % self.size | lap)
            self.board.p16(self.device + 2, _DESC)
        else:
            self.board.p16(self.device + 2, _ENABLE)
