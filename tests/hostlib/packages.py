# Frostnet: packages that the board installs, and the programs that they talk to
# MIT license; Copyright (c) 2026 The Frostnet authors

import sys

import pytest

from hostlib.board import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import build
import fetch_packages
import fetch_peers
import mip_index

HOST = "10.0.2.2"


def index(folder):
    """A package index in `folder`, served on 127.0.0.1: all that tools/fetch_packages.py knows.
    A context manager with `.port`; the test fails where a package cannot be had."""
    it = mip_index.Index(folder, build.MPY_CROSS)
    for name in fetch_packages.PACKAGES:
        try:
            it.add_fetched(name)
        except fetch_packages.Unavailable as e:
            pytest.fail(f"{e}; the tests of packages need it once", pytrace=False)
    return mip_index.Server(folder)


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
