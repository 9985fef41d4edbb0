# Frostnet: net.dnsd
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr
from net._error import EINVAL, NetError
from net._host import interface, network


def dnsd(name=None, servers=None, port=53):
    """See net.dnsd; NetError."""
    from services.dnsd import Dnsd

    rt = network()
    iface = interface(rt, name) if name else None
    try:
        if isinstance(servers, str):
            servers = servers.split(",")
        servers = [addr.parse(server) for server in servers or ()]
    except ValueError:
        raise NetError(EINVAL, 'servers are addresses, such as ["10.0.2.3"]')
    try:
        return Dnsd(iface, servers, port).start()
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))
