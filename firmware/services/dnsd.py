# Frostnet: the DNS forwarder
# MIT license; Copyright (c) 2026 The Frostnet authors

import services
from dnsd import query as wire
from dnsd.cache import Cache
from dnsd.forward import Forwarder
from dnsd.local import Local
from frostnet.timers import Timer
from frostnet.wire import addr, dns
from services import pump
from services.datagrams import Datagrams
from services.dnsd_tcp import DnsdTcp

_COUNTERS = (
    "local",  # answered from what the board knows
    "cached",
    "forwarded",
    "answered",  # by servers
    "retried",
    "unanswered",  # no server could tell: SERVFAIL
    "busy",  # too many questions on their way: SERVFAIL
    "drop_malformed",
    "drop_not_attached",  # not from the networks that we are in
    "drop_mismatch",  # from a server, but not the answer: late, or forged
)


class Dnsd(Datagrams):
    """Answers on the networks that the board is in, or only on that of `iface`, by UDP and TCP.
    `servers`, if there are any, are asked instead of those of the board's resolver.
    """

    name = "dnsd"

    def __init__(self, iface=None, servers=(), port=dns.PORT):
        super().__init__(port)
        self.iface = iface
        self.cache = Cache()
        self._servers = servers
        self._forwarder = Forwarder(self.cache)
        self._tries = {}  # {Exchange: _Try}
        for name in _COUNTERS:
            self.counters[name] = 0
        self._tcp = DnsdTcp(self, port)

    def start(self):
        super().start()
        try:
            self._tcp.start()
        except OSError:
            self.stop()
            raise
        return self

    def released(self):
        self._tcp.stop()
        for attempt in list(self._tries.values()):
            attempt.close()
        self._tries = {}

    def received(self, data, src, sport):
        query = wire.parse(data)
        if query is None:
            self.counters["drop_malformed"] += 1
            return
        answer = self.known(query, src)
        if answer is not None:
            self.send(wire.fitted(query, answer), src, sport)
            return
        forwarder = self._forwarder
        client = (src, sport)
        if forwarder.find(query, client) is not None:
            return
        now = self.rt.clock()
        exchange = forwarder.begin(query, client, self.upstream(), now)
        if exchange is None:
            self.counters["busy"] += 1
            self.send(wire.answer(query, dns.SERVFAIL), src, sport)
            return
        self.counters["forwarded"] += 1
        self._tries[exchange] = attempt = _Try(self, exchange)
        attempt.next()

    # What UDP and TCP have in common.

    def known(self, query, src):
        """The answer to a Query that needs no server, or None."""
        counters = self.counters
        if query.rcode:
            counters["drop_malformed"] += 1
            return wire.answer(query, query.rcode)
        rt = self.rt
        leases = [s for s in services.running.values() if hasattr(s, "address_of")]
        resolver = rt.resolver
        found = Local(resolver.hosts, resolver.hostname, leases).look_up(query, self._own(src))
        if found is not None:
            counters["local"] += 1
            return wire.answer(query, *found)
        answer = self.cache.get(query, rt.clock())
        if answer is not None:
            counters["cached"] += 1
        return answer

    def upstream(self):
        """The servers to ask, best first: none of them is this board."""
        rt = self.rt
        resolver = rt.resolver
        servers = self._servers or resolver.servers
        owners = rt.stack.ip.owners
        servers = [s for s in servers if s not in owners and not addr.is_loopback(s)]
        return resolver.quality.order(servers, rt.clock())

    def is_attached(self, iface, src):
        """Whether `src` is on the network of `iface`, or of the one that is served."""
        if iface.loopback:
            return True
        if self.iface is not None and iface is not self.iface:
            return False
        return iface.addr != 0 and src & iface.netmask == iface.network

    def is_neighbour(self, src):
        """Whether `src`, who has proved to be there, is on a network that is served, or here."""
        if addr.is_loopback(src) or src in self.rt.stack.ip.owners:
            return True
        return any(self.is_attached(iface, src) for iface in self.rt.stack.ifaces)

    def ended(self, exchange, data):
        """Hand all that wait the server's answer, or None if there is none."""
        self._tries.pop(exchange, None)
        self.counters["unanswered" if data is None else "answered"] += 1
        for client, answer in self._forwarder.end(exchange, data, self.rt.clock()):
            self.send(answer, client[0], client[1])

    # Our address on the network of a client.
    def _own(self, src):
        for iface in self.rt.stack.ifaces:
            if iface.addr and src & iface.netmask == iface.network:
                return iface.addr
        return addr.LOCALHOST

    # Inside a poll.
    def _deliver(self, iface, buf, off, end, src, sport):
        if self.is_attached(iface, src):
            super()._deliver(iface, buf, off, end, src, sport)
        else:
            self.counters["drop_not_attached"] += 1


class _Try(pump.Task):
    """An Exchange, with a port of its own for each server that it asks."""

    def __init__(self, service, exchange):
        self._service = service
        self._exchange = exchange
        self._endpoint = None
        self._answer = None
        self._over = False  # this server cannot be asked
        self._timer = Timer(self._expired)

    def next(self):
        """Ask the next server; when there is none, be over."""
        service = self._service
        exchange = self._exchange
        rt = service.rt
        stack = rt.stack
        if exchange.server:
            service.counters["retried"] += 1
        rt.lock()
        try:
            while True:
                self.close()
                message = exchange.next(stack.rand(16), rt.clock())
                if message is None or self._send(exchange.server, message):
                    break
            if message is not None:
                stack.timers.set(self._timer, exchange.deadline)
        finally:
            rt.unlock()
        if message is None:
            service.ended(exchange, None)

    def run(self):
        service = self._service
        exchange = self._exchange
        quality = service.rt.resolver.quality
        if self._endpoint is None:
            return
        if self._answer is not None:
            quality.answered(exchange.server)
            self._end(self._answer)
            return
        now = service.rt.clock()
        if self._over or now >= exchange.deadline:
            quality.failed(exchange.server, now)
            self.next()

    def failed(self, error):
        self._service.failed(error)
        self._end(None)

    def close(self):
        """Give the port back."""
        rt = self._service.rt
        endpoint = self._endpoint
        self._endpoint = None
        self._answer = None
        self._over = False
        rt.lock()
        try:
            if endpoint is not None:
                endpoint.handler = endpoint.on_error = None
                endpoint.close()
            rt.stack.timers.cancel(self._timer)
        finally:
            rt.unlock()

    def _end(self, data):
        self.close()
        self._service.ended(self._exchange, data)

    # False if it cannot leave.
    def _send(self, server, message):
        try:
            self._endpoint = endpoint = self._service.rt.stack.udp.open()
            endpoint.handler = self._deliver
            endpoint.on_error = self._refused
            endpoint.connect(server, dns.PORT)
            endpoint.send(message)  # or no room: as if it got lost
        except OSError:
            return False
        return True

    # Inside a poll.

    def _deliver(self, iface, buf, off, end, src, sport):
        data = bytes(buf[off:end])
        if self._exchange.accepts(data):
            self._answer = self._answer or data
            self._service.pump.post(self)
        else:
            self._service.counters["drop_mismatch"] += 1

    def _refused(self, errno, dst, port):
        self._over = True
        self._service.pump.post(self)

    def _expired(self, now):
        self._service.pump.post(self)
