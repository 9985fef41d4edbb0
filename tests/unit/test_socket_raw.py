# Frostnet: tests of raw sockets
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import select
import struct
import time

import socket
from frostnet import runtime
from ipbench import icmp, sum16
from sockbench import LOCAL, errno_of, up

ICMP = socket.IPPROTO_ICMP


def raw(proto=ICMP):
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, proto)


def test_constructor():
    up()
    for proto in (None, "1", 1.5):
        try:
            raw(proto)
            assert False, proto
        except TypeError:
            pass
    for proto in (0, -1, 256):
        assert errno_of(raw, proto) == errno.EPROTONOSUPPORT
    s = raw()
    assert str(type(s)) == "<class 'socket'>" and isinstance(s, socket.socket)
    assert s.getsockname() == ("0.0.0.0", ICMP) and str(s) == "<socket 0.0.0.0:1>"


def test_old_name_of_the_module():
    import usocket

    assert usocket.socket is socket.socket and usocket.SOCK_RAW == socket.SOCK_RAW


def test_both_ways_of_an_echo():
    """As on Linux: a copy of each ICMP message to us, with its IP header; echoes are answered."""
    up()
    s = raw()
    s.settimeout(5)
    request = icmp(8, 0, 0x12340001, b"payload")
    assert s.sendto(request, (LOCAL, 0)) == len(request)
    for kind in (8, 0):
        data, sender = s.recvfrom(1000)
        assert sender == (LOCAL, 0)
        assert data[0] == 0x45 and data[9] == ICMP and data[12:20] == b"\x7f\0\0\1" * 2
        assert struct.unpack(">H", data[2:4])[0] == len(data) and not sum16(data[:20])
        assert data[20] == kind and data[24:] == request[4:] and not sum16(data[20:])
    assert runtime.current().stack.counters.icmp_echo == 1


def ping_as_programs_do(host, count, size):
    # The calls of the ping that goes round for MicroPython.
    import urandom
    import uselect
    import usocket
    import utime

    sock = usocket.socket(usocket.AF_INET, usocket.SOCK_RAW, 1)
    sock.setblocking(0)
    sock.settimeout(5000 / 1000)
    addr = usocket.getaddrinfo(host, 1)[0][-1][0]
    sock.connect((addr, 1))
    ident = urandom.getrandbits(16)
    ttls = []
    seqs = list(range(1, count + 1))
    for seq in range(1, count + 1):
        stamp = struct.pack(">Q", utime.ticks_us())
        packet = icmp(8, 0, ident << 16 | seq, stamp + b"Q" * (size - 16))
        assert sock.send(packet) == size
        for _ in range(1000):
            socks, _, _ = uselect.select([sock], [], [], 0)
            if socks:
                resp = socks[0].recv(4096)
                kind, _, _, got, n = struct.unpack(">BBHHH", resp[20:28])
                if kind == 0 and got == ident and n in seqs:
                    assert resp[28:36] == stamp and len(resp) == 20 + size
                    ttls.append(struct.unpack("!B", memoryview(resp)[8:9])[0])
                    seqs.remove(n)
                    break
            else:
                utime.sleep_ms(1)
    sock.close()
    return ttls


def test_ping_programs_run():
    up()
    assert ping_as_programs_do(LOCAL, 4, 64) == [64] * 4
    assert ping_as_programs_do("localhost", 2, 1400) == [64] * 2


def test_udp_and_tcp_can_be_watched():
    """The protocol's own users get what they always got."""
    up()
    watch = raw(socket.IPPROTO_UDP)
    a, b = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    b.bind((LOCAL, 2000))
    a.sendto(b"hello", (LOCAL, 2000))
    assert b.recv(10) == b"hello"
    data = watch.recv(100)
    assert data[20:28][2:4] == struct.pack(">H", 2000) and data[28:] == b"hello"
    tcp = raw(socket.IPPROTO_TCP)
    tcp.setblocking(False)
    s = socket.socket()
    assert errno_of(s.connect, (LOCAL, 9)) == errno.ECONNREFUSED
    assert tcp.recv(100)[33] == 0x02 and tcp.recv(100)[33] == 0x14  # SYN; RST and ACK
    assert errno_of(tcp.recv, 100) == errno.EAGAIN


def test_protocol_that_nobody_has():
    """A datagram of it reaches the raw sockets; without one it is unreachable (RFC 1122
    §3.2.2.1), with one it is not."""
    rt = up()
    counters = rt.stack.counters
    s = raw(253)
    s.setblocking(False)
    s.connect((LOCAL, 0))
    assert s.send(b"anything") == 8
    assert s.recv(100)[20:] == b"anything"
    assert not counters.ip_drop_protocol and not counters.icmp_tx_error
    other = raw(254)
    other.connect((LOCAL, 0))
    other.close()
    s2 = raw(253)
    s.close()
    s2.sendto(b"", (LOCAL, 0))
    assert s2.recv(100)[20:] == b""
    s2.close()
    rt.stack.ip.path(0x7F000001)
    assert rt.stack.ip.handler(253) is None and rt.stack.ip.handler(254) is None
    assert rt.stack.raw.endpoints() == []


