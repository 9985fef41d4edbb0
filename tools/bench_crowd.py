# Frostnet: the benchmark's figures of very many connections
# MIT license; Copyright (c) 2026 The Frostnet authors
"""What the board does with `plan.crowd` connections open. Only the firmware is measured."""

import statistics

import bench
import bench_figures
from hostlib.crowd import CODE, Crowd


def measure(guest, plan, results):
    """Take the figures that are asked for."""
    wanted = [name for name in bench.CROWD if name in results.values]
    if wanted:
        guest.board.exec(CODE)
    for function in (memory, pingpong):
        names = [name for name in wanted if (name == "crowded_pingpong") == (function is pingpong)]
        if not names:
            continue
        try:
            for name, value in function(guest, plan).items():
                results.add(name, guest.name, value)
        except Exception as e:
            results.error(names[0], guest.name, e)
            guest.board.console.recover()


def memory(guest, plan):
    """Connections from the host through a forward; each answers an echo when it is made, and one
    more when all are open."""
    board, n = guest.board, plan.crowd
    # What the stack keeps for the next connections shall be there before.
    Crowd(board, n // 10).close()
    before = board.eval("heap()")
    crowd = Crowd(board, n)
    opened = crowd.open()
    with_socket = (board.eval("heap()") - before) / n
    without = (board.eval("without_sockets()") - before) / n
    crowd.ask_all()
    if not opened == crowd.open() == n:
        raise bench_figures.Wrong(f"{opened} of {n} connections were open")
    crowd.close()
    left = (board.eval("heap()") - before) / 1024
    return {
        "open_connections": opened,
        "idle_connection": without,
        "idle_socket": with_socket - without,
        "crowd_left": left,
    }


def pingpong(guest, plan):
    """An echo's time with the crowd over that without, each the median of the best of several
    rounds in turn: what else the host does makes them only longer. The crowd is the board's own,
    as user networking takes longer too, the more connections it has."""
    best = {}
    for i in range(plan.crowd_rounds):
        for crowd in (False, True) if i % 2 else (True, False):
            if crowd:
                guest.board.exec(f"meet_ourselves({plan.crowd})")
            seconds = statistics.median(bench_figures.tcp_echoes(guest, plan.pingpongs))
            best[crowd] = min(seconds, best.get(crowd, seconds))
            if crowd:
                guest.board.exec("part()")
    return {"crowded_pingpong": best[True] / best[False]}
