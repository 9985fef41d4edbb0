# Frostnet: the one owner of a stack: lock, poll, wait, alarm
# MIT license; Copyright (c) 2026 The Frostnet authors

# Two parties want to be inside the stack: the foreground (a socket method, a command) and the
# scheduled callback that an interrupt or the alarm asked for. The scheduler's lock keeps them
# apart: the foreground takes it, the callback runs under it. There is no other lock.

from micropython import const, schedule

_NEVER = const(1 << 60)  # later than any time
_POLLS = const(8)  # polls per callback: under a flood the program and Ctrl-C get their turn
_STREAK = const(32)  # waits in a row that end at once, before others get their turn
_GLANCE = const(1000)  # µs between two polls by programs that ask without ever waiting
_RETRY = const(1000)  # µs until another try when the scheduler's queue is full
_DEFERRED = const(64)  # user callbacks that may be on their way

_HOT = ("lock", "unlock", "release", "rest", "pump", "_work")

_ENETDOWN = const(100)

_current = None


def current():
    """The runtime of the network that is up; OSError(ENETDOWN) if there is none."""
    if _current is None:
        raise OSError(_ENETDOWN)
    return _current


def set_current(rt):
    """Make `rt` the runtime that sockets use; returns the one before."""
    global _current
    before = _current
    _current = rt
    return before


