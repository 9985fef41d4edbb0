# Frostnet: net.telnetd
# MIT license; Copyright (c) 2026 The Frostnet authors

from net._error import EINVAL, NetError
from net._host import network


def telnetd(password=None, port=23, idle=600):
    """See net.telnetd; NetError."""
    import telnetd

    network()
    try:
        return telnetd.start(password, port, idle)
    except ValueError as e:
        raise NetError(EINVAL, str(e))
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))
