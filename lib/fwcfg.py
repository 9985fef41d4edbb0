# Frostnet: fw_cfg, the files that QEMU's command line gives (-fw_cfg name=…,file=…)
# MIT license; Copyright (c) 2026 The Frostnet authors

# QEMU's docs/specs/fw_cfg. What is read is a few settings and perhaps a program of some KiB: the
# data register does that at 0.3 µs per byte, and needs neither memory nor waiting as DMA would.

import errno
import struct

import _virtio
from micropython import const

# Registers. A selector written starts its item from the beginning; reading the data register goes
# on in it, by one to eight bytes that come in the item's order.
_DATA = const(0)
_SELECTOR = const(8)  # big endian

_SIGNATURE = const(0)  # selectors
_DIRECTORY = const(0x19)

_ENTRY = const(64)  # bytes of the directory: size, selector, reserved, name
_FILES_MAX = const(1024)  # QEMU has room for some dozens; a broken device must not take all memory

r32 = _virtio.r32


class FwCfg:
    """The device whose registers are at `base`. `files` is {name: (selector, bytes)}.

    OSError(ENODEV) if there is no such device.
    """

    def __init__(self, base):
        self._base = base
        if self._item(_SIGNATURE, 4) != b"QEMU":
            raise OSError(errno.ENODEV, "there is no fw_cfg at 0x%08x" % base)
        self.files = {}
        (count,) = struct.unpack(">I", self._item(_DIRECTORY, 4))
        for _ in range(min(count, _FILES_MAX)):
            size, selector, _, name = struct.unpack(">IHH56s", self._more(_ENTRY))
            try:
                self.files[str(name.split(b"\0")[0], "utf-8")] = selector, size
            except UnicodeError:
                pass  # nobody could ask for it

    def read(self, name):
        """The contents of a file, a bytearray; KeyError. All of it: look at its size first."""
        return self._item(*self.files[name])

    def _item(self, selector, size):
        _virtio.w16(self._base + _SELECTOR, selector >> 8 | (selector & 255) << 8)
        return self._more(size)

    def _more(self, size):
        data = bytearray(size + 3 & ~3)
        register = self._base + _DATA
        for at in range(0, size, 4):
            struct.pack_into("<I", data, at, r32(register))
        return data[:size]
