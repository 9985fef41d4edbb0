# Frostnet: what is on its way: when it was sent, and what became of it
# MIT license; Copyright (c) 2026 The Frostnet authors

# The sequence numbers from snd_una to snd_max as a list of ranges, each with the time when it was
# sent and flags. What one call of output() sends is one range; most connections never have more
# than a few. SACK blocks, losses and retransmissions split ranges and set flags: this is the
# scoreboard of RFC 6675 and the segment times of RFC 8985 in one. It is bounded: what would be a
# range too many is joined to another or, if a peer's SACK block asks for it, ignored (it may,
# RFC 2018 §8: a SACK is advice), so no peer can drive up memory or the work for an ACK.

from micropython import const

SACKED = const(1)  # the peer has it
LOST = const(2)  # taken for lost
RESENT = const(4)  # and sent again, at the range's time
ALL = const(7)
TIME = const(3)  # a stamp is time << TIME | flags

RANGES = const(128)
_SACK_RANGES = const(96)  # as many can SACK blocks make: the rest is for retransmissions
_POOL = const(16)

_pool = []


def take():
    """Return an empty Flight."""
    return _pool.pop() if _pool else Flight()


def give(flight):
    """Take back a Flight that nobody uses any more."""
    if len(_pool) < _POOL:
        flight.clear()
        _pool.append(flight)


def finish(flight):
    """All of `flight`, in which nothing is SACKed or lost, arrived: return its last stamp, and
    take it back.
    """
    flight.starts.clear()
    stamps = flight.stamps
    stamp = stamps[-1]
    stamps.clear()
    if len(_pool) < _POOL:
        _pool.append(flight)
    return stamp


