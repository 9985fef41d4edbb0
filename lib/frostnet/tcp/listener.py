# Frostnet: listening for TCP connections
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.10.7.2. A SYN makes a connection in SYN_RECEIVED, which waits among the half-open
# ones; the ACK of its handshake moves it to the queue for accept(). Both are bounded. When too
# many are half-open the oldest has to go: it is an attacker's, or will try again. When the queue
# is full nothing is answered, so that the peer's retransmission finds the program further on.

from micropython import const

from frostnet.tcp.connection import Connection
from frostnet.tcp.handshake import learn_syn
from frostnet.tcp.states import SYN_RECEIVED
from frostnet.tcp.stray import refuse
from frostnet.wire.tcp import FIN, FLAG_ACK, FLAGS, RST, SYN

HALF_OPEN = const(64)


class Listener:
    """Takes connections to `lport` at `laddr` (0: any address); at most `backlog` wait."""

    tune = None  # called with each new connection before its SYN is answered, to set options

    def __init__(self, tcp, laddr, lport, backlog):
        self.tcp = tcp
        self.laddr = laddr
        self.lport = lport
        self.backlog = backlog
        self.notify = None  # called when a connection waits
        self.next = None  # listener with the same port and another address
        self._half = []
        self._queue = []

    def pending(self):
        """Return how many connections wait for accept()."""
        return len(self._queue)

    def accept(self):
        """Return the connection that waits longest, or None."""
        if not self._queue:
            return None
        c = self._queue.pop(0)
        c.listener = None
        return c

    def close(self):
        """Stop listening; reset the connections that nobody accepted."""
        self.tcp.ports.remove(self)
        self.notify = None
        for c in self._half + self._queue:
            c.listener = None
            c.abort()
        self._half = []
        self._queue = []

    def input(self, seg, path, raddr, rport, iss, now):
        """A segment for no connection arrives: RFC 9293 §3.10.7.2, LISTEN.

        `iss` is the number to begin with, -1 for any.
        """
        flags = seg[FLAGS]
        if flags & RST:
            return
        if flags & FLAG_ACK:
            refuse(self.tcp, path, seg)
            return
        counters = self.tcp.counters
        if not flags & SYN or flags & FIN:
            counters.tcp_drop_flags += 1
            return
        if len(self._queue) >= self.backlog:
            counters.tcp_drop_backlog += 1
            return
        if len(self._half) >= HALF_OPEN:
            counters.tcp_drop_half_open += 1
            self._half[0].drop(0)
        if self.tcp.full():
            counters.tcp_drop_full += 1
            refuse(self.tcp, path, seg)
            return
        if iss < 0:
            iss = self.tcp.isn(path.src, self.lport, raddr, rport)
        c = Connection(self.tcp, path, self.lport, raddr, rport, iss, SYN_RECEIVED, now)
        c.listener = self
        if self.tune:
            self.tune(c)
        learn_syn(c, seg, now)
        self._half.append(c)
        self.tcp.insert(c)
        self.tcp.mark(c)

    def accepts(self, c):
        """Return whether `c`, whose handshake is complete, may join the queue."""
        if len(self._queue) < self.backlog:
            return True
        self.tcp.counters.tcp_drop_backlog += 1
        return False

    def ready(self, c):
        """The handshake of `c` is complete."""
        self._half.remove(c)
        self._queue.append(c)
        self.tcp.counters.tcp_accept += 1
        if self.notify:
            self.notify()

    def forget(self, c):
        """`c` ended before it was accepted."""
        if c in self._half:
            self._half.remove(c)
        elif c in self._queue:
            self._queue.remove(c)
