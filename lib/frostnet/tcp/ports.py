# Frostnet: TCP's local ports: who listens, who has one reserved, which are free
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
from array import array

from micropython import const

from frostnet.errnos import EADDRINUSE, EADDRNOTAVAIL, ENOBUFS

# RFC 6056 §3.2 asks for a range as large as possible; below are the ports of known services.
EPHEMERAL = const(0x8000)
_BITS = const(15)
_MASK = const(0x7FFF)
_TURNS = const(64)  # a power of two
_BOUND = const(256)  # ports that are reserved without being used yet


class Ports:
    """`free(port)` says that a port which nobody listens at or reserved can be taken."""

    def __init__(self, rand):
        self._secret = bytes([rand(8) for _ in range(16)])
        self._turns = array("H", [rand(_BITS) for _ in range(_TURNS)])
        self.listeners = {}  # port -> Listener, further ones along `next`
        self._bound = {}  # port -> tuple of addresses that reserved it

    def pick(self, laddr=0, raddr=0, rport=0, free=None):
        """Return a free port for a connection with this peer, which nobody else can guess.

        RFC 6056 §3.3.4: a peer's ports begin at a secret place and go up, so that none comes
        again soon. A random port soon does, and then meets the old connection in the peer's, or
        a translator's, TIME_WAIT.
        """
        h = hashlib.sha256(self._secret)
        h.update(laddr.to_bytes(16, "big") + raddr.to_bytes(16, "big") + rport.to_bytes(2, "big"))
        h = h.digest()
        start = h[0] << 8 | h[1]
        i = h[2] & (_TURNS - 1)
        turns = self._turns
        for _ in range(EPHEMERAL):
            turn = turns[i] = (turns[i] + 1) & _MASK
            port = EPHEMERAL | (start + turn) & _MASK
            if port not in self.listeners and port not in self._bound:
                if free is None or free(port):
                    return port
        raise OSError(EADDRNOTAVAIL)

    def bind(self, addr, port):
        """Reserve `port`, 0 for a free one, at `addr`, 0 for any, and return it."""
        if len(self._bound) >= _BOUND:
            raise OSError(ENOBUFS)
        if not port:
            port = self.pick()
        listener = self.listeners.get(port)
        while listener:
            if not addr or not listener.laddr or addr == listener.laddr:
                raise OSError(EADDRINUSE)
            listener = listener.next
        bound = self._bound.get(port, ())
        if bound and (not addr or 0 in bound or addr in bound):
            raise OSError(EADDRINUSE)
        self._bound[port] = bound + (addr,)
        return port

    def bound(self, addr, port):
        """Return whether `port` is reserved at just this address."""
        return addr in self._bound.get(port, ())

    def unbind(self, addr, port):
        """Give a reserved port back; nothing happens if it is not."""
        bound = self._bound.get(port, ())
        if addr in bound:
            rest = tuple(a for a in bound if a != addr)
            if rest:
                self._bound[port] = rest
            else:
                del self._bound[port]

    def listener(self, addr, port):
        """Return the listener for segments to `addr`, or None; one for just it goes first."""
        listener = self.listeners.get(port)
        wildcard = None
        while listener and listener.laddr != addr:
            if not listener.laddr:
                wildcard = listener
            listener = listener.next
        return listener or wildcard

    def add(self, listener):
        """Let `listener` have its port, which it reserved, from now on."""
        self.unbind(listener.laddr, listener.lport)
        listener.next = self.listeners.get(listener.lport)
        self.listeners[listener.lport] = listener

    def remove(self, listener):
        """Forget a listener."""
        port = listener.lport
        before = None
        at = self.listeners.get(port)
        while at is not listener:
            if at is None:
                return
            before = at
            at = at.next
        if before:
            before.next = listener.next
        elif listener.next:
            self.listeners[port] = listener.next
        else:
            del self.listeners[port]
