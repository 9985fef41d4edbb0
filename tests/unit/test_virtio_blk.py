# Frostnet: tests of the virtio disk against a device that insists on the rules
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import random

from fake_board import Board
from fake_disk import BLK_SIZE, DO_FLUSH, FLUSH, IOERR, OUT, RO, SIZE_MAX, UNSUPP, Disk, Port
from fake_virtio import EVENT_IDX, INDIRECT_DESC, PACKED

board = Board().install()

from virtio import VirtioError, blk, devices  # noqa: E402

EINTR, EIO, ENODEV, EINVAL, EROFS, ETIMEDOUT = -4, -5, -19, -22, -30, -110
SIZE = 1 << 18

# Chains and tables, both versions, split and packed.
KINDS = (
    (1, FLUSH),
    (1, FLUSH | INDIRECT_DESC | EVENT_IDX),
    (2, FLUSH | INDIRECT_DESC),
    (2, FLUSH | EVENT_IDX),
    (2, FLUSH | PACKED | EVENT_IDX),
    (2, FLUSH | PACKED | INDIRECT_DESC | EVENT_IDX),
)


def every_kind(test):
    def run():
        for version, features in KINDS:
            test(version, features)

    return run


def pattern(n, seed=1):
    """Bytes that differ from sector to sector."""
    whole = b"".join(
        bytes((k & 0xFF, k >> 8, seed, (k ^ seed) & 0xFF)) * 128 for k in range((n >> 9) + 1)
    )
    return whole[:n]


def drive(image=None, version=2, features=FLUSH | INDIRECT_DESC, **kwargs):
    """(driver, device, port), all ready."""
    board.reset()
    devices.forget()
    if image is None:
        image = bytearray(pattern(SIZE))
    device = board.plug(31, Disk(image, version, features, **kwargs))
    port = Port()
    return blk.VirtioBlk(devices.find(devices.BLOCK)[0], port), device, port


def error_of(fn, *args, **kwargs):
    try:
        fn(*args, **kwargs)
    except VirtioError as e:
        return str(e)
    raise AssertionError("no VirtioError")


# Virtio 1.2 §5.2.6: the header, the data, the status; what is written is what is read.
@every_kind
def test_any_bytes_at_any_place(version, features):
    rng = random
    rng.seed(version + features)
    for unit in (512, 4096):
        model = bytearray(pattern(SIZE))
        d, device, port = drive(
            bytearray(model), version, features | BLK_SIZE, unit=unit, size_max=0
        )
        assert d.size == SIZE and d.unit == unit and not d.read_only
        for _ in range(12):
            n = rng.choice((1, 511, 512, 4096, 4097, 70000, 200000))
            at = rng.randrange(SIZE - n + 1)
            if rng.randrange(2):
                at &= -unit
            buf = bytearray(n)
            assert d.read(at, buf) == 0 and buf == model[at : at + n], (unit, at, n)
            buf = pattern(n, rng.randrange(256))
            model[at : at + n] = buf
            assert d.write(at, buf) == 0
            assert d.flush() == 0 and device.image == model, (unit, at, n)
        assert not port.depth and not d.counters.errors


@every_kind
def test_answers_in_any_order(version, features):
    d, device, port = drive(None, version, features)
    device.hold = True
    random.seed(5)

    def doze():
        if device.held:
            device.answer(random.randrange(len(device.held)))

    port.on_doze = doze
    for _ in range(3):
        buf = bytearray(SIZE)
        assert d.read(0, buf) == 0 and buf == device.image
        buf = pattern(SIZE, random.randrange(256))
        assert d.write(0, buf) == 0 and d.flush() == 0 and device.image == buf


def test_long_transfers_are_several_requests_at_a_time():
    d, device, port = drive(bytearray(1 << 20))
    device.hold = True
    port.on_doze = lambda: device.answer()
    assert d.read(0, bytearray(1 << 20)) == 0
    assert len(device.log) == 16 and max(entry[3] for entry in device.log) == 7
    assert all(n == 65536 for _, _, n, _ in device.log)


# §5.2.4: size_max is the most that one buffer may have.
def test_the_device_says_how_long_a_buffer_may_be():
    d, device, port = drive(features=FLUSH | SIZE_MAX, size_max=5000)
    buf = bytearray(20000)
    assert d.read(512, buf) == 0 and buf == device.image[512:20512]
    assert max(n for _, _, n, _ in device.log) == 4608


def test_nothing_beyond_the_end_is_asked_for():
    d, device, port = drive()
    for at, n in ((SIZE, 1), (SIZE - 511, 512), (-1, 1), (-512, 512), (1 << 60, 512)):
        assert d.read(at, bytearray(n)) == EINVAL
        assert d.write(at, bytes(n)) == EINVAL
    assert not device.log and d.read(SIZE, bytearray()) == 0


# Enough that no slot of the driver's has what was read before.
def push_out(d):
    for n in range(8):
        assert d.read(SIZE - (n + 1) * 512 - 65536, bytearray(65536)) == 0


