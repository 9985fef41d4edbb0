# Frostnet: questions of others, on their way to DNS servers
# MIT license; Copyright (c) 2026 The Frostnet authors

# A query is passed on as it is, with an id of ours, and so is the answer (RFC 5625 §4): types,
# flags and options that nobody knew when this was written go through. Every try has another id,
# and the port that whoever sends it takes should be another, too (RFC 5452 §9).

from micropython import const

from dnsd import query as wire
from frostnet.wire import dns

_EXCHANGES = const(24)
_OF_ONE = const(12)  # of them, those that one client can have begun
_WAITERS = const(16)  # clients that wait for one answer
_WAIT = const(1500000)  # µs for a server; doubled when all were asked
_TOTAL = const(8000000)  # µs


class Exchange:
    """A Query that servers are asked. `server` is whose turn it is, `deadline` when that is over.
    `waiting` lists (client, Query).
    """

    def __init__(self, query, client, servers, now):
        self.query = query
        self.waiting = [(client, query)]
        self.deadline = now
        self.server = 0
        self.ident = 0
        self._servers = servers
        self._tries = 0
        self._end = now + _TOTAL

    def next(self, ident, now):
        """Return what to send to `server` now, with the random number `ident`; None if nobody is
        left to be asked.
        """
        servers = self._servers
        if not servers or self._tries >= 2 * len(servers) or now >= self._end:
            return None
        self.server = servers[self._tries % len(servers)]
        wait = _WAIT << self._tries // len(servers)
        self.deadline = min(now + wait, self._end)
        self._tries += 1
        self.ident = ident
        return ident.to_bytes(2, "big") + self.query.data[2:]

    def accepts(self, data):
        """Whether what came from `server` is the answer."""
        return (
            len(data) >= 12
            and data[0] << 8 | data[1] == self.ident
            and wire.answers(self.query, data)
        )


class Forwarder:
    """The exchanges, by what is asked. Counters: see services/dnsd.py."""

    def __init__(self, cache):
        self.cache = cache
        self._exchanges = {}  # {Query.key: Exchange}

    def __len__(self):
        return len(self._exchanges)

    def all(self):
        return list(self._exchanges.values())

    def find(self, query, client):
        """Let a client wait for an answer that is on its way: True if it does now, False if it did
        before or no more can; None if the question is not on its way.
        """
        exchange = self._exchanges.get(query.key)
        if exchange is None:
            return None
        for other, asked in exchange.waiting:
            if other == client and asked.data[:2] == query.data[:2]:
                return False  # the client is impatient: we try again ourselves
        if len(exchange.waiting) >= _WAITERS:
            return False
        exchange.waiting.append((client, query))
        return True

    def begin(self, query, client, servers, now):
        """Return a new Exchange, or None if there are too many, of this client or of all."""
        exchanges = self._exchanges
        if len(exchanges) >= _EXCHANGES:
            return None
        host = client[0]
        if sum([e.waiting[0][0][0] == host for e in exchanges.values()]) >= _OF_ONE:
            return None
        exchange = exchanges[query.key] = Exchange(query, client, servers, now)
        return exchange

    def end(self, exchange, data, now):
        """It is over: `data` is the server's answer, or None. Returns [(client, answer), …]."""
        if self._exchanges.get(exchange.query.key) is exchange:
            del self._exchanges[exchange.query.key]
        if data is not None:
            self.cache.put(exchange.query, data, now)
        found = []
        for client, query in exchange.waiting:
            if data is None:
                found.append((client, wire.answer(query, dns.SERVFAIL)))
            else:
                found.append((client, wire.fitted(query, wire.told(query, data))))
        return found
