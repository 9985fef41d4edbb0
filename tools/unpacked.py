# Frostnet: programs of Debian that run where they were unpacked
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A package is unpacked with all that it needs, and its programs are started by the C library
that comes with them: nothing is installed, and the age of this machine's own does not matter."""

import shutil
import stat
import subprocess

_LAUNCHER = """\
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/{root}
exec "$root/{loader}" --library-path "$root/{libraries}" "$root/{program}" {options}"$@"
"""


class Strange(Exception):
    """The libraries are not where they are expected; the text says so."""


def unpack(debs, root):
    """Unpack packages into the folder `root`, anew."""
    shutil.rmtree(root, ignore_errors=True)
    for deb in debs:
        subprocess.run(["dpkg", "-x", deb, root], check=True, capture_output=True)
        deb.unlink()


def write_launcher(path, root, program, options=""):
    """Write a script `path` beside `root` that starts `program` (relative to it). In `options`,
    $root is that folder. The script comes into being complete."""
    folders = [*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu")]
    # Of the loader's names some are links that lead to this machine's own.
    loaders = [
        loader
        for pattern in ("usr/lib*/ld-linux-*", "usr/lib/*/ld-linux-*", "lib/*/ld-linux-*")
        for loader in root.glob(pattern)
        if loader.resolve().is_relative_to(root.resolve())
    ]
    if not folders or not loaders:
        raise Strange(f"{path.name} has its libraries in places not known")
    loader = loaders[0].relative_to(root)
    libraries = ":$root/".join(str(folder.relative_to(root)) for folder in folders)
    text = _LAUNCHER.format(
        root=root.name, loader=loader, libraries=libraries, program=program,
        options=options + " " if options else "",
    )  # fmt: skip
    new = path.with_suffix(".new")
    new.write_text(text)
    new.chmod(new.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    new.rename(path)
