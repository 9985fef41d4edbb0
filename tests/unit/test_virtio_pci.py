# Frostnet: tests of virtio over PCI against devices that insist on the rules, and some that lie
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from fake_pci import MASTER, NO_INTX, Bridge, Function, PciBoard
from fake_virtio import ANY_LAYOUT, EVENT_IDX, MAC, PACKED, STATUS, Device, Net
from fake_virtio_pci import COMMON, DEVICE, ISR, NOTIFY, VirtioFunction, cap, caps_of

board = PciBoard().install()

from virtio import VirtioError, cards, devices, pci  # noqa: E402
from virtio.transport import CONFIG, RING  # noqa: E402


def card(version=2, features=MAC | STATUS | ANY_LAYOUT, queues=(256, 256), **kwargs):
    """(driver, device, function) of a network card behind PCI."""
    board.reset()
    device = Net(version, features=features, queues=queues)
    device.connect(board, 0, None)
    function = VirtioFunction(device, **kwargs)
    board.plug_pci({(0, 0): Function(0x1B36, 8, 0x060000), (1, 0): function})
    (nic,) = cards.find()
    if isinstance(nic, VirtioError):
        raise nic
    return nic, device, function


def error_of(fn, *args, **kwargs):
    try:
        fn(*args, **kwargs)
    except VirtioError as e:
        return e.args[1]
    raise AssertionError("no VirtioError")


def receive(nic):
    frames = []
    while nic.receive(lambda frame, n: frames.append(bytes(frame[:n])), 50):
        pass
    nic.flush()
    return frames


def exchange(nic, device, n=600):
    """Frames both ways, more than the queues hold."""
    for i in range(n):
        buf = nic.tx()
        frame = i.to_bytes(4, "big") * 16
        buf[: len(frame)] = frame
        nic.send(len(frame))
        assert device.deliver(frame)
        if i % 7 == 0:
            nic.flush()
            assert receive(nic)[-1] == frame
    nic.flush()
    assert [f[:4] for f in device.sent] == [i.to_bytes(4, "big") for i in range(n)]
    assert nic.counters.restarts == 0


KINDS = {
    "modern": {},
    "modern, line": {"vectors": 0},
    "transitional": {"device_id": 0x1000},
    "legacy": {"version": 1},
    "legacy, line": {"version": 1, "vectors": 0},
    "event_idx": {"features": MAC | STATUS | EVENT_IDX},
    "packed": {"features": MAC | STATUS | PACKED | EVENT_IDX},
}


def test_frames_both_ways():
    for name, kwargs in KINDS.items():
        nic, device, function = card(**kwargs)
        assert nic.transport.modern == (kwargs.get("version") != 1), name
        assert nic.mac == b"\x52\x54\x00\x12\x34\x56"
        exchange(nic, device)
        assert function.command() & MASTER


def test_interrupts():
    # What take() returns means the same, by messages and by the line
    for name, kwargs in KINDS.items():
        nic, device, function = card(**kwargs)
        calls = []
        nic.attach(calls.append)
        assert not nic.arm()
        device.deliver(bytes(60))
        assert len(calls) == 1, name
        assert len(receive(nic)) == 1
        assert not nic.arm()
        device.set_link(False)
        assert len(calls) == 2 and nic.carrier, name
        nic.arm()
        assert not nic.carrier
        assert function.sent == (0 if kwargs.get("vectors") == 0 else 2), name
        assert bool(function.command() & NO_INTX) == (kwargs.get("vectors") != 0), name


def test_bits_of_the_messages():
    nic, device, function = card()
    irq = nic.transport.irq(lambda irq: None)
    irq.enable()
    for bits in (RING, CONFIG, RING | CONFIG):
        function.interrupt(bits)
        assert irq.take() == bits
    assert irq.take() == 0


def test_what_came_before_the_interrupt_was_attached_comes_after():
    nic, device, function = card()
    function.interrupt(RING)
    assert function.sent == 0  # the table is masked
    calls = []
    nic.attach(calls.append)
    assert len(calls) == 1


def test_lines_that_are_shared():
    board.reset()
    functions = []
    for slot in (1, 5):
        device = Net(2)
        device.connect(board, 0, None)
        functions.append(VirtioFunction(device, vectors=0))
    board.plug_pci({(1, 0): functions[0], (5, 0): functions[1]})
    one, other = cards.find()
    calls = []
    one.attach(lambda irq: calls.append(1))
    other.attach(lambda irq: calls.append(5))
    one.arm()
    other.arm()
    functions[1].device.deliver(bytes(60))
    assert calls == [5]
    functions[0].device.deliver(bytes(60))
    assert calls == [5, 1]


