# Frostnet: mpremote's prompt, and mpremote over TCP, on boards that tools/run.py started
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import signal
import socket
import subprocess
import sys

import pytest

from hostlib.board import ROOT
from hostlib.remote import MPREMOTE, Remote, Terminal

PROMPT = "\r\n>>> "
LEAVE = "\x1d"  # Ctrl-]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*args):
    """tools/run.py as a user starts it."""
    return Terminal(
        sys.executable, ROOT / "tools" / "run.py", "--no-build", "--forward",
        f"{free_port()}:80", *args,
    )  # fmt: skip


@pytest.fixture
def pty():
    """The terminal of a running board."""
    with run("--pty") as board:
        text = board.read_until(": make repl talks to it", 40)
        yield re.search(r"Its serial port is (/dev/[^:]+):", text)[1]
        board.process.send_signal(signal.SIGINT)
        assert board.process.wait(10) == 130


@pytest.fixture
def tcp():
    """The name that mpremote has for a running board."""
    port = free_port()
    with run("--tcp", port) as board:
        board.read_until(f"mpremote connect socket://127.0.0.1:{port}", 40)
        yield f"socket://127.0.0.1:{port}"


def test_make_repl_attaches(pty):
    repl = (sys.executable, ROOT / "tools" / "repl.py")
    with Terminal(*repl) as terminal:
        terminal.read_until("Enter shows the prompt")
        terminal.read_until("exit this shell")
        terminal.press_enter(PROMPT)
        terminal.type("left = 6 * 7\r")
        terminal.read_until(PROMPT)
        terminal.type(LEAVE)
        assert terminal.process.wait(10) == 0
    # Joining does not reset the board.
    with Terminal(*repl, "eval", "left") as terminal:
        terminal.read_until("42")
        assert terminal.process.wait(10) == 0


def test_ctrl_c_and_soft_reset_at_the_prompt(pty):
    with Terminal(*MPREMOTE, "connect", pty, "resume", "repl") as terminal:
        terminal.press_enter(PROMPT)
        terminal.type("while True: pass\r\r\x03")
        terminal.read_until("KeyboardInterrupt")
        terminal.read_until(PROMPT)
        terminal.type("\x04")
        terminal.read_until("MPY: soft reboot")
        terminal.read_until(PROMPT)
        terminal.type(LEAVE)
        assert terminal.process.wait(10) == 0


def test_capture_and_injected_code(pty, tmp_path):
    injected, capture = tmp_path / "injected.py", tmp_path / "capture.txt"
    injected.write_text("for i in range(3):\n    print('injected', i * i)\n")
    options = ["--capture", capture, "--inject-code", "print('from', 'Ctrl-J')\\n"]
    options += ["--inject-file", injected, "--escape-non-printable"]
    with Terminal(*MPREMOTE, "connect", pty, "resume", "repl", *options) as terminal:
        terminal.press_enter(PROMPT)
        terminal.type("\n")
        terminal.read_until("\nfrom Ctrl-J")
        terminal.type("\x0b")
        terminal.read_until("injected 4")
        terminal.type("\r")
        terminal.read_until(">>> ")
        terminal.type("print(chr(7))\r")
        terminal.read_until("[07]")
        terminal.type(LEAVE)
        assert terminal.process.wait(10) == 0
    assert "from Ctrl-J" in capture.read_text() and "injected 4" in capture.read_text()


def test_a_mount_at_the_prompt_outlives_a_soft_reset(pty, tmp_path):
    (tmp_path / "hosted.py").write_text("print('host' + 'ed')\n")
    with Terminal(*MPREMOTE, "connect", pty, "mount", tmp_path) as terminal:
        terminal.press_enter(PROMPT)
        terminal.type("import hosted\r")
        terminal.read_until("hosted\r\n")
        terminal.read_until("hosted\r\n")
        terminal.type("\x04")
        terminal.read_until("Remount local directory")
        terminal.read_until(">>> ")
        terminal.type("import hosted\r")
        terminal.read_until("\r\nhosted\r\n")
        terminal.type(LEAVE)
        assert terminal.process.wait(10) == 0


def test_commands_over_tcp(tcp, tmp_path):
    remote = Remote(tcp)
    assert remote("eval", "6*7") == "42\n"
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "hosted.py").write_text("print('on the host')\nleft = 1\n")
    assert remote("run", tmp_path / "hosted.py") == "on the host\n"
    assert remote("resume", "eval", "left") == "1\n"
    remote("cp", tmp_path / "data.bin", ":/data", "+", "cp", ":/data", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == (tmp_path / "data.bin").read_bytes()
    assert "5120 data" in remote("ls", ":/", "+", "soft-reset")
    code = "import hosted; f = open('data.bin', 'rb'); f.seek(-3, 2); print(f.read())\n"
    code += "open('/remote/new.txt', 'w').write('from the board')"
    text = remote("mount", tmp_path, "exec", code)
    assert text.endswith("\non the host\nb'\\xfd\\xfe\\xff'\n"), text
    assert (tmp_path / "new.txt").read_text() == "from the board"
    remote("reset")
    assert remote("resume", "eval", "'left' in globals()") == "False\n"
    assert "ZeroDivisionError" in remote("exec", "1/0", status=1)


def test_a_taken_port_is_one_sentence(tcp):
    port = tcp.rpartition(":")[2]
    command = [sys.executable, ROOT / "tools" / "run.py", "--no-build", "--tcp", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"tcp port {port} of this machine is taken: choose another with --tcp" in done.stderr


def test_without_a_board_make_repl_says_how_to_start_one(tmp_path):
    # A file of a board that ended without a word is no board.
    code = f"import run, repl; run.PTY_FILE = run.Path({str(tmp_path)!r}) / 'run.pty'; "
    code += "run.PTY_FILE.write_text('%d /dev/null'); repl.cli()"
    for pid in (1, 99999999):
        done = subprocess.run(
            [sys.executable, "-c", code % pid], cwd=ROOT / "tools", capture_output=True, text=True
        )
        assert done.returncode == 1
        assert done.stderr == (
            "frostnet: no board is running for mpremote: start one in another terminal, "
            "make run ARGS=--pty\n"
        )
