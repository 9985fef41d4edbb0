# Frostnet: probing and announcing a name
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6762 §8 and §9. Only the host's name is probed: that the address is ours alone is for ARP to
# find out (RFC 5227), and with it the name of its pointer record.

from micropython import const

from frostnet.timers import Timer
from frostnet.wire import dns, mdns

IDLE = const(0)
PROBING = const(1)
ANNOUNCING = const(2)
HELD = const(3)

_PROBES = const(3)
_PROBE_INTERVAL = const(250000)  # µs
_ANNOUNCEMENTS = const(2)
_ANNOUNCE_INTERVAL = const(1000000)
_DEFER = const(1000000)  # µs until the loser of two that probe at once tries again (§8.2)


class Prober:
    """Gets a name for one link. `link` has `own` (the records), `send(data)`, `stack`, and is
    told of `conflict()` and `announce()`."""

    def __init__(self, link):
        self.state = IDLE
        self._link = link
        self._left = 0
        self._timer = Timer(self._next)

    def start(self, hold=0):
        """Probe, after `hold` µs and a random time that keeps hosts apart (§8.1)."""
        self.state = PROBING
        self._left = _PROBES
        stack = self._link.stack
        wait = hold + (stack.rand(18) * _PROBE_INTERVAL >> 18)
        stack.timers.set(self._timer, stack.now + wait)

    def stop(self):
        self.state = IDLE
        self._timer.due = None

    def response(self, message):
        """Look for conflicts in a response of somebody else."""
        if self.state == IDLE:
            return
        own = self._link.own[0]
        buf = message.buf
        for records in (message.answers, message.additional):
            for record in records:
                if record.name != own.name or not record.ttl:
                    continue
                if self.state == PROBING:
                    # Whoever has records of any type has the name
                    if not self._ours(buf, record):
                        self._link.conflict()
                        return
                elif record.rtype == own.rtype and not self._ours(buf, record):
                    self.start()  # §9: find out which of us it is
                    return

    def query(self, message):
        """Look for somebody who probes for the same name at the same time (§8.2)."""
        if self.state != PROBING:
            return
        own = self._link.own[0]
        theirs = []
        for record in message.authority:
            if record.name == own.name:
                head = (record.rclass & ~mdns.TOP).to_bytes(2, "big")
                head += record.rtype.to_bytes(2, "big")
                theirs.append(head + bytes(message.buf[record.off : record.end]))
        theirs.sort()
        if theirs:
            ours = [b"\x00\x01\x00\x01" + own.data]
            if theirs > ours:
                self.start(_DEFER)

    # Also another interface of ours may be on the same link.
    def _ours(self, buf, record):
        if record.rtype != dns.A or record.end - record.off != 4:
            return False
        addr = int.from_bytes(bytes(buf[record.off : record.end]), "big")
        return addr in self._link.stack.ip.owners

    def _next(self, now):
        link = self._link
        timers = link.stack.timers
        if self.state == PROBING:
            if self._left:
                self._left -= 1
                self._probe()
                timers.set(self._timer, now + _PROBE_INTERVAL)
                return
            self.state = ANNOUNCING
            self._left = _ANNOUNCEMENTS
        link.announce()
        self._left -= 1
        if self._left:
            timers.set(self._timer, now + _ANNOUNCE_INTERVAL)
        else:
            self.state = HELD

    def _probe(self):
        own = self._link.own[0]
        out = mdns.Builder(False)
        # The owner may answer us alone: §8.1 recommends it
        out.question(own.name, dns.ANY, dns.IN | mdns.TOP)
        out.record(mdns.AUTHORITY, own.name, own.rtype, own.ttl, own.data)
        self._link.send(out.data)
