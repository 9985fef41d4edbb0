# Frostnet: net.iperf: one test, as both sides run it, and what it prints
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from iperf import report, states
from iperf.counts import Interval, Ledger, add_up
from iperf.errors import STREAM_CLOSED, IperfError
from iperf.pace import Pace
from iperf.results import Result
from net._iperf_link import NEVER
from net._iperf_streams import (
    BLOCK,
    TCPReceiver,
    TCPSender,
    UDPReceiver,
    UDPSender,
)

_LATE = const(300000)  # µs without any of the data that are still to come
_ENOMEM = const(12)

CONNECTED = "[%3d] local %s port %d connected to %s port %d"
_FIRST_NAME = const(5)  # iperf3 names a stream after its file descriptor: 5, 7, 9


class Test:
    """Moves the data of a test and reports. What takes time is a generator, which yields the time
    by which it is to be resumed; it is always run under the lock.

    `sending`: we are the sender. `intervals` has what was reported, of all streams together;
    `totals` an Interval of the whole test for each stream, when it is over.
    """

    def __init__(self, rt, control, sending, interval, say):
        self.rt = rt
        self.control = control
        self.session = control.session
        self.sending = sending
        self.say = say
        self.streams = []
        self.budget = None
        self.intervals = []
        self.totals = []
        self.interrupted = False  # by Ctrl-C
        self._interval = int(interval * 1000000)
        self._ledgers = []
        self._reported = 0  # when
        self._report_at = NEVER
        self._omit_until = NEVER

    def add_tcp(self, conn):
        """Add a stream on a connection."""
        if not self.streams:
            self._block = memoryview(bytearray(BLOCK))
        if self.sending:
            asked = self.session.parameters
            stream = TCPSender(conn, asked, Pace(asked.rate), self.budget, self._block)
        else:
            stream = TCPReceiver(conn, self._block)
        self.streams.append(stream)

    def add_udp(self, port, peer):
        """Add a stream of datagrams between `port` and `peer`, (address, port)."""
        asked = self.session.parameters
        if self.sending:
            stream = UDPSender(port, peer, asked, Pace(asked.rate), self.budget, self.rt.clock)
        else:
            stream = UDPReceiver(port, peer, asked.wide)
        self.streams.append(stream)

    def start(self, now):
        """The test begins."""
        omit = self.session.parameters.omit
        self._omit_until = now + omit * 1000000 if omit else NEVER
        for stream in self.streams:
            if self.sending:
                stream.pace.start(now)
            self._ledgers.append(Ledger(stream, now))
        self._begin(now)

    # Count from here.
    def _begin(self, now):
        self._reported = now
        if self._interval:
            self._report_at = now + self._interval

    def bytes(self):
        """Return how many bytes the streams have moved."""
        return sum([stream.bytes for stream in self.streams])

    def measured(self):
        """The test ends: return the Results of all streams. For the session."""
        now = self.rt.clock()
        if not self.sending:
            self._step(now)  # what came before the end has come
        self.totals = [ledger.total(now) for ledger in self._ledgers]
        return [result_of(it) for it in self.totals]

    def reach(self, state, attend=None):
        """Wait until the session is in `state`, which it does not leave by itself. IperfError."""
        session = self.session
        while True:
            now = self.rt.clock()
            self.control.pump(now)
            if session.over:
                raise session.error
            if session.state == state:
                return
            due = attend(now) if attend else NEVER
            yield min(session.deadline, due)

    def run(self, check):
        """Move data while the test runs. `check(now)` is called now and then; it may end the test,
        and returns when it is to be called again. Ctrl-C ends the run, not the test."""
        self.say(report.title(self.session.parameters.udp, self.sending))
        try:
            yield from self._run(check)
        except KeyboardInterrupt:
            self.interrupted = True
            self.say("^C")
        self._report(True)

    def catch_up(self, attend):
        """The client has sent all it was to send: wait for what is still on its way."""
        session = self.session
        moved = -1
        due = 0
        while not self.sending and self.bytes() < session.parameters.bytes:
            now = self.rt.clock()
            self._step(now)
            self.control.pump(now)
            if self.bytes() > moved:
                moved = self.bytes()
                due = now + _LATE
            if session.over or now >= due:
                return
            yield min(due, attend(now))

    def finish(self, attend=None):
        """Go on until the session is over; what still comes is read."""
        session = self.session
        while True:
            now = self.rt.clock()
            due = attend(now) if attend else NEVER
            if not self.sending:
                self._step(now)
            self.control.pump(now)
            if session.over:
                return
            yield min(session.deadline or NEVER, due)

    def close(self):
        """Give the streams back."""
        for stream in self.streams:
            stream.close()

    def _run(self, check):
        session = self.session
        control = self.control
        clock = self.rt.clock
        while True:
            now = clock()
            if not control.quiet():
                control.pump(now)
            if session.over or session.state != states.TEST_RUNNING:
                return
            if now >= self._report_at or now >= self._omit_until:
                self._report()
            wake = self._step(now)
            due = check(now)
            if due < wake:
                wake = due
            if self._report_at < wake:
                wake = self._report_at
            if self._omit_until < wake:
                wake = self._omit_until
            if session.output:  # it has just ended
                wake = now
            yield wake

    def _step(self, now):
        wake = NEVER
        try:
            for stream in self.streams:
                when = stream.step(now)
                if when < wake:
                    wake = when
        except OSError as e:
            self._broken(IperfError(STREAM_CLOSED, errno=e.errno))
        except MemoryError:
            self._broken(IperfError(STREAM_CLOSED, "there is not enough memory", errno=_ENOMEM))
        return wake

    # When the test is over the streams may end as they like.
    def _broken(self, error):
        if self.session.state == states.TEST_RUNNING:
            self.session.fail(error)

    def _report(self, last=False):
        now = self.rt.clock()
        ledgers = self._ledgers
        # A last line only for what is worth one
        short = last and self.intervals and now - self._reported < self._interval // 10
        if self._interval and not short:
            parts = [ledger.interval(now) for ledger in ledgers]
            for it in parts:
                it.omitted = self._omit_until < NEVER
            self._print(parts)
        self._reported = now
        while self._report_at <= now:
            self._report_at += self._interval
        if now >= self._omit_until:
            self._omit_until = NEVER
            for ledger in ledgers:
                ledger.begin(now)
            self._begin(now)

    def _print(self, parts):
        whole = parts[0] if len(parts) == 1 else add_up(parts)
        if len(parts) > 1 and self.intervals:
            self.say(report.RULE)
        self.intervals.append(whole)
        for index, it in enumerate(parts):
            self.say(report.line(name(index), it))
        if len(parts) > 1:
            self.say(report.line("SUM", whole))


def name(index):
    """Return what a stream is called in the report."""
    return _FIRST_NAME + 2 * index


def result_of(it):
    """Return the Result to tell the peer for an Interval."""
    retransmits = -1 if it.retransmits is None else it.retransmits
    return Result(it.bytes, it.end, retransmits, it.packets or 0, it.lost or 0, it.jitter or 0)


def interval_of(result, sender, udp):
    """Return the Interval that a peer's Result tells of; `sender`: it has sent."""
    retransmits = result.retransmits if sender and result.retransmits >= 0 else None
    packets = result.packets if udp else None
    lost = (0 if sender else result.lost) if udp else None
    it = Interval(0.0, result.seconds, (result.bytes, retransmits, packets, lost, None))
    it.jitter = (0.0 if sender else result.jitter) if udp else None
    return it
