# Frostnet: every processor, interrupt controller, amount of memory, and QEMU
# MIT license; Copyright (c) 2026 The Frostnet authors
"""Each machine boots and pings, before and after a soft reset. Every value of a column stands
beside several of each other one; all of it with the QEMU that the other tests use, and with the
newest."""

import re
import subprocess
import sys

import pytest

from hostlib import qemu
from hostlib.board import FIRMWARE, ROOT

sys.path.insert(0, str(ROOT / "tools"))

import fetch_qemu

MMIO, PCI = "virtio-net-device", "virtio-net-pci"
MACHINES = [
    # machine, processor, memory, processors, card
    ("", "cortex-a72", "64M", 1, MMIO),
    ("gic-version=2,highmem=off", "cortex-a53", "256M", 4, PCI),
    ("gic-version=2,virtualization=on", "neoverse-n1", "4G", 1, PCI),
    ("gic-version=3", "neoverse-n1", "64M", 4, MMIO),
    ("gic-version=3,virtualization=on", "cortex-a72", "4G", 4, PCI),
    ("gic-version=3,its=off", "max", "1G", 1, PCI),
    ("gic-version=max", "cortex-a53", "4G", 1, PCI),
    ("gic-version=max,virtualization=on", "max", "64M", 4, MMIO),
]
# What only the newest QEMU knows.
NEWEST_MACHINES = [("gic-version=3,msi=gicv2m", "cortex-a72", "128M", 1, PCI)]

_WAIT_AND_PING = (
    "import net; net.up(); "
    "print('received: %d' % net.ping('10.0.2.2', count=3, interval=0.05, quiet=True).received)"
)
_PING = "import net; print(net.ping('10.0.2.2', count=2, interval=0.05, quiet=True).received)"


@pytest.fixture(scope="session")
def _newest():
    try:
        return fetch_qemu.fetch()
    except fetch_qemu.Unavailable as e:
        pytest.skip(str(e))


def _boots_and_pings(boot, program, machine, cpu, memory, processors, card):
    args = ["-M", "virt" + ("," + machine if machine else "")]
    args += ["-cpu", cpu, "-smp", str(processors)]
    board = boot(args=args, memory=memory, card=card, program=program)
    board.wait_prompt(timeout=40)
    assert board.wait_lease() == "10.0.2.15"
    assert int(board.exec(_PING)) >= 1
    board.soft_reset()
    assert board.wait_lease() == "10.0.2.15"
    assert int(board.exec(_PING)) >= 1


def _name(machine):
    return "-".join(map(str, machine))


@pytest.mark.parametrize("machine", MACHINES, ids=_name)
def test_this_qemu(boot, machine):
    _boots_and_pings(boot, qemu.PROGRAM, *machine)


@pytest.mark.parametrize("machine", MACHINES + NEWEST_MACHINES, ids=_name)
def test_newest_qemu(boot, _newest, machine):
    _boots_and_pings(boot, _newest, *machine)


@pytest.fixture(params=["this", "newest"])
def program(request):
    if request.param == "newest":
        return request.getfixturevalue("_newest")
    return qemu.PROGRAM


def test_plain_command_line(program):
    """QEMU adds a card of its own choice."""
    command = [program, "-M", "virt", "-cpu", "cortex-a72", "-nographic", "-kernel", FIRMWARE]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            out = b""
            while not out.endswith(b">>> "):
                out += process.stdout.read(1) or pytest.fail(f"QEMU ended: {out.decode()}")
            process.stdin.write(_WAIT_AND_PING.encode() + b"\r")
            process.stdin.flush()
            while not (answer := re.search(rb"received: (\d+)\r\n", out)):
                out += process.stdout.read(1) or pytest.fail(f"QEMU ended: {out.decode()}")
        finally:
            process.kill()
    assert int(answer[1]) >= 1, out.decode()


def test_an_unknown_interrupt_controller_is_one_sentence(boot, _newest):
    known = subprocess.run([_newest, "-M", "virt,help"], capture_output=True, text=True).stdout
    if "x-5" not in known:
        pytest.skip("the newest QEMU has no GICv5")
    board = boot(netdev=None, args=["-M", "virt,gic-version=x-5", "-cpu", "max"], program=_newest)
    board.console.serial.expect(b"gic-version=2", 20)
