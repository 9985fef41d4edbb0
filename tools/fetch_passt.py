#!/usr/bin/env python3
# Frostnet: find passt, or fetch it from the machine's own Debian
# MIT license; Copyright (c) 2026 The Frostnet authors
"""passt is user networking for QEMU outside of QEMU. It is unpacked under build/passt, not
installed."""

import argparse
import shutil
import subprocess
from pathlib import Path

from common import BUILD, build_lock, fail, main, say
from private_apt import AptError, PrivateApt, machine_architecture, machine_release

FOLDER = BUILD / "passt"
PROGRAM = FOLDER / "root" / "usr" / "bin" / "passt"


class Unavailable(Exception):
    """There is no passt to be had; the text says why."""


def fetch():
    """The path of passt; it is fetched if it is not there. Unavailable if it cannot be."""
    installed = shutil.which("passt")
    if installed:
        return Path(installed)
    with build_lock():
        if not PROGRAM.exists():
            say("fetching passt from Debian")
            _fetch()
    return PROGRAM


def _fetch():
    try:
        apt = PrivateApt(FOLDER / "apt", machine_architecture(), machine_release())
        apt.update()
        deb = apt.download("passt")
        # Under its name only when it is complete.
        new = FOLDER / "new"
        shutil.rmtree(new, ignore_errors=True)
        subprocess.run(["dpkg", "-x", deb, new], check=True, capture_output=True)
        shutil.rmtree(FOLDER / "root", ignore_errors=True)
        new.rename(FOLDER / "root")
    except (AptError, OSError, subprocess.CalledProcessError) as e:
        raise Unavailable(f"passt cannot be fetched: {e}") from e
    if not PROGRAM.exists():
        raise Unavailable("Debian's package passt has no program of that name")


def cli():
    argparse.ArgumentParser(
        description="Print the path of passt; unless it is installed, it is fetched into "
        "build/passt through this machine's own Debian mirror."
    ).parse_args()
    try:
        print(fetch())
    except Unavailable as e:
        fail(f"{e}; the tests do without")


if __name__ == "__main__":
    main(cli)
