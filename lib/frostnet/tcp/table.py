# Frostnet: the table of TCP connections
# MIT license; Copyright (c) 2026 The Frostnet authors

# A hash table whose chains run through the connections themselves (`chain`): nothing is allocated
# per connection, and nothing per look-up. A peer cannot guess which connections share a chain.

from micropython import const

BUCKETS = const(1024)


class Table:
    """Connections by four-tuple. `ports` is always lport << 16 | rport."""

    def __init__(self, rand):
        self._first = [None] * BUCKETS
        self._k1 = rand(28) | 1
        self._k2 = rand(28) | 1

    def __iter__(self):
        for c in self._first:
            while c is not None:
                yield c
                c = c.chain

    def find(self, ports, raddr, laddr):
        """Return the connection of a four-tuple, or None."""
        c = self._first[self.bucket(ports, raddr)]
        while c is not None and (c.ports != ports or c.raddr != raddr or c.laddr != laddr):
            c = c.chain
        return c

    def insert(self, c):
        """Put a connection into the table."""
        i = self.bucket(c.ports, c.raddr)
        first = self._first[i]
        if first is not None:
            c.chain = first
        self._first[i] = c

    def remove(self, c):
        """Take a connection out of the table; False if it is not there."""
        i = self.bucket(c.ports, c.raddr)
        before = None
        at = self._first[i]
        while at is not c:
            if at is None:
                return False
            before = at
            at = at.chain
        if before is not None:
            before.chain = c.chain
        else:
            self._first[i] = c.chain
        if c.chain is not None:
            c.chain = None
        return True

    def bucket(self, ports, raddr):
        """Return the place of a connection, below BUCKETS, as no peer can guess it."""
        return (raddr * self._k1 + ports * self._k2) >> 18 & (BUCKETS - 1)
