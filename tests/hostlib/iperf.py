# Frostnet: the real iperf3 in a network namespace
# MIT license; Copyright (c) 2026 The Frostnet authors

import json
import subprocess
import time

from hostlib import packages

PORT = 5201


class Iperf:
    """iperf3 with these arguments; its report is JSON."""

    def __init__(self, wire, *args):
        command = [*wire.prefix, str(packages.program("iperf3")), *args, "--json"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def report(self):
        """What it says at its end; it must have gone well."""
        report = self.said()
        assert self._process.returncode == 0 and "error" not in report, report.get("error")
        return report

    def said(self):
        """What it says at its end, however that was."""
        out, _ = self._process.communicate(timeout=60)
        return json.loads(out)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._process.kill()
        self._process.communicate()


def server(wire):
    """iperf3 that listens, for one test."""
    it = Iperf(wire, "-s", "-1", "-p", str(PORT))
    deadline = time.monotonic() + 20
    while f":{PORT}" not in wire.exec("ss", "-ltn"):
        assert time.monotonic() < deadline, "iperf3 does not listen"
        time.sleep(0.1)
    return it
