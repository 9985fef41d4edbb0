# Frostnet: tests of the faults of a bad network: their distributions, from seeds, and their bounds
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.link.faults import Faults, Random
from frostnet.link.held import Held

N = 20000
FRAME = 1514


def draws(n, draw, seed=1):
    rand = Random(seed).bits
    return [bool(draw(rand)) for _ in range(n)]


def near(count, n, p):
    """Whether `count` of `n` is within five standard deviations of what `p` makes likely."""
    return (count - n * p) ** 2 <= 25 * n * p * (1 - p)


def test_independent_losses_have_the_rate_that_was_asked_for():
    for p in (0.001, 0.05, 0.5, 0.9):
        lost = draws(N, Faults(loss=p).lost)
        assert near(sum(lost), N, p), (p, sum(lost))
        # Whether the one before was lost says nothing.
        after = [lost[i] for i in range(1, N) if lost[i - 1]]
        assert near(sum(after), len(after), p), (p, sum(after), len(after))


def test_never_and_always():
    rand = Random(1).bits
    none, all_ = Faults(), Faults(loss=1, duplicate=1, corrupt=1, reorder=1)
    for _ in range(1000):
        assert not none.lost(rand) and all_.lost(rand)
        assert not none.twice(rand) and all_.twice(rand)
        assert not none.late(rand) and all_.late(rand)


def test_bursts_have_their_length_and_leave_the_rate_as_it_is():
    """A Gilbert channel: bad times are geometrically distributed."""
    for loss, burst in ((0.05, 4), (0.2, 10), (0.05, 1), (0.5, 2)):
        n = 200000
        lost = draws(n, Faults(loss=loss, burst=burst).lost, 7)
        assert abs(sum(lost) / n - loss) < 0.1 * loss, (loss, burst, sum(lost))
        lengths = []
        run = 0
        for each in lost:
            if each:
                run += 1
            elif run:
                lengths.append(run)
                run = 0
        mean = sum(lengths) / len(lengths)
        assert abs(mean - burst) < 0.1 * burst, (loss, burst, mean)
        alone = sum([n == 1 for n in lengths])
        assert near(alone, len(lengths), 1 / burst) if burst > 1 else alone == len(lengths)


def test_delay_is_exact_without_jitter():
    faults = Faults(delay_ms=50)
    rand = Random(1).bits
    for now in (0, 1, 1000000, 5 << 40):
        assert faults.arrival(rand, FRAME, now, False) == now + 50000


def test_jitter_is_uniform_and_keeps_the_order():
    faults = Faults(delay_ms=50, jitter_ms=10)
    rand = Random(3).bits
    seen = []
    now = 0
    for _ in range(N):
        now += 100000  # far apart: none waits for the one before
        seen.append(faults.arrival(rand, FRAME, now, False) - now)
    assert min(seen) >= 40000 and max(seen) <= 60000
    assert min(seen) < 40100 and max(seen) > 59900
    for quarter in range(4):
        low = 40000 + 5000 * quarter
        count = sum([low <= t < low + 5000 for t in seen])
        assert near(count, N, 0.25), (quarter, count)
    before = 0
    for _ in range(1000):
        now += 100
        when = faults.arrival(rand, FRAME, now, False)
        assert when >= before
        before = when


def test_a_reordered_frame_comes_after_its_turn_and_holds_up_nobody():
    faults = Faults(delay_ms=5, late_ms=2)
    rand = Random(1).bits
    assert faults.arrival(rand, FRAME, 100, True) == 7100
    assert faults.arrival(rand, FRAME, 200, False) == 5200


def test_a_slow_line_sends_one_frame_after_the_other():
    """1000 bytes at 8000 kbit/s take 1 ms; what comes meanwhile waits."""
    faults = Faults(rate_kbps=8000, delay_ms=3)
    rand = Random(1).bits
    assert [faults.arrival(rand, 1000, 0, False) for _ in range(3)] == [4000, 5000, 6000]
    assert faults.arrival(rand, 1000, 10000, False) == 14000  # nobody saves up time


def test_a_fast_line_is_not_rounded():
    """60 bytes at 1 Gbit/s are 480 ns."""
    faults = Faults(rate_kbps=1000000)
    rand = Random(1).bits
    for _ in range(1000):
        when = faults.arrival(rand, 60, 0, False)
    assert when == 480


