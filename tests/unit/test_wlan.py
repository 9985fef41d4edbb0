# Frostnet: tests of network.WLAN, the face for programs of wireless boards
# MIT license; Copyright (c) 2026 The Frostnet authors

import network
from test_network import lan, raises


def station():
    a = lan()
    return a, network.WLAN(network.STA_IF)


def errno_of(fn, *args):
    try:
        fn(*args)
    except OSError as e:
        return e.errno
    return 0


def test_one_object_each():
    a, sta = station()
    assert network.WLAN() is sta and network.WLAN(network.WLAN.IF_STA) is sta
    point = network.WLAN(network.AP_IF)
    assert network.WLAN(network.WLAN.IF_AP) is point is not sta
    assert raises(ValueError, network.WLAN, 2)
    lan()
    assert network.WLAN() is not sta, "another network, another station"


def test_station_is_the_wire():
    a, sta = station()
    assert sta.active() and sta.status() == network.STAT_CONNECTING and not sta.isconnected()
    assert repr(sta) == "<WLAN STA join 0.0.0.0>"
    sta.ifconfig(("10.0.0.5", "255.255.255.0", "10.0.0.1", "10.0.0.2"))
    assert sta.ifconfig() == a.ifconfig() and sta.ipconfig("addr4") == a.ipconfig("addr4")
    assert sta.isconnected() and sta.status() == network.STAT_GOT_IP == 3
    assert repr(sta) == "<WLAN STA up 10.0.0.5>"
    a._iface.dev.carrier = False
    assert sta.status() == network.STAT_NO_AP_FOUND < 0 and not sta.isconnected()


def test_connect_and_disconnect():
    a, sta = station()
    sta.connect("home", "secret")
    assert a.ipconfig("dhcp4"), "DHCP goes on"
    sta.disconnect()
    assert sta.active() and not a.active() and sta.status() == network.STAT_IDLE
    sta.active(True)
    assert not a.active(), "connect() joins, not active()"
    sta.connect("home", "secret")
    assert a.active() and a.ipconfig("dhcp4")
    sta.disconnect()
    sta.active(False)
    assert not sta.active()
    sta.active(True)
    assert a.active()
    sta.deinit()
    assert not sta.active() and not a.active()


def test_static_address_stays():
    a, sta = station()
    sta.active(False)
    sta.ifconfig(("10.0.0.5", "255.255.255.0", "10.0.0.1", "10.0.0.2"))
    sta.active(True)
    sta.connect("home", "secret")
    assert not a.ipconfig("dhcp4") and sta.ifconfig()[0] == "10.0.0.5" and sta.isconnected()
    sta.disconnect()
    sta.connect()
    assert sta.ifconfig()[0] == "10.0.0.5"


def test_parameters():
    a, sta = station()
    assert sta.config("mac") == a.config("mac") and sta.config("ssid") == ""
    sta.connect(b"home", b"secret")
    assert sta.config("ssid") == sta.config("essid") == "home"
    sta.config(pm=0xA11140, txpower=10, essid="other", password="x")
    assert sta.config("pm") == 0xA11140 and sta.config("ssid") == "other"
    assert raises(ValueError, sta.config, "key") and raises(ValueError, sta.config, "password")
    before = network.hostname()
    sta.config(dhcp_hostname="pump-8")
    assert network.hostname() == sta.config("hostname") == "pump-8"
    network.hostname(before)
    assert raises(ValueError, sta.config, ssid="third", other=1)
    assert sta.config("ssid") == "other", "nothing was changed"
    assert raises(ValueError, sta.config, "other")
    assert sta.status("rssi") == 0 and raises(ValueError, sta.status, "stations")
    assert sta.scan() == []


def test_there_is_no_access_point():
    lan()
    point = network.WLAN(network.AP_IF)
    point.config(essid="mine", password="12345678")
    assert point.config("ssid") == "mine"
    assert not point.active() and not point.isconnected() and point.status() == 0
    point.active(False)
    assert errno_of(point.active, True) == errno_of(point.connect, "x") == 19
    assert errno_of(point.ipconfig, "addr4") == 19
    assert point.ifconfig() == ("0.0.0.0",) * 4
    assert point.status("stations") == [] and point.scan() == []
    assert repr(point) == "<WLAN AP down 0.0.0.0>"


def test_what_does_not_exist():
    for name in ("PPP", "WIZNET5K", "phy_mode", "CC3K", "ESPNow"):
        assert not hasattr(network, name), name
