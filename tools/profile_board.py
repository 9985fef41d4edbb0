#!/usr/bin/env python3
# Frostnet: say where the firmware's time goes while it does one of the benchmark's figures
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import bisect
import contextlib
import re
import subprocess
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import bench
from common import main

FIGURES = {
    "udp_pingpong": lambda plan: plan.pingpongs,
    "tcp_pingpong": lambda plan: plan.pingpongs,
    "connections": lambda plan: plan.connections,
    "tcp_receive": lambda plan: plan.bulk / 1460,
    "tcp_send": lambda plan: plan.bulk / 1460,
    "http_requests": lambda plan: plan.http_requests,
    "http_connections": lambda plan: plan.http_requests,
    "tap_receive": lambda plan: plan.bulk / 65536,
    "tap_send": lambda plan: plan.bulk / 65536,
}
HTTP = {"http_requests": "exchanges", "http_connections": "fresh_exchanges"}
IDLE = "board_wait"

# The board counts equal samples, so that few lines cross the serial port.
_START = """
import _port as _p, array as _a, gc as _g
_g.collect()
_b = _a.array("Q", bytes(8 * (1 + 2 * %d)))
_p.profile(_b, %d)
"""
_DUMP = """
_p.profile(None)
def _dump():
    counts = {}
    for i in range(1, 2 * min(_b[0], len(_b) // 2) + 1, 2):
        key = _b[i], _b[i + 1]
        counts[key] = counts.get(key, 0) + 1
    for key, n in counts.items():
        print("%x %x %d" % (key[0], key[1], n))
    print("total %d" % _b[0])
_dump()
"""


class Symbols:
    """Names for addresses in an ELF file; bytecode and native code have symbols of their own."""

    def __init__(self, elf):
        out = subprocess.run(
            ["aarch64-linux-gnu-nm", "-n", elf], capture_output=True, text=True, check=True
        )
        pairs = (line.split() for line in out.stdout.splitlines())
        table = [(int(a), n) for a, _, n in ((int(p[0], 16), *p[1:]) for p in pairs if len(p) == 3)
                 if not n.startswith("$")]  # fmt: skip
        self._addresses = [a for a, _ in table]
        self._names = [n for _, n in table]

    def name(self, address):
        i = bisect.bisect_right(self._addresses, address) - 1
        return self._names[i] if i >= 0 else "?"

    def python(self, address):
        """The name of the Python function whose bytecode or native code is at an address."""
        if not address:
            return "(none)"
        found = re.match(r"fun_data_(.*)", self.name(address))
        return found[1] if found else "(program)"


def measure(guest, figure, plan, period, capacity):
    import bench_figures
    import bench_httpd
    import bench_tap

    if figure in bench.TAP:
        function = bench_tap.function(figure)
    elif figure in HTTP:
        function = getattr(bench_httpd, HTTP[figure])
        function(guest, replace(plan, http_requests=bench_httpd.CLIENTS))  # what is needed once
    else:
        function = getattr(bench_figures, figure)
    board = guest.board
    board.exec(_START % (capacity, period))
    rate = function(guest, plan)
    return rate, board.exec(_DUMP, 60)


def parse_samples(text):
    *lines, total = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
    for line in lines:
        pc, ip, n = line.split()
        yield int(pc, 16), int(ip, 16), int(n)


def table(title, counts, per, rows):
    total = sum(counts.values())
    out = [f"{'µs each':>9}{'share':>8}  {title}"]
    for name, n in counts.most_common(rows):
        out.append(f"{n * per:9.2f}{n / total:8.1%}  {name}")
    return "\n".join(out)


def report(symbols, samples, per, rows):
    python, machine = Counter(), Counter()
    idle = 0
    for pc, ip, n in samples:
        where = symbols.name(pc)
        if where == IDLE:
            idle += n
            continue
        if where.startswith("fun_data_"):
            # Native code: the function is where the program counter is.
            python[symbols.python(pc)] += n
            machine["(native code)"] += n
        else:
            python[symbols.python(ip)] += n
            machine[where] += n
    busy = sum(python.values())
    print(f"busy {busy * per:.1f} µs each, asleep {idle * per:.1f} µs each")
    print(table("Python function, with the C code that it uses", python, per, rows))
    print()
    print(table("C function", machine, per, rows))


def cli():
    parser = argparse.ArgumentParser(
        description="Boot the firmware, do one of the benchmark's figures with it while the timer "
        "interrupt samples what runs, and print how many microseconds each function took for one "
        "ping-pong, connection, request, or 1460 bytes (tap_receive, tap_send: 65536, over a TAP "
        "device)."
    )
    parser.add_argument("figure", nargs="?", choices=FIGURES, default="udp_pingpong")
    parser.add_argument(
        "--instructions",
        action="store_true",
        help="let the board's clock count instructions, 1000 for a microsecond: the same on a "
        "machine that does other things too, but device accesses seem to cost nothing",
    )
    parser.add_argument("--period", type=int, default=37, help="µs between samples (37)")
    parser.add_argument("--samples", type=int, default=40000, help="how many at most (40000)")
    parser.add_argument("--count", type=int, help="how many ping-pongs, connections or bytes")
    parser.add_argument("--rows", type=int, default=40, help="lines per table (40)")
    parser.add_argument("--firmware", type=Path, help="image to boot instead of building it")
    parser.add_argument("--no-build", action="store_true", help="boot the image that is there")
    options = parser.parse_args()
    options.only_linux = False
    bench.prepare(options)
    import bench_guests
    import bench_tap

    plan = bench.Plan()
    plan.http_file = 0
    if options.count:
        plan.pingpongs = plan.connections = plan.bulk = plan.http_requests = options.count
    with tempfile.TemporaryDirectory(prefix="frostnet-profile-") as workdir:
        args = ("-icount", "shift=0") if options.instructions else ()
        with contextlib.ExitStack() as stack:
            net = None
            if options.figure in bench.TAP:
                net = stack.enter_context(bench_tap.Net(workdir))
            guest = bench_guests.FrostnetGuest(workdir, options.firmware, args, net)
            stack.callback(guest.close)
            guest.prepare()
            rate, text = measure(guest, options.figure, plan, options.period, options.samples)
    text = text.replace("\r", "").strip()
    taken = int(text.rsplit(" ", 1)[1])
    kept = min(taken, options.samples)
    # Each sample stands for its share of all the time, also when not all of them fitted.
    per = options.period / FIGURES[options.figure](plan) * taken / kept
    unit = bench.FIGURES.get(options.figure, ("/s",))[0]
    print(f"{options.figure}: {rate:.4g} {unit} while {taken} samples were taken")
    report(Symbols(options.firmware), parse_samples(text), per, options.rows)


if __name__ == "__main__":
    main(cli)
