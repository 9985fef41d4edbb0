# Frostnet: taps: who watches what an interface receives and sends
# MIT license; Copyright (c) 2026 The Frostnet authors

# They share a layer (layer.py), which is there while there is a tap.

from micropython import const

from frostnet.errnos import ENOBUFS
from frostnet.link.device import PARTIAL, SIZE
from frostnet.link.layer import TAPS, Layer, find

_TAPS = const(8)  # of one interface


def attach(iface, fn):
    """Have `fn(frame, n, out, now, offload)` called, inside the stack, for every frame that
    `iface` receives, before it looks at it, and for every frame that it sends (`out` is true).

    `frame[:n]` is the frame, valid during the call, `now` the time in µs. `offload` says what the
    device has done or has yet to do, as in link/device.py; ip/unloaded.py makes what is on the
    link. A true result ends the frame's way: it is not received, or not sent. `fn` may change the
    frame in place. One that raises is detached, and counted in `bug_tap`.

    OSError(ENOBUFS) if there are too many.
    """
    tapped = find(iface, _Tapped) or _Tapped(iface)
    if len(tapped.taps) >= _TAPS:
        raise OSError(ENOBUFS)
    tapped.taps += (fn,)


def detach(iface, fn):
    """Undo attach(); nothing happens if `fn` is not attached."""
    tapped = find(iface, _Tapped)
    if tapped:
        # Methods of the same object are equal, and not the same.
        tapped.taps = tuple([tap for tap in tapped.taps if tap != fn])
        if not tapped.taps:
            tapped.remove()


class _Tapped(Layer):
    rank = TAPS

    def __init__(self, iface):
        self._handle = None  # what receive() was called with
        self._buf = None  # the device's buffer that tx() lent
        self.taps = ()
        iface.stack.counters.register(("bug_tap", "tap_drop_in", "tap_drop_out"))
        super().__init__(iface)

    def place(self, dev):
        self.below = dev
        self._dev_tx = dev.tx
        self._dev_send = dev.send

    def receive(self, handle, budget):
        self._handle = handle
        return self.below.receive(self._input, budget)

    def _input(self, frame, n, offload=0):
        if self._ends(frame, min(n, len(frame)), False, offload):
            self.stack.counters.tap_drop_in += 1
        else:
            self._handle(frame, n, offload)

    def tx(self):
        self._buf = buf = self._dev_tx()
        return buf

    def send(self, n):
        if self._ends(self._buf, n, True, 0):
            self.stack.counters.tap_drop_out += 1
        else:
            self._dev_send(n)

    def send_partial(self, n, start, offset, head, size):
        if self._ends(self._buf, n, True, PARTIAL | size << SIZE):
            self.stack.counters.tap_drop_out += 1
        else:
            self.below.send_partial(n, start, offset, head, size)

    # Shows a frame to all; whether one of them ended its way.
    def _ends(self, frame, n, out, offload):
        stack = self.stack
        ends = False
        for tap in self.taps:
            try:
                if tap(frame, n, out, stack.now, offload):
                    ends = True
            except Exception as exc:
                detach(self.iface, tap)
                stack.bug("bug_tap", exc)
        return ends
