# Frostnet: TCP sockets: transfers
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.sockets.base import IPPROTO_TCP, view
from frostnet.sockets.tcp import TCPSocket
from frostnet.tcp.states import CLOSED, ESTABLISHED, SENDING

_MSG_PEEK = const(1)
_MSG_DONTWAIT = const(2)

_EAGAIN = const(11)
_EPIPE = const(32)

# Bytes that read() and readline() leave in the receive buffer at most.
_HOLD = const(32768)

# What readline() looks at in one go. One for all: it is used under the lock, between waits.
_SCRATCH = const(128)
_scratch = bytearray(_SCRATCH)


class socket(TCPSocket):
    """Stream socket."""

    protocol = IPPROTO_TCP

    # Receiving. Data comes first, then the error, then the end.

    # Wait for more than `have` bytes: how many there are then, 0 at the end, None if there are no
    # more and none are waited for. An error comes where there was less than was asked for, which
    # would look like the end; the bytes stay for the next call.
    # `wait` is rt.rest if nothing was sent since the stack was entered.
    def _readable(self, conn, until, have=0, wait=None):
        rx = conn.rx
        while True:
            n = rx.len
            if n > have:
                return n
            if conn.error:
                raise OSError(conn.take_error())
            if conn.eof or conn.state == CLOSED:
                return 0
            if until is not None:
                if until == 0:
                    return None
                self._hurry(until)
            (wait or self._rt.wait)(until)
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
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
            peek = flags & _MSG_PEEK
            n = conn.recv_into(buf, 0, size, peek)
            if n == 0 and size:
                n = self._readable(conn, self._until(flags & _MSG_DONTWAIT), 0, rt.rest)
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
        rt.enter()
        leave = rt.unlock
        try:
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
            if size <= 0:
                return b""
            n = conn.rx.len
            if n == 0:
                until = self._timeout
                if until is not None or flags:
                    until = self._until(flags & _MSG_DONTWAIT)
                n = self._readable(conn, until, 0, rt.rest)
                if not n:
                    if n is None:
                        raise OSError(_EAGAIN)
                    return b""
            if n > size:
                n = size
            if flags & _MSG_PEEK:
                return self._take(conn, n, True)
            data = conn.rx.take(n)
            if conn.widened():
                rt.stack.now = rt.clock()
                conn.widen()
            else:
                leave = rt.release
            return data
        finally:
            leave()

    def recvfrom(self, size, flags=0):
        """(data, peer's address) as recv()."""
        data = self.recv(size, flags)
        return data, self._peer()

    def recvfrom_into(self, buf, nbytes=0, flags=0):
        """(bytes, peer's address) as recv_into()."""
        n = self.recv_into(buf, nbytes, flags)
        return n, self._peer()

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
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
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

    # read() and readline() leave what they have in the receive buffer until it is all there, so
    # that nothing is lost when the time is up. Only when it fills up must they make room.

    def read(self, size=-1):
        """`size` bytes, or all up to the end (-1); less at the end. None if it would wait."""
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
            parts = []
            until = None
            n = conn.available()
            while not 0 <= size <= n:
                if n >= _HOLD:
                    parts.append(self._take(conn, n))
                    size -= n if size > 0 else 0
                    n = 0
                if until is None:
                    until = self._until()
                more = self._readable(conn, until, n)
                if not more:
                    if more is None and not n and not parts:
                        return None
                    size = n
                    break
                n = more
            parts.append(self._take(conn, size))
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
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
            parts = []
            until = None
            at = 0  # bytes that were searched
            while at != limit:
                n = conn.available() - at
                if n <= 0:
                    if until is None:
                        until = self._until()
                    more = self._readable(conn, until, at)
                    if not more:
                        if more is None and not at and not parts:
                            return None
                        break
                    n = more - at
                if n > _SCRATCH:
                    n = _SCRATCH
                if 0 <= limit < at + n:
                    n = limit - at
                conn.rx.peek(at, _scratch, 0, n)
                end = _scratch.find(b"\n", 0, n)
                if end >= 0:
                    at += end + 1
                    break
                at += n
                if at >= _HOLD:
                    parts.append(self._take(conn, at))
                    limit -= at if limit > 0 else 0
                    at = 0
            parts.append(self._take(conn, at))
            return parts[0] if len(parts) == 1 else b"".join(parts)
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
        if type(buf) is not bytes:
            buf = view(buf)
        size = len(buf)
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
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
        if type(buf) is not bytes:
            buf = view(buf)
        size = len(buf)
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
            until = self._timeout
            if until is not None or flags:
                until = self._until(flags & _MSG_DONTWAIT)
                if until == 0 and size:
                    room = self._writable(conn, 0)
                    if room is None or room < size:
                        raise OSError(_EAGAIN)
            n = conn.send(buf, 0, size) if conn.state >= ESTABLISHED else 0
            if n < size:
                self._send(conn, buf, n, size, until)
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
        if nbytes is None:
            nbytes = off
            off = 0
        elif not 0 <= off <= end:
            off = end
        # A negative number is no limit, as for streams in C.
        if nbytes is not None and 0 <= nbytes < end - off:
            end = off + nbytes
        rt = self._rt
        rt.lock()
        try:
            conn = self._conn
            if conn is None:
                conn = self._no_conn()
            n = conn.send(buf, off, end - off) if conn.state >= ESTABLISHED else 0
            if off + n < end:
                n = self._send(conn, buf, off + n, end, self._until()) - off
            return n or (None if off < end else 0)
        finally:
            rt.unlock()
