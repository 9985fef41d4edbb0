# Frostnet: tests of NTP's packets, and of a query among servers good and bad
# MIT license; Copyright (c) 2026 The Frostnet authors

from ntp import packet
from ntp.query import Query
from ntp_server import _1970, NOW, S, answer, stamp
from simwire import Rng

A, B, C = 0x0A000001, 0x0A000002, 0x0A000003


def query(*servers, timeout=5 * S):
    return Query(servers or (A,), Rng(7).getrandbits, 0, timeout)


def give(q, src, data, now, before=0):
    """Have the query read `data` in the middle of a buffer; returns the counter."""
    buf = memoryview(b"\xff" * before + bytes(data) + b"\xff" * 9)
    return q.input(src, buf, before, before + len(data), now)


def refused(**fields):
    """Why an answer with these fields is not taken."""
    q = query()
    _, request = q.next(0)
    assert give(q, A, answer(request, **fields), 1000) is None
    assert q.done and q.sample is None
    return q.problems[A]


def test_request():
    # RFC 4330 section 5: all zero but version and mode; the timestamp is nobody's business
    q = query()
    server, request = q.next(0)
    assert server == A and len(request) == 48
    assert request[0] == 0x23 and bytes(request[1:40]) == bytes(39)
    assert bytes(request[40:]) != bytes(8)
    assert q.next(0) is None and not q.done
    _, second = q.next(q.due)
    assert second[40:] != request[40:], "each has a cookie of its own"


