# Frostnet: the unit tests of sockets, on the board
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The files of tests/unit that hold sockets to their contract run on the board as they are, over
its loopback: clock, scheduler, collector and tokens are others than those of the unix port."""

import re

import pytest

from hostlib.board import ROOT, Board

FILES = (
    "test_select",
    "test_socket_contract",
    "test_socket_forgotten",
    "test_socket_options",
    "test_socket_raw",
    "test_socket_tcp",
    "test_socket_udp",
)
# How long something takes, and what takes long, is for the unix port.
LEFT_OUT = re.compile(
    "test_(1000_connections|a_socket_that_does_not_wait|asking_alone|linger|many_at_once"
    "|memory|nothing|waits|without)"
)

LOAD = """
import gc, sys
class Module:
    pass
def load(name, source):
    names = {"__name__": name}
    exec(source, names)
    module = Module()
    for key in names:
        setattr(module, key, names[key])
    sys.modules[name] = module
"""
HELPERS = ("ports/unix/modules/simport", "ports/unix/modules/simwire", "tests/unit/ipbench")
HELPERS += ("tests/unit/sockbench",)


def load(board, path):
    source = (ROOT / f"{path}.py").read_text()
    board.exec(f"load({path.rpartition('/')[2]!r}, {source!r})", 60)
    return re.findall(r"^def (test_\w+)\(\):$", source, re.MULTILINE)


@pytest.fixture(scope="module")
def bare():
    with Board(netdev=None) as board:
        board.wait_prompt()
        board.exec(LOAD)
        for path in HELPERS:
            load(board, path)
        yield board


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", FILES)
def test_contract(bare, name):
    tests = load(bare, f"tests/unit/{name}")
    assert tests
    for test in tests:
        if not LEFT_OUT.match(test):
            bare.exec(f"gc.collect(); sys.modules[{name!r}].{test}()", timeout=150)
    bare.exec(f"del sys.modules[{name!r}]")
