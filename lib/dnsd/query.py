# Frostnet: DNS queries as a server reads them, and its own answers
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import dns
from frostnet.wire.dns_name import read_name

_HEADER = const(12)
_QR = const(0x80)
_OPCODE = const(0x78)
_TC = const(0x02)
_RD = const(0x01)
_RA = const(0x80)
_CD = const(0x10)
_OPT = const(41)
_PLAIN = const(512)  # bytes of an answer by UDP that every client takes
_LARGEST = const(4096)
_POINTER = b"\xc0\x0c"  # to the name that was asked for

assert (_HEADER, _OPT) == (dns.HEADER, dns.OPT)


class Query:
    """A question: `data` as it came, `name` (wire form, lower case), `qtype`, `qclass`, `end` of
    the question in `data`; `size` of the answer that the client takes by UDP; `edns`, and `plain`
    if it has no options of EDNS. `rcode` tells what is wrong with it, or is 0. `key` is the same
    for queries that have the same answer.
    """

    name = b"\0"
    qtype = qclass = 0
    size = _PLAIN
    edns = False
    plain = True
    key = None

    def __init__(self, data):
        self.data = data
        self.end = _HEADER
        self.rcode = dns.NOERROR
        try:
            self._read(data)
        except ValueError:
            self.rcode = dns.FORMERR

    def _read(self, data):
        if data[2] & _OPCODE:
            self.rcode = dns.NOTIMP
            return
        n = len(data)
        if data[4:6] != b"\0\1":
            raise ValueError("not one question")
        self.name, at = read_name(data, 0, _HEADER, n)
        if at + 4 > n:
            raise ValueError("question runs out of the message")
        self.qtype = data[at] << 8 | data[at + 1]
        self.qclass = data[at + 2] << 8 | data[at + 3]
        self.end = at + 4
        if data[6:10] == b"\0\0\0\0" and data[10] == 0 and data[11] == 1:
            record, _ = dns.read_record(data, 0, self.end, n)
            if record.rtype == _OPT:
                self.edns = True
                self.plain = record.off == record.end
                self.size = min(max(record.rclass, _PLAIN), _LARGEST)
        elif data[6:12] != b"\0\0\0\0\0\0":
            self.plain = False
        flags = bytes((data[2] & _RD, data[3] & ~_RA & 0xFF))
        self.key = flags + self.name + data[self.end - 4 :]


def parse(data):
    """Return the Query in a datagram, or None for what gets no answer at all."""
    if len(data) < _HEADER or data[2] & _QR:
        return None
    return Query(data)


def answer(query, rcode=0, records=()):
    """Return an answer of our own; `records` are (type, ttl in s, data) for the name asked for."""
    data = query.data
    out = bytearray(data[: query.end])
    out[2] = _QR | data[2] & (_OPCODE | _RD)
    out[3] = _RA | data[3] & _CD | rcode
    out[4:12] = bytes(8)
    out[5] = query.end > _HEADER
    out[7] = len(records)
    for rtype, ttl, value in records:
        out.extend(_POINTER + rtype.to_bytes(2, "big") + b"\0\1" + ttl.to_bytes(4, "big"))
        out.extend(len(value).to_bytes(2, "big") + value)
    if query.edns:
        out[11] = 1  # RFC 6891 §6.1.1
        out.extend(b"\0\0" + bytes((_OPT,)) + dns.EDNS_SIZE.to_bytes(2, "big") + bytes(6))
    return out


def fitted(query, data):
    """Return the answer `data`, or one that says it is too long for UDP (RFC 5625 §4.4.1)."""
    if len(data) <= query.size:
        return data
    short = answer(query, data[3] & 15)
    short[2] |= _TC | data[2] & 0x04
    return short


def told(query, data):
    """Return a server's answer `data` with the id, and the spelling, of the query."""
    if data[4:6] == b"\0\0":
        return answer(query, data[3] & 15)  # a refusal to understand
    out = bytearray(data)
    out[0:2] = query.data[0:2]
    out[_HEADER : query.end] = query.data[_HEADER : query.end]
    return out


def answers(query, data):
    """Whether a server's message `data` is an answer to the query, apart from its id."""
    n = query.end
    if data[2] & (_QR | _OPCODE) != _QR:
        return False
    if data[4:6] == b"\0\0":
        return data[3] & 15 in (dns.FORMERR, dns.NOTIMP)
    return (
        len(data) >= n
        and data[4:6] == b"\0\1"
        and bytes(data[_HEADER : n - 4]).lower() == query.data[_HEADER : n - 4].lower()
        and data[n - 4 : n] == query.data[n - 4 : n]
    )
