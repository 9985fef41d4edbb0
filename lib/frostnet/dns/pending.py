# Frostnet: a question that is being asked, for everybody who wants to know
# MIT license; Copyright (c) 2026 The Frostnet authors

# Of one question only one is on its way (RFC 5452 §5): many programs that ask for one name do
# not give a forger many chances. What asks, and how, is in exchange.py and in mdns/.


class Pending:
    """The question `key` = (wire name, type, server or 0) of a resolver."""

    def __init__(self, resolver, key):
        self.resolver = resolver
        self.stack = resolver.stack
        self.key = key
        self.queries = []
        resolver.exchanges[key] = self

    def join(self, query):
        query.pending = self
        self.queries.append(query)

    def leave(self, query):
        """A query does not wait any longer; the last one ends the asking."""
        query.pending = None
        if query in self.queries:
            self.queries.remove(query)
            if not self.queries:
                self.close()

    def close(self):
        """Stop asking."""
        del self.resolver.exchanges[self.key]

    def link_lost(self):
        """A link went down: end the asking if it was the only way."""

    def finish(self, answer):
        """Hand an `Answer` to all that wait, and keep it while it is valid."""
        self.close()
        self.resolver.keep(self.key, answer)
        queries = self.queries
        self.queries = []
        for query in queries:
            if query.pending is self:  # the one before may have cancelled it
                query.answered(answer)
