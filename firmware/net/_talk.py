# Frostnet: a connection that two ends talk on at the same time, for net.nc
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const
from net._error import EAGAIN, explain

_BUFFER = const(8192)
_DATAGRAM = const(65507)
_SHUT_WR = const(1)
_TICK = const(50000)  # µs until the keyboard is asked again, where it does not interrupt


class Given:
    """A `net._data.Data` as a source: `next()` is a piece, `None` at the end."""

    waits = False

    def __init__(self, data):
        self.ended = False
        self._data = data

    def next(self):
        piece = self._data.next()
        self.ended = piece is None
        return piece


class Talk:
    """Moves what `source` gives to `sock`, and what comes to `write(view)`; counts both."""

    def __init__(self, rt, sock, source, write, peer, udp=False):
        sock.settimeout(0)
        self.sent = 0
        self.received = 0
        self._rt = rt
        self._sock = sock
        self._source = source
        self._write = write
        self._peer = peer
        self._udp = udp
        self._buf = memoryview(bytearray(_DATAGRAM if udp else _BUFFER))
        self._out = None  # what is to be sent next
        self._at = 0  # of it that has been sent
        self._shut = False  # the peer was told that nothing follows
        self._eof = False  # nothing more comes

    def take(self, data):
        """This came already."""
        self.received += len(data)
        self._write(data)

    def run(self, timeout):
        """Talk until both sides have ended; or the peer has, and our side is a keyboard; or there
        was silence for `timeout` seconds, `None` for no limit. NetError, or what `write` raises.

        Datagrams have no end: of those, it is when the source has ended; with a `timeout` it goes
        on until there is silence.
        """
        rt = self._rt
        patience = None if timeout is None else int(timeout * 1000000)
        last = rt.clock()
        while True:
            self._fetch()
            if self._over(patience):
                return
            until = None if patience is None else last + patience
            try:
                if self._turn(until):
                    last = rt.clock()
                elif until is not None and rt.clock() >= until:
                    return
            except OSError as e:
                raise explain(e, self._peer)

    def _fetch(self):
        if self._out is None and not self._source.ended:
            self._out = self._source.next()
            self._at = 0

    def _over(self, patience):
        if self._out is not None:
            return False
        source = self._source
        if self._udp:
            return source.ended and (source.waits or patience is None)
        return self._eof and (self._shut or source.waits)

    # Send and receive what can be now: whether anything moved. If not, wait once, until `until`.
    def _turn(self, until):
        rt = self._rt
        n = None
        rt.lock()
        try:
            moved = self._send()
            if not self._eof:
                n = self._receive()
            if n is None and not moved:
                source = self._source
                if source.waits and not source.ended:
                    tick = rt.clock() + _TICK
                    until = tick if until is None or tick < until else until
                rt.wait(until)
                return False
        finally:
            rt.unlock()
        if n:
            self.take(self._buf[:n])
        return True

    def _send(self):
        if self._out is None:
            if self._udp or self._shut or not self._source.ended:
                return False
            self._shut = True
            self._quietly(self._sock.shutdown, _SHUT_WR)
            return True
        view = memoryview(self._out)[self._at :]
        n = self._quietly(self._sock.send, view)
        if n is None:
            return False
        self.sent += n
        self._at += n
        if self._udp or n == len(view):
            self._out = None
        return True

    # A peer that has said all it had to say need not hear us to the end.
    def _quietly(self, fn, arg):
        try:
            return fn(arg)
        except OSError as e:
            if e.errno == EAGAIN:
                return None
            if not self._eof:
                raise
            self._shut = True
            return len(arg) if self._out is not None else None

    # Bytes, None if there are none now.
    def _receive(self):
        try:
            n = self._sock.recv_into(self._buf)
        except OSError as e:
            if e.errno != EAGAIN:
                raise
            return None
        if not n and not self._udp:
            self._eof = True
        return n
