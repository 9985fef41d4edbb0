# Frostnet: a token bucket, for messages that nobody may make us send without limit
# MIT license; Copyright (c) 2026 The Frostnet authors


class TokenBucket:
    """Allows `burst` events at once, and on average one per `interval` µs (RFC 1812 §4.3.2.8).

    An event costs no token, one or two, at random: who counts the answers that he gets himself
    does not learn what others were sent.
    """

    def __init__(self, rand, burst, interval):
        self._rand = rand
        self._burst = burst
        self._interval = interval
        self._tokens = burst
        self._refilled = 0  # when

    def take(self, now):
        """Say whether an event is allowed at time `now`, and count it if it is."""
        earned = (now - self._refilled) // self._interval
        if earned > 0:
            self._tokens = min(self._burst, self._tokens + earned)
            self._refilled += earned * self._interval
        if self._tokens <= 0:
            return False
        self._tokens -= (0, 1, 1, 2)[self._rand(2)]
        return True
