# Frostnet: tests of TCP: selective acknowledgement, the receiver's part
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp.reassembly import RANGES, Reassembly
from tcpbench import Seg, listen
from simwire import Rng

MSS = 1460
DATA = bytes(i * 13 % 255 for i in range(70000))


def sacking(ts=False, **options):
    """Established with SACK, and past the quick ACKs."""
    b = listen(**options)
    b.rx("S", 0, mss=MSS, options=b"\x04\x02\x01\x01", ts=(1, 0) if ts else None)
    b.sent()
    b.stamp = (1, 0) if ts else None
    b.rx("A", 1, 1, ts=b.stamp)
    b.c = b.listener.accept()
    return b


def comes(b, start, end):
    """[start, end) of the stream's bytes, counted from 0, arrives; the answer's blocks."""
    b.rx("A", 1 + start, 1, DATA[start:end], ts=b.stamp)
    out = [[(a - 1, z - 1) for a, z in s.sacks] for s in b.sent()]
    return out[-1] if out else None


def test_first_block_has_the_newest_segment():
    """RFC 2018 §4: then the others, newest first; §3: four fit, or three beside timestamps."""
    for ts in (False, True):
        b = sacking(ts)
        most = 3 if ts else 4
        told = []
        for start in (1000, 5000, 3000, 9000, 7000):
            told.insert(0, (start, start + 500))
            assert comes(b, start, start + 500) == told[:most]


def test_block_grows_and_moves_to_the_front():
    """RFC 2018 §4 (a): the whole contiguous block around the segment that just arrived."""
    b = sacking()
    comes(b, 1000, 1500)
    comes(b, 3000, 3500)
    assert comes(b, 1500, 2000) == [(1000, 2000), (3000, 3500)]
    assert comes(b, 2500, 3000) == [(2500, 3500), (1000, 2000)]
    assert comes(b, 2000, 2500) == [(1000, 3500)]
    assert comes(b, 0, 500) == [(1000, 3500)], "what fills part of the hole repeats the blocks"
    assert comes(b, 500, 1000) == [] and b.read() == DATA[:3500]


def test_example_of_the_rfc():
    """RFC 2018 §5, case 3: of eight segments the 2nd, 4th, 6th and 8th are lost."""
    b = sacking()
    b.c.quick = 0
    seg = [(5000 + 500 * i - 5000, 5500 + 500 * i - 5000) for i in range(8)]
    comes(b, *seg[0])
    assert comes(b, *seg[2]) == [(1000, 1500)]
    assert comes(b, *seg[4]) == [(2000, 2500), (1000, 1500)]
    assert comes(b, *seg[6]) == [(3000, 3500), (2000, 2500), (1000, 1500)]
    assert comes(b, *seg[3]) == [(1000, 2500), (3000, 3500)]
    assert comes(b, *seg[1]) == [(3000, 3500)]


def test_nothing_is_told_to_who_did_not_ask():
    """RFC 2018 §2: only after SACK-permitted."""
    b = listen()
    b.rx("S", 0, mss=MSS)
    b.rx("A", 1, 1)
    b.c = b.listener.accept()
    b.sent()
    b.rx("A", 100, 1, b"late")
    b.rx("A", 100, 1, b"late")
    assert [s.options for s in b.sent()] == [{}, {}]


def test_all_is_in_order_nothing_is_told():
    b = sacking()
    assert comes(b, 0, 100) == [] and comes(b, 100, 200) == []


def test_duplicate_below_the_ack():
    """RFC 2883 §4.1: told once, in front, and at once."""
    b = sacking()
    comes(b, 0, 1000)
    assert comes(b, 500, 1000) == [(500, 1000)]
    b.c.ack_now = True
    b.poll()
    b.rx("A", 1001, 1, b"x", ts=b.stamp)
    assert all(not s.sacks for s in b.sent()), "a duplicate is told once"


def test_duplicate_below_the_ack_with_a_hole():
    """RFC 2883 §4.1.2: the duplicate, then the blocks that are there."""
    b = sacking()
    comes(b, 0, 1000)
    comes(b, 2000, 2500)
    assert comes(b, 0, 500) == [(0, 500), (2000, 2500)]


def test_partly_duplicate():
    """RFC 2883 §4.3: the part that came twice; the rest is taken."""
    b = sacking()
    comes(b, 0, 1000)
    assert comes(b, 500, 1500) == [(500, 1000)]
    assert b.read() == DATA[:1500]


def test_duplicate_in_a_block():
    """RFC 2883 §4.2: the second block is the one around the duplicate."""
    b = sacking()
    comes(b, 1000, 1500)
    comes(b, 3000, 4000)
    comes(b, 5000, 5500)
    assert comes(b, 3500, 4000) == [(3500, 4000), (3000, 4000), (5000, 5500), (1000, 1500)]


def test_duplicate_that_grows_a_block():
    """RFC 2883 §4.2.3: the first part that came twice is told, the new data are taken."""
    b = sacking()
    comes(b, 1000, 1500)
    assert comes(b, 1250, 1750) == [(1250, 1500), (1000, 1750)]
    assert comes(b, 0, 1000) == [] and b.read() == DATA[:1750]


