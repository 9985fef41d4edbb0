# Frostnet: what commands need first: a network that is up, and the address of a host
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import runtime
from frostnet.dns import EAI_NONAME
from frostnet.wire import addr
from net._check import check_text
from net._error import EINVAL, ENETDOWN, ENETUNREACH, ETIMEDOUT, NetError, explain

_PATIENCE = const(5)  # s that a command waits for a lease that is on its way


def network():
    """Return the runtime; NetError if there is no network at all."""
    try:
        return runtime.current()
    except OSError:
        raise NetError(
            ENETDOWN, "there is no network: start QEMU with a network card, or netup.start()"
        )


def interface(rt, name):
    """Return the Iface called `name`; NetError if there is none."""
    ifaces = rt.stack.ifaces + [rt.stack.lo]
    for iface in ifaces:
        if iface.name == name:
            return iface
    names = ", ".join([iface.name for iface in ifaces])
    raise NetError(EINVAL, "no interface %s: there are %s" % (name, names))


def ready(rt, timeout=_PATIENCE, only=None):
    """Wait until an interface (the Iface `only`, if given) has an address, `timeout` seconds at
    most, and return the Iface.

    NetError if the link is down, DHCP is off, or nobody answered.
    """
    ifaces = [only] if only else rt.stack.ifaces
    until = rt.clock() + int(timeout * 1000000)
    rt.lock()
    try:
        while True:
            there = [iface for iface in ifaces if iface.up and iface.carrier]
            for iface in there:
                if iface.addr:
                    return iface
            if not ifaces:
                raise NetError(ENETDOWN, "there is no network card: start QEMU with one")
            link = bool(there)
            asking = any(client and client.state for client in map(rt.dhcp.get, ifaces))
            if rt.clock() >= until or (link and not asking):
                break
            rt.wait(until)
    finally:
        rt.unlock()
    if not link:
        raise explain(OSError(ENETDOWN), "")
    name = there[0].name
    if not asking:
        text = '%s has no address: net.ifconfig("%s", "dhcp") asks for one'
        raise NetError(ENETUNREACH, text % (name, name))
    raise NetError(
        ETIMEDOUT,
        "no DHCP server answers: set an address with "
        'net.ifconfig("%s", "10.0.2.15/24", gateway="10.0.2.2")' % name,
    )


def resolve(rt, host):
    """Return the address of `host`, a name or dotted decimal, as an int; NetError."""
    check_text("a host", host, "10.0.2.2")
    results = lookup(rt, host, 1)
    if not addr.is_loopback(results[0]):
        ready(rt)
    return results[0]


def lookup(rt, name, kind, server=0):
    """Return the records of type `kind` of a name, as `wire.dns_data.read` gives them; NetError.

    `server` is the address of the one to ask, 0 for those that are set.
    """
    query = _query(rt, name, kind, server)
    if query.error > 0:
        # Nobody could be asked: perhaps the lease, and the servers with it, is on its way
        ready(rt)
        query = _query(rt, name, kind, server)
    if not query.error:
        return query.result
    if query.error == EAI_NONAME:
        text = "unknown host %s: check the name" if kind == 1 else "%s has no such record"
        raise NetError(query.error, text % name)
    asked = [server] if server else rt.resolver.servers
    servers = ", ".join([addr.text(server) for server in asked])
    if not servers:
        text = "cannot look up %s without a DNS server: set one with net.ifconfig(dns=…)"
        raise NetError(query.error, text % name)
    if query.error < 0:
        text = "the DNS server (%s) could not find out the address of %s: try again"
        raise NetError(query.error, text % (servers, name))
    raise explain(OSError(query.error), "the DNS server (%s)" % servers)


def _query(rt, name, kind, server):
    rt.lock()
    try:
        query = rt.resolver.query(name, kind, server)
        try:
            while not query.done:
                rt.wait()
        finally:
            query.cancel()  # Ctrl-C
    finally:
        rt.unlock()
    return query
