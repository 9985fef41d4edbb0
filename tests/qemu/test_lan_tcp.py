# Frostnet: TCP's options and life cycle with the Linux kernel as peer
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import socket
import struct
import time

import pytest

from hostlib import peers
from hostlib.lan import boot_on
from hostlib.peers import ask

_TIMESTAMPS, _SACK, _WSCALE = 1, 2, 4

LISTEN = """
import socket, time
l = socket.socket()
{options}
l.bind(('', {port}))
l.listen(4)
"""


@pytest.fixture
def lan(wire, boot):
    wire.start_dnsmasq()
    board, address = boot_on(wire, boot)
    return wire, board, address


def connect(wire, address, port, source=0, options=()):
    with wire.inside():
        s = socket.socket()
    s.settimeout(10)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for option, value in options:
        s.setsockopt(*option, value)
    if source:
        s.bind((wire.host, source))
    s.connect((address, port))
    return s


def info(s):
    """(bits of the options, snd_wscale, rcv_wscale) of the kernel's struct tcp_info."""
    data = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    scales = data[6]
    return data[5], scales & 15, scales >> 4


def test_options_agreed_with_the_kernel(lan):
    # RFC 7323, 2.2 and 3.2, RFC 2018, 2: in both roles.
    wire, board, address = lan
    every = _TIMESTAMPS | _SACK | _WSCALE
    with board.serving("tcp_echo(7)"), contextlib.closing(connect(wire, address, 7)) as s:
        assert ask(s, b"stamped") == b"stamped"
        options, _, rcv = info(s)
        assert options & every == every and rcv > 0
    with wire.inside():
        listener = socket.create_server((wire.host, 0))
    listener.settimeout(10)
    with listener:
        port = listener.getsockname()[1]
        board.exec(f"import socket\ns = socket.socket()\ns.connect(('{wire.host}', {port}))")
        with listener.accept()[0] as s:
            assert info(s)[0] & every == every
            board.exec("s.send(b'hello')")
            s.settimeout(10)
            assert s.recv(10) == b"hello"


@pytest.mark.parametrize("name", ["tcp_timestamps", "tcp_sack", "tcp_window_scaling"])
def test_kernel_without_one_of_them(lan, name):
    # What one side does not offer is not used, and all else works.
    wire, board, address = lan
    wire.exec("sysctl", "-qw", f"net.ipv4.{name}=0")
    bit = {"tcp_timestamps": _TIMESTAMPS, "tcp_sack": _SACK, "tcp_window_scaling": _WSCALE}[name]
    with board.serving("tcp_echo(7)"), contextlib.closing(connect(wire, address, 7)) as s:
        data = bytes(range(256)) * 200
        assert ask(s, data) == data
        assert info(s)[0] & 7 == 7 & ~bit


def test_large_receive_buffer(lan):
    # RFC 7323, 2: the kernel may send far more than 65,535 bytes that nobody reads.
    wire, board, address = lan
    board.exec(
        LISTEN.format(port=8000, options="l.setsockopt(1, socket.SO_RCVBUF, 500000)")
    )  # before listen()
    data = bytes(range(256)) * 4000
    s = connect(wire, address, 8000, options=(((socket.SOL_SOCKET, socket.SO_SNDBUF), 2000000),))
    with s:
        assert info(s)[1] == 3, "the board's scale"
        s.sendall(data)
        board.exec("c = l.accept()[0]\ntime.sleep(2)\nn = c._conn.available()")
        assert 450_000 < board.eval("n") <= 500_008
        board.exec(
            "got = 0\nb = bytearray(65536)\nimport hashlib\nh = hashlib.sha256()\n"
            f"while got < {len(data)}:\n"
            "    n = c.readinto(b, min(65536, %d - got))\n"
            "    h.update(memoryview(b)[:n])\n    got += n\n" % len(data),
            30,
        )
        import hashlib

        assert board.eval("h.digest()") == hashlib.sha256(data).digest()


@pytest.mark.lossy
def test_keepalive_finds_a_dead_link(lan):
    # RFC 9293, 3.8.4: answered by the kernel, and an error when nobody answers.
    wire, board, address = lan
    with wire.inside():
        echo = peers.TcpEcho(host=wire.host)
    with echo:
        board.exec(
            "import socket\ns = socket.socket()\n"
            "s.setsockopt(6, socket.TCP_KEEPIDLE, 1)\n"
            "s.setsockopt(6, socket.TCP_KEEPINTVL, 1)\n"
            "s.setsockopt(6, socket.TCP_KEEPCNT, 3)\n"
            "s.setsockopt(1, socket.SO_KEEPALIVE, 1)\n"
            f"s.connect(('{wire.host}', {echo.port}))\n"
            "import time\ntime.sleep(4)\n"
        )
        counters = "s._rt.stack.counters."
        assert 2 <= board.eval(counters + "tcp_keepalive") <= 5
        board.exec("s.send(b'alive')\nassert s.recv(10) == b'alive'")
        board.qemu.set_link(False)
        code = "try:\n    s.recv(1)\nexcept OSError as e:\n    print(e.errno)\n"
        begin = time.monotonic()
        # ETIMEDOUT, or EHOSTUNREACH if ARP found it out before (RFC 9293, 3.9.2.2).
        assert board.exec(code, 15) in ("110\n", "113\n")
        assert 2 < time.monotonic() - begin < 10
        board.qemu.set_link(True)


def test_kernels_keepalive_is_answered(lan):
    wire, board, address = lan
    options = (
        ((socket.IPPROTO_TCP, socket.TCP_KEEPIDLE), 1),
        ((socket.IPPROTO_TCP, socket.TCP_KEEPINTVL), 1),
        ((socket.IPPROTO_TCP, socket.TCP_KEEPCNT), 2),
        ((socket.SOL_SOCKET, socket.SO_KEEPALIVE), 1),
    )
    with board.serving("tcp_echo(7)"):
        with contextlib.closing(connect(wire, address, 7, options=options)) as s:
            time.sleep(5)
            assert ask(s, b"still here") == b"still here"


def test_the_same_port_again_at_once(lan):
    # RFC 6191: our TIME_WAIT gives way to a SYN with a newer timestamp.
    wire, board, address = lan
    board.exec(LISTEN.format(port=8000, options=""))
    for _ in range(5):
        with connect(wire, address, 8000, source=45678) as s:
            board.exec("c = l.accept()[0]\nc.close()")
            assert s.recv(1) == b""
        time.sleep(0.1)
    assert board.eval("l._rt.stack.tcp.timewait.count") >= 1


def test_resets_by_linger(lan):
    # SO_LINGER with 0 seconds, both ways: RFC 9293, 3.10.5.
    wire, board, address = lan
    board.exec(LISTEN.format(port=8000, options=""))
    with connect(wire, address, 8000) as s:
        board.exec(
            "import struct\nc = l.accept()[0]\n"
            "c.setsockopt(1, socket.SO_LINGER, struct.pack('ii', 1, 0))\nc.close()"
        )
        with pytest.raises(ConnectionResetError):
            s.recv(1)
    s = connect(wire, address, 8000)
    board.exec("c = l.accept()[0]")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
    code = "try:\n    c.recv(1)\nexcept OSError as e:\n    print(e.errno)\n"
    assert board.exec(code) == "104\n"
