# Frostnet: unit tests of the viper functions, on the board's own processor
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The files of tests/unit that hold a viper function equal to its readable twin run on the board
as they are: another code generator made these functions than on the unix port. So does test_vm,
about what the board's interpreter does in a way of its own."""

import re

import pytest

from hostlib.board import ROOT, Board

FILES = (
    "test_fast",
    "test_mailbox",
    "test_tcp_predict",
    "test_tcp_wire",
    "test_virtio_fast",
    "test_vm",
)

# A module that is not in the image, from its source.
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


@pytest.fixture(scope="module")
def bare():
    with Board(netdev=None) as board:
        board.wait_prompt()
        board.exec(LOAD)
        for name in ("simport", "simwire"):
            source = (ROOT / "ports" / "unix" / "modules" / f"{name}.py").read_text()
            board.exec(f"load({name!r}, {source!r})")
        yield board


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", FILES)
def test_viper_functions_equal_their_twins(bare, name):
    source = (ROOT / "tests" / "unit" / f"{name}.py").read_text()
    tests = re.findall(r"^def (test_\w+)\(\):$", source, re.MULTILINE)
    assert tests
    bare.exec(f"load({name!r}, {source!r})")
    for test in tests:
        bare.exec(f"gc.collect(); sys.modules[{name!r}].{test}()", timeout=150)
    bare.exec(f"del sys.modules[{name!r}]")
