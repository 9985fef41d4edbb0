# Frostnet: what holds for all interfaces: network.ipconfig, and network.route
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

from frostnet import runtime
from frostnet.errnos import ENETUNREACH
from frostnet.wire import addr
from network._keys import none, one
from network._lan import nic_of
from network._names import parse_servers, set_servers

_ESRCH = const(3)  # there is no such route, as Linux says it

_prefer = 4


def ipconfig(*args, **kwargs):
    """Ask for "dns", "prefer" or "routes"; set dns="10.0.2.3", or a tuple of them, and prefer=4.

    "routes" is a list of tuples (network, gateway, nic, metric), the first that fits is taken.
    prefer=6 is kept, but nothing has an IPv6 address here.
    """
    global _prefer
    rt = runtime.current()
    if not kwargs:
        key = one(args)
        if key == "dns":
            servers = rt.resolver.servers
            return addr.text(servers[0] if servers else 0)
        if key == "prefer":
            return _prefer
        if key == "routes":
            return _table(rt)
        raise ValueError("unexpected key")
    none(args)
    servers = prefer = None
    for key, value in kwargs.items():
        if key == "dns":
            servers = parse_servers(value)
        elif key == "prefer":
            if value not in (4, 6):
                raise ValueError("invalid prefer argument")
            prefer = value
        else:
            raise ValueError("unexpected key")
    if servers is not None:
        set_servers(rt, servers)
    if prefer:
        _prefer = prefer


def route(network=None, gateway=None, nic=None, metric=0, remove=False):
    """List of the network interfaces; with a `network`, add a route to it or remove it.

    network: "10.9.0.0/16", or "default". gateway: "10.0.2.2"; without one the network is on the
    link of `nic`. metric: of two ways to the same network the lower is taken; it counts on top of
    the interface's. Removing looks at `network`, and at `nic` if it is given.

    ValueError for what is no route; OSError: ENETUNREACH if the gateway is no neighbour, ENOBUFS
    if there are too many routes, ESRCH if there is none to remove.
    """
    rt = runtime.current()
    if network is None:
        return [nic_of(rt, iface) for iface in rt.stack.ifaces]
    network, prefix = (0, 0) if network == "default" else addr.parse_prefix(network, 32)
    gateway = addr.parse(gateway) if gateway else 0
    rt.lock()
    try:
        if remove:
            _remove(rt, network, prefix, nic)
        else:
            _add(rt, network, prefix, gateway, nic, metric)
    finally:
        rt.unlock()


def _add(rt, network, prefix, gateway, nic, metric):
    if network & ~addr.netmask(prefix):
        raise ValueError("network has bits beyond its prefix")
    routes = rt.stack.ip.routes
    if nic:
        iface = nic._iface
    elif gateway:
        way = routes.lookup(gateway)
        if way is None:
            raise OSError(ENETUNREACH)
        iface = way.iface
    else:
        raise ValueError("a route needs a gateway or a nic")
    routes.add(network, prefix, iface, gateway, metric)


def _remove(rt, network, prefix, nic):
    routes = rt.stack.ip.routes
    before = routes.generation
    for iface in [nic._iface] if nic else rt.stack.ifaces:
        routes.remove(network, prefix, iface)
    if routes.generation == before:
        raise OSError(_ESRCH, "there is no such route")


def _table(rt):
    rt.lock()
    try:
        return [
            (
                "%s/%d" % (addr.text(r.network), r.prefixlen),
                addr.text(r.gateway),
                nic_of(rt, r.iface),
                r.iface.metric + r.metric,
            )
            for r in rt.stack.ip.routes
        ]
    finally:
        rt.unlock()
