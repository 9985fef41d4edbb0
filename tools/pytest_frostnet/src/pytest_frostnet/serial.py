# Frostnet: the board's serial line
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The serial line of a guest: everything it prints is kept, with the time of each piece.

`SocketSerial` has the face of pyserial that mpremote's transport needs.
"""

import socket
import threading
import time

from .errors import ConsoleTimeout, TransportError

_PATIENCE = 10.0  # s, for an answer that is due


class SocketSerial:
    """Collects what arrives on a socket in a thread; reads as pyserial does."""

    def __init__(self, sock):
        self._sock = sock
        self._cond = threading.Condition()
        self._log = bytearray()
        self._taken = 0
        self._pieces = []  # (end offset in the log, monotonic time)
        self._open = True
        self._ended = "QEMU ended"
        self.files = None  # mount.Files, while a folder of the host is mounted
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self):
        while True:
            try:
                data = self._sock.recv(65536)
                going = bool(data)
                if self.files and data:
                    data = self.files.serve(data)
            except OSError:
                data, going = b"", False
            except Exception as e:
                # What mpremote's code for mounted folders does not expect.
                data, going = b"", False
                self._ended = "the mounted folder failed: %s: %s" % (type(e).__name__, e)
            now = time.monotonic()
            with self._cond:
                if data:
                    self._log += data
                    self._pieces.append((len(self._log), now))
                self._open = going
                self._cond.notify_all()
            if not going:
                return

    @property
    def in_waiting(self):
        with self._cond:
            return len(self._log) - self._taken

    def inWaiting(self):
        return self.in_waiting

    def read(self, size=1):
        """`size` bytes; less if they do not come."""
        with self._cond:
            self._cond.wait_for(
                lambda: len(self._log) - self._taken >= size or not self._open, _PATIENCE
            )
            data = bytes(self._log[self._taken : self._taken + size])
            self._taken += len(data)
            return data

    def read_until(self, ending, timeout, timeout_overall=None):
        """What comes up to and with `ending`. It may be missing: when nothing comes for `timeout`
        seconds, or it takes `timeout_overall` seconds; None is for ever."""
        limits = [limit for limit in (timeout, timeout_overall) if limit is not None]
        begin = time.monotonic()
        with self._cond:
            start = looked = self._taken
            while True:
                at = self._log.find(ending, max(start, looked - len(ending) + 1))
                if at >= 0 or not self._open:
                    break
                looked = len(self._log)
                if timeout_overall is not None:
                    limits[-1] = begin + timeout_overall - time.monotonic()
                if not self._cond.wait_for(
                    lambda: len(self._log) > looked or not self._open,
                    min(limits) if limits else None,
                ):
                    break
            self._taken = at + len(ending) if at >= 0 else len(self._log)
            return bytes(self._log[start : self._taken])

    def write(self, data):
        try:
            self._sock.sendall(data)
        except OSError as e:
            raise TransportError("the board is off: %s" % e.strerror) from None
        return len(data)

    def flush(self):
        pass

    @property
    def ended(self):
        """Whether nothing more will come."""
        with self._cond:
            return not self._open

    def finish(self, timeout=10.0):
        """Wait for the end of an ended guest's output."""
        self._thread.join(timeout)

    def close(self):
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(5)

    # What follows is for people and tests, not for mpremote.

    def text(self):
        """All output so far."""
        with self._cond:
            return self._log.decode(errors="replace")

    def data(self, start=0, end=None):
        """Output between two marks, as bytes."""
        with self._cond:
            return bytes(self._log[start:end])

    def mark(self):
        """A place in the output, for `expect`."""
        with self._cond:
            return len(self._log)

    def expect(self, wanted, timeout=10.0, start=0):
        """Wait until `wanted` (bytes) is printed after the mark `start`; returns its end."""
        with self._cond:
            seen = self._cond.wait_for(
                lambda: self._log.find(wanted, start) >= 0 or not self._open, timeout
            )
            at = self._log.find(wanted, start)
            if at < 0:
                why = "in %.1f s" % timeout if not seen else "and " + self._ended
                raise self._missing("%r did not come %s" % (wanted, why), start)
            self._taken = max(self._taken, at + len(wanted))
            return at + len(wanted)

    def missing(self, what, start=0):
        """The error that says `what` is missing after the mark `start`, with what came instead."""
        with self._cond:
            return self._missing(what if self._open else "%s: %s" % (what, self._ended), start)

    def _missing(self, what, start):
        tail = bytes(self._log[start:][-2000:]).decode(errors="replace")
        return ConsoleTimeout("%s; console: %r" % (what, tail))

    def time_of(self, offset):
        """Monotonic time at which the output reached `offset`."""
        with self._cond:
            for end, when in self._pieces:
                if end >= offset:
                    return when
        raise ValueError("nothing was printed at %d yet" % offset)