def test_each_duplicate_is_told():
    """RFC 2883 §4: one ACK for each, also when they come in one batch."""
    b = sacking()
    for i in range(4):
        comes(b, 1000 * i, 1000 * i + 1000)
    for i in range(4):
        b.inject(b.segment("A", 1 + 1000 * i, 1, DATA[:1000], ts=b.stamp))
    b.poll()
    assert [s.sacks[0] for s in b.sent()] == [(1 + 1000 * i, 1001 + 1000 * i) for i in range(4)]


def test_fin_out_of_order_has_no_block_of_its_own():
    b = sacking()
    b.rx("FA", 1 + 1000, 1, ts=b.stamp)
    b.expect(Seg("A", 1, 1, sacks=[]))
    b.rx("FA", 1 + 500, 1, DATA[500:1000], ts=b.stamp)
    b.expect(Seg("A", 1, 1, sacks=[(501, 1001)]))
    assert comes(b, 0, 500) == [] and b.state == "CLOSE_WAIT" and b.read() == DATA[:1000]


def test_blocks_do_not_wait_for_data_to_travel_with():
    """A hole that is partly filled while we have data to send is told by an ACK of its own."""
    b = sacking()
    comes(b, 1000, 1500)
    b.c.tx.write(memoryview(DATA), 0, 100)
    b.rx("A", 1, 1, DATA[:500], ts=b.stamp)
    first, second = b.sent()
    assert first.sacks == [(1001, 1501)] and not first.data and second.data == DATA[:100]


def test_refused_data_are_not_told():
    """RFC 2018 §8: what is told is kept. A hole too many is not, and so not told."""
    b = sacking()
    for i in range(RANGES + 5):
        comes(b, 1000 + 10 * i, 1001 + 10 * i)
    assert b.c.ooo.count == RANGES and b.counters.tcp_drop_ranges == 5
    for start, end in b.c.ooo:
        at = start - b.c.rcv_nxt
        assert end - start == 1 and at <= 1000 + 10 * RANGES


def test_at_the_wrap():
    b = sacking(peer_iss=0xFFFFFFFF - 1200)
    comes(b, 1000, 1500)
    assert comes(b, 900, 1100) == [(1000, 1100), (900, 1500)]


def test_all_orders_of_five_segments():
    """All 120: after each the blocks are what is there, the newest first, the data right."""
    count = 0
    for order in permutations([0, 1, 2, 3, 4]):
        b = sacking()
        have = set()
        for k in order:
            blocks = comes(b, 100 * k, 100 * k + 100)
            have.add(k)
            nxt = 0
            while nxt in have:
                nxt += 1
            want = islands(have, nxt)
            assert b.c.rcv_nxt - b.peer_iss - 1 == 100 * nxt
            if want or blocks:
                assert sorted(blocks) == want, (order, k, blocks, want)
                if k > nxt:
                    assert blocks[0][0] <= 100 * k < blocks[0][1], (order, k, blocks)
        assert b.read() == DATA[:500]
        count += 1
    assert count == 120


def permutations(items):
    if len(items) < 2:
        yield items
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1 :]) if len(items) > 1 else ():
            yield [items[i]] + rest


def islands(have, nxt):
    out = []
    for k in sorted(have):
        if k < nxt:
            continue
        if out and out[-1][1] == 100 * k:
            out[-1] = (out[-1][0], 100 * k + 100)
        else:
            out.append((100 * k, 100 * k + 100))
    return out


def test_property_reassembly():
    """Ranges, the order in which they grew, and overlaps against a set of numbers."""
    rng = Rng(8)
    for _ in range(200):
        r = Reassembly()
        have = set()
        nxt = 0
        touched = []  # (number inside, turn)
        for turn in range(40):
            start = nxt + 1 + rng.below(60)
            end = start + 1 + rng.below(8)
            new = set(range(start, end))
            twice = sorted(have & new)
            got = r.overlap(start, end)
            if not twice:
                assert got is None
            else:
                last = twice[0]
                while last + 1 in have and last + 1 < end:
                    last += 1
                assert got == (twice[0], last + 1)
            if not r.insert(start, end):
                assert r.count == RANGES
                continue
            have |= new
            touched.append(start)
            blocks = list(r)
            assert sorted(blocks) == blocks and len(set(r.recent())) == r.count == len(blocks)
            assert have == {n for a, z in blocks for n in range(a, z)}
            order = []
            for n in reversed(touched):
                for a, z in blocks:
                    if a <= n < z and (a, z) not in order:
                        order.append((a, z))
            assert list(r.recent()) == order
            if rng.below(4) == 0:
                nxt = r.advance(nxt + rng.below(10))
                while nxt in have:
                    nxt += 1
                have = {n for n in have if n >= nxt}
                touched = [n for n in touched if n >= nxt]
                assert have == {n for a, z in r for n in range(a, z)}
