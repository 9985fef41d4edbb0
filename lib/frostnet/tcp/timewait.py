# Frostnet: TIME_WAIT, in a fixed table
# MIT license; Copyright (c) 2026 The Frostnet authors

# A connection that is over still has to answer a FIN that its peer sends again, and to keep
# old segments away from its successor, for 2 MSL (RFC 9293 §3.6.1). All that takes is a few
# numbers in a table made once. Entries end in the order in which they came; when the table is
# full the oldest ends early, which is safe enough: numbers of a successor start far away.

from array import array

from micropython import const

from frostnet.tcp.stray import reply
from frostnet.tcp.table import BUCKETS
from frostnet.timers import Timer
from frostnet.wire.tcp import FIN, FLAG_ACK, FLAGS, HAS_TS, LEN, RST, SEQ, SYN, TSVAL

ENTRIES = const(256)
TWO_MSL = const(60000000)  # µs. RFC 9293 says 2 minutes for the MSL; 30 s is common practice

_MASK = const(0xFFFFFFFF)
_HALF = const(0x80000000)
_ACK_EVERY = const(500000)  # µs between two ACKs that nobody needs


class TimeWait:
    def __init__(self, tcp):
        self.tcp = tcp
        self.count = 0
        self._first = 0  # oldest entry
        # Chains through _next, newest entry first, in the places that connections have. (Ports of
        # one peer follow each other: as keys of a dict they would be in each other's way.)
        self._heads = array("h", [-1] * BUCKETS)
        self._next = array("h", [-1] * ENTRIES)
        self._ports = array("q", [-1] * ENTRIES)  # lport << 16 | rport; -1: free
        self._laddr = [None] * ENTRIES
        self._raddr = [None] * ENTRIES
        self._snd_nxt = array("I", [0] * ENTRIES)
        self._rcv_nxt = array("I", [0] * ENTRIES)
        self._stamped = bytearray(ENTRIES)  # 1: with timestamps, which are:
        self._ts_recent = array("I", [0] * ENTRIES)
        self._ts_offset = array("I", [0] * ENTRIES)
        self._due = array("q", [0] * ENTRIES)
        self._answered = array("q", [0] * ENTRIES)  # when an unneeded ACK may be sent again
        self._timer = Timer(self._expired)

    def add(self, c, now):
        """Let an entry take the place of connection `c`."""
        if self.count == ENTRIES:
            self._pop()
        i = (self._first + self.count) % ENTRIES
        self.count += 1
        ports = self._ports[i] = c.ports
        self._laddr[i] = c.laddr
        self._raddr[i] = c.raddr
        self._snd_nxt[i] = c.snd_max & _MASK
        self._rcv_nxt[i] = c.rcv_nxt & _MASK
        self._stamped[i] = c.ts_ok
        self._ts_recent[i] = c.ts_recent
        self._ts_offset[i] = c.ts_offset
        self._due[i] = now + TWO_MSL
        self._answered[i] = 0
        at = self.tcp.table.bucket(ports, c.raddr)
        self._next[i] = self._heads[at]
        self._heads[at] = i
        if self._timer.due is None:
            self.tcp.stack.timers.set(self._timer, now + TWO_MSL)

    def find(self, ports, laddr, raddr):
        """Return the entry for a four-tuple, or -1."""
        i = self._heads[self.tcp.table.bucket(ports, raddr)]
        while i >= 0 and (
            self._ports[i] != ports or self._raddr[i] != raddr or self._laddr[i] != laddr
        ):
            i = self._next[i]
        return i

    def successor(self, i, seg):
        """Return the number that a new connection may begin with, or -1: RFC 6191 §2.

        `seg` is a SYN. It is from a new connection for sure if its timestamp is newer than all of
        the old one's, or if that had none; or if its number is beyond all that the old connection
        received. Ours is then far beyond all that the old one sent.
        """
        if seg[HAS_TS] and not self._stamped[i]:
            age = 1
        elif seg[HAS_TS]:
            age = seg[TSVAL] - self._ts_recent[i]
        else:
            age = 0
        if age == 0:
            age = seg[SEQ] - self._rcv_nxt[i]
        if age & _MASK == 0 or age & _MASK >= _HALF:
            return -1
        return (self._snd_nxt[i] + 65535 + 2) & _MASK

    def remove(self, i):
        """End entry `i`; its place is used again when those before it have ended."""
        ports = self._ports[i]
        if ports < 0:
            return
        place = self.tcp.table.bucket(ports, self._raddr[i])
        at = self._heads[place]
        if at == i:
            self._heads[place] = self._next[i]
        else:
            while self._next[at] != i:
                at = self._next[at]
            self._next[at] = self._next[i]
        self._ports[i] = -1
        self._laddr[i] = self._raddr[i] = None

    def input(self, i, seg, path, now):
        """A segment for entry `i` that begins no new connection, RFC 9293 §3.10.7.4.

        A reset does not end the entry (RFC 1337). A FIN starts 2 MSL again, unless its timestamp
        says that it is an old duplicate.
        """
        flags = seg[FLAGS]
        counters = self.tcp.counters
        if flags & RST:
            counters.tcp_drop_timewait += 1
            return
        length = seg[LEN] + (flags & FIN)
        if length == 0 and not flags & SYN and seg[SEQ] == self._rcv_nxt[i]:
            counters.tcp_drop_timewait += 1  # a late ACK
            return
        stamped = self._stamped[i]
        old = stamped and seg[HAS_TS] and (seg[TSVAL] - self._ts_recent[i]) & _MASK >= _HALF
        if flags & FIN and not old:
            self._due[i] = now + TWO_MSL
        if length == 0:
            if now < self._answered[i]:
                counters.tcp_drop_timewait += 1
                return
            self._answered[i] = now + _ACK_EVERY
        tsval = now // 1000 + self._ts_offset[i] & _MASK if stamped else -1
        ports = self._ports[i]
        seq = self._snd_nxt[i]
        ack = self._rcv_nxt[i]
        reply(self.tcp, path, ports, seq, ack, FLAG_ACK, tsval, self._ts_recent[i])

    # Ends the oldest entry.
    def _pop(self):
        i = self._first
        self.remove(i)
        self._first = (i + 1) % ENTRIES
        self.count -= 1

    def _expired(self, now):
        while self.count:
            i = self._first
            if self._ports[i] >= 0 and self._due[i] > now:
                self.tcp.stack.timers.set(self._timer, self._due[i])
                return
            self._pop()
