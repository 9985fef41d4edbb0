# Frostnet: tests of PCI enumeration against a bus that insists on the rules, and one that lies
# MIT license; Copyright (c) 2026 The Frostnet authors

import random
import struct

from fake_pci import (
    AHEAD32,
    AHEAD64,
    CAPS,
    CLASS,
    COMMAND,
    DECODE_IO,
    DECODE_MEMORY,
    HEADER,
    HIGH_WINDOW,
    IO,
    MASTER,
    MEM32,
    MEM64,
    MEMORY_WINDOW,
    NO_INTX,
    TO_PCI,
    Bridge,
    Function,
    PciBoard,
    express,
)

board = PciBoard().install()

import pci  # noqa: E402
from pci import msix  # noqa: E402


def found(functions=None, **settings):
    """The host bridge as it is found, with `functions` on its root bus."""
    board.reset(4096)
    for name, value in settings.items():
        setattr(board, name, value)
    board.plug_pci(functions or {})
    return pci.host()


def names(host):
    return [f.name() for f in host.functions]


def behind(bridges):
    """Chain bridges and a function, each in the slot that is given: {(slot, 0): …}."""
    inner = None
    for slot, it in reversed(bridges):
        if inner:
            it.children = inner
        inner = {(slot, 0): it}
    return inner


def at(host, name):
    return host.functions[names(host).index(name)]


def check_placement(host):
    """What is assigned lies in the host bridge's windows and is reached by its own address."""
    taken = []
    for function in host.functions:
        for bar in function.bars:
            if not bar or bar.address is None:
                continue
            assert bar.address % bar.size == 0
            window = host.io if bar.io else host.memory
            if bar.address >= 1 << 32:
                window = host.high
            assert window.address <= bar.address
            assert bar.address + bar.size <= window.address + window.size
            assert bar.cpu - bar.address == window.cpu - window.address
            taken.append((bar.io, bar.address, bar.size))
            for offset in (0, bar.size - 1):
                hit = reach_of(bar.io, bar.address + offset)
                assert hit and hit[2] == offset, "%s: 0x%x" % (function, bar.address)
    taken.sort()
    for one, other in zip(taken, taken[1:]):
        assert one[0] != other[0] or one[1] + one[2] <= other[1], "overlap"


def reach_of(io, address):
    from fake_pci import reach

    return reach(board.functions, io, address)


# -- finding


def test_no_host_bridge():
    board.reset(4096)
    assert pci.host() is None
    assert pci.host() is None


def test_functions_by_slot_and_number():
    # Only function 0 says whether there are more
    host = found(
        {
            (0, 0): Function(0x1B36, 8, 0x060000),
            (3, 0): Function(multi=True),
            (3, 5): Function(),
            (7, 0): Function(),
            (7, 1): Function(),
            (9, 2): Function(),
            (31, 0): Function(0x1AF4, 0x1041, 0x020000),
        }
    )
    assert names(host) == ["00:00.0", "00:03.0", "00:03.5", "00:07.0", "00:1f.0"]
    card = host.functions[-1]
    assert (card.vendor_id, card.device_id) == (0x1AF4, 0x1041)
    assert (card.class_code, card.revision) == (0x020000, 1)
    assert (card.subvendor_id, card.subsystem_id) == (0x1AF4, 0x1100)


def test_buses_are_numbered_from_the_outside_in():
    host = found(
        {
            (1, 0): Bridge(children={(0, 0): Function()}),
            (2, 0): Bridge(
                children={
                    (0, 0): Bridge(TO_PCI, children={(5, 0): Function(), (6, 0): Function()}),
                }
            ),
            (3, 0): Bridge(),
            (4, 0): Function(),
        }
    )
    assert names(host) == [
        "00:01.0", "01:00.0", "00:02.0", "02:00.0", "03:05.0", "03:06.0", "00:03.0", "00:04.0"
    ]  # fmt: skip
    buses = {f.name(): (f.secondary, f.subordinate) for f in host.functions if f.header == 1}
    assert buses == {"00:01.0": (1, 1), "00:02.0": (2, 3), "02:00.0": (3, 3), "00:03.0": (4, 4)}
    bridge = board.functions[2, 0]
    assert list(bridge.space[0x18:0x1B]) == [0, 2, 3]


