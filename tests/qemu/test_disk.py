# Frostnet: tests of files on drives
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import struct

import pytest

from hostlib import pattern
from hostlib.board import USER_NET

MIB = 1 << 20


def image(path, size=16 * MIB):
    """A drive of zeros."""
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def drive(path, n=0, options="", device="virtio-blk-device"):
    """QEMU's options for it."""
    return [
        *("-drive", f"if=none,id=d{n},file={path},format=raw,{options or 'werror=report'}"),
        *("-device", f"{device},drive=d{n},id=disk{n}"),
    ]


@pytest.fixture
def disk_board(boot, tmp_path):
    """A function that boots a board with a drive of the test's own, without a network card."""

    def make(path=None, options="", args=(), device="virtio-blk-device", netdev=None, **kw):
        path = path or image(tmp_path / "disk.img")
        args = [*drive(path, 0, options, device), *args]
        board = boot(netdev=netdev, args=args, **kw)
        board.wait_prompt()
        return board

    return make


def mounts(board):
    return {path: kind for kind, path in board.eval(
        "[(type(fs).__name__, path) for fs, path in __import__('vfs').mount()]"
    )}  # fmt: skip


@pytest.mark.parametrize(
    "device, modern",
    [
        ("virtio-blk-device", False),
        ("virtio-blk-device,packed=on", True),
        ("virtio-blk-pci", False),
    ],
    ids=["legacy", "packed", "pci"],
)
def test_files_stay(disk_board, tmp_path, device, modern):
    board = disk_board(device=device, modern=modern)
    assert "disk: drive 0 was formatted" in board.log()
    assert mounts(board) == {"/": "VfsLfs2", "/ram": "VfsFat"}
    board.exec("with open('a', 'w') as f: f.write('kept' * 5000)\n")
    # A soft reset closes what was left open, and loses what belongs to nobody.
    board.exec("f = open('b', 'w'); f.write('left open')")
    board.exec("import os; os.mkdir('lib')")
    board.exec("with open('lib/mine.py', 'w') as f: f.write('answer = 42')\n")
    board.soft_reset()
    assert board.eval("open('a').read()") == "kept" * 5000
    assert board.eval("open('b').read()") == "left open"
    assert board.eval("__import__('mine').answer") == 42
    board.exec("with open('/ram/r', 'w') as f: f.write('here')\n")
    board.exec("f = open('c', 'w'); f.write('lost')")
    mark = board.console.serial.mark()
    board.start("import machine; machine.reset()")
    board.wait_prompt(start=mark)
    board.console.recover()
    assert board.eval("open('a').read()") == "kept" * 5000
    assert board.eval("open('/ram/r').read()") == "here"
    assert board.eval("open('c').read()") == ""
    # Power-off: main.py runs from the drive.
    board.exec("with open('main.py', 'w') as f: f.write('print(\"main\", 6 * 7)')\n")
    board.qemu.close()
    board = disk_board(tmp_path / "disk.img", device=device, modern=modern)
    assert "main 42" in board.log() and "formatted" not in board.log()
    assert board.eval("open('a').read()") == "kept" * 5000


def test_wget_to_a_drive(disk_board, http, tmp_path):
    board = disk_board(image(tmp_path / "disk.img", 64 * MIB), netdev=USER_NET)
    board.wait_lease()
    size = 20_000_000
    board.exec("import net; net.wget('%s', '/big.bin')" % http.url("/size/%d" % size), 50)
    board.soft_reset()
    board.load()
    found, digest = board.exec("file_hash('/big.bin')", 50).split()
    assert (int(found), digest) == (size, pattern.sha256(size))


def test_what_runs_per_request_allocates_nothing(disk_board):
    board = disk_board()
    board.exec(
        "import disk, micropython\n"
        "d = disk.drives[0]; buf = bytearray(100000); at = 12 << 20; v = d.volume = None\n"
        "from disk._volume import Volume\n"
        "v = Volume(d, 0, d.size, 4096)\n"
        "def run():\n"
        "    a = v.writeblocks(3000, buf), v.writeblocks(3000, buf, 3), v.ioctl(3, 0)\n"
        "    return sum(a) + v.readblocks(3000, buf) + v.readblocks(3000, buf, 3)\n"
        "def locked():\n"
        "    micropython.heap_lock()\n"
        "    try:\n"
        "        a = v.writeblocks(3000, buf)\n"
        "        b = v.writeblocks(3000, buf, 3)\n"
        "        c = v.ioctl(3, 0)\n"
        "        e = v.readblocks(3000, buf, 3)\n"
        "    finally:\n"
        "        micropython.heap_unlock()\n"
        "    return a | b | c | e\n"
        "print(locked())\n"
    )
    assert board.eval("locked()") == 0
    # The collector closes a file that was lost, and what it had is in it.
    board.exec(
        "import gc\n"
        "def lose():\n"
        "    open('lost', 'w').write('found' * 10000)\n"
        "lose(); gc.collect(); gc.collect()\n"
    )
    assert board.eval("open('lost').read()") == "found" * 10000


