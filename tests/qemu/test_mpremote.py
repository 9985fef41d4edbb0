# Frostnet: mpremote's commands over QEMU's pseudo terminal
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import random
import time

import pytest

from hostlib.board import Board
from hostlib.remote import Remote


@pytest.fixture(scope="module")
def pty_board():
    with Board(serial="pty") as board:
        # Without a reader what the board prints is lost; mpremote asks for its prompt itself.
        time.sleep(1)
        yield board


@pytest.fixture
def remote(pty_board):
    return Remote(pty_board.pty)


def test_eval(remote):
    assert remote("eval", "6*7") == "42\n"


def test_exec(remote):
    assert remote("exec", "import sys; print(sys.implementation.name)") == "micropython\n"


def test_exec_shows_errors(remote):
    assert "ZeroDivisionError" in remote("exec", "1/0", status=1)


def test_without_following(remote, tmp_path):
    (tmp_path / "program.py").write_text("import time\nfirst = time.ticks_ms()\n")
    remote("exec", "--no-follow", "begun = 6", "+", "sleep", 0.3)
    remote("resume", "run", "--no-follow", tmp_path / "program.py", "+", "sleep", 0.3)
    assert remote("resume", "eval", "begun + (first > 0)") == "7\n"


def test_run(remote, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("for i in range(3):\n    print('line', i)\n")
    assert remote("run", program) == "line 0\nline 1\nline 2\n"


def test_files_survive_the_round_trip(remote, tmp_path):
    rng = random.Random(3)
    there, back = tmp_path / "there.bin", tmp_path / "back.bin"
    there.write_bytes(rng.randbytes(10_000))
    remote("fs", "mkdir", ":/folder", "+", "fs", "cp", there, ":/folder/data.bin")
    assert "10000 data.bin" in remote("fs", "ls", ":/folder")
    remote("fs", "cp", ":/folder/data.bin", back)
    assert back.read_bytes() == there.read_bytes()
    assert hashlib.sha256(there.read_bytes()).hexdigest() in remote(
        "fs", "sha256sum", ":/folder/data.bin"
    )
    remote("fs", "rm", ":/folder/data.bin", "+", "fs", "rmdir", ":/folder")
    assert "folder" not in remote("fs", "ls", ":/")


def test_files_on_a_drive(tmp_path):
    with open(tmp_path / "disk.img", "wb") as file:
        file.truncate(16 << 20)
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    for n in range(5):
        (tree / "inner" / f"{n}.bin").write_bytes(random.Random(n).randbytes(n * 9000))
    drive = f"if=none,id=d0,file={tmp_path}/disk.img,format=raw"
    args = ["-drive", drive, "-device", "virtio-blk-device,drive=d0"]
    with Board(netdev=None, args=args, serial="pty") as board:
        time.sleep(1)
        remote = Remote(board.pty)
        assert "/ram" in remote("fs", "cp", "-r", tree, ":", "+", "df", timeout=40)
        remote("reset")
        time.sleep(1)
        names = [f":tree/inner/{n}.bin" for n in range(5)]
        sums = remote("fs", "sha256sum", *names)
        for n in range(5):
            data = (tree / "inner" / f"{n}.bin").read_bytes()
            assert hashlib.sha256(data).hexdigest() in sums
        text = remote("fs", "rm", "-r", ":/tree", "+", "fs", "ls", ":/")
        assert "tree/" not in text.partition("ls :/")[2], text


def test_cat_and_touch(remote, tmp_path):
    text = tmp_path / "note.txt"
    text.write_text("a note\n")
    remote("fs", "cp", text, ":/note.txt", "+", "fs", "touch", ":/empty")
    assert remote("fs", "cat", ":/note.txt") == "a note\n"
    assert remote("fs", "cat", ":/empty") == ""
    remote("fs", "rm", ":/note.txt", "+", "fs", "rm", ":/empty")


def test_copies_on_the_board_and_trees(remote, tmp_path):
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "a.txt").write_text("a" * 2000)
    (tree / "inner" / "b.txt").write_text("b")
    text = remote("cp", "-r", tree, ":/", "+", "cp", ":/tree/a.txt", ":/copy", "+", "ls", ":/")
    assert "2000 copy" in text and "tree/" in text, text
    text = remote("tree", "-s", ":/tree", "+", "tree", "-h", ":/tree")
    assert text.count("b.txt") == 2 and "2000" in text and "2.0K" in text, text
    (tmp_path / "back").mkdir()
    remote("cp", "-r", ":/tree", tmp_path / "back")
    assert (tmp_path / "back" / "tree" / "inner" / "b.txt").read_text() == "b"
    assert "Up to date" in remote("cp", tree / "a.txt", ":/tree/a.txt")
    remote("rm", "-r", ":/tree", "+", "rm", ":/copy")


