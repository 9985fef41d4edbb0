# Frostnet: DNS stub resolver (RFC 1035 section 7, RFC 5452)
# MIT license; Copyright (c) 2026 The Frostnet authors

# Every try has a port and an id of its own, both random, and only its own answer counts: what a
# forger must guess changes all the time. Of one question only one try is on its way, so that
# many programs that ask for one name do not give a forger many chances.

from micropython import const

from frostnet.dns.answer import follow
from frostnet.dns.cache import Cache
from frostnet.errnos import ENETDOWN, ENETUNREACH, ENOBUFS
from frostnet.timers import Timer
from frostnet.wire import addr, dns

# What servers said; everything else is an errno of this host.
EAI_NONAME = const(-2)  # there is no such name, or it has no address
EAI_AGAIN = const(-3)  # no server could find out
EAI_FAIL = const(-4)  # the answer makes no sense

_ETIMEDOUT = const(110)

_SECOND = const(1000000)
_FIRST_WAIT = const(1000000)  # µs; doubles each time that all servers were asked
_TOTAL = const(10000000)  # µs for one name, all servers, tries and aliases together
_MAX_EXCHANGES = const(16)  # questions on their way at once
_MAX_WAITERS = const(16)  # queries that wait for the answer to one question
_MAX_SERVERS = const(4)

_TYPES = (dns.A, dns.NS, dns.CNAME, dns.PTR)

COUNTERS = (
    "dns_tx",
    "dns_rx",
    "dns_drop_malformed",
    "dns_drop_mismatch",  # other server, port, id or question: late, or forged
    "dns_retry",
    "dns_timeout",
    "dns_cache_hit",
)


class Query:
    """What `Resolver.query` returns: at the end `done` is true, and either `result` holds
    addresses (of a PTR query: names) or `error` a number. `notify()`, if set, is then called,
    inside the poll."""

    def __init__(self):
        self.done = False
        self.result = []
        self.error = 0
        self.notify = None
        self._exchange = None

    def cancel(self):
        """Give up; the query stays without result."""
        if self._exchange:
            self._exchange.leave(self)

    def finish(self, result, error):
        self._exchange = None
        self.result = result
        self.error = error
        self.done = True
        if self.notify:
            self.notify()


class Resolver:
    """Looks names up at `servers`, a list of addresses."""

    def __init__(self, stack):
        self.stack = stack
        self.servers = []
        self.cache = Cache()
        self.exchanges = {}  # (wire name, type): Exchange
        self.buf = bytearray(dns.MAX_SIZE)
        stack.counters.register(COUNTERS)
        stack.dns = self

    def query(self, name, qtype=dns.A):
        """Ask for `name`, of type A, or of type PTR also an address as text; return a `Query`.

        Numbers, "localhost" and names in the cache are done at once, and so is what cannot
        work. ValueError for a type that is not supported.
        """
        if qtype not in _TYPES:
            raise ValueError("record type")
        query = Query()
        try:
            address = addr.parse(name)
        except ValueError:
            address = None
        if qtype == dns.A and address is not None:
            query.finish([address], 0)
            return query
        try:
            wire = dns.encode_name(name) if address is None else dns.reverse_name(address)
        except ValueError:
            query.finish([], EAI_NONAME)
            return query
        if qtype == dns.A and wire.endswith(b"\x09localhost\x00"):
            query.finish([addr.LOCALHOST], 0)  # RFC 6761 section 6.3
            return query
        key = (wire, qtype)
        found = self.cache.get(key, self.stack.now)
        if found is not None:
            self.stack.counters.dns_cache_hit += 1
            query.finish(list(found), 0)
            return query
        self._ask(key, query)
        return query

    def _ask(self, key, query):
        exchange = self.exchanges.get(key)
        if exchange:
            if len(exchange.queries) >= _MAX_WAITERS:
                query.finish([], ENOBUFS)
            else:
                exchange.join(query)
            return
        servers = self.servers[:_MAX_SERVERS]
        error = 0
        if len(self.exchanges) >= _MAX_EXCHANGES:
            error = ENOBUFS
        elif servers:
            errors = [self.unreachable(server) for server in servers]
            if all(errors):
                error = errors[0]
        else:
            up = any(iface.carrier for iface in self.stack.ifaces)
            error = ENETUNREACH if up else ENETDOWN
        if error:
            query.finish([], error)
            return
        self.exchanges[key] = exchange = Exchange(self, key, servers)
        exchange.join(query)

    def unreachable(self, server):
        """The errno that tells why a packet to `server` could not leave now, or 0."""
        ip = self.stack.ip
        if server in ip.owners or addr.is_loopback(server):
            return 0
        route = ip.routes.lookup(server)
        if route is None:
            return ENETUNREACH
        return 0 if route.iface.carrier else ENETDOWN


