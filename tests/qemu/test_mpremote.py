# Frostnet: mpremote's commands over QEMU's pseudo terminal
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import http.server
import json
import random
import subprocess
import sys
import threading
import time

import pytest

from hostlib.board import Board


class Remote:
    """mpremote as a user runs it, one process per command."""

    def __init__(self, pty):
        self.pty = pty

    def __call__(self, *args, timeout=20, cwd=None):
        command = [sys.executable, "-m", "mpremote", "connect", self.pty, *map(str, args)]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            cwd=cwd,
        )
        text = done.stdout.decode(errors="replace").replace("\r\n", "\n")
        assert done.returncode == 0, f"mpremote {' '.join(map(str, args))}:\n{text}"
        return text


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


def test_exec_shows_errors(pty_board):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        Remote(pty_board.pty)("exec", "1/0")


def test_run(remote, tmp_path):
    program = tmp_path / "program.py"
    program.write_text("for i in range(3):\n    print('line', i)\n")
    assert remote("run", program) == "line 0\nline 1\nline 2\n"


def test_files_survive_the_round_trip(remote, tmp_path):
    rng = random.Random(3)
    there, back = tmp_path / "there.bin", tmp_path / "back.bin"
    there.write_bytes(rng.randbytes(40_000))
    remote("fs", "mkdir", ":/folder", "+", "fs", "cp", there, ":/folder/data.bin")
    assert "40000 data.bin" in remote("fs", "ls", ":/folder")
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


def test_mount(remote, tmp_path):
    (tmp_path / "hosted.py").write_text("where = 'on the host'\n" + "# padding\n" * 200)
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 8)
    text = remote(
        "mount",
        tmp_path,
        "exec",
        "import hosted; print(hosted.where)\n"
        "f = open('/remote/data.bin', 'rb'); f.seek(300); print(f.read(3)); f.close()\n"
        "f = open('/remote/new.txt', 'w'); f.write('from the board'); f.close()",
    )
    assert "on the host\n" in text
    assert "b',-.'" in text
    assert (tmp_path / "new.txt").read_text() == "from the board"


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


def test_df(remote):
    text = remote("df")
    assert "/" in text and "filesystem" in text, text


def test_rtc(remote):
    remote("rtc", "--set")
    text = remote("rtc")
    now = time.localtime()
    assert text.startswith(f"({now.tm_year}, {now.tm_mon}, {now.tm_mday}"), text


@pytest.fixture
def index():
    """A package index with one package, `hello`, in the form that mip asks for."""
    source = b"def hello():\n    return 'hello from the index'\n"
    digest = hashlib.sha256(source).hexdigest()[:8]
    package = {"v": 1, "hashes": [["hello.py", digest]], "version": "0.1.0", "deps": []}

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            if self.path.startswith("/package/") and self.path.endswith("/hello/latest.json"):
                body = json.dumps(package).encode()
            elif self.path == f"/file/{digest[:2]}/{digest}":
                body = source
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_mip_from_a_local_index(remote, index):
    text = remote("mip", "install", "--index", index, "--no-mpy", "hello")
    assert "Done" in text, text
    assert remote("exec", "import hello; print(hello.hello())") == "hello from the index\n"
    remote("fs", "rm", ":/lib/hello.py")
