#!/usr/bin/env python3
# Frostnet: throw changed frames at the stack
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import os
import re
import subprocess
import sys

from common import ROOT, UNIX, fail, main, say

ROUND = 2000  # as in tests/hostile/fuzz.py
FIRST = 1000  # the rounds below are those that were kept
SEEDS = ROOT / "tests" / "hostile" / "fuzz_seeds.txt"
SOURCES = ("lib", "firmware", "ports/unix/modules")


def kept():
    """The numbers of the rounds that are worth playing each time."""
    if not SEEDS.exists():
        return []
    return [int(m[1]) for m in re.finditer(r"^(\d+)", SEEDS.read_text(), re.MULTILINE)]


class Failure(Exception):
    """A round failed; `seed` is its number."""

    def __init__(self, seed, frames, text):
        super().__init__(text)
        self.seed = seed
        self.frames = frames


class Tally:
    """What was reached so far: `counters` {name: count}, `frames`, `found` {seed: new names}."""

    def __init__(self):
        self.counters = {}
        self.frames = 0
        self.found = {}

    def play(self, seed, frames, source=True):
        """Rounds from `seed` on, until that many frames were changed."""
        env = dict(os.environ)
        if source:
            env["MICROPYPATH"] = ":".join([*(str(ROOT / s) for s in SOURCES), ".frozen"])
        command = [
            str(UNIX),
            "-X",
            "heapsize=16M",
            "tests/hostile/fuzz.py",
            str(seed),
            str(frames),
        ]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        tail = []
        failed = (seed, frames)
        with process:
            for line in process.stdout:
                words = line.split()
                if words[:1] == ["round"]:
                    failed = (int(words[1]) + 1, min(frames, ROUND))
                    self._note(int(words[1]), int(words[2]), words[3:])
                elif words[:1] == ["count"]:
                    self.counters[words[1]] = self.counters.get(words[1], 0) + int(words[2])
                elif words[:1] != ["frames"]:
                    if words[:1] == ["failed"]:
                        failed = (int(words[1]), int(words[2]))
                    tail.append(line)
        if process.returncode:
            raise Failure(*failed, "".join(tail)[-4000:] or "MicroPython died\n")

    def _note(self, seed, frames, names):
        self.frames += frames
        new = [name for name in names if name not in self.counters]
        for name in new:
            self.counters[name] = 0
        if new:
            self.found[seed] = new

    def report(self):
        """What drop counters were reached, and how often."""
        drops = {n: c for n, c in self.counters.items() if "drop" in n and c}
        lines = ["%d changed frames" % self.frames]
        lines += ["%9d %s" % (drops[name], name) for name in sorted(drops)]
        known = drop_counters()
        if known:
            missed = sorted(known - set(drops))
            lines.append("reached %d of %d drop counters" % (len(known) - len(missed), len(known)))
            if missed:
                lines.append("not reached: " + " ".join(missed))
        return "\n".join(lines)


def drop_counters():
    """All drop counters of the stack, read from its sources."""
    names = set()
    for path in (ROOT / "lib" / "frostnet").rglob("*.py"):
        names |= set(re.findall(r'^    "(\w+_drop\w*)",', path.read_text(), re.MULTILINE))
    return names


def replay(failure):
    return f"python tools/fuzz.py --frames {failure.frames} --seed {failure.seed}"


def parse():
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        description="Throw changed frames at the stack, in the unix port and in virtual time.",
        epilog=f"A round is {ROUND} frames and depends on its number alone. The rounds in "
        "tests/hostile/fuzz_seeds.txt are played first unless --seed is given.",
    )
    parser.add_argument("--frames", type=int, default=200_000, metavar="N",
                        help="how many (default: %(default)s)")  # fmt: skip
    parser.add_argument("--seed", type=int, metavar="S", help="the first round's number")
    parser.add_argument("--frozen", action="store_true",
                        help="test what is frozen into build/unix/micropython")  # fmt: skip
    parser.add_argument("--keep", action="store_true",
                        help="add the rounds that reached something new to the file")  # fmt: skip
    return parser.parse_args()


def cli():
    options = parse()
    if not UNIX.exists():
        fail("build/unix/micropython is missing: run make unix")
    tally = Tally()
    try:
        seeds = kept() if options.seed is None else []
        for seed in seeds:
            if tally.frames < options.frames:
                tally.play(seed, min(ROUND, options.frames - tally.frames), not options.frozen)
        known = set(tally.found)
        first = FIRST if options.seed is None else options.seed
        if tally.frames < options.frames:
            tally.play(first, options.frames - tally.frames, not options.frozen)
    except Failure as failure:
        print(failure, end="")
        say("replay this with: " + replay(failure))
        return 1
    print(tally.report())
    if options.keep:
        with open(SEEDS, "a") as out:
            for seed, names in tally.found.items():
                if seed not in known and seed not in seeds:
                    print(seed, "#", " ".join(sorted(names)), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main(cli))
