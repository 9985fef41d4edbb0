# Frostnet: the unit tests of sockets, on the board
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The files of tests/unit that hold sockets to their contract run on the board as they are, over
its loopback: clock, scheduler, collector and tokens are others than those of the unix port."""

import pytest

from hostlib.unit import bare_board, run_file

FILES = (
    "test_select",
    "test_socket_contract",
    "test_socket_forgotten",
    "test_socket_options",
    "test_socket_raw",
    "test_socket_tcp",
    "test_socket_udp",
)
MODULES = "ports/unix/modules/"
HELPERS = (MODULES + "simport", MODULES + "simwire", "tests/unit/ipbench", "tests/unit/sockbench")
# How long something takes, and what takes long, is for the unix port.
LEFT_OUT = (
    "test_(1000_connections|a_socket_that_does_not_wait|asking_alone|linger|many_at_once"
    "|memory|nothing|waits|without)"
)


@pytest.fixture(scope="module")
def bare():
    with bare_board(*HELPERS) as board:
        yield board


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", FILES)
def test_contract(bare, name):
    run_file(bare, name, LEFT_OUT)
