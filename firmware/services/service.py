# Frostnet: a TCP service: its listener, its sessions and how many there may be
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.timers import Timer
from frostnet.wire import addr
from services.background import Background

_GRACE = const(1000000)  # µs that a client that says nothing keeps its place from others
_BACKLOG = const(32)


class Service(Background):
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
        super().__init__(port)
        self.sessions = set()
        self.buffer = None
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

    def open_ports(self):
        self.buffer = bytearray(self.buffer_size)
        listener = self.rt.stack.tcp.listen(addr.ANY, self.port, _BACKLOG)
        self.port = listener.lport
        self._listener = listener
        listener.notify = self._wake

    def close_ports(self):
        self._listener.close()
        self._listener = None
        self.rt.stack.timers.cancel(self._timer)

    def released(self):
        """All connections are reset."""
        for session in list(self.sessions):
            session.abort()
        self.buffer = None

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
