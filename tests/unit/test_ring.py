# Frostnet: tests of the byte ring
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet import ring as module
from frostnet.ring import CHUNK, KEEPERS, POOL, SMALL, Ring
from simwire import Rng


def noise(rng, n):
    return memoryview(bytes(rng.below(256) for _ in range(n)))


def peek(ring, at, n):
    out = bytearray(n + 4)
    ring.peek(at, memoryview(out), 2, n)
    assert out[:2] == out[-2:] == b"\0\0", "wrote beside the place"
    return bytes(out[2:-2])


def chunks(ring):
    return sum(1 for chunk in ring._chunks if chunk is not None)


def test_unused_ring_has_no_chunk():
    ring = Ring(65535)
    assert ring.len == 0 and ring.room() == 65535 and chunks(ring) == 0
    ring.drop(0)
    assert chunks(ring) == 0
    ring.write(memoryview(b"abc"), 0, 3)
    assert chunks(ring) == 1
    ring.clear()
    assert chunks(ring) == 0


def test_the_rings_used_last_keep_a_chunk():
    rings = [Ring(65535) for _ in range(KEEPERS + 5)]
    for ring in rings:
        ring.write(memoryview(bytes(40000)), 0, 40000)
        ring.drop(40000)
    assert [chunks(ring) for ring in rings] == [0] * 5 + [1] * KEEPERS
    rings[-1].write(memoryview(b"abc"), 0, 3)
    rings[0].write(memoryview(b"defg"), 0, 4)
    rings[0].drop(3)
    assert chunks(rings[5]) == 1, "not empty"
    rings[0].drop(1)
    assert chunks(rings[5]) == 0 and chunks(rings[0]) == 1
    assert peek(rings[-1], 0, 3) == b"abc"
    for ring in rings:
        ring.clear()
        assert chunks(ring) == 0
    assert not module._keepers


def test_a_ring_that_is_in_use_loses_nothing_when_it_keeps_no_more():
    first = Ring(65535)
    first.write(memoryview(b"a"), 0, 1)
    first.drop(1)
    first.write(memoryview(b"bc"), 0, 2)
    rings = [Ring(65535) for _ in range(KEEPERS)]
    for ring in rings:
        ring.write(memoryview(b"x"), 0, 1)
        ring.drop(1)
    assert peek(first, 0, 2) == b"bc"
    first.drop(2)
    assert chunks(first) == 1 and chunks(rings[0]) == 0
    for ring in rings:
        ring.clear()
    first.clear()


def test_write_takes_what_fits():
    ring = Ring(5000)
    data = memoryview(bytes(range(256)) * 24)
    assert ring.write(data, 0, 6000) == 5000
    assert ring.write(data, 0, 1) == 0 and ring.room() == 0
    assert peek(ring, 0, 5000) == bytes(data[:5000])
    ring.drop(5000)
    assert ring.write(data, 7, 3) == 3 and peek(ring, 0, 3) == b"\x07\x08\x09"


def test_has_as_many_chunks_as_it_needs():
    ring = Ring(65535)
    data = memoryview(bytes(i % 251 for i in range(65535)))
    for n in (1, CHUNK - 1, 1, CHUNK, 3 * CHUNK + 7):
        ring.write(data, 0, n)
        assert chunks(ring) == (ring.len + CHUNK - 1) // CHUNK
    while ring.len:
        ring.drop(min(ring.len, 1000))
        assert chunks(ring) * CHUNK < ring.len + 2 * CHUNK


def test_early_bytes_stay_in_their_place():
    ring = Ring(65535)
    early = memoryview(b"early bytes")
    ring.write(memoryview(bytes(2001)), 0, 2001)
    ring.drop(2000)  # start in the middle
    ring.put(early, 0, 11, 40)
    ring.put(memoryview(b"far"), 0, 3, 30000)
    assert chunks(ring) == 2, "a gap takes no memory"
    assert ring.len == 1
    ring.drop(1)
    assert ring.len == 0 and chunks(ring) == 2
    ring.write(memoryview(b"." * 40), 0, 40)
    ring.commit(11)
    assert peek(ring, 0, 51) == b"." * 40 + b"early bytes"
    ring.drop(51)
    ring.write(memoryview(bytes(30000 - 51)), 0, 30000 - 51)
    ring.commit(3)
    assert peek(ring, 30000 - 51, 3) == b"far"


