# Frostnet: dates in HTTP (RFC 9110 section 5.6.7)
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def text(seconds):
    """Return the text of a time in seconds as of time.time()."""
    year, month, day, hour, minute, second, weekday = time.gmtime(seconds)[:7]
    return "%s, %02d %s %04d %02d:%02d:%02d GMT" % (
        _DAYS[weekday],
        day,
        _MONTHS[month - 1],
        year,
        hour,
        minute,
        second,
    )


def parse(text):
    """Return the seconds that a date stands for, None if it is none.

    All three forms are read: Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT; Sun
    Nov  6 08:49:37 1994.
    """
    words = text.replace("-", " ").split()
    try:
        if len(words) == 6:
            _, day, month, year, clock, zone = words
            if zone != "GMT":
                return None
        else:
            _, month, day, clock, year = words
        if len(year) == 2:
            year = ("20" if year < "70" else "19") + year
        hour, minute, second = [int(part) for part in clock.split(":")]
        day, year, month = int(day), int(year), _MONTHS.index(month) + 1
    except ValueError:
        return None
    if not (1970 <= year < 10000 and 1 <= day <= 31):
        return None
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second <= 60):
        return None
    return time.mktime((year, month, day, hour, minute, second, 0, 0))
