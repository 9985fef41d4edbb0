# Frostnet: net.nslookup
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr, dns
from net._check import check_text
from net._error import EINVAL, NetError
from net._host import lookup, network, resolve

_KINDS = {
    "A": dns.A,
    "AAAA": dns.AAAA,
    "CNAME": dns.CNAME,
    "MX": dns.MX,
    "NS": dns.NS,
    "PTR": dns.PTR,
    "SOA": dns.SOA,
    "SRV": dns.SRV,
    "TXT": dns.TXT,
}
_LABELS = {
    "A": "Address:",
    "AAAA": "Address:",
    "CNAME": "Alias of:",
    "MX": "Mail:",
    "PTR": "Name:",
    "SRV": "Service:",
    "TXT": "Text:",
}
_LINE = "%-9s %s"


def nslookup(name, kind=None, server=None):
    """See net.nslookup; NetError if there is no such record, or no server that answers."""
    check_text("what to look up", name, "frostnet.example")
    numeric = _is_address(name)
    if kind is None:
        kind = "PTR" if numeric else "A"
    kind = kind.upper() if isinstance(kind, str) else kind
    if kind not in _KINDS:
        raise NetError(EINVAL, "nslookup knows the kinds " + ", ".join(sorted(_KINDS)))
    rt = network()
    asked = resolve(rt, server) if server else 0
    results = [_text(kind, found) for found in lookup(rt, name, _KINDS[kind], asked)]
    if not asked and rt.resolver.servers:
        asked = rt.resolver.servers[0]
    if asked:
        print(_LINE % ("Server:", addr.text(asked)))
    print(_LINE % ("Address:" if numeric else "Name:", name))
    for result in results:
        print(_LINE % (_LABELS.get(kind, kind + ":"), result))
    return results


def _text(kind, found):
    if kind == "A":
        return addr.text(found)
    if kind == "TXT":
        return " ".join(['"%s"' % _printable(text) for text in found])
    if isinstance(found, tuple):
        return " ".join([str(part) for part in found])
    return found


# What comes from the network must not move the cursor.
def _printable(text):
    out = ""
    for c in text:
        if c in b'"\\':
            out += "\\" + chr(c)
        elif 0x20 <= c < 0x7F:
            out += chr(c)
        else:
            out += "\\%03d" % c
    return out


def _is_address(name):
    try:
        addr.parse(name)
        return True
    except ValueError:
        return False
