# Frostnet: the guest's serial console
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The serial console of a guest: everything it prints is kept, with the time of each piece.

`SocketSerial` has the face of pyserial that mpremote's transport needs, so that mpremote's own
raw REPL code drives the prompt.
"""

import socket
import threading
import time

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

ExecError = TransportExecError
CTRL_C = b"\x03"
CTRL_D = b"\x04"


class ConsoleTimeout(Exception):
    """The guest did not print what was awaited."""


class SocketSerial:
    """Collects what arrives on a socket in a thread; reads as pyserial does."""

    def __init__(self, sock, timeout=0.2):
        self._sock = sock
        self.timeout = timeout
        self._cond = threading.Condition()
        self._log = bytearray()
        self._taken = 0
        self._pieces = []  # (end offset in the log, monotonic time)
        self._open = True
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self):
        while True:
            try:
                data = self._sock.recv(65536)
            except OSError:
                data = b""
            now = time.monotonic()
            with self._cond:
                if data:
                    self._log += data
                    self._pieces.append((len(self._log), now))
                else:
                    self._open = False
                self._cond.notify_all()
            if not data:
                return

    @property
    def in_waiting(self):
        with self._cond:
            return len(self._log) - self._taken

    def inWaiting(self):
        return self.in_waiting

    def read(self, size=1):
        # One byte is a poll, more are an answer that is due: mpremote reads fixed sizes whole.
        limit = self.timeout if size == 1 else 10.0
        with self._cond:
            self._cond.wait_for(
                lambda: len(self._log) - self._taken >= size or not self._open, limit
            )
            data = bytes(self._log[self._taken : self._taken + size])
            self._taken += len(data)
            return data

    def write(self, data):
        self._sock.sendall(data)
        return len(data)

    def flush(self):
        pass

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
                why = "in %.1f s" % timeout if not seen else "and QEMU ended"
                tail = bytes(self._log[start:][-2000:]).decode(errors="replace")
                raise ConsoleTimeout("%r did not come %s; console: %r" % (wanted, why, tail))
            self._taken = max(self._taken, at + len(wanted))
            return at + len(wanted)

    def time_of(self, offset):
        """Monotonic time at which the output reached `offset`."""
        with self._cond:
            for end, when in self._pieces:
                if end >= offset:
                    return when
        raise ValueError("nothing was printed at %d yet" % offset)


class Console(SerialTransport):
    """mpremote's transport over the guest's serial socket, plus the friendly prompt."""

    def __init__(self, sock):
        # SerialTransport's constructor opens a device by name; there is none here.
        self.serial = SocketSerial(sock)
        self.device_name = "qemu"
        self.in_raw_repl = False
        self.use_raw_paste = True
        self.mounted = False
        self.is_pty = True  # read with a timeout instead of polling

    def close(self):
        self.serial.close()

    def raw(self, soft_reset=False):
        """Be in the raw REPL."""
        if soft_reset or not self.in_raw_repl:
            self.enter_raw_repl(soft_reset=soft_reset)

    def friendly(self):
        """Be at the friendly prompt, with nothing running."""
        if self.in_raw_repl:
            self.exit_raw_repl()
        start = self.serial.mark()
        self.serial.write(b"\r" + CTRL_C)
        self.serial.expect(b"\r\n>>> ", 10, start)
        # Of the two prompts that '\r' and Ctrl-C may give, wait for the last.
        mark = self.serial.mark()
        self.serial.write(b"0xfacade\r")
        self.serial.expect(b"16435934\r\n>>> ", 10, mark)

    def recover(self):
        """After a test: nothing runs, and the prompt answers."""
        self.friendly()

    def type(self, line, timeout=10.0):
        """Type a line at the friendly prompt; returns what was printed up to the next prompt."""
        start = self.serial.mark()
        self.serial.write(line.encode() + b"\r")
        echoed = self.serial.expect(b"\n", timeout, start)
        end = self.serial.expect(b"\r\n>>> ", timeout, echoed - 2)
        text = self.serial.data(echoed, max(echoed, end - 6))
        return text.decode(errors="replace").replace("\r\n", "\n")

    def run(self, code, timeout=30.0):
        """Run code in the raw REPL; returns its output as text, raises ExecError."""
        self.raw()
        self.exec_raw_no_follow(code)
        return self.finish(timeout)

    def start(self, code):
        """Start code in the raw REPL and return at once; see `finish` and `interrupt`."""
        self.raw()
        self.exec_raw_no_follow(code)

    def finish(self, timeout=30.0):
        """The output of what `start` or `run` began, when it has ended."""
        out, err = self.follow(timeout)
        if err:
            raise ExecError(out, err.decode(errors="replace"))
        return out.decode(errors="replace").replace("\r\n", "\n")

    def interrupt(self, timeout=5.0):
        """Ctrl-C for what `start` began; returns the traceback."""
        self.serial.write(CTRL_C)
        _, err = self.follow(timeout)
        return err.decode(errors="replace")


__all__ = ["CTRL_C", "CTRL_D", "Console", "ConsoleTimeout", "ExecError", "SocketSerial"]
__all__ += ["TransportError"]
