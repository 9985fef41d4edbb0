# Frostnet: tests of the disk's writes that nobody waits for, and of what it keeps
# MIT license; Copyright (c) 2026 The Frostnet authors

import random

from fake_board import Board
from fake_disk import DO_FLUSH, FLUSH, IN, IOERR, OUT, SIZE_MAX, Disk, Port
from fake_virtio import INDIRECT_DESC

board = Board().install()

from virtio import blk, devices  # noqa: E402

EINTR, EIO, ENODEV, ETIMEDOUT = -4, -5, -19, -110
SIZE = 1 << 20
SLOTS = 8
SEGMENT = 65536
AROUND = 32768


def drive(hold=False, features=FLUSH | INDIRECT_DESC, **kwargs):
    """(driver, device, port) of a drive of zeros. It answers at once, or when somebody waits."""
    board.reset()
    devices.forget()
    device = board.plug(31, Disk(bytearray(SIZE), 2, features, **kwargs))
    port = Port()
    device.hold = hold
    if hold:
        port.on_doze = device.answer_all
    return blk.VirtioBlk(devices.find(devices.BLOCK)[0], port), device, port


def sector(n):
    return bytes((n & 0xFF, n >> 8)) * 256


def kinds(device):
    return [entry[0] for entry in device.log]


class Part:
    start, size = 0, SIZE

    def __init__(self):
        self.error = self.late = 0
        self.failed = []

    def fail(self, errno):
        self.failed.append(errno)


def test_a_write_does_not_wait():
    d, device, port = drive(hold=True)
    assert d.write(0, sector(1)) == 0
    assert not port.dozes and len(device.held) == 1 and not any(device.image)


