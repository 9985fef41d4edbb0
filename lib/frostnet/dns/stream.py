# Frostnet: one DNS question by TCP
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 7766. One question per connection, which is closed behind the answer: a stub resolver meets
# a truncated answer too rarely to keep connections for the next.

from micropython import const

from frostnet.dns.framing import Framer, frame
from frostnet.tcp.states import SYN_RECEIVED, SYN_SENT
from frostnet.timers import Timer
from frostnet.wire import dns

_ECONNRESET = const(104)
_PIECE = const(1024)


class Stream:
    """Sends `message` to `server` and hands the answer to `answered(data, n)`, or an errno to
    `failed(errno)`. OSError if no connection can be begun."""

    def __init__(self, stack, server, message, answered, failed):
        self._answered = answered
        self._failed = failed
        self._left = memoryview(frame(message))  # what was not sent yet
        self._framer = Framer()
        self._buf = bytearray(_PIECE)
        self._stack = stack
        # Work is done when the frames of a poll are handled, not while one is.
        self._timer = Timer(self._go_on)
        self._connection = stack.tcp.connect(server, dns.PORT)
        self._connection.notify = self._wake

    def close(self):
        """Let go of the connection; neither function is called any more."""
        self._timer.due = None
        connection = self._connection
        if connection:
            self._connection = None
            connection.notify = None
            if connection.state in (SYN_SENT, SYN_RECEIVED) or self._left:
                connection.abort()
            else:
                connection.close()

    def _wake(self):
        self._stack.timers.set(self._timer, self._stack.now)

    def _go_on(self, now):
        c = self._connection
        tcp = self._stack.tcp
        tcp.settle(c, now)
        if c.state == SYN_SENT or c.state == SYN_RECEIVED:
            return
        error = c.take_error()
        if error:
            self._failed(error)
            return
        try:
            if self._left:
                self._left = self._left[c.send(self._left, 0, len(self._left)) :]
            while True:
                n = c.recv_into(self._buf, 0, min(self._framer.wanted(), _PIECE))
                if not n:
                    break
                message = self._framer.feed(self._buf, n)
                if message is not None:
                    self._answered(message, len(message))
                    return
        except OSError as e:
            self._failed(e.errno)
        except ValueError:
            self._stack.counters.dns_drop_malformed += 1
            self._failed(_ECONNRESET)
        else:
            if c.eof:
                self._failed(_ECONNRESET)
