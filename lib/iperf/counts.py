# Frostnet: what is counted of the streams of iperf, from one report to the next
# MIT license; Copyright (c) 2026 The Frostnet authors

# What streams count. Only who sends by TCP knows its retransmissions, only who receives
# datagrams what was lost: the others have None.
_FIELDS = ("bytes", "retransmits", "packets", "lost", "out_of_order")


class Interval:
    """What happened from `start` to `end`, in s since the test began: `bytes`; of TCP that is sent
    from here `retransmits` and `cwnd` (bytes); of datagrams `packets`, and where they are received
    `lost`, `out_of_order` and `jitter` (ms). What is not known is None. `omitted`: the test had
    not begun in earnest."""

    cwnd = jitter = None
    omitted = False

    def __init__(self, start, end, counted):
        self.start = start
        self.end = end
        for name, value in zip(_FIELDS, counted):
            setattr(self, name, value)

    @property
    def rate(self):
        """Bits per second."""
        seconds = self.end - self.start
        return self.bytes * 8 / seconds if seconds > 0 else 0.0

    @property
    def loss(self):
        """Percent of the datagrams that were lost."""
        return self.lost * 100 / self.packets if self.packets and self.lost else 0.0

    def __repr__(self):
        return "<%.2f-%.2f s: %d bytes>" % (self.start, self.end, self.bytes)


class Ledger:
    """Reads what a stream counts. It has `bytes`, `retransmits`, `packets`, `lost` and
    `out_of_order` as they grow, `cwnd` and `jitter` as they are; `look()` brings them up to date.
    """

    def __init__(self, stream, now):
        self._stream = stream
        self.begin(now)

    def begin(self, now):
        """The test begins, `now` in µs: forget what was before."""
        self._start = self._last_time = now
        self._first = self._last = self._read()

    def interval(self, now):
        """Return the Interval since the last one."""
        before, since = self._last, self._last_time
        self._last = self._read()
        self._last_time = now
        return self._between(before, self._last, since, now)

    def total(self, now):
        """Return the Interval since the begin."""
        return self._between(self._first, self._read(), self._start, now)

    def _read(self):
        stream = self._stream
        stream.look()
        return [getattr(stream, name) for name in _FIELDS]

    def _between(self, before, after, since, now):
        counted = [a if a is None else a - b for b, a in zip(before, after)]
        start = self._start
        it = Interval((since - start) / 1000000, (now - start) / 1000000, counted)
        it.cwnd = self._stream.cwnd
        it.jitter = self._stream.jitter
        return it


def add_up(intervals):
    """Return what several streams did at one time as one Interval."""
    sums = []
    for name in _FIELDS:
        values = [getattr(it, name) for it in intervals]
        sums.append(None if None in values else sum(values))
    it = Interval(intervals[0].start, intervals[0].end, sums)
    it.omitted = intervals[0].omitted
    if intervals[0].jitter is not None:
        it.jitter = sum([i.jitter for i in intervals]) / len(intervals)
    return it
