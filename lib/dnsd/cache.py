# Frostnet: answers of DNS servers, kept as they came
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from dnsd.query import told
from frostnet.wire import dns, dns_data

_ENTRIES = const(64)
_LARGEST = const(1232)  # bytes of an answer that is kept
_MAX_TTL = const(86400)  # s
_MAX_NEGATIVE = const(10800)  # s (RFC 2308 §5)
_SECOND = const(1000000)


class _Entry:
    def __init__(self, data, ttls, now, ttl):
        self.data = data
        self.ttls = ttls  # [(offset, s), …]
        self.came = now
        self.until = now + ttl * _SECOND


class Cache:
    """Answers by `Query.key`, bounded; the oldest makes room."""

    def __init__(self):
        self._entries = {}
        self._order = []  # keys, oldest first

    def __len__(self):
        return len(self._entries)

    def clear(self):
        self._entries.clear()
        self._order = []

    def get(self, query, now):
        """Return the answer to the query with what is left of its TTLs, or None."""
        entry = self._entries.get(query.key)
        if entry is None:
            return None
        if entry.until <= now:
            self._remove(query.key)
            return None
        out = told(query, entry.data)
        age = (now - entry.came) // _SECOND
        for at, ttl in entry.ttls:
            out[at : at + 4] = max(ttl - age, 0).to_bytes(4, "big")
        return out

    def put(self, query, data, now):
        """Keep a server's answer if it is whole, sound, and good for some time."""
        if len(data) > _LARGEST or not query.plain or query.qclass != dns.IN:
            return
        try:
            ttls, ttl = _ttls(query, data)
        except ValueError:
            return
        if ttl <= 0:
            return
        if query.key in self._entries:
            self._remove(query.key)
        elif len(self._order) >= _ENTRIES:
            self._remove(self._order[0])
        self._entries[query.key] = _Entry(bytes(data), ttls, now, min(ttl, _MAX_TTL))
        self._order.append(query.key)

    def _remove(self, key):
        del self._entries[key]
        self._order.remove(key)


# Where the TTLs are, and how long the answer is good; ValueError if it is not to be kept.
def _ttls(query, data):
    rcode = data[3] & 15
    if data[2] & dns.TC or rcode not in (dns.NOERROR, dns.NXDOMAIN):
        raise ValueError("no answer to keep")
    ttls = []
    least = None
    at = query.end
    negative = None
    for section in (6, 8, 10):
        count = data[section] << 8 | data[section + 1]
        for _ in range(count):
            begin = at
            record, at = dns.read_record(data, 0, begin, len(data))
            if record.rtype == dns.OPT:
                continue
            ttls.append((record.off - 6, record.ttl))
            least = record.ttl if least is None else min(least, record.ttl)
            if section == 8 and record.rtype == dns.SOA:
                minimum = dns_data.read(data, 0, record)[6]
                negative = min(record.ttl, minimum, _MAX_NEGATIVE)
    if rcode == dns.NXDOMAIN or not data[6] << 8 | data[7]:
        # RFC 2308 §5: what is not there is believed if the zone says for how long
        if negative is None:
            raise ValueError("nobody says how long")
        least = min(least, negative)
    return ttls, least
