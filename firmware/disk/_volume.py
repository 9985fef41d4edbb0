# Frostnet: part of a drive as MicroPython's block device
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const

_EINVAL = const(-22)

# MicroPython's vfs.AbstractBlockDev.
_SYNC = const(3)
_COUNT = const(4)
_SIZE = const(5)


class ReadOnlyVolume:
    """`size` bytes of `drive` from byte `start` on, in blocks of `block_size` bytes.

    Its methods return 0 or a negative errno, as the drive's do, and raise nothing.
    """

    def __init__(self, drive, start, size, block_size):
        self.drive = drive
        self.start = start
        self.block_size = block_size
        self.size = size // block_size * block_size

    def readblocks(self, block, buf, offset=0):
        """Read all of `buf`, from byte `offset` of a block on."""
        at = block * self.block_size + offset
        if at < 0 or at + len(buf) > self.size:
            return _EINVAL
        return self.drive.read(self.start + at, buf)

    def ioctl(self, op, arg):
        if op == _SYNC:
            return self.drive.flush()
        if op == _COUNT:
            return self.size // self.block_size
        if op == _SIZE:
            return self.block_size
        return 0  # nothing to initialise, and blocks need not be erased


class Volume(ReadOnlyVolume):
    """The same for a drive that takes writes: filesystems know by this method."""

    def writeblocks(self, block, buf, offset=0):
        """Write `buf`, from byte `offset` of a block on."""
        at = block * self.block_size + offset
        if at < 0 or at + len(buf) > self.size:
            return _EINVAL
        return self.drive.write(self.start + at, buf)
