# Frostnet: tests of net.ifconfig, net.netstat, net.nslookup
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._ifconfig
import net._netstat
import net._nslookup
import network
from dhcp_server import Server as DHCPServer
from dhcp_server import changed
from dns_server import Server as DNSServer
from dns_server import a, record
from frostnet.ip import raw
from frostnet.wire import dhcp, dns
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name
from net_bench import Bench, error_of

S = 1000000


class Show(Bench):
    def __init__(self, **options):
        super().__init__(**options)
        self.listen_to(net._ifconfig, net._netstat, net._nslookup)

    def lease(self):
        DHCPServer(self.sim)
        self.rt.lock()
        self.rt.dhcp[self.board.iface].start(self.sim.now)
        self.rt.unlock()
        self.sim.run(S)


def test_ifconfig_prints_as_unix_does():
    with Show(ip=None) as b:
        b.lease()
        net.ifconfig("eth0")
        lines = b.text().split("\n")
        assert lines[:5] == [
            "eth0: flags=<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500",
            "        inet 10.0.0.50  netmask 255.255.255.0  broadcast 10.0.0.255",
            "        ether 02:00:00:00:00:01",
            "        gateway 10.0.0.1  dns 10.0.0.3 10.0.0.4",
            "        dhcp bound, lease 3600 s, 3599 s left, from 10.0.0.1",
        ], lines
        assert lines[5].startswith("        RX packets ") and "  bytes " in lines[5]
        assert lines[6].startswith("        TX packets ") and lines[6].endswith("  dropped 0")
        assert lines[7:] == ["", ""]


def test_ifconfig_returns_data():
    with Show(ip=None) as b:
        b.lease()
        eth0, lo = net.ifconfig()
        assert (eth0.name, eth0.address, eth0.prefix) == ("eth0", "10.0.0.50", 24)
        assert (eth0.netmask, eth0.broadcast) == ("255.255.255.0", "10.0.0.255")
        assert (eth0.gateway, eth0.dns) == ("10.0.0.1", ["10.0.0.3", "10.0.0.4"])
        assert eth0.up and eth0.link and eth0.mtu == 1500 and eth0.dhcp == "bound"
        assert eth0.lease["server"] == "10.0.0.1" and eth0.lease["left"] == 3599
        assert eth0.counters["rx_frames"] >= 2 and eth0.counters["tx_frames"] >= 2
        assert repr(eth0) == "<eth0 10.0.0.50/24>"
        assert (lo.name, lo.address, lo.lease, lo.gateway) == ("lo", "127.0.0.1", None, "")
        assert "lo: flags=<UP,LOOPBACK,RUNNING>" in b.text()


def test_ifconfig_without_an_address():
    with Show(ip=None) as b:
        eth0 = net.ifconfig("eth0")[0]
        assert eth0.address == eth0.netmask == eth0.gateway == "" and eth0.lease is None
        assert "inet" not in b.text()
        b.rt.dhcp[b.board.iface].start(b.sim.now)
        net.ifconfig("eth0")
        assert "dhcp selecting: no lease yet" in b.text()
        b.board.port.carrier = False
        b.sim.run(1000)
        assert "RUNNING" not in net.ifconfig("eth0")[0].lines()[0]


def test_ifconfig_tells_where_the_address_is_from():
    with Show(ip=None) as b:
        client = b.rt.dhcp[b.board.iface]
        client.start(b.sim.now)
        b.sim.run(30 * S)
        eth0 = net.ifconfig("eth0")[0]
        assert eth0.origin == "link-local" and eth0.address.startswith("169.254.")
        text = b.text()
        assert "  link-local\n" in text and "dhcp selecting: no lease yet" in text
        assert eth0.gateway == "" and not network.LAN().isconnected()
        DHCPServer(b.sim).options = changed(NTP=b"\x0a\0\0\x05", DOMAIN=b"lan")
        b.sim.run(64 * S)
        eth0 = net.ifconfig("eth0")[0]
        assert (eth0.origin, eth0.dhcp, eth0.conflict) == ("dhcp", "bound", "")
        assert eth0.lease["ntp"] == ["10.0.0.5"] and eth0.lease["search"] == ["lan"]
        assert network.LAN().isconnected()
        net.ifconfig("eth0", "10.0.0.77/24")
        assert net.ifconfig("eth0")[0].origin == "static"


