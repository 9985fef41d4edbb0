# Frostnet: tests of the virtio network card against a device that insists on the rules
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import random
from array import array

from fake_board import RAM_BASE, Board
from fake_virtio import ANY_LAYOUT, EVENT_IDX, MAC, PACKED, STATUS, Net

board = Board().install()

from virtio import VirtioError, cards, devices, net  # noqa: E402


# Modern cards that offer more.
EVENTS, PACKED_RINGS, PACKED_EVENTS = 3, 4, 5
OFFERS = {EVENTS: EVENT_IDX, PACKED_RINGS: PACKED, PACKED_EVENTS: PACKED | EVENT_IDX}


def card(version=1, slot=31, **kwargs):
    """(driver, device), both ready."""
    board.reset()
    if version in OFFERS:
        kwargs["features"] = MAC | STATUS | ANY_LAYOUT | OFFERS[version]
        version = 2
    device = board.plug(slot, Net(version, **kwargs))
    found = cards.find()
    assert len(found) == 1, found
    return found[0], device


def frame_of(n, length=60):
    """A frame that tells its number."""
    frame = bytearray(length)
    frame[12:16] = n.to_bytes(4, "big")
    for i in range(16, length):
        frame[i] = (n * 7 + i) & 0xFF
    return bytes(frame)


def send(nic, frame):
    buf = nic.tx()
    assert buf is not None, "no buffer"
    buf[: len(frame)] = frame
    nic.send(len(frame))


def receive(nic):
    """All that waits, as bytes."""
    frames = []
    while nic.receive(lambda frame, n: frames.append(bytes(frame[:n])), 50):
        pass
    nic.flush()
    return frames


def error_of(fn, *args):
    try:
        fn(*args)
    except VirtioError as e:
        assert isinstance(e, OSError) and e.errno == 19
        return e.args[1]
    raise AssertionError("no VirtioError")


def both(test):
    """Run a test on a legacy and on a modern card, and on those with EVENT_IDX, packed rings."""
    for version in (1, 2, EVENTS, PACKED_RINGS, PACKED_EVENTS):
        test(version)


def rings(test):
    """Run a test on a split and on a packed ring."""

    def run():
        for version in (1, PACKED_RINGS):
            test(version)

    return run


def test_comes_up_with_mac_and_link():
    def run(version):
        nic, device = card(version)
        assert nic.mac == b"\x52\x54\x00\x12\x34\x56"
        assert nic.carrier is True
        assert nic.mtu == 1500
        assert device.status & 4, "DRIVER_OK is missing"
        assert nic._rxq.packed == (version in (PACKED_RINGS, PACKED_EVENTS))
        assert device.queues[0].waiting() == 256, "receive buffers were not posted"
        assert not device.queues[1].wants_interrupt(), "transmit interrupts are on"

    both(run)


def test_receives_frames_of_every_length_in_order():
    def run(version):
        nic, device = card(version)
        sent = [frame_of(n, length) for n, length in enumerate((14, 15, 60, 1513, 1514, 1518))]
        for frame in sent:
            assert device.deliver(frame)
        assert receive(nic) == sent
        assert nic.rx() == 0
        assert nic.counters.rx_frames == 6
        assert nic.counters.rx_bytes == sum(len(f) for f in sent)

    both(run)


def test_sends_frames_in_order_and_only_when_flushed():
    def run(version):
        nic, device = card(version)
        frames = [frame_of(n, length) for n, length in enumerate((14, 60, 1000, 1514))]
        for frame in frames:
            send(nic, frame)
        assert not device.sent
        nic.flush()
        assert device.sent == frames
        assert nic.counters.tx_frames == 4
        assert nic.counters.tx_bytes == sum(len(f) for f in frames)

    both(run)