def test_pages_that_were_read_are_kept_until_they_are_written():
    d, device, port = drive()
    page = 8192
    buf = bytearray(page)

    def asks(at):
        push_out(d)
        asked = d.counters.reads
        assert d.read(at, buf) == 0 and buf == device.image[at : at + page]
        return d.counters.reads - asked

    assert [asks(at) for at in (0, page, 65536, page, 0)] == [1, 1, 1, 0, 0]
    for at, n in ((2 * page - 1, 1), (page, 1), (page - 1, 1), (2 * page, 1), (0, 70000)):
        asks(page)
        assert asks(page) == 0
        assert d.write(at, pattern(n, at & 0xFF)) == d.flush() == 0
        assert asks(page) == (1 if at < 2 * page and at + n > page else 0)
    # Whatever is written, at multiples of a page or not, is what is read.
    for seed in (5, 6):
        assert d.write(100, pattern(page, seed)) == d.flush() == 0
        push_out(d)
        assert d.read(100, buf) == 0 and buf == pattern(page, seed)
    for n in (page, 2 * page):
        assert d.write(2 * page, pattern(n, 8)) == d.flush() == 0
        assert asks(2 * page) == 0 and buf == pattern(page, 8)
    # Not what was not read, nor what could not be written.
    push_out(d)
    device.answers = [IOERR, IOERR]
    assert d.read(4 * page, buf) == EIO
    assert d.read(4 * page, buf) == 0 and buf == device.image[4 * page : 5 * page]
    device.answers = [IOERR]
    assert d.write(4 * page, bytes(page)) == 0 and d.flush() == EIO
    assert asks(4 * page) == 1


class Part:
    start = 1024
    size = 1024
    error = late = 0
    failed = None

    def fail(self, errno):
        self.failed = errno


# A volume's bytes are a part of the drive's, and nothing outside of it is reached.
def test_a_part_of_a_drive():
    d, device, port = drive()
    part = Part()
    buf = bytearray(512)
    assert d.read(512, buf, part) == 0 and buf == device.image[1536:2048]
    assert d.write(1023, b"x", part) == d.flush(part) == 0 and device.image[2047] == 120
    for at, n in ((513, 512), (1024, 1), (-1, 1)):
        assert d.read(at, bytearray(n), part) == EINVAL
        assert d.write(at, bytes(n), part) == EINVAL
    assert part.failed is None
    push_out(d)
    device.answers = [IOERR, IOERR]
    assert d.read(0, buf, part) == EIO and part.failed == EIO
    part.error = -99
    asked = len(device.log)
    assert d.read(0, buf, part) == d.write(0, buf, part) == d.flush(part) == -99
    assert len(device.log) == asked and d.read(0, buf) == 0


# §5.2.6.2: FLUSH after it was agreed on, for what was answered before.
@every_kind
def test_flush_follows_what_was_written(version, features):
    d, device, port = drive(None, version, features)
    assert d.flush() == 0 and not device.log, "nothing was written"
    device.hold = True
    port.on_doze = lambda: device.answer()
    assert d.write(0, bytes(200000)) == 0 and d.flush() == 0
    assert device.log[-1] == (DO_FLUSH, 0, 0, 0), "while others were under way"
    n = len(device.log)
    assert d.flush() == 0 and len(device.log) == n


def test_without_flush_everything_is_kept_at_once():
    d, device, port = drive(features=INDIRECT_DESC)
    assert d.write(0, bytes(512)) == 0 and d.flush() == 0
    assert [entry[0] for entry in device.log] == [OUT]


def test_a_flush_that_failed_is_asked_for_again():
    d, device, port = drive()
    d.write(0, bytes(512))
    device.answers = [UNSUPP]
    assert d.flush() == EIO and d.flush() == 0


# §5.2.6.1: IOERR and UNSUPP; a device that says nothing has not said OK.
@every_kind
def test_errors_are_answers(version, features):
    d, device, port = drive(None, version, features)
    before = bytes(device.image)
    for status in (IOERR, UNSUPP, 77, 0xFE, None):
        device.answers = [status]
        assert d.write(512, bytes(512)) == 0 and d.flush() == EIO
        device.answers = [status, status]
        assert d.read(512, bytearray(512)) == EIO
    assert d.counters.errors == 10 and d.counters.lost_writes == 5 and device.image == before
    assert d.write(512, bytes(512)) == d.flush() == 0


def test_an_error_in_the_middle_leaves_nothing_behind():
    d, device, port = drive()
    device.hold = True
    port.on_doze = lambda: device.answer()
    device.answers = [0, IOERR]
    assert d.read(0, bytearray(SIZE)) == EIO
    buf = bytearray(SIZE)
    assert d.read(0, buf) == 0 and buf == device.image


def test_read_only():
    d, device, port = drive(features=FLUSH | RO)
    assert d.read_only and d.write(0, bytes(512)) == EROFS and not device.log
    assert d.read(0, bytearray(512)) == 0


