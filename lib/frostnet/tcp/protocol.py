# Frostnet: TCP: where segments come in and what its users begin with
# MIT license; Copyright (c) 2026 The Frostnet authors

from array import array

from micropython import const

from frostnet.errnos import EADDRINUSE, EADDRNOTAVAIL, EMSGSIZE, ENETUNREACH, ENOBUFS
from frostnet.tcp.batch import CHECKED, Batch
from frostnet.tcp.connection import BUFFER, Connection
from frostnet.tcp.counted import COUNTERS
from frostnet.tcp.fast import predict
from frostnet.tcp.input import arrive, dropped
from frostnet.tcp.isn import isn, ts_offset
from frostnet.tcp.listener import Listener
from frostnet.tcp.options import PLAIN_TS, offer, predictable
from frostnet.tcp.output import output
from frostnet.tcp.pmtu import on_its_way, too_big
from frostnet.tcp.ports import Ports
from frostnet.tcp.recovery import settle
from frostnet.tcp.states import ESTABLISHED, SYN_RECEIVED, SYN_SENT
from frostnet.tcp.stray import stray
from frostnet.tcp.table import Table
from frostnet.tcp.timewait import TimeWait
from frostnet.wire import tcp as wire
from frostnet.wire.addr import is_loopback, is_unicast
from frostnet.wire.fast import checksum
from frostnet.wire.tcp import ACK, LEN, PORTS, SEQ, SIZE
from frostnet.wire.tcp_fast import parse
from frostnet.wire.tcp_options import parse_options

MAX_CONNECTIONS = const(2048)
_PATHS = const(64)

_PROTO = const(6)
_MASK = const(0xFFFFFFFF)
_HALF = const(0x80000000)

# Indices of wire/tcp.py, as constants for the hot path.
_PORTS = const(0)
_SUM = const(1)
_SEQ = const(2)
_ACKNO = const(3)
_WND = const(5)
_DATA = const(6)
_LEN = const(7)
_TSVAL = const(12)
_TSECR = const(13)

assert (PORTS, wire.SUM, SEQ, ACK, wire.WND, wire.DATA, LEN) == (0, 1, 2, 3, 5, 6, 7)
assert (wire.TSVAL, wire.TSECR, PLAIN_TS) == (12, 13, 2)


