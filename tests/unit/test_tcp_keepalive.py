# Frostnet: tests of TCP: keepalive and the user timeout
# MIT license; Copyright (c) 2026 The Frostnet authors

from tcpbench import (
    Seg,
    close_wait,
    closing,
    established,
    fin_wait_1,
    fin_wait_2,
    last_ack,
    listen,
    syn_received,
    syn_sent,
)

SECOND = 1000000
IDLE = 100 * SECOND
EVERY = 10 * SECOND


def watched(make=established, count=3, **options):
    b = make(**options)
    b.c.keep_idle = IDLE
    b.c.keep_interval = EVERY
    b.c.keep_count = count
    b.c.keep_alive(True)
    return b


def test_off_by_default():
    """RFC 9293 §3.8.4 (MUST-26): a connection may be idle for ever."""
    b = established()
    b.run(100000 * SECOND)
    b.silent()
    assert b.state == "ESTABLISHED"


def test_two_hours_by_default():
    """RFC 9293 §3.8.4 (MUST-28)."""
    b = established()
    b.c.keep_alive(True)
    b.run(7199 * SECOND)
    b.silent()
    b.run(SECOND)
    b.expect(Seg("A", 0, 1))


def test_question_and_answer():
    """RFC 9293 §3.8.4: a segment below the window, without data; any answer is one."""
    b = watched()
    for _ in range(3):
        b.run(IDLE - 1)
        b.silent()
        b.run(1)
        b.expect(Seg("A", 0, 1, b""))
        b.rx("A", 1, 1)
        b.silent()
    assert b.state == "ESTABLISHED" and b.counters.tcp_keepalive == 3


def test_one_lost_answer_means_nothing():
    """RFC 9293 §3.8.4 (MUST-29)."""
    b = watched()
    b.run(IDLE + 2 * EVERY)
    assert len(b.sent()) == 3
    b.rx("A", 1, 1)
    b.run(IDLE - 1)
    b.silent()
    b.run(1)
    assert len(b.sent()) == 1 and b.state == "ESTABLISHED"


def test_a_dead_peer_is_found_out():
    b = watched()
    calls = []
    b.c.notify = lambda: calls.append(b.c.error)
    b.run(IDLE + 3 * EVERY - 1)
    b.expect(*[Seg("A", 0, 1)] * 3)
    b.run(1)
    b.expect(Seg("RA", 1, 1))
    assert b.state == "CLOSED" and calls == [110] and b.tcp.count == 0
    b.run(10 * IDLE)
    b.silent()


def test_a_peer_that_forgot_resets():
    """RFC 9293 §3.5.1: the answer of one that crashed and came back."""
    b = watched()
    b.run(IDLE)
    b.sent()
    b.rx("R", 1)
    assert b.c.error == 104


