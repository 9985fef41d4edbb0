# Frostnet: sockets of the board against peers on the host
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import random
import socket
import threading
import time

import pytest

from hostlib import pattern, peers
from hostlib.peers import ask

MEGABYTES_10 = 10_000_000
HOST = "10.0.2.2"


def connect(port):
    """Connect through a forward of QEMU."""
    return socket.create_connection((peers.LOCALHOST, port), timeout=10)


@pytest.mark.timeout(90)
def test_download_is_bit_exact(board):
    with peers.Source(MEGABYTES_10) as source:
        digest = board.exec(f"recv({source.port}, True)", 60).strip()
        assert source.results[0][1] == MEGABYTES_10
    assert digest == pattern.sha256(MEGABYTES_10)


@pytest.mark.timeout(90)
def test_upload_is_bit_exact(board):
    with peers.Sink() as sink:
        board.exec(f"send({sink.port}, {MEGABYTES_10})", 60)
        assert sink.done.acquire(timeout=10)
    _, count, digest = sink.results[0]
    assert (count, digest) == (MEGABYTES_10, pattern.sha256(MEGABYTES_10))


@pytest.mark.parametrize("size", [0, 1, 535, 536, 1459, 1460, 1461, 65535, 65536])
def test_upload_sizes(board, size):
    with peers.Sink() as sink:
        board.exec(f"send({sink.port}, {size})")
        assert sink.done.acquire(timeout=10)
    assert sink.results[0][1:] == (size, pattern.sha256(size))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 511, 1399, 1472])
def test_udp_echo_of_the_host(board, size):
    with peers.UdpEcho() as echo:
        out = board.exec(
            "import socket\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "s.settimeout(5)\n"
            f"data = bytes(i * 7 & 255 for i in range({size}))\n"
            f"s.sendto(data, ('{HOST}', {echo.port}))\n"
            "got, peer = s.recvfrom(2000)\n"
            "print(got == data, peer)\n"
            "s.close()"
        )
        assert out == f"True ('{HOST}', {echo.port})\n"


def test_udp_echo_of_the_board(board):
    port = board.forward("udp", 7)
    rng = random.Random(1)
    with board.serving("udp_echo(7)"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((peers.LOCALHOST, port))
        s.settimeout(5)
        for size in [0, 1, 2, 1471, 1472] + [rng.randrange(1473) for _ in range(100)]:
            data = rng.randbytes(size)
            s.send(data)
            assert s.recv(2000) == data


def test_tcp_echo_of_the_host(board):
    with peers.TcpEcho() as echo:
        out = board.exec(
            "import socket\n"
            "s = socket.socket()\n"
            f"s.connect(('{HOST}', {echo.port}))\n"
            "ok = 0\n"
            "for n in (1, 2, 64, 1000, 1460, 5000, 20000):\n"
            "    data = bytes(i * 7 & 255 for i in range(n))\n"
            "    s.write(data)\n"
            "    ok += s.read(n) == data\n"
            "s.close()\n"
            "print(ok)"
        )
    assert out == "7\n"


def test_tcp_echo_of_the_board(board):
    port = board.forward("tcp", 7)
    rng = random.Random(2)
    with board.serving("tcp_echo(7)"):
        for _ in range(3):
            with connect(port) as s:
                for size in (1, 64, 1460, 1461, 4000):
                    data = rng.randbytes(size)
                    assert ask(s, data) == data
                s.shutdown(socket.SHUT_WR)
                assert s.recv(10) == b"", "the board did not close in its turn"


def test_both_directions_at_once(board):
    # The host writes without reading until both windows are full, then reads all back.
    port = board.forward("tcp", 7)
    data = pattern.data(1_000_000)
    with board.serving("tcp_echo(7)"):
        with connect(port) as s:
            s.settimeout(40)
            writer = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(1)))
            writer.start()
            got = hashlib.sha256()
            count = 0
            while piece := s.recv(65536):
                count += len(piece)
                got.update(piece)
            writer.join()
    assert (count, got.hexdigest()) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.timeout(120)
def test_1000_connections_leave_memory_as_it_was(board):
    port = board.forward("tcp", 13)

    def visit(count):
        board.serve(f"greet(13, {count})")
        for _ in range(count):
            with connect(port) as s:
                got = b""
                while piece := s.recv(100):
                    got += piece
                assert got == b"Hello from the bench peer\n"
        board.finish()

    def free():
        # TIME_WAIT must not be what is counted: let it pass if it is short.
        return board.eval("gc.collect() or gc.mem_free()")

    visit(50)  # whatever is allocated once, is
    before = free()
    visit(1000)
    deadline = time.monotonic() + 20
    while (after := free()) < before - 4096 and time.monotonic() < deadline:
        time.sleep(1)
    assert after >= before - 4096, f"{before - after} bytes are gone after 1000 connections"


@pytest.mark.timeout(120)
def test_3000_connections_to_one_server(board):
    # The peer closes first, so that each four-tuple stays in the TIME_WAIT of QEMU's network: it
    # refuses a port that comes again (RFC 6056 §3.3.4).
    code = """
import socket
for i in range(3000):
    s = socket.socket()
    s.connect(("10.0.2.2", %d))
    if len(s.read()) != 1:
        print("not what was sent")
    s.close()
print(i + 1)
"""
    with peers.Source(1) as source:
        assert board.exec(code % source.port, 100) == "3000\n"


def test_connect_to_a_closed_port_is_refused(board):
    out = board.exec(
        "import socket\n"
        "s = socket.socket()\n"
        "try:\n"
        f"    s.connect(('{HOST}', 1))\n"
        "except OSError as e:\n"
        "    print(e.errno)\n"
    )
    assert out == "111\n"


def test_getaddrinfo_of_an_address(board):
    out = board.eval("__import__('socket').getaddrinfo('10.0.2.2', 80)")
    assert out == [(2, 1, 0, "", ("10.0.2.2", 80))]


def test_asyncio_server_and_poll(board):
    code = """
import asyncio
async def serve(reader, writer):
    line = await reader.readline()
    writer.write(b"echo " + line)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
async def main():
    await asyncio.start_server(serve, "0.0.0.0", 8000)
    print("ready")
    await asyncio.sleep(1000)
asyncio.run(main())
"""
    port = board.forward("tcp", 8000)
    with board.serving(code):
        clients = [connect(port) for _ in range(5)]
        # Answered in another order than they came.
        for i in (3, 1, 4, 0, 2):
            clients[i].sendall(b"line %d\n" % i)
            assert clients[i].recv(100) == b"echo line %d\n" % i
        for s in clients:
            s.close()
