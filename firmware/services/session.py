# Frostnet: one client of a TCP service: its bytes both ways, its deadlines, its end
# MIT license; Copyright (c) 2026 The Frostnet authors

# Bytes come to `received()`. What is to be sent is queued by `send()`, and longer things come
# from a source, piece by piece as there is room: nothing is made before it can leave, and while a
# client does not read nothing more is received of it. So a session holds a bounded amount,
# whatever the client does.

from micropython import const

from frostnet.tcp.states import CLOSED
from frostnet.timers import NEVER, Timer
from services import pump

_ROUNDS = const(8)  # pieces that one session moves before others get their turn
_LINGER = const(2000000)  # µs that a client has to take note of the end
_STALL = const(20000000)  # µs that a client has to read half of a send buffer
_LEAST = const(512)  # bytes of room for a piece of a source

_OPEN = const(0)
_FINISHING = const(1)  # ends when all is sent
_LINGERING = const(2)  # our FIN is on its way: what comes is thrown away

_NEVER = const(1 << 60)
assert _NEVER == NEVER


class Session(pump.Task):
    """A subclass overrides what it wants to know, and calls send(), stream(), wait_for(), finish()
    and abort(). All of it runs outside of the stack, one call after the other; exceptions end the
    session and are counted.

    `reading`: whether more is wanted from the client. `waiting`: whether it is the client's turn,
    `since` when; then the session may have to give way to another (Service.limit). `stalled`: the
    client does not read, since then.
    """

    reading = True
    waiting = True
    stalled = False
    eof = False  # the client sends no more

    _state = _OPEN
    _source = None
    _due = _stall_due = _NEVER
    _rang = False  # the timer has

    def __init__(self, service, conn):
        self.service = service
        self.conn = conn
        self.since = service.rt.clock()
        self._out = []  # bytes-like objects that wait for room
        self._timer = Timer(self._expired)

    # What a subclass overrides.

    def begin(self):
        """The client has connected."""

    def received(self, data):
        """Take `data`, a memoryview that is valid during the call."""

    def more(self):
        """All is sent: go on with what came before, and say if there was something; for protocols
        that keep some of it until its turn comes.
        """
        return False

    def ended(self):
        """The client has sent all that it will send; it may still read."""
        self.finish()

    def sent(self):
        """The source that stream() was given is used up, and all of it was taken."""

    def late(self):
        """The time that wait_for() gave is over."""
        self._late()

    def closed(self):
        """The connection is gone: give back what the session has."""

    # What a subclass calls.

    def send(self, data):
        """Send bytes, now or when there is room; what is given must not change any more."""
        if len(data):
            self._out.append(memoryview(data))

    def stream(self, source):
        """Send what `source` has, after what was sent before, and receive nothing meanwhile.

        `source.next(room)` returns bytes of at most `room`, which is 512 or more; b"" if there are
        none now (whoever has some later calls `wake()`), None at the end. `source.close()` is
        called when it is done with. What it returned may change with the next call.
        """
        self._source = source

    def backlog(self):
        """Return how many bytes wait for room."""
        return sum([len(data) for data in self._out])

    def wait_for(self, us):
        """Have late() called in `us` µs, instead of the time before; None: never."""
        if us is None:
            self._due = _NEVER
            return
        self._due = self.service.rt.clock() + us
        self._set_timer()

    def wake(self):
        """Go on soon: there is something new. From anywhere, a poll included."""
        self.service.pump.post(self)

    def finish(self):
        """Close when all is sent, so that the client gets it whatever it sends (RFC 9112 §9.6)."""
        if self._state == _OPEN:
            self._state = _FINISHING
            self.wake()

    def abort(self):
        """Reset the connection now."""
        self._end(True)

    # What the service and the pump call.

    def open(self):
        """The service has accepted the connection: begin."""
        self.conn.notify = self.wake
        self.conn.nodelay = True  # whoever sends sends all that there is
        try:
            self.begin()
        except Exception as e:
            self.failed(e)
        self.wake()  # something may have come before

    def run(self):
        if self.conn is None:
            return
        if self._rang:
            self._rang = False
            self._look_at_clock()
        for _ in range(_ROUNDS):
            conn = self.conn
            if conn is None:
                return
            if conn.error or conn.state == CLOSED:
                self._end(False)
                return
            if not self._output():
                return
            # At the end of a source sent() may have something to say, or another source.
            if self._source is None and not self._out and not (self.more() or self._input()):
                return
        self.wake()

    def failed(self, error):
        self.service.failed(error)
        self.abort()

    # Time.

    # A timer that fires too early finds that out: moving the deadline later costs nothing.
    def _set_timer(self):
        due = min(self._due, self._stall_due)
        timer = self._timer
        if due == _NEVER or (timer.due is not None and timer.due <= due):
            return
        rt = self.service.rt
        rt.lock()
        try:
            rt.stack.timers.set(timer, due)
        finally:
            rt.unlock()

    def _expired(self, now):
        self._rang = True
        self.service.pump.post(self)

    def _look_at_clock(self):
        now = self.service.rt.clock()
        if now >= self._stall_due:
            self._late()
        elif now >= self._due:
            self._due = _NEVER
            if self._state == _LINGERING:
                self.abort()
            else:
                self.late()
        else:
            self._set_timer()

    def _late(self):
        self.service.counters["late"] += 1
        self.abort()

    # Sending. All of these return whether there is something to be done now, not just to wait for.

    def _output(self):
        if self.stalled and not self._goes_on():
            return False
        out = self._out
        while out:
            data = out[0]
            n = self._write(data)
            if n < len(data):
                if n > 0:
                    out[0] = data[n:]
                return False
            out.pop(0)
        if self._source is not None:
            return self._pull(self._source)
        if self._state == _FINISHING:
            self._shut()
        return True

    # Moves one piece from the source.
    def _pull(self, source):
        room = self.conn.room()
        if room < _LEAST:
            self._stalls()
            return False
        data = source.next(room)
        if data is None:
            self._source = None
            source.close()
            self.sent()
            return True
        # There was room for all of it, unless the connection has ended meanwhile.
        return len(data) > 0 and self._write(data) == len(data)

    # Returns how many bytes were taken.
    def _write(self, data):
        service = self.service
        rt = service.rt
        rt.lock()
        try:
            n = self.conn.send(data, 0, len(data))
        except OSError:
            return 0  # it has ended: the next look at it finds out
        finally:
            rt.unlock()
        service.counters["sent"] += n
        if n < len(data):
            self._stalls()
        return n

    # There is no room: the session is woken when half of the buffer is free, and goes on then.
    def _stalls(self):
        conn = self.conn
        conn.wanted = conn.tx.limit >> 1
        self.stalled = True
        self.since = self.service.rt.clock()
        self._stall_due = self.since + _STALL
        self._set_timer()

    def _goes_on(self):
        conn = self.conn
        half = conn.tx.limit >> 1
        if conn.room() < half:
            conn.wanted = half
            return False
        self.stalled = False
        self._stall_due = _NEVER
        return True

    # Receiving.

    def _input(self):
        lingering = self._state == _LINGERING
        if not self.reading and not lingering:
            return False
        service = self.service
        rt = service.rt
        conn = self.conn
        if conn is None or not (conn.rx.len or conn.eof):
            return False
        buffer = service.buffer
        rt.lock()
        try:
            n = conn.recv_into(buffer, 0, len(buffer))
        finally:
            rt.unlock()
        if n:
            service.counters["received"] += n
            if not lingering:
                self.received(memoryview(buffer)[:n])
            return True
        if not conn.eof:
            return False
        if lingering:
            self._end(False)
            return False
        if self.eof:
            return False
        self.eof = True
        self.ended()
        return True

    # The end.

    # Our FIN; the client has a while to answer with its own.
    def _shut(self):
        rt = self.service.rt
        rt.lock()
        try:
            self.conn.shutdown()
        finally:
            rt.unlock()
        self._state = _LINGERING
        self.waiting = True
        self.since = rt.clock()
        self.wait_for(_LINGER)

    def _end(self, reset):
        conn = self.conn
        if conn is None:
            return
        self.conn = None
        rt = self.service.rt
        rt.lock()
        try:
            conn.notify = None
            if reset:
                conn.abort()
            else:
                conn.close()
            rt.stack.timers.cancel(self._timer)
        finally:
            rt.unlock()
        self._out.clear()
        source = self._source
        self._source = None
        try:
            if source is not None:
                source.close()
            self.closed()
        except Exception as e:
            self.service.failed(e)
        self.service.ended(self)
