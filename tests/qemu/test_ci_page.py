# Frostnet: what docs/ci.md says of programs as tests
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import re
import subprocess
from pathlib import Path

import pytest

from hostlib import qemu
from hostlib.board import FIRMWARE, ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text()
ROW = re.compile(r"^\| `(.*)` \| (\d+)(?:, .*)? \|$", re.M)

pytestmark = pytest.mark.timeout(120)


def script(seconds):
    """The page's job."""
    text = re.search(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)[1]
    assert "timeout 60 qemu-system-aarch64" in text
    return text.replace("timeout 60 qemu-system-aarch64", f"timeout {seconds} {qemu.PROGRAM}")


def job(folder, seconds=60):
    """The script's status, and what it printed, in `folder` with tests/ below."""
    if not (folder / "firmware.elf").exists():
        os.symlink(FIRMWARE.resolve(), folder / "firmware.elf")
    done = subprocess.run(
        ["sh", "-c", script(seconds)], cwd=folder, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_job_with_every_status_of_the_page(tmp_path):
    rows = ROW.findall(PAGE)
    assert len(rows) == 5
    (tmp_path / "tests").mkdir()
    for i, (program, status) in enumerate(rows):
        if status != "124":
            Path(tmp_path, "tests", f"test_{i}.py").write_text(program + "\n")
    status, printed = job(tmp_path)
    assert status == 1
    assert "done" in printed and "it is too hot" in printed and "AssertionError" in printed
    said = re.findall(r"^tests/test_(\d)\.py: status (\d+)$", printed, re.M)
    assert said == [(str(i), s) for i, (_, s) in enumerate(rows) if s not in ("0", "124")]


def test_a_program_without_an_end(tmp_path):
    ((program, _),) = [row for row in ROW.findall(PAGE) if row[1] == "124"]
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "for_ever.py").write_text(program + "\n")
    status, printed = job(tmp_path, 5)
    assert status == 1 and "tests/for_ever.py: status 124" in printed


def test_a_job_that_passes(tmp_path):
    (tmp_path / "tests").mkdir()
    program = "import network\nassert network.LAN().isconnected()\nprint('connected')\n"
    (tmp_path / "tests" / "connected.py").write_text(program)
    assert job(tmp_path) == (0, "connected\n")
