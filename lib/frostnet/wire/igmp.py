# Frostnet: IGMP messages
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1112 appendix I, RFC 2236 and RFC 3376: versions 1, 2 and 3.

from micropython import const

from frostnet.wire.addr import load
from frostnet.wire.checksum import checksum

SIZE = const(8)  # of versions 1 and 2
_V3_QUERY = const(12)  # without sources
_RECORD = const(8)  # without sources

# Types.
QUERY = const(0x11)
V1_REPORT = const(0x12)
V2_REPORT = const(0x16)
LEAVE = const(0x17)
V3_REPORT = const(0x22)

# Types of a record in a report of version 3.
IS_INCLUDE = const(1)
IS_EXCLUDE = const(2)
TO_INCLUDE = const(3)
TO_EXCLUDE = const(4)

ALL_ROUTERS = const(0xE0000002)  # leaves go there
ALL_REPORTS = const(0xE0000016)  # and reports of version 3

# Offsets.
GROUP = const(4)

_TENTH = const(100_000)  # µs; the unit of response times
_V1_RESPONSE = const(10_000_000)
_SOURCES = const(64)  # of a query that we look at; more of them count as all


def parse_query(buf, off, end):
    """Return (version, time to answer in µs, group or 0, robustness, query interval in s,
    sources or None) of a query, or None if it is malformed.
    """
    n = end - off
    code = buf[off + 1]
    group = load(buf, off + GROUP)
    if n == SIZE:
        if code:
            return 2, code * _TENTH, group, 0, 0, None
        return 1, _V1_RESPONSE, group, 0, 0, None
    if n < _V3_QUERY:
        return None
    count = buf[off + 10] << 8 | buf[off + 11]
    if n < _V3_QUERY + 4 * count or (count and not group):
        return None
    sources = None
    if 0 < count <= _SOURCES:
        sources = [load(buf, off + _V3_QUERY + 4 * i) for i in range(count)]
    interval = _floating(buf[off + 9])
    return 3, _floating(code) * _TENTH, group, buf[off + 8] & 7, interval, sources


def simple(kind, group):
    """Return a report or leave message of version 1 or 2."""
    return _seal(bytes((kind, 0, 0, 0)) + group.to_bytes(4, "big"))


def report(records):
    """Return a report of version 3; `records` are (type, group, list of sources or None)."""
    buf = bytes((V3_REPORT, 0, 0, 0, 0, 0)) + len(records).to_bytes(2, "big")
    for kind, group, sources in records:
        sources = sources or ()
        buf += bytes((kind, 0)) + len(sources).to_bytes(2, "big") + group.to_bytes(4, "big")
        for source in sources:
            buf += source.to_bytes(4, "big")
    return _seal(buf)


def records_for(mtu):
    """Return how many records without sources fit into a report on a link."""
    return max((mtu - 24 - SIZE) // _RECORD, 1)


def _seal(buf):
    return buf[:2] + checksum(buf, 0, len(buf)).to_bytes(2, "big") + buf[4:]


# RFC 3376 §4.1.1 and §4.1.7: from 128 on it is an exponent of 3 bits and a mantissa of 4.
def _floating(code):
    if code < 128:
        return code
    return (code & 15 | 16) << ((code >> 4 & 7) + 3)
