# Frostnet: address resolution
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 826, with RFC 1122 §2.3.2: entries are validated again after _REACHABLE, requests are
# limited to one per second and neighbour, and packets wait for the answer. Whether our own
# addresses are ours alone is for claim.py.

from micropython import const

from frostnet.errnos import ENOBUFS
from frostnet.link.neighbour import FAILED, GONE, INCOMPLETE, PROBE, REACHABLE, STATIC
from frostnet.link.neighbour import Neighbour, Table
from frostnet.timers import Timer
from frostnet.wire import arp, ethernet
from frostnet.wire.addr import is_link_local, is_unicast, load

# Packets that wait. A neighbour may keep the fragments of one large datagram waiting.
_QUEUE = const(48)  # for one neighbour
_QUEUED = const(128)  # for all of one interface
_REACHABLE = const(60_000_000)
_RETRY = const(1_000_000)
_TRIES = const(3)
_HOLD_OFF = const(1_000_000)  # from a failure to the next attempt

_NO_MAC = bytes(6)


class ARP:
    """Resolves and answers for one interface. `claims`: {our address: its Claim}."""

    def __init__(self, iface):
        self.claims = {}
        self._iface = iface
        self._stack = iface.stack
        self._counters = iface.stack.counters
        self._table = Table()
        self._cache = self._table.cache
        self._queued = 0  # packets that wait

    def __len__(self):
        return len(self._cache)

    def entries(self):
        """Return a list of (address, mac or None, state, age) for people to look at.

        The states are in neighbour.NAMES; the age is in µs since the neighbour was last heard
        from, None if it never was.
        """
        now = self._stack.now
        return [
            (n.addr, n.mac, n.state, None if n.confirmed is None else now - n.confirmed)
            for n in self._cache.values()
        ]

    def add_static(self, addr, mac):
        """Say where `addr` is; no packet will change it, and it stays until remove().

        ValueError if either is not that of one station, OSError(ENOBUFS) if there are too many.
        """
        if not is_unicast(addr) or len(mac) != 6 or not ethernet.is_station(mac):
            raise ValueError("not the address of one station")
        table = self._table
        neigh = self._cache.get(addr)
        if neigh is None or neigh.state != STATIC:
            if table.statics_full():
                raise OSError(ENOBUFS)
            neigh = neigh or self._new(addr)
            table.promote(addr)
            table.statics += 1
            neigh.state = STATIC
            neigh.timer.due = None
        neigh.mac = bytes(mac)
        self._send_queue(neigh)

    def remove(self, addr):
        """Forget `addr`, static or not; False if it was not known."""
        neigh = self._cache.get(addr)
        if neigh is None:
            return False
        self._remove(neigh)
        self._give_up(neigh)
        return True

    def lookup(self, addr):
        """Return the Neighbour at `addr`, one to be resolved if it is new."""
        neigh = self._cache.get(addr)
        if neigh is None:
            neigh = self._new(addr)
        elif not self._table.promote(addr):
            return neigh
        neigh.used = self._counters.ip_tx
        if self._table.full():
            victim = self._table.victim()
            self._counters.arp_evicted += 1
            self._remove(victim)
            self._give_up(victim)
        return neigh

    def enqueue(self, neigh, buf, n):
        """Keep a copy of the frame `buf[:n]` until `neigh` is resolved, and ask for it."""
        queue = neigh.queue
        if queue is None:
            queue = neigh.queue = []
        if len(queue) >= _QUEUE or queue and self._queued >= _QUEUED:
            # Newest data are of most use (RFC 1122 §2.3.2.2).
            queue.pop(0)
            self._queued -= 1
            self._counters.arp_queue_drop += 1
        if self._queued < _QUEUED:
            queue.append(bytearray(buf[:n]))
            self._queued += 1
        else:
            self._counters.arp_queue_drop += 1
        if not neigh.tries:
            self._ask(neigh)

    def waiting(self):
        """How many packets wait for a neighbour's answer."""
        return self._queued

    def doubt(self, neigh):
        """A transport hears nothing from `neigh`, whose address may be wrong: ask everybody."""
        stack = self._stack
        # Its timer runs out _REACHABLE after the last confirmation.
        if neigh.state == REACHABLE and neigh.timer.due <= stack.now + _REACHABLE - _RETRY:
            neigh.state = PROBE
            neigh.checked = self._counters.ip_tx
            self._ask(neigh, ethernet.BROADCAST)

    def suppose(self, neigh, mac):
        """Reach `neigh` at `mac` for now: a datagram came from there. It is being validated."""
        if neigh.mac is None and neigh.state < GONE and ethernet.is_station(mac):
            neigh.mac = mac
            neigh.state = PROBE
            self._ask(neigh)
            self._send_queue(neigh)

    def announce(self, addr):
        """Tell everybody that `addr` is ours (RFC 5227 §2.3)."""
        self._send(arp.REQUEST, ethernet.BROADCAST, addr, _NO_MAC, addr)

    def probe(self, addr):
        """Ask if anybody has `addr`, without saying that we have it (RFC 5227 §2.1.1)."""
        self._counters.arp_tx_probe += 1
        self._send(arp.REQUEST, ethernet.BROADCAST, 0, _NO_MAC, addr)

    def clear(self):
        """Forget all neighbours that are not static; packets that wait are undeliverable."""
        for neigh in list(self._cache.values()):
            if neigh.state != STATIC:
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
        claim = self.claims.get(spa)
        if claim is not None:
            claim.conflict(sha)
            return
        if not spa and oper == arp.REQUEST:
            claim = self.claims.get(tpa)
            if claim is not None and not claim.in_use:
                claim.conflict(sha)  # somebody else is about to take it
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
        elif neigh is None:
            counters.arp_drop_unasked += 1

    def _new(self, addr):
        neigh = Neighbour(addr)
        neigh.state = INCOMPLETE  # asking starts with the first packet
        neigh.timer = Timer(lambda now: self._expired(neigh, now))
        self._cache[addr] = neigh
        return neigh

    # Takes a neighbour that asked for us as a guest.
    def _learn(self, addr, mac):
        guest = self._table.oldest_guest()
        if guest is not None:
            self._counters.arp_evicted += 1
            self._remove(guest)
        neigh = self._new(addr)
        self._table.guests.append(addr)
        self._confirm(neigh, mac)
        self._counters.arp_learned += 1

    def _confirm(self, neigh, mac):
        stack = self._stack
        if neigh.state == STATIC:
            if neigh.mac == mac:
                neigh.confirmed = stack.now
            return
        neigh.state = REACHABLE
        neigh.tries = 0
        neigh.checked = self._counters.ip_tx
        neigh.confirmed = stack.now
        if neigh.mac != mac:
            neigh.mac = mac
        stack.timers.set(neigh.timer, stack.now + _REACHABLE)
        self._send_queue(neigh)

    def _send_queue(self, neigh):
        queue = neigh.queue
        if queue:
            neigh.queue = None
            self._queued -= len(queue)
            dev = self._iface.dev
            for frame in queue:
                buf = dev.tx()
                if buf is None:
                    self._counters.arp_queue_drop += 1
                    continue
                frame[0:6] = neigh.mac
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
            self._queued -= len(queue)
            undeliverable = self._stack.ip.undeliverable
            for frame in queue:
                undeliverable(frame, 14, len(frame))

    def _remove(self, neigh):
        self._table.discard(neigh)
        neigh.timer.due = None

    def _send(self, oper, to, spa, tha, tpa):
        iface = self._iface
        dev = iface.dev
        buf = dev.tx()
        if buf is None:
            self._counters.arp_drop_no_buffer += 1
            return 0
        if is_link_local(spa):
            to = ethernet.BROADCAST  # so that every conflict is seen (RFC 3927 §2.5)
        buf[0:6] = to
        buf[6:12] = iface.mac
        buf[12] = 0x08
        buf[13] = 0x06
        arp.build(buf, 14, oper, iface.mac, spa, tha, tpa)
        dev.send(14 + arp.SIZE)
        return 1
