# Frostnet: Chromium without a window, driven by its own protocol
# MIT license; Copyright (c) 2026 The Frostnet authors

import base64
import itertools
import json
import re
import subprocess
import time

import websocket

ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # it may run as root; it is shown nothing but the board
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-proxy-server",
    "--remote-debugging-port=0",
    "about:blank",
)


class Browser:
    """A page of Chromium at `program`; `requests` has the URLs that it has asked for, `failures`
    what it complained about: errors of scripts, and loads that failed."""

    def __init__(self, program, folder, width=1280, height=820):
        self.requests = []
        self.failures = []
        self._ids = itertools.count(1)
        arguments = [*ARGUMENTS[:-1], f"--user-data-dir={folder}", ARGUMENTS[-1]]
        self._process = subprocess.Popen(
            [str(program), *arguments], stderr=subprocess.PIPE, text=True, errors="replace"
        )
        try:
            self._socket = websocket.create_connection(
                self._address(), timeout=60, suppress_origin=True, http_no_proxy=["127.0.0.1"]
            )
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = attached["sessionId"]
            for domain in ("Page", "Network", "Runtime", "Log"):
                self.call(domain + ".enable")
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            self.call("Emulation.setDeviceMetricsOverride", **size)
        except BaseException:
            self.close()
            raise

    _session = None
    _socket = None

    def _address(self):
        for line in self._process.stderr:
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                return found[1]
        raise AssertionError("Chromium ended before it listened")

    def call(self, method, **params):
        """Call a method of the protocol; its result."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._note(answer.get("method"), answer.get("params", {}))

    def _note(self, method, params):
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Network.loadingFailed":
            self.failures.append(params["errorText"])
        elif method == "Runtime.exceptionThrown":
            self.failures.append(str(params["exceptionDetails"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.failures.append(params["entry"]["text"])

    def open(self, url):
        self.call("Page.navigate", url=url)

    def eval(self, expression):
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, expression, timeout=60.0):
        """Wait until an expression is true in the page; its value."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            value = self.eval(expression)
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f"{expression} did not come true in {timeout:g} s; {self.failures}")

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        if self._socket is not None:
            self._socket.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
