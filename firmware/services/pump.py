# Frostnet: runs services from scheduled callbacks, in short turns
# MIT license; Copyright (c) 2026 The Frostnet authors

# What the stack tells a service it tells inside of its poll, where nothing but a note may be left.
# The notes are worked off in a callback, for a slice of time at once: the program, the prompt and
# the network get their turn between two slices.

from micropython import const

from frostnet import runtime
from frostnet.timers import Timer

_SLICE = const(2000)  # µs after which a turn ends with the task that runs
_RETRY = const(1000)  # µs until another try when too many callbacks are on their way
_STRETCH = const(18000)  # µs of turns, one soon after the other, after which comes a rest
_REST = const(2000)  # µs that are the program's, if it wants them
_APART = const(5000)  # µs between two turns in which it had enough

_pump = None


def current():
    """The Pump of the runtime that is up; OSError(ENETDOWN) if there is none."""
    global _pump
    rt = runtime.current()
    if _pump is None or _pump.rt is not rt:
        _pump = Pump(rt)
    return _pump


class Task:
    """Something that has work at times: `run()` does some of it; `failed(error)` is told of an
    exception that left it.
    """

    posted = False  # its turn is to come


class Pump:
    """The tasks whose turn is to come, first come first served. There is one for all services."""

    def __init__(self, rt):
        self.rt = rt
        self._ready = []  # each task is in it once: as many as there are sessions at most
        self._called = False  # a callback is on its way, or runs, or the timer is set
        self._timer = Timer(self._due)
        self._left = 0  # when the last turn ended
        self._spent = 0  # µs of turns since the last rest

    def post(self, task):
        """Have `task.run()` called soon, outside of the stack; from anywhere, a poll included."""
        if not task.posted:
            task.posted = True
            self._ready.append(task)
            if not self._called:
                self._call(0)

    def _call(self, now):
        if self._called or not self._ready:
            return
        self._called = True  # before it may have run
        if not self.rt.defer(self._turn):
            stack = self.rt.stack
            stack.timers.set(self._timer, stack.now + _RETRY)

    def _due(self, now):
        self._called = False
        self._call(now)

    # What tasks post meanwhile waits for its turn in this one, or in the next.
    def _turn(self, _):
        clock = self.rt.clock
        now = begin = clock()
        ready = self._ready
        try:
            while ready:
                task = ready.pop(0)
                task.posted = False
                try:
                    task.run()
                except Exception as e:
                    task.failed(e)
                now = clock()
                if now - begin >= _SLICE:
                    break
        finally:
            self._spent = now - begin + (0 if begin - self._left > _APART else self._spent)
            self._left = now
            if self._spent >= _STRETCH:
                self._rest(now)
            else:
                self._called = False
                self._call(0)

    # Who always has something to do would leave a program, or the prompt, next to nothing.
    def _rest(self, now):
        self._spent = 0
        rt = self.rt
        rt.lock()
        try:
            rt.stack.timers.set(self._timer, now + _REST)
        finally:
            rt.unlock()
