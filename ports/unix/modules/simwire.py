# Frostnet: virtual wire: carries frames between its ports in virtual time, with faults
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
from heapq import heappop, heappush

from micropython import const

from frostnet.counters import Counters
from simport import Port, Rng

_ETH = const(14)
_ADDRESSES = const(12)  # bytes of a frame that are never corrupted
_HEADERS = const(54)  # Ethernet, IP and TCP: where half of all corruptions are
_RUN = const(15)  # longest run of wrong bits that the Internet checksum is sure to find

_COUNTERS = (
    "frames",
    "filtered",
    "lost",
    "corrupted",
    "duplicated",
    "reordered",
    "too_long",  # for the wire's MTU
    "overflowed",  # the queue before a slow line was full
    "damaged_ip",  # corrupted frames that arrived: IP datagrams, and all others
    "damaged_other",
)


class Wire:
    """Carries frames between its ports, as a switch does, with the faults it was told to make.

    `delay` and `jitter` are µs per frame; `loss`, `dup`, `reorder` and `corrupt` are
    probabilities; a reordered frame comes `late` µs after its turn. `rate` is the bytes per second
    of the line to each port (0: no limit), `queue` the bytes that may wait before it. `burst` is
    (p, q, loss), a Gilbert-Elliott channel for each sender: p and q are the chances to become bad
    before a frame, and good again; a bad channel loses with its own probability. Frames with more
    than `mtu` bytes of payload disappear. All chance comes from `seed`.

    `filter(frame, src_port)` sees every frame first and answers with None (lost), a frame, or a
    list of frames.
    """

    def __init__(
        self, seed=1, delay=0, jitter=0, loss=0, dup=0, reorder=0, corrupt=0, late=2000,
        rate=0, queue=1 << 30, burst=None, mtu=65535,
    ):  # fmt: skip
        self.rng = Rng(seed)
        self.now = 0
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.dup = dup
        self.reorder = reorder
        self.corrupt = corrupt
        self.late = late
        self.rate = rate
        self.queue = queue
        self.burst = burst
        self.mtu = mtu
        self.filter = None
        self.ports = []
        self.counters = Counters(_COUNTERS)
        self._bad = set()  # senders whose channel is bad now
        self._free = {}  # {port: when the line to it has sent all that was queued}
        self._events = []  # heap of (when, sequence, frame, source, destination or None, damage)
        self._seq = 0
        self._pcap = None

    def port(self, mac, mtu=1500):
        """A new frame device on this wire."""
        return self.attach(Port(mac, mtu, self))

    def attach(self, port):
        """Take another kind of port, which was made for this wire."""
        self.ports.append(port)
        return port

    def carry(self, frame, src):
        """Take `frame` from `src` at `self.now`; it arrives at the other ports later."""
        self.counters.frames += 1
        try:
            out = self.filter(frame, src) if self.filter else frame
        except AssertionError:
            self._record(frame)  # what a filter does not bear is the last frame of the capture
            raise
        if not out:
            self.counters.filtered += 1
        elif isinstance(out, (list, tuple)):
            for f in out:
                self._impair(f, src)
        else:
            self._impair(out, src)

    def next(self):
        """Time at which the next frame arrives, or None."""
        return self._events[0][0] if self._events else None

    def advance(self, now):
        """Deliver what arrives up to `now`."""
        while self._events and self._events[0][0] <= now:
            self.now, _, frame, src, dst, damage = heappop(self._events)
            for port in (dst,) if dst else self._receivers(frame, src):
                if port.inject(frame) and damage:
                    self.counters.count(damage)
        self.now = now

    def pcap(self, path):
        """Write every frame that is carried from here on to `path`."""
        self._pcap = open(path, "wb")
        self._pcap.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))

    def close(self):
        """Finish the capture file."""
        if self._pcap:
            self._pcap.close()
            self._pcap = None

    def _impair(self, frame, src):
        rng = self.rng
        counters = self.counters
        if len(frame) > _ETH + self.mtu:
            counters.too_long += 1
            return
        loss = self.loss
        if self.burst:
            p, q, bad_loss = self.burst
            if src in self._bad:
                if rng.chance(q):
                    self._bad.discard(src)
            elif rng.chance(p):
                self._bad.add(src)
            if src in self._bad:
                loss = bad_loss
        if rng.chance(loss):
            counters.lost += 1
            return
        damage = None
        if rng.chance(self.corrupt):
            counters.corrupted += 1
            damage = "damaged_ip" if frame[12:14] == b"\x08\x00" else "damaged_other"
            frame = self._corrupted(frame)
        self._send(frame, src, damage)
        if rng.chance(self.dup):
            counters.duplicated += 1
            self._send(frame, src, damage)

    # Half of the faults are in the headers, the rest anywhere: one wrong bit, or a run of bits of
    # which the first and the last are wrong. The addresses stay: a frame for another station would
    # only look like a loss.
    def _corrupted(self, frame):
        rng = self.rng
        size = len(frame)
        if size > _HEADERS and rng.chance(0.5):
            size = _HEADERS
        begin = _ADDRESSES if size > _ADDRESSES else 0
        bits = (size - begin) * 8
        first = rng.below(bits)
        length = 1 + rng.below(_RUN) if rng.chance(0.25) else 1
        wrong = rng.below(1 << length) | 1 | 1 << (length - 1)
        bad = bytearray(frame)
        for i in range(length):
            at = first + i
            if wrong >> i & 1 and at < bits:
                bad[begin + (at >> 3)] ^= 0x80 >> (at & 7)
        return bytes(bad)

    def _send(self, frame, src, damage):
        # At least 1 µs: an arrival is an event of its own, and no exchange takes no time.
        wait = self.delay or 1
        if self.jitter:
            wait += self.rng.below(self.jitter)
        if self.rng.chance(self.reorder):
            self.counters.reordered += 1
            wait += self.late
        self._record(frame)
        if not self.rate:
            self._schedule(self.now + wait, frame, src, None, damage)
            return
        # Every port has a line of its own, with a queue before it.
        rate = self.rate
        for dst in self._receivers(frame, src):
            free = max(self._free.get(dst, 0), self.now)
            if (free - self.now) * rate // 1000000 + len(frame) > self.queue:
                self.counters.overflowed += 1
                continue
            self._free[dst] = free = free + len(frame) * 1000000 // rate
            self._schedule(free + wait, frame, src, dst, damage)

    def _schedule(self, when, frame, src, dst, damage):
        self._seq += 1
        heappush(self._events, (when, self._seq, frame, src, dst, damage))

    def _record(self, frame):
        if not self._pcap:
            return
        sec, us = divmod(self.now, 1000000)
        self._pcap.write(struct.pack("<IIII", sec, us, len(frame), len(frame)))
        self._pcap.write(frame)

    def _receivers(self, frame, src):
        group = frame[0] & 1
        dst = frame[:6]
        return [p for p in self.ports if p is not src and (group or p.promisc or p.mac == dst)]
