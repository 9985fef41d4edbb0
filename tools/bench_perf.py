# Frostnet: MicroPython's own benchmarks (tests/perf_bench) on the board, by emitter
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Each benchmark runs as bytecode and compiled to native code; those that are written in viper
run as that, too. All come as .mpy files, and a result that depends on the emitter is an error."""

import re
import subprocess
import tempfile
from pathlib import Path

import bench_linux  # noqa: F401, first: it makes hostlib importable
import build
import patch_micropython
from hostlib.board import Board

# As run-perfbench.py calls it: a CPU of 100 MHz, 100 KiB of memory.
SIZE = (100, 100)
NAMES = """bm_chaos bm_fannkuch bm_fft bm_float bm_hexiom bm_nqueens bm_pidigits bm_wordcount
core_locals core_qstr core_str core_yield_from misc_aes misc_mandel misc_pystone misc_raytrace
viper_call0 viper_call1a viper_call1b viper_call1c viper_call2a viper_call2b""".split()
EMITTERS = ("bytecode", "native", "viper")
DECORATOR = re.compile(r"^@micropython\.(native|viper)$", re.MULTILINE)


def source(folder, name, emitter):
    """The benchmark for one emitter; None if it has none of that kind."""
    text = (folder / f"{name}.py").read_text()
    if emitter == "viper" and "@micropython.viper" not in text:
        return None
    if emitter != "viper":
        text = DECORATOR.sub("", text)
    return f"{text}\n{(folder / 'benchrun.py').read_text()}\nbm_run({SIZE[0]}, {SIZE[1]})\n"


def run(board, workdir, text, emitter):
    """Microseconds of the best of three runs, and the result."""
    script, mpy = workdir / "perf.py", workdir / "perf.mpy"
    script.write_text(text)
    emit = "native" if emitter == "native" else "bytecode"
    command = [build.MPY_CROSS, "-march=aarch64", "-msmall-int-bits=63", "-X", f"emit={emit}"]
    subprocess.run([*command, "-o", mpy, script], check=True)
    board.console.raw()
    board.console.fs_writefile("/perf.mpy", mpy.read_bytes(), chunk_size=4096)
    output = board.exec(
        "import sys, gc; sys.modules.pop('perf', 0); gc.collect(); import perf", 60
    )
    time, _, result = output.split(None, 2)
    return int(time), result


def measure(firmware):
    """({name: {emitter: microseconds}}, errors)"""
    folder = patch_micropython.patched(build.micropython_dir()) / "tests" / "perf_bench"
    times, errors = {}, []
    with tempfile.TemporaryDirectory() as workdir, Board(netdev=None, firmware=firmware) as board:
        board.wait_prompt()
        for name in NAMES:
            times[name], results = {}, set()
            for emitter in EMITTERS:
                text = source(folder, name, emitter)
                if text is None:
                    continue
                try:
                    times[name][emitter], result = run(board, Path(workdir), text, emitter)
                    results.add(result)
                except Exception as e:
                    errors.append(f"{name} as {emitter}: {type(e).__name__}: {e}")
            if len(results) > 1:
                errors.append(f"{name}: the results differ: {results}")
    return times, errors


def table(times):
    """The times in ms, and in how much of bytecode's time each emitter does it."""
    rows = [
        f"{'perf_bench, ms':<20}" + "".join(f"{e:>12}" for e in EMITTERS) + f"{'speed-up':>12}"
    ]
    for name, row in times.items():
        cells = "".join(f"{row[e] / 1000:>12.2f}" if e in row else f"{'-':>12}" for e in EMITTERS)
        best = min(row.values()) if row else 0
        speedup = f"{row['bytecode'] / best:>12.2f}" if "bytecode" in row and best else ""
        rows.append(f"{name:<20}{cells}{speedup}")
    return "\n".join(rows)