class Flight:
    """Range i is from starts[i] to starts[i + 1], the last one to `end`; stamps[i] goes with it.

    `sacked`, `lost` and `resent` count the bytes that are SACKED, LOST, and both LOST and RESENT;
    what is SACKED is nothing else.
    """

    def __init__(self):
        self.starts = []
        self.stamps = []
        self.clear()

    def clear(self):
        """Forget everything."""
        self.starts.clear()
        self.stamps.clear()
        self.end = 0
        self.sacked = self.lost = self.resent = 0

    def __len__(self):
        return len(self.starts)

    def pipe(self):
        """Return how many bytes are in the network, RFC 6675 §4."""
        if not self.starts:
            return 0
        return self.end - self.starts[0] - self.sacked - self.lost + self.resent

    def add(self, start, end, now, tick):
        """[start, end) was sent; `start` is where the last range ends. What was sent less than
        `tick` µs before is not told apart from it.
        """
        self.end = end
        stamps = self.stamps
        if stamps:
            last = stamps[-1]
            if not last & ALL and (now - (last >> TIME) <= tick or len(stamps) >= RANGES):
                return
        self.starts.append(start)
        stamps.append(now << TIME)

    def ack(self, una):
        """Everything before `una` arrived; return the stamp of the range with the last of it.

        0 if that was before all ranges.
        """
        starts = self.starts
        stamps = self.stamps
        if self.sacked or self.lost:
            self._uncount(una)
        n = len(starts)
        if una >= self.end:
            stamp = stamps[-1] if n else 0
            self.clear()
            return stamp
        i = 0
        while i < n and starts[i] < una:
            i += 1
        if not i:
            return 0
        i -= 1
        if i:
            del starts[:i]
            del stamps[:i]
        starts[0] = una
        return stamps.pop(0) if self._empty(una) else stamps[0]

    def look(self, una, see):
        """`see`, as that of sack(), learns of what is before `una` and was not SACKed."""
        starts = self.starts
        stamps = self.stamps
        for i in range(len(starts)):
            if starts[i] >= una:
                return
            if not stamps[i] & SACKED:
                end = self.end_of(i)
                see(end if end < una else una, stamps[i])

    # The first range may end at `una`: then it is gone.
    def _empty(self, una):
        starts = self.starts
        if len(starts) > 1 and starts[1] == una:
            starts.pop(0)
            return True
        return False

    # Takes what is before `una` out of the sums.
    def _uncount(self, una):
        starts = self.starts
        stamps = self.stamps
        for i in range(len(starts)):
            start = starts[i]
            if start >= una:
                return
            end = self.end_of(i)
            self._count(stamps[i], start - (end if end < una else una))

    # Adds `n` bytes, which may be negative, to the sums that the flags say.
    def _count(self, stamp, n):
        if stamp & SACKED:
            self.sacked += n
        elif stamp & LOST:
            self.lost += n
            if stamp & RESENT:
                self.resent += n

    def end_of(self, i):
        """Return where range i ends."""
        i += 1
        return self.starts[i] if i < len(self.starts) else self.end

    def split(self, at, most=RANGES):
        """Return the index of the range that begins at `at`, after making one if need be.

        -1 if `at` is no place in the flight, or there would be more than `most` ranges.
        """
        starts = self.starts
        low = 0
        high = len(starts)
        while low < high:
            mid = (low + high) >> 1
            if starts[mid] < at:
                low = mid + 1
            else:
                high = mid
        if low < len(starts) and starts[low] == at:
            return low
        if not low or at >= self.end or len(starts) >= most:
            return -1
        starts.insert(low, at)
        self.stamps.insert(low, self.stamps[low - 1])
        return low

    def set(self, i, stamp):
        """Give range i another stamp, and count what that changes."""
        n = self.end_of(i) - self.starts[i]
        self._count(self.stamps[i], -n)
        self.stamps[i] = stamp
        self._count(stamp, n)

    def join(self, i, j):
        """Make one of neighbours with the same stamp among the ranges i to j, and those beside."""
        starts = self.starts
        stamps = self.stamps
        if j >= len(starts):
            j = len(starts) - 1
        while j > 0 and j >= i:
            if stamps[j] == stamps[j - 1]:
                starts.pop(j)
                stamps.pop(j)
            j -= 1

    def sack(self, start, end, see):
        """The peer says that it has [start, end), within the flight; return how much is news.

        `see(end, stamp)` learns of each range, as it was before, that has arrived by now.
        """
        i = self._begin(start)
        stamps = self.stamps
        news = 0
        first = i
        while i >= 0 and i < len(stamps) and self.starts[i] < end:
            stamp = stamps[i]
            if not stamp & SACKED:
                edge = self.end_of(i)
                if edge > end:
                    if self.split(end, _SACK_RANGES) < 0:
                        break
                    edge = end
                news += edge - self.starts[i]
                see(edge, stamp)
                self.set(i, SACKED)
            i += 1
        if news:
            self.join(first, i)
        return news

    # Returns the first range that is wholly behind `start`, which is made to begin there.
    def _begin(self, start):
        starts = self.starts
        i = self.split(start, _SACK_RANGES)
        if i >= 0:
            return i
        # No room for another range: of what is there, those behind.
        for i in range(len(starts)):
            if starts[i] >= start:
                return i
        return -1

    def next_lost(self):
        """Return the index of the first range that is lost and was not sent again, or -1."""
        if self.lost > self.resent:
            stamps = self.stamps
            for i in range(len(stamps)):
                if stamps[i] & ALL == LOST:
                    return i
        return -1

    def any_resent(self):
        """Return whether something on its way was sent again, whatever became of it."""
        for stamp in self.stamps:
            if stamp & RESENT:
                return True
        return False

    def sent_again(self, i, n, now):
        """The first `n` bytes of range i, which is lost, were sent again."""
        starts = self.starts
        if n < self.end_of(i) - starts[i]:
            # Without room for one more range all of it counts as sent: a time-out will tell.
            self.split(starts[i] + n)
        self.set(i, now << TIME | LOST | RESENT)
        self.join(i, i)

    def lose(self, i):
        """Take range i for lost, or lost once more."""
        stamp = self.stamps[i]
        self.set(i, stamp & ~ALL | LOST)

    def lose_all(self):
        """Take everything that the peer did not say it has for lost."""
        stamps = self.stamps
        for i in range(len(stamps)):
            stamp = stamps[i]
            if not stamp & SACKED:
                stamps[i] = stamp & ~ALL | LOST
        self.lost = self.end - self.starts[0] - self.sacked if stamps else 0
        self.resent = 0
        self.join(1, len(stamps))

    def find_all(self):
        """What was taken for lost is on its way after all; RESENT stays, without being counted."""
        stamps = self.stamps
        for i in range(len(stamps)):
            stamps[i] &= ~LOST
        self.lost = self.resent = 0

    def forget_sacks(self):
        """The peer does not have what it said (RFC 2018 §8)."""
        stamps = self.stamps
        for i in range(len(stamps)):
            if stamps[i] & SACKED:
                stamps[i] = LOST
                self.lost += self.end_of(i) - self.starts[i]
        self.sacked = 0
