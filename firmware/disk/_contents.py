# Frostnet: what a drive contains: partitions, filesystems, nothing
# MIT license; Copyright (c) 2026 The Frostnet authors

# Nothing here is trusted: whatever a drive says of itself must lie within the drive.

import binascii
import struct

from micropython import const

from disk._error import DiskError

LFS2, FAT, EMPTY = const(0), const(1), const(2)

_SIGNATURE = b"\x55\xaa"
_EXTENDED = (0x05, 0x0F, 0x85)  # partitions of partitions
_PROTECTIVE = const(0xEE)  # there is a GPT
_GPT_ENTRIES_MAX = const(1024)
_BLOCK_SIZES = tuple(1 << n for n in range(7, 21))

# An empty drive is looked at as a whole, a large one at both ends: other systems leave their marks
# in the first and in the last megabyte.
_LOOK = const(128 << 20)
_STEP = const(1 << 16)

_UNKNOWN = "holds something that is neither LittleFS nor FAT"


def look(drive):
    """What the drive contains: (LFS2, FAT or EMPTY, start, size, block size), in bytes.

    DiskError if that is nothing of use, OSError if it cannot be read.
    """
    if drive.size < 512:
        raise DiskError("has %d bytes: too small for files" % drive.size)
    head = _read(drive, 0, 512)
    start, size = 0, drive.size
    found = _filesystem(drive, start, size)
    if not found and head[510:] == _SIGNATURE:
        start, size = _first_partition(drive, head)
        found = _filesystem(drive, start, size)
    found = found or _second_superblock(drive, start, size)
    if found:
        return found
    if start:
        raise DiskError("has a first partition that " + _UNKNOWN)
    if not _is_empty(drive):
        raise DiskError(_UNKNOWN)
    return EMPTY, 0, size, 0


def _filesystem(drive, start, size):
    return _littlefs(drive, start, size, 0) or _fat(drive, start, size)


# LittleFS has its superblock in the first two blocks, and one of them may be damaged at any time.
# The first tells how long a block is; without it, the second must be looked for.
def _second_superblock(drive, start, size):
    for at in _BLOCK_SIZES:
        found = _littlefs(drive, start, size, at)
        if found:
            return found
    return None


def _littlefs(drive, start, size, at):
    if at + 32 > size:
        return None
    block = _read(drive, start + at, 32)
    version, block_size, count = struct.unpack_from("<III", block, 20)
    if block[8:16] != b"littlefs" or at not in (0, block_size):
        return None
    if version >> 16 != 2:
        raise DiskError("has LittleFS of version %d, not 2" % (version >> 16))
    if block_size not in _BLOCK_SIZES or not count:
        raise DiskError("has a damaged LittleFS: %d blocks of %d bytes" % (count, block_size))
    if count * block_size > size:
        raise DiskError(
            "is cut short: its LittleFS has %d bytes, and there are %d"
            % (count * block_size, size)
        )
    return LFS2, start, count * block_size, block_size


def _fat(drive, start, size):
    boot = _read(drive, start, 512)
    if boot[510:] != _SIGNATURE or boot[0] not in (0xEB, 0xE9):
        return None
    if boot[3:11] == b"EXFAT   ":
        raise DiskError("has an exFAT filesystem, which the board does not know: use FAT")
    if boot[54:57] != b"FAT" and boot[82:85] != b"FAT":
        return None
    (sector,) = struct.unpack_from("<H", boot, 11)
    (sectors,) = struct.unpack_from("<H", boot, 19)
    if not sectors:
        (sectors,) = struct.unpack_from("<I", boot, 32)
    if sector not in (512, 1024, 2048, 4096):
        raise DiskError("has a damaged FAT filesystem: sectors of %d bytes" % sector)
    if not sectors or sectors * sector > size:
        raise DiskError(
            "is cut short: its FAT filesystem has %d bytes, and there are %d"
            % (sectors * sector, size)
        )
    return FAT, start, sectors * sector, sector


# Tables count in the drive's own units.
def _first_partition(drive, mbr):
    unit = drive.unit
    for at in range(446, 510, 16):
        kind = mbr[at + 4]
        first, count = struct.unpack_from("<II", mbr, at + 8)
        if kind == _PROTECTIVE:
            first, count = _first_of_gpt(drive, unit)
        elif not kind or not count or kind in _EXTENDED:
            continue
        if not first or (first + count) * unit > drive.size:
            raise DiskError("has a damaged partition table: a partition beyond its end")
        return first * unit, count * unit
    raise DiskError("has a partition table without a partition")


def _first_of_gpt(drive, unit):
    header = _read(drive, unit, 92)
    magic, _, length, checksum = struct.unpack_from("<8sIII", header)
    start, number, step = struct.unpack_from("<QII", header, 72)
    if magic != b"EFI PART" or length < 92 or length > unit:
        raise DiskError("has a damaged partition table (GPT)")
    whole = bytearray(_read(drive, unit, length))
    whole[16:20] = bytes(4)
    end = start * unit + number * step
    if (
        binascii.crc32(whole) != checksum
        or step < 128
        or number > _GPT_ENTRIES_MAX
        or end > drive.size
    ):
        raise DiskError("has a damaged partition table (GPT)")
    for n in range(number):
        entry = _read(drive, start * unit + n * step, 48)
        first, last = struct.unpack_from("<QQ", entry, 32)
        if any(entry[:16]) and last >= first:
            return first, last - first + 1
    raise DiskError("has a partition table without a partition")


def _is_empty(drive):
    size = drive.size
    buf = bytearray(min(_STEP, size))
    zeros = bytes(len(buf))
    at = 0
    while at < size:
        if at == _LOOK:
            at = max(at, size - _LOOK)
        at = min(at, size - len(buf))
        _fill(drive, at, buf)
        if buf != zeros:
            return False
        at += len(buf)
    return True


def _read(drive, at, n):
    buf = bytearray(n)
    if at + n > drive.size:
        raise DiskError("has a damaged partition table: it points beyond its end")
    _fill(drive, at, buf)
    return buf


def _fill(drive, at, buf):
    result = drive.read(at, buf)
    if result:
        raise OSError(-result)
