# Frostnet: asking for a name by multicast DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6762 §5. One question, repeated until somebody answers: nothing is watched for changes.

from micropython import const

from frostnet.dns.answer import Answer, follow
from frostnet.dns.codes import EAI_FAIL, EAI_NONAME
from frostnet.dns.pending import Pending
from frostnet.timers import Timer
from frostnet.wire import dns, mdns

_FIRST_WAIT = const(1000000)  # µs; doubles with every try (§5.2)
_TRIES = const(3)  # after 7 s nobody has such a name


class Lookup(Pending):
    """Asks on all `links`."""

    def __init__(self, resolver, key, links):
        super().__init__(resolver, key)
        self._links = links
        self._tries = 0
        self._timer = Timer(self._ask)
        self.stack.timers.set(self._timer, self.stack.now)

    def close(self):
        super().close()
        self._timer.due = None

    def response(self, message):
        """Look whether a response, to whomever, has the answer."""
        name, qtype, _ = self.key
        message.answers = [record for record in message.answers if record.ttl]
        for record in message.answers:
            if record.name == name and record.rtype in (qtype, dns.CNAME):
                self._finish(message)
                return
        for record in message.answers + message.additional:
            if record.name == name and record.rtype == dns.NSEC and record.ttl:
                if self._denied(message, record):
                    self.finish(Answer((), EAI_NONAME, record.ttl))
                    return

    def _finish(self, message):
        try:
            answer = follow(message.buf, message.base, message, self.key[0], self.key[1])
        except ValueError:
            self.stack.counters.mdns_drop_malformed += 1
            answer = Answer((), EAI_FAIL)
        self.finish(answer)

    # §6.1: whether an NSEC record says that there are no records of our type.
    def _denied(self, message, record):
        buf = message.buf
        qtype = self.key[1]
        at = record.off
        # The owner's name again, or a pointer to it
        while at < record.end and 0 < buf[at] < 0xC0:
            at += 1 + buf[at]
        at += 2 if at < record.end and buf[at] else 1
        if at + 2 > record.end or buf[at]:
            return False
        n = buf[at + 1]
        if not 1 <= n <= 32 or at + 2 + n > record.end or qtype > 255:
            return False
        return qtype >> 3 >= n or not buf[at + 2 + (qtype >> 3)] & 0x80 >> (qtype & 7)

    def _ask(self, now):
        if self._tries == _TRIES:
            self.finish(Answer((), EAI_NONAME))
            return
        out = mdns.Builder(False)
        # §5.4: the first time an answer for us alone will do
        qclass = dns.IN if self._tries else dns.IN | mdns.TOP
        out.question(self.key[0], self.key[1], qclass)
        for link in self._links:
            if link.up:
                link.send(out.data)
        self.stack.timers.set(self._timer, now + (_FIRST_WAIT << self._tries))
        self._tries += 1
