# Frostnet: what can go wrong with a board
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The errors of boards, consoles and emulators."""

from mpremote.transport import TransportError, TransportExecError


class ExecError(TransportExecError):
    """Code on the board ended with an exception: `traceback` is the board's, `output` what it
    printed before."""

    def __init__(self, output, traceback):
        super().__init__(output, traceback)
        self.output = output.decode(errors="replace").replace("\r\n", "\n")
        self.traceback = traceback.replace("\r\n", "\n")

    def __str__(self):
        return self.traceback


class ConsoleTimeout(TransportError):
    """The board did not print what was awaited."""


class QemuError(Exception):
    """QEMU, or its monitor, refused something."""


__all__ = ["ConsoleTimeout", "ExecError", "QemuError", "TransportError"]
