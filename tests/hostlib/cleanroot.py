# Frostnet: a clean Debian in a folder, made by debootstrap
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Programs run in it with mounts and process numbers of their own, which the kernel takes back
with the last process: nothing stays mounted, whatever happens."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from hostlib import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from private_apt import AptError, debian_source, machine_sources, parse_deb822

CACHE = ROOT / "build" / "debian"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# $0 is the root, the rest chroot's arguments. What /dev has is this machine's. The shell stays:
# all others end with it, and "kill me with my parent" would not outlive a change of users.
_ENTER = 'mount --rbind /dev "$0/dev" && chroot "$@"; exit $?'


def missing():
    """Why no clean root can be had here, or None."""
    if os.geteuid() != 0:
        return "needs root (debootstrap, chroot, mounts)"
    for program in ("debootstrap", "unshare", "chroot"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return f"needs the program {program}"
    probe = ["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"]
    done = subprocess.run(probe, capture_output=True, text=True)
    if done.returncode:
        return f"needs the right to mount ({done.stderr.strip()})"
    try:
        if not mirror("stable")["uris"].startswith("http"):
            return "needs a Debian mirror that debootstrap knows, with http"
    except AptError as e:
        return f"needs a Debian mirror: {e}"
    return None


def mirror(suite):
    """The machine's own source of Debian, as a dict, for `suite`."""
    return next(parse_deb822(debian_source(machine_sources(), types="deb", suites=suite)))


def cache():
    """The folder that everything is in, which is there."""
    CACHE.mkdir(parents=True, exist_ok=True)
    return CACHE


def base(suite):
    """The folder with a minimal Debian, as in the image debian:SUITE-slim; made once."""
    root = CACHE / suite
    if not root.exists():
        new = cache() / "new"
        shutil.rmtree(new, ignore_errors=True)
        source = mirror(suite)
        # What a mirror with https takes is not in so small a Debian.
        more = ["--include=ca-certificates"] if source["uris"].startswith("https") else []
        _call("debootstrap", "--variant=minbase", *more, suite, new, source["uris"])
        _configure(new, source)
        new.rename(root)
    return root


def copy(suite, root):
    """A fresh root in the folder `root`, which is not there yet."""
    _call("cp", "-a", "--reflink=auto", base(suite), root)
    # As they are today: the cached root may be older.
    for name in ("etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"):
        if Path("/", name).exists() and (root / name).parent.exists():
            shutil.copyfile(Path("/", name), root / name)
    return root


def _configure(root, source):
    """Let apt in the root reach its mirror as the machine's own does."""
    etc = root / "etc" / "apt"
    text = "".join(f"{key.title()}: {value}\n" for key, value in source.items())
    (etc / "sources.list").unlink(missing_ok=True)
    (etc / "sources.list.d" / "debian.sources").write_text(text)
    how = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    lines = [line for line in how.stdout.splitlines() if re.match("Acquire::https?::", line)]
    (etc / "apt.conf.d" / "90machine").write_text("\n".join(lines) + "\n")
    for key in source.get("signed-by", "").split():
        if key.startswith("/") and not (root / key[1:]).exists():
            shutil.copyfile(key, root / key[1:])


def _call(*command):
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout[-2000:]}")


def command(root, program, user=None, env=None, workdir="/"):
    """What to start to have `program`, a list, run in the root. Killed, it takes with it all that
    it has started."""
    home = f"/home/{user}" if user else "/root"
    env = {"PATH": PATH, "HOME": home, "TERM": "dumb", **(env or {})}
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        if name in os.environ:
            env[name] = os.environ[name]
    words = [f"{name}={value}" for name, value in env.items()]
    return [
        "unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={root}/proc",
        "sh", "-c", _ENTER, str(root), *([f"--userspec={user}"] if user else []), str(root),
        "/usr/bin/env", "-i", f"--chdir={workdir}", *words, *program,
    ]  # fmt: skip
