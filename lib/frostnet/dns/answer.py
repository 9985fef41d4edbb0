# Frostnet: finding the answer in a DNS response
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import dns

MAX_ALIASES = const(16)  # CNAME records followed for one query, however many messages it takes


def follow(buf, base, message, name, qtype, aliases):
    """Follow `name` through the CNAME records of a response (RFC 1034 section 3.6.2).

    Return (results, name, ttl, aliases): addresses or texts of names, empty if the chain ends
    at a name without records of `qtype`; that name; the least TTL met, in s, or `None` if there
    was no record; and the number of aliases used up, counted from `aliases`. ValueError if a
    record is damaged or the chain is too long.
    """
    records = {}
    for record in message.answers:
        records.setdefault((record.name, record.rtype), []).append(record)
    ttl = None
    while True:
        found = records.get((name, qtype))
        if found:
            break
        alias = records.get((name, dns.CNAME))
        if not alias:
            return [], name, ttl, aliases
        if aliases >= MAX_ALIASES:
            raise ValueError("too many aliases")
        aliases += 1
        ttl = _least(ttl, alias[0].ttl)
        name = dns.name_data(buf, base, alias[0])
    results = []
    for record in found:
        ttl = _least(ttl, record.ttl)
        if qtype == dns.A:
            results.append(dns.address_data(buf, record))
        else:
            results.append(dns.text_name(dns.name_data(buf, base, record)))
    return results, name, ttl, aliases


def _least(a, b):
    return b if a is None or b < a else a
