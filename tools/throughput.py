#!/usr/bin/env python3
# Frostnet: measure TCP's throughput under loss and its fairness, on the virtual wire
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from common import ROOT, UNIX, fail, main, say

BUFFERS = [128 << n for n in range(9)]
LOSSES = [0, 1, 10, 20, 50, 100, 200, 300]  # thousandths
SEEDS = (1, 2, 3)
# bytes per second that another stack is known to reach, by (buffer, loss)
ANCHOR = {
    (32768, 0): 322944,
    (32768, 10): 219670,
    (32768, 50): 76626,
    (32768, 100): 37774,
    (32768, 300): 1156,
}
FLOWS = 64
RATE = 12500000  # bytes per second: 100 Mbit/s
QUEUE = 1250000  # bytes: what is on the way in one round trip of 100 ms
FAIR = 0.98
PAGE = ROOT / "docs" / "throughput.md"

TEXT = """\
# Throughput under loss

One TCP flow between two stacks on the virtual wire (`ports/unix/modules/simnet.py`), in virtual
time: a round trip of 100 ms, a line without a limit to its rate, frames lost at random in both
directions. Send and receive buffers have the size in the first column. Bytes per second, mean of
{seeds} seeds:

{table}

A buffer of B bytes allows B bytes per round trip and no more: the column without loss shows how
near the stack comes. The figures to reach, from another stack's published run of the same
experiment with 32 KiB: {anchors}.

{flows} flows that share a bottleneck of 100 Mbit/s with a queue of one round trip for
{share_seconds} s, after 20 s to find their shares: Jain's fairness index is {jain:.4f} (1 is an
equal share for each), and together they carry {total:.1f} % of the line's rate.

`python3 tools/throughput.py` measures this again and writes this page.
"""


def cli():
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        description="Measure TCP under loss and its fairness in virtual time; write "
        "docs/throughput.md. Fails where a figure is below what is known of another stack.",
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="processes (default: %(default)s)"
    )
    parser.add_argument("--source", action="store_true", help="measure lib/, not what is frozen")
    parser.add_argument("--quick", action="store_true", help="one seed, and do not write the page")
    args = parser.parse_args()
    if not UNIX.exists():
        fail("build/unix/micropython is missing: run make unix")
    seeds = SEEDS[:1] if args.quick else SEEDS
    share_seconds = 20 if args.quick else 40
    work = [
        ("flow", buffer, loss, seed, seconds(loss))
        for buffer in reversed(BUFFERS)
        for loss in LOSSES
        for seed in (seeds if loss else seeds[:1])
    ]
    work.insert(0, ("share", FLOWS, RATE, QUEUE, 1, share_seconds))
    with ThreadPoolExecutor(max(1, args.jobs)) as pool:
        shares, *rates = pool.map(lambda numbers: measure(args, *numbers), work)
    cells = {}
    for (_, buffer, loss, *_), (rate,) in zip(work[1:], rates, strict=True):
        cells.setdefault((buffer, loss), []).append(rate)
    cells = {key: sum(cell) // len(cell) for key, cell in cells.items()}
    jain = sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))
    page = TEXT.format(
        seeds=len(seeds),
        table=table(cells),
        anchors=", ".join(f"{ANCHOR[key]:,} at {percent(key[1])}" for key in ANCHOR),
        flows=FLOWS,
        share_seconds=share_seconds,
        jain=jain,
        total=100 * sum(shares) / RATE,
    )
    print(page)
    if not args.quick:
        PAGE.write_text(page)
    below = [key for key in ANCHOR if cells[key] < ANCHOR[key]]
    for key in below:
        say(f"{key[0]} bytes, {percent(key[1])}: {cells[key]:,} is below {ANCHOR[key]:,}")
    if jain < FAIR:
        say(f"fairness: {jain:.4f} is below {FAIR}")
    return 1 if below or jain < FAIR else 0


def seconds(loss):
    """How long to measure, in virtual time: where losses decide, they must be many."""
    return 60 if loss < 50 else 200 if loss < 200 else 2000


def percent(loss):
    return f"{loss / 10:g} %"


def table(cells):
    lines = [
        "| buffer | " + " | ".join(percent(loss) for loss in LOSSES) + " |",
        "|---:" * (len(LOSSES) + 1) + "|",
    ]
    for buffer in BUFFERS:
        row = [f"{cells[buffer, loss]:,}" for loss in LOSSES]
        lines.append(f"| {buffer:,} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def command(source, *numbers):
    """Command line and environment of one run of tests/sim/throughput.py."""
    folders = ["lib", "firmware", "ports/unix/modules"] if source else []
    path = ":".join([*(str(ROOT / folder) for folder in folders), ".frozen"])
    script = ROOT / "tests" / "sim" / "throughput.py"
    words = [UNIX, "-X", "heapsize=64M", script, *numbers]
    return [str(word) for word in words], dict(os.environ, MICROPYPATH=path)


def measure(args, *numbers):
    """Bytes per second of each flow of one run."""
    words, env = command(args.source, *numbers)
    done = subprocess.run(
        words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        fail(f"this run failed: {' '.join(words)}\n{done.stdout}")
    return [int(rate) for rate in done.stdout.split()]


if __name__ == "__main__":
    main(cli)
