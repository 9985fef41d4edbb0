# Frostnet: the network works whatever the program does
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import time

import pytest

from hostlib import peers

# A service that lives in callbacks: option 20 is called when a connection or data is there.
SERVICE = """
import socket
def _data(s):
    s.setblocking(False)
    try:
        b = s.recv(100)
    except OSError:  # EAGAIN: taken already
        return
    if b:
        s.send(b)
    else:
        s.close()
def _new(l):
    s, peer = l.accept()
    s.setsockopt(socket.SOL_SOCKET, 20, _data)
    _data(s)  # what came before the callback was there
l = socket.socket()
l.bind(("0.0.0.0", 4000))
l.listen(4)
l.setsockopt(socket.SOL_SOCKET, 20, _new)
"""


def echoes(port):
    """True if the board's service answers on a new connection."""
    with socket.create_connection((peers.LOCALHOST, port), timeout=5) as s:
        s.sendall(b"are you there")
        return s.recv(100) == b"are you there"


@pytest.mark.parametrize(
    "program",
    [
        "",
        "import time\ntime.sleep(60)",
        "while True:\n    pass",
        "import time\nwhile True:\n    time.sleep_us(100)",
        "x = 0\nwhile True:\n    x = sum(range(1000))",
        "import select, sys\np = select.poll()\np.register(sys.stdin, 1)\np.poll(60000)",
    ],
    ids=["idle-prompt", "sleep", "busy-loop", "short-sleeps", "computation", "poll"],
)
def test_tcp_is_served_while_the_program_runs(board, program):
    port = board.forward("tcp", 4000)
    board.exec(SERVICE)
    if program:
        board.start(program)
    else:
        board.console.friendly()
    time.sleep(0.2)
    try:
        for _ in range(3):
            assert echoes(port)
    finally:
        if program:
            assert "KeyboardInterrupt" in board.interrupt()
    board.exec("l.close()")


def test_data_arrives_while_the_program_computes(board):
    # What came during the computation is read after it.
    with peers.Source(30_000) as source:
        out = board.exec(
            "import socket, time\n"
            "s = socket.socket()\n"
            f"s.connect(('10.0.2.2', {source.port}))\n"
            "end = time.ticks_add(time.ticks_ms(), 800)\n"
            "while time.ticks_diff(end, time.ticks_ms()) > 0:\n"
            "    pass\n"
            "s.setblocking(False)\n"
            "n = 0\n"
            "while True:\n"
            "    b = s.recv(4096)\n"
            "    if not b:\n"
            "        break\n"
            "    n += len(b)\n"
            "print(n)\n"
            "s.setblocking(True)\n"
            "s.write(n.to_bytes(8, 'big'))\n"
            "s.close()"
        )
    assert out == "30000\n"
    assert source.results[0][1] == 30_000
