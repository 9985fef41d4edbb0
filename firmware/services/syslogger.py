# Frostnet: a syslog client: messages that wait for their way to the server
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 5426 (UDP), RFC 6587 §3.4.1 (TCP, counted in octets). Whoever logs never waits: what there is
# no room for is dropped, and the server is told how many.

import time

from micropython import const

from frostnet.tcp.states import ESTABLISHED
from frostnet.timers import Timer
from frostnet.wire import addr
from services.background import Background
from services.session import Session
from syslog import CRITICAL, DEBUG, ERROR, INFO, NOTICE, WARNING, frame

_WAITING = const(64)  # messages
_TURN = const(8)  # datagrams before others get their turn
_DATAGRAM = const(1400)  # bytes: in one packet (RFC 5426 §3.2)
_STREAM = const(2048)
_RETRY = const(1000)  # µs until a datagram that found no room is tried again
_PATIENCE = const(1000000)  # µs before the second connection; doubled each time, up to
_PATIENCE_MAX = const(60000000)
_SET = const(2020)  # a year: before that the clock was not set


class Syslog(Background):
    """Sends messages to the server at `host` (an int) and `port`.

    `counters`: messages `sent`, `dropped` for want of room, `failed` (no way to the server),
    and `connects` by TCP. A message that TCP took and did not deliver is lost: syslog has no
    receipts.
    """

    name = "syslog"

    def __init__(self, formatter, host, port=514, tcp=False):
        super().__init__(port)
        self.host = host
        self.last_error = None  # why messages failed
        self.console = None  # a Console that copies to here
        self.counters = {"sent": 0, "dropped": 0, "failed": 0, "connects": 0}
        self._formatter = formatter
        self._tcp = tcp
        self._queue = []  # messages as bytes
        self._lost = 0  # dropped since the server was told
        self._endpoint = None
        self._link = None
        self._patience = _PATIENCE
        self._not_before = 0
        self._timer = Timer(self._expired)

    def __repr__(self):
        how = "tcp" if self._tcp else "udp"
        state = "" if self.running else ", stopped"
        return "<syslog %s:%d/%s%s>" % (addr.text(self.host), self.port, how, state)

    def open_ports(self):
        if not self._tcp:
            self._endpoint = self.rt.stack.udp.open(addr.ANY, 0)

    def close_ports(self):
        self.rt.stack.timers.cancel(self._timer)
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None

    def released(self):
        """By TCP the last messages still leave."""
        if self.console:
            self.console.detach()
            self.console = None
        if self._link:
            self._link.wake()
        else:
            self._queue = []

    def log(self, severity, text, *args, msgid=None, data=None):
        """Send `text % args`; True if there was room for it. See syslog.Formatter.message()."""
        if not self.running:
            return False
        if len(self._queue) >= _WAITING:
            self._lost += 1
            self.counters["dropped"] += 1
            return False
        self._queue.append(self._format(severity, text % args if args else text, msgid, data))
        self.pump.post(self)
        return True

    def debug(self, text, *args):
        return self.log(DEBUG, text, *args)

    def info(self, text, *args):
        return self.log(INFO, text, *args)

    def notice(self, text, *args):
        return self.log(NOTICE, text, *args)

    def warning(self, text, *args):
        return self.log(WARNING, text, *args)

    def error(self, text, *args):
        return self.log(ERROR, text, *args)

    def critical(self, text, *args):
        return self.log(CRITICAL, text, *args)

    def run(self):
        """A task of the pump."""
        if not self.running:
            return
        if self._tcp:
            self._connect()
            return
        for _ in range(_TURN):
            message = self.first()
            if message is None:
                return
            if not self._send(message):
                self._later(self.rt.clock() + _RETRY)
                return
            self.done()
        self.pump.post(self)

    def failed(self, error):
        self.counters["failed"] += 1
        self.last_error = error

    # What the link calls, too.

    def first(self):
        """The message whose turn it is, as bytes; None if there is none."""
        if self._lost and len(self._queue) < _WAITING:
            text = "%d messages were lost: they came too fast" % self._lost
            self._lost = 0
            self._queue.append(self._format(WARNING, text))
        return self._queue[0] if self._queue else None

    def done(self):
        """It is on its way."""
        self._queue.pop(0)
        self.counters["sent"] += 1

    def connected(self):
        self._patience = _PATIENCE

    def ended(self, link):
        """The connection is over."""
        if link is not self._link:
            return
        self._link = None
        self._not_before = self.rt.clock() + self._patience
        self._patience = min(2 * self._patience, _PATIENCE_MAX)
        if not self.running:
            self._queue = []
        elif self._queue:
            self._later(self._not_before)

    def _format(self, severity, text, msgid=None, data=None):
        when = time.gmtime()
        us = time.time_ns() // 1000 % 1000000
        most = _STREAM if self._tcp else _DATAGRAM
        if when[0] < _SET:
            when = None
        return self._formatter.message(severity, text, when, us, msgid, data, most)

    def _send(self, message):
        rt = self.rt
        rt.lock()
        try:
            return self._endpoint.send(message, self.host, self.port)
        except OSError as e:
            self.failed(e)
            return True  # as if it was lost on the way
        finally:
            rt.unlock()

    def _connect(self):
        if self._link:
            self._link.wake()
            return
        if not self._queue:
            return
        if self.rt.clock() < self._not_before:
            self._later(self._not_before)
            return
        rt = self.rt
        rt.lock()
        try:
            conn = rt.stack.tcp.connect(self.host, self.port)
        except OSError as e:
            self.failed(e)
            conn = None
        finally:
            rt.unlock()
        self.counters["connects"] += 1
        self._link = link = _Link(self, conn)
        if conn is None:
            self.ended(link)
        else:
            link.open()

    def _later(self, when):
        rt = self.rt
        rt.lock()
        try:
            rt.stack.timers.set(self._timer, when)
        finally:
            rt.unlock()

    def _expired(self, now):
        self.pump.post(self)


class _Link(Session):
    """The connection to the server, and the source of what it sends."""

    def __init__(self, syslog, conn):
        super().__init__(_Owner(syslog), conn)
        self._syslog = syslog
        self._rest = None  # of the message that is on its way
        self._told = False

    def begin(self):
        self.stream(self)

    def sent(self):
        self.finish()

    # The source: whole messages while the connection lasts.

    def next(self, room):
        syslog = self._syslog
        conn = self.conn
        if conn.eof:
            return None
        if conn.state < ESTABLISHED:
            return b""
        if not self._told:
            self._told = True
            syslog.connected()
        if self._rest is None:
            message = syslog.first()
            if message is None:
                return b"" if syslog.running else None
            self._rest = memoryview(frame(message))
        piece = self._rest[:room]
        self._rest = self._rest[room:] if room < len(self._rest) else None
        if self._rest is None:
            syslog.done()
        return piece

    def close(self):
        pass


class _Owner:
    """What a Session asks its service for."""

    def __init__(self, syslog):
        self.rt = syslog.rt
        self.pump = syslog.pump
        self.buffer = bytearray(64)  # servers say nothing
        self.counters = {"late": 0, "sent": 0, "received": 0}
        self.failed = syslog.failed
        self.ended = syslog.ended