def test_asking_twice_for_a_buffer_gives_the_same():
    nic, device = card()
    nic.tx()[0] = 0x11
    assert nic.tx()[0] == 0x11
    nic.send(60)
    nic.flush()
    assert len(device.sent) == 1 and device.sent[0][0] == 0x11


@rings
def test_one_notification_for_a_batch(version):
    nic, device = card(version)
    device.notifications.clear()
    for n in range(20):
        send(nic, frame_of(n))
    nic.flush()
    assert device.notifications == [1]
    nic.flush()
    assert device.notifications == [1], "notified about nothing"


@rings
def test_a_long_burst_is_handed_over_as_it_grows(version):
    nic, device = card(version)
    for n in range(100):
        send(nic, frame_of(n))
    assert len(device.sent) >= 64
    nic.flush()
    assert device.sent == [frame_of(n) for n in range(100)]


def test_no_notification_when_the_device_does_not_want_it():
    # Virtio 1.2 §2.7.10: VIRTQ_USED_F_NO_NOTIFY, or an avail_event that is not crossed
    def run(version):
        nic, device = card(version)
        queue = device.queues[1]
        device.notifications.clear()
        queue.notify_me(False)
        send(nic, frame_of(1))
        nic.flush()
        assert device.notifications == []
        device.transmit()
        # It goes to sleep just as we publish: what it said before does not count.
        send(nic, frame_of(2))
        board.on_fence = lambda: queue.notify_me(True)
        nic.flush()
        assert device.notifications == [1]
        assert device.sent == [frame_of(1), frame_of(2)]

    both(run)


