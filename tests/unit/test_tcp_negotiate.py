# Frostnet: tests of TCP: options that both sides agree on in their SYNs
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from tcpbench import PORT, Bench, connect, listen, syn_sent
from simwire import Rng

MSS = 1460
DATA = bytes(i * 7 % 251 for i in range(300000))

WSCALE = 3
SACK_OK = 4
SACK = 5
TS = 8


def wscale(shift):
    return bytes((3, 3, shift, 1))


SACK_PERMITTED = b"\x04\x02\x01\x01"


def offered(b):
    """The options of the one segment that was sent."""
    (got,) = b.sent()
    assert "S" in got.flags
    return got.options, got


def opened(limit=65535, ts=None, options=b"", wnd=65535, **bench):
    """A listener with this receive buffer got a SYN with these options; (bench, SYN-ACK's)."""
    b = listen(**bench)

    def tune(c):
        c.rx.limit = limit

    b.listener.tune = tune
    b.rx("S", 0, mss=MSS, ts=ts, options=options, wnd=wnd)
    answer, got = offered(b)
    b.c = next(b.tcp.connections())
    return b, answer, got


def test_our_syn_offers_everything():
    """RFC 7323 §2.2, §3.2, RFC 2018 §2; the echo is 0 as there is nothing to echo."""
    b = connect(Bench())
    options, got = offered(b)
    assert sorted(options) == [2, WSCALE, SACK_OK, TS]
    assert options[WSCALE] == b"\x00" and options[SACK_OK] == b"" and got.wnd == 65535
    assert got.ts[1] == 0 and got.ts[0] == (b.now // 1000 + b.c.ts_offset) & 0xFFFFFFFF


def test_a_repeated_syn_offers_the_same():
    b = connect(Bench())
    first, _ = offered(b)
    b.run(1000000)
    again, got = offered(b)
    assert sorted(again) == sorted(first) and again[WSCALE] == first[WSCALE]
    assert got.ts[0] == struct.unpack(">II", first[TS])[0] + 1000, "the clock went on"


def test_only_what_the_answer_has_is_used():
    """RFC 7323 §2.2, §3.2; RFC 2018 §2: all that the SYN-ACK does not have stays off."""
    for use_ts in (False, True):
        for shift in (None, 0, 7, 14):
            for use_sack in (False, True):
                b = syn_sent()
                options = b"" if shift is None else wscale(shift)
                options += SACK_PERMITTED if use_sack else b""
                ts = (777, 1) if use_ts else None
                b.rx("SA", 0, 1, mss=MSS, options=options, ts=ts, wnd=1000)
                assert b.state == "ESTABLISHED"
                c = b.c
                assert c.snd_wnd == 1000, "the window in a SYN is not scaled (RFC 7323 §2.2)"
                assert (c.sack_ok, c.ts_ok) == (use_sack, use_ts)
                assert c.snd_wscale == (shift or 0)
                assert c.mss == MSS and c.smss == MSS - 12 * use_ts
                (got,) = b.sent()
                assert list(got.options) == ([TS] if use_ts else [])
                assert got.ts == ((b.now // 1000 + c.ts_offset) & 0xFFFFFFFF, 777) or not use_ts
                b.rx("A", 1, 1, wnd=1000, ts=(778, 1) if use_ts else None)
                assert c.snd_wnd == 1000 << (shift or 0)


def test_the_answer_has_only_what_was_offered():
    for use_ts in (False, True):
        for shift in (None, 0, 14):
            for use_sack in (False, True):
                options = b"" if shift is None else wscale(shift)
                options += SACK_PERMITTED if use_sack else b""
                ts = (777, 0) if use_ts else None
                b, answer, got = opened(ts=ts, options=options, wnd=900)
                assert b.c.snd_wnd == 900
                assert (WSCALE in answer) == (shift is not None)
                assert (SACK_OK in answer) == use_sack and (TS in answer) == use_ts
                assert not use_ts or got.ts[1] == 777
                b.rx("A", 1, 1, ts=(778, got.ts[0]) if use_ts else None, wnd=900)
                assert b.state == "ESTABLISHED" and b.c.snd_wnd == 900 << (shift or 0)
                b.silent()


def test_shift_stays_what_our_syn_said():
    """RFC 7323 §2.2: it is fixed in each direction when the connection is opened."""
    b = syn_sent()
    b.c.rx.limit = 1 << 20
    b.rx("SA", 0, 1, mss=MSS, options=wscale(7))
    (got,) = b.sent()
    assert b.c.rcv_wscale == 0 and got.wnd == 65535


def test_shift_is_chosen_from_the_limit():
    """RFC 7323 §2.3: the least that can tell of the whole buffer, at most 14."""
    for limit, shift in (
        (1000, 0), (65535, 0), (65536, 1), (131071, 1), (131072, 2), (1 << 20, 5), (1 << 31, 14),
    ):  # fmt: skip
        b, answer, got = opened(limit, options=wscale(2))
        assert answer[WSCALE] == bytes((shift,)) and got.wnd == min(limit, 65535)


def test_large_window_is_offered_and_filled():
    """200,000 bytes on their way at once; not one without scaling."""
    b, answer, got = opened(200000, options=wscale(0))
    shift = answer[WSCALE][0]
    b.rx("A", 1, 1)
    assert b.listener.accept() is b.c
    b.rx("A", 1, 1, DATA[:MSS])
    (got,) = b.sent()
    assert got.ack == 1 + MSS and 200000 - MSS - 4 < got.wnd << shift <= 200000 - MSS
    at = MSS
    while at < 198000:
        b.inject(b.segment("A", 1 + at, 1, DATA[at : at + MSS]))
        at += MSS
    b.poll()
    assert b.c.available() == at and b.read(1 << 20) == DATA[:at]
    b, answer, got = opened(200000)
    b.rx("A", 1, 1)
    b.rx("A", 1, 1, DATA[:MSS])
    (got,) = b.sent()
    assert got.wnd == 65535 and b.c.rcv_adv == b.c.rcv_nxt + 65535


def test_a_scaled_window_never_takes_a_promise_back():
    """RFC 7323 §2.4: the edge told moves back by less than one unit, and what it was before is
    still taken; nor does rounding up let the buffer grow beyond its limit by more than that."""
    rng = Rng(4)
    for limit in (65536, 100000, 500000):
        b, answer, got = opened(limit, options=wscale(0))
        shift = answer[WSCALE][0]
        b.rx("A", 1, 1)
        b.listener.accept()
        edge = 1 + got.wnd
        sent = 1
        for _ in range(1500):
            n = rng.below(3) and rng.below(MSS) or 1
            n = min(n, edge - sent)
            if n:
                b.rx("A", sent, 1, DATA[:n])
                sent += n
                assert b.c.rcv_nxt == b.peer_iss + sent, "in the window that was told: taken"
            if rng.below(60) == 0:
                b.read(rng.below(limit))
            b.run(50000)
            for s in b.sent():
                told = s.ack + (s.wnd << shift)
                assert told > edge - (1 << shift), (told, edge)
                assert told <= b.c.rcv_adv - b.peer_iss
                edge = max(edge, told)
            assert b.c.rx.len <= limit + (1 << shift)
        assert sent > limit


def test_single_bytes_close_a_scaled_window():
    """Rounding up byte by byte must not keep the window open for ever."""
    b, answer, got = opened(1 << 20, options=wscale(0))
    b.rx("A", 1, 1)
    b.c.rx.limit = 70000  # a test of a million bytes in single ones would take long
    b.c.rcv_adv = b.c.rcv_nxt + 200
    b.c.rx.put(memoryview(DATA), 0, 69800)
    sent = 1
    for _ in range(1000):
        b.rx("A", sent, 1, b"x")
        sent = b.c.rcv_nxt - b.peer_iss
    assert b.c.rx.len <= 70000 + 32 and b.sent()[-1].wnd == 0


def test_unscaled_window_beyond_the_field():
    """A peer with shift 14 and a window of 1 GiB (RFC 7323 §2.3's largest) is believed."""
    b, answer, got = opened(options=wscale(200))
    b.rx("A", 1, 1, wnd=65535)
    assert b.c.snd_wnd == b.c.max_wnd == 65535 << 14


def test_duplicate_acks_are_told_by_the_scaled_window():
    """RFC 5681 §2: the same window; unscaled and scaled must not be mixed up."""
    b, answer, got = opened(options=wscale(7), wnd=512)
    b.rx("A", 1, 1, wnd=512)
    b.write(DATA[: 8 * MSS])
    b.sent()
    for _ in range(3):
        b.rx("A", 1, 1, wnd=512)
    assert b.counters.tcp_fast_retransmit == 1


def test_simultaneous_open_agrees_too():
    """RFC 9293 §3.5 figure 8; the SYN-ACK's window is not scaled either."""
    b = syn_sent()
    b.rx("S", 0, mss=MSS, ts=(100, 0), options=wscale(3) + SACK_PERMITTED, wnd=2000)
    answer, got = offered(b)
    assert got.flags == "SA" and sorted(answer) == [2, WSCALE, SACK_OK, TS] and got.ts[1] == 100
    b.rx("SA", 0, 1, mss=MSS, ts=(101, got.ts[0]), options=wscale(3) + SACK_PERMITTED, wnd=2000)
    assert b.state == "ESTABLISHED" and b.c.snd_wnd == 2000
    b.rx("A", 1, 1, ts=(102, got.ts[0]), wnd=2000)
    assert b.c.snd_wnd == 2000 << 3 and b.c.sack_ok and b.c.ts_ok


def test_simultaneous_open_without_options():
    b = syn_sent()
    b.rx("S", 0)
    answer, got = offered(b)
    assert list(answer) == [2]
    assert not (b.c.ts_ok or b.c.sack_ok or b.c.snd_wscale)


def test_options_in_other_segments_change_nothing():
    """RFC 7323 §2.2, §3.2, RFC 9293 §3.7.1: they count in SYNs only, or if agreed upon."""
    b, answer, got = opened()
    b.rx("A", 1, 1, b"abc", mss=500, ts=(1, 2), options=wscale(9) + SACK_PERMITTED)
    c = b.c
    assert c.mss == MSS and c.snd_wscale == 0 and not c.sack_ok and not c.ts_ok
    assert b.read() == b"abc"
    (got,) = b.sent()
    assert got.options == {}
    b.rx("A", 4, 1, b"def", ts=(0xFFFFFFFF, 2))
    b.rx("A", 7, 1, b"ghi", ts=(5, 2))
    assert b.read() == b"defghi"


def test_timestamps_leave_room_for_the_data():
    """RFC 9293 §3.7.1: option bytes are taken off the segment, at the smallest MSS too."""
    for mss in (MSS, 0, 1, 64, 65535):
        b = listen()
        b.rx("S", 0, mss=mss, ts=(5, 0))
        got = b.sent()[0]
        b.c = next(b.tcp.connections())
        b.rx("A", 1, 1, ts=(6, got.ts[0]))
        want = {0: 536, 1: 64, 65535: MSS}.get(mss, mss) - 12
        b.write(DATA[: 3 * want])
        assert {len(s.data) for s in b.sent()} == {want}, mss


def test_offsets_of_timestamps_differ():
    """RFC 7323 §5.4: nobody reads the uptime, nor one connection's clock from another's."""
    b = Bench()
    seen = set()
    for _ in range(50):
        b.tcp.connect(0x0A000002, PORT)
    for dst, raw in b.raw:
        seen.add(struct.unpack(">I", raw[28:32])[0])
    assert len(seen) == 50 and max(seen) - min(seen) > 1 << 28
    b.raw = []
