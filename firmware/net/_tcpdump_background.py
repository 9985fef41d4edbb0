# Frostnet: net.tcpdump beside the prompt
# MIT license; Copyright (c) 2026 The Frostnet authors

# What the tap has put into its slots is worked off in scheduled callbacks, a few frames at once,
# so that the program and the prompt get their turn. There nothing may wait: a connection that has
# no room calls when it has. And nothing is printed there, but the frames that the console is to
# have: a machine may be talking to the board.

from micropython import const

from frostnet.timers import Timer
from net._error import NetError
from net._tcpdump import Capture

_TURN = const(32)  # frames
_RETRY = const(10000)  # µs until another try when the scheduler has too much to do


class Background(Capture):
    """A capture that goes on beside the program, until stop(), `count` frames or the time's end.

    `captured` frames passed the filter, `seen` came, `dropped` did not fit into the slots. `error`
    is the exception that ended it, or None.
    """

    def __init__(self, *args):
        super().__init__(*args)
        self.running = True
        self.error = None
        self._called = False  # the scheduler will call
        self._over = False  # the time's end has come
        self._counts = None  # seen and dropped, when the slots are gone
        self._retry = Timer(self._call)
        self._end = Timer(self._ended)

    def __repr__(self):
        how = "goes on" if self.running else str(self.error or "ended")
        return "<capture %s, %d frames>" % (how, self.captured)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()

    @property
    def seen(self):
        return self._slots.seen if self._slots else self._counts[0]

    @property
    def dropped(self):
        return self._slots.dropped if self._slots else self._counts[1]

    def begin(self, seconds):
        """Start; return self."""
        rt = self._rt
        self._begins("stop()")
        try:
            self._attach(self._call)
        except NetError:
            self._detach()
            self._sink.close()
            raise
        rt.lock()
        try:
            self._sink.on_ready(self._call)
            if seconds is not None:
                rt.stack.timers.set(self._end, rt.clock() + int(seconds * 1000000))
        finally:
            rt.unlock()
        return self

    def stop(self):
        """End the capture: complete what was written, and give everything back."""
        if self.running:
            self._stop(True)

    # Inside the stack.

    def _ended(self, now):
        self._over = True
        self._call(now)

    # Have the scheduler call; later, if it has too much to do.
    def _call(self, now):
        if not self._called and self.running:
            self._called = self._rt.defer(self._turn)
            if not self._called:
                self._rt.stack.timers.set(self._retry, now + _RETRY)

    # Outside of it.

    def _turn(self, _):
        self._called = False
        if not self.running:
            return
        sink = self._sink
        try:
            if not self._over and not sink.over():
                self._drain(_TURN, True)
            if self._over or sink.over() or self.captured == self._count:
                self._stop(False)
                return
        except Exception as e:  # the disk is full, or the heap
            self.error = e
            self._close()
            return
        if self._slots.waiting() and sink.ready():
            rt = self._rt
            rt.lock()
            self._call(rt.stack.now)
            rt.unlock()

    # In a callback nothing may `wait`: what the sink does not take at once is dropped.
    def _stop(self, wait):
        self.running = False
        self._detach()
        sink = self._sink
        slots = self._slots
        try:
            if wait:
                self._drain_rest()
            elif sink.keeps:
                self._drain(ready=True)
                if self.captured != self._count:
                    slots.dropped += slots.waiting()
            self.finish(wait or sink.ready(), wait or not sink.keeps)
        finally:
            self._close()

    # Give everything back.
    def _close(self):
        slots = self._slots
        if slots is None:
            return
        self.running = False
        self._detach()
        self._sink.close()
        self._counts = slots.seen, slots.dropped
        self._slots = None  # half a megabyte
        rt = self._rt
        rt.lock()
        rt.stack.timers.cancel(self._retry)
        rt.stack.timers.cancel(self._end)
        rt.unlock()
