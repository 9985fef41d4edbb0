# Frostnet: raw and packet sockets of two hosts
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

from frostnet.wire.icmp import echo_header
from simtools import SECOND, Transfer, pattern
from test_blocking import Net, error_of

A = ("10.0.0.1", 0)
B = ("10.0.0.2", 0)
MAC_A = b"\x02\x00\x00\x00\x00\x01"
MAC_B = b"\x02\x00\x00\x00\x00\x02"
ALL = b"\xff" * 6
TYPE = 0x88B5  # IEEE 802: for experiments


def packet(kind=socket.SOCK_RAW, proto=socket.ETH_P_ALL):
    return socket.socket(socket.AF_PACKET, kind, proto)


def quiet(net):
    """What was announced at the beginning is over; frames of other types are allowed."""
    net.sim.run(SECOND)
    net.sim.default.filter = None


def test_raw_ping_of_another_host():
    with Net() as net:
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        s.settimeout(2)
        s.connect(B)
        begin = net.sim.now
        s.send(echo_header(7 << 16 | 1, b"abc") + b"abc")
        reply = s.recv(100)
        assert reply[20] == 0 and reply[24:] == b"\0\x07\0\x01abc"
        assert 10000 <= net.sim.now - begin < 40000
        assert s.getsockname()[0] == "10.0.0.1" and s.getpeername() == B


def test_raw_error_of_a_connected_socket():
    """RFC 1122 §3.2.2.1: nobody has the protocol there."""
    with Net():
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
        s.settimeout(2)
        s.connect(B)
        s.send(b"12345678")
        assert error_of(s.recv, 100) == 92  # ENOPROTOOPT
        assert error_of(s.recv, 100) == 110, "an error is reported once"
        s.connect(("10.0.0.99", 0))
        s.send(b"12345678")
        s.settimeout(10)
        assert error_of(s.recv, 100) == 113  # nobody answers ARP


def test_raw_long_datagrams():
    with Net() as net:
        s = net.on_b(socket.AF_INET, socket.SOCK_RAW, 253)
        sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
        data = pattern(20000)
        sender.sendto(data, B)
        net.sim.run(SECOND)
        s.setblocking(False)
        got, peer = s.recvfrom(65535)
        assert got[20:] == data and peer == A
        assert net.b.stack.counters.ip_reassembled == 1


def test_raw_to_everybody_needs_permission():
    with Net() as net:
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
        there = net.on_b(socket.AF_INET, socket.SOCK_RAW, 253)
        assert error_of(s.sendto, b"x", ("10.0.0.255", 0)) == 13
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.sendto(b"x", ("10.0.0.255", 0))
        net.sim.run(SECOND)
        assert there.recv(100)[20:] == b"x"


def test_packet_socket_sees_frames_both_ways():
    with Net() as net:
        quiet(net)
        s = packet()
        s.bind(("eth0", 0))
        s.setblocking(False)
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        u.sendto(b"hello", ("10.0.0.2", 9))
        net.sim.run(SECOND)
        frame, address = s.recvfrom(2000)
        assert frame[:14] == ALL + MAC_A + b"\x08\x06" and len(frame) == 42
        assert address == ("eth0", 0x0806, socket.PACKET_OUTGOING, 1, MAC_A)
        frame, address = s.recvfrom(2000)
        assert address == ("eth0", 0x0806, socket.PACKET_HOST, 1, MAC_B) and frame[:6] == MAC_A
        frame, address = s.recvfrom(2000)
        assert frame[42:] == b"hello" and address[2] == socket.PACKET_OUTGOING
        frame, _ = s.recvfrom(2000)
        assert frame[23] == 1 and frame[34:36] == b"\x03\x03", "port unreachable"
        assert error_of(s.recv, 1) == 11
        s.close()
        assert net.a.iface.dev is net.a.port


def test_one_type_of_frames():
    """As on Linux: only those that come in; the number in either order of bytes."""
    with Net() as net:
        quiet(net)
        arp = packet(proto=socket.ETH_P_ARP)
        arp2 = packet(proto=socket.htons(socket.ETH_P_ARP))
        ip = packet(socket.SOCK_DGRAM, socket.htons(socket.ETH_P_IP))
        none = packet(proto=0)
        for s in (arp, arp2, ip, none):
            s.setblocking(False)
        there = net.on_b(socket.AF_INET, socket.SOCK_DGRAM)
        there.bind(("", 9))
        here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        here.sendto(b"hello", ("10.0.0.2", 9))
        net.sim.run(SECOND)
        there.sendto(b"answer", there.recvfrom(100)[1])
        net.sim.run(SECOND)
        for s in (arp, arp2):
            assert s.recv(2000)[12:14] == b"\x08\x06"
            assert error_of(s.recv, 2000) == 11
        data, address = ip.recvfrom(2000)
        assert data[28:] == b"answer" and data[0] == 0x45, "without the Ethernet header"
        assert address == ("eth0", 0x0800, socket.PACKET_HOST, 1, MAC_B)
        assert error_of(ip.recv, 1) == error_of(none.recv, 1) == 11
        none.bind(("eth0", TYPE))
        assert none.getsockname() == ("eth0", TYPE, 0, 1, MAC_A)


