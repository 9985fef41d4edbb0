# Frostnet: net.up
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr
from net._host import network, ready


def up(timeout=10):
    """See net.up; NetError if there is no address after `timeout` seconds."""
    rt = network()
    return addr.text(ready(rt, timeout).addr)
