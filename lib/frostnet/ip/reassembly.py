# Frostnet: reassembly of fragmented datagrams
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 791 §3.2 and RFC 1122 §3.3.2. A fragment that overlaps another without being its copy
# spoils the datagram, and what comes of it later (as RFC 5722 §3 has it for IPv6): no honest
# sender makes one. Everything is bounded; who has most datagrams here makes room by his oldest.

from micropython import const

from frostnet.timers import Timer
from frostnet.wire.checksum import checksum

_DATAGRAMS = const(16)  # incomplete ones
_BYTES = const(196608)  # kept of all of them
_FRAGMENTS = const(288)  # of one datagram: the longest one in pieces for an MTU of 296
_LIFETIME = const(60_000_000)
_MAX = const(65535)
_QUOTE = const(528)  # bytes of the first fragment that an error may return


class _Datagram:
    def __init__(self, key, serial, until):
        self.key = key
        self.serial = serial
        self.until = until
        self.parts = []  # [(start, end, bytes), …] in order, without overlaps
        self.have = 0  # bytes of payload
        self.total = None  # payload's length, once the last fragment came
        self.header = None  # of the first fragment
        self.spoiled = False  # nothing of it is kept, and nothing taken until it expires


class Reassembly:
    """The datagrams of which some fragments came."""

    def __init__(self, stack):
        self._stack = stack
        self._counters = stack.counters
        self._table = {}  # (src, dst, id, protocol): _Datagram
        self._bytes = 0
        self._serial = 0
        self._timer = Timer(self._expire)

    def __len__(self):
        return len(self._table)

    def input(self, buf, off, data, end, src, dst):
        """Take the fragment at `off`, whose payload is `buf[data:end]`.

        Returns the whole datagram, header included, as a memoryview when it is complete.
        """
        counters = self._counters
        field = buf[off + 6] << 8 | buf[off + 7]
        start = (field & 0x1FFF) << 3
        more = field & 0x2000
        n = end - data
        # A whole datagram, header included, has at most 65535 bytes.
        if not n or (more and n & 7) or start + n > _MAX - (data - off):
            counters.ip_drop_fragment += 1
            return None
        key = (src, dst, buf[off + 4] << 8 | buf[off + 5], buf[off + 9])
        d = self._table.get(key)
        if d is None:
            d = self._new(key)
        if d.spoiled or not self._add(d, start, start + n, buf[data:end], more):
            counters.ip_drop_fragment += 1
            return None
        if not start:
            d.header = bytes(buf[off:data])
        if d.have != d.total:
            return None
        if len(d.header) + d.total > _MAX:
            self._spoil(d)  # the first one's header was longer than the last one's
            counters.ip_drop_fragment += 1
            return None
        self._remove(d)
        counters.ip_reassembled += 1
        return _join(d)

    def _new(self, key):
        stack = self._stack
        if len(self._table) >= _DATAGRAMS:
            self._evict()
        self._serial += 1
        d = _Datagram(key, self._serial, stack.now + _LIFETIME)
        self._table[key] = d
        if self._timer.due is None:
            stack.timers.set(self._timer, d.until)
        return d

    # Sorts one fragment in; False if it, or the datagram with it, is dropped.
    def _add(self, d, start, end, data, more):
        if d.total is not None:
            bad = end > d.total or (not more and end != d.total)
        else:
            bad = not more and d.parts and d.parts[-1][1] > end
        parts = d.parts
        i = len(parts)
        while i and parts[i - 1][0] >= start:
            i -= 1
        if i < len(parts) and parts[i][0] == start and parts[i][1] == end and not bad:
            if parts[i][2] == data:
                return False  # a copy
            bad = True
        if (
            bad
            or (i < len(parts) and parts[i][0] < end)
            or (i and parts[i - 1][1] > start)
            or len(parts) >= _FRAGMENTS
        ):
            self._spoil(d)
            return False
        n = end - start
        self._bytes += n
        d.have += n
        parts.insert(i, (start, end, bytes(data)))
        if not more:
            d.total = end
        while self._bytes > _BYTES:
            self._evict(d)
        return True

    def _remove(self, d):
        del self._table[d.key]
        self._bytes -= d.have

    def _spoil(self, d):
        self._counters.ip_reassembly_spoiled += 1
        self._bytes -= d.have
        d.have = 0
        d.total = d.header = None
        d.parts = []
        d.spoiled = True

    # Drops a datagram, but not `keep`: the oldest one of the sender that has most of them, so that
    # one who floods us pushes out his own.
    def _evict(self, keep=None):
        counts = {}
        for src, _, _, _ in self._table:
            counts[src] = counts.get(src, 0) + 1
        victim = None
        most = (0, 0)
        for d in self._table.values():
            rank = (counts[d.key[0]], -d.serial)
            if d is not keep and rank > most:
                victim = d
                most = rank
        self._counters.ip_reassembly_evicted += 1
        self._remove(victim)

    def _expire(self, now):
        when = None
        for d in list(self._table.values()):
            if d.until <= now:
                self._remove(d)
                if d.spoiled:
                    continue
                self._counters.ip_reassembly_timeout += 1
                if d.header is not None:
                    # RFC 792: only if the first fragment came can its sender be told.
                    quoted = d.header + d.parts[0][2][:_QUOTE]
                    self._stack.ip.errors.reassembly_timeout(quoted, d.key[0], d.key[1])
            elif when is None or d.until < when:
                when = d.until
        if when is not None:
            self._stack.timers.set(self._timer, when)


def _join(d):
    header = d.header
    n = len(header)
    buf = bytearray(n + d.total)
    buf[:n] = header
    for start, end, data in d.parts:
        buf[n + start : n + end] = data
    # As if it had come in one piece.
    total = n + d.total
    buf[2] = total >> 8
    buf[3] = total & 0xFF
    buf[6] = buf[7] = buf[10] = buf[11] = 0
    check = checksum(buf, 0, n)
    buf[10] = check >> 8
    buf[11] = check & 0xFF
    return memoryview(buf)
