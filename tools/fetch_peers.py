#!/usr/bin/env python3
# Frostnet: find the programs that the tests of packages talk to, or fetch them from Debian
# MIT license; Copyright (c) 2026 The Frostnet authors
"""They are unpacked under build/peers, not installed: some would start a service of their own."""

import argparse
import os
import shutil
import subprocess
from pathlib import Path

import unpacked
from common import BUILD, build_lock, fail, main, say
from private_apt import AptError, PrivateApt, machine_architecture, machine_release

FOLDER = BUILD / "peers"
# Program: where it is in its package.
PROGRAMS = {
    "busybox": "usr/bin/busybox",
    "chronyd": "usr/sbin/chronyd",
    "dig": "usr/bin/dig",
    "iperf3": "usr/bin/iperf3",
    "mosquitto": "usr/sbin/mosquitto",
    "mosquitto_pub": "usr/bin/mosquitto_pub",
    "mosquitto_sub": "usr/bin/mosquitto_sub",
    "nc.openbsd": "bin/nc.openbsd",
    "telnet": "usr/bin/inetutils-telnet",
    "wrk": "usr/bin/wrk",
}
PACKAGES = (
    "bind9-dnsutils",
    "busybox",
    "chrony",
    "inetutils-telnet",
    "iperf3",
    "mosquitto",
    "mosquitto-clients",
    "netcat-openbsd",
    "wrk",
)


class Unavailable(Exception):
    """The program is not to be had; the text says why."""


def fetch(name):
    """The path of the program of that name in PROGRAMS; if it is neither installed nor fetched,
    all are fetched. Unavailable if that cannot be."""
    # Daemons are in no user's path.
    installed = shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")
    if installed:
        return Path(installed)
    launcher = FOLDER / name
    if not launcher.exists():
        with build_lock():
            if not launcher.exists():
                say(f"fetching {', '.join(PACKAGES)} from Debian")
                _fetch()
    return launcher


def _fetch():
    try:
        apt = PrivateApt(FOLDER / "apt", machine_architecture(), machine_release())
        apt.update()
        unpacked.unpack(apt.download_with_dependencies(*PACKAGES), FOLDER / "root")
        for name, program in PROGRAMS.items():
            before = program.removeprefix("usr/")  # when /bin was not yet /usr/bin
            if (FOLDER / "root" / before).exists():
                program = before
            unpacked.write_launcher(FOLDER / name, FOLDER / "root", program)
    except (AptError, OSError, subprocess.CalledProcessError, unpacked.Strange) as e:
        text = f"{', '.join(PACKAGES)} are not installed, and cannot be fetched from Debian: {e}"
        raise Unavailable(text) from e


def cli():
    parser = argparse.ArgumentParser(
        description="Print the paths of programs that the tests of packages talk to; unless they "
        "are installed, they are fetched into build/peers through this machine's own Debian "
        "mirror."
    )
    parser.add_argument("name", nargs="*", choices=[[], *PROGRAMS], help=", ".join(PROGRAMS))
    try:
        for name in parser.parse_args().name or PROGRAMS:
            print(fetch(name))
    except Unavailable as e:
        fail(f"{e}; the tests do without")


if __name__ == "__main__":
    main(cli)
