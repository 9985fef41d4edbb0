# Frostnet: tests of what is recognised on a drive
# MIT license; Copyright (c) 2026 The Frostnet authors

import binascii
import random
import struct

from fake_board import Board

Board().install()

from disk import _contents  # noqa: E402
from disk._contents import EMPTY, FAT, LFS2  # noqa: E402
from disk._error import DiskError  # noqa: E402
from disk._volume import ReadOnlyVolume, Volume  # noqa: E402

SIZE = 1 << 20


class Drive:
    """A drive in memory, which refuses what lies outside of it."""

    read_only = False

    def __init__(self, size=SIZE, unit=512):
        self.image = bytearray(size)
        self.size = size
        self.unit = unit
        self.flushes = 0
        self.fails = False

    def read(self, at, buf, part=None):
        if not self.within(at, len(buf), part):
            return -22
        at += part.start if part else 0
        assert 0 <= at and at + len(buf) <= self.size, "outside"
        if self.fails:
            return -5
        buf[:] = self.image[at : at + len(buf)]
        return 0

    def write(self, at, buf, part=None):
        if not self.within(at, len(buf), part):
            return -22
        at += part.start if part else 0
        assert 0 <= at and at + len(buf) <= self.size, "outside"
        self.image[at : at + len(buf)] = buf
        return 0

    def within(self, at, n, part):
        return at >= 0 and (not part or at + n <= part.size)

    def flush(self, part=None):
        self.flushes += 1
        return 0


# LittleFS's SPEC.md: a revision, a tag, the name, a tag, and the superblock's fields.
def lfs2(drive, start=0, size=SIZE, block=4096):
    for copy in range(2):
        struct.pack_into(
            "<II8sIIIIIII", drive.image, start + copy * block,
            copy + 1, 0x0FF0F7FF, b"littlefs", 0x10104002,
            0x00020001, block, size // block, 255, 0x7FFFFFFF, 1022
        )  # fmt: skip


# Microsoft's "FAT: General Overview of On-Disk Format", boot sector.
def fat(drive, start=0, size=SIZE, block=512, wide=False):
    sectors = size // block
    struct.pack_into(
        "<3s8sHBHBHHBHHHII", drive.image, start,
        b"\xeb\x3c\x90", b"MSDOS5.0", block, 1, 1, 1, 512, 0 if wide else sectors,
        0xF8, 8, 63, 255, 0, sectors if wide else 0
    )  # fmt: skip
    at = start + (82 if wide else 54)
    drive.image[at : at + 8] = b"FAT32   " if wide else b"FAT12   "
    drive.image[start + 510 : start + 512] = b"\x55\xaa"


def mbr(drive, *partitions):
    """A table of (type, first, count)."""
    for n, (kind, first, count) in enumerate(partitions):
        at = 446 + 16 * n
        struct.pack_into("<B3xB3xII", drive.image, at, 0, kind, first, count)
    drive.image[510:512] = b"\x55\xaa"


