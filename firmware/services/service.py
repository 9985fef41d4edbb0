# Frostnet: a TCP service: its listener, its sessions and how many there may be
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc

from micropython import const

import services
from frostnet.timers import Timer
from frostnet.wire import addr
from services import pump

_GRACE = const(1000000)  # µs that a client that says nothing keeps its place from others
_BACKLOG = const(32)
_EADDRINUSE = const(98)


class Service(pump.Task):
    """Listens at `port` and has a session with each client.

    A subclass has `name` and `session(conn)`, which returns a `session.Session`. No more than
    `limit` clients are served at a time. Who comes then takes the place of the one that has kept
    us waiting longest, or waits for one; so whoever opens connections and says nothing keeps
    nobody out. `buffer` is what sessions receive into, one after the other.
    """

    name = "service"
    limit = 32
    buffer_size = 4096

    def __init__(self, port):
        self.port = port
        self.pump = pump.current()
        self.rt = self.pump.rt
        self.sessions = set()
        self.buffer = None
        self.error = None  # the last exception of a session: a defect
        self.counters = {
            "accepted": 0,
            "displaced": 0,  # sessions that gave way to others
            "late": 0,  # that kept us waiting too long
            "failed": 0,  # that ended with an exception
            "received": 0,  # bytes
            "sent": 0,
        }
        self._listener = None
        self._timer = Timer(self._look)

    def __repr__(self):
        state = "at port %d" % self.port if self._listener else "stopped"
        return "<%s %s, %d connected>" % (self.name, state, len(self.sessions))

    def session(self, conn):
        """Return a new Session for the connection."""
        raise NotImplementedError

    def start(self):
        """Begin to listen, and return self. OSError: EADDRINUSE if the port is taken."""
        if self.name in services.running:
            raise OSError(_EADDRINUSE, "%s runs already: stop() it first" % self.name)
        rt = self.rt
        rt.lock()
        try:
            try:
                listener = rt.stack.tcp.listen(addr.ANY, self.port, _BACKLOG)
            except OSError as e:
                if e.errno != _EADDRINUSE:
                    raise
                text = "port %d is taken: choose another, or close what listens there"
                raise OSError(_EADDRINUSE, text % self.port)
            self.port = listener.lport
            self.buffer = bytearray(self.buffer_size)
            self._listener = listener
            listener.notify = self._wake
        finally:
            rt.unlock()
        services.running[self.name] = self
        return self

    def stop(self):
        """Stop listening, reset all connections, and give everything back."""
        listener = self._listener
        if listener is None:
            return
        self._listener = None
        rt = self.rt
        rt.lock()
        try:
            listener.close()
            rt.stack.timers.cancel(self._timer)
        finally:
            rt.unlock()
        for session in list(self.sessions):
            session.abort()
        self.buffer = None
        if services.running.get(self.name) is self:
            del services.running[self.name]
        gc.collect()

    def run(self):
        """Accept who waits: a task of the pump."""
        rt = self.rt
        listener = self._listener
        while listener is not None and listener is self._listener:
            if len(self.sessions) >= self.limit and listener.pending() and not self._displace():
                return  # the timer, or the end of a session, tries again
            rt.lock()
            try:
                conn = listener.accept()
            finally:
                rt.unlock()
            if conn is None:
                return
            self._accept(conn)

    def ended(self, session):
        """A session is over: it calls this."""
        self.sessions.discard(session)
        if self._listener is not None and self._listener.pending():
            self._wake()

    def failed(self, error):
        """Here or in a session there was an exception that nobody expected; the rest goes on."""
        self.counters["failed"] += 1
        self.error = error

    def _accept(self, conn):
        try:
            session = self.session(conn)
        except Exception as e:
            self.failed(e)
            rt = self.rt
            rt.lock()
            try:
                conn.abort()
            finally:
                rt.unlock()
            return
        self.counters["accepted"] += 1
        self.sessions.add(session)
        session.open()

    # Ends the session that has waited longest for its client; False if none has for long enough.
    # Bounded by `limit`, and only when that is reached.
    def _displace(self):
        oldest = None
        for session in self.sessions:
            if (session.waiting or session.stalled) and (
                oldest is None or session.since < oldest.since
            ):
                oldest = session
        rt = self.rt
        soonest = (oldest.since if oldest else rt.clock()) + _GRACE
        if soonest > rt.clock():
            rt.lock()
            try:
                rt.stack.timers.set(self._timer, soonest)
            finally:
                rt.unlock()
            return False
        self.counters["displaced"] += 1
        oldest.abort()
        return True

    # Both run inside a poll.
    def _wake(self):
        self.pump.post(self)

    def _look(self, now):
        self.pump.post(self)
