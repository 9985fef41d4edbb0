#!/usr/bin/env python3
# Frostnet: run MicroPython's own tests on the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import json
import os
import re
import shutil
import subprocess

import build
import patch_micropython
import setup
from common import BUILD, FIRMWARE, ROOT, VENV, fail, main, say

PROGRAM = os.environ.get("QEMU", "qemu-system-aarch64")
DATA = ROOT / "tests" / "upstream"
# A run's name: what it adds to run-tests.py. Native code gets to a board as .mpy files only.
RUNS = {
    "bytecode": [],
    "mpy": ["--via-mpy"],
    "native": ["--via-mpy", "--emit", "native"],
}
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


def run_tests(tests, pty, results, arguments):
    """Run run-tests.py; returns {test: "pass" | "FAIL" | "skip" | "lrge"}."""
    env = dict(
        os.environ,
        MICROPY_TEST_TIMEOUT=TIMEOUT,
        MICROPY_MPYCROSS=str(build.MPY_CROSS),
        PYTHONDONTWRITEBYTECODE="1",
    )
    command = [str(VENV / "bin" / "python"), "run-tests.py", "-t", pty, "-r", str(results)]
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
    with open(results / "log", "w") as log:
        for line in runner.stdout:
            log.write(line)
            match = RESULT_LINE.match(line)
            if match:
                outcome[match[2]] = match[1]
                if len(outcome) % 100 == 0:
                    say(f"{len(outcome)} tests")
    if runner.wait() not in (0, 1) or not outcome:
        fail(f"run-tests.py ended early: read {results / 'log'}")
    return outcome


def judge(name, outcome, complete):
    """Print the totals of a run; returns True if every test did what is expected of it."""
    reasons = json.loads((DATA / "expected.json").read_text())
    expected = reasons["all"] | reasons[name]
    failed = {test for test, result in outcome.items() if result == "FAIL"}
    unexpected = sorted(failed - expected.keys())
    cured = sorted(
        test
        for test in expected
        if outcome.get(test) == "pass" or complete and test not in outcome
    )
    count = [sum(result == kind for result in outcome.values()) for kind in ("pass", "FAIL")]
    print(f"{name}: {sum(count)} tests performed, {len(outcome) - sum(count)} do not apply")
    known = sorted(failed & expected.keys())
    print(f"{count[0]} passed, {count[1]} failed, {len(known)} of them expected")
    for test in known:
        print(f"  expected to fail: {test}: {expected[test]}")
    for test in unexpected:
        print(f"  FAILED: {test}")
    for test in cured:
        print(f"  expected to fail, but did not: {test} (take it out of {DATA / 'expected.json'})")
    if unexpected:
        print(f"What the failed tests printed is in {BUILD / 'upstream' / name}.")
    return not unexpected and not cured


def perform(name, tests, chosen):
    """Boot the board for one run of the chosen tests (none: all); True if it is as expected."""
    say(f"MicroPython's own tests, {name}")
    results = BUILD / "upstream" / name
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    qemu, pty = start_qemu()
    try:
        upload(pty, tests)
        outcome = run_tests(tests, pty, results, RUNS[name] + (chosen or ["-d", *FOLDERS]))
    finally:
        qemu.kill()
        qemu.wait()
    return judge(name, outcome, complete=not chosen)


def cli():
    parser = argparse.ArgumentParser(
        description="Run MicroPython's own tests (tests/run-tests.py of its source) on the board "
        "in QEMU: as bytecode, and compiled to native code; then compare the viper code of "
        "random functions with that of the unix port (tools/viper_diff.py). Failures that are "
        "known are listed with their reasons in tests/upstream/expected.json; any other failure, "
        "and a known one that is cured, makes this tool fail."
    )
    parser.add_argument("tests", nargs="*", help="such as basics/int1.py (default: all)")
    parser.add_argument("--no-build", action="store_true", help="test the image that is there")
    parser.add_argument("--emit", choices=("bytecode", "native"), help="only this run")
    parser.add_argument("--via-mpy", action="store_true", help="bytecode by way of mpy-cross")
    args = parser.parse_args()

    setup.ensure("run", "venv")
    if not args.no_build:
        build.build("firmware", "unix")
    tests = patch_micropython.patched(build.micropython_dir()) / "tests"
    emitters = [args.emit] if args.emit else ["bytecode", "native"]
    names = ["mpy" if args.via_mpy and name == "bytecode" else name for name in emitters]
    good = [perform(name, tests, args.tests) for name in names]
    if not args.tests and not args.emit:
        command = [VENV / "bin" / "python", ROOT / "tools" / "viper_diff.py"]
        for options in (["--count", "3000"], ["--long"]):
            good.append(subprocess.run(command + options).returncode == 0)
    return 0 if all(good) else 1


if __name__ == "__main__":
    main(cli)
