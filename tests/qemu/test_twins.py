# Frostnet: unit tests of the viper functions, on the board's own processor
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The files of tests/unit that hold a viper function equal to its readable twin run on the board
as they are: another code generator made these functions than on the unix port. So does test_vm,
about what the board's interpreter does in a way of its own."""

import pytest

from hostlib.unit import bare_board, run_file

FILES = (
    "test_fast",
    "test_mailbox",
    "test_tcp_predict",
    "test_tcp_wire",
    "test_virtio_fast",
    "test_vm",
)


@pytest.fixture(scope="module")
def bare():
    with bare_board("ports/unix/modules/simport", "ports/unix/modules/simwire") as board:
        yield board


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", FILES)
def test_viper_functions_equal_their_twins(bare, name):
    run_file(bare, name)
