# Frostnet: net.iperf: the streams of data, by TCP and UDP
# MIT license; Copyright (c) 2026 The Frostnet authors

# What runs per block or datagram allocates nothing. All of it is called under the lock.

from micropython import const

from frostnet.wire import addr
from iperf import datagrams
from iperf.datagrams import Arrivals, write_header
from net._iperf_link import NEVER

BLOCK = const(16384)  # bytes of TCP in one go

_SHARES = const(50)  # of a second: how evenly a stream of TCP keeps to its rate
_BURST = const(32)  # datagrams in a row, before others get their turn
_RETRY = const(1000)  # µs until a datagram that found no room is tried again
_HELLOS = const(32)  # that wait for an answer
_HELLO_SIZE = const(4)


class TCPSender:
    """Sends on a connection. `step(now)` does what can be done now, and returns when to be called
    again even if nothing happens."""

    packets = lost = out_of_order = jitter = None

    def __init__(self, conn, asked, pace, budget, block):
        self.conn = conn
        self.bytes = 0
        size = min(asked.length, BLOCK)
        if asked.rate:
            size = max(1, min(size, asked.rate // 8 // _SHARES))
        self._size = size
        self._block = block
        self.pace = pace
        self._budget = budget

    def look(self):
        conn = self.conn
        self.retransmits = conn.retransmits
        self.cwnd = conn.cc.cwnd if conn.cc else 0

    def step(self, now):
        send = self.conn.send
        block = self._block
        pace = self.pace
        budget = self._budget
        size = self._size
        while now >= pace.due:
            if size > budget.left:
                size = budget.left
                if size <= 0:
                    return NEVER
            n = send(block, 0, size)
            self.bytes += n
            budget.left -= n
            pace.sent(n)
            if n < size:
                return NEVER
        return pace.due

    def unfinished(self):
        """Return whether something is still to be acknowledged."""
        return self.conn.unfinished()

    def shutdown(self):
        """Send no more."""
        self.conn.shutdown()

    def close(self):
        if self.conn.unfinished():
            self.conn.abort()  # nobody waits for what did not get there
        else:
            self.conn.close()


class TCPReceiver:
    """Receives on a connection; see TCPSender."""

    retransmits = cwnd = packets = lost = out_of_order = jitter = None

    def __init__(self, conn, block):
        self.conn = conn
        self.bytes = 0
        self._block = block

    def look(self):
        pass

    def step(self, now):
        conn = self.conn
        rx = conn.rx
        if not rx.len and conn.error:
            raise OSError(conn.take_error())
        while rx.len:
            self.bytes += conn.recv_into(self._block, 0, BLOCK)
        return NEVER

    def unfinished(self):
        return False

    def close(self):
        self.conn.close()


class UDPSender:
    """Sends datagrams from a Port to a peer; see TCPSender."""

    retransmits = cwnd = lost = out_of_order = jitter = None

    def __init__(self, port, peer, asked, pace, budget, clock):
        self.bytes = self.packets = 0
        self._port = port
        self._endpoint = port.endpoint
        self._dst, self._dport = peer
        self._buf = bytearray(asked.length)
        self._wide = asked.wide
        self.pace = pace
        self._budget = budget
        self._clock = clock

    def look(self):
        pass

    def step(self, now):
        pace = self.pace
        budget = self._budget
        buf = self._buf
        size = len(buf)
        send = self._endpoint.send
        left = _BURST
        while now >= pace.due:
            if budget.left <= 0:
                return NEVER
            if not left:
                return now
            left -= 1
            now = self._clock()
            write_header(buf, now, self.packets + 1, self._wide)
            if not send(buf, self._dst, self._dport):
                return now + _RETRY
            self.packets += 1
            self.bytes += size
            budget.left -= size
            pace.sent(size)
        return pace.due

    def unfinished(self):
        return False

    def shutdown(self):
        pass

    def close(self):
        self._port.close()


class UDPReceiver(Arrivals):
    """Receives the datagrams of a peer at a Port, within the poll; see TCPSender."""

    def __init__(self, port, peer, wide):
        super().__init__(wide)
        self._port = port
        port.attach(peer, self.count)

    def step(self, now):
        return NEVER

    def unfinished(self):
        return False

    def close(self):
        self._port.close()


class Port:
    """A UDP port of ours. Datagrams go straight from the frame to the stream of who sent them; the
    hellos among them wait in `hellos`, as (address, port, bytes)."""

    def __init__(self, rt, number=0):
        self.hellos = []
        self._streams = {}  # address << 16 | port: fn(buf, off, end, now)
        self._stack = rt.stack
        self.endpoint = rt.stack.udp.open(addr.ANY, number)
        self.endpoint.handler = self._deliver

    def attach(self, peer, fn):
        """Give `fn` what comes from `peer`, (address, port)."""
        self._streams[peer[0] << 16 | peer[1]] = fn

    def answer(self, known):
        """Reply to the hellos of `known` peers, again if need be; forget the others."""
        while self.hellos:
            src, sport, word = self.hellos.pop(0)
            if (src, sport) in known and word == datagrams.HELLO:
                self.endpoint.send(datagrams.REPLY, src, sport)

    def close(self):
        self.endpoint.close()

    # Runs within the poll.
    def _deliver(self, iface, buf, off, end, src, sport):
        if end - off == _HELLO_SIZE:
            if len(self.hellos) < _HELLOS:
                self.hellos.append((src, sport, bytes(buf[off:end])))
            return
        fn = self._streams.get(src << 16 | sport)
        if fn is not None:
            fn(buf, off, end, self._stack.now)
