# Frostnet: the guest's serial console
# MIT license; Copyright (c) 2026 The Frostnet authors

from pytest_frostnet.console import CTRL_C, CTRL_D, Console
from pytest_frostnet.errors import ConsoleTimeout, ExecError, TransportError
from pytest_frostnet.serial import SocketSerial

__all__ = ["CTRL_C", "CTRL_D", "Console", "ConsoleTimeout", "ExecError", "SocketSerial"]
__all__ += ["TransportError"]
