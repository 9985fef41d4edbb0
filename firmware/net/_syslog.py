# Frostnet: net.syslog
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import io
import os

import network as api
from micropython import const

from net._check import check_port, check_whole
from net._error import EINVAL, NetError
from net._host import network, resolve

_SLOT = const(1)  # of os.dupterm(), the one for copies of the log
_LINE = const(1000)  # bytes after which a line is cut
_EBUSY = const(16)


def syslog(host, port=514, tcp=False, app="frostnet", facility=1, console=False):
    """See net.syslog; NetError."""
    from services.syslogger import Syslog
    from syslog import Formatter

    check_port(port)
    check_whole("facility", facility, 0, 23)
    rt = network()
    address = resolve(rt, host)
    try:
        logger = Syslog(Formatter(api.hostname(), app, facility), address, port, tcp).start()
    except ValueError as e:
        raise NetError(EINVAL, str(e))
    except OSError as e:
        raise NetError(e.errno, e.args[1] if len(e.args) > 1 else str(e))
    if console:
        try:
            logger.console = Console(logger.info)
            logger.console.attach()
        except OSError as e:
            logger.console = None
            logger.stop()
            raise NetError(e.errno, e.args[1])
    return logger


class Console(io.IOBase):
    """Has every line that the console prints given to `log(line)`."""

    def __init__(self, log):
        self._log = log
        self._line = bytearray()

    def attach(self):
        """OSError if something else copies the console."""
        before = os.dupterm(self, _SLOT)
        if before is not None:
            os.dupterm(before, _SLOT)
            raise OSError(_EBUSY, "the console is copied to somewhere else: end that first")

    def detach(self):
        os.dupterm(None, _SLOT)

    # Called by whatever prints, wherever that is: it must not raise, nor print.

    def write(self, data):
        try:
            for c in data:
                if c == 10 or len(self._line) >= _LINE:
                    self._flush()
                if c >= 32 or c == 9:
                    self._line.append(c)
        except Exception:
            pass  # no memory, now: this text is missing
        return len(data)

    def readinto(self, buf):
        return None

    def ioctl(self, request, arg):
        return -errno.EINVAL

    def _flush(self):
        line = bytes(self._line)
        self._line = bytearray()
        if line:
            self._log(line)