def test_bus_numbers_of_an_earlier_session_do_not_confuse():
    # The fake refuses an access that two bridges claim
    tree = {
        (1, 0): Bridge(children={(0, 0): Bridge(children={(0, 0): Function()})}),
        (2, 0): Bridge(children={(0, 0): Function()}),
    }
    first = names(found(tree))
    tree[1, 0].space[0x19:0x1B] = bytes([2, 9])
    assert names(found(tree)) == first


def test_low_configuration_space_with_16_buses():
    host = found(
        {(1, 0): Bridge(children={(0, 0): Function()})}, ecam=0x3F000000, ecam_size=16 << 20
    )
    assert host.last_bus == 15
    assert names(host) == ["00:01.0", "01:00.0"]


def test_bus_range_of_the_tree():
    host = found(
        {(1, 0): Bridge(children={(0, 0): Function()}), (2, 0): Bridge()}, bus_range=[0, 1]
    )
    assert names(host) == ["00:01.0", "01:00.0", "00:02.0"]
    assert "no bus number" in at(host, "00:02.0").faults[0]
    host = found({(1, 0): Bridge(children={(0, 0): Function()})}, bus_range=[16, 32])
    assert names(host) == ["10:01.0", "11:00.0"]


def test_host_bridges_that_cannot_be():
    for settings in ({"ecam": None}, {"ecam_size": 4096}, {"bus_range": [3, 2]}):
        try:
            found({}, **settings)
        except pci.PCIError as e:
            assert "/pcie@10000000" in e.args[1]
        else:
            raise AssertionError(settings)


def test_bridges_without_end():
    # A bridge in every slot of every bus: bounded in depth, number and work
    made = {}

    def grow(bus, slot, number):
        if (bus, slot, number) not in made:
            it = Bridge()
            it.board = board
            made[bus, slot, number] = it
        return made[bus, slot, number]

    host = found({}, grow=grow)
    assert len(host.functions) == 256
    assert max(f.bus for f in host.functions) <= 16
    assert board.accesses < 256 * 200


def test_a_bus_full_of_functions():
    all_of_them = {(slot, n): Function(multi=n == 0) for slot in range(32) for n in range(8)}
    assert len(found(all_of_them).functions) == 256


# -- base address registers


def bars_of(bars, **settings):
    host = found({(1, 0): Function(bars=bars)}, **settings)
    check_placement(host)
    return host.functions[0]


def test_sizes_and_kinds():
    f = bars_of(
        {
            0: (IO, 32),
            1: (MEM32, 4096),
            2: (AHEAD32, 1 << 20),
            3: (MEM64, 1 << 16),
        }
    )
    kinds = [(b.io, b.wide, b.prefetch, b.size) if b else None for b in f.bars]
    assert kinds == [
        (True, False, False, 32),
        (False, False, False, 4096),
        (False, False, True, 1 << 20),
        (False, True, False, 1 << 16),
        None,
        None,
    ]
    assert f.faults == []
    assert f.bars[0].cpu == 0x3EFF0000 + f.bars[0].address
    # Decoding is on, memory access is for the driver, and the line is off.
    command = board.functions[1, 0].command()
    assert command == DECODE_IO | DECODE_MEMORY | NO_INTX


def test_io_bar_that_decodes_16_bits():
    device = Function(bars={0: (IO, 64)})
    device.writable[0x12] = device.writable[0x13] = 0
    f = found({(1, 0): device}).functions[0]
    assert f.bars[0].size == 64 and f.faults == []


