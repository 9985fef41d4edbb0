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

from common import BUILD, ROOT, build_lock, fail, main

EMITTER = ROOT / "ports" / "aarch64"
COPY = BUILD / "micropython-aarch64"
# What is patched, or finds its neighbours by "..": copied. The rest of the tree is linked.
COPIED = ("py", "extmod", "lib/littlefs", "shared", "mpy-cross", "tools", "tests", "ports/unix")
PARTLY = ("", "lib")  # of these the rest is linked
SKIPPED = (".git", ".github", "ports")
IGNORED = shutil.ignore_patterns("build*", "__pycache__")
# How a MicroPython might call an AArch64 emitter of its own.
NAMES = "(?:AARCH64|ARM64|A64|ARMV8A?)"


def own_emitter(tree):
    """(option, -march name) of the AArch64 emitter that the tree brings, None if it has none."""
    found = re.search(rf"\bMICROPY_EMIT_{NAMES}\b", (tree / "py/mpconfig.h").read_text())
    if not found:
        return None
    arch = re.search(
        rf'strcmp\(arch, "({NAMES})"\)', (tree / "mpy-cross/main.c").read_text(), re.I
    )
    if not arch:
        fail(f"{tree} has {found[0]}, but its mpy-cross names no -march for it: use version 1.25")
    return found[0], arch[1]


def origin(tree):
    """The tree that a copy was made from; any other tree itself."""
    link = tree / ".origin"
    return Path(os.readlink(link)) if link.is_symlink() else tree


def fingerprint(tree):
    """A digest of everything that the copy is made from."""
    sha = hashlib.sha256(f"{tree} {sorted(os.listdir(tree))}".encode())
    for path in sorted(EMITTER.rglob("*.*")):
        sha.update(path.name.encode() + path.read_bytes())
    for folder in COPIED:
        for place, folders, files in os.walk(tree / folder):
            folders[:] = sorted(set(folders) - IGNORED(place, folders))
            for name in sorted(files):
                path = os.path.join(place, name)
                stat = os.lstat(path)
                sha.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return sha.hexdigest()


def make_copy(tree):
    shutil.rmtree(COPY, ignore_errors=True)
    for folder in PARTLY:
        (COPY / folder).mkdir(parents=True)
        for entry in (tree / folder).iterdir():
            name = str(Path(folder, entry.name))
            if name not in COPIED + PARTLY + SKIPPED:
                os.symlink(entry, COPY / name)
    for folder in COPIED:
        shutil.copytree(tree / folder, COPY / folder, symlinks=True, ignore=IGNORED)
        for path in (COPY / folder, *(COPY / folder).rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o200)  # a checkout may be read-only
    os.symlink(tree, COPY / ".origin")


def patch_copy(patch, *options):
    return subprocess.run(
        ["patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", *options]
        + ["-i", str(patch)],
        cwd=COPY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def apply(patch):
    """Apply one patch to the copy; name the file that does not take it.

    A patch named *.optional.patch is for versions that take it; the others can do without.
    """
    names = re.findall(r"^\+\+\+ b/(\S+)", patch.read_text(), re.MULTILINE)
    times = {name: (COPY / name).stat().st_mtime_ns for name in names if (COPY / name).exists()}
    optional = patch.name.endswith(".optional.patch")
    if optional and patch_copy(patch, "--dry-run").returncode:
        return
    done = patch_copy(patch)
    if done.returncode:
        shutil.rmtree(COPY)
        fail(
            f"{refused(done.stdout, names)} of this MicroPython does not take {patch.name} of "
            "ports/aarch64/patches: use version 1.25 or 1.26, or adapt the patch"
        )
    # A copy made anew shall not look newer than what was built from the one before.
    for name, before in times.items():
        when = max(before, patch.stat().st_mtime_ns)
        os.utime(COPY / name, ns=(when, when))


def refused(output, names):
    """The file that patch(1) complained about."""
    name = names[0]
    for line in output.splitlines():
        if line.startswith("patching file "):
            name = line[14:].strip("'")
        elif missing := re.match(r"\|\+\+\+ b/(\S+)", line):
            name = missing[1]
        elif "FAILED" in line or "ignored" in line:
            break
    return name


def patched(tree):
    """The tree to build from: `tree` if it can emit AArch64 code, else a copy that can."""
    if own_emitter(tree):
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
