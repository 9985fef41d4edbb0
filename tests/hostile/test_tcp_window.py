# Frostnet: hostile input, lines 29 to 33: sequence wrap, SACK, reassembly, windows
# MIT license; Copyright (c) 2026 The Frostnet authors

import time

import frames as f
from frames import ACK, ALL, FIN, PSH
from rig import MINUTE, SECOND, Talker, hostile


def pattern(at, n):
    """Bytes of which every place can be told from its neighbours."""
    return bytes([(i * 7 + (i >> 8) * 13) & 255 for i in range(at, at + n)])


@hostile
def test_29_numbers_wrap_on_both_sides(r):
    # 2 MB each way over the wrap of both numbers, in segments that do not divide it.
    r.stack.tcp.isn = lambda *_: 0xFFFFFFFF - 99_999
    try:
        c = Talker(r, 7, iss=0xFFFFFFFF - 99_999).open()
        assert c.answer.seq == 0xFFFFFFFF - 99_999
        data = pattern(0, 1399)
        sent = got = 0
        while sent < 2_000_000:
            for _ in range(8):
                out = c.say(data)
                sent += len(data)
                for p in out:
                    at = (p.seq - c.ack) & ALL
                    assert at < 1 << 20, p
                    if p.data and not at:
                        expected = got % len(data)
                        whole = (data * 3)[expected : expected + len(p.data)]
                        assert p.data == whole, "byte %d of the stream" % got
                        got += len(p.data)
                        c.ack += len(p.data)
        for _ in range(100):
            if got == sent:
                break
            piece = c.hear()
            start = got % len(data)
            assert piece == (data * (len(piece) // len(data) + 2))[start : start + len(piece)]
            got += len(piece)
        assert got == sent, "%d of %d bytes" % (got, sent)
        assert c.seq > 1 << 32 and c.ack > 1 << 32
        c.reset()
    finally:
        del r.stack.tcp.isn


def unacked(r, n=4, **options):
    """A connection on which `n` segments of the host are on their way; (Talker, their bytes)."""
    options.setdefault("tcp_options", f.mss(1000) + f.SACK_PERMITTED)
    c = Talker(r, 7).open(**options)
    data = pattern(0, 250 * n)
    out = []
    for i in range(n):
        out += c.say(data[250 * i : 250 * i + 250])
    return c, data


@hostile
def test_30_sack_blocks_that_cannot_be(r):
    # Whether or not SACK was agreed on: a lie about what arrived must not lose a byte.
    for agreed in (f.SACK_PERMITTED, b""):
        for left, right in (
            (100, 50),  # reversed
            (0, 0),
            (250, 250),  # empty
            (-1000, -500),  # below what is acknowledged
            (-1000, 500),
            (0, 1000),  # all of it, without acknowledging it
            (5000, 6000),  # beyond what was sent
            (500, 100_000),
            (250, 250 + 0x7FFFFFFF),  # half of the numbers, and more
            (250, 250 - 0x7FFFFFFF),
            (0x80000000, 0x80000001),
            (-1, 0),
        ):
            c, data = unacked(r, tcp_options=f.mss(1000) + agreed)
            block = (c.ack + left, c.ack + right)
            for blocks in ((block,), (block, block), (block, (c.ack + 250, c.ack + 500), block)):
                for p in c.say(tcp_options=f.sack(*blocks)):
                    assert not p.bits & f.RST, p
            got = c.hear()
            for _ in range(20):
                if len(got) == len(data):
                    break
                got += c.hear(us=2 * SECOND)
            assert got == data, (left, right, len(got))
            c.echoed()
            c.reset()


@hostile
def test_30_sack_at_the_end_of_the_numbers(r):
    # SM "SACK sequence number overflow": data that lie around 2^32.
    r.stack.tcp.isn = lambda *_: 0xFFFFFFFF - 300
    try:
        c, data = unacked(r, 8)
        top = 0xFFFFFFFF
        for blocks in (
            [(top, 0)],
            [(top - 50, 200)],
            [(top - 50, top)],
            [(0, 200)],
            [(c.ack + 500, c.ack + 750), (c.ack + 1000, c.ack + 1250), (top, 1)],
            [(c.ack, c.ack + 250), (c.ack + 500, c.ack + 750)],  # D-SACK
        ):
            c.say(tcp_options=f.sack(*blocks))
        got = c.hear()
        for _ in range(20):
            if len(got) == len(data):
                break
            got += c.hear(us=2 * SECOND)
        assert got == data
        c.reset()
    finally:
        del r.stack.tcp.isn


@hostile
def test_31_sack_panic(r):
    # CVE-2019-11477, 11478: hundreds of tiny holes. Bounded memory, bounded work per ACK.
    c, data = unacked(r, 40)
    before = r.heap()
    begin = time.ticks_us()
    for i in range(2000):
        at = c.ack + (i * 37) % 9000
        blocks = [(at + 20 * k, at + 20 * k + 1 + i % 7) for k in range(4 if i & 1 else 3)]
        c.say(tcp_options=f.sack(*blocks))
    took = time.ticks_diff(time.ticks_us(), begin)
    assert r.heap() - before < 64 * 1024
    assert took < 10_000_000, "%d us for 2000 ACKs" % took
    got = c.hear()
    for _ in range(40):
        if len(got) == len(data):
            break
        got += c.hear(us=2 * SECOND)
    assert got == data
    c.echoed()
    c.reset()


def timed(r, busy, frames):
    """µs of real time in which `busy` echoes 30 segments, a frame of `frames` after each."""
    begin = time.ticks_us()
    for _ in range(30):
        out = busy.say(b"x" * 1000)
        r.send(next(frames))
        for p in out:
            busy.ack += len(p.data)
    busy.hear()
    return time.ticks_diff(time.ticks_us(), begin)


@hostile
def test_32_segmentsmack(r):
    # CVE-2018-5390: one byte here, one byte there. The list is bounded, and so is the work: a
    # second connection keeps at least half of its throughput.
    busy = Talker(r, 7).open()
    victim = Talker(r, 9).open()
    harmless = Talker(r, 9).open()

    def plain():
        while True:
            yield harmless.frame(b"", seq=harmless.seq - 1)  # keep-alives

    def smack():
        i = 0
        while True:
            i += 1
            yield victim.frame(b"y", seq=victim.seq + 1 + i * 7919 % 60_000)

    attack = smack()
    for _ in range(3000):
        r.send(next(attack))
    # In turn, the best of ten: other programs of this machine disturb both alike.
    pairs = [(timed(r, busy, plain()), timed(r, busy, attack)) for _ in range(10)]
    without, within = [min(times) for times in zip(*pairs)]
    assert within <= 2 * without, "%d us instead of %d" % (within, without)
    tables = r.tables()
    assert 0 < tables["ranges"][0] <= 64, tables
    assert r.drops().get("tcp_drop_ranges", 0) > 1000
    # The holes are filled: what was kept and what was dropped come out as one stream.
    at = 0
    c = victim.connection()
    buf = bytearray(2000)
    while at < 20_000:
        piece = b"y" * 1000
        victim.say(piece)
        n = c.recv_into(buf, 0, 2000)
        assert buf[:n] == b"y" * n
        at += 1000
    for c in (busy, victim, harmless):
        c.reset()


@hostile
def test_33_window_shrinks(r):
    # RFC 9293 §3.8.6: "shrinking the window" is discouraged, and must be survived.
    c = Talker(r, 7, wnd=8000).open()
    data = pattern(0, 8000)
    out = []
    for at in range(0, 8000, 1000):
        out += c.say(data[at : at + 1000])
    c.wnd = 500
    out += c.say()
    got = b""
    for _ in range(60):
        got += c.hear(out, SECOND)
        out = []
        if len(got) == 8000:
            break
    assert got == data
    c.wnd = 65535
    c.echoed()
    c.reset()


@hostile
def test_33_window_closed_and_its_update_lost(r):
    # RFC 9293 §3.8.6.1: the sender probes, at growing distances, and goes on when it opens.
    c = Talker(r, 7, wnd=1000).open()
    c.say(pattern(0, 1400))
    c.wnd = 0
    got = c.hear()
    assert len(got) <= 1001
    probes = []
    for _ in range(60):
        for p in c.mine(r.run(SECOND)):
            assert len(p.data) <= 1, "%d bytes into a closed window" % len(p.data)
            probes.append(r.now)
            c.say()
    assert 4 <= len(probes) <= 40, len(probes)
    gaps = [b - a for a, b in zip(probes, probes[1:])]
    assert gaps[-1] > gaps[0], "the probes do not back off"
    c.wnd = 65535  # nobody tells: the next probe finds out
    for _ in range(120):
        got += c.hear(us=SECOND)
        if len(got) == 1400:
            break
    assert got == pattern(0, 1400)
    c.echoed()
    c.reset()


@hostile
def test_33_window_closed_for_ever(r):
    # Sockstress: the peer acknowledges, says "0" and never reads. While it answers the
    # connection may live (RFC 9293 §3.8.6.1), but the program's time-out ends it.
    c = Talker(r, 7, wnd=1000).open()
    c.say(pattern(0, 1400))
    c.wnd = 0
    c.hear()
    conn = c.connection()
    conn.user_timeout = 30 * SECOND
    for _ in range(200):
        for p in c.mine(r.run(SECOND)):
            if not p.bits & f.RST:
                c.say()
        if not c.connection():
            break
    assert not c.connection() and r.counters.tcp_timeout == 1


@hostile
def test_33_silent_after_closing_the_window(r):
    # Nobody answers the probes: given up, whoever waits is told.
    c = Talker(r, 7, wnd=1000).open()
    c.say(pattern(0, 1400))
    c.wnd = 0
    c.hear()
    out = c.mine(r.run(10 * MINUTE))
    assert not c.connection(), "a dead peer is kept for ever"
    assert len(out) < 60


@hostile
def test_33_a_window_of_one(r):
    # The silly window: a byte at a time must not make a segment for each (RFC 9293 §3.8.6.2.1).
    c = Talker(r, 7, wnd=1).open()
    data = pattern(0, 600)
    c.say(data)
    got = b""
    tiny = 0
    for i in range(400):
        for p in c.mine(r.run(SECOND)):
            if p.data and p.seq == c.ack & ALL:
                got += p.data
                c.ack += len(p.data)
                tiny += len(p.data) == 1
        c.say()
        if i == 100:
            c.wnd = 1000
            c.say()
        if len(got) >= 600:
            break
    assert got == data
    assert tiny <= 110, tiny
    c.wnd = 65535
    c.say()
    c.echoed()
    c.reset()


@hostile
def test_33_beyond_our_window(r):
    # Data beyond the window that we offered are dropped, whoever sends them.
    c = Talker(r, 9).open()
    wnd = c.answer.wnd
    out = r.send(c.frame(b"x" * 100, seq=c.seq + (1 << 20)))
    assert r.drops()["tcp_drop_window"] == 1 and len(out) == 1
    sent = 0
    while True:
        out = c.say(b"z" * 1000)
        sent += 1000
        acked = max([(p.ack - c.seq + sent) & ALL for p in out] or [0])
        if sent > 4 << 20 or (out and out[-1].wnd == 0):
            break
        assert sent <= 8 << 20
        r.run(1000)
    assert c.connection().rx.len <= max(wnd, 4 << 20)
    # It is full: more is answered, and not kept.
    kept = c.connection().rx.len
    for _ in range(50):
        c.say(b"w" * 1400)
    assert c.connection().rx.len <= kept + 1400
    assert acked <= sent
    r.send(c.frame(bits=f.RST, seq=c.connection().rcv_nxt))
    assert not c.connection()


@hostile
def test_33_fin_beyond_the_window(r):
    c = Talker(r, 7).open()
    for ahead in (65536, 1 << 20, 1 << 30):
        c.say(b"", bits=FIN | ACK, seq=c.seq + ahead)
        assert c.state() == 4
    # Within it but early: it waits for what is missing.
    c.say(b"", bits=FIN | ACK, seq=c.seq + 10)
    assert c.state() == 4
    out = c.say(b"0123456789", bits=ACK | PSH)
    c.seq += 1
    assert c.hear(out) == b"0123456789" and c.ended
    assert not c.connection()
