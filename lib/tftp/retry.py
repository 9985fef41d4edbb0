# Frostnet: when a TFTP packet is repeated, and when it is given up
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1123 §4.2.3.2: the time-out follows the round trips, with exponential backoff. A repeated
# packet's answer says nothing of the round trip (Karn's algorithm, RFC 6298 §3).

from micropython import const

_FIRST = const(1000000)  # µs
_LEAST = const(500000)
_MOST = const(8000000)
_TRIES = const(6)  # the first one included


class Retry:
    """`deadline` is when expired() is due, None for never."""

    def __init__(self):
        self.deadline = None
        self._rto = _FIRST
        self._fixed = 0
        self._srtt = 0
        self._since = None  # when the packet left whose round trip is measured
        self._tries = 1

    def fix(self, seconds):
        """Both sides agreed on a time-out (RFC 2349)."""
        self._fixed = seconds * 1000000

    def sent(self, now):
        """Something was sent that is answered."""
        self._since = now if self._tries == 1 else None
        self.deadline = now + (self._fixed or self._rto)

    def heard(self, now):
        """The answer came."""
        if self._since is not None:
            rtt = now - self._since
            self._srtt = (7 * self._srtt + rtt) // 8 if self._srtt else rtt
            self._since = None
        if self._srtt:
            self._rto = min(max(4 * self._srtt, _LEAST), _MOST)
        self._tries = 1
        self.deadline = None

    def expired(self):
        """The deadline is over: False if it was for the last time."""
        self.deadline = None
        self._since = None
        self._rto = min(2 * self._rto, _MOST)
        self._tries += 1
        return self._tries <= _TRIES

    def linger(self):
        """How long the last packet's repetition may take to come, in µs."""
        return 2 * (self._fixed or self._rto)