class Exchange:
    """One question on its way, for everybody who asked it."""

    def __init__(self, resolver, key, servers):
        self.resolver = resolver
        self.stack = resolver.stack
        self.key = key
        self.queries = []
        self._name = key[0]  # asked now: an alias, once one was met
        self._aliases = 0
        self._ttl = None
        self._servers = servers
        self._server = 0
        self._tries = 0
        self._failed = 0  # servers that failed for this name
        self._error = 0  # the last one's reason
        self._endpoint = None
        self._ident = 0
        self._end = None
        self._timer = Timer(self._try)
        # The first try leaves with the next poll, which knows the time
        self.stack.timers.set(self._timer, self.stack.now)

    def join(self, query):
        query._exchange = self
        self.queries.append(query)

    def leave(self, query):
        query._exchange = None
        self.queries.remove(query)
        if not self.queries:
            self._close()

    def _close(self):
        self._hang_up()
        self._timer.due = None
        del self.resolver.exchanges[self.key]

    def _hang_up(self):
        if self._endpoint:
            self._endpoint.close()
            self._endpoint = None

    def _finish(self, result, error):
        self._close()
        queries = self.queries
        self.queries = []
        for query in queries:
            query.finish(list(result), error)

    def _try(self, now):
        # Ask the next server; also the timer's function.
        stack = self.stack
        if self._end is None:
            self._end = now + _TOTAL
        elif now >= self._end:
            stack.counters.dns_timeout += 1
            self._finish([], _ETIMEDOUT)
            return
        self._hang_up()
        servers = self._servers
        wait = _FIRST_WAIT << self._tries // len(servers)
        stack.timers.set(self._timer, min(now + wait, self._end))
        self._server = servers[self._tries % len(servers)]
        if self._tries:
            stack.counters.dns_retry += 1
        self._tries += 1
        error = self.resolver.unreachable(self._server)
        if not error:
            try:
                self._send()
                return
            except OSError as e:
                error = e.errno
        self._fail(error)

    def _send(self):
        stack = self.stack
        self._endpoint = endpoint = stack.udp.open()
        endpoint.handler = self._input
        endpoint.on_error = self._on_error
        endpoint.connect(self._server, dns.PORT)
        self._ident = stack.rand(16)
        buf = self.resolver.buf
        n = dns.build_query(buf, self._ident, self._name, self.key[1])
        if endpoint.send(memoryview(buf)[:n]):  # or the device has no room: as if it got lost
            stack.counters.dns_tx += 1

    def _fail(self, error):
        # This server is no use for this name: the next one at once, if there is another.
        self._error = error
        self._failed += 1
        if self._failed >= len(self._servers):
            self._finish([], error)
        else:
            self._try(self.stack.now)

    def _on_error(self, errno, dst, dport):
        if dst == self._server and dport == dns.PORT:
            self._fail(errno)

    def _input(self, iface, buf, off, end, src, sport):
        counters = self.stack.counters
        counters.dns_rx += 1
        qtype = self.key[1]
        try:
            message = dns.parse(buf, off, end)
        except ValueError:
            counters.dns_drop_malformed += 1
            return
        if (
            message.ident != self._ident
            or message.name != self._name
            or message.qtype != qtype
            or src != self._server
            or sport != dns.PORT
        ):
            counters.dns_drop_mismatch += 1
            return
        if message.rcode == dns.NXDOMAIN and not message.answers:
            self._finish([], EAI_NONAME)
            return
        if message.rcode not in (dns.NOERROR, dns.NXDOMAIN):
            self._fail(EAI_AGAIN)
            return
        try:
            result, name, ttl, aliases = follow(
                buf, off, message, self._name, qtype, self._aliases
            )
        except ValueError:
            counters.dns_drop_malformed += 1
            self._fail(EAI_FAIL)
            return
        self._answer(message, result, name, ttl, aliases)

    def _answer(self, message, result, name, ttl, aliases):
        if ttl is not None and (self._ttl is None or ttl < self._ttl):
            self._ttl = ttl
        if result:
            self.resolver.cache.put(self.key, result, self._ttl, self.stack.now)
            self._finish(result, 0)
        elif name == self._name:
            # No record of this type. A truncated answer may have lost it: the place for TCP.
            if message.truncated:
                self._fail(EAI_AGAIN)
            else:
                self._finish([], EAI_NONAME)
        elif message.rcode == dns.NXDOMAIN:
            self._finish([], EAI_NONAME)  # the alias leads nowhere
        else:
            # An alias of another zone: ask for where it leads, in the time that is left
            self._name = name
            self._aliases = aliases
            self._tries = self._failed = 0
            self._try(self.stack.now)
