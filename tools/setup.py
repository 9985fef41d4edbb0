#!/usr/bin/env python3
# Frostnet: install what the build, the tests and QEMU need
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from common import BUILD, ROOT, VENV, build_lock, fail, main, run, say

REQUIREMENTS = ROOT / "tools" / "requirements.txt"


def command(name):
    return lambda: shutil.which(name) is not None


def anywhere(*patterns):
    return lambda: any(p for pattern in patterns for p in Path("/").glob(pattern))


def python_venv():
    probe = "import venv, ensurepip"
    return subprocess.run([sys.executable, "-c", probe], stderr=subprocess.DEVNULL).returncode == 0


# Debian package: how to see that what we need of it is there.
PACKAGES = {
    "build": {
        "make": command("make"),
        "gcc": command("gcc"),
        "libc6-dev": anywhere("usr/include/stdio.h"),
        "dpkg-dev": command("dpkg-source"),
        "patch": command("patch"),
    },
    "unix": {},
    "firmware": {
        "gcc-aarch64-linux-gnu": command("aarch64-linux-gnu-gcc"),
        "picolibc-aarch64-linux-gnu": anywhere("usr/lib/picolibc/aarch64-linux-gnu"),
    },
    "run": {"qemu-system-arm": command("qemu-system-aarch64")},
    "venv": {"python3-venv": python_venv},
    # Without root these stay out and the tests that need them are skipped.
    "peers": {
        "iproute2": command("ip"),
        "procps": command("sysctl"),
        "debootstrap": command("debootstrap"),
        "dnsmasq-base": command("dnsmasq"),
        "tshark": command("tshark"),
    },
}
OPTIONAL = {"peers"}


def missing_packages(groups):
    return [
        package for group in groups for package, there in PACKAGES[group].items() if not there()
    ]


def install_packages(packages):
    say("installing " + " ".join(packages))
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    # A fresh machine has no package lists, and old lists name packages that are gone.
    lists = any(Path("/var/lib/apt/lists").glob("*_Packages*"))
    if not lists or subprocess.run(install, env=env).returncode:
        run("apt-get", "update", "-q", env=env)
        run(*install, env=env)


def ensure_packages(groups):
    needed = missing_packages(g for g in groups if g not in OPTIONAL)
    wanted = missing_packages(g for g in groups if g in OPTIONAL)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        if needed or wanted:
            install_packages(needed + wanted)
    elif needed:
        fail("these packages are missing: run apt-get install " + " ".join(needed + wanted))


def works(python):
    """Whether an interpreter can install packages."""
    probe = [python, "-c", "import pip"]
    try:
        return subprocess.run(probe, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def ensure_venv():
    stamp = VENV / ".requirements"
    text = REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == text and (VENV / "bin" / "python").exists():
        return
    with build_lock():
        say("making a virtual environment in " + os.path.relpath(VENV))
        if not works(VENV / "bin" / "python"):
            # The interpreter that runs this may be the one that is about to be replaced.
            python = getattr(sys, "_base_executable", sys.executable)
            shutil.rmtree(VENV, ignore_errors=True)
            run(python, "-m", "venv", VENV)
        run(
            VENV / "bin" / "python", "-m", "pip", "install", "--quiet",
            "--disable-pip-version-check", "--require-hashes", "-r", REQUIREMENTS,
        )  # fmt: skip
        stamp.write_text(text)


def ensure(*groups):
    """Install what is missing for these groups of PACKAGES, and say so."""
    ensure_packages(groups)
    if "venv" in groups:
        BUILD.mkdir(exist_ok=True)
        ensure_venv()


def cli():
    parser = argparse.ArgumentParser(
        description="Install the Debian packages that are missing (as root; otherwise name them "
        "and stop), and the Python packages of tools/requirements.txt in build/venv."
    )
    parser.add_argument("group", nargs="*", help="only these: " + ", ".join(PACKAGES))
    groups = parser.parse_args().group or list(PACKAGES)
    for group in groups:
        if group not in PACKAGES:
            parser.error(f"unknown group {group}")
    ensure(*groups)


if __name__ == "__main__":
    main(cli)
