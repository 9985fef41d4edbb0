# Frostnet: tests of the runtime: lock, poll, wait, alarm, deferred calls
# MIT license; Copyright (c) 2026 The Frostnet authors

import micropython

from frostnet import runtime
from frostnet.runtime import Runtime


class FakePort:
    """Port whose time stands still unless somebody waits; remembers what was done to it."""

    def __init__(self):
        self.now = 1000
        self.depth = 0
        self.most = 0
        self.alarm_at = None
        self.callback = None
        self.waits = []
        self.during = None  # called in wait(), with the lock given up
        self.dev = None  # whose interrupt wakes who waits
        self.pump = None  # what it schedules; None: we are in a callback, and no other one runs

    def lock(self):
        self.depth += 1
        self.most = max(self.most, self.depth)

    def unlock(self):
        self.depth -= 1
        assert self.depth >= 0, "unlock without lock"

    def ticks_us(self):
        return self.now

    def alarm(self, when, callback):
        self.alarm_at = when
        self.callback = callback

    def wait(self, until, callback=None):
        self.waits.append(until)
        if self.during:
            self.during()
        elif self.dev and self.dev.armed and self.dev.waiting:
            self.dev.armed = False
            if self.pump:
                self.pump("irq")
        elif until > self.now:
            self.now = until


class FakeDevice:
    def __init__(self):
        self.waiting = 0  # polls that it takes to empty it
        self.armed = False

    def arm(self):
        self.armed = not self.waiting
        return self.waiting > 0


class FakeTimers:
    def __init__(self):
        self.first = None

    @property
    def soonest(self):
        return 1 << 60 if self.first is None else self.first


class FakeIface:
    def __init__(self):
        self.dev = FakeDevice()
        self.arm = self.dev.arm


class FakeStack:
    def __init__(self):
        self.now = 0
        self.polls = []
        self.flushes = 0
        self.work = False
        self.timers = FakeTimers()
        self.ifaces = [FakeIface()]
        self.dev = self.ifaces[0].dev

    def poll(self, now):
        self.now = now
        self.polls.append(now)
        self.work = False
        if self.dev.waiting:
            self.dev.waiting -= 1
        if self.timers.first is not None and self.timers.first <= now:
            self.timers.first = None
        return self.timers.first

    def pending(self):
        return self.work

    def flush(self):
        self.flushes += 1
        return self.work


def make():
    port = FakePort()
    stack = FakeStack()
    rt = Runtime(stack, port)
    port.dev = stack.dev
    port.pump = rt.pump
    rt.poll()  # the first poll is due from the start
    stack.polls.clear()
    return rt, stack, port


def test_first_poll_is_due_at_once():
    stack = FakeStack()
    rt = Runtime(stack, FakePort())
    assert rt.poll()
    assert stack.polls == [1000]
    assert not rt.poll(), "nothing is left to do"


def test_lock_tells_the_stack_the_time():
    rt, stack, port = make()
    port.now = 77000
    rt.lock()
    assert stack.now == 77000 and port.depth == 1
    rt.unlock()
    assert port.depth == 0


def test_lock_nests():
    rt, stack, port = make()
    rt.lock()
    rt.lock()
    rt.unlock()
    assert port.depth == 1
    rt.unlock()
    assert port.depth == 0


def test_unlock_flushes():
    rt, stack, port = make()
    rt.lock()
    rt.unlock()
    assert stack.flushes == 1
    rt.lock()
    rt.release()
    assert stack.flushes == 1, "release() is for work that sent nothing"


def test_unlock_polls_for_work_that_no_interrupt_announces():
    rt, stack, port = make()
    rt.lock()
    stack.work = True
    rt.unlock()
    assert stack.polls == [1000]


def test_unlock_sets_the_alarm_for_a_new_timer():
    rt, stack, port = make()
    rt.lock()
    stack.timers.first = 5000
    rt.unlock()
    assert port.alarm_at == 5000


def test_alarm_is_set_only_for_earlier_deadlines():
    rt, stack, port = make()
    rt.lock()
    stack.timers.first = 5000
    rt.unlock()
    port.alarm_at = "untouched"
    rt.lock()
    stack.timers.first = 9000
    rt.unlock()
    assert port.alarm_at == "untouched", "it goes off in time, and is set anew then"
    rt.lock()
    stack.timers.first = 3000
    rt.unlock()
    assert port.alarm_at == 3000