def test_nothing_to_decode():
    f = bars_of({})
    assert f.bars == [None] * 6
    assert board.functions[1, 0].command() == NO_INTX


def test_high_window_for_what_is_too_large():
    f = bars_of({0: (AHEAD64, 1 << 30), 2: (MEM64, 1 << 32), 4: (AHEAD64, 1 << 14)})
    assert f.bars[0].address >= HIGH_WINDOW[0]
    assert f.bars[2].address >= HIGH_WINDOW[0]
    assert f.bars[4].address < 1 << 32
    assert f.faults == []


def test_too_large_for_any_window():
    # Its function answers nowhere, since the register must hold some address; others do
    for bars in ({0: (AHEAD64, 1 << 50)}, {0: (MEM32, 1 << 31)}, {0: (IO, 1 << 20)}):
        bars[2] = (MEM32, 4096)
        host = found({(1, 0): Function(bars=bars), (2, 0): Function(bars={0: (MEM32, 4096)})})
        check_placement(host)
        f, other = host.functions
        assert f.bars[0].address is f.bars[2].address is f.bars[2].cpu is None
        assert "BAR 0" in f.faults[0] and "no room" in f.faults[0]
        assert f.window(2, 0, 16) is None
        assert board.functions[1, 0].command() == NO_INTX
        assert other.bars[0].address and other.faults == []
    for bars in ({0: (AHEAD64, 1 << 30)}, {0: (IO, 32), 1: (MEM32, 16)}):
        f = bars_of(bars, windows={2: MEMORY_WINDOW})
        assert f.bars[0].address is None and "no room" in f.faults[0]


def test_registers_that_are_no_masks():
    def broken(offset, values, bars):
        device = Function(bars=bars)
        for i, value in enumerate(values):
            device.forced[offset + i] = value
        f = found({(1, 0): device}).functions[0]
        assert f.bars[0] is None, f.bars[0]
        assert device.command() == NO_INTX
        assert f.faults and "BAR 0" in f.faults[0], f.faults
        return f

    broken(0x10, b"\x00\xf0\x0f\xff", {})  # a gap
    broken(0x10, b"\x02\xf0\xff\xff", {})  # no such type
    broken(0x10, b"\x04\x00\x00\x00", {})  # 64 bits, and none of them
    broken(0x10, b"\x00\x00\x00\x10", {})  # one bit, not the highest
    # A 64-bit one whose second half would be another register.
    device = Function(bars={5: (MEM32, 4096)})
    device.space[0x24] = 4
    f = found({(1, 0): device}).functions[0]
    assert f.bars[5] is None and "second half" in f.faults[0]


def test_a_register_that_does_not_take_its_address():
    device = Function(bars={0: (MEM32, 4096), 1: (MEM32, 4096)})
    f = found({(1, 0): device}).functions[0]
    at_first = f.bars[0].address
    # It measures well, but a bit of the address stays: 0xfffff000 is still the mask.
    device = Stubborn(bars={0: (MEM32, 4096), 1: (MEM32, 4096)})
    f = found({(1, 0): device}).functions[0]
    assert at_first and f.bars[0].address is None and "does not take" in f.faults[0]
    assert f.bars[1].address is None and device.command() == NO_INTX


class Stubborn(Function):
    """Takes nothing but a mask."""

    def write(self, offset, width, value):
        if offset == 0x10 and value not in (0, 0xFFFFFFFF):
            return
        super().write(offset, width, value)


# -- windows of bridges


