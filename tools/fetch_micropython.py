#!/usr/bin/env python3
# Frostnet: fetch MicroPython's source, Debian's source package, by apt
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import hashlib
import shutil

from common import BUILD, build_lock, fail, main, run, say
from private_apt import AptError, PrivateApt

PACKAGE, VERSION, SUITE = "micropython", "1.25.0+ds-1", "trixie"
SHA256 = {
    "micropython_1.25.0+ds-1.dsc": (
        "8c7c406be88a6f3bc19e694eb0bbc5841112243fdf2b5a296e000d8fdc5f3c34"
    ),
    "micropython_1.25.0+ds.orig.tar.xz": (
        "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
    ),
    "micropython_1.25.0+ds-1.debian.tar.xz": (
        "87cd89f7900c86b963885dabe25acf3e5348815993f1500278ad8f6464465af4"
    ),
}
TREE = BUILD / "micropython"
DOWNLOAD = BUILD / "download"
APT = BUILD / "apt"


def verify():
    """End with an error unless every file of the package is the one that was pinned."""
    for name, expected in SHA256.items():
        path = DOWNLOAD / name
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            fail(f"{path} is not the pinned file (SHA-256 differs): delete build/download, retry")


def fetch():
    """The folder with MicroPython's source, fetched and unpacked if it is not there."""
    stamp = TREE / ".fetched"
    if stamp.exists() and stamp.read_text() == VERSION:
        return TREE
    with build_lock():
        if not all((DOWNLOAD / name).exists() for name in SHA256):
            say(f"fetching the source of {PACKAGE} {VERSION}")
            DOWNLOAD.mkdir(exist_ok=True)
            try:
                apt = PrivateApt(APT, None, SUITE, types="deb-src")
                apt.update()
                apt.download_source(PACKAGE, VERSION, DOWNLOAD)
            except AptError as e:
                fail(f"apt cannot fetch it ({e}): set MICROPY_DIR to a checkout of MicroPython")
        verify()
        shutil.rmtree(TREE, ignore_errors=True)
        dsc = DOWNLOAD / next(n for n in SHA256 if n.endswith(".dsc"))
        run("dpkg-source", "--no-check", "-q", "-x", dsc, TREE)
        stamp.write_text(VERSION)
    return TREE


def cli():
    argparse.ArgumentParser(
        description=f"Fetch Debian's source package {PACKAGE} {VERSION} ({SUITE}) into build/ "
        "through this machine's own Debian mirror, check it, unpack it, and print its path."
    ).parse_args()
    print(fetch())


if __name__ == "__main__":
    main(cli)
