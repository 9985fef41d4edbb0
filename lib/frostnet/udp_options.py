# Frostnet: what one endpoint sends differently from the others
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire.addr import is_multicast


class Options:
    """TTLs, and how datagrams to multicast groups are sent; of the endpoints that ask for it."""

    def __init__(self):
        self.ttl = 64
        self.multicast_ttl = 1  # RFC 1112 §6.1
        self.multicast_loop = True  # programs here get them too
        self.multicast_iface = None  # that they leave through; None: the route's

    def path(self, ip, dst, src, iface):
        """Return a Path of their own for those who have these options."""
        if not is_multicast(dst):
            path = ip.path(dst, src, iface, False)
            path.set_ttl(self.ttl)
            return path
        path = ip.path(dst, src, iface or self.multicast_iface, False)
        path.set_ttl(self.multicast_ttl)
        path.loop = self.multicast_loop
        return path
