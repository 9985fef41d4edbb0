# Frostnet: net.route
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections import namedtuple

from frostnet.wire import addr
from micropython import const
from net._check import check_text, check_whole
from net._error import EINVAL, ENETUNREACH, NetError
from net._host import interface
from net._host import network as runtime

_METRICS = const(65535)
_ROW = "%-18s %-15s %-9s %6s"

Route = namedtuple("Route", ("network", "gateway", "interface", "metric"))


class Rows(list):
    """A list that the prompt does not print once more, and `forward`: whether the board is a
    router."""

    forward = False

    def __repr__(self):
        return "<%d routes%s>" % (len(self), ", forwarding" if self.forward else "")


def route(network=None, gateway=None, name=None, metric=0, remove=False, forward=None):
    """See net.route; NetError for a route that cannot be."""
    check_whole("metric", metric, 0, _METRICS)
    if gateway is not None:
        check_text("gateway", gateway, "10.0.2.2")
    if network is None and (gateway is not None or remove):
        raise NetError(EINVAL, 'a route to where? net.route("default", …), or "10.9.0.0/16"')
    if network is not None:
        check_text("network", network, "10.9.0.0/16")
    if forward not in (None, False, True):
        raise NetError(EINVAL, "forward is True, to be a router between the interfaces, or False")
    rt = runtime()
    if network is not None:
        rt.lock()
        try:
            if remove:
                _remove(rt, network, name)
            else:
                _add(rt, network, gateway, name, metric)
        finally:
            rt.unlock()
    rt.lock()
    ip = rt.stack.ip
    if forward is not None and forward != (ip.forwarder is not None):
        ip.set_forwarding(forward)
    rows = Rows(
        Route(
            "%s/%d" % (addr.text(r.network), r.prefixlen) if r.prefixlen else "default",
            addr.text(r.gateway) if r.gateway else "",
            r.iface.name,
            r.iface.metric + r.metric,
        )
        for r in ip.routes
    )
    rows.forward = ip.forwarder is not None
    rt.unlock()
    print(_ROW % ("Destination", "Gateway", "Iface", "Metric"))
    for row in rows:
        print(_ROW % tuple(row))
    return rows


def _add(rt, network, gateway, name, metric):
    network, prefix = _parse(network)
    routes = rt.stack.ip.routes
    try:
        gateway = addr.parse(gateway) if gateway else 0
    except ValueError:
        raise NetError(EINVAL, "%s is no gateway: use an address such as 10.0.2.2" % gateway)
    if name:
        iface = interface(rt, name)
    elif gateway:
        way = routes.lookup(gateway)
        if way is None:
            raise _unreachable(gateway)
        iface = way.iface
    else:
        raise NetError(EINVAL, 'which way? gateway="10.0.2.2", or name="eth0" for its own link')
    try:
        routes.add(network, prefix, iface, gateway, metric)
    except OSError as e:
        if e.errno == ENETUNREACH:
            raise _unreachable(gateway)
        if e.errno == EINVAL:
            text = "%s has bits beyond its prefix of %d: clear them"
            raise NetError(EINVAL, text % (addr.text(network), prefix))
        raise NetError(e.errno, "there are too many routes: remove some with net.route()")


def _remove(rt, network, name):
    network, prefix = _parse(network)
    routes = rt.stack.ip.routes
    before = routes.generation
    for iface in [interface(rt, name)] if name else rt.stack.ifaces:
        routes.remove(network, prefix, iface)
    if routes.generation == before:
        raise NetError(EINVAL, "there is no such route: net.route() shows them")


def _parse(network):
    if network == "default":
        return 0, 0
    try:
        return addr.parse_prefix(network, 32)
    except ValueError:
        raise NetError(EINVAL, '%s is no network: use "10.9.0.0/16" or "default"' % network)


def _unreachable(gateway):
    text = "%s is on no network of the board: net.ifconfig() shows them"
    return NetError(ENETUNREACH, text % addr.text(gateway))