def test_ifconfig_tells_of_a_conflict():
    with Show() as b:
        twin = b.sim.host("02:00:00:00:00:77")
        twin.iface.set_address(b.board.iface.addr, 24)
        twin.touch()
        b.sim.run(20 * S)
        twin.iface.arp.announce(twin.iface.addr)
        twin.touch()
        b.sim.run(S)
        assert net.ifconfig("eth0")[0].conflict == "02:00:00:00:00:77"
        assert "conflict: 02:00:00:00:00:77 used this address too, 0 s ago" in b.text()
        b.sim.run(60 * S)
        net.ifconfig("eth0")
        assert " s ago; give one of them another" in b.text()


def test_ifconfig_asks_for_name_servers():
    with Show(ip=None) as b:
        server = DHCPServer(b.sim)
        server.answer = lambda asked: asked.kind == dhcp.INFORM and server.send(asked, dhcp.ACK)
        error_of(net.ifconfig, "eth0", dns="dhcp")
        net.ifconfig("eth0", "10.0.0.77/24", dns="dhcp")
        b.sim.run(S)
        eth0 = net.ifconfig("eth0")[0]
        assert eth0.dns == ["10.0.0.3", "10.0.0.4"] and eth0.address == "10.0.0.77"


def test_ifconfig_sets():
    with Show(ip=None) as b:
        net.ifconfig("eth0", "10.0.0.7/16", gateway="10.0.0.1", dns="10.0.0.3")
        iface = b.board.iface
        assert (iface.addr, iface.prefixlen) == (parse("10.0.0.7"), 16)
        assert b.board.stack.ip.routes.default().gateway == parse("10.0.0.1")
        assert b.rt.resolver.servers == [parse("10.0.0.3")]
        eth0 = net.ifconfig("eth0", dns=("10.0.0.4", "10.0.0.5"))[0]
        assert eth0.dns == ["10.0.0.4", "10.0.0.5"] and eth0.address == "10.0.0.7"
        assert not net.ifconfig("eth0", up=False)[0].up
        assert net.ifconfig("eth0", up=True)[0].up
        DHCPServer(b.sim)
        net.ifconfig("eth0", "dhcp")
        b.sim.run(S)
        assert net.ifconfig("eth0")[0].address == "10.0.0.50"


def test_ifconfig_refuses():
    with Show():
        for args in (
            {"name": "eth7"},
            {"name": "eth0", "address": "10.0.0.300/24"},
            {"name": "eth0", "address": "10.0.0.5/33"},
            {"name": "eth0", "address": "10.0.0.0/24"},
            {"name": "eth0", "address": "224.0.0.1/24"},
            {"name": "eth0", "address": "bogus"},
            {"name": "eth0", "gateway": "192.168.1.1"},
            {"name": "eth0", "dns": "x"},
            {"name": "lo", "address": "127.0.0.2/8"},
        ):
            error_of(net.ifconfig, **args)
        assert net.ifconfig("eth0")[0].address == "10.0.0.2"


def test_netstat():
    with Show() as b:
        stack = b.board.stack
        stack.tcp.listen(0, 80, 2)
        stack.udp.open(0, 5000)
        raw.of(stack).open(253)
        c = stack.tcp.connect(b.peer.iface.addr, 7)  # refused
        peer = b.peer.stack.tcp.connect(b.board.iface.addr, 80)
        b.sim.run(S)
        peer.send(b"hello", 0, 5)
        b.sim.run(S)
        rows = net.netstat()
        states = {(row.proto, row.local): row for row in rows if row.remote == "0.0.0.0:*"}
        assert states[("tcp", "0.0.0.0:80")].state == "LISTEN"
        assert states[("udp", "0.0.0.0:5000")].recvq == 0
        assert states[("raw", "0.0.0.0:253")].recvq == 0
        row = [row for row in rows if row.state == "ESTABLISHED"][0]
        assert (row.local, row.remote) == ("10.0.0.2:80", "10.0.0.9:%d" % (peer.ports >> 16))
        assert row.recvq == 5
        lines = b.text().split("\n")
        assert (
            lines[0].split() == "Proto Recv-Q Send-Q Local Address Foreign Address State".split()
        )
        assert len(lines) == 2 + len(rows)
        assert all(len(line) < 80 for line in lines)
        assert c.error


