# Frostnet: net.telnetd
# MIT license; Copyright (c) 2026 The Frostnet authors

from net._check import check_port, check_seconds
from net._error import EINVAL, NetError
from net._host import network


def telnetd(password=None, port=23, idle=600):
    """See net.telnetd; NetError."""
    import telnetd

    if password is not None and not isinstance(password, str):
        raise NetError(EINVAL, "password is a text")
    check_port(port)
    check_seconds("idle", idle, 1)
    network()
    try:
        return telnetd.start(password, port, idle)
    except ValueError as e:
        raise NetError(EINVAL, str(e))
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))
