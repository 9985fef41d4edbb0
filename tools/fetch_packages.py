#!/usr/bin/env python3
# Frostnet: fetch MicroPython packages from PyPI, by pip
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The packages that the tests install on the board, each in one pinned version, unchanged."""

import argparse
import os
import shutil
import subprocess
import zipfile

from common import BUILD, VENV, build_lock, fail, main, say

FOLDER = BUILD / "packages"


class Unavailable(Exception):
    """The package is not to be had; the text says why."""


class Package:
    """A version of a project on PyPI. `modules` are the files of it that are for MicroPython,
    `deps` the names of packages that they import, `sha256` is of the archive."""

    def __init__(self, project, version, sha256, modules, deps=()):
        self.project = project
        self.version = version
        self.sha256 = sha256
        self.modules = modules
        self.deps = deps

    def fetch(self):
        """The files as {name on the board: path}; fetched if they are not there. Unavailable
        if they cannot be."""
        folder = FOLDER / f"{self.project}-{self.version}"
        if not folder.exists():
            with build_lock():
                if not folder.exists():
                    say(f"fetching {self.project} {self.version} from PyPI")
                    self._fetch(folder)
        return {name: folder / name for name in self.modules}

    def _fetch(self, folder):
        new = FOLDER / "new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        tree = self._unpack(self._download(new), new)
        missing = [name for name in self.modules if not (tree / name).is_file()]
        if missing:
            raise Unavailable(f"{self.project} {self.version} has no file {missing[0]}")
        tree.rename(folder)
        shutil.rmtree(new)

    # pip checks the archive and unpacks it. Then it would build it, which fails for what was
    # made for MicroPython and is no matter: --no-clean has it leave what it unpacked.
    def _download(self, new):
        requirement = new / "requirements.txt"
        requirement.write_text(f"{self.project}=={self.version} --hash=sha256:{self.sha256}\n")
        python = VENV / "bin" / "python"
        command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-clean", "--no-deps", "--no-build-isolation", "--require-hashes"]
        command += ["--dest", new, "--requirement", requirement]
        try:
            done = subprocess.run(
                command, env={**os.environ, "TMPDIR": str(new)}, capture_output=True, text=True
            )
        except FileNotFoundError as e:
            raise Unavailable("pip is missing: run tools/setup.py") from e
        return (done.stderr.strip().splitlines() or ["pip gives no reason"])[-1]

    def _unpack(self, said, new):
        for wheel in new.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(new / "wheel")
            return new / "wheel"
        first = self.modules[0]
        for found in new.glob(f"pip-*/*/{first}"):
            return found.parents[first.count("/")]
        raise Unavailable(f"{self.project} {self.version} cannot be fetched from PyPI: {said}")


PACKAGES = {
    "microdot": Package(
        "microdot",
        "2.7.0",
        "1e9b7b825372e1ba8ebd4c59b6180e15c71f4b5200ec4bcbf8c9f9b5652db379",
        (
            "microdot/__init__.py",
            "microdot/helpers.py",
            "microdot/microdot.py",
            "microdot/websocket.py",
        ),
    ),
    "uiperf3": Package(
        "uiperf3",
        "0.1.2",
        "93e7c742328334afb14a7005df4bd0d57a0eb9688c2cf3068fb9a8d99568011f",
        ("uiperf3.py",),
    ),
    "umqtt.robust": Package(
        "micropython-umqtt.robust",
        "1.0",
        "22a1b8c8e1128281efb13b3020927d07e33c5b747869da2cd77d37983a9ea002",
        ("umqtt/robust.py",),
        ("umqtt.simple",),
    ),
    "umqtt.robust2": Package(
        "micropython-umqtt.robust2",
        "2.2.0",
        "da3a09a570868d8e4ae6d2fad475230f6f2b130b45711be6873f83b10ebd4a6c",
        ("umqtt/robust2.py",),
        ("umqtt.simple2",),
    ),
    "umqtt.simple": Package(
        "micropython-umqtt.simple",
        "1.3.4",
        "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f",
        ("umqtt/simple.py",),
    ),
    "umqtt.simple2": Package(
        "micropython-umqtt.simple2",
        "2.2.0",
        "48fd4da7701b95986293b06d343fbc564ebe7dfa82f5c8c09364c20df755f0e4",
        ("umqtt/errno.py", "umqtt/simple2.py"),
    ),
    "urequests": Package(
        "micropython-urequests",
        "0.9.1",
        "15ed0132bcff1a84e87049d9d7780ce26df0810fa674aa89d187e17493d6e3c5",
        ("urequests/__init__.py",),
    ),
}


def cli():
    parser = argparse.ArgumentParser(
        description="Fetch the MicroPython packages that the tests use into build/packages, by "
        "pip as it is configured on this machine, and print their files."
    )
    parser.add_argument("name", nargs="*", choices=[[], *PACKAGES], help=", ".join(PACKAGES))
    try:
        for name in parser.parse_args().name or PACKAGES:
            for path in PACKAGES[name].fetch().values():
                print(path)
    except Unavailable as e:
        fail(f"{e}; connect this machine to the network and try again")


if __name__ == "__main__":
    main(cli)
