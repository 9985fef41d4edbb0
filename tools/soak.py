#!/usr/bin/env python3
# Frostnet: run the simulator's trials, each drawn from a seed
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import errno
import os
import re
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from common import ROOT, UNIX, fail, main

_CHUNK = 25  # seeds in one process
_TIMEOUT = 300  # s for one process: a trial that does not end is a failure too


def cli():
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        description="Run trials of TCP/IP stacks on a virtual wire, in virtual time.",
        epilog="A trial is drawn from its seed: links, hosts, connections, what they do. What "
        "must hold in each is in tests/sim/trial.py.",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the first seed (default: 1)")
    parser.add_argument(
        "--seeds",
        type=int,
        metavar="COUNT",
        help="how many (default: 1 with --seed, else 2000)",
    )
    parser.add_argument("--pcap", metavar="FILE", help="write the frames of the last trial there")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="processes (default: %(default)s)"
    )
    parser.add_argument("--source", action="store_true", help="test lib/ and not what is frozen")
    parser.add_argument(
        "--sabotage", action="store_true", help="lose a byte, to see what a failure looks like"
    )
    args = parser.parse_args()
    if not UNIX.exists():
        fail("build/unix/micropython is missing: run make unix")
    count = args.seeds or (1 if args.seed else 2000)
    begin = time.monotonic()
    failed, excused = soak(args, args.seed or 1, count)
    seconds = time.monotonic() - begin
    print(f"{count} seeds, {len(failed)} failed, {seconds:.1f} s")
    trials = len({seed for seed, _ in excused})
    kinds = Counter(what for _, what in excused)
    names = ", ".join(f"{what} in {n}" for what, n in sorted(kinds.items()))
    print(f"{trials} with errors that their links explain" + (f": {names}" if names else ""))
    for seed in failed:
        flags = "".join(f" --{name}" for name in ("source", "sabotage") if getattr(args, name))
        print(f"replay: python3 tools/soak.py --seed {seed}{flags} --pcap seed-{seed}.pcap")
    return 1 if failed else 0


def soak(args, first, count):
    chunks = [(n, min(_CHUNK, first + count - n)) for n in range(first, first + count, _CHUNK)]
    failed, excused = [], []
    with ThreadPoolExecutor(max(1, args.jobs)) as pool:
        for bad, explained in pool.map(lambda chunk: run(args, *chunk), chunks):
            failed += bad
            excused += explained
    return failed, excused


def run(args, first, count):
    """Run some trials in one process and print why they failed.

    Returns the seeds that did, and [(seed, errno's name or "idle")] of what was excused.
    """
    folders = ["tests/sim"]
    if args.source:
        folders += ["lib", "firmware", "ports/unix/modules"]
    path = ":".join([*(str(ROOT / folder) for folder in folders), ".frozen"])
    command = [
        str(UNIX), "-X", "heapsize=32M", "tests/sim/run.py", str(first), str(count),
        os.path.abspath(args.pcap) if args.pcap else "", "sabotage" if args.sabotage else "",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(os.environ, MICROPYPATH=path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    begun = [int(seed) for seed in re.findall(r"^BEGIN (\d+)$", output, re.MULTILINE)]
    failed = [int(seed) for seed in re.findall(r"^FAIL (\d+):", output, re.MULTILINE)]
    if process.returncode or not re.search(r"^OK \d+$", output, re.MULTILINE):
        # The process itself ended, or did not: in the trial that it began last.
        failed += [begun[-1] if begun else first]
    for seed in failed:
        print(f"seed {seed} failed:")
        found = re.search(rf"^BEGIN {seed}\n(.*?)(?=^BEGIN |^OK |\Z)", output, re.M | re.S)
        print(found[1] if found else output, flush=True)
    excused = re.findall(r"^EXCUSED (\d+): (\w+) \d+$", output, re.MULTILINE)
    return failed, [
        (seed, errno.errorcode[int(what)] if what.isdigit() else what) for seed, what in excused
    ]


if __name__ == "__main__":
    main(cli)
