# Frostnet: what DHCP has set on an interface and in the resolver
# MIT license; Copyright (c) 2026 The Frostnet authors


class Settings:
    """Puts a lease on the interface, and takes exactly that away again.

    What is the same in the next lease is not touched: taking an address away resets its
    connections.
    """

    def __init__(self, iface, resolver):
        self._iface = iface
        self._resolver = resolver
        self._lease = None
        self._routes = ()  # (network, prefix length, gateway, metric)
        self._mtu = False  # the interface has the lease's

    def put(self, lease, claim):
        """Configure address, routes, MTU and name servers; `claim()` makes the Claim."""
        old = self._lease
        self._lease = lease
        iface = self._iface
        if not old or iface.addr != lease.addr or iface.prefixlen != lease.prefix:
            iface.set_address(lease.addr, lease.prefix, claim())
            self._routes = ()
        self._set_mtu(lease.mtu)
        self._set_routes(lease)
        self.put_names(lease)

    def clear(self):
        """Undo put()."""
        lease = self._lease
        if not lease:
            return
        self._lease = None
        self._routes = ()
        if self._iface.addr == lease.addr:
            self._iface.clear_address()  # routes go with the address
        self._set_mtu(0)
        if self._resolver:
            self._resolver.offers.remove(self._iface)

    def put_names(self, lease):
        """Give the resolver its servers and search list; those that people have set stay."""
        if self._resolver:
            self._resolver.offers.put(self._iface, lease.dns, lease.search)

    def _set_mtu(self, mtu):
        iface = self._iface
        if not mtu and not self._mtu:
            return
        self._mtu = bool(mtu)
        mtu = min(mtu or iface.mtu_max, iface.mtu_max)
        if iface.mtu != mtu:
            iface.mtu = mtu
            iface.stack.ip.routes.changed()

    def _set_routes(self, lease):
        wanted = [route + (0,) for route in lease.routes]
        for metric, router in enumerate(lease.routers):
            if lease.prefix == 32:
                wanted.append((router, 32, 0, 0))  # nothing else is on the link
            wanted.append((0, 0, router, metric))
        if wanted == self._routes:
            return
        iface = self._iface
        routes = iface.stack.ip.routes
        for network, prefix, _, metric in self._routes:
            routes.remove(network, prefix, iface, metric)
        self._routes = wanted
        for network, prefix, gateway, metric in wanted:
            if (network, prefix, gateway) == (iface.network, iface.prefixlen, 0):
                continue  # goes with the address
            try:
                routes.add(network, prefix, iface, gateway, metric)
            except OSError:
                pass  # a router that is not on the link is none; the other routes stand
