# Frostnet: names on the board: dnsmasq's records, TCP, search domains, /hosts, multicast DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import struct
import time

import dnslib
import pytest

from hostlib import capture, peers
from hostlib.console import ExecError

GROUP = ("224.0.0.251", 5353)
LOOK = "__import__('socket').getaddrinfo(%r, 80)[0][4][0]"


def boot_on(wire, boot, **kw):
    board = boot(netdev=wire.netdev, prefix=wire.prefix, **kw)
    board.wait_prompt()
    return board, board.wait_lease()


def messages(pcap, display_filter):
    """What tshark's packets have as UDP payload, read by dnslib."""
    lines = capture.query(pcap, display_filter, ["udp.payload"])
    return [dnslib.DNSRecord.parse(bytes.fromhex(line)) for line in lines]


def test_all_kinds_of_records_of_dnsmasq(wire, boot):
    wire.start_dnsmasq(
        "--host-record=six.test,192.168.77.1,2001:db8::1",
        "--mx-host=mail.test,host.test,10",
        "--txt-record=text.test,one,two words",
        "--srv-host=_http._tcp.test,host.test,8080,1,2",
        "--ptr-record=9.9.9.10.in-addr.arpa,nine.test",
    )
    board, _ = boot_on(wire, boot)
    board.exec("import net, io\nfrom net._nslookup import nslookup")

    def ask(*args):
        out = board.exec("r = nslookup(*%r)\nprint('=', r)" % (args,))
        return eval(out.rpartition("= ")[2])

    assert ask("six.test", "AAAA") == ["2001:db8::1"]
    assert ask("six.test") == ["192.168.77.1"]
    assert ask("mail.test", "MX") == ["10 host.test"]
    assert ask("text.test", "TXT") == ['"one" "two words"']
    assert ask("_http._tcp.test", "SRV") == ["1 2 8080 host.test"]
    assert ask("10.9.9.9") == ["nine.test"]
    assert ask("alias.test", "CNAME") == ["host.test"]
    assert ask("host.test", "A", wire.host) == [wire.host]
    # Without a server of its own dnsmasq refuses what it does not know
    with pytest.raises(ExecError, match="could not find out"):
        ask("other.test", "MX")


def test_search_domains_from_dhcp(wire, boot):
    # RFC 3397, and ndots of RFC 1535
    wire.start_dnsmasq(
        "--dhcp-option=option:domain-search,sub.test,test", "--host-record=deep.sub.test,10.3.3.3"
    )
    board, _ = boot_on(wire, boot)
    assert board.eval(LOOK % "host") == wire.host
    assert board.eval(LOOK % "deep") == "10.3.3.3"
    assert board.eval(LOOK % "host.test.") == wire.host
    assert board.eval(LOOK % b"host") == wire.host
    assert "query[A] host.sub.test" in wire.dnsmasq_log()


@pytest.mark.lossy
def test_large_answers_come_by_tcp(wire, boot, captured):
    texts = [("%02d" % i) * 100 for i in range(12)]
    wire.start_dnsmasq(*["--txt-record=big.test,%s" % text for text in texts])
    board, _ = boot_on(wire, boot)
    out = board.exec(
        "import net\nr = net.nslookup('big.test', 'TXT')\nprint('=', sorted(r))"
    ).rpartition("= ")[2]
    assert eval(out) == sorted('"%s"' % text for text in texts)
    pcap = captured.until_now(board)
    (reply,) = messages(pcap, "udp.srcport == 53")
    assert reply.header.tc
    # RFC 6891: we told 1232 bytes
    (query,) = messages(pcap, "udp.dstport == 53")
    assert [(r.rtype, r.edns_len) for r in query.ar] == [(dnslib.QTYPE.OPT, 1232)]
    assert capture.count(pcap, "tcp.srcport == 53 and tcp.len > 1232") >= 1


def test_truncated_without_tcp_is_an_error_in_time(wire, boot):
    wire.start_dnsmasq()
    board, _ = boot_on(wire, boot)
    with wire.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.ip("addr", "add", "192.168.77.2/24", "dev", "tap0")
    with sock:
        sock.bind(("192.168.77.2", 53))
        sock.settimeout(10)
        board.exec("import network; network.ipconfig(dns='192.168.77.2')")
        board.start(LOOK % "cut.test")
        data, peer = sock.recvfrom(512)
        reply = dnslib.DNSRecord.parse(data).reply()
        reply.header.tc = 1
        begin = time.monotonic()
        sock.sendto(reply.pack(), peer)
        with pytest.raises(ExecError, match="ECONNREFUSED|111"):
            board.finish()
        assert time.monotonic() - begin < 3


