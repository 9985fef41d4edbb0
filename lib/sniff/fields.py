# Frostnet: the fields of a frame that filters ask for
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import addr, arp, ethernet, ipv4

_VLAN = const(0x8100)
_SERVICE_VLAN = const(0x88A8)
_TAGS = const(2)


class Fields:
    """What `load()` found in a frame: `kind`, the EtherType; `proto`, IP's protocol or -1; `src`
    and `dst`, addresses of IP or ARP, or -1; `sport` and `dport`, or -1; `group`: it was sent to
    many, `everybody`: to all."""

    def load(self, buf, n):
        """Look at the frame `buf[:n]`; of what is too short nothing is known."""
        self.kind = self.proto = self.src = self.dst = self.sport = self.dport = -1
        self.group = self.everybody = False
        if n < ethernet.HEADER:
            return
        self.group = bool(buf[0] & 1)
        self.everybody = bytes(buf[:6]) == b"\xff\xff\xff\xff\xff\xff"
        off = ethernet.HEADER
        kind = buf[12] << 8 | buf[13]
        tags = 0
        while (kind == _VLAN or kind == _SERVICE_VLAN) and tags < _TAGS and n >= off + 4:
            kind = buf[off + 2] << 8 | buf[off + 3]
            off += 4
            tags += 1
        self.kind = kind
        if kind == ethernet.TYPE_IPV4:
            self._ipv4(buf, off, n)
        elif kind == ethernet.TYPE_ARP and arp.parse(buf, off, n):
            self.src = addr.load(buf, off + arp.SPA)
            self.dst = addr.load(buf, off + arp.TPA)

    def _ipv4(self, buf, off, end):
        if end - off < ipv4.HEADER or buf[off] >> 4 != 4:
            return
        self.proto = proto = buf[off + ipv4.PROTO]
        self.src = addr.load(buf, off + ipv4.SRC)
        self.dst = addr.load(buf, off + ipv4.DST)
        at = off + ((buf[off] & 15) << 2)
        field = buf[off + ipv4.FRAGMENT] << 8 | buf[off + ipv4.FRAGMENT + 1]
        if field & ipv4.OFFSET_MASK or at < off + ipv4.HEADER:
            return  # ports are in the first fragment
        # Behind a datagram's end is padding, which has no ports.
        end = min(end, off + (buf[off + ipv4.LENGTH] << 8 | buf[off + ipv4.LENGTH + 1]))
        if (proto == ipv4.PROTO_TCP or proto == ipv4.PROTO_UDP) and end - at >= 4:
            self.sport = buf[at] << 8 | buf[at + 1]
            self.dport = buf[at + 2] << 8 | buf[at + 3]