def test_chunks_come_from_a_bounded_pool():
    ring = Ring(1 << 20)
    data = memoryview(bytes(65536))
    for _ in range(8):
        ring.write(data, 0, 65536)
    ring.clear()
    assert ring.len == 0 and chunks(ring) == 0 and len(module._pool) == POOL
    ring.drop(0)
    ring.write(memoryview(b"de"), 0, 2)
    assert len(module._pool) == POOL - 1 and peek(ring, 0, 2) == b"de"


def test_every_geometry():
    """Each start, length and copy around the end of a chunk against a plain copy."""
    data = memoryview(bytes(range(1, 256)))
    for start in range(CHUNK - 9, CHUNK):
        for n in range(1, 10):
            ring = Ring(2 * CHUNK)
            ring.write(memoryview(bytes(start + 1)), 0, start + 1)
            ring.drop(start)
            ring.write(data, 5, n)
            ring.drop(1)
            for at in range(n):
                for k in range(n - at + 1):
                    assert peek(ring, at, k) == bytes(data[5 + at : 5 + at + k])


def test_against_a_plain_model():
    rng = Rng(11)
    for limit in (1, 100, CHUNK, 5000, 65535):
        ring = Ring(limit)
        model = bytearray()
        for _ in range(400):
            kind = rng.below(3)
            if kind == 0:
                n = rng.below(min(limit, 14000) + 1)
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


def test_take():
    """As peek() and drop(); from a full and a small chunk, across chunks."""
    data = bytes(i % 251 for i in range(3 * CHUNK))
    for first in (10, SMALL, CHUNK, 3 * CHUNK):
        for start in (0, 1, 9, CHUNK - 3):
            for n in (1, 7, SMALL, CHUNK, 2 * CHUNK):
                if start + n > first:
                    continue
                module._pool = []
                ring = Ring(1 << 20)
                ring.write(memoryview(data), 0, first)
                if start:
                    ring.drop(start)
                got = ring.take(n)
                assert type(got) is bytes and got == data[start : start + n]
                assert ring.len == first - start - n
                rest = first - start - n
                assert not rest or ring.take(rest) == data[start + n : first]
                ring.clear()


def test_peek_into_what_is_not_for_writing():
    ring = Ring(100)
    ring.write(memoryview(b"abc"), 0, 3)
    const = bytes(b"xyz")
    for target in (const, memoryview(const), "xyz"):
        try:
            ring.peek(0, target, 0, 3)
            assert False, "wrote to %r" % target
        except TypeError:
            pass
    assert const == b"xyz"


def test_append_checks_the_sum():
    """As put(), if the Internet checksum of the bytes and `total` is right; across chunks too."""
    rng = Rng(9)
    for n in (1, 2, 1459, CHUNK - 5, CHUNK + 3, 2 * CHUNK + 1):
        data = noise(rng, n)
        want = 0
        for i in range(n):
            want += data[i] if i & 1 else data[i] << 8
        rest = -want % 0xFFFF
        for start in (0, 1, CHUNK - 7):
            ring = Ring(1 << 20)
            ring.write(memoryview(bytes(start + 1)), 0, start + 1)
            ring.drop(start)
            assert not ring.append(data, 0, n, rest + 1) and ring.len == 1
            assert ring.append(data, 0, n, rest) and ring.len == 1 + n
            assert peek(ring, 1, n) == bytes(data)
            out = bytearray(n)
            assert (ring.copy_sum(1, out, 0, n) - want) % 0xFFFF == 0 and out == bytes(data)
            ring.drop(1 + n)
            assert chunks(ring) == 1
            ring.clear()


