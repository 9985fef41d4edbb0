# Frostnet: network cards behind PCI, in every way that QEMU can put one there
# MIT license; Copyright (c) 2026 The Frostnet authors

import pytest

_ROOT_PORT = ["-device", "pcie-root-port,id=rp,chassis=1,addr=3"]
_PCI = ["-device", "pcie-pci-bridge,id=pb,bus=rp"]
_NESTED = [*_ROOT_PORT, *_PCI, "-device", "pci-bridge,id=inner,bus=pb,chassis_nr=2,addr=3"]
_SWITCH = [
    *_ROOT_PORT,
    *("-device", "x3130-upstream,id=up,bus=rp"),
    *("-device", "xio3130-downstream,id=one,bus=up,chassis=3,slot=1"),
    *("-device", "xio3130-downstream,id=two,bus=up,chassis=4,slot=2"),
]

# Options of the card, what comes before it, the machine; then what is expected: its place, modern
# registers, messages instead of the line.
WAYS = {
    "transitional": ("", [], "", "00:01.0", True, True),
    "legacy": (",disable-modern=on", [], "highmem=off", "00:01.0", False, True),
    "legacy-line": (",disable-modern=on,vectors=0", [], "", "00:01.0", False, False),
    "packed": (",disable-legacy=on,packed=on", [], "gic-version=3", "00:01.0", True, True),
    "switch": (",bus=two", _SWITCH, "", "04:00.0", True, True),
    "nested": (",bus=inner,addr=5", _NESTED, "gic-version=3", "03:05.0", True, True),
    "nested-line": (",bus=inner,addr=5,vectors=0", _NESTED, "", "03:05.0", True, False),
}

_STATE = """
from frostnet import runtime
t = runtime.current().stack.ifaces[0].dev.transport
print((t.function.name(), t.modern, t._messages is not None))
"""
_PING = "import net; print(net.ping('10.0.2.2', count=20, interval=0, quiet=True).received)"
_LINK = """
import time
from frostnet import runtime
iface = runtime.current().stack.ifaces[0]
for _ in range(500):
    if iface.carrier == %s:
        break
    time.sleep_ms(10)
print(iface.carrier)
"""


def machine(options):
    return ["-M", "virt," + options] if options else []


@pytest.mark.parametrize("way", WAYS)
def test_each_way(boot, way):
    options, first, options_of_machine, place, modern, messages = WAYS[way]
    board = boot(card="virtio-net-pci" + options, first=first, args=machine(options_of_machine))
    board.wait_prompt(timeout=40)
    assert board.wait_lease() == "10.0.2.15"
    assert board.exec(_STATE).strip() == repr((place, modern, messages))
    assert int(board.exec(_PING)) >= 19
    # The configuration has an interrupt of its own: nothing else happens now.
    for up in (False, True):
        board.qemu.set_link(up)
        assert board.exec(_LINK % up).strip() == repr(up)
    board.soft_reset()
    assert board.wait_lease() == "10.0.2.15"
    assert int(board.exec(_PING)) >= 19


# One card on the line of another, and much else: bridges, and what nobody here drives.
_ZOO = [
    *_NESTED,
    *("-netdev", "user,id=n1,net=10.1.0.0/24", "-device", "virtio-net-pci,netdev=n1,vectors=0"),
    *("-device", "e1000e,netdev=n2,addr=8.0,multifunction=on", "-netdev", "user,id=n2"),
    *("-device", "virtio-rng-pci,addr=8.1", "-device", "virtio-rng-pci,bus=inner,addr=1"),
    *("-device", "virtio-rng-pci,bus=inner,addr=4", "-device", "pci-testdev,bus=inner,addr=2"),
    *("-object", "memory-backend-ram,id=m0,size=1G"),
    *("-device", "ivshmem-plain,memdev=m0", "-device", "nec-usb-xhci,bus=pb,addr=9"),
]

_LSPCI = """
import net
for device in net.lspci("-v"):
    bars = [(bar[0], bar[1], bar[2], bar[3]) for bar in device.bars]
    table.append((device.slot, device.vendor_id, device.device_id, bars, device.faults))
"""


def qemu_view(buses, table):
    """What QEMU says of its devices: {slot: (vendor, device, [(BAR, kind, address, size)])}."""
    for bus in buses:
        for it in bus["devices"]:
            slot = "%02x:%02x.%d" % (it["bus"], it["slot"], it["function"])
            bars = [
                (r["bar"], r["type"], r["address"], r["size"])
                for r in it["regions"]
                if r["bar"] < 6
            ]
            table[slot] = (it["id"]["vendor"], it["id"]["device"], sorted(bars))
            qemu_view([{"devices": it.get("pci_bridge", {}).get("devices", [])}], table)
    return table


def test_addresses_are_those_that_qemu_sees(boot):
    board = boot(card="virtio-net-pci,vectors=0,addr=0xa", first=_ZOO)
    board.wait_prompt(timeout=40)
    board.wait_lease()
    board.exec("table = []")
    printed = board.exec(_LSPCI)
    ours = {row[0]: row[1:] for row in board.eval("table")}
    theirs = qemu_view(board.qemu.monitor.command("query-pci"), {})
    assert sorted(ours) == sorted(theirs), printed
    for slot, (vendor, device, bars, faults) in ours.items():
        assert faults == [], slot
        assert (vendor, device, [tuple(bar) for bar in bars]) == theirs[slot], slot
    memory = [bar for row in ours.values() for bar in row[2] if bar[3] == 1 << 30]
    assert memory and memory[0][2] >= 1 << 32, "1 GiB has room only above 4 GiB"
    assert "Red Hat, Inc. Inter-VM shared memory" in printed
    # Slots 6 and 10 share INTC's line.
    lines = [line for line in printed.splitlines() if line.strip().startswith("Flags")]
    assert any("bus master" in line and "IRQ" in line for line in lines), printed
    for host in ("10.0.2.2", "10.1.0.2"):
        assert int(board.exec(_PING.replace("10.0.2.2", host))) >= 19


@pytest.mark.parametrize("kind", ["disable-modern=on,vectors=0", "disable-legacy=on,packed=on"])
def test_other_devices(boot, tmp_path, kind):
    """Disk, random numbers and console, with the drivers that virtio-mmio has."""
    image = tmp_path / "disk.img"
    with open(image, "wb") as file:
        file.truncate(8 << 20)
    args = ["-drive", f"file={image},if=none,id=d0,format=raw"]
    args += ["-device", f"virtio-blk-pci,drive=d0,{kind}", "-device", f"virtio-rng-pci,{kind}"]
    args += ["-chardev", "null,id=c0", "-device", f"virtio-serial-pci,{kind}"]
    args += ["-device", "virtconsole,chardev=c0"]
    board = boot(card="virtio-net-pci," + kind, args=args)
    board.wait_prompt(timeout=40)
    assert board.wait_lease() == "10.0.2.15"
    board.exec("from virtio import devices")
    places = board.eval("[t.function.name() for k in (1, 2, 3, 4) for t in devices.find(k)]")
    assert places == ["00:01.0", "00:02.0", "00:04.0", "00:03.0"]
    board.exec("data = bytes(range(256)) * 1000\nwith open('/kept', 'wb') as f: f.write(data)\n")
    board.soft_reset()
    assert board.wait_lease() == "10.0.2.15"
    assert board.eval("open('/kept', 'rb').read() == bytes(range(256)) * 1000")
    assert "disk: drive 0" in board.log()
