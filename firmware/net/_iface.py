# Frostnet: net.iface, and the interfaces as net.eth0, net.lo …
# MIT license; Copyright (c) 2026 The Frostnet authors

from net._error import ENODEV, NetError
from net._host import interface, network
from network._hook import Hook
from network._lan import nic_of
from network._nic import Loopback

_NO_CARD = "there is no network card: start QEMU with one, or use net.lo"


def iface(name):
    """See net.iface; NetError if there is no such interface."""
    rt = network()
    found = interface(rt, name)
    return Loopback(rt) if found.loopback else nic_of(rt, found)


def hook(fn, direction="in", *, iface=None, first=False):
    """See net.hook; NetError if there is no such interface."""
    rt = network()
    ifaces = list(rt.stack.ifaces) if iface is None else [interface(rt, iface)]
    if not ifaces:
        raise NetError(ENODEV, _NO_CARD)
    return Hook(rt, ifaces, fn, direction, first)


def impair(*args, **kwargs):
    """See net.impair."""
    rt = network()
    if not rt.stack.ifaces:
        raise NetError(ENODEV, _NO_CARD)
    return iface(rt.stack.ifaces[0].name).impair(*args, **kwargs)
