# Frostnet: telnetd: who has tried too often waits
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

TRIES = const(3)
_WAIT = const(30000000)  # µs after the last of them
_MEMORY = const(600000000)  # µs that a wrong try is remembered
_ADDRESSES = const(32)


class Guard:
    """Counts wrong passwords by address. Bounded: when all places are taken, the address that has
    been quiet for longest is forgotten.
    """

    def __init__(self):
        self._tries = {}  # address: [wrong tries, time of the last]

    def wait(self, addr, now):
        """How many µs the address has to wait, 0 for none."""
        entry = self._tries.get(addr)
        if entry is None or entry[0] < TRIES:
            return 0
        left = entry[1] + _WAIT - now
        if left <= 0:
            del self._tries[addr]
            return 0
        return left

    def failed(self, addr, now):
        """A password was wrong."""
        tries = self._tries
        entry = tries.get(addr)
        if entry is None or now - entry[1] > _MEMORY:
            if entry is None and len(tries) >= _ADDRESSES:
                del tries[min(tries, key=lambda a: tries[a][1])]
            tries[addr] = entry = [0, now]
        entry[0] += 1
        entry[1] = now

    def passed(self, addr):
        """The password was right."""
        self._tries.pop(addr, None)
