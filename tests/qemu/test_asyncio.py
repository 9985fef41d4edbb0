# Frostnet: asyncio on the board: 200 connections at once, and nothing done while there is nothing
# to do
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import hashlib
import os
import selectors
import socket
import time

import pytest

from hostlib import peers, qemu
from hostlib.board import USER_NET

MANY = 200
ROUNDS = 5
MOST_LEFT = 256 * 1024  # bytes; 200 connections have more than 500 KiB
PATIENCE = 120.0

# An echo of lines; it says how many connections are open, and how much heap is in use.
SERVER = """
import asyncio, gc
open_now = most = lines = 0
async def serve(reader, writer):
    global open_now, most, lines
    open_now += 1
    most = max(most, open_now)
    try:
        while True:
            line = await reader.readline()
            if not line:
                break
            lines += 1
            writer.write(line)
            await writer.drain()
    finally:
        open_now -= 1
        writer.close()
        await writer.wait_closed()
def heap():
    gc.collect()
    return gc.mem_alloc()
async def main():
    await asyncio.start_server(serve, "0.0.0.0", 8000, backlog=32)
    print("ready")
    await asyncio.sleep(100000)
"""


class Clients:
    """`n` connections to the board, driven by one thread: what one sends does not wait for the
    answers of others."""

    def __init__(self, port, n):
        self._selector = selectors.DefaultSelector()
        self.sockets = []
        for _ in range(n):
            # One by one: QEMU listens with a backlog of 1.
            s = socket.create_connection((peers.LOCALHOST, port), timeout=PATIENCE)
            self.sockets.append(s)
            assert peers.ask(s, b"hello\n") == b"hello\n"
            self._selector.register(s, selectors.EVENT_READ)

    def ask_all(self, lines):
        """Send `lines[i]` on connection i, on all before an answer is read; returns what came
        back on each."""
        answers = dict.fromkeys(self.sockets, b"")
        wanted = {s: len(line) for s, line in zip(self.sockets, lines, strict=True)}
        for s, line in zip(self.sockets, lines, strict=True):
            s.sendall(line)
        waiting = set(self.sockets)
        end = time.monotonic() + PATIENCE
        while waiting and time.monotonic() < end:
            for key, _ in self._selector.select(1):
                s = key.fileobj
                piece = s.recv(65536)
                assert piece, "the board closed a connection"
                answers[s] += piece
                if len(answers[s]) >= wanted[s]:
                    waiting.discard(s)
        assert not waiting, f"{len(waiting)} of {len(self.sockets)} have no answer"
        return [answers[s] for s in self.sockets]

    def close(self):
        for s in self.sockets:
            s.close()
        self._selector.close()


def line(i, number):
    """A line of 65 to 2,000 bytes that no other connection or round has."""
    digest = hashlib.sha256(b"%d %d" % (i, number)).hexdigest().encode()
    return digest * (1 + i * 7 % 31) + b"\n"


def processor_time(pid):
    """Seconds that a process has used."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_share(board, seconds=3.0):
    """Which part of one processor QEMU uses now."""
    begin, used = time.monotonic(), processor_time(board.qemu.pid)
    time.sleep(seconds)
    return (processor_time(board.qemu.pid) - used) / (time.monotonic() - begin)


@pytest.mark.timeout(300)
@pytest.mark.lossy  # 200 connections keep a busy machine busy for longer than a timer
def test_200_connections_are_served_at_once_and_cost_nothing_while_idle(boot):
    qemu.allow_descriptors(2 * MANY)
    board = boot(netdev=USER_NET)
    board.wait_prompt()
    board.wait_lease()
    qemu.allow_descriptors(2 * MANY, board.qemu.pid)
    port = board.forward("tcp", 8000)
    prompt = idle_share(board)
    board.exec(SERVER)
    before = board.eval("heap()")
    with board.serving("asyncio.run(main())"):
        with contextlib.closing(Clients(port, MANY)) as clients:
            for number in range(ROUNDS):
                lines = [line(i, number) for i in range(MANY)]
                assert clients.ask_all(lines) == lines
            time.sleep(1)
            waiting = idle_share(board)
            # One among many that are idle
            assert peers.ask(clients.sockets[7], b"still here\n") == b"still here\n"
            # They close in the middle of a line.
            for s in clients.sockets[::2]:
                s.sendall(b"half a line")
        time.sleep(2)
    # The program was broken off: what it had open is garbage, but for what says good-bye yet.
    board.exec("asyncio.new_event_loop()")
    assert board.eval("most") == MANY
    assert board.eval("lines") >= MANY * (ROUNDS + 1) + 1
    give_up = time.monotonic() + PATIENCE
    while (left := board.eval("heap()") - before) >= MOST_LEFT and time.monotonic() < give_up:
        time.sleep(1)  # for connections that end by themselves
    print(
        f"idle: {prompt:.1%} at the prompt, {waiting:.1%} with {MANY} connections; "
        f"{left} bytes left"
    )
    assert waiting < prompt + 0.2
    assert left < MOST_LEFT
