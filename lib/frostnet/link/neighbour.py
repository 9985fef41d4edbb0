# Frostnet: the neighbours of one interface
# MIT license; Copyright (c) 2026 The Frostnet authors

# A neighbour that we send to is in the table until it fails or is idle. One that only asked for
# us is a guest: the guests are few and replace each other, so that a flood of requests cannot
# push out neighbours in use. Static neighbours were entered by people: no packet changes them.

from micropython import const

_NEIGHBOURS = const(64)  # in use
_PENDING = const(32)  # of them, those that are being resolved
_GUESTS = const(16)
_STATICS = const(32)

STATIC = const(0)
INCOMPLETE = const(1)
REACHABLE = const(2)
PROBE = const(3)  # usable, being validated
FAILED = const(4)  # did not answer; dead until the hold-off ends
GONE = const(5)  # no longer in the table: look it up again

NAMES = ("static", "incomplete", "reachable", "probe", "failed", "gone")


class Neighbour:
    """Who is reached at `addr`. `mac` is None while that is not known."""

    def __init__(self, addr, mac=None):
        self.addr = addr
        self.mac = mac
        self.state = STATIC
        self.used = 0  # counters.ip_tx when it was last sent to
        self.checked = 0  # counters.ip_tx when its address was last confirmed or doubted
        self.confirmed = None  # time of the last ARP packet from it
        self.tries = 0
        self.queue = None  # frames to send when the answer comes
        self.timer = None


class Table:
    """Neighbours by address. `guests` are the addresses of those that only asked for us."""

    def __init__(self):
        self.cache = {}
        self.guests = []  # oldest first
        self.statics = 0

    def full(self):
        """Say whether one in use must go."""
        return len(self.cache) - len(self.guests) - self.statics > _NEIGHBOURS

    def statics_full(self):
        return self.statics >= _STATICS

    def promote(self, addr):
        """Count a guest among those in use; False if it was none."""
        if addr not in self.guests:
            return False
        self.guests.remove(addr)
        return True

    def oldest_guest(self):
        """Return the guest that must go before another comes, or None."""
        guests = self.guests
        return self.cache[guests[0]] if len(guests) >= _GUESTS else None

    def discard(self, neigh):
        """Take a neighbour out."""
        del self.cache[neigh.addr]
        self.promote(neigh.addr)
        if neigh.state == STATIC:
            self.statics -= 1
        neigh.state = GONE
        neigh.mac = None

    # Those that are being resolved may take half of the table and no more: whoever makes us
    # answer to invented addresses must not push out neighbours that exist.
    def victim(self):
        """Return who makes room: the one in use that was sent to least recently."""
        guests = self.guests
        pending = 0
        idle = eldest = None
        for neigh in self.cache.values():
            state = neigh.state
            if state == INCOMPLETE:
                pending += 1
                if eldest is None or neigh.used < eldest.used:
                    eldest = neigh
            elif state == FAILED:
                return neigh
            elif state != STATIC and neigh.addr not in guests:
                if idle is None or neigh.used < idle.used:
                    idle = neigh
        return eldest if pending >= _PENDING or idle is None else idle
