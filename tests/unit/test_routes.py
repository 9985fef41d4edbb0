# Frostnet: tests of the routing table
# MIT license; Copyright (c) 2026 The Frostnet authors

from errno import EINVAL

from frostnet.ip.routes import Routes
from frostnet.wire.addr import netmask
from ipbench import ip, raises
from simwire import Rng

_ENETUNREACH = 101
_ENOBUFS = 105


class Iface:
    up = carrier = True
    metric = network = 0
    prefixlen = 24


def table():
    eth0 = Iface()
    eth1 = Iface()
    routes = Routes()
    routes.add(ip("10.0.0.0"), 24, eth0)
    routes.add(ip("10.1.0.0"), 16, eth1)
    return routes, eth0, eth1


def test_longest_prefix_wins_in_any_order():
    routes, eth0, eth1 = table()
    routes.add(0, 0, eth0, ip("10.0.0.254"))
    routes.add(ip("10.1.2.0"), 24, eth0, ip("10.0.0.3"))
    routes.add(ip("10.1.2.3"), 32, eth1)
    for text, iface, gateway in (
        ("10.0.0.9", eth0, 0),
        ("10.1.9.9", eth1, 0),
        ("10.1.2.9", eth0, ip("10.0.0.3")),
        ("10.1.2.3", eth1, 0),
        ("8.8.8.8", eth0, ip("10.0.0.254")),
    ):
        route = routes.lookup(ip(text))
        assert route.iface is iface and route.gateway == gateway, text


def test_no_route():
    routes, eth0, eth1 = table()
    assert routes.lookup(ip("8.8.8.8")) is None
    assert routes.lookup(ip("10.1.0.1"), eth0) is None
    assert routes.lookup(ip("10.1.0.1"), eth1).iface is eth1


def test_metric_decides_between_equal_prefixes():
    routes, eth0, eth1 = table()
    routes.add(0, 0, eth0, ip("10.0.0.254"), 100)
    routes.add(0, 0, eth1, ip("10.1.0.254"), 50)
    assert routes.lookup(ip("8.8.8.8")).iface is eth1
    assert routes.default().iface is eth1 and routes.default(eth0).iface is eth0
    eth1.up = False
    assert routes.lookup(ip("8.8.8.8")).iface is eth0, "a route through an interface that is down"
    eth1.up = True
    routes.remove(0, 0, eth1)
    assert routes.lookup(ip("8.8.8.8")).iface is eth0


def test_set_default_replaces():
    routes, eth0, _ = table()
    routes.set_default(eth0, ip("10.0.0.1"))
    routes.set_default(eth0, ip("10.0.0.2"), 7)
    assert [r.gateway for r in routes if not r.prefixlen] == [ip("10.0.0.2")]
    routes.set_default(eth0, 0)
    assert routes.default() is None


def test_gateway_that_cannot_be_changes_nothing():
    routes, eth0, _ = table()
    routes.set_default(eth0, ip("10.0.0.1"))
    raises(_ENETUNREACH, routes.set_default, eth0, ip("192.0.2.1"))
    assert routes.default().gateway == ip("10.0.0.1")


def test_gateway_of_an_interface_that_is_down():
    routes, eth0, _ = table()
    eth0.up = False
    routes.set_default(eth0, ip("10.0.0.1"))
    assert routes.default(eth0).gateway == ip("10.0.0.1")
    raises(_ENETUNREACH, routes.set_default, eth0, ip("192.0.2.1"))


def test_same_destination_interface_and_metric_is_replaced():
    routes, eth0, _ = table()
    n = len(list(routes))
    routes.add(0, 0, eth0, ip("10.0.0.1"))
    routes.add(0, 0, eth0, ip("10.0.0.2"))
    assert len(list(routes)) == n + 1
    assert routes.default().gateway == ip("10.0.0.2")


def test_refused():
    routes, eth0, eth1 = table()
    raises(EINVAL, routes.add, ip("10.0.0.1"), 24, eth0)
    raises(_ENETUNREACH, routes.add, 0, 0, eth0, ip("192.0.2.1"))
    raises(_ENETUNREACH, routes.add, 0, 0, eth1, ip("10.0.0.1"))
    routes.add(0, 0, eth0, ip("10.0.0.254"))
    # Reachable, but only through another gateway.
    raises(_ENETUNREACH, routes.add, ip("192.0.2.0"), 24, eth0, ip("8.8.8.8"))


def test_table_is_bounded():
    routes, eth0, _ = table()
    for i in range(62):
        routes.add(ip("192.0.2.0") + i, 32, eth0, ip("10.0.0.1"))
    raises(_ENOBUFS, routes.add, ip("192.0.3.0"), 24, eth0)
    assert len(list(routes)) == 64


def test_generation_changes_with_every_change():
    routes, eth0, eth1 = table()
    seen = {routes.generation}
    for change in (
        lambda: routes.add(0, 0, eth0, ip("10.0.0.254")),
        lambda: routes.set_default(eth0, ip("10.0.0.253")),
        lambda: routes.remove(0, 0, eth0),
        lambda: routes.remove_iface(eth1),
        routes.changed,
    ):
        change()
        assert routes.generation not in seen
        seen.add(routes.generation)
    generation = routes.generation
    routes.remove(ip("10.9.0.0"), 16, eth0)
    assert routes.generation == generation, "nothing changed"


def test_remove_iface():
    routes, eth0, eth1 = table()
    routes.add(0, 0, eth0, ip("10.0.0.254"))
    routes.remove_iface(eth0)
    assert [r.iface for r in routes] == [eth1]


def test_property_same_as_trying_every_route():
    rng = Rng(4)
    for _ in range(60):
        routes = Routes()
        ifaces = [Iface() for _ in range(3)]
        made = []
        for _ in range(rng.below(20)):
            n = rng.below(33)
            network = rng.below(8) << 29 | rng.below(4) << 8 | rng.below(4)
            network &= netmask(n)
            iface = ifaces[rng.below(3)]
            metric = rng.below(3)
            made = [m for m in made if m[:3] != (network, n, iface) or m[3] != metric]
            made.append((network, n, iface, metric))
            routes.add(network, n, iface, 0, metric)
        for _ in range(40):
            dst = rng.below(8) << 29 | rng.below(4) << 8 | rng.below(4)
            fits = [m for m in made if dst & netmask(m[1]) == m[0]]
            best = max([(m[1], -m[3]) for m in fits]) if fits else None
            route = routes.lookup(dst)
            assert (route and (route.prefixlen, -route.metric)) == best
