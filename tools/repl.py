#!/usr/bin/env python3
# Frostnet: mpremote on the board that runs
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import os

import setup
from common import VENV, fail, main, say
from run import running_pty


def cli():
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        description="Run mpremote on the board that tools/run.py --pty (make run ARGS=--pty) "
        "started.",
        epilog="All arguments go to mpremote, for example: fs ls :/. Without any: its prompt.",
    )
    _, command = parser.parse_known_args()
    pty = running_pty()
    if pty is None:
        fail(
            "no board is running for mpremote: start one in another terminal, make run ARGS=--pty"
        )
    setup.ensure("venv")
    if not command:
        say("Enter shows the prompt")  # mpremote shows none by itself
    # "resume": joining the board must not reset it.
    mpremote = [str(VENV / "bin" / "mpremote"), "connect", pty, "resume"]
    os.execv(mpremote[0], [*mpremote, *command])


if __name__ == "__main__":
    main(cli)
