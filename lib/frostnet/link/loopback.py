# Frostnet: the loopback device
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.counters import Counters
from frostnet.link.device import FrameByFrame

_SLOTS = const(16)
_MTU = const(1500)


class Loopback(FrameByFrame):
    """Frame device that receives what it sends. A full ring has no transmit buffer."""

    def __init__(self):
        self.mac = bytes(6)
        self.mtu = _MTU
        self.carrier = True
        self.frame = None
        self.waiting = 0  # frames to be received
        self.counters = Counters(("rx_frames", "rx_bytes", "tx_frames", "tx_bytes", "tx_full"))
        self._slots = None  # memoryviews; most stacks never talk to themselves
        self._lengths = [0] * _SLOTS
        self._head = 0  # next slot to receive from
        self._tail = 0  # next slot to send in
        self._held = False  # slot before `_head` is still in use as `frame`

    def rx(self):
        head = self._head
        self._held = False
        if not self.waiting:
            return 0
        self.waiting -= 1
        slot = head % _SLOTS
        self.frame = self._slots[slot]
        self._head = head + 1
        self._held = True
        n = self._lengths[slot]
        self.counters.rx_frames += 1
        self.counters.rx_bytes += n
        return n

    def tx(self):
        if self.waiting + self._held >= _SLOTS:
            self.counters.tx_full += 1
            return None
        if self._slots is None:
            self._slots = [memoryview(bytearray(14 + _MTU)) for _ in range(_SLOTS)]
        return self._slots[self._tail % _SLOTS]

    def send(self, n):
        self._lengths[self._tail % _SLOTS] = n
        self._tail += 1
        self.waiting += 1
        self.counters.tx_frames += 1
        self.counters.tx_bytes += n

    def flush(self):
        self._held = False

    def arm(self):
        return self.waiting > 0
