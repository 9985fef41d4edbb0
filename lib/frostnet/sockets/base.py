# Frostnet: what all sockets share: creation, timeouts, options, the stream protocol's frame
# MIT license; Copyright (c) 2026 The Frostnet authors

import io
import struct
from array import array

from micropython import const

from frostnet import runtime
from _port import collecting
from frostnet.sockets import held, names
from frostnet.timers import Timer

AF_INET = const(2)
AF_INET6 = const(10)
AF_PACKET = const(17)

SOCK_STREAM = const(1)
SOCK_DGRAM = const(2)
SOCK_RAW = const(3)

IPPROTO_IP = const(0)
IPPROTO_ICMP = const(1)
IPPROTO_TCP = const(6)
IPPROTO_UDP = const(17)

MSG_PEEK = const(1)
MSG_DONTWAIT = const(2)

# Options are told apart by number alone; levels are not looked at.
SOL_SOCKET = const(1)
SO_REUSEADDR = const(4)
SO_KEEPALIVE = const(8)
_SO_CALLBACK = const(20)  # as on all of MicroPython's lwIP ports
SO_BROADCAST = const(0x20)
TCP_NODELAY = const(0x40)
SO_LINGER = const(0x80)
SO_BINDTODEVICE = const(25)
SO_SNDBUF = const(0x1001)
SO_RCVBUF = const(0x1002)
SO_ERROR = const(0x1007)

_FLAGS = (SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, TCP_NODELAY)

# Requests of the stream protocol (py/stream.h) and their flags.
_POLL = const(3)
_CLOSE = const(4)
_POLL_NVAL = const(0x20)

_RETRY = const(1000)  # µs until a callback is tried again that the scheduler had no room for

_EBADF = const(9)
_EAGAIN = const(11)
_EINVAL = const(22)
_EPROTONOSUPPORT = const(93)
_ENOPROTOOPT = const(92)
_EOPNOTSUPP = const(95)
_ETIMEDOUT = const(110)


def view(buf):
    """memoryview of the bytes of any bytes-like object or str."""
    wide = type(buf) is array or isinstance(buf, memoryview) and getattr(buf, "itemsize", 1) > 1
    if wide:
        buf = bytes(buf)  # its memoryview would count items instead of bytes
    return memoryview(buf)