class Runtime:
    """Runs `stack` by `port`: the module `_port`, or what looks like it.

    `clock()` is the time in µs. Between `lock()` and `unlock()` nobody else is inside the stack
    and Ctrl-C waits; both nest. `resolver` is what names are looked up with, or None; `dhcp` has
    the DHCP client of each interface, {Iface: Client}.
    """

    def __init__(self, stack, port):
        self.stack = stack
        self.resolver = None
        self.dhcp = {}
        self.held = {}  # by sockets, sockets/held.py
        self.clock = port.ticks_us
        self.enter = self._port_lock = port.lock
        self._port_unlock = port.unlock
        self._port_wait = port.wait
        self._port_alarm = port.alarm
        self._drain = self._run_deferred
        self._due = 0  # time by which the stack must be polled again
        self._alarm = _NEVER  # time that the port's alarm is set to
        self._polled = 0  # time of the last poll
        self._armed = False  # all devices interrupt when a frame comes
        self._waiting = False  # the foreground sleeps in wait(), and arms the devices later
        self._streak = _STREAK
        self._deferred = []
        self._draining = False
        # A method is looked for in the object first, in vain: those of the hot path are there.
        for name in _HOT:
            setattr(self, name, getattr(self, name))

    def lock(self):
        """Enter the stack: nobody else is inside until `unlock()`, and Ctrl-C waits."""
        self._port_lock()
        # What is begun now counts from now, not from the last poll.
        self.stack.now = self.clock()

    def unlock(self):
        """Leave the stack: see to it that what was begun goes on, and give up the lock."""
        stack = self.stack
        if stack.flush():
            self._settle()
        due = stack.timers.soonest
        if due < self._due:
            self._wake(due)
        if not self._armed:
            self._arm()
        self._port_unlock()

    # enter() is a faster lock() for work that sends nothing, sets no timer and needs no time.

    def release(self):
        """Give up the lock after work that sent nothing and set no timer: a faster unlock()."""
        if not self._armed:
            self._arm()
        self._port_unlock()

    def poll(self):
        """Poll once if there is anything to do, and say if there was. Under the lock or not."""
        self._port_lock()
        try:
            return self._poll(self.clock())
        finally:
            self.release()

    def glance(self):
        """Poll if nobody did for a while: a program that only asks makes progress too."""
        if self.clock() - self._polled > _GLANCE and self.poll():
            # Who asks many sockets one after the other may have asked too early the one that
            # something came for, and no interrupt told of it: the alarm keeps it from sleeping.
            self._wake(self.clock())

    def pump(self, irq):
        """Scheduled by a device's interrupt (with its IRQ) and by the alarm (with None)."""
        if irq is None:
            self._alarm = _NEVER
            busy = self._poll(self.clock())
        else:
            # There are frames: no need to ask.
            self._armed = False
            self._work(self.clock())
            if self._waiting:
                return  # the foreground goes on now, and arms the devices
            busy = True
        left = _POLLS
        while busy and left:
            busy = self._poll(self.clock())
            left -= 1
        if busy:
            self._wake(self.clock())  # go on when the program and others have run
        elif self._due < self._alarm:
            self._wake(self._due)  # the alarm was for a timer that has moved since

    def wait(self, until=None):
        """Return after something happened, or at time `until`; None is no limit. Under the lock.

        Gives up the lock meanwhile. Raises KeyboardInterrupt, with the lock taken again. The
        caller looks at its own condition and calls again.
        """
        stack = self.stack
        if stack.flush():
            self._settle()
            if self._hurry():
                return
        due = stack.timers.soonest
        if due < self._due:
            self._wake(due)
        self.rest(until)

    def rest(self, until=None):
        """wait(), for who sent nothing and set no timer since the stack was last left."""
        # Devices that are armed have nothing, or their interrupt is on its way.
        if not self._armed and self._poll(self.clock()):
            if self._hurry():
                return
            until = 0
        elif until is None or until > self._due:
            until = self._due if self._due < _NEVER else -1
        self._streak = _STREAK
        self._waiting = True
        frames = False
        try:
            self._port_unlock()
            frames = self._port_wait(until, self.pump)
        finally:
            self._port_lock()
            self._waiting = False
            if frames:
                self._armed = False
                self._work(self.clock())
            elif self._armed:
                # No frame came, or we are in a callback, where no other one runs: look.
                self._armed = False
                self.stack.now = self.clock()

    def stop(self):
        """Do nothing from here on: no alarm, no callbacks. The devices are their owner's."""
        self._alarm = _NEVER
        self._port_alarm(-1, None)
        self._deferred.clear()
        self.held.clear()

    def defer(self, fn):
        """Have the scheduler call `fn(None)` soon, outside the stack; False if too many wait."""
        if len(self._deferred) >= _DEFERRED:
            return False
        self._deferred.append(fn)
        self._kick()
        return True

    # Who always finds something to do would never let anybody else run: not all the time.
    def _hurry(self):
        self._streak -= 1
        return self._streak > 0

    # Take up what the foreground left: frames for ourselves, output that was put off.
    def _settle(self):
        stack = self.stack
        due = now = stack.now
        left = _POLLS
        while due == now and left:
            due = stack.poll(now)
            left -= 1
        if due is not None and due < self._due:
            self._wake(due)  # `now`, or a sender that tries again

    # Poll if frames came or a deadline passed; True if so. Otherwise the devices are armed.
    def _poll(self, now):
        self._polled = now
        busy = now >= self._due
        self._armed = True
        for iface in self.stack.ifaces:
            if iface.arm():
                self._armed = False
                busy = True
        if busy:
            self._work(now)
        return busy

    def _work(self, now):
        self._polled = now
        due = self.stack.poll(now)
        if due is None:
            self._due = _NEVER
        else:
            self._due = due
            if due < self._alarm:
                self._wake(due)
        if self._deferred:
            self._kick()

    # Who leaves after a poll that found frames arms the devices; if more came, the alarm goes on.
    def _arm(self):
        self._armed = True
        for iface in self.stack.ifaces:
            if iface.arm():
                self._armed = False
                self._wake(self.clock())

    # The stack must be polled by `when`, by whoever comes first: the alarm sees to it.
    def _wake(self, when):
        self._due = when
        if when < self._alarm:
            self._alarm = when
            self._port_alarm(when, self.pump)

    # The scheduler's queue is short and everybody's: one place in it serves all callbacks.
    def _kick(self):
        if self._deferred and not self._draining:
            try:
                schedule(self._drain, None)
                self._draining = True
            except RuntimeError:
                self._wake(min(self._due, self.clock() + _RETRY))  # the queue is full

    def _run_deferred(self, _):
        self._draining = False
        if self._deferred:
            fn = self._deferred.pop(0)
            self._kick()
            fn(None)
