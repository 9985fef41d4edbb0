# Frostnet: an interface on a bad network
# MIT license; Copyright (c) 2026 The Frostnet authors

# A layer (link/layer.py) that loses, holds, repeats and spoils frames as link/faults.py draws it.
# It deals in frames of the wire. What is sent gets its checksums and its segments from the stack,
# since the layer has no offloads; what a device joined, or did not sum, is made anew before it is
# looked at, and the stack looks at all checksums itself.

from micropython import const

from frostnet.ip.unloaded import frames
from frostnet.link.held import Held
from frostnet.link.layer import IMPAIRED, Layer, find
from frostnet.timers import Timer
from frostnet.wire.fast import copy

_RETRY = const(200)  # µs until a device that had no buffer is asked again
_SLACK = const(18)  # bytes that a frame may have beyond the MTU: header, and a VLAN's tag

COUNTERS = (
    "impair_frames",  # that were looked at
    "impair_lost",
    "impair_overflow",  # too many frames were on their way
    "impair_duplicated",
    "impair_corrupted",
    "impair_reordered",
)


def of(iface):
    """Return the Impaired of an interface, or None."""
    return find(iface, Impaired)


class Way:
    """One direction: its `faults`, None if there are none, and what they did: `counts`."""

    def __init__(self, stack, size):
        self.faults = None
        self.held = Held(size)
        self.counts = {name[7:]: 0 for name in COUNTERS}
        self._stack = stack
        self._rand = stack.rand

    def set(self, faults, rand):
        """Have these faults from here on."""
        if faults is None:
            self.held.hurry(self._stack.now)
        elif self.faults is not None:
            faults.follow(self.faults)
        self.faults = faults
        self._rand = rand or self._stack.rand

    def busy(self):
        """Say whether anything here keeps a frame from going on as it came."""
        return self.faults is not None or len(self.held) > 0

    def take(self, frame, n):
        """Hold a frame until its time, unless it is lost."""
        faults = self.faults
        if faults is None:  # others are on their way yet
            if self._hold(frame, n, self._stack.now) is None:
                self._count("overflow")
            return
        rand = self._rand
        self.counts["frames"] += 1
        self._stack.counters.impair_frames += 1
        if faults.lost(rand):
            self._count("lost")
            return
        if faults.twice(rand):
            self._count("duplicated")
            self._draw(faults, rand, frame, n)
        self._draw(faults, rand, frame, n)

    def _draw(self, faults, rand, frame, n):
        late = faults.late(rand)
        if len(self.held) >= faults.queue:
            self._count("overflow")
            return
        buf = self._hold(frame, n, faults.arrival(rand, n, self._stack.now, late))
        if buf is None:
            self._count("overflow")
            return
        if late:
            self._count("reordered")
        if faults.spoil(rand, buf, n):
            self._count("corrupted")

    # Returns the copy, or None if there is no memory for it.
    def _hold(self, frame, n, when):
        held = self.held
        buf = held.buffer()
        if buf is not None:
            copy(buf, 0, frame, 0, n)
            held.put(n, when)
        return buf

    def _count(self, name):
        self.counts[name] += 1
        self._stack.counters.count("impair_" + name)


class Impaired(Layer):
    """The layer of `iface`, which has none yet: `received` and `sent` are its Ways. settle() is
    for who has set their faults; without any the layer goes when nothing is held.

    What the loopback interface sends is what it receives: it suffers when it is sent.
    """

    rank = IMPAIRED

    def __init__(self, iface):
        iface.stack.counters.register(COUNTERS)
        size = iface.dev.mtu + _SLACK
        self.received = Way(iface.stack, size)
        self.sent = Way(iface.stack, size)
        self._in_timer = Timer(self._wake)
        self._out_timer = Timer(self._send_due)
        self._handle = None  # what receive() was called with
        self._buf = memoryview(bytearray(size))  # what tx() lends
        self._stuck = False  # the device had no buffer for what is due
        super().__init__(iface)

    def place(self, dev):
        self.below = dev
        # A direction without faults, and without frames that are held, is the device's own.
        self.stand(self.received.busy(), self.sent.busy())

    def settle(self):
        """Follow a change of the faults, or the end of what was held."""
        for way, timer in ((self.received, self._in_timer), (self.sent, self._out_timer)):
            if len(way.held):
                self.stack.timers.set(timer, way.held.soonest())
        if self.received.busy() or self.sent.busy():
            self.place(self.below)
            self.changed()
        elif of(self.iface) is self:
            self.remove()

    def note(self):
        ways = (("in", self.received.faults), ("out", self.sent.faults))
        texts = ["%s: %r" % way for way in ways if way[1]]
        if len(texts) == 2 and texts[0][3:] == texts[1][4:]:
            texts = ["in and out" + texts[0][2:]]
        return "impaired " + "; ".join(texts) if texts else ""

    # Sending: tx() and send() while there is something to do.

    def _tx(self):
        return None if self._stuck else self._buf

    def _send(self, n):
        self.sent.take(self._buf, n)
        self._send_due(self.stack.now)

    # Gives the device what is due.
    def _send_due(self, now):
        held = self.sent.held
        below = self.below
        self._stuck = False
        while len(held) and held.soonest() <= now:
            out = below.tx()
            if out is None:
                self._stuck = True
                self.stack.timers.set(self._out_timer, now + _RETRY)
                return
            n, buf = held.take()
            copy(out, 0, buf, 0, n)
            held.give_back(buf)
            below.send(n)
        if len(held):
            self.stack.timers.set(self._out_timer, held.soonest())
        elif self.sent.faults is None:
            self.settle()

    # Receiving: likewise. What is due is handed up here, as from a device, and the timer does
    # nothing but see to it that the poll takes place.

    def _receive(self, handle, budget):
        self._handle = handle
        budget -= self._hand_up(budget)
        if not budget:
            return True
        more = self.below.receive(self._input, budget)
        held = self.received.held
        if len(held):
            self.stack.timers.set(self._in_timer, held.soonest())
        elif self.received.faults is None:
            self.settle()
        return more

    def _input(self, frame, n, offload=0):
        way = self.received
        if n > len(frame):
            self._handle(frame, n, offload)  # which counts it
            return
        for piece in frames(frame, n, offload):
            if len(piece) <= way.held.size:
                way.take(piece, len(piece))
            else:
                self._handle(piece, len(piece), 0)
        self._hand_up(1 << 30)

    # Hands up to `most` frames that are due to the interface; returns how many.
    def _hand_up(self, most):
        held = self.received.held
        now = self.stack.now
        count = 0
        while count < most and len(held) and held.soonest() <= now:
            n, buf = held.take()
            count += 1
            try:
                self._handle(buf, n, 0)
            finally:
                held.give_back(buf)
        return count

    def _wake(self, now):
        pass
