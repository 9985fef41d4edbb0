# Frostnet: what a program wants to know from DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.dns.answer import MAX_ALIASES
from frostnet.dns.codes import EAI_FAIL, EAI_NONAME
from frostnet.timers import Timer

_ETIMEDOUT = const(110)
_TOTAL = const(10000000)  # µs for all candidates, aliases, servers and tries together


class Query:
    """What `Resolver.query` returns: at the end `done` is true, and either `result` holds
    records as `wire.dns_data.read` returns them, or `error` a number. `notify()`, if set, is then
    called, inside the poll. `name` is the wire name that was asked for last."""

    def __init__(self, resolver):
        self.done = False
        self.result = []
        self.error = 0
        self.notify = None
        self.name = None
        self.pending = None  # the question whose answer it waits for
        self._resolver = resolver
        self._timer = None
        self._names = ()
        self._aliases = 0
        self._failure = 0  # of a candidate about which no server could tell

    def cancel(self):
        """Give up; the query stays without result."""
        if self._timer:
            self._timer.due = None
        if self.pending:
            self.pending.leave(self)

    def finish(self, result, error):
        """Be done; called by the resolver."""
        if self._timer:
            self._timer.due = None
        self.result = result
        self.error = error
        self.done = True
        if self.notify:
            self.notify()

    def ask(self, names, qtype, server):
        """Look up the first of the wire names `names` that has a record; by the resolver."""
        self.name = names[0]
        self._names = names[1:]
        self._qtype = qtype
        self._server = server
        self._timer = Timer(self._expired)
        stack = self._resolver.stack
        stack.timers.set(self._timer, stack.now + _TOTAL)
        self._look()

    def answered(self, answer):
        """The answer to the question that this query waits for."""
        self.pending = None
        if self._take(answer):
            self._look()

    # Goes on with what the cache knows until a question has to be asked, or all is said.
    def _look(self):
        resolver = self._resolver
        while True:
            key = self.name, self._qtype, self._server
            answer = resolver.cached(key)
            if answer is None:
                error = resolver.ask(key, self)
                if error:
                    self.finish([], error)
                return
            if not self._take(answer):
                return

    # True if there is another name to look at.
    def _take(self, answer):
        if answer.alias:
            self._aliases += answer.aliases
            if self._aliases > MAX_ALIASES:
                self.finish([], EAI_FAIL)
                return False
            self.name = answer.alias
            return True
        error = answer.error
        if error < 0 and self._names:
            if error != EAI_NONAME:
                self._failure = error
            self.name = self._names[0]
            self._names = self._names[1:]
            self._aliases = 0
            return True
        if error == EAI_NONAME and self._failure:
            error = self._failure  # perhaps there is such a name after all
        self.finish(list(answer.results), error)
        return False

    def _expired(self, now):
        self._resolver.stack.counters.dns_timeout += 1
        self.pending.leave(self)
        self.finish([], _ETIMEDOUT)
