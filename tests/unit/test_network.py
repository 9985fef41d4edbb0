# Frostnet: tests of the network module
# MIT license; Copyright (c) 2026 The Frostnet authors

import network
from frostnet import runtime
from frostnet.dhcp import Client
from simwire import Port
from sockbench import up


def lan():
    rt = up()
    iface = rt.stack.add(Port(b"\x02\0\0\0\0\x01"), "eth0")
    rt.dhcp[iface] = Client(rt.stack, iface, rt.resolver, "frostnet")
    return network.LAN()


def raises(kind, fn, *args, **kwargs):
    try:
        fn(*args, **kwargs)
    except kind:
        return True
    return False


def test_one_object_per_interface():
    a = lan()
    assert network.LAN() is a and network.LAN(0) is a and network.route() == [a]
    assert raises(OSError, network.LAN, 1)
    assert lan() is not a, "another network, another interface"


def test_static_configuration():
    a = lan()
    assert a.status() == 2 and not a.isconnected() and repr(a) == "<ETH 2 0.0.0.0>"
    a.ifconfig(("10.0.0.5", "255.255.255.0", "10.0.0.1", "10.0.0.2"))
    assert a.ifconfig() == ("10.0.0.5", "255.255.255.0", "10.0.0.1", "10.0.0.2")
    assert a.status() == 3 and a.isconnected() and repr(a) == "<ETH 3 10.0.0.5>"
    assert a.ipconfig("addr4") == ("10.0.0.5", "255.255.255.0")
    assert a.ipconfig("gw4") == "10.0.0.1" and not a.ipconfig("dhcp4")
    assert network.ipconfig("dns") == "10.0.0.2"


def test_static_configuration_survives_inactivity():
    a = lan()
    a.ifconfig(("10.0.0.5", "255.255.255.0", "10.0.0.1", "10.0.0.2"))
    a.active(False)
    assert not a.active() and a.status() == 1, "there is a link"
    a.active(True)
    assert a.status() == 3 and not a.ipconfig("dhcp4")
    assert a.ifconfig()[0] == "10.0.0.5" and a.ipconfig("gw4") == "10.0.0.1"


def test_ipconfig():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/16", gw4="10.0.9.9")
    assert a.ifconfig()[:3] == ("10.0.0.5", "255.255.0.0", "10.0.9.9")
    a.ipconfig(addr4=("10.0.0.6", "255.255.255.0"))
    assert a.ifconfig()[0] == "10.0.0.6"
    a.ipconfig(addr4=None)
    assert a.ifconfig()[0] == "0.0.0.0"
    a.ipconfig(dhcp4=True)
    assert a.ipconfig("dhcp4") and not a.ipconfig("has_dhcp4")
    a.ipconfig(dhcp4=False)
    assert not a.ipconfig("dhcp4")


def test_what_is_wrong_changes_nothing():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/24")
    assert raises(ValueError, a.ifconfig, ("10.0.0", "255.255.255.0", "0.0.0.0", "0.0.0.0"))
    assert raises(ValueError, a.ifconfig, ("10.0.0.7", "255.0.255.0", "0.0.0.0", "0.0.0.0"))
    assert raises(ValueError, a.ipconfig, addr4="10.0.0.7/33")
    assert raises(ValueError, a.ipconfig, addr4="224.0.0.1/24")
    assert raises(ValueError, a.ipconfig, addr9="x")
    assert raises(ValueError, a.ipconfig, "nothing")
    assert raises(TypeError, a.ipconfig)
    assert raises(TypeError, a.ipconfig, "addr4", addr4=None)
    assert a.ifconfig()[0] == "10.0.0.5"


def test_other_ports_ways_to_ask_for_dhcp():
    a = lan()
    leased = []

    class Lease:
        pass

    a._rt.wait = lambda until: setattr(a._client, "lease", Lease)
    for form in ("dhcp", ("dhcp",), ["dhcp"], "auto"):
        a.ipconfig(addr4="10.0.0.5/24")
        a._client.lease = None
        a.ifconfig(form)
        leased.append(a._client.lease)
        a._client.lease = None
    assert leased == [Lease] * 4
    assert a.ipconfig("dhcp4")
    a.active(False)
    try:
        a.ifconfig("dhcp")
        assert False, "nobody can answer"
    except OSError as e:
        assert e.errno == 100, e


def test_dhcp_that_is_asked_for_while_inactive():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/24")
    a.active(False)
    a.ipconfig(dhcp4=True)
    assert not a.ipconfig("dhcp4") and a.ifconfig()[0] == "0.0.0.0"
    a.active(True)
    assert a.ipconfig("dhcp4")


def test_several_at_once():
    a = lan()
    a.ipconfig(dhcp4=False, addr4="10.0.0.5/24", gw4="10.0.0.1")
    assert not a.ipconfig("dhcp4") and a.ipconfig("gw4") == "10.0.0.1"
    a.ipconfig(addr4=None, dhcp4=True)
    assert a.ipconfig("dhcp4")


def test_gateway_and_address():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/24", gw4="10.0.0.1")
    a.ipconfig(addr4="10.0.0.6")
    assert a.ifconfig()[:3] == ("10.0.0.6", "255.255.255.0", "10.0.0.1"), "both stay"
    a.ipconfig(addr4="10.1.0.6/16")
    assert a.ipconfig("gw4") == "0.0.0.0", "no neighbour of the new address"
    a.ipconfig(gw4="10.1.0.1")
    for bad in ({"gw4": "10.2.0.1"}, {"addr4": "10.3.0.5/24", "gw4": "10.2.0.1"}):
        try:
            a.ipconfig(**bad)
            assert False, bad
        except OSError as e:
            assert e.errno == 101, e
    assert raises(OSError, a.ifconfig, ("10.4.0.5", "255.255.0.0", "10.5.0.1", "10.4.0.2"))
    assert raises(ValueError, a.ifconfig, ("10.4.0.5", "255.255.0.0", "10.4.0.1", "name"))
    assert a.ifconfig()[:3] == ("10.1.0.6", "255.255.0.0", "10.1.0.1"), "nothing was changed"
    a.ipconfig(gw4=None)
    assert a.ipconfig("gw4") == "0.0.0.0"


