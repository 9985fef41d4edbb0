# Frostnet: the firmware in QEMU, with its prompt
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`Board` boots the firmware and drives its prompt; the tests and the benchmark share it."""

import os
import pathlib
import threading
import time

import pytest_frostnet.board
from pytest_frostnet.board import PROMPT
from pytest_frostnet.machine import MODERN

from . import ROOT

FIRMWARE = pathlib.Path(os.environ.get("FIRMWARE", ROOT / "build" / "qemu_virt" / "firmware.elf"))
USER_NET = "user,id=n0"
CARD = "virtio-net-device"


class Board(pytest_frostnet.board.Board):
    """One emulated board. `netdev` is QEMU's backend with id n0, or None for no network card;
    `modern` asks for virtio-mmio version 2; `card` is what QEMU calls the network card, with its
    options, `first` what comes before it, such as the bridge that it is behind; `args` go to QEMU
    as they are; `program` is another QEMU."""

    def __init__(self, netdev=USER_NET, modern=False, args=(), prefix=(), memory="128M",
                 serial="socket", firmware=None, card=CARD, program=None, first=()):  # fmt: skip
        qemu_args = ["-kernel", str(firmware or FIRMWARE)]
        if modern:
            qemu_args += MODERN
        qemu_args += first
        if netdev:
            qemu_args += ["-netdev", netdev, "-device", card + ",netdev=n0,id=net0"]
        else:
            qemu_args += ["-nic", "none"]
        qemu_args += args
        super().__init__(qemu_args, serial, prefix=prefix, memory=memory, program=program)

    def load(self):
        """Define the functions of hostlib/on_board.py on the board."""
        self.exec((pathlib.Path(__file__).parent / "on_board.py").read_text())

    def serve(self, code):
        """Start one of on_board.py's services; returns when it listens."""
        mark = self.console.serial.mark()
        self.start(code)
        self.console.serial.expect(b"ready\r\n", 10, mark)

    def serving(self, code):
        """The service runs until the block ends, as in `running`; the block begins when it
        listens."""
        return self.running(code, until="ready")

    def forward(self, proto, guest_port):
        """A port of 127.0.0.1 that leads to `guest_port` of the board."""
        return super().forward(guest_port, proto)


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


__all__ = ["CARD", "FIRMWARE", "PROMPT", "ROOT", "USER_NET", "Board", "LeaseWatch"]
