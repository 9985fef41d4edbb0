# Frostnet: files on drives
# MIT license; Copyright (c) 2026 The Frostnet authors

# With a drive, `/` is the drive, and the RAM disk is at `/ram`; without one, `/` is the RAM disk.
# More drives are at /disk1, /disk2 … What is not empty is never formatted, except by format().

import _port
import vfs
from micropython import const

from disk import _contents
from disk._contents import EMPTY, FAT
from disk._error import DiskError
from disk._volume import ReadOnlyVolume, Volume
from frostnet import runtime
from virtio import blk

_RAM_BLOCK = const(4096)
_SMALLEST = const(64 << 10)  # bytes that are worth a filesystem
_SMALL = const(4 << 20)
_LOOKAHEAD_MAX = const(4096)  # bytes of LittleFS's map of free blocks

_WAY_OUT = "; disk.format(%d) erases it"

drives = []  # VirtioBlk, in order

_mounted = {}  # {number: (path, Volume)}
_ram = None


def boot():
    """Mount what there is; says what is wrong instead of raising."""
    try:
        found, error = blk.drives()
        drives.extend(found)
        if error:
            print("disk:", error)
        for n in range(len(drives)):
            drives[n].idle = _idle
            try:
                mount(n)
            except OSError as e:
                print("disk:", e)
    finally:
        _mount_ram("/ram" if 0 in _mounted else "/")


def mount(n=0, path=None):
    """Mount drive number `n` at `path` (drive 0: "/", drive 1: "/disk1" …).

    An empty drive is formatted first. DiskError, a sentence, if the drive cannot be used.
    """
    drive = drives[n]
    path = path or ("/disk%d" % n if n else "/")
    try:
        kind, start, size, block_size = _contents.look(drive)
        if kind == EMPTY:
            _make(n, drive)
            kind, start, size, block_size = _contents.look(drive)
        volume = (ReadOnlyVolume if drive.read_only else Volume)(drive, start, size, block_size)
        filesystem = vfs.VfsFat(volume) if kind == FAT else vfs.VfsLfs2(volume, **_sizes(volume))
        vfs.mount(filesystem, path)
    except DiskError as e:
        way_out = "" if drive.size < _SMALLEST or drive.read_only else _WAY_OUT % n
        raise DiskError("drive %d %s%s" % (n, e, way_out))
    except OSError as e:
        raise DiskError("drive %d cannot be used (%s)" % (n, e))
    _mounted[n] = path, volume


def format(n=0):
    """Erase drive number `n`, whatever is on it, make a LittleFS there, and mount it.

    Files that were left open there can no longer be written.
    """
    drive = drives[n]
    if drive.read_only:
        raise DiskError("drive %d is read-only" % n)
    path, volume = _mounted.pop(n, (None, None))
    if path:
        vfs.umount(path)
        volume.size = 0  # nothing reaches the new filesystem through the old one
    try:
        _make(n, drive)
    except OSError as e:
        if path == "/":
            vfs.umount("/ram")
            _mount_ram("/")
        raise DiskError("drive %d cannot be formatted (%s)" % (n, e))
    if not n and not path:
        vfs.umount("/")  # the RAM disk, which has taken its place
        _mount_ram("/ram")
    mount(n, path)


def _make(n, drive):
    if drive.read_only:
        raise DiskError("is empty and read-only: there is nothing to mount")
    if drive.size < _SMALLEST:
        raise DiskError("has %d bytes: too small for files" % drive.size)
    block_size = 4096 if drive.size < _SMALL else 16384
    volume = Volume(drive, 0, drive.size, block_size)
    vfs.VfsLfs2.mkfs(volume, **_sizes(volume))
    print("disk: drive %d was formatted (LittleFS, %d KiB)" % (n, volume.size >> 10))


# A request costs much the same up to 64 KiB: what LittleFS keeps of a file, four times `readsize`,
# is a block. What it appends to a directory is rounded up to `progsize`.
def _sizes(volume):
    block_size = volume.block_size
    blocks = volume.size // block_size
    readsize = min(block_size, 32768) >> 2
    return {
        "readsize": readsize,
        "progsize": min(readsize, 512),
        "lookahead": min((blocks + 63) // 64 * 8, _LOOKAHEAD_MAX),
    }


def _mount_ram(path):
    global _ram
    bdev = _port.RAMBlock(_RAM_BLOCK)
    try:
        _ram = _ram or vfs.VfsFat(bdev)
        vfs.mount(_ram, path)
    except OSError:
        # Power-on: memory without a filesystem. Files are still there after a reset of any kind.
        vfs.VfsFat.mkfs(bdev)
        _ram = vfs.VfsFat(bdev)
        vfs.mount(_ram, path)


# The drive is slow: see to the network meanwhile.
def _idle():
    try:
        rt = runtime.current()
    except OSError:
        return  # there is none
    rt.poll()
