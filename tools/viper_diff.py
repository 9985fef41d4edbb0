#!/usr/bin/env python3
# Frostnet: differential test of viper code, one emitter against another
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import base64
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import build
import setup
import viper_gen
from common import FIRMWARE, ROOT, UNIX, VENV, fail, main, say

sys.path.insert(0, str(ROOT / "tests"))  # hostlib

BATCH = 50
UNIX_COMMAND = [UNIX, "-X", "heapsize=64M"]
TIMEOUT = 120.0  # seconds per script
# Bytes of code: below and above where the emitter changes to far branches, and beyond 1 MiB.
LONG = (300_000, 700_000, 1_200_000)

_UNPACK = """\
import binascii, deflate, io
with open("{}", "wb") as f:
    f.write(deflate.DeflateIO(io.BytesIO(binascii.a2b_base64("{}")), deflate.ZLIB).read())
"""


class Command:
    """A MicroPython on this computer: a command that runs a script."""

    def __init__(self, command):
        self.command = command

    def run(self, source):
        """What the script printed, and how it ended if that was early."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "script.py"
            path.write_text(source)
            return self._output([*self.command, path])

    def run_mpy(self, folder, module):
        return self._output([*self.command, "-c", f"import {module}"], MICROPYPATH=folder)

    def _output(self, command, **env):
        try:
            done = subprocess.run(
                [str(word) for word in command],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT,
                env=os.environ | {name: str(value) for name, value in env.items()},
            )
        except subprocess.TimeoutExpired:
            return f"no end in {TIMEOUT:g} s"
        status = f"\nstatus {done.returncode}" if done.returncode else ""
        return done.stdout.decode(errors="replace") + status

    def close(self):
        pass


class OnBoard:
    """The firmware in QEMU, booted at the first use and again after a crash."""

    def __init__(self, firmware=FIRMWARE, board=None):
        self.firmware = firmware
        self.board = board

    def _board(self):
        from hostlib.board import Board

        if self.board is None:
            self.board = Board(netdev=None, memory="512M", firmware=self.firmware)
            self.board.wait_prompt()
        return self.board

    def run(self, source):
        from hostlib.console import ConsoleTimeout, ExecError, TransportError

        board = self._board()
        try:
            return board.exec(source, TIMEOUT)
        except ExecError as e:
            return (e.status_code + e.error_output.encode()).decode(errors="replace")
        except (ConsoleTimeout, TransportError, OSError) as e:
            log = board.log()[-1000:]
            self.close()
            return f"{e}\n{log}"

    def run_mpy(self, folder, module):
        # Packed: a megabyte in mpremote's way takes a minute.
        data = zlib.compress((folder / f"{module}.mpy").read_bytes(), wbits=10)
        text = base64.b64encode(data).decode()
        problem = self.run(_UNPACK.format(f"/{module}.mpy", text))
        if problem:
            return problem
        return self.run(f"import sys\nsys.modules.pop('{module}', None)\nimport {module}")

    def close(self):
        if self.board is not None:
            self.board.close()
            self.board = None


def by_number(output):
    """The lines that functions printed, by their number."""
    return {int(m[1]): m[0] for m in re.finditer(r"^(\d+) .+$", output, re.MULTILINE)}


def batch_source(functions):
    return viper_gen.PRELUDE + "".join(f.source(i) for i, f in enumerate(functions))


class Mismatch(Exception):
    """Two emitters disagree; the text is for people."""


class Differ:
    """Compares what `test` makes of functions with what `reference` makes of them."""

    def __init__(self, reference, test):
        self.sides = (reference, test)

    def compare(self, seeds):
        """Run the functions of all seeds; raises Mismatch, with a small function that differs."""
        seeds = list(seeds)
        for start in range(0, len(seeds), BATCH):
            functions = [viper_gen.Function(seed) for seed in seeds[start : start + BATCH]]
            outputs = [side.run(batch_source(functions)) for side in self.sides]
            lines = [by_number(output) for output in outputs]
            for i, function in enumerate(functions):
                if i not in lines[0]:
                    raise Mismatch(f"the reference gave up: {outputs[0][-1000:]}")
                if lines[0][i] != lines[1].get(i):
                    raise Mismatch(self._report(function, outputs[1]))

    def _report(self, function, output):
        text = f"seed {function.seed} differs"
        if not self.differs(function):
            return f"{text}, but not alone; the output of its batch ends:\n{output[-2000:]}"
        self.shrink(function)
        want, got = (side.run(batch_source([function]))[-1000:] for side in self.sides)
        return f"{text}; want: {want}\ngot: {got}\n{batch_source([function])}"

    def differs(self, function):
        """True if this function alone gives other results."""
        want, got = (by_number(side.run(batch_source([function]))) for side in self.sides)
        return 0 in want and want != got

    def shrink(self, function):
        """Drop statements, or the heads around them, while the function still differs."""
        while any(self._drop_one(function, where) for where in lists_in(function.body)):
            pass

    def _drop_one(self, function, where):
        for i, part in enumerate(where):
            inner = [] if isinstance(part, str) else [s for _, body in part for s in body]
            for replacement in ([], inner) if inner else ([],):
                where[i : i + 1] = replacement
                if self.differs(function):
                    return True
                where[i : i + len(replacement)] = [part]
        return False


def lists_in(statements):
    """All lists of statements in a tree, the outermost first."""
    yield statements
    for part in statements:
        for _, body in () if isinstance(part, str) else part:
            yield from lists_in(body)


def compile_mpy(source, mpy):
    """Compile for the architecture that the folder of `mpy` is named after."""
    arch = mpy.parent.name
    mpy.parent.mkdir(exist_ok=True)
    command = [build.MPY_CROSS, "-X", "heapsize=512M", f"-march={arch}", "-msmall-int-bits=63"]
    done = subprocess.run([*command, "-o", mpy, source], capture_output=True, text=True)
    if done.returncode:
        fail(f"mpy-cross does not compile {source}: {done.stderr[-500:]}")
    return mpy.stat().st_size


def compare_long(reference, test, seed, size):
    """Compare one function of at least `size` bytes of code, compiled by mpy-cross."""
    statements = 100
    with tempfile.TemporaryDirectory() as name:
        source, folders = (
            Path(name) / "long.py",
            [Path(name) / arch for arch in ("x64", "aarch64")],
        )
        while True:
            source.write_text(batch_source([viper_gen.Function(seed, statements)]))
            lengths = [compile_mpy(source, folder / "long.mpy") for folder in folders]
            if min(lengths) >= size:
                break
            statements = statements * size // min(lengths) + 50
        outputs = [
            side.run_mpy(folder, "long")
            for side, folder in zip((reference, test), folders, strict=True)
        ]
    lines = [by_number(output) for output in outputs]
    if 0 not in lines[0]:
        raise Mismatch(f"seed {seed}: the reference gave up: {outputs[0][-1000:]}")
    if lines[0] != lines[1]:
        raise Mismatch(
            f"seed {seed} with {statements} statements differs; want {lines[0][0]}\n"
            f"got: {outputs[1][-2000:]}"
        )
    return statements


def parse():
    parser = argparse.ArgumentParser(
        description="Make viper functions at random, run them on the unix port and on the board "
        "(in QEMU), and compare their results and the memory that they wrote. What differs is "
        "shrunk to a small function and printed with its seed."
    )
    parser.add_argument("--seed", type=int, help="of the first function (default: by chance)")
    parser.add_argument("--count", type=int, default=1000, help="how many functions")
    parser.add_argument("--long", action="store_true", help="few, but up to 1.2 MB of code")
    parser.add_argument("--reference", help="the command to trust instead of build/unix's")
    parser.add_argument("--test", help="a command to test instead of the board")
    parser.add_argument("--show", action="store_true", help="only print the functions")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.randrange(1 << 32)
    return options


def cli():
    options = parse()
    seeds = range(options.seed, options.seed + options.count)
    if options.show:
        print(batch_source(map(viper_gen.Function, seeds)))
        return 0
    setup.ensure("run", "venv")
    if Path(sys.prefix) != VENV:
        # mpremote lives there.
        os.execv(VENV / "bin" / "python", [VENV / "bin" / "python", *sys.argv])
    for path in (UNIX, FIRMWARE):
        if not path.exists():
            fail(f"{path} is missing: run make unix firmware")
    reference = Command(shlex.split(options.reference) if options.reference else UNIX_COMMAND)
    test = Command(shlex.split(options.test)) if options.test else OnBoard()
    say(f"viper functions from seed {options.seed}")
    try:
        if options.long:
            for size in LONG:
                count = compare_long(reference, test, options.seed, size)
                print(f"a function of {count} statements, over {size} bytes, agrees")
        else:
            Differ(reference, test).compare(seeds)
            print(f"{len(seeds)} functions agree")
    except Mismatch as e:
        print(e)
        return 1
    finally:
        test.close()
    return 0


if __name__ == "__main__":
    main(cli)
