# Frostnet: network interfaces
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.link.arp import ARP
from frostnet.link.claim import Claim
from frostnet.link.device import PARTIAL, VALID
from frostnet.link.neighbour import Neighbour
from frostnet.timers import Timer
from frostnet.wire import ethernet
from frostnet.wire.addr import LOCALHOST, netmask
from frostnet.wire.ethernet import ARP as _ARP
from frostnet.wire.ethernet import ERRORS
from frostnet.wire.fast_headers import frame as parse
from frostnet.wire.ipv4 import CHECKED

_MTU_MIN = const(68)  # RFC 791 §3.2
_METRIC_MAX = const(65535)
_ALL_HOSTS = const(0xE0000001)  # everybody is in it
_SUMMED = const(3)  # link.device.PARTIAL and VALID

assert _SUMMED == PARTIAL | VALID


class Iface:
    """One frame device with its address. `addr` is 0 while there is none."""

    narrow = None  # what paths have that counted on a larger device, see ip/path.py

    def __init__(self, stack, dev, name):
        self.stack = stack
        self.dev = dev
        self.name = name
        self.mac = dev.mac
        self.mtu = self.mtu_max = dev.mtu  # store through set_mtu()
        self.loopback = False
        self.addr = 0
        self.prefixlen = 0
        self.netmask = 0
        self.network = 0
        self.broadcast = 0  # directed broadcast address, 0 if the prefix has none
        self.metric = 0  # of its routes, the lower the better; store through set_metric()
        self.up = True  # administratively; store through set_up()
        self.carrier = dev.carrier
        self.on_link = []  # called with the new state of the carrier, inside poll
        self.on_address = []  # called when the address has come or gone, or `up` was stored
        self.arp = ARP(self)
        self.groups = None  # the multicast groups that it is in, once there was one
        self.promiscuous = False  # store through set_promiscuous()
        self.claim = None  # the Claim to the address
        self.to_all = Neighbour(0, ethernet.BROADCAST)
        self.input = self._input
        # Called in every poll: attributes that hold a method save looking it up.
        self.receive = dev.receive
        self.flush = dev.flush
        self.arm = dev.arm
        self._counters = stack.counters
        self._ip = stack.ip
        self._found = stack.ip.found
        self._limit = 14 + (dev.rx_max or dev.mtu)
        self._announce_timer = Timer(self._announce)
        dev.on_announce = self._announce_soon
        self.groups_changed()

    def set_address(self, addr, prefixlen, claim=None):
        """Take `addr`/`prefixlen`, instead of the address it had; ValueError if unusable.

        `claim` is the Claim to `addr`, if somebody other than the user owns it.
        """
        self._ip.check_address(addr, prefixlen)
        self.clear_address()
        self.addr = addr
        self.prefixlen = prefixlen
        self.netmask = mask = netmask(prefixlen)
        self.network = addr & mask
        self.broadcast = (addr | ~mask & 0xFFFFFFFF) if prefixlen < 31 else 0
        self._ip.attach(self)
        self.claim = claim or Claim(self, addr)
        self.claim.use()
        for fn in self.on_address:
            fn()

    def clear_address(self):
        """Have no address; routes through this interface go with it."""
        if self.addr:
            self.claim.drop()
            self.claim = None
            self._ip.detach(self)
            self.addr = self.prefixlen = self.netmask = self.network = self.broadcast = 0
            self.arp.clear()
            for fn in self.on_address:
                fn()

    def set_mtu(self, mtu):
        """Send datagrams of at most `mtu` bytes: 68 up to what the device takes; ValueError.

        What a lease says can only be less from here on: `mtu_max` keeps the value.
        """
        if not _MTU_MIN <= mtu <= self.dev.mtu:
            raise ValueError("MTU must be 68 to %d" % self.dev.mtu)
        self.mtu = self.mtu_max = mtu
        self._ip.routes.changed()

    def set_metric(self, metric):
        """Prefer this interface's routes to those of interfaces with a higher metric.

        ValueError unless it is 0 to 65535.
        """
        if not 0 <= metric <= _METRIC_MAX:
            raise ValueError("metric must be 0 to %d" % _METRIC_MAX)
        self.metric = metric
        self._ip.routes.sort()

    def set_promiscuous(self, on):
        """Have the device receive what is for others too. It is counted, and dropped here."""
        self.promiscuous = on
        self.groups_changed()

    def groups_changed(self):
        """Have the device receive what is for the groups that we are in."""
        macs = {ethernet.multicast(_ALL_HOSTS)}
        for group in self.groups or ():
            macs.add(ethernet.multicast(group))
        self.dev.listen(sorted(macs), self.promiscuous)

    def set_up(self, up):
        """Start or stop taking part in the network; the address stays."""
        self.up = up
        self.input = self._input if up else self._discard
        self._ip.routes.changed()
        self.arp.clear()
        self._reclaim(up and self.carrier)
        if up and self.groups is not None:
            self.groups.restart()
        for fn in self.on_address:
            fn()

    def link_changed(self):
        """Follow a change of the carrier; called by poll."""
        self.carrier = carrier = self.dev.carrier
        self.arp.clear()  # the cable may lead somewhere else now
        self._ip.routes.changed()  # another interface may be the better way
        self._reclaim(self.up and carrier)
        for fn in self.on_link:
            fn(carrier)

    # The device asks for it (we may be at another port of the switch): inside poll.
    def _announce_soon(self):
        self.stack.timers.set(self._announce_timer, self.stack.now)

    def _announce(self, now):
        for claim in self.arp.claims.values():
            claim.announce()
        if self.groups is not None:
            self.groups.restart()

    # Whether others have our address must be found out again after the network was away.
    def _reclaim(self, there):
        for claim in list(self.arp.claims.values()):
            if there:
                claim.restart()
            else:
                claim.pause()

    def neighbour(self, hop, group):
        """Return the Neighbour for the next hop; `group` if it is a broadcast address."""
        if group:
            return self.to_all
        if hop >> 28 == 0xE:
            return Neighbour(hop, ethernet.multicast(hop))
        return self.arp.lookup(hop)

    # input(frame, n, offload) handles one received frame of n bytes; `offload` is what the device
    # says of its checksum, and of how it came about (link/device.py).
    def _input(self, frame, n, offload=0):
        counters = self._counters
        counters.eth_rx += 1
        if n > len(frame):
            counters.eth_drop_oversize += 1
            return
        verdict = parse(frame, n, self._limit, self.mac, self._found)
        if verdict >= 0:
            if offload & _SUMMED:
                verdict |= CHECKED
                self._ip.offload = offload
            self._ip.input(self, frame, verdict)
        elif verdict == _ARP:
            self.arp.input(frame, 14, n)
        else:
            counters.count(ERRORS[verdict])

    # input() while the interface is down.
    def _discard(self, frame, n, offload=0):
        self._counters.eth_drop_down += 1


class LoopbackIface(Iface):
    """The host itself: 127.0.0.0/8 and every own address, without routes or ARP."""

    def __init__(self, stack, dev, name):
        super().__init__(stack, dev, name)
        self.loopback = True
        self.addr = LOCALHOST
        self.prefixlen = 8
        self.netmask = netmask(8)
        self.network = LOCALHOST & self.netmask
        self._to_self = Neighbour(0, dev.mac)

    def neighbour(self, hop, group):
        return self._to_self
