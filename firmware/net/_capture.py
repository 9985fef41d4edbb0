# Frostnet: where net.tcpdump puts frames: the console, a file, a stream
# MIT license; Copyright (c) 2026 The Frostnet authors

# A sink has frame(index of the interface, out, when, view, size); `end`, how far it has come, and
# rewind(end), to begin anew from there what Ctrl-C broke off; `keeps`, whether what waits when the
# capture ends is worth its place; over(), whether nobody takes any more; finish() when the capture
# ends, and close() in any case. owns(frame, n): whether the sink itself has sent or received it;
# ready(): whether frame() need not wait. If not, what was given to on_ready() is called with the
# time, inside the stack, when that has changed, or when it is over.

import struct

from micropython import const

from filetools import close_quietly
from frostnet.tcp.states import CLOSED, ESTABLISHED, SENDING
from net._clock import clock_text
from net._error import EINVAL, ENOENT, ENOSPC, ETIMEDOUT, NetError, explain
from net._host import resolve
from sniff import pcapng
from sniff.link import line

_PATIENCE = const(10000000)  # µs for a connection
_ROOM = const(16384)  # bytes of room in the send buffer that most frames fit into

# Of an Ethernet frame with IP.
_IP = const(14)
_PROTO = const(23)
_ADDRESSES = const(26)
_PORTS_END = const(38)
_NO_OPTIONS = const(0x45)
_TCP = const(6)


def open_sink(rt, file, ifaces, snaplen):
    """Return the sink for tcpdump's argument `file`; NetError."""
    if not file:
        return Console(ifaces)
    if not isinstance(file, str):
        return Stream(file.write, ifaces, snaplen)
    if file.startswith("tcp:"):
        return Connection(rt, file, ifaces, snaplen)
    return File(file, ifaces, snaplen)


class _Sink:
    """Where frames go."""

    owns = None  # it has nothing to do with frames

    def over(self):
        """Nothing more can be written."""
        return False

    def ready(self):
        """There is room for a frame."""
        return True

    def on_ready(self, fn):
        """Have `fn` called when there is."""

    def finish(self, when, slots):
        """The capture ends."""

    def close(self):
        """Give back what it has."""


class Console(_Sink):
    """One line for each frame."""

    name = ""
    keeps = False
    end = 0

    def __init__(self, ifaces):
        self._names = [iface.name for iface in ifaces] if len(ifaces) > 1 else None

    def frame(self, index, out, when, view, size):
        clock = clock_text(when) + " "
        if self._names:
            clock += "%s %s " % (self._names[index], "Out" if out else "In ")
        print(clock + line(view, len(view), size))

    def rewind(self, end):
        pass


class _Pcapng(_Sink):
    """What is written so far is good whenever the capture ends, and however."""

    keeps = True

    def __init__(self, ifaces):
        self.end = 0  # bytes written
        self._count = len(ifaces)

    def begin(self, ifaces, snaplen):
        self.write(pcapng.header())
        for iface in ifaces:
            self.write(pcapng.interface(iface.name, snaplen))

    def frame(self, index, out, when, view, size):
        self.write(pcapng.frame(index, when, view, size, out))

    def finish(self, when, slots):
        # The slots are everybody's, and so are these numbers.
        if self._count == 1:
            self.write(pcapng.statistics(0, when, slots.seen, slots.dropped))


class File(_Pcapng):
    """A pcapng file."""

    def __init__(self, path, ifaces, snaplen):
        super().__init__(ifaces)
        self.name = path
        self._file = None
        try:
            self._file = open(path, "wb")
        except OSError as e:
            raise self._explain(e)
        try:
            self.begin(ifaces, snaplen)
        except NetError:
            self.close()
            raise

    def write(self, block):
        try:
            n = self._file.write(block)
        except OSError as e:
            raise self._explain(e)
        if n != len(block):
            raise self._explain(OSError(ENOSPC))
        self.end += n

    def rewind(self, end):
        """Go on writing at `end`: what is behind it is written once more."""
        try:
            self._file.seek(end)
        except OSError as e:
            raise self._explain(e)
        self.end = end

    def finish(self, when, slots):
        super().finish(when, slots)
        file = self._file
        self._file = None
        try:
            file.close()
        except OSError as e:
            raise self._explain(e)

    def close(self):
        if self._file:
            close_quietly(self._file)
            self._file = None

    def _explain(self, error):
        if error.errno == ENOSPC:
            text = "the filesystem is full: %s has what came before; remove files" % self.name
        elif error.errno == ENOENT:
            text = "no directory for %s: make it with os.mkdir()" % self.name
        else:
            text = "cannot write %s: %s" % (self.name, error)
        return NetError(error.errno, text)


