# Frostnet: the benchmark's figure of the dashboard: what it costs while it is open
# MIT license; Copyright (c) 2026 The Frostnet authors
"""One TCP connection carries data from the guest to the host all the time, and is measured in
windows of time, in every other one of which somebody looks at the dashboard."""

import contextlib
import http.client
import json
import statistics
import threading
import time

import bench_figures
from hostlib import peers

# What the page asks for and how often: firmware/httpd/pages/dashboard.js.
LIVE, LIVE_SECONDS = ("live",), 1
TABLES, TABLES_SECONDS = ("status", "connections", "arp", "dns", "counters"), 3
_WINDOW = TABLES_SECONDS  # seconds: everything is asked for as often as it is due
_PAUSE = 0.3  # between two windows, for what was asked for in the last one
_ENDLESS = 1 << 50
# As a browser says it.
_FIELDS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-US",
    "Connection": "keep-alive",
    "Referer": "http://localhost:8080/",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/120.0.0.0 Safari/537.36",
}


class Page:
    """Asks as the page does while it is visible; `visible` is an Event. `answers` counts."""

    def __init__(self, port):
        self.visible = threading.Event()
        self.answers = 0
        self.error = None
        self._port = port
        self._closed = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=loop, daemon=True)
            for loop in ((LIVE, LIVE_SECONDS), (TABLES, TABLES_SECONDS))
        ]

    def _repeat(self, names, seconds):
        connection = http.client.HTTPConnection(peers.LOCALHOST, self._port, timeout=30)
        try:
            while not self._closed.is_set():
                if not self.visible.wait(0.1):
                    continue
                due = time.perf_counter() + seconds
                for name in names:
                    connection.request("GET", "/api/" + name, headers=_FIELDS)
                    json.load(connection.getresponse())
                    self.answers += 1
                while self.visible.is_set() and (left := due - time.perf_counter()) > 0:
                    time.sleep(min(left, 0.05))
        except (OSError, ValueError, http.client.HTTPException) as e:
            self.error = e
        finally:
            connection.close()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self._closed.set()
        for thread in self._threads:
            thread.join(60)


class Counter(peers.TcpPeer):
    """Takes everything and counts it."""

    count = 0

    def handle(self, conn):
        buffer = bytearray(262144)
        with contextlib.suppress(ConnectionError):
            while n := conn.recv_into(buffer):
                self.count += n


def cost(guest, port, plan):
    """Percent of bulk throughput that the open dashboard takes, by the clock and by the processor
    time of QEMU, which says more on a machine that does other things too."""
    rates = {True: [], False: []}
    with Counter() as sink, Page(port) as page:
        guest.board.start(f"send({sink.port}, {_ENDLESS}, {guest.net.host!r})")
        try:
            time.sleep(1)
            for i in range(plan.dashboard_windows):
                # ABBA: a machine that becomes slower does so for both.
                looks = i % 4 in (1, 2)
                rates[looks].append(_window(guest, sink, page, looks))
        finally:
            guest.board.interrupt()
    if page.error or page.answers < plan.dashboard_windows // 2 * len(TABLES):
        raise bench_figures.Wrong(f"{page.answers} reports came: {page.error!r}")
    without, looking = (
        [statistics.median(way) for way in zip(*rates[looks], strict=True)]
        for looks in (False, True)
    )
    return tuple((1 - b / a) * 100 for a, b in zip(without, looking, strict=True))


def _window(guest, sink, page, looks):
    """Bytes per second, and per second of QEMU's processor time."""
    if looks:
        page.visible.set()
    begin, used, count = time.perf_counter(), guest.qemu.cpu_seconds(), sink.count
    time.sleep(_WINDOW)
    seconds, busy = time.perf_counter() - begin, guest.qemu.cpu_seconds() - used
    count = sink.count - count
    page.visible.clear()
    time.sleep(_PAUSE)
    if not count:
        raise bench_figures.Wrong("nothing came")
    return count / seconds, count / busy


def processor(guest, port, plan):
    """Percent of a processor that the board takes while it serves the dashboard, and no more."""
    guest.idle()
    time.sleep(0.5)
    with Page(port) as page:
        page.visible.set()
        used, begin = guest.qemu.cpu_seconds(), time.perf_counter()
        time.sleep(plan.dashboard_seconds)
        share = (guest.qemu.cpu_seconds() - used) / (time.perf_counter() - begin) * 100
        page.visible.clear()
    if page.error:
        raise bench_figures.Wrong(repr(page.error))
    return share
