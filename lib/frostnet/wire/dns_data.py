# Frostnet: data of DNS records
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 1035 §3.3, RFC 2782 (SRV), RFC 3596 (AAAA). Every length is checked against the record's.

from frostnet.wire import dns
from frostnet.wire.addr6 import text as text6
from frostnet.wire.dns_name import read_name, text_name


def read(buf, base, record):
    """Return what a record says; ValueError if it is damaged or of another type than these.

    A: the address. AAAA: its text. CNAME, NS, PTR: the name's text. MX: (preference, name).
    SRV: (priority, weight, port, name). TXT: a tuple of bytes. SOA: (primary server, mailbox,
    serial, refresh, retry, expire, minimum).
    """
    try:
        reader = _READERS[record.rtype]
    except KeyError:
        raise ValueError("record type")
    return reader(buf, base, record)


def name_data(buf, base, record, skip=0):
    """Return the wire name that fills a record's data behind `skip` bytes; ValueError."""
    name, behind = read_name(buf, base, record.off + skip, record.end)
    if behind != record.end:
        raise ValueError("data behind a name")
    return name


def _be16(buf, at):
    return buf[at] << 8 | buf[at + 1]


def _be32(buf, at):
    return buf[at] << 24 | buf[at + 1] << 16 | buf[at + 2] << 8 | buf[at + 3]


def _a(buf, base, record):
    if record.end - record.off != 4:
        raise ValueError("address record of wrong length")
    return _be32(buf, record.off)


def _aaaa(buf, base, record):
    if record.end - record.off != 16:
        raise ValueError("address record of wrong length")
    return text6(buf, record.off)


def _name(buf, base, record):
    return text_name(name_data(buf, base, record))


def _mx(buf, base, record):
    # name_data() first: it fails if the record is too short for what is in front
    exchange = name_data(buf, base, record, 2)
    return _be16(buf, record.off), text_name(exchange)


def _srv(buf, base, record):
    target = name_data(buf, base, record, 6)
    at = record.off
    return _be16(buf, at), _be16(buf, at + 2), _be16(buf, at + 4), text_name(target)


def _txt(buf, base, record):
    texts = []
    at = record.off
    while at < record.end:
        n = buf[at]
        at += 1
        if at + n > record.end:
            raise ValueError("text runs out of the record")
        texts.append(bytes(buf[at : at + n]))
        at += n
    return tuple(texts) or (b"",)  # RFC 6763 §6.1


def _soa(buf, base, record):
    server, at = read_name(buf, base, record.off, record.end)
    mailbox, at = read_name(buf, base, at, record.end)
    if record.end - at != 20:
        raise ValueError("SOA record of wrong length")
    return (text_name(server), text_name(mailbox)) + tuple(
        [_be32(buf, at + i) for i in range(0, 20, 4)]
    )


_READERS = {
    dns.A: _a,
    dns.NS: _name,
    dns.CNAME: _name,
    dns.SOA: _soa,
    dns.PTR: _name,
    dns.MX: _mx,
    dns.TXT: _txt,
    dns.AAAA: _aaaa,
    dns.SRV: _srv,
}

TYPES = tuple(sorted(_READERS))  # record types that read() knows
