# Frostnet: congestion control: slow start, congestion avoidance, NewReno
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 5681 and 6582, in bytes, with appropriate byte counting (RFC 3465). A connection's `cc` has
# `cwnd` and the methods below; who detects a loss and resends is tcp/recovery.py.

from micropython import const

_INITIAL = const(10)  # segments, RFC 6928
_MAX = const(1 << 20)  # bytes; far above what a window can use


class NewReno:
    # What a short connection never changes stays here.
    ssthresh = _MAX
    recovering = False
    _acked = 0

    def __init__(self, mss, una, lost):
        self.mss = mss
        # RFC 6928 §2, and RFC 5681 §3.1 when the SYN was lost.
        initial = _INITIAL * mss
        if initial > 14600:
            initial = 14600 if mss < 7300 else 2 * mss
        self.cwnd = mss if lost else initial
        self.recover = una  # highest number sent when the last loss was found

    def on_ack(self, n, acks):
        """`n` new bytes were acknowledged outside recovery, by `acks` ACKs."""
        cwnd = self.cwnd
        mss = self.mss
        if cwnd < self.ssthresh:
            most = 2 * mss * acks
            cwnd += n if n < most else most
        else:
            self._acked += n
            if self._acked < cwnd:
                return
            self._acked -= cwnd
            if self._acked > cwnd:
                self._acked = 0
            cwnd += mss
        self.cwnd = cwnd if cwnd < _MAX else _MAX

    def on_loss(self, flight, snd_max):
        """Three duplicate ACKs, with `flight` bytes outstanding: RFC 6582 §3.2 step 2."""
        self._reduce(flight, snd_max)
        self.cwnd = self.ssthresh + 3 * self.mss
        self.recovering = True

    def on_dupack(self):
        """One more segment left the network during recovery, step 3."""
        cwnd = self.cwnd + self.mss
        self.cwnd = cwnd if cwnd < _MAX else _MAX

    def on_partial_ack(self, n):
        """`n` bytes were acknowledged, but not all of what was lost: step 3, partial."""
        cwnd = self.cwnd - n
        if n >= self.mss:
            cwnd += self.mss
        self.cwnd = cwnd if cwnd > self.mss else self.mss

    def on_recovered(self, flight):
        """All that was outstanding at the loss is acknowledged: step 3, full."""
        self.recovering = False
        self._acked = 0
        mss = self.mss
        cwnd = (flight if flight > mss else mss) + mss
        self.cwnd = cwnd if cwnd < self.ssthresh else self.ssthresh

    def on_timeout(self, flight, snd_max, again):
        """The retransmission timer ran out, RFC 5681 §3.1; `again`: for the same data."""
        if not again:
            self._reduce(flight, snd_max)
        self.recover = snd_max
        self.cwnd = self.mss
        self.recovering = False

    def _reduce(self, flight, snd_max):
        least = 2 * self.mss
        self.ssthresh = flight >> 1 if flight >> 1 > least else least
        self.recover = snd_max
        self._acked = 0
