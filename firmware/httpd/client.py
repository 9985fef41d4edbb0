# Frostnet: one client of the web server
# MIT license; Copyright (c) 2026 The Frostnet authors

# One request after the other: the next is looked at when the answer to the last has left.

from micropython import const

from http.server import Connection, Refused
from http.server.connection import DATA, NEED, REQUEST
from httpd import answer
from httpd.request import Request
from httpd.source import Chunks
from services.session import Session

_IDLE = const(30000000)  # µs between two requests
_HEAD = const(10000000)  # for the head of a request, from its first byte
_BODY = const(30000000)  # for 64 KiB of a body
_STEP = const(65536)
_SHORT = const(8192)  # a body that leaves together with its head


class Client(Session):
    """A session that speaks HTTP, until it becomes a WebSocket."""

    _request = None
    _body = None  # of the request, while it comes
    _head_begun = False
    _answered = False  # the answer is complete; the request perhaps not yet
    _news = False  # bytes have come, or a request's turn
    _task = None  # what runs a function that awaits something
    _yielded = None  # the Response whose pieces it yields, if it said more than them
    socket = None  # the WebSocket that it has become

    def __init__(self, service, conn):
        super().__init__(service, conn)
        self.http = Connection(service.heads)

    def begin(self):
        self.wait_for(_IDLE)

    def received(self, data):
        if self.socket is not None:
            self.socket.received(data)
        else:
            self.http.feed(data)
            self._news = True

    def ended(self):
        # Who has said all may still have an answer to come.
        if self.socket is not None or self.waiting:
            self.finish()

    def late(self):
        if self.socket is not None:
            self.socket.late()
        elif self._body is not None or self.http.begun():
            self.service.counters["late"] += 1
            self._refuse(Refused(408, "the request took too long"))
        else:
            self.finish()  # nothing was begun

    def closed(self):
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.socket is not None:
            self.socket.lost()

    def sent(self):
        self._complete()

    # Requests.

    def more(self):
        if not self._news or not self.reading or self.socket is not None:
            return False
        http = self.http
        done = False
        try:
            while True:
                event = http.next()
                if event == NEED:
                    self._news = False
                    self._await()
                    return done
                done = True
                if event == REQUEST:
                    self._begin()
                elif event == DATA:
                    self._data(http.data())
                else:  # END
                    if self._answered:
                        self._again()
                    else:
                        self._respond()
                    return True
        except Refused as e:
            self._refuse(e)
            return True

    # More must come: how much time does the client have?
    def _await(self):
        if self.eof:
            self.finish()
            return
        if self._body is not None or self._answered:
            return
        if not self.http.begun():
            if not self.waiting:
                self._turn(_IDLE)
        elif not self._head_begun:
            self._head_begun = True
            self._turn(_HEAD)

    def _turn(self, us):
        self.waiting = True
        self.since = self.service.rt.clock()
        self.wait_for(us)

    def _begin(self):
        http = self.http
        self._head_begun = False
        self._too_large(http.length)
        self._request = Request(http.head, self.conn)
        if http.length:
            self._body = bytearray()
            self.send(http.proceed())
            self._turn(_BODY)

    def _data(self, data):
        if self._answered:
            if self.http.too_much():
                self.finish()
            return
        body = self._body
        before = len(body)
        size = before + len(data)
        self._too_large(size)
        body.extend(data)
        if before // _STEP != size // _STEP:
            self.wait_for(_BODY)

    def _too_large(self, size):
        most = self.service.max_body
        if size > most:
            raise Refused(413, "the body of a request has %d bytes at most" % most)

    # A request that breaks the rules: nothing that comes after it can be trusted.
    def _refuse(self, refused):
        self.http.keep = False
        self._body = None
        if self._answered:
            self.finish()
        else:
            self._busy()
            self._problem(refused)

    # It is our turn.
    def _busy(self):
        self.reading = False
        self.waiting = False
        self.wait_for(None)

    # Answers.

    def _respond(self):
        self._busy()
        request = self._request
        if self._body:
            request.body = bytes(self._body)
        self._body = None
        try:
            self._answer(self.service.call(self, request))
        except Refused as e:
            self._problem(e)
        except Exception as e:
            self._defect(e)

    # Sends what a function returned; a generator goes on as a task.
    def _answer(self, value):
        if self.socket is not None:
            return
        if hasattr(value, "throw"):
            self._start(value)
            return
        response = answer.of(value)
        if response.pieces is not None:
            self._yielded = response
            self._start(response.pieces)
        else:
            self._send(response)

    def _start(self, generator):
        from httpd.task import Running

        self._task = Running(self, generator)

    def _send(self, response):
        http = self.http
        source = response.source
        body = response.body
        more = self.service.date()
        try:
            head = http.begin(response.status, response.fields, response.length, more)
        except (ValueError, TypeError) as e:
            if source is not None:
                source.close()
            self._defect(e)
            return
        self.service.count(response.status)
        if source is not None and not http.bodiless:
            self.send(head)
            self.stream(source)
            return
        if source is not None:
            source.close()
        if not body or http.bodiless:
            self.send(head)
        elif len(body) <= _SHORT:
            self.send(head + body)
        else:
            self.send(head)
            self.send(body)
        self._complete()

    def _problem(self, refused):
        fields = getattr(refused, "fields", ())
        self._send(answer.problem(refused.status, str(refused), fields))

    def _defect(self, error):
        self.service.failed(error)
        self._send(answer.problem(500, "the program that answers this has a defect"))

    def _complete(self):
        http = self.http
        http.finish()
        self._answered = True
        self._task = None
        if http.keep and http.unread():
            # Of a body that nobody wants a bounded amount is read, for the next request's sake.
            self.reading = self._news = True
            self._turn(_BODY)
        else:
            self._again()

    # Another request may come, unless this was the last one.
    def _again(self):
        http = self.http
        if not http.again() or (self.eof and not http.begun()):
            self.finish()
            return
        self._answered = False
        self._request = None
        self.reading = self._news = True

    # For what runs a function as a task.

    def returned(self, value):
        """The function has returned."""
        self._task = None
        response = self._yielded
        if response is not None:
            self._yielded = response.pieces = None  # there was no piece
            value = response
        try:
            self._answer(value)
        except Exception as e:
            self._defect(e)
        self.wake()

    def raised(self, error):
        """The function has raised an exception."""
        self._task = None
        if self.http.answering():
            self.service.failed(error)
            self.abort()  # so that nobody takes the answer for a complete one
        elif isinstance(error, Refused):
            self._problem(error)
        else:
            self._defect(error)
        self.wake()

    def yields(self, pieces, stop):
        """The function yields its answer, of which `pieces()` gives the next piece."""
        http = self.http
        response = self._yielded or answer.Response(b"", kind=answer.HTML)
        self._yielded = None
        status = response.status
        self.send(http.begin(status, response.fields, None, self.service.date()))
        self.service.count(status)
        if http.bodiless:
            stop()
            self._complete()
        else:
            self.stream(Chunks(pieces, http.chunked, stop))
        self.wake()

    def upgrade(self, socket, fields):
        """Become the WebSocket `socket`."""
        self.socket = socket
        self.send(self.http.begin(101, fields))
        self.service.count(101)
        self._request = None
        self.reading = True
