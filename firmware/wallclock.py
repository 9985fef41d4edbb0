# Frostnet: the wall clock, compared with a server's and set
# MIT license; Copyright (c) 2026 The Frostnet authors

# An epoch is what a clock showed, in µs since 1970, when the monotonic clock was 0.

import time

from micropython import const

try:
    from machine import RTC
except ImportError:
    RTC = None  # the unix port: the clock is the machine's

_EPERM = const(1)


def offset(epoch, now):
    """How many µs our clock is behind the one with that epoch; `now` is monotonic."""
    return epoch - (time.time_ns() // 1000 - now)


def adjust(epoch, now):
    """Have our clock show what that one does. OSError(EPERM) if it is not ours to set."""
    if RTC is None:
        raise OSError(_EPERM, "the clock is not ours to set")
    now += epoch
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(now // 1000000)
    RTC().datetime((year, month, day, weekday, hour, minute, second, now % 1000000))
