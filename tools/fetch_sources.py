#!/usr/bin/env python3
# Frostnet: fetch source packages of Debian by apt: MicroPython, Mbed TLS
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import hashlib
import shutil

from common import BUILD, build_lock, fail, main, run, say
from private_apt import AptError, PrivateApt

DOWNLOAD = BUILD / "download"
APT = BUILD / "apt"
SUITE = "trixie"


class Source:
    """A pinned source package: its files (name: SHA-256), and where it is unpacked."""

    def __init__(self, package, version, instead, files):
        self.package = package
        self.version = version
        self.instead = instead  # what to do when it cannot be fetched
        self.files = files
        self.tree = BUILD / package

    def verify(self):
        """End with an error unless every file of the package is the one that was pinned."""
        for name, expected in self.files.items():
            path = DOWNLOAD / name
            if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                fail(
                    f"{path} is not the pinned file (SHA-256 differs): "
                    "delete build/download, retry"
                )

    def fetch(self):
        """The folder with the source, fetched and unpacked if it is not there."""
        stamp = self.tree / ".fetched"
        if stamp.exists() and stamp.read_text() == self.version:
            return self.tree
        with build_lock():
            if not all((DOWNLOAD / name).exists() for name in self.files):
                say(f"fetching the source of {self.package} {self.version}")
                DOWNLOAD.mkdir(exist_ok=True)
                try:
                    apt = PrivateApt(APT, None, SUITE, types="deb-src")
                    apt.update()
                    apt.download_source(self.package, self.version, DOWNLOAD)
                except AptError as e:
                    fail(f"apt cannot fetch {self.package} ({e}): {self.instead}")
            self.verify()
            shutil.rmtree(self.tree, ignore_errors=True)
            dsc = DOWNLOAD / next(n for n in self.files if n.endswith(".dsc"))
            run("dpkg-source", "--no-check", "-q", "-x", dsc, self.tree)
            stamp.write_text(self.version)
        return self.tree


MICROPYTHON = Source(
    "micropython",
    "1.25.0+ds-1",
    "set MICROPY_DIR to a checkout of MicroPython",
    {
        "micropython_1.25.0+ds-1.dsc": (
            "8c7c406be88a6f3bc19e694eb0bbc5841112243fdf2b5a296e000d8fdc5f3c34"
        ),
        "micropython_1.25.0+ds.orig.tar.xz": (
            "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
        ),
        "micropython_1.25.0+ds-1.debian.tar.xz": (
            "87cd89f7900c86b963885dabe25acf3e5348815993f1500278ad8f6464465af4"
        ),
    },
)
MBEDTLS = Source(
    "mbedtls",
    "3.6.6-0.1~deb13u1",
    "set MBEDTLS_DIR to the source of Mbed TLS 3.6, or to nothing for a board without TLS",
    {
        "mbedtls_3.6.6-0.1~deb13u1.dsc": (
            "eb9ed1adbbddcb0d00276fac6fcee0056c64ce01481c2522a16dca75792eb5eb"
        ),
        "mbedtls_3.6.6.orig.tar.bz2": (
            "8fb65fae8dcae5840f793c0a334860a411f884cc537ea290ce1c52bb64ca007a"
        ),
        "mbedtls_3.6.6-0.1~deb13u1.debian.tar.xz": (
            "210466c522eeebc85cf2f76bd5aef935b4ebac465559cc0a84f9e73a8ed6601c"
        ),
    },
)
SOURCES = {source.package: source for source in (MICROPYTHON, MBEDTLS)}


def cli():
    parser = argparse.ArgumentParser(
        description=f"Fetch Debian's source packages ({SUITE}) into build/ through this machine's "
        "own Debian mirror, check and unpack them, and print their paths."
    )
    parser.add_argument(
        "package", nargs="*", choices=[[], *SOURCES], help="only these: " + ", ".join(SOURCES)
    )
    for name in parser.parse_args().package or SOURCES:
        print(SOURCES[name].fetch())


if __name__ == "__main__":
    main(cli)
