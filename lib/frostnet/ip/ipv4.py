# Frostnet: the Internet Protocol
# MIT license; Copyright (c) 2026 The Frostnet authors

from array import array

from micropython import const

from frostnet.errnos import EADDRNOTAVAIL, EHOSTUNREACH, ENETUNREACH
from frostnet.ip.errors import Errors
from frostnet.ip.forwarding import Forwarder
from frostnet.ip.fragments import Fragmenter
from frostnet.ip.group_path import GroupPath
from frostnet.ip.idents import Idents
from frostnet.ip.igmp import IGMP
from frostnet.ip.path import Path
from frostnet.ip.pmtu import PathMTU
from frostnet.ip.reassembly import Reassembly
from frostnet.ip.routes import Routes
from frostnet.wire import ipv4
from frostnet.wire.addr import BROADCAST, is_link_local, is_loopback, is_multicast, is_unicast
from frostnet.wire.addr import load, netmask
from frostnet.wire.fast_headers import FOUND, PAIR_MASK, PAIRS
from frostnet.wire.ipv4 import BAD, CHECKED, ERRORS, EXPIRED, FRAGMENTED, LINK_GROUP, OPTIONS
from frostnet.wire.ipv4 import SOURCE

_PATHS = const(32)  # kept for those that send to many, by destination and source

# How an address in `IPv4.local` is ours.
UNICAST = const(1)
GROUP = const(2)  # a broadcast or multicast address that we listen to

_ALL_HOSTS = const(0xE0000001)
_PORT_BOOTPS = const(67)
_PORT_BOOTPC = const(68)

_HEAD = const(14)  # where the IP header of a frame is


