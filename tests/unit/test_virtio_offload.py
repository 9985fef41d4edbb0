# Frostnet: tests of the network card that sums, cuts and joins
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import struct

from fake_board import RAM_BASE, Board
from fake_virtio import ANY_LAYOUT, MAC, STATUS, Net

board = Board().install()

from virtio import cards  # noqa: E402

CSUM, GUEST_CSUM, MTU, GUEST_TSO4 = 1 << 0, 1 << 1, 1 << 3, 1 << 7
HOST_TSO4, MRG_RXBUF = 1 << 11, 1 << 15
PLAIN = MAC | STATUS | ANY_LAYOUT
OFFLOADS = CSUM | GUEST_CSUM | HOST_TSO4 | GUEST_TSO4
PARTIAL, VALID = 1, 2
RAM = 4 << 20


class Card(Net):
    """With offloads: `sent` has (header, frame), and frames come with a header."""

    def __init__(self, version, features, mtu=1500):
        super().__init__(version, PLAIN | features)
        self.config += b"\x01\x00" + mtu.to_bytes(2, "little")

    def set_status(self, value):
        super().set_status(value)
        self.header = 12 if self.version == 2 or self.accepted & MRG_RXBUF else 10

    def send_one(self, i, addr, length, writable):
        assert not writable
        data = bytes(self.board.ram[addr - RAM_BASE : addr - RAM_BASE + length])
        self.sent.append((data[: self.header], data[self.header :]))

    def deliver(self, frame, flags=0, gso=0, size=0, count=None, lie=0, swap=False):
        """A frame arrives, in as many buffers as it takes; `count` is told instead of that many,
        the first buffer has `lie` bytes less in it than it could, `swap`: two change places."""
        queue = self.queues[0]
        data = bytearray(self.header) + frame
        struct.pack_into("<BBHHHH", data, 0, flags, gso, 0, size, 0, 0)
        used = []
        at = 0
        while at < len(data):
            i, addr, room, writable = queue.pop()
            assert writable
            n = min(room - (0 if used else lie), len(data) - at)
            used.append((i, n, addr))
            board.ram[addr - RAM_BASE : addr - RAM_BASE + n] = data[at : at + n]
            at += n
        if self.accepted & MRG_RXBUF:
            first = used[0][2] - RAM_BASE
            n = len(used) if count is None else count
            board.ram[first + 10 : first + 12] = n.to_bytes(2, "little")
        else:
            assert len(used) == 1, "frame does not fit"
        if swap:
            used[0], used[1] = used[1], used[0]
            a, b = used[0], used[1]
            # The card used the later buffer for the earlier part.
            parts = [bytes(board.ram[x[2] - RAM_BASE : x[2] - RAM_BASE + x[1]]) for x in (b, a)]
            for x, part in zip((a, b), parts):
                board.ram[x[2] - RAM_BASE : x[2] - RAM_BASE + len(part)] = part
            used[0], used[1] = (a[0], len(parts[0]), a[2]), (b[0], len(parts[1]), b[2])
        for i, n, _ in used:
            queue.push(i, n)
        if queue.wants_interrupt():
            self.interrupt(1)


def card(features=OFFLOADS | MRG_RXBUF, version=1, without=(), ram=RAM, **kwargs):
    board.reset(0)  # the last one's memory goes first
    gc.collect()
    board.reset(ram)
    device = board.plug(31, Card(version, features, **kwargs))
    (nic,) = cards.find(without)
    return nic, device


