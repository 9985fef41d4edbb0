# Frostnet: what MicroPython's tests run on: the board, and the unix port
# MIT license; Copyright (c) 2026 The Frostnet authors

import contextlib
import subprocess
import sys
from pathlib import Path

from hostlib.board import CARD, ROOT, Board

UNIX = ROOT / "build" / "unix" / "micropython"
# unittest, which run-tests.py leaves on the computer.
LIBRARY = Path(__file__).parent / "lib"


class Broken(Exception):
    """A suite did not come to its end; a sentence for the user."""


class Link:
    """An end of a wire: `netdev` is QEMU's name for it, `end` the unix port's. So has
    hostlib.badlink.BadLink."""

    def __init__(self, netdev, end=None):
        self.netdev = netdev
        self.end = end


class Wire:
    """A cable, by UNIX datagrams, between two `ends`, which may come and go."""

    def __init__(self, folder):
        paths = [folder / "a.sock", folder / "b.sock"]
        self.ends = self._link(*paths), self._link(*reversed(paths))

    @staticmethod
    def _link(ours, other):
        netdev = f"dgram,id=n0,local.type=unix,local.path={ours}"
        return Link(netdev + f",remote.type=unix,remote.path={other}", f"unix:{ours}:{other}")


def settings(address, router=None):
    """The settings (docs/settings.md) of a station, as words."""
    words = [f"ip={address}/24"]
    return words + [f"gw={router}", f"dns={router}"] if router else words


@contextlib.contextmanager
def board(link=None, address=None, router=None, number=0, prefix=(), files=()):
    """A board with its serial port on a terminal, which is the value.

    `link` is the end of a wire, `address` and `router` are of the network on it, which is there
    after each soft reset. `number` tells boards on one wire apart. `files` are what upload()
    takes.
    """
    args = ["-semihosting"]
    for word in settings(address, router) if link else ():
        name, _, value = word.partition("=")
        args += ["-fw_cfg", f"name=opt/frostnet/{name},string={value}"]
    netdev = link.netdev if link else None
    card = f"{CARD},mac=52:54:00:12:34:{0x56 + number:02x}"
    with Board(netdev, args=args, prefix=prefix, memory="256M", serial="pty", card=card) as it:
        upload(it.pty, [(LIBRARY.glob("*.py"), ":/lib"), *files])
        yield it.pty


def upload(pty, files):
    """Copy files and folders to the board: pairs (paths on the computer, folder on the board,
    which is made unless it is the root)."""
    commands = []
    for paths, place in files:
        if place != ":/":
            commands += ["+", "fs", "mkdir", place]
        commands += ["+", "fs", "cp", "-r", *paths, place.rstrip("/") + "/"]
    command = [sys.executable, "-m", "mpremote", "connect", pty, *map(str, commands[1:])]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Broken(f"the board does not take the tests' files: {done.stdout.strip()}")


def unix_program(path, link, address, router=None):
    """Write a program to `path` that is MicroPython to run-tests.py and run-multitests.py, and has
    the stack's network: the unix port."""
    words = " ".join((link.end, *settings(address, router)))
    path.write_text(
        "#!/bin/sh\n"
        f"rm -f '{link.end.split(':')[1]}'\n"
        'while [ "$1" = -X ]; do shift 2; done\n'
        'if [ "$1" = -c ]; then program=$2\n'
        "else program=\"exec(open('$1').read())\"; fi\n"
        f"export FROSTNET_LINK='{words}' MICROPYPATH='{LIBRARY}:.frozen'\n"
        f"exec '{UNIX}' -c \"import netup\nnetup.boot()\n$program\"\n"
    )
    path.chmod(0o755)
    return path
