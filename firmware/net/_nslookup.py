# Frostnet: net.nslookup
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr, dns
from net._error import EINVAL, NetError
from net._host import lookup, network

_KINDS = {"A": dns.A, "PTR": dns.PTR, "CNAME": dns.CNAME, "NS": dns.NS}
_LABELS = {"A": "Address:", "PTR": "Name:", "CNAME": "Alias of:", "NS": "NS:"}
_LINE = "%-9s %s"


def nslookup(name, kind=None):
    """See net.nslookup; NetError if there is no such name, or no server that answers."""
    if kind is None:
        kind = "PTR" if _is_address(name) else "A"
    kind = kind.upper()
    if kind not in _KINDS:
        raise NetError(EINVAL, "nslookup knows the kinds " + ", ".join(sorted(_KINDS)))
    rt = network()
    found = lookup(rt, name, _KINDS[kind])
    results = [addr.text(a) if isinstance(a, int) else a for a in found]
    for server in rt.resolver.servers[:1]:
        print(_LINE % ("Server:", addr.text(server)))
    print(_LINE % ("Address:" if _is_address(name) else "Name:", name))
    for result in results:
        print(_LINE % (_LABELS[kind], result))
    return results


def _is_address(name):
    try:
        addr.parse(name)
        return True
    except ValueError:
        return False
