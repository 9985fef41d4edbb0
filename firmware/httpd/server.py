# Frostnet: the web server: its routes, its limits, its files
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

from micropython import const

from http import date
from http.server import Refused
from http.server.heads import Heads
from http.server.lines import lines
from http.server.router import Router
from http.server.upgrade import wanted
from httpd.answer import Response
from httpd.cache import CLOCK_SET
from httpd.client import Client
from httpd.files import Files
from services import image
from services.service import Service

_PIECE = const(32768)  # bytes of a file that are read at once
_CLASSES = {2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx"}  # of answers, as they are counted


class HTTPD(Service):
    """What `net.httpd()` returns. `counters` has requests and answers by the hundred as well."""

    name = "httpd"
    several = True
    limit = 64
    buffer_size = 4096

    def __init__(self, port, root, dashboard=True, listing=True, max_body=65536):
        super().__init__(port)
        self.max_body = max_body
        self.router = Router()
        self.sockets = set()  # open WebSockets
        self.on_stop = []  # functions
        self._loop = None
        self.heads = Heads()
        self._second = 0
        self._date = b""
        for name in ("requests", "2xx", "3xx", "4xx", "5xx"):
            self.counters[name] = 0
        self.pieces = bytearray(_PIECE)
        self.files = Files(root, listing, self.pieces) if root else None
        if dashboard:
            from httpd import dashboard as pages

            pages.add(self)

    def session(self, conn):
        return Client(self, conn)

    def add(self, pattern, function, methods=("GET",)):
        """Let `function(request, …)` answer requests for a path: see docs/services/httpd.md."""
        self.router.add(pattern, function, methods)

    def route(self, pattern, methods=("GET",)):
        """add() as a decorator."""

        def decorate(function):
            self.add(pattern, function, methods)
            return function

        return decorate

    def websocket(self, pattern, on_message=None, on_open=None, on_close=None, limit=65536):
        """Serve WebSockets at a path: each function is called with the WebSocket, `on_message`
        with a message as well, a str or bytes of at most `limit` bytes.
        """
        from httpd.websocket import Endpoint

        self.add(pattern, Endpoint(on_message, on_open, on_close, limit))

    def call(self, client, request):
        """Return what the function for a request returns, or the file's answer. Refused."""
        found = self.router.find(request.method, request.path)
        if found is not None:
            function, args = found
            request.fields = dict(request.fields)  # the function's own
            if hasattr(function, "open_socket") and wanted(request.fields):
                return function.open_socket(client, request, client.http)
            return function(request, *args)
        if request.path == "*":
            return Response(b"", 200, [("Allow", "GET, HEAD, OPTIONS")])
        if self.files is None:
            raise Refused(404, "there is no " + request.path)
        return self.files.answer(request)

    def stop(self):
        super().stop()
        if self._loop is not None:
            self._loop.stop()
        for function in self.on_stop:
            function()
        self.pieces = self.files = None

    def loop(self):
        """The event loop of functions that await something; there is none until it is needed."""
        if self._loop is None:
            with image.Imports():
                from services.loop import Loop

            self._loop = Loop(self.pump)
        return self._loop

    def date(self):
        """The line with the field Date; b"" while nobody has set the clock (RFC 9110 §6.6.1)."""
        now = time.time()
        if now != self._second:
            self._second = now
            self._date = lines((("Date", date.text(now)),)) if now > CLOCK_SET else b""
        return self._date

    def count(self, status):
        """One more answer with this status."""
        counters = self.counters
        counters["requests"] += 1
        name = _CLASSES.get(status // 100)
        if name is not None:
            counters[name] += 1
