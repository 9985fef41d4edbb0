# Frostnet: the benchmark's figures of the web server
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Beside it stands busybox httpd in the Linux guest; both serve a page of 100 bytes and a file of
10 MB from their memory."""

import re
import selectors
import socket
import subprocess
import time

import bench
import bench_dashboard
import bench_figures
import fetch_peers
from hostlib import peers

PORT = 80
PAGE = 100  # bytes
PIECE = 16381  # what the Linux guest has to make files of
CLIENTS = 8
_ASK = b"GET /page.html HTTP/1.%d\r\nHost: 127.0.0.1\r\nConnection: %s\r\n\r\n"
_PAGE = b"\r\n\r\n" + b"x" * PAGE

_BOARD = f"""
import net, os, services
if "httpd" not in services.running:
    os.mkdir("/www")
    with open("/www/page.html", "w") as f:
        f.write("x" * {PAGE})
    with open("/www/big.bin", "wb") as f:
        for _ in range(%d):
            f.write(bytes({PIECE}))
    net.httpd()
"""
_LINUX = (
    f"mkdir -p /www; head -c {PAGE} /block > /www/page.html; "
    "i=0; while [ $i -lt %d ]; do cat /block; i=$((i+1)); done > /www/big.bin; "
    f"pidof httpd || httpd -p {PORT} -h /www"
)


def measure(guests, plan, results):
    """Take the figures that are asked for, in alternating rounds."""
    wanted = [name for name in bench.HTTP if name in results.values]
    if not wanted:
        return
    try:
        wrk = fetch_peers.fetch("wrk")
        ports = {name: serve(guest, plan) for name, guest in guests.items()}
    except Exception as e:
        results.error(wanted[0], "both", e)
        return
    for i in range(plan.rounds):
        for name in sorted(guests, reverse=bool(i % 2)):
            try:
                take(name, guests[name], ports[name], wrk, plan, wanted, results)
            except Exception as e:
                results.error(wanted[0], name, e)
                return
    if "frostnet" in guests and set(bench.DASHBOARD) & set(wanted):
        try:
            costs = bench_dashboard.cost(guests["frostnet"], ports["frostnet"], plan)
            for figure, value in zip(bench.DASHBOARD, costs, strict=True):
                results.add(figure, "frostnet", value)
        except Exception as e:
            results.error(bench.DASHBOARD[0], "frostnet", e)


def serve(guest, plan):
    """Start the guest's web server; the port of 127.0.0.1 that leads to it."""
    pieces = plan.http_file // PIECE
    if guest.name == "frostnet":
        guest.board.exec(_BOARD % pieces, 60)
        return guest.board.forward("tcp", PORT)
    guest._shell(_LINUX % pieces)
    with guest.serving(("tcp", PORT)) as port:
        return port


def take(name, guest, port, wrk, plan, wanted, results):
    """One round with one guest."""
    if "http_requests" in wanted:
        results.add("http_requests", name, requests(wrk, port, plan))
    if "http_file" in wanted:
        results.add("http_file", name, load(port, plan))
    if name != "frostnet":
        return
    if "http_share" in wanted:
        bulk = bench_figures.tcp_send(guest, plan)
        results.add("http_share", name, load(port, plan) / bulk)
    if "dashboard_cpu" in wanted:
        results.add("dashboard_cpu", name, bench_dashboard.processor(guest, port, plan))


def requests(wrk, port, plan):
    """Requests per second of 8 connections that are kept, or made anew if they are not."""
    command = [wrk, "-t1", f"-c{CLIENTS}", f"-d{plan.http_seconds}s"]
    url = f"http://127.0.0.1:{port}/page.html"
    out = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise bench_figures.Wrong("an answer was not 200")
    return float(re.search(r"Requests/sec: +([0-9.]+)", out)[1])


def exchanges(guest, plan, keep=True):
    """The same without wrk, of as many requests as the plan says: for tools/profile_board.py."""
    port = serve(guest, plan)
    ask = _ASK % (1, b"keep-alive") if keep else _ASK % (0, b"close")
    begin = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        clients = [_Client(port, ask, keep, selector) for _ in range(CLIENTS)]
        left = plan.http_requests
        while left > 0:
            for key, _ in selector.select(plan.timeout):
                left -= key.data.readable()
        seconds = time.perf_counter() - begin
        for client in clients:
            client.socket.close()
    return plan.http_requests / seconds


def fresh_exchanges(guest, plan):
    """Those by HTTP/1.0, each with a connection of its own."""
    return exchanges(guest, plan, False)


class _Client:
    """Asks for the page, and asks again when it has come."""

    def __init__(self, port, ask, keep, selector):
        self._port, self._ask, self._keep, self._selector = port, ask, keep, selector
        self._connect()

    def _connect(self):
        self.socket = socket.create_connection((peers.LOCALHOST, self._port), timeout=60)
        self._selector.register(self.socket, selectors.EVENT_READ, self)
        self._begin()

    def _begin(self):
        self._got = b""
        self.socket.sendall(self._ask)

    def readable(self):
        """Take what has come; how many answers are complete with it."""
        data = self.socket.recv(PIECE)
        self._got += data
        if data and not (self._keep and self._got.endswith(_PAGE)):
            return 0
        if not (self._got.startswith(b"HTTP/1.1 200 OK") and self._got.endswith(_PAGE)):
            raise bench_figures.Wrong(f"the answer was {self._got[:100]}")
        if self._keep:
            self._begin()
        else:
            self._selector.unregister(self.socket)
            self.socket.close()
            self._connect()
        return 1


def get(port, path):
    """(seconds, bytes of the answer)"""
    begin = time.perf_counter()
    with socket.create_connection((peers.LOCALHOST, port), timeout=60) as s:
        s.sendall(b"GET %s HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n" % path.encode())
        head = s.recv(PIECE)
        if not head.startswith(b"HTTP/1.1 200"):
            raise bench_figures.Wrong(f"{path}: {head[:40]}")
        count = len(head)
        while data := s.recv(65536):
            count += len(data)
    return time.perf_counter() - begin, count


def load(port, plan):
    """MB/s of a file of `plan.http_file` bytes."""
    seconds, count = get(port, "/big.bin")
    size = plan.http_file // PIECE * PIECE
    if not size <= count <= size + 1000:
        raise bench_figures.Wrong(f"{count} bytes came")
    return size / seconds / 1e6
