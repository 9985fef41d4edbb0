#!/usr/bin/env python3
# Frostnet: fetch the newest QEMU that Debian has, with all that it is linked with
# MIT license; Copyright (c) 2026 The Frostnet authors
"""It is unpacked under build/qemu and started by the C library that comes with it, so nothing is
installed, and a distribution that is older than Debian's unstable does not mind."""

import argparse
import subprocess

import unpacked
from common import BUILD, build_lock, fail, main, say
from private_apt import AptError, PrivateApt, machine_architecture

PACKAGE, SUITE = "qemu-system-arm", "unstable"
FOLDER = BUILD / "qemu"
ROOT = FOLDER / "root"
PROGRAM = FOLDER / "qemu-system-aarch64"

# Where it finds what it loads at run time.
_FOLDERS = '-L "$root/usr/share/qemu" -L "$root/usr/share/seabios" -L "$root/usr/lib/ipxe/qemu"'


class Unavailable(Exception):
    """There is no newer QEMU to be had; the text says why."""


def version(program):
    """What the program says of itself. Unavailable if it does not run here."""
    try:
        command = [str(program), "--version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.splitlines()[0]
    except subprocess.CalledProcessError as e:
        why = (e.stderr.strip().splitlines() or ["status %d" % e.returncode])[-1]
        raise Unavailable(f"Debian's newest QEMU does not run on this machine: {why}") from e
    except (OSError, subprocess.TimeoutExpired, IndexError) as e:
        raise Unavailable(f"Debian's newest QEMU does not run on this machine: {e}") from e


def fetch():
    """The newest QEMU's path; it is fetched if it is not there. Unavailable if it cannot be."""
    with build_lock():
        if not PROGRAM.exists():
            say("fetching the newest QEMU of Debian")
            _unpack(_download())
            try:
                # Last, for it says that all is there.
                unpacked.write_launcher(
                    PROGRAM, ROOT, "usr/bin/qemu-system-aarch64", options=_FOLDERS
                )
            except unpacked.Strange as e:
                raise Unavailable(f"Debian's newest QEMU cannot be started: {e}") from e
    version(PROGRAM)
    return PROGRAM


def _download():
    try:
        apt = PrivateApt(FOLDER / "apt", machine_architecture(), SUITE)
        apt.update()
        return apt.download_with_dependencies(PACKAGE)
    except (AptError, OSError, subprocess.CalledProcessError) as e:
        raise Unavailable(f"Debian's newest QEMU cannot be fetched: {e}") from e


def _unpack(debs):
    unpacked.unpack(debs, ROOT)


def cli():
    argparse.ArgumentParser(
        description=f"Fetch Debian's newest {PACKAGE} ({SUITE}) into build/qemu through this "
        "machine's own Debian mirror, and print its path and version."
    ).parse_args()
    try:
        print(fetch(), version(PROGRAM), sep="\n")
    except Unavailable as e:
        fail(f"{e}; the tests do without")


if __name__ == "__main__":
    main(cli)