def test_no_messages_left_means_the_line():
    board.no_messages = True
    nic, device, function = card()
    board.no_messages = True
    calls = []
    nic.attach(calls.append)
    nic.arm()
    device.deliver(bytes(60))
    assert len(calls) == 1 and function.sent == 0


def test_one_message_is_too_few():
    nic, device, function = card(vectors=1)
    calls = []
    nic.attach(calls.append)
    nic.arm()
    device.set_link(False)
    nic.arm()
    assert calls and not nic.carrier and function.sent == 0


def test_refused_vectors_mean_the_line():
    # Virtio 1.2 §4.1.5.1.2: what was written must be read back
    board.reset()
    device = Net(2)
    device.connect(board, 0, None)
    function = VirtioFunction(device)
    function.refuse_vectors = True
    board.plug_pci({(1, 0): function})
    (nic,) = cards.find()
    calls = []
    nic.attach(calls.append)
    nic.arm()
    device.deliver(bytes(60))
    assert len(calls) == 1 and function.sent == 0


def test_without_any_interrupt():
    board.reset()
    device = Net(2)
    device.connect(board, 0, None)
    function = VirtioFunction(device, vectors=0)
    function.space[0x3D] = 0
    board.plug_pci({(1, 0): function})
    assert "00:01.0: has no interrupt" in error_of(devices.find, devices.NET)


def test_restart_keeps_messages():
    nic, device, function = card()
    calls = []
    nic.attach(calls.append)
    nic.arm()
    device.status |= 64  # DEVICE_NEEDS_RESET
    function.interrupt(2)
    nic.arm()
    nic.flush()
    assert nic.counters.restarts == 1
    nic.arm()
    del calls[:]
    device.deliver(bytes(60))
    assert len(calls) == 1 and len(receive(nic)) == 1


def test_nothing_is_accessed_after_a_soft_reset():
    nic, device, function = card()
    (command,) = board.resets
    assert board.resets[command] == 0 and command == nic.transport.function.base + 4


def test_too_many_devices():
    board.reset()
    device = Net(2)
    device.connect(board, 0, None)
    board.plug_pci({(1, 0): VirtioFunction(device)})

    def full(addr, value):
        raise RuntimeError("too many devices to reset")

    board.at_reset = full
    try:
        (nic,) = cards.find()
    finally:
        del board.at_reset
    assert "00:01.0: is one more device" in nic.args[1]


def test_stop():
    nic, device, function = card()
    nic.stop()
    assert device.status == 0
    assert cards.find()[0].error is None  # the same transport serves again
    assert device.status & 4


def test_order_of_devices():
    board.reset()
    board.plug(3, Net(1))
    functions = []
    for _ in range(3):
        device = Net(2)
        device.connect(board, 0, None)
        functions.append(VirtioFunction(device))
    tree = {
        (2, 0): Bridge(children={(0, 0): functions[0]}),
        (1, 0): functions[1],
        (9, 0): functions[2],
    }
    board.plug_pci(tree)
    board.ram = bytearray(8 << 20)
    where = [t.where for t in devices.find(devices.NET)]
    assert where == [
        "virtio-mmio slot at 0x0a000600",
        "virtio-pci 00:01.0",
        "virtio-pci 01:00.0",
        "virtio-pci 00:09.0",
    ], where


def test_ids():
    board.reset()
    tree = {}
    ids = (0x1041, 0x1042, 0x1043, 0x1044, 0x1000, 0x1001, 0x1003, 0x1005, 0x1009)
    for slot, device_id in enumerate(ids):
        device = Device(1, 2)
        device.connect(board, 0, None)
        tree[slot, 0] = VirtioFunction(device, device_id=device_id)
    device = Device(16, 2)
    device.connect(board, 0, None)
    tree[20, 0] = VirtioFunction(device, device_id=0x1010)  # only its subsystem says it
    tree[21, 0] = Function(0x1AF4, 0x1110)
    tree[22, 0] = Function(0x1AF4, 0x0FFF)
    tree[23, 0] = Function(0x8086, 0x1041)
    board.plug_pci(tree)
    found = pci.probe()[0]
    assert [t.device_id for t in found] == [1, 2, 3, 4, 1, 2, 3, 4, 9, 16]


# -- lies


def refused(caps, version=2, **kwargs):
    return error_of(card, version, caps=caps, **kwargs)


