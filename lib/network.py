# Frostnet: MicroPython's network module
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import runtime
from frostnet.wire import addr
from frostnet.wire.dns_name import encode_name

# Interface numbers of WLAN, as other ports have them.
STA_IF = const(0)
AP_IF = const(1)

# Values of LAN.status().
_DOWN = const(0)
_NO_IP = const(2)
_UP = const(3)

_DHCP_TIME = const(10000000)  # µs that ifconfig("dhcp") waits
_HOSTNAME_MAX = const(32)
_ENODEV = const(19)

_hostname = "frostnet"
_country = "XX"
_nics = {}  # Iface: LAN


def hostname(name=None):
    """Name of this host, at most 32 characters; DHCP servers are told, and it is name.local."""
    global _hostname
    if name is None:
        return _hostname
    if not 0 < len(name) <= _HOSTNAME_MAX:
        raise ValueError("hostname must have 1 to 32 characters")
    encode_name(name)
    _hostname = name
    try:
        rt = runtime.current()
    except OSError:
        return
    rt.lock()
    resolver = rt.resolver
    if resolver:
        resolver.hostname = name
        if resolver.multicast:
            resolver.multicast.set_hostname(name)
    for client in rt.dhcp.values():
        client.sender.hostname = name
    rt.unlock()


def country(code=None):
    """Two letters; kept for programs written for wireless boards."""
    global _country
    if code is None:
        return _country
    if len(code) != 2:
        raise ValueError("country code must have 2 letters")
    _country = code


def route():
    """List of the network interfaces."""
    rt = runtime.current()
    return [nic(rt, iface) for iface in rt.stack.ifaces]


def ipconfig(*args, **kwargs):
    """ipconfig("dns") and ipconfig("prefer") ask; dns="10.0.2.3" or a tuple, prefer=4 set."""
    rt = runtime.current()
    if not kwargs:
        key = _one(args)
        if key == "dns":
            servers = rt.resolver.servers
            return addr.text(servers[0] if servers else 0)
        if key == "prefer":
            return 4
        raise ValueError("unexpected key")
    _none(args)
    for key, value in kwargs.items():
        if key == "dns":
            _set_dns(rt, value)
        elif key == "prefer":
            if value not in (4, 6):
                raise ValueError("invalid prefer argument")
        else:
            raise ValueError("unexpected key")


def _one(args):
    if len(args) != 1:
        raise TypeError("must query one param")
    return args[0]


def _none(args):
    if args:
        raise TypeError("can't specify pos and kw args")


def _set_dns(rt, servers):
    if isinstance(servers, str):
        servers = (servers,)
    servers = [addr.parse(server) for server in servers]
    rt.lock()
    rt.resolver.servers = [server for server in servers if server]
    rt.unlock()


def nic(rt, iface):
    """The LAN object of an interface."""
    self = _nics.get(iface)
    if self is None:
        for old in list(_nics):
            if old not in rt.stack.ifaces:
                del _nics[old]  # of a network that was stopped
        self = _nics[iface] = object.__new__(LAN)
        self._rt = rt
        self._iface = iface
        self._client = rt.dhcp.get(iface)
        # Set by the program: no DHCP when the interface is made active.
        self._static = bool(iface.addr) and not self._dhcp_on()
    return self


