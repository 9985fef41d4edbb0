# Frostnet: net.inetd
# MIT license; Copyright (c) 2026 The Frostnet authors

from net._error import EINVAL, NetError
from net._host import network


def inetd(*names):
    """See net.inetd; NetError."""
    network()
    from services.inetd import NAMES, Inetd

    for name in names:
        if name not in NAMES:
            raise NetError(EINVAL, "no service %s: there are %s" % (name, ", ".join(NAMES)))
    try:
        return Inetd(names or NAMES)
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))
