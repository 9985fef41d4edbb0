# Frostnet: tests of chained requests against a device that insists on the rules
# MIT license; Copyright (c) 2026 The Frostnet authors

import random

from fake_board import Board
from fake_virtio import EVENT_IDX, INDIRECT_DESC, PACKED, Echo

board = Board().install()

from virtio import VirtioError, devices, requests  # noqa: E402

# Split and packed queues, direct and indirect descriptors, with and without EVENT_IDX.
KINDS = tuple(
    (version, ring | features)
    for version, ring in ((1, 0), (2, 0), (2, PACKED))
    for features in (0, EVENT_IDX, INDIRECT_DESC, EVENT_IDX | INDIRECT_DESC)
)


def every_kind(test):
    def run():
        for version, features in KINDS:
            test(version, features)

    return run


class Rig:
    """A device, and a driver that has 64 bytes of memory for each part of each request."""

    def __init__(self, version, features, depth=4, segments=4, size=64):
        board.reset(64 << 10)
        self.device = board.plug(7, Echo(version, features, queues=(size,)))
        self.transport = devices.find(99)[0]
        self.transport.negotiate(0)
        self.r = requests.Requests(self.transport, 0, depth, segments)
        self.transport.ready()
        self.memory, self.phys = board.dma(self.r.depth * segments * 64)

    def at(self, number, part):
        return (number * self.r.segments + part) * 64

    def put(self, *parts):
        """Stage a request that asks with `parts`, bytes, and takes answers of as many ints."""
        number = self.r.begin()
        assert number >= 0
        out, into = [], []
        for k, part in enumerate(parts):
            at = self.at(number, k)
            if isinstance(part, int):
                self.memory[at : at + 64] = bytes(64)
                into.append((self.phys + at, part))
            else:
                self.memory[at : at + len(part)] = part
                out.append((self.phys + at, len(part)))
        self.r.put(number, out, into)
        return number

    def answer(self, number, part, n):
        at = self.at(number, part)
        return bytes(self.memory[at : at + n])


def error_of(fn, *args):
    try:
        fn(*args)
    except OSError as e:
        return e
    raise AssertionError("no OSError")


@every_kind
def test_a_request_and_its_answer(version, features):
    rig = Rig(version, features)
    assert rig.transport.features & INDIRECT_DESC == features & INDIRECT_DESC
    n = rig.put(b"abc", b"defg", 3, 8)
    assert not rig.device.asked and rig.r.pending() == 1, "asked before flush()"
    rig.r.flush()
    assert rig.r.wait(n, 0) == 7
    assert rig.device.asked == [b"abcdefg"]
    assert rig.answer(n, 2, 3) == b"gfe" and rig.answer(n, 3, 5) == b"dcba\0"
    assert rig.r.pending() == 0
    rig.r.flush()
    assert rig.device.notifications == [0]


@every_kind
def test_requests_of_every_shape_for_ever(version, features):
    # Virtio 1.2 §2.7.13, §2.8.1: rings and their laps wrap
    rig = Rig(version, features, depth=8, segments=3, size=32)
    random.seed(version)
    count = 0
    while count < 600:
        numbers = []
        for _ in range(random.randrange(1, rig.r.depth + 1)):
            k = random.randrange(1, 4)
            written = random.randrange(k + 1)
            parts = [bytes((count & 0xFF, j)) for j in range(k - written)] + [2] * written
            numbers.append(rig.put(*parts))
            count += 1
        assert sorted(set(numbers)) == sorted(numbers)
        rig.r.flush()
        for n in numbers:
            rig.r.wait(n, 0)
    assert len(rig.device.asked) == count
    assert not rig.r.queue.broken


@every_kind
def test_requests_come_back_in_any_order(version, features):
    # Virtio 1.2 §2.7.8: without IN_ORDER any order is legal
    rig = Rig(version, features)
    rig.device.hold = True
    random.seed(version)
    for turn in range(40):
        numbers = [rig.put(bytes((turn, k)) * (k + 1), 64) for k in range(rig.r.depth)]
        assert rig.r.begin() == -1, "more requests than there is room for"
        rig.r.flush()
        while rig.device.held:
            rig.device.answer(random.randrange(len(rig.device.held)))
        for k in (2, 0, 3, 1):
            assert rig.r.wait(numbers[k], 0) == 2 * k + 2
            assert rig.answer(numbers[k], 1, 2 * k + 2) == bytes((k, turn)) * (k + 1)
    assert rig.r.pending() == 0


@every_kind
def test_poll_takes_what_is_finished(version, features):
    rig = Rig(version, features)
    rig.device.hold = True
    assert rig.r.poll() == -1
    first, second = rig.put(b"a", 1), rig.put(b"bc", 2)
    rig.r.flush()
    assert rig.r.poll() == -1 and rig.r.pending() == 2
    rig.device.answer(1)
    assert rig.r.poll() == second and rig.r.written(second) == 2
    assert rig.r.poll() == -1 and rig.r.pending() == 1
    rig.device.answer()
    assert rig.r.poll() == first and rig.r.written(first) == 1
    assert rig.r.pending() == 0


def test_asked_twice_the_request_is_the_same():
    rig = Rig(1, 0)
    assert rig.r.begin() == rig.r.begin()
    n = rig.put(b"a")
    assert rig.r.begin() != n


