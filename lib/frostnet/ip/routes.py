# Frostnet: the routing table
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import EINVAL, ENETUNREACH, ENOBUFS
from frostnet.wire.addr import netmask

_ROUTES = const(32)


class Route:
    """Where datagrams for `network`/`prefixlen` go. `gateway` is 0 on the link itself."""

    def __init__(self, network, prefixlen, iface, gateway, metric):
        self.network = network
        self.prefixlen = prefixlen
        self.mask = netmask(prefixlen)
        self.iface = iface
        self.gateway = gateway
        self.metric = metric


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
        table = self._table
        if len(table) >= _ROUTES:
            raise OSError(ENOBUFS)
        i = 0
        for route in table:
            if (-route.prefixlen, route.metric) > (-prefixlen, metric):
                break
            i += 1
        table.insert(i, Route(network, prefixlen, iface, gateway, metric))
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
        """Make `gateway` the only default gateway through `iface`; 0 removes it."""
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
        """Return the best Route to `dst` (through `iface` if given), or None."""
        for route in self._table:
            if dst & route.mask == route.network and route.iface.up:
                if iface is None or route.iface is iface:
                    return route
        return None

    def _keep(self, wanted):
        kept = [r for r in self._table if wanted(r)]
        if len(kept) != len(self._table):
            self._table = kept
            self.changed()

    # A gateway must be a neighbour: its route must not need a gateway itself.
    def _on_link(self, gateway, iface):
        route = self.lookup(gateway, iface)
        return route is not None and not route.gateway
