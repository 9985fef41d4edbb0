# Frostnet: DHCP client state machine (RFC 2131 section 4.4)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.dhcp import backoff
from frostnet.dhcp.lease import Lease, assignable
from frostnet.dhcp.sender import Sender
from frostnet.dhcp.settings import Settings
from frostnet.dhcp.states import BOUND, CHECKING, INIT, NEXT, REBINDING, REBOOTING, RENEWING
from frostnet.dhcp.states import REQUESTING, SELECTING, SENDS, STOPPED, TAKES
from frostnet.link.claim import MAX_CONFLICTS, RATE_LIMIT_INTERVAL, Claim
from frostnet.link.linklocal import LinkLocal
from frostnet.timers import NEVER, Timer
from frostnet.wire import addr, dhcp

_SECOND = const(1000000)
_REQUEST_TIME = const(24)  # s: REQUEST goes out at 0, 4 and 12; then another server may do
_REBOOT_TIME = const(10)  # s: at 0 and 4. A server without a record is silent (section 4.3.2)
_MAX_HOLD = const(64)  # s between attempts when servers refuse what they offered
_DECLINE_HOLD = const(10)  # s after a conflict (section 3.1.5)
_FALLBACK = const(9)  # s: with the third DISCOVER a link-local address is tried

COUNTERS = (
    "dhcp_rx",
    "dhcp_drop_malformed",
    "dhcp_drop_stray",  # other transaction or station, or nothing that this state waits for
    "dhcp_drop_unusable",  # offers an address that no host may have, or names no server
    "dhcp_nak",
    "dhcp_declined",  # somebody else used the address
    "dhcp_expired",
)


