# Frostnet: hooks: functions that decide about the frames of an interface
# MIT license; Copyright (c) 2026 The Frostnet authors

# A layer (link/layer.py), the one next to the interface. Hooks are shown frames of the wire: what
# is sent has its checksums and is no longer than the MTU, since the layer has no offloads; what a
# device joined, or did not sum, is made as it was on the link.

from micropython import const

from frostnet.errnos import ENOBUFS
from frostnet.ip.unloaded import frames
from frostnet.link.layer import HOOKED, Layer, find
from frostnet.wire.fast import copy

_HOOKS = const(16)  # of one interface
_ANSWERS = const(16)  # frames that hooks may send for one that they are shown
_ETH = const(14)

COUNTERS = (
    "hook_drop",  # a hook said so
    "hook_drop_error",  # a hook raised an exception
    "hook_changed",
    "hook_tx",  # frames that hooks sent
    "hook_tx_no_buffer",
)


def attach(iface, hook, first, make):
    """Show `hook` what `iface` receives if `hook.received`, and what it sends if `hook.sent`,
    before (`first`) or after those that are there.

    `hook.fn(packet)` returns None or True: it may go on, False: not; or the frame to go on
    instead, as bytes. `hook.count(verdict)` and `hook.failed(exception)` are told about it.
    `make(layer)` makes a packet: `load(buf, n, out)` shows it a frame, and then `buf` and `n`
    are what is to go on; `replace(data)` makes it another one; `touched` is set with each change.

    OSError(ENOBUFS) if there are too many.
    """
    layer = find(iface, Hooked) or Hooked(iface, make)
    if len(layer.hooks) >= _HOOKS:
        raise OSError(ENOBUFS)
    layer.set((hook,) + layer.hooks if first else layer.hooks + (hook,))


def detach(iface, hook):
    """Undo attach(); nothing happens if `hook` is not attached."""
    layer = find(iface, Hooked)
    if layer and hook in layer.hooks:
        layer.set(tuple([each for each in layer.hooks if each is not hook]))


class Hooked(Layer):
    """The layer: `hooks` in their order."""

    rank = HOOKED

    def __init__(self, iface, make):
        iface.stack.counters.register(COUNTERS)
        self.hooks = self._in = self._out = ()
        self._handle = None  # what receive() was called with
        self._buf = memoryview(bytearray(_ETH + iface.dev.mtu))  # what tx() lends
        self._asking = False  # hooks look at what is sent, or it is on its way on
        self._answers = []
        self._inside = 0  # how many of our calls are under way
        super().__init__(iface)
        # While a hook looks at what came, an answer may be on its way out.
        self._came = make(self)
        self._goes = make(self)

    def place(self, dev):
        self.below = dev
        self.stand(bool(self._in), bool(self._out))

    def set(self, hooks):
        """Have these hooks; without any the layer goes, when its work is done."""
        self.hooks = hooks
        self._in = tuple([hook for hook in hooks if hook.received])
        self._out = tuple([hook for hook in hooks if hook.sent])
        self.place(self.below)
        self.changed()
        self._leave(0)

    # One call of ours has ended.
    def _leave(self, calls=1):
        self._inside -= calls
        if not self._inside and not self.hooks and find(self.iface, Hooked) is self:
            self.remove()

    def note(self):
        return "hooks: " + ", ".join(
            ["%s (%s)" % (hook.name, hook.direction) for hook in self.hooks]
        )

    def answer(self, frame):
        """Send `frame`, bytes, when the hook is done; no hook sees it. False if there are too
        many."""
        if len(self._answers) >= _ANSWERS:
            self.stack.counters.hook_tx_no_buffer += 1
            return False
        self._answers.append(frame)
        return True

    def _receive(self, handle, budget):
        self._handle = handle
        self._inside += 1
        try:
            return self.below.receive(self._input, budget)
        finally:
            self._leave()

    def _input(self, frame, n, offload=0):
        if n > len(frame):
            self._handle(frame, n, offload)  # which counts it
            return
        packet = self._came
        for piece in frames(frame, n, offload):
            packet.load(piece, len(piece), False)
            goes_on = self._ask(self._in, packet)
            if self._answers:
                self._answer()
            if goes_on:
                self._handle(packet.buf, packet.n, 0)

    # A buffer of our own: what a hook sends meanwhile must not take its place. Who sends from
    # within a hook, past answer(), finds no room.
    def _tx(self):
        return None if self._asking or self.below.tx() is None else self._buf

    def _send(self, n):
        packet = self._goes
        self._inside += 1
        self._asking = True
        try:
            packet.load(self._buf, n, True)
            if self._ask(self._out, packet):
                self._pass_on(packet.buf, packet.n)
            if self._answers:
                self._answer()
        finally:
            self._asking = False
            self._leave()

    # Asks all hooks; whether the packet may go on. We are in the middle of a poll, or of a send:
    # what a hook calls must not begin another, nor give the device its buffers back.
    def _ask(self, hooks, packet):
        stack = self.stack
        poll, flush = stack.poll, stack.flush
        stack.poll = _refuse
        stack.flush = _nothing
        try:
            return self._ask_each(hooks, packet)
        finally:  # it raises nothing, unless there is no memory at all
            stack.poll = poll
            stack.flush = flush

    # Each sees what the one before made of it.
    def _ask_each(self, hooks, packet):
        counters = self.stack.counters
        for hook in hooks:
            packet.touched = False
            try:
                verdict = hook.fn(packet)
                if verdict is not None and verdict is not True and verdict is not False:
                    packet.replace(verdict)
                    verdict = None
            except BaseException as exc:
                # A firewall that fails lets nobody in. Nothing leaves the poll loop.
                counters.hook_drop_error += 1
                hook.failed(exc)
                return False
            if packet.touched:
                counters.hook_changed += 1
            hook.count(verdict, packet.touched)
            if verdict is False:
                counters.hook_drop += 1
                return False
        return True

    def _answer(self):
        answers = self._answers
        self._answers = []
        for frame in answers:
            self.stack.counters.hook_tx += self._pass_on(frame, len(frame))

    def _pass_on(self, buf, n):
        out = self.below.tx()
        if out is None:
            self.stack.counters.hook_tx_no_buffer += 1
            return 0
        copy(out, 0, buf, 0, n)
        self.below.send(n)
        return 1


def _refuse(now):
    raise RuntimeError("a hook cannot wait: have micropython.schedule() do it later")


def _nothing():
    return False
