#!/usr/bin/env python3
# Frostnet: run MicroPython's own tests on the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import json
import os
import re
import subprocess
import sys

import build
import patch_micropython
import setup
from common import BUILD, FIRMWARE, ROOT, VENV, fail, main, say

PROGRAM = os.environ.get("QEMU", "qemu-system-aarch64")
DATA = ROOT / "tests" / "upstream"
RESULTS = BUILD / "upstream"
FOLDERS = ("basics", "extmod", "float", "import", "io", "micropython", "misc", "stress", "unicode")
# What tests open or import, and where they look for it.
FILES = (("import/*", "/"), ("io/data/*", "/data/"), ("unicode/data/*", "/data/"))
TIMEOUT = "60"  # seconds per test
RESULT_LINE = re.compile(r"(pass|FAIL|skip|lrge)\s+(\S+\.py)")


def start_qemu():
    """Boot the board without a network; returns the process and its terminal."""
    qemu = subprocess.Popen(
        [PROGRAM, "-M", "virt", "-cpu", "cortex-a72", "-m", "256M", "-display", "none"]
        + ["-nic", "none", "-monitor", "none", "-semihosting", "-serial", "pty"]
        + ["-kernel", str(FIRMWARE)],
        stdout=subprocess.PIPE,
        text=True,
    )
    match = re.search(r"/dev/pts/\d+", qemu.stdout.readline())
    if not match:
        qemu.kill()
        fail("QEMU did not open a terminal: see its message above")
    return qemu, match[0]


def upload(pty, tests):
    """Copy what run-tests.py leaves on the computer: unittest, and files that tests open."""
    command = [VENV / "bin" / "mpremote", "connect", pty, "mkdir", ":/lib", "+", "mkdir", ":/data"]
    command += ["+", "cp", DATA / "unittest.py", ":/lib/unittest.py"]
    for pattern, target in FILES:
        paths = [p for p in sorted(tests.glob(pattern)) if p.suffix != ".exp"]
        command += ["+", "cp", "-r", *paths, ":" + target]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


def run_tests(tests, pty, arguments):
    """Run run-tests.py; returns {test: "pass" | "FAIL" | "skip" | "lrge"}."""
    env = dict(
        os.environ,
        MICROPY_TEST_TIMEOUT=TIMEOUT,
        MICROPY_MPYCROSS=str(build.MPY_CROSS),
        PYTHONDONTWRITEBYTECODE="1",
    )
    command = [str(VENV / "bin" / "python"), "run-tests.py", "-t", pty, "-r", str(RESULTS)]
    runner = subprocess.Popen(
        [*command, *arguments],
        cwd=tests,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    outcome = {}
    with open(RESULTS / "log", "w") as log:
        for line in runner.stdout:
            log.write(line)
            match = RESULT_LINE.match(line)
            if match:
                outcome[match[2]] = match[1]
                if len(outcome) % 100 == 0:
                    say(f"{len(outcome)} tests")
    if runner.wait() not in (0, 1) or not outcome:
        fail(f"run-tests.py ended early: read {RESULTS / 'log'}")
    return outcome


def judge(outcome, expected, complete):
    """Print the totals; returns True if every test did what is expected of it."""
    failed = {name for name, result in outcome.items() if result == "FAIL"}
    unexpected = sorted(failed - expected.keys())
    cured = sorted(
        name
        for name in expected
        if outcome.get(name) == "pass" or complete and name not in outcome
    )
    count = [sum(result == kind for result in outcome.values()) for kind in ("pass", "FAIL")]
    print(f"{sum(count)} tests performed, {len(outcome) - sum(count)} do not apply")
    known = len(failed & expected.keys())
    print(f"{count[0]} passed, {count[1]} failed, {known} of them expected")
    for name in sorted(failed & expected.keys()):
        print(f"  expected to fail: {name}: {expected[name]}")
    for name in unexpected:
        print(f"  FAILED: {name}")
    for name in cured:
        print(f"  expected to fail, but did not: {name} (take it out of {DATA / 'expected.json'})")
    if unexpected:
        print(f"What the failed tests printed is in {RESULTS}.")
    return not unexpected and not cured


def cli():
    parser = argparse.ArgumentParser(
        description="Run MicroPython's own tests (tests/run-tests.py of its source) on the board "
        "in QEMU. Failures that are known are listed with their reasons in "
        "tests/upstream/expected.json; any other failure, and a known one that is cured, makes "
        "this tool fail."
    )
    parser.add_argument("tests", nargs="*", help="such as basics/int1.py (default: all)")
    parser.add_argument("--no-build", action="store_true", help="test the image that is there")
    parser.add_argument("--via-mpy", action="store_true", help="compile with mpy-cross first")
    args = parser.parse_args()

    setup.ensure("run", "venv")
    if not args.no_build:
        build.build("firmware")
    tests = patch_micropython.patched(build.micropython_dir()) / "tests"
    RESULTS.mkdir(parents=True, exist_ok=True)
    for old in RESULTS.iterdir():
        old.unlink()
    qemu, pty = start_qemu()
    try:
        upload(pty, tests)
        arguments = ["--via-mpy"] * args.via_mpy
        arguments += args.tests or ["-d", *FOLDERS]
        outcome = run_tests(tests, pty, arguments)
    finally:
        qemu.kill()
        qemu.wait()
    expected = json.loads((DATA / "expected.json").read_text())
    if not judge(outcome, expected, complete=not args.tests):
        sys.exit(1)


if __name__ == "__main__":
    main(cli)