def test_windows_of_bridges_hold_what_is_behind_them():
    wants = {0: (IO, 32), 1: (MEM32, 4096), 4: (AHEAD64, 1 << 14)}
    host = found(
        {
            (0, 0): Function(bars={0: (MEM32, 16)}),
            (1, 0): Bridge(children={(0, 0): Function(bars=dict(wants))}),
            (2, 0): Bridge(
                bars={0: (MEM64, 256)},
                children={
                    (0, 0): Bridge(
                        TO_PCI,
                        bars={0: (MEM64, 256)},
                        children={
                            (1, 0): Function(bars=dict(wants)),
                            (2, 0): Function(bars={0: (MEM32, 8 << 20), 1: (IO, 4096)}),
                        },
                    ),
                    (1, 0): Function(bars={2: (AHEAD32, 1 << 22)}),
                },
            ),
            (3, 0): Bridge(children={(0, 0): Function()}),
        }
    )
    check_placement(host)
    for function in host.functions:
        assert function.faults == []
        assert all(b is None or b.address is not None for b in function.bars)
    # A bridge with nothing to pass on has its windows closed.
    for io in (False, True):
        for first, last in board.functions[3, 0].windows(io):
            assert last < first
    for function in board.functions.values():
        if isinstance(function, Bridge):
            assert function.command() & 7 == DECODE_IO | DECODE_MEMORY | MASTER


def test_large_window_behind_a_bridge_is_high():
    host = found(
        {(1, 0): Bridge(children={(0, 0): Function(bars={0: (AHEAD64, 2 << 30), 2: (MEM32, 64)})})}
    )
    check_placement(host)
    bars = at(host, "01:00.0").bars
    assert bars[0].address >= 1 << 32 > bars[2].address


def test_bridges_that_lack_windows():
    # Without one to read ahead all goes through the other; without I/O there is none
    device = Function(bars={0: (AHEAD64, 4096), 2: (IO, 32)})
    host = found({(1, 0): Bridge(io=False, ahead=None, children={(0, 0): device})})
    check_placement(host)
    f = at(host, "01:00.0")
    assert f.bars[0].address is f.bars[2].address is None
    assert "BAR 2" in f.faults[0]
    device = Function(bars={0: (AHEAD64, 4096)})
    host = found({(1, 0): Bridge(io=False, ahead=None, children={(0, 0): device})})
    check_placement(host)
    assert at(host, "01:00.0").bars[0].address < 1 << 32
    # One of 32 bits cannot be high.
    device = Function(bars={0: (AHEAD64, 1 << 30), 2: (MEM32, 4096)})
    host = found({(1, 0): Bridge(ahead=0, children={(0, 0): device})})
    check_placement(host)
    assert at(host, "01:00.0").bars[0].address is None
    assert "no room" in at(host, "01:00.0").faults[0]


def test_a_bridge_that_has_no_address_hides_what_is_behind():
    inner = Bridge(TO_PCI, children={(5, 0): Function(bars={0: (MEM32, 4096)})})
    tree = {(1, 0): Bridge(bars={0: (MEM32, 1 << 31)}, children={(0, 0): inner})}
    host = found(tree)
    for name in ("00:01.0", "01:00.0", "02:05.0"):
        assert at(host, name).unsettled and at(host, name).faults
    assert at(host, "02:05.0").window(0, 0, 4) is None
    assert tree[1, 0].command() == inner.command() == NO_INTX


def test_io_window_is_small():
    # 4 KiB behind each bridge, 64 KiB in all
    host = found(
        {(i, 0): Bridge(children={(0, 0): Function(bars={0: (IO, 32)})}) for i in range(1, 20)}
    )
    check_placement(host)
    placed = [f for f in host.functions if f.bars[:1] and f.bars[0] and f.bars[0].address]
    assert len(placed) == 15
    for f in host.functions:
        assert f.header == 1 or f in placed or "no room" in f.faults[0]


# -- capabilities


def test_capabilities_in_order():
    caps = [(0x11, bytes(10)), (9, b"\x10"), express(0)]
    f = found({(1, 0): Function(caps=caps)}).functions[0]
    assert [cap for cap, _ in f.capabilities] == [0x11, 9, 0x10]
    assert f.find(9) == f.capabilities[1][1] and f.find(5) is None
    assert f.express() and f.port_type() == 0


