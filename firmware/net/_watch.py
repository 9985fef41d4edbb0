# Frostnet: net.watch
# MIT license; Copyright (c) 2026 The Frostnet authors

# Within the stack an event is put into a bounded queue, and nothing else. The scheduler, or in the
# foreground the command, takes it out and makes a line of it.

import sys

from micropython import const

from frostnet.tcp import watch as watching
from frostnet.tcp.states import CLOSED, TIME_WAIT
from frostnet.timers import Timer
from frostnet.wire import addr
from net._clock import epoch
from net._error import EINVAL, ENOTCONN, NetError
from net._host import network, resolve
from net._tcp_info import ends
from net._watch_text import Event

_QUEUE = const(512)  # events that wait to be told
_LOG = const(100)  # events that `log` keeps
_TURN = const(16)  # events told before others get their turn
_RETRY = const(10000)  # µs until another try when the scheduler has too much to do


def watch(sock=None, callback=None, interval=0.5, background=True):
    """See net.watch; NetError for what is no connection."""
    if not 0 <= interval <= 3600:
        raise NetError(EINVAL, "interval is a number of seconds, 0 to 3600")
    rt = network()
    address = port = 0
    connection = None
    if isinstance(sock, str):
        address, port = _peer(rt, sock)
    elif sock is not None:
        connection, port = _connection(sock)
    found = Watch(rt, callback, int(interval * 1000000), not background)
    rt.lock()
    try:
        found.start(connection, address, port)
    finally:
        rt.unlock()
    if background:
        return found
    if not callback:
        print("watching %s, Ctrl-C ends" % found.of)
    found.wait()
    return None


# "10.0.2.2:80", "10.0.2.2" or ":80" as (address, port), 0 for any.
def _peer(rt, text):
    host, colon, port = text.partition(":")
    if colon and not (port.isdigit() and 0 < int(port) < 65536):
        raise NetError(EINVAL, 'watch "host:port", "host", ":port", or a socket')
    return resolve(rt, host) if host else 0, int(port) if colon else 0


# The Connection of a socket and 0, or None and the port of one that listens. Streams of asyncio
# have their socket in `s`.
def _connection(sock):
    sock = getattr(sock, "s", sock)
    try:
        c = sock._conn
        listener = sock._listener
    except AttributeError:
        raise NetError(EINVAL, 'net.watch wants a TCP socket, "host:port", or nothing for all')
    if listener is not None:
        return None, listener.lport
    if c is None or c.state in (CLOSED, TIME_WAIT):
        raise NetError(ENOTCONN, "this socket has no connection: net.ss() shows those there are")
    return c, 0


class Watch:
    """Connections that are watched. `log` has the last events, `dropped` counts those that came
    too fast to be told of; stop() ends it, and so does the end of the connection. In a `with` it
    stops at the end of the block.
    """

    def __init__(self, rt, callback, interval, foreground):
        self.log = []
        self.dropped = 0
        self.running = False
        self.of = ""  # what is watched, in words
        self._rt = rt
        self._callback = callback
        self._interval = interval
        self._foreground = foreground
        self._address = self._port = 0  # of peers whose new connections are watched too
        self._open = False  # new connections may come
        self._connections = {}  # {Connection: its ends as a text}
        self._queue = []
        self._missed = 0  # of `dropped`, those that no line told of yet
        self._called = False  # the scheduler will call
        self._retry = Timer(self._call)
        self._epoch = epoch(rt)

    def __repr__(self):
        return "<%s %s>" % ("watching" if self.running else "watched", self.of)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stop()

    @property
    def connections(self):
        """What is watched now: a list of texts."""
        return list(self._connections.values())

    def start(self, c, address, port):
        """Begin with the connection `c`, or with all that `address` and `port` fit, from now on
        too. Under the lock."""
        tcp = self._rt.stack.tcp
        self.running = True
        if c is not None:
            self._add(c)
            self.of = self._connections[c]
            return
        self._address, self._port, self._open = address, port, True
        self.of = "%s:%s" % (addr.text(address) if address else "*", port or "*")
        for other in list(tcp.connections()):
            self._new(other)
        watching.attach_new(tcp, self._new)

    def stop(self):
        """Watch no more. What has happened is still told."""
        rt = self._rt
        rt.lock()
        try:
            self._close()
            for c in list(self._connections):
                watching.detach(c, self._note)
            self._connections.clear()
        finally:
            rt.unlock()
        while self._queue:
            self._tell()

    def wait(self):
        """Tell of what happens, until all that is watched has ended, or Ctrl-C."""
        rt = self._rt
        self._foreground = True
        try:
            while self.running or self._queue:
                rt.lock()
                try:
                    while self.running and not self._queue:
                        rt.wait()
                finally:
                    rt.unlock()
                self._tell()
        except KeyboardInterrupt:
            print("^C")
        finally:
            self._queue.clear()
            self.stop()

    # Inside the stack.

    def _add(self, c):
        self._connections[c] = "%s > %s" % ends(c)
        watching.attach(c, self._note, self._interval)

    def _new(self, c):
        port = self._port
        if self._address and c.raddr != self._address:
            return
        if port and port != c.ports & 0xFFFF and (self._address or port != c.ports >> 16):
            return
        self._add(c)

    def _note(self, c, event, values):
        queue = self._queue
        if len(queue) >= _QUEUE:
            self.dropped += 1
            self._missed += 1
        else:
            if self._missed:
                queue.append((c.tcp.stack.now, "", "missed", (self._missed,)))
                self._missed = 0
            queue.append((c.tcp.stack.now, self._connections[c], event, values))
            self._call(c.tcp.stack.now)
        if event == "end":
            del self._connections[c]
            if not self._connections and not self._open:
                self._close()

    def _close(self):
        if self._open:
            self._open = False
            watching.detach_new(self._rt.stack.tcp, self._new)
        self.running = False

    # Have the scheduler call; later, if it has too much to do.
    def _call(self, now):
        if not self._called and not self._foreground:
            self._called = self._rt.defer(self._turn)
            if not self._called:
                self._rt.stack.timers.set(self._retry, now + _RETRY)

    # Outside of it.

    def _turn(self, _):
        self._called = False
        try:
            self._tell()
        finally:
            if self._queue:
                self._rt.lock()
                self._call(self._rt.stack.now)
                self._rt.unlock()

    def _tell(self):
        queue = self._queue
        for _ in range(min(len(queue), _TURN)):
            self._report(*queue.pop(0))
        if not queue and self._missed:
            missed = self._missed
            self._missed = 0
            self._report(self._rt.clock(), "", "missed", (missed,))

    def _report(self, now, connection, what, values):
        event = Event(self._epoch + now, connection, what, values)
        log = self.log
        log.append(event)
        if len(log) > _LOG:
            log.pop(0)
        try:
            if self._callback is None:
                print(event)
            else:
                self._callback(event)
        except Exception as e:
            self._callback = _ignore
            sys.print_exception(e)
            print("watch: the callback failed, and is called no more")


def _ignore(event):
    pass
