# Frostnet: the board that a test has
# MIT license; Copyright (c) 2026 The Frostnet authors
"""`TestBoard` is a board built as a `Machine` says, which can be switched off and on again."""

import collections
import subprocess
from pathlib import Path

from . import machine
from .board import Board
from .errors import ConsoleTimeout, QemuError

Result = collections.namedtuple("Result", "status output")
Result.__doc__ = "What a program that ran in place of the prompt ended with, and printed."

BOOT_TIMEOUT = 60.0  # s; a busy machine takes its time


class TestBoard(Board):
    """A board that was switched on; `wait()` until it is ready.

    `kit` has the firmware and QEMU, `folder` is for its files, `captures` names pcap files. On a
    `wire.Wire` it is number `number`. `address` is its IPv4 address, None without a network.
    """

    __test__ = False  # pytest is not to collect it

    def __init__(self, kit, what, folder, captures=None, wire=None, number=0):
        self.machine = what
        self.address = None
        self.healthy = True  # False: not to be used for another test
        self.captures = captures
        self._kit = kit
        self._wire = wire
        self._number = number
        self._image = what.image(folder) if what.disk else None
        self._forwarded = {}
        super().__init__(self._arguments(), **self._options())

    def _arguments(self):
        netdev = self._wire and self._wire.netdev(self._number)
        mac = self._wire and self._wire.mac(self._number)
        # When it is switched on again it has the same ports.
        ports = self._forwarded.items()
        args = self.machine.arguments(self._kit.firmware, netdev, mac, self._image, ports)
        if self._captured:
            args += machine.capture(self.captures.path())
        return args

    def _options(self):
        fds = self._wire.fds(self._number) if self._wire else ()
        what = self.machine
        return {"memory": what.memory, "cpu": what.cpu, "program": self._kit.qemu, "fds": fds}

    @property
    def _captured(self):
        return self.machine.nic is not None and self.captures is not None

    def wait(self):
        """Wait for the prompt and the network."""
        try:
            self.wait_prompt(BOOT_TIMEOUT)
        except ConsoleTimeout:
            if self.console.serial.ended:
                self.qemu.wait()  # it says why
            text = self.log().strip() or "it printed nothing"
            raise QemuError(f"the board did not boot: {text}") from None
        if self.machine.has_address:
            self.address = self.wait_lease(BOOT_TIMEOUT)
        if self.machine.forward:
            self._know_forwards()

    def _know_forwards(self):
        if self._wire is None:
            # QEMU has made them; which ports it took, only it knows.
            self._forwarded = {(proto, port): host for proto, host, port in self.qemu.forwards()}
        else:
            for proto, port in self.machine.forward:
                self.forward(port, proto)

    def _forward(self, proto, guest_port):
        if self._wire is None:
            return self.qemu.forward(proto, guest_port, guest=self.address or "")
        return self._wire.forward(proto, guest_port, self.address)

    def renew(self):
        """For the next test: nothing runs, no name is defined. Files stay."""
        if self._captured:
            self.qemu.capture(self.captures.path())
        self.soft_reset()
        if self.machine.has_address:
            self.address = self.wait_lease(BOOT_TIMEOUT)

    def settle(self):
        """After a test: all that was captured is in the file. False if it is no more use."""
        if not (self.healthy and self.qemu.alive()):
            return False
        try:
            if self._captured:
                self.qemu.end_capture()
        except (QemuError, OSError):  # it ends just now
            return False
        return True

    def restart(self):
        """Switch it off and on again. What it keeps is on its disk, if it has one."""
        self._on(())
        self.wait()
        self.healthy = True

    def run_main(self, path, timeout=60.0):
        """Switch it off, and on again with the program `path` in place of the prompt; returns
        its `Result` (status, output) when it has ended, and leaves the board off. ConsoleTimeout
        if it does not end within `timeout` seconds."""
        if not Path(path).is_file():
            raise FileNotFoundError(f"there is no program {path}")
        self.healthy = False
        self._on(machine.program(path))
        try:
            status, output = self.end(timeout)
        except subprocess.TimeoutExpired:
            text = self.log()
            self.close()
            what = f"{path} did not end in {timeout:g} s"
            raise ConsoleTimeout(f"{what}; console: {text[-2000:]!r}") from None
        if status and not output:
            # It may be QEMU's, which did not begin.
            lines = [line for line in self.qemu.printed().splitlines() if "warning:" not in line]
            if lines:
                raise QemuError("\n".join(lines))
        return Result(status, output)

    def _on(self, more):
        self.close()
        self.switch_on([*self._arguments(), *more], **self._options())
