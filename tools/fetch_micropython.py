#!/usr/bin/env python3
# Frostnet: fetch MicroPython's source, Debian's source package, by apt
# MIT license; Copyright (c) 2026 The Frostnet authors

import argparse
import hashlib
import re
import shutil
from pathlib import Path

from common import BUILD, build_lock, fail, main, run, say

PACKAGE, VERSION, SUITE = "micropython", "1.25.0+ds-1", "trixie"
SHA256 = {
    "micropython_1.25.0+ds-1.dsc": (
        "8c7c406be88a6f3bc19e694eb0bbc5841112243fdf2b5a296e000d8fdc5f3c34"
    ),
    "micropython_1.25.0+ds.orig.tar.xz": (
        "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
    ),
    "micropython_1.25.0+ds-1.debian.tar.xz": (
        "87cd89f7900c86b963885dabe25acf3e5348815993f1500278ad8f6464465af4"
    ),
}
TREE = BUILD / "micropython"
DOWNLOAD = BUILD / "download"
APT = BUILD / "apt"

# Options of a source that describe what to take, not how to reach and trust the archive.
_SELECTION = {"types", "suites", "components", "enabled", "uris", "architectures", "arch", "targets"}


def parse_deb822(text):
    """Entries of a .sources file as dicts with lower-case keys; folded lines are kept."""
    for block in re.split(r"\n\s*\n", text):
        entry, key = {}, None
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            if line[:1] in " \t" and key:
                entry[key] += "\n" + line
            elif ":" in line:
                key, value = line.split(":", 1)
                key = key.strip().lower()
                entry[key] = value.strip()
        if entry:
            yield entry


def parse_list(text):
    """Entries of a one-line .list file, in the same form."""
    for line in text.splitlines():
        match = re.match(r"\s*deb(?:-src)?\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)", line)
        if match:
            options, uri, suite, components = match.groups()
            entry = {"types": "deb", "uris": uri, "suites": suite, "components": components}
            for option in (options or "").split():
                key, _, value = option.partition("=")
                entry[key.rstrip("+-").lower()] = value.replace(",", " ")
            yield entry


def machine_sources(etc=Path("/etc/apt")):
    """All entries of this machine's apt configuration."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for path in files:
        if path.is_file() and path.suffix in (".list", ".sources"):
            parse = parse_deb822 if path.suffix == ".sources" else parse_list
            yield from parse(path.read_text())


def debian_source(entries):
    """A deb822 source for SUITE by way of the mirror and keyring of a Debian entry."""
    for entry in entries:
        uri = next(iter(entry.get("uris", "").split()), "")
        enabled = entry.get("enabled", "yes").lower() not in ("no", "false", "0")
        suites = [s for s in entry.get("suites", "").split() if not re.search("-security|/", s)]
        # An archive of Debian itself, not of a vendor.
        debian = re.search(r"/debian/?$", uri) or uri.startswith("mirror")
        if enabled and debian and suites and "main" in entry.get("components", "").split():
            lines = ["Types: deb-src", f"URIs: {uri}", f"Suites: {SUITE}", "Components: main"]
            lines += [f"{k.title()}: {v}" for k, v in entry.items() if k not in _SELECTION]
            return "\n".join(lines) + "\n"
    fail(
        "no Debian mirror is configured in /etc/apt: set MICROPY_DIR to a checkout of MicroPython"
    )


def apt_config():
    """A private apt configuration: the machine's own lists, caches and hooks stay untouched."""
    shutil.rmtree(APT, ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial"):
        (APT / folder).mkdir(parents=True)
    (APT / "debian.sources").write_text(debian_source(machine_sources()))
    config = APT / "apt.conf"
    config.write_text(
        f'Dir::Etc::SourceList "{APT}/debian.sources";\n'
        'Dir::Etc::SourceParts "-";\n'
        f'Dir::State "{APT}";\n'
        f'Dir::State::Lists "{APT}/lists";\n'
        f'Dir::Cache "{APT}/cache";\n'
        'APT::Sandbox::User "root";\n'
        'APT::Update::Error-Mode "any";\n'
        'Acquire::Retries "3";\n'
        "#clear APT::Update::Pre-Invoke;\n"
        "#clear APT::Update::Post-Invoke;\n"
        "#clear APT::Update::Post-Invoke-Success;\n"
    )
    return config


def verify():
    """End with an error unless every file of the package is the one that was pinned."""
    for name, expected in SHA256.items():
        path = DOWNLOAD / name
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            fail(f"{path} is not the pinned file (SHA-256 differs): delete build/download, retry")


def fetch():
    """The folder with MicroPython's source, fetched and unpacked if it is not there."""
    stamp = TREE / ".fetched"
    if stamp.exists() and stamp.read_text() == VERSION:
        return TREE
    with build_lock():
        if not all((DOWNLOAD / name).exists() for name in SHA256):
            say(f"fetching the source of {PACKAGE} {VERSION}")
            config = apt_config()
            DOWNLOAD.mkdir(exist_ok=True)
            run("apt-get", "-c", config, "-q", "update")
            run(
                "apt-get", "-c", config, "-q", "source", "--download-only",
                f"{PACKAGE}={VERSION}", cwd=DOWNLOAD,
            )  # fmt: skip
        verify()
        shutil.rmtree(TREE, ignore_errors=True)
        dsc = DOWNLOAD / next(n for n in SHA256 if n.endswith(".dsc"))
        run("dpkg-source", "--no-check", "-q", "-x", dsc, TREE)
        stamp.write_text(VERSION)
    return TREE


def cli():
    argparse.ArgumentParser(
        description=f"Fetch Debian's source package {PACKAGE} {VERSION} ({SUITE}) into build/ "
        "through this machine's own Debian mirror, check it, unpack it, and print its path."
    ).parse_args()
    print(fetch())


if __name__ == "__main__":
    main(cli)
