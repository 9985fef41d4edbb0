# Frostnet: tests of the entropy device's driver
# MIT license; Copyright (c) 2026 The Frostnet authors

from fake_board import RAM_BASE, Board
from fake_virtio import EVENT_IDX, INDIRECT_DESC, Device

board = Board().install()

from virtio import devices, rng  # noqa: E402


class Source(Device):
    """Virtio 1.2 §5.4.6: writes at least one byte to each buffer, as many as `give` says."""

    def __init__(self, version, features):
        super().__init__(devices.RNG, version, features, queues=(8,))
        self.next = 0
        self.asked = []  # lengths of buffers that wait
        self.waiting = []

    def notified(self, index):
        queue = self.queues[0]
        while True:
            chain = queue.pop_chain()
            if not chain:
                break
            i, ((addr, length, writable),) = chain
            assert writable
            self.asked.append(length)
            self.waiting.append((i, addr))
        queue.notify_me(True)

    def give(self, n, written=None):
        i, addr = self.waiting.pop(0)
        for k in range(n):
            self.next += 1
            self.board.ram[addr - RAM_BASE + k] = self.next & 255
        self.queues[0].push(i, n if written is None else written)
        if self.queues[0].wants_interrupt():
            self.interrupt(1)


def plugged(version=1, features=0):
    board.reset()
    devices.forget()
    device = board.plug(5, Source(version, features))
    given = []
    driver = rng.Rng(devices.find(devices.RNG)[0], given.append)
    return driver, device, given


def test_bytes_are_given_on_and_wiped():
    for version in (1, 2):
        for features in (0, INDIRECT_DESC, EVENT_IDX):
            driver, device, given = plugged(version, features)
            assert not device.asked and not driver.poll()
            driver.ask()
            driver.ask()  # once is enough
            assert device.asked == [64]
            assert driver.poll() and not given
            addr = device.waiting[0][1] - RAM_BASE
            device.give(64)
            assert not driver.poll()
            assert given == [bytes(range(1, 65))]
            assert bytes(board.ram[addr : addr + 64]) == bytes(64)
            assert not driver.poll() and len(given) == 1


def test_interrupts_when_somebody_listens():
    for features in (0, EVENT_IDX):
        driver, device, given = plugged(2, features)
        driver.ask()
        device.give(40)
        assert not given
        driver.listen()  # it had come before
        assert given == [bytes(range(1, 41))]
        for n in range(300):
            driver.ask()
            device.give(64)
            assert len(given) == n + 2


def test_a_few_bytes_at_a_time_are_collected():
    driver, device, given = plugged()
    driver.listen()
    driver.ask()
    for _ in range(31):
        device.give(1)
        assert not given and len(device.waiting) == 1
    device.give(1)
    assert given == [bytes(range(1, 33))] and not device.waiting


def test_a_device_that_breaks_the_rules_starts_anew():
    for wrong in (65, 0xFFFFFFFF):
        driver, device, given = plugged()
        driver.ask()
        device.give(64, wrong)
        assert not driver.poll() and not given
        assert device.resets == 2 and device.status & 4
        driver.ask()
        device.give(64)
        driver.poll()
        assert len(given) == 1 and len(given[0]) == 64


def test_nothing_written_is_nothing_given():
    # §5.4.6.1 forbids it: asking again at once would go on for ever
    driver, device, given = plugged()
    driver.listen()
    driver.ask()
    device.give(0)
    assert not driver.poll() and not given and not device.waiting
    driver.ask()
    assert device.waiting


def test_a_device_that_does_not_come_back():
    driver, device, given = plugged()
    driver.ask()
    device.status |= 64  # DEVICE_NEEDS_RESET
    device.stuck = True
    assert not driver.poll()
    assert driver.error and "reset" in driver.error.args[1]
    driver.ask()
    assert not driver.poll() and not given
