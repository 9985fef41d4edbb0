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
    assert not a.active() and a.status() == 0
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


def test_config():
    a = lan()
    assert a.config("mac") == b"\x02\0\0\0\0\x01"
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


def test_wlan_stands_in():
    a = lan()
    a.ipconfig(addr4="10.0.0.5/24")
    station, point = network.WLAN(network.STA_IF), network.WLAN(network.WLAN.IF_AP)
    assert station.isconnected() and station.ifconfig() == a.ifconfig()
    assert not point.active() and not point.isconnected()


def test_no_network():
    lan()
    rt = runtime.set_current(None)
    assert raises(OSError, network.LAN)
    runtime.set_current(rt)