def test_a_queue_smaller_than_wanted():
    assert Rig(1, 0, depth=8, segments=4, size=16).r.depth == 4
    assert Rig(1, INDIRECT_DESC, depth=32, segments=4, size=16).r.depth == 16
    for features in (0, INDIRECT_DESC):
        e = error_of(Rig, 1, features, 1, 5, 4)
        assert isinstance(e, VirtioError) and "too small" in e.args[1]


@every_kind
def test_who_waits_too_long_leaves_the_memory_to_the_device(version, features):
    rig = Rig(version, features)
    rig.device.hold = True
    n = rig.put(b"a", 1)
    rig.r.flush()
    assert error_of(rig.r.wait, n, 3000).errno == 110
    for _ in range(rig.r.depth - 1):
        assert rig.put(b"b", 1) != n
    assert rig.r.begin() == -1
    rig.r.flush()
    rig.device.answer()
    assert rig.r.begin() == n, "it is free when the device returned it"
    assert rig.r.poll() == -1, "nobody wants to know"


@every_kind
def test_ctrl_c_while_it_waits_loses_no_request(version, features):
    rig = Rig(version, features)
    rig.device.hold = True
    ticks = requests.time

    class Interrupted:
        def ticks_us(self):
            raise KeyboardInterrupt

    for _ in range(20):
        n = rig.put(b"a", 1)
        rig.r.flush()
        requests.time = Interrupted()
        try:
            rig.r.wait(n, 1000)
        except KeyboardInterrupt:
            pass
        else:
            raise AssertionError("not interrupted")
        finally:
            requests.time = ticks
        rig.device.answer()
    assert rig.r.poll() == -1 and rig.r.pending() == 0


@every_kind
def test_a_device_that_returns_what_it_does_not_have(version, features):
    for bad in (1, 9, 64, 0xFFFF, 0xFFFFFFFF):
        rig = Rig(version, features)
        rig.device.hold = True
        n = rig.put(b"abc", 64)
        rig.r.flush()
        tail = rig.device.held[0][0]
        rig.device.queues[0].push(tail + bad & 0xFFFFFFFF, 1)
        e = error_of(rig.r.wait, n, 10000)
        assert isinstance(e, VirtioError) and rig.r.queue.broken, e


@every_kind
def test_a_device_that_scribbles_over_its_rings(version, features):
    # Nothing but an OSError comes of it, no request is lost to the driver or there twice, and
    # after a restart all is well.
    broken = 0
    for seed in range(12):
        random.seed(seed)
        rig = Rig(version, features)
        rig.device.hold = True
        rig.device.notified = lambda index: None  # it would stumble over its own scribbles
        queue = rig.r.queue
        for _ in range(12):
            if rig.r.begin() >= 0:
                rig.put(b"ab", 3)
                rig.r.flush()
            last = queue.last % queue.size
            if queue.packed:
                at = queue.phys + 16 * last
                board.p16(at + 12, random.choice((0, 1, 3, 4, 8, 63, 0xFFFF)))
                board.p16(at + 14, random.choice((0, 0x8080, random.getrandbits(16))))
                board.p16(at + 8, random.choice((0, 3, 4, 0xFFFF)))
            else:
                at = queue.device_phys + 4 + 8 * last
                board.p16(at, random.choice((0, 1, 3, 4, 8, 63, 0xFFFF)))
                board.p16(at + 4, random.choice((0, 3, 4, 0xFFFF)))
                idx = random.choice((queue.last, queue.last + 1, random.getrandbits(16)))
                board.p16(queue.device_phys + 2, idx)
            if rig.r.poll() < 0:
                try:
                    rig.r.wait(random.randrange(rig.r.depth), 0)
                except OSError:
                    pass
            assert sorted(set(rig.r._free)) == sorted(rig.r._free)
        broken += bool(queue.broken)
        rig.transport.restart()
        rig.r.clear()
        rig.transport.ready()
        del rig.device.notified
        numbers = [rig.put(b"xyz", 3) for _ in range(rig.r.depth)]
        rig.r.flush()
        while rig.device.held:
            rig.device.answer()
        assert [rig.r.wait(n, 0) for n in numbers] == [3] * rig.r.depth
    assert broken > 4


@every_kind
def test_a_device_that_says_it_wrote_too_much(version, features):
    rig = Rig(version, features)
    rig.device.hold = True
    n = rig.put(b"abc", 10)
    rig.r.flush()
    rig.device.queues[0].push(rig.device.held[0][0], 11)
    assert "room" in error_of(rig.r.wait, n, 10000).args[1]


@every_kind
def test_device_needs_reset(version, features):
    # Virtio 1.2 §2.1.2
    rig = Rig(version, features)
    rig.device.hold = True
    n = rig.put(b"abc", 10)
    rig.r.flush()
    rig.device.status |= 64
    assert "asks for a reset" in error_of(rig.r.wait, n, 100000).args[1]
    for _ in range(2):
        rig.device.held.clear()
        rig.transport.restart()
        rig.r.clear()
        rig.transport.ready()
    assert rig.r.pending() == 0
    numbers = [rig.put(b"xyz", 3) for _ in range(rig.r.depth)]
    rig.r.flush()
    while rig.device.held:
        rig.device.answer()
    for n in numbers:
        assert rig.r.wait(n, 0) == 3 and rig.answer(n, 1, 3) == b"zyx"


def test_wrong_use_is_an_error():
    rig = Rig(1, 0)
    n = rig.r.begin()
    for number, parts in ((n + 1, 1), (n, 0), (n, 5)):
        try:
            rig.r.put(number, [(rig.phys, 1)] * parts)
        except ValueError:
            continue
        raise AssertionError("accepted")
