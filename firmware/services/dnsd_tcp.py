# Frostnet: the DNS forwarder, by TCP
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 7766: what comes by TCP is asked by TCP, so nothing is cut short on the way. A client may
# send several questions; one after the other is answered.

from micropython import const

from dnsd import query as wire
from frostnet.dns.framing import Framer, frame
from frostnet.dns.stream import Stream
from frostnet.timers import Timer
from frostnet.wire import dns
from services.service import Service
from services.session import Session

_IDLE = const(10000000)  # µs for the next question (RFC 7766 §6.2.3)
_WAIT = const(4000000)  # µs for a server
_LONGEST = const(4096)  # bytes of a question
_AHEAD = const(8)  # questions that wait for their turn


class DnsdTcp(Service):
    name = "dnsd-tcp"
    limit = 12
    buffer_size = 1024

    def __init__(self, dnsd, port):
        super().__init__(port)
        self.dnsd = dnsd

    def session(self, conn):
        return _Client(self, conn)


class _Client(Session):
    def __init__(self, service, conn):
        super().__init__(service, conn)
        self._framer = Framer()
        self._questions = []  # Query
        self._servers = []
        self._stream = None
        self._news = None  # (message,) or () from the stream, inside a poll
        self._timer_up = Timer(self._silent)

    def begin(self):
        conn = self.conn
        dnsd = self.service.dnsd
        if not dnsd.is_neighbour(conn.raddr):
            dnsd.counters["drop_not_attached"] += 1
            self.abort()
            return
        self.wait_for(_IDLE)

    def received(self, data):
        at = 0
        while at < len(data):
            n = min(self._framer.wanted(), len(data) - at)
            try:
                message = self._framer.feed(data[at : at + n], n)
                at += n
                if message is not None:
                    self._ask(bytes(message))
                elif self._framer.wanted() > _LONGEST:
                    raise ValueError("too long for a question")
            except ValueError:
                dnsd = self.service.dnsd
                dnsd.counters["drop_malformed"] += 1
                self.abort()
                return

    def more(self):
        """Take what the server said, and go on with the next question."""
        if self._news is not None:
            news = self._news
            self._news = None
            self._hang_up()
            self._answered(news)
            return True
        if self._questions and self._stream is None:
            self._begin()
            return True
        return False

    def ended(self):
        if not self._questions:
            self.finish()

    def closed(self):
        self._hang_up()
        self._questions = []

    def _ask(self, data):
        query = wire.parse(data)
        if query is None:
            raise ValueError("not a question")
        self._questions.append(query)
        self.reading = len(self._questions) < _AHEAD  # apart from what came with it
        self.waiting = False
        self.wait_for(None)

    # The first question is due.
    def _begin(self):
        dnsd = self.service.dnsd
        query = self._questions[0]
        answer = dnsd.known(query, self.conn.raddr)
        if answer is None or answer[2] & dns.TC:
            dnsd.counters["forwarded"] += 1
            self._servers = list(dnsd.upstream())
            self._next()
        else:
            self._say(answer)

    # Asks the next server.
    def _next(self):
        service = self.service
        rt = service.rt
        query = self._questions[0]
        self._ident = rt.stack.rand(16)
        message = self._ident.to_bytes(2, "big") + query.data[2:]
        while self._servers and self._stream is None:
            server = self._servers.pop(0)
            rt.lock()
            try:
                stack = rt.stack
                self._stream = Stream(stack, server, message, self._heard, self._broken)
                stack.timers.set(self._timer_up, stack.now + _WAIT)
            except OSError:
                pass  # no way there
            finally:
                rt.unlock()
        if self._stream is None:
            service.dnsd.counters["unanswered"] += 1
            self._say(wire.answer(query, dns.SERVFAIL))

    def _answered(self, news):
        query = self._questions[0]
        counters = self.service.dnsd.counters
        if news:
            (data,) = news
            ident = data[0] << 8 | data[1] if len(data) >= 12 else -1
            if ident == self._ident and wire.answers(query, data):
                counters["answered"] += 1
                self.service.dnsd.cache.put(query, data, self.service.rt.clock())
                self._say(wire.told(query, data))
                return
            counters["drop_mismatch"] += 1
        counters["retried"] += bool(self._servers)
        self._next()

    def _say(self, answer):
        self._questions.pop(0)
        self.reading = len(self._questions) < _AHEAD
        self.send(frame(answer))
        if self._questions:
            return
        if self.eof:
            self.finish()
            return
        self.waiting = True
        self.since = self.service.rt.clock()
        self.wait_for(_IDLE)

    def _hang_up(self):
        rt = self.service.rt
        stream = self._stream
        self._stream = None
        rt.lock()
        try:
            rt.stack.timers.cancel(self._timer_up)
            if stream is not None:
                stream.close()
        finally:
            rt.unlock()

    # Inside a poll.

    def _heard(self, data, n):
        self._news = (bytes(data[:n]),)
        self.wake()

    def _broken(self, errno):
        self._news = ()
        self.wake()

    def _silent(self, now):
        self._broken(0)
