# Frostnet: finding the answer in a DNS response
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.dns.codes import EAI_NONAME
from frostnet.wire import dns, dns_data
from frostnet.wire.dns_name import within

MAX_ALIASES = const(16)  # CNAME records followed for one query, however many messages it takes
_MAX_NEGATIVE = const(10800)  # s that a missing name is believed in (RFC 2308 §5)


class LameServer(Exception):
    """The server does not know, but names others that a resolver could ask."""


class Answer:
    """What became of one question.

    `results`, or `error` (an errno or EAI_…), or the wire name `alias` to ask for instead, after
    `aliases` CNAME records. `ttl` in s says how long to keep it. `whole`: it holds for all types
    of records of this name.
    """

    def __init__(self, results=(), error=0, ttl=0, alias=None, aliases=0, whole=False):
        self.results = results
        self.error = error
        self.ttl = ttl
        self.alias = alias
        self.aliases = aliases
        self.whole = whole


def follow(buf, base, message, name, qtype):
    """Return the Answer for `name` from a response, through its CNAME records.

    RFC 1034 §3.6.2; RFC 2308 §2 for what is not there. ValueError if a record is damaged or the
    chain of aliases too long, LameServer.
    """
    records = {}
    for record in message.answers:
        records.setdefault((record.name, record.rtype), []).append(record)
    ttl = None
    aliases = 0
    asked = name
    while True:
        found = records.get((name, qtype))
        if found:
            results = []
            for record in found:
                ttl = _least(ttl, record.ttl)
                results.append(dns_data.read(buf, base, record))
            return Answer(results, 0, ttl, aliases=aliases)
        alias = records.get((name, dns.CNAME))
        if not alias:
            break
        aliases += 1
        if aliases > MAX_ALIASES:
            raise ValueError("too many aliases")
        ttl = _least(ttl, alias[0].ttl)
        name = dns_data.name_data(buf, base, alias[0])
    negative = _negative_ttl(buf, base, message.authority, name)
    if message.rcode == dns.NXDOMAIN or negative is not None:
        # The name that does not exist is the end of the chain (RFC 2308 §2.1)
        whole = message.rcode == dns.NXDOMAIN and name == asked
        return Answer((), EAI_NONAME, _least(ttl, negative or 0), whole=whole)
    if aliases:
        return Answer((), 0, ttl, name, aliases)
    for record in message.authority:
        if record.rtype == dns.NS:
            raise LameServer  # a referral (RFC 2308 §2.2)
    return Answer((), EAI_NONAME)


# How long to believe that there is nothing: RFC 2308 §5. None without the zone's SOA record.
def _negative_ttl(buf, base, authority, name):
    for record in authority:
        if record.rtype == dns.SOA and within(name, record.name):
            minimum = dns_data.read(buf, base, record)[6]
            if minimum >> 31:
                minimum = 0  # RFC 2181 §8
            return min(record.ttl, minimum, _MAX_NEGATIVE)
    return None


def _least(a, b):
    return b if a is None or b < a else a
