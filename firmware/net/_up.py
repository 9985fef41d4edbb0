# Frostnet: net.up
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr
from net._check import check_seconds
from net._host import interface, network, ready


def up(timeout=10, name=None):
    """See net.up; NetError if there is no address after `timeout` seconds."""
    check_seconds("timeout", timeout)
    rt = network()
    iface = interface(rt, name) if name else None
    return addr.text(ready(rt, timeout, iface).addr)
