# Frostnet: what a host says about itself by multicast DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet.wire import dns
from frostnet.wire.dns_data import name_data
from frostnet.wire.dns_name import reverse_name

_TTL = const(120)  # s: of records about host names (RFC 6762 §10)


class Own:
    """A record that is ours alone: `name`, `rtype`, `ttl` in s and `data`."""

    ttl = _TTL

    def __init__(self, name, rtype, data):
        self.name = name
        self.rtype = rtype
        self.data = data
        self.sent = None  # when it was last multicast

    def answers(self, question):
        """Return whether a question asks for this record."""
        return (
            question.name == self.name
            and question.qtype in (self.rtype, dns.ANY)
            and question.qclass in (dns.IN, dns.ANY)
        )

    def known(self, message, record):
        """Return whether a record of `message` tells the same for long enough (RFC 6762 §7.1)."""
        return record.ttl * 2 >= self.ttl and self.same(message, record)

    def same(self, message, record):
        """Return whether a record of `message` is this one, whatever its TTL."""
        if record.rtype != self.rtype or record.name != self.name:
            return False
        buf = message.buf
        if self.rtype != dns.PTR:
            return bytes(buf[record.off : record.end]) == self.data
        try:
            return name_data(buf, message.base, record) == self.data
        except ValueError:
            return False


def own_records(name, addr):
    """Return (address, pointer, NSEC), the records of the wire name `name` with one address."""
    # RFC 6762 §6.1: of the first 256 types only A is there
    nsec = name + b"\x00\x01" + bytes([0x80 >> dns.A])
    return (
        Own(name, dns.A, addr.to_bytes(4, "big")),
        Own(reverse_name(addr), dns.PTR, name),
        Own(name, dns.NSEC, nsec),
    )
