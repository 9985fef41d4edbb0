# Frostnet: tests of the console device's driver
# MIT license; Copyright (c) 2026 The Frostnet authors

import select

from fake_board import RAM_BASE, Board
from fake_virtio import EVENT_IDX, INDIRECT_DESC, Device

board = Board().install()

from virtio import VirtioError, console, devices  # noqa: E402


class Port(Device):
    """Virtio 1.2 §5.3.6: queue 0 brings input, queue 1 takes output, unless `full`."""

    def __init__(self, version, features):
        super().__init__(devices.CONSOLE, version, features, queues=(64, 64))
        self.printed = b""
        self.full = False

    def notified(self, index):
        if index == 1:
            self.take()
        self.queues[index].notify_me(True)

    def take(self):
        queue = self.queues[1]
        while not self.full:
            chain = queue.pop_chain()
            if not chain:
                break
            i, ((addr, length, writable),) = chain
            assert not writable
            self.printed += bytes(self.board.ram[addr - RAM_BASE : addr - RAM_BASE + length])
            queue.push(i, 0)

    def type(self, data, written=None):
        """False if the driver gave no room."""
        chain = self.queues[0].pop_chain()
        if not chain:
            return False
        i, ((addr, length, writable),) = chain
        assert writable and len(data) <= length
        self.board.ram[addr - RAM_BASE : addr - RAM_BASE + len(data)] = data
        self.queues[0].push(i, len(data) if written is None else written)
        if self.queues[0].wants_interrupt():
            self.interrupt(1)
        return True


def plugged(version=1, features=0):
    board.reset(256 << 10)
    devices.forget()
    console._open.clear()
    device = board.plug(9, Port(version, features))
    return console.open(), device


def test_output_of_any_length():
    for version in (1, 2):
        for features in (0, INDIRECT_DESC, EVENT_IDX):
            c, device = plugged(version, features)
            whole = b""
            for n in (0, 1, 1023, 1024, 1025, 16384, 16385, 100000):
                data = bytes(k * 7 + n & 255 for k in range(n))
                assert c.write(data) == n
                whole += data
                assert device.printed == whole
            assert c.write("text ä") == 7 and device.printed[-7:] == b"text \xc3\xa4"
            print("by print", 1, file=c)
            assert device.printed[-11:] == b"by print 1\n"


def test_a_reader_that_is_slow_loses_nothing_that_was_counted():
    c, device = plugged()
    device.full = True
    c.patience = 5
    data = bytes(range(256)) * 100
    n = c.write(data)
    assert n == 16 * 1024
    assert c.write(b"x") is None
    assert c.send(b"x", 0) == 0
    device.full = False
    device.take()
    assert device.printed == data[:n]
    assert c.write(b"x") == 1 and device.printed == data[:n] + b"x"


def test_input():
    for features in (0, EVENT_IDX):
        c, device = plugged(2, features)
        assert c.read() is None and c.readinto(bytearray(5)) is None
        assert device.type(b"hello")
        assert not device.type(b"more")  # what was not read yet is not overwritten
        assert c.read(2) == b"he"
        buf = bytearray(10)
        assert c.readinto(buf) == 3 and buf[:3] == b"llo"
        assert c.read() is None
        for n in range(200):
            assert device.type(bytes([n]) * 1024)
            assert c.read() == bytes([n]) * 1024
        assert device.type(b"")
        assert c.read() is None
        assert device.type(b"after nothing")
        assert c.read(-1) == b"after nothing"


def test_poll():
    c, device = plugged()
    poll = select.poll()
    poll.register(c, select.POLLIN | select.POLLOUT)
    assert poll.poll(0)[0][1] == select.POLLOUT
    device.type(b"x")
    assert poll.poll(0)[0][1] == select.POLLOUT | select.POLLIN
    device.full = True
    c.patience = 0
    c.write(bytes(16384))
    assert poll.poll(0)[0][1] == select.POLLIN
    c.read()
    assert not poll.poll(0)


def test_a_device_that_breaks_the_rules_starts_anew():
    for wrong in (1025, 0xFFFFFFFF):
        c, device = plugged()
        device.type(b"x", wrong)
        assert c.read() is None
        assert c.write(b"again") == 5
        assert device.resets == 2 and device.printed == b"again"
        assert device.type(b"y") and c.read() == b"y"


def test_a_device_that_does_not_come_back():
    c, device = plugged()
    device.status |= 64  # DEVICE_NEEDS_RESET
    device.stuck = True
    for call in (lambda: c.write(b"x"), c.read):
        try:
            call()
        except VirtioError as e:
            assert "reset" in e.args[1]
        else:
            raise AssertionError("no VirtioError")
    assert c.error
    poll = select.poll()
    poll.register(c, select.POLLIN)
    assert poll.poll(0)[0][1] == select.POLLHUP


def test_there_is_one_of_each():
    c, device = plugged()
    assert console.open() is c
    for index in (1, -1):
        try:
            console.open(index)
        except OSError as e:
            assert e.args[0] == 19 and "virtconsole" in e.args[1]
        else:
            raise AssertionError("opened")
