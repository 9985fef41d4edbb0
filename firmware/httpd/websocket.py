# Frostnet: WebSockets of the web server
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from http import websocket
from http.server import upgrade
from http.websocket import BINARY, CLOSE, NEED, PING, PONG, TEXT, Broken

_QUIET = const(30000000)  # µs without a word after which a client is asked whether it is there
_ANSWER = const(10000000)  # and then has for an answer, or for its part of the end
_BACKLOG = const(131072)  # bytes that may wait for a client to read


class Endpoint:
    """What routes have for a path with WebSockets; see HTTPD.websocket()."""

    def __init__(self, on_message, on_open, on_close, limit):
        self.on_message = on_message
        self.on_open = on_open
        self.on_close = on_close
        self.limit = limit

    def __call__(self, request, *args):
        raise upgrade.Upgrade(426, "there is a WebSocket here, and nothing else")

    def open_socket(self, client, request, http):
        """Make the handshake, and a WebSocket of the client. Refused."""
        fields = upgrade.accept(http.method, http.minor, http.fields)
        return WebSocket(self, client, request, fields)


class WebSocket:
    """One client. `request` is the one that it began with."""

    def __init__(self, endpoint, client, request, fields):
        self.request = request
        self._endpoint = endpoint
        self._client = client
        self._frames = websocket.Frames(endpoint.limit)
        self._closing = False  # our CLOSE was sent
        self._asked = False  # a ping of ours waits for its pong
        client.upgrade(self, fields)
        client.service.sockets.add(self)
        client.wait_for(_QUIET)
        if endpoint.on_open:
            endpoint.on_open(self)

    @property
    def open(self):
        """Whether messages can be sent."""
        return self._client is not None and not self._closing

    def send(self, message):
        """Send a message, a str or bytes; from anywhere. False if the client is gone, or reads so
        slowly that too much waits already.
        """
        if not self.open or self._client.backlog() > _BACKLOG:
            return False
        self._put(websocket.build(TEXT if isinstance(message, str) else BINARY, message))
        return True

    def close(self, code=websocket.NORMAL, reason=""):
        """End it: the client is told, and has a while to answer."""
        if self.open:
            self._closing = True
            self._put(websocket.close(code, reason))
            self._client.wait_for(_ANSWER)

    # What the client's session calls.

    def received(self, data):
        """Bytes have come."""
        frames = self._frames
        frames.feed(data)
        self._asked = False
        if not self._closing:
            self._client.wait_for(_QUIET)
        try:
            while self._client is not None:
                event = frames.next()
                if event == NEED:
                    return
                self._take(event, frames)
        except Broken as e:
            self.close(e.code, str(e))
            self._finish()

    def late(self):
        """Nothing has come for a while."""
        if self._closing or self._asked:
            self._client.service.counters["late"] += 1
            self._client.abort()
        else:
            self._asked = True
            self._put(websocket.build(PING))
            self._client.wait_for(_ANSWER)

    def lost(self):
        """The connection is gone."""
        client = self._client
        if client is None:
            return
        self._client = None
        client.service.sockets.discard(self)
        if self._endpoint.on_close:
            self._endpoint.on_close(self)

    def _take(self, event, frames):
        if event == PING:
            if not self._closing and self._client.backlog() <= _BACKLOG:
                self._put(websocket.build(PONG, frames.message))
        elif event == CLOSE:
            self.close(frames.code)
            self._finish()
        elif event != PONG and not self._closing and self._endpoint.on_message:
            self._endpoint.on_message(self, frames.message)

    def _finish(self):
        self._closing = True
        if self._client is not None:
            self._client.finish()

    def _put(self, frame):
        self._client.send(frame)
        self._client.wake()
