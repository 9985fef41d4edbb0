# Frostnet: UDP sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.sockets import base, held, multicast, names
from frostnet.sockets.base import view

_RD = const(1)
_WR = const(4)
_ERR = const(8)

_MSG_PEEK = const(1)
_MSG_DONTWAIT = const(2)

_EAGAIN = const(11)
_EINVAL = const(22)
_ENOPROTOOPT = const(92)
_ENOTCONN = const(107)


class _Both:
    """An endpoint, if there is one, and the groups that its socket joined."""

    def __init__(self, endpoint, options):
        self._endpoint = endpoint
        self._options = options

    def close(self):
        if self._endpoint:
            self._endpoint.close()
        self._options.close()


class socket(base.socket):
    """Datagram socket. It has an endpoint as soon as it is bound, connected or has sent."""

    protocol = base.IPPROTO_UDP
    _options = None  # IPOptions, once one of them was set

    def _open(self, rt, timeout):
        super()._open(rt, timeout)
        self._endpoint = None
        # Sender of the last datagram: its address, for the program and for us.
        self._from = None
        self._from_ip = -1
        self._from_port = -1

    def _bind(self, ip, port):
        if self._endpoint:
            raise OSError(_EINVAL)
        self._attach(self._new_endpoint(ip, port))

    def connect(self, address):
        """Send to `address` by default, and receive from there only."""
        port = names.port_of(address)
        rt = self._rt
        rt.lock()
        try:
            self._check()
            ip = names.resolve(rt, address[0])
            (self._endpoint or self._bound()).connect(ip, port)
        finally:
            rt.unlock()

    # The endpoint of a socket that nobody bound: any address, a free port.
    def _bound(self):
        self._check()
        self._attach(self._new_endpoint(0, 0))
        return self._endpoint

    def _new_endpoint(self, ip, port):
        udp = self._rt.stack.udp
        args = ip, port, self._iface, bool(self._flags & base.SO_REUSEADDR)
        try:
            return udp.open(*args)
        except OSError as e:
            held.make_room(e)
            return udp.open(*args)

    def _attach(self, endpoint):
        self._endpoint = endpoint
        endpoint.broadcast = bool(self._flags & base.SO_BROADCAST)
        if self._options:
            endpoint.set_options(self._options)
        self._listen_in()
        self._hold()

    # What is closed in the end, if the program does not do it.
    def _owned(self):
        if self._options:
            return _Both(self._endpoint, self._options)
        return self._endpoint

    def _close(self):
        if self._endpoint:
            self._endpoint.close()
            self._endpoint = None
        if self._options:
            self._options.close()

    def _name(self):
        endpoint = self._endpoint
        return names.pair(endpoint.laddr(), endpoint.port) if endpoint else names.pair(0, 0)

    def _peer(self):
        endpoint = self._endpoint
        if not endpoint or not endpoint.raddr:
            raise OSError(_ENOTCONN)
        return names.pair(endpoint.raddr, endpoint.rport)

    # Receiving.

    # Wait for a datagram; False if none is here and none is waited for.
    def _readable(self, endpoint, until):
        rest = self._rt.rest
        while not endpoint.queue[0]:
            if endpoint.error:
                raise OSError(endpoint.take_error())
            if until is not None:
                if until == 0:
                    return False
                self._hurry(until)
            rest(until)
            if self._closed:
                self._check()
        return True

    def _next(self, flags):
        endpoint = self._endpoint
        if endpoint is None:
            endpoint = self._bound()
        if not endpoint.queue[0]:
            until = self._timeout
            if until is not None or flags:
                until = self._until(flags & _MSG_DONTWAIT)
            if not self._readable(endpoint, until):
                raise OSError(_EAGAIN)
        return endpoint

    # Address of who sent the datagram just taken; it is often the one before.
    def _sender(self, endpoint):
        if endpoint.src != self._from_ip or endpoint.sport != self._from_port:
            self._from = names.pair(endpoint.src, endpoint.sport)
            self._from_ip = endpoint.src
            self._from_port = endpoint.sport
        return self._from

    def recvfrom(self, size, flags=0):
        """(data, (address, port)) of the next datagram; what is beyond `size` is lost."""
        rt = self._rt
        rt.enter()
        try:
            endpoint = self._endpoint
            if endpoint is None or not endpoint.queue[0]:
                endpoint = self._next(flags)
            data = endpoint.take(flags & _MSG_PEEK)
            sender = self._from
            if endpoint.src != self._from_ip or endpoint.sport != self._from_port:
                sender = self._sender(endpoint)
        finally:
            rt.release()
        if len(data) > size:
            data = data[: max(size, 0)]
        return data, sender

    def recv(self, size, flags=0):
        """The next datagram's data; what is beyond `size` is lost."""
        rt = self._rt
        rt.enter()
        try:
            data = self._next(flags).take(flags & _MSG_PEEK)
        finally:
            rt.release()
        return data if len(data) <= size else data[: max(size, 0)]

    def recv_into(self, buf, nbytes=0, flags=0):
        """Receive the next datagram into `buf`; bytes. What does not fit is lost."""
        if 0 < nbytes < len(buf):
            buf = memoryview(buf)[:nbytes]
        rt = self._rt
        rt.enter()
        try:
            return self._next(flags).recv_into(buf, flags & _MSG_PEEK)
        finally:
            rt.release()

    def recvfrom_into(self, buf, nbytes=0, flags=0):
        """(bytes, (address, port)) as recv_into()."""
        if 0 < nbytes < len(buf):
            buf = memoryview(buf)[:nbytes]
        rt = self._rt
        rt.enter()
        try:
            endpoint = self._next(flags)
            n = endpoint.recv_into(buf, flags & _MSG_PEEK)
            return n, self._sender(endpoint)
        finally:
            rt.release()

    def readinto(self, buf, nbytes=-1):
        """One datagram into `buf`; bytes, None if it would wait."""
        if 0 <= nbytes < len(buf):
            buf = memoryview(buf)[:nbytes]
        rt = self._rt
        rt.enter()
        try:
            endpoint = self._endpoint
            if endpoint is None:
                endpoint = self._bound()
            if not endpoint.queue[0] and not self._readable(endpoint, self._until()):
                return None
            return endpoint.recv_into(buf)
        finally:
            rt.release()

    def read(self, size=-1):
        """One datagram's data, None if it would wait."""
        rt = self._rt
        rt.enter()
        try:
            endpoint = self._endpoint
            if endpoint is None:
                endpoint = self._bound()
            if not endpoint.queue[0] and not self._readable(endpoint, self._until()):
                return None
            data = endpoint.take()
        finally:
            rt.release()
        return data if size < 0 or len(data) <= size else data[:size]

    readline = read

    # Sending.

    def sendto(self, buf, address):
        """Send `buf` as one datagram to `address`, (host, port); bytes."""
        rt = self._rt
        rt.lock()
        try:
            if address is self._from:  # an answer: who asked is known already
                return self._send(buf, self._from_ip, self._from_port, 0)
            port = names.port_of(address)
            return self._send(buf, names.resolve(rt, address[0]), port, 0)
        finally:
            rt.unlock()

    def send(self, buf, flags=0):
        """Send `buf` as one datagram to the connected peer; bytes."""
        rt = self._rt
        rt.lock()
        try:
            return self._send(buf, 0, 0, flags & _MSG_DONTWAIT)
        finally:
            rt.unlock()

    def write(self, buf, off=None, nbytes=None):
        """send(), with the arguments of a stream."""
        buf = view(buf)
        if nbytes is None:
            nbytes = off
        elif off:
            buf = buf[off:] if off > 0 else buf[:0]
        # A negative number is no limit, as for streams in C.
        if nbytes is not None and nbytes >= 0:
            buf = buf[:nbytes]
        return self.send(buf)

    def sendall(self, buf, flags=0):
        raise NotImplementedError

    def _send(self, buf, ip, port, dontwait):
        if type(buf) is not bytes:
            buf = view(buf)
        endpoint = self._endpoint
        if endpoint is None:
            endpoint = self._bound()
        if endpoint.error:
            raise OSError(endpoint.take_error())
        if not endpoint.send(buf, ip, port):
            until = self._until(dontwait)
            while not endpoint.send(buf, ip, port):
                self._wait(until)
                if self._closed:
                    self._check()
        return len(buf)

    # State.

    def _poll(self, want):
        endpoint = self._endpoint
        if not endpoint:
            return want & _WR
        flags = want & _WR
        if endpoint.error:
            flags |= _ERR | want & _RD
        elif want & _RD and endpoint.available():
            flags |= _RD
        return flags

    def _waiting(self):
        return self._endpoint.available() if self._endpoint else 0

    # Option 20: have the endpoint tell us of datagrams, which it does not do by itself.
    def _listen_in(self):
        endpoint = self._endpoint
        if endpoint:
            endpoint.handler = self._deliver if self._callback else None
            if endpoint.available():
                self._event()

    def _use_iface(self, iface):
        if self._endpoint:
            self._endpoint.set_iface(iface)
        self._iface = iface

    def _set(self, option, value):
        endpoint = self._endpoint
        if option in multicast.OPTIONS:
            if not self._options:
                self._options = multicast.IPOptions(self._rt.stack.ip)
                self._hold()
            self._options.set(option, value)
        elif option not in (base.SO_REUSEADDR, base.SO_BROADCAST):
            raise OSError(_ENOPROTOOPT)
        if endpoint:
            endpoint.broadcast = bool(self._flags & base.SO_BROADCAST)
            endpoint.set_options(self._options)  # paths are found again

    def _get(self, option):
        if option == base.SO_ERROR:
            return self._endpoint.take_error() if self._endpoint else 0
        if option in multicast.OPTIONS:
            options = self._options or multicast.IPOptions(self._rt.stack.ip)
            return options.get(option)
        raise OSError(_ENOPROTOOPT)

    def _deliver(self, iface, buf, off, end, src, sport):
        self._endpoint.deliver(self._rt.stack.counters, buf, off, end, src, sport)
        self._event()
