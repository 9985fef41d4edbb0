# Frostnet: the faults of a bad network, drawn at random
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_BITS = const(30)  # of a random draw
_ONE = const(1 << 30)
_MASK32 = const(0xFFFFFFFF)
_QUEUE_MAX = const(4096)  # frames
_TIME_MAX = const(3600000)  # ms
_RATE_MAX = const(1 << 30)  # kbit/s
_ETH = const(14)
_NS = const(1000000000)


class Faults:
    """What a network does to the frames of one direction.

    `loss`, `duplicate`, `corrupt` and `reorder` are probabilities, 0 to 1. Losses come `burst`
    frames at a time on average (a Gilbert channel: it loses everything while it is bad), or
    independently if that is None. A frame takes `delay_ms`, plus or minus up to `jitter_ms` with
    equal probability; frames stay in order. One that is reordered comes `late_ms` after its turn.
    Before that all wait for a line that carries `rate_kbps` kilobits per second (0: any number).
    At most `queue` frames are on their way. ValueError for what cannot be.
    """

    def __init__(
        self, loss=0, burst=None, delay_ms=0, jitter_ms=0, duplicate=0, corrupt=0, reorder=0,
        late_ms=10, rate_kbps=0, queue=1000,
    ):  # fmt: skip
        for name, p in (
            ("loss", loss), ("duplicate", duplicate), ("corrupt", corrupt), ("reorder", reorder),
        ):  # fmt: skip
            if not 0 <= p <= 1:
                raise ValueError("%s is a probability, 0 to 1: 0.05 is one frame in 20" % name)
        for name, ms in (("delay_ms", delay_ms), ("jitter_ms", jitter_ms), ("late_ms", late_ms)):
            if not 0 <= ms <= _TIME_MAX:
                raise ValueError("%s is a time in milliseconds, 0 to %d" % (name, _TIME_MAX))
        if jitter_ms > delay_ms:
            raise ValueError("jitter_ms is at most delay_ms: nothing arrives before it was sent")
        if rate_kbps and not 1 <= rate_kbps <= _RATE_MAX:
            raise ValueError("rate_kbps is a number of kilobits per second, 0 for no limit")
        if not 1 <= queue <= _QUEUE_MAX:
            raise ValueError("queue is a number of frames, 1 to %d" % _QUEUE_MAX)
        self.loss = loss
        self.burst = burst
        self.delay_ms = delay_ms
        self.jitter_ms = jitter_ms
        self.duplicate = duplicate
        self.corrupt = corrupt
        self.reorder = reorder
        self.late_ms = late_ms
        self.rate_kbps = rate_kbps
        self.queue = int(queue)
        self._loss = int(loss * _ONE)
        self._duplicate = int(duplicate * _ONE)
        self._corrupt = int(corrupt * _ONE)
        self._reorder = int(reorder * _ONE)
        self._delay = int(delay_ms * 1000)
        self._jitter = int(jitter_ms * 1000)
        self._late = int(late_ms * 1000)
        self._rate = int(rate_kbps * 1000)
        self._recover = 0  # chance that a bad channel gets good before a frame
        if burst is not None:
            # A share `loss` of the time bad, `burst` frames each time.
            spoil = 0 if loss == 1 else loss / (burst * (1 - loss)) if burst > 0 else 2
            if burst < 1 or spoil > 1.000001:
                raise ValueError("burst is a number of frames: 1 or more, and more for much loss")
            if loss < 1:
                self._recover = int(_ONE / burst)
                self._loss = int(spoil * _ONE)
        self._bad = False
        self._last = 0  # when the frame before arrives, µs
        self._free = 0  # when the line is free again, in ns: short frames take less than a µs

    def __repr__(self):
        words = []
        for name in ("loss", "duplicate", "corrupt", "reorder"):
            p = getattr(self, name)
            if p:
                words.append("%s %g %%" % (name, p * 100))
                if name == "loss" and self.burst is not None:
                    words[-1] += " in bursts of %g" % self.burst
        if self.delay_ms:
            words.insert(0, "delay %g ms" % self.delay_ms)
            if self.jitter_ms:
                words[0] += " +- %g ms" % self.jitter_ms
        if self.rate_kbps:
            words.append("rate %g kbit/s" % self.rate_kbps)
        return ", ".join(words) or "none"

    def lost(self, rand):
        """Draw whether the next frame is lost; `rand(bits)` returns random ints."""
        if self._recover:
            self._bad = rand(_BITS) >= self._recover if self._bad else rand(_BITS) < self._loss
            return self._bad
        return self._loss and rand(_BITS) < self._loss

    def twice(self, rand):
        """Draw whether it comes twice."""
        return self._duplicate and rand(_BITS) < self._duplicate

    def spoil(self, rand, frame, n):
        """Draw whether the frame is damaged; then one bit of it is wrong now.

        The link's own header stays, and so does ARP, which has no checksum to tell: in a real
        network the link's checksum does.
        """
        if not self._corrupt or rand(_BITS) >= self._corrupt or n <= _ETH:
            return False
        if frame[12] == 0x08 and frame[13] == 0x06:
            return False
        bit = rand(_BITS) * ((n - _ETH) << 3) >> _BITS
        frame[_ETH + (bit >> 3)] ^= 0x80 >> (bit & 7)
        return True

    def late(self, rand):
        """Draw whether others may overtake it."""
        return self._reorder and rand(_BITS) < self._reorder

    def arrival(self, rand, n, now, late):
        """Return when a frame of `n` bytes that is sent now arrives, in µs; `late` as drawn."""
        when = now
        if self._rate:
            free = self._free
            if free < now * 1000:
                free = now * 1000
            self._free = free = free + (n << 3) * _NS // self._rate
            when = -(-free // 1000)
        when += self._delay
        if self._jitter:
            when += (rand(_BITS) * ((self._jitter << 1) + 1) >> _BITS) - self._jitter
        if when < self._last:
            when = self._last
        if late:
            return when + self._late
        self._last = when
        return when

    def follow(self, other):
        """Take the place of `other`: what comes now stays behind what came before."""
        self._last = other._last
        self._free = other._free


class Random:
    """Random numbers that are the same for the same seed (xorshift, 32 bits)."""

    def __init__(self, seed):
        # Neighbouring seeds must not begin alike.
        self._state = (seed * 2654435761 ^ 0x9E3779B9) & _MASK32 or 1
        for _ in range(8):
            self.bits(32)

    def bits(self, n):
        """Return `n` random bits, at most 32, as an int."""
        x = self._state
        x ^= x << 13 & _MASK32
        x ^= x >> 17
        x ^= x << 5 & _MASK32
        self._state = x
        return x >> (32 - n)