def test_new_faults_keep_the_order_of_what_is_on_its_way():
    slow, fast = Faults(delay_ms=50), Faults(delay_ms=1)
    rand = Random(1).bits
    slow.arrival(rand, FRAME, 0, False)
    fast.follow(slow)
    assert fast.arrival(rand, FRAME, 0, False) == 50000


def test_damage_is_one_bit_anywhere_behind_the_links_header():
    faults = Faults(corrupt=1)
    rand = Random(1).bits
    wrong = {}
    for _ in range(N):
        frame = bytearray(60)
        frame[12] = 8
        assert faults.spoil(rand, frame, 60)
        frame[12] ^= 8
        bits = [(at, value) for at, value in enumerate(frame) if value]
        assert len(bits) == 1, bits
        at, value = bits[0]
        assert at >= 14 and value & (value - 1) == 0, bits
        wrong[at, value] = wrong.get((at, value), 0) + 1
    assert len(wrong) == 46 * 8
    for count in wrong.values():
        assert near(count, N, 1 / (46 * 8)), count


def test_arp_and_what_is_only_a_header_are_not_damaged():
    faults = Faults(corrupt=1)
    rand = Random(1).bits
    arp = bytearray(42)
    arp[12:14] = b"\x08\x06"
    for frame in (arp, bytearray(14), bytearray(3)):
        before = bytes(frame)
        assert not faults.spoil(rand, frame, len(frame)) and frame == before


def test_the_same_seed_draws_the_same():
    first, again, other = (draws(500, Faults(loss=0.3).lost, seed) for seed in (5, 5, 6))
    assert first == again != other


def test_bits_are_as_many_as_asked_for_and_all_of_them_move():
    bits = Random(9).bits
    for n in (1, 8, 30, 32):
        some = all_ = 0
        for _ in range(300):
            value = bits(n)
            some |= value
            all_ |= ~value
        assert some == (1 << n) - 1 and all_ & some == some


def refused(**faults):
    try:
        Faults(**faults)
    except ValueError as e:
        assert len(str(e)) > 20
        return True
    return False


def test_what_cannot_be_is_refused_in_a_sentence():
    for faults in (
        {"loss": 5},
        {"loss": -0.1},
        {"duplicate": 1.5},
        {"corrupt": 2},
        {"reorder": -1},
        {"delay_ms": -1},
        {"delay_ms": 1 << 40},
        {"delay_ms": 5, "jitter_ms": 6},
        {"late_ms": -1},
        {"rate_kbps": -1},
        {"rate_kbps": 0.0001},
        {"queue": 0},
        {"queue": 5000},
        {"loss": 0.1, "burst": 0.5},
        {"loss": 0.9, "burst": 2},  # a bad time must last nine frames for that
    ):
        assert refused(**faults), faults
    assert not refused(loss=0.9, burst=9) and not refused(loss=1, burst=3)


def test_it_says_in_words_what_it_does():
    assert repr(Faults()) == "none"
    assert repr(Faults(loss=0.05, burst=3)) == "loss 5 % in bursts of 3"
    text = repr(Faults(loss=0.005, delay_ms=50, jitter_ms=2.5, rate_kbps=64, corrupt=0.1))
    assert text == "delay 50 ms +- 2.5 ms, loss 0.5 %, corrupt 10 %, rate 64 kbit/s", text


def test_held_frames_come_by_time_and_then_by_turn():
    held = Held(100)
    for i, when in enumerate((30, 10, 20, 10, 30)):
        buf = held.buffer()
        buf[0] = i
        held.put(i + 1, when)
    assert len(held) == 5 and held.soonest() == 10
    order = []
    while len(held):
        n, buf = held.take()
        order.append((n, buf[0]))
        held.give_back(buf)
    assert order == [(2, 1), (4, 3), (3, 2), (1, 0), (5, 4)]
    assert held.soonest() is None


def test_held_buffers_are_used_again():
    held = Held(100)
    buffers = []
    for i in range(50):
        buffers.append(held.buffer())
        held.put(1, i)
        if i % 5 == 4:
            while len(held):
                held.give_back(held.take()[1])
    assert len(set(map(id, buffers))) == 5


def test_held_frames_can_hurry():
    held = Held(10)
    for i, when in enumerate((300, 100, 200)):
        held.buffer()[0] = i
        held.put(1, when)
    held.hurry(50)
    held.buffer()[0] = 9
    held.put(1, 50)
    order = []
    while len(held):
        assert held.soonest() == 50
        buf = held.take()[1]
        order.append(buf[0])
        held.give_back(buf)
    assert order == [1, 2, 0, 9]
