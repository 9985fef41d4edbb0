# Frostnet: net.httpd
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const
from net._check import check_port, check_text, check_whole
from net._error import NetError, explain
from net._host import network

_MAX_BODY = const(1 << 30)


def httpd(root="/www", port=80, routes=None, dashboard=True, listing=True, max_body=65536):
    """See net.httpd; NetError."""
    import httpd

    if root is not None:
        check_text("root", root, "/www")
    check_port(port)
    check_whole("max_body", max_body, 0, _MAX_BODY)
    network()
    try:
        return httpd.start(root, port, routes, dashboard, listing, max_body)
    except OSError as e:
        if len(e.args) > 1:
            raise NetError(e.errno, e.args[1])
        raise explain(e, "the web server")
