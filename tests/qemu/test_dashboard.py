# Frostnet: the dashboard in a browser
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import sys
import threading
import urllib.request

import pytest

from hostlib.board import ROOT
from hostlib.browser import Browser

sys.path.insert(0, str(ROOT / "tools"))

import fetch_chromium

SHOT = "DASHBOARD_PNG"  # a variable that names a file: docs/dashboard.png is made so


@pytest.fixture(scope="module")
def chromium():
    try:
        return fetch_chromium.fetch()
    except fetch_chromium.Unavailable as e:
        pytest.skip(str(e))


class Load:
    """Something to see: a file that is loaded again and again."""

    def __init__(self, url):
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while not self._ended.wait(0.3):
            try:
                opener.open(self._url, timeout=30).read()
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._ended.set()
        self._thread.join(40)


@pytest.mark.lossy
@pytest.mark.timeout(900)  # it may have to be fetched
def test_dashboard(chromium, boot, tmp_path):
    board = boot(args=["-fw_cfg", "name=opt/frostnet/httpd,string=on"])
    board.wait_prompt()
    board.wait_lease()
    board.exec("import os\nos.mkdir('/www')\nopen('/www/data', 'wb').write(bytes(400000))")
    url = f"http://127.0.0.1:{board.forward('tcp', 80)}"
    with Browser(chromium, tmp_path / "profile") as page, Load(url + "/data"):
        page.open(url + "/")
        page.wait("document.readyState == 'complete' && document.title == 'Frostnet'")
        # The graphs have points, and what they show is true.
        page.wait("graphs.throughput.points.some((p) => p[2] > 100000)")
        page.wait("graphs.roundtrip.points.some((p) => p[1] > 0)")
        page.wait("document.querySelector('#connections').textContent.includes('10.0.2.15:80')")
        text = page.wait("document.querySelector('#counters').textContent.includes('tcp_accept')"
                         " && document.body.innerText")  # fmt: skip
        for wanted in ("10.0.2.15/24", "10.0.2.2", "52:54:00:12:34:56", "httpd", "link up",
                       "ESTABLISHED", "reachable", "Round trip"):  # fmt: skip
            assert wanted in text, text
        # Pixels were drawn in each graph.
        for name in ("throughput", "roundtrip", "heap"):
            assert page.eval(
                "(() => { const c = document.getElementById('%s'); const d = c.getContext('2d')"
                ".getImageData(0, 0, c.width, c.height).data; return new Set(d).size; })()" % name
            ) > 10, name  # fmt: skip
        # All of it came from the board.
        elsewhere = [r for r in page.requests if not r.startswith((url, "data:", "about:"))]
        assert not elsewhere and not page.failures
        if SHOT in os.environ:
            page.wait("graphs.throughput.points.length > 60", 120)
            page.screenshot(type(tmp_path)(os.environ[SHOT]))
        # It says so when the board is gone, and when it is back.
        board.qemu.set_link(False)
        page.wait("document.getElementById('state').className == 'lost'")
        board.qemu.set_link(True)
        page.wait("document.getElementById('state').className == ''")
