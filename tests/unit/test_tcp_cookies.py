# Frostnet: tests of TCP: SYN cookies
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import struct

from frostnet.tcp.listener import HALF_OPEN
from tcpbench import PEER, Seg, listen
from simwire import Rng

SECOND = 1000000
DATA = bytes(i % 241 for i in range(20000))


def flooded(**options):
    """A listener whose half-open connections are as many as may be."""
    b = listen(**options)
    flood(b, HALF_OPEN)
    assert b.tcp.count == HALF_OPEN
    return b


def flood(b, n, first=0):
    for i in range(first, first + n):
        src = 0x0B000000 + i
        b.peer_port = 1024 + i % 60000
        raw = b.segment("S", i * 7919)
        b.checksum(raw, src)
        b.inject(raw, src)
        if i % 64 == 63:
            b.poll()
            b.raw = []
    b.poll()
    b.raw = []
    b.peer_port = 4000


def syn(b, **more):
    """A SYN and the answer to it, with a cookie; our numbers are relative to that from now on."""
    before = b.tcp.count
    sent = b.counters.tcp_cookie_sent
    b.rx("S", 0, **more)
    assert b.tcp.count == before and b.counters.tcp_cookie_sent == sent + 1
    ((dst, raw),) = b.raw
    b.iss = struct.unpack(">I", raw[4:8])[0]
    (got,) = b.sent()
    assert (got.flags, got.seq, got.ack) == ("SA", 0, 1)
    return got


def taken(b):
    b.c = b.listener.accept()
    return b.c


def test_connection_by_cookie():
    """RFC 4987 §3.6: SYN, SYN-ACK, ACK, data both ways, with nothing kept in between."""
    b = flooded()
    got = syn(b, mss=1460)
    assert got.mss == 1460 and list(got.options) == [2] and got.wnd == 65535
    b.rx("A", 1, 1)
    c = taken(b)
    assert c.mss == 1460 and not c.ts_ok and not c.sack_ok and not c.snd_wscale
    assert b.counters.tcp_cookie_good == 1 and b.state == "ESTABLISHED"
    b.rx("A", 1, 1, b"GET /")
    b.expect(Seg("A", 1, 6))
    assert b.read() == b"GET /"
    b.write(b"200 OK")
    b.expect(Seg("PA", 1, 6, b"200 OK"))
    b.rx("FA", 6, 7)
    b.expect(Seg("A", 7, 7))
    assert b.state == "CLOSE_WAIT"


def test_ack_with_data_and_fin():
    """The ACK was lost, what follows it completes the handshake as well."""
    b = flooded()
    syn(b)
    b.rx("FPA", 1, 1, b"all")
    b.expect(Seg("A", 1, 5))
    assert taken(b) and b.read() == b"all" and b.state == "CLOSE_WAIT"


def test_mss_is_rounded_down():
    """Three bits tell one of eight sizes."""
    for mss, kept in (
        (0, 536), (1, 64), (64, 64), (100, 64), (216, 216), (535, 216), (536, 536), (1000, 966),
        (1219, 966), (1380, 1360), (1440, 1440), (1459, 1440), (1460, 1460), (9000, 1460),
    ):  # fmt: skip
        b = flooded()
        syn(b, mss=mss)
        b.rx("A", 1, 1)
        assert taken(b).mss == kept, mss


def test_options_in_the_timestamp():
    """Window scale and SACK come back in our timestamp's low bits; without timestamps none."""
    for scale in (-1, 0, 7, 14):
        for sack in (b"", b"\x04\x02\x01\x01"):
            b = flooded()
            options = sack + (bytes((3, 3, scale, 1)) if scale >= 0 else b"")
            got = syn(b, mss=1460, options=options)
            assert list(got.options) == [2], "nothing to remember it by"
            b = flooded()
            got = syn(b, mss=1460, options=options, ts=(900, 0))
            assert (4 in got.options) == bool(sack) and (3 in got.options) == (scale >= 0)
            assert got.ts[1] == 900
            b.rx("A", 1, 1, ts=(901, got.ts[0]), wnd=100)
            c = taken(b)
            assert c.ts_ok and c.sack_ok == bool(sack) and c.snd_wscale == max(scale, 0)
            assert c.snd_wnd == 100 << max(scale, 0) and c.ts_recent == 901
            b.write(b"x")
            (data,) = b.sent()
            assert 0 <= (data.ts[0] - got.ts[0]) & 0xFFFFFFFF < 64, "our clock does not go back"


def test_a_receive_buffer_that_was_set_keeps_the_scale_that_was_told():
    b = listen()
    b.tcp.rcvbuf = 200000

    def tune(c):
        c.rx.limit = 900000

    b.listener.tune = tune
    flood(b, HALF_OPEN)
    got = syn(b, mss=1460, ts=(1, 0), options=b"\x03\x03\x02\x01")
    assert got.options[3] == b"\x02"
    b.rx("A", 1, 1, ts=(2, got.ts[0]))
    b.rx("A", 1, 1, DATA[:1000], ts=(2, got.ts[0]))
    (ack,) = b.sent()
    assert taken(b).rcv_wscale == 2 and b.c.rcv_adv == b.c.rcv_nxt + (ack.wnd << 2)


