# Frostnet: listening for TCP connections
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.10.7.2. A SYN makes a connection in SYN_RECEIVED, which waits among the half-open
# ones; the ACK of its handshake moves it to the queue for accept(). Both are bounded. When too
# many are half-open SYNs are answered with cookies (tcp/syncookies.py), and ACKs looked at for
# theirs a while longer. When the queue is full no SYN is answered, so that the peer's
# retransmission finds the program further on. Whose SYN was answered gets in, full or not: its ACK
# and its first data would be lost, and some peers (QEMU's user networking) take six seconds to
# repeat them.

from micropython import const

from frostnet.tcp import syncookies
from frostnet.tcp.connection import Connection
from frostnet.tcp.handshake import learn_syn
from frostnet.tcp.input import arrive
from frostnet.tcp.states import SYN_RECEIVED
from frostnet.tcp.stray import refuse
from frostnet.wire.tcp import ACK, FIN, FLAG_ACK, FLAGS, PORTS, RST, SYN

HALF_OPEN = const(64)


class Listener:
    """Takes connections to `lport` at `laddr` (0: any address). While `backlog` of them wait, no
    others begin."""

    tune = None  # called with each new connection before its SYN is answered, to set options

    def __init__(self, tcp, laddr, lport, backlog):
        self.tcp = tcp
        self.laddr = laddr
        self.lport = lport
        self.backlog = backlog
        self.notify = None  # called when a connection waits
        self.iface = None  # the interface that it takes connections from; None: any
        self.next = None  # listener with the same port and another address
        self._half = []
        self._queue = []
        self._cookies_until = 0  # when the last cookie that was sent is no longer good

    def pending(self):
        """Return how many connections wait for accept()."""
        return len(self._queue)

    def accept(self):
        """Return the connection that waits longest, or None."""
        if not self._queue:
            return None
        c = self._queue.pop(0)
        del c.listener  # the class has None
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

    def input(self, seg, buf, path, iss, now):
        """A segment for no connection arrives: RFC 9293 §3.10.7.2, LISTEN.

        `iss` is the number to begin with, -1 for any.
        """
        flags = seg[FLAGS]
        tcp = self.tcp
        if flags & RST:
            tcp.counters.tcp_drop_reset += 1
            return
        if flags & FLAG_ACK:
            syn = None
            if now < self._cookies_until and not flags & SYN:
                syn = syncookies.the_syn(tcp, path, seg, now)
            if syn and not tcp.full():
                self._complete(syn, seg, buf, path, now)
            else:
                tcp.counters.tcp_drop_unknown += 1
                refuse(tcp, path, seg)
            return
        counters = tcp.counters
        if not flags & SYN or flags & FIN:
            counters.tcp_drop_flags += 1
            return
        if len(self._queue) >= self.backlog:
            counters.tcp_drop_backlog += 1
            return
        if len(self._half) >= HALF_OPEN:
            self._cookies_until = now + syncookies.LIFETIME
            syncookies.answer(tcp, path, seg, now)
            return
        if tcp.full():
            counters.tcp_drop_full += 1
            refuse(tcp, path, seg)
            return
        rport = seg[PORTS] & 0xFFFF
        if iss < 0:
            iss = tcp.isn(path.src, self.lport, path.dst, rport)
        c = self._begin(path, rport, iss, now)
        learn_syn(c, seg, now)
        tcp.mark(c)

    # A new connection among the half-open ones.
    def _begin(self, path, rport, iss, now):
        c = Connection(self.tcp, path, self.lport, path.dst, rport, iss, SYN_RECEIVED, now)
        c.listener = self
        if self.tune:
            self.tune(c)
        self._half.append(c)
        self.tcp.insert(c)
        return c

    # The ACK of a handshake with a cookie: what would have been there is made, and takes it.
    def _complete(self, syn, seg, buf, path, now):
        if len(self._queue) >= self.backlog:
            self.tcp.counters.tcp_drop_backlog += 1
            return
        self.tcp.counters.tcp_cookie_good += 1
        c = self._begin(path, seg[PORTS] & 0xFFFF, seg[ACK] - 1 & 0xFFFFFFFF, now)
        syncookies.restore(c, syn, now)
        arrive(c, seg, buf, now)
        if c.state == SYN_RECEIVED:
            c.drop(0)  # nothing would ever come of it

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