class socket(io.IOBase):
    """Socket of MicroPython's `socket` module; the kind decides which class is made.

    Subclasses define the transfers. They are named `socket` too: it is one type to programs.
    All of it raises OSError with the usual error numbers, and calls that wait may raise
    KeyboardInterrupt.
    """

    kinds = {}  # family: {type: class}
    load = None  # fn(family, type): the class of a kind that is not there yet
    protocol = None  # IP protocol number, if the kind has only one

    # What most sockets never change stays here.
    _closed = False
    _laddr = _lport = 0
    _flags = 0  # options that are on or off
    _callback = None
    _called = False  # a call of the callback is on its way
    _token = None  # sockets/held.py
    _iface = None  # the interface of SO_BINDTODEVICE

    def __new__(cls, af=AF_INET, type=SOCK_STREAM, proto=0):
        if not (isinstance(af, int) and isinstance(type, int) and isinstance(proto, int)):
            raise TypeError("family, type and proto must be integers")
        try:
            kind = cls.kinds[af][type]
        except KeyError:
            kind = cls.load(af, type)
        number = kind.protocol
        if proto != 0 and proto != number and number is not None:
            raise OSError(_EPROTONOSUPPORT)
        self = object.__new__(kind)
        self._open(runtime.current(), None)
        if number is None:
            self._begin(proto)
        return self

    def _open(self, rt, timeout):
        self._rt = rt
        self._timeout = timeout  # µs; None: for ever, 0: never wait

    def __repr__(self):
        return "<socket %s>" % ("closed" if self._closed else names.text(self._name()))

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, tb):
        self.close()

    # Blocking and time limits.

    def settimeout(self, seconds):
        """Let calls wait `seconds` (int or float), for ever (None) or not at all (0)."""
        if seconds is None:
            self._timeout = None
        elif seconds < 0:
            raise ValueError("timeout must not be negative")
        else:
            us = int(seconds * 1000000)
            self._timeout = us if us or not seconds else 1

    def gettimeout(self):
        us = self._timeout
        return us if us is None else us / 1000000

    def setblocking(self, flag):
        self._timeout = None if flag else 0

    # Time at which a call that begins now gives up; None: never, 0: it must not wait.
    def _until(self, dontwait=0):
        us = self._timeout
        if us == 0 or dontwait:
            # Look at the device first: inside a scheduled callback nobody else does.
            self._rt.poll()
            return 0
        return us if us is None else self._rt.clock() + us

    # Let something happen. Every loop around it looks at its own condition first.
    def _wait(self, until):
        if until is not None:
            self._hurry(until)
        self._rt.wait(until)

    def _hurry(self, until):
        if until == 0:
            raise OSError(_EAGAIN)
        if self._rt.clock() >= until:
            raise OSError(_ETIMEDOUT)

    # Addresses.

    def bind(self, address):
        """Take the local `address`, (host, port); port 0 means a free one."""
        port = names.port_of(address)
        rt = self._rt
        rt.lock()
        try:
            self._check()
            self._bind(names.resolve(rt, address[0]), port)
        finally:
            rt.unlock()

    def getsockname(self):
        self._check()
        return self._name()

    def getpeername(self):
        self._check()
        return self._peer()

    def _check(self):
        if self._closed:
            raise OSError(_EBADF)

    # What only one kind of socket can do.

    def listen(self, backlog=2):
        self._check()
        raise OSError(_EOPNOTSUPP)

    def accept(self):
        self._check()
        raise OSError(_EOPNOTSUPP)

    def shutdown(self, how):
        self._check()
        raise OSError(_EOPNOTSUPP)

    # Options.

    def setsockopt(self, level, option, value):
        """Set an option; `value` is an int, packed bytes, or the function of option 20, or the
        name of an interface ("": any). One that there is not is ignored, with a warning.

        Option 20 names a function that is called with the socket as its argument, soon after a
        connection, data, a datagram or the peer's end has come.
        """
        if option == _SO_CALLBACK:
            if value is not None and not callable(value):
                raise TypeError("callback must be a function or None")
            rt = self._rt
            rt.lock()
            try:
                self._callback = value
                if not self._closed:
                    self._listen_in()
                    self._hold()
            finally:
                rt.unlock()
            return
        self._check()
        rt = self._rt
        rt.lock()
        try:
            if option in _FLAGS:
                on = value if isinstance(value, int) else any(value)
                self._flags = self._flags | option if on else self._flags & ~option
            if option == SO_BINDTODEVICE:
                self._use_iface(names.iface_named(rt.stack, value))
            else:
                self._set(option, value)
        except OSError as e:
            # Programs set what other systems have: as on other boards that is no error.
            if e.errno != _ENOPROTOOPT:
                raise
            if option not in _FLAGS:
                print("Warning: sockets of this kind have no option", option)
        finally:
            rt.unlock()

    def getsockopt(self, level, option, size=0):
        """Value of an option: an int, or packed bytes if `size` is given."""
        self._check()
        rt = self._rt
        rt.lock()
        try:
            if option in _FLAGS:
                value = 1 if self._flags & option else 0
            elif option == SO_BINDTODEVICE:
                return bytes(self._iface.name + "\0", "utf-8") if self._iface else b""
            else:
                value = self._get(option)
        finally:
            rt.unlock()
        return struct.pack("i", value) if size else value

    # What the stack has for this socket is closed when the program forgets the socket.
    def _hold(self):
        token = self._token
        if token:
            self._token = None
            held.release(self._rt, token)
        what = None if self._callback else self._owned()
        if what:
            self._token = held.hold(self._rt, what)

    # The stack says that something new is here. Runs inside poll: only leave a note.
    def _event(self):
        if self._callback and not self._called:
            self._called = True
            if not self._rt.defer(self._call):
                stack = self._rt.stack
                stack.timers.set(Timer(self._again), stack.now + _RETRY)

    # The scheduler had too much to do.
    def _again(self, now):
        self._called = False
        self._event()

    # Events that come before the callback runs share one call. As programs take one thing per
    # call, they are called again while that leaves less, but something.
    def _call(self, _):
        self._called = False
        callback = self._callback
        if callback:
            before = self._waiting()
            callback(self)
            if self._callback and 0 < self._waiting() < before:
                self._event()

    # The stream protocol.

    def ioctl(self, request, arg):
        """What `select.poll` and asyncio ask (py/stream.h)."""
        if request == _POLL:
            if self._closed:
                return _POLL_NVAL
            self._rt.glance()
            return self._poll(arg)
        if request == _CLOSE:
            # In the collector's hands (those of a TLS socket, which it collects too) the token is
            # what counts.
            if not collecting():
                self.close()
            return 0
        return -_EINVAL

    def makefile(self, mode="rb", buffering=0):
        """The socket itself: it is a stream already."""
        return self

    def close(self):
        """Give the socket back; what was sent is still delivered."""
        if self._closed:
            return
        rt = self._rt
        rt.lock()
        try:
            self._closed = True
            if self._callback:
                self._callback = None
            if self._token:
                held.release(rt, self._token)
                self._token = None
            self._close()
        finally:
            rt.unlock()
