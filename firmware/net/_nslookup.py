# Frostnet: net.nslookup
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr, dns
from net._error import EINVAL, NetError
from net._host import lookup, network

_KINDS = {"A": dns.A, "PTR": dns.PTR, "CNAME": dns.CNAME, "NS": dns.NS}
_LABELS = {"A": "Address", "PTR": "Name", "CNAME": "Canonical name", "NS": "Name server"}


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
        print("Server:  ", addr.text(server))
    print("Name:    ", name)
    for result in results:
        print(_LABELS[kind] + ":  " + result)
    return results


def _is_address(name):
    try:
        addr.parse(name)
        return True
    except ValueError:
        return False
