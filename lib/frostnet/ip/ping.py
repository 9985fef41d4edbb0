# Frostnet: sending echo requests
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.errnos import ENOBUFS
from frostnet.wire import icmp
from frostnet.wire.addr import is_unicast

_PINGS = const(16)  # open at once
_OUTSTANDING = const(64)  # requests of one Ping whose replies are awaited
_REPLIES = const(32)  # kept until they are taken


class Ping:
    """Echo requests with one identifier, and the replies to them.

    `error` is the errno of the last request reported as undeliverable, 0 if there is none.
    """

    def __init__(self, pings, ident):
        self._pings = pings
        self.ident = ident
        self.error = 0
        self.duplicates = 0
        self._path = None
        self._sent = {}  # sequence number: when
        self._replies = []

    def send(self, dst, seq, payload, now, ttl=64):
        """Send one request with up to 65,507 bytes; returns False if the device had no room.

        OSError: no route, EHOSTUNREACH while the neighbour counts as dead, EMSGSIZE.
        """
        path = self._path
        if path is None or path.dst != dst:
            self._path = path = self._pings.ip.path(dst, df=False)
        if path.ttl != ttl:
            path.set_ttl(ttl)
        buf = path.begin()
        if buf is None:
            return False
        seq &= 0xFFFF
        word = self.ident << 16 | seq
        n = len(payload)
        if n + icmp.HEADER + 20 > path.mtu:
            if not path.send_long(1, icmp.echo_header(word, payload), payload):
                return False
        else:
            at = path.off
            icmp.header(buf, at, icmp.ECHO, 0, word)
            buf[at + icmp.HEADER : at + icmp.HEADER + n] = payload
            icmp.seal(buf, at, icmp.HEADER + n)
            path.send(1, icmp.HEADER + n, -1)
        sent = self._sent
        if seq not in sent and len(sent) >= _OUTSTANDING:
            del sent[min(sent, key=sent.get)]
        sent[seq] = now
        return True

    def recv(self):
        """Return (seq, source address, payload length, ttl, round trip in µs) or None."""
        return self._replies.pop(0) if self._replies else None

    def take_error(self):
        """Return `error` and clear it."""
        error = self.error
        self.error = 0
        return error

    def close(self):
        self._pings.remove(self)

    def input(self, buf, off, end, src, ttl):
        dst = self._path.dst if self._path else 0
        if src != dst and is_unicast(dst):
            # Whoever guesses the numbers is not to answer in another's place.
            self._pings.stack.counters.icmp_drop_echo_id += 1
            return
        seq = buf[off + icmp.SEQ] << 8 | buf[off + icmp.SEQ + 1]
        sent = self._sent.pop(seq, None)
        if sent is None:
            self.duplicates += 1
            self._pings.stack.counters.icmp_drop_echo_again += 1
        elif len(self._replies) < _REPLIES:
            # A request to ourselves may come back in a poll that began before it was sent.
            rtt = max(self._pings.stack.now - sent, 0)
            self._replies.append((seq, src, end - off - icmp.HEADER, ttl, rtt))
        else:
            self._pings.stack.counters.icmp_drop_echo_queue += 1


class Pings:
    """The open Pings by identifier."""

    def __init__(self, stack):
        self.stack = stack
        self.ip = stack.ip
        self._table = {}

    def open(self):
        """Return a new Ping with a random identifier; OSError(ENOBUFS) if too many are open."""
        table = self._table
        if len(table) >= _PINGS:
            raise OSError(ENOBUFS)
        ident = self.stack.rand(16)
        while ident in table:
            ident = (ident + 1) & 0xFFFF
        table[ident] = ping = Ping(self, ident)
        return ping

    def remove(self, ping):
        self._table.pop(ping.ident, None)

    def input(self, buf, off, end, src, ttl):
        """Handle an echo reply whose checksum is good."""
        ping = self._table.get(buf[off + icmp.ID] << 8 | buf[off + icmp.ID + 1])
        if ping is None:
            self.stack.counters.icmp_drop_echo_id += 1
        else:
            ping.input(buf, off, end, src, ttl)

    def error(self, errno, buf, off, dst):
        """The echo request at `off`, sent to `dst`, was undeliverable."""
        ping = self._table.get(buf[off + icmp.ID] << 8 | buf[off + icmp.ID + 1])
        if ping is not None:
            ping.error = errno
