#!/usr/bin/env python3
# Frostnet: give MicroPython its AArch64 emitter, in a copy under build/
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from common import BUILD, ROOT, build_lock, fail, main, say

EMITTER = ROOT / "ports" / "aarch64"
COPY = BUILD / "micropython-aarch64"
# What is patched, or finds its neighbours by "..": copied. The rest of the tree is linked.
COPIED = ("py", "extmod", "shared", "mpy-cross", "tools", "tests", "ports/unix")
SKIPPED = (".git", ".github", "ports")


def own_emitter(tree):
    """The option that turns on the tree's own AArch64 emitter, None if it has none."""
    found = re.search(r"\bMICROPY_EMIT_(AARCH64|ARM64|A64)\b", (tree / "py/mpconfig.h").read_text())
    return found and found[0]


def fingerprint(tree):
    """A digest of everything that the copy is made from."""
    sha = hashlib.sha256(str(tree).encode())
    for path in sorted(EMITTER.rglob("*.*")):
        sha.update(path.name.encode() + path.read_bytes())
    for folder in COPIED:
        for path in sorted((tree / folder).rglob("*")):
            if path.is_file():
                stat = path.stat()
                sha.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return sha.hexdigest()


def make_copy(tree):
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for entry in tree.iterdir():
        if entry.name not in COPIED and entry.name not in SKIPPED:
            os.symlink(entry, COPY / entry.name)
    for folder in COPIED:
        skip = shutil.ignore_patterns("build*", "__pycache__")
        shutil.copytree(tree / folder, COPY / folder, symlinks=True, ignore=skip)
        for path in (COPY / folder, *(COPY / folder).rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o200)  # a checkout may be read-only


def apply(patch):
    """Apply one patch to the copy; name the file that does not take it."""
    done = subprocess.run(
        ["patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", "-i", str(patch)],
        cwd=COPY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        name = "a file"
        for line in done.stdout.splitlines():
            if line.startswith("patching file "):
                name = line[14:]
            elif "FAILED" in line or "ignored" in line:
                break
        shutil.rmtree(COPY)
        fail(
            f"this MicroPython's {name} does not take {patch.relative_to(ROOT)}: use version 1.25, "
            "or adapt the patch"
        )


def patched(tree):
    """The tree to build from: `tree` if it can emit AArch64 code, else a copy that can."""
    option = own_emitter(tree)
    if option:
        say(f"this MicroPython brings an AArch64 emitter of its own ({option}), which is used")
        return tree
    stamp = COPY / ".patched"
    value = fingerprint(tree)
    if not stamp.exists() or stamp.read_text() != value:
        with build_lock():
            make_copy(tree)
            for path in EMITTER.glob("*.[ch]"):
                shutil.copy2(path, COPY / "py" / path.name)
            for patch in sorted((EMITTER / "patches").glob("*.patch")):
                apply(patch)
            stamp.write_text(value)
    return COPY


def cli():
    parser = argparse.ArgumentParser(
        description="Copy a MicroPython source tree to build/micropython-aarch64, add the AArch64 "
        "emitter of ports/aarch64 and its patches to the copy, and print its path."
    )
    parser.add_argument("tree", type=Path, help="MicroPython's source; it is only read")
    print(patched(parser.parse_args().tree.resolve()))


if __name__ == "__main__":
    main(cli)
