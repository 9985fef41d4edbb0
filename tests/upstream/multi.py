# Frostnet: MicroPython's tests that need two stations, by its run-multitests.py
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import os
import re
import sys

from hostlib.lan import HOST, TAP, Lan

from .single import follow, found
from .stations import Link, Wire, board, unix_program

ADDRESSES = ("192.168.77.2", "192.168.77.3")
# Who serves and who connects. Two boards are alike: the other order is the same.
PAIRS = ("board+board", "board+unix", "unix+board", "board+cpython", "cpython+board")
_LINE = re.compile(r"^(\S+\.py) on .*: (pass|FAIL|skip)$")


def pair(tests, results, name, chosen=()):
    """The tests of multi_net/ (`chosen`: only these) on a pair; yields (test, result)."""
    tls = [(sorted((tests / "multi_net").glob("*.der")), ":/")]
    with Lan(results) as lan, contextlib.ExitStack() as stack:
        # CPython looks for its own address on the way to the Internet.
        lan.ip("route", "add", "default", "dev", TAP)
        ends = iter([Link(lan.netdev)] if "cpython" in name else Wire(results).ends)
        runner = tests / "run-multitests.py"
        old = '"--instance"' in runner.read_text()  # before version 1.27
        stations = []
        for number, kind in enumerate(name.split("+")):
            if kind == "cpython":
                station = "cpython"
            elif kind == "unix":
                program = unix_program(results / "unix", next(ends), ADDRESSES[number])
                station = f"exec:{program}"
            else:
                pty = stack.enter_context(
                    board(next(ends), ADDRESSES[number], HOST, number, lan.prefix, tls)
                )
                station = "pyb:" + pty if old else pty
            stations += ["-i" if old else "-t", station]
        files = sorted(chosen) or [f"multi_net/{p.name}" for p in found(tests, ["multi_net/*.py"])]
        env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", MICROPY_CPYTHON3=sys.executable)
        command = [*lan.prefix, sys.executable, runner, *stations]
        while files:
            for match in follow([*command, *files], results / "log", _LINE, cwd=tests, env=env):
                files.remove(match[1])
                yield match[1], match[2]
            if files:  # the runner does not survive a CPython that ended before it was told
                yield files.pop(0), "FAIL"
