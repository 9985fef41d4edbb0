# Frostnet: files of tests/unit on the board
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A board without a card, and modules that are not in its image, from their source."""

import re
from contextlib import contextmanager

from .board import ROOT, Board

_LOAD = """
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


@contextmanager
def bare_board(*helpers):
    """A board with the modules at these paths, such as "tests/unit/ipbench"."""
    with Board(netdev=None) as board:
        board.wait_prompt()
        board.exec(_LOAD)
        for path in helpers:
            _load(board, path)
        yield board


def run_file(board, name, left_out=None):
    """Run the tests of tests/unit/`name`.py; not those whose names `left_out` matches."""
    tests = re.findall(r"^def (test_\w+)\(\):$", _load(board, f"tests/unit/{name}"), re.MULTILINE)
    assert tests
    for test in tests:
        if not left_out or not re.match(left_out, test):
            board.exec(f"gc.collect(); sys.modules[{name!r}].{test}()", timeout=150)
    board.exec(f"del sys.modules[{name!r}]")


def _load(board, path):
    source = (ROOT / f"{path}.py").read_text()
    board.exec(f"load({path.rpartition('/')[2]!r}, {source!r})", 60)
    return source
