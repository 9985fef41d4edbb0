# Frostnet: answering questions of multicast DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6762 §6 and §7. All records here are ours alone, so no answer needs to be delayed (§6). But
# who says that more known answers follow is waited for (§7.2).

from micropython import const

from frostnet.timers import Timer
from frostnet.wire import dns, mdns

_INTERVAL = const(1000000)  # µs between two multicasts of one record (§6)
_PROBE_INTERVAL = const(250000)  # the same, to defend our name against a probe
_LEGACY_TTL = const(10)  # s at most, for those who know no multicast DNS (§6.7)
_HELD = const(4)  # questions that wait for more known answers
_HOLD = const(400000)  # µs, and up to 100 ms more


class _Held:
    # A question whose asker has more to tell.

    def __init__(self, wanted, unicast):
        self.wanted = wanted
        self.unicast = unicast
        self.timer = None


def _put(out, record, ttl, rclass):
    out.record(mdns.ANSWER, record.name, record.rtype, ttl, record.data, rclass)


class Responder:
    """Answers on one link. `link` has `own` (the records), `send(data, dst, port)`, `stack`."""

    def __init__(self, link):
        self._link = link
        self._later = {}  # records that were multicast a moment ago: when they may be again
        self._timer = Timer(self._multicast_later)
        self._held = {}  # asker's address: _Held

    def stop(self):
        """Forget what was to be answered."""
        self._later.clear()
        self._timer.due = None
        for held in self._held.values():
            held.timer.due = None
        self._held.clear()

    def query(self, message, src, sport):
        """Answer a query from `src`, port `sport`."""
        wanted = []
        unicast = True
        for question in message.questions:
            found = self._find(question)
            if found and found not in wanted:
                wanted.append(found)
            if found and not question.unicast:
                unicast = False
        if sport != mdns.PORT:
            if wanted:
                self._legacy(message, wanted, src, sport)
            return
        held = self._held.get(src)
        if held and not message.questions:
            self._suppress(message, held.wanted)  # §7.2
            return
        self._suppress(message, wanted)
        if not wanted:
            return
        if message.truncated and held is None and len(self._held) < _HELD:
            self._hold(src, _Held(wanted, unicast))
            return
        self._respond(wanted, unicast, bool(message.authority), src)

    def multicast(self, records, ttl=None):
        """Multicast records now, whatever was sent before; with that `ttl` if one is given."""
        out = mdns.Builder(True)
        now = self._link.stack.now
        for record in records:
            _put(out, record, record.ttl if ttl is None else ttl, dns.IN | mdns.TOP)
            record.sent = now
            self._later.pop(record, None)
        self._link.send(out.data)

    # The record that answers a question: the NSEC record says that the others are not there.
    def _find(self, question):
        address, pointer, nsec = self._link.own
        for record in (address, pointer):
            if record.answers(question):
                return record
        if question.name == address.name and question.qclass in (dns.IN, dns.ANY):
            return nsec
        return None

    # §7.1: what the asker knows need not be said.
    def _suppress(self, message, wanted):
        for known in message.answers:
            for record in wanted:
                if record.known(message, known):
                    wanted.remove(record)
                    break

    def _hold(self, src, held):
        link = self._link

        def respond(now):
            del self._held[src]
            self._respond(held.wanted, held.unicast, False, src)

        held.timer = Timer(respond)
        self._held[src] = held
        link.stack.timers.set(held.timer, link.stack.now + _HOLD + link.stack.rand(16))

    def _respond(self, wanted, unicast, probe, src):
        now = self._link.stack.now
        if unicast:
            # §5.4: by multicast anyway if others may not have heard it for long
            alone = []
            for record in wanted:
                if record.sent is not None and now - record.sent < record.ttl * 250000:
                    alone.append(record)
            if alone:
                self._unicast(alone, src)
            wanted = [record for record in wanted if record not in alone]
        interval = _PROBE_INTERVAL if probe else _INTERVAL
        at_once = []
        for record in wanted:
            if record.sent is None or now - record.sent >= interval:
                at_once.append(record)
            else:
                due = record.sent + interval
                self._later[record] = min(due, self._later.get(record, due))
        if at_once:
            self.multicast(at_once)
        self._wait()

    def _multicast_later(self, now):
        self.multicast([record for record, due in self._later.items() if due <= now])
        self._wait()

    def _wait(self):
        if self._later:
            self._link.stack.timers.set(self._timer, min(self._later.values()))
        else:
            self._timer.due = None

    def _unicast(self, records, dst):
        out = mdns.Builder(True)
        for record in records:
            _put(out, record, record.ttl, dns.IN | mdns.TOP)
        self._link.send(out.data, dst, mdns.PORT)

    # §6.7: as a DNS server would, since that is what the asker takes us for.
    def _legacy(self, message, wanted, dst, port):
        out = mdns.Builder(True, message.ident)
        for question in message.questions:
            if self._find(question):
                out.question(question.name, question.qtype, question.qclass)
        for record in wanted:
            if record.rtype != dns.NSEC:  # it would not be understood
                _put(out, record, min(record.ttl, _LEGACY_TTL), dns.IN)
        self._link.send(out.data, dst, port)
