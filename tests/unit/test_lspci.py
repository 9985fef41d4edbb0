# Frostnet: tests of net.lspci
# MIT license; Copyright (c) 2026 The Frostnet authors

from fake_pci import AHEAD64, IO, MEM32, MEM64, TO_PCI, Bridge, Function, PciBoard
from fake_virtio import Net
from fake_virtio_pci import VirtioFunction

board = PciBoard().install()

import net._lspci as module  # noqa: E402
from net import NetError, lspci  # noqa: E402

from virtio import cards  # noqa: E402

printed = []
module.print = lambda text="": printed.append(text)


def look(functions, option="", **settings):
    """(what it returns, lines that it prints)."""
    board.reset()
    for name, value in settings.items():
        setattr(board, name, value)
    board.plug_pci(functions)
    del printed[:]
    return lspci(option), list(printed)


def machine():
    card = Net(2)
    card.connect(board, 0, None)
    old = Net(1)
    old.connect(board, 0, None)
    return {
        (0, 0): Function(0x1B36, 0x0008, 0x060000),
        (1, 0): VirtioFunction(card),
        (2, 0): Bridge(vendor=0x1B36, device=0x000C, children={
            (0, 0): Function(0x8086, 0x9999, 0x00FF00, bars={0: (MEM64, 1 << 20)}),
        }),
        (3, 0): VirtioFunction(old),
        (4, 0): Function(0x1234, 0x1111, 0xAB1200),
    }  # fmt: skip


LINES = [
    "00:00.0 Host bridge: Red Hat, Inc. QEMU PCIe Host bridge (rev 01)",
    "00:01.0 Ethernet controller: Red Hat, Inc. Virtio 1.0 network device (rev 01)",
    "00:02.0 PCI bridge: Red Hat, Inc. QEMU PCIe Root port (rev 01)",
    "00:03.0 Ethernet controller: Red Hat, Inc. Virtio network device (rev 01)",
    "00:04.0 Class ab12: Device 1234:1111 (rev 01)",
    "01:00.0 Unclassified device [00ff]: Intel Corporation Device 9999 (rev 01)",
]


def test_as_unix_prints_it():
    found, lines = look(machine())
    assert lines == LINES, lines
    assert [d.slot for d in found] == [line[:7] for line in LINES]
    assert repr(found) == "<6 devices>"


def test_numbers():
    _, lines = look(machine(), "-n")
    assert lines[1] == "00:01.0 0200: 1af4:1041 (rev 01)"
    _, lines = look(machine(), "-nn")
    assert lines[1] == (
        "00:01.0 Ethernet controller [0200]: Red Hat, Inc. Virtio 1.0 network device [1af4:1041] "
        "(rev 01)"
    )
    assert lines[4] == "00:04.0 Class ab12 [ab12]: Device 1234:1111 [1234:1111] (rev 01)"
    assert lines[5].startswith("01:00.0 Unclassified device [00ff]: Intel")


def test_data():
    found, _ = look(machine())
    card = found[1]
    assert (card.vendor_id, card.device_id, card.class_id, card.revision) == (
        0x1AF4, 0x1041, 0x0200, 1
    )  # fmt: skip
    assert card.subsystem == (0x1AF4, 1) and card.irq == 36 and card.buses is None
    assert [(i, kind, size, bits, ahead) for i, kind, _, size, bits, ahead in card.bars] == [
        (1, "memory", 4096, 32, False),
        (4, "memory", 16384, 64, True),
    ]
    assert all(bar[2] >= 0x10000000 for bar in card.bars)
    assert found[2].buses == (1, 1)
    assert card.faults == [] and card.driver == ""


def test_details():
    board.reset()
    board.plug_pci(machine())
    board.ram = bytearray(4 << 20)
    assert len(cards.find()) == 2
    del printed[:]
    found = lspci("-v")
    text = "\n".join(printed)
    at = text.index("00:01.0")
    card = text[at : text.index("\n\n", at)].split("\n")
    assert card == [
        LINES[1],
        "\tSubsystem: Red Hat, Inc. Device 0001",
        "\tFlags: bus master, fast devsel, latency 0, IRQ 36",
        "\tMemory at %08x (32-bit, non-prefetchable) [size=4K]" % found[1].bars[0][2],
        "\tMemory at %08x (64-bit, prefetchable) [size=16K]" % found[1].bars[1][2],
        "\tCapabilities: [40] Vendor Specific Information: VirtIO: CommonCfg",
        "\tCapabilities: [50] Vendor Specific Information: VirtIO: ISR",
        "\tCapabilities: [60] Vendor Specific Information: VirtIO: DeviceCfg",
        "\tCapabilities: [70] Vendor Specific Information: VirtIO: Notify",
        "\tCapabilities: [84] MSI-X: Enable+ Count=3 Masked-",
        "\tCapabilities: [90] Express",
        "\tKernel driver in use: virtio-pci",
    ], card
    assert "\tI/O ports at 1000 [size=64]" in printed
    assert "\tBus: primary=00, secondary=01, subordinate=01" in printed
    assert "\tMemory at %08x (64-bit, non-prefetchable) [size=1M]" % found[5].bars[0][2] in printed


def test_faults_are_shown():
    device = Function(bars={0: (MEM32, 1 << 31), 1: (IO, 32), 2: (AHEAD64, 1 << 13)})
    found, lines = look({(1, 0): Bridge(TO_PCI, children={(0, 0): device})}, "-v")
    assert "no room" in found[1].faults[0]
    assert "\tFault: " + found[1].faults[0] in lines
    assert "\tMemory at <unassigned> (64-bit, prefetchable) [disabled] [size=8K]" in lines
    assert "\tI/O ports at <unassigned> [disabled] [size=32]" in lines


def test_no_bus():
    board.reset()
    assert lspci() == []


def test_errors_are_sentences():
    for option, settings, word in (("-x", {}, "options"), ("", {"ecam_size": 0}, "/pcie@")):
        try:
            look({}, option, **settings)
        except NetError as e:
            assert word in str(e)
        else:
            raise AssertionError(option)
