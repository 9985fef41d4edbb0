# Frostnet: DNS answers kept for as long as they are valid
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_ENTRIES = const(64)
_MAX_TTL = const(86400)  # s: a name that moved must be found again within a day
_SECOND = const(1000000)


class Cache:
    """{(wire name, type): answer}, bounded; the entry unused for longest makes room."""

    def __init__(self):
        self._entries = {}  # key: [answer, time of expiry, serial number of last use]
        self._uses = 0

    def __len__(self):
        return len(self._entries)

    def get(self, key, now):
        """Return the answer, or `None`."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[1] <= now:
            del self._entries[key]
            return None
        self._uses += 1
        entry[2] = self._uses
        return entry[0]

    def put(self, key, answer, ttl, now):
        """Keep `answer` for `ttl` seconds, a day at most; 0 is not kept (RFC 1035 §3.2.1)."""
        if ttl <= 0:
            return
        entries = self._entries
        if key not in entries and len(entries) >= _ENTRIES:
            # A scan of all, but only once per answer from the network
            del entries[min(entries, key=lambda k: entries[k][2])]
        self._uses += 1
        entries[key] = [answer, now + min(ttl, _MAX_TTL) * _SECOND, self._uses]

    def forget(self, key):
        """Drop the answer for a key, if there is one."""
        self._entries.pop(key, None)

    def clear(self):
        self._entries.clear()

    def entries(self):
        """Return a list of (wire name, type, answer, time of expiry) for people to look at."""
        return [(key[0], key[1], entry[0], entry[1]) for key, entry in self._entries.items()]