def test_sending_frames():
    with Net() as net:
        quiet(net)
        s = packet(proto=0)
        there = net.on_b(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(socket.ETH_P_ALL))
        there.setblocking(False)
        frame = MAC_B + MAC_A + b"\x88\xb5" + b"payload"
        assert error_of(s.send, frame) == 19, "no interface"
        assert s.sendto(frame, ("eth0", 0)) == len(frame)
        s.bind(("eth0", TYPE))
        assert s.send(frame) == len(frame)
        assert error_of(s.send, b"short") == 22
        assert error_of(s.send, bytes(1515)) == 90
        assert error_of(s.sendto, frame, ("eth9", 0)) == 19
        cooked = packet(socket.SOCK_DGRAM, TYPE)
        assert cooked.sendto(b"cooked", ("eth0", TYPE, 0, 0, ALL)) == 6
        assert error_of(cooked.sendto, b"x", ("eth0", TYPE)) == 22
        net.sim.run(SECOND)
        for _ in range(2):
            got, address = there.recvfrom(100)
            assert got == frame and address == ("eth0", TYPE, socket.PACKET_HOST, 1, MAC_A)
        got, address = there.recvfrom(100)
        assert got == ALL + MAC_A + b"\x88\xb5cooked" and address[2] == socket.PACKET_BROADCAST
        # The stack there counts what it has no use for, as ever.
        assert net.b.stack.counters.eth_drop_type == 3
        net.a.iface.set_up(False)
        assert error_of(s.send, frame) == 100
        s.setblocking(False)
        assert error_of(s.recv, 100) == 11, "a socket does not hear itself"


def test_queue_is_bounded_and_nothing_else_is_lost():
    with Net() as net:
        s = packet()
        Transfer(net.sim, net.a, net.b, pattern(200000)).run()
        counters = net.a.stack.counters
        assert counters.packet_drop_queue > 100
        s.setblocking(False)
        count = 0
        while True:
            try:
                assert len(s.recv(2000)) >= 42
            except OSError as e:
                assert e.errno == 11
                break
            count += 1
        assert count == 32 and counters.packet_rx == count + counters.packet_drop_queue


def test_all_interfaces_and_loopback():
    with Net() as net:
        quiet(net)
        s = packet()
        s.setblocking(False)
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        u.bind(("127.0.0.1", 9))
        u.sendto(b"x", ("127.0.0.1", 9))
        net.a.rt.poll()
        assert s.recvfrom(100)[1][0] == "lo"
        assert str(s) == "<socket packet>"
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0\0")
        assert s.getsockname()[0] == "eth0" and error_of(s.recv, 1) == 11
        assert net.a.stack.lo.dev is net.a.stack._lo_dev
        s.close()


def test_what_packet_sockets_cannot_do():
    with Net():
        s = packet()
        assert error_of(s.connect, ("eth0", 0)) == error_of(s.getpeername) == 95
        assert error_of(s.listen) == error_of(s.accept) == 95
        assert error_of(s.bind, ("eth7", 0)) == 19
        assert error_of(socket.socket, socket.AF_PACKET, socket.SOCK_STREAM) == 22
        s.close()
        s.close()
        for call in (s.recv, s.recvfrom, s.read):
            assert error_of(call, 1) == 9
        assert error_of(s.send, bytes(60)) == error_of(s.bind, ("eth0", 0)) == 9


def test_callback_and_buffers():
    with Net() as net:
        quiet(net)
        s = packet(proto=TYPE)
        there = net.on_b(socket.AF_PACKET, socket.SOCK_RAW, 0)
        frame = MAC_A + MAC_B + b"\x88\xb5" + b"payload"
        seen = []
        s.setsockopt(socket.SOL_SOCKET, 20, lambda s: seen.append(s.recv(100)))
        there.sendto(frame, ("eth0",))
        net.sim.run(SECOND)
        assert seen == [frame]
        s.setsockopt(socket.SOL_SOCKET, 20, None)
        for _ in range(4):
            there.sendto(frame, ("eth0",))
        net.sim.run(SECOND)
        buf = bytearray(16)
        assert s.recv_into(buf, 0, socket.MSG_PEEK) == 16 and buf == frame[:16]
        assert s.readinto(buf, 14) == 14 and s.read(5) == frame[:5] and s.read() == frame
        n, address = s.recvfrom_into(buf, 3)
        assert n == 3 and address[4] == MAC_B
        s.setblocking(False)
        assert s.read() is None and s.readinto(buf) is None
