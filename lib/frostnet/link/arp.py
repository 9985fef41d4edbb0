# Frostnet: address resolution
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 826, with RFC 1122 §2.3.2: entries are validated again after _REACHABLE, requests are
# limited to one per second and neighbour, and packets wait for the answer.
#
# A neighbour that we send to is in `_cache` until it fails or is idle. One that only asked for
# us is a guest: the guests are few and replace each other, so that a flood of requests cannot
# push out neighbours in use.

from micropython import const

from frostnet.timers import Timer
from frostnet.wire import arp, ethernet
from frostnet.wire.addr import is_unicast, load

_NEIGHBOURS = const(64)  # in use
_PENDING = const(32)  # of them, those that are being resolved
_GUESTS = const(16)
_QUEUE = const(4)  # packets waiting per neighbour
_REACHABLE = const(60_000_000)
_RETRY = const(1_000_000)
_TRIES = const(3)
_HOLD_OFF = const(1_000_000)  # from a failure to the next attempt

# States. STATIC entries are not in the cache.
STATIC = const(0)
INCOMPLETE = const(1)
REACHABLE = const(2)
PROBE = const(3)  # usable, being validated
FAILED = const(4)  # did not answer; dead until the hold-off ends
GONE = const(5)  # no longer in the cache: look it up again

_NO_MAC = bytes(6)


class Neighbour:
    """Who is reached at `addr`. `mac` is None while that is not known."""

    def __init__(self, addr, mac=None):
        self.addr = addr
        self.mac = mac
        self.state = STATIC
        self.used = 0  # counters.ip_tx when it was last sent to
        self.checked = 0  # counters.ip_tx when its address was last confirmed or doubted
        self.tries = 0
        self.queue = None  # frames to send when the answer comes
        self.timer = None


