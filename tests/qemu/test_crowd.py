# Frostnet: a thousand connections at once
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

from hostlib.crowd import CODE, Crowd

MANY = 1000
KIB = 1024


@pytest.mark.timeout(240)
def test_a_thousand_connections(boot):
    """All are open at once, all answer, none takes much memory, and that comes back."""
    board = boot()
    board.wait_prompt()
    board.wait_lease()
    board.load()
    board.exec(CODE)
    Crowd(board, 100).close()  # what is kept for the next connections is there now
    before = board.eval("heap()")
    crowd = Crowd(board, MANY)
    assert crowd.open() == MANY
    with_sockets = (board.eval("heap()") - before) / MANY
    alone = (board.eval("without_sockets()") - before) / MANY
    crowd.ask_all()
    assert crowd.open() == MANY
    crowd.close()
    left = board.eval("heap()") - before
    print(f"{with_sockets:.0f} bytes with its socket, {alone:.0f} without; {left} bytes left")
    assert alone < 2 * KIB
    assert with_sockets < 2.5 * KIB
    assert left < 64 * KIB


@pytest.mark.timeout(240)
def test_work_does_not_grow_with_the_number_of_connections(boot):
    """An echo takes as many instructions among 1,000 connections as alone: QEMU's clock counts
    them, 1,000 for a microsecond."""
    board = boot(args=("-icount", "shift=0"))
    board.wait_prompt(60)
    board.wait_lease(60)
    board.exec(CODE)
    board.exec("meet_ourselves(2)", 60)
    board.exec("echoes(100)", 60)
    alone = min(board.eval("echoes(100)", 60) for _ in range(3))
    board.exec(f"meet_ourselves({MANY})", 120)
    assert board.eval("count()") == MANY + 2
    crowded = min(board.eval("echoes(100)", 60) for _ in range(3))
    print(f"{alone * 10} instructions per echo alone, {crowded * 10} in the crowd")
    assert crowded < alone * 1.1
    board.exec("part()", 60)
    assert board.eval("count()") == 0