# Parts of one write are under way together: who wrote it cannot know of any of them.
def test_a_full_ring_waits_for_the_oldest():
    data = b"".join(sector(n) for n in range(SIZE // 512))
    for which in (0, -1):
        d, device, port = drive(hold=True)
        port.on_doze = lambda d=device, w=which: d.answer(w % len(d.held))
        assert d.write(0, data) == 0
        assert max(entry[3] for entry in device.log) == SLOTS - 1
        assert port.dozes >= SLOTS and len(device.held) == 16 - port.dozes
        assert d.flush() == 0 and device.image == data


# Virtio 1.2 §5.2.6.2: FLUSH keeps the writes that were answered before it was asked for.
def test_flush_is_a_barrier():
    d, device, port = drive(hold=True)
    assert d.write(0, bytes(5 * SEGMENT)) == 0 and len(device.held) == 5
    assert d.flush() == 0
    assert kinds(device) == [OUT] * 5 + [DO_FLUSH]
    assert device.log[-1][3] == 0, "asked for while writes were under way"
    # What was written is on the drive when flush() returns, with FLUSH or without.
    d, device, port = drive(hold=True, features=INDIRECT_DESC)
    assert d.write(0, sector(1)) == d.flush() == 0
    assert kinds(device) == [OUT] and device.image[:512] == sector(1)


# A drive may do what it is asked in any order; a filesystem counts on the order of its writes.
# None is asked for before all of the one before it was answered, whether they overlap or not.
def test_writes_keep_their_order():
    for at, n in ((512, 512), (0, 1024), (512, 2048), (1023, 1), (0, 200000), (90000, 512)):
        for before in (512, 3 * SEGMENT):
            d, device, port = drive(hold=True)
            port.on_doze = lambda d=device: d.answer(len(d.held) - 1)
            assert d.write(512, bytes((1,)) * before) == 0 and not port.dozes
            asked = len(device.log)
            data = bytes((7,)) * n
            assert d.write(at, data) == 0 and port.dozes, (at, n)
            assert device.log[asked][3] == 0, (at, n)
            assert d.flush() == 0 and device.image[at : at + n] == data


def test_a_read_waits_for_what_it_overlaps():
    d, device, port = drive(hold=True)
    port.on_doze = lambda: device.answer(len(device.held) - 1)
    assert d.write(AROUND - 512, sector(1)) == 0
    # Around it, and a long one.
    buf = bytearray(512)
    assert d.read(0, buf) == 0 and buf == bytes(512)
    assert kinds(device) == [OUT, IN] and device.log[1][3] == 0
    buf = bytearray(512)
    assert d.read(AROUND - 512, buf) == 0 and buf == sector(1) and len(device.log) == 2
    assert d.write(300 * 512, sector(2)) == 0
    buf = bytearray(200000)
    assert d.read(0, buf) == 0 and buf == device.image[:200000]
    assert buf[AROUND - 512 : AROUND] == sector(1) and buf[300 * 512 : 301 * 512] == sector(2)


def test_what_is_written_can_be_read_at_once():
    d, device, port = drive(hold=True)
    data = b"".join(sector(n) for n in range(64))
    assert d.write(AROUND, data) == 0
    buf = bytearray(len(data))
    assert d.read(AROUND, buf) == 0 and buf == data
    buf = bytearray(700)
    assert d.read(AROUND + 3000, buf) == 0 and buf == data[3000:3700]
    assert not port.dozes and kinds(device) == [OUT]


def test_a_short_read_brings_what_is_around_it():
    d, device, port = drive()
    device.image[:] = b"".join(sector(n) for n in range(SIZE // 512))
    buf = bytearray(100)
    for at in (70000, 65536, 98204):
        assert d.read(at, buf) == 0 and buf == device.image[at : at + 100]
    assert [entry[:3] for entry in device.log] == [(IN, 65536, AROUND)]
    # Not over the edge, nor what a write has changed.
    assert d.read(98254, buf) == 0 and buf == device.image[98254:98354] and len(device.log) == 2
    assert d.write(66048, sector(5)) == d.flush() == 0
    assert d.read(70000, buf) == 0 and len(device.log) == 5
    assert d.read(66048, buf) == 0 and buf == sector(5)[:100]


# One bad sector does not make its neighbours bad; and a drive need not end at a multiple.
def test_around_a_bad_sector():
    d, device, port = drive()
    device.answers = [IOERR]
    buf = bytearray(512)
    assert d.read(1024, buf) == 0 and d.counters.errors == 0
    assert [entry[:3] for entry in device.log] == [(IN, 0, AROUND), (IN, 1024, 512)]
    d, device, port = drive()
    device.image[:] = bytes(SIZE - 512)
    d.size -= 512
    assert d.read(SIZE - 1024, buf) == 0 and device.log[0][:3] == (IN, SIZE - 1024, 512)
    d, device, port = drive(features=FLUSH | SIZE_MAX, size_max=4096)
    assert d.read(512, buf) == 0 and device.log[0][:3] == (IN, 512, 512)


# What a write met is told once, to the next write or flush of who wrote.
def test_an_error_that_comes_late_is_told():
    for tell in ("write", "flush"):
        d, device, port = drive(hold=True)
        device.answers = [IOERR]
        assert d.write(0, sector(1)) == 0 and d.counters.lost_writes == 0
        device.answer()
        result = d.flush() if tell == "flush" else [d.write(n * 512, sector(2)) for n in range(9)]
        if tell == "write":
            # The first of them that looks at what the drive has answered.
            assert result.count(EIO) == 1 and result.count(0) == 8
        else:
            assert result == EIO
        assert d.counters.lost_writes == 1 and d.counters.errors == 1
        assert d.flush() == 0
    # A flush without a write since tells it too, and a read does not take it away.
    d, device, port = drive()
    device.answers = [IOERR]
    assert d.write(0, sector(1)) == 0
    buf = bytearray(200000)
    assert d.read(0, buf) == 0 and d.flush() == EIO and d.flush() == 0


def test_what_could_not_be_written_is_not_kept():
    d, device, port = drive()
    device.answers = [IOERR]
    assert d.write(0, sector(1) * 16) == 0 and d.flush() == EIO
    buf = bytearray(8192)
    assert d.read(0, buf) == 0 and buf == bytes(8192)


def test_an_error_is_told_to_who_wrote():
    d, device, port = drive()
    one, other = Part(), Part()
    device.answers = [IOERR]
    assert d.write(0, sector(1), one) == 0
    assert d.write(512, sector(2), other) == d.flush(other) == 0
    assert one.failed == [EIO] and not other.failed
    assert d.flush() == 0
    assert d.write(0, sector(1), one) == EIO and d.flush(one) == 0 and not other.failed


# The time-out is told, and an old write does not overtake a new one.
def test_a_write_that_is_not_answered():
    d, device, port = drive(hold=True)
    port.on_doze = None
    assert d.write(0, sector(1)) == 0
    began = port.now
    assert d.flush() == ETIMEDOUT and 10e6 <= port.now - began < 11e6
    began = port.now
    assert d.write(0, sector(2)) == ETIMEDOUT and port.now - began < 2e6
    assert d.write(9 * 512, sector(2)) == ETIMEDOUT
    assert len(device.log) == 1 and d.counters.timeouts == 3
    port.on_doze = device.answer_all
    assert d.write(0, sector(3)) == d.flush() == 0
    assert kinds(device) == [OUT, OUT, DO_FLUSH] and device.image[:512] == sector(3)
    # One that fails when nobody waits any longer is told as well.
    d, device, port = drive(hold=True)
    port.on_doze = None
    device.answers = [IOERR]
    assert d.write(0, sector(1)) == 0 and d.flush() == ETIMEDOUT
    port.on_doze = device.answer_all
    assert d.flush() == EIO and d.flush() == 0


def test_ctrl_c_while_writes_are_behind():
    d, device, port = drive(hold=True)
    assert d.write(0, sector(1)) == 0
    port.ctrl_c = True
    port.on_doze = lambda: setattr(port, "now", port.now + 100000)
    assert d.flush() == EINTR
    port.ctrl_c = False
    port.on_doze = device.answer_all
    assert d.flush() == 0 and device.image[:512] == sector(1)


# Virtio 1.2 §2.1.2: what a drive had not answered when it asked for a reset it may have forgotten.
def test_a_reset_repeats_what_is_behind():
    for answered in (0, 2):
        d, device, port = drive(hold=True)
        data = b"".join(sector(n) for n in range(5 * SEGMENT // 512))
        assert d.write(0, data) == 0
        for _ in range(answered):
            device.answer(1)

        def doze():
            if device.resets < 2:
                device.status |= 64
                device.interrupt(2)
            else:
                device.answer_all()

        port.on_doze = doze
        assert d.flush() == 0 and d.counters.restarts == 1
        assert device.image[: 5 * SEGMENT] == data
        assert kinds(device) == [OUT] * (10 - answered) + [DO_FLUSH]


def test_a_drive_that_is_given_up_says_so():
    d, device, port = drive(hold=True)
    part = Part()
    assert d.write(0, sector(1), part) == 0
    port.on_doze = lambda: device.queues[0].push(9, 1)
    assert d.flush(part) == ENODEV and part.failed == [ENODEV]
    # Nothing that was kept is given out as the drive's.
    assert d.read(0, bytearray(512)) == d.write(0, sector(2)) == d.flush() == ENODEV


def test_one_request_at_a_time():
    d, device, port = drive(hold=True, features=FLUSH, size=4)
    assert d.write(0, bytes(range(256)) * 800) == d.flush() == 0
    assert max(entry[3] for entry in device.log) == 0
    buf = bytearray(200000)
    assert d.read(100, buf) == 0 and buf == device.image[100:200100]


def test_anything_in_any_order():
    for seed in range(12):
        random.seed(seed)
        d, device, port = drive(hold=True)
        if seed & 1:
            port.on_doze = lambda: device.answer(random.randrange(len(device.held)))
        model = bytearray(SIZE)
        for _ in range(60):
            n = random.choice((512, 512, 700, 4096, 8192, 32768, 70000))
            at = random.randrange(300000)
            at &= random.choice((-1, -512, -8192))
            what = random.randrange(8)
            if what < 4:
                data = bytes((random.getrandbits(8),)) * n
                model[at : at + n] = data
                assert d.write(at, data) == 0
            elif what < 7:
                buf = bytearray(n)
                assert d.read(at, buf) == 0 and buf == model[at : at + n], (seed, at, n)
            else:
                assert d.flush() == 0 and device.image == model
            if device.held and random.randrange(3) == 0:
                device.answer(random.randrange(len(device.held)))
        assert d.flush() == 0 and device.image == model
