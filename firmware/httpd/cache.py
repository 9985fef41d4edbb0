# Frostnet: small files that were asked for before
# MIT license; Copyright (c) 2026 The Frostnet authors

# To look at a file costs less than to open and read it. What is kept is sent only while the file
# has the size and the time that it had then.

import os
import time

from micropython import const

_MOST = const(64)  # files
_BYTES = const(131072)  # in all of them
LONGEST = const(8192)  # in one
_TICK = const(3)  # s: FAT's clock goes by two
CLOCK_SET = const(1600000000)  # a time before it says that nobody has set the clock

_KIND = const(0)  # in what os.stat() returns
_SIZE = const(6)
_CHANGED = const(8)


class Cache:
    """Responses by the path that was asked for."""

    def __init__(self):
        self._kept = {}  # path: (response, file, stat)
        self._bytes = 0

    def get(self, path):
        """Return the Response for a path, or None."""
        kept = self._kept.get(path)
        if kept is None:
            return None
        response, file, before = kept
        try:
            stat = os.stat(file)
        except OSError:
            stat = None
        if (
            stat is None
            or stat[_CHANGED] != before[_CHANGED]
            or stat[_SIZE] != before[_SIZE]
            or stat[_KIND] != before[_KIND]
        ):
            del self._kept[path]
            self._bytes -= response.length
            return None
        return response

    def put(self, path, response, file, stat):
        """Keep the Response that is a file of at most LONGEST bytes."""
        if path in self._kept:
            return
        if len(self._kept) >= _MOST or self._bytes + response.length > _BYTES:
            self._kept.clear()
            self._bytes = 0
        self._kept[path] = response, file, stat
        self._bytes += response.length


def settled(stat):
    """Return whether another change of a file would change its time, too: not if it was changed
    just now, before the file system's clock ticked, or if there was no clock.
    """
    return CLOCK_SET < stat[_CHANGED] <= time.time() - _TICK
