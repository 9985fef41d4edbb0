# Frostnet: raw endpoints: the datagrams of one IP protocol, for programs
# MIT license; Copyright (c) 2026 The Frostnet authors

# An endpoint gets a copy of every datagram of its protocol that is for us, with the IP header, and
# the protocol's own handler gets it as ever. While a protocol has no endpoint nothing stands
# before its handler.

from micropython import const

from frostnet.endpoint import DatagramEndpoint
from frostnet.errnos import EADDRNOTAVAIL, EDESTADDRREQ, EMSGSIZE, ENOBUFS
from frostnet.ip import unloaded
from frostnet.link.device import PARTIAL
from frostnet.wire.addr import is_loopback, is_multicast
from frostnet.wire.fast import copy

_ENDPOINTS = const(16)
_MAX = const(65515)  # bytes that a datagram can carry (RFC 791 §3.1)
_HEAD = const(8)  # of what is sent in fragments: in the first one

COUNTERS = ("raw_rx", "raw_tx", "raw_drop_queue")


class Endpoint(DatagramEndpoint):
    """Receives the datagrams of one protocol, and sends such; each begins with what follows the
    IP header when it is sent, and with that header when it is received.

    `raddr` is the peer's address if it is connected: it receives from there only.
    """

    port = 0

    def __init__(self, raw, proto):
        super().__init__(raw)
        self.proto = proto

    def bind(self, addr):
        """Receive what is for `addr` only, and send from it. OSError(EADDRNOTAVAIL)."""
        if addr and not is_multicast(addr) and not is_loopback(addr):
            if addr not in self._ip.local:
                raise OSError(EADDRNOTAVAIL)
        self.addr = addr
        self._path = None

    def connect(self, dst, port=0):
        """Send to, and receive from, this peer only; 0 undoes it. There are no ports."""
        super().connect(dst)

    def send(self, buf, dst=0, port=0):
        """Send one datagram, to the connected peer if `dst` is 0.

        Returns False if the device has no room now. OSError: EDESTADDRREQ, EMSGSIZE beyond 65,515
        bytes, EACCES to a broadcast address unless `broadcast`, and those of a path.
        """
        dst = dst or self.raddr
        if not dst:
            raise OSError(EDESTADDRREQ)
        path = self._path
        if path is None or path.dst != dst:
            path = self._path = self._way(dst)
        out = path.begin()
        if out is None:
            return False
        n = len(buf)
        if n + 20 > path.mtu:
            if n > _MAX:
                raise OSError(EMSGSIZE)
            if not path.send_long(self.proto, bytes(buf[:_HEAD]), memoryview(buf)[_HEAD:]):
                return False
        else:
            if n:
                copy(out, path.off, buf, 0, n)
            path.send(self.proto, n, -1)
        self._ip.counters.raw_tx += 1
        return True

    def input(self, iface, buf, head, end, src, dst):
        """Take a copy of the datagram `buf[head:end]` if it is for this endpoint."""
        if self.addr and self.addr != dst or self.raddr and self.raddr != src:
            return
        if self.iface is not None and self.iface is not iface:
            return
        self._ip.counters.raw_rx += 1
        if self.handler is not None:
            self.handler(iface, buf, head, end, src, 0)
        else:
            self.deliver(self._ip.counters, buf, head, end, src, 0)

    def dropped(self, counters):
        counters.raw_drop_queue += 1


def of(stack):
    """Return the Raw of a stack, which has none before somebody asks."""
    if stack.raw is None:
        stack.raw = Raw(stack)
    return stack.raw


class Raw:
    """The raw endpoints of a stack, by protocol."""

    def __init__(self, stack):
        self.stack = stack
        self.ip = stack.ip
        self._endpoints = {}  # protocol: [Endpoint, …]
        self._before = {}  # protocol: the handlers that it had before
        self._count = 0
        stack.counters.register(COUNTERS)

    def open(self, proto):
        """Return an Endpoint for protocol 1 to 255; OSError(ENOBUFS) if there are too many."""
        if self._count >= _ENDPOINTS:
            raise OSError(ENOBUFS)
        endpoints = self._endpoints.get(proto)
        if endpoints is None:
            endpoints = self._endpoints[proto] = []
            self._before[proto] = before = self.ip.handlers(proto)
            tees = [_Tee(self.ip, endpoints, h, i & 1) for i, h in enumerate(before)]
            self.ip.set_handlers(proto, tees)
        endpoint = Endpoint(self, proto)
        endpoints.append(endpoint)
        self._count += 1
        return endpoint

    def remove(self, endpoint):
        """Forget an endpoint; called by its close()."""
        proto = endpoint.proto
        endpoints = self._endpoints.get(proto, ())
        if endpoint in endpoints:
            endpoints.remove(endpoint)
            self._count -= 1
            if not endpoints:
                del self._endpoints[proto]
                self.ip.set_handlers(proto, self._before.pop(proto))

    def endpoints(self):
        """Return a list of all endpoints."""
        return [e for endpoints in self._endpoints.values() for e in endpoints]


class _Tee:
    """Stands before the handler of a protocol, which may be None, while there are endpoints."""

    def __init__(self, ip, endpoints, handler, checked):
        self._ip = ip
        self._checked = checked  # nobody needs to look at the checksum
        self._endpoints = endpoints
        self._handler = handler

    def input(self, iface, buf, off, end, src, dst):
        head = self._ip.head
        copied = buf
        if self._checked and self._ip.offload & PARTIAL:
            # It came from this machine, and nobody has made its checksum.
            copied = memoryview(bytearray(buf[:end]))
            unloaded.complete(copied, head, off, end, src, dst)
        for endpoint in list(self._endpoints):
            endpoint.input(iface, copied, head, end, src, dst)
        if self._handler is not None:
            return self._handler.input(iface, buf, off, end, src, dst)
        return None  # RFC 1122 §3.2.2.1: somebody has the protocol

    def error(self, errno, hard, buf, off, end, src, dst):
        for endpoint in self._endpoints:
            if endpoint.raddr == dst:
                endpoint.error = errno
        if self._handler is not None:
            self._handler.error(errno, hard, buf, off, end, src, dst)

    def mtu_ok(self, buf, off, end, src, dst):
        ours = getattr(self._handler, "mtu_ok", None)
        return ours is not None and ours(buf, off, end, src, dst)
