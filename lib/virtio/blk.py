# Frostnet: disk (Virtio 1.2 §5.2)
# MIT license; Copyright (c) 2026 The Frostnet authors

# A filesystem calls this from C in the middle of its own changes, and the garbage collector does
# too (it closes lost files) while nothing can be allocated. So what runs per request allocates
# nothing and raises nothing. And no callback may run from the filesystem's call to its return,
# because it may want the same filesystem. They run at jumps, and so does Ctrl-C: there is no jump
# before the lock is taken, nor after it is given up, here and in those who call.

import _port
from micropython import const

from frostnet.counters import Counters
from frostnet.wire.fast import copy
from virtio import VirtioError, blk_slots, devices
from virtio.blk_pages import PAGE, Pages
from virtio.blk_slots import AGAIN, FLUSH, IN, OUT, Slots
from virtio.features import INDIRECT_DESC

F_SIZE_MAX = const(1 << 1)
F_RO = const(1 << 5)
F_BLK_SIZE = const(1 << 6)
F_FLUSH = const(1 << 9)

# Device configuration (§5.2.4), in units of 512 bytes and in bytes.
_CAPACITY = const(0)
_SIZE_MAX = const(8)
_BLK_SIZE = const(20)
_SECTOR = const(512)
_LONG = const(1 << 20)

_AROUND = const(32768)  # bytes that a short read brings: a request costs much the same for 512

_RESTARTS = const(2)  # per request

_EIO, _ENODEV, _EINVAL, _EROFS = const(-5), const(-19), const(-22), const(-30)