class Stream(_Pcapng):
    """A pcapng file for the method `write` of a stream, which takes each block in one piece, or
    for what `put` does in a subclass. What has left is not written again: after a rewind that much
    is left out of what comes, which is the same.
    """

    name = "the stream"

    def __init__(self, write, ifaces, snaplen):
        super().__init__(ifaces)
        self._write = write
        self._left = 0  # bytes that have left, whatever `end` is
        self.begin(ifaces, snaplen)

    def write(self, block):
        skip = self._left - self.end
        if skip < len(block):
            self.put(memoryview(block)[skip:])
        self.end += len(block)

    def put(self, view):
        self._write(view)
        self._left += len(view)

    def rewind(self, end):
        self.end = end


class Connection(Stream):
    """A pcapng file that goes to "tcp:host:port"."""

    def __init__(self, rt, target, ifaces, snaplen):
        host, colon, port = target[4:].rpartition(":")
        if not (host and port.isdigit() and 0 < int(port) < 65536):
            raise NetError(EINVAL, 'stream to "tcp:host:port", such as "tcp:10.0.2.2:5555"')
        self._rt = rt
        self.name = target[4:]
        self._conn = c = self._connect(resolve(rt, host), int(port))
        # Addresses and ports, as they are in its segments, which have no IP options.
        ours = c.laddr, c.raddr, c.ports >> 16, c.ports & 0xFFFF
        theirs = c.raddr, c.laddr, c.ports & 0xFFFF, c.ports >> 16
        self._marks = [struct.pack(">IIHH", *ends) for ends in (ours, theirs)]
        try:
            super().__init__(None, ifaces, snaplen)
        except BaseException:
            self.close()
            raise

    def _connect(self, address, port):
        rt = self._rt
        rt.lock()
        try:
            try:
                c = rt.stack.tcp.connect(address, port)
            except OSError as e:
                raise explain(e, self.name)
            until = rt.clock() + _PATIENCE
            try:
                while CLOSED < c.state < ESTABLISHED and rt.clock() < until:
                    rt.wait(until)
            finally:
                if c.state < ESTABLISHED:
                    c.abort()
            if c.state < ESTABLISHED:
                raise explain(OSError(c.take_error() or ETIMEDOUT), self.name)
            return c
        finally:
            rt.unlock()

    def owns(self, frame, n):
        """Whether the frame is one of this connection, which would go on about itself for ever."""
        return (
            n >= _PORTS_END
            and frame[_PROTO] == _TCP
            and frame[_IP] == _NO_OPTIONS
            and bytes(frame[_ADDRESSES:_PORTS_END]) in self._marks
        )

    def over(self):
        c = self._conn
        return c.eof or not SENDING[c.state]

    def ready(self):
        rt = self._rt
        c = self._conn
        most = c.tx.limit >> 1
        most = _ROOM if most > _ROOM else most
        rt.lock()
        try:
            if c.room() >= most or self.over():
                return True
            c.wanted = most
            return False
        finally:
            rt.unlock()

    def on_ready(self, fn):
        stack = self._rt.stack
        self._conn.notify = lambda: fn(stack.now)

    def put(self, view):
        rt = self._rt
        c = self._conn
        at = 0
        n = len(view)
        rt.lock()  # Ctrl-C comes in wait() only: what has left is counted
        try:
            while at < n and not self.over():
                sent = c.send(view, at, n - at)
                at += sent
                self._left += sent
                if not sent:
                    rt.wait()
        finally:
            rt.unlock()

    def finish(self, when, slots):
        if not self.over():
            super().finish(when, slots)

    def close(self):
        rt = self._rt
        rt.lock()
        try:
            self._conn.close()
        finally:
            rt.unlock()
