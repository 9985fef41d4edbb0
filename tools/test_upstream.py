#!/usr/bin/env python3
# Frostnet: run MicroPython's own test suites on the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import os
import subprocess
import sys

import build
import patch_micropython
import setup
from common import BUILD, ROOT, VENV, main, say

sys.path.insert(0, str(ROOT / "tests"))

DESCRIPTION = """Run the test suites of MicroPython's source on the board in QEMU, unchanged.
Failures, and tests of the network that do not apply, are known with their reasons in
tests/upstream/expected.json; any other one, and a known one that is cured, makes this tool fail.
At the end stands a table. What the tests printed is in build/upstream/."""

EPILOG = """suites:
  language    tests/run-tests.py without a network: as bytecode, and compiled to native code
  net_hosted  sockets, asyncio and TLS, on the board and on the unix port
  net_inet    the same with a stand-in for the Internet: names, HTTP, TLS with an authority
  multi_net   tests/run-multitests.py: two boards; board and unix port; board and CPython
  serial      tests/serial_test.py, which MicroPython has since January 2026
  mpremote    tools/mpremote/tests
  viper       viper code of random functions, compared with the unix port (tools/viper_diff.py)
Those of the network need root: they make a network namespace."""


def viper():
    """Hold viper code to the unix port's."""
    command = [VENV / "bin" / "python", ROOT / "tools" / "viper_diff.py"]
    runs = (["--count", "3000"], ["--long"])
    return [subprocess.run(command + options).returncode for options in runs] == [0, 0]


def runs_of(suites, args):
    """The runs that were asked for, as (run, tests that were chosen, none: all)."""
    for suite, runs in suites.SUITES.items():
        chosen = [test for test in args.tests if suites.suite_of(test) == suite]
        if suite not in args.suite or args.tests and not chosen:
            continue
        if suite == "language":
            runs = [name for name in ("bytecode", "native") if args.emit in (None, name)]
            if args.via_mpy:
                runs = [run.replace("bytecode", "mpy") for run in runs]
        for run in runs:
            yield run, chosen


def perform(args):
    """Do the runs; True if every test did what is expected of it."""
    from hostlib import lan
    from upstream import results, suites

    tests = patch_micropython.patched(build.micropython_dir()) / "tests"
    done, broken = [], []
    for run, chosen in runs_of(suites, args):
        say(run)
        folder = BUILD / "upstream" / run.replace(" ", "-")
        try:
            if suites.needs_network(run) and (why := lan.missing()):
                raise suites.Broken("it " + why)
            result = suites.perform(tests, run, folder, chosen, progress)
        except suites.Broken as e:
            broken.append(f"{run} did not come to its end: {e}")
            continue
        print("\n".join([run, *result.lines()]), flush=True)
        done.append(result)
    good = viper() if "viper" in args.suite else True
    print("\n".join([*results.table(done), *broken]))
    return good and not broken and all(result.good for result in done)


def progress(count):
    if count % 100 == 0:
        say(f"{count} tests")


def cli():
    every = ("language", "net_hosted", "net_inet", "multi_net", "serial", "mpremote", "viper")
    parser = argparse.ArgumentParser(
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("tests", nargs="*", help="such as basics/int1.py (default: all)")
    parser.add_argument(
        "--suite", action="append", choices=every, help="only this one; may be there repeatedly"
    )
    parser.add_argument("--no-build", action="store_true", help="test the image that is there")
    parser.add_argument("--emit", choices=("bytecode", "native"), help="language, this run only")
    parser.add_argument("--via-mpy", action="store_true", help="bytecode by way of mpy-cross")
    args = parser.parse_args()

    setup.ensure("run", "venv", "peers")
    python = VENV / "bin" / "python"
    if sys.prefix != str(VENV):  # what it takes to talk to a board is there
        os.execv(python, [python, *sys.argv])
    if not args.no_build:
        build.build("firmware", "unix")
    if args.emit or args.via_mpy:
        args.suite = ["language"]
    elif not args.suite:
        args.suite = every[:-1] if args.tests else every
    return 0 if perform(args) else 1


if __name__ == "__main__":
    main(cli)
