# Frostnet: what a DHCP server has to give
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, dhcp
from frostnet.wire.dns_name import encode_name

_POOL = const(256)  # addresses
_USUAL_POOL = const(100)
_HOSTS = const(64)  # with an address of their own
_OPTIONS = const(32)
_MIN_TIME = const(10)  # s
_MAX_TIME = const(0x7FFFFFFF)

# Options that are the server's to say.
_OWN = (dhcp.REQUESTED, dhcp.LEASE_TIME, dhcp.OVERLOAD, dhcp.TYPE, dhcp.SERVER, dhcp.WANTED)
_OWN += (dhcp.PAD, dhcp.END, dhcp.MAX_MESSAGE, dhcp.T1, dhcp.T2, dhcp.CLIENT_ID)

# For clients that do not say what they want to know.
_USUAL = bytes((dhcp.MASK, dhcp.ROUTERS, dhcp.DNS, dhcp.DOMAIN, dhcp.BROADCAST))


class Config:
    """The server at `server`/`prefix` gives the addresses `first` to `last` for `time` seconds.

    By default those from the network's 100th to its 199th, or all of a smaller one. `hosts` is
    {mac: address}, six bytes and an int: addresses that are given to one station only. `routers`
    and `dns` are lists of addresses, `domain` is a text, `options` {code: bytes} what else clients
    may ask for. ValueError, a sentence, for what cannot be.
    """

    def __init__(
        self,
        server,
        prefix,
        first=0,
        last=0,
        time=3600,
        routers=(),
        dns=(),
        domain="",
        hosts={},
        options={},
    ):
        self.server = server
        self.mask = mask = addr.netmask(prefix)
        self.network = network = server & mask
        self.broadcast = network | ~mask & addr.BROADCAST
        if prefix > 30:
            raise ValueError("a network /%d has no room for others: use a shorter prefix" % prefix)
        wide = prefix <= 24
        self.first = first or network + (100 if wide else 1)
        size = _USUAL_POOL if wide or first else _POOL
        self.last = last or min(self.first + size, self.broadcast) - 1
        for address in (self.first, self.last):
            self._check(address)
        if not self.first <= self.last < self.first + _POOL:
            text = "from %s to %s are not 1 to %d addresses"
            raise ValueError(text % (addr.text(self.first), addr.text(self.last), _POOL))
        if not _MIN_TIME <= time <= _MAX_TIME:
            raise ValueError("a lease lasts %d to %d seconds" % (_MIN_TIME, _MAX_TIME))
        self.time = time
        if len(hosts) > _HOSTS or len(options) > _OPTIONS:
            raise ValueError("there are %d hosts and %d options at most" % (_HOSTS, _OPTIONS))
        for address in hosts.values():
            self._check(address)
        self.hosts = dict(hosts)
        self.reserved = {address: mac for mac, address in hosts.items()}
        if len(self.reserved) < len(hosts) or server in self.reserved:
            raise ValueError("every host needs an address of its own")
        self.domain = domain
        self.options = {dhcp.MASK: _bytes(mask), dhcp.BROADCAST: _bytes(self.broadcast)}
        self.set_routers(routers)
        self.set_dns(dns)
        if domain:
            encode_name(domain)  # ValueError
            self.options[dhcp.DOMAIN] = domain.encode()
        for code, value in options.items():
            if code in _OWN or not 0 < code < 255 or not 1 <= len(value) <= 255:
                raise ValueError("option %s cannot be set, or not so" % code)
            self.options[code] = bytes(value)

    def set_routers(self, routers):
        """Tell clients of these routers; of none if the list is empty."""
        self._set(dhcp.ROUTERS, routers)

    def set_dns(self, servers):
        """Tell clients of these name servers; of none if the list is empty."""
        self._set(dhcp.DNS, servers)

    def on_network(self, address):
        """Whether a host on this link can have `address`."""
        return address & self.mask == self.network and self.network < address < self.broadcast

    def may_have(self, address, mac):
        """Whether the station `mac` can be given `address`."""
        if mac in self.hosts:
            return self.hosts[mac] == address
        return (
            self.first <= address <= self.last
            and address != self.server
            and address not in self.reserved
        )

    def wanted(self, codes):
        """The options that a client asks for by their codes, or the usual ones.

        The mask comes before the routers (RFC 2132 §3.3), and nothing twice.
        """
        found = []
        seen = set()
        for code in bytes((dhcp.MASK,)) + codes if dhcp.MASK in codes else codes or _USUAL:
            if code in self.options and code not in seen:
                seen.add(code)
                found.append((code, self.options[code]))
        return found

    def _check(self, address):
        if not self.on_network(address):
            text = "%s is no address for a host in the network of %s"
            raise ValueError(text % (addr.text(address), addr.text(self.server)))

    def _set(self, code, addresses):
        if addresses:
            self.options[code] = b"".join([_bytes(address) for address in addresses[:8]])
        else:
            self.options.pop(code, None)


def _bytes(address):
    return address.to_bytes(4, "big")
