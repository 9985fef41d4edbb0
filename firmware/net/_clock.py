# Frostnet: when something happened, on the wall's clock
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

from micropython import const

_DAY = const(86400)


def epoch(rt):
    """Return what to add to a time of the runtime for the wall clock's, in µs since 1970. A clock
    that is set later does not count: the times of what is told do not go back."""
    return time.time_ns() // 1000 - rt.clock()


def clock_text(when):
    """Return the time of day of `when`, in µs since 1970, as HH:MM:SS.µs."""
    seconds = when // 1000000 % _DAY
    parts = seconds // 3600, seconds // 60 % 60, seconds % 60, when % 1000000
    return "%02d:%02d:%02d.%06d" % parts
