# Frostnet: a network namespace with a TAP device and dnsmasq
# MIT license; Copyright (c) 2026 The Frostnet authors
"""A network of the test's own: a namespace with a TAP device, the Linux kernel as peer on it, and
dnsmasq for DHCP and DNS. Needs root; nothing outside the namespace is touched.
"""

import contextlib
import ctypes
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

from hostlib.pinger import Pinger

HOST = "192.168.77.1"
NETWORK = "192.168.77.0/24"
TAP = "tap0"
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_serial = itertools.count()


def missing():
    """Why a namespace cannot be had here, or None."""
    if os.geteuid() != 0:
        return "needs root (network namespace and TAP device)"
    if not os.path.exists("/dev/net/tun"):
        return "needs /dev/net/tun"
    for program in ("ip", "dnsmasq"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return "needs the program %s" % program
    name = "frostnet-probe-%d" % os.getpid()
    try:
        _run("ip", "netns", "add", name)
        # Some containers let one be made, but not entered.
        _run("ip", "-n", name, "link", "set", "lo", "up")
    except RuntimeError as e:
        return "needs the right to make a network namespace (%s)" % e
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return None


def _run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.strip()))
    return done.stdout


class Lan:
    """The namespace and its TAP device; `host` is the kernel's address on it.

    With `offloads` kernel and card leave checksums and the cutting of segments to each other; a
    capture by QEMU 7.2 cannot be read then.
    """

    def __init__(self, workdir, offloads=False):
        self.offloads = offloads
        self.workdir = pathlib.Path(workdir)
        self.workdir.mkdir(parents=True, exist_ok=True)
        self.name = "frostnet-%d-%d" % (os.getpid(), next(_serial))
        self.host = HOST
        self._dnsmasq = None
        _run("ip", "netns", "add", self.name)
        try:
            self.ip("link", "set", "lo", "up")
            self.ip("tuntap", "add", "dev", TAP, "mode", "tap")
            self.ip("addr", "add", HOST + "/24", "dev", TAP)
            # No IPv6 chatter in the captures.
            self.exec("sysctl", "-qw", "net.ipv6.conf.%s.disable_ipv6=1" % TAP)
            self.ip("link", "set", TAP, "up")
        except BaseException:
            self.close()
            raise

    def ip(self, *args):
        """`ip` in the namespace."""
        return _run("ip", "-n", self.name, *args)

    @property
    def prefix(self):
        """In front of a command that shall run in the namespace."""
        return ("ip", "netns", "exec", self.name)

    def exec(self, *command):
        """Run a command in the namespace; returns its output."""
        return _run(*self.prefix, *command)

    @contextlib.contextmanager
    def inside(self):
        """Sockets made by this thread in the `with` body belong to the namespace."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.name, os.O_RDONLY)
        try:
            self._setns(there)
            try:
                yield
            finally:
                self._setns(here)
        finally:
            os.close(here)
            os.close(there)

    @staticmethod
    def _setns(fd):
        if _libc.setns(fd, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    @property
    def netdev(self):
        """QEMU's -netdev for this wire."""
        vnet_hdr = "on" if self.offloads else "off"
        return f"tap,id=n0,ifname={TAP},script=no,downscript=no,vnet_hdr={vnet_hdr}"

    # -- dnsmasq

    def start_dnsmasq(self, *options, lease=120, first=50, last=60):
        """DHCP and DNS server; names `host.test` and `alias.test` (CNAME) are known."""
        self.stop_dnsmasq()
        self.log = self.workdir / ("dnsmasq-%s.log" % self.name)
        self.leases = self.workdir / ("leases-%s" % self.name)
        command = [*self.prefix, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null"]
        command += ["--user=root", "--pid-file=", "--interface=" + TAP, "--bind-interfaces"]
        command += ["--except-interface=lo", "--no-resolv", "--no-hosts", "--no-poll"]
        command += [
            "--dhcp-authoritative",
            "--no-ping",
            "--log-dhcp",
            "--log-queries",
            "--local-ttl=60",
        ]
        command += ["--log-facility=%s" % self.log, "--dhcp-leasefile=%s" % self.leases]
        command += ["--dhcp-range=192.168.77.%d,192.168.77.%d,%d" % (first, last, lease)]
        command += ["--host-record=host.test," + HOST, "--cname=alias.test,host.test"]
        self._dnsmasq = subprocess.Popen(command + list(options))
        deadline = time.monotonic() + 5
        while "started" not in self.dnsmasq_log():
            if self._dnsmasq.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("dnsmasq did not start: " + self.dnsmasq_log())
            time.sleep(0.02)

    def dnsmasq_log(self):
        try:
            return self.log.read_text()
        except FileNotFoundError:
            return ""

    def wait_log(self, text, count=1, timeout=20.0):
        """Wait until dnsmasq has logged `text` `count` times."""
        deadline = time.monotonic() + timeout
        while self.dnsmasq_log().count(text) < count:
            if time.monotonic() > deadline:
                raise AssertionError(
                    "dnsmasq did not log %r %d times:\n%s" % (text, count, self.dnsmasq_log())
                )
            time.sleep(0.05)

    def stop_dnsmasq(self):
        if self._dnsmasq is not None:
            self._dnsmasq.send_signal(signal.SIGTERM)
            self._dnsmasq.wait(5)
            self._dnsmasq = None

    def close(self):
        self.stop_dnsmasq()
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def boot_on(wire, boot, **kw):
    """A board on the wire with its lease."""
    board = boot(netdev=wire.netdev, prefix=wire.prefix, **kw)
    board.wait_prompt()
    address = board.wait_lease()
    board.load()
    assert re.fullmatch(r"192\.168\.77\.\d+", address), address
    return board, address


def ping(wire, address, count=3, size=56):
    """How many of `count` echo requests of the host come back."""
    with wire.inside():
        pinger = Pinger()
    answered = 0
    for _ in range(count):
        answered += pinger.ping(address, size) is not None
        time.sleep(0.02)
    pinger.close()
    return answered
