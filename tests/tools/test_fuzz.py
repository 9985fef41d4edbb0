# Frostnet: 200,000 changed frames, and what the fuzzer says when one of them finds something
# MIT license; Copyright (c) 2026 The Frostnet authors

import re
import subprocess
import sys

import pytest

import fuzz
from common import ROOT, UNIX

FRAMES = 200_000

pytestmark = pytest.mark.skipif(not UNIX.exists(), reason="needs build/unix/micropython")


def run(*args, timeout=900):
    command = [sys.executable, ROOT / "tools" / "fuzz.py", *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout + done.stderr


def test_200000_changed_frames():
    # Most layers must have been made to drop something, or the frames are not hostile enough.
    status, output = run("--frames", str(FRAMES))
    assert status == 0, output
    assert int(output.split()[0]) >= FRAMES
    found = re.search(r"reached (\d+) of (\d+) drop counters", output)
    assert int(found[1]) >= 55, output
    print(output)


def test_same_seed_same_frames():
    first, second = run("--frames", "300", "--seed", "9"), run("--frames", "300", "--seed", "9")
    assert first == second and first[0] == 0
    assert run("--frames", "300", "--seed", "10") != first


def test_a_failing_round_names_its_replay(tmp_path, monkeypatch):
    broken = tmp_path / "micropython"
    broken.write_text(
        "#!/bin/sh\necho round $4 2000 ip_drop_ttl\necho failed 8 900 at 00ff\nexit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setattr(fuzz, "UNIX", broken)
    tally = fuzz.Tally()
    with pytest.raises(fuzz.Failure) as failure:
        tally.play(7, 4000)
    assert failure.value.seed == 8 and "failed 8 900 at 00ff" in str(failure.value)
    assert fuzz.replay(failure.value) == "python tools/fuzz.py --frames 900 --seed 8"
    assert tally.found == {7: ["ip_drop_ttl"]}


def test_kept_seeds(tmp_path, monkeypatch):
    seeds = tmp_path / "seeds"
    seeds.write_text("# numbers of rounds\n12 # one\n7\n\n")
    monkeypatch.setattr(fuzz, "SEEDS", seeds)
    assert fuzz.kept() == [12, 7]


def test_drop_counters_are_read_from_the_sources():
    names = fuzz.drop_counters()
    assert {"eth_drop_runt", "ip_drop_ttl", "tcp_drop_window", "dns_drop_mismatch"} <= names
    assert len(names) > 50
