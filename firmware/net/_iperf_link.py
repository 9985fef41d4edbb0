# Frostnet: net.iperf: control connections, and connections that are sent away
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.tcp.states import CLOSED

NEVER = const(1 << 60)  # later than any time

_PIECE = const(512)
_FAREWELLS = const(8)  # connections that are sent away at one time
_FAREWELL = const(1000000)  # µs that each may take

# An idle control connection is asked whether the peer lives: it may have gone without a word.
_KEEP_IDLE = const(10000000)  # µs
_KEEP_INTERVAL = const(5000000)
_KEEP_COUNT = const(4)


def drive(rt, steps):
    """Run a generator that yields the time by which it wants to be resumed, if nothing happens
    before; return what it returns. It runs under the lock; Ctrl-C is raised where it waits."""
    rt.lock()
    try:
        try:
            until = next(steps)
            while True:
                try:
                    rt.wait(until)
                    until = next(steps)
                except KeyboardInterrupt as e:
                    until = steps.throw(e)
        except StopIteration as e:
            return e.value
    finally:
        steps.close()
        rt.unlock()


class Control:
    """Moves bytes between a connection and a session."""

    def __init__(self, conn, session):
        self.conn = conn
        self.session = session
        self._buf = bytearray(_PIECE)
        conn.nodelay = True
        conn.keep_idle = _KEEP_IDLE
        conn.keep_interval = _KEEP_INTERVAL
        conn.keep_count = _KEEP_COUNT
        conn.keep_alive(True)

    def quiet(self):
        """Return whether nothing has come and nothing is to be said."""
        conn = self.conn
        return not (conn.rx.len or conn.eof or conn.error or self.session.output)

    def pump(self, now):
        """Move what can be moved."""
        conn = self.conn
        session = self.session
        buf = self._buf
        while conn.rx.len and session.wanted > 0 and not session.over:
            n = conn.recv_into(buf, 0, min(session.wanted, _PIECE))
            session.input(buf[:n], now)
        session.expire(now)
        if session.output and not conn.error:
            try:
                n = conn.send(memoryview(session.output), 0, len(session.output))
                session.output = session.output[n:]
            except OSError:  # it has ended
                session.output = bytearray()
        if conn.error or conn.state == CLOSED or conn.eof and not conn.rx.len:
            session.lost()


class Farewells:
    """Connections that are told a word and closed. A connection that is closed with unread data is
    reset, and the word might never be read: so what comes is read, for a moment."""

    def __init__(self):
        self._leaving = []  # [connection, time]
        self._buf = bytearray(_PIECE)

    def add(self, conn, word, now):
        """Say `word` to `conn`, and close it in time."""
        if len(self._leaving) >= _FAREWELLS:
            self._leaving.pop(0)[0].abort()
        try:
            if word:
                conn.send(memoryview(word), 0, len(word))
            conn.shutdown()
        except OSError:
            pass  # it has ended
        self._leaving.append([conn, now + _FAREWELL])

    def attend(self, now):
        """Go on; return when to be called again even if nothing happens."""
        due = NEVER
        for entry in list(self._leaving):
            conn, until = entry
            while conn.rx.len:
                conn.recv_into(self._buf, 0, _PIECE)
            if conn.eof or conn.error or conn.state == CLOSED or now >= until:
                self._leaving.remove(entry)
                conn.close()
            elif until < due:
                due = until
        return due

    def close(self):
        """Close them all."""
        for conn, _ in self._leaving:
            conn.close()
        self._leaving = []
