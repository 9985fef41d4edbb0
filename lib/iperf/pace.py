# Frostnet: how fast a stream of iperf may send, and how much all of them
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_UNLIMITED = const(1 << 61)


class Pace:
    """`rate` bits per second on the average since `start()`, 0: no limit. `due` is when the next
    block may leave."""

    def __init__(self, rate):
        self._rate = rate
        self._sent = 0
        self.start(0)

    def start(self, now):
        self._begin = self.due = now

    def sent(self, n):
        """`n` bytes have left."""
        if self._rate:
            self._sent += n
            self.due = self._begin + self._sent * 8000000 // self._rate


class Budget:
    """What the streams of a test may still send together: `left` bytes; 0 to begin with means
    that there is no limit."""

    def __init__(self, left):
        self.left = left or _UNLIMITED