def test_round_trip():
    """RFC 6298 §2: what the timestamp says of it, or nothing; never the time since boot."""
    for ts, least, most in ((None, 3000000, 3000000), ((5, 0), 250000, 600000)):
        b = flooded(now=5000 * SECOND)
        got = syn(b, ts=ts)
        b.run(100000)
        b.raw = []
        b.rx("A", 1, 1, ts=ts and (6, got.ts[0]))
        assert least <= taken(b).rto <= most, b.c.rto
    b = flooded(now=5000 * SECOND)
    got = syn(b, ts=(5, 0))
    b.rx("A", 1, 1, ts=(6, got.ts[0] - (1000000 & ~31)))
    assert taken(b).rto == 3000000, "an echo that cannot be"


def test_wrong_cookies_are_refused():
    """Each bit counts, and so do the peer's number, address and port: a reset, nothing made."""
    b = flooded()
    syn(b)
    for bit in range(32):
        b.rx("A", 1, 1 ^ 1 << bit if bit else 0)
        (got,) = b.sent()
        assert got.flags == "R", bit
    b.rx("A", 2, 1)
    assert b.sent()[0].flags == "R"
    b.peer_port += 1
    b.rx("A", 1, 1)
    assert b.sent()[0].flags == "R"
    b.peer_port -= 1
    raw = b.segment("A", 1, 1)
    b.checksum(raw, PEER + 1)
    b.inject(raw, PEER + 1)
    b.raw = []
    assert b.listener.pending() == 0 and b.counters.tcp_cookie_good == 0
    b.rx("A", 1, 1)
    assert b.listener.pending() == 1


def test_random_acks_get_nothing():
    b = flooded()
    rng = Rng(5)
    for _ in range(3000):
        b.rx("A", rng.below(1 << 30), rng.below(1 << 30) * 4)
    assert b.counters.tcp_cookie_good == 0 and b.tcp.count == HALF_OPEN
    b.raw = []


def test_a_cookie_gets_old():
    """One minute at least, 128 s at most."""
    for wait, good in ((64, True), (129, False)):
        for start in (0, 1, 31, 63):
            b = listen(now=(10**6 + start) * SECOND)
            flood(b, HALF_OPEN)
            syn(b)
            b.now += wait * SECOND
            flood(b, HALF_OPEN, 1000)
            flood(b, HALF_OPEN, 2000)
            b.rx("A", 1, 1)
            assert (b.listener.pending() == 1) == good, (wait, start)
            b.raw = []


def test_no_cookie_is_believed_in_peace():
    """Only while some may be out: nobody guesses at a listener that never sent one."""
    b = flooded()
    syn(b)
    iss = b.iss
    b.run(200 * SECOND)
    b.raw = []
    b.iss = iss
    b.rx("A", 1, 1)
    b.expect(Seg("R", 1))
    b = listen()
    b.rx("A", 1, 1)
    b.expect(Seg("R", 1))


def test_full_queue():
    """An ACK with a good cookie that finds no room is not answered, as without cookies."""
    b = listen(backlog=1)
    flood(b, HALF_OPEN)
    syn(b)
    first = b.iss
    b.peer_port = 4001
    syn(b)
    b.rx("A", 1, 1)
    b.silent()
    b.peer_port = 4000
    b.iss = first
    b.rx("A", 1, 1)
    b.silent()
    assert b.listener.pending() == 1 and b.counters.tcp_drop_backlog == 1
    assert b.listener.accept().ports & 0xFFFF == 4001
    b.rx("PA", 1, 1, b"again")
    assert taken(b).ports & 0xFFFF == 4000 and b.read() == b"again"


def test_half_open_ones_stay():
    """The flood pushes nobody out: who began before it completes as ever."""
    b = listen()
    b.rx("S", 0)
    b.sent()
    flood(b, 3000, 64)
    b.rx("A", 1, 1)
    assert taken(b) and b.counters.tcp_cookie_good == 0


def test_same_syn_gets_the_same_cookie():
    """And another connection another one, RFC 6528."""
    b = flooded()
    seen = set()
    for port in range(5000, 5100):
        b.peer_port = port
        syn(b)
        seen.add(b.iss & 0xFFFFFF)
        first = b.iss
        syn(b)
        assert b.iss == first
    assert len(seen) == 100


def test_syn_flood():
    """10,000 SYNs from everywhere, hostile-inputs 38: memory is bounded, a client gets in at once,
    what is half-open ends, and no SYN-ACK is sent for ever."""
    b = flooded()
    gc.collect()
    before = gc.mem_alloc()
    flood(b, 10000, 64)
    gc.collect()
    grown = gc.mem_alloc() - before
    assert b.tcp.count == HALF_OPEN and grown < 64 * 2048, grown  # the paths last used
    assert b.counters.tcp_cookie_sent == 10000
    syn(b, mss=1460)
    b.rx("A", 1, 1)
    assert taken(b)
    b.run(70 * SECOND)
    b.raw = []
    assert b.tcp.count == 1, "half-open connections end"
    b.run(100 * SECOND)
    b.silent()


def test_cookies_end_with_the_flood():
    b = flooded()
    b.run(70 * SECOND)
    b.raw = []
    b.iss = 1000
    b.rx("S", 0, mss=1460)
    assert b.tcp.count == 1 and b.counters.tcp_cookie_sent == 0
    b.raw = []
