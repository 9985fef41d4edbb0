# Frostnet: TCP sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from micropython import const

from frostnet.sockets import base, names
from frostnet.sockets.base import view
from frostnet.tcp.states import CLOSED, ESTABLISHED, SENDING, SYN_SENT

_RD = const(1)
_WR = const(4)
_ERR = const(8)
_HUP = const(0x10)

_MSG_PEEK = const(1)
_MSG_DONTWAIT = const(2)

_EAGAIN = const(11)
_EINVAL = const(22)
_EPIPE = const(32)
_EISCONN = const(106)
_ENOTCONN = const(107)
_EALREADY = const(114)
_EINPROGRESS = const(115)

# Room in the send buffer from which on a socket is writable: a program that waits for it should
# not be woken for each acknowledged segment.
_LOW_WATER = const(8192)

# What readline() looks at in one go. One for all: it is used under the lock, between waits.
_scratch = bytearray(128)


class socket(base.socket):
    """Stream socket. It is fresh, listening (`_listener`) or connected (`_conn`)."""

    def _open(self, rt, timeout):
        super()._open(rt, timeout)
        self._conn = None
        self._listener = None
        self._bound = False
        self._linger = -1  # seconds; 0: close() resets the connection

    # Connections.

    def _bind(self, ip, port):
        if self._bound or self._conn or self._listener:
            raise OSError(_EINVAL)
        self._lport = self._rt.stack.tcp.bind(ip, port)
        self._laddr = ip
        self._bound = True

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
            if conn:
                if conn.error:
                    error = conn.take_error()
                    self._conn = None
                    raise OSError(error)
                raise OSError(_EALREADY if conn.state == SYN_SENT else _EISCONN)
            ip = names.resolve(rt, address[0])
            until = 0 if self._timeout == 0 else self._until()
            self._conn = conn = rt.stack.tcp.connect(ip, port, self._laddr, self._lport)
            conn.notify = self._event
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
            listener.notify = self._event
        finally:
            rt.unlock()

    def accept(self):
        """(socket, (address, port)) of the next connection."""
        rt = self._rt
        rt.lock()
        try:
            listener = self._listener
            if not listener:
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
            child = object.__new__(socket)
            child._open(rt, self._timeout)
            child._conn = conn
            child._laddr = conn.laddr
            child._lport = conn.lport
            conn.notify = child._event
        finally:
            rt.unlock()
        return child, names.pair(conn.raddr, conn.rport)

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
        self._conn = self._listener = None
        if conn:
            conn.notify = None
            if self._linger == 0:
                conn.abort()
            else:
                conn.close()
        elif listener:
            listener.notify = None
            listener.close()
        elif self._bound:
            self._rt.stack.tcp.unbind(self._laddr, self._lport)

    def _no_conn(self):
        self._check()
        raise OSError(_ENOTCONN)

    def _name(self):
        conn = self._conn or self._listener
        if conn:
            return names.pair(conn.laddr, conn.lport)
        return names.pair(self._laddr, self._lport)

    def _peer(self):
        conn = self._conn or self._no_conn()
        return names.pair(conn.raddr, conn.rport)

    # Receiving. Data comes first, then the error, then the end.

    # Wait for data: the number of bytes, 0 at the end, None if none is here and none is waited
    # for.
    def _readable(self, conn, until):
        while True:
            n = conn.available()
            if n:
                return n
            if conn.error:
                raise OSError(conn.take_error())
            if conn.eof or conn.state == CLOSED:
                return 0
            if until == 0:
                return None
            self._wait(until)
            if self._closed:
                self._check()

    def recv_into(self, buf, nbytes=0, flags=0):
        """Receive what is here, up to `nbytes` or the size of `buf`; bytes, 0 at the end."""
        size = len(buf)
        if 0 < nbytes < size:
            size = nbytes
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            peek = flags & _MSG_PEEK
            n = conn.recv_into(buf, 0, size, peek)
            if n == 0 and size:
                n = self._readable(conn, self._until(flags & _MSG_DONTWAIT))
                if n is None:
                    raise OSError(_EAGAIN)
                if n:
                    n = conn.recv_into(buf, 0, size, peek)
            return n
        finally:
            rt.unlock()

    def recv(self, size, flags=0):
        """Receive what is here, up to `size` bytes; b"" at the end."""
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            if size <= 0:
                return b""
            n = conn.available()
            if n == 0:
                n = self._readable(conn, self._until(flags & _MSG_DONTWAIT))
                if n is None:
                    raise OSError(_EAGAIN)
            return self._take(conn, min(n, size), flags & _MSG_PEEK)
        finally:
            rt.unlock()

    def recvfrom(self, size, flags=0):
        """(data, peer's address) as recv()."""
        data = self.recv(size, flags)
        return data, self._peer()

    def _take(self, conn, n, peek=False):
        buf = bytearray(n)
        conn.recv_into(buf, 0, n, peek)
        return bytes(buf)

    def readinto(self, buf, nbytes=-1):
        """Fill `buf`, or `nbytes` of it; less at the end. Bytes, None if it would wait."""
        size = len(buf)
        if 0 <= nbytes < size:
            size = nbytes
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            n = conn.recv_into(buf, 0, size)
            if n == size:
                return n
            until = self._until()
            while n < size:
                if n and conn.error and not conn.available():
                    return n  # the next call reports it
                got = self._readable(conn, until)
                if not got:
                    return n or got
                n += conn.recv_into(buf, n, size - n)
            return n
        finally:
            rt.unlock()

    def read(self, size=-1):
        """`size` bytes, or all up to the end (-1); less at the end. None if it would wait."""
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            if size >= 0 and conn.available() >= size:
                return self._take(conn, size)
            until = self._until()
            parts = []
            while size:
                n = conn.available()
                if not n:
                    if parts and conn.error:
                        break  # the next call reports it
                    n = self._readable(conn, until)
                    if not n:
                        if n is None and not parts:
                            return None
                        break
                if 0 < size < n:
                    n = size
                parts.append(self._take(conn, n))
                if size > 0:
                    size -= n
            return parts[0] if len(parts) == 1 else b"".join(parts)
        finally:
            rt.unlock()

    def readline(self, limit=-1):
        """A line with its end, at most `limit` bytes; less at the end of the stream.

        Without waiting: what is here of the line, None if that is nothing.
        """
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            until = self._until()
            line = None
            while limit:
                if line and conn.error and not conn.available():
                    return line  # the next call reports it
                got = self._readable(conn, until)
                if not got:
                    return line if line or got is None else b""
                if limit < 0 or limit > len(_scratch):
                    n = conn.recv_into(_scratch, 0, len(_scratch), True)
                else:
                    n = conn.recv_into(_scratch, 0, limit, True)
                end = _scratch.find(b"\n", 0, n)
                if end >= 0:
                    n = end + 1
                part = self._take(conn, n)
                line = line + part if line else part
                if end >= 0:
                    break
                if limit > 0:
                    limit -= n
            return line or b""
        finally:
            rt.unlock()

    def __iter__(self):
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    # Sending.

    # Wait for room: the number of bytes, None if there is none and it is not waited for.
    def _writable(self, conn, until):
        while True:
            if conn.error:
                raise OSError(conn.take_error())
            state = conn.state
            if state >= ESTABLISHED or state == CLOSED:
                if conn.fin or not SENDING[state]:
                    raise OSError(_EPIPE)
                n = conn.room()
                if n:
                    return n
            if until == 0:
                return None
            self._wait(until)
            if self._closed:
                self._check()

    def send(self, buf, flags=0):
        """Send as much of `buf` as there is room for, at least one byte; bytes."""
        buf = view(buf)
        size = len(buf)
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            n = conn.send(buf, 0, size) if conn.state >= ESTABLISHED else 0
            if n == 0 and size:
                if self._writable(conn, self._until(flags & _MSG_DONTWAIT)) is None:
                    raise OSError(_EAGAIN)
                n = conn.send(buf, 0, size)
            return n
        finally:
            rt.unlock()

    def sendto(self, buf, address):
        """As send(): a connection has only one place to send to."""
        return self.send(buf)

    def sendall(self, buf, flags=0):
        """Send all of `buf`. Without waiting: all or nothing, EAGAIN."""
        buf = view(buf)
        size = len(buf)
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            until = self._until(flags & _MSG_DONTWAIT)
            if until == 0 and size:
                room = self._writable(conn, 0)
                if room is None or room < size:
                    raise OSError(_EAGAIN)
            self._send(conn, buf, 0, size, until)
        finally:
            rt.unlock()

    # Send buf[off:end]; where it stopped, which is before `end` only if it may not wait.
    def _send(self, conn, buf, off, end, until):
        while True:
            if conn.state >= ESTABLISHED:
                off += conn.send(buf, off, end - off)
            if off == end or self._writable(conn, until) is None:
                return off

    def write(self, buf, off=None, nbytes=None):
        """Send all of `buf`: write(buf), write(buf, nbytes), write(buf, off, nbytes).

        Bytes sent: without waiting that may be less than all, or None.
        """
        buf = view(buf)
        end = len(buf)
        if nbytes is not None:
            off = min(off, end)
            end = min(end, off + nbytes)
        else:
            if off is not None:
                end = min(end, off)
            off = 0
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn or self._no_conn()
            n = conn.send(buf, off, end - off) if conn.state >= ESTABLISHED else 0
            if off + n < end:
                n = self._send(conn, buf, off + n, end, self._until()) - off
            return n or (None if off < end else 0)
        finally:
            rt.unlock()

    # State.

    def _poll(self, want):
        conn = self._conn
        if conn:
            flags = 0
            error = conn.error
            state = conn.state
            if error:
                flags = _ERR | _HUP
            elif state == CLOSED:
                flags = _HUP
            elif state < ESTABLISHED:
                return 0
            elif conn.eof and conn.fin:
                flags = _HUP
            if want & _RD and (flags or conn.eof or conn.available()):
                flags |= _RD
            if want & _WR and (flags or conn.fin or conn.eof or conn.room() >= _LOW_WATER):
                flags |= _WR
            return flags
        if self._listener:
            return want & _RD if self._listener.pending() else 0
        return want & _WR | _HUP

    def _listen_in(self):
        conn = self._conn
        if conn and (conn.available() or conn.eof or conn.error):
            self._event()
        elif self._listener and self._listener.pending():
            self._event()

    # Options.

    def _set(self, option, value):
        if option == base.SO_LINGER:
            on, seconds = value if isinstance(value, tuple) else struct.unpack("ii", value)
            self._linger = seconds if on else -1
        elif option == base.TCP_NODELAY:
            if self._conn:
                self._conn.nodelay = bool(value)