def test_alarm_polls_and_is_set_anew():
    rt, stack, port = make()
    rt.lock()
    stack.timers.first = 5000
    rt.unlock()
    stack.timers.first = 9000  # moved later meanwhile
    port.now = 5000
    port.callback(None)
    assert stack.polls == [5000]
    assert port.alarm_at == 9000


def test_alarm_for_a_timer_that_a_poll_moved_is_set_anew():
    rt, stack, port = make()
    rt.lock()
    stack.timers.first = 5000
    rt.unlock()
    stack.timers.first = 9000
    stack.dev.waiting = 1
    rt.poll()  # frames came: now the next deadline is known to be 9000
    port.now = 5000
    port.callback(None)  # nothing to do yet
    assert port.alarm_at == 9000


def test_pump_empties_the_devices_and_arms_them():
    rt, stack, port = make()
    stack.dev.waiting = 3
    stack.dev.armed = False
    rt.pump("irq")
    assert len(stack.polls) == 3
    assert stack.dev.armed


def test_pump_gives_others_a_turn_under_a_flood():
    rt, stack, port = make()
    stack.dev.waiting = 1000
    rt.pump("irq")
    assert len(stack.polls) < 20, "%d polls in one callback" % len(stack.polls)
    assert not stack.dev.armed
    assert port.alarm_at == port.now, "it must go on by itself"
    for _ in range(1000):
        port.callback(None)
        if stack.dev.armed:
            break
    assert stack.dev.armed and not stack.dev.waiting


def test_wait_returns_at_once_if_the_poll_brought_something():
    rt, stack, port = make()
    rt.lock()
    stack.dev.waiting = 2
    rt.wait()
    assert stack.polls == [1000] and port.waits == [-1], "the interrupt ends the sleep"
    rt.wait()
    assert stack.polls == [1000, 1000] and port.waits == [-1]
    rt.unlock()


def test_one_packet_that_somebody_waits_for_is_one_poll():
    # The callback does not arm the devices when the foreground is about to do something anyway.
    rt, stack, port = make()
    rt.lock()
    stack.dev.waiting = 1
    rt.wait()
    assert stack.polls == [1000] and not stack.dev.armed
    rt.release()
    assert stack.polls == [1000] and stack.dev.armed


def test_wait_inside_a_callback_polls_by_itself():
    rt, stack, port = make()
    port.pump = None
    rt.lock()
    stack.dev.waiting = 1
    rt.wait()
    rt.wait()
    assert stack.polls == [1000], "the interrupt woke us, but nobody handled it"
    rt.unlock()
    assert stack.dev.armed


def test_wait_sleeps_with_interrupts_armed_and_the_lock_given_up():
    rt, stack, port = make()
    depths = []
    port.during = lambda: depths.append((port.depth, stack.dev.armed))
    rt.lock()
    rt.wait()
    assert depths == [(0, True)] and port.waits == [-1]
    assert port.depth == 1
    rt.unlock()


def test_wait_flushes_before_it_sleeps():
    rt, stack, port = make()
    flushes = []
    port.during = lambda: flushes.append(stack.flushes)
    rt.lock()
    rt.wait()
    assert flushes == [1]
    rt.unlock()


def test_rest_is_a_wait_that_flushes_nothing():
    rt, stack, port = make()
    rt.enter()
    rt.rest(4000)
    assert port.waits == [4000] and stack.now == 4000 and not stack.flushes
    rt.release()


def test_wait_ends_at_the_limit_or_at_the_first_deadline():
    rt, stack, port = make()
    rt.lock()
    rt.wait(4000)
    assert port.waits == [4000] and stack.now == 4000
    stack.timers.first = 6000
    rt.wait(9000)
    assert port.waits == [4000, 6000]
    rt.wait(9000)
    assert stack.polls == [6000], "the timer that fell due runs"
    rt.unlock()


def test_wait_after_the_limit_lets_others_run_but_does_not_sleep():
    rt, stack, port = make()
    rt.lock()
    rt.wait(500)
    assert port.waits == [500] and port.now == 1000
    rt.unlock()


def test_wait_that_is_always_busy_lets_others_run():
    # A program that sends as fast as it can never sleeps: Ctrl-C must get through all the same.
    rt, stack, port = make()
    rt.lock()
    stack.dev.waiting = 100
    for _ in range(100):
        rt.wait()
    assert 2 <= len(port.waits) < 20 and port.waits[1] == 0
    rt.unlock()


