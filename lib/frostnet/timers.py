# Frostnet: timers on a lazy heap
# MIT license; Copyright (c) 2026 The Frostnet authors

# The heap holds (when, serial, timer). A timer's newest entry is the one with its `_serial`;
# older ones are stale and dropped when they surface. An entry may surface before the timer is
# due: then it is put back at the due time. So moving a timer later, the common case, and
# cancelling it cost one store each.

from heapq import heapify, heappop, heappush
from micropython import const

# Entries of cancelled and moved timers are swept out when the heap has grown to twice what was
# live at the last sweep, or when half of it are timers that cancel() ended, and at least this many
# are there.
_SWEEP_MIN = const(64)

NEVER = const(1 << 60)  # later than any time


class Timer:
    """One deadline. `due` is the time in µs, or None; storing None cancels."""

    def __init__(self, fn):
        self.fn = fn  # called with `now`
        self.due = None
        self._when = 0  # time of the newest heap entry
        self._serial = 0  # its serial number, 0 if there is none


class Timers:
    """All timers of one stack. No timer is due before `soonest`, which costs nothing to ask."""

    def __init__(self):
        self.soonest = NEVER
        self.heap = []
        self._serial = 0
        self._limit = _SWEEP_MIN
        self._cancelled = 0  # by cancel() since the last sweep

    def __len__(self):
        return len(self.heap)

    def set(self, timer, when):
        """Let `timer` run at time `when` (µs), instead of the time it was set to before."""
        timer.due = when
        if timer._serial:
            if when >= timer._when:
                return  # its entry surfaces in time
            timer._serial = 0
        if len(self.heap) >= self._limit:
            self._sweep()
        self._push(timer, when)

    def cancel(self, timer):
        """Let `timer` not run. Storing None in `due` is faster; this gives memory back when many
        are cancelled and nobody sets another one."""
        timer.due = None
        if timer._serial:
            self._cancelled = n = self._cancelled + 1
            if n >= _SWEEP_MIN and n > len(self.heap) >> 1:
                self._sweep()

    def next(self):
        """Return the time of the earliest timer, or None."""
        entry = self._settle()
        if entry is None:
            self.soonest = NEVER
            if self._limit > _SWEEP_MIN:
                self._limit = _SWEEP_MIN
                self.heap = []  # one that was large does not shrink by itself
            return None
        self.soonest = entry[0]
        return entry[0]

    def pop(self, now):
        """Return a timer that is due and clear it, or None when no timer is due."""
        if now < self.soonest:
            return None
        when = self.next()
        if when is None or when > now:
            return None
        timer = heappop(self.heap)[2]
        timer._serial = 0
        timer.due = None
        return timer

    def _push(self, timer, when):
        self._serial = serial = self._serial + 1
        timer._serial = serial
        timer._when = when
        if when < self.soonest:
            self.soonest = when
        heappush(self.heap, (when, serial, timer))

    # Makes the top of the heap a live entry at its timer's due time and returns it.
    def _settle(self):
        heap = self.heap
        while heap:
            entry = heap[0]
            timer = entry[2]
            if timer._serial == entry[1]:
                due = timer.due
                if due == entry[0]:
                    return entry
                timer._serial = 0
                if due is not None:
                    heappop(heap)
                    self._push(timer, due)
                    continue
            heappop(heap)
        return None

    def _sweep(self):
        heap = []
        for entry in self.heap:
            timer = entry[2]
            if timer._serial == entry[1]:
                if timer.due is None:
                    timer._serial = 0
                else:
                    heap.append(entry)
        heapify(heap)
        self.heap = heap
        self._cancelled = 0
        self._limit = max(_SWEEP_MIN, 2 * len(heap))
