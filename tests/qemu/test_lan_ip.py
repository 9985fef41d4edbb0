# Frostnet: the Linux kernel as peer over TAP: fragments, ICMP errors, multicast, broadcast
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import socket
import struct
import time

import pytest

from hostlib import capture
from hostlib.console import ExecError
from hostlib.pinger import Pinger, checksum

BOARD = "192.168.77.9"
SIZES = (1472, 1473, 9000, 65507)
GROUP = "239.7.7.7"


@pytest.fixture
def board(wire, boot):
    """A board with a fixed address on the wire."""
    board = boot(netdev=wire.netdev, prefix=wire.prefix)
    board.wait_prompt()
    board.exec(
        "import network, socket, net\n"
        f"network.LAN().ifconfig(('{BOARD}', '255.255.255.0', '{wire.host}', '{wire.host}'))\n"
        "def udp(port=0):\n"
        "    s = socket.socket(type=socket.SOCK_DGRAM)\n"
        "    if port: s.bind(('', port))\n"
        "    s.settimeout(5)\n"
        "    return s\n"
    )
    return board


def host_socket(wire, port=0):
    with wire.inside():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.bind(("", port))
    return s


def test_pings_of_all_sizes_both_ways(wire, board, captured):
    # The payload is compared byte by byte: RFC 791 fragments, RFC 1122 §3.2.2.6.
    with wire.inside():
        pinger = Pinger()
    for size in SIZES:
        assert all(pinger.ping(BOARD, size) is not None for _ in range(5)), size
    pinger.close()
    for size in SIZES:
        code = f"print(net.ping('{wire.host}', count=3, interval=.05, size={size}, quiet=True))"
        assert "3 of 3" in board.exec(code), size
    pcap = captured.until_now(board)
    capture.check(pcap)
    ours = capture.query(pcap, f"ip.src == {BOARD} and ip.frag_offset > 0", ["ip.id"])
    assert len(set(ours)) > 10
    assert capture.count(pcap, f"ip.src == {BOARD} and icmp.type == 0") == 5 * len(SIZES)


def test_datagrams_of_all_sizes_both_ways(wire, board):
    board.exec(
        "def echo(n):\n"
        "    s = udp(5000)\n"
        "    for _ in range(n):\n"
        "        data, peer = s.recvfrom(65507)\n"
        "        s.sendto(data, peer)\n"
        "    s.close()\n"
    )
    s = host_socket(wire)
    for size in (0, *SIZES):
        data = os.urandom(size)
        board.start("echo(3)")
        time.sleep(0.2)
        for _ in range(3):
            s.sendto(data, (BOARD, 5000))
            assert s.recvfrom(70000)[0] == data
        board.finish()
    s.close()
    with pytest.raises(ExecError) as error:
        board.exec(f"udp().sendto(bytes(65508), ('{wire.host}', 9))")
    assert "90" in str(error.value) or "EMSGSIZE" in str(error.value)


def test_errors_reach_connected_sockets(wire, board):
    # RFC 1122 §4.1.3.3: port unreachable, from the kernel and to it.
    with wire.inside():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.connect((BOARD, 9999))
    s.send(b"x" * 3000)
    with pytest.raises(ConnectionRefusedError):
        s.recv(10)
    s.close()
    code = (
        f"s = udp(); s.connect(('{wire.host}', 9999)); s.send(bytes(3000))\n"
        "try:\n s.recv(10)\n"
        "except OSError as e:\n print(e.errno)\n"
    )
    assert board.exec(code) == "111\n"


def test_smaller_mtu_of_the_interface(wire, board):
    s = host_socket(wire, 5001)
    board.exec(
        "from frostnet import runtime\n"
        "runtime.current().stack.ifaces[0].set_mtu(600)\n"
        f"udp(5000).sendto(bytes(range(256)) * 100, ('{wire.host}', 5001))\n"
    )
    assert s.recv(70000) == bytes(range(256)) * 100
    s.close()


def test_multicast_both_ways(wire, board, captured):
    # RFC 3376: the kernel is a member and so is the board; its reports are well formed.
    wire.ip("route", "add", "224.0.0.0/4", "dev", "tap0")
    s = host_socket(wire, 5001)
    request = socket.inet_aton(GROUP) + socket.inet_aton(wire.host)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
    board.exec(
        "s = udp(5000)\n"
        "m = socket.inet_pton(2, %r) + bytes(4)\n"
        "s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, m)\n"
        "s.sendto(b'from the board', (%r, 5001))" % (GROUP, GROUP)
    )
    assert s.recvfrom(100) == (b"from the board", (BOARD, 5000))
    s.sendto(b"from the kernel", (GROUP, 5000))
    assert board.exec("print(s.recv(100))") == "b'from the kernel'\n"
    with wire.inside():
        querier = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
    querier.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
    querier.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(wire.host))
    # A general query of version 3, to be answered within a second.
    query = struct.pack("!BBHIBBH", 0x11, 10, 0, 0, 2, 125, 0)
    query = query[:2] + struct.pack("!H", checksum(query)) + query[4:]
    querier.sendto(query, ("224.0.0.1", 0))
    time.sleep(1.5)
    querier.close()
    board.exec("s.close()")
    time.sleep(1.5)
    s.close()
    pcap = captured.until_now(board)
    capture.check(pcap)
    mine = f"igmp.type == 0x22 and ip.src == {BOARD} and igmp.maddr == {GROUP}"
    kinds = capture.query(pcap, mine, ["igmp.record_type"])
    # Joined twice (robustness), asked once, left twice.
    flat = [k for line in kinds for k in line.split(",")]
    assert flat.count("4") == 2 and flat.count("3") == 2 and flat.count("2") >= 1, kinds
    assert capture.count(pcap, f"igmp and ip.src == {BOARD} and not ip.ttl == 1") == 0


def test_broadcast_from_the_board(wire, board):
    s = host_socket(wire, 5001)
    board.exec(
        "s = udp()\n"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
        "s.sendto(b'everybody', ('192.168.77.255', 5001))\n"
        "s.sendto(b'everybody', ('255.255.255.255', 5001))\n"
    )
    assert [s.recv(100) for _ in range(2)] == [b"everybody"] * 2
    s.close()


def test_flood_of_fragments(wire, board):
    # CVE-2018-5391: first fragments without end; a long ping passes all the same.
    with wire.inside():
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        pinger = Pinger()
    for i in range(3000):
        head = struct.pack("!BBHHHBBH", 0x45, 0, 0, i, 0x2000, 64, 17, 0)
        head += socket.inet_aton("192.168.77.%d" % (100 + i % 100)) + socket.inet_aton(BOARD)
        raw.sendto(head + bytes(1480), (BOARD, 0))
        if i % 500 == 0:
            assert pinger.ping(BOARD, 20000) is not None
    raw.close()
    assert any(pinger.ping(BOARD, 60000) is not None for _ in range(3))
    pinger.close()
    board.exec("from frostnet import runtime")
    assert int(board.exec("print(len(runtime.current().stack.ip._reassembly))")) <= 16
