# Frostnet: tests of what programs of other boards rely on, and no other test says
# MIT license; Copyright (c) 2026 The Frostnet authors

# extmod/modlwip.c and docs/library/socket.rst of MicroPython.

import errno
import gc

import micropython
import socket
from sockbench import LOCAL, connected, errno_of, up

SOL = socket.SOL_SOCKET
KINDS = (
    (socket.AF_INET, socket.SOCK_STREAM),
    (socket.AF_INET, socket.SOCK_DGRAM),
    (socket.AF_INET, socket.SOCK_RAW, 1),
    (socket.AF_PACKET, socket.SOCK_RAW, 3),
)


def test_numbers():
    """Programs, and what they are made with, have these as numbers."""
    assert (socket.AF_INET, socket.AF_INET6, socket.AF_PACKET) == (2, 10, 17)
    assert (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW) == (1, 2, 3)
    assert (SOL, socket.SO_REUSEADDR, socket.SO_BROADCAST, socket.SO_KEEPALIVE) == (1, 4, 0x20, 8)
    assert (socket.IPPROTO_IP, socket.IPPROTO_ICMP, socket.IPPROTO_TCP) == (0, 1, 6)
    assert socket.IPPROTO_UDP == 17 and socket.TCP_NODELAY == 0x40
    assert (socket.IP_ADD_MEMBERSHIP, socket.IP_DROP_MEMBERSHIP) == (0x400, 0x401)
    assert (socket.MSG_PEEK, socket.MSG_DONTWAIT) == (1, 2)


def test_options_differ_in_their_numbers():
    """Levels are not looked at, and 20 is the callback's."""
    numbers = {}
    for name in dir(socket):
        if name[:3] in ("SO_", "IP_") or name[:4] == "TCP_":
            assert numbers.setdefault(getattr(socket, name), name) == name, name
    assert 20 not in numbers and len(numbers) > 18


def test_what_is_not_there():
    """Every error is OSError; what programs ask for by hasattr() must not be there by halves."""
    for name in ("error", "timeout", "gaierror", "SO_RCVTIMEO"):
        assert not hasattr(socket, name), name
    assert not hasattr(socket.socket, "fileno")


def test_every_kind_has_every_method():
    up()
    names = "accept bind close connect getpeername getsockname getsockopt gettimeout ioctl listen "
    names += "makefile read readinto readline recv recv_into recvfrom recvfrom_into send sendall "
    names += "sendto setblocking setsockopt settimeout shutdown write __enter__ __exit__"
    for kind in KINDS:
        s = socket.socket(*kind)
        for name in names.split():
            assert hasattr(s, name), (kind, name)
        with s as same:
            assert same is s
        assert errno_of(s.send, b"x") == errno.EBADF
        s.close()


def test_options_of_all_kinds():
    """What there is not is ignored, with a warning on the console."""
    up()
    for kind in KINDS:
        s = socket.socket(*kind)
        for option in (socket.SO_REUSEADDR, socket.SO_BROADCAST, socket.SO_KEEPALIVE):
            s.setsockopt(SOL, option, 1)
            assert s.getsockopt(SOL, option) == 1
        s.setsockopt(SOL, 0x7777, 1)
        s.setsockopt(6, 1, 1)
        assert errno_of(s.getsockopt, SOL, 0x7777) == errno.ENOPROTOOPT


def test_blocking_send_may_be_short():
    up()
    client, server = connected()
    client.setblocking(False)
    while client.write(bytes(10000)):
        pass
    client.setblocking(True)

    def read(_):
        server.recv(30000)

    micropython.schedule(read, None)
    n = client.send(bytes(500000))
    assert 0 < n < 500000, n


def test_bound_by_name():
    up()
    listener = socket.socket()
    listener.bind(("localhost", 8000))
    listener.listen()
    client = socket.socket()
    client.connect(("localhost", 8000))
    assert listener.accept()[1] == client.getsockname()
    u = socket.socket(*KINDS[1])
    u.bind(("localhost", 7))
    u.sendto(b"x", ("localhost", 7))
    assert u.recv(1) == b"x"


def test_flipping_the_mode_around_each_byte():
    """As an MQTT client does."""
    up()
    client, server = connected()
    client.send(b"abc")
    for byte in (b"a", b"b", b"c", None, None):
        server.setblocking(False)
        assert server.read(1) == byte
        server.setblocking(True)
    client.send(b"d")
    assert server.read(1) == b"d"


def test_read_until_the_end():
    up()
    client, server = connected()
    client.send(b"all of it")
    client.close()
    assert server.read(-1) == b"all of it" and server.read(-1) == b""


def test_a_late_callback_of_a_closed_socket():
    """An event was on its way when the program closed the socket: nothing is called."""
    rt = up()
    seen = []
    client, server = connected()
    server.setsockopt(SOL, 20, seen.append)
    rt.lock()
    client.send(b"x")
    rt.poll()
    server.close()
    rt.unlock()
    for _ in range(100):
        pass
    assert seen == []
    server.setsockopt(SOL, 20, None)
    server.setsockopt(SOL, 20, seen.append)
    gc.collect()
    assert seen == []


def test_datagrams_beyond_the_buffer_are_cut():
    up()
    a, b = [socket.socket(*KINDS[1]) for _ in range(2)]
    b.bind((LOCAL, 2000))
    a.connect((LOCAL, 2000))
    for n in (0, 1, 1472, 4000):
        a.send(bytes(n))
        buf = bytearray(b"\xff" * 100)
        assert b.readinto(buf) == min(n, 100)
        assert buf == bytes(min(n, 100)) + b"\xff" * (100 - min(n, 100))
