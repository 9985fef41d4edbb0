# Frostnet: congestion control: what all algorithms share
# MIT license; Copyright (c) 2026 The Frostnet authors

# A connection's `cc` has `cwnd` and the methods below; who finds losses is tcp/recovery.py, and
# during recovery tcp/prr.py has the say. An algorithm says how the window grows in congestion
# avoidance (`_avoid`) and what a loss leaves of it (`_reduced`). All windows are in bytes.

from micropython import const

_INITIAL = const(10)  # segments, RFC 6928
_INITIAL_BYTES = const(14600)
MAX = const(1 << 30)  # bytes; far above what a window can use


class Congestion:
    """Slow start, and what happens around it; `mss` is the payload of a full segment."""

    # What a short connection never changes stays here.
    stretch = 2  # segments that one ACK may let slow start grow by, RFC 3465 §2.2
    ssthresh = MAX
    prior_cwnd = 0  # before the last reduction, for undo(); 0: nothing to undo
    _prior_ssthresh = MAX

    def __init__(self, mss, lost=False):
        self.mss = mss
        # RFC 6928 §2; RFC 5681 §3.1 when the SYN was lost.
        most = 2 * mss
        if most < _INITIAL_BYTES:
            most = _INITIAL_BYTES
        self.cwnd = mss if lost else min(_INITIAL * mss, most)

    def on_ack(self, n, acks, flight, now, rtt):
        """`n` new bytes were acknowledged outside of recovery, by `acks` ACKs.

        `flight` bytes were on their way before; the round trip takes `rtt` µs. A window that is
        not used up says nothing about the network, and does not grow (RFC 7661 §3).
        """
        cwnd = self.cwnd
        mss = self.mss
        if cwnd < self.ssthresh:
            # Slow start with appropriate byte counting; `stretch` is RFC 3465's L.
            if cwnd < flight << 1:
                most = self.stretch * mss * acks
                cwnd += n if n < most else most
                self.cwnd = cwnd if cwnd < MAX else MAX
        elif flight + mss > cwnd:
            self._avoid(n, now, rtt)
        else:
            self._unused(now)

    def on_loss(self, now, queue=True):
        """A loss was found: set `ssthresh`, RFC 5681 §3.2. `queue`: round trips had become longer.

        `cwnd` is for who recovers to set until on_recovered().
        """
        self._reduce(now, queue)

    def on_recovered(self):
        """What was outstanding at the loss is acknowledged."""
        self.cwnd = self.ssthresh

    def on_timeout(self, now, again):
        """The retransmission timer ran out, RFC 5681 §3.1; `again`: that loss was known before."""
        if not again:
            self._reduce(now, True)
        self.cwnd = self.mss

    def undo(self):
        """The loss that was found last was none: be as before (RFC 3522, RFC 4015)."""
        prior = self.prior_cwnd
        if prior:
            self.prior_cwnd = 0
            if self.cwnd < prior:
                self.cwnd = prior
            self.ssthresh = self._prior_ssthresh
            self._restore()

    def on_idle(self, idle, rto):
        """Nothing was sent for `idle` µs: begin anew if that was long (RFC 5681 §4.1).

        The window halves for each time-out that went by, as RFC 2861 has it, down to the restart
        window; ssthresh remembers what the path could take.
        """
        least = _INITIAL * self.mss
        cwnd = self.cwnd
        if cwnd <= least or idle <= rto:
            return
        keep = (cwnd >> 1) + (cwnd >> 2)
        if self.ssthresh < keep:
            self.ssthresh = keep
        while idle > rto and cwnd > least:
            cwnd >>= 1
            idle -= rto
        self.cwnd = cwnd if cwnd > least else least
        self._restart()

    def on_restart(self):
        """What was sent is lost, but not for congestion: slow start to where we were."""
        if self.ssthresh > self.cwnd:
            self.ssthresh = self.cwnd
        self.cwnd = self.mss

    def set_mss(self, mss):
        """Segments are smaller from now on: keep the window, in bytes (RFC 1191 §6.5)."""
        self.mss = mss
        if self.cwnd < mss:
            self.cwnd = mss

    # Of the window rather than of what is outstanding, as RFC 9438 §4.6 allows for a window that
    # does not grow unused: a batch of ACKs leaves little outstanding when the loss is found.
    def _reduce(self, now, queue):
        self.prior_cwnd = self.cwnd
        self._prior_ssthresh = self.ssthresh
        least = 2 * self.mss
        self.ssthresh = max(self._reduced(self.cwnd, queue), least)

    # For algorithms: grow by what `n` acknowledged bytes are worth in congestion avoidance.
    def _avoid(self, n, now, rtt):
        raise NotImplementedError

    # For algorithms: return what a loss leaves of the window `cwnd`.
    def _reduced(self, cwnd, queue):
        raise NotImplementedError

    # For algorithms: the window was not used up.
    def _unused(self, now):
        pass

    # For algorithms: undo _reduced().
    def _restore(self):
        pass

    # For algorithms: congestion avoidance begins anew some day.
    def _restart(self):
        pass