def test_interrupt_in_wait_leaves_the_lock_as_it_was():
    rt, stack, port = make()

    def interrupt():
        raise KeyboardInterrupt

    port.during = interrupt
    rt.lock()
    try:
        rt.wait()
        assert False, "KeyboardInterrupt was swallowed"
    except KeyboardInterrupt:
        pass
    assert port.depth == 1
    rt.unlock()
    assert port.depth == 0
    port.during = None
    stack.dev.waiting = 1
    assert rt.poll(), "the stack goes on"


def test_interrupts_are_let_in_after_frames_that_the_foreground_took():
    # A device that has frames is not armed, and its interrupt may not even have fired.
    rt, stack, port = make()
    for leave in (rt.unlock, rt.release):
        rt.lock()
        stack.dev.waiting = 1
        rt.wait()
        assert not stack.dev.armed
        leave()
        assert stack.dev.armed
    stack.dev.waiting = 1
    rt.poll()
    assert stack.dev.armed


def test_frames_that_the_foreground_leaves_behind_are_polled_soon():
    rt, stack, port = make()
    rt.lock()
    stack.dev.waiting = 3
    rt.wait()
    rt.release()
    assert not stack.dev.armed and port.alarm_at == port.now
    port.callback(None)
    assert stack.dev.armed and not stack.dev.waiting


def test_poll_says_if_there_was_anything():
    rt, stack, port = make()
    assert not rt.poll() and stack.polls == []
    stack.dev.waiting = 1
    assert rt.poll() and len(stack.polls) == 1
    assert port.depth == 0


def test_glance_polls_once_in_a_while():
    rt, stack, port = make()
    stack.dev.waiting = 5
    rt.glance()
    assert stack.polls == [], "somebody polled just now"
    port.now += 5000
    rt.glance()
    assert len(stack.polls) == 1


def test_glance_that_found_something_keeps_who_asks_from_sleeping():
    # select asked other sockets before: for them there is no interrupt any more
    rt, stack, port = make()
    port.alarm_at = None
    port.now += 2000
    stack.dev.waiting = 1
    rt.glance()
    assert port.alarm_at == port.now
    port.callback(None)
    port.alarm_at = None
    port.now += 2000
    rt.glance()
    assert port.alarm_at is None, "nothing was there"


def test_deferred_calls_run_one_by_one_in_order():
    rt, stack, port = make()
    seen = []
    for i in range(20):
        assert rt.defer(lambda _, i=i: seen.append(i))
    for _ in range(100):
        pass  # the scheduler runs between two bytecodes
    assert seen == list(range(20)), seen


def test_deferred_calls_survive_a_full_scheduler_queue():
    rt, stack, port = make()
    seen = []

    def filler(_):
        pass

    def fill(_):
        # Inside a callback nothing is taken from the queue.
        try:
            while True:
                micropython.schedule(filler, None)
        except RuntimeError:
            pass
        rt.defer(seen.append)

    micropython.schedule(fill, None)
    for _ in range(100):
        pass
    assert seen == []
    assert port.alarm_at is not None, "somebody must try again"
    port.now = port.alarm_at
    port.callback(None)
    for _ in range(100):
        pass
    assert seen == [None]


def test_deferred_calls_are_bounded():
    rt, stack, port = make()
    taken = []

    def fill(_):
        while len(taken) < 10000 and rt.defer(lambda _: None):
            taken.append(1)

    micropython.schedule(fill, None)
    for _ in range(10000):
        pass
    assert 16 <= len(taken) < 1000, len(taken)


def test_deferred_call_that_raises_does_not_hold_up_the_next():
    rt, stack, port = make()
    seen = []

    def fail(_):
        raise ValueError("this traceback is part of the test")

    rt.defer(fail)
    rt.defer(seen.append)
    for _ in range(100):
        pass
    assert seen == [None]


def test_stop_cancels_the_alarm():
    rt, stack, port = make()
    rt.lock()
    stack.timers.first = 5000
    rt.unlock()
    rt.stop()
    assert port.alarm_at == -1


def test_current():
    before = runtime.set_current(None)
    try:
        try:
            runtime.current()
            assert False, "no network, no runtime"
        except OSError as e:
            assert e.errno == 100, e
        rt = make()[0]
        assert runtime.set_current(rt) is None
        assert runtime.current() is rt
    finally:
        runtime.set_current(before)
