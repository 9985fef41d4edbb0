# Frostnet: the way to one destination
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import EHOSTUNREACH, EMSGSIZE
from frostnet.link.device import Device
from frostnet.link.neighbour import FAILED, GONE
from frostnet.wire import ethernet, ipv4
from frostnet.wire.addr import is_multicast
from frostnet.wire.checksum import pseudo
from frostnet.wire.fast import copy
from frostnet.wire.fast_headers import datagram

_FAILED = const(4)  # link.neighbour.FAILED, as a constant for begin()
_OFF = const(34)  # Ethernet and IP header
_TTL = const(64)
_MULTICAST_TTL = const(1)  # RFC 1112 §6.1

assert _FAILED == FAILED and FAILED < GONE


class _Narrow(Device):
    """A device with the buffer of a larger one. Transports know the MTU that a path had: if the
    route leads through a device with a smaller one now, they write before send() refuses.
    """

    def __init__(self, dev, room):
        self.below = dev
        self.room = room
        self._buf = memoryview(bytearray(14 + room))

    def tx(self):
        return self._buf if self.below.tx() is not None else None

    def send(self, n):
        copy(self.below.tx(), 0, self._buf, 0, n)
        self.below.send(n)


# All paths through an interface share one: a buffer is in use between begin() and send() only.
def _narrow(iface, dev, room):
    narrow = iface.narrow
    if narrow is None or narrow.below is not dev or narrow.room < room:
        narrow = iface.narrow = _Narrow(dev, room)
    return narrow


class Path:
    """Sends datagrams to `dst`. The Ethernet and IP headers are prepared once per route."""

    def __init__(self, ip, dst, src, iface, df):
        self.dst = dst
        self.wanted = src
        self.off = _OFF
        self.ttl = _MULTICAST_TTL if is_multicast(dst) else _TTL  # store through set_ttl()
        self.df = df
        self._ip = ip
        self._counters = ip.counters
        self._routes = ip.routes
        self._wanted_iface = iface
        self._room = 0  # bytes of IP that whoever writes into the buffer may count on
        self._resolve()

    def set_ttl(self, ttl):
        self.ttl = ttl
        self._resolve()

    def renew(self):
        """Have `mtu`, `iface` and `src` be as begin() finds them; OSError as there."""
        if self._generation != self._routes.generation:
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
        self._buf = buf = self._dev_tx()
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
            self._dev_send(n + 34)

    def send_partial(self, proto, n, csum_off, head=0, size=0):
        """As send(), with the checksum at `csum_off` still to be made.

        With `size`, what follows the first `head` bytes leaves as segments of `size` bytes, each
        with a header of its own: `n` may be as large as `most()` says. The device does that, and
        the sum if it can. OSError(EMSGSIZE) if the way has become one that does not.
        """
        mac = self._neigh.mac
        if mac is None or not self.csum:
            self.send(proto, n, csum_off)  # a neighbour that is not known yet gets a copy
            return
        if (head + size if size else n) + 20 > self.mtu or n + 20 > (self.tso or self.mtu):
            raise OSError(EMSGSIZE)
        buf = self._buf
        if mac is not self._mac:
            self._mac = mac
            self._header[0:6] = mac
        datagram(buf, self._header, n, proto, -1, self._ident)
        total = self.pseudo + proto + n
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        at = _OFF + csum_off
        buf[at] = total >> 8
        buf[at + 1] = total & 0xFF
        if size and not self.df:
            self._ident[0] += (n - head - 1) // size  # each segment is a datagram
        counters = self._counters
        counters.ip_tx = self._neigh.used = counters.ip_tx + 1
        self._dev.send_partial(n + _OFF, _OFF, csum_off, _OFF + head, size)

    def most(self, head, size):
        """How much may follow a transport header of `head` bytes in send_partial(): a multiple
        of `size`, which fits the MTU.
        """
        room = self.tso - 20 - head
        if room < size or self._neigh.mac is None:
            return size
        return room - room % size

    def send_long(self, proto, head, data):
        """Send a datagram of any length up to 65,535 bytes, in fragments: the transport's header
        `head`, complete, and `data`. The buffer of begin() is not needed.

        Returns False if there is no room now. OSError: EMSGSIZE, and those of begin().
        """
        return self._ip.fragmenter.send(self, proto, head, data)

    def send_fragment(self, proto, n, ident, fragment):
        """send() for a fragment: `fragment` has its flags and offset."""
        buf = self._buf
        buf[0:34] = self._header
        ipv4.complete(buf, 14, 20, n, proto, ident, fragment)
        self._counters.ip_tx_fragments += 1
        self._transmit(n + 34)

    def next_ident(self):
        """Return a new identification."""
        self._ident[0] += 1
        return self._ident[0] & 0xFFFF

    def resolved(self):
        """Say whether the neighbour's address is known, or has turned out not to exist."""
        return self._neigh.mac is not None or self._neigh.state >= FAILED

    def doubt(self):
        """Have the neighbour validated: nothing is heard from `dst` (RFC 1122 §2.3.2.1)."""
        self.iface.arp.doubt(self._neigh)

    def _transmit(self, n):
        neigh = self._neigh
        mac = neigh.mac
        counters = self._counters
        counters.ip_tx = neigh.used = counters.ip_tx + 1
        if mac is None:
            self.iface.arp.enqueue(neigh, self._buf, n)
        else:
            self._buf[0:6] = mac
            self._dev_send(n)

    def suppose(self, mac):
        """If the neighbour is not known, take it to be where a datagram came from."""
        self.iface.arp.suppose(self._neigh, mac)

    # Looks up route, source and neighbour and prepares the header.
    def _resolve(self):
        ip = self._ip
        dst = self.dst
        self.iface, hop, group, self.src = ip.resolve(dst, self.wanted, self._wanted_iface)
        self._generation = ip.routes.generation
        self._hop = hop
        self.broadcast = group  # datagrams go to everybody on the link
        iface = self.iface
        dev = iface.dev
        room = dev.tso or dev.mtu
        if room < self._room:
            dev = _narrow(iface, dev, self._room)
        else:
            self._room = room
        self._dev = dev
        self.csum = dev.csum
        self.tso = dev.tso
        self._dev_tx = dev.tx
        self._dev_send = dev.send
        # send() writes as much as `mtu` without looking.
        self.mtu, df = ip.pmtu.limit(dst, min(iface.mtu, iface.dev.mtu), self.df)
        self._neigh = self._neighbour(iface, hop, group)
        self._mac = self._neigh.mac
        to = self._mac or ethernet.BROADCAST
        self._header = bytearray(ethernet.header(to, iface.mac, ethernet.TYPE_IPV4))
        self._header += ipv4.header(self.src, dst, self.ttl, ipv4.DF if df else 0)
        self._ident = ip.idents.counter(self.src, dst)
        self.pseudo = pseudo(self.src, dst)

    def _neighbour(self, iface, hop, group):
        return iface.neighbour(hop, group)

    # The neighbour failed, or fell out of the cache.
    def _check_neighbour(self):
        if self._neigh.state == GONE:
            self._neigh = self.iface.neighbour(self._hop, self.broadcast)
        if self._neigh.state == FAILED:
            raise OSError(EHOSTUNREACH)
