# Frostnet: DNS message format
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1035 §4, hardened after RFC 9267; the OPT record is that of RFC 6891.

from micropython import const

from frostnet.wire.dns_name import read_name

PORT = const(53)
HEADER = const(12)
MAX_QUERY = const(512)  # more than build_query() writes
EDNS_SIZE = const(1232)  # of a UDP message, told to servers: no path fragments that

# Record types
A = const(1)
NS = const(2)
CNAME = const(5)
SOA = const(6)
PTR = const(12)
MX = const(15)
TXT = const(16)
AAAA = const(28)
SRV = const(33)
OPT = const(41)
NSEC = const(47)
ANY = const(255)

IN = const(1)

# Response codes
NOERROR = const(0)
FORMERR = const(1)
SERVFAIL = const(2)
NXDOMAIN = const(3)
NOTIMP = const(4)
REFUSED = const(5)
BADVERS = const(16)

QR = const(0x80)
OPCODE = const(0x78)
TC = const(0x02)
_RD = const(0x01)
_RCODE = const(0x0F)

_MAX_RECORDS = const(64)  # read from one message


def build_query(buf, ident, name, qtype, edns=False):
    """Write a recursive query for the wire name `name`; return its length, at most 282.

    With `edns` it has the OPT record that allows answers of EDNS_SIZE bytes (RFC 6891 §6.2.3).
    """
    n = len(name)
    for i in range(HEADER):
        buf[i] = 0
    buf[0] = ident >> 8
    buf[1] = ident & 0xFF
    buf[2] = _RD
    buf[5] = 1  # QDCOUNT
    end = HEADER + n
    buf[HEADER:end] = name
    buf[end] = qtype >> 8
    buf[end + 1] = qtype & 0xFF
    buf[end + 2] = 0
    buf[end + 3] = IN
    end += 4
    if edns:
        buf[11] = 1  # ARCOUNT
        for i in range(end, end + 11):
            buf[i] = 0
        buf[end + 2] = OPT
        buf[end + 3] = EDNS_SIZE >> 8
        buf[end + 4] = EDNS_SIZE & 0xFF
        end += 11
    return end


class Record:
    """A resource record: `name`, `rtype`, `rclass`, `ttl` in s; its data is buf[off:end]."""

    def __init__(self, name, rtype, rclass, ttl, off, end):
        self.name = name
        self.rtype = rtype
        self.rclass = rclass
        self.ttl = ttl
        self.off = off
        self.end = end


class Message:
    """A response: `ident`, `rcode` with its extension, `truncated`, the question (`name`,
    `qtype`), and lists of records of class IN: `answers`, `authority`."""

    def __init__(self, ident, rcode, truncated, name, qtype):
        self.ident = ident
        self.rcode = rcode
        self.truncated = truncated
        self.name = name
        self.qtype = qtype
        self.answers = []
        self.authority = []


def parse(buf, off, end):
    """Read the response buf[off:end]; ValueError if it is damaged or not a response.

    Of a truncated one nothing but the question is read (RFC 2181 §9). Names in records' data are
    not looked at yet: see `dns_data.read`. The name is `None` if a server refused to understand
    the query and does not repeat it.
    """
    if end - off < HEADER:
        raise ValueError("shorter than a header")
    flags = buf[off + 2]
    if not flags & QR or flags & OPCODE:
        raise ValueError("not a response to a query")
    rcode = buf[off + 3] & _RCODE
    ident = buf[off] << 8 | buf[off + 1]
    count = buf[off + 4] << 8 | buf[off + 5]
    if count == 0 and rcode in (FORMERR, NOTIMP):
        return Message(ident, rcode, False, None, 0)
    if count != 1:
        raise ValueError("not one question")
    name, at = read_name(buf, off, off + HEADER, end)
    if at + 4 > end:
        raise ValueError("question runs out of the message")
    qtype = buf[at] << 8 | buf[at + 1]
    if buf[at + 2] << 8 | buf[at + 3] != IN:
        raise ValueError("not class IN")
    at += 4
    message = Message(ident, rcode, bool(flags & TC), name, qtype)
    if message.truncated:
        return message
    additional = []
    left = _MAX_RECORDS
    for records, field in ((message.answers, 6), (message.authority, 8), (additional, 10)):
        for _ in range(buf[off + field] << 8 | buf[off + field + 1]):
            if not left:
                return message
            left -= 1
            record, at = read_record(buf, off, at, end)
            if record.rclass == IN or record.rtype == OPT:
                records.append(record)
    for record in additional:
        if record.rtype == OPT:
            message.rcode |= record.ttl >> 24 << 4  # RFC 6891 §6.1.3
            break
    return message


def read_record(buf, base, at, end):
    """Read the record at buf[at]; return it and the offset behind it. ValueError."""
    name, at = read_name(buf, base, at, end)
    data = at + 10
    if data > end:
        raise ValueError("record runs out of the message")
    behind = data + (buf[at + 8] << 8 | buf[at + 9])
    if behind > end:
        raise ValueError("record data runs out of the message")
    rtype = buf[at] << 8 | buf[at + 1]
    ttl = buf[at + 4] << 24 | buf[at + 5] << 16 | buf[at + 6] << 8 | buf[at + 7]
    if ttl >> 31 and rtype != OPT:
        ttl = 0  # RFC 2181 §8
    return Record(name, rtype, buf[at + 2] << 8 | buf[at + 3], ttl, data, behind), behind
