# Frostnet: the time of day for people (RFC 867)
# MIT license; Copyright (c) 2026 The Frostnet authors

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def daytime(when):
    """Return bytes for what time.gmtime() returned: Weekday, Month Day, Year Time-Zone."""
    year, month, day, hour, minute, second, weekday = when[:7]
    text = "%s, %s %d, %d %02d:%02d:%02d-UTC\r\n"
    names = _DAYS[weekday], _MONTHS[month - 1]
    return (text % (names + (day, year, hour, minute, second))).encode()
