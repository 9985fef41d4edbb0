# Frostnet: UDP
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 768 and RFC 1122 §4.1.

from micropython import const

from frostnet.endpoint import DatagramEndpoint
from frostnet.errnos import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EDESTADDRREQ,
    EISCONN,
    EMSGSIZE,
    ENOBUFS,
)
from frostnet.mailbox import post
from frostnet.wire.fast_headers import udp as parse
from frostnet.wire.fast_headers import udp_build as build
from frostnet.wire.udp import ERRORS, header

_ENDPOINTS = const(64)
_MAX = const(65507)  # bytes of a datagram's payload
_PORT_UNREACHABLE = const(3)

# Ports for those who do not care (RFC 6335 §6).
_PORT_FIRST = const(49152)
_PORT_BITS = const(14)
_PORT_MASK = const(0x3FFF)


class Endpoint(DatagramEndpoint):
    """A bound UDP port. `addr`, `port`: ours; `raddr`, `rport`: the peer's if connected."""

    reuse = False  # shares its port with others that do

    def __init__(self, udp, addr, port, iface):
        super().__init__(udp, addr, iface)
        self._counters = udp.counters
        self.port = port
        self.on_error = None  # fn(errno, dst, dport): a datagram was undeliverable

    def connect(self, dst, port):
        """Send to, and receive from, this peer only; 0, 0 undoes it."""
        super().connect(dst, port)
        self._table.sort(self.port)

    def send(self, buf, dst=0, port=0):
        """Send one datagram, to the connected peer if `dst` is 0.

        Returns False if the device has no room now. OSError: EDESTADDRREQ, EISCONN, EMSGSIZE
        beyond 65,507 bytes, EACCES to a broadcast address unless `broadcast`, and those of a path.
        """
        if dst:
            if self.raddr and (dst != self.raddr or port != self.rport):
                raise OSError(EISCONN)
        elif not self.raddr:
            raise OSError(EDESTADDRREQ)
        else:
            dst = self.raddr
            port = self.rport
        path = self._path
        if path is None or path.dst != dst:
            path = self._path = self._way(dst)
        out = path.begin()
        if out is None:
            return False
        n = len(buf)
        if n + 28 > path.mtu:
            return self._send_long(path, buf, n, port)
        build(out, path.off, self.port << 16 | port, buf, n)
        path.send(17, n + 8, 6)
        self._counters.udp_tx += 1
        return True

    def set_iface(self, iface):
        """Receive from this interface only, and send through it; None: from and through any."""
        super().set_iface(iface)
        self._table.sort(self.port)

    def use(self, path):
        """Send the next datagram by `path`, which a client in the stack has chosen."""
        self._path = path

    # A datagram that does not fit the path goes in fragments.
    def _send_long(self, path, buf, n, port):
        if n > _MAX:
            raise OSError(EMSGSIZE)
        head = header(self.port, port, buf, n, path.pseudo)
        if not path.send_long(17, head, buf):
            return False
        self._counters.udp_tx += 1
        return True

    def _plain_path(self, dst, src):
        return self._ip.shared_path(dst, src)


