# Frostnet: a copy of what the console prints, on virtio-console, if that is set
# MIT license; Copyright (c) 2026 The Frostnet authors

import errno
import io
import os

import settings
from micropython import const
from virtio import console

_SLOT = const(1)  # of os.dupterm(): programs such as webrepl use 0


class _Copy(io.IOBase):
    def __init__(self, stream):
        self._stream = stream

    def write(self, data):
        # Who reads too slowly misses text, and does not hold up the board.
        self._stream.offer(memoryview(data))
        return len(data)

    def readinto(self, buf):
        return None

    def ioctl(self, request, arg):
        return -errno.EINVAL


def boot():
    """Begin with the copy, if the setting `log` says so; says what is wrong."""
    where = settings.get("log")
    if not where:
        return
    try:
        if where != "virtio":
            raise ValueError("%s is no place for a copy: there is virtio" % where)
        os.dupterm(_Copy(console.open()), _SLOT)
    except ValueError as e:
        print("settings: log:", e)
    except OSError as e:
        print("settings: log:", e.args[1])
