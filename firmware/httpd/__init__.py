# Frostnet: the web server
# MIT license; Copyright (c) 2026 The Frostnet authors

# docs/services/httpd.md is its manual, docs/services/writing.md says how services run beside the
# prompt.

from http.server.error import Refused
from httpd.answer import Response
from httpd.server import HTTPD
from httpd.websocket import WebSocket


def start(root="/www", port=80, routes=None, dashboard=True, listing=True, max_body=65536):
    """Start the web server and return it: see net.httpd."""
    server = HTTPD(port, root, dashboard, listing, max_body)
    for pattern, function in (routes or {}).items():
        server.add(pattern, function)
    return server.start()
