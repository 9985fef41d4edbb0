# Frostnet: what the tools share: places, errors, child processes, the build lock
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
VENV = BUILD / "venv"
UNIX = BUILD / "unix" / "micropython"
FIRMWARE = BUILD / "qemu_virt" / "firmware.elf"

# What the pytest plugin and the tools share: QEMU's arguments.
sys.path.insert(1, str(ROOT / "tools" / "pytest_frostnet" / "src"))


def say(text):
    print("frostnet:", text, file=sys.stderr, flush=True)


def fail(text):
    """End the tool with one sentence that says what to do."""
    sys.exit("frostnet: " + text)


def run(*cmd, **kwargs):
    """Run a command; end the tool if it fails (the command has said why)."""
    cmd = [str(word) for word in cmd]
    try:
        return subprocess.run(cmd, check=True, **kwargs)
    except FileNotFoundError:
        fail(f"the command {cmd[0]} is missing: run tools/setup.py")
    except subprocess.CalledProcessError as e:
        fail(f"this command failed with status {e.returncode}: {' '.join(cmd)}")


@contextlib.contextmanager
def build_lock():
    """Only one tool changes build/ at a time; the others wait. Nests within a process."""
    if os.environ.get("FROSTNET_LOCKED") == str(BUILD):
        yield
        return
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / ".lock", "w") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build is running, waiting for it")
            fcntl.flock(f, fcntl.LOCK_EX)
        os.environ["FROSTNET_LOCKED"] = str(BUILD)
        try:
            yield
        finally:
            del os.environ["FROSTNET_LOCKED"]


def main(function):
    """Run a tool's main function; Ctrl-C ends it without a traceback."""
    try:
        sys.exit(function())
    except KeyboardInterrupt:
        sys.exit(130)
