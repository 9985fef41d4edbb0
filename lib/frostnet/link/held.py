# Frostnet: frames that are held until their time
# MIT license; Copyright (c) 2026 The Frostnet authors

from heapq import heappop, heappush


class Held:
    """Frames of up to `size` bytes, each with the time at which it goes on; those of equal times
    in the order in which they came.

    A buffer is lent by `buffer()`, kept by `put()`, and comes back with `give_back()`: there are
    never more than were held at one time.
    """

    def __init__(self, size):
        self.size = size
        self._heap = []  # (when, serial, length, buffer)
        self._spare = []
        self._serial = 0

    def __len__(self):
        return len(self._heap)

    def buffer(self):
        """Return a free buffer, a memoryview, or None if there is no memory for one more."""
        if not self._spare:
            try:
                self._spare.append(memoryview(bytearray(self.size)))
            except MemoryError:
                return None
        return self._spare[-1]

    def put(self, n, when):
        """Hold the first `n` bytes of the buffer that buffer() lent until `when`."""
        self._serial += 1
        heappush(self._heap, (when, self._serial, n, self._spare[-1]))
        self._spare.pop()

    def soonest(self):
        """Return when the next frame goes on, or None."""
        return self._heap[0][0] if self._heap else None

    def take(self):
        """Take out the frame that goes on next: (length, buffer), which is for give_back()."""
        return heappop(self._heap)[2:]

    def give_back(self, buf):
        """The buffer is free again."""
        self._spare.append(buf)

    def hurry(self, now):
        """Let all frames go on at `now`, in the order in which they would have."""
        frames = []
        while self._heap:
            frames.append(heappop(self._heap))
        for _, _, n, buf in frames:
            self._serial += 1
            self._heap.append((now, self._serial, n, buf))  # sorted: a heap
