# Frostnet: out-of-order reassembly
# MIT license; Copyright (c) 2026 The Frostnet authors

# Data that overtook other data are copied straight to their place in the receive ring; what is
# kept here is only which ranges of sequence numbers are there: sorted, apart from each other,
# and at most RANGES of them. A segment that would make one more is refused, so that neither
# memory nor work per segment can be driven up by a peer that sends single bytes with holes.

from array import array

from micropython import const

RANGES = const(16)


class Reassembly:
    """The ranges [start, end) beyond `rcv_nxt` that have arrived; `count` of them."""

    def __init__(self):
        self.count = 0
        self._ends = None  # start, end, start, end …; made when first needed
        self._recent = []  # the ranges' starts, that of the one that grew last at the end

    def __iter__(self):
        for i in range(0, 2 * self.count, 2):
            yield self._ends[i], self._ends[i + 1]

    def recent(self):
        """Iterate over the ranges, the one that grew last first."""
        for i in range(self.count - 1, -1, -1):
            start = self._recent[i]
            yield start, self._ends[self._at(start) + 1]

    def overlap(self, start, end):
        """Return the first part of [start, end) that has arrived before, or None."""
        for a, b in self:
            if b > start and a < end:
                return max(a, start), min(b, end)
        return None

    def insert(self, start, end):
        """Note [start, end), start < end, as arrived; False if there is no room for the note."""
        ends = self._ends
        if ends is None:
            ends = self._ends = array("q", bytes(16 * RANGES))
        last = 2 * self.count
        # i: first range that is not wholly before the new one. Touching ranges are one.
        i = 0
        while i < last and ends[i + 1] < start:
            i += 2
        # j: first range that is wholly behind it.
        j = i
        while j < last and ends[j] <= end:
            j += 2
        if i == j:
            if self.count == RANGES:
                return False
            for k in range(last - 1, i - 1, -1):
                ends[k + 2] = ends[k]
            ends[i] = start
            ends[i + 1] = end
            self.count += 1
            self._recent.append(start)
            return True
        for k in range(i, j, 2):
            self._recent.remove(ends[k])
        if start < ends[i]:
            ends[i] = start
        self._recent.append(ends[i])
        if end < ends[j - 1]:
            end = ends[j - 1]
        ends[i + 1] = end
        self._remove(i + 2, j)
        return True

    def advance(self, nxt):
        """Return how far the data reach without a hole if they reach to `nxt` already."""
        ends = self._ends
        last = 2 * self.count
        i = 0
        while i < last and ends[i] <= nxt:
            if ends[i + 1] > nxt:
                nxt = ends[i + 1]
            self._recent.remove(ends[i])
            i += 2
        if i:
            self._remove(0, i)
        return nxt

    # Where the range that begins at `start` is.
    def _at(self, start):
        i = 0
        while self._ends[i] != start:
            i += 2
        return i

    # Takes the items i to j out.
    def _remove(self, i, j):
        ends = self._ends
        gap = j - i
        for k in range(j, 2 * self.count):
            ends[k - gap] = ends[k]
        self.count -= gap >> 1
