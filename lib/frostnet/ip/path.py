# Frostnet: the way to one destination
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import EHOSTUNREACH, EMSGSIZE
from frostnet.link.arp import FAILED, GONE
from frostnet.wire import ethernet, ipv4
from frostnet.wire.addr import is_multicast
from frostnet.wire.checksum import pseudo
from frostnet.wire.fast_headers import datagram

_FAILED = const(4)  # link.arp.FAILED, as a constant for begin()
_OFF = const(34)  # Ethernet and IP header
_TTL = const(64)
_MULTICAST_TTL = const(1)  # RFC 1112 §6.1

assert _FAILED == FAILED and FAILED < GONE


class Path:
    """Sends datagrams to `dst`. The Ethernet and IP headers are prepared once per route."""

    def __init__(self, ip, dst, src, iface, df):
        self.dst = dst
        self.wanted = src
        self.off = _OFF
        self.ttl = _MULTICAST_TTL if is_multicast(dst) else _TTL  # store through set_ttl()
        self._df = df
        self._ip = ip
        self._counters = ip.counters
        self._ident = ip.ident
        self._routes = ip.routes
        self._wanted_iface = iface
        self._resolve()

    def set_ttl(self, ttl):
        self.ttl = ttl
        self._resolve()

    def begin(self):
        """Return a transmit buffer, or None if the device has none now.

        OSError: ENETUNREACH or EADDRNOTAVAIL when route or source address are gone,
        EHOSTUNREACH when the neighbour did not answer just now.
        """
        if self._generation != self._routes.generation:
            self._resolve()
        if self._neigh.state >= _FAILED:
            self._check_neighbour()
        self._buf = buf = self._dev.tx()
        return buf

    def send(self, proto, n, csum_off):
        """Send `n` bytes of transport header and payload, at `off` of the buffer of begin().

        `csum_off` is the offset of the checksum in the transport header, -1 if it has none or
        is complete. OSError(EMSGSIZE) if the datagram exceeds the MTU.
        """
        if n + 20 > self.mtu:
            raise OSError(EMSGSIZE)
        neigh = self._neigh
        mac = neigh.mac
        if mac is not self._mac:
            self._mac = mac
            self._header[0:6] = mac or ethernet.BROADCAST
        datagram(self._buf, self._header, n, proto, csum_off, self._ident)
        counters = self._counters
        counters.ip_tx = neigh.used = counters.ip_tx + 1
        if mac is None:
            self.iface.arp.enqueue(neigh, self._buf, n + 34)
        else:
            self._dev.send(n + 34)

    def doubt(self):
        """Have the neighbour validated: nothing is heard from `dst` (RFC 1122 §2.3.2.1)."""
        self.iface.arp.doubt(self._neigh)

    # Looks up route, source and neighbour and prepares the header.
    def _resolve(self):
        ip = self._ip
        dst = self.dst
        self.iface, hop, group, self.src = ip.resolve(dst, self.wanted, self._wanted_iface)
        self._generation = ip.routes.generation
        self._hop = hop
        self._group = group
        iface = self.iface
        self._dev = iface.dev
        self.mtu = min(iface.mtu, iface.dev.mtu)  # send() writes that much without looking
        self._neigh = iface.neighbour(hop, group)
        self._mac = self._neigh.mac
        to = self._mac or ethernet.BROADCAST
        self._header = bytearray(ethernet.header(to, iface.mac, ethernet.TYPE_IPV4))
        self._header += ipv4.header(self.src, dst, self.ttl, ipv4.DF if self._df else 0)
        self.pseudo = pseudo(self.src, dst)

    # The neighbour failed, or fell out of the cache.
    def _check_neighbour(self):
        if self._neigh.state == GONE:
            self._neigh = self.iface.neighbour(self._hop, self._group)
        if self._neigh.state == FAILED:
            raise OSError(EHOSTUNREACH)