def test_what_is_not_there_is_remembered(wire, boot):
    # RFC 2308: dnslib's server says when the zone's SOA record allows it
    with wire.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.start_dnsmasq("--port=0", "--dhcp-option=option:dns-server," + wire.host)
    with sock:
        sock.bind((wire.host, 53))
        sock.settimeout(10)
        board, _ = boot_on(wire, boot)
        board.start(LOOK % "missing.test")
        data, peer = sock.recvfrom(512)
        reply = dnslib.DNSRecord.parse(data).reply()
        reply.header.rcode = dnslib.RCODE.NXDOMAIN
        soa = dnslib.SOA("ns.test", "admin.test", (1, 2, 3, 4, 60))
        reply.add_auth(dnslib.RR("test", dnslib.QTYPE.SOA, rdata=soa, ttl=60))
        sock.sendto(reply.pack(), peer)
        with pytest.raises(ExecError, match="-2"):
            board.finish()
        begin = time.monotonic()
        with pytest.raises(ExecError, match="-2"):
            board.eval(LOOK % "missing.test")
        assert time.monotonic() - begin < 1
        sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            sock.recvfrom(512)


def test_a_server_without_edns(wire, boot):
    wire.start_dnsmasq()
    wire.ip("addr", "add", "192.168.77.2/24", "dev", "tap0")
    with wire.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    board, _ = boot_on(wire, boot)
    board.exec("import network; network.ipconfig(dns='192.168.77.2')")
    with sock:
        sock.bind(("192.168.77.2", 53))
        sock.settimeout(10)
        board.start("print(%s)" % (LOOK % "old.test"))
        data, peer = sock.recvfrom(512)
        assert dnslib.DNSRecord.parse(data).ar
        sock.sendto(data[:2] + b"\x81\x81" + bytes(8), peer)  # FORMERR, nothing but a header
        data, other = sock.recvfrom(512)
        query = dnslib.DNSRecord.parse(data)
        assert not query.ar and other != peer
        reply = query.reply()
        reply.add_answer(dnslib.RR(query.q.qname, rdata=dnslib.A("1.2.3.4"), ttl=60))
        sock.sendto(reply.pack(), other)
        assert board.finish() == "1.2.3.4\n"


def test_hosts_file_and_own_name(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    board.exec(
        "with open('/hosts', 'w') as f:\n"
        "    f.write('10.1.2.3 printer printer.lan # in the hall\\n::1 six\\n')\n"
        "import netup\nnetup.start()"
    )
    address = board.wait_lease()
    assert board.eval(LOOK % "printer") == "10.1.2.3"
    assert board.eval(LOOK % "PRINTER.lan") == "10.1.2.3"
    assert board.eval(LOOK % "localhost") == "127.0.0.1"
    assert board.eval(LOOK % "frostnet") == address


class Multicast:
    """A socket of the kernel's in the group 224.0.0.251, port 5353 by default."""

    def __init__(self, wire, port=5353):
        with wire.inside():
            s = self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("", port))
            here = socket.inet_aton(wire.host)
            member = struct.pack("4s4s", socket.inet_aton(GROUP[0]), here)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
            s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)

    def receive(self, wanted, timeout=5):
        """The first message for which `wanted(record)` is true; None after `timeout` s."""
        end = time.monotonic() + timeout
        while True:
            self.sock.settimeout(max(0.001, end - time.monotonic()))
            try:
                data, peer = self.sock.recvfrom(2000)
            except TimeoutError:
                return None
            record = dnslib.DNSRecord.parse(data)
            if wanted(record):
                return record

    def ask(self, name, kind="A"):
        query = dnslib.DNSRecord.question(name, kind)
        query.header.id = 0
        query.header.rd = 0
        self.sock.sendto(query.pack(), GROUP)
        return self.receive(lambda m: m.header.qr and str(m.rr[0].rname) == name + ".")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.sock.close()