def test_lists_of_capabilities_that_lie():
    def faulty(fix):
        device = Function(caps=[(9, bytes(14)), (0x11, bytes(10))])
        fix(device.space)
        f = found({(1, 0): device}).functions[0]
        return [cap for cap, _ in f.capabilities], f.faults

    def circle(space):
        space[0x50 + 1] = 0x40

    def itself(space):
        space[0x40 + 1] = 0x40

    def into_the_header(space):
        space[0x40 + 1] = 0x10

    def unaligned(space):
        space[0x40 + 1] |= 3

    def silent(space):
        space[0x50] = space[0x51] = 0xFF

    def absent(space):
        space[6] = 0

    assert faulty(circle)[0] == [9, 0x11] and "broken" in faulty(circle)[1][0]
    assert faulty(itself)[0] == [9] and "broken" in faulty(itself)[1][0]
    assert faulty(into_the_header)[0] == [9] and "broken" in faulty(into_the_header)[1][0]
    assert faulty(unaligned) == ([9, 0x11], [])
    assert faulty(silent)[0] == [9] and "answer" in faulty(silent)[1][0]
    assert faulty(absent) == ([], [])


def test_a_list_of_192_bytes_of_capabilities():
    device = Function()
    for i in range(0x40, 0x100, 4):
        device.space[i], device.space[i + 1] = 9, i + 4 & 0xFF
    device.space[CAPS] = 0x40
    device.space[6] = 0x10
    f = found({(1, 0): device}).functions[0]
    assert len(f.capabilities) == 48 and f.faults == []


# -- interrupts


def test_lines_turn_with_slots():
    # PCI-to-PCI Bridge 1.2 §9.1; at the host bridge the tree's interrupt-map says it
    host = found(
        {
            (1, 0): Function(),
            (2, 0): Function(pin=4),
            (6, 0): Function(pin=0),
            (7, 0): Function(pin=9),
            (9, 0): Bridge(children={(0, 0): Bridge(TO_PCI, children={(6, 0): Function(pin=2)})}),
        }
    )
    assert host.line(at(host, "00:01.0")) == 35 + 1
    assert host.line(at(host, "00:02.0")) == 35 + (2 + 3) % 4
    assert host.line(at(host, "00:06.0")) is None
    assert host.line(at(host, "00:07.0")) is None
    # Slot 6 turns INTB to INTD, slot 0 leaves it, and bridge 9 brings it to row 1 of the map.
    assert host.line(at(host, "02:06.0")) == 35 + (1 + 3) % 4


def test_interrupt_maps_that_lie():
    def lines(cells):
        board.reset(4096)
        make = board.make_tree
        tree = board.plug_pci({(1, 0): Function()}).tree
        old = struct.pack(">I", 4 * 160)
        assert tree.count(old) == 1
        where = tree.find(old) + 8
        raw = b"".join(struct.pack(">I", cell) for cell in cells)
        assert len(raw) <= 640
        board.tree = tree[:where] + raw + tree[where + len(raw) :]
        del make
        host = pci.host()
        return host.line(host.functions[0])

    row = [1 << 11, 0, 0, 1, 0x8001, 0, 0, 0, 7, 4]
    assert lines(row) == 32 + 7
    assert lines([1 << 11, 0, 0, 1, 0x9999]) is None  # no such controller: the rest is unknown
    assert lines([1 << 11, 0, 0, 1, 0x8001, 0, 0, 1, 7, 4]) == 36  # a PPI: the next row counts