class TCP:
    """RFC 9293 over `stack.ip`."""

    rcvbuf = sndbuf = BUFFER  # bytes that a new connection may keep in each direction
    watching = None  # what tells of connections while somebody watches any, tcp/watch.py

    def __init__(self, stack):
        self.stack = stack
        self.ip = stack.ip
        self.counters = stack.counters
        self.counters.register(COUNTERS)
        self.ports = Ports(stack.rand)
        self.listeners = self.ports.listeners
        self.timewait = TimeWait(self)
        self._seg = array("I", [0] * SIZE)
        self._batch = Batch()
        self._last = None  # connection of the last segment: often of the next one too
        self.count = 0  # connections in the table
        self.table = Table(stack.rand)
        self.find = self.table.find
        self.secret = bytes([stack.rand(8) for _ in range(16)])
        self._paths = {}
        self._generation = 0  # of the routes that they were found by
        self.marked = []  # connections that may have something to send
        self.stalled = []  # those that found no transmit buffer
        self.ip.register(_PROTO, self, sums=True)

    # For sockets and other users.

    def connect(self, dst, port, src=None, sport=0, tune=None, iface=None):
        """Begin a connection to `dst`:`port` and return it in SYN_SENT.

        `src` and `sport` are our address and port, None or 0 for any; `tune` is called with the
        connection before its SYN is made, to set options; `iface` is the only interface that it
        may leave through, None for any. OSError: ENETUNREACH without a route, EADDRNOTAVAIL if
        `src` is not ours, `port` is 0 or no port is free, EADDRINUSE if the four-tuple is taken,
        ENOBUFS if there are too many connections.
        """
        if not (is_unicast(dst) or is_loopback(dst)):
            raise OSError(ENETUNREACH)
        if not port:
            raise OSError(EADDRNOTAVAIL)
        if self.full():
            raise OSError(ENOBUFS)
        path = self.path(dst, src or None, iface)
        laddr = path.src
        if not sport:
            sport = self.ports.pick(
                laddr, dst, port, lambda p: not self._in_use(p << 16 | port, dst, laddr)
            )
        elif self._in_use(sport << 16 | port, dst, laddr):
            raise OSError(EADDRINUSE)
        self.unbind(src or 0, sport)
        now = self.stack.now
        iss = self.isn(laddr, sport, dst, port)
        c = Connection(self, path, sport, dst, port, iss, SYN_SENT, now)
        if tune:
            tune(c)
        offer(c)
        self.insert(c)
        self.counters.tcp_connect += 1
        output(c, now)
        return c

    def listen(self, addr, port, backlog):
        """Return a Listener for `port` (0: a free one) at `addr` (0: any of ours).

        OSError: EADDRINUSE if somebody else has the port, EADDRNOTAVAIL if `addr` is not ours.
        """
        if not port or not self.ports.bound(addr, port):
            port = self.bind(addr, port)
        listener = Listener(self, addr, port, backlog)
        self.ports.add(listener)
        return listener

    def bind(self, addr, port):
        """Reserve `port` (0: a free one) at `addr` (0: any of ours), until it is used by
        connect() or listen() or given back by unbind(); return it. Errors as of listen().
        """
        if addr and addr not in self.ip.owners and not is_loopback(addr):
            raise OSError(EADDRNOTAVAIL)
        return self.ports.bind(addr, port)

    def unbind(self, addr, port):
        """Give a port that bind() reserved back."""
        self.ports.unbind(addr, port)

    def connections(self):
        """Iterate over all connections (for netstat)."""
        return iter(self.table)

    # For the stack.

    def input(self, iface, buf, off, end, src, dst, checked=False):
        """One segment, RFC 9293 §3.10.7. `checked`: its checksum needs no look."""
        counters = self.counters
        counters.tcp_rx += 1
        batch = self._batch
        if batch.c is not None:
            if checked:
                batch.hot[CHECKED] = 1
            if predict(buf, off, end, batch.hot, src, dst, batch.chunk):
                if checked:
                    batch.hot[CHECKED] = 0
                return
            batch.finish()
        seg = self._seg
        # The addresses are as good as the sum of their words (wire/fast.py folds any sum).
        start = src + dst + _PROTO
        plain = parse(buf, off, end, seg, start)
        if plain < 0:
            counters.tcp_drop_malformed += 1
            return
        ports = seg[_PORTS]
        c = self._last
        if c is None or c.ports != ports or c.raddr != src or c.laddr != dst:
            c = self.find(ports, src, dst)
            if c is not None:
                self._last = c
        if (
            plain
            and c is not None
            and plain == c.plain
            and not c.dupacks
            and (plain == 1 or (seg[_TSVAL] - c.ts_recent) & _MASK < _HALF)
        ):
            # Header prediction: in order, in the window, no flag but ACK and PSH, and it says
            # something new. What an ACK brings about waits until the batch ends (c.acks).
            rcv_nxt = c.rcv_nxt
            una = c.snd_una
            acked = (seg[_ACKNO] - una) & _MASK
            n = seg[_LEN]
            wnd = seg[_WND] << c.snd_wscale
            if (
                seg[_SEQ] == rcv_nxt & _MASK
                and acked <= c.snd_max - una
                and n <= c.rcv_adv - rcv_nxt
                and (n or acked or wnd != c.snd_wnd)
            ):
                try:
                    if checked:
                        good = True
                        if n:
                            c.rx.put(buf, seg[_DATA], n)
                    elif n:
                        good = c.rx.append(buf, seg[_DATA], n, seg[_SUM])
                    else:
                        good = seg[_SUM] % 0xFFFF == 0
                except MemoryError:
                    dropped(c, "tcp_drop_memory")  # as if it was lost on the way
                    return
                if not good:
                    dropped(c, "tcp_drop_checksum")
                    return
                if plain == 2:
                    if rcv_nxt == c.last_ack_sent:
                        c.ts_recent = seg[_TSVAL]
                        c.ts_recent_at = self.stack.now
                    if acked:
                        c.tsecr = seg[_TSECR]
                c.snd_wl1 = rcv_nxt
                if acked:
                    una += acked
                    c.snd_una = una
                    c.acks += 1
                if wnd != c.snd_wnd:
                    c.snd_wnd = wnd
                    if wnd > c.max_wnd:
                        c.max_wnd = wnd
                if n:
                    c.rcv_nxt = rcv_nxt + n
                    c.delack += 1 if n <= c.rcv_mss else 2
                    if c.notify:
                        c.notify()
                if not c.marked:
                    c.marked = True
                    self.marked.append(c)
                elif c.plain:
                    batch.begin(c)  # not the first of this poll
                return
        n = end - off
        if not checked and checksum(buf, off, n, start + n):
            if c is None:
                counters.tcp_drop_checksum += 1
            else:
                dropped(c, "tcp_drop_checksum")
            return
        if not plain and seg[_DATA] - off > wire.HEADER:
            parse_options(buf, off + wire.HEADER, seg[_DATA], seg)
        if c is None:
            stray(self, seg, buf, iface, src, dst)
            return
        try:
            arrive(c, seg, buf, self.stack.now)
        except MemoryError:
            dropped(c, "tcp_drop_memory")
        c.plain = predictable(c)

    def output_pending(self, now):
        """Let each marked connection send; True if some wait for a transmit buffer."""
        if self._batch.c is not None:
            self._batch.finish()
        marked = self.marked
        stalled = self.stalled
        if stalled:
            marked.extend(stalled)
            stalled.clear()
        while marked:
            c = marked.pop()
            c.marked = False
            if c.acks:
                settle(c, now)
            output(c, now)
        return bool(stalled)

    def settle(self, c, now):
        """Let `c` know all that has come; for those who look at it within a poll."""
        if self._batch.c is not None:
            self._batch.finish()
        if c.acks:
            settle(c, now)

    def error(self, errno, hard, buf, off, end, src, dst):
        """An ICMP error, or a neighbour that did not answer, RFC 9293 §3.9.2.2.

        `buf[off:end]` is the start of our segment. Only one that is on its way counts (RFC 5927
        §4.1); it ends an attempt to connect, and otherwise explains a later time-out.
        """
        c = self._quoted(buf, off, end, src, dst)
        if c is None:
            self.counters.tcp_drop_error += 1
            return
        if c.watch is not None:
            c.watch.tell("unreachable", errno)
        if errno == EMSGSIZE:
            if c.state >= ESTABLISHED:
                too_big(c, self.stack.now)
        elif c.state == SYN_SENT or (hard and c.state == SYN_RECEIVED):
            c.drop(errno)
        elif c.state >= ESTABLISHED:
            c.soft_error = errno

    def mtu_ok(self, buf, off, end, src, dst):
        """Say if the segment, which a router says was too large, is one that is on its way."""
        return self._quoted(buf, off, end, src, dst) is not None

    # For the rest of the protocol.

    def insert(self, c):
        """Put a connection into the table."""
        self.table.insert(c)
        self.count += 1

    def remove(self, c):
        """Take a connection out of the table, if it is there."""
        if self.table.remove(c):
            self.count -= 1
        if self._last is c:
            self._last = None

    def full(self):
        """Return whether there are as many connections as there may be."""
        return self.count >= MAX_CONNECTIONS

    def isn(self, laddr, lport, raddr, rport):
        return isn(self.stack.now, self.secret, laddr, lport, raddr, rport)

    def ts_offset(self, laddr, lport, raddr, rport):
        return ts_offset(self.secret, laddr, lport, raddr, rport)

    def mark(self, c):
        """Let `c` send when the poll's frames have all been handled."""
        if not c.marked:
            c.marked = True
            self.marked.append(c)

    def blocked(self, c):
        """`c` found no transmit buffer: let it try again at the next poll."""
        if not c.marked:
            c.marked = True
            self.stalled.append(c)

    def path(self, dst, src, iface=None):
        """Return a Path to `dst` from `src` (None: whatever fits) that many may share, or one
        through `iface`. OSError as of ip.path().
        """
        if iface is not None:
            path = self.ip.path(dst, src, iface)
            path.wanted = path.src
            return path
        paths = self._paths
        generation = self.ip.routes.generation
        if generation != self._generation:
            self._generation = generation
            paths.clear()  # connections keep theirs
        key = dst if src is None else dst ^ src << 29
        path = paths.get(key)
        if path is None or path.dst != dst or (src is not None and path.src != src):
            if len(paths) >= _PATHS:
                paths.clear()
            paths[key] = path = self.ip.path(dst, src)
            # A connection is between two addresses, whatever becomes of the route.
            path.wanted = path.src
        return path

    def _in_use(self, ports, raddr, laddr):
        return self.find(ports, raddr, laddr) or self.timewait.find(ports, laddr, raddr) >= 0

    # Returns the connection whose segment, on its way, an ICMP error quotes, or None.
    def _quoted(self, buf, off, end, src, dst):
        if end - off < 8:
            return None
        if self._batch.c is not None:
            self._batch.finish()
        ports = buf[off] << 24 | buf[off + 1] << 16 | buf[off + 2] << 8 | buf[off + 3]
        c = self.find(ports, dst, src)
        return c if c is not None and on_its_way(c, buf, off) else None
