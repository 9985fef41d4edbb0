# Frostnet: tools/relay.py between a board and the TAP device of a Lan
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A link with faults between a board and the kernel: `BadLink` runs tools/relay.py in the `Lan`'s
namespace. The kernel is A, the board B."""

import json
import pathlib
import signal
import subprocess
import sys

from .lan import TAP

RELAY = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "relay.py"


class BadLink:
    """`netdev` is QEMU's -netdev for the board, `end` the unix port's name for the same end.
    `faults` are the relay's options, for one direction in `a_to_b` and `b_to_a`."""

    def __init__(self, wire, seed=1, **faults):
        ours, board = wire.workdir / "relay.sock", wire.workdir / "board.sock"
        self.netdev = f"dgram,id=n0,local.type=unix,local.path={board}"
        self.netdev += f",remote.type=unix,remote.path={ours}"
        self.end = f"unix:{board}:{ours}"
        command = [*wire.prefix, sys.executable, str(RELAY), "tap:" + TAP, f"unix:{ours}:{board}"]
        command += ["--seed", str(seed)]
        for name, value in faults.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self._process.stderr.readline()
        if "relaying" not in line:
            self.close()
            raise RuntimeError("the relay did not start: " + line)

    def counters(self):
        """{"a-to-b": {"frames": …}, "b-to-a": …} so far."""
        self._process.send_signal(signal.SIGUSR1)
        return json.loads(self._process.stdout.readline())

    def close(self):
        self._process.terminate()
        try:
            _, errors = self._process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        if self._process.returncode:
            raise RuntimeError("the relay failed: " + errors)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