def test_connected_socket_receives_from_its_peer_only():
    rt = up()
    s = raw(253)
    s.setblocking(False)
    s.connect(("127.0.0.2", 0))
    other = raw(253)
    other.sendto(b"x", (LOCAL, 0))
    rt.poll()
    assert errno_of(s.recv, 10) == errno.EAGAIN
    assert other.recv(100)[20:] == b"x"
    assert s.getpeername() == ("127.0.0.2", 0)


def test_bound_socket_receives_for_its_address_only():
    rt = up()
    s = raw(253)
    s.setblocking(False)
    s.bind(("127.0.0.5", 0))
    other = raw(253)
    other.sendto(b"x", (LOCAL, 0))
    rt.poll()
    assert errno_of(s.recv, 10) == errno.EAGAIN
    other.sendto(b"y", ("127.0.0.5", 0))
    assert s.recv(100)[20:] == b"y"
    assert errno_of(s.bind, ("192.0.2.1", 0)) == errno.EADDRNOTAVAIL


def test_queue_is_bounded():
    rt = up()
    s = raw(253)
    for _ in range(100):
        s.sendto(b"x", (LOCAL, 0))
    rt.poll()
    counters = rt.stack.counters
    assert counters.raw_drop_queue == 68 and counters.raw_rx == counters.raw_tx == 100
    assert not counters.udp_drop_queue
    s.setblocking(False)
    for _ in range(32):
        s.recv(100)
    assert errno_of(s.recv, 100) == errno.EAGAIN


def test_sockets_are_bounded():
    up()
    kept = [raw(200 + n) for n in range(16)]
    assert errno_of(raw) == errno.ENOBUFS
    kept.pop().close()
    raw()


def test_errors():
    up()
    s = raw()
    assert errno_of(s.send, b"x") == errno.EDESTADDRREQ
    assert errno_of(s.sendto, bytes(65516), (LOCAL, 0)) == errno.EMSGSIZE
    assert errno_of(s.sendto, b"x", ("192.0.2.1", 0)) == errno.ENETUNREACH
    assert errno_of(s.getpeername) == errno.ENOTCONN
    s.close()
    s.close()
    for call in (lambda: s.recv(1), lambda: s.send(b"x"), lambda: s.sendto(b"x", (LOCAL, 0))):
        assert errno_of(call) == errno.EBADF
    assert errno_of(s.connect, (LOCAL, 0)) == errno_of(s.bind, (LOCAL, 0)) == errno.EBADF


def test_long_datagrams_go_in_fragments():
    up()
    s = raw(253)
    s.settimeout(5)
    data = bytes(i * 7 & 255 for i in range(5000))
    assert s.sendto(data, (LOCAL, 0)) == 5000
    got = s.recv(10000)
    assert got[20:] == data and struct.unpack(">H", got[2:4])[0] == 5020


def test_ttl_poll_and_callback():
    rt = up()
    s = raw(253)
    s.setsockopt(0, socket.IP_TTL, 9)
    assert s.getsockopt(0, socket.IP_TTL) == 9
    poller = select.poll()
    poller.register(s, 5)
    assert poller.poll(0) == [(s, 4)]
    s.sendto(b"x", (LOCAL, 0))
    rt.poll()
    assert poller.poll(0) == [(s, 5)]
    assert s.recv(100)[8] == 9
    seen = []
    s.setsockopt(socket.SOL_SOCKET, 20, lambda s: seen.append(s.recv(100)[20:]))
    s.sendto(b"called", (LOCAL, 0))
    rt.poll()
    time.sleep_ms(1)
    assert seen == [b"called"]
    poller.unregister(s)
    s.close()
    poller.register(s, 1)
    assert poller.poll(0) == [(s, 32)]


def test_without_waiting_and_with_a_time_limit():
    up()
    s = raw(253)
    s.setblocking(False)
    assert errno_of(s.recv, 1) == errno_of(s.recvfrom, 1) == errno.EAGAIN
    assert s.read() is None and s.readinto(bytearray(4)) is None
    s.settimeout(0.02)
    assert errno_of(s.recv, 1) == errno.ETIMEDOUT
    s.sendto(b"abc", (LOCAL, 0))
    buf = bytearray(22)
    assert s.recv_into(buf, 0, socket.MSG_PEEK) == 22 and buf[20:] == b"ab"
    assert s.recvfrom_into(buf) == (22, (LOCAL, 0))
