# Frostnet: what a DHCP server granted, made safe
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, dhcp, dhcp_lists

_SECOND = const(1000000)
_DEFAULT_TIME = const(3600)  # s, when the server names none
_MIN_TIME = const(10)  # s: a server that grants less would be asked without end
_FOREVER = const(0xFFFFFFFF)  # RFC 2131 section 3.3
_MAX_ROUTERS = const(4)
_MAX_ROUTES = const(12)
_MAX_DNS = const(4)
_MAX_NTP = const(4)
_MAX_SEARCH = const(6)
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


class Parameters:
    """What a server says about its network.

    `server`: its address; `routers`, `dns`, `ntp`: lists of addresses; `routes`: a list of
    (network, prefix length, gateway), which stand instead of `routers` (RFC 3442); `domain`,
    `hostname`: text; `search`: a list of domains; `mtu`: bytes or 0; `broadcast`: as sent, or 0;
    `options`: everything as it was sent, {code: bytes}.
    """

    def __init__(self, message):
        self.options = message.options
        self.server = message.address(dhcp.SERVER)
        self.broadcast = message.address(dhcp.BROADCAST)
        self.routers = _hosts(message, dhcp.ROUTERS, _MAX_ROUTERS)
        self.dns = _hosts(message, dhcp.DNS, _MAX_DNS)
        self.ntp = _hosts(message, dhcp.NTP, _MAX_NTP)
        self.domain = message.name(dhcp.DOMAIN)
        self.hostname = message.name(dhcp.HOSTNAME)
        self.search = dhcp_lists.names(message.options.get(dhcp.SEARCH, b""), _MAX_SEARCH)
        if not self.search and self.domain:
            self.search = [self.domain]
        mtu = message.number(dhcp.MTU, 2) or 0
        self.mtu = mtu if mtu >= _MIN_MTU else 0
        self.routes = self._routes(message)
        if self.routes:
            self.routers = []

    def _routes(self, message):
        found = dhcp_lists.routes(message.options.get(dhcp.ROUTES, b""), _MAX_ROUTES) or []
        # Those on the link first: the gateways of others may stand behind them
        found = [r for r in found if not r[2]] + [r for r in found if assignable(r[2])]
        return [r for r in found if r[0] >> 24 not in (127, 255) and r[0] >> 28 != 0xE]


class Lease(Parameters):
    """An address and what came with it.

    `addr`; `prefix`: length of the netmask; `time`: granted seconds, or `None` for ever; `t1`,
    `t2`, `end`: µs after the grant, or `None`.
    """

    def __init__(self, message):
        super().__init__(message)
        self.addr = message.yiaddr
        self.prefix = prefix_of(message.address(dhcp.MASK), self.addr)
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


def _hosts(message, code, limit):
    return [a for a in message.addresses(code, limit) if assignable(a)]
