# Frostnet: UDP
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 768 and RFC 1122 §4.1.

from collections import deque

from micropython import const

from frostnet.errnos import (
    EADDRINUSE,
    EADDRNOTAVAIL,
    EDESTADDRREQ,
    EISCONN,
    EMSGSIZE,
    ENOBUFS,
)
from frostnet.wire import udp
from frostnet.wire.checksum import checksum, pseudo

_ENDPOINTS = const(64)
_QUEUE = const(32)  # datagrams waiting at one endpoint
_QUEUE_BYTES = const(65536)  # the largest datagram fits
_PORT_UNREACHABLE = const(3)

# Ports for those who do not care (RFC 6335 §6).
_PORT_FIRST = const(49152)
_PORT_BITS = const(14)
_PORT_MASK = const(0x3FFF)


class Endpoint:
    """A bound UDP port. `addr`, `port`: ours; `raddr`, `rport`: the peer's if connected."""

    def __init__(self, udp, addr, port, iface):
        self._udp = udp
        self.addr = addr
        self.port = port
        self.iface = iface  # receive from and send through this one only, if not None
        self.raddr = 0
        self.rport = 0
        self.handler = None  # fn(iface, buf, off, end, src, sport) instead of the queue
        self.on_error = None  # fn(errno, dst, dport): a datagram was undeliverable
        self.error = 0  # pending errno, of connected endpoints
        self.src = 0  # sender of the datagram that recv_into() returned
        self.sport = 0
        self._path = None
        self._queue = deque((), _QUEUE)
        self._bytes = 0

    def connect(self, dst, port):
        """Send to, and receive from, this peer only; 0, 0 undoes it."""
        path = self._udp.ip.path(dst, self.addr or None, self.iface, False) if dst else None
        self._path = path
        self.raddr = dst
        self.rport = port

    @property
    def laddr(self):
        """The address that datagrams to the connected peer come from."""
        return self._path.src if self.raddr else self.addr

    def send(self, buf, dst=0, port=0):
        """Send one datagram, to the connected peer if `dst` is 0.

        Returns False if the device has no room now. OSError: EDESTADDRREQ, EISCONN, EMSGSIZE,
        and those of a path.
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
            # A bound interface decides the route, so its paths are not for others to share.
            if self.iface is None:
                path = self._udp.ip.shared_path(dst, self.addr)
            else:
                self._path = path = self._udp.ip.path(dst, self.addr or None, self.iface, False)
        out = path.begin()
        if out is None:
            return False
        n = len(buf)
        if n + 28 > path.mtu:
            raise OSError(EMSGSIZE)
        at = path.off
        udp.header(out, at, self.port, port, n)
        out[at + 8 : at + 8 + n] = buf
        path.send(17, n + 8, 6)
        self._udp.counters.udp_tx += 1
        return True

    def available(self):
        """Return how many datagrams wait."""
        return len(self._queue)

    def recv(self, peek=False):
        """Return (bytes, address, port) of the next datagram, or None."""
        if not self._queue:
            return None
        if peek:
            return self._queue[0]
        item = self._queue.popleft()
        self._bytes -= len(item[0])
        return item

    def recv_into(self, buf, peek=False):
        """Copy the next datagram into `buf`, cut to its size; return the length, or -1 if there
        is none. `src` and `sport` then tell the sender.
        """
        item = self.recv(peek)
        if item is None:
            return -1
        data = item[0]
        self.src = item[1]
        self.sport = item[2]
        n = len(data)
        if n > len(buf):
            n = len(buf)
            data = memoryview(data)[:n]
        buf[:n] = data
        return n

    def take_error(self):
        """Return the pending errno, 0 if there is none, and clear it."""
        error = self.error
        self.error = 0
        return error

    def close(self):
        """Give the port back; what waits is lost."""
        self._udp.remove(self)
        self._queue = deque((), 1)
        self._bytes = 0

    def deliver(self, counters, buf, off, end, src, sport):
        n = end - off
        if len(self._queue) >= _QUEUE or self._bytes + n > _QUEUE_BYTES:
            counters.udp_drop_queue += 1
            return
        self._bytes += n
        self._queue.append((bytes(buf[off:end]), src, sport))


class UDP:
    """The endpoints by port."""

    def __init__(self, stack):
        self.stack = stack
        self.ip = stack.ip
        self.counters = stack.counters
        # Most ports have one endpoint. Several may differ in address, interface or peer.
        self._ports = {}  # port: [Endpoint, …]
        self._count = 0
        stack.ip.register(17, self, group=True)

    def open(self, addr=0, port=0, iface=None):
        """Return an Endpoint bound to `addr` (0: all) and `port` (0: a random free one).

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
                raise OSError(EADDRINUSE)
        endpoint = Endpoint(self, addr, port, iface)
        self._ports.setdefault(port, []).append(endpoint)
        self._count += 1
        return endpoint

    def remove(self, endpoint):
        """Forget an endpoint; called by its close()."""
        bound = self._ports.get(endpoint.port)
        if bound and endpoint in bound:
            bound.remove(endpoint)
            self._count -= 1
            if not bound:
                del self._ports[endpoint.port]

    def endpoints(self):
        """Return a list of all endpoints."""
        return [e for bound in self._ports.values() for e in bound]

    def input(self, iface, buf, off, end, src, dst):
        counters = self.counters
        counters.udp_rx += 1
        n = end - off
        if n < 8:
            counters.udp_drop_short += 1
            return None
        length = buf[off + 4] << 8 | buf[off + 5]
        if length < 8 or length > n:
            counters.udp_drop_length += 1
            return None
        if buf[off + 6] or buf[off + 7]:
            if checksum(buf, off, length, pseudo(src, dst) + 17 + length):
                counters.udp_drop_checksum += 1
                return None
        port = buf[off + 2] << 8 | buf[off + 3]
        if not port:
            counters.udp_drop_port += 1
            return None
        sport = buf[off] << 8 | buf[off + 1]
        bound = self._ports.get(port)
        endpoint = self._match(bound, iface, src, sport, dst) if bound else None
        if endpoint is None:
            counters.udp_drop_no_endpoint += 1
            return _PORT_UNREACHABLE
        off += 8
        end = off + length - 8
        if endpoint.handler is not None:
            endpoint.handler(iface, buf, off, end, src, sport)
        else:
            endpoint.deliver(counters, buf, off, end, src, sport)
        return None

    def error(self, errno, hard, buf, off, end, src, dst):
        """A datagram of ours was undeliverable (RFC 1122 §4.1.3.3)."""
        sport = buf[off] << 8 | buf[off + 1]
        dport = buf[off + 2] << 8 | buf[off + 3]
        bound = self._ports.get(sport)
        endpoint = self._match(bound, None, dst, dport, src) if bound else None
        if endpoint is None:
            return
        if endpoint.raddr:
            endpoint.error = errno
        if endpoint.on_error is not None:
            endpoint.on_error(errno, dst, dport)

    # Returns the endpoint that fits best: a connected one, one bound to the address, any.
    def _match(self, bound, iface, src, sport, dst):
        best = None
        best_score = -1
        for e in bound:
            score = 0
            if e.raddr:
                if e.raddr != src or e.rport != sport:
                    continue
                score = 4
            if e.addr:
                if e.addr != dst:
                    continue
                score += 2
            if e.iface is not None and iface is not None:
                if e.iface is not iface:
                    continue
                score += 1
            if score > best_score:
                best = e
                best_score = score
        return best

    # RFC 6056 §3.3.1: a random port, and from there the next free one.
    def _free_port(self):
        port = self.stack.rand(_PORT_BITS)
        for _ in range(_PORT_MASK + 1):
            if _PORT_FIRST + port not in self._ports:
                return _PORT_FIRST + port
            port = (port + 1) & _PORT_MASK
        raise OSError(EADDRINUSE)
