# Frostnet: DHCP client state machine (RFC 2131 section 4.4)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.dhcp.lease import Lease, assignable
from frostnet.timers import Timer
from frostnet.wire import addr, dhcp

STOPPED = const(0)
INIT = const(1)  # waiting to begin: for the link, or after a refusal
SELECTING = const(2)
REQUESTING = const(3)
BOUND = const(4)
RENEWING = const(5)
REBINDING = const(6)

NAMES = ("STOPPED", "INIT", "SELECTING", "REQUESTING", "BOUND", "RENEWING", "REBINDING")

# What a state sends (RFC 2131 table 5): message, to the broadcast address, with the address
# wanted as an option, with the server's id, with our address in ciaddr.
_SENDS = {
    SELECTING: (dhcp.DISCOVER, True, True, False, False),
    REQUESTING: (dhcp.REQUEST, True, True, True, False),
    RENEWING: (dhcp.REQUEST, False, False, False, True),
    REBINDING: (dhcp.REQUEST, True, False, False, True),
}

# Which replies a state takes (RFC 2131 figure 5), by method. Everything else is counted and
# dropped: in BOUND nobody was asked.
_TAKES = {
    SELECTING: {dhcp.OFFER: "_offer"},
    REQUESTING: {dhcp.ACK: "_ack", dhcp.NAK: "_nak"},
    RENEWING: {dhcp.ACK: "_ack", dhcp.NAK: "_nak"},
    REBINDING: {dhcp.ACK: "_ack", dhcp.NAK: "_nak"},
}

# Where a state leads when its time is up. REBINDING ends with the lease itself.
_NEXT = {INIT: SELECTING, REQUESTING: INIT, BOUND: RENEWING, RENEWING: REBINDING}

_SECOND = const(1000000)
_FIRST_WAIT = const(4)  # s; doubles with every try (RFC 2131 section 4.1)
_LAST_WAIT = const(64)
_REQUEST_TIME = const(24)  # s: REQUEST goes out at 0, 4 and 12; then another server may do
_RENEW_WAIT = const(60)  # s: least time between tries to renew (RFC 2131 section 4.4.5)
_MAX_HOLD = const(64)  # s between attempts when servers refuse what they offered
_MAX_HOSTNAME = const(63)

_WANTED = bytes(
    (dhcp.MASK, dhcp.ROUTERS, dhcp.DNS, dhcp.DOMAIN, dhcp.BROADCAST, dhcp.MTU, dhcp.HOSTNAME)
    + (dhcp.LEASE_TIME, dhcp.T1, dhcp.T2)
)

COUNTERS = (
    "dhcp_rx",
    "dhcp_tx",
    "dhcp_tx_failed",  # no route, or no room in the device: the next try follows in time
    "dhcp_drop_malformed",
    "dhcp_drop_stray",  # other transaction or station, or nothing that this state waits for
    "dhcp_drop_unusable",  # offers an address that no host may have, or names no server
    "dhcp_nak",
    "dhcp_expired",
)


