# Frostnet: our claim to an address: probed, announced, defended (RFC 5227)
# MIT license; Copyright (c) 2026 The Frostnet authors

# An address is in use at once, and probed meanwhile: a host that boots in a tenth of a second
# does not wait five for a conflict that a DHCP server has ruled out already (RFC 2131 §2.2). It
# is not announced before the probes are over, so that no neighbour is told a lie, and it is given
# up at once when one is answered. An address that nobody granted, that is a link-local one, is
# probed before it is used (RFC 3927 §2.2): probe() instead of use().
#
# Who owns the claim decides what a conflict means. With an owner it is RFC 5227 §2.4 (b): the
# address is defended once, and lost with the second conflict within ten seconds. Without one,
# that is, set by people, it is (c): kept, and defended as often as is allowed. One forged packet
# must not switch a server off.

from micropython import const

from frostnet.timers import Timer

# RFC 5227 §1.1, in µs.
_PROBE_WAIT = const(1_000_000)
_PROBE_NUM = const(3)
_PROBE_MIN = const(1_000_000)
_PROBE_MAX = const(2_000_000)
_ANNOUNCE_WAIT = const(2_000_000)
_ANNOUNCE_NUM = const(2)
_ANNOUNCE_INTERVAL = const(2_000_000)
_DEFEND_INTERVAL = const(10_000_000)
MAX_CONFLICTS = const(10)  # for owners: from then on one new address per RATE_LIMIT_INTERVAL
RATE_LIMIT_INTERVAL = const(60_000_000)

IDLE = const(0)
PROBING = const(1)
ANNOUNCING = const(2)
HELD = const(3)

NAMES = ("idle", "probing", "announcing", "held")


class Claim:
    """`addr` on `iface`. `rival` is the hardware address of who claims it too, or None; `seen`
    when that was last noticed.

    `owner`, if there is one, is told inside the poll: `claimed(claim)` when the probes are over
    and nobody answered, `lost(claim)` when the address must be given up.
    """

    def __init__(self, iface, addr, owner=None):
        self.addr = addr
        self.owner = owner
        self.state = IDLE
        self.in_use = False
        self.conflicts = 0
        self.rival = None
        self._iface = iface
        self._stack = iface.stack
        self._timer = Timer(self._next)
        self._left = 0  # packets to send in this state
        self.seen = self._defended = iface.stack.now - _DEFEND_INTERVAL

    def probe(self):
        """Find out if anybody has the address, which is not used before `owner.claimed`."""
        self._iface.arp.claims[self.addr] = self
        self._start()

    def use(self):
        """The interface takes the address; it is probed meanwhile unless it was before."""
        self.in_use = True
        if self.state == IDLE:
            self.probe()
        else:
            self.announce()

    def restart(self):
        """The link is back, and another may have taken the address (RFC 5227 §2.1)."""
        if self.state != IDLE:
            self._start()

    def announce(self):
        """Tell neighbours of the address again, if it is ours for certain."""
        if self.state == HELD:
            self._announce()

    def pause(self):
        """The link is gone: nothing is sent until restart()."""
        self._timer.due = None

    def hold(self):
        """Take it for granted that the address is ours: no probes, no announcements."""
        self.state = HELD
        self._timer.due = None

    def drop(self):
        """Let go of the address."""
        self._timer.due = None
        self.state = IDLE
        self.in_use = False
        claims = self._iface.arp.claims
        if claims.get(self.addr) is self:
            del claims[self.addr]

    def conflict(self, mac):
        """Another station, `mac`, uses the address or is about to."""
        stack = self._stack
        now = stack.now
        stack.counters.arp_conflict += 1
        self.conflicts += 1
        self.rival = mac
        recent = now < self.seen + _DEFEND_INTERVAL
        self.seen = now
        if self.owner is not None and (self.state == PROBING or recent):
            self.drop()
            stack.counters.arp_lost += 1
            self.owner.lost(self)
        elif self.state == PROBING:
            self.hold()  # it was theirs first: nobody is told that it is ours
        elif now >= self._defended + _DEFEND_INTERVAL:
            self._defended = now
            stack.counters.arp_defended += 1
            self._iface.arp.announce(self.addr)

    def _start(self):
        self.state = PROBING
        self._left = _PROBE_NUM
        self._wait(self._random(_PROBE_WAIT))

    def _announce(self):
        self.state = ANNOUNCING
        self._left = _ANNOUNCE_NUM
        self._next(self._stack.now)

    def _next(self, now):
        arp = self._iface.arp
        if self.state == PROBING and not self._left:
            self.rival = None
            self.state = HELD
            if self.owner is not None:
                self.owner.claimed(self)
            if self.state == HELD and self.in_use:
                self._announce()
            return
        self._left -= 1
        if self.state == PROBING:
            arp.probe(self.addr)
            if self._left:
                self._wait(_PROBE_MIN + self._random(_PROBE_MAX - _PROBE_MIN))
            else:
                self._wait(_ANNOUNCE_WAIT)
        elif self.state == ANNOUNCING:
            arp.announce(self.addr)
            if self._left:
                self._wait(_ANNOUNCE_INTERVAL)
            else:
                self.state = HELD

    def _wait(self, us):
        self._stack.timers.set(self._timer, self._stack.now + us)

    def _random(self, us):
        return self._stack.rand(32) % (us + 1)
