# Frostnet: IGMP, which tells routers and switches of the groups that we are in
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import EINVAL, ENODEV
from frostnet.ip.groups import Groups
from frostnet.wire import ethernet, igmp, ipv4
from frostnet.wire.addr import is_multicast, load
from frostnet.wire.fast import checksum

_PROTO = const(2)
_HEADER = const(24)
_ROUTER_ALERT = b"\x94\x04\x00\x00"  # RFC 2113: routers look at what is not for them
_CONTROL = const(0xC0)  # type of service (RFC 3376 §4)
_TTL = const(1)

COUNTERS = (
    "igmp_rx",
    "igmp_drop_short",
    "igmp_drop_checksum",
    "igmp_drop_ttl",  # comes from beyond the link
    "igmp_drop_source",  # report of somebody who is not on the link
    "igmp_drop_type",  # not for hosts
    "igmp_tx",
    "igmp_tx_no_buffer",
)


class IGMP:
    """Lets interfaces join groups, and hands what routers ask to their Groups."""

    def __init__(self, ip):
        self._ip = ip
        self._counters = ip.counters
        ip.counters.register(COUNTERS)
        ip.register(_PROTO, self, group=True)

    def join(self, group, iface=None):
        """Receive datagrams to `group` that come in through `iface` (None: where datagrams to
        the group go); return the interface. As many leave() undo it.

        OSError: EINVAL if it is no multicast address, ENODEV without an interface, ENOBUFS.
        """
        if not is_multicast(group):
            raise OSError(EINVAL)
        if iface is None:
            try:
                iface = self._ip.group_iface(group)
            except OSError:
                raise OSError(ENODEV)
        if iface.groups is None:
            iface.groups = Groups(self, iface)
        if iface.groups.join(group):
            self._ip.listen(group)
            iface.groups_changed()
        return iface

    def leave(self, group, iface):
        """Undo one join(); OSError(EADDRNOTAVAIL) if there was none."""
        if iface.groups is None:
            iface.groups = Groups(self, iface)
        if iface.groups.leave(group):
            iface.groups_changed()
            ifaces = self._ip.stack.ifaces
            if not any(i.groups is not None and group in i.groups for i in ifaces):
                self._ip.ignore(group)

    def input(self, iface, buf, off, end, src, dst):
        counters = self._counters
        counters.igmp_rx += 1
        n = end - off
        if n < igmp.SIZE:
            counters.igmp_drop_short += 1
            return
        if checksum(buf, off, n, 0):
            counters.igmp_drop_checksum += 1
            return
        if buf[self._ip.head + 8] != _TTL:
            counters.igmp_drop_ttl += 1
            return
        kind = buf[off]
        groups = iface.groups
        if kind == igmp.QUERY:
            query = igmp.parse_query(buf, off, end)
            if query is None:
                counters.igmp_drop_short += 1
            elif groups is not None:
                groups.query(*query)
        elif kind == igmp.V2_REPORT or kind == igmp.V1_REPORT:
            if src & iface.netmask != iface.network:
                counters.igmp_drop_source += 1  # RFC 3376 §9.2
            elif groups is not None:
                groups.heard_report(load(buf, off + igmp.GROUP))
        else:
            counters.igmp_drop_type += 1

    def error(self, errno, hard, buf, off, end, src, dst):
        """Nobody is told."""

    def report(self, iface, records):
        """Send a report of version 3."""
        if records:
            self.send(iface, igmp.ALL_REPORTS, igmp.report(records))

    def send(self, iface, dst, message):
        """Send a message through `iface`."""
        if not iface.up:
            return
        dev = iface.dev
        buf = dev.tx()
        if buf is None:
            self._counters.igmp_tx_no_buffer += 1
            return
        n = len(message)
        buf[0:14] = ethernet.header(ethernet.multicast(dst), iface.mac, ethernet.TYPE_IPV4)
        buf[14:34] = ipv4.header(iface.addr, dst, _TTL, 0)
        buf[14] = 0x40 | _HEADER >> 2
        buf[15] = _CONTROL
        buf[34:38] = _ROUTER_ALERT
        buf[38 : 38 + n] = message
        ipv4.complete(buf, 14, _HEADER, n, _PROTO, 0, ipv4.DF)
        self._counters.ip_tx += 1
        self._counters.igmp_tx += 1
        dev.send(38 + n)
