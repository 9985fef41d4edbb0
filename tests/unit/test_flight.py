# Frostnet: tests of the record of what is on its way
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 6675's scoreboard and RFC 8985's segment times, against a model with an entry for each byte.

from frostnet.tcp.flight import ALL, LOST, RANGES, RESENT, SACKED, TIME, Flight, give, take
from simwire import Rng

MSS = 100


def fresh(*sizes, base=1000, step=10):
    """A flight of bursts of these sizes, `step` µs apart, from time 10."""
    f = Flight()
    at = base
    now = 10
    for n in sizes:
        f.add(at, at + n, now, 0)
        at += n
        now += step
    return f


def ignore(end, stamp):
    pass


def ranges(f):
    return [
        (f.starts[i], f.end_of(i), f.stamps[i] >> TIME, f.stamps[i] & ALL) for i in range(len(f))
    ]


def check(f):
    """What must hold at any time."""
    sums = {SACKED: 0, LOST: 0, LOST | RESENT: 0, 0: 0}
    for i in range(len(f)):
        assert f.starts[i] < f.end_of(i), ranges(f)
        sums[f.stamps[i] & ALL] += f.end_of(i) - f.starts[i]
    assert f.sacked == sums[SACKED]
    assert f.lost == sums[LOST] + sums[LOST | RESENT] and f.resent == sums[LOST | RESENT]
    assert f.pipe() == sums[0] + sums[LOST | RESENT]
    assert len(f.starts) == len(f.stamps) <= RANGES + 1


def test_bursts_are_told_apart_by_their_time():
    """RFC 8985 §5.1: the time when each segment was sent."""
    f = fresh(300, 200, 100)
    assert ranges(f) == [(1000, 1300, 10, 0), (1300, 1500, 20, 0), (1500, 1600, 30, 0)]
    f.add(1600, 1700, 34, 5)
    assert len(f) == 3 and f.end == 1700, "less than a tick later: the same"
    f.add(1700, 1800, 36, 5)
    assert len(f) == 4
    check(f)


def test_ack_tells_when_the_last_byte_was_sent():
    """RFC 6298 §3: the round trip is that of the newest segment which the ACK covers."""
    f = fresh(300, 200, 100)
    assert f.ack(1000) == 0
    assert f.ack(1100) >> TIME == 10 and f.starts[0] == 1100
    assert f.ack(1300) >> TIME == 10 and f.starts[0] == 1300 and len(f) == 2
    assert f.ack(1501) >> TIME == 30
    assert f.ack(1600) >> TIME == 30 and len(f) == 0 and f.pipe() == 0
    assert f.ack(1600) == 0


def test_sack_splits_and_joins():
    """RFC 6675 §4, Update()."""
    f = fresh(1000)
    seen = []
    assert f.sack(1200, 1400, lambda end, stamp: seen.append((end, stamp >> TIME))) == 200
    assert seen == [(1400, 10)]
    assert f.sack(1200, 1400, ignore) == 0, "no news"
    assert f.sack(1300, 1500, ignore) == 100
    assert f.sack(1900, 2000, ignore) == 100
    assert [r[3] for r in ranges(f)] == [0, SACKED, 0, SACKED]
    assert f.sack(1500, 1900, ignore) == 400
    assert len(f) == 2 and f.sacked == 800 and f.pipe() == 200
    check(f)
    f.ack(1600)
    check(f)
    assert f.sacked == 400 and f.pipe() == 0


def test_lost_and_sent_again():
    """RFC 6675 §4: pipe counts what is lost only after it was sent again."""
    f = fresh(500, 500)
    f.sack(1500, 2000, ignore)
    f.lose(0)
    assert f.pipe() == 0 and f.next_lost() == 0
    f.sent_again(0, MSS, 50)
    assert f.pipe() == MSS and ranges(f)[0] == (1000, 1100, 50, LOST | RESENT)
    f.sent_again(f.next_lost(), MSS, 50)
    assert ranges(f)[0] == (1000, 1200, 50, LOST | RESENT), "the same time: one range"
    f.sent_again(f.next_lost(), 300, 60)
    assert f.next_lost() == -1 and f.pipe() == 500
    f.lose(0)
    assert f.next_lost() == 0 and f.pipe() == 300, "lost once more"
    check(f)


