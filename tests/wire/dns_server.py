# Frostnet: a DNS server for tests, on a host of the simulator
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import dns
from frostnet.wire.addr import parse
from frostnet.wire.dns import encode_name


def record(name, rtype, data, ttl=300):
    name = encode_name(name) if isinstance(name, str) else name
    return (
        name
        + rtype.to_bytes(2, "big")
        + b"\0\1"
        + ttl.to_bytes(4, "big")
        + len(data).to_bytes(2, "big")
        + data
    )


def a(name, address, ttl=300):
    return record(name, dns.A, parse(address).to_bytes(4, "big"), ttl)


def cname(name, target, ttl=300):
    return record(name, dns.CNAME, encode_name(target), ttl)


class Question:
    """What a client asked; `port` is its own."""

    def __init__(self, when, data, src, port):
        self.when = when
        self.ident = data[0] << 8 | data[1]
        self.name, at = dns.read_name(data, 0, 12, len(data))
        self.text = dns.text_name(self.name)
        self.qtype = data[at] << 8 | data[at + 1]
        self.data = data
        self.src = src
        self.port = port


class Server:
    """Answers from `zone`: {name: list of records, or a response code}; `asked` lists what came.

    A test may replace `answer(question)`.
    """

    def __init__(self, host, zone=None, port=53):
        self.host = host
        self.zone = zone or {}
        self.asked = []
        self.answer = self.look_up
        self.endpoint = host.stack.udp.open(0, port)
        self.endpoint.handler = self._input

    def look_up(self, question):
        found = self.zone.get(question.text, dns.NXDOMAIN)
        if isinstance(found, int):
            self.reply(question, rcode=found)
        else:
            self.reply(question, found)

    def silent(self, question):
        pass

    def reply(self, question, records=(), **options):
        self.send(question, self.message(question, records, **options))

    def message(self, q, records=(), rcode=0, flags=0x8180, ident=None, name=None, qtype=None):
        ident = q.ident if ident is None else ident
        head = b"".join(
            x.to_bytes(2, "big") for x in (ident, flags | rcode, 1, len(records), 0, 0)
        )
        qtype = q.qtype if qtype is None else qtype
        question = (name or q.name) + qtype.to_bytes(2, "big") + b"\0\1"
        return head + question + b"".join(records)

    def send(self, question, data, endpoint=None):
        (endpoint or self.endpoint).send(data, question.src, question.port)

    def _input(self, iface, buf, off, end, src, sport):
        question = Question(self.host.stack.now, bytes(buf[off:end]), src, sport)
        self.asked.append(question)
        self.answer(question)
