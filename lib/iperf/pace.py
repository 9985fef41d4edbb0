# Frostnet: how fast a stream of iperf may send, and how much all of them
# MIT license; Copyright (c) 2026 The Frostnet authors


class Pace:
    """`rate` bits per second on the average since `now`, 0: no limit. `due` is when the next block
    may leave."""

    def __init__(self, rate, now):
        self._rate = rate
        self._begin = now
        self._sent = 0
        self.due = now

    def sent(self, n):
        """`n` bytes have left."""
        if self._rate:
            self._sent += n
            self.due = self._begin + self._sent * 8000000 // self._rate


class Budget:
    """What streams that share it may send: `left` bytes."""

    def __init__(self, left):
        self.left = left
