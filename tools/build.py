#!/usr/bin/env python3
# Frostnet: build the firmware, the unix port and mpy-cross
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import fetch_sources
import pack_pages
import patch_micropython
import setup
from common import BUILD, FIRMWARE, ROOT, UNIX, build_lock, fail, main, run, say

MIN_VERSION = (1, 25)
MPY_CROSS = BUILD / "mpy-cross" / "mpy-cross"
TLS_OPTIONS = ROOT / "ports" / "mbedtls" / "mbedtls_config_port.h"
# Folders whose Python files the manifests freeze.
FROZEN = ("lib", "firmware", "ports/unix/modules")
# How the board's libraries are compiled.
CROSS = (
    "CROSS_COMPILE=aarch64-linux-gnu-",
    "PORT_CFLAGS=--specs=picolibc.specs -march=armv8-a -fno-pie -fno-stack-protector "
    + " ".join(f"-ffixed-d{n}" for n in range(8, 16)),
)
# What "clean" keeps: downloads and the tools' own environment.
KEEP = {
    ".lock",
    "apt",
    "chromium",
    "debian",
    "download",
    "linux",
    "mbedtls",
    "micropython",
    "packages",
    "peers",
}
KEEP |= {"qemu", "venv"}


def freeze_dir():
    """The folder of $FREEZE, whose modules and packages are frozen too; None without it."""
    name = os.environ.get("FREEZE")
    if not name:
        return None
    folder = Path(name).resolve()
    if not any(folder.rglob("*.py")):
        fail(f"FREEZE={name} is no folder with .py files: name the one that holds your modules")
    return folder


def micropython_dir():
    """The MicroPython source tree: $MICROPY_DIR, or Debian's source package under build/."""
    override = os.environ.get("MICROPY_DIR")
    tree = Path(override).resolve() if override else fetch_sources.MICROPYTHON.fetch()
    try:
        text = (tree / "py" / "mpconfig.h").read_text()
        version = tuple(
            int(re.search(rf"define MICROPY_VERSION_{part}\s+(\d+)", text)[1])
            for part in ("MAJOR", "MINOR")
        )
    except (OSError, TypeError):
        fail(f"MICROPY_DIR={tree} is not a MicroPython source tree (it has no py/mpconfig.h)")
    if version < MIN_VERSION:
        fail(
            "MICROPY_DIR={} is MicroPython {}.{}: use version {}.{} or later".format(
                tree, *version, *MIN_VERSION
            )
        )
    return tree


def mbedtls_dir():
    """The source of Mbed TLS: $MBEDTLS_DIR, or Debian's source package under build/. None if
    the variable is empty: no TLS."""
    override = os.environ.get("MBEDTLS_DIR")
    if override == "":
        return None
    tree = Path(override).resolve() if override else fetch_sources.MBEDTLS.fetch()
    try:
        text = (tree / "include" / "mbedtls" / "build_info.h").read_text()
        version = re.search(r'VERSION_STRING\s+"(\d+\.\d+)', text)[1]
    except (OSError, TypeError):
        fail(f"MBEDTLS_DIR={tree} is not the source of Mbed TLS (no include/mbedtls/build_info.h)")
    if version != "3.6":
        fail(f"MBEDTLS_DIR={tree} is Mbed TLS {version}: use version 3.6")
    return tree


def library_dir(tree):
    """micropython-lib of the tree, or an empty stand-in when its submodule is not there."""
    lib = tree / "lib" / "micropython-lib"
    if lib.is_dir() and any(lib.iterdir()):
        return lib
    lib = BUILD / "no-micropython-lib"
    lib.mkdir(exist_ok=True)
    (lib / "README.md").touch()
    return lib


def git_version(tree):
    """MICROPY_GIT_TAG and _HASH for the checkout, in the form of MicroPython's own script.

    That script calls "git describe --dirty", which writes the checkout's index."""

    def git(*args):
        command = ["git", "--no-optional-locks", "-C", str(tree), *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    try:
        tag = git("describe", "--tags", "--always", "--match", "v[1-9].*")
        name, dash, rest = tag.partition("-")
        dirty = ".dirty" if git("status", "--porcelain", "--untracked-files=no") else ""
        return {
            "MICROPY_GIT_TAG": name + dash + rest.replace("-", ".") + dirty,
            "MICROPY_GIT_HASH": git("rev-parse", "--short", "HEAD"),
        }
    except (OSError, subprocess.CalledProcessError):
        return {}


def make(tree, folder, *args):
    # A checkout given by MICROPY_DIR must stay as it is.
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", MICROPY_MPYCROSS=str(MPY_CROSS))
    # A source tree without .git is no part of the repository around it.
    env["GIT_CEILING_DIRECTORIES"] = str(tree.parent)
    checkout = patch_micropython.origin(tree)
    if (checkout / ".git").exists():
        env.update(git_version(checkout))
    freeze = freeze_dir()
    if freeze:
        env["FREEZE"] = str(freeze)
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "BUILD", "FROZEN_MANIFEST"):
        env.pop(name, None)
    jobs = os.cpu_count() or 1
    run("make", "-s", "--no-print-directory", f"-j{jobs}", "-C", folder, *args, env=env)


def digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def stamp_changed(path, value):
    """True if the stamp file does not hold the value; then it is written."""
    if path.exists() and path.read_text() == value:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value)
    return True


def prepare(out, tree, *options):
    """Throw away what make could not tell to be stale in the build folder `out`."""
    # Another MicroPython, other compiler flags, or names that come and go with an option.
    texts = [path.read_text() for path in (tree / "py" / "mpconfig.h", *options)]
    source = digest(tree, patch_micropython.origin(tree), *texts)
    if stamp_changed(out / ".source", source):
        shutil.rmtree(out)
        stamp_changed(out / ".source", source)
    # makemanifest.py compares times of the files that it finds: it misses files that are gone,
    # and new options.
    manifests = [ROOT / "manifest.py", *sorted(ROOT.glob("ports/*/manifest.py"))]
    if stamp_changed(out / ".manifest", digest(*(m.read_text() for m in manifests))):
        shutil.rmtree(out / "frozen_mpy", ignore_errors=True)
    folders = [ROOT / folder for folder in FROZEN] + [
        freeze for freeze in [freeze_dir()] if freeze
    ]
    names = sorted(p for folder in folders for p in folder.rglob("*.py"))
    if stamp_changed(out / ".frozen", digest(*names)):
        (out / "frozen_content.c").unlink(missing_ok=True)


def build_mpy_cross(tree):
    out = MPY_CROSS.parent
    prepare(out, tree)
    make(tree, tree / "mpy-cross", f"BUILD={out}", "USER_C_MODULES=")


def build_mbedtls(tree, out, *options):
    """Build Mbed TLS for a port; the options that tell its Makefile so."""
    source = mbedtls_dir()
    if source is None:
        return []
    folder = out / "mbedtls"
    make(
        tree,
        ROOT / "ports" / "mbedtls",
        f"BUILD={folder}",
        f"MICROPY_DIR={tree}",
        f"MBEDTLS_DIR={source}",
        *options,
    )
    return [f"MBEDTLS_DIR={source}", f"MBEDTLS_LIB={folder / 'libmbedtls.a'}"]


def build_unix(tree):
    out = UNIX.parent
    port = ROOT / "ports" / "unix"
    prepare(out, tree, port / "mpconfigvariant.mk", TLS_OPTIONS)
    tls = build_mbedtls(tree, out)
    make(
        tree,
        tree / "ports" / "unix",
        f"BUILD={out}",
        f"VARIANT_DIR={port}",
        f"MPY_LIB_DIR={library_dir(tree)}",
        f"MICROPY_MPYCROSS={MPY_CROSS}",
        *tls,
    )


def build_firmware(tree):
    out = FIRMWARE.parent
    port = ROOT / "ports" / "qemu_virt"
    prepare(out, tree, port / "Makefile", TLS_OPTIONS)
    tls = build_mbedtls(tree, out, *CROSS)
    make(
        tree,
        port,
        f"MICROPY_DIR={tree}",
        f"BUILD={out}",
        f"FROZEN_MANIFEST={ROOT / 'manifest.py'}",
        f"MPY_LIB_DIR={library_dir(tree)}",
        f"MICROPY_MPYCROSS={MPY_CROSS}",
        *tls,
        *native_options(tree),
    )


def native_options(tree):
    """What the firmware's Makefile must know of an AArch64 emitter that the tree brings."""
    own = patch_micropython.own_emitter(tree)
    if not own or tree == patch_micropython.COPY:
        return []
    say(f"this MicroPython brings an AArch64 emitter of its own ({own[0]}), which is used")
    return [f"NATIVE_OPTION={own[0]}", f"NATIVE_ARCH={own[1]}"]


def clean(everything=False):
    for path in BUILD.iterdir() if BUILD.exists() else ():
        if everything and path.name != ".lock" or path.name not in KEEP:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


TARGETS = {"unix": build_unix, "firmware": build_firmware}


def build(*targets):
    """Set up what is missing, then build the targets ("unix", "firmware")."""
    setup.ensure("build", *targets)
    with build_lock():
        pack_pages.pack()
        tree = patch_micropython.patched(micropython_dir())
        build_mpy_cross(tree)
        for target in targets:
            TARGETS[target](tree)


def cli():
    parser = argparse.ArgumentParser(
        description="Build into build/: unix is build/unix/micropython, firmware is "
        "build/qemu_virt/firmware.elf. MicroPython's source is fetched, or taken from "
        "$MICROPY_DIR, which is never written to."
    )
    parser.add_argument("target", nargs="+", choices=[*TARGETS, "clean"])
    parser.add_argument("--all", action="store_true", help="clean: remove downloads as well")
    args = parser.parse_args()
    if "clean" in args.target:
        with build_lock():
            clean(args.all)
    targets = [t for t in TARGETS if t in args.target]
    if targets:
        build(*targets)
        say("built " + " and ".join(targets))


if __name__ == "__main__":
    main(cli)
