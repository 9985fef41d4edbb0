# Frostnet: run the simulator's trials: 2,000 seeds, by the hundred
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import subprocess
import sys

import pytest

from conftest import ROOT

CHUNK = 100
SEEDS = 2000
EXCUSED = 10  # of a hundred trials, those in which the links may explain errors


@pytest.mark.parametrize("first", range(1, SEEDS + 1, CHUNK))
def test_seeds(first, request):
    """Every property of tests/sim/trial.py holds in every trial. What fails says how to see it."""
    command = [sys.executable, "tools/soak.py", "--seed", str(first), "--seeds", str(CHUNK)]
    if request.config.getoption("--source"):
        command.append("--source")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-20000:] + done.stderr
    excused = re.search(r"^(\d+) with errors that their links explain", done.stdout, re.MULTILINE)
    assert int(excused[1]) <= EXCUSED, done.stdout


def test_a_seed_means_the_same_trial_each_time(tmp_path, request):
    captures = []
    for name in ("one", "two"):
        path = tmp_path / name
        command = [sys.executable, "tools/soak.py", "--seed", "7", "--pcap", str(path)]
        if request.config.getoption("--source"):
            command.append("--source")
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
        captures.append(path.read_bytes())
    assert len(captures[0]) > 1000 and captures[0] == captures[1]


def test_a_failure_names_its_seed_and_the_command_that_shows_it():
    command = [sys.executable, "tools/soak.py", "--seed", "7", "--sabotage"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "seed 7" in done.stdout
    assert "python3 tools/soak.py --seed 7 --sabotage --pcap seed-7.pcap" in done.stdout
