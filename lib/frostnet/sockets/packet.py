# Frostnet: packet sockets: whole frames of an interface
# MIT license; Copyright (c) 2026 The Frostnet authors

# As on Linux: packet(7). An address is (interface, EtherType, whom the frame was for, 1, hardware
# address); a program may leave off what it has no use for.

from micropython import const

from frostnet.packet import Endpoint
from frostnet.sockets import base, datagram, held, names
from frostnet.sockets.base import view

_ALL = const(3)
_ARP = const(0x0806)
_IPV6 = const(0x86DD)

_HATYPE = const(1)  # Ethernet
_ETH = const(14)
_TYPE_MIN = const(0x600)  # what is less is a length

_EAGAIN = const(11)
_EINVAL = const(22)
_ENOPROTOOPT = const(92)
_EOPNOTSUPP = const(95)


class socket(datagram.socket):
    """Packet socket. What is sent and received begins with the Ethernet header."""

    protocol = None  # an EtherType
    _strip = 0  # bytes of a frame that the program does not see

    def _begin(self, proto):
        rt = self._rt
        rt.lock()
        try:
            args = rt.stack, _ethertype(proto)
            try:
                endpoint = Endpoint(*args)
            except OSError as e:
                held.make_room(e)
                endpoint = Endpoint(*args)
            self._attach(endpoint)
        finally:
            rt.unlock()

    def __repr__(self):
        return "<socket %s>" % ("closed" if self._closed else self._name()[0] or "packet")

    def _attach(self, endpoint):
        self._endpoint = endpoint
        self._hold()

    def _bound(self):
        self._check()

    def bind(self, address):
        """Receive through the interface `address[0]` ("": all), frames of type `address[1]`."""
        rt = self._rt
        rt.lock()
        try:
            self._check()
            endpoint = self._endpoint
            proto = address[1] if len(address) > 1 else 0
            endpoint.bind(proto or endpoint.ethertype, names.iface_named(rt.stack, address[0]))
        finally:
            rt.unlock()

    def connect(self, address):
        self._check()
        raise OSError(_EOPNOTSUPP)

    def _peer(self):
        raise OSError(_EOPNOTSUPP)

    def _name(self):
        endpoint = self._endpoint
        iface = endpoint.iface
        if iface is None:
            return "", endpoint.ethertype, 0, 0, b""
        return iface.name, endpoint.ethertype, 0, _HATYPE, iface.mac

    # Receiving.

    # (frame, address) of the next frame.
    def _take(self, flags):
        rt = self._rt
        rt.enter()
        try:
            endpoint = self._next(flags)
            frame = endpoint.take(flags & base.MSG_PEEK)
            iface = endpoint.ifaces()[endpoint.sport]
            ethertype = frame[12] << 8 | frame[13]
            return frame, (iface.name, ethertype, endpoint.src, _HATYPE, frame[6:12])
        finally:
            rt.release()

    def recvfrom(self, size, flags=0):
        """(frame, address) of the next frame; what is beyond `size` is lost."""
        frame, address = self._take(flags)
        return frame[self._strip : self._strip + max(size, 0)], address

    def recv(self, size, flags=0):
        return self.recvfrom(size, flags)[0]

    def recvfrom_into(self, buf, nbytes=0, flags=0):
        size = len(buf)
        data, address = self.recvfrom(min(nbytes, size) if nbytes > 0 else size, flags)
        buf[: len(data)] = data
        return len(data), address

    def recv_into(self, buf, nbytes=0, flags=0):
        return self.recvfrom_into(buf, nbytes, flags)[0]

    def readinto(self, buf, nbytes=-1):
        data = self.read(len(buf) if nbytes < 0 else min(nbytes, len(buf)))
        if data is None:
            return None
        buf[: len(data)] = data
        return len(data)

    def read(self, size=-1):
        try:
            return self.recv(size if size >= 0 else 1 << 30)
        except OSError as e:
            if e.errno != _EAGAIN:
                raise
            return None

    readline = read

    # Sending.

    def sendto(self, buf, address):
        """Send a frame through the interface `address[0]`; bytes."""
        rt = self._rt
        rt.lock()
        try:
            self._check()
            return self._put(buf, names.iface_named(rt.stack, address[0]), address)
        finally:
            rt.unlock()

    def send(self, buf, flags=0):
        """Send a frame through the interface that the socket is bound to; bytes."""
        rt = self._rt
        rt.lock()
        try:
            self._check()
            return self._put(buf, self._endpoint.iface, ())
        finally:
            rt.unlock()

    def _put(self, buf, iface, address):
        buf = view(buf)
        head = self._header(address)
        until = self._until()
        while not self._endpoint.send(iface, buf, *head):
            self._wait(until)
            self._check()
        return len(buf)

    # Hardware address and EtherType of a frame to be made; nothing if the program makes it.
    def _header(self, address):
        return ()

    # Options.

    def _use_iface(self, iface):
        self._endpoint.bind(self._endpoint.ethertype, iface)
        self._iface = iface

    def _set(self, option, value):
        if option != base.SO_REUSEADDR:
            raise OSError(_ENOPROTOOPT)

    def _get(self, option):
        if option == base.SO_ERROR:
            return 0
        raise OSError(_ENOPROTOOPT)


_raw = socket


class socket(_raw):
    """Packet socket without Ethernet headers: they are made, and taken off."""

    _strip = _ETH

    def _header(self, address):
        if len(address) < 5 or len(address[4]) != 6:
            raise OSError(_EINVAL)
        return bytes(address[4]), address[1] or self._endpoint.ethertype


cooked = socket
socket = _raw


# The EtherType that a constructor's argument means. Linux has it in network order, as of
# htons(ETH_P_IP), which many programs forget; no type that is in use leaves a doubt.
def _ethertype(proto):
    if not 0 <= proto <= 0xFFFF:
        raise OSError(_EINVAL)
    swapped = proto >> 8 | (proto & 0xFF) << 8
    if proto < _TYPE_MIN <= swapped and proto != _ALL or swapped in (_ALL, _ARP, _IPV6):
        return swapped
    return proto
