# Frostnet: virtual wire: its random source, and the frame devices at its ends
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.counters import Counters
from frostnet.link.device import FrameByFrame

_ETH = const(14)
_STALE = b"\xdb" * 64  # what released buffers are overwritten with, to find who kept one
_TX_ROOM = const(256)  # frames between two flushes
_RX_ROOM = const(4096)  # frames that wait in a port; a real card's ring is smaller
_MASK32 = const(0xFFFFFFFF)
_ONE = const(1 << 32)

_PORT_COUNTERS = (
    "rx_frames",
    "rx_bytes",
    "rx_drop_carrier",  # arrived while unplugged
    "rx_drop_full",
    "rx_drop_long",  # empty, or longer than the MTU allows
    "tx_frames",
    "tx_bytes",
    "tx_drop_carrier",
    "tx_full",  # tx() had no buffer to lend
)


class Rng:
    """Deterministic random source (xorshift, 32 bits): the same seed, the same run."""

    def __init__(self, seed):
        # Spread small seeds, so that seeds 1 and 2 do not begin alike.
        self._s = ((seed * 2654435761) ^ 0x9E3779B9) & _MASK32 or 1
        for _ in range(8):
            self.bits()

    def bits(self):
        """The next 32 random bits as an int."""
        s = self._s
        s ^= s << 13 & _MASK32
        s ^= s >> 17
        s ^= s << 5 & _MASK32
        self._s = s
        return s

    def below(self, n):
        """An int in range(n)."""
        return self.bits() * n >> 32

    def chance(self, p):
        """True with probability p (0.0 to 1.0)."""
        return p > 0 and self.bits() < p * _ONE

    def getrandbits(self, n):
        """An int of n random bits."""
        value = 0
        for _ in range(0, n, 32):
            value = value << 32 | self.bits()
        return value >> (-n & 31)


class Port(FrameByFrame):
    """Frame device of the architecture's table, one end of a `Wire` or on its own.

    On its own it is a bench for one stack: `inject(frame)` is what arrives, `sent` lists what
    the stack sent. Nothing leaves before `flush()`, as on a card that was not notified, and
    buffers are overwritten once they are given back: who keeps one is found out.
    """

    def __init__(self, mac, mtu=1500, wire=None):
        self.mac = bytes(mac)
        self.mtu = mtu
        self.wire = wire
        self.counters = Counters(_PORT_COUNTERS)
        self.sent = None if wire else []  # list of bytes that grows with each frame, or None
        self.promisc = False  # True: also take frames for other stations
        self.stalled = False  # True: the card completes nothing that is sent
        self.tx_room = _TX_ROOM
        self.rx_room = _RX_ROOM
        self.wake = None  # the interrupt: called once when something arrives, until arm()
        self.armed = True
        self.flushes = 0
        self.frame = memoryview(bytearray(_ETH + mtu))
        self._tx = memoryview(bytearray(_ETH + mtu))
        self._rx_queue = []
        self._tx_queue = []
        self._rx_len = 0
        self._carrier = True

    # The frame device interface.

    def rx(self):
        self._release()
        if not self._rx_queue:
            return 0
        frame = self._rx_queue.pop(0)
        n = self._rx_len = len(frame)
        self.frame[:n] = frame
        self.counters.rx_frames += 1
        self.counters.rx_bytes += n
        return n

    def tx(self):
        if len(self._tx_queue) >= self.tx_room:
            self.counters.tx_full += 1
            return None
        return self._tx

    def send(self, n):
        if not 0 < n <= len(self._tx):
            raise ValueError("frame length")
        if len(self._tx_queue) >= self.tx_room:
            raise RuntimeError("send() without a buffer from tx()")
        self._tx_queue.append(bytes(self._tx[:n]))
        _poison(self._tx, n)

    def flush(self):
        self.flushes += 1
        self._release()
        if self.stalled:
            return
        while self._tx_queue:
            frame = self._tx_queue.pop(0)
            self.counters.tx_frames += 1
            self.counters.tx_bytes += len(frame)
            if self.sent is not None:
                self.sent.append(frame)
            if not self._carrier:
                self.counters.tx_drop_carrier += 1
            elif self.wire:
                self.wire.carry(frame, self)

    def attach(self, callback):
        self.wake = lambda: callback(self)

    def enable(self):
        self.armed = True

    def disable(self):
        self.armed = False

    def arm(self):
        self.armed = not self._rx_queue
        return not self.armed

    def stop(self):
        self._carrier = False

    # For tests and for the wire.

    def inject(self, frame):
        """`frame` (bytes) arrives now, whatever wire there is; True if there is room for it."""
        if not self._carrier:
            self.counters.rx_drop_carrier += 1
        elif not 0 < len(frame) <= _ETH + self.mtu:
            self.counters.rx_drop_long += 1
        elif len(self._rx_queue) >= self.rx_room:
            self.counters.rx_drop_full += 1
        else:
            self._rx_queue.append(bytes(frame))
            self._interrupt()
            return True
        return False

    def put(self, frame):
        """Send `frame` by hand: tx, copy, send, flush."""
        self.tx()[: len(frame)] = frame
        self.send(len(frame))
        self.flush()

    def take(self):
        """The next received frame as bytes, or None."""
        n = self.rx()
        return bytes(self.frame[:n]) if n else None

    @property
    def carrier(self):
        return self._carrier

    @carrier.setter
    def carrier(self, up):
        self._carrier = bool(up)
        self._interrupt()

    def _interrupt(self):
        if self.wake and self.armed:
            self.armed = False
            self.wake()

    def _release(self):
        if self._rx_len:
            _poison(self.frame, self._rx_len)
            self._rx_len = 0


def _poison(mv, n):
    for i in range(0, n, 64):
        k = min(64, n - i)
        mv[i : i + k] = _STALE[:k]
