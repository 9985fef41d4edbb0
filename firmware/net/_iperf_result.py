# Frostnet: net.iperf: what a test has found, as data and as its last lines
# MIT license; Copyright (c) 2026 The Frostnet authors

from iperf import report
from iperf.counts import add_up
from net._iperf_test import interval_of, name


class IperfResult:
    """What net.iperf returns: `sent` and `received` bytes (None: that side did not say), `seconds`
    and `rate` (bits per second) as the receiver saw it if it said so, `retransmits`; by UDP
    `packets`, `lost`, `loss` (percent), `jitter` (ms) and `out_of_order`; `intervals`, a list; and
    `error`, why it ended early, or None."""

    def __init__(self, test, peer, error=None):
        asked = test.session.parameters
        self.peer = peer
        self.udp = asked.udp
        self.reverse = asked.reverse
        self.intervals = test.intervals
        self.error = error
        self._mine = test.totals
        self._theirs = None
        theirs = test.session.theirs
        if theirs:
            self._theirs = [interval_of(it, not test.sending, asked.udp) for it in theirs]
        pair = (self._mine, self._theirs)
        self._sent, self._received = pair if test.sending else (pair[1], pair[0])
        sent = add_up(self._sent) if self._sent else None
        received = add_up(self._received) if self._received else None
        self.sent = sent and sent.bytes
        self.received = received and received.bytes
        known = received or sent
        self.seconds = known.end if known else 0.0
        self.rate = known.rate if known else 0.0
        self.retransmits = sent and sent.retransmits
        self.packets = known and known.packets
        self.lost = received and received.lost
        self.loss = received.loss if received and self.udp else None
        self.jitter = received and received.jitter
        self.out_of_order = received and received.out_of_order

    def __repr__(self):
        return "<iperf %s: %s/s>" % (self.peer, report.bits_text(self.rate).strip())

    def lines(self):
        """Return the lines of the summary."""
        sent, received = self._sent, self._received
        retransmits = bool(sent) and sent[0].retransmits is not None
        lines = [report.RULE, report.title(self.udp, self.udp or retransmits, True)]
        for index in range(len(self._mine)):
            lines += _lines(
                name(index),
                sent and sent[index],
                received and received[index],
            )
        if len(self._mine) > 1:
            lines += _lines("SUM", sent and add_up(sent), received and add_up(received))
        return lines


def _lines(label, sent, received):
    lines = []
    if sent:
        sent.cwnd = None
        if sent.packets is not None and sent.lost is None:
            sent.lost = 0
        lines.append(report.line(label, sent, "sender"))
    if received:
        lines.append(report.line(label, received, "receiver"))
        late = report.out_of_order(label, received)
        if late:
            lines.append(late)
    return lines
