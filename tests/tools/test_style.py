# Frostnet: the code is as ruff would have it
# MIT license; Copyright (c) 2026 The Frostnet authors

import subprocess

import pytest

from common import ROOT, VENV


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=("check", "format"))
def test_ruff_has_nothing_to_say(command):
    ruff = VENV / "bin" / "ruff"
    done = subprocess.run(
        [ruff, *command, "--no-cache", ROOT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout.decode()
