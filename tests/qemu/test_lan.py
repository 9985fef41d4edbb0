# Frostnet: the Linux kernel as peer over TAP, dnsmasq for DHCP and DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import threading
import time

import pytest

from hostlib import capture, pattern, peers
from hostlib.console import ExecError
from hostlib.lan import boot_on, ping
from hostlib.peers import ask, read

MEGABYTES_10 = 10_000_000


def test_lease_from_dnsmasq(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    wire.wait_log(f"DHCPACK(tap0) {address}")
    log = wire.dnsmasq_log()
    for message in ("DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST"):
        assert log.count(message) == 1, log
    assert board.eval("tuple(__import__('network').LAN().ifconfig())") == (
        address,
        "255.255.255.0",
        wire.host,
        wire.host,
    )


def test_renews_at_t1_and_rebinds_when_the_server_is_gone(wire, boot, captured):
    short = ("--dhcp-option-force=option:T1,3", "--dhcp-option-force=option:T2,8")
    wire.start_dnsmasq(*short)
    board, address = boot_on(wire, boot)
    # RFC 2131, 4.4.5: renewal by unicast at T1.
    wire.wait_log("DHCPACK", 2)
    # No server at the next T1, but one at T2: it must be asked by broadcast. (Between T1 and T2 a
    # client asks again after 60 s at the earliest.)
    wire.stop_dnsmasq()
    time.sleep(5)
    wire.start_dnsmasq(*short)
    wire.wait_log("DHCPACK", 3)
    assert board.wait_lease() == address
    assert wire.dnsmasq_log().count("DHCPDISCOVER") == 1
    pcap = captured.until_now(board)
    request = "dhcp.option.dhcp == 3 and dhcp.ip.client == " + address
    assert capture.count(pcap, request + f" and ip.dst == {wire.host}") >= 2
    assert capture.count(pcap, request + " and ip.dst == 255.255.255.255") == 1


def test_lease_comes_when_the_server_comes_late(wire, boot):
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    assert board.eval("__import__('network').LAN().isconnected()") is False
    time.sleep(3)
    wire.start_dnsmasq()
    assert board.wait_lease(timeout=30).startswith("192.168.77.")


def test_dns_by_dnsmasq(wire, boot):
    wire.start_dnsmasq("--address=/missing.test/")
    board, _ = boot_on(wire, boot)
    lookup = "__import__('socket').getaddrinfo('%s', 80)[0][4]"
    assert board.eval(lookup % "host.test") == (wire.host, 80)
    assert board.eval(lookup % "alias.test") == (wire.host, 80)
    asked = wire.dnsmasq_log().count("query[A] host.test")
    assert board.eval(lookup % "host.test") == (wire.host, 80)
    assert wire.dnsmasq_log().count("query[A] host.test") == asked, "no cache"
    with pytest.raises(ExecError) as error:
        board.eval(lookup % "missing.test")
    assert "OSError" in str(error.value)


def dns_board(wire, boot, *servers):
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    board.exec(
        "import network, socket\n"
        "address = '192.168.77.9', '255.255.255.0'\n"
        f"network.LAN().ifconfig(address + ('{wire.host}', '{wire.host}'))\n"
        f"network.ipconfig(dns={servers!r})\n"
        "def look(name): print(socket.getaddrinfo(name, 80)[0][4][0])"
    )
    return board


def test_dns_asks_again_and_asks_the_other_server(wire, boot):
    wire.ip("addr", "add", "192.168.77.2/24", "dev", "tap0")
    zone = {"one.test": [("A", "1.2.3.4")], "two.test": [("CNAME", "one.test")]}
    with wire.inside():
        deaf = peers.Dns(zone, host=wire.host, port=53, ignore=1000)
        other = peers.Dns(zone, host="192.168.77.2", port=53, ignore=1)
    with deaf, other:
        board = dns_board(wire, boot, wire.host, "192.168.77.2")
        assert board.exec("look('one.test')") == "1.2.3.4\n"
        assert len(deaf.queries) >= 1 and len(other.queries) == 2
        assert board.exec("look('two.test')") == "1.2.3.4\n"
        begin = time.monotonic()
        other.ignore = 1000
        with pytest.raises(ExecError, match="OSError"):
            board.exec("look('three.test')")
        assert time.monotonic() - begin < 15


def test_dns_ids_and_ports_cannot_be_guessed(wire, boot):
    # RFC 5452, 9.2: a random id and a random source port for each query.
    zone = {"n%d.test" % i: [("A", "1.2.3.%d" % i)] for i in range(24)}
    with wire.inside():
        server = peers.Dns(zone, host=wire.host, port=53)
    with server:
        board = dns_board(wire, boot, wire.host)
        out = board.exec("for i in range(24): look('n%d.test' % i)")
    assert out.split() == ["1.2.3.%d" % i for i in range(24)]
    ids = [query[0] for query in server.queries]
    ports = [query[3] for query in server.queries]
    # 24 of 65536: two equal ones once in 240 runs, three never.
    assert len(set(ids)) >= 23 and len(set(ports)) >= 23
    assert max(ids) - min(ids) > 20000 and max(ports) - min(ports) > 4000
    steps = {b - a for a, b in zip(ports, ports[1:], strict=False)}
    assert len(steps) > 12, "ports follow each other"


@pytest.mark.hostile
def test_dns_believes_only_the_answer_to_its_question(wire, boot):
    import dnslib

    with wire.inside():
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        liar = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sock, liar:
        sock.bind((wire.host, 53))
        sock.settimeout(10)
        liar.bind((wire.host, 5300))

        def answer(query, address, name=None, ident=0):
            reply = query.reply()
            reply.header.id ^= ident
            if name:
                reply.questions = [dnslib.DNSQuestion(name)]
            reply.add_answer(dnslib.RR(name or query.q.qname, rdata=dnslib.A(address), ttl=60))
            return reply.pack()

        board = dns_board(wire, boot, wire.host)
        board.start("look('real.test')")
        data, peer = sock.recvfrom(512)
        query = dnslib.DNSRecord.parse(data)
        good = answer(query, "1.2.3.4")
        liar.sendto(answer(query, "6.6.6.1"), peer)  # another port
        sock.sendto(answer(query, "6.6.6.2", ident=1), peer)  # another id
        sock.sendto(answer(query, "6.6.6.3", name="other.test"), peer)  # another question
        sock.sendto(data, peer)  # a query
        for cut in (0, 1, 11, 12, 20, len(good) - 3):  # cut short
            sock.sendto(good[:cut], peer)
        loop = good[:12] + b"\xc0\x0c" + good[14:]  # a name that points to itself
        sock.sendto(loop, peer)
        sock.sendto(good, peer)
        assert board.finish() == "1.2.3.4\n"


def test_pings_both_ways(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    assert "1 received" in board.exec(f"import net; net.ping('{wire.host}', count=1)")
    for size in (0, 1, 56, 1471, 1472):
        assert ping(wire, address, 3, size) == 3
    # And while a program computes.
    with board.running("while True: pass"):
        assert ping(wire, address, 10) == 10


def test_ping_to_a_neighbour_that_is_not_there(wire, boot):
    wire.start_dnsmasq()
    board, _ = boot_on(wire, boot)
    code = "import socket\ns = socket.socket()\ns.connect(('192.168.77.200', 80))"
    begin = time.monotonic()
    with pytest.raises(ExecError) as error:
        board.exec(code, 30)
    assert "EHOSTUNREACH" in str(error.value) or "113" in str(error.value), error.value
    assert time.monotonic() - begin < 10


# On a busy machine either side may probe for a tail loss (RFC 8985, 7): segments come twice then.
@pytest.mark.lossy
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "kind",
    [{}, {"modern": True}, {"card": "virtio-net-pci"}],
    ids=["virtio-mmio-1", "virtio-mmio-2", "virtio-pci"],
)
def test_bulk_with_the_kernel_both_ways(wire, boot, kind):
    wire.start_dnsmasq()
    board, _ = boot_on(wire, boot, **kind)
    with wire.inside():
        source = peers.Source(MEGABYTES_10, host=wire.host)
        sink = peers.Sink(host=wire.host)
    with source, sink:
        digest = board.exec(f"recv({source.port}, True, '{wire.host}')", 60).strip()
        assert digest == pattern.sha256(MEGABYTES_10)
        board.exec(f"send({sink.port}, {MEGABYTES_10}, '{wire.host}')", 60)
        assert sink.done.acquire(timeout=10)
    assert sink.results[0][1:] == (MEGABYTES_10, pattern.sha256(MEGABYTES_10))


def test_board_serves_the_kernel(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    with board.serving("tcp_echo(7)"):
        for size in (1, 1460, 50_000):
            with wire.inside():
                s = socket.create_connection((address, 7), timeout=10)
            with s:
                data = pattern.data(size)
                # More than both buffers hold: write and read at once.
                writer = threading.Thread(target=s.sendall, args=(data,))
                writer.start()
                assert read(s, size) == data
                writer.join()
                s.shutdown(socket.SHUT_WR)
                assert s.recv(10) == b""
        with wire.inside():
            s = socket.socket()
        s.settimeout(5)
        # A port where nobody listens answers at once with RST (RFC 9293, 3.5.2).
        with pytest.raises(ConnectionRefusedError):
            s.connect((address, 9))


def test_udp_to_a_closed_port_is_reported(wire, boot):
    # RFC 1122, 3.2.2.1: ICMP port unreachable, which Linux tells the sender.
    wire.start_dnsmasq()
    _, address = boot_on(wire, boot)
    with wire.inside():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with s:
        s.settimeout(5)
        s.connect((address, 9))
        s.send(b"anybody?")
        with pytest.raises(ConnectionRefusedError):
            s.recv(100)


def test_udp_to_a_closed_port_of_the_kernel(wire, boot):
    wire.start_dnsmasq()
    board, _ = boot_on(wire, boot)
    code = (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.settimeout(5)\n"
        f"s.connect(('{wire.host}', 9))\n"
        "s.send(b'anybody?')\n"
        "try:\n    s.recv(10)\nexcept OSError as e:\n    print(e.errno)\n"
    )
    assert board.exec(code) == "111\n"


def test_the_first_packet_is_not_lost_to_arp(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    with wire.inside():
        echo = peers.UdpEcho(host=wire.host)
    with echo:
        code = (
            "import socket\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "s.settimeout(3)\n"
            "for i in range(3):\n"
            f"    s.sendto(b'packet %d' % i, ('{wire.host}', {echo.port}))\n"
            "print([s.recv(100) for i in range(3)])\n"
        )
        assert board.exec(code) == "[b'packet 0', b'packet 1', b'packet 2']\n"


@pytest.mark.lossy
def test_link_down_and_up(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    with board.serving("tcp_echo(7)"):
        with wire.inside():
            s = socket.create_connection((address, 7), timeout=10)
        with s:
            assert ask(s, b"before") == b"before"
            board.qemu.set_link(False)
            s.sendall(b"during")
            time.sleep(1)
            board.qemu.set_link(True)
            # The connection survives, and so does what was sent meanwhile (RFC 9293, 3.8.1).
            s.settimeout(15)
            assert read(s, 6) == b"during"
    board.console.friendly()
    assert board.eval("__import__('network').LAN().isconnected()") is True
    assert ping(wire, address) == 3


@pytest.mark.lossy
def test_link_state_is_seen(wire, boot):
    wire.start_dnsmasq()
    board, _ = boot_on(wire, boot)
    status = "__import__('network').LAN().isconnected()"
    board.qemu.set_link(False)
    deadline = time.monotonic() + 5
    while board.eval(status) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert board.eval(status) is False
    board.qemu.set_link(True)
    board.wait_lease(timeout=10)


def test_static_address(wire, boot):
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    board.exec(
        "import network\n"
        "network.LAN().ifconfig(('192.168.77.9', '255.255.255.0', '192.168.77.1', '192.168.77.1'))"
    )
    assert ping(wire, "192.168.77.9") == 3


def test_address_is_announced_or_asked_before_use(wire, boot, captured):
    # Nothing leaves the board with a source address that it does not have yet.
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    board.close()
    (pcap,) = captured._paths
    strays = capture.query(
        pcap, f"ip.src != 0.0.0.0 and ip.src != {address} and ip.src != {wire.host}"
    )
    assert not strays, strays
