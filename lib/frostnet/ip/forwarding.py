# Frostnet: forwarding datagrams between interfaces
# MIT license; Copyright (c) 2026 The Frostnet authors

# What RFC 1812 asks of a router, for a host that joins a few networks: no redirects, no source
# routes, no directed broadcasts (RFC 2644), no multicast; and a datagram must come in where some
# route leads back to its source (RFC 3704 §2.3). Off unless somebody switches it on.

from micropython import const

from frostnet.ip.unloaded import complete, longest, segments
from frostnet.link.device import PARTIAL, SIZE
from frostnet.link.neighbour import FAILED
from frostnet.wire import ethernet, icmp, ipv4
from frostnet.wire.addr import is_link_local, is_unicast
from frostnet.wire.checksum import adjust
from frostnet.wire.fast import copy

_ETH = const(14)

COUNTERS = (
    "ip_forwarded",
    "ip_fwd_drop_address",  # no router forwards what has such a source or destination
    "ip_fwd_drop_source",  # came in where no route leads back
    "ip_fwd_drop_ttl",
    "ip_fwd_drop_no_route",
    "ip_fwd_drop_host",  # the next hop does not answer
    "ip_fwd_drop_mtu",  # too long for the next link, and not to be fragmented
    "ip_fwd_drop_no_buffer",
    "ip_fwd_drop_offload",  # the device did with it what we cannot undo
)


class Forwarder:
    """Passes on what is not for us; senders are told what hinders that."""

    def __init__(self, ip):
        self._ip = ip
        self._errors = ip.errors
        self._counters = ip.counters
        ip.counters.register(COUNTERS)

    def input(self, iface, buf, off, data, end, src, dst, offload=0):
        """Forward the datagram at `off`, whose header and options are sound; `offload` is what
        the device said of it.
        """
        counters = self._counters
        if not is_unicast(dst) or is_link_local(dst) or is_link_local(src):
            counters.ip_fwd_drop_address += 1
            return
        routes = self._ip.routes
        if routes.lookup(src, iface) is None:
            counters.ip_fwd_drop_source += 1
            return
        if buf[off + ipv4.TTL] <= 1:
            counters.ip_fwd_drop_ttl += 1
            self._errors.expired(buf, off, end, src)
            return
        route = routes.lookup(dst)
        if route is None:
            counters.ip_fwd_drop_no_route += 1
            self._errors.unreachable(icmp.NET, buf, off, end, src, 0)
            return
        if not route.gateway and dst == route.network and route.prefixlen < 31:
            counters.ip_fwd_drop_address += 1  # the old form of a directed broadcast
            return
        out = route.iface
        neigh = out.neighbour(route.gateway or dst, False)
        if neigh.state == FAILED:
            self.undeliverable(buf, off, end, src)
            return
        mtu = min(out.mtu, out.dev.mtu)
        if offload >> SIZE:
            sent = self._segments(out, neigh, mtu, buf, off, data, end, src, dst, offload)
        elif offload & PARTIAL and not complete(buf, off, data, end, src, dst):
            counters.ip_fwd_drop_offload += 1
            return
        else:
            sent = self._datagram(out, neigh, mtu, buf, off, data, end, src)
        if sent is None:
            return
        if sent:
            counters.ip_forwarded += 1
        else:
            counters.ip_fwd_drop_no_buffer += 1

    # Returns whether there was a buffer for it; None if it was dropped for another reason.
    def _datagram(self, out, neigh, mtu, buf, off, data, end, src):
        if end - off <= mtu:
            return self._pass_on(out, neigh, buf, off, end - off)
        if (buf[off + ipv4.FRAGMENT] << 8) & ipv4.DF:
            self._counters.ip_fwd_drop_mtu += 1
            self._errors.fragmentation_needed(mtu, buf, off, end, src)
            return None
        return self._split(out, neigh, mtu, buf, off, data, end)

    # Likewise for what the device made of several segments: it is their length that counts.
    def _segments(self, out, neigh, mtu, buf, off, data, end, src, dst, offload):
        most = longest(buf, off, data, end, offload)
        if not most:
            self._counters.ip_fwd_drop_offload += 1
            return None
        for part, at, payload, stop in segments(buf, off, data, end, offload, src, dst, most):
            sent = self._datagram(out, neigh, mtu, part, at, payload, stop, src)
            if not sent:
                return sent
        return True

    def undeliverable(self, buf, off, end, src):
        """The next hop of a datagram that we forwarded does not answer (RFC 1812 §5.2.7.1)."""
        self._counters.ip_fwd_drop_host += 1
        self._errors.unreachable(icmp.HOST, buf, off, end, src, 0)

    def _pass_on(self, iface, neigh, buf, off, n):
        frame = iface.dev.tx()
        if frame is None:
            return False
        copy(frame, _ETH, buf, off, n)
        ttl = frame[_ETH + ipv4.TTL]
        proto = frame[_ETH + ipv4.PROTO]
        check = frame[_ETH + ipv4.CHECKSUM] << 8 | frame[_ETH + ipv4.CHECKSUM + 1]
        check = adjust(check, ttl << 8 | proto, ttl - 1 << 8 | proto)
        frame[_ETH + ipv4.TTL] = ttl - 1
        frame[_ETH + ipv4.CHECKSUM] = check >> 8
        frame[_ETH + ipv4.CHECKSUM + 1] = check & 0xFF
        self._send(iface, neigh, frame, _ETH + n)
        return True

    # RFC 791 §3.2: the first fragment keeps all options, the others those that say so.
    def _split(self, iface, neigh, mtu, buf, off, data, end):
        header = bytearray(buf[off:data])
        proto = header[ipv4.PROTO]
        ident = header[ipv4.ID] << 8 | header[ipv4.ID + 1]
        field = header[ipv4.FRAGMENT] << 8 | header[ipv4.FRAGMENT + 1]
        header[ipv4.TTL] -= 1
        start = (field & ipv4.OFFSET_MASK) << 3
        at = data
        while at < end:
            size = len(header)
            n = end - at
            more = field & ipv4.MF
            if n > mtu - size:
                n = mtu - size & ~7
                more = ipv4.MF
            frame = iface.dev.tx()
            if frame is None:
                return False
            frame[_ETH : _ETH + size] = header
            copy(frame, _ETH + size, buf, at, n)
            fragment = start + at - data >> 3 | more
            ipv4.complete(frame, _ETH, size, n, proto, ident, fragment)
            self._send(iface, neigh, frame, _ETH + size + n)
            if at == data:
                header = ipv4.header_of_others(header)
            at += n
        return True

    def _send(self, iface, neigh, frame, n):
        mac = neigh.mac
        frame[0:14] = ethernet.header(mac or ethernet.BROADCAST, iface.mac, ethernet.TYPE_IPV4)
        counters = self._counters
        counters.ip_tx = neigh.used = counters.ip_tx + 1
        if mac is None:
            iface.arp.enqueue(neigh, frame, n)
        else:
            iface.dev.send(n)