class Client:
    """Keeps one interface configured from the DHCP servers on its link.

    `start(now)` begins, `stop(now)` gives the lease back. `state` is one of
    dhcp/states.py, `lease` a `Lease` or `None`. `resolver`, if there is one, is given the
    DNS servers. `changed(client)`, if set, is called inside the poll whenever `lease` changed: it
    may note the fact, but not block. `linklocal` sees to an address while no server answers;
    `None` does without. With `careful` an address is probed before it is used, which takes four
    to seven seconds (RFC 5227 §2.1); else meanwhile.
    """

    def __init__(self, stack, iface, resolver=None, hostname=""):
        self.stack = stack
        self.iface = iface
        self.state = STOPPED
        self.lease = None
        self.changed = None
        self.careful = False
        self.linklocal = LinkLocal(stack, iface)
        self.sender = Sender(stack, iface, hostname)
        self.settings = Settings(iface, resolver)
        self.resolver = resolver
        self.informed = None  # the Inform, once inform() was called
        self._timer = Timer(self._timeout)
        self._expiry = Timer(self._expire)
        self._offered = None  # the lease that REQUESTING asks for
        self._claim = None  # to what CHECKING probes
        self._last = 0  # address to ask for again
        self._until = 0  # time until which `_last` is ours, as far as we know
        self._ends = None  # when this state's time is up
        self._xid = 0
        self._tries = 0
        self._refused = 0  # attempts in a row that ended in a NAK
        self._conflicts = 0
        self._granted = 0  # time from which the lease counts
        self._begun = 0  # start of this attempt, for the field `secs`
        self._asked = 0  # when the first REQUEST of this state left: a lease counts from there
        self._mac = None  # where the server's last ACK came from
        stack.counters.register(COUNTERS)

    def start(self, now):
        """Ask for an address; at once if the link is up."""
        if self.state != STOPPED:
            return
        if self.informed:
            self.informed.stop()
        self.sender.open(self._input)
        self.iface.on_link.append(self._on_link)
        self._restart(now, 0)

    def stop(self, now, release=True):
        """Stop; give the address back to the server unless `release` is false.

        Once and without waiting: DHCP works without it (section 4.4.6).
        """
        if self.informed:
            self.informed.stop()
        if self.state == STOPPED:
            return
        lease = self.lease
        if lease and release:
            self._until = 0
            self.sender.release(self._random(), lease.addr, lease.server, self._mac)
        self._enter(STOPPED, now)
        self.sender.close()
        self.iface.on_link.remove(self._on_link)
        if self.linklocal:
            self.linklocal.stop()
        self._unbind()

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

    def inform(self, now):
        """Ask for name servers and the rest, for an address that was set by hand (section 3.4).

        Returns the Inform, which tells when it is done. OSError(EADDRNOTAVAIL) without such an
        address.
        """
        from frostnet.dhcp.inform import Inform

        if self.informed:
            self.informed.stop()
        inform = Inform(self)
        inform.start(now)
        self.informed = inform
        return inform

    # State changes

    def _on_link(self, up):
        # A lease outlives a pulled cable, and connections with it. When the link returns the
        # network may be another one, so it is asked, for the same address as before.
        if up:
            self._restart(self.stack.now, 0)
        else:
            self._enter(INIT, self.stack.now)

    # Back to INIT, for `hold` seconds. What was ours before is asked for (INIT-REBOOT) unless the
    # network just said no.
    def _restart(self, now, hold):
        self._begun = now + hold * _SECOND
        self._enter(INIT, now)
        if self.iface.carrier:
            if hold:
                self._wait_until(self._begun)
            elif self._last and now < self._until:
                self._enter(REBOOTING, now)
            else:
                self._enter(SELECTING, now)

    def _enter(self, state, now):
        self.state = state
        self._tries = 0
        self._ends = None
        self._timer.due = None
        lease = self.lease
        if self._claim:
            self._claim.drop()
            self._claim = None
        if state == REQUESTING:
            self._ends = now + _REQUEST_TIME * _SECOND
        elif state == REBOOTING:
            self._ends = now + _REBOOT_TIME * _SECOND
        elif state == BOUND and lease.t1 is not None:
            early = backoff.early(lease.t1, self.stack.rand)
            self._wait_until(self._granted + lease.t1 - early)
        elif state == RENEWING and lease.t2 is not None:
            self._ends = self._granted + lease.t2
        if state in SENDS:
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
        self._enter(NEXT[self.state], now)

    def _expire(self, now):
        self.stack.counters.dhcp_expired += 1
        self._unbind()
        if self.state in (BOUND, RENEWING, REBINDING, REBOOTING):
            self._restart(now, 0)

    # Sending

    def _random(self):
        return self.stack.rand(32)

    def _ask(self, now):
        kind, broadcast, wanted, server, ciaddr = SENDS[self.state]
        lease = self._offered if self.state == REQUESTING else self.lease
        self.sender.ask(
            kind,
            self._xid,
            (now - self._begun) // _SECOND,
            lease.addr if ciaddr else 0,
            addr.BROADCAST if broadcast else lease.server,
            (self._offered.addr if server else self._last) if wanted else 0,
            lease.server if server else 0,
        )
        self._schedule(now)
        self._tries += 1
        if self.linklocal and not self.iface.addr and now >= self._begun + _FALLBACK * _SECOND:
            self.linklocal.start(now)

    def _schedule(self, now):
        # When to ask again, but never after the end of this state.
        end = self._ends
        if self.state == RENEWING or self.state == REBINDING:
            limit = end or self._expiry.due or now
            when = now + backoff.renewal(now, limit, self.lease.end)
        else:
            when = now + backoff.wait(self._tries, self.stack.rand)
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
        takes = TAKES.get(self.state)
        method = takes and takes.get(message.kind)
        if not method or message.xid != self._xid or message.mac != bytes(self.iface.mac):
            counters.dhcp_drop_stray += 1
            return
        if message.kind == dhcp.ACK:
            # Only a datagram in one piece still has its frame in front of it
            self._mac = bytes(buf[6:12]) if self.stack.ip.head else None
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
        asked = self._offered.addr if self.state == REQUESTING else self._last
        if not lease.usable() or lease.addr != asked:
            self.stack.counters.dhcp_drop_unusable += 1
            return
        if self.state == REQUESTING and lease.server != self._offered.server:
            self.stack.counters.dhcp_drop_stray += 1
            return
        if self.careful and self.iface.addr != lease.addr:
            self._offered = lease
            self._granted = self._asked
            self._enter(CHECKING, now)
            self._claim = Claim(self.iface, lease.addr, self)
            self._claim.probe()
            return
        self._granted = self._asked
        self._bind(lease, now)

    def _nak(self, message, now):
        server = message.address(dhcp.SERVER)
        asked = self._offered if self.state == REQUESTING else self.lease
        anybody = self.state in (REBINDING, REBOOTING)
        if not assignable(server) or not (anybody or server == asked.server):
            self.stack.counters.dhcp_drop_stray += 1
            return
        self.stack.counters.dhcp_nak += 1
        self._unbind()
        self._last = 0  # it is not ours on this network
        # At once the first time; a server that goes on refusing must not make us flood
        hold = min((1 << self._refused) >> 1, _MAX_HOLD)
        self._refused = min(self._refused + 1, 8)
        self._restart(now, hold)

    # Conflicts: what the Claim tells

    def claimed(self, claim):
        """The address is ours alone."""
        self._conflicts = 0
        if claim is self._claim:
            self._bind(self._offered, self.stack.now)

    def lost(self, claim):
        """Somebody else uses the address (section 3.1.5, RFC 5227 section 2.1)."""
        stack = self.stack
        stack.counters.dhcp_declined += 1
        lease = self._offered if claim is self._claim else self.lease
        self._unbind()
        self._last = 0
        self.sender.decline(self._random(), lease.addr, lease.server)
        hold = _DECLINE_HOLD
        self._conflicts += 1
        if self._conflicts >= MAX_CONFLICTS:
            hold = RATE_LIMIT_INTERVAL // _SECOND
        self._restart(stack.now, hold)

    # The interface

    def _bind(self, lease, now):
        self.lease = lease
        self._last = lease.addr
        self._refused = 0
        if lease.end is None:
            self._expiry.due = None
            self._until = NEVER
        else:
            self._until = self._granted + lease.end
            self.stack.timers.set(self._expiry, self._until)
        if self.linklocal:
            self.linklocal.stop()
        claim = self._claim
        self._claim = None  # from here on it is the interface's
        self.settings.put(lease, lambda: claim or Claim(self.iface, lease.addr, self))
        self._offered = None
        self._enter(BOUND, now)
        if self.changed:
            self.changed(self)

    def _unbind(self):
        self._expiry.due = None
        if self.lease:
            self.lease = None
            self.settings.clear()
            if self.changed:
                self.changed(self)
