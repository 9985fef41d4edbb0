# Frostnet: what virtio devices have in common, wherever they are (Virtio 1.2 §2, §3)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from virtio import VirtioError, features
from virtio.packed import Packed
from virtio.split import Split

RING = const(1)  # bits of ack(), take()
CONFIG = const(2)

# What drivers need not ask for: it is between the device, the transport and its queues.
_ANY = const(1 << 27 | 1 << 28 | 1 << 29)  # ANY_LAYOUT, INDIRECT_DESC, EVENT_IDX
_MODERN = const(1 << 33 | 1 << 34)  # ACCESS_PLATFORM (our addresses are devices'), RING_PACKED

# Device status (§2.1).
_ACKNOWLEDGE = const(1)
_DRIVER = const(2)
_DRIVER_OK = const(4)
_FEATURES_OK = const(8)
_NEEDS_RESET = const(64)
_FAILED = const(128)

_SIZE_MAX = const(1024)  # of a queue whose size the device dictates: QEMU's limit
_TRIES = const(100000)  # reads of a register that ought to change at once


class Transport:
    """A virtio device. In this order a driver calls

        exclude(names)            features that it is not to use, by name
        negotiate(want, need)     reset, and agree on features: `features`
        queue(index, limit)       for each queue
        irq(callback)             attach the interrupt, or wake()
        ready()                   the device may start
        restart()                 when `failed()`, or when a queue is `broken`

    `where` names the device in errors, `device_id` says what it is (§5), 0 for an empty place,
    `modern` whether it is of virtio 1.0 or later.

    A transport of a kind is a subclass, which has in addition

        config8/16/32(offset)     read the device's configuration
        irq(callback)             the IRQ object, off until its enable(); its take() is as ack()
        ack()                     acknowledge the interrupt; RING and CONFIG say what it was
        _read_status(), _write_status(value)
        _read_features(word), _write_features(word, bits)   32 bits of what both sides offer
        _select(index)            choose a queue: how large it may be; None if it is in use
        _place(queue)             tell the device where the chosen queue is
        _wire(queue)              set the queue's `notify_write` and `notify_addr`
        _generation()             of the configuration; None if the device has none
    """

    features = 0
    exact = False  # queues have the size that the device says, no other
    _excluded = 0
    _waker = None

    def __init__(self, where, device_id, modern):
        self.where = where
        self.device_id = device_id
        self.modern = modern
        self.queues = []
        self._status = 0

    def exclude(self, names):
        """Do not agree on the features with these names, nor on those that nobody may use.

        virtio/features.py has the names. ValueError if there is none such.
        """
        self._excluded = features.bits(self.device_id, names)

    def offered(self):
        """The features that the device offers and that are not excluded."""
        return self._offered() & ~self._excluded & ~features.switched_off(self.device_id)

    def negotiate(self, want, need=0):
        """Reset the device and agree on features: `need`, and of `want` what it offers.

        Returns the agreed bits. VirtioError if a needed one is missing or they are refused.
        """
        want |= _ANY
        if self.modern:
            want |= _MODERN
        self.queues.clear()
        self._agree(want, need, self.offered)
        return self.features

    def queue(self, index, limit):
        """Queue number `index` with at most `limit` (a power of two) buffers."""
        most = self._choose(index)
        size = most if self.exact else limit
        while size > most:
            size >>= 1
        if not size:
            self.fail()
            raise VirtioError(self.where, "has no queue %d" % index)
        if size > _SIZE_MAX or size & (size - 1):
            self.fail()
            raise VirtioError(self.where, "has queues of %d buffers, which cannot be" % size)
        kind = Packed if self.features & features.RING_PACKED else Split
        queue = kind(index, size, "%s, queue %d" % (self.where, index))
        queue.event_idx = bool(self.features & features.EVENT_IDX)
        self._place(queue)
        self._wire(queue)
        self.queues.append(queue)
        return queue

    def wake(self):
        """Have the interrupt wake up who sleeps, and nothing else: instead of irq()."""
        self._waker = self.irq(self._woken)
        self._waker.enable()

    def ready(self):
        """Set-up is done: let the device work."""
        self._add_status(_DRIVER_OK)

    def restart(self):
        """Reset the device and begin anew, with the features and queues that were agreed on.

        All that was in the queues is lost, and the driver has its buffers back. It calls ready().
        VirtioError, and the device is given up, if it is not as it was.
        """
        self._agree(0, self.features, self._offered)
        for queue in self.queues:
            queue.clear()
            if self._choose(queue.index) < queue.size:
                self.fail()
                raise VirtioError(self.where, "made queue %d smaller" % queue.index)
            self._place(queue)
        if self._waker:
            self._waker.enable()

    def failed(self):
        """Whether the device asks for a reset (DEVICE_NEEDS_RESET, §2.1.2)."""
        return bool(self._read_status() & _NEEDS_RESET)

    def reset(self):
        """Stop the device: afterwards it touches no memory."""
        self._status = 0
        self._write_status(0)
        for _ in range(_TRIES):
            if not self._read_status():
                return
        raise VirtioError(self.where, "does not come out of its reset")

    def fail(self):
        """Give up on the device: stop it, and leave a sign."""
        self._write_status(0)
        self._status = _FAILED
        self._write_status(_FAILED)

    def stable(self, read):
        """`read()`, repeated until the configuration did not change meanwhile (§2.5.2)."""
        before = self._generation()
        value = read()
        for _ in range(_TRIES):
            after = self._generation()
            if after is None:
                # A legacy device: two equal readings are as good as it gets.
                again = read()
                if again == value:
                    break
                value = again
            elif after == before:
                break
            else:
                before = after
                value = read()
        return value

    def _offered(self):
        return self._read_features(1) << 32 | self._read_features(0)

    # `offered()` can be asked once the device knows that there is a driver.
    def _agree(self, want, need, offered):
        self.reset()
        self._add_status(_ACKNOWLEDGE)
        self._add_status(_DRIVER)
        if self.modern:
            need |= features.VERSION_1
        offered = offered()
        lacking = need & ~offered
        if lacking:
            self.fail()
            raise VirtioError(self.where, "lacks features 0x%x" % lacking)
        agreed = offered & (want | need)
        self._write_features(1, agreed >> 32)
        self._write_features(0, agreed & 0xFFFFFFFF)
        if self.modern:
            self._add_status(_FEATURES_OK)
            if not self._read_status() & _FEATURES_OK:
                self.fail()
                raise VirtioError(self.where, "refused the features 0x%x" % agreed)
        self.features = agreed

    # QEMU's virtio-mmio leaves the line of a device that failed up until it is reset: until the
    # driver notices, the board would do nothing but take interrupts.
    def _woken(self, irq):
        if irq.take() != RING and self.failed():
            irq.disable()

    def _choose(self, index):
        most = self._select(index)
        if most is None:
            self.fail()
            raise VirtioError(self.where, "queue %d is in use after a reset" % index)
        return most

    def _add_status(self, bit):
        self._status |= bit
        self._write_status(self._status)
