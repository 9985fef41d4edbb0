# Frostnet: TCP sockets: connections, state and options
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from micropython import const

from frostnet.sockets import base, held, names, note, tcp_options
from frostnet.tcp.states import CLOSED, ESTABLISHED, SENDING, SYN_SENT

_RD = const(1)
_WR = const(4)
_ERR = const(8)
_HUP = const(0x10)

_EINVAL = const(22)
_EISCONN = const(106)
_ENOTCONN = const(107)
_EALREADY = const(114)
_EINPROGRESS = const(115)

# Room in the send buffer from which on a socket is writable: a program that waits for it should
# not be woken for each acknowledged segment.
_LOW_WATER = const(8192)


class _Reserved:
    """A port that is bound, and nothing more."""

    def __init__(self, *args):
        self._tcp, self._addr, self._port = args

    def close(self):
        self._tcp.unbind(self._addr, self._port)


class TCPSocket(base.socket):
    """All of a TCP socket but its transfers.

    It is fresh, listening (`_listener`) or connected (`_conn`).
    """

    _conn = None
    _listener = None
    _bound = False
    _reserved = False  # its port is, by bind(), and nothing has it yet
    _linger = -1  # seconds that close() waits; 0: it resets the connection, -1: it does neither
    _options = {}  # those that were set; replaced, never changed

    # Connections.

    def _bind(self, ip, port):
        if self._bound or self._conn or self._listener:
            raise OSError(_EINVAL)
        tcp = self._rt.stack.tcp
        try:
            self._lport = tcp.bind(ip, port)
        except OSError as e:
            held.make_room(e)
            self._lport = tcp.bind(ip, port)
        self._laddr = ip
        self._bound = self._reserved = True
        self._hold()

    def connect(self, address):
        """Connect to `address`, (host, port).

        EINPROGRESS if the socket does not wait: it is writable when it is connected, and
        readable with an error when it failed.
        """
        port = names.port_of(address)
        rt = self._rt
        rt.lock()
        try:
            self._check()
            conn = self._conn
            if self._listener:
                raise OSError(_EISCONN)
            if conn is not None:
                if conn.error:
                    error = conn.take_error()
                    note.end(conn)
                    self._conn = None
                    raise OSError(error)
                raise OSError(_EALREADY if conn.state == SYN_SENT else _EISCONN)
            ip = names.resolve(rt, address[0])
            until = 0 if self._timeout == 0 else self._until()
            options = tcp_options.setter(self._options) if self._options else None
            args = ip, port, self._laddr, self._lport, options, self._iface
            try:
                conn = rt.stack.tcp.connect(*args)
            except OSError as e:
                held.make_room(e)
                conn = rt.stack.tcp.connect(*args)
            self._conn = conn
            if self._reserved:
                self._reserved = False
            if self._callback:
                conn.notify = self._event
            else:
                self._hold()
            if until == 0:
                raise OSError(_EINPROGRESS)
            try:
                while CLOSED < conn.state < ESTABLISHED:
                    self._wait(until)
            finally:
                if conn.state == SYN_SENT:
                    conn.abort()  # out of time, or Ctrl-C: a later connect() starts afresh
                    self._conn = None
            if conn.error:
                self._conn = None
                raise OSError(conn.take_error())
        finally:
            rt.unlock()

    def listen(self, backlog=2):
        """Take connections; up to `backlog` wait for accept(), at least one."""
        rt = self._rt
        rt.lock()
        try:
            self._check()
            if self._conn:
                raise OSError(_EISCONN)
            if self._listener:
                self._listener.backlog = max(backlog, 1)
                return
            listener = rt.stack.tcp.listen(self._laddr, self._lport, max(backlog, 1))
            self._lport = listener.lport
            self._listener = listener
            if self._reserved:
                self._reserved = False
            listener.iface = self._iface
            if self._options:
                listener.tune = tcp_options.setter(self._options)
            if self._callback:
                listener.notify = self._event
            else:
                self._hold()
        finally:
            rt.unlock()

    def accept(self):
        """(socket, (address, port)) of the next connection."""
        rt = self._rt
        rt.lock()
        try:
            listener = self._listener
            if listener is None:
                self._check()
                raise OSError(_EINVAL)
            conn = listener.accept()
            if conn is None:
                until = self._until()
                conn = listener.accept()
                while conn is None:
                    self._wait(until)
                    self._check()  # a callback may have closed it
                    conn = listener.accept()
            try:
                child = object.__new__(type(self))
                child._open(rt, self._timeout)
                child._conn = conn
                child._token = held.hold(rt, conn)
            except (MemoryError, OSError):
                conn.abort()
                raise
            if self._flags:
                child._flags = self._flags
            if self._linger >= 0:
                child._linger = self._linger
        finally:
            rt.unlock()
        return child, names.pair(conn.raddr, conn.ports & 0xFFFF)

    def shutdown(self, how):
        """End sending (1, 2); what else comes in is still taken, as the peer may not stop."""
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            if how != 0:
                conn.shutdown()
        finally:
            rt.unlock()

    def _close(self):
        conn = self._conn
        listener = self._listener
        if conn is not None:
            self._conn = None
            if conn.notify is not None:
                note.end(conn)
            if self._linger == 0:
                conn.abort()
            else:
                conn.close()
                if self._linger > 0 and self._timeout != 0:
                    self._await_end(conn)
        elif listener is not None:
            self._listener = None
            note.end(listener)
            listener.close()
        elif self._reserved:
            self._rt.stack.tcp.unbind(self._laddr, self._lport)

    # SO_LINGER: wait until the peer has acknowledged everything, but not for ever. What is left
    # then goes on by itself.
    def _await_end(self, conn):
        rt = self._rt
        until = rt.clock() + self._linger * 1000000
        while conn.unfinished() and rt.clock() < until:
            rt.wait(until)

    # What is closed in the end, if the program does not do it.
    def _owned(self):
        if self._conn or self._listener:
            return self._conn or self._listener
        return _Reserved(self._rt.stack.tcp, self._laddr, self._lport) if self._reserved else None

    def _no_conn(self):
        self._check()
        raise OSError(_ENOTCONN)

    def _name(self):
        conn = self._conn
        if conn is not None:
            return names.pair(conn.laddr, conn.ports >> 16)
        return names.pair(self._laddr, self._lport)

    def _peer(self):
        conn = self._conn or self._no_conn()
        return names.pair(conn.raddr, conn.ports & 0xFFFF)

    # State.

    def _poll(self, want):
        conn = self._conn
        if conn is not None:
            flags = 0
            state = conn.state
            if conn.error:
                flags = _ERR | _HUP
            elif CLOSED < state < ESTABLISHED:
                return 0
            ended = conn.fin or not SENDING[state]  # nothing more to send: no reason to wait
            eof = conn.eof or state == CLOSED
            if ended and eof:
                flags |= _HUP
            if want & _RD and (flags or eof or conn.available()):
                flags |= _RD
            if want & _WR and (ended or eof or conn.room() >= _LOW_WATER):
                flags |= _WR
            return flags
        if self._listener:
            return want & _RD if self._listener.pending() else 0
        return want & _WR | _HUP

    # A poller leaves its Note instead of asking again and again, if there is a place for it.
    def _leave(self, it):
        source = self._conn or self._listener
        if self._closed or source is None or source.notify is not None:
            return False
        source.notify = it
        return True

    def _take_back(self, it):
        source = self._conn or self._listener
        if source and source.notify is it:
            source.notify = None

    # How much there is to take: bytes, or connections.
    def _waiting(self):
        if self._conn:
            return self._conn.available()
        return self._listener.pending() if self._listener else 0

    def _listen_in(self):
        conn = self._conn
        source = conn or self._listener
        if source:
            note.end(source)
            source.notify = self._event if self._callback else None
        if self._waiting() or conn and (conn.eof or conn.error):
            self._event()

    # Options.

    def _use_iface(self, iface):
        if self._conn:
            raise OSError(_EISCONN)
        if self._listener:
            self._listener.iface = iface
        self._iface = iface

    def _set(self, option, value):
        if option == base.SO_LINGER:
            on, seconds = struct.unpack("ii", value)
            self._linger = seconds if on else -1
        elif option != base.SO_REUSEADDR:
            value = tcp_options.checked(option, value)
            self._options = dict(self._options)
            self._options[option] = value
            if self._conn:
                tcp_options.apply(self._conn, option, value)
            elif self._listener:
                self._listener.tune = tcp_options.setter(self._options)

    def _get(self, option):
        conn = self._conn
        if option == base.SO_ERROR:
            return conn.take_error() if conn else 0
        if option == base.SO_LINGER:
            return struct.pack("ii", self._linger >= 0, max(self._linger, 0))
        if conn is not None:
            return tcp_options.value_of(conn, option)
        if option in self._options:
            return self._options[option]
        return tcp_options.default(self._rt.stack.tcp, option)
