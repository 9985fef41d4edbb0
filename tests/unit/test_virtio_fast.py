# Frostnet: tests that the rings in viper do what their reference does
# MIT license; Copyright (c) 2026 The Frostnet authors

import random
from array import array

from virtio import fast, reference


def rings(size):
    """(used, avail) of a device that mostly behaves."""
    ids = list(range(size))
    avail = array("H", ids)
    used = array("I", bytes(8 * size))
    for k in range(size):
        odd = random.randrange(40)
        used[2 * k] = ids[k] if odd else random.choice((size, 65536 + ids[k], 0xFFFFFFFF, 0))
        used[2 * k + 1] = random.choice((11, 70, 1524, 1525, 1530))
        if not random.randrange(40):
            used[2 * k + 1] = random.choice((0, 9, 10, 12, 1529, 65546, 1 << 31, 0xFFFFFFFF))
    return used, avail


def test_gather_equals_its_reference():
    for seed in range(300):
        random.seed(seed)
        size = 1 << random.randrange(1, 9)
        used, avail = rings(size)
        slot = random.randrange(size)
        n = random.randrange(min(size, 64) + 1)
        batches = array("I", bytes(4 * 64)), array("I", bytes(4 * 64))
        counts = [
            module.gather(batch, used, avail, slot, size - 1, n, header, 1518)
            for module, batch, header in zip((fast, reference), batches, (10, 10))
        ]
        assert counts[0] == counts[1], (seed, counts)
        assert batches[0] == batches[1], seed


def received(size, stride, several):
    """(memory, batch) of a card that mostly behaves, as gather() leaves them."""
    memory = bytearray(bytes(random.getrandbits(8) for _ in range(64)) * (size * stride // 64))
    batch = array("I", bytes(4 * size))
    k = 0
    while k < size:
        count = random.choice((1, 1, 2, 3, 5)) if several else 1
        last = random.choice((13, 60, stride))
        head = k * stride
        memory[head + 1] = random.choice((0, 1, 1, 4))
        if random.randrange(30) == 0:
            count += random.choice((-1, 1, 250))
        memory[head + 10 : head + 12] = count.to_bytes(2, "little")
        for j in range(max(count, 1)):
            if k == size:
                break
            length = stride if j < count - 1 else last
            if random.randrange(50) == 0:
                length = random.choice((10, 12, 99))
            i = k if random.randrange(50) else random.randrange(size)
            batch[k] = length << 10 | i
            k += 1
    return memory, batch


def test_frames_equals_its_reference():
    seen = [0, 0]
    for seed in range(400):
        random.seed(seed)
        size = 1 << random.randrange(1, 7)
        several = random.randrange(2)
        memory, batch = received(size, 128, several)
        n = random.randrange(size + 1)
        shape = array("I", (random.choice((10, 12)), 500, 128, several, random.choice((0, 3)), 20))
        if several:
            shape[0] = 12
        found = [array("I", bytes(8 * 20)) for _ in range(2)]
        counts = [
            module.frames(out, batch, n, memory, shape)
            for module, out in zip((fast, reference), found)
        ]
        assert counts[0] == counts[1], (seed, counts)
        used = 2 * counts[0]
        assert found[0][:used] == found[1][:used], seed
        seen[several] += counts[0]
    assert min(seen) > 200, seen


def test_in_order_equals_its_reference():
    for seed in range(300):
        random.seed(seed)
        size = 1 << random.randrange(1, 9)
        used, avail = rings(size)
        slot = random.randrange(size)
        n = random.randrange(size + 1)
        counts = [m.in_order(used, avail, slot, size - 1, n) for m in (fast, reference)]
        assert counts[0] == counts[1], (seed, counts)


def test_gather_knows_what_is_plain():
    used = array("I", [0, 70, 1, 11, 2, 1528, 3, 10])
    batch = array("I", bytes(16))
    assert fast.gather(batch, used, array("H", range(4)), 0, 3, 4, 10, 1518) == 3
    assert list(batch) == [60 << 10, 1 << 10 | 1, 1518 << 10 | 2, 0]
    assert fast.gather(batch, used, array("H", [0, 2, 1, 3]), 0, 3, 4, 10, 1518) == 1


def packed_ring(size, position):
    """(ring, order) where most of what follows `position` was used and is in order."""
    order = array("H", range(size))
    ring = array("I", bytes(16 * size))
    for k in range(size):
        lap, slot = divmod(position + k, size)
        owner = (0x8080, 0)[lap % 2]
        i = order[slot]
        if not random.randrange(40):
            owner = random.choice((0x80, 0x8000, 0, 0x8080))
        if not random.randrange(40):
            i = random.choice((0, size, 0xFFFF, i ^ 1))
        ring[4 * slot] = random.getrandbits(32)
        ring[4 * slot + 2] = random.choice((11, 70, 1524, 1525, 1530))
        if not random.randrange(40):
            ring[4 * slot + 2] = random.choice((0, 9, 10, 12, 1529, 65546, 1 << 31, 0xFFFFFFFF))
        ring[4 * slot + 3] = (owner | random.choice((0, 2))) << 16 | i
    return ring, order


def test_packed_rings_equal_their_reference():
    seen = 0
    for seed in range(600):
        random.seed(seed)
        size = 1 << random.randrange(1, 9)
        position = random.randrange(4 * size)
        ring, order = packed_ring(size, position)
        n = random.randrange(size + 1)
        counts = [m.returned(ring, position, n, size) for m in (fast, reference)]
        assert counts[0] == counts[1], (seed, counts)
        seen += counts[0]
        slot = position % size
        counts = [m.in_order_packed(ring, order, slot, size - 1, n) for m in (fast, reference)]
        assert counts[0] == counts[1], (seed, counts)
        n = min(n, 64)
        batches = array("I", bytes(4 * 64)), array("I", bytes(4 * 64))
        counts = [
            m.gather_packed(batch, ring, order, slot, size - 1, n, 12, 1518)
            for m, batch in zip((fast, reference), batches)
        ]
        assert counts[0] == counts[1], (seed, counts)
        assert batches[0] == batches[1], seed
    assert seen > 5000


def test_offers_in_a_packed_ring_equal_their_reference():
    for seed in range(300):
        random.seed(seed)
        size = 1 << random.randrange(1, 9)
        position = random.randrange(4 * size)
        end = position + random.randrange(1, size + 1)
        order = array("H", sorted(range(size), key=lambda i: random.random()))
        words = [random.getrandbits(32) for _ in range(4 * size)]
        for i in range(size):
            words[4 * i + 3] = random.choice((0, 1, 2, 3, 4)) << 16 | i
        table = array("I", words)
        rings = array("I", bytes(16 * size)), array("I", bytes(16 * size))
        first = [
            m.offer(ring, table, order, position, end, size)
            for m, ring in zip((fast, reference), rings)
        ]
        assert first[0] == first[1], seed
        assert rings[0] == rings[1], seed
        # Virtio 1.2 §2.8.6: the device sees nothing before the first one's flags.
        assert rings[0][4 * (position % size) + 3] == 0
        assert first[0] >> 16 & 0x8080 == (0x8000 if position & size else 0x80)
