# Frostnet: a copy of what the console prints, on virtio-console, if that is set
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import io
import os

import settings
from micropython import const

_SLOT = const(1)  # of os.dupterm(): programs such as webrepl use 0
_PATIENCE = const(100)  # ms


class _Copy(io.IOBase):
    def __init__(self, stream):
        self._stream = stream
        self._patience = _PATIENCE

    def write(self, data):
        # Who does not read holds up the board once, and then misses text until he reads again.
        n = len(data)
        complete = self._stream.send(data, self._patience) == n
        self._patience = _PATIENCE if complete else 0
        return n

    def readinto(self, buf):
        return None

    def ioctl(self, request, arg):
        return -errno.EINVAL


def boot():
    """Begin with the copy, if the setting `log` says so; says what is wrong."""
    where = settings.get("log")
    if not where:
        return
    from virtio import console

    try:
        if where != "virtio":
            raise ValueError("%s is no place for a copy: there is virtio" % where)
        os.dupterm(_Copy(console.open()), _SLOT)
    except ValueError as e:
        print("settings: log:", e)
    except OSError as e:
        print("settings: log:", e.args[1])
