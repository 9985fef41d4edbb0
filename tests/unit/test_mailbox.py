# Frostnet: tests of the queue of datagrams
# MIT license; Copyright (c) 2026 The Frostnet authors

# Runs on the board too, so it needs nothing but what is frozen there.

import gc

from frostnet.counters import UDP, Counters
from frostnet.mailbox import Mailbox


def fill(n, i):
    return bytes((i + k) & 255 for k in range(n))


class Pair:
    """A mailbox, and the list of what should be in it."""

    def __init__(self):
        self.box = Mailbox()
        self.counters = Counters(UDP)
        self.model = []
        self.serial = 0

    # Returns whether the datagram was taken; if so it must come out again as it went in.
    def put(self, n):
        self.serial = i = self.serial + 1
        data = fill(n, i)
        off = i % 7
        drops = self.counters.udp_drop_queue
        buf = memoryview(b"\xee" * off + data + b"\xee" * 3)
        self.box.deliver(self.counters, buf, off, off + n, 0xFFFFFFFF - i, i & 0xFFFF)
        taken = self.counters.udp_drop_queue == drops
        if taken:
            self.model.append((data, 0xFFFFFFFF - i, i & 0xFFFF))
        return taken

    def take(self):
        want = self.model.pop(0) if self.model else None
        assert self.box.recv(True) == want, "peek"
        assert self.box.recv() == want
        assert self.box.available() == len(self.model)


def test_property_same_as_a_list():
    x = 12345
    refused = 0
    for largest in (1, 2, 70, 700, 1473, 9000):
        p = Pair()
        for i in range(600):
            x = x * 1103515245 + 12345 & 0x7FFFFFFF
            r = x >> 8
            # Phases in which it fills up and runs empty, so that the ring wraps in every way.
            if r & 15 < (11 if i & 128 else 5):
                used = sum(max(len(item[0]), 1) for item in p.model)
                n = (r >> 4) % (largest + 1)
                if not p.put(n):
                    refused += 1
                    # By number, or for want of one piece: half of the bytes always fit.
                    assert len(p.model) == 32 or used + n > 32768, (largest, used, n)
            else:
                p.take()
        while p.model:
            p.take()
        assert p.box.recv() is None and p.box.recv_into(bytearray(1)) == -1
    assert refused


def test_limits():
    p = Pair()
    assert p.put(65507), "the largest datagram"
    assert not p.put(100)
    p.take()
    assert [p.put(0) for _ in range(33)] == [True] * 32 + [False]
    for _ in range(32):
        p.take()
    assert p.put(65507)
    p.take()
    assert not p.put(65537)
    assert p.put(32768) and p.put(32768) and not p.put(0), "full to the last byte"
    p.take()
    assert p.put(0), "there is room at the start"
    p.take()
    p.take()


def test_full_and_empty_are_told_apart():
    # 2,048 bytes fill the first ring to its end: its head and its tail are the same.
    p = Pair()
    for n in (1024, 1024):
        assert p.put(n)
    p.take()
    assert p.put(1024), "from the start again"
    assert p.put(1), "the ring grows"
    p.take()
    p.take()
    p.take()
    assert p.put(0) and p.put(2047) and p.put(0)
    while p.model:
        p.take()


def test_recv_into():
    p = Pair()
    for n in (4, 0, 13, 13):
        p.put(n)
    buf = bytearray(8)
    view = memoryview(buf)
    assert p.box.recv_into(buf, True) == 4, "peek"
    assert p.box.recv_into(view[1:]) == 4
    data = p.model[0][0]
    assert buf == data[:1] + data + b"\0\0\0"
    assert (p.box.src, p.box.sport) == p.model[0][1:]
    assert p.box.recv_into(buf) == 0 and p.box.src == p.model[1][1]
    assert p.box.recv_into(bytearray()) == 0, "a datagram that does not fit is lost"
    assert p.box.recv_into(view) == 8 and buf == p.model[3][0][:8]
    assert p.box.recv_into(buf) == -1


def test_constants_are_not_written_to():
    p = Pair()
    p.put(3)
    constant = b"abcd"
    for target in (constant, memoryview(constant)):
        try:
            p.box.recv_into(target)
        except TypeError:
            pass
        else:
            assert False, "no TypeError"
    assert constant == b"abcd" and p.box.available() == 1


def test_clear():
    p = Pair()
    p.put(5)
    p.box.clear()
    assert p.box.available() == 0 and p.box.recv() is None
    p.model = []
    assert p.put(6)
    p.take()


def test_nothing_is_allocated_per_datagram():
    p = Pair()
    counters = p.counters
    buf = memoryview(bytes(1472))
    into = bytearray(1472)
    deliver = p.box.deliver
    recv_into = p.box.recv_into
    for _ in range(3):
        deliver(counters, buf, 0, 1472, 1, 1)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(1000):
        deliver(counters, buf, 0, 1472, 1, 1)
        recv_into(into)
    used = gc.mem_alloc() - before
    gc.enable()
    assert used == 0 and counters.udp_drop_queue == 0, used
