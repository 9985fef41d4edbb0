# Frostnet: name servers and search domains of several networks, as one list
# MIT license; Copyright (c) 2026 The Frostnet authors


class Offers:
    """Puts into `resolver` what DHCP servers have said, interface by interface.

    The lists of several interfaces are joined: those with a link first, then by metric. Lists
    that people have put into the resolver stay until they are empty.
    """

    def __init__(self, resolver):
        self._resolver = resolver
        self._table = {}  # Iface: (servers, search)
        # Those of the resolver that are from here.
        self._servers = resolver.servers
        self._search = resolver.search

    def put(self, iface, servers, search):
        """Take what was said on `iface`, instead of what was said there before."""
        self._table[iface] = servers, search
        self.join()

    def remove(self, iface):
        """Forget what was said on `iface`."""
        if self._table.pop(iface, None):
            self.join()

    def join(self):
        """Make the lists anew: something was said, or a link has come or gone."""
        servers = []
        search = []
        for iface in sorted(self._table, key=_rank):
            for joined, said in zip((servers, search), self._table[iface]):
                joined.extend([item for item in said if item not in joined])
        resolver = self._resolver
        if not resolver.servers or resolver.servers is self._servers:
            resolver.servers = servers
        if not resolver.search or resolver.search is self._search:
            resolver.search = search
        self._servers = servers
        self._search = search


def _rank(iface):
    return not iface.carrier, iface.metric
