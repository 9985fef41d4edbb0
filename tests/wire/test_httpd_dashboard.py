# Frostnet: tests of the web server: the dashboard and what it is made of
# MIT license; Copyright (c) 2026 The Frostnet authors

import json

from httpd import HTTPD
from service_bench import PORT
from web_bench import Web


def dashboard(port):
    return HTTPD(port, None)


def test_dashboard():
    with Web(server=dashboard) as web:
        status, fields, page = web.get("/")
        assert status == 200 and fields["content-type"] == "text/html; charset=utf-8"
        assert b"<title>Frostnet</title>" in page and b"/api/" in page
        # Nothing is loaded from elsewhere
        assert b"src=" not in page and b'href="http' not in page and b"url(" not in page
        assert web.get("/dashboard")[2] == page
        packed = web.get("/", Accept_Encoding="deflate, gzip")
        assert packed[1]["content-encoding"] == "gzip" and len(packed[2]) < len(page) // 2
        assert web.get("/", If_None_Match=fields["etag"])[0] == 304
        assert web.get("/nothing")[0] == 404


def test_reports():
    with Web(server=dashboard) as web:
        b = web.b
        reports = {}
        for name in ("status", "connections", "arp", "dns", "counters", "live"):
            status, fields, body = web.get("/api/" + name)
            assert status == 200 and fields["cache-control"] == "no-store"
            reports[name] = json.loads(body)
        status = reports["status"]
        (iface,) = status["interfaces"]
        assert iface["address"] == "10.0.0.2" and iface["mac"] == "02:00:00:00:00:02"
        assert status["services"]["httpd"]["counters"]["requests"] == 0
        assert status["memory"]["free"] > 0
        (c,) = [x for x in reports["connections"]["connections"] if x["state"] == "ESTABLISHED"]
        assert c["local"] == "10.0.0.2:%d" % PORT and c["remote"][:9] == "10.0.0.1:"
        assert c["recv_window"] > 60000 and c["cwnd"] > 0 and c["rtt"] > 1
        (n,) = reports["arp"]["neighbours"]
        assert n["address"] == "10.0.0.1" and n["state"] == "reachable"
        assert reports["dns"] == {"names": []}
        assert reports["counters"]["stack"]["tcp_accept"] == 5
        assert set(reports["counters"]["eth0"]) == set(b.iface.dev.counters.as_dict())
        live = reports["live"]
        assert live["rtt"] is None and live["tcp"] > 0 and live["link"] == [True]


def test_the_round_trip_to_the_gateway():
    with Web(server=dashboard, delay=5000) as web:
        web.b.stack.ip.routes.set_default(web.b.iface, web.a.iface.addr)
        assert json.loads(web.get("/api/live")[2])["rtt"] is None
        web.run(0.6)
        rtt = json.loads(web.get("/api/live")[2])["rtt"]
        assert 9.9 < rtt < 11, rtt
        web.run(6)
        assert not web.b.stack.icmp.pings._table  # nobody looks at it any more
