# Frostnet: tests of the virtio MMIO transport and of the device tree parser
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from fake_board import Board
from fake_tree import Tree
from fake_virtio import EVENT_IDX, VERSION_1, Device

board = Board().install()

import fdt  # noqa: E402
from virtio import VirtioError, devices, features, mmio  # noqa: E402
from virtio.transport import CONFIG, RING  # noqa: E402

BASE = 0x0A000000


def plugged(version=1, slot=0, **kwargs):
    board.reset()
    device = board.plug(slot, Device(1, version, **kwargs))
    return mmio.MMIO(device.base, device.intid), device


def error_of(fn, *args):
    try:
        fn(*args)
    except VirtioError as e:
        return e.args[1]
    raise AssertionError("no VirtioError")


def tree_of_virt(slots=(31, 3), disabled=()):
    """Like QEMU's: two cells of address and size, a PCI host bridge, virtio slots."""
    t = Tree()
    t.begin("")
    t.prop("#size-cells", [2])
    t.prop("#address-cells", [2])
    t.prop("compatible", "linux,dummy-virt")
    t.begin("chosen", bootargs="")
    t.end()
    t.body += struct.pack(">I", 4)  # NOP
    t.begin("pcie@10000000", compatible="pci-host-ecam-generic")
    t.prop("#size-cells", [2])
    t.prop("#address-cells", [3])
    t.prop("reg", [0x40, 0x10000000, 0, 0x10000000])
    t.prop("ranges", [0x1000000, 0, 0, 0, 0x3EFF0000, 0, 0x10000])
    t.end()
    for slot in slots:
        base = BASE + slot * 0x200
        t.begin("virtio_mmio@%x" % base, compatible=b"vendor,thing\0virtio,mmio\0")
        t.prop("reg", [0, base, 0, 0x200])
        t.prop("interrupts", [0, 16 + slot, 1])
        if slot in disabled:
            t.prop("status", "disabled")
        t.end()
    t.end()
    return t.blob()


def test_negotiation_takes_what_is_wanted_and_offered():
    # Virtio 1.2 §3.1.1; the fake insists on the order of the steps
    for version in (1, 2):
        transport, device = plugged(version, features=1 << 5 | 1 << 16 | 1 << 29)
        must = VERSION_1 if version == 2 else 0
        agreed = transport.negotiate(1 << 5 | 1 << 29 | 1 << 7)
        assert agreed == device.accepted == 1 << 5 | 1 << 29 | must
        queue = transport.queue(0, 64)
        assert queue.size == device.queues[0].size == 64
        assert not device.status & 4
        transport.ready()
        assert device.status & 4


def test_features_above_bit_31():
    transport, device = plugged(2, features=1 << 35)
    assert transport.negotiate(1 << 35 | 1 << 36) == 1 << 35 | VERSION_1
    transport, device = plugged(1, features=1 << 35)
    assert transport.negotiate(1 << 35) == 1 << 35


def test_needed_feature_missing():
    transport, device = plugged(1, features=1 << 5)
    assert "lacks features 0x80" in error_of(transport.negotiate, 1 << 5, 1 << 7)
    assert device.status == 128
    transport, device = plugged(2)
    device.features = 1 << 5  # a version 2 device without VERSION_1
    assert "lacks features 0x100000000" in error_of(transport.negotiate, 1 << 5)


def test_refused_features():
    transport, device = plugged(2, features=1 << 5)
    device.refuse = True
    assert "refused the features 0x100000020" in error_of(transport.negotiate, 1 << 5)
    assert device.status == 128


def test_queue_is_as_large_as_both_sides_can():
    transport, device = plugged(1, queues=(100,))
    transport.negotiate(0)
    assert transport.queue(0, 256).size == 64
    transport, device = plugged(2, queues=(1024,))
    transport.negotiate(0)
    assert transport.queue(0, 256).size == 256


def test_missing_queue():
    transport, device = plugged(1, queues=(256,))
    transport.negotiate(0)
    text = error_of(transport.queue, 1, 256)
    assert text == "virtio-mmio slot at 0x0a000000: has no queue 1", text


