# Frostnet: tests of the byte ring
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.ring import Ring
from simwire import Rng


def noise(rng, n):
    return memoryview(bytes(rng.below(256) for _ in range(n)))


def peek(ring, at, n):
    out = bytearray(n + 4)
    ring.peek(at, memoryview(out), 2, n)
    assert out[:2] == out[-2:] == b"\0\0", "wrote beside the place"
    return bytes(out[2:-2])


def test_empty_ring_has_no_buffer():
    ring = Ring(65535)
    assert ring.len == 0 and ring.room() == 65535 and ring._buf is None


def test_write_takes_what_fits():
    ring = Ring(5000)
    data = memoryview(bytes(range(256)) * 24)
    assert ring.write(data, 0, 6000) == 5000
    assert ring.write(data, 0, 1) == 0 and ring.room() == 0
    assert peek(ring, 0, 5000) == bytes(data[:5000])
    ring.drop(5000)
    assert ring.write(data, 7, 3) == 3 and peek(ring, 0, 3) == b"\x07\x08\x09"


def test_grows_by_doubling_and_keeps_its_bytes():
    ring = Ring(65535)
    data = memoryview(bytes(i % 251 for i in range(65535)))
    sizes = []
    # Wrapped when it grows: the start is not at the front.
    ring.write(data, 0, 1500)
    ring.drop(1000)
    at = 1500
    while ring.room():
        at += ring.write(data, at % 60000, 1000)
        if ring._size not in sizes:
            sizes.append(ring._size)
    assert sizes == [2048, 4096, 8192, 16384, 32768, 65536]
    assert peek(ring, 0, 3) == bytes(data[1000:1003])


def test_early_bytes_survive_growth():
    ring = Ring(65535)
    early = memoryview(b"early bytes")
    ring.write(memoryview(bytes(2000)), 0, 2000)
    ring.drop(2000)  # start in the middle
    ring.put(early, 0, 11, 40)
    ring.put(memoryview(b"far"), 0, 3, 30000)
    assert ring.len == 0
    ring.write(memoryview(b"." * 40), 0, 40)
    ring.commit(11)
    assert peek(ring, 0, 51) == b"." * 40 + b"early bytes"
    ring.commit(30003 - 51)
    assert peek(ring, 30000, 3) == b"far"


def test_clear_gives_the_buffer_back():
    ring = Ring(4096)
    ring.write(memoryview(b"abc"), 0, 3)
    ring.clear()
    assert ring.len == 0 and ring._buf is None and ring.room() == 4096
    ring.drop(0)
    ring.write(memoryview(b"de"), 0, 2)
    assert peek(ring, 0, 2) == b"de"


def test_every_geometry():
    """Each start, length and copy of a small ring against a plain copy."""
    data = memoryview(bytes(range(1, 256)))
    for start in range(2048 - 9, 2048):
        for n in range(1, 10):
            ring = Ring(2048)
            ring.write(memoryview(bytes(start)), 0, start)
            ring.drop(start)
            ring.write(data, 5, n)
            for at in range(n):
                for k in range(n - at + 1):
                    assert peek(ring, at, k) == bytes(data[5 + at : 5 + at + k])


def test_against_a_plain_model():
    rng = Rng(11)
    for limit in (1, 100, 2048, 5000, 65535):
        ring = Ring(limit)
        model = bytearray()
        for _ in range(400):
            kind = rng.below(3)
            if kind == 0:
                n = rng.below(min(limit, 4000) + 1)
                data = noise(rng, n)
                taken = ring.write(data, 0, n)
                assert taken == min(n, limit - len(model))
                model += data[:taken]
            elif kind == 1 and model:
                n = rng.below(len(model) + 1)
                ring.drop(n)
                model = model[n:]
            elif model:
                at = rng.below(len(model))
                n = rng.below(len(model) - at + 1)
                assert peek(ring, at, n) == bytes(model[at : at + n])
            assert ring.len == len(model)
