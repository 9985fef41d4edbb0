# Frostnet: link-local addresses (RFC 3927)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.link.claim import MAX_CONFLICTS, RATE_LIMIT_INTERVAL, Claim
from frostnet.timers import Timer

_FIRST = const(0xA9FE0100)  # 169.254.1.0; the first and last 256 are reserved (§2.1)
_NUMBER = const(0xFE00)
_PREFIX = const(16)
_METRIC = const(9999)  # any other route is better
_MASK32 = const(0xFFFFFFFF)

OFF = const(0)
PROBING = const(1)
BOUND = const(2)
WAITING = const(3)  # after too many conflicts

NAMES = ("off", "probing", "bound", "waiting")


class LinkLocal:
    """Finds an address in 169.254/16 for an interface that has none, and keeps it until stop()."""

    def __init__(self, stack, iface):
        self.state = OFF
        self.conflicts = 0
        self._stack = stack
        self._iface = iface
        self._timer = Timer(self._try)
        self._claim = None
        self._seed = 0

    def start(self, now):
        """Claim an address; it is used when the probes are over, four to seven seconds later."""
        if self.state == OFF:
            self.conflicts = 0
            # Of the hardware address, so that it is the same at the next boot (§2.1)
            seed = 0x811C9DC5
            for c in self._iface.mac:
                seed = (seed ^ c) * 0x01000193 & _MASK32
            self._seed = seed or 1
            self._try(now)

    def stop(self):
        """Give the address up."""
        if self.state == OFF:
            return
        self._timer.due = None
        self._drop()
        self.state = OFF

    def claimed(self, claim):
        """Nobody answered the probes: use the address."""
        self.state = BOUND
        iface = self._iface
        iface.set_address(claim.addr, _PREFIX, claim)
        # Who has an address of another kind on this link can be reached: "ARP for everything"
        # (§2.6.2). No router is asked.
        iface.stack.ip.routes.add(0, 0, iface, 0, _METRIC)

    def lost(self, claim):
        """Somebody else has it: try the next (§2.2.1, §2.5)."""
        self._drop()
        self.conflicts += 1
        now = self._stack.now
        if self.conflicts >= MAX_CONFLICTS:
            self.state = WAITING
            self._stack.timers.set(self._timer, now + RATE_LIMIT_INTERVAL)
        else:
            self._try(now)

    def _try(self, now):
        self.state = PROBING
        # xorshift: every address of the range comes up with the same chance
        s = self._seed
        s ^= s << 13 & _MASK32
        s ^= s >> 17
        s ^= s << 5 & _MASK32
        self._seed = s
        self._claim = Claim(self._iface, _FIRST + s % _NUMBER, self)
        self._claim.probe()

    def _drop(self):
        claim = self._claim
        self._claim = None
        if claim:
            if self._iface.claim is claim:
                self._iface.clear_address()
            claim.drop()