def test_a_silent_drive_keeps_its_memory():
    d, device, port = drive()
    device.hold = True
    began = port.now
    buf = bytearray(512)
    assert d.read(0, buf) == ETIMEDOUT
    assert 10e6 <= port.now - began < 11e6 and d.counters.timeouts == 1
    # The next one asks for nothing before the drive has answered, and does not take as long.
    began = port.now
    assert d.write(0, pattern(512, 9)) == ETIMEDOUT and port.now - began < 2e6
    assert len(device.log) == 1
    # What comes late reaches nobody, and then all is well.
    port.on_doze = lambda: device.answer_all()
    assert d.write(0, pattern(512, 9)) == d.flush() == 0
    assert buf == bytes(512) and device.image[:512] == pattern(512, 9)


def test_ctrl_c_waits_a_second():
    d, device, port = drive()
    device.hold = True
    port.ctrl_c = True
    began = port.now
    port.on_doze = lambda: setattr(port, "now", port.now + 100000)
    assert d.read(0, bytearray(512)) == EINTR
    assert 1e6 <= port.now - began < 1.3e6 and d.counters.interrupted == 1
    # A drive that answers in time is not disturbed.
    device.answer_all()
    port.on_doze = lambda: device.answer_all()
    assert d.read(0, bytearray(512)) == 0


def test_idle_is_called_while_the_drive_is_slow():
    d, device, port = drive()
    seen = []
    d.idle = lambda: seen.append(gc.isenabled())
    assert d.read(0, bytearray(512)) == 0 and not seen
    device.hold = True

    def doze():
        if len(seen) > 2:
            device.answer_all()

    port.on_doze = doze
    assert d.read(65536, bytearray(512)) == 0
    assert seen == [False] * len(seen) and len(seen) > 2, "a collection may use the filesystem"
    assert gc.isenabled()
    # In a callback, or in a finaliser: nobody knows what they are in the middle of.
    seen.clear()
    port.lock()
    port.on_doze = lambda: device.answer_all()
    assert d.read(131072, bytearray(512)) == 0 and not seen
    port.unlock()


def test_an_exception_of_idle_stays_outside():
    d, device, port = drive()
    device.hold = True
    d.idle = lambda: 1 // 0

    def doze():
        if d.counters.bug_idle:
            device.answer_all()

    port.on_doze = doze
    assert d.read(0, bytearray(512)) == 0 and d.counters.bug_idle and gc.isenabled()


# §2.1.2: the device asks for a reset; §3.1.1 begins anew.
@every_kind
def test_a_reset_on_request(version, features):
    d, device, port = drive(None, version, features)
    device.hold = True

    def doze():
        if device.resets < 2:
            device.status |= 64
            device.interrupt(2)
        else:
            device.answer_all()

    port.on_doze = doze
    buf = bytearray(SIZE)
    assert d.read(0, buf) == 0 and buf == device.image
    assert d.counters.restarts == 1 and not d.error


def test_a_broken_drive_is_reset_and_then_given_up():
    d, device, port = drive()
    device.hold = True
    port.on_doze = lambda: device.queues[0].push(9, 1)
    assert d.read(0, bytearray(512)) == ENODEV
    assert d.counters.restarts == 3 and "again and again" in str(d.error)
    assert d.read(0, bytearray(512)) == ENODEV and d.write(0, bytes(512)) == ENODEV


def test_a_broken_answer_is_repeated():
    d, device, port = drive()
    device.hold = True

    def doze():
        if device.resets < 2:
            device.queues[0].push(9, 1)
        else:
            device.answer_all()

    port.on_doze = doze
    assert d.write(512, pattern(70000 // 512 * 512, 3)) == d.flush() == 0
    assert device.image[512 : 512 + 69632] == pattern(69632, 3)


def test_drives_that_make_no_sense():
    for unit in (0, 100, 513, 1 << 17):
        assert "units of" in error_of(drive, features=FLUSH | BLK_SIZE, unit=unit)
    assert "units of" in error_of(drive, features=FLUSH | SIZE_MAX, size_max=100)
    drive()
    assert "no DMA memory" in error_of(
        lambda: [blk.VirtioBlk(devices.find(devices.BLOCK)[0], Port()) for _ in range(20)]
    )


def test_a_drive_without_a_byte():
    d, device, port = drive(bytearray(100))
    assert d.size == 0 and d.read(0, bytearray(1)) == EINVAL


def test_all_drives_are_found_and_broken_ones_named():
    board.reset()
    devices.forget()
    board.plug(3, Disk(bytearray(512)))
    board.plug(4, Disk(bytearray(1024), features=FLUSH | BLK_SIZE, unit=7))
    board.plug(9, Disk(bytearray(1536)))
    found, error = blk.drives()
    assert [d.size for d in found] == [1536, 512] and "units of 7" in str(error)
