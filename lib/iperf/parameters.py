# Frostnet: what an iperf3 client asks its server for
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from iperf.errors import (
    BAD_BLOCK,
    BAD_DURATION,
    BAD_PARAMETERS,
    BAD_STREAMS,
    UNSUPPORTED,
    IperfError,
)
from iperf.framing import integer

STREAMS_MAX = const(32)
SECONDS_MAX = const(86400)
OMIT_MAX = const(600)
UDP_RATE = const(1048576)  # bits per second, unless somebody says otherwise
TCP_LENGTH = const(131072)
TCP_LENGTH_MAX = const(1048576)
UDP_LENGTH = const(1448)  # fits into a packet on nearly every path
UDP_LENGTH_MIN = const(16)  # the header
UDP_LENGTH_MAX = const(65507)
_BYTES_MAX = const(1 << 60)

# What we do not do, and the test would not be what was asked for.
_UNSUPPORTED = ("bidirectional", "sctp", "authtoken")


class Parameters:
    """`udp`, `reverse` (the server sends), `parallel` streams, `length` of a block in bytes,
    `rate` of each stream in bits per second (0: as fast as it goes), `wide` (64 bits count the
    datagrams). The test ends after `bytes` of all streams, or if that is 0 after `seconds` (0:
    when the client says so), not counting the first `omit` seconds."""

    wide = False

    def __init__(self, udp, reverse, parallel, length, rate, seconds, num, omit=0):
        self.udp = udp
        self.reverse = reverse
        self.parallel = parallel
        self.length = length
        self.rate = rate
        self.seconds = seconds
        self.bytes = num
        self.omit = omit

    def pack(self):
        """Return the object to send as JSON."""
        value = {
            "udp" if self.udp else "tcp": True,
            "omit": self.omit,
            "time": 0 if self.bytes else self.seconds,
            "num": self.bytes,
            "blockcount": 0,
            "parallel": self.parallel,
            "len": self.length,
            "client_version": "frostnet",
        }
        if self.reverse:
            value["reverse"] = True
        if self.rate:
            value["bandwidth"] = self.rate
        return value


def read(value):
    """Return the Parameters in an object that a client has sent; IperfError."""
    for key in _UNSUPPORTED:
        if value.get(key):
            raise IperfError(UNSUPPORTED, "%s tests are not supported" % key)
    udp = bool(value.get("udp"))
    try:
        num = integer(value, "num", 0, _BYTES_MAX, 0)
        blocks = integer(value, "blockcount", 0, _BYTES_MAX >> 20, 0)
        rate = integer(value, "bandwidth", 0, _BYTES_MAX, 0)
    except ValueError as e:
        raise IperfError(BAD_PARAMETERS, "%s makes no sense" % e)
    low, high, usual = 1, TCP_LENGTH_MAX, TCP_LENGTH
    if udp:
        low, high, usual = UDP_LENGTH_MIN, UDP_LENGTH_MAX, UDP_LENGTH
    parallel = _within(value, "parallel", 1, STREAMS_MAX, 1, BAD_STREAMS)
    length = _within(value, "len", low, high, usual, BAD_BLOCK)
    seconds = _within(value, "time", 0, SECONDS_MAX, 0, BAD_DURATION)
    omit = _within(value, "omit", 0, OMIT_MAX, 0, BAD_DURATION)
    reverse = bool(value.get("reverse"))
    num = num or blocks * length
    it = Parameters(udp, reverse, parallel, length, rate, seconds, num, omit)
    it.wide = bool(value.get("udp_counters_64bit"))
    return it


def _within(value, key, low, high, default, code):
    try:
        return integer(value, key, low, high, default)
    except ValueError:
        raise IperfError(code)
