# Frostnet: the benchmark's figure of the prompt over telnet
# MIT license; Copyright (c) 2026 The Frostnet authors
"""How much longer the echo of a typed character takes than a bare TCP echo of the same run."""

import socket
import statistics

import bench_figures
from hostlib import peers

FIGURE = "telnet_echo"
PORT = 23
PASSWORD = "bench"
PROMPT = b">>> "
LINE = 60  # characters until Ctrl-C ends it

_START = f"import net, services\nif 'telnetd' not in services.running: net.telnetd({PASSWORD!r})"
_STOP = "services.running['telnetd'].stop()"


def measure(guest, plan, results):
    """Take the figure, if it is asked for, in rounds."""
    if FIGURE not in results.values:
        return
    try:
        for _ in range(plan.rounds):
            bare = statistics.median(bench_figures.tcp_echoes(guest, plan.pingpongs))
            guest.board.exec(_START)
            guest.board.console.friendly()
            try:
                typed = statistics.median(echoes(guest.board.forward("tcp", PORT), plan.pingpongs))
            finally:
                guest.board.exec(_STOP)
            results.add(FIGURE, guest.name, (typed - bare) * 1000)
    except Exception as e:
        results.error(FIGURE, guest.name, e)


def echoes(port, count):
    """Seconds that the echo of each of `count` typed characters takes."""
    times = []
    with socket.create_connection((peers.LOCALHOST, port), timeout=10) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.sendall(PASSWORD.encode() + b"\r\n")
        _read_until(s, PROMPT)
        while len(times) < count:
            for _ in range(LINE):
                times.append(bench_figures.echo(s, b"x"))
            s.sendall(b"\x03")
            _read_until(s, PROMPT)
    return times


def _read_until(s, wanted):
    data = b""
    while wanted not in data:
        piece = s.recv(4096)
        if not piece:
            raise bench_figures.Wrong(f"{wanted!r} did not come")
        data += piece