def test_errors_of_files_are_named(remote):
    assert "No such file or directory" in remote("cat", ":/none", status=1)
    assert "File exists" in remote("mkdir", ":/twice", "+", "mkdir", ":/twice", status=1)
    remote("touch", ":/twice/file")
    assert "rmdir" in remote("rmdir", ":/twice", status=1)
    remote("rm", "-r", ":/twice")


def test_edit(remote, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "and more\\n" >> "$1"\n')
    editor.chmod(0o755)
    (tmp_path / "note").write_text("a note\n")
    remote("cp", tmp_path / "note", ":/note", "+", "edit", ":/note", env={"EDITOR": str(editor)})
    assert remote("cat", ":/note", "+", "rm", ":/note").startswith("a note\nand more\n")


def test_soft_reset(remote):
    remote("exec", "left = 1")
    assert remote("resume", "eval", "'left' in globals()") == "True\n"
    remote("soft-reset")
    assert remote("resume", "eval", "'left' in globals()") == "False\n"


def test_reset(remote):
    remote("exec", "left = 1")
    remote("reset")
    time.sleep(1)
    assert remote("resume", "eval", "'left' in globals()") == "False\n"


def test_disconnect(remote):
    # What follows needs a connection again, and gets one.
    text = remote("exec", "left = 1", "+", "disconnect", "+", "connect", remote.device, "resume",
                  "eval", "'left' in globals()")  # fmt: skip
    assert text == "True\n"


def test_what_the_board_has_not_is_said(remote, tmp_path):
    assert remote("romfs", "query") == "ROMFS is not enabled on this device\n"
    (tmp_path / "image.romfs").write_bytes(b"\xd2\xcd\x31\x00")
    text = remote("romfs", "deploy", tmp_path / "image.romfs", status=1)
    assert "ROMFS is not enabled on this device" in text
    # This command does not wait for what the board says; the board goes on.
    remote("bootloader")
    text = remote("exec", "import machine; machine.bootloader()", status=1)
    assert "NotImplementedError: there is no bootloader: QEMU loads the image" in text


def test_what_needs_no_board(remote):
    remote("devs")
    assert "mount" in remote("help") and "mpremote" in remote("version")
    assert "failed to access /dev/pts/none" in Remote("/dev/pts/none")("eval", "1", status=1)


def test_df(remote):
    text = remote("df")
    assert "/" in text and "filesystem" in text, text


def test_rtc(remote):
    remote("rtc", "--set")
    text = remote("rtc")
    now = time.localtime()
    assert text.startswith(f"({now.tm_year}, {now.tm_mon}, {now.tm_mday}"), text


def test_mip_from_a_local_index(remote, index):
    where = f"http://127.0.0.1:{index.port}"
    text = remote("mip", "install", "--index", where, "umqtt.robust")
    assert "Done" in text, text
    code = "import umqtt.robust as r; print(r.__file__, r.MQTTClient('me', 'there').port)"
    assert remote("exec", code) == "/lib/umqtt/robust.mpy 1883\n"
    remote("fs", "rm", "-r", ":/lib/umqtt")
