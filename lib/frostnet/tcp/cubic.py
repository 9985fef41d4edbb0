# Frostnet: congestion control: CUBIC
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9438 in integers: windows in bytes, times in ms inside of the cubic function. The window
# grows with the time since the last loss along C (t - K)^3 + w_max: fast at first, hardly near
# w_max where the loss was, fast again beyond it.

from micropython import const

from frostnet.tcp.congestion import Congestion

# §4.6: beta = 0.7; §5.1: C = 0.4; §4.3: alpha = 3 (1 - beta) / (1 + beta) = 9/17.
_LATE = const(60000)  # ms; further from K than this the window is as large as it will ever be


class Cubic(Congestion):
    name = "cubic"

    w_max = 0  # window at the last reduction, less for fast convergence; 0: there was none
    k = 0  # ms from the begin of the epoch until w_max is reached
    _epoch = 0  # µs; when this congestion avoidance began, 0: it did not
    _origin = 0  # window that the cubic function has its plateau at
    _w_est = 0  # what Reno would have
    _credit = _est_credit = 0  # fractions of bytes that are still to be added
    _cwnd_prior = 0  # window before the last reduction
    _last = 0  # when the window was looked at
    _before = None  # what _reduced() changed

    def _avoid(self, n, now, rtt):
        cwnd = self.cwnd
        mss = self.mss
        if not self._epoch:
            self._begin(now)
        self._last = now
        t = (now - self._epoch) // 1000
        # §4.3: Reno's window in the same situation; as fast as Reno itself beyond where it was.
        est = self._est_credit + n * mss * (9 if self._w_est < self._cwnd_prior else 17)
        w_est = self._w_est
        w_est += est // (17 * cwnd)
        self._est_credit = est % (17 * cwnd)
        self._w_est = w_est
        if self.window(t) < w_est:
            if w_est > cwnd:
                self.cwnd = w_est
            return
        # §4.4 and §4.5: reach in one round trip what the function says for then.
        target = self.window(t + rtt // 1000)
        most = cwnd + (cwnd >> 1)
        if target > most:
            target = most
        if target > cwnd:
            credit = self._credit + (target - cwnd) * n
            self.cwnd = cwnd + credit // cwnd
            self._credit = credit % cwnd

    def window(self, t):
        """Return W_cubic, figure 1 of §4.2, in bytes, `t` ms after the epoch began."""
        d = t - self.k
        if d > _LATE:
            d = _LATE
        elif d < -_LATE:
            d = -_LATE
        # C mss d^3, d in seconds; divided early so that small ints stay small.
        return self._origin + d * d * d // 1000 * (4 * self.mss) // 10000000

    # Begins an epoch, §4.2: after a loss towards w_max, else (§4.8, and slow start that ended
    # without a loss) from where we are.
    def _begin(self, now):
        cwnd = self.cwnd
        self._epoch = now
        self._w_est = cwnd
        self._credit = self._est_credit = 0
        if cwnd < self.w_max:
            self._origin = self.w_max
            # K = cbrt((w_max - cwnd) / C): in segments and seconds there, in bytes and ms here.
            self.k = cube_root((self.w_max - cwnd) * 2500000000 // self.mss)
        else:
            self._origin = cwnd
            self.k = 0

    # §4.6, and §4.7: fast convergence makes room for others if the last window was not reached.
    # That is for a loss that a queue was too short for. If no queue had built up, the loss is the
    # link's own, and the answer TCP Veno's: four fifths, and on as Reno (docs/tcp.md).
    def _reduced(self, cwnd, queue):
        self._before = (self.w_max, self.k, self._epoch, self._origin, self._w_est)
        self._epoch = 0
        if not queue:
            self.w_max = cwnd
            self._cwnd_prior = 0
            return cwnd * 4 // 5
        self.w_max = cwnd * 17 // 20 if cwnd < self.w_max else cwnd
        self._cwnd_prior = cwnd
        return cwnd * 7 // 10

    def on_timeout(self, now, again):
        Congestion.on_timeout(self, now, again)
        # §4.8: the next epoch starts from where slow start ends.
        self.w_max = 0
        self._epoch = 0

    # §4.9: a spurious reduction.
    def _restore(self):
        self.w_max, self.k, self._epoch, self._origin, self._w_est = self._before

    # §5.8: time in which the window was not used does not count.
    def _unused(self, now):
        if self._epoch:
            self._epoch += now - self._last
            self._last = now

    def _restart(self):
        self._epoch = 0


def cube_root(n):
    """Return the largest int whose cube is not above `n`, n >= 0."""
    root = 0
    bit = 1 << 20
    while bit:
        trial = root | bit
        if trial * trial * trial <= n:
            root = trial
        bit >>= 1
    return root
