# Frostnet: the pages that walk a reader through something, as a reader follows them
# MIT license; Copyright (c) 2026 The Frostnet authors

import functools
import os
import re
import subprocess
import sys
import threading
import time

import pytest

from hostlib.board import ROOT
from hostlib.terminal import Terminal
from hostlib.walkthrough import blocks, compare
from pytest_frostnet import machine

DOCS = ROOT / "docs"
FORWARDS = {"8080": 80, "2323": 23, "9000": 9000}
PATIENCE = 90

# QEMU's user networking may send twice what a busy machine is slow to answer.
pytestmark = [pytest.mark.timeout(600), pytest.mark.lossy]


class Reader:
    """Does what a page says, in its order, with free ports in place of those that it names."""

    def __init__(self, boot, folder):
        self._boot = boot
        self._folder = folder
        self._board = None
        self._running = False  # a program of the board that Ctrl-C ends
        self._started = []  # on the host
        self._printed = ""
        self._meanwhile = None
        self._served = {}  # ports of servers on the host, as the board is told them
        self._forwarded = {}  # ports of the board, as programs on the host are told them

    def type(self, line):
        """Type a line at the board's prompt."""
        self._at_prompt().type(line)

    def follow(self, page, most=None):
        """Do what the first `most` blocks of a page say, or all."""
        for block in blocks(page)[:most]:
            self._DO[block.kind](self, block)

    def close(self):
        for process in self._started:
            process.__exit__(None, None, None)

    @staticmethod
    def _with(ports, text):
        for port, ours in ports.items():
            text = re.sub(rf"\b{port}\b", str(ours), text)
        return text

    # -- at the board

    @functools.cached_property
    def _free_board(self):
        board = self._boot(args=machine.fw_cfg("httpd", "string", "on"))
        board.wait_prompt(60)
        board.wait_lease(30)
        self._forwarded.update(
            (port, board.forward("tcp", inner)) for port, inner in FORWARDS.items()
        )
        return board

    def _at_prompt(self):
        board = self._free_board
        if self._running:
            board.interrupt(10)
            self._running = False
        return board

    def _prompt(self, block):
        board = self._at_prompt()
        with self._while_waiting():
            for typed, expected in block.exchanges():
                compare(expected, board.type(self._with(self._served, typed), PATIENCE))

    def _python(self, block):
        board = self._at_prompt()
        code = self._with(self._served, block.text)
        if block.hint.startswith("until "):
            mark = board.console.serial.mark()
            board.start(code)
            board.console.serial.expect(block.hint[6:].encode() + b"\r\n", PATIENCE, mark)
            self._running = True
        else:
            self._printed = board.exec(code, PATIENCE)

    def _look_at(self, block):
        compare(block.text, self._printed)

    # -- on the host

    def _host(self, block):
        code = self._with(self._forwarded, block.text)
        if block.hint == "meanwhile":
            self._meanwhile = code
        else:
            self._printed = self._host_program(code)

    def _host_program(self, code):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _while_waiting(self):
        """Begins, a moment after the block does, what is to happen meanwhile."""
        code, self._meanwhile = self._meanwhile, None
        return _Later(lambda: self._host_program(code)) if code else _Later(None)

    def _shell(self, block):
        for command, expected in block.exchanges("$ "):
            if command == "make run ARGS=--pty":
                tool = [sys.executable, ROOT / "tools" / "run.py", "--no-build", "--pty"]
                terminal = self._start(tool)
                terminal.read_until(b"make repl talks to it.", 60)
            elif command.startswith("make run"):
                assert self._free_board
            elif command.startswith("python3 -m http.server"):
                self.serve(command.split()[-1])
            else:
                compare(expected, self._call(command))

    def serve(self, port):
        """Start a web server on the host, which the board's commands are told in place of
        `port`."""
        server = self._start([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "0"])
        said = server.read_until(b") ...", 60)
        self._served[port] = int(re.search(r"port (\d+)", said)[1])

    def _start(self, command):
        terminal = Terminal([str(word) for word in command], cwd=self._folder)
        self._started.append(terminal)
        return terminal

    def _call(self, command):
        env = dict(os.environ, MAKEFLAGS="", MFLAGS="")
        if command.startswith("make "):
            command = f"make -C {ROOT} --no-print-directory {command[5:]}"
            command = command.replace("program.py", str(self._folder / "program.py"))
        done = subprocess.run(
            command, shell=True, cwd=self._folder, env=env, text=True, timeout=PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    _DO = {
        "prompt": _prompt,
        "python": _python,
        "printed": _look_at,
        "host": _host,
        "sh": _shell,
    }


class _Later:
    """Calls `fn` a second after the `with` block began; its end waits for it."""

    def __init__(self, fn):
        self._thread = fn and threading.Thread(target=self._run, args=(fn,), daemon=True)

    def _run(self, fn):
        time.sleep(1)
        fn()

    def __enter__(self):
        if self._thread:
            self._thread.start()

    def __exit__(self, *exc):
        if self._thread:
            self._thread.join(PATIENCE)


@pytest.fixture
def reader(boot, tmp_path):
    reader = Reader(boot, tmp_path)
    yield reader
    reader.close()


@pytest.mark.parametrize("page", ["tour.md", "afternoon.md"])
def test_walkthrough(page, reader):
    reader.follow(DOCS / page)


def test_commands(reader):
    """The examples of the commands' pages, as far as they need no more than a web server."""
    reader.serve("8000")
    reader.type("import net")
    for name in ("up", "ifconfig", "route", "ping", "nslookup", "traceroute", "netstat", "ss",
                 "tftp"):  # fmt: skip
        reader.follow(DOCS / "commands" / f"{name}.md")


def test_services(reader):
    """The examples at the beginning of the services' pages."""
    reader.type("import net")
    for name in ("tftpd", "inetd", "syslog", "telnetd", "httpd"):
        reader.follow(DOCS / "services" / f"{name}.md", 2 if name == "inetd" else 1)
