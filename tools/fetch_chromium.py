#!/usr/bin/env python3
# Frostnet: find Chromium without a window, or fetch it from the machine's own Debian
# MIT license; Copyright (c) 2026 The Frostnet authors
"""It is unpacked under build/chromium, not installed. The tests look at the dashboard with it."""

import argparse
import shutil
import subprocess
from pathlib import Path

import unpacked
from common import BUILD, build_lock, fail, main, say
from private_apt import AptError, PrivateApt, machine_architecture, machine_release

FOLDER = BUILD / "chromium"
PROGRAM = FOLDER / "chromium-headless-shell"
ROOT = FOLDER / "root"
# Whatever of these is installed will do.
INSTALLED = ("chromium-headless-shell", "chromium", "google-chrome")
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")
LAUNCHER = """\
#!/bin/sh
folder=$(dirname "$(readlink -f "$0")")
root=$folder/root
FONTCONFIG_FILE=$folder/fonts.conf
LD_LIBRARY_PATH=$(echo "$root"/usr/lib/*-linux-gnu):$(echo "$root"/lib/*-linux-gnu)
export FONTCONFIG_FILE LD_LIBRARY_PATH
exec "$root/usr/lib/chromium/chromium-headless-shell" "$@"
"""
FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{root}/usr/share/fonts</dir><cachedir>{folder}/fonts</cachedir></fontconfig>
"""


class Unavailable(Exception):
    """There is no Chromium to be had; the text says why."""


def fetch():
    """The path of Chromium; it is fetched if it is not there. Unavailable if it cannot be."""
    for name in INSTALLED:
        installed = shutil.which(name)
        if installed:
            return Path(installed)
    with build_lock():
        if not PROGRAM.exists():
            say("fetching Chromium from Debian")
            _fetch()
    return PROGRAM


def _fetch():
    try:
        apt = PrivateApt(FOLDER / "apt", machine_architecture(), machine_release())
        apt.update()
        debs = apt.download_with_dependencies(*PACKAGES)
        # It starts itself again for each page, so it needs this machine's own loader and C
        # library, which are of the same release.
        unpacked.unpack([deb for deb in debs if not deb.name.startswith("libc6_")], ROOT)
        (FOLDER / "fonts.conf").write_text(FONTS.format(root=ROOT, folder=FOLDER))
        new = PROGRAM.with_suffix(".new")
        new.write_text(LAUNCHER)
        new.chmod(0o755)
        new.rename(PROGRAM)  # last, for it says that all is there
    except (AptError, OSError, subprocess.CalledProcessError) as e:
        raise Unavailable(f"Chromium cannot be fetched: {e}") from e


def cli():
    argparse.ArgumentParser(
        description="Print the path of Chromium; unless it is installed, it is fetched into "
        "build/chromium through this machine's own Debian mirror."
    ).parse_args()
    try:
        print(fetch())
    except Unavailable as e:
        fail(f"{e}; the tests do without")


if __name__ == "__main__":
    main(cli)
