# Frostnet: a program on a terminal of the test's
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import os
import pty
import select
import signal
import subprocess
import time


def read_until(fd, wanted, timeout=20):
    """Output of a program up to and with the bytes `wanted`, as text; AssertionError when they do
    not come."""
    text = b""
    deadline = time.monotonic() + timeout
    while wanted not in text:
        left = deadline - time.monotonic()
        ready = left > 0 and select.select([fd], [], [], left)[0]
        try:
            data = os.read(fd, 65536) if ready else b""
        except OSError:  # a terminal that nobody has open any more
            data = b""
        assert data, f"{wanted!r} did not come: {text.decode(errors='replace')}"
        text += data
    return text.decode(errors="replace")


class Terminal:
    """A program on a new terminal, as a user starts it. The end of a `with` ends it, and what it
    has started, if it is not over."""

    def __init__(self, command, **kw):
        self._fd, there = pty.openpty()
        try:
            self.process = subprocess.Popen(
                command, stdin=there, stdout=there, stderr=there, start_new_session=True, **kw
            )
        finally:
            os.close(there)

    def type(self, text):
        os.write(self._fd, text.encode())

    def read_until(self, wanted, timeout=20):
        return read_until(self._fd, wanted, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        os.close(self._fd)
