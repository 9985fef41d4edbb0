# Frostnet: disk (Virtio 1.2 §5.2)
# MIT license; Copyright (c) 2026 The Frostnet authors

# A filesystem calls this from C in the middle of its own changes, and the garbage collector does
# too (it closes lost files) while nothing can be allocated. So what runs per request allocates
# nothing and raises nothing, and callbacks wait until it is done: they may want the same
# filesystem. The drive sees only memory of our own, and keeps it until it has answered, however
# long that takes: neither Ctrl-C nor a time-out gives it to anybody else.

import _virtio
import gc

import _port
from micropython import const

from frostnet.counters import Counters
from frostnet.wire.fast import copy
from virtio import VirtioError, devices
from virtio.features import INDIRECT_DESC
from virtio.requests import Requests

F_SIZE_MAX = const(1 << 1)
F_RO = const(1 << 5)
F_BLK_SIZE = const(1 << 6)
F_FLUSH = const(1 << 9)

# Device configuration (§5.2.4), in units of 512 bytes and in bytes.
_CAPACITY = const(0)
_SIZE_MAX = const(8)
_BLK_SIZE = const(20)
_SECTOR_BITS = const(9)

_IN, _OUT, _FLUSH = const(0), const(1), const(4)  # what a request is (§5.2.6)
_OK = const(0)
_WAITING = const(0xFE)  # no status of the device's: it has not answered
_UNSET = const(0xFF)  # nor is this: it answered and did not say how it went
_HEADER = const(16)

_DEPTH = const(4)  # requests under way
_SEGMENT = const(65536)  # bytes of each, at most
_PARTS = const(3)  # header, data, status

_PATIENCE = const(10000000)  # µs that a drive may take to answer
_GRACE = const(1000000)  # µs that it may take after Ctrl-C, or if it owes older answers already
_TICK = const(10000)  # µs, at most, between two looks at the network
_RESTARTS = const(2)  # per request

_EINTR, _EIO, _ENODEV, _EINVAL = const(-4), const(-5), const(-19), const(-22)
_EROFS, _ETIMEDOUT = const(-30), const(-110)
_AGAIN = const(1)  # the drive broke the rules, or wants to be reset

_COUNTERS = (
    "reads",
    "writes",
    "flushes",
    "errors",  # requests that failed
    "timeouts",  # those that the drive did not answer
    "interrupted",  # those that Ctrl-C ended
    "restarts",
    "bug_idle",  # exceptions of idle()
)