def gpt(drive, *partitions, step=128, number=128, start=2, spoil=None):
    """A table of (first, last)."""
    unit = drive.unit
    mbr(drive, (0xEE, 1, drive.size // unit - 1))
    header = bytearray(92)
    struct.pack_into("<8sIIII", header, 0, b"EFI PART", 0x10000, 92, 0, 0)
    struct.pack_into("<QII", header, 72, start, number, step)
    struct.pack_into("<I", header, 16, binascii.crc32(header))
    if spoil is not None:
        header[spoil] ^= 1
    drive.image[unit : unit + 92] = header
    for n, (first, last) in enumerate(partitions):
        at = start * unit + n * step
        if first:
            struct.pack_into("<16s16sQQ", drive.image, at, b"G" * 16, b"U" * 16, first, last)


def error_of(drive):
    try:
        found = _contents.look(drive)
    except DiskError as e:
        return str(e)
    raise AssertionError("found %r" % (found,))


def test_nothing():
    assert _contents.look(Drive()) == (EMPTY, 0, SIZE, 0)
    assert _contents.look(Drive(512)) == (EMPTY, 0, 512, 0)
    assert "0 bytes" in error_of(Drive(0))


def test_one_byte_anywhere_is_not_nothing():
    for size in (SIZE, SIZE - 512, 70000 // 512 * 512):
        for at in (0, 511, 65535, size // 2, size - 1):
            drive = Drive(size)
            drive.image[at] = 1
            assert "neither" in error_of(drive), at


def test_a_filesystem_on_all_of_the_drive():
    for block in (512, 4096, 16384):
        drive = Drive()
        lfs2(drive, block=block)
        assert _contents.look(drive) == (LFS2, 0, SIZE, block)
    for block in (512, 4096):
        for wide in (False, True):
            drive = Drive()
            fat(drive, block=block, wide=wide)
            assert _contents.look(drive) == (FAT, 0, SIZE, block)


# The superblock is in two blocks, so that one of them is whole at any time.
def test_littlefs_with_one_superblock():
    for block in (512, 4096, 16384):
        for damaged in (0, 1):
            drive = Drive()
            lfs2(drive, block=block)
            drive.image[damaged * block : damaged * block + 64] = b"\xff" * 64
            assert _contents.look(drive) == (LFS2, 0, SIZE, block)


def test_littlefs_that_says_nonsense():
    def changed(offset, value):
        drive = Drive()
        lfs2(drive)
        for block in (0, 4096):
            struct.pack_into("<I", drive.image, block + offset, value)
        return error_of(drive)

    assert "version 1" in changed(20, 1 << 16)
    assert "blocks of 4097" in changed(24, 4097)
    assert "0 blocks" in changed(28, 0)
    assert "cut short" in changed(28, 257)


def test_fat_that_says_nonsense():
    def changed(fmt, offset, value):
        drive = Drive()
        fat(drive)
        struct.pack_into(fmt, drive.image, offset, value)
        return error_of(drive)

    assert "sectors of 513" in changed("<H", 11, 513)
    assert "sectors of 0" in changed("<H", 11, 0)
    assert "cut short" in changed("<H", 19, 4000)
    assert "exFAT" in changed("<8s", 3, b"EXFAT   ")


def test_the_first_partition():
    for unit in (512, 4096):
        for table in (mbr, gpt):
            drive = Drive(unit=unit)
            first, count = (64, 128) if unit == 4096 else (100, 1000)
            if table is mbr:
                table(drive, (0, 1, 1), (5, 7, 7), (0x0C, first, count), (0x83, 1, 1))
            else:
                table(drive, (0, 0), (first, first + count - 1), (1, 1), number=4)
            fat(drive, first * unit, count * unit)
            assert _contents.look(drive) == (FAT, first * unit, count * unit, 512)
            lfs2(drive, first * unit, 65536, 1024)
            assert _contents.look(drive) == (LFS2, first * unit, 65536, 1024)
            drive.image[first * unit + 8] = 0  # one superblock is left
            drive.image[first * unit + 511] = 0
            assert _contents.look(drive) == (LFS2, first * unit, 65536, 1024)


def test_partition_tables_that_say_nonsense():
    last = SIZE // 512
    drive = Drive()
    mbr(drive)
    assert "without a partition" in error_of(drive)
    for first, count in ((last, 1), (1, last), (0xFFFFFFFF, 0xFFFFFFFF), (0, 9)):
        drive = Drive()
        mbr(drive, (0x0C, first, count))
        assert "beyond its end" in error_of(drive)
    drive = Drive()
    mbr(drive, (0x0C, 1, 100))
    assert "first partition" in error_of(drive)
    for spoil in range(0, 92, 5):
        drive = Drive()
        gpt(drive, (100, 200), spoil=spoil)
        assert "damaged" in error_of(drive), spoil
    for kw in (
        {"step": 127},
        {"number": 1025},
        {"number": 0},
        {"start": last},
        {"start": 1 << 60},
    ):
        drive = Drive()
        if "start" in kw:
            gpt(drive, **kw)
        else:
            gpt(drive, (100, 200), **kw)
        assert "partition" in error_of(drive), kw
    drive = Drive()
    gpt(drive, (100, last + 1))
    assert "beyond its end" in error_of(drive)


def test_no_damage_raises_anything_else():
    for seed in range(300):
        random.seed(seed)
        drive = Drive(1 << 16)
        make = seed % 4
        if make == 0:
            lfs2(drive, size=drive.size, block=1024)
        elif make == 1:
            fat(drive, size=drive.size)
        elif make == 2:
            gpt(drive, (40, 100))
        else:
            mbr(drive, (0x0C, 10, 100))
        for _ in range(random.randrange(1, 20)):
            drive.image[random.choice((random.randrange(100), random.randrange(2048)))] = (
                random.randrange(256)
            )
        try:
            kind, start, size, block = _contents.look(drive)
        except DiskError as e:
            assert len(str(e)) > 10
            continue
        assert kind != EMPTY, "seed %d would be formatted" % seed
        assert 0 <= start and size > 0 and start + size <= drive.size and block >= 128


def test_a_drive_that_cannot_be_read():
    drive = Drive()
    drive.fails = True
    try:
        _contents.look(drive)
    except OSError as e:
        assert e.errno == 5
    else:
        raise AssertionError("no error")


def test_a_volume_is_a_block_device():
    drive = Drive()
    v = Volume(drive, 1000, 5000, 512)
    assert v.ioctl(4, 0) == 9 and v.ioctl(5, 0) == 512 and v.ioctl(6, 1) == 0
    assert v.ioctl(1, 0) == 0 and v.ioctl(2, 0) == 0 and v.ioctl(99, 0) is None
    assert v.ioctl(3, 0) == 0 and drive.flushes == 2
    assert (
        v.writeblocks(8, b"z" * 512) == 0 and drive.image[1000 + 4096 : 1000 + 4608] == b"z" * 512
    )
    assert v.writeblocks(1, b"abc", 5) == 0 and drive.image[1517:1520] == b"abc"
    buf = bytearray(3)
    assert v.readblocks(1, buf, 5) == 0 and buf == b"abc"
    for block, offset, n in ((9, 0, 1), (8, 511, 2), (0, -1, 1), (-1, 0, 512), (1 << 60, 0, 1)):
        assert v.readblocks(block, bytearray(n), offset) == -22
        assert v.writeblocks(block, bytes(n), offset) == -22
    assert not hasattr(ReadOnlyVolume(drive, 0, 512, 512), "writeblocks")
