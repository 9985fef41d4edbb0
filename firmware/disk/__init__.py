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
_ram_path = None


def boot():
    """Mount what there is; says what is wrong instead of raising."""
    _place_ram()
    try:
        found, error = blk.drives()
        drives.extend(found)
        if error:
            print("disk:", error)
        for n in range(len(drives)):
            drives[n].idle = _idle
            try:
                mount(n)
            except DiskError as e:
                print("disk:", e)
    except Exception as e:
        print("disk: drives were not mounted:", e)


def mount(n=0, path=None):
    """Mount drive number `n` at `path` (drive 0: "/", drive 1: "/disk1" …), again if it was.

    An empty drive is formatted first. DiskError, a sentence, if the drive cannot be used.
    """
    drive = drives[n]
    before = _release(n)
    path = path or before or ("/disk%d" % n if n else "/")
    try:
        kind, start, size, block_size = _contents.look(drive)
        if kind == EMPTY:
            _make(n, drive)
            kind, start, size, block_size = _contents.look(drive)
        made = ReadOnlyVolume if drive.read_only else Volume
        volume = made(drive, start, size, block_size, None if kind == FAT else _failed)
        filesystem = vfs.VfsFat(volume) if kind == FAT else vfs.VfsLfs2(volume, **_sizes(volume))
        _place_ram(path)
        vfs.mount(filesystem, path)
    except DiskError as e:
        way_out = "" if drive.size < _SMALLEST or drive.read_only else _WAY_OUT % n
        raise DiskError("drive %d %s%s" % (n, e, way_out))
    except OSError as e:
        raise DiskError("drive %d cannot be used (%s)" % (n, e))
    else:
        _mounted[n] = path, volume
    finally:
        _place_ram()


def format(n=0):
    """Erase drive number `n`, whatever is on it, make a LittleFS there, and mount it.

    Files that were left open there can no longer be written.
    """
    drive = drives[n]
    if drive.read_only:
        raise DiskError("drive %d is read-only" % n)
    path = _release(n)
    try:
        _make(n, drive)
    except OSError as e:
        raise DiskError("drive %d cannot be formatted (%s)" % (n, e))
    mount(n, path)


# Take drive number n away from where it is mounted, and return that path.
def _release(n):
    path, volume = _mounted.pop(n, (None, None))
    if volume:
        try:
            vfs.umount(path)
        except OSError:
            pass  # the program has done so
        volume.close()  # files that are open there do not reach what comes after it
        _place_ram()
    return path


# Called by the scheduler, some time after a request for a LittleFS failed.
def _failed(errno):
    for n in _mounted:
        if _mounted[n][1].error:
            print("disk: drive %d failed (%s): its files are out of reach" % (n, OSError(-errno)))
            print("disk: disk.mount(%d) tries again" % n)


def _make(n, drive):
    if drive.read_only:
        raise DiskError("is empty and read-only: there is nothing to mount")
    if drive.size < _SMALLEST:
        raise DiskError("has %d bytes: too small for files" % drive.size)
    block_size = 4096 if drive.size < _SMALL else 32768
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


# The RAM disk is at "/" unless a drive is, or will be at `wanted`.
def _place_ram(wanted=None):
    global _ram, _ram_path
    taken = wanted == "/" or any(path == "/" for path, _ in _mounted.values())
    path = "/ram" if taken else "/"
    if path == _ram_path:
        return
    if _ram_path:
        vfs.umount(_ram_path)
    bdev = _port.RAMBlock(_RAM_BLOCK)
    try:
        _ram = _ram or vfs.VfsFat(bdev)
        vfs.mount(_ram, path)
    except OSError:
        # Power-on: memory without a filesystem. Files are still there after a reset of any kind.
        vfs.VfsFat.mkfs(bdev)
        _ram = vfs.VfsFat(bdev)
        vfs.mount(_ram, path)
    _ram_path = path


# The drive is slow: see to the network meanwhile.
def _idle():
    try:
        rt = runtime.current()
    except OSError:
        return  # there is none
    rt.poll()