def test_netstat_counters():
    with Show() as b:
        b.peer.stack.udp.open(0, 9).send(b"x", b.board.iface.addr, 4000)
        b.sim.run(S)
        counters = net.netstat("-s")
        assert len(repr(counters)) < 40, "a page of numbers at the prompt"
        assert counters["udp_drop_no_endpoint"] == 1
        assert counters["eth0_rx_frames"] >= 1
        assert counters["tcp_rx"] == 0
        text = b.text()
        assert "udp:\n" in text and "           1 drop_no_endpoint\n" in text
        assert "tcp_rx" not in text and "tcp:" not in text


def test_netstat_interfaces():
    with Show() as b:
        rows = net.netstat("-i")
        assert [row.name for row in rows] == ["eth0", "lo"]
        assert "eth0      1500" in b.text()
        error_of(net.netstat, "-x")


def test_nslookup():
    with Show() as b:
        server = DNSServer(b.peer)
        server.zone["www.example.org"] = [
            a("www.example.org", "10.9.9.1"),
            a("www.example.org", "10.9.9.2"),
        ]
        reverse = "1.9.9.10.in-addr.arpa"
        server.zone[reverse] = [record(reverse, dns.PTR, encode_name("www.example.org"))]
        b.rt.resolver.servers = [b.peer.iface.addr]
        assert net.nslookup("www.example.org") == ["10.9.9.1", "10.9.9.2"]
        assert b.text() == (
            "Server:   10.0.0.9\nName:     www.example.org\n"
            "Address:  10.9.9.1\nAddress:  10.9.9.2\n"
        )
        assert net.nslookup("10.9.9.1") == ["www.example.org"]
        assert net.nslookup("10.9.9.1", "A") == ["10.9.9.1"]
        assert error_of(net.nslookup, "nobody.example.org").errno == -2
        assert error_of(net.nslookup, "www.example.org", "ANY").errno == 22
        server.zone["broken.org"] = dns.SERVFAIL
        assert error_of(net.nslookup, "broken.org").errno == -3
        server.answer = server.silent
        assert error_of(net.nslookup, "silent.org").errno == 110


def test_nslookup_of_all_kinds():
    with Show() as b:
        server = DNSServer(b.peer)
        b.rt.resolver.servers = [b.peer.iface.addr]
        host = encode_name("h.org")
        numbers = b"".join(n.to_bytes(4, "big") for n in (1, 2, 3, 4, 5))
        kinds = {
            "AAAA": (dns.AAAA, b"\xfe\x80" + bytes(13) + b"\1", "Address:", "fe80::1"),
            "MX": (dns.MX, b"\0\x0a" + host, "Mail:", "10 h.org"),
            "TXT": (dns.TXT, b'\3a"b\2\x1b\\', "Text:", '"a\\"b" "\\027\\\\"'),
            "SRV": (dns.SRV, b"\0\1\0\2\0\x50" + host, "Service:", "1 2 80 h.org"),
            "NS": (dns.NS, host, "NS:", "h.org"),
            "CNAME": (dns.CNAME, host, "Alias of:", "h.org"),
            "SOA": (dns.SOA, host + host + numbers, "SOA:", "h.org h.org 1 2 3 4 5"),
        }
        for kind, (rtype, data, label, text) in kinds.items():
            server.zone["x.org"] = [record("x.org", rtype, data)]
            b.text()
            assert net.nslookup("x.org", kind.lower()) == [text], kind
            assert b.text() == "Server:   10.0.0.9\nName:     x.org\n%-9s %s\n" % (label, text)
        server.zone["y.org"] = []
        assert "y.org has no such record" in str(error_of(net.nslookup, "y.org", "MX"))


def test_nslookup_asks_the_server_that_is_named():
    with Show() as b:
        server = DNSServer(b.peer)
        server.zone["x.org"] = [a("x.org", "10.9.9.1")]
        b.rt.resolver.servers = []
        assert net.nslookup("x.org", server="10.0.0.9") == ["10.9.9.1"]
        assert "Server:   10.0.0.9\n" in b.text()
        server.answer = server.silent
        error = error_of(net.nslookup, "x.org", server="10.0.0.9")
        assert error.errno == 110 and "10.0.0.9" in str(error)


def test_network_module_agrees():
    with Show():
        net.ifconfig("eth0", "10.0.0.7/24", gateway="10.0.0.1", dns="10.0.0.3")
        assert network.LAN().ifconfig() == ("10.0.0.7", "255.255.255.0", "10.0.0.1", "10.0.0.3")
