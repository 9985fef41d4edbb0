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
