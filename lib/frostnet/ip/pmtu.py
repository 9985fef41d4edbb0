# Frostnet: path MTU discovery
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1191. Only a transport that sends with DF set, and that finds the datagram which a router
# quotes to be on its way (RFC 5927 §7.2), changes what is kept here; a value only ever falls until
# it is forgotten.

from micropython import const

from frostnet.timers import Timer

_ENTRIES = const(64)
_LIFETIME = const(600_000_000)  # RFC 1191 §6.3: a larger MTU is tried after 10 minutes

# Below this DF is given up instead: segments of 40 bytes cost more than fragments, and whoever
# forges a report gains nothing by it.
_FLOOR = const(552)
_LEAST = const(68)  # that every link has (RFC 791 §3.2)

# RFC 1191 §7.1, for routers that do not tell their MTU.
_PLATEAUS = (32000, 17914, 8166, 4352, 2002, 1492, 1006, 508)


class PathMTU:
    """What routers told about the way to single destinations."""

    def __init__(self, ip):
        self._stack = ip.stack
        self._counters = ip.counters
        self._routes = ip.routes
        self._table = {}  # destination: (MTU, when it is forgotten)
        self._timer = Timer(self._forget)

    def __len__(self):
        return len(self._table)

    def limit(self, dst, mtu, df):
        """Return (MTU, DF) of a path to `dst` whose first link has `mtu`."""
        known = self._table.get(dst)
        if known is not None:
            mtu = min(mtu, known[0])
            df = df and known[0] > _FLOOR
        return mtu, df

    def learn(self, dst, mtu, size):
        """A router could not forward a datagram of `size` bytes to `dst`; the next link has
        `mtu`, or 0 if it did not say. Return whether what was lost should be sent once more.
        """
        if not mtu:
            for mtu in _PLATEAUS:
                if mtu < size:
                    break
        elif mtu >= size:
            return False
        if mtu < _FLOOR:
            mtu = _FLOOR
        table = self._table
        known = table.get(dst)
        if known is not None and known[0] <= mtu:
            return known[0] < size  # sent before we knew
        if known is None and len(table) >= _ENTRIES:
            del table[min(table, key=lambda d: table[d][1])]
        until = self._stack.now + _LIFETIME
        table[dst] = (mtu, until)
        if self._timer.due is None:
            self._stack.timers.set(self._timer, until)
        self._counters.ip_pmtu_lowered += 1
        self._routes.changed()  # paths look again
        return True

    def _forget(self, now):
        table = self._table
        for dst in [d for d in table if table[d][1] <= now]:
            del table[dst]
        self._routes.changed()
        if table:
            self._stack.timers.set(self._timer, min(entry[1] for entry in table.values()))


def valid(mtu):
    """Say whether a link can have an MTU, 0 for one that was not told."""
    return not mtu or mtu >= _LEAST