def test_requester_ids_and_the_map_of_messages():
    host = found(
        {
            (1, 0): Function(),
            (2, 0): Bridge(children={(0, 0): Function(), (0, 1): Function()}),
            (3, 0): Bridge(TO_PCI, children={(5, 0): Function(), (6, 0): Bridge(
                None, children={(1, 0): Function()})}),
            (4, 0): Bridge(None, children={(1, 0): Function()}),
        },
        msi_map=[0x0008, 0x8003, 0x100, 0x100],
    )  # fmt: skip
    ids = {f.name(): f.requester() for f in host.functions}
    assert ids["00:01.0"] == 0x0008
    assert ids["01:00.0"] == 0x0100
    # PCI Express to PCI: the bridge's secondary bus speaks, for bridges behind it as well.
    assert ids["00:03.0"] == 0x0018 and ids["02:05.0"] == ids["03:01.0"] == 0x0200
    # A bridge of PCI speaks itself.
    assert ids["04:01.0"] == 0x0020
    assert host.message_id(at(host, "00:01.0")) == 0x100
    assert host.message_id(at(host, "01:00.0")) == 0x1F8
    assert host.message_id(at(host, "02:05.0")) is None
    assert found({(1, 0): Function()}, msi_map=None).message_id(host.functions[0]) is None


def table_of(data, bars=None):
    device = Function(bars=bars or {1: (MEM32, 4096)}, caps=[(0x11, data)])
    f = found({(1, 0): device}).functions[0]
    return msix.find(f), f


def test_msix_tables_that_lie():
    table, f = table_of(struct.pack("<HII", 3, 1, 0x801))
    assert table.count == 4 and table.base == f.bars[1].cpu
    for control, where in ((3, 0), (3, 6), (3, 7), (3, 0xFF1), (256, 1), (3, 0xFFFFFFF9)):
        table, f = table_of(struct.pack("<HII", control, where, 0))
        assert table is None and "MSI-X" in f.faults[0], (control, where)
    # The capability itself must be whole.
    device = Function(bars={1: (MEM32, 4096)})
    device.space[CAPS], device.space[6] = 0xFC, 0x10
    device.space[0xFC] = 0x11
    assert msix.find(found({(1, 0): device}).functions[0]) is None


# -- anything


def noise(rng):
    kind = rng.randrange(3)
    if kind:
        it = Function(bars={i: (rng.choice((IO, MEM32, AHEAD32)), 1 << rng.randrange(4, 31))
                            for i in range(6)})  # fmt: skip
    else:
        it = Bridge(rng.choice((None, 4, 7)), io=rng.randrange(2), ahead=rng.choice((None, 0, 1)))
    for _ in range(rng.randrange(60)):
        offset = rng.randrange(256)
        if offset not in (COMMAND, COMMAND + 1, HEADER):
            it.space[offset] = rng.randrange(256)
            it.writable[offset] = rng.randrange(256)
    for _ in range(rng.randrange(4)):
        offset = rng.randrange(256)
        if not 0x18 <= offset < 0x1B and offset not in (COMMAND, COMMAND + 1, HEADER):
            it.forced[offset] = rng.randrange(256)
    return it


def test_noise_in_configuration_space():
    # Whatever is read: an answer, bounded work, and no two at one address of those assigned
    rng = random
    for seed in range(60):
        rng.seed(seed)
        root = {}
        for _ in range(5):
            it = noise(rng)
            if isinstance(it, Bridge):
                it.children = {(rng.randrange(32), 0): noise(rng) for _ in range(2)}
            root[rng.randrange(32), 0] = it
        host = found(root)
        assert board.accesses < 256 * 300
        spans = []
        for f in host.functions:
            msix.find(f)
            host.line(f)
            host.message_id(f)
            for bar in f.bars:
                if bar and bar.address is not None:
                    spans.append((bar.io, bar.address, bar.size))
        spans.sort()
        for one, other in zip(spans, spans[1:]):
            assert one[0] != other[0] or one[1] + one[2] <= other[1], "overlap"


def test_class_code_is_read_whole():
    device = Function(class_code=0x0C0330)
    assert struct.unpack_from("<I", device.space, CLASS)[0] == 0x0C033001
    assert found({(1, 0): device}).functions[0].class_code == 0x0C0330