class VirtioBlk:
    """A drive of `size` bytes; `unit` is the least that it transfers, in bytes.

    `read_only` says that it takes no writes, `error` is the VirtioError that ended its life, None
    while it is well. `idle()` is called every now and then while the drive is slow, unless a
    callback waits for it; it keeps the network going. See docs/disk.md.
    """

    idle = None

    def __init__(self, transport, port=_port):
        self.transport = transport
        self.counters = Counters(("errors", "restarts", "lost_writes") + blk_slots.COUNTERS)
        self.error = None
        self.late = 0
        self._port = port
        self._dirty = False  # written since the last flush
        try:
            self._open()
        except MemoryError:
            transport.fail()
            raise VirtioError(transport.where, "there is no DMA memory left for its buffers")

    def read(self, at, buf, part=None):
        """Read all of `buf` from byte `at` on. 0, or a negative errno.

        A `part` of the drive has `start` and `size`, which bound what is reached, and `error`,
        which answers all requests while it is not 0. `part.fail(errno)` is called when one failed.
        `late` is for the drive's use, 0 at first.
        """
        return self._run(IN, at, buf, part)

    def write(self, at, buf, part=None):
        """Write `buf` from byte `at` on. 0, or a negative errno, maybe that of an earlier write.

        It does not wait for the drive. What is read is what was written, but only flush() makes it
        safe, and says whether the drive took it.
        """
        return self._run(OUT, at, buf, part)

    def flush(self, part=None):
        """Have the drive keep what was written, whatever happens. 0, or a negative errno.

        An error of a write since the last one is returned here, if no write has done so.
        """
        return self._run(FLUSH, 0, b"", part)

    def _run(self, kind, at, buf, part):
        first = self._port.lock()
        try:
            self._slots.idle = self.idle if first else None
            n = len(buf)
            size = self.size
            start = 0
            owner = self
            if part:
                if part.error:
                    return part.error
                start, size = part.start, part.size
                owner = part
            if at < 0 or at + n > size:
                return _EINVAL
            at += start
            aligned = not at & (PAGE - 1)
            if kind == IN:
                if n == PAGE and aligned and self._pages.get(at, buf):
                    return 0
            elif kind == FLUSH:
                if not self._dirty and not owner.late:
                    return 0
            elif self.read_only:
                return _EROFS
            else:
                self._dirty = True
                self._pages.drop(at, n)
            result = self._do(kind, at, buf, n, owner)
            if kind != IN and owner.late:
                result = result or owner.late
                owner.late = 0
            if result:
                self.counters.errors += 1
                if part:
                    part.fail(result)
            elif aligned and (n == PAGE or n > PAGE and kind == OUT):
                self._pages.put(at, buf)
            return result
        finally:
            self._port.unlock()

    # Do it, and once more if the drive had to be reset.
    def _do(self, kind, at, buf, n, owner):
        tries = _RESTARTS
        while not self.error:
            result = self._slots.settle()
            if not result:
                if kind == IN:
                    result = self._read(at, buf, n)
                elif kind == FLUSH:
                    result = self._flush()
                elif (at | n) & (self.unit - 1):
                    result = self._patch(at, buf, n, owner)
                else:
                    result = self._write(at, buf, n, owner)
            if result != AGAIN:
                return result
            self._restart(tries)
            tries -= 1
        return _ENODEV

    # A short read brings what is around it too, which a filesystem mostly wants next.
    def _read(self, at, buf, n):
        slots = self._slots
        slot = slots.find(at, n)
        if slot < 0:
            begin = at & -_AROUND
            if begin + self._around < at + n or begin + _AROUND > self.size:
                return self._read_through(at, buf, n)
            result = slots.clear(begin, _AROUND) or slots.free()
            if result:
                return result
            slot = slots.next
            slots.submit(IN, slot, begin, _AROUND)
            result = slots.wait(slot)
            if result:
                return self._read_through(at, buf, n) if result == _EIO else result
            slots.hold(slot, _AROUND)
        copy(buf, 0, slots.memory, slot * slots.segment + at - slots.start[slot], n)
        return 0

    # Whole units that cover buf are read, several requests at a time.
    def _read_through(self, at, buf, n):
        slots, unit = self._slots, self.unit
        depth, segment = slots.depth, slots.segment
        end = at + n
        last = (end + unit - 1) & -unit
        sent = done = at & -unit
        ahead = 0
        slot = slots.next
        result = slots.clear(done, last - done)
        if result:
            return result
        while done < last:
            while sent < last and ahead < depth:
                result = slots.free()
                if result:
                    return result
                stop = min(sent + segment, last)
                slots.submit(IN, slots.next, sent, stop - sent)
                ahead += 1
                sent = stop
            result = slots.wait(slot)
            if result:
                return result
            stop = min(done + segment, last)
            slots.hold(slot, stop - done)
            begin = max(done, at)
            copy(
                buf, begin - at, slots.memory, slot * segment + begin - done,
                min(stop, end) - begin
            )  # fmt: skip
            ahead -= 1
            slot = (slot + 1) % depth
            done = stop
        return 0

    # After what was written before, wherever that is: a drive does what it is asked in any order,
    # and a filesystem whose entry is there before the file is would be damaged by a sudden end.
    def _write(self, at, buf, n, owner):
        slots = self._slots
        result = slots.clear(0, self.size)
        if result:
            return result
        slots.drop(at, n)
        done = 0
        while done < n:
            result = slots.free()
            if result:
                return result
            slot = slots.next
            size = min(slots.segment, n - done)
            copy(slots.memory, slot * slots.segment, buf, done, size)
            slots.submit(OUT, slot, at + done, size, owner)
            done += size
        return 0

    # Parts of units: read, change, write.
    def _patch(self, at, buf, n, owner):
        slots, unit = self._slots, self.unit
        end = at + n
        last = (end + unit - 1) & -unit
        done = at & -unit
        while done < last:
            stop = min(done + slots.segment, last)
            result = slots.clear(0, self.size) or slots.free()
            if result:
                return result
            slot = slots.next
            slots.submit(IN, slot, done, stop - done)
            result = slots.wait(slot)
            if result:
                return result
            begin = max(done, at)
            to = slot * slots.segment + begin - done
            copy(slots.memory, to, buf, begin - at, min(stop, end) - begin)
            slots.drop(done, stop - done)
            slots.submit(OUT, slot, done, stop - done, owner)
            done = stop
        return 0

    # §5.2.6.2: it is for writes that were answered.
    def _flush(self):
        slots = self._slots
        result = slots.clear(0, self.size)
        if not result and self.features & F_FLUSH:  # without it, what is written is kept at once
            result = slots.free()
            if not result:
                slot = slots.next
                slots.submit(FLUSH, slot, 0, 0)
                result = slots.wait(slot)
        if not result:
            self._dirty = False
        return result

    # The drive could not write `n` bytes at byte `at`; who wrote them does not wait for it.
    def _lost(self, at, n, owner):
        self.counters.lost_writes += 1
        self._pages.drop(at, n)
        owner.late = _EIO
        if owner is not self:
            owner.fail(_EIO)

    def _restart(self, tries):
        transport = self.transport
        self.counters.restarts += 1
        try:
            if not tries:
                raise VirtioError(transport.where, "broke the rules again and again")
            transport.restart()
            self._slots.begin()
        except Exception as e:
            transport.fail()
            self.error = e

    def _open(self):
        transport = self.transport
        want = F_SIZE_MAX | F_RO | F_BLK_SIZE | F_FLUSH | INDIRECT_DESC
        self.features = features = transport.negotiate(want)
        self.read_only = bool(features & F_RO)
        self.unit = unit = transport.config32(_BLK_SIZE) if features & F_BLK_SIZE else _SECTOR
        most = transport.config32(_SIZE_MAX) if features & F_SIZE_MAX else _LONG
        if not _SECTOR <= unit <= most or unit & (unit - 1) or unit > blk_slots.SEGMENT:
            transport.fail()
            raise VirtioError(transport.where, "has units of %d bytes, up to %d" % (unit, most))
        self.size = transport.stable(self._capacity) * _SECTOR & -unit
        self._pages = Pages()
        self._slots = slots = Slots(transport, self._port, self.counters, unit, most, self._lost)
        self._around = _AROUND if unit <= _AROUND <= slots.segment else 0
        transport.wake()
        self._slots.begin()

    def _capacity(self):
        transport = self.transport
        return transport.config32(_CAPACITY) | transport.config32(_CAPACITY + 4) << 32


def drives():
    """A `VirtioBlk` for every drive, in the order of devices.find(), and the first VirtioError.

    The latter is None if all of them work.
    """
    found = []
    error = None
    try:
        transports = devices.find(devices.BLOCK)
    except VirtioError as e:
        return found, e
    for transport in transports:
        try:
            found.append(VirtioBlk(transport))
        except VirtioError as e:
            error = error or e
    return found, error