def test_what_is_not_empty_is_left_alone(disk_board, tmp_path):
    path = image(tmp_path / "foreign.img")
    with open(path, "r+b") as file:
        file.seek(9 * MIB + 77)
        file.write(b"somebody's data")
    before = hashlib.sha256(path.read_bytes()).digest()
    board = disk_board(path)
    assert "disk: drive 0 holds something that is neither LittleFS nor FAT" in board.log()
    assert mounts(board) == {"/": "VfsFat"}
    assert hashlib.sha256(path.read_bytes()).digest() == before
    board.exec("with open('/kept', 'w') as f: f.write('on the RAM disk')\n")
    board.exec("import disk; disk.format(0)")
    assert mounts(board) == {"/": "VfsLfs2", "/ram": "VfsFat"}
    assert board.eval("open('/ram/kept').read()") == "on the RAM disk"
    board.exec("with open('/new', 'w') as f: f.write('file')\n")
    board.soft_reset()
    assert board.eval("open('/new').read()") == "file"


def test_partition_with_fat(disk_board, tmp_path):
    path = image(tmp_path / "fat.img")
    with open(path, "r+b") as file:
        file.seek(446)
        file.write(struct.pack("<B3xB3xII", 0, 0x0C, 2048, 8192))
        file.seek(510)
        file.write(b"\x55\xaa")
    board = disk_board(path)
    assert "drive 0 has a first partition that holds something" in board.log()
    board.exec(
        "import disk, vfs\n"
        "from disk._volume import Volume\n"
        "vfs.VfsFat.mkfs(Volume(disk.drives[0], 2048 * 512, 8192 * 512, 512))\n"
    )
    board.soft_reset()
    assert mounts(board) == {"/": "VfsFat", "/ram": "VfsFat"}
    board.exec("with open('/x', 'w') as f: f.write('in the partition' * 1000)\n")
    board.qemu.close()
    data = path.read_bytes()
    assert data[1024 : 2048 * 512] == bytes(2046 * 512) and data[6 * MIB :] == bytes(10 * MIB)
    assert b"in the partition" * 32 in data
    board = disk_board(path, options="readonly=on")
    assert board.eval("open('/x').read()") == "in the partition" * 1000
    assert "30" in failure(board, "open('/y', 'w')")
    assert path.read_bytes() == data


def failure(board, code):
    """The error that it ends with."""
    with pytest.raises(Exception, match="Error") as e:
        board.exec(code)
    return str(e.value)


def test_read_only_and_full(disk_board, tmp_path):
    path = image(tmp_path / "small.img", 1 * MIB)
    board = disk_board(path)
    board.exec("with open('/a', 'w') as f: f.write('first' * 2000)\n")
    assert "28" in failure(
        board, "with open('/b', 'w') as f:\n    for _ in range(300): f.write(bytes(8192))\n"
    )
    assert board.eval("open('/a').read()") == "first" * 2000
    board.exec("import os; os.remove('/b')")
    board.exec("with open('/c', 'w') as f: f.write('second' * 2000)\n")
    board.qemu.close()
    before = path.read_bytes()
    board = disk_board(path, options="readonly=on")
    assert board.eval("open('/c').read()") == "second" * 2000
    assert "30" in failure(board, "with open('/d', 'w') as f: f.write('x' * 9999)\n")
    assert "read-only" in failure(board, "import disk; disk.format(0)")
    board.qemu.close()
    assert path.read_bytes() == before


def test_drives_that_are_too_small(disk_board, tmp_path):
    more = [image(tmp_path / f"{n}.img", size) for n, size in ((1, 512), (2, 8192), (3, 2 * MIB))]
    board = disk_board(
        image(tmp_path / "0.img", 0),
        args=[word for n, path in enumerate(more) for word in drive(path, n + 1)],
    )
    for n, size in enumerate((0, 512, 8192)):
        assert f"drive {n} has {size} bytes: too small" in board.log()
    assert mounts(board) == {"/": "VfsFat", "/disk3": "VfsLfs2"}
