# Frostnet: congestion control: Reno's congestion avoidance
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 5681 §3.1 and §3.2, with appropriate byte counting (RFC 3465 §2.1).

from frostnet.tcp.congestion import Congestion


class NewReno(Congestion):
    name = "newreno"
    _acked = 0

    def _avoid(self, n, now, rtt):
        # A segment more for each window that was acknowledged.
        acked = self._acked + n
        cwnd = self.cwnd
        if acked >= cwnd:
            acked -= cwnd
            self.cwnd = cwnd + self.mss
        self._acked = acked

    def _reduced(self, cwnd, queue):
        self._acked = 0
        return cwnd >> 1
