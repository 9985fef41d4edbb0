# Frostnet: mpremote as a user runs it
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`Remote` runs mpremote's commands, one process each; `Terminal` is its prompt on a terminal."""

import os
import pty
import select
import subprocess
import sys
import time

MPREMOTE = (sys.executable, "-m", "mpremote")


class Remote:
    """`device` is what mpremote connects to. A call gives what mpremote said, and wants it to end
    well unless `status` says otherwise."""

    def __init__(self, device):
        self.device = device

    def __call__(self, *args, timeout=40, cwd=None, status=0, env=()):
        done = subprocess.run(
            [*MPREMOTE, "connect", self.device, *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            cwd=cwd,
            env=os.environ | dict(env),
        )
        text = done.stdout.decode(errors="replace").replace("\r\n", "\n")
        assert done.returncode == status, f"mpremote {' '.join(map(str, args))}:\n{text}"
        return text


class Terminal:
    """A command on a terminal of its own, ended with the block."""

    def __init__(self, *command):
        self._fd, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._unread = ""

    def type(self, text):
        os.write(self._fd, text.encode())

    def press_enter(self, wanted, times=20):
        """Press Enter until the answer comes: mpremote may not have the terminal yet. Then what
        was pressed too often is answered as well."""
        for _ in range(times - 1):
            self.type("\r")
            try:
                text = self.read_until(wanted, 1)
                break
            except AssertionError:
                pass
        else:
            text = self.read_until(wanted)
        while select.select([self._fd], [], [], 1)[0]:
            os.read(self._fd, 65536)
        self._unread = ""
        return text

    def read_until(self, wanted, timeout=20):
        """What it printed since the last time, up to and with `wanted`."""
        deadline = time.monotonic() + timeout
        while (at := self._unread.find(wanted)) < 0:
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([self._fd], [], [], left)[0]
            try:
                data = os.read(self._fd, 65536) if ready else b""
            except OSError:  # the other end was closed
                data = b""
            assert data, f"{wanted!r} did not come: {self._unread}"
            self._unread += data.decode(errors="replace")
        end = at + len(wanted)
        text, self._unread = self._unread[:end], self._unread[end:]
        return text

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._fd)
