# Frostnet: DNS stub resolver
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1034 §5.3.1, RFC 1035 §7. What can be said without a server is said here; exchange.py asks.

from micropython import const

from frostnet.dns.cache import Cache
from frostnet.dns.codes import COUNTERS, EAI_NONAME
from frostnet.dns.exchange import Exchange
from frostnet.dns.hosts import Hosts
from frostnet.dns.offers import Offers
from frostnet.dns.query import Query
from frostnet.dns.search import candidates
from frostnet.dns.servers import Servers
from frostnet.errnos import ENETDOWN, ENETUNREACH, ENOBUFS
from frostnet.wire import addr, dns
from frostnet.wire.dns_data import TYPES
from frostnet.wire.dns_name import encode_name, reverse_name, within

_MAX_EXCHANGES = const(16)  # questions on their way at once
_MAX_WAITERS = const(16)  # queries that wait for the answer to one question

_LOCALHOST = b"\x09localhost\x00"
_LOCAL = b"\x05local\x00"
_LINK_LOCAL = b"\x03254\x03169\x07in-addr\x04arpa\x00"  # RFC 6762 §4


class Resolver:
    """Looks names up at `servers`, a list of addresses.

    `search` is a list of domains to look in; `offers` puts into both what DHCP servers say.
    `hosts` is the table of names that need no server, `hostname` our own name. `multicast`, if
    set, is the `Mdns` that asks for what is in .local.
    """

    def __init__(self, stack):
        self.stack = stack
        self.servers = []
        self.search = []
        self.offers = Offers(self)
        self.hosts = Hosts()
        self.hostname = ""
        self.multicast = None
        self.cache = Cache()
        self.quality = Servers()
        self.exchanges = {}  # (wire name, type, server or 0): Pending
        self.buf = bytearray(dns.MAX_QUERY)
        stack.counters.register(COUNTERS)
        stack.dns = self

    def query(self, name, qtype=dns.A, server=0):
        """Ask for `name`, of type A, or of type PTR also an address as text; return a `Query`.

        Numbers, "localhost", our own name, names in the hosts table and in the cache are done at
        once, and so is what cannot work. With `server`, the address of one, it alone is asked,
        for the name as it stands. ValueError for a type that is not supported.
        """
        if qtype not in TYPES:
            raise ValueError("record type")
        query = Query(self)
        try:
            address = addr.parse(name)
        except ValueError:
            address = None
        if qtype == dns.A and address is not None:
            query.finish([address], 0)
            return query
        try:
            if address is not None and qtype == dns.PTR:
                names = [reverse_name(address)]
            elif server:
                names = [encode_name(name)]
            else:
                names = candidates(name, self.search)
        except ValueError:
            query.finish([], EAI_NONAME)
            return query
        if not server:
            found = self._known(names, address, qtype)
            if found is not None:
                query.finish(found, 0 if found else EAI_NONAME)
                return query
            exact = names[0] if address is not None else encode_name(name)
            if self.is_multicast(exact):
                names = [exact]
        query.ask(names, qtype, server)
        return query

    # The results for what needs no server, or None.
    def _known(self, names, address, qtype):
        if address is not None:
            if qtype != dns.PTR:
                return []
            name = self.hosts.name(address)
            if name is None and addr.is_loopback(address):
                name = "localhost"
            elif name is None and address in self.stack.ip.owners:
                name = self.hostname
            return [name] if name else None
        own = ()
        if self.hostname:
            own = encode_name(self.hostname)
            # Somebody else may have had our name on the link
            own = own, self.multicast.name if self.multicast else own[:-1] + _LOCAL
        for wire in names:
            found = self.hosts.addresses(wire)
            if not found and within(wire, _LOCALHOST):
                found = [addr.LOCALHOST]  # RFC 6761 §6.3
            elif not found and wire in own:
                found = self.stack.ip.owners or (addr.LOCALHOST,)
            if found:
                if qtype == dns.A:
                    return list(found)
                # Our own name may have records of other types at a server
                return [] if qtype == dns.AAAA or within(wire, _LOCALHOST) else None
        return None

    def is_multicast(self, name):
        """Return whether a wire name is asked for by multicast (RFC 6762 §3 and §4)."""
        return self.multicast is not None and (within(name, _LOCAL) or within(name, _LINK_LOCAL))

    def cached(self, key):
        """Return the `Answer` for (wire name, type, server), or `None`."""
        if key[2]:
            return None
        cache = self.cache
        now = self.stack.now
        answer = cache.get((key[0], key[1]), now) or cache.get((key[0], 0), now)
        if answer is not None:
            self.stack.counters.dns_cache_hit += 1
        return answer

    def keep(self, key, answer):
        """Put an `Answer` that has a TTL into the cache."""
        if answer.ttl and not key[2]:
            # RFC 2308 §5: a name that does not exist has no records of any type
            qtype = 0 if answer.whole else key[1]
            self.cache.put((key[0], qtype), answer, answer.ttl, self.stack.now)

    def ask(self, key, query):
        """Let `query` wait for the answer to `key`; return an errno if it cannot be had, or 0."""
        pending = self.exchanges.get(key)
        if pending is None:
            if len(self.exchanges) >= _MAX_EXCHANGES:
                return ENOBUFS
            if not key[2] and self.is_multicast(key[0]):
                error = self.multicast.unavailable()
                if error:
                    return error
                pending = self.multicast.ask(self, key)
            else:
                servers = [key[2]] if key[2] else self.quality.order(self.servers, self.stack.now)
                error = self._hopeless(servers)
                if error:
                    return error
                pending = Exchange(self, key, servers)
        elif len(pending.queries) >= _MAX_WAITERS:
            return ENOBUFS
        pending.join(query)
        return 0

    def link_changed(self, carrier):
        """Follow an interface's link, by its `on_link`: nobody waits for servers behind one that
        is down, and those behind another come first."""
        self.offers.join()
        if not carrier:
            for key, pending in list(self.exchanges.items()):
                if self.exchanges.get(key) is pending:
                    pending.link_lost()

    # The errno that tells why none of the servers can be asked now, or 0.
    def _hopeless(self, servers):
        if not servers:
            up = any(iface.carrier for iface in self.stack.ifaces)
            return ENETUNREACH if up else ENETDOWN
        errors = [self.unreachable(server) for server in servers]
        return errors[0] if all(errors) else 0

    def unreachable(self, server):
        """The errno that tells why a packet to `server` could not leave now, or 0."""
        ip = self.stack.ip
        if server in ip.owners or addr.is_loopback(server):
            return 0
        route = ip.routes.lookup(server)
        if route is None:
            return ENETUNREACH
        return 0 if route.iface.carrier else ENETDOWN