def test_structures_that_lead_nowhere():
    good = caps_of()
    for i, name in ((0, "common"), (1, "ISR"), (3, "notification")):
        for bar, offset, length in (
            (6, 0, 0x1000),  # reserved: §4.1.4.1 has it ignored
            (255, 0, 0x1000),
            (2, 0, 0x1000),  # not there
            (5, 0, 0x1000),  # the second half of BAR 4
            (4, 0x4000, 0x1000),  # behind its end
            (4, 0x3001, 0x1000),
            (4, 0xFFFFFFFF, 0x1000),
            (4, 0, 0),  # nothing
            (4, 0, 0xFFFFFFFF),
        ):
            kind = (1, 3, 4, 2)[i]
            extra = struct.pack("<I", 4) if kind == 2 else b""
            caps = list(good)
            caps[i] = cap(kind, bar, offset, length, extra)
            text = refused(caps)
            assert "00:01.0" in text and name in text, (bar, offset, length, text)
    assert "common" in refused([cap(1, 4, COMMON, 0x37)] + good[1:])
    assert "common" in refused([cap(1, 4, COMMON + 2, 0x38)] + good[1:])
    assert "notification" in refused(good[:3] + [cap(2, 4, NOTIFY, 0x1000)])  # no multiplier
    assert "notification" in refused(caps_of(multiplier=3))


def test_the_first_usable_structure_counts():
    # Virtio 1.2 §4.1.4.1
    bad = cap(1, 7, 0, 0x1000)
    late = cap(1, 4, ISR, 0x38)
    nic, device, _ = card(caps=[bad] + caps_of() + [late])
    exchange(nic, device, 10)


def test_short_capabilities():
    caps = caps_of()
    kind, body = caps[0]
    assert "common" in refused([(kind, b"\x08" + body[1:])] + caps[1:])
    # One that would go on behind the end of the list's space.
    board.reset()
    device = Net(2)
    device.connect(board, 0, None)
    function = VirtioFunction(device, vectors=0, caps=caps[1:])
    function.space[0xF8:0x100] = b"\x09\x00\x10\x01\x04\x00\x00\x00"
    function.space[function.at_caps[0x10] + 1] = 0xF8
    board.plug_pci({(1, 0): function})
    assert "common" in error_of(devices.find, devices.NET)


def test_notification_behind_the_end():
    assert "cannot be notified" in refused(caps_of(notify_length=4))
    nic, device, _ = card(caps=caps_of(notify_length=6))
    exchange(nic, device, 10)


def test_configuration_behind_the_end():
    caps = caps_of()
    caps[2] = cap(4, 4, DEVICE, 5)
    assert "no configuration at offset" in refused(caps)
    caps[2] = cap(5, 4, DEVICE, 5)
    assert "no configuration at offset" in refused(caps)
    nic, _, _ = card(version=1)
    assert "no configuration at offset" in error_of(nic.transport.config32, 40)


def test_queues_that_cannot_be():
    assert "no queue 1" in refused(None, queues=(256,))
    assert "no queue 0" in refused(None, queues=(0, 256))
    assert "cannot be" in refused(None, version=1, queues=(2048, 256))
    assert "cannot be" in refused(None, version=1, queues=(100, 256))


def test_legacy_queues_have_the_devices_size():
    nic, device, _ = card(version=1, queues=(512, 64))
    assert [q.size for q in nic.transport.queues] == [512, 64]
    exchange(nic, device, 1300)


def test_legacy_without_registers():
    board.reset()
    device = Net(2)
    device.connect(board, 0, None)
    board.plug_pci({(1, 0): VirtioFunction(device, caps=[], device_id=0x1000)})
    assert "neither modern nor legacy" in error_of(devices.find, devices.NET)


def test_a_device_without_addresses():
    board.reset()
    device = Net(2)
    device.connect(board, 0, None)
    function = VirtioFunction(device)
    function.bars[2] = (0, 1 << 31)
    struct.pack_into("<I", function.writable, 0x18, 1 << 31)
    board.plug_pci({(1, 0): function})
    text = error_of(devices.find, devices.NET)
    assert "00:01.0: has no addresses" in text and "no room" in text
    assert "no room" in pci.pci.host().functions[0].faults[0]


def test_a_broken_host_bridge_hides_no_mmio():
    board.reset()
    board.plug(3, Net(1))
    board.ecam_size = 0
    board.plug_pci({})
    assert len(devices.find(devices.NET)) == 1
    assert "/pcie@10000000" in error_of(devices.find, devices.RNG)


def test_a_broken_device_concerns_only_its_kind():
    board.reset()
    device = Net(2)
    device.connect(board, 0, None)
    board.plug_pci({(1, 0): VirtioFunction(device, caps=caps_of()[1:])})
    assert "common" in error_of(devices.find, devices.NET)
    assert devices.find(devices.BLOCK) == devices.find(devices.RNG) == []
