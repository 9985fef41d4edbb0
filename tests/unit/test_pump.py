# Frostnet: tests of what runs services: turns, their length, and the program's share
# MIT license; Copyright (c) 2026 The Frostnet authors

from services import pump


class Clock:
    """What the pump needs of a runtime; callbacks run one after the other in `run()`."""

    def __init__(self):
        self.now = 0
        self.stack = self.timers = self
        self.deferred = []
        self.timer = None
        self.full = 0  # so many callbacks find no room

    def clock(self):
        return self.now

    def defer(self, function):
        if self.full:
            self.full -= 1
            return False
        self.deferred.append(function)
        assert len(self.deferred) == 1, "one callback at a time"
        return True

    def set(self, timer, when):
        timer.due = when
        self.timer = timer

    def lock(self):
        pass

    unlock = lock

    def run(self, until):
        """(µs in callbacks, µs of the program)"""
        busy = free = 0
        while self.now < until:
            begin = self.now
            if self.deferred:
                self.deferred.pop(0)(None)
                busy += self.now - begin
            else:
                self.now += 10
                free += 10
            if (
                self.timer is not None
                and self.timer.due is not None
                and self.now >= self.timer.due
            ):
                self.timer.due = None
                self.timer.fn(self.now)
        return busy, free


class Busy(pump.Task):
    def __init__(self, to_pump, clock, takes, again=True):
        self.pump, self.clock, self.takes, self.again = to_pump, clock, takes, again
        self.turns = 0
        self.errors = []

    def run(self):
        self.turns += 1
        self.clock.now += self.takes
        if self.again:
            self.pump.post(self)
        if self.again is None:
            raise ValueError("a defect")

    def failed(self, error):
        self.errors.append(error)


def make(*takes):
    clock = Clock()
    p = pump.Pump(clock)
    tasks = [Busy(p, clock, us) for us in takes]
    for task in tasks:
        p.post(task)
        p.post(task)  # once is enough
    return clock, p, tasks


def test_a_program_has_its_share():
    clock, p, tasks = make(*[300] * 20)
    busy, free = clock.run(1000000)
    assert 0.08 < free / (free + busy) < 0.15, (busy, free)
    turns = [task.turns for task in tasks]
    assert max(turns) - min(turns) <= 1 and sum(turns) > 2900


def test_one_long_task():
    clock, p, tasks = make(30000)
    busy, free = clock.run(1000000)
    assert 0.05 < free / (free + busy) < 0.1 and tasks[0].turns > 25


def test_who_leaves_time_does_not_wait():
    clock = Clock()
    p = pump.Pump(clock)
    task = Busy(p, clock, 1000, again=False)
    for _ in range(200):
        p.post(task)
        before = clock.now
        clock.run(before + 1000)
        assert clock.now - before <= 1010 and not task.posted  # at once
        clock.run(clock.now + 6000)
    assert task.turns == 200


def test_no_room_for_callbacks():
    clock = Clock()
    clock.full = 3
    p = pump.Pump(clock)
    task = Busy(p, clock, 100, again=False)
    p.post(task)
    clock.run(10000)
    assert task.turns == 1
    p.post(task)
    clock.run(20000)
    assert task.turns == 2


def test_a_defect_stops_nobody():
    clock, p, (good,) = make(100)
    bad = Busy(p, clock, 100, again=None)
    for _ in range(50):
        p.post(bad)
        clock.run(clock.now + 5000)
    assert bad.turns == len(bad.errors) == 50 and good.turns > 2000