def test_time_out():
    """RFC 5681 §3.1 and RFC 2018 §8: all is lost but what the peer has, or said it has."""
    f = fresh(300, 300, 300)
    f.sack(1300, 1400, ignore)
    f.lose_all()
    check(f)
    assert f.lost == 800 and f.pipe() == 0
    assert [r[3] for r in ranges(f)] == [LOST, SACKED, LOST, LOST]
    f.forget_sacks()
    assert f.lost == 900 and f.sacked == 0
    f.find_all()
    assert f.lost == 0 and f.pipe() == 900


def test_many_holes_are_bounded():
    """SACK panic (CVE-2019-11477): blocks beyond what the table holds are ignored."""
    f = fresh(100000)
    for at in range(1002, 100000, 4):
        f.sack(at, at + 2, ignore)
    assert len(f) < RANGES
    for i in range(40):
        f.add(f.end, f.end + 10, 100 + i, 0)
    check(f)
    f.lose_all()
    now = 1000
    while f.next_lost() >= 0:
        f.sent_again(f.next_lost(), 10, now)
        now += 1
        check(f)
    assert f.resent == f.lost
    f.ack(f.end)
    check(f)


def test_pool():
    f = take()
    f.add(1, 100, 5, 0)
    f.sack(50, 60, ignore)
    give(f)
    g = take()
    assert g is f and len(g) == 0 and g.sacked == 0 and g.pipe() == 0


class Model:
    """[time, flags] for each byte."""

    def __init__(self):
        self.una = self.end = 1000
        self.bytes = {}

    def of(self, flags):
        return sum(1 for b in self.bytes.values() if b[1] == flags)


def test_random_against_the_model():
    rng = Rng(11)
    for _ in range(60):
        f, m = Flight(), Model()
        now = 0
        for _ in range(60):
            now += 1 + rng.below(5)
            act = rng.below(8)
            if act < 3 or not m.bytes:
                n = 1 + rng.below(40)
                f.add(m.end, m.end + n, now, 0)
                for at in range(m.end, m.end + n):
                    m.bytes[at] = [now, 0]
                m.end += n
            elif act == 3:
                una = m.una + rng.below(m.end - m.una + 1)
                stamp = f.ack(una)
                if una > m.una:
                    want = m.bytes[una - 1]
                    assert stamp & ALL == want[1]
                    assert want[1] or stamp >> TIME == want[0]
                while m.una < una:
                    del m.bytes[m.una]
                    m.una += 1
            elif act < 6:
                a = m.una + rng.below(m.end - m.una)
                b = a + 1 + rng.below(m.end - a)
                seen = []
                news = f.sack(a, b, lambda end, stamp: seen.append((end, stamp)))
                fresh_ones = [at for at in range(a, b) if m.bytes[at][1] != SACKED]
                assert news == len(fresh_ones)
                for end, stamp in seen:
                    assert m.bytes[end - 1][1] == stamp & ALL
                for at in fresh_ones:
                    m.bytes[at] = [0, SACKED]
            elif act == 6:
                if rng.below(4) == 0:
                    f.lose_all()
                    for b in m.bytes.values():
                        if b[1] != SACKED:
                            b[1] = LOST
                else:
                    i = rng.below(len(f))
                    if not f.stamps[i] & SACKED:
                        f.lose(i)
                        for at in range(f.starts[i], f.end_of(i)):
                            m.bytes[at][1] = LOST
            else:
                i = f.next_lost()
                lost = sorted(at for at in m.bytes if m.bytes[at][1] == LOST)
                assert (i < 0) == (not lost)
                if lost:
                    assert f.starts[i] == lost[0]
                    n = 1 + rng.below(f.end_of(i) - f.starts[i])
                    f.sent_again(i, n, now)
                    for at in range(lost[0], lost[0] + n):
                        m.bytes[at] = [now, LOST | RESENT]
            check(f)
            assert f.sacked == m.of(SACKED) and f.resent == m.of(LOST | RESENT)
            assert f.lost == m.of(LOST) + f.resent
            for start, end, when, flags in ranges(f):
                for at in range(start, end):
                    assert m.bytes[at][1] == flags
                    if flags in (0, LOST | RESENT):
                        assert m.bytes[at][0] == when