def test_a_place_without_a_chunk_does_not_reach_the_pool():
    """put() found no memory: its place stays empty, and what is empty is nobody's next chunk."""
    ring = Ring(100)
    ring._grow(1)
    ring._chunks[0] = None
    ring.drop(0)
    assert None not in module._pool


def test_little_takes_a_small_chunk_when_the_pool_is_empty():
    module._pool = []
    module._small = []
    rings = [Ring(65535) for _ in range(10)]
    for ring in rings:
        ring.write(memoryview(b"x" * 100), 0, 100)
        assert len(ring._chunks[0]) == SMALL
    rings[0].clear()
    assert len(module._small) == 1 and not module._pool and not chunks(rings[0])
    # The small one is used again, but a full one is taken where there is one.
    rings[0].write(memoryview(b"y"), 0, 1)
    assert not module._small
    ring = Ring(65535)
    ring.write(memoryview(bytes(SMALL + 1)), 0, SMALL + 1)
    assert len(ring._chunks[0]) == CHUNK
    ring.clear()
    rings[0].clear()
    rings[0].write(memoryview(b"y"), 0, 1)
    assert len(rings[0]._chunks[0]) == CHUNK and len(module._small) == 1


def test_a_small_chunk_becomes_a_full_one():
    # By each way in, from each filling, with a start that is not 0, with early bytes.
    rng = Rng(5)
    for first in (1, 100, SMALL - 1, SMALL):
        for gone in (0, 1, 50):
            for n in (1, SMALL - 1, SMALL, SMALL + 1, CHUNK, CHUNK + 5, 2 * CHUNK + 1):
                for at in (-1, 0, 1, 300, SMALL, CHUNK - 7):
                    module._pool = []
                    ring = Ring(65535)
                    a, b = noise(rng, first), noise(rng, n)
                    ring.write(a, 0, first)
                    assert len(ring._chunks[0]) == SMALL
                    dropped = min(gone, first - 1)
                    ring.drop(dropped)
                    if at < 0:
                        want = sum([x if i & 1 else x << 8 for i, x in enumerate(b)])
                        assert ring.append(b, 0, n, -want % 0xFFFF)
                    else:
                        ring.put(b, 0, n, at)
                        if at:
                            # Bytes beyond a hole stay where they are when the chunk grows.
                            ring.put(memoryview(bytes(at)), 0, at)
                            ring.commit(n)
                        ring.write(b, 0, 1)
                        ring.write(memoryview(bytes(SMALL)), 0, SMALL)
                    whole = bytes(a[dropped:]) + bytes(max(at, 0)) + bytes(b)
                    if at >= 0:
                        whole += bytes(b[:1]) + bytes(SMALL)
                    assert ring.len == len(whole) and peek(ring, 0, ring.len) == whole
                    assert all(len(chunk) == CHUNK for chunk in ring._chunks) or ring._cap == SMALL
                    ring.clear()


def test_a_part_of_the_heap_is_left_to_others():
    class Heap:
        free = 1 << 20

        def mem_free():
            return Heap.free

        def mem_alloc():
            return (1 << 20) - Heap.free

        def collect():
            Heap.collected += 1

    gc = module.gc
    module.gc = Heap
    module._pool = []
    Heap.collected = 0
    try:
        ring = Ring(1 << 30)
        data = memoryview(bytes(CHUNK))
        for _ in range(200):
            ring.write(data, 0, CHUNK)
        Heap.free = (1 << 18) - 1
        taken = refused = 0
        for _ in range(200):
            try:
                ring.write(data, 0, CHUNK)
                taken += 1
            except MemoryError:
                refused += 1
        assert taken < 64 and refused > 130 and Heap.collected < 8
        # What was written is there, and a chunk that comes back is for the next.
        assert ring.len == (200 + taken) * CHUNK
        ring.drop(CHUNK)
        ring.write(data, 0, CHUNK)
        Heap.free = 1 << 19
        for _ in range(64):
            try:
                ring.write(data, 0, CHUNK)
            except MemoryError:
                pass
        ring.write(data, 0, CHUNK)
    finally:
        module.gc = gc
        ring.clear()
        module._tight = False