def test_time_offset_and_delay():
    # RFC 5905 section 8: T1 = 2000, T4 = 12000 of ours, 4 ms within the server
    q = query()
    q.due = 2000
    _, request = q.next(2000)
    half = 1 << 31
    data = answer(
        request, receive=stamp(NOW, half), transmit=stamp(NOW, half + (4 << 32) // 1000 + 1)
    )
    assert give(q, A, data, 12000, before=42) is None
    sample = q.sample
    assert q.done and sample.server == A and sample.stratum == 2 and not sample.leap
    assert sample.delay == 6000
    # In the middle of both the same moment: 7 ms of ours, 502 ms past NOW
    assert sample.epoch == NOW * S + 502000 - 7000
    assert sample.distance == (0x100 * S >> 16) // 2 + (0x100 * S >> 16)


def test_eras():
    # RFC 4330 section 3: without the first bit it is 2036 or later
    for seconds in (0, 1, NOW, 2085978495, 2085978496, 2085978497, 4102444800):
        buf = stamp(seconds, 1 << 30)
        assert packet._time(buf, 0) == seconds * S + S // 4, seconds
    assert packet._time(stamp(-_1970), 0) is None
    assert packet._time(bytes(7) + b"\1", 0) == 2085978496 * S


def test_answers_across_the_end_of_the_era():
    last = 2085978495
    q = query()
    _, request = q.next(0)
    data = answer(
        request,
        reference=stamp(last - 5),
        receive=stamp(last, 0xFFFFFF00),
        transmit=stamp(last + 1, 1),
    )
    assert give(q, A, data, 1000) is None
    assert abs(q.sample.epoch - (last + 1) * S) <= 501


def test_malformed():
    q = query()
    _, request = q.next(0)
    good = answer(request)
    for n in range(48):
        assert give(q, A, good[:n], 10) == "ntp_drop_malformed", n
    for mode in range(8):
        for version in range(8):
            if mode != 4 or not 1 <= version <= 4:
                data = answer(request, mode=mode, version=version)
                assert give(q, A, data, 10) == "ntp_drop_malformed", (mode, version)
    assert not q.done
    assert give(q, A, good + bytes(20), 10) is None and q.sample, "a MAC may follow"


def test_stray():
    # RFC 5905 section 8, TEST 1 and 2: the originate timestamp is what we sent, and once
    q = query(A, B)
    _, request = q.next(0)
    other = bytearray(request)
    other[47] ^= 1
    assert give(q, A, answer(other), 10) == "ntp_drop_stray"
    assert give(q, A, answer(bytes(48)), 10) == "ntp_drop_stray"
    assert give(q, B, answer(request), 10) == "ntp_drop_stray", "it was not asked"
    assert give(q, A, answer(request, stratum=0, refid=b"DENY")[:40], 10) == "ntp_drop_malformed"
    assert not q.done and not q.problems
    assert give(q, A, answer(request), 10) is None
    assert give(q, A, answer(request), 10) == "ntp_drop_stray", "it came twice"


def test_flood_of_bad_answers_does_not_hurt():
    q = query()
    _, request = q.next(0)
    rng = Rng(3)
    good = answer(request)
    for _ in range(3000):
        data = bytearray(good)
        for _ in range(1 + rng.below(4)):
            data[rng.below(48)] = rng.below(256)
        data[24 + rng.below(8)] ^= 1 + rng.below(255)
        data = data[: rng.below(60)]
        assert give(q, A, data, 10).startswith("ntp_drop")
    assert not q.done
    assert give(q, A, good, 10) is None and q.sample


def test_unfit_answers():
    # RFC 5905 section 8 and appendix A.5.1.1, RFC 4330 section 5
    assert "no time itself" in refused(leap=3)
    assert "no time itself" in refused(stratum=16)
    assert "no time itself" in refused(stratum=255)
    assert "cannot be" in refused(transmit=bytes(8))
    assert "cannot be" in refused(receive=bytes(8))
    assert "cannot be" in refused(receive=stamp(NOW + 1)), "sent before it came"
    assert "cannot be" in refused(reference=stamp(NOW + 60)), "set in the future"
    assert "cannot be" in refused(receive=stamp(-5), transmit=stamp(-5), reference=bytes(8))
    assert "well enough" in refused(dispersion=0x18000)
    assert "well enough" in refused(delay=0xFFFFFFFF)
    # The way there and back took 1 ms, and within the server 10 s
    assert "longer" in refused(transmit=stamp(NOW + 10))


def test_what_is_unusual_but_right():
    for fields in (
        {"version": 3},
        {"version": 1},
        {"leap": 1},
        {"stratum": 15},
        {"stratum": 1, "reference": bytes(8)},
        {"dispersion": 0x17000, "delay": 0},
        {"transmit": stamp(NOW, (1 << 32) // 1000)},
    ):
        q = query()
        _, request = q.next(0)
        assert give(q, A, answer(request, **fields), 900) is None
        assert q.sample and q.sample.delay >= 0, fields


def test_kiss_of_death():
    # RFC 5905 section 7.4; the next server is asked at once
    for code, text in ((b"RATE", "too often"), (b"DENY", "denies"), (b"INIT", "INIT")):
        q = query(A, B)
        _, request = q.next(0)
        kiss = answer(request, leap=3, stratum=0, refid=code)
        assert give(q, A, kiss, 1000) is None
        assert not q.done and text in q.problems[A] and q.kisses == {A: code.decode()}
        assert q.due == 1000
        server, request = q.next(1000)
        assert server == B
        assert give(q, B, answer(request), 2000) is None
        assert q.sample.server == B
    # What comes in place of a code is no text of ours
    q = query()
    _, request = q.next(0)
    give(q, A, answer(request, stratum=0, refid=b"\x1b[2J"), 10)
    assert q.kisses == {A: "???J"}


def test_silent_servers_are_asked_in_turn():
    # RFC 4330 section 10: ever less often
    q = query(A, B, C, timeout=15 * S)
    asked = []
    now = 0
    while not q.done:
        request = q.next(now)
        if request:
            asked.append((now // S, request[0]))
        elif not q.done:
            assert q.due > now
            now = q.due
    assert asked == [(0, A), (1, B), (2, C), (3, A), (5, B), (7, C), (9, A), (13, B)], asked
    assert now == 15 * S and set(q.problems) == {A, B, C}
    assert all("does not answer" in text for text in q.problems.values())


def test_answer_to_an_older_request():
    q = query(A, B)
    _, first = q.next(0)
    q.next(S)
    assert give(q, A, answer(first), S + 500000) is None
    assert q.sample.server == A and q.sample.delay == S + 500000


def test_refused_servers_are_left_out():
    q = query(A, B, C)
    q.next(0)
    q.next(S)
    q.refuse(A, "has no time server", S + 10)
    q.refuse(A, "again", S + 10)
    assert q.problems == {A: "has no time server"}
    assert q.next(S + 10)[0] == C
    assert q.next(q.due)[0] == B
    q.refuse(B, "x", 3 * S)
    q.refuse(C, "y", 3 * S)
    assert q.done and q.next(4 * S) is None and not q.sample
    q.refuse(C, "z", 3 * S)


def test_no_servers():
    assert Query((), Rng(1).getrandbits, 0, S).done
