# Frostnet: net.httpd
# MIT license; Copyright (c) 2026 The Frostnet authors

from net._error import NetError, explain
from net._host import network


def httpd(root="/www", port=80, routes=None, dashboard=True, listing=True, max_body=65536):
    """See net.httpd; NetError."""
    import httpd

    network()
    try:
        return httpd.start(root, port, routes, dashboard, listing, max_body)
    except OSError as e:
        if len(e.args) > 1:
            raise NetError(e.errno, e.args[1])
        raise explain(e, "the web server")
