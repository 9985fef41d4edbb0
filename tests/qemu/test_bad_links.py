# Frostnet: the Linux kernel as peer over a link that loses, reorders, doubles, comes and goes
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import socket
import threading
import time

import pytest

from hostlib import pattern, peers
from hostlib.badlink import BadLink
from hostlib.peers import ask, read

BOARD = "192.168.77.9"
MEGABYTE = 1_000_000
# Linux, include/uapi/linux/tcp.h: lets root choose a socket's first number.
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_SEND_QUEUE = 19, 20, 21, 2
NEAR_THE_END = 0xFFFFFFFF - 100_000

ECHO = """
import asyncio

async def serve(reader, writer):
    while True:
        data = await reader.read(4096)
        if not data:
            break
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()

async def main():
    await asyncio.start_server(serve, "0.0.0.0", 7, backlog=100)
    print("ready")
    while True:
        await asyncio.sleep(1)

asyncio.run(main())
"""


@contextlib.contextmanager
def linked(wire, boot, **faults):
    """A board with a fixed address behind a bad link; yields (board, link)."""
    with BadLink(wire, **faults) as link:
        board = boot(netdev=link.netdev)
        board.wait_prompt()
        address = f"'{BOARD}', '255.255.255.0', '{wire.host}', '{wire.host}'"
        board.exec(f"import network\nnetwork.LAN().ifconfig(({address}))")
        board.load()
        yield board, link
        board.close()


def fetch(wire, board, size, timeout):
    """The kernel sends `size` bytes to the board; seconds."""
    with wire.inside():
        source = peers.Source(size, host=wire.host)
    with source:
        begin = time.monotonic()
        digest = board.exec(f"recv({source.port}, True, '{wire.host}')", timeout).strip()
        assert digest == pattern.sha256(size)
        return time.monotonic() - begin


def deliver(wire, board, size, timeout):
    """The board sends `size` bytes to the kernel; seconds."""
    with wire.inside():
        sink = peers.Sink(host=wire.host)
    with sink:
        begin = time.monotonic()
        board.exec(f"send({sink.port}, {size}, '{wire.host}')", timeout)
        assert sink.done.acquire(timeout=timeout)
        assert sink.results[0][1:] == (size, pattern.sha256(size))
        return time.monotonic() - begin


@pytest.mark.lossy
@pytest.mark.timeout(120)
@pytest.mark.parametrize("loss", [0, 1, 5, 10])
def test_bulk_both_ways(wire, boot, loss):
    # Bit-exact at any loss rate, with frames that come late, twice and in another order.
    size = 5 * MEGABYTE
    faults = {"reorder": 0.01, "late": 3, "duplicate": 0.01, "delay": 1}
    with linked(wire, boot, loss=loss / 100, seed=loss, **faults) as (board, link):
        took = fetch(wire, board, size, 60), deliver(wire, board, size, 60)
        for name, counters in link.counters().items():
            print(name, counters, took)
            assert counters["frames"] > size // 1460 and counters["reordered"]
            assert not loss or counters["lost"] > loss * 10
            assert counters["unsent"] < 50, "the relay lost frames that it should not"


@pytest.mark.hostile
def test_corrupted_frames(wire, boot):
    # A wrong bit in 2 % of the frames: the checksums find it.
    with linked(wire, boot, corrupt=0.02, delay=1) as (board, link):
        fetch(wire, board, MEGABYTE, 40)
        deliver(wire, board, MEGABYTE, 40)
        assert link.counters()["a-to-b"]["corrupted"] > 5


@pytest.mark.lossy
def test_sequence_numbers_wrap(wire, boot):
    # Both sides begin 100,000 before 2^32 and send a megabyte.
    with linked(wire, boot, loss=0.005, reorder=0.01, late=2) as (board, _):
        board.exec(
            "from frostnet import runtime\n"
            f"runtime.current().stack.tcp.isn = lambda *_: {NEAR_THE_END}"
        )
        with board.serving("tcp_echo(7)"):
            with wire.inside():
                s = socket.socket()
            with s:
                s.settimeout(30)
                s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
                s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE)
                s.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, NEAR_THE_END - (1 << 32))
                s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
                s.connect((BOARD, 7))
                data = pattern.data(MEGABYTE)
                writer = threading.Thread(target=s.sendall, args=(data,))
                writer.start()
                assert read(s, MEGABYTE) == data
                writer.join()


@pytest.mark.lossy
def test_100_connections_at_once(wire, boot):
    # All open before the first speaks; then each has its own data echoed, at the same time.
    with linked(wire, boot, loss=0.01, reorder=0.01, duplicate=0.01, delay=1) as (board, _):
        with board.serving(ECHO):
            with wire.inside():
                conns = [socket.socket() for _ in range(100)]
            failed = []

            def talk(i, s):
                data = pattern.data(20_000 + i)[i:]
                try:
                    if ask(s, data) != data:
                        failed.append((i, "other data"))
                except OSError as e:
                    failed.append((i, e))

            with contextlib.ExitStack() as stack:
                for s in conns:
                    stack.enter_context(s)
                    s.settimeout(40)
                    s.connect((BOARD, 7))
                threads = [threading.Thread(target=talk, args=(i, s)) for i, s in enumerate(conns)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            assert not failed, failed


@pytest.mark.lossy
def test_link_goes_away_in_mid_transfer(wire, boot):
    # The cable is pulled for a second, twice in each direction: the transfer goes on where it was.
    size = 5 * MEGABYTE
    with linked(wire, boot, rate="40M", queue=1000) as (board, _):

        def pull():
            for _ in range(2):
                time.sleep(0.3)
                board.qemu.set_link(False)
                time.sleep(1)
                board.qemu.set_link(True)

        for move in (fetch, deliver):
            puller = threading.Thread(target=pull)
            puller.start()
            took = move(wire, board, size, 50)
            puller.join()
            assert took > 2, "it was over before the cable was pulled"
