# Frostnet: tools/capture.py: what it says to type, what it passes on, and how it ends
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import pty
import re
import signal
import socket
import subprocess
import sys

import pytest

from common import ROOT

TOOL = [sys.executable, ROOT / "tools" / "capture.py"]
CAPTURE = bytes.fromhex("0a0d0d0a") + bytes(range(256)) * 1000


class Tool:
    """The tool, running; `line` is what it says to type, `port` where it listens."""

    def __init__(self, *args, **kw):
        kw.setdefault("stdout", subprocess.PIPE)
        self.process = subprocess.Popen([*TOOL, *args], stderr=subprocess.PIPE, **kw)
        assert b"type this" in self.process.stderr.readline()
        self.line = self.process.stderr.readline().decode().strip()
        self.port = int(re.search(r":(\d+)'", self.line)[1])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 20)

    def end(self, status=0):
        out, err = self.process.communicate(timeout=30)
        assert self.process.returncode == status, err.decode()
        return out, err.decode()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def test_passes_on_what_the_board_sends():
    with Tool() as tool:
        where = f"file='tcp:10.0.2.2:{tool.port}'"
        assert tool.line == f"import net; capture = net.tcpdump({where}, background=True)"
        with tool.connect() as board:
            board.sendall(CAPTURE)
        out, err = tool.end()
        assert out == CAPTURE and f"{len(CAPTURE)} bytes of capture" in err


def test_into_a_file(tmp_path):
    with Tool("-o", tmp_path / "a.pcapng") as tool, tool.connect() as board:
        board.sendall(CAPTURE)
        board.shutdown(socket.SHUT_WR)
        out, _ = tool.end()
    assert not out and (tmp_path / "a.pcapng").read_bytes() == CAPTURE


def test_says_what_was_asked_for():
    args = ["--filter", "host 10.0.2.2 and not 'x'", "--iface", "any", "--count", "5"]
    args += ["--seconds", "2.5", "--snaplen", "96", "--address", "10.9.0.1"]
    with Tool(*args) as tool:
        expected = """import net; capture = net.tcpdump("host 10.0.2.2 and not 'x'", """
        expected += f"file='tcp:10.9.0.1:{tool.port}', iface='any', count=5, seconds=2.5, "
        assert tool.line == expected + "snaplen=96, background=True)"


def test_sends_strangers_away():
    with Tool() as tool:
        with tool.connect() as stranger:
            stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
            stranger.settimeout(20)
            try:
                assert stranger.recv(100) == b""
            except ConnectionResetError:
                pass
        with tool.connect() as board:
            board.sendall(CAPTURE)
        assert tool.end()[0] == CAPTURE


def test_ctrl_c_takes_what_the_board_still_has():
    with Tool() as tool, tool.connect() as board:
        board.sendall(CAPTURE)
        size = 0
        while size < len(CAPTURE):
            size += len(os.read(tool.process.stdout.fileno(), 65536))
        tool.process.send_signal(signal.SIGINT)
        board.settimeout(20)
        assert board.recv(10) == b"", "it says that it wants no more"
        board.sendall(b"the last block")
        board.close()
        out, err = tool.end()
        assert out == b"the last block" and "bytes of capture" in err


def test_when_the_reader_goes_it_ends():
    with Tool() as tool, tool.connect() as board:
        tool.process.stdout.close()
        board.settimeout(20)
        try:
            board.sendall(CAPTURE)
            while board.recv(100):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass
        board.close()
        assert tool.process.wait(30) == 0
        assert "who reads the capture has gone" in tool.process.stderr.read().decode()


def test_a_terminal_gets_no_capture():
    master, slave = pty.openpty()
    try:
        done = subprocess.run(TOOL, stdout=slave, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(master)
        os.close(slave)
    assert done.returncode == 1 and "wireshark -k -i -" in done.stderr


@pytest.mark.parametrize(
    "args, word",
    [
        (["-o", "/no/such/folder/a"], "cannot be written"),
        (["--listen", "x"], "[ADDRESS:]PORT"),
        (["--listen", "127.0.0.1:70000"], "[ADDRESS:]PORT"),
        (["--listen", "192.0.2.1:0"], "cannot listen"),
    ],
)
def test_errors_are_sentences(args, word):
    done = subprocess.run([*TOOL, *args], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2) and word in done.stderr and "Traceback" not in done.stderr
