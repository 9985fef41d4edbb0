# Frostnet: iperf3's datagrams: their header, and what a receiver learns from it
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

# A client says hello from the port of each stream, and the server answers. Old ones say numbers.
HELLO = b"9876"
REPLY = b"6789"
REPLIES = (REPLY, b"\xb1\x68\xde\x3a", b"\x3a\xde\x68\xb1")

HEADER = const(12)  # seconds, microseconds, number of the datagram; 32 bits each
WIDE_HEADER = const(16)  # with 64 bits for the number

_MILLION = const(1000000)


def write_header(buf, now, number, wide):
    """Begin `buf` with a header: `number` from 1 up, sent at `now` (µs)."""
    _put(buf, 0, now // _MILLION)
    _put(buf, 4, now % _MILLION)
    if wide:
        _put(buf, 8, number >> 32)
        _put(buf, 12, number)
    else:
        _put(buf, 8, number)


def _put(buf, off, value):
    buf[off] = value >> 24 & 0xFF
    buf[off + 1] = value >> 16 & 0xFF
    buf[off + 2] = value >> 8 & 0xFF
    buf[off + 3] = value & 0xFF


def _get(buf, off):
    return buf[off] << 24 | buf[off + 1] << 16 | buf[off + 2] << 8 | buf[off + 3]


class Arrivals:
    """What the headers of one stream tell: `packets` is the highest number, `lost` how many below
    it are not here, `out_of_order` how many came after a higher one; and `jitter` in ms (RFC 3550
    §6.4.1), when `look()` was called."""

    retransmits = cwnd = None

    def __init__(self, wide):
        self._wide = wide
        self._size = WIDE_HEADER if wide else HEADER
        self.bytes = self.packets = self.lost = self.out_of_order = 0
        self.short = 0  # datagrams that have no header
        self.jitter = 0.0
        self._transit = None  # of the last one, in µs; clocks differ, and it does not matter
        self._jitter = 0  # in 1/16 µs, RFC 3550 appendix A.8

    def look(self):
        """Bring `jitter` up to date."""
        self.jitter = self._jitter / 16000

    def count(self, buf, off, end, now):
        """The datagram buf[off:end] has come at `now` (µs)."""
        if end - off < self._size:
            self.short += 1
            return
        self.bytes += end - off
        number = _get(buf, off + 8)
        if self._wide:
            number = number << 32 | _get(buf, off + 12)
        packets = self.packets
        if number > packets:
            self.packets = number
            if number > packets + 1:
                self.lost += number - packets - 1
        else:
            # It had been taken for lost; or came twice
            self.out_of_order += 1
            if self.lost:
                self.lost -= 1
        transit = now - _get(buf, off) * _MILLION - _get(buf, off + 4)
        if self._transit is not None:
            d = transit - self._transit
            if d < 0:
                d = -d
            self._jitter += d - (self._jitter + 8 >> 4)
        self._transit = transit
