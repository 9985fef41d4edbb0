# Frostnet: frames that wait to be looked at
# MIT license; Copyright (c) 2026 The Frostnet authors

# Whoever puts frames in is called within the stack, and whoever takes them out may be interrupted
# by that at any place: `_head` and what goes with it is the one's, `taken` the other's, and a slot
# is free when `taken` has passed it. Putting allocates nothing.
#
# Frames lie in one piece of memory each, one behind the other, and begin again at 0 when the end
# is too near:
#
#     [ newer ][ ...free... ][ oldest ][ older ][ ]

from micropython import const

from frostnet.link.device import PARTIAL, SIZE
from frostnet.wire.fast import copy

SLOTS = const(2048)
ROOM = const(524288)  # bytes of frames


class Slots:
    """A bounded queue of frames, of each at most `snaplen` bytes. `dropped` counts those that did
    not fit, `seen` all that came, `taken` those that were given back with free().

    What a device has yet to sum or to cut (link/device.py) is kept in full: it takes all of it to
    make what is on the link.
    """

    def __init__(self, snaplen, slots=SLOTS, room=ROOM):
        self.seen = 0
        self.dropped = 0
        self._snaplen = snaplen
        self._slots = slots
        self._room = room
        self._buf = memoryview(bytearray(room))
        self._head = 0  # slots that were ever filled
        self.taken = 0
        self._next = 0  # where in `_buf` the newest frame ends
        self._offs = [0] * slots
        self._kept = [0] * slots
        self._sizes = [0] * slots
        self._times = [0] * slots
        self._kinds = [0] * slots
        self._offloads = [0] * slots

    def put(self, frame, n, kind, now, offload):
        """Keep the frame `frame[:n]`, n > 0, with the numbers `kind`, `now` and `offload`."""
        self.seen += 1
        keep = n
        if n > self._snaplen and not (offload & PARTIAL or offload >> SIZE):
            keep = self._snaplen
        head = self._head
        tail = self.taken
        at = 0
        if head != tail:
            at = self._next
            start = self._offs[tail % self._slots]
            if at > start:
                if at + keep > self._room:
                    at = 0
            # What is free now ends where the oldest frame begins.
            if head - tail >= self._slots or (at <= start and at + keep > start):
                self.dropped += 1
                return
        if keep > self._room:
            self.dropped += 1
            return
        copy(self._buf, at, frame, 0, keep)
        slot = head % self._slots
        self._offs[slot] = at
        self._kept[slot] = keep
        self._sizes[slot] = n
        self._times[slot] = now
        self._kinds[slot] = kind
        self._offloads[slot] = offload
        self._next = at + keep
        self._head = head + 1  # last: whoever takes out sees a slot that is filled

    def waiting(self):
        """Return how many frames wait."""
        return self._head - self.taken

    def oldest(self):
        """Return (frame, size on the link, kind, now, offload) of the frame that waits longest,
        or `None`. The frame, a memoryview, is valid until `free()`."""
        if self._head == self.taken:
            return None
        slot = self.taken % self._slots
        off = self._offs[slot]
        view = self._buf[off : off + self._kept[slot]]
        return (
            view,
            self._sizes[slot],
            self._kinds[slot],
            self._times[slot],
            self._offloads[slot],
        )

    def free(self):
        """Give the oldest frame's room back."""
        self.taken += 1
