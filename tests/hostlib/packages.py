# Frostnet: packages that the board installs, and the programs that they talk to
# MIT license; Copyright (c) 2026 The Frostnet authors

import os
import sys
from pathlib import Path

import pytest

from hostlib.board import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import build
import fetch_packages
import fetch_peers
import mip_index

HOST = "10.0.2.2"
# Modules of micropython-lib that no registry has. The tests use its own where a checkout of
# MicroPython brings it, and else a program that makes the same calls.
_LIBRARY = {
    "ntptime": ("micropython/net/ntptime/ntptime.py", "on_board_ntptime.py"),
    "webrepl": ("micropython/net/webrepl/webrepl.py", "on_board_webrepl.py"),
}


def _library_module(name):
    """The path of the module that stands for micropython-lib's `name`."""
    there, stand_in = _LIBRARY[name]
    override = os.environ.get("MICROPY_DIR")
    if override:
        path = Path(override) / "lib" / "micropython-lib" / there
        if path.exists():
            return path
    return Path(__file__).parent / stand_in


def index(folder, host="127.0.0.1"):
    """A package index in `folder`, served at `host`, with all that tools/fetch_packages.py knows
    and the modules above. A context manager with `.port`; the test fails if a package cannot be
    had."""
    it = mip_index.Index(folder, build.MPY_CROSS)
    for name in fetch_packages.PACKAGES:
        try:
            it.add_fetched(name)
        except fetch_packages.Unavailable as e:
            pytest.fail(f"{e}; the tests of packages need it once", pytrace=False)
    for name in _LIBRARY:
        it.add(name, {f"{name}.py": _library_module(name)})
    return mip_index.Server(folder, host=host)


def program(name):
    """The path of a program of tools/fetch_peers.py; the test is skipped without it."""
    try:
        return fetch_peers.fetch(name)
    except fetch_peers.Unavailable as e:
        pytest.skip(str(e))


def install(board, server, *names, host=HOST, **options):
    """Have mip on the board install packages; what it printed."""
    where = {"index": f"http://{host}:{server.port}", **options}
    said = ", ".join(f"{key}={value!r}" for key, value in where.items())
    out = board.exec("import mip\n" + "".join(f"mip.install({n!r}, {said})\n" for n in names), 60)
    assert out.count("Done") == len(names), out
    return out