def test_shapes_that_are_none():
    a = lan()
    for bad in ("10.0.0.5", ("10.0.0.5", "255.255.255.0"), (), ("10.0.0.5/24",)):
        assert raises(ValueError, a.ifconfig, bad), bad
    for bad in ("10.0.0.5/", "10.0.0.5/x", "10.0.0.5/-1", "10.0.0.5/+8", "10.0.0.5/ 8"):
        assert raises(ValueError, a.ipconfig, addr4=bad), bad


def test_there_is_no_ipv6():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/24")
    assert a.ipconfig("addr6") == []
    for key in ("autoconf6", "has_autoconf6", "dhcp6"):
        assert a.ipconfig(key) is False
    a.ipconfig(autoconf6=False, dhcp6=False, addr6=None)
    for bad in ({"autoconf6": True}, {"addr6": "fe80::1"}, {"dhcp6": True}):
        try:
            a.ipconfig(addr4="10.0.0.6/24", **bad)
            assert False, bad
        except OSError as e:
            assert e.errno == 97 and "IPv6" in e.args[1], e
    assert a.ipconfig("addr4")[0] == "10.0.0.5"


def test_global_ipconfig():
    lan()
    network.ipconfig(dns=("10.0.0.2", "10.0.0.3"))
    assert network.ipconfig("dns") == "10.0.0.2"
    assert runtime.current().resolver.servers == [0x0A000002, 0x0A000003]
    assert network.ipconfig("prefer") == 4
    network.ipconfig(prefer=6)
    assert network.ipconfig("prefer") == 6
    network.ipconfig(prefer=4)
    assert raises(ValueError, network.ipconfig, prefer=5)
    assert raises(ValueError, network.ipconfig, dns="10.0.0.9", other=1)
    assert raises(ValueError, network.ipconfig, dns="name")
    assert raises(ValueError, network.ipconfig, "other")
    assert raises(TypeError, network.ipconfig)
    assert raises(TypeError, network.ipconfig, "dns", dns="10.0.0.9")
    assert network.ipconfig("dns") == "10.0.0.2"


def test_routes():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/24", gw4="10.0.0.1")
    own = [("10.0.0.0/24", "0.0.0.0", a, 0), ("0.0.0.0/0", "10.0.0.1", a, 0)]
    assert network.ipconfig("routes") == own
    network.route("10.9.0.0/16", "10.0.0.9")
    network.route("10.8.0.0/16", nic=a, metric=5)
    routes = network.ipconfig("routes")
    assert ("10.9.0.0/16", "10.0.0.9", a, 0) in routes
    assert ("10.8.0.0/16", "0.0.0.0", a, 5) in routes
    network.route("10.9.0.0/16", remove=True)
    network.route("10.8.0.0/16", nic=a, remove=True)
    assert network.ipconfig("routes") == own
    network.route("default", "10.0.0.2", metric=1)
    assert ("0.0.0.0/0", "10.0.0.2", a, 1) in network.ipconfig("routes")


def test_routes_that_cannot_be():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/24")
    before = network.ipconfig("routes")
    assert raises(ValueError, network.route, "10.9.0.0/16")  # which way?
    assert raises(ValueError, network.route, "10.9.0.1/16", "10.0.0.9")
    assert raises(ValueError, network.route, "10.9.0.0/40", "10.0.0.9")
    for args, errno in (
        (("10.9.0.0/16", "10.1.0.1"), 101),
        (("10.9.0.0/16", None, a, 0, True), 3),
    ):
        try:
            network.route(*args)
            assert False, args
        except OSError as e:
            assert e.errno == errno, e
    assert network.ipconfig("routes") == before


def test_config():
    a = lan()
    assert a.config("mac") == b"\x02\0\0\0\0\x01"
    assert a.config("mtu") == 1500 and a.config("hostname") == network.hostname()
    a.config(mtu=1400, trace=8, low_power=True)
    assert a.config("mtu") == 1400
    assert raises(ValueError, a.config, mtu=9000) and raises(ValueError, a.config, mtu=1300, x=1)
    assert a.config("mtu") == 1400
    assert raises(ValueError, a.config, mac=bytes(6))
    assert raises(TypeError, a.config) and raises(TypeError, a.config, "mac", mtu=1)
    assert raises(ValueError, a.config, "ssid") and raises(ValueError, a.config, ssid="x")
    assert raises(ValueError, a.status, "rssi")


def test_hostname_and_country():
    a = lan()
    before = network.hostname()
    network.hostname("pump-7")
    assert network.hostname() == "pump-7"
    assert a._client.sender.hostname == "pump-7"
    assert raises(ValueError, network.hostname, "x" * 33)
    assert raises(ValueError, network.hostname, "a..b")  # no name in DNS
    assert network.hostname() == "pump-7"
    network.hostname(before)
    assert raises(ValueError, network.country, "DEU")


def test_no_network():
    lan()
    rt = runtime.set_current(None)
    assert raises(OSError, network.LAN) and raises(OSError, network.WLAN)
    assert raises(OSError, network.route) and raises(OSError, network.ipconfig, "dns")
    network.hostname(network.hostname())
    runtime.set_current(rt)
