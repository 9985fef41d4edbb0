# Frostnet: part of a drive as MicroPython's block device
# MIT license; Copyright (c) 2026 The Frostnet authors

from micropython import const, schedule

# MicroPython's vfs.AbstractBlockDev.
_INIT, _DEINIT, _SYNC = const(1), const(2), const(3)
_COUNT, _SIZE, _ERASE = const(4), const(5), const(6)

_EIO = const(-5)


class ReadOnlyVolume:
    """`size` bytes of `drive` from byte `start` on, in blocks of `block_size` bytes.

    Its methods return 0 or a negative errno, as the drive's do. They have no jumps, where a
    callback might run in the middle of a filesystem's work: see virtio/blk.py.

    With `on_failure`, nothing more is done after a request failed, and it is called by the
    scheduler: LittleFS takes for read what could not be read, and for written what could not be
    written. What is on the drive is whole, and can be mounted again.
    """

    def __init__(self, drive, start, size, block_size, on_failure=None):
        self.drive = drive
        self.start = start
        self.block_size = block_size
        self.size = size // block_size * block_size
        self.on_failure = on_failure
        # They change while nothing can be allocated.
        self.error = 0
        self.late = 0
        self._ops = {
            _INIT: _nothing,
            _DEINIT: self._sync,
            _SYNC: self._sync,
            _COUNT: self._count,
            _SIZE: self._block_size,
            _ERASE: _nothing,
        }

    def readblocks(self, block, buf, offset=0):
        """Read all of `buf`, from byte `offset` of a block on."""
        return self.drive.read(block * self.block_size + offset, buf, self)

    def ioctl(self, op, arg):
        return self._ops.get(op, _unknown)()

    def close(self):
        """Reach the drive no more."""
        self.error = _EIO

    # Called by the drive, under the lock.
    def fail(self, errno):
        if self.on_failure and not self.error:
            self.error = _EIO
            try:
                schedule(self.on_failure, errno)
            except RuntimeError:
                pass  # too much is scheduled: programs get the errors all the same

    def _sync(self):
        return self.drive.flush(self)

    def _count(self):
        return self.size // self.block_size

    def _block_size(self):
        return self.block_size


class Volume(ReadOnlyVolume):
    """The same for a drive that takes writes: filesystems know by this method."""

    def writeblocks(self, block, buf, offset=0):
        """Write `buf`, from byte `offset` of a block on."""
        return self.drive.write(block * self.block_size + offset, buf, self)


def _nothing():
    return 0


def _unknown():
    return None