def test_legacy_layout_is_one_page_aligned_block():
    # Virtio 1.2 §2.7.2 (legacy): the used ring starts at the next multiple of QueueAlign
    transport, device = plugged(1)
    transport.negotiate(0)
    transport.queue(0, 256)
    ring = device.queues[0]
    assert ring.desc % 4096 == 0
    assert ring.avail == ring.desc + 16 * 256
    assert ring.used == ring.desc + 8192
    q = plugged(2)
    q[0].negotiate(0)
    queue = q[0].queue(0, 256)
    ring = q[1].queues[0]
    assert (ring.desc, ring.avail, ring.used) == (queue.phys, queue.driver_phys, queue.device_phys)


def test_restart_with_the_same_features_and_queues():
    # Virtio 1.2 §2.1.2, §3.1.1
    for version in (1, 2):
        transport, device = plugged(version, features=1 << 5 | EVENT_IDX)
        agreed = transport.negotiate(1 << 5)
        queues = [transport.queue(i, 32) for i in range(2)]
        transport.ready()
        for queue in queues:
            board.p16(queue.device_phys + 2, 77)
            queue.next = 5
            queue.publish()
        device.status |= 64
        assert transport.failed()
        device.features |= 1 << 7
        transport.restart()
        assert not device.status & 4
        transport.ready()
        assert not transport.failed() and device.resets == 2
        assert device.accepted == transport.features == agreed
        for i, queue in enumerate(queues):
            assert device.queues[i].desc == queue.phys
            assert device.queues[i].waiting() == queue.next == queue.look() == 0


def test_a_failed_device_whose_line_stays_up_wakes_nobody_until_it_is_reset():
    # As QEMU's virtio-mmio does it: else the interrupt would come for ever.
    transport, device = plugged(2)
    transport.negotiate(0)
    transport.wake()
    transport.ready()
    irq = board.irqs[device.intid]
    device.interrupt(1)
    device.interrupt(2)
    assert irq.enabled and irq.fired == 2
    device.status |= 64
    device.interrupt(3)
    assert not irq.enabled
    transport.restart()
    transport.ready()
    device.interrupt(1)
    assert irq.enabled and irq.fired == 4


def test_restart_of_a_device_that_changed():
    transport, device = plugged(2, features=1 << 5)
    transport.negotiate(1 << 5)
    transport.queue(0, 64)
    transport.ready()
    device.queue_max[0] = 32
    assert "made queue 0 smaller" in error_of(transport.restart)
    assert device.status == 128
    device.features &= ~(1 << 5)
    assert "lacks features 0x20" in error_of(transport.restart)
    assert device.status == 128


def test_features_switched_off_by_name():
    every = 0xFFFFFFFF | EVENT_IDX
    for version in (1, 2):
        transport, device = plugged(version, features=every)
        transport.exclude(("csum", "event_idx"))
        assert not transport.negotiate(every) & (1 | EVENT_IDX)
        assert not transport.queue(0, 4).event_idx
        assert "lacks features 0x1" in error_of(transport.negotiate, 0, 1)
        features.switch_off(("ctrl_vq", "flush"))
        assert not transport.negotiate(every) & (1 | EVENT_IDX | 1 << 17)
        transport.exclude(())
        assert not transport.negotiate(every) & 1 << 17
        features.switch_off(())
        both = transport.negotiate(every)
        assert both & (1 | EVENT_IDX | 1 << 17) == 1 | EVENT_IDX | 1 << 17
        assert transport.queue(0, 4).event_idx
        # What is in use stays in use.
        features.switch_off(("csum",))
        transport.restart()
        assert transport.features == device.accepted == both
        features.switch_off(())


def test_names_of_features():
    assert features.bits(1, ("csum", "packed", "mrg_rxbuf")) == 1 | 1 << 34 | 1 << 15
    assert features.bits(1, ("flush",)) == 0, "a disk's feature is none of a network card"
    assert features.bits(2, ("flush", "csum")) == 1 << 9
    assert features.bits(99, ("event_idx",)) == EVENT_IDX
    try:
        features.bits(1, ("chksum",))
    except ValueError as e:
        assert "chksum" in str(e)
    else:
        raise AssertionError("a wrong name is not noticed")


def test_wrong_magic_and_version():
    board.reset()
    device = board.plug(2, Device(1))
    device.magic = 0x12345678
    assert "magic number is 0x12345678" in error_of(mmio.MMIO, device.base, 50)
    device.magic = 0x74726976
    device.version = 3
    assert "version 3" in error_of(mmio.MMIO, device.base, 50)
    assert "0x0a000400" in error_of(devices.find, 1)