class LAN:
    """The wired interface number `id`, which is called eth0, eth1 …; one object for each.

    OSError(ENODEV) if there is no such card, or it does not work.
    """

    def __new__(cls, id=0, **kwargs):
        rt = runtime.current()
        name = "eth%d" % id
        for iface in rt.stack.ifaces:
            if iface.name == name:
                return nic(rt, iface)
        raise OSError(_ENODEV, "no such network card")

    def __repr__(self):
        return "<ETH %d %s>" % (self.status(), addr.text(self._iface.addr))

    def _dhcp_on(self):
        return bool(self._client and self._client.state)

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
        """0: down, 2: link but no address (or a link-local one), 3: ready."""
        if param is not None:
            raise ValueError("unknown status param")
        iface = self._iface
        if not (iface.up and iface.dev.carrier):
            return _DOWN
        return _UP if iface.addr and not addr.is_link_local(iface.addr) else _NO_IP

    def isconnected(self):
        return self.status() == _UP

    def config(self, *args, **kwargs):
        """config("mac") is the address of the card, 6 bytes."""
        if kwargs:
            _none(args)
            for key in kwargs:
                # Of other boards' cards; there is nothing here that they would change.
                if key not in ("trace", "low_power"):
                    raise ValueError("unknown config param")
        elif _one(args) == "mac":
            return bytes(self._iface.mac)
        else:
            raise ValueError("unknown config param")

    def ifconfig(self, config=None):
        """(address, netmask, gateway, DNS server), all of them str; set by such a tuple.

        "dhcp" asks a server and waits for its answer, 10 s at most.
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
        if config == "dhcp":
            return self._wait_for_dhcp()
        ip, mask, gateway, dns = config
        prefix = addr.prefixlen(addr.parse(mask))
        gateway = addr.parse(gateway)
        self._set_address(addr.parse(ip), prefix)
        self._set_gateway(gateway)
        _set_dns(rt, dns)

    def ipconfig(self, *args, **kwargs):
        """Ask for one of "addr4", "gw4", "dhcp4", "has_dhcp4"; set addr4, gw4, dhcp4.

        addr4 is (address, netmask); set by that, by "address/prefix", or None for no address.
        """
        if not kwargs:
            return self._get(_one(args))
        _none(args)
        for key in kwargs:
            if key not in ("addr4", "gw4", "dhcp4"):
                raise ValueError("unexpected key")
        if "dhcp4" in kwargs:
            self._set_dhcp(kwargs["dhcp4"])
        if "addr4" in kwargs:
            value = kwargs["addr4"]
            if value is None:
                self._set_address(0, 0)
            elif isinstance(value, str):
                self._set_address(*parse_prefix(value, self._iface.prefixlen))
            else:
                ip, mask = value
                self._set_address(addr.parse(ip), addr.prefixlen(addr.parse(mask)))
        if "gw4" in kwargs:
            self._set_gateway(addr.parse(kwargs["gw4"]))

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
            return self._dhcp_on()
        if key == "has_dhcp4":
            return bool(self._client and self._client.lease)
        if key == "addr6":
            return []
        raise ValueError("unexpected key")

    def _gateway(self):
        default = self._rt.stack.ip.routes.default(self._iface)
        return default.gateway if default else 0

    def _set_address(self, ip, prefix):
        rt = self._rt
        iface = self._iface
        if ip:
            rt.stack.ip.check_address(ip, prefix)  # before anything is changed
        rt.lock()
        try:
            gateway = self._gateway()
            self._client.stop(rt.clock())
            if not ip:
                iface.clear_address()
            elif ip != iface.addr or prefix != iface.prefixlen:
                iface.set_address(ip, prefix)
                if gateway and (gateway ^ ip) & iface.netmask == 0:
                    rt.stack.ip.routes.set_default(iface, gateway)
            self._static = bool(ip)
        finally:
            rt.unlock()

    def _set_gateway(self, gateway):
        rt = self._rt
        rt.lock()
        try:
            rt.stack.ip.routes.set_default(self._iface, gateway)
        finally:
            rt.unlock()

    def _set_dhcp(self, on):
        rt = self._rt
        rt.lock()
        try:
            now = rt.clock()
            if not on:
                self._client.stop(now)
            elif self._dhcp_on():
                self._client.renew(now)
            else:
                self._iface.clear_address()
                self._static = False
                self._client.start(now)
        finally:
            rt.unlock()

    def _wait_for_dhcp(self):
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


def parse_prefix(text, default=24):
    """(address, prefix length) of "address/prefix"; ValueError."""
    ip, slash, prefix = text.partition("/")
    prefix = int(prefix) if slash else default
    if not 0 <= prefix <= 32:
        raise ValueError("prefix length must be 0 to 32")
    return addr.parse(ip), prefix


class WLAN:
    """Stand-in for programs of wireless boards: the station is the wire, the rest is absent."""

    IF_STA = STA_IF
    IF_AP = AP_IF

    def __init__(self, id=STA_IF):
        self._lan = LAN() if id == STA_IF else None

    def __getattr__(self, name):
        if self._lan is None:
            raise AttributeError(name)
        return getattr(self._lan, name)

    def active(self, up=None):
        if self._lan:
            return self._lan.active(up)
        if up:
            raise OSError(_ENODEV, "there is no access point")
        return False

    def isconnected(self):
        return bool(self._lan) and self._lan.isconnected()

    def ifconfig(self, *args):
        return self._lan.ifconfig(*args) if self._lan else ("0.0.0.0",) * 4

    def connect(self, *args, **kwargs):
        """The wire needs no key."""

    def scan(self):
        return []
