# Frostnet: the routing table
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import EINVAL, ENETUNREACH, ENOBUFS
from frostnet.wire.addr import netmask

_ROUTES = const(64)


class Route:
    """Where datagrams for `network`/`prefixlen` go. `gateway` is 0 on the link itself.

    `metric` counts on top of the interface's.
    """

    def __init__(self, network, prefixlen, iface, gateway, metric):
        self.network = network
        self.prefixlen = prefixlen
        self.mask = netmask(prefixlen)
        self.iface = iface
        self.gateway = gateway
        self.metric = metric

    def rank(self):
        """What the table is sorted by, best first."""
        return -self.prefixlen, self.iface.metric + self.metric


class Routes:
    """A small table, longest prefix first, then lowest metric, then oldest.

    `generation` changes with every change: who caches an answer compares it.
    """

    def __init__(self):
        self.generation = 0
        self._table = []

    def __iter__(self):
        return iter(self._table)

    def changed(self):
        """Let everybody look their routes up again."""
        self.generation += 1

    def add(self, network, prefixlen, iface, gateway=0, metric=0):
        """Add a route; one with the same destination, interface and metric is replaced.

        OSError(EINVAL) if `network` has bits beyond the prefix, ENOBUFS if the table is full,
        ENETUNREACH if the gateway is not on a link of `iface`.
        """
        if network & ~netmask(prefixlen):
            raise OSError(EINVAL)
        if gateway and not self._on_link(gateway, iface):
            raise OSError(ENETUNREACH)
        self.remove(network, prefixlen, iface, metric)
        if len(self._table) >= _ROUTES:
            raise OSError(ENOBUFS)
        self._insert(Route(network, prefixlen, iface, gateway, metric))
        self.changed()

    def add_own(self, iface):
        """Add the route to the network of an interface. There is always room for that."""
        self._insert(Route(iface.network, iface.prefixlen, iface, 0, 0))
        self.changed()

    def sort(self):
        """Follow the interfaces' metrics."""
        table = self._table
        self._table = []
        for route in table:
            self._insert(route)
        self.changed()

    def remove(self, network, prefixlen, iface, metric=None):
        """Remove routes to a destination through `iface`, of any metric if that is None."""
        self._keep(
            lambda r: (
                r.network != network
                or r.prefixlen != prefixlen
                or r.iface is not iface
                or (metric is not None and r.metric != metric)
            )
        )

    def remove_iface(self, iface):
        """Remove all routes through an interface."""
        self._keep(lambda r: r.iface is not iface)

    def set_default(self, iface, gateway, metric=0):
        """Make `gateway` the only default gateway through `iface`; 0 removes it.

        OSError(ENETUNREACH), and nothing changes, if it is not on a link of `iface`.
        """
        if gateway and not self._on_link(gateway, iface):
            raise OSError(ENETUNREACH)
        self.remove(0, 0, iface)
        if gateway:
            self.add(0, 0, iface, gateway, metric)

    def default(self, iface=None):
        """Return the default route, or None."""
        for route in self._table:
            if not route.prefixlen and (iface is None or route.iface is iface):
                return route
        return None

    def lookup(self, dst, iface=None):
        """Return the best Route to `dst` (through `iface` if given), or None.

        Of those with the same prefix, one through an interface that has no link comes last.
        """
        best = None
        for route in self._table:
            if best is not None and route.prefixlen < best.prefixlen:
                break
            if dst & route.mask == route.network and route.iface.up:
                if iface is None or route.iface is iface:
                    if route.iface.carrier:
                        return route
                    best = best or route
        return best

    # Puts a route behind those that are as good.
    def _insert(self, new):
        table = self._table
        rank = new.rank()
        i = 0
        while i < len(table) and table[i].rank() <= rank:
            i += 1
        table.insert(i, new)

    def _keep(self, wanted):
        kept = [r for r in self._table if wanted(r)]
        if len(kept) != len(self._table):
            self._table = kept
            self.changed()

    # A gateway must be a neighbour: its route must not need a gateway itself. The interface may be
    # down: who configures it may do so before it is up.
    def _on_link(self, gateway, iface):
        for route in self._table:
            if route.iface is iface and gateway & route.mask == route.network:
                return not route.gateway
        return False
