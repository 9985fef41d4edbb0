# Frostnet: one question for the time, to several servers in turn (RFC 4330 sections 5, 8 and 10)
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from ntp import packet

_FIRST = const(1000000)  # µs that the first round waits for each server; each round twice as long
_SLACK = const(1000)  # µs that clocks may differ in while the server answers

COUNTERS = (
    "ntp_drop_malformed",
    "ntp_drop_stray",  # not from who was asked, or not with what we sent
)

# What a server means that declines (RFC 5905 section 7.4).
_KISSES = {
    "RATE": "was asked too often: wait some minutes",
    "DENY": "denies us the time",
    "RSTR": "denies us the time",
}


class Sample:
    """The time that a server told, good to about `delay` / 2 + `distance`.

    `epoch`: what its clock showed when ours, that counts µs from some start, was 0. `delay` of
    the round trip and `distance` of the server from a reference clock in µs, `leap` 0, or 1 or 2
    if the day's last minute will have 61 or 59 seconds.
    """

    def __init__(self, server, reply, sent, now):
        self.server = server
        self.stratum = reply.stratum
        self.leap = reply.leap
        self.distance = reply.distance
        self.delay = now - sent - (reply.transmit - reply.receive)
        self.epoch = (reply.receive + reply.transmit - sent - now) >> 1


class Query:
    """Asks `servers`, addresses, one after the other, until one of them tells the time.

    `rand(bits)` returns random ints. `next(now)` has the requests, by time `due`. When it is
    `done`, `sample` has the answer, or `problems` says of each server why it has none,
    {address: text}, and `kisses` has the codes of those that declined.
    """

    def __init__(self, servers, rand, now, timeout):
        self.done = not servers
        self.sample = None
        self.problems = {}
        self.kisses = {}
        self.due = now
        self._servers = list(servers)
        self._rand = rand
        self._end = now + timeout
        self._wait = _FIRST
        self._turn = 0
        self._sent = {}  # cookie: (server, time)

    def next(self, now):
        """Return (server, request) if it is time to send one, else None."""
        if self.done or now < self.due:
            return None
        if now >= self._end:
            self.done = True
            for server in self._servers:
                self.problems[server] = "does not answer"
            return None
        if self._turn == len(self._servers):
            self._turn = 0
            self._wait <<= 1
        server = self._servers[self._turn]
        self._turn += 1
        self.due = min(now + self._wait, self._end)
        cookie = self._rand(32).to_bytes(4, "big") + self._rand(32).to_bytes(4, "big")
        self._sent[cookie] = server, now
        return server, packet.request(cookie)

    def input(self, src, buf, off, end, now):
        """Take a datagram from port 123 of `src`; the counter to count if it is dropped."""
        reply = packet.parse(buf, off, end)
        if reply is None:
            return "ntp_drop_malformed"
        server, sent = self._sent.get(reply.originate, (None, 0))
        if server != src or self.done:
            return "ntp_drop_stray"
        del self._sent[reply.originate]  # the same once more is a stray
        if not reply.stratum:
            self.kisses[src] = reply.kiss
            text = _KISSES.get(reply.kiss, "declines (%s)" % reply.kiss)
            self.refuse(src, text, now)
            return None
        fault = reply.fault()
        if not fault:
            sample = Sample(src, reply, sent, now)
            if sample.delay >= -_SLACK:
                sample.delay = max(sample.delay, 0)
                self.sample = sample
                self.done = True
                return None
            fault = "took longer to answer than its answer took to come"
        self.refuse(src, fault, now)
        return None

    def refuse(self, server, text, now):
        """Ask `server` no more, because of `text`; go on with the next one at once."""
        if self.done or server not in self._servers:
            return
        self.problems[server] = text
        place = self._servers.index(server)
        self._servers.remove(server)
        if place < self._turn:
            self._turn -= 1
        self.due = now
        self.done = not self._servers