def test_board_has_a_name_in_local(wire, boot, captured):
    wire.start_dnsmasq()
    with Multicast(wire) as peer:
        board, address = boot_on(wire, boot)
        # RFC 6762 §8.3: announced without being asked
        said = peer.receive(lambda m: m.header.qr)
        assert [str(r.rdata) for r in said.rr][0] == address
        time.sleep(2)
        reply = peer.ask("frostnet.local")
        assert str(reply.rr[0].rdata) == address and reply.rr[0].ttl == 120
        reverse = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
        assert str(peer.ask(reverse, "PTR").rr[0].rdata) == "frostnet.local."
        # Another name: goodbye to the old one, then the new one
        board.exec("import network; network.hostname('pump')")
        assert peer.receive(lambda m: m.header.qr and m.rr[0].ttl == 0)
        assert peer.receive(
            lambda m: m.header.qr and str(m.rr[0].rname) == "pump.local." and m.rr[0].ttl
        )
        board.exec("import netup; netup.stop()")
        assert peer.receive(lambda m: m.header.qr and m.rr[0].ttl == 0)
        assert peer.ask("pump.local") is None
    with Multicast(wire, 0) as legacy:
        board.exec("netup.start()")
        board.wait_lease()
        time.sleep(3)
        # RFC 6762 §6.7: as Python or dig ask
        reply = legacy.ask("pump.local")
        assert reply and reply.rr[0].ttl == 10
    pcap = captured.until_now(board)
    mine = f"udp.srcport == 5353 and ip.src == {address}"
    assert capture.count(pcap, mine) == capture.count(pcap, mine + " and ip.ttl == 255") > 8
    assert capture.count(pcap, "igmp and ip.src == %s" % address) >= 1


def test_board_takes_another_name_in_a_conflict(wire, boot):
    wire.start_dnsmasq()
    with Multicast(wire) as peer:
        board = boot(netdev=wire.netdev, prefix=wire.prefix)
        board.wait_prompt()
        probe = peer.receive(lambda m: not m.header.qr and m.auth, 15)
        assert str(probe.q.qname) == "frostnet.local."
        mine = dnslib.DNSRecord(dnslib.DNSHeader(id=0, qr=1, aa=1))
        mine.add_answer(
            dnslib.RR("frostnet.local", rclass=0x8001, ttl=120, rdata=dnslib.A(wire.host))
        )
        peer.sock.sendto(mine.pack(), GROUP)
        said = peer.receive(lambda m: m.header.qr)
        assert str(said.rr[0].rname) == "frostnet-2.local."


def test_board_asks_for_names_in_local(wire, boot):
    wire.start_dnsmasq()
    board, _ = boot_on(wire, boot)
    with Multicast(wire) as peer:
        board.start("print(%s)" % (LOOK % "valve.local"))
        query = peer.receive(lambda m: m.q and str(m.q.qname) == "valve.local.")
        assert query and not query.header.qr
        reply = dnslib.DNSRecord(dnslib.DNSHeader(id=0, qr=1, aa=1))
        reply.add_answer(
            dnslib.RR("valve.local", rclass=0x8001, ttl=120, rdata=dnslib.A("192.168.77.99"))
        )
        peer.sock.sendto(reply.pack(), GROUP)
        assert board.finish() == "192.168.77.99\n"
    begin = time.monotonic()
    with pytest.raises(ExecError, match="-2"):
        board.eval(LOOK % "nobody.local")
    assert time.monotonic() - begin < 10
    assert "nobody.local" not in wire.dnsmasq_log()


def test_dead_server_costs_one_second_once(wire, boot):
    wire.ip("addr", "add", "192.168.77.2/24", "dev", "tap0")
    zone = {"n%d.test" % i: [("A", "1.2.3.%d" % i)] for i in range(10)}
    wire.start_dnsmasq("--address=/known.test/1.2.3.4")
    with wire.inside():
        deaf = peers.Dns(zone, host="192.168.77.2", port=53, ignore=1000)
    with deaf:
        board, _ = boot_on(wire, boot)
        board.exec("import network; network.ipconfig(dns=('192.168.77.2', %r))" % wire.host)
        board.exec("import socket")
        for _ in range(2):
            board.eval("socket.getaddrinfo('host.test', 80)")
        begin = time.monotonic()
        for i in range(5):
            board.eval("socket.getaddrinfo('other%d.known.test', 80)" % i)
        assert time.monotonic() - begin < 1
        assert len(deaf.queries) <= 2