def test_traffic_puts_it_off():
    """RFC 9293 §3.8.4 (MUST-27): only when nothing was heard, in either direction."""
    b = watched()
    at = 1
    for i in range(5):
        b.run(IDLE // 2)
        if i & 1:
            b.write(b"x")
            b.sent()
            b.rx("A", at, b.c.snd_max - b.iss)
        else:
            b.rx("A", at, b.c.snd_max - b.iss, b"y")
            at += 1
        b.read()
        b.raw = []
        b.run(50000)
        b.raw = []
    assert b.counters.tcp_keepalive == 0
    b.run(IDLE)
    assert len(b.sent()) == 1


def test_data_after_the_question_answer_it():
    """Also when header prediction takes them."""
    b = watched()
    b.run(IDLE + EVERY)
    assert len(b.sent()) == 2
    b.rx("A", 1, 1, b"here")
    b.sent()
    b.run(IDLE - 1)
    assert not [s for s in b.sent() if s.seq == 0]
    b.run(1)
    assert len(b.sent()) == 1


def test_nothing_is_asked_while_data_are_on_their_way():
    """RFC 9293 §3.8.4: their retransmission says the same, and the user timeout ends it."""
    b = watched()
    b.c.user_timeout = 1000 * SECOND
    b.run(IDLE - SECOND)
    b.write(b"x")
    b.run(IDLE)
    assert all(s.data for s in b.sent()) and b.counters.tcp_keepalive == 0


def test_half_closed_connections_are_watched_too():
    for make, seq, ack in ((close_wait, 0, 2), (fin_wait_2, 1, 1)):
        b = watched(make)
        b.run(IDLE)
        b.expect(Seg("A", seq, ack))
        b.run(3 * EVERY)
        assert b.state == "CLOSED" and b.c.error == 110


def test_switched_off_again():
    b = watched()
    b.run(IDLE + EVERY)
    b.raw = []
    b.c.keep_alive(False)
    b.run(100 * IDLE)
    b.silent()


def test_set_before_the_handshake():
    """Our side began, or a listener's `tune` set it."""
    b = watched(syn_sent)
    b.rx("SA", 0, 1)
    b.sent()
    b.run(IDLE)
    b.expect(Seg("A", 0, 1))
    b = listen()

    def tune(c):
        c.keep_idle = IDLE
        c.keep_alive(True)

    b.listener.tune = tune
    b.rx("S", 0)
    b.sent()
    b.rx("A", 1, 1)
    b.run(IDLE)
    b.expect(Seg("A", 0, 1))


def test_no_timer_is_left_behind():
    b = watched()
    b.c.abort()
    b.sent()
    assert b.timers.next() is None


def test_question_with_timestamps():
    """RFC 7323 §3.2: they are on these segments too, so that PAWS does not drop the question."""
    b = listen()
    b.rx("S", 0, ts=(5, 0))
    b.sent()
    b.rx("A", 1, 1, ts=(6, 0))
    b.c = b.listener.accept()
    b.c.keep_idle = IDLE
    b.c.keep_alive(True)
    b.run(IDLE)
    (got,) = b.sent()
    assert got.ts == ((b.now // 1000 + b.c.ts_offset) & 0xFFFFFFFF, 6)


def test_user_timeout():
    """RFC 9293 §3.8.3 (a), RFC 5482: how long the user waits is the user's choice."""
    for us in (5 * SECOND, 60 * SECOND):
        b = established()
        b.c.user_timeout = us
        b.write(b"x")
        b.run(us - 1)
        assert b.state == "ESTABLISHED" and b.c.error == 0
        b.sent()
        b.run(1)
        assert b.state == "CLOSED" and b.c.error == 110
        b.expect(Seg("RA", 2, 1))


def test_who_is_given_up_is_told():
    """RFC 9293 §3.8.3 (b), §3.5.2: a peer that only reads learns of it by a reset, one."""
    for make in (established, close_wait, fin_wait_1, fin_wait_2, closing, last_ack):
        b = make()
        b.c.close()
        b.run(130 * SECOND)
        sent = b.sent()
        assert b.state == "CLOSED" and b.counters.tcp_timeout == (make is not fin_wait_2)
        assert [s.flags for s in sent].count("RA") == 1 and sent[-1].flags == "RA", make
        assert sent[-1].seq == 2, "what comes after our FIN"


def test_who_does_not_know_us_yet_is_not_told():
    """RFC 9293 §3.8.3: these states are not synchronized."""
    for make in (syn_sent, syn_received):
        b = make()
        b.run(200 * SECOND)
        assert b.state == "CLOSED" and not [s for s in b.sent() if "R" in s.flags], make


def test_a_closed_window_that_never_opens():
    """RFC 9293 §3.8.6.1, RFC 5482: the reset is at the left edge: all else is outside of it."""
    b = established(wnd=0)
    b.c.user_timeout = 20 * SECOND
    b.write(b"data")
    b.run(30 * SECOND)
    assert b.state == "CLOSED" and b.c.error == 110
    last = b.sent()[-1]
    assert (last.flags, last.seq) == ("RA", 1)


def test_nobody_can_be_told():
    """The reset finds no way: the connection ends all the same, with what was known before."""
    b = established()
    b.c.user_timeout = 5 * SECOND
    b.write(b"x")
    b.run(4 * SECOND)
    b.unreachable = 113
    b.run(SECOND)
    assert b.state == "CLOSED" and b.c.error in (110, 113)
    b = established()
    b.c.user_timeout = 5 * SECOND
    b.write(b"x")
    b.tx_room = 0
    b.run(6 * SECOND)
    assert b.state == "CLOSED" and b.c.error == 110
    b.sent()
    b.tx_room = 10
    b.run(SECOND)
    b.silent()


def test_user_timeout_set_before_the_handshake_lasts():
    b = syn_sent()
    b.c.user_timeout = 5 * SECOND
    b.run(20 * SECOND)
    assert b.state == "SYN_SENT", "it is about data"
    b.rx("SA", 0, 1)
    b.write(b"x")
    b.run(5 * SECOND)
    assert b.c.error == 110
    b.raw = []


def test_syn_gives_up_after_three_minutes():
    """RFC 9293 §3.8.3 (MUST-23)."""
    b = syn_sent()
    b.run(179 * SECOND)
    assert b.state == "SYN_SENT"
    b.run(2 * SECOND)
    assert b.c.error == 110
    b.raw = []
