# Frostnet: names that a DNS forwarder knows itself
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, dns
from frostnet.wire.dns_name import encode_name, within

_TTL = const(30)  # s: a lease may end
_ARPA = b"\x07in-addr\x04arpa\x00"
_LOCALHOST = b"\x09localhost\x00"
_LOOPBACK6 = bytes(15) + b"\x01"

# Nobody is asked for these (RFC 6762 §22.1, RFC 6761 §6.4, RFC 7686 §2).
_NOWHERE = (b"\x05local\x00", b"\x07invalid\x00", b"\x05onion\x00")


class Local:
    """What the board knows: `hosts`, its table of names; `hostname`, its own; `leases`, a list of
    services with `domain`, `address_of(name)`, `name_of(address)` and `serves(address)`.
    """

    def __init__(self, hosts, hostname="", leases=()):
        self.hosts = hosts
        self.hostname = hostname
        self.leases = leases

    def look_up(self, query, own):
        """Return (rcode, records) for a Query of a client that reaches us at the address `own`, or
        None if a server must be asked.
        """
        if query.qclass != dns.IN:
            return None
        name = query.name
        if query.qtype == dns.PTR and within(name, _ARPA):
            return self._pointer(name, own)
        for zone in _NOWHERE:
            if within(name, zone):
                return dns.NXDOMAIN, ()
        if within(name, _LOCALHOST):
            if query.qtype == dns.AAAA:
                return 0, ((dns.AAAA, _TTL, _LOOPBACK6),)
            return _addresses(query, (addr.LOCALHOST,))
        found = self.hosts.addresses(name)
        if found:
            return _addresses(query, found)
        return self._host(query, name, own)

    # A name of one label, or in a domain of ours.
    def _host(self, query, name, own):
        label, rest = _split(name)
        dotless = rest == b"\0"
        zones = [(service, _zone(service)) for service in self.leases]
        around = [zone for _, zone in zones if zone and within(name, zone)]
        if name in around:
            return 0, ()  # the domain is there, and has nothing
        here = [service for service, zone in zones if dotless or rest == zone]
        if label and (dotless or here) and label == self.hostname.lower():
            return _addresses(query, (own,))  # whatever a client calls itself
        for service in here:
            address = service.address_of(label)
            if address:
                return _addresses(query, (address,))
        if around:
            return dns.NXDOMAIN, ()
        # Outside nobody knows hosts of one label; what is asked of a domain is another matter
        if dotless and name != b"\0" and query.qtype in (dns.A, dns.AAAA):
            return dns.NXDOMAIN, ()
        return None

    def _pointer(self, name, own):
        address = _address(name)
        if address is None:
            return None
        text = self.hosts.name(address)
        if text is None and address == own:
            text = self.hostname
            if text and self.leases and self.leases[0].domain:
                text += "." + self.leases[0].domain
        if text is None and addr.is_loopback(address):
            text = "localhost"
        for service in self.leases if not text else ():
            label = service.name_of(address)
            if label:
                text = label + "." + service.domain if service.domain else label
                break
            if service.serves(address):
                return dns.NXDOMAIN, ()  # nobody else knows our wires (RFC 6303)
        if not text:
            return None
        return 0, ((dns.PTR, _TTL, encode_name(text)),)


def _zone(service):
    return encode_name(service.domain) if service.domain else None


def _addresses(query, addresses):
    if query.qtype not in (dns.A, dns.ANY):
        return 0, ()
    return 0, [(dns.A, _TTL, address.to_bytes(4, "big")) for address in addresses]


# The first label as text, empty if it is no host's, and the wire name behind it.
def _split(name):
    n = name[0]
    for c in name[1 : 1 + n]:
        if not 0x21 <= c <= 0x7E or c == 0x2E:
            return "", name[1 + n :]
    return name[1 : 1 + n].decode(), name[1 + n :] if n else b"\0"


# The address of a name such as 1.0.0.10.in-addr.arpa, None if it is none.
def _address(name):
    address = 0
    at = 0
    for i in range(4):
        n = name[at]
        label = name[at + 1 : at + 1 + n]
        if not 1 <= n <= 3 or not label.isdigit() or int(label) > 255:
            return None
        address |= int(label) << 8 * i
        at += 1 + n
    return address if name[at:] == _ARPA else None
