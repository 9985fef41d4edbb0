# Frostnet: multicast DNS messages
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6762 §18. The format is that of DNS, but queries and responses may have any number of
# questions and of records in every section, and the top bit of a class has a meaning of its own.

from micropython import const

from frostnet.wire import dns
from frostnet.wire.dns_name import read_name

PORT = const(5353)
GROUP = const(0xE00000FB)  # 224.0.0.251

# The top bit of a class: of a question, that the answer may come by unicast (§5.4); of a record,
# that there are no others of this name and type (§10.2).
TOP = const(0x8000)

# Sections, as `Builder.record` counts them.
ANSWER = const(6)
AUTHORITY = const(8)
ADDITIONAL = const(10)

_AA = const(0x04)
_MAX_QUESTIONS = const(16)  # read from one message
_MAX_RECORDS = const(64)


class Question:
    """`name`, `qtype`; `unicast`: the asker would like the answer alone."""

    def __init__(self, name, qtype, qclass):
        self.name = name
        self.qtype = qtype
        self.qclass = qclass & ~TOP
        self.unicast = bool(qclass & TOP)


class Message:
    """A query or a response: `ident`, `response`, `truncated`, `questions`, and the lists of
    records `answers`, `authority` and `additional`. It is in `buf`, from `base` on, and like that
    not to be kept. `rcode` is 0 (§18.11)."""

    rcode = 0

    def __init__(self, buf, base, ident, response, truncated):
        self.buf = buf
        self.base = base
        self.ident = ident
        self.response = response
        self.truncated = truncated
        self.questions = []
        self.answers = []
        self.authority = []
        self.additional = []


def parse(buf, off, end):
    """Read the message buf[off:end]; ValueError if it is damaged or not one of mDNS."""
    if end - off < dns.HEADER:
        raise ValueError("shorter than a header")
    flags = buf[off + 2]
    if flags & dns.OPCODE or buf[off + 3] & 15:
        raise ValueError("neither query nor response")  # §18.3 and §18.11
    ident = buf[off] << 8 | buf[off + 1]
    message = Message(buf, off, ident, bool(flags & dns.QR), bool(flags & dns.TC))
    count = buf[off + 4] << 8 | buf[off + 5]
    if count > _MAX_QUESTIONS:
        raise ValueError("too many questions")
    at = off + dns.HEADER
    for _ in range(count):
        name, at = read_name(buf, off, at, end)
        if at + 4 > end:
            raise ValueError("question runs out of the message")
        message.questions.append(
            Question(name, buf[at] << 8 | buf[at + 1], buf[at + 2] << 8 | buf[at + 3])
        )
        at += 4
    left = _MAX_RECORDS
    for records, field in (
        (message.answers, ANSWER),
        (message.authority, AUTHORITY),
        (message.additional, ADDITIONAL),
    ):
        for _ in range(buf[off + field] << 8 | buf[off + field + 1]):
            if not left:
                return message
            left -= 1
            record, at = dns.read_record(buf, off, at, end)
            if record.rclass & ~TOP == dns.IN:
                records.append(record)
    return message


class Builder:
    """Puts a message together: `data` is what to send."""

    def __init__(self, response, ident=0):
        self.data = bytearray(dns.HEADER)
        self.data[0] = ident >> 8
        self.data[1] = ident & 0xFF
        if response:
            self.data[2] = dns.QR | _AA  # §18.2 and §18.4

    def question(self, name, qtype, qclass=dns.IN):
        self.data[5] += 1
        self.data.extend(name)
        self._number(qtype, 2)
        self._number(qclass, 2)

    def record(self, section, name, rtype, ttl, data, rclass=dns.IN):
        self.data[section + 1] += 1
        self.data.extend(name)
        self._number(rtype, 2)
        self._number(rclass, 2)
        self._number(ttl, 4)
        self._number(len(data), 2)
        self.data.extend(data)

    def _number(self, value, size):
        self.data.extend(value.to_bytes(size, "big"))