def frame_of(n, length):
    data = bytes((n * 7 + i) & 0xFF for i in range(251))
    return (data * (length // 251 + 1))[:length]


def receive(nic, budget=64):
    frames = []
    more = True
    while more:
        more = nic.receive(
            lambda frame, n, offload=0: frames.append((bytes(frame[:n]), offload)), budget
        )
    nic.flush()
    return frames


def send(nic, frame, *partial):
    buf = nic.tx()
    buf[: len(frame)] = frame
    if partial:
        nic.send_partial(len(frame), *partial)
    else:
        nic.send(len(frame))


def test_agrees_on_what_makes_sense():
    """Virtio 1.2 §5.1.3.1: a feature may require another one."""
    for offered, agreed, csum, tso, rx_max in (
        (OFFLOADS | MRG_RXBUF, OFFLOADS | MRG_RXBUF, True, 65535, 65535),
        (OFFLOADS, OFFLOADS, True, 65535, 65535),
        (HOST_TSO4 | GUEST_TSO4 | MRG_RXBUF, 0, False, 0, 0),
        (CSUM | GUEST_TSO4, CSUM, True, 0, 0),
        (GUEST_CSUM | HOST_TSO4 | MRG_RXBUF, GUEST_CSUM, False, 0, 0),
        (MRG_RXBUF, 0, False, 0, 0),
    ):
        for version in (1, 2):
            nic, device = card(offered, version)
            assert device.accepted & (OFFLOADS | MRG_RXBUF) == agreed, hex(offered)
            assert (nic.csum, nic.tso, nic.rx_max) == (csum, tso, rx_max)
    nic, device = card(without=("csum", "guest_tso4"))
    assert device.accepted & (OFFLOADS | MRG_RXBUF) == GUEST_CSUM


def test_says_what_is_left_to_do_and_only_then():
    """Virtio 1.2 §5.1.6.2: header of packets that need a checksum, or to be cut."""
    for version, head in ((1, 10), (2, 12)):
        nic, device = card(CSUM | HOST_TSO4, version)
        big = frame_of(1, 65549)
        for _ in range(3 * nic._txq.size // 4):
            send(nic, big, 34, 16, 66, 1448)
            send(nic, b"p" * 60)
            send(nic, b"s" * 99, 34, 6, 0, 0)
            send(nic, b"q" * 60)
            send(nic, b"r" * 60)  # five of them: each buffer has every kind in turn
            nic.flush()
        assert len(device.sent) == 5 * (3 * nic._txq.size // 4)
        frames = [big, b"p" * 60, b"s" * 99, b"q" * 60, b"r" * 60]
        for k in range(0, len(device.sent), 5):
            headers = [struct.unpack("<BBHHHH", h[:10]) for h, _ in device.sent[k : k + 5]]
            assert headers[0] == (1, 1, 66, 1448, 34, 16)
            assert headers[2] == (1, 0, 0, 0, 34, 6)
            for i in (1, 3, 4):
                assert device.sent[k + i][0] == bytes(head), "left from another frame"
            assert [f for _, f in device.sent[k : k + 5]] == frames
        assert nic.counters.tx_frames == len(device.sent)


def test_receives_large_frames_in_one_piece():
    """Virtio 1.2 §5.1.6.4: num_buffers. The ring is gone round several times."""
    for version in (1, 2):
        nic, device = card(version=version)
        lengths = (60, 65549, 1514, 4084, 4085, 8180, 8181, 14, 30000)
        for k in range(60):
            expected = []
            for j in range(1 + k % 3):
                length = lengths[(k + j) % len(lengths)]
                size = 1448 if length > 1514 else 0
                frame = frame_of(k, length)
                device.deliver(frame, 1 + j % 2, 1 if size else 0, size)
                expected.append((frame, size << 2 | (PARTIAL, VALID)[j % 2]))
            assert receive(nic) == expected, (k, [len(f) for f, _ in expected])
        assert nic.counters.rx_frames == 120 and nic.counters.rx_drop_length == 0
        assert nic.counters.restarts == 0


def test_receives_large_frames_without_merging():
    nic, device = card(OFFLOADS)
    for k in range(100):
        frame = frame_of(k, 65549 if k % 3 else 70)
        device.deliver(frame, 1, 1, 1448)
        assert receive(nic) == [(frame, 1448 << 2 | PARTIAL)]


def test_flags_count_only_if_agreed_on():
    """§5.1.6.4.1: without GUEST_CSUM the driver looks at none of them."""
    nic, device = card(MRG_RXBUF | MTU, mtu=9000)
    assert device.accepted & MRG_RXBUF
    device.deliver(b"x" * 60, 3)
    device.deliver(frame_of(1, 9014), 2)
    assert receive(nic) == [(b"x" * 60, 0), (frame_of(1, 9014), 0)]


def test_buffers_in_another_order_or_not_full():
    """A card may do both; frames are put together elsewhere then."""
    nic, device = card()
    frame = frame_of(3, 20000)
    for k in range(120):
        device.deliver(frame, 1, 1, 1000, lie=k % 4 * 100, swap=k % 3 == 0)
        device.deliver(b"small" * 3, 2)
        assert receive(nic) == [(frame, 1000 << 2 | PARTIAL), (b"small" * 3, VALID)], k
    assert nic.counters.rx_frames == 240


def test_frames_that_make_no_sense():
    """What a card that breaks the rules says is not believed."""
    nic, device = card()
    device.deliver(frame_of(1, 70000))
    device.deliver(b"a" * 60, count=0)
    device.deliver(b"b" * 60)
    assert receive(nic) == [(b"b" * 60, 0)]
    assert nic.counters.rx_drop_length == 2 and nic.counters.restarts == 0
    # Buffers that never come: there is no telling where the next frame begins.
    device.deliver(b"c" * 60, count=200)
    assert receive(nic) == [] and nic.counters.restarts == 1
    assert nic.counters.rx_drop_length == 3
    device.deliver(b"d" * 60)
    assert receive(nic) == [(b"d" * 60, 0)]
    device.deliver(b"e" * 60, count=65535)
    device.deliver(b"f" * 60)
    assert receive(nic) == [] and nic.counters.restarts == 2
    device.deliver(b"g" * 60, 3, 1, 7)
    assert receive(nic) == [(b"g" * 60, 7 << 2 | 3)]


def test_an_exception_costs_one_frame():
    nic, device = card()
    for n in (60, 30000, 70, 80):
        device.deliver(frame_of(n, n))
    seen = []

    def handle(frame, n, offload):
        seen.append(n)
        if n == 30000:
            raise RuntimeError

    try:
        nic.receive(handle, 64)
        raise AssertionError("the exception is gone")
    except RuntimeError:
        pass
    nic.receive(handle, 64)
    assert seen == [60, 30000, 70, 80]
    assert nic.counters.rx_frames == 4


def test_budget():
    nic, device = card()
    for n in range(20):
        device.deliver(frame_of(n, 60 + n))
    seen = []
    calls = 0
    while nic.receive(lambda frame, n, offload: seen.append(n), 3):
        calls += 1
    assert seen == [60 + n for n in range(20)] and calls == 6


def test_mtu_of_the_device():
    """§5.1.4.1: any from 68 to 65,535; buffers are as large."""
    for mtu in (68, 576, 1500, 9000, 65535):
        for offered in (MTU, MTU | MRG_RXBUF, MTU | CSUM, MTU | OFFLOADS | MRG_RXBUF):
            nic, device = card(offered, mtu=mtu)
            assert nic.mtu == mtu
            assert len(nic.tx()) >= 14 + mtu
            frame = frame_of(5, 14 + mtu)
            send(nic, frame)
            nic.flush()
            assert device.sent[0][1] == frame
            device.deliver(frame)
            assert receive(nic) == [(frame, 0)]
    nic, device = card(MTU, mtu=67)
    assert nic.mtu == 1500


def test_little_memory_means_fewer_buffers():
    for ram, transmit, least in ((8 << 20, 32, 256), (4 << 20, 8, 256), (2 << 20, 8, 128)):
        nic, device = card(ram=ram)
        assert nic._txq.size == transmit and nic._rxq.size >= least, (ram, nic._txq.size)
        assert board.dma_free() > 0
        frame = frame_of(9, 60000)
        for _ in range(3):
            device.deliver(frame, 1, 1, 1448)
            assert receive(nic) == [(frame, 1448 << 2 | PARTIAL)]
