# Frostnet: tests of the timers
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.timers import Timer, Timers
from simwire import Rng


def make(n):
    log = []
    timers = []
    for i in range(n):
        timers.append(Timer(lambda now, i=i: log.append((i, now))))
    return Timers(), timers, log


def run(timers, now):
    while True:
        timer = timers.pop(now)
        if timer is None:
            return
        timer.fn(now)


def test_timers_run_in_order_and_once():
    timers, (a, b, c), log = make(3)
    timers.set(b, 20)
    timers.set(c, 30)
    timers.set(a, 10)
    assert timers.next() == 10
    run(timers, 9)
    assert log == []
    run(timers, 20)
    assert log == [(0, 20), (1, 20)]
    assert a.due is None and b.due is None and c.due == 30
    assert timers.next() == 30
    run(timers, 1000)
    assert log[2:] == [(2, 1000)]
    assert timers.next() is None


def test_equal_times_run_in_the_order_they_were_set():
    timers, (a, b, c), log = make(3)
    for t in (c, a, b):
        timers.set(t, 5)
    run(timers, 5)
    assert [i for i, _ in log] == [2, 0, 1]


def test_cancel():
    timers, (a, b), log = make(2)
    timers.set(a, 10)
    timers.set(b, 20)
    a.due = None
    assert timers.next() == 20
    run(timers, 100)
    assert log == [(1, 100)]
    timers.set(a, 200)
    assert timers.next() == 200, "a cancelled timer can be set again"


def test_cancel_and_set_again_before_the_entry_surfaced():
    timers, (a,), log = make(1)
    timers.set(a, 10)
    a.due = None
    timers.set(a, 30)
    assert timers.next() == 30
    run(timers, 29)
    assert log == []
    run(timers, 30)
    assert log == [(0, 30)]


def test_moving_later_costs_no_heap_entry():
    timers, (a,), log = make(1)
    for when in range(10, 1000):
        timers.set(a, when)
    assert len(timers) == 1
    assert timers.next() == 999
    run(timers, 998)
    assert log == []
    run(timers, 999)
    assert log == [(0, 999)]


def test_moving_earlier():
    timers, (a,), log = make(1)
    timers.set(a, 100)
    timers.set(a, 50)
    assert timers.next() == 50
    run(timers, 50)
    assert log == [(0, 50)]
    run(timers, 100)
    assert log == [(0, 50)], "ran again from the old entry"
    timers.set(a, 100)
    run(timers, 100)
    assert log == [(0, 50), (0, 100)]


def test_timer_set_again_from_its_own_callback():
    timers = Timers()
    times = []

    def again(now):
        times.append(now)
        if now < 50:
            timers.set(t, now + 10)

    t = Timer(again)
    timers.set(t, 10)
    for now in range(0, 100, 5):
        run(timers, now)
    assert times == [10, 20, 30, 40, 50]


def test_garbage_is_bounded():
    timers, all_timers, _ = make(4)
    when = 1_000_000
    # Each round leaves one stale entry for ever in a heap that does not clean up.
    for i in range(5000):
        for t in all_timers:
            timers.set(t, when)
            timers.set(t, when - 500_000 + i)
            t.due = None
            timers.set(t, when - 600_000 + i // 2)
        run(timers, when - 600_000 + i // 2)
        when += 100
    assert len(timers) < 200, len(timers)


def test_cancelled_timers_leave_no_garbage():
    # A timer per passing guest, each cancelled long before its time.
    timers = Timers()
    keep = Timer(None)
    timers.set(keep, 50_000_000)
    for i in range(5000):
        t = Timer(None)
        timers.set(t, 60_000_000 + i)
        t.due = None
    assert len(timers) < 200, len(timers)
    assert timers.next() == 50_000_000


def test_cancel_gives_memory_back_at_once():
    """Many timers for times far away, all cancelled: no other one needs to come before they go."""
    timers = Timers()
    keep = Timer(None)
    timers.set(keep, 7_200_000_001)
    many = [Timer(None) for _ in range(1000)]
    for t in many:
        timers.set(t, 7_200_000_000)
    steps = 0
    sweep = timers._sweep

    def count():
        nonlocal steps
        steps += len(timers)
        sweep()

    timers._sweep = count
    for t in many:
        timers.cancel(t)
        assert t.due is None
    assert len(timers) < 200, len(timers)
    assert steps < 3000, "the work per timer is bounded: %d" % steps
    assert timers.next() == 7_200_000_001
    # Cancelled twice, and set again.
    timers.cancel(many[0])
    timers.set(many[0], 5)
    assert timers.next() == 5


# A model: a plain dict of due times. The same random operations must give the same calls.
def test_random_operations_against_a_model():
    for seed in range(1, 21):
        rng = Rng(seed)
        timers, all_timers, log = make(12)
        model = {}
        now = 0
        for _ in range(600):
            i = rng.below(12)
            what = rng.below(4)
            if what < 2:
                model[i] = now + rng.below(200)
                timers.set(all_timers[i], model[i])
            elif what == 2:
                model.pop(i, None)
                if rng.below(2):
                    timers.cancel(all_timers[i])
                else:
                    all_timers[i].due = None
            else:
                now += rng.below(60)
                log.clear()
                run(timers, now)
                due = sorted(k for k, when in model.items() if when <= now)
                assert sorted(k for k, _ in log) == due, (seed, now)
                for k in due:
                    del model[k]
            assert timers.next() == (min(model.values()) if model else None), seed