def test_a_slot_with_a_wrong_magic_does_not_hide_the_others():
    board.reset()
    board.plug(2, Device(1)).magic = 0
    board.plug(3, Device(1))
    assert [t.base for t in devices.find(1)] == [BASE + 3 * 0x200]


def test_empty_slots_are_no_devices():
    board.reset()
    assert devices.find(1) == []


def test_a_device_has_the_same_transport_each_time():
    board.reset()
    board.plug(3, Device(1))
    board.plug(2, Device(4))
    assert devices.find(1)[0] is devices.find(1)[0]
    assert [t.base for t in devices.find(4)] == [BASE + 2 * 0x200]


def test_slots_without_a_tree_are_the_known_ones():
    board.reset()
    assert mmio.slots()[0] == (0x0A003E00, 79)
    assert mmio.slots()[31] == (0x0A000000, 48)
    assert len(mmio.slots()) == 32


def test_slots_from_the_tree():
    board.reset()
    board.tree = tree_of_virt((31, 3, 7), disabled=(7,))
    assert mmio.slots() == [(0x0A003E00, 79), (0x0A000600, 51)]


def test_interrupt_acknowledge():
    transport, device = plugged(1)
    assert transport.ack() == 0
    device.interrupt(3)
    assert transport.ack() == RING | CONFIG
    assert device.isr == 0
    fired = []
    irq = transport.irq(fired.append)
    device.interrupt(1)
    assert not fired
    irq.enable()
    assert fired == [irq]


def test_config_widths():
    transport, device = plugged(2, config=bytes(range(1, 9)))
    assert transport.config8(1) == 2
    assert transport.config16(2) == 0x0403
    assert transport.config32(4) == 0x08070605


def test_config_that_never_settles_ends():
    transport, device = plugged(2, config=bytes(8))

    def change(offset):
        device.generation += 1

    device.on_config_read = change
    assert transport.stable(lambda: transport.config8(0)) == 0


def nodes_of(blob):
    return {n.path(): n for n in fdt.walk(memoryview(blob))}


def test_tree_paths_and_properties():
    nodes = nodes_of(tree_of_virt((5,)))
    assert sorted(nodes) == ["/", "/chosen", "/pcie@10000000", "/virtio_mmio@a000a00"]
    node = nodes["/virtio_mmio@a000a00"]
    assert node.reg() == [(0x0A000A00, 0x200)]
    assert node.interrupts() == [53]
    assert node.strings("compatible") == ["vendor,thing", "virtio,mmio"]
    assert node.compatible("virtio,mmio") and not node.compatible("virtio")
    assert node.parent is nodes["/"]
    assert node.cells("missing") == [] and node.strings("missing") == []


def test_tree_of_a_pci_host_bridge():
    # Its children have three address cells, its own window has two.
    node = nodes_of(tree_of_virt())["/pcie@10000000"]
    assert node.reg() == [(0x4010000000, 0x10000000)]
    assert node.ranges() == [(0x1000000 << 64, 0x3EFF0000, 0x10000)]


def test_tree_cut_short_anywhere_is_an_error_and_nothing_worse():
    blob = tree_of_virt((1,))
    whole = len(list(fdt.walk(memoryview(blob))))
    for n in range(len(blob)):
        try:
            list(fdt.walk(memoryview(blob)[:n]))
        except ValueError:
            continue
        raise AssertionError("%d of %d bytes were taken for a tree" % (n, len(blob)))
    assert whole == 4


def test_damaged_tree_never_raises_anything_but_value_error():
    blob = tree_of_virt((1,))
    errors = 0
    for at in range(len(blob)):
        for value in (0, 1, 2, 3, 9, 0x7F, 0xFF):
            bad = bytearray(blob)
            if bad[at] == value:
                continue
            bad[at] = value
            try:
                for node in fdt.walk(memoryview(bad)):
                    node.path()
                    node.reg() if node.parent else 0
                    node.ranges() if node.parent else 0
                    node.interrupts()
            except ValueError:
                errors += 1
    assert errors > 100


def test_tree_that_nests_for_ever():
    t = Tree()
    for _ in range(100):
        t.begin("a")
    t.end(100)
    try:
        list(fdt.walk(memoryview(t.blob())))
    except ValueError as e:
        assert "deep" in str(e)
    else:
        raise AssertionError("not refused")


def test_damaged_tree_falls_back_to_the_known_slots():
    board.reset()
    board.tree = tree_of_virt()[:200]
    assert len(mmio.slots()) == 32
