# Frostnet: MicroPython's tests that need one board, by its run-tests.py
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import re
import shutil
import subprocess
import sys

from hostlib.board import ROOT

from .internet import CERTIFICATES, HOST, LOADED, Internet
from .stations import Broken, board, unix_program

# A run's name: what it adds to run-tests.py. Native code gets to a board as .mpy files only.
EMITTERS = {
    "bytecode": [],
    "mpy": ["--via-mpy"],
    "native": ["--via-mpy", "--emit", "native"],
}
FOLDERS = ("basics", "extmod", "float", "import", "io", "micropython", "misc", "stress", "unicode")
# What tests open or import, and where they look for it.
FILES = ((("import/*",), ":/"), (("io/data/*", "unicode/data/*"), ":/data"))
MPY_CROSS = ROOT / "build" / "mpy-cross" / "mpy-cross"
STATION = "192.168.77.2"
TIMEOUT = "60"  # seconds per test
_LINE = re.compile(r"^(pass|FAIL|skip|lrge)\s+(\S+\.py)|^(\d+) tests performed")


def follow(command, log, pattern, **kwargs):
    """Run one of MicroPython's runners; yields the match of each line that has one. `log` gets
    all that it prints."""
    runner = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **kwargs,
    )
    try:
        with open(log, "a") as file:
            for line in runner.stdout:
                file.write(line)
                if match := pattern.search(line):
                    yield match
        runner.wait()
    finally:
        runner.kill()
        runner.wait()
        runner.stdout.close()


def run_tests(tests, results, arguments, prefix=(), cwd=None, **env):
    """Run run-tests.py; yields (test, "pass" | "FAIL" | "skip" | "lrge"). `arguments` name the
    tests, relative to `cwd`."""
    command = [*prefix, sys.executable, tests / "run-tests.py", "-r", results, *arguments]
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", MICROPY_TEST_TIMEOUT=TIMEOUT, **env)
    performed = None
    for match in follow(command, results / "log", _LINE, cwd=cwd or tests, env=env):
        performed = match[3]
        if not performed:
            yield match[2], match[1]
    if not performed:
        raise Broken(f"run-tests.py ended early: read {results / 'log'}")


def found(folder, patterns):
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


def language(tests, results, name, chosen=()):
    """The tests that need no network (`chosen`: only these), compiled as `name` says."""
    files = [
        ([p for p in found(tests, patterns) if p.suffix != ".exp"], place)
        for patterns, place in FILES
    ]
    arguments = EMITTERS[name] + (list(chosen) or ["-d", *FOLDERS])
    with board(files=files) as pty:
        yield from run_tests(
            tests, results, ["-t", pty, *arguments], MICROPY_MPYCROSS=str(MPY_CROSS)
        )


def on_internet(tests, results, folder, station, chosen=()):
    """The tests of `folder` (`chosen`: only these of it), on the "board" or the "unix" port, with
    the stand-in for the Internet."""
    # The certificates beside the tests are those of the real sites: the stand-in has its own.
    shutil.copytree(tests / folder, results / folder)
    with Internet(results) as internet:
        internet.certificates(results / folder)
        address = {"address": STATION, "router": HOST}
        arguments = list(chosen) or ["-d", folder]
        common = {
            "prefix": internet.resolving,
            "cwd": results,
            # What CPython finds right is what is expected: it trusts the stand-in.
            "SSL_CERT_FILE": str(CERTIFICATES / "root.pem"),
        }
        if station == "unix":
            program = unix_program(results / "unix", internet.link, **address)
            arguments += ["-j", "1"]  # they share a wire
            yield from run_tests(
                tests, results, arguments, MICROPY_MICROPYTHON=str(program), **common
            )
            return
        files = [([results / folder / name for name in LOADED], ":/")]
        with board(internet.link, **address, prefix=internet.prefix, files=files) as pty:
            yield from run_tests(tests, results, ["-t", pty, *arguments], **common)