def test_notifications_when_the_indices_wrap():
    for version, end in ((EVENTS, 65536), (PACKED_EVENTS, 600)):
        nic, device = card(version, queues=(16, 16))
        queue = device.queues[1]
        for n in range(end // 8 + 10):
            queue.notify_me(n % 3 != 0)
            device.notifications.clear()
            for _ in range(8):
                send(nic, b"0123456789abcd")
            nic.flush()
            assert device.notifications == ([1] if n % 3 else []), n
            device.transmit()
            device.sent.clear()


def test_what_the_device_is_told_of_in_a_packed_ring():
    # Virtio 1.2 §2.8.10: the event is a slot and a lap, and counts if it is one of those offered
    nic, device = card(PACKED_EVENTS, queues=(16, 16))
    random.seed(1)
    device.hold = True
    queue = nic._txq
    for _ in range(2000):
        device.transmit()
        device.sent.clear()
        event = queue.next + random.randrange(-16, 17)  # two laps and more are alike
        if event < 0:
            continue
        lap = 0x8000 if not event // 16 & 1 else 0
        queue.device_event[0] = event % 16 | lap
        queue.device_event[1] = 2
        device.notifications.clear()
        n = random.randrange(1, 17)
        before = queue.next
        for _ in range(n):
            send(nic, b"0123456789abcd")
        nic.flush()
        wanted = before <= event < before + n
        assert device.notifications == ([1] if wanted else []), (event, before, n)
    assert queue.next > 10000


def test_transmit_ring_full_then_free_again():
    def run(version):
        nic, device = card(version)
        device.hold = True
        for n in range(256):
            send(nic, frame_of(n))
        assert nic.tx() is None
        assert nic.counters.tx_full == 1
        nic.flush()
        assert not nic.arm()
        # Somebody waits for a buffer, so its return must raise an interrupt.
        device.isr = 0
        device.transmit()
        assert device.isr == 1
        assert nic.arm(), "a free buffer is work for those who wait"
        assert nic.tx() is not None
        assert not device.queues[1].wants_interrupt()
        assert device.sent == [frame_of(n) for n in range(256)]
        send(nic, frame_of(256))
        nic.flush()
        device.transmit()
        assert device.sent[-1] == frame_of(256)

    both(run)


@rings
def test_frames_one_at_a_time(version):
    nic, device = card(version)
    for n in range(3):
        device.deliver(frame_of(n))
    for n in range(3):
        assert nic.rx() == 60 and bytes(nic.frame[:60]) == frame_of(n)
    assert nic.rx() == 0


@rings
def test_a_budget_leaves_frames_for_the_next_call(version):
    nic, device = card(version)
    for n in range(100):
        device.deliver(frame_of(n))
    seen = []
    for budget, count, more in ((10, 10, True), (64, 74, True), (64, 100, False)):
        assert nic.receive(lambda frame, n: seen.append(bytes(frame[:n])), budget) is more
        assert len(seen) == count
    assert seen == [frame_of(n) for n in range(100)]


@rings
def test_an_exception_costs_its_frame_and_no_other(version):
    nic, device = card(version)
    for n in range(10):
        device.deliver(frame_of(n))
    seen = []

    def handle(frame, n):
        seen.append(bytes(frame[:n]))
        if len(seen) in (1, 5, 10):
            raise ValueError

    raised = 0
    for _ in range(4):
        try:
            nic.receive(handle, 64)
        except ValueError:
            raised += 1
    assert raised == 3 and seen == [frame_of(n) for n in range(10)]
    assert nic.counters.rx_frames == 10 and nic.counters.rx_bytes == 600


@rings
def test_any_mixture_of_orders_and_lengths_arrives_alike(version):
    # receive() takes plain elements in viper, and leaves the others to rx().
    for seed in range(20):
        random.seed(seed)
        nic, device = card(version, queues=(32, 32))
        number = 0
        for _ in range(40):
            expected = []
            entries = []
            for _ in range(random.randrange(1, 9)):
                entries.append(device.fill(frame_of(number)) + (frame_of(number),))
                number += 1
            while entries:
                at = 0 if random.randrange(4) else random.randrange(len(entries))
                i, length, frame = entries.pop(at)
                if random.randrange(8):
                    expected.append(frame)
                else:
                    length = random.choice((0, nic._header, 3000, 0xFFFFFFFF))
                device.queues[0].push(i, length)
            got = []
            while nic.receive(lambda frame, n: got.append(bytes(frame[:n])), 5):
                pass
            nic.flush()
            assert got == expected, "seed %d" % seed
        assert nic.counters.restarts == 0
        good = nic.counters.rx_frames - nic.counters.rx_drop_length
        assert nic.counters.rx_bytes == good * 60


@rings
def test_rings_wrap_at_65536(version):
    nic, device = card(version, queues=(64, 64))
    total = 65536 + 300 if version == 1 else 64 * 20 + 30
    n = 0
    while n < total:
        k = min(24, total - n)
        for i in range(k):
            frame = (n + i).to_bytes(20, "big")
            assert device.deliver(frame), "receive buffers ran out at %d" % (n + i)
            send(nic, frame)
        got = 0
        for frame in receive(nic):
            assert frame == (n + got).to_bytes(20, "big")
            got += 1
        assert got == k
        assert len(device.sent) == k and device.sent[-1] == (n + k - 1).to_bytes(20, "big")
        device.sent.clear()
        n += k
    assert nic.counters.rx_frames == nic.counters.tx_frames == total
    assert nic.counters.restarts == 0


@rings
def test_receive_buffers_go_back_in_batches(version):
    nic, device = card(version)
    for n in range(31):
        device.deliver(frame_of(n))
    receive(nic)
    assert device.queues[0].waiting() == 225
    device.deliver(frame_of(31))
    receive(nic)
    assert device.queues[0].waiting() == 256, "buffers were not given back"


@rings
def test_a_flood_fills_the_ring_and_nothing_is_lost_after_it(version):
    nic, device = card(version)
    for n in range(256):
        assert device.deliver(frame_of(n))
    assert not device.deliver(frame_of(256)), "more buffers than there are"
    assert receive(nic) == [frame_of(n) for n in range(256)]
    assert device.deliver(frame_of(257))
    assert receive(nic) == [frame_of(257)]


@rings
def test_a_device_may_return_buffers_out_of_order(version):
    # Virtio 1.2 §2.7.8: without IN_ORDER any order is legal
    nic, device = card(version, queues=(16, 16))
    for turn in range(50):
        entries = [device.fill(frame_of(n)) for n in range(4)]
        for k in (2, 0, 3, 1):
            device.queues[0].push(*entries[k])
        assert receive(nic) == [frame_of(n) for n in (2, 0, 3, 1)], turn
        device.hold = True
        for n in range(4):
            send(nic, frame_of(n + 10))
        nic.flush()
        queue = device.queues[1]
        entries = [queue.pop() for _ in range(4)]
        for k in (3, 1, 0, 2):
            device.send_one(*entries[k])
            queue.push(entries[k][0], 0)
        assert device.sent == [frame_of(n + 10) for n in (3, 1, 0, 2)], turn
        device.sent.clear()
    assert nic.counters.restarts == 0


def test_an_impossible_length_costs_the_frame_but_not_the_buffer():
    def run(version):
        nic, device = card(version)
        bad = 0
        for length in (0, 5, nic._header, 5000, 0xFFFFFFFF):
            for _ in range(300):
                i, _ = device.fill(frame_of(1))
                device.queues[0].push(i, length)
                assert receive(nic) == []
                bad += 1
        assert nic.counters.rx_drop_length == bad
        assert nic.counters.restarts == 0
        assert device.deliver(frame_of(2))
        assert receive(nic) == [frame_of(2)]

    both(run)


@rings
def test_a_wrong_id_restarts_the_card(version):
    for bad in (256, 0xFFFFFFFF, 100):  # 100 was returned already, and not given back yet
        nic, device = card(version)
        for n in range(100):
            device.deliver(frame_of(n))
        assert len(receive(nic)) == 100
        for n in range(50):
            device.deliver(frame_of(n))
        assert nic.rx()
        device.queues[0].pop()
        device.queues[0].push(bad, 70)
        frames = receive(nic)
        assert nic.counters.restarts == 1, "not restarted"
        assert len(frames) == 49, "good frames before it are taken"
        assert device.resets > 1 and device.status & 4
        assert device.queues[0].waiting() == 256, "buffers were lost"
        assert nic.error is None and nic.carrier
        device.deliver(frame_of(7))
        assert receive(nic) == [frame_of(7)]
        send(nic, frame_of(8))
        nic.flush()
        assert device.sent == [frame_of(8)]
        assert nic.counters.rx_frames == 151 and nic.counters.tx_frames == 1


@rings
def test_a_device_that_scribbles_over_its_rings(version):
    # No frame is longer than its buffer, no exception leaves the driver, and it begins anew.
    restarts = 0
    for seed in range(40):
        random.seed(seed)
        nic, device = card(version, queues=(16, 16))
        device.notified = lambda index: None  # it would stumble over its own scribbles
        for _ in range(40):
            queue = random.choice((nic._rxq, nic._txq))
            first, last = queue.phys, queue.device_phys + 4
            if not queue.packed:
                first, last = queue.device_phys, queue.device_phys + 6 + 8 * 16
            board.ram[random.randrange(first, last) - RAM_BASE] = random.getrandbits(8)
            if queue.packed and random.getrandbits(1):
                # Else it would hardly ever happen upon flags that say "used".
                at = queue.phys + 16 * (queue.last & 15)
                board.p16(at + 12, random.choice((0, 1, 15, 16, 0xFFFF)))
                board.p16(at + 14, random.choice((0, 0x8080)))
            nic.receive(lambda frame, n: frame[n - 1], 64)
            if nic.tx() is not None:
                nic.send(60)
            nic.flush()
            nic.arm()
        restarts += nic.counters.restarts
        assert not nic.error or not nic.carrier and nic.tx() is None
    assert restarts > 10


def test_used_index_that_jumps_restarts_the_card():
    for queue in (0, 1):
        nic, device = card()
        device.hold = True
        for n in range(3):
            send(nic, frame_of(n))
        nic.flush()
        device.queues[queue].set_used(1000)
        assert nic.arm() or queue, "a broken device is work"
        if queue:
            for n in range(253):
                send(nic, frame_of(n))
            assert nic.tx() is None
        assert nic.rx() == 0
        nic.flush()
        assert nic.counters.restarts == 1
        assert nic.counters.tx_lost == (256 if queue else 3)
        device.hold = False
        device.deliver(frame_of(1))
        assert receive(nic) == [frame_of(1)]
        send(nic, frame_of(2))
        nic.flush()
        assert device.sent == [frame_of(2)]


def test_a_transmit_queue_that_breaks_while_somebody_waits_for_it():
    nic, device = card()
    device.hold = True
    for n in range(256):
        send(nic, frame_of(n))
    assert nic.tx() is None
    device.queues[1].set_used(9999)
    assert nic.arm(), "nobody would restart the card"
    nic.flush()
    assert nic.counters.restarts == 1 and nic.tx() is not None


def test_a_card_that_only_breaks_is_given_up():
    nic, device = card()
    send(nic, frame_of(1))
    nic.flush()
    for _ in range(30):
        if nic.error:
            break
        device.queues[0].set_used(9999)
        assert nic.rx() == 0
        nic.flush()
    assert nic.error and "used.idx" in nic.error.args[1], nic.error
    assert nic.counters.restarts < 12
    assert not nic.carrier and nic.rx() == 0 and nic.tx() is None
    nic.flush()
    assert not nic.arm()
    assert device.status & 128, "FAILED is not set"
    assert nic.counters.rx_frames == 0 and nic.counters.tx_frames == 1


@rings
def test_device_needs_reset(version):
    # Virtio 1.2 §2.1.2
    nic, device = card(version)
    device.status |= 64
    device.interrupt(2)
    assert nic.arm()
    nic.flush()
    assert nic.counters.restarts == 1
    device.deliver(frame_of(3))
    assert receive(nic) == [frame_of(3)]


def test_a_restart_that_fails_ends_the_card():
    nic, device = card(2)
    device.refuse = True
    device.queues[0].set_used(9999)
    nic.rx()
    nic.flush()
    assert nic.error and "refused" in nic.error.args[1]
    assert not nic.carrier and nic.tx() is None


def test_link_follows_configuration_interrupts():
    def run(version):
        nic, device = card(version)
        device.set_link(False)
        assert nic.arm(), "the stack must be polled to notice"
        assert nic.carrier is False
        device.set_link(True)
        assert nic.arm()
        assert nic.carrier is True
        assert not nic.arm()
        assert nic.counters.link_changes == 2
        assert device.isr == 0, "interrupt not acknowledged"

    both(run)


def test_link_is_up_without_the_feature_and_mac_is_made_up_without_it():
    nic, device = card(features=ANY_LAYOUT)
    assert nic.carrier is True
    assert len(nic.mac) == 6 and nic.mac[0] == 2
    assert device.accepted == ANY_LAYOUT


def test_mac_is_read_again_while_the_configuration_changes():
    # Virtio 1.2 §2.5.2: read the generation before and after
    board.reset()
    device = board.plug(31, Net(2))

    def change(offset):
        if offset == 3:
            device.on_config_read = None
            device.config[0:6] = b"\x02\x04\x06\xaa\xbb\xcc"
            device.generation += 1

    device.on_config_read = change
    assert cards.find()[0].mac == b"\x02\x04\x06\xaa\xbb\xcc"


def test_interrupt_comes_once_and_again_after_arm():
    def run(version):
        nic, device = card(version)
        fired = []
        nic.attach(fired.append)
        device.deliver(frame_of(0))
        assert nic.arm(), "a frame waits"
        assert receive(nic) == [frame_of(0)]
        assert not nic.arm()
        fired.clear()
        irq = board.irqs[79]
        before = irq.fired
        device.deliver(frame_of(1))
        assert len(fired) == 1 and device.isr == 0, "not acknowledged"
        device.deliver(frame_of(2))
        assert len(fired) == 1, "scheduled twice"
        assert version != EVENTS or irq.fired == before + 1, "used_event is passed already"
        assert len(receive(nic)) == 2
        device.deliver(frame_of(3))
        assert irq.fired <= before + 2, "interrupts while the stack polls"
        assert len(receive(nic)) == 1
        assert not nic.arm()
        device.deliver(frame_of(4))
        assert len(fired) == 2

    both(run)


def test_a_frame_after_the_last_look_raises_an_interrupt():
    # The one before is still untaken when arm() begins, as always after an interrupt.
    def run(version):
        nic, device = card(version)
        fired = []
        nic.attach(fired.append)
        nic.arm()
        device.deliver(frame_of(0))
        assert len(fired) == 1 and receive(nic) == [frame_of(0)]
        look = nic._rxq.arm

        def late():
            there = look()
            device.deliver(frame_of(1))
            return there

        nic._rxq.arm = late
        armed = not nic.arm()
        assert armed and len(fired) == 2, "nobody would look at the frame"

    both(run)


def test_a_frame_between_the_last_look_and_arm_is_seen():
    nic, device = card()
    nic.attach(lambda irq: None)
    assert nic.rx() == 0
    device.deliver(frame_of(1))
    assert nic.arm()


def test_a_frame_while_arm_is_at_work_is_seen():
    def run(version):
        nic, device = card(version)
        board.on_fence = lambda: device.deliver(frame_of(1))
        assert nic.arm()
        assert receive(nic) == [frame_of(1)]

    both(run)


@rings
def test_a_buffer_that_is_still_at_the_device_is_not_used_again(version):
    nic, device = card(version, queues=(16, 16))
    device.hold = True
    for n in range(16):
        send(nic, frame_of(n))
    nic.flush()
    queue = device.queues[1]
    entries = [queue.pop() for _ in range(16)]
    for k in (5, 3):
        device.send_one(*entries[k])
        queue.push(entries[k][0], 0)
    send(nic, frame_of(16))
    send(nic, frame_of(17))
    nic.flush()
    assert nic.tx() is None
    for k in range(16):
        if k not in (5, 3):
            device.send_one(*entries[k])
            queue.push(entries[k][0], 0)
    device.transmit()
    order = [5, 3] + [k for k in range(16) if k not in (5, 3)] + [16, 17]
    assert device.sent == [frame_of(n) for n in order]


@rings
def test_a_restart_between_tx_and_send(version):
    nic, device = card(version)
    for n in range(5):
        send(nic, frame_of(n))
    assert nic.tx() is not None
    device.queues[0].pop()
    device.queues[0].push(9999, 70)
    assert nic.rx() == 0
    nic.flush()
    assert nic.counters.restarts == 1
    device.sent.clear()
    nic.send(100)
    nic.flush()
    assert [len(f) for f in device.sent] == [100]


def test_nothing_is_allocated_per_frame():
    nic, device = card()

    def answer(frame, n):
        nic.tx()
        nic.send(n)

    def turn():
        while nic.receive(answer, 64):
            pass
        nic.flush()

    # The fake's views allocate; with plain lists in their place, only the driver is measured.
    for queue in (nic._rxq, nic._txq):
        queue.used_head = [0, 0]
        queue.avail_ring = [0, 0] + list(range(256)) + [0]
        queue.used_ring = [i if half == 0 else 70 for i in range(256) for half in (0, 1)]
        queue.order = queue.order_memory = array("H", range(256))
        queue.used_memory = array("I", queue.used_ring)
        queue.desc = [0] * 1024
        queue.notify_write = lambda addr, value: None
    turn()
    gc.collect()
    before = gc.mem_alloc()
    for i in range(1, 60):
        nic._rxq.used_head[1] = i * 20
        nic._txq.used_head[1] = i * 20 - 20
        turn()
    used = gc.mem_alloc() - before
    assert nic.counters.tx_frames == 59 * 20
    assert nic.counters.restarts == 0
    assert used < 59 * 20, "%d bytes in %d frames" % (used, 59 * 20)


def test_no_card_is_an_empty_list():
    board.reset()
    assert cards.find() == []


def test_two_cards_come_in_the_order_of_the_command_line():
    # QEMU gives the first device the highest slot.
    board.reset()
    board.plug(3, Net(2))
    board.plug(31, Net(1))
    assert [c.transport.base for c in cards.find()] == [0x0A003E00, 0x0A000600]


def test_a_card_that_fails_keeps_its_place():
    # The others are not renumbered, and work.
    board.reset()
    board.plug(29, Net(2))
    board.plug(30, Net(1, queues=()))
    board.plug(31, Net(1))
    first, bad, last = cards.find()
    assert [c.transport.base for c in (first, last)] == [0x0A003E00, 0x0A003A00]
    assert isinstance(bad, VirtioError) and "0x0a003c00" in str(bad)


def failure():
    """What is wrong with the only card."""
    (error,) = cards.find()
    assert isinstance(error, VirtioError) and error.errno == 19
    return error.args[1]


def test_errors_name_the_slot_and_leave_the_card_failed():
    board.reset()
    device = board.plug(5, Net(1, queues=(256,)))
    text = failure()
    assert "0x0a000a00" in text and "no queue 1" in text, text
    assert device.status & 128

    board.reset()
    device = board.plug(5, Net(2))
    device.refuse = True
    text = failure()
    assert "0x0a000a00" in text and "refused the features" in text, text
    assert device.status & 128

    board.reset()
    device = board.plug(5, Net(1, features=MAC | STATUS))
    assert "ANY_LAYOUT" in failure()

    board.reset()
    device = board.plug(5, Net(1))
    device.stuck = True
    assert "reset" in failure()

    board.reset(30 << 10)
    board.plug(5, Net(1))
    assert "DMA memory" in failure()


@rings
def test_stop_resets_the_device(version):
    nic, device = card(version)
    nic.attach(lambda irq: None)
    nic.arm()
    device.deliver(frame_of(1))
    send(nic, frame_of(2))
    receive(nic)
    nic.stop()
    assert nic.counters.rx_frames == nic.counters.tx_frames == 1
    assert device.status == 0 and not board.irqs[79].enabled
    assert nic.rx() == 0 and nic.tx() is None and not nic.carrier
    nic.flush()
    assert not nic.arm() and not board.irqs[79].enabled


class Clock:
    """Stands in for the module `time`: the device works while the driver sleeps."""

    def __init__(self, work, after):
        self.slept = 0
        self._work = work
        self._after = after

    def sleep_ms(self, ms):
        self.slept += ms
        if self.slept == self._after:
            self._work()


def test_stop_lets_the_last_frames_leave():
    # A lease's release is sent right before the card is stopped, and reset drops what waits.
    for after, left in ((3, 2), (1000, 0)):
        nic, device = card()
        device.hold = True
        send(nic, frame_of(1))
        send(nic, frame_of(2))
        nic.flush()
        assert not device.sent
        before = net.time
        net.time = Clock(device.transmit, after)
        try:
            nic.stop()
            assert len(device.sent) == left
            assert net.time.slept <= 20, "waits for a dead device"
        finally:
            net.time = before


def test_transports_find_other_kinds_by_device_id():
    board.reset()
    board.plug(31, Net(1))
    assert devices.find(devices.RNG) == []
    assert len(devices.find(devices.NET)) == 1
