# Frostnet: the emulator that the tests use
# MIT license; Copyright (c) 2026 The Frostnet authors

import resource
import shutil

from pytest_frostnet.errors import QemuError
from pytest_frostnet.qemu import PROGRAM, Monitor, Qemu


def available():
    """The path of QEMU, or None."""
    return shutil.which(PROGRAM)


def allow_descriptors(n, pid=0):
    """Let a process, this one or that with `pid`, have `n` files open."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < n:
        raise QemuError(f"{n} open files are needed, {hard} allowed: raise the limit, ulimit -Hn")
    if soft != resource.RLIM_INFINITY and soft < n:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (n, hard))


__all__ = ["PROGRAM", "Monitor", "Qemu", "QemuError", "allow_descriptors", "available"]
