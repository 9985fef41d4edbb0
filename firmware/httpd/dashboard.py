# Frostnet: the dashboard: its page, and the paths that tell the state of the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import deflate
import io

import httpd_pages
from http.server import conditional
from http.server.head import tokens
from httpd import api
from httpd.answer import HTML, Response
from httpd.gateway import Gateway

_REPORTS = ("status", "connections", "arp", "dns", "counters")
_FRESH = (("Cache-Control", "no-store"),)


def add(server):
    """Let `server` answer /dashboard, / if there is no other page, and /api/…."""
    rt = server.rt
    gateway = Gateway(rt)
    server.on_stop.append(gateway.stop)
    for name in _REPORTS:
        server.add("/api/" + name, _report(getattr(api, name), rt))
    server.add("/api/live", lambda request: Response(api.live(rt, gateway.rtt()), fields=_FRESH))
    server.add("/dashboard", page)
    server.add("/", lambda request: server.files and server.files.index(request) or page(request))


def page(request):
    """Return the page, as it was packed if the client knows how to unpack it."""
    fields = [("ETag", httpd_pages.ETAG), ("Vary", "Accept-Encoding")]
    status = conditional.evaluate(request.method, request.fields, httpd_pages.ETAG, None)
    if status:
        return Response(status=status, fields=fields)
    if "gzip" in tokens(request.fields.get("accept-encoding", "")):
        fields.append(("Content-Encoding", "gzip"))
        return Response(httpd_pages.PAGE, fields=fields, kind=HTML)
    data = deflate.DeflateIO(io.BytesIO(httpd_pages.PAGE), deflate.GZIP).read()
    return Response(data, fields=fields, kind=HTML)


def _report(function, rt):
    return lambda request: Response(function(rt), fields=_FRESH)
