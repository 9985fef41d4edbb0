# Frostnet: what is known about DNS servers
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_SERVERS = const(8)  # remembered
_MAX_ASKED = const(4)  # for one question
_PENALTY = const(30000000)  # µs that a server without answer comes last; doubles each time
_MAX_PENALTY = const(480000000)
_NO_EDNS = const(3600000000)  # µs until it is tried with EDNS0 again


class _Server:
    def __init__(self):
        self.failures = 0  # in a row
        self.bad_until = 0
        self.plain_until = 0


class Servers:
    """Remembers which servers answer, and which understand EDNS0 (RFC 6891)."""

    def __init__(self):
        self._known = {}

    def order(self, servers, now):
        """Return `servers` as they should be asked: as listed, those that failed just now last."""
        good = []
        bad = []
        for server in servers[:_MAX_ASKED]:
            known = self._known.get(server)
            (bad if known and known.bad_until > now else good).append(server)
        return good + bad

    def failed(self, server, now):
        """It did not answer, or cannot be reached."""
        known = self._get(server)
        known.bad_until = now + min(_PENALTY << min(known.failures, 8), _MAX_PENALTY)
        known.failures += 1

    def answered(self, server):
        known = self._known.get(server)
        if known:
            known.failures = known.bad_until = 0

    def edns(self, server, now):
        """Return whether to ask it with EDNS0."""
        known = self._known.get(server)
        return known is None or known.plain_until <= now

    def no_edns(self, server, now):
        """It does not understand EDNS0."""
        self._get(server).plain_until = now + _NO_EDNS

    def _get(self, server):
        known = self._known.get(server)
        if known is None:
            if len(self._known) >= _SERVERS:
                self._known.pop(next(iter(self._known)))
            self._known[server] = known = _Server()
        return known