class IPv4:
    """Receives datagrams for us, and finds the way for those that we send."""

    def __init__(self, stack):
        self.stack = stack
        self.counters = stack.counters
        self.routes = Routes()
        self.pmtu = PathMTU(self)
        self.local = {BROADCAST: GROUP, _ALL_HOSTS: GROUP}
        self.owners = {}  # own address: its interface
        self.idents = Idents(stack.rand)
        self.errors = Errors(self)
        self.fragmenter = Fragmenter(stack)
        self.forwarder = None  # store through set_forwarding()
        # About the datagram that is being handled, for its protocol:
        self.head = _HEAD  # offset of the IP header
        self.group = False  # it was sent to a broadcast or multicast address
        self.offload = 0  # what the device said of it (link/device.py), if it is CHECKED
        self.found = array("I", [0] * FOUND)  # by fast_headers.frame()
        self._reassembly = Reassembly(stack)
        self._handlers = {}
        self._group_handlers = {}
        self.igmp = IGMP(self)
        self._paths = {}

    def register(self, proto, handler, group=False, sums=False):
        """Let `handler` have the datagrams of a protocol, those to a group only if it says so.

        `sums`: its input() has one more argument, True if the checksum needs no look.
        """
        checked = _Checked(handler) if sums else handler
        self._handlers[proto] = handler
        self._handlers[proto | CHECKED] = checked
        if group:
            self._group_handlers[proto] = handler
            self._group_handlers[proto | CHECKED] = checked

    def handler(self, proto):
        """Return the handler of a protocol, or None."""
        return self._handlers.get(proto)

    def handlers(self, proto):
        """Return the four handlers of a protocol, None where there is none: of datagrams to us,
        of those whose checksum needs no look, and the same for those to groups.
        """
        both = self._handlers, self._group_handlers
        return [table.get(proto | flag) for table in both for flag in (0, CHECKED)]

    def set_handlers(self, proto, handlers):
        """Have these four handlers, as of handlers(), instead of those that there were."""
        both = self._handlers, self._group_handlers
        for i, key in enumerate((proto, proto | CHECKED)):
            for table, handler in zip(both, (handlers[i], handlers[i + 2])):
                if handler is not None:
                    table[key] = handler
                else:
                    table.pop(key, None)

    def set_forwarding(self, on):
        """Forward datagrams between interfaces, or not (the default)."""
        self.forwarder = Forwarder(self) if on else None

    def check_address(self, addr, prefixlen):
        """Raise ValueError unless `addr`/`prefixlen` can be an interface's address."""
        if not 1 <= prefixlen <= 32:
            raise ValueError("prefix length must be 1 to 32")
        host = addr & ~netmask(prefixlen) & 0xFFFFFFFF
        whole = ~netmask(prefixlen) & 0xFFFFFFFF
        if not is_unicast(addr) or (prefixlen < 31 and (host == 0 or host == whole)):
            raise ValueError("not an address for a host")

    def attach(self, iface):
        """Receive for the address of `iface` and route to its network."""
        self._forget()
        self._listen_for(iface)
        self.routes.add_own(iface)
        if iface.groups is not None:
            iface.groups.restart()

    def detach(self, iface):
        """Undo attach()."""
        self._forget()
        self.routes.remove_iface(iface)
        self.local.pop(iface.addr, None)
        self.owners.pop(iface.addr, None)
        self.local.pop(iface.broadcast, None)
        for other in self.stack.ifaces:
            if other is not iface:
                self._listen_for(other)  # it may have the same network, or address
        self._paths.clear()
        self.routes.changed()

    # Two networks that know nothing of each other may have given us the same address: the first
    # interface with it owns it.
    def _listen_for(self, iface):
        local = self.local
        if iface.addr:
            local[iface.addr] = UNICAST
            self.owners.setdefault(iface.addr, iface)
        if iface.broadcast and local.get(iface.broadcast) != UNICAST:
            local[iface.broadcast] = GROUP

    def path(self, dst, src=None, iface=None, df=True):
        """Return a Path to `dst`, from address `src` and through `iface` if they are given.

        `df`: routers must not fragment. OSError: ENETUNREACH without a route, EADDRNOTAVAIL if
        `src` is not ours.
        """
        return _path_class(dst)(self, dst, src, iface, df)

    def shared_path(self, dst, src):
        """Return a Path for one datagram from `src` (0: any), kept for the next."""
        key = dst ^ src << 29  # a small int, and rarely the same for two pairs
        path = self._paths.get(key)
        if path is None or path.dst != dst or (path.wanted or 0) != src:
            if len(self._paths) >= _PATHS:
                self._paths.clear()
            self._paths[key] = path = self.path(dst, src or None, None, False)
        return path

    def resolve(self, dst, src, iface):
        """Return (interface, next hop, hop is a broadcast address, source) for a datagram."""
        stack = self.stack
        hop = dst
        group = False
        if self.local.get(dst) == UNICAST or is_loopback(dst):
            iface = stack.lo
            if src is None:
                src = dst
        elif dst == BROADCAST or is_multicast(dst):
            group = dst == BROADCAST
            iface = iface or self.group_iface(dst)
        else:
            route = self._route(dst, src, iface)
            if route is not None:
                iface = route.iface
                if route.gateway and not is_link_local(dst):  # RFC 3927 §2.6.2
                    hop = route.gateway
                group = dst == iface.broadcast
            else:
                self.counters.ip_tx_no_route += 1
                raise OSError(ENETUNREACH)
        if src is None:
            src = iface.addr
        elif src and src not in self.owners and not is_loopback(src):
            raise OSError(EADDRNOTAVAIL)
        return iface, hop, group, src

    def input(self, iface, buf, verdict):
        """Handle the datagram in the frame `buf`, about which fast_headers.frame() found out
        `verdict` and `found`.
        """
        self.counters.ip_rx += 1
        # What is unusual, and the first datagram from each source, is no protocol's number here.
        handler = self._handlers.get(verdict)
        if handler is None:
            self._second_look(iface, buf, verdict)
            return
        found = self.found
        src = found[2]
        dst = found[3]
        code = handler.input(iface, buf, found[0], found[1], src, dst)
        if code is not None:
            self.errors.unreachable(code, buf, _HEAD, found[1], src, dst)

    def _second_look(self, iface, buf, verdict):
        counters = self.counters
        if verdict >= BAD:
            counters.count(ERRORS[verdict // BAD])
            return
        found = self.found
        data = found[0]
        end = found[1]
        src = found[2]
        dst = found[3]
        kind = self.local.get(dst)
        if kind != UNICAST or verdict & (LINK_GROUP | SOURCE) or src in self.local:
            if not self._acceptable(iface, buf, data, end, src, dst, kind, verdict):
                return
        elif not iface.loopback:
            at = PAIRS + 2 * ((src ^ dst) & PAIR_MASK)
            found[at] = src
            found[at + 1] = dst
        if verdict & OPTIONS and not self._options_good(buf, data, end, src, dst, kind):
            return
        if verdict & EXPIRED:
            counters.ip_drop_ttl += 1
            return
        if verdict & FRAGMENTED:
            verdict &= ~CHECKED  # of a whole datagram nobody has looked at the checksum
            buf = self._reassembly.input(buf, _HEAD, data, end, src, dst)
            if buf is None:
                return
            self.head = 0
            data = (buf[0] & 15) << 2
            end = len(buf)
        self.group = kind == GROUP
        if self.group and iface.loopback:
            iface = self.owners.get(src, iface)  # ours, which others on that link got as well
        try:
            self._hand_up(iface, buf, data, end, src, dst, verdict & CHECKED)
        finally:
            self.head = _HEAD
            self.group = False

    def _hand_up(self, iface, buf, data, end, src, dst, checked):
        handlers = self._group_handlers if self.group else self._handlers
        handler = handlers.get(buf[self.head + 9] | checked)
        if handler is None:
            self.counters.ip_drop_protocol += 1
            code = 2
        else:
            code = handler.input(iface, buf, data, end, src, dst)
        if code is not None and not self.group:
            self.errors.unreachable(code, buf, self.head, end, src, dst)

    def undeliverable(self, buf, off, end):
        """Report a datagram, which no neighbour took, to its transport or to its sender."""
        src = load(buf, off + 12)
        if self.forwarder is not None and src not in self.owners and not is_loopback(src):
            self.forwarder.undeliverable(buf, off, end, src)
            return
        self.counters.ip_tx_unreachable += 1
        handler = self._handlers.get(buf[off + 9])
        first = not ((buf[off + 6] << 8 | buf[off + 7]) & ipv4.OFFSET_MASK)
        if handler is not None and first:
            head = (buf[off] & 15) << 2
            handler.error(EHOSTUNREACH, False, buf, off + head, end, src, load(buf, off + 16))

    # The best route; of two as good, the one through the interface that has the source address:
    # its router may refuse another's (RFC 1122 §3.3.4.2).
    def _route(self, dst, src, iface):
        route = self.routes.lookup(dst, iface)
        owner = self.owners.get(src)
        if route is not None and owner is not None and owner is not route.iface and iface is None:
            other = self.routes.lookup(dst, owner)
            if other is not None and other.prefixlen == route.prefixlen:
                return other
        return route

    # Decides the unusual cases of input(): anything but unicast to us from a plain address.
    def _acceptable(self, iface, buf, data, end, src, dst, kind, verdict):
        counters = self.counters
        if iface.loopback:
            if kind == UNICAST or is_loopback(dst) or (kind == GROUP and is_multicast(dst)):
                return True
            counters.ip_drop_not_ours += 1
            return False
        if not is_unicast(src) and (src or not self._from_nobody(buf, data, end)):
            counters.ip_drop_source += 1
            return False
        if self.local.get(src):
            counters.ip_drop_source += 1
            return False
        if kind == UNICAST:
            if verdict & LINK_GROUP:
                counters.ip_drop_link_broadcast += 1
                return False
            return True
        if kind == GROUP:
            # RFC 1112 §7.2: a group that another interface is in is not ours here.
            if dst in (BROADCAST, iface.broadcast, _ALL_HOSTS):
                return True
            if iface.groups is not None and dst in iface.groups:
                return True
            counters.ip_drop_not_ours += 1
            return False
        # A server may send to the address that it is about to give us (RFC 2131 §4.1).
        if not iface.addr and buf[_HEAD + 9] == 17 and not is_multicast(dst):
            if end - data >= 8 and not buf[data + 2] and buf[data + 3] == _PORT_BOOTPC:
                return True
        if self.forwarder is None or verdict & LINK_GROUP or not src:
            counters.ip_drop_not_ours += 1
        elif not verdict & OPTIONS or self._options_good(buf, data, end, src, 0, UNICAST):
            offload = self.offload if verdict & CHECKED else 0
            self.forwarder.input(iface, buf, _HEAD, data, end, src, dst, offload)
        return False

    # Whether 0.0.0.0 may send this: a switch that asks for members of groups (RFC 4541 §2.1.1), or
    # who asks for an address by DHCP, if we have a server.
    def _from_nobody(self, buf, data, end):
        proto = buf[_HEAD + 9]
        if proto != 17 or end - data < 8:
            return proto == 2
        port = buf[data + 2] << 8 | buf[data + 3]
        return port == _PORT_BOOTPS and self.stack.udp.is_open(_PORT_BOOTPS)

    # Options are skipped if they can be, and never answered (RFC 1122 §3.2.1.8).
    def _options_good(self, buf, data, end, src, dst, kind):
        fault = ipv4.options_fault(buf, _HEAD, data)
        if not fault:
            return True
        self.counters.ip_drop_options += 1
        if fault > 0 and kind == UNICAST:
            self.errors.parameter_problem(fault, buf, _HEAD, end, src, dst)
        return False

    # The addresses that are ours change: whom we accept must be found out again.
    def _forget(self):
        for i in range(PAIRS, FOUND):
            self.found[i] = 0

    def listen(self, group):
        """Receive for a multicast group; which interface does is in its `groups`."""
        self.local[group] = GROUP

    def ignore(self, group):
        """Undo listen()."""
        if group != _ALL_HOSTS:
            self.local.pop(group, None)

    def group_iface(self, dst):
        """Return the interface through which datagrams to a group or to everybody go: that of
        the route, or the first one that has a link. OSError(ENETUNREACH) if there is none.
        """
        route = self.routes.lookup(dst)
        if route is not None:
            return route.iface
        up = [iface for iface in self.stack.ifaces if iface.up]
        for iface in up:
            if iface.carrier:
                return iface
        if up:
            return up[0]
        self.counters.ip_tx_no_route += 1
        raise OSError(ENETUNREACH)


class _Checked:
    """A protocol, for datagrams whose checksum the device answers for."""

    def __init__(self, handler):
        self._input = handler.input

    def input(self, iface, buf, off, end, src, dst):
        return self._input(iface, buf, off, end, src, dst, True)


def _path_class(dst):
    return GroupPath if is_multicast(dst) else Path
