# Frostnet: packet endpoints: the frames of interfaces, for programs
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import EINVAL, EMSGSIZE, ENETDOWN, ENODEV
from frostnet.ip.unloaded import frames
from frostnet.link import tap
from frostnet.mailbox import Mailbox
from frostnet.wire import ethernet

ALL = const(3)  # instead of an EtherType: frames of all types, and those that we send

_ETH = const(14)

# Whom a frame was for.
HOST = const(0)
BROADCAST = const(1)
MULTICAST = const(2)
OTHERHOST = const(3)
OUTGOING = const(4)

COUNTERS = ("packet_rx", "packet_tx", "packet_drop_queue")


class Endpoint(Mailbox):
    """Gets a copy of every frame of an EtherType (ALL: any, 0: none) that an interface receives,
    or all interfaces if `iface` is None. `src` of a frame says whom it was for, `sport` is the
    interface's index in `ifaces()`.

    OSError(ENOBUFS) if an interface has too many taps.
    """

    def __init__(self, stack, ethertype=0, iface=None):
        super().__init__()
        self.stack = stack
        self.handler = None  # fn(iface, buf, off, end, src, sport) instead of the queue
        self.error = 0
        self.ethertype = 0
        self.iface = None
        self._ears = []
        self._sending = False
        stack.counters.register(COUNTERS)
        self.bind(ethertype, iface)

    def ifaces(self):
        """Return a list of all interfaces."""
        return self.stack.ifaces + [self.stack.lo]

    def bind(self, ethertype, iface):
        """Receive frames of this type through this interface (None: all)."""
        self.close()
        self.ethertype = ethertype
        self.iface = iface
        if not ethertype:
            return
        try:
            for index, each in enumerate(self.ifaces()):
                if iface is None or each is iface:
                    ear = _Ear(self, each, index)
                    tap.attach(each, ear.hear)
                    self._ears.append(ear)
        except OSError:
            self.close()
            raise

    def close(self):
        """Receive nothing more; what waits is lost."""
        for ear in self._ears:
            tap.detach(ear.iface, ear.hear)
        self._ears = []
        self.clear()

    def take_error(self):
        return 0

    def send(self, iface, buf, dst=None, ethertype=0):
        """Send the frame `buf` through `iface`; or, if there is a `dst`, the payload `buf` of one
        to that hardware address.

        Returns False if the device has no room now. OSError: EINVAL if it is no frame, EMSGSIZE,
        ENETDOWN while the interface is down, ENODEV without one.
        """
        if iface is None:
            raise OSError(ENODEV)
        if not iface.up:
            raise OSError(ENETDOWN)
        head = ethernet.header(dst, iface.mac, ethertype) if dst is not None else b""
        n = len(head) + len(buf)
        if n < _ETH:
            raise OSError(EINVAL)
        if n > _ETH + iface.mtu:
            raise OSError(EMSGSIZE)
        out = iface.dev.tx()
        if out is None:
            return False
        out[: len(head)] = head
        out[len(head) : n] = buf
        self._sending = True
        try:
            iface.dev.send(n)
        finally:
            self._sending = False
        self.stack.counters.packet_tx += 1
        return True

    def hear(self, iface, index, frame, n, out, offload):
        """A frame on its way through `iface`."""
        if n < _ETH or out and self._sending:
            return
        if self.ethertype != ALL:
            if out or frame[12] << 8 | frame[13] != self.ethertype:
                return
        kind = OUTGOING if out else _kind(frame, iface.mac)
        counters = self.stack.counters
        for piece in frames(frame, n, offload):
            counters.packet_rx += 1
            if self.handler is not None:
                self.handler(iface, piece, 0, len(piece), kind, index)
            else:
                self.deliver(counters, piece, 0, len(piece), kind, index)

    def dropped(self, counters):
        counters.packet_drop_queue += 1


# What an endpoint has at each interface.
class _Ear:
    def __init__(self, endpoint, iface, index):
        self.iface = iface
        self._index = index
        self._endpoint = endpoint

    def hear(self, frame, n, out, now, offload):
        self._endpoint.hear(self.iface, self._index, frame, n, out, offload)


def _kind(frame, mac):
    if not frame[0] & 1:
        return HOST if frame[:6] == mac else OTHERHOST
    return BROADCAST if frame[:6] == ethernet.BROADCAST else MULTICAST