class Client:
    """Keeps one interface configured from the DHCP servers on its link.

    `start(now)` begins, `stop(now)` gives the lease back. `state` is one of the constants
    above, `lease` a `Lease` or `None`. `resolver`, if there is one, is given the
    DNS servers. `changed(client)`, if set, is called inside the poll whenever `lease` changed: it
    may note the fact, but not block.
    """

    def __init__(self, stack, iface, resolver=None, hostname=""):
        self.stack = stack
        self.iface = iface
        self.resolver = resolver
        self.hostname = hostname
        self.state = STOPPED
        self.lease = None
        self.changed = None
        self._timer = Timer(self._timeout)
        self._expiry = Timer(self._expire)
        self._endpoint = None
        self._buf = bytearray(dhcp.MAX_SIZE)
        self._offered = None  # the lease that REQUESTING asks for
        self._last = 0  # address to ask for again
        self._ends = None  # when this state's time is up
        self._xid = 0
        self._tries = 0
        self._refused = 0  # attempts in a row that ended in a NAK
        self._granted = 0  # time from which the lease counts
        self._begun = 0  # start of this attempt, for the field `secs`
        self._asked = 0  # when the first REQUEST of this state left: a lease counts from there
        stack.counters.register(COUNTERS)

    def start(self, now):
        """Ask for an address; at once if the link is up."""
        if self.state != STOPPED:
            return
        self._endpoint = self.stack.udp.open(0, dhcp.CLIENT_PORT, self.iface)
        self._endpoint.handler = self._input
        self.iface.on_link.append(self._on_link)
        self._restart(now, 0)

    def stop(self, now, release=True):
        """Stop; give the address back to the server unless `release` is false.

        Once and without waiting, not even for ARP: DHCP works without it (section 4.4.6).
        """
        if self.state == STOPPED:
            return
        lease = self.lease
        if lease and release:
            self._xid = self._random()
            n = dhcp.begin(self._buf, dhcp.RELEASE, self._xid, 0, lease.addr, self.iface.mac)
            n = dhcp.put_address(self._buf, n, dhcp.SERVER, lease.server)
            self._transmit(n, lease.server)
        self._endpoint.close()
        self._endpoint = None
        self.iface.on_link.remove(self._on_link)
        self._unbind()
        self._enter(STOPPED, now)

    def renew(self, now):
        """Ask the server for more time now, or start over if there is no lease."""
        if self.state in (BOUND, RENEWING):
            self._enter(RENEWING, now)
        elif self.state != STOPPED:
            self._restart(now, 0)

    def left(self, now):
        """Return how many seconds the lease has left; `None` if it has no end."""
        due = self._expiry.due
        return None if due is None else max(0, due - now) // _SECOND

    # State changes

    def _on_link(self, up):
        # A lease outlives a pulled cable, and connections with it. When the link returns the
        # network may be another one, so it is asked, for the same address as before.
        if up:
            self._restart(self.stack.now, 0)
        else:
            self._enter(INIT, self.stack.now)

    def _restart(self, now, hold):
        # Back to INIT, for `hold` seconds.
        self._begun = now + hold * _SECOND
        self._enter(INIT, now)
        if self.iface.carrier:
            if hold:
                self._wait_until(self._begun)
            else:
                self._enter(SELECTING, now)

    def _enter(self, state, now):
        self.state = state
        self._tries = 0
        self._ends = None
        self._timer.due = None
        lease = self.lease
        if state == REQUESTING:
            self._ends = now + _REQUEST_TIME * _SECOND
        elif state == BOUND and lease.t1 is not None:
            self._wait_until(self._granted + lease.t1)
        elif state == RENEWING and lease.t2 is not None:
            self._ends = self._granted + lease.t2
        if state in _SENDS:
            self._asked = now
            if state != REQUESTING:  # which answers an offer, with its xid (section 4.4.1)
                self._xid = self._random()
            self._ask(now)

    def _wait_until(self, when):
        self._ends = when
        self.stack.timers.set(self._timer, when)

    def _timeout(self, now):
        if self._ends is None or now < self._ends:
            self._ask(now)
            return
        state = _NEXT[self.state]
        if state == INIT:
            self._restart(now, 0)
        else:
            self._enter(state, now)

    def _expire(self, now):
        self.stack.counters.dhcp_expired += 1
        self._unbind()
        if self.state in (BOUND, RENEWING, REBINDING):
            self._restart(now, 0)

    # Sending

    def _random(self):
        return self.stack.rand(32)

    def _ask(self, now):
        kind, broadcast, wanted, server, ciaddr = _SENDS[self.state]
        lease = self._offered if self.state == REQUESTING else self.lease
        buf = self._buf
        secs = (now - self._begun) // _SECOND
        mac = self.iface.mac
        n = dhcp.begin(buf, kind, self._xid, secs, lease.addr if ciaddr else 0, mac)
        n = dhcp.put(buf, n, dhcp.CLIENT_ID, b"\x01" + mac)
        if wanted:
            address = lease.addr if lease else self._last
            if address:
                n = dhcp.put_address(buf, n, dhcp.REQUESTED, address)
        if server:
            n = dhcp.put_address(buf, n, dhcp.SERVER, lease.server)
        n = dhcp.put(buf, n, dhcp.MAX_MESSAGE, dhcp.MAX_SIZE.to_bytes(2, "big"))
        n = dhcp.put(buf, n, dhcp.WANTED, _WANTED)
        if self.hostname:
            n = dhcp.put(buf, n, dhcp.HOSTNAME, self.hostname.encode()[:_MAX_HOSTNAME])
        self._transmit(n, addr.BROADCAST if broadcast else lease.server)
        self._schedule(now)
        self._tries += 1

    def _transmit(self, n, dst):
        n = dhcp.finish(self._buf, n)
        try:
            self._endpoint.send(memoryview(self._buf)[:n], dst, dhcp.SERVER_PORT)
            self.stack.counters.dhcp_tx += 1
        except OSError:
            self.stack.counters.dhcp_tx_failed += 1

    def _schedule(self, now):
        # When to ask again, but never after the end of this state.
        state = self.state
        end = self._ends
        if state == RENEWING or state == REBINDING:
            # Half of the time that is left (section 4.4.5); a short lease gets a few tries too
            least = _RENEW_WAIT * _SECOND
            limit = end or self._expiry.due or now
            if self.lease.end:
                least = min(least, self.lease.end // 8)
            wait = max((limit - now) // 2, least)
        else:
            wait = min(_FIRST_WAIT << min(self._tries, 8), _LAST_WAIT) * _SECOND
            wait += self._random() % (2 * _SECOND) - _SECOND
        when = now + wait
        if end is not None and when > end:
            when = end
        self.stack.timers.set(self._timer, when)

    # Receiving

    def _input(self, iface, buf, off, end, src, sport):
        counters = self.stack.counters
        counters.dhcp_rx += 1
        message = dhcp.parse(buf, off, end)
        if message is None:
            counters.dhcp_drop_malformed += 1
            return
        takes = _TAKES.get(self.state)
        method = takes and takes.get(message.kind)
        if not method or message.xid != self._xid or message.mac != bytes(self.iface.mac):
            counters.dhcp_drop_stray += 1
            return
        getattr(self, method)(message, self.stack.now)

    def _offer(self, message, now):
        # The first usable offer is taken: servers that were slower are slower.
        lease = Lease(message)
        if not lease.usable():
            self.stack.counters.dhcp_drop_unusable += 1
            return
        self._offered = lease
        self._enter(REQUESTING, now)

    def _ack(self, message, now):
        lease = Lease(message)
        asked = self._offered if self.state == REQUESTING else self.lease
        if not lease.usable() or lease.addr != asked.addr:
            self.stack.counters.dhcp_drop_unusable += 1
            return
        if self.state == REQUESTING and lease.server != asked.server:
            self.stack.counters.dhcp_drop_stray += 1
            return
        self._bind(lease, now)

    def _nak(self, message, now):
        server = message.address(dhcp.SERVER)
        asked = self._offered if self.state == REQUESTING else self.lease
        if not assignable(server) or (self.state != REBINDING and server != asked.server):
            self.stack.counters.dhcp_drop_stray += 1
            return
        self.stack.counters.dhcp_nak += 1
        self._unbind()
        self._last = 0  # it is not ours on this network
        # At once the first time; a server that goes on refusing must not make us flood
        hold = min((1 << self._refused) >> 1, _MAX_HOLD)
        self._refused = min(self._refused + 1, 8)
        self._restart(now, hold)

    # The interface

    def _bind(self, lease, now):
        old = self.lease
        self.lease = lease
        self._offered = None
        self._last = lease.addr
        self._refused = 0
        self._granted = self._asked
        if lease.end is None:
            self._expiry.due = None
        else:
            self.stack.timers.set(self._expiry, self._granted + lease.end)
        if not (old and old.same_network(lease) and self.iface.addr == lease.addr):
            if old:
                old.remove(self.iface)
            lease.apply(self.iface)
        resolver = self.resolver
        if resolver and lease.dns:
            # Servers that somebody else set stay
            if not resolver.servers or old and resolver.servers is old.dns:
                resolver.servers = lease.dns
        self._enter(BOUND, now)
        if self.changed:
            self.changed(self)

    def _unbind(self):
        self._expiry.due = None
        lease = self.lease
        if lease:
            self.lease = None
            lease.remove(self.iface)
            if self.resolver and self.resolver.servers is lease.dns:
                self.resolver.servers = []
            if self.changed:
                self.changed(self)
