# Frostnet: the Linux guest that the benchmark compares with
# MIT license; Copyright (c) 2026 The Frostnet authors
"""The Linux guest of the benchmark: Debian's arm64 kernel and busybox from the package archive,
and an initramfs made here. Nothing is installed; everything lies under build/linux/.
"""

import gzip
import io
import pathlib
import re
import shutil
import stat
import subprocess
import sys

import private_apt
from common import ROOT

sys.path.insert(0, str(ROOT / "tests"))

from hostlib import pattern

SUITE = "bookworm"
COMPILER = "aarch64-linux-gnu-gcc"
MODULES = ("failover", "net_failover", "virtio_net", "virtio_mmio")
PROMPT = "guest# "

_INIT = """#!/bin/sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
stty -echo
for m in %s; do insmod /lib/$m.ko; done
i=0
while [ ! -e /sys/class/net/eth0 ] && [ $i -lt 200 ]; do usleep 10000; i=$((i+1)); done
ip link set lo up
ip link set eth0 up
udhcpc -i eth0 -s /dhcp -q -n -f >/dev/null 2>&1
guest serve
export PS1='%s'
exec setsid cttyhack sh
"""

_DHCP = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add $ip/$mask dev $interface
ip route add default via $router
"""


class Unavailable(Exception):
    """Why there is no Linux guest on this machine; a sentence for the user."""


def prepare(workdir):
    """Fetch and build what is missing; returns (kernel, initramfs). Raises Unavailable."""
    workdir = pathlib.Path(workdir)
    kernel, initramfs = workdir / "vmlinuz", workdir / "initramfs.gz"
    sources = [pathlib.Path(__file__), ROOT / "tools" / "bench_guest.c"]
    if kernel.exists() and initramfs.exists():
        if all(s.stat().st_mtime < initramfs.stat().st_mtime for s in sources):
            return kernel, initramfs
    if not shutil.which(COMPILER):
        raise Unavailable("no %s: install gcc-aarch64-linux-gnu" % COMPILER)
    workdir.mkdir(parents=True, exist_ok=True)
    tree = workdir / "root"
    if not (tree / "bin" / "busybox").exists() or not list(tree.glob("boot/vmlinuz-*")):
        _fetch(workdir, tree)
    guest = workdir / "guest"
    command = [COMPILER, "-O2", "-static", "-Wall", "-o", guest, ROOT / "tools" / "bench_guest.c"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(
            "the guest's programs do not compile (libc6-dev-arm64-cross?): " + done.stderr.strip()
        )
    (image,) = tree.glob("boot/vmlinuz-*")
    shutil.copyfile(image, kernel)
    with gzip.open(initramfs, "wb", compresslevel=1) as f:
        f.write(_initramfs(tree, guest))
    return kernel, initramfs


def _fetch(workdir, tree):
    apt = private_apt.PrivateApt(workdir / "apt", "arm64", SUITE)
    try:
        apt.update()
        depends = apt.show("linux-image-arm64")["depends"]
        image = re.match(r"linux-image-\S+", depends).group()
        for package in (image, "busybox-static"):
            deb = apt.download(package)
            subprocess.run(["dpkg", "-x", deb, tree], check=True)
            deb.unlink()
    except private_apt.AptError as e:
        raise Unavailable("Debian's arm64 kernel cannot be fetched: %s" % e) from e


def _initramfs(tree, guest):
    archive = Cpio()
    for folder in ("bin", "dev", "lib", "proc", "sys"):
        archive.add(folder, mode=stat.S_IFDIR | 0o755)
    archive.add("dev/console", mode=stat.S_IFCHR | 0o600, device=(5, 1))
    archive.add("dev/null", mode=stat.S_IFCHR | 0o666, device=(1, 3))
    archive.add("dev/ttyAMA0", mode=stat.S_IFCHR | 0o600, device=(204, 64))
    archive.add("bin/busybox", (tree / "bin" / "busybox").read_bytes(), stat.S_IFREG | 0o755)
    archive.add("bin/sh", b"busybox", stat.S_IFLNK | 0o777)
    archive.add("bin/guest", guest.read_bytes(), stat.S_IFREG | 0o755)
    for name in MODULES:
        (module,) = tree.glob("lib/modules/**/%s.ko" % name)
        archive.add("lib/%s.ko" % name, module.read_bytes(), stat.S_IFREG | 0o644)
    archive.add("block", pattern.block())
    init = _INIT % (" ".join(MODULES), PROMPT)
    archive.add("init", init.encode(), stat.S_IFREG | 0o755)
    archive.add("dhcp", _DHCP.encode(), stat.S_IFREG | 0o755)
    return archive.finish()


class Cpio:
    """Writer of the "newc" archives that the kernel unpacks, so that device nodes need no root."""

    def __init__(self):
        self._out = io.BytesIO()
        self._inode = 0

    def add(self, name, data=b"", mode=stat.S_IFREG | 0o644, device=(0, 0)):
        self._inode += 1
        path = name.encode() + b"\0"
        # inode, mode, uid, gid, links, mtime, size, device ×2, node's device, name size, check
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
        self._out.write(b"070701" + b"".join(b"%08X" % f for f in fields) + path)
        self._pad()
        self._out.write(data)
        self._pad()

    def _pad(self):
        self._out.write(b"\0" * (-self._out.tell() % 4))

    def finish(self):
        self.add("TRAILER!!!", mode=0)
        return self._out.getvalue()


def qemu_args(kernel, initramfs):
    """QEMU's arguments beside the machine and the network."""
    line = "console=ttyAMA0 quiet loglevel=1 panic=-1"
    return ["-kernel", str(kernel), "-initrd", str(initramfs), "-append", line]
