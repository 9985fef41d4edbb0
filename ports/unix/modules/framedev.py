# Frostnet: frame devices of the unix port: TAP, and Ethernet frames in UDP or UNIX datagrams
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import os

import _port
from micropython import const

from frostnet.counters import Counters
from frostnet.link.device import FrameByFrame

_ETH = const(14)
_VLAN = const(4)
_MTU = const(1500)
_BUDGET = const(64)  # frames thrown away in one rx()

_EAGAIN = const(11)
_EBUSY = const(16)
_EMFILE = const(24)
_ENOBUFS = const(105)
_EADDRNOTAVAIL = const(99)
_ECONNREFUSED = const(111)

_FORMS = "tap:NAME, udp:LOCAL_IP:PORT:REMOTE_IP:PORT or unix:LOCAL_PATH:REMOTE_PATH"

_COUNTERS = (
    "rx_frames",
    "rx_bytes",
    "rx_drop_long",  # longer than the MTU allows
    "tx_frames",
    "tx_bytes",
    "tx_full",  # tx() had no buffer to lend
    "tx_drop_peer",  # nobody there to take it, or the interface is down
)


class FrameDevice(FrameByFrame):
    """Frame device (docs/architecture.md) on an open file descriptor of `_port`.

    `mac` is the stack's own address, by default a random, locally administered one.
    """

    def __init__(self, fd, mac=None, mtu=_MTU):
        self.mac = mac or b"\x02" + os.urandom(5)
        self.mtu = mtu
        self.counters = Counters(_COUNTERS)
        self.frame = memoryview(bytearray(_ETH + _VLAN + mtu))
        self._fd = fd
        self.carrier = fd >= 0
        self._irq = None
        self._ahead = 0  # length of a frame that arm() found
        self._buf = memoryview(bytearray(_ETH + mtu))
        self._waiting = 0  # length of a frame that the kernel had no room for

    def rx(self):
        n = self._ahead
        if n:
            self._ahead = 0
        else:
            n = self._read()
        if n:
            counters = self.counters
            counters.rx_frames += 1
            counters.rx_bytes += n
        return n

    def tx(self):
        if self._waiting and not self._write(self._waiting):
            self.counters.tx_full += 1
            return None
        return self._buf

    def send(self, n):
        self._write(n)

    def flush(self):
        if self._waiting:
            self._write(self._waiting)

    def attach(self, callback):
        self._irq = _port.IRQ(self._fd, callback)

    def arm(self):
        if not self._ahead:
            self._ahead = self._read()
        if self._ahead:
            return True
        if self._irq:
            self._irq.enable()
        return False

    def stop(self):
        """Close the descriptor; nothing is received or sent any more."""
        if self._fd >= 0:
            _port.close(self._fd)
            self._fd = -1
            self.carrier = False
        self._ahead = self._waiting = 0

    # Length of the next frame, now in `frame`; 0 if there is none.
    def _read(self):
        fd = self._fd
        if fd < 0:
            return 0
        for _ in range(_BUDGET):
            n = _port.read(fd, self.frame)
            if n > 0:
                return n
            if n == -1:
                break
            # An empty datagram is no frame either.
            self.counters.rx_drop_long += n == -2
        return 0

    # False if the kernel has no room: the frame stays in the buffer for another try.
    def _write(self, n):
        self._waiting = 0
        if self._fd < 0:
            return True
        result = _port.write(self._fd, self._buf, n)
        if result == -_ECONNREFUSED:
            # A connected UDP socket says so once, about an earlier frame.
            result = _port.write(self._fd, self._buf, n)
        counters = self.counters
        if result >= 0:
            counters.tx_frames += 1
            counters.tx_bytes += n
        elif result == -_EAGAIN or result == -_ENOBUFS:
            self._waiting = n
            return False
        else:
            counters.tx_drop_peer += 1
        return True


def open(spec, mac=None, mtu=_MTU):
    """The frame device that `spec` names, "tap:frost0" or one of the other forms.

    ValueError if there is no such form, OSError with one sentence if it cannot be opened.
    """
    kind, _, rest = spec.partition(":")
    part = rest.split(":")
    try:
        if kind == "tap" and len(part) == 1 and part[0]:
            fd = _port.open_tap(part[0])
        elif kind == "udp" and len(part) == 4:
            fd = _port.open_udp(part[0], int(part[1]), part[2], int(part[3]))
        elif kind == "unix" and len(part) == 2 and part[0] and part[1]:
            fd = _port.open_unix(part[0], part[1])
        else:
            raise ValueError
    except ValueError:
        raise ValueError("%s is not a link: use %s" % (spec, _FORMS))
    except OSError as e:
        raise OSError(e.errno, "%s: %s" % (spec, _reason(kind, part, e.errno)))
    return FrameDevice(fd, mac, mtu)


def _reason(kind, part, number):
    if number == _EMFILE:
        return "too many links are open"
    if kind == "tap":
        if number == errno.ENOENT:
            return "there is no /dev/net/tun; load the kernel's tun module"
        if number in (errno.EPERM, errno.EACCES):
            return (
                "not allowed; run as root, or let root make it yours: "
                "ip tuntap add %s mode tap user NAME" % part[0]
            )
        if number == _EBUSY:
            return "another program has it open"
        if number == errno.EINVAL:
            return "that name is too long, or it is no TAP interface"
    if kind == "udp":
        if number == errno.EADDRINUSE:
            return "port %s is taken; end the program that has it or use another" % part[1]
        if number == _EADDRNOTAVAIL:
            return "%s is not an address of this machine" % part[0]
        if number == errno.EINVAL:
            return "an address must be like 127.0.0.1, a port from 0 to 65535"
    if kind == "unix":
        if number == errno.EADDRINUSE:
            return "%s exists already; remove it or use another path" % part[0]
        if number == errno.ENOENT:
            return "there is no such folder"
        if number in (errno.EPERM, errno.EACCES):
            return "not allowed to write there"
        if number == errno.EINVAL:
            return "the path is too long"
    return "cannot be opened (error %d)" % number
