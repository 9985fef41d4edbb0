# Frostnet: the firmware in QEMU, with its prompt
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`Board` boots the firmware and drives its prompt; the tests and the benchmark share it."""

import ast
import contextlib
import os
import pathlib
import threading
import time

from .console import Console
from .qemu import Qemu

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIRMWARE = pathlib.Path(os.environ.get("FIRMWARE", ROOT / "build" / "qemu_virt" / "firmware.elf"))
PROMPT = b"\r\n>>> "
USER_NET = "user,id=n0"
CARD = "virtio-net-device"

_WAIT_LEASE = """
import network as _n, time as _t
_lan = _n.LAN()
_end = _t.ticks_add(_t.ticks_ms(), %d)
while not _lan.isconnected() and _t.ticks_diff(_end, _t.ticks_ms()) > 0:
    _t.sleep_ms(5)
print(_lan.ifconfig()[0] if _lan.isconnected() else "")
"""


class Board:
    """One emulated board. `netdev` is QEMU's backend with id n0, or None for no network card;
    `modern` asks for virtio-mmio version 2; `card` is what QEMU calls the network card, with its
    options, `first` what comes before it, such as the bridge that it is behind; `args` go to QEMU
    as they are; `program` is another QEMU."""

    def __init__(self, netdev=USER_NET, modern=False, args=(), prefix=(), memory="128M",
                 serial="socket", firmware=None, card=CARD, program=None, first=()):  # fmt: skip
        qemu_args = ["-kernel", str(firmware or FIRMWARE)]
        if modern:
            qemu_args += ["-global", "virtio-mmio.force-legacy=false"]
        qemu_args += first
        if netdev:
            qemu_args += ["-netdev", netdev, "-device", card + ",netdev=n0,id=net0"]
        else:
            qemu_args += ["-nic", "none"]
        qemu_args += args
        self.qemu = Qemu(qemu_args, serial=serial, prefix=prefix, memory=memory, program=program)
        self.pty = self.qemu.pty
        self.console = Console(self.qemu.serial) if serial == "socket" else None
        self._forwarded = {}

    # -- the prompt

    def wait_prompt(self, timeout=20.0, start=0):
        """Wait for the friendly prompt; returns seconds from QEMU's start."""
        end = self.console.serial.expect(PROMPT, timeout, start)
        return self.console.serial.time_of(end) - self.qemu.started

    def exec(self, code, timeout=30.0):
        """Run code; returns what it printed. Raises ExecError with the board's traceback."""
        return self.console.run(code, timeout)

    def load(self):
        """Define the functions of hostlib/on_board.py on the board."""
        self.exec((pathlib.Path(__file__).parent / "on_board.py").read_text())

    def eval(self, expression, timeout=30.0):
        """The value of an expression whose repr Python can read."""
        return ast.literal_eval(self.exec("print(repr(%s))" % expression, timeout).strip())

    def start(self, code):
        """Start code that shall run for long; see `finish` and `interrupt`."""
        self.console.start(code)

    def finish(self, timeout=30.0):
        return self.console.finish(timeout)

    def interrupt(self, timeout=5.0):
        return self.console.interrupt(timeout)

    def serve(self, code):
        """Start one of on_board.py's services; returns when it listens."""
        mark = self.console.serial.mark()
        self.start(code)
        self.console.serial.expect(b"ready\r\n", 10, mark)

    @contextlib.contextmanager
    def running(self, code):
        """`code` runs on the board until the block ends, then Ctrl-C ends it."""
        self.start(code)
        yield from self._until_interrupted()

    @contextlib.contextmanager
    def serving(self, code):
        """The same for a service, which listens when the block begins."""
        self.serve(code)
        yield from self._until_interrupted()

    def _until_interrupted(self):
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
        mark = self.console.serial.mark()
        self.wait_prompt(start=mark - 2)

    def wait_lease(self, timeout=10.0):
        """Wait until the network is configured; returns the board's address."""
        address = self.exec(_WAIT_LEASE % int(timeout * 1000), timeout + 5).strip()
        if not address:
            raise AssertionError("no lease in %.0f s\n%s" % (timeout, self.log()))
        return address

    # -- the emulator

    def forward(self, proto, guest_port):
        """A port of 127.0.0.1 that leads to `guest_port` of the board."""
        key = (proto, guest_port)
        if key not in self._forwarded:
            self._forwarded[key] = self.qemu.forward(proto, guest_port)
        return self._forwarded[key]

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


class LeaseWatch:
    """Notes when the DHCP server's first acknowledgement passes: QEMU writes the capture to a
    pipe, so that the guest is neither asked nor changed. `args` are for QEMU."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / ("lease-%d.fifo" % id(self))
        os.mkfifo(self.path)
        self.args = ["-object", "filter-dump,id=lease0,netdev=n0,file=%s" % self.path]
        self.when = None
        self.seen = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self):
        with open(self.path, "rb") as pipe:
            pipe.read(24)
            while len(head := pipe.read(16)) == 16:
                frame = pipe.read(int.from_bytes(head[8:12], "little"))
                # UDP from port 67 with option 53 = 5 (RFC 2132, 9.6).
                if frame[34:36] == b"\x00\x43" and b"\x35\x01\x05" in frame[282:]:
                    if self.when is None:
                        self.when = time.monotonic()
                        self.seen.set()

    def finish(self, qemu, timeout=20.0):
        """Seconds from QEMU's start to the lease; ends the capture."""
        self.seen.wait(timeout)
        qemu.end_capture("lease0")
        self._thread.join(5)
        self.path.unlink()
        if self.when is None:
            raise AssertionError("no DHCP acknowledgement in %.0f s" % timeout)
        return self.when - qemu.started
