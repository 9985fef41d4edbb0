# Frostnet: tests of drives that fail, are slow, or do not answer
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import time

import pytest

MIB = 1 << 20
SIZE = 16 * MIB
BAD_SECTOR = 24000  # beyond what a new filesystem uses


@pytest.fixture
def path(tmp_path):
    with open(tmp_path / "disk.img", "wb") as file:
        file.truncate(SIZE)
    return tmp_path / "disk.img"


def throttle(board, per_second):
    """Let the drive move that many bytes per second; 0 is as many as it can."""
    board.qemu.monitor.human("block_set_io_throttle d0 %d 0 0 0 0 0" % per_second)


def failure(board, code, timeout=30):
    """The error that it ends with."""
    with pytest.raises(Exception, match="Error") as e:
        board.exec(code, timeout)
    return str(e.value)


def test_bad_sectors(boot, path):
    fault = ",inject-error.{}.event=none,inject-error.{}.iotype={},inject-error.{}.sector=%d,"
    fault += "inject-error.{}.errno=5,inject-error.{}.once=off"
    faults = "".join(
        fault.format(n, n, kind, n, n, n) % BAD_SECTOR for n, kind in ((0, "read"), (1, "write"))
    )
    options = f"if=none,id=d0,driver=blkdebug,image.driver=file,image.filename={path}{faults}"
    board = boot(
        netdev=None,
        args=["-drive", options + ",werror=report,rerror=report"]
        + ["-device", "virtio-blk-device,drive=d0"],
    )
    board.wait_prompt()
    # The look at the whole of it met the bad sector.
    assert "drive 0 cannot be used ([Errno 5] EIO)" in board.log()
    board.exec("import disk; d = disk.drives[0]; disk.format(0)")
    board.exec("with open('/good', 'w') as f: f.write('good' * 5000)\n")
    for n in (512, 65536, 1 << 18):
        at = BAD_SECTOR * 512 - (n // 2 & ~511)
        assert board.eval(f"d.read({at}, bytearray({n}))") == -5
        # A write does not wait for the drive: who asks for what he wrote to be kept learns of it.
        assert -5 in board.eval(f"(d.write({at}, bytearray({n})), d.flush())")
        assert board.eval("d.flush()") == 0
    assert board.eval(f"d.read({(BAD_SECTOR + 1) * 512}, bytearray(512))") == 0
    assert "5" in failure(
        board, "with open('/big', 'w') as f:\n    for _ in range(250): f.write(bytes(65536))\n"
    )
    # LittleFS does nothing more before it is mounted again, and is whole then.
    assert "5" in failure(board, "open('/good').read()")
    assert "disk: drive 0 failed" in board.log()
    board.exec("disk.mount(0)")
    board.exec("import os; os.remove('/big')")
    board.exec("with open('/more', 'w') as f: f.write('more' * 5000)\n")
    board.soft_reset()
    assert "cannot be used" not in board.log()[-300:]
    assert board.eval("open('/good').read() == 'good' * 5000") is True
    assert board.eval("open('/more').read() == 'more' * 5000") is True
    # FAT goes on: the program is told, and what else it writes is there.
    board.exec(
        "import disk, vfs\n"
        "from disk._volume import Volume\n"
        "v = Volume(disk.drives[0], 0, disk.drives[0].size, 512)\n"
        "vfs.VfsFat.mkfs(v); vfs.mount(vfs.VfsFat(v), '/fat')\n"
    )
    assert "5" in failure(
        board, "with open('/fat/big', 'w') as f:\n    for _ in range(250): f.write(bytes(65536))\n"
    )
    assert board.eval("disk.drives[0].counters.lost_writes") >= 1
    board.exec("with open('/fat/more', 'w') as f: f.write('more' * 5000)\n")
    board.exec("vfs.umount('/fat'); vfs.mount(vfs.VfsFat(v), '/fat')")
    assert board.eval("open('/fat/more').read() == 'more' * 5000") is True


def test_slow_drive(boot, path):
    board = boot(args=["-drive", f"if=none,id=d0,file={path},format=raw"]
                 + ["-device", "virtio-blk-device,drive=d0"])  # fmt: skip
    board.wait_prompt()
    board.wait_lease()
    board.exec(
        "import disk, socket, os; d = disk.drives[0]; buf = bytearray(512)\n"
        "with open('/kept', 'w') as f: f.write('kept' * 5000)\n"
        "s = socket.socket(); s.bind(('', 7)); s.listen(1); s.setblocking(False)\n"
        "def slow():\n"
        "    r = [d.read(n << 16, buf) for n in range(5)]\n"
        "    c, _ = s.accept()\n"
        "    c.setblocking(False)\n"
        "    return r, len(c.recv(40000))\n"
    )
    port = board.forward("tcp", 7)
    # The network goes on: what a peer sent meanwhile is there at once.
    throttle(board, 65536)
    board.start("print(slow())")
    with socket.create_connection(("127.0.0.1", port), 10) as peer:
        peer.sendall(bytes(20000))
        assert board.finish().strip() == "([0, 0, 0, 0, 0], 20000)"
    assert board.eval("(d.counters.bug_idle, d.counters.timeouts)") == (0, 0)

    # It does not answer at all: Ctrl-C comes through, and programs get errors.
    throttle(board, 1)
    board.start("for n in range(5, 250): d.read(n << 16, buf)")
    time.sleep(0.5)
    assert "KeyboardInterrupt" in board.interrupt(20)
    assert board.eval("d.counters.interrupted") >= 1
    assert "110" in failure(board, "with open('/kept', 'w') as f: f.write('lost')\n")
    assert "5" in failure(board, "open('/kept').read()")
    # It answers again, and nothing was lost.
    throttle(board, 0)
    board.exec("disk.mount(0)")
    assert board.eval("open('/kept').read() == 'kept' * 5000") is True
    board.exec("with open('/kept', 'w') as f: f.write('new' * 5000)\n")
    board.soft_reset()
    assert board.eval("open('/kept').read() == 'new' * 5000") is True


# Each of the two would find the other's changes half done.
def test_callbacks_use_the_same_filesystem(boot, path):
    board = boot(netdev=None, args=["-drive", f"if=none,id=d0,file={path},format=raw"]
                 + ["-device", "virtio-blk-device,drive=d0"])  # fmt: skip
    board.wait_prompt()
    board.exec(
        "import machine, os\n"
        "n = 0\n"
        "def note(t):\n"
        "    global n\n"
        "    n += 1\n"
        "    with open('/log', 'a') as f: f.write('%d ' % n)\n"
        "t = machine.Timer(-1, period=5, callback=note)\n"
        "for k in range(60):\n"
        "    with open('/f%d' % (k % 5), 'w') as f:\n"
        "        for i in range(20): f.write('%d,' % (k + i) * 100)\n"
        "t.deinit()\n",
        timeout=50,
    )
    assert board.eval("n") > 5
    assert board.eval("open('/log').read() == ''.join('%d ' % (i + 1) for i in range(n))") is True
    for k in range(55, 60):
        code = f"open('/f{k % 5}').read() == ''.join('%d,' % ({k} + i) * 100 for i in range(20))"
        assert board.eval(code) is True