class UDP:
    """The endpoints by port."""

    def __init__(self, stack):
        self.stack = stack
        self.ip = stack.ip
        self.counters = stack.counters
        # Most ports have one endpoint. Several may differ in address, interface or peer.
        self._ports = {}  # port: [Endpoint, …]
        self._only = {}  # port: its endpoint, if that is one and takes whatever comes
        self._count = 0
        stack.ip.register(17, self, group=True, sums=True)

    def open(self, addr=0, port=0, iface=None, reuse=False):
        """Return an Endpoint bound to `addr` (0: all) and `port` (0: a random free one).

        Those that all `reuse` share a port: each gets what is sent to a group or to everybody.
        OSError: EADDRINUSE, EADDRNOTAVAIL if `addr` is not ours, ENOBUFS.
        """
        if self._count >= _ENDPOINTS:
            raise OSError(ENOBUFS)
        if addr and addr not in self.ip.local and addr >> 24 != 127:
            raise OSError(EADDRNOTAVAIL)
        if not port:
            port = self._free_port()
        for other in self._ports.get(port, ()):
            # A wildcard and an address can share a port: the address is the better match.
            if other.addr == addr and (
                other.iface is None or iface is None or other.iface is iface
            ):
                if not (reuse and other.reuse):
                    raise OSError(EADDRINUSE)
        endpoint = Endpoint(self, addr, port, iface)
        endpoint.reuse = reuse
        self._ports.setdefault(port, []).append(endpoint)
        self._count += 1
        self.sort(port)
        return endpoint

    def remove(self, endpoint):
        """Forget an endpoint; called by its close()."""
        bound = self._ports.get(endpoint.port)
        if bound and endpoint in bound:
            bound.remove(endpoint)
            self._count -= 1
            if not bound:
                del self._ports[endpoint.port]
            self.sort(endpoint.port)

    def sort(self, port):
        """Find out if `port` has one receiver for all: endpoints have come, gone or changed."""
        bound = self._ports.get(port)
        if bound and len(bound) == 1:
            endpoint = bound[0]
            if not endpoint.addr and not endpoint.raddr and endpoint.iface is None:
                self._only[port] = endpoint
                return
        self._only.pop(port, None)

    def is_open(self, port):
        """Say whether somebody has the port."""
        return port in self._ports

    def endpoints(self):
        """Return a list of all endpoints."""
        return [e for bound in self._ports.values() for e in bound]

    def input(self, iface, buf, off, end, src, dst, checked=False):
        counters = self.counters
        counters.udp_rx += 1
        parsed = parse(buf, off, end, -1 if checked else src + dst)
        if parsed < 0:
            counters.count(ERRORS[parsed])
            return None
        sport = parsed >> 16 & 0xFFFF
        endpoint = self._only.get(parsed & 0xFFFF)
        if endpoint is None:
            if self.ip.group:
                self._to_all(parsed, iface, buf, off + 8, src, dst)
                return None
            endpoint = self._match(parsed & 0xFFFF, iface, src, sport, dst)
            if endpoint is None:
                counters.udp_drop_no_endpoint += 1
                return _PORT_UNREACHABLE
        off += 8
        n = parsed >> 32
        if endpoint.handler is not None:
            endpoint.handler(iface, buf, off, off + n, src, sport)
        elif not post(endpoint.queue, endpoint.ring, buf, off, n, src, sport):
            endpoint.deliver(counters, buf, off, off + n, src, sport)
        return None

    def error(self, errno, hard, buf, off, end, src, dst):
        """A datagram of ours was undeliverable (RFC 1122 §4.1.3.3)."""
        sport = buf[off] << 8 | buf[off + 1]
        dport = buf[off + 2] << 8 | buf[off + 3]
        endpoint = self._match(sport, None, dst, dport, src)
        if endpoint is None:
            self.counters.udp_drop_error += 1
            return
        if endpoint.raddr:
            endpoint.error = errno
        if endpoint.on_error is not None:
            endpoint.on_error(errno, dst, dport)

    # A datagram to a group or to everybody is for all that it fits (RFC 1122 §4.1.3.5 leaves that
    # open; programs expect it).
    def _to_all(self, parsed, iface, buf, off, src, dst):
        sport = parsed >> 16 & 0xFFFF
        end = off + (parsed >> 32)
        taken = False
        for e in list(self._ports.get(parsed & 0xFFFF, ())):
            if _fit(e, iface, src, sport, dst) >= 0:
                taken = True
                if e.handler is not None:
                    e.handler(iface, buf, off, end, src, sport)
                else:
                    e.deliver(self.counters, buf, off, end, src, sport)
        if not taken:
            self.counters.udp_drop_no_endpoint += 1

    # Returns the endpoint that fits best.
    def _match(self, port, iface, src, sport, dst):
        best = None
        best_fit = -1
        for e in self._ports.get(port, ()):
            fit = _fit(e, iface, src, sport, dst)
            if fit > best_fit:
                best = e
                best_fit = fit
        return best

    # RFC 6056 §3.3.1: a random port, and from there the next free one.
    def _free_port(self):
        port = self.stack.rand(_PORT_BITS)
        for _ in range(_PORT_MASK + 1):
            if _PORT_FIRST + port not in self._ports:
                return _PORT_FIRST + port
            port = (port + 1) & _PORT_MASK
        raise OSError(EADDRINUSE)


# How well a datagram fits an endpoint, -1: not at all. Best is a connected one, then one that is
# bound to the address, then one that is bound to the interface.
def _fit(e, iface, src, sport, dst):
    fit = 0
    if e.raddr:
        if e.raddr != src or e.rport != sport:
            return -1
        fit = 4
    if e.addr:
        if e.addr != dst:
            return -1
        fit += 2
    if e.iface is not None and iface is not None:
        if e.iface is not iface:
            return -1
        fit += 1
    return fit
