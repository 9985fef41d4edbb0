# Frostnet: net.arp
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections import namedtuple

from frostnet.link.neighbour import NAMES
from frostnet.wire import addr, ethernet
from net._check import check_text
from net._error import EINVAL, ENETUNREACH, NetError
from net._host import interface, network

_DIGITS = "0123456789abcdef"
_ROW = "%-15s %-17s %-6s %-10s %s"

Neighbour = namedtuple("Neighbour", ("address", "ether", "interface", "state", "age"))


class Rows(list):
    """A list that the prompt does not print once more."""

    def __repr__(self):
        return "<%d neighbours>" % len(self)


def arp(address=None, mac="", name=None, remove=False):
    """See net.arp; NetError for an entry that cannot be."""
    if address is not None:
        check_text("address", address, "10.0.2.9")
    elif mac != "" or remove:
        raise NetError(EINVAL, 'whose entry? net.arp("10.0.2.9", …) names an address')
    if mac and remove:
        raise NetError(EINVAL, "set an entry or remove it: give mac or remove=True, not both")
    remove = remove or mac is None  # nobody is there
    station = None if mac is None or mac == "" else _station(mac)
    rt = network()
    dst = None if address is None else _address(address)
    rt.lock()
    try:
        stack = rt.stack
        ifaces = [interface(rt, name)] if name else stack.ifaces
        if remove:
            _remove(ifaces, dst)
            dst = None
        elif station is not None:
            _set(_link(stack, dst, ifaces[0] if name else None), dst, station)
        rows = Rows(_rows(ifaces, dst))
    finally:
        rt.unlock()
    if not rows and dst is not None:
        text = "no entry for %s: one comes with the first packet that is sent there"
        raise NetError(EINVAL, text % address)
    print(_ROW % ("Address", "HWaddress", "Iface", "State", "Age"))
    for row in rows:
        age = "" if row.age is None else "%.1f s" % row.age
        print(_ROW % (row.address, row.ether or "-", row.interface, row.state, age))
    return rows


def _rows(ifaces, only):
    for iface in ifaces:
        for address, mac, state, age in sorted(iface.arp.entries(), key=lambda entry: entry[0]):
            if only is None or address == only:
                yield Neighbour(
                    addr.text(address),
                    addr.mac_text(mac) if mac else "",
                    iface.name,
                    NAMES[state],
                    None if age is None else age / 1000000,
                )


# The interface whose link has the address: `only`, if somebody said so.
def _link(stack, dst, only):
    if dst in stack.ip.owners or addr.is_loopback(dst):
        raise NetError(EINVAL, "%s is the board's own address" % addr.text(dst))
    if only is stack.lo:
        raise NetError(EINVAL, "lo has no neighbours: name an interface with a cable")
    route = stack.ip.routes.lookup(dst, only)
    if route is None or route.gateway:
        text = "%s is on no network of %s: a neighbour must be, net.ifconfig() shows them"
        raise NetError(ENETUNREACH, text % (addr.text(dst), only.name if only else "the board"))
    return route.iface


def _set(iface, dst, station):
    everybody = iface.prefixlen < 31 and dst in (iface.network, iface.broadcast)
    if everybody or not addr.is_unicast(dst):
        raise NetError(EINVAL, "%s is not the address of one host" % addr.text(dst))
    try:
        iface.arp.add_static(dst, station)
    except OSError:
        text = "%s has as many static entries as it can: remove one with remove=True"
        raise NetError(EINVAL, text % iface.name)


def _remove(ifaces, dst):
    found = False
    for iface in ifaces:
        found = iface.arp.remove(dst) or found
    if not found:
        raise NetError(EINVAL, "no entry for %s: net.arp() shows all" % addr.text(dst))


def _address(text):
    try:
        return addr.parse(text)
    except ValueError:
        raise NetError(EINVAL, "%s is no address: use one such as 10.0.2.9" % text)


def _station(mac):
    check_text("mac", mac, "52:54:00:12:34:56")
    parts = mac.lower().split(":")
    if len(parts) == 6 and all(0 < len(p) < 3 and not p.strip(_DIGITS) for p in parts):
        station = bytes([int(part, 16) for part in parts])
        if ethernet.is_station(station):
            return station
    text = "%s is no hardware address of one card: use one such as 52:54:00:12:34:56"
    raise NetError(EINVAL, text % mac)
