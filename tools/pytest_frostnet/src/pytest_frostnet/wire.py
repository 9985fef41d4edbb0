# Frostnet: several boards on one wire
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`Wire` is a network with user networking on it: DHCP, the host at 10.0.2.2, and forwards, for
several boards. It is an emulator without a machine."""

import socket

from . import machine
from .qemu import Qemu

_BUFFER = 1 << 20  # bytes on their way to one board


class Wire:
    """A network with sockets for `count` boards; `capture` is a pcap file for its frames."""

    def __init__(self, count, program=None, capture=None):
        self._theirs = []
        ours = []
        args = ["-netdev", "user,id=u0", "-netdev", "hubport,id=h0,hubid=0,netdev=u0"]
        for number in range(1, count + 1):
            # Datagrams: a board that ends within a frame leaves no half of it behind.
            here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            for sock in (here, there):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            ours.append(here)
            self._theirs.append(there)
            args += ["-netdev", f"socket,id=s{number},fd={here.fileno()}"]
            args += ["-netdev", f"hubport,id=h{number},hubid=0,netdev=s{number}"]
        if capture:
            args += machine.capture(capture, "u0")
        self._qemu = None
        try:
            fds = [sock.fileno() for sock in ours]
            self._qemu = Qemu(args, program=program, machine="none", memory="2M", fds=fds)
        except BaseException:
            self.close()
            raise
        finally:
            for sock in ours:
                sock.close()

    def fds(self, number):
        """What the emulator of board `number` (from 0) has to inherit."""
        return [self._theirs[number].fileno()]

    def netdev(self, number):
        """QEMU's backend n0 for board `number`."""
        return "socket,id=n0,fd=%d" % self._theirs[number].fileno()

    @staticmethod
    def mac(number):
        """A hardware address for board `number`."""
        return "52:54:00:12:34:%02x" % (0x56 + number)

    def forward(self, proto, guest_port, address):
        """A port of 127.0.0.1 that leads to the board with that address."""
        return self._qemu.forward(proto, guest_port, netdev="u0", guest=address)

    def end_capture(self):
        """All that was captured is in the file now."""
        self._qemu.end_capture()

    def log(self):
        return self._qemu.printed()

    def close(self):
        if self._qemu is not None:
            self._qemu.close()
        for sock in self._theirs:
            sock.close()
