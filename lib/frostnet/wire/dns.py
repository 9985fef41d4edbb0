# Frostnet: DNS message format (RFC 1035 section 4, hardened after RFC 9267)
# MIT license; Copyright (c) 2026 The Frostnet authors

# A name is kept in its wire form, expanded and in lower case: labels with their lengths, and
# the final 0. So a dot inside a label stays different from a dot between labels.

from micropython import const

PORT = const(53)
MAX_SIZE = const(512)  # of a UDP message without EDNS0

# Record types
A = const(1)
NS = const(2)
CNAME = const(5)
SOA = const(6)
PTR = const(12)
TXT = const(16)
AAAA = const(28)
SRV = const(33)

_IN = const(1)

# Response codes
NOERROR = const(0)
FORMERR = const(1)
SERVFAIL = const(2)
NXDOMAIN = const(3)
NOTIMP = const(4)
REFUSED = const(5)

_HEADER = const(12)
_QR = const(0x80)
_OPCODE = const(0x78)
_TC = const(0x02)
_RD = const(0x01)
_RCODE = const(0x0F)

_MAX_LABEL = const(63)
_MAX_NAME = const(255)
_MAX_POINTERS = const(32)  # in one name; a sender needs one
_MAX_RECORDS = const(64)  # read from one message


def encode_name(text):
    """Return the wire form of a name; ValueError if it has an empty or too long part."""
    text = text[:-1] if text.endswith(".") else text
    out = bytearray()
    for label in text.lower().split("."):
        label = label.encode()
        if not 1 <= len(label) <= _MAX_LABEL:
            raise ValueError("empty or too long part in a name")
        out.append(len(label))
        out.extend(label)
    out.append(0)
    if len(out) > _MAX_NAME:
        raise ValueError("name too long")
    return bytes(out)


def text_name(name):
    """Return the text of a wire name; bytes outside printable ASCII as \\ddd, also dots."""
    labels = []
    at = 0
    while name[at]:
        label = ""
        for c in name[at + 1 : at + 1 + name[at]]:
            if 0x20 < c < 0x7F and c != 0x2E and c != 0x5C:
                label += chr(c)
            else:
                label += "\\%03d" % c
        labels.append(label)
        at += 1 + name[at]
    return ".".join(labels) or "."


def reverse_name(addr):
    """Return the wire name under which an IPv4 address has its PTR record."""
    return encode_name(
        "%d.%d.%d.%d.in-addr.arpa" % (addr & 255, addr >> 8 & 255, addr >> 16 & 255, addr >> 24)
    )


def build_query(buf, ident, name, qtype):
    """Write a recursive query for the wire name `name`; return its length, at most 271."""
    n = len(name)
    for i in range(_HEADER):
        buf[i] = 0
    buf[0] = ident >> 8
    buf[1] = ident & 0xFF
    buf[2] = _RD
    buf[5] = 1  # QDCOUNT
    end = _HEADER + n
    buf[_HEADER:end] = name
    buf[end] = qtype >> 8
    buf[end + 1] = qtype & 0xFF
    buf[end + 2] = 0
    buf[end + 3] = _IN
    return end + 4


def read_name(buf, base, at, end):
    """Expand the name at buf[at]; return (wire name, offset behind it).

    `base` is where the message begins. Every pointer must lead to before the piece that holds
    it, so no chain can come back; ValueError for anything else that is not a name.
    """
    out = bytearray()
    behind = 0
    start = at  # of the piece being read
    pointers = 0
    while True:
        if at >= end:
            raise ValueError("name runs out of the message")
        n = buf[at]
        if n == 0:
            out.append(0)
            return bytes(out), behind or at + 1
        if n >= 0xC0:
            if at + 2 > end:
                raise ValueError("pointer runs out of the message")
            target = base + ((n & 0x3F) << 8 | buf[at + 1])
            if not base + _HEADER <= target < start:
                raise ValueError("pointer does not lead back")
            pointers += 1
            if pointers > _MAX_POINTERS:
                raise ValueError("too many pointers")
            behind = behind or at + 2
            at = start = target
            continue
        if n > _MAX_LABEL:
            raise ValueError("unknown label type")
        if at + 1 + n > end:
            raise ValueError("label runs out of the message")
        if len(out) + n + 2 > _MAX_NAME:
            raise ValueError("name too long")
        # bytes() first: lower() also keeps the length byte, which is below "A"
        out.extend(bytes(buf[at : at + 1 + n]).lower())
        at += 1 + n


class Record:
    """A resource record: `name`, `rtype`, `ttl` in s; its data is buf[off:end]."""

    def __init__(self, name, rtype, ttl, off, end):
        self.name = name
        self.rtype = rtype
        self.ttl = ttl
        self.off = off
        self.end = end


class Message:
    """A response: `ident`, `rcode`, `truncated`, the question (`name`, `qtype`) and the list
    `answers` of the records of class IN."""

    def __init__(self, ident, rcode, truncated, name, qtype, answers):
        self.ident = ident
        self.rcode = rcode
        self.truncated = truncated
        self.name = name
        self.qtype = qtype
        self.answers = answers


def parse(buf, off, end):
    """Read the response buf[off:end]; ValueError if it is damaged or not a response.

    Names in records' data are not looked at yet: see `name_data`.
    """
    if end - off < _HEADER:
        raise ValueError("shorter than a header")
    flags = buf[off + 2]
    if not flags & _QR or flags & _OPCODE:
        raise ValueError("not a response to a query")
    if buf[off + 4] or buf[off + 5] != 1:
        raise ValueError("not one question")
    name, at = read_name(buf, off, off + _HEADER, end)
    if at + 4 > end:
        raise ValueError("question runs out of the message")
    qtype = buf[at] << 8 | buf[at + 1]
    if buf[at + 2] << 8 | buf[at + 3] != _IN:
        raise ValueError("not class IN")
    at += 4
    answers = []
    truncated = bool(flags & _TC)
    count = buf[off + 6] << 8 | buf[off + 7]
    for _ in range(min(count, _MAX_RECORDS)):
        if truncated and at == end:
            break
        at = _read_record(buf, off, at, end, answers)
    return Message(
        buf[off] << 8 | buf[off + 1], buf[off + 3] & _RCODE, truncated, name, qtype, answers
    )


def _read_record(buf, base, at, end, records):
    name, at = read_name(buf, base, at, end)
    data = at + 10
    if data > end:
        raise ValueError("record runs out of the message")
    behind = data + (buf[at + 8] << 8 | buf[at + 9])
    if behind > end:
        raise ValueError("record data runs out of the message")
    if buf[at + 2] << 8 | buf[at + 3] == _IN:
        ttl = buf[at + 4] << 24 | buf[at + 5] << 16 | buf[at + 6] << 8 | buf[at + 7]
        if ttl >> 31:
            ttl = 0  # RFC 2181 section 8
        records.append(Record(name, buf[at] << 8 | buf[at + 1], ttl, data, behind))
    return behind


def address_data(buf, record):
    """The address of an A record; ValueError if it has not four bytes."""
    at = record.off
    if record.end - at != 4:
        raise ValueError("address record of wrong length")
    return buf[at] << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]


def name_data(buf, base, record):
    """The wire name in a CNAME, NS or PTR record; ValueError if it is not exactly a name."""
    name, behind = read_name(buf, base, record.off, record.end)
    if behind != record.end:
        raise ValueError("data behind a name")
    return name
