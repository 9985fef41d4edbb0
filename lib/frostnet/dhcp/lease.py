# Frostnet: what a DHCP server granted, made safe, and how it is put on an interface
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, dhcp

_SECOND = const(1000000)
_DEFAULT_TIME = const(3600)  # s, when the server names none
_MIN_TIME = const(10)  # s: a server that grants less would be asked without end
_FOREVER = const(0xFFFFFFFF)  # RFC 2131 section 3.3
_MAX_ROUTERS = const(4)
_MAX_DNS = const(4)
_MIN_MTU = const(576)  # every host takes this much (RFC 1122 section 3.3.3)


def prefix_of(mask, address):
    """Prefix length of a netmask; that of the address's class if the mask is no use."""
    try:
        n = addr.prefixlen(mask)
    except ValueError:
        n = 0
    if n:
        return n
    if address < 0x80000000:
        return 8
    return 16 if address < 0xC0000000 else 24


def assignable(address, prefix=32):
    """Whether a host can have `address`: no multicast, loopback, network or broadcast."""
    if not addr.is_unicast(address):
        return False
    if prefix < 31:
        host = addr.netmask(prefix) ^ addr.BROADCAST
        return address & host not in (0, host)
    return True


class Lease:
    """An address and what came with it.

    `addr`, `server`: addresses; `prefix`: length of the netmask; `broadcast`: as sent, or 0 (the
    interface's own follows from the prefix); `routers`, `dns`: lists; `domain`, `hostname`: text;
    `mtu`: bytes or 0; `time`: granted seconds, or `None` for ever; `t1`, `t2`, `end`: µs after
    the grant, or `None`.
    """

    def __init__(self, message):
        self.addr = message.yiaddr
        self.prefix = prefix_of(message.address(dhcp.MASK), self.addr)
        self.broadcast = message.address(dhcp.BROADCAST)
        self.server = message.address(dhcp.SERVER)
        self.routers = [a for a in message.addresses(dhcp.ROUTERS, _MAX_ROUTERS) if assignable(a)]
        self.dns = [a for a in message.addresses(dhcp.DNS, _MAX_DNS) if assignable(a)]
        self.domain = message.name(dhcp.DOMAIN)
        self.hostname = message.name(dhcp.HOSTNAME)
        mtu = message.number(dhcp.MTU, 2) or 0
        self.mtu = mtu if mtu >= _MIN_MTU else 0
        self._times(message)

    # RFC 2131 section 4.4.5; a server's T1 and T2 count only when they are in order.
    def _times(self, message):
        time = message.number(dhcp.LEASE_TIME, 4)
        if time == _FOREVER:
            self.time = self.t1 = self.t2 = self.end = None
            return
        if time is None:
            time = _DEFAULT_TIME
        self.time = time = max(time, _MIN_TIME)
        t1 = message.number(dhcp.T1, 4)
        t2 = message.number(dhcp.T2, 4)
        if t1 is None:
            t1 = time // 2
        if t2 is None:
            t2 = time * 7 // 8
        if not 0 < t1 < t2 < time:
            t1 = time // 2
            t2 = time * 7 // 8
        self.t1 = t1 * _SECOND
        self.t2 = t2 * _SECOND
        self.end = time * _SECOND

    def usable(self):
        """Whether an interface may have this address, from a server that names itself."""
        return assignable(self.addr, self.prefix) and assignable(self.server)

    def same_network(self, other):
        """Whether an interface is configured alike for both: then it must not be touched,
        for taking the address away resets its connections."""
        return (
            self.addr == other.addr
            and self.prefix == other.prefix
            and self.routers == other.routers
            and self.mtu == other.mtu
        )

    def apply(self, iface):
        """Configure the interface with address, default routes and MTU."""
        iface.set_address(self.addr, self.prefix)
        if self.mtu:
            iface.mtu = min(self.mtu, iface.dev.mtu)
        routes = iface.stack.ip.routes
        for metric, router in enumerate(self.routers):
            try:
                if self.prefix == 32:
                    routes.add(router, 32, iface)  # nothing else is on the link
                routes.add(0, 0, iface, router, metric)
            except OSError:
                pass  # a router that is not on the link is none; the other routes stand

    def remove(self, iface):
        """Undo `apply`; routes go with the address."""
        iface.clear_address()
        iface.mtu = iface.dev.mtu
