# Frostnet: mpremote mount, over QEMU's pseudo terminal
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import random
import time

import pytest

from hostlib.board import Board
from hostlib.remote import Remote


@pytest.fixture(scope="module")
def remote():
    with Board(serial="pty", netdev=None) as board:
        time.sleep(1)
        yield Remote(board.pty)


@pytest.fixture
def folder(tmp_path):
    """A project: a program with a module and a package, and what it reads."""
    folder = tmp_path / "project"
    (folder / "shapes").mkdir(parents=True)
    (folder / "hosted.py").write_text("where = 'on the host'\n" + "# padding\n" * 200)
    (folder / "shapes" / "__init__.py").write_text("from .circle import area\n")
    (folder / "shapes" / "circle.py").write_text("def area(r):\n    return 3 * r * r\n")
    (folder / "data.bin").write_bytes(bytes(range(256)) * 8)
    (folder / "lines.txt").write_text("one\ntwo, ünd mehr\n\nlast")
    return folder


PROGRAM = """
import hosted, shapes
print(hosted.where, shapes.area(2))
with open("lines.txt") as file:
    print(file.readline(), file.readlines())
"""


def test_a_local_program_runs(remote, folder):
    # As in the README: in the folder itself.
    (folder / "program.py").write_text(PROGRAM)
    expected = "on the host 12\none\n ['two, \\xfcnd mehr\\n', '\\n', 'last']\n"
    text = remote("mount", ".", "run", "program.py", cwd=folder)
    assert text == "Local directory . is mounted at /remote\n" + expected
    assert remote("mount", ".", "exec", "import program", cwd=folder).endswith(expected)


FILES = """
import os
f = open("data.bin", "rb")
view = bytearray(1000)
print(f.seek(300), f.read(3), f.readinto(view), view[0], f.seek(-2, 2), f.read(), f.read())
print(f.seek(2040), f.seek(5, 1), f.read(1))
f.close()
f = open("data.bin", "r+b")
f.seek(256)
print(f.write(b"in the middle"), f.seek(0, 1))
f.close()
with open("new.bin", "wb") as f:
    for n in range(20):
        f.write(bytes((n,)) * 1024)
with open("new.txt", "w") as f:
    f.write("from the board\\n")
with open("new.txt", "a") as f:
    f.write("and more\\n")
os.mkdir("made")
os.rename("new.txt", "made/renamed.txt")
os.remove("hosted.py")
print(sorted(os.listdir("/remote")), os.stat("made")[0] & 0x4000 != 0, os.stat("data.bin")[6])
print(os.listdir("made"))
os.mkdir("empty")
os.rmdir("empty")
for path in ("none", "none/file", "shapes/none.py"):
    try:
        open(path)
    except OSError as e:
        print(e.errno, end=" ")
try:
    os.stat("none")
except OSError as e:
    print(e.errno)
"""


def test_files_are_read_written_and_moved(remote, folder):
    text = remote("mount", folder, "exec", FILES)
    assert text.splitlines()[1:] == [
        "300 b',-.' 1000 47 2046 b'\\xfe\\xff' b''",
        "2040 2045 b'\\xfd'",
        "13 269",
        "['data.bin', 'lines.txt', 'made', 'new.bin', 'shapes'] True 2048",
        "['renamed.txt']",
        "2 2 2 2",
    ]
    assert (folder / "data.bin").read_bytes()[250:275] == (
        bytes(range(250, 256)) + b"in the middle" + bytes(range(13, 19))
    )
    assert (folder / "new.bin").read_bytes() == b"".join(bytes((n,)) * 1024 for n in range(20))
    assert (folder / "made" / "renamed.txt").read_text() == "from the board\nand more\n"
    assert not (folder / "empty").exists() and not (folder / "hosted.py").exists()


def test_links_that_lead_out(remote, folder, tmp_path):
    (tmp_path / "secret.txt").write_text("outside")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    read = "print(open('link.txt').read())"
    assert "OSError: [Errno 1] EPERM" in remote("mount", folder, "exec", read, status=1)
    for option in ("-l", "--unsafe-links"):
        assert remote("mount", option, folder, "exec", read).endswith("\noutside\n")
    # Whatever the option says, no path leads out.
    up = "print(open('../secret.txt').read())"
    assert "EPERM" in remote("mount", "-l", folder, "exec", up, status=1)


def test_umount(remote, folder):
    text = remote("mount", folder, "umount", "eval", "__import__('os').listdir('/')")
    assert "remote" not in text.splitlines()[-1], text
    # A mount ends with its mpremote; a soft reset by the next one clears it away.
    remote("mount", folder, "exec", "pass")
    assert remote("eval", "'remote' in __import__('os').listdir('/')") == "False\n"


def test_a_program_that_loads_much_through_the_mount(remote, folder):
    data = random.Random(5).randbytes(60_000)
    (folder / "big.bin").write_bytes(data)
    code = "import hashlib; f = open('big.bin', 'rb'); h = hashlib.sha256()\n"
    code += "while b := f.read(700):\n    h.update(b)\nprint(h.digest().hex())"
    text = remote("mount", folder, "exec", code, timeout=55)
    assert text.endswith(f"\n{hashlib.sha256(data).hexdigest()}\n"), text