class VirtioBlk:
    """A drive of `size` bytes; `unit` is the least that it transfers, in bytes.

    `read_only` says that it takes no writes, `error` is the VirtioError that ended its life, None
    while it is well. `idle()` is called every now and then while the drive is slow, unless a
    callback waits for it; it keeps the network going. See docs/disk.md.
    """

    idle = None

    def __init__(self, transport, port=_port):
        self.transport = transport
        self.counters = Counters(_COUNTERS)
        self.error = None
        self._port = port
        self._pump = False  # idle() may be called: nobody else is in the middle of something
        self._dirty = False  # written since the last flush
        try:
            self._open()
        except MemoryError:
            transport.fail()
            raise VirtioError(transport.where, "there is no DMA memory left for its buffers")

    def read(self, at, buf):
        """Read all of `buf` from byte `at` on. 0, or a negative errno."""
        return self._run(_IN, at, buf, len(buf))

    def write(self, at, buf):
        """Write `buf` from byte `at` on. 0, or a negative errno.

        What was written is safe from the end of QEMU, and after flush() from that of the host.
        """
        return self._run(_OUT, at, buf, len(buf))

    def flush(self):
        """Have the drive keep what was written, whatever happens. 0, or a negative errno."""
        return self._run(_FLUSH, 0, None, 0) if self._dirty else 0

    # Every request comes through here. The lock keeps callbacks out, and Ctrl-C waits too.
    def _run(self, kind, at, buf, n):
        if at < 0 or at + n > self.size:
            return _EINVAL
        if kind == _OUT and self.read_only:
            return _EROFS
        first = self._port.lock()
        try:
            self._pump = first and self.idle
            tries = _RESTARTS
            while not self.error:
                result = self._settle()
                if not result:
                    if kind == _IN:
                        result = self._read(at, buf, n)
                    elif kind == _OUT:
                        result = self._write(at, buf, n)
                    else:
                        result = self._flush()
                if result != _AGAIN:
                    if result:
                        self.counters.errors += 1
                    return result
                self._restart(tries)
                tries -= 1
            return _ENODEV
        finally:
            self._port.unlock()

    # Whole units that cover buf are read, several requests at a time.
    def _read(self, at, buf, n):
        unit = self.unit
        end = at + n
        last = (end + unit - 1) & -unit
        sent = done = at & -unit
        depth, segment = self._depth, self._segment
        ahead = slot = 0
        while done < last:
            while sent < last and ahead < depth:
                stop = min(sent + segment, last)
                self._submit(_IN, (slot + ahead) % depth, sent, stop - sent)
                ahead += 1
                sent = stop
            result = self._await(slot, _PATIENCE)
            if result:
                return result
            stop = min(done + segment, last)
            begin = max(done, at)
            copy(
                buf,
                begin - at,
                self._memory,
                slot * segment + begin - done,
                min(stop, end) - begin,
            )
            ahead -= 1
            slot = (slot + 1) % depth
            done = stop
        return 0

    def _write(self, at, buf, n):
        if (at | n) & (self.unit - 1):
            return self._patch(at, buf, n)
        depth, segment = self._depth, self._segment
        sent = done = ahead = slot = 0
        while done < n:
            while sent < n and ahead < depth:
                stop = min(sent + segment, n)
                to = (slot + ahead) % depth
                copy(self._memory, to * segment, buf, sent, stop - sent)
                self._submit(_OUT, to, at + sent, stop - sent)
                ahead += 1
                sent = stop
            result = self._await(slot, _PATIENCE)
            if result:
                return result
            ahead -= 1
            slot = (slot + 1) % depth
            done = min(done + segment, n)
        return 0

    # Parts of units: read, change, write.
    def _patch(self, at, buf, n):
        unit, segment = self.unit, self._segment
        end = at + n
        last = (end + unit - 1) & -unit
        done = at & -unit
        while done < last:
            stop = min(done + segment, last)
            self._submit(_IN, 0, done, stop - done)
            result = self._await(0, _PATIENCE)
            if not result:
                begin = max(done, at)
                copy(self._memory, begin - done, buf, begin - at, min(stop, end) - begin)
                self._submit(_OUT, 0, done, stop - done)
                result = self._await(0, _PATIENCE)
            if result:
                return result
            done = stop
        return 0

    def _flush(self):
        if self.features & F_FLUSH:  # without it, what is written is kept at once (§5.2.6.2)
            self._submit(_FLUSH, 0, 0, 0)
            result = self._await(0, _PATIENCE)
            if result:
                return result
        self._dirty = False
        return 0

    # An old request that is answered late must not overtake a newer one.
    def _settle(self):
        slot = 0
        while slot < self._depth:
            if self._state[slot] == _WAITING:
                result = self._await(slot, _GRACE)
                if result == _AGAIN:
                    return result
                if self._state[slot] == _WAITING:
                    return result
            slot += 1
        return 0

    # There are as many requests as slots of memory, and the slot is free.
    def _submit(self, kind, slot, at, n):
        requests = self._requests
        number = requests.begin()
        head = self._heads
        head[4 * number] = kind
        head[4 * number + 2] = at >> _SECTOR_BITS & 0xFFFFFFFF
        head[4 * number + 3] = at >> _SECTOR_BITS + 32
        data = self._data[number]
        data[0] = self._phys + slot * self._segment
        data[1] = n
        self._status[number] = _UNSET
        self._state[slot] = _WAITING
        self._slot_of[number] = slot
        counters = self.counters
        if kind == _IN:
            requests.put(number, self._head[number], self._data_status[number])
            counters.reads += 1
        elif kind == _OUT:
            self._dirty = True
            requests.put(number, self._head_data[number], self._tail[number])
            counters.writes += 1
        else:
            requests.put(number, self._head[number], self._tail[number])
            counters.flushes += 1
        requests.flush()

    # Wait for the answer in `slot`: 0, a negative errno, or _AGAIN.
    def _await(self, slot, patience):
        state = self._state
        port = self._port
        queue = self._requests.queue
        deadline = 0
        result = _ETIMEDOUT
        while True:
            self._collect()
            if state[slot] != _WAITING:
                return _EIO if state[slot] else 0
            if queue.broken:
                return _AGAIN
            if queue.arm():
                continue
            now = port.ticks_us()
            if not deadline:
                deadline = now + patience
            elif self.transport.failed():
                return _AGAIN
            if now >= deadline:
                break
            if port.doze(min(deadline, now + _TICK)) and result != _EINTR:
                result = _EINTR
                deadline = min(deadline, port.ticks_us() + _GRACE)
            if self._pump:
                self._keep_going()
        if result == _EINTR:
            self.counters.interrupted += 1
        else:
            self.counters.timeouts += 1
        return result

    # Note what the drive has answered.
    def _collect(self):
        requests = self._requests
        number = requests.poll()
        while number >= 0:
            self._state[self._slot_of[number]] = self._status[number]
            number = requests.poll()
        requests.queue.interrupts(False)

    # A collection would close lost files, in the middle of a filesystem that waits for us.
    def _keep_going(self):
        collecting = gc.isenabled()
        gc.disable()
        try:
            self.idle()
        except Exception:
            self.counters.bug_idle += 1
        finally:
            if collecting:
                gc.enable()

    def _restart(self, tries):
        transport = self.transport
        self.counters.restarts += 1
        try:
            if not tries:
                raise VirtioError(transport.where, "broke the rules again and again")
            transport.restart()
            self._requests.clear()
            self._begin()
        except Exception as e:
            transport.fail()
            self.error = e

    def _begin(self):
        for slot in range(self._depth):
            self._state[slot] = _OK
        self.transport.ready()

    def _open(self):
        transport = self.transport
        want = F_SIZE_MAX | F_RO | F_BLK_SIZE | F_FLUSH | INDIRECT_DESC
        self.features = features = transport.negotiate(want)
        self.read_only = bool(features & F_RO)
        size = transport.stable(self._capacity) << _SECTOR_BITS
        self.unit = unit = 512
        if features & F_BLK_SIZE:
            self.unit = unit = transport.config32(_BLK_SIZE)
        self._segment = segment = _SEGMENT
        if features & F_SIZE_MAX:
            self._segment = segment = min(_SEGMENT, transport.config32(_SIZE_MAX) & -unit)
        if unit < 512 or unit & (unit - 1) or unit > segment:
            transport.fail()
            raise VirtioError(transport.where, "has units of %d bytes, up to %d" % (unit, segment))
        self.size = size & -unit
        self._requests = requests = Requests(transport, 0, _DEPTH, _PARTS)
        self._depth = depth = requests.depth
        self._allocate(depth, segment)
        self._irq = transport.irq(_woken)
        self._irq.enable()
        self._begin()

    def _capacity(self):
        transport = self.transport
        return transport.config32(_CAPACITY) | transport.config32(_CAPACITY + 4) << 32

    # Slots of memory for data; a header, a status and what put() wants for each request.
    def _allocate(self, depth, segment):
        self._memory, self._phys = _virtio.dma(depth * segment)
        control, phys = _virtio.dma(depth * (_HEADER + 1), _HEADER)
        self._heads = _virtio.view(phys, depth * _HEADER // 4, "I")
        self._status = control[depth * _HEADER :]
        self._state = bytearray(depth)
        self._slot_of = bytearray(depth)
        heads = [(phys + n * _HEADER, _HEADER) for n in range(depth)]
        tails = [(phys + depth * _HEADER + n, 1) for n in range(depth)]
        self._data = [[0, 0] for _ in range(depth)]
        self._head = [(head,) for head in heads]
        self._tail = [(tail,) for tail in tails]
        self._head_data = list(zip(heads, self._data))
        self._data_status = list(zip(self._data, tails))


# The interrupt is there to wake up who sleeps.
def _woken(irq):
    irq.take()


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
