# Frostnet: a board in QEMU, with its prompt
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`Board` is an emulated board that was switched on."""

import ast
import contextlib
from pathlib import Path

from . import files
from .console import Console
from .qemu import Qemu

PROMPT = b"\r\n>>> "

_WAIT_LEASE = """
import network as _n, time as _t
_lan = _n.LAN()
_end = _t.ticks_add(_t.ticks_ms(), %d)
while not _lan.isconnected() and _t.ticks_diff(_end, _t.ticks_ms()) > 0:
    _t.sleep_ms(5)
print(_lan.ifconfig()[0] if _lan.isconnected() else "")
"""


class Board:
    """One emulated board. `args` are QEMU's; `options` are those of `qemu.Qemu`."""

    def __init__(self, args, serial="socket", **options):
        self._forwarded = {}  # (protocol, port of the board): port of this machine
        self.switch_on(args, serial, **options)

    def switch_on(self, args, serial="socket", **options):
        """Begin with a new emulator."""
        self.qemu = Qemu(args, serial=serial, **options)
        self.pty = self.qemu.pty
        self.console = Console(self.qemu.serial) if serial == "socket" else None

    # -- the prompt

    def wait_prompt(self, timeout=20.0, start=0):
        """Wait for the friendly prompt; returns seconds from QEMU's start."""
        end = self.console.serial.expect(PROMPT, timeout, start)
        return self.console.serial.time_of(end) - self.qemu.started

    def wait_lease(self, timeout=10.0):
        """Wait until the network is configured; returns the board's address."""
        address = self.exec(_WAIT_LEASE % int(timeout * 1000), timeout + 5).strip()
        if not address:
            raise AssertionError("no lease in %.0f s\n%s" % (timeout, self.log()))
        return address

    def exec(self, code, timeout=30.0):
        """Run code; returns what it printed. Raises ExecError with the board's traceback, and
        ConsoleTimeout when it does not end and prints nothing for `timeout` seconds."""
        return self.console.run(code, timeout)

    def run(self, path, timeout=30.0):
        """Run a program of the host; as `exec`."""
        return self.exec(Path(path).read_text(), timeout)

    def eval(self, expression, timeout=30.0):
        """The value of an expression whose repr Python can read."""
        return ast.literal_eval(self.exec("print(repr(%s))" % expression, timeout).strip())

    def start(self, code):
        """Start code that shall run for long; see `finish` and `interrupt`."""
        self.console.start(code)

    def finish(self, timeout=30.0):
        """Wait until what `start` began ends; as `exec`."""
        return self.console.finish(timeout)

    def interrupt(self, timeout=5.0):
        """Ctrl-C for what `start` began; returns the traceback."""
        return self.console.interrupt(timeout)

    @contextlib.contextmanager
    def running(self, code, until=None, timeout=30.0):
        """`code` runs on the board until the block ends, then Ctrl-C ends it. The block begins
        when it has printed the line `until`, for which `timeout` seconds are given."""
        mark = self.console.serial.mark()
        self.start(code)
        if until is not None:
            self.console.serial.expect(until.encode() + b"\r\n", timeout, mark)
        try:
            yield
        finally:
            trace = self.interrupt()
        assert "KeyboardInterrupt" in trace, trace

    def type(self, line, timeout=10.0):
        """Type a line at the friendly prompt; returns what it printed."""
        if self.console.in_raw_repl:
            self.console.friendly()
        return self.console.type(line, timeout)

    def soft_reset(self):
        """Ctrl-D, and wait for the prompt."""
        self.console.friendly()
        mark = self.console.serial.mark()
        self.console.serial.write(b"\x04")
        self.console.serial.expect(b"MPY: soft reboot\r\n", 10, mark)
        self.console.forget_mount()
        mark = self.console.serial.mark()
        self.wait_prompt(start=mark - 2)

    # -- its files

    def put(self, source, destination=None):
        """Copy a file of the host to the board, or what is in a folder; folders are made.
        `destination` is the file's name, or with / at the end a folder for it; without it they
        go to /."""
        files.put(self, source, destination or "/")

    def get(self, source, destination=None):
        """The contents of a file of the board, as bytes; they are written to `destination` too."""
        data = files.read(self, source)
        if destination is not None:
            Path(destination).write_bytes(data)
        return data

    def write(self, path, data):
        """Make a file on the board, of bytes or a str."""
        files.write(self, path, data.encode() if isinstance(data, str) else data)

    def mount(self, folder=".", unsafe_links=False):
        """Mount a folder of the host at /remote, and go there, until `umount` or a reset. With
        `unsafe_links` links may lead out of it."""
        if not Path(folder).is_dir():
            raise NotADirectoryError(f"there is no folder {folder}")
        self.console.mount_local(Path(folder).resolve(), unsafe_links)

    def umount(self):
        self.console.umount_local()

    # -- the emulator

    def forward(self, guest_port, proto="tcp"):
        """A port of 127.0.0.1 that leads to `guest_port` of the board."""
        key = (proto, guest_port)
        if key not in self._forwarded:
            self._forwarded[key] = self._forward(proto, guest_port)
        return self._forwarded[key]

    def _forward(self, proto, guest_port):
        return self.qemu.forward(proto, guest_port)

    def log(self):
        """Everything the console has printed, and QEMU if it ended."""
        return (self.console.serial.text() if self.console else "") + self.qemu.printed()

    def end(self, timeout=30.0):
        """Wait until QEMU ends by itself; its exit status and what the board printed."""
        status, _ = self.qemu.wait(timeout)
        self.console.close()  # when all of it was read
        return status, self.console.serial.text().replace("\r\n", "\n")

    def close(self):
        self.qemu.close()
        if self.console:
            self.console.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
