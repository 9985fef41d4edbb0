# Frostnet: net.iface, and the interfaces as net.eth0, net.lo …
# MIT license; Copyright (c) 2026 The Frostnet authors

from net._error import ENODEV, NetError
from net._host import interface, network
from network._lan import nic_of
from network._nic import Loopback


def iface(name):
    """See net.iface; NetError if there is no such interface."""
    rt = network()
    found = interface(rt, name)
    return Loopback(rt) if found.loopback else nic_of(rt, found)


def impair(*args, **kwargs):
    """See net.impair."""
    rt = network()
    if not rt.stack.ifaces:
        raise NetError(ENODEV, "there is no network card: start QEMU with one, or use net.lo")
    return iface(rt.stack.ifaces[0].name).impair(*args, **kwargs)
