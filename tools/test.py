#!/usr/bin/env python3
# Frostnet: set up, build, and run the tests
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import os

import build
import setup
from common import ROOT, VENV, main


def cli():
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        description="Build the unix port and the firmware, then run pytest.",
        epilog="All arguments go to pytest, for example: tests/unit -k arp.",
    )
    _, args = parser.parse_known_args()
    setup.ensure("run", "venv", "peers")
    build.build("unix", "firmware")
    os.chdir(ROOT)
    pytest = str(VENV / "bin" / "pytest")
    os.execv(pytest, [pytest, *args])


if __name__ == "__main__":
    main(cli)