class ARP:
    """The neighbours of one interface."""

    def __init__(self, iface):
        self._iface = iface
        self._stack = iface.stack
        self._counters = iface.stack.counters
        self._cache = {}  # address: Neighbour
        self._guests = []  # addresses, oldest first

    def __len__(self):
        return len(self._cache)

    def entries(self):
        """Return a list of (address, mac or None, state) for people to look at."""
        return [(n.addr, n.mac, n.state) for n in self._cache.values()]

    def lookup(self, addr):
        """Return the Neighbour at `addr`, one to be resolved if it is new."""
        neigh = self._cache.get(addr)
        if neigh is None:
            neigh = self._new(addr)
        elif addr in self._guests:
            self._guests.remove(addr)
        else:
            return neigh
        neigh.used = self._counters.ip_tx
        if len(self._cache) > _NEIGHBOURS + len(self._guests):
            self._evict()
        return neigh

    def enqueue(self, neigh, buf, n):
        """Keep a copy of the frame `buf[:n]` until `neigh` is resolved, and ask for it."""
        queue = neigh.queue
        if queue is None:
            queue = neigh.queue = []
        elif len(queue) >= _QUEUE:
            # Newest data are of most use (RFC 1122 §2.3.2.2).
            queue.pop(0)
            self._counters.arp_queue_drop += 1
        queue.append(bytearray(buf[:n]))
        if not neigh.tries:
            self._ask(neigh)

    def doubt(self, neigh):
        """A transport hears nothing from `neigh`, whose address may be wrong: ask everybody."""
        stack = self._stack
        # Its timer runs out _REACHABLE after the last confirmation.
        if neigh.state == REACHABLE and neigh.timer.due <= stack.now + _REACHABLE - _RETRY:
            neigh.state = PROBE
            neigh.checked = self._counters.ip_tx
            self._ask(neigh, ethernet.BROADCAST)

    def announce(self):
        """Tell everybody our address (gratuitous ARP, RFC 5227 §3)."""
        iface = self._iface
        self._send(arp.REQUEST, ethernet.BROADCAST, iface.addr, _NO_MAC, iface.addr)

    def clear(self):
        """Forget all neighbours; packets that wait are reported as undeliverable."""
        for neigh in list(self._cache.values()):
            self._remove(neigh)
            self._give_up(neigh)

    def input(self, buf, off, end):
        """Handle one ARP packet, RFC 826."""
        counters = self._counters
        counters.arp_rx += 1
        oper = arp.parse(buf, off, end)
        if not oper:
            counters.arp_drop_malformed += 1
            return
        iface = self._iface
        own = iface.addr
        spa = load(buf, off + arp.SPA)
        tpa = load(buf, off + arp.TPA)
        sha = bytes(buf[off + arp.SHA : off + arp.SHA + 6])
        if not ethernet.is_station(sha) or spa and not is_unicast(spa):
            counters.arp_drop_sender += 1
            return
        if sha == iface.mac:
            counters.arp_drop_sender += 1  # our own, reflected
            return
        if spa == own and own:
            counters.arp_conflict += 1
            return
        for_us = tpa == own and own != 0
        neigh = self._cache.get(spa)
        if neigh is not None:
            self._confirm(neigh, sha)
        if not for_us:
            if neigh is None:
                counters.arp_drop_not_ours += 1
            return
        if oper == arp.REQUEST:
            if neigh is None and spa and spa & iface.netmask == iface.network:
                self._learn(spa, sha)
            counters.arp_tx_reply += self._send(arp.REPLY, sha, own, sha, spa)

    def _new(self, addr):
        neigh = Neighbour(addr)
        neigh.state = INCOMPLETE  # asking starts with the first packet
        neigh.timer = Timer(lambda now: self._expired(neigh, now))
        self._cache[addr] = neigh
        return neigh

    # Takes a neighbour that asked for us as a guest.
    def _learn(self, addr, mac):
        guests = self._guests
        if len(guests) >= _GUESTS:
            self._counters.arp_evicted += 1
            self._remove(self._cache[guests[0]])
        neigh = self._new(addr)
        guests.append(addr)
        self._confirm(neigh, mac)
        self._counters.arp_learned += 1

    def _confirm(self, neigh, mac):
        neigh.state = REACHABLE
        neigh.tries = 0
        neigh.checked = self._counters.ip_tx
        if neigh.mac != mac:
            neigh.mac = mac
        stack = self._stack
        stack.timers.set(neigh.timer, stack.now + _REACHABLE)
        queue = neigh.queue
        if queue:
            neigh.queue = None
            dev = self._iface.dev
            for frame in queue:
                buf = dev.tx()
                if buf is None:
                    self._counters.arp_queue_drop += 1
                    continue
                frame[0:6] = mac
                buf[: len(frame)] = frame
                dev.send(len(frame))

    # One more request; they are a second apart (RFC 1122 §2.3.2.1).
    def _ask(self, neigh, to=None):
        neigh.tries += 1
        to = to or neigh.mac or ethernet.BROADCAST
        sent = self._send(arp.REQUEST, to, self._iface.addr, _NO_MAC, neigh.addr)
        self._counters.arp_tx_request += sent
        self._stack.timers.set(neigh.timer, self._stack.now + _RETRY)

    def _expired(self, neigh, now):
        state = neigh.state
        if state == REACHABLE:
            if neigh.used <= neigh.checked:
                self._remove(neigh)  # nobody cares
                return
            neigh.checked = neigh.used
            neigh.state = PROBE
            self._ask(neigh)
        elif state == FAILED:
            self._remove(neigh)
        elif neigh.tries < _TRIES:
            self._ask(neigh)
        elif state == PROBE:
            # It may have another hardware address by now: ask everybody, if anybody cares.
            if neigh.used <= neigh.checked:
                self._remove(neigh)
                return
            neigh.state = INCOMPLETE
            neigh.mac = None
            neigh.tries = 0
            self._ask(neigh)
        else:
            self._counters.arp_failed += 1
            neigh.state = FAILED
            neigh.mac = None
            self._stack.timers.set(neigh.timer, now + _HOLD_OFF)
            self._give_up(neigh)

    # Reports the waiting packets to their transports.
    def _give_up(self, neigh):
        queue = neigh.queue
        neigh.queue = None
        if queue:
            undeliverable = self._stack.ip.undeliverable
            for frame in queue:
                undeliverable(frame, 14, len(frame))

    def _remove(self, neigh):
        del self._cache[neigh.addr]
        if neigh.addr in self._guests:
            self._guests.remove(neigh.addr)
        neigh.state = GONE
        neigh.mac = None
        neigh.timer.due = None

    # Makes room for a neighbour: the one that was used least recently goes. Those that are being
    # resolved may take half of the cache and no more: whoever makes us answer to invented
    # addresses must not push out neighbours that exist.
    def _evict(self):
        guests = self._guests
        pending = 0
        idle = eldest = None
        for neigh in self._cache.values():
            if neigh.state == INCOMPLETE:
                pending += 1
                if eldest is None or neigh.used < eldest.used:
                    eldest = neigh
            elif neigh.state == FAILED:
                idle = neigh
                break
            elif (idle is None or neigh.used < idle.used) and neigh.addr not in guests:
                idle = neigh
        neigh = eldest if pending >= _PENDING or idle is None else idle
        self._counters.arp_evicted += 1
        self._remove(neigh)
        self._give_up(neigh)

    def _send(self, oper, to, spa, tha, tpa):
        iface = self._iface
        dev = iface.dev
        buf = dev.tx()
        if buf is None:
            self._counters.arp_drop_no_buffer += 1
            return 0
        buf[0:6] = to
        buf[6:12] = iface.mac
        buf[12] = 0x08
        buf[13] = 0x06
        arp.build(buf, 14, oper, iface.mac, spa, tha, tpa)
        dev.send(14 + arp.SIZE)
        return 1
