# Frostnet: network.LAN
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import runtime
from frostnet.errnos import ENETDOWN, ENETUNREACH
from frostnet.wire import addr
from network import _names
from network._keys import none, one
from network._nic import Nic

# Values of LAN.status().
_DOWN = const(0)
_LINK = const(1)
_NO_IP = const(2)
_UP = const(3)

_DHCP_TIME = const(10000000)  # µs that ifconfig("dhcp") waits
_DHCP = ("dhcp", "auto")  # what ports call it, alone or in a list
_ENODEV = const(19)
_EAFNOSUPPORT = const(97)

_nics = {}  # Iface: LAN


def nic_of(rt, iface):
    """The LAN object of an interface."""
    self = _nics.get(iface)
    if self is None:
        for old in list(_nics):
            if old not in rt.stack.ifaces:
                del _nics[old]  # of a network that was stopped
        self = _nics[iface] = object.__new__(LAN)
        self._rt = rt
        self._iface = iface
        self._client = rt.dhcp[iface]
        # Set by the program: no DHCP when the interface is made active.
        self._static = bool(iface.addr) and not self._client.state
    return self


class LAN(Nic):
    """The wired interface number `id`, which is called eth0, eth1 …; one object for each.

    Keywords, which name the parts of other boards, are not looked at. OSError(ENODEV) if there
    is no such card, or it does not work.
    """

    def __new__(cls, id=0, **kwargs):
        rt = runtime.current()
        name = "eth%d" % id
        for iface in rt.stack.ifaces:
            if iface.name == name:
                return nic_of(rt, iface)
        raise OSError(_ENODEV, "no such network card")

    def __repr__(self):
        return "<ETH %d %s%s>" % (self.status(), addr.text(self._iface.addr), self._notes())

    def active(self, up=None):
        """Take part in the network, or not. Without an address of its own DHCP begins."""
        iface = self._iface
        if up is None:
            return iface.up
        rt = self._rt
        rt.lock()
        try:
            if up and not iface.up:
                iface.set_up(True)
                if not self._static:
                    self._client.start(rt.clock())
            elif not up and iface.up:
                self._client.stop(rt.clock())
                iface.set_up(False)
        finally:
            rt.unlock()

    def status(self, param=None):
        """0: no link; 1: link, but not active; 2: no address (or a link-local one); 3: ready."""
        if param is not None:
            raise ValueError("unknown status param")
        iface = self._iface
        if not iface.dev.carrier:
            return _DOWN
        if not iface.up:
            return _LINK
        return _UP if iface.addr and not addr.is_link_local(iface.addr) else _NO_IP

    def isconnected(self):
        """Whether there are a link, and an address that is good beyond it."""
        return self.status() == _UP

    def config(self, *args, **kwargs):
        """Ask for "mac" (6 bytes), "mtu" or "hostname"; set mtu, hostname.

        `trace` and `low_power` of other boards are accepted, and change nothing.
        """
        iface = self._iface
        if not kwargs:
            key = one(args)
            if key == "mac":
                return bytes(iface.mac)
            if key == "mtu":
                return iface.mtu
            if key == "hostname":
                return _names.hostname()
            raise ValueError("unknown config param")
        none(args)
        for key in kwargs:
            if key == "mac":
                raise ValueError("the card's address is QEMU's to set: -device …,mac=…")
            if key not in ("mtu", "hostname", "trace", "low_power"):
                raise ValueError("unknown config param")
        if "mtu" in kwargs:
            rt = self._rt
            rt.lock()
            try:
                iface.set_mtu(kwargs["mtu"])
            finally:
                rt.unlock()
        if "hostname" in kwargs:
            _names.hostname(kwargs["hostname"])

    def ifconfig(self, config=None):
        """(address, netmask, gateway, DNS server), all of them str; set by such a tuple.

        "dhcp" asks a server and waits for its answer, 10 s at most. ValueError for what is no
        address; OSError: ENETUNREACH if the gateway is not in the network of the address.
        """
        rt = self._rt
        if config is None:
            servers = rt.resolver.servers
            iface = self._iface
            return (
                addr.text(iface.addr),
                addr.text(iface.netmask),
                addr.text(self._gateway()),
                addr.text(servers[0] if servers else 0),
            )
        if config in _DHCP or len(config) == 1 and config[0] in _DHCP:
            return self._wait_for_dhcp()
        if isinstance(config, str) or len(config) != 4:
            raise ValueError('must be "dhcp" or (address, netmask, gateway, DNS server)')
        ip, mask, gateway, dns = config
        servers = _names.parse_servers(dns)
        self._configure((addr.parse(ip), _mask(mask)), addr.parse(gateway))
        _names.set_servers(rt, servers)

    def ipconfig(self, *args, **kwargs):
        """Ask for one of "addr4", "gw4", "dhcp4", "has_dhcp4"; set addr4, gw4, dhcp4.

        addr4 is (address, netmask); set by that, by "address/prefix" (without a prefix it stays as
        it is, or is 24), or None for no address. is no IPv6: "addr6" is an empty list,
        "autoconf6" and "dhcp6" are False, and setting them to more is OSError(EAFNOSUPPORT). Other
        errors as with ifconfig().
        """
        if not kwargs:
            return self._get(one(args))
        none(args)
        ip = gateway = None
        for key, value in kwargs.items():
            if key == "addr4":
                ip = self._parse(value)
            elif key == "gw4":
                gateway = addr.parse(value) if value else 0
            elif key in ("addr6", "autoconf6", "dhcp6", "gw6"):
                if value:
                    raise OSError(_EAFNOSUPPORT, "there is no IPv6 on this board")
            elif key != "dhcp4":
                raise ValueError("unexpected key")
        if not kwargs.get("dhcp4", True):
            self._set_dhcp(False)
        self._configure(ip, gateway)
        if kwargs.get("dhcp4"):
            self._set_dhcp(True)

    def inform(self):
        """Ask DHCP servers for name servers only, in the background, for an address set here.

        OSError(EADDRNOTAVAIL) without such an address.
        """
        rt = self._rt
        rt.lock()
        try:
            self._client.inform(rt.clock())
        finally:
            rt.unlock()

    def _get(self, key):
        iface = self._iface
        if key == "addr4":
            return addr.text(iface.addr), addr.text(iface.netmask)
        if key == "gw4":
            return addr.text(self._gateway())
        if key == "dhcp4":
            return bool(self._client.state)
        if key == "has_dhcp4":
            return bool(self._client.lease)
        if key == "addr6":
            return []
        if key in ("dhcp6", "autoconf6", "has_autoconf6"):
            return False
        raise ValueError("unexpected key")

    def _gateway(self):
        default = self._rt.stack.ip.routes.default(self._iface)
        return default.gateway if default else 0

    # (address, prefix length) of what addr4 may be.
    def _parse(self, value):
        if value is None:
            return 0, 0
        if isinstance(value, str):
            return addr.parse_prefix(value, self._iface.prefixlen or 24)
        ip, mask = value
        return addr.parse(ip), _mask(mask)

    # Sets (address, prefix length) and the gateway, each unless it is None; or nothing, if they
    # cannot be. A gateway stays with a new address that is in its network.
    def _configure(self, address, gateway):
        rt = self._rt
        iface = self._iface
        rt.lock()
        try:
            if address:
                ip, prefix = address
                if ip:
                    rt.stack.ip.check_address(ip, prefix)
                old = self._gateway()
                near = ip and not ((gateway or old) ^ ip) & addr.netmask(prefix)
                if gateway and not near:
                    raise OSError(ENETUNREACH, "the gateway must be in the network of the address")
                self._client.stop(rt.clock())
                if not ip:
                    iface.clear_address()
                elif ip != iface.addr or prefix != iface.prefixlen:
                    iface.set_address(ip, prefix)
                self._static = bool(ip)
                if gateway is None:
                    gateway = old if near else 0
            if gateway is not None and gateway != self._gateway():
                rt.stack.ip.routes.set_default(iface, gateway)
        finally:
            rt.unlock()

    def _set_dhcp(self, on):
        rt = self._rt
        client = self._client
        rt.lock()
        try:
            now = rt.clock()
            if not on:
                client.stop(now)
            elif client.state:
                client.renew(now)
            else:
                self._iface.clear_address()
                self._static = False
                if self._iface.up:  # otherwise it begins when the interface is made active
                    client.start(now)
        finally:
            rt.unlock()

    def _wait_for_dhcp(self):
        if not self._iface.up:
            raise OSError(ENETDOWN, "make the interface active first")
        self._set_dhcp(True)
        rt = self._rt
        rt.lock()
        try:
            until = rt.clock() + _DHCP_TIME
            while not self._client.lease:
                if rt.clock() >= until:
                    raise OSError("timeout waiting for DHCP to get IP address")
                rt.wait(until)
        finally:
            rt.unlock()


def _mask(text):
    return addr.prefixlen(addr.parse(text))
