# Frostnet: tests of TCP: every state meets the main kinds of segment
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.10.7 with RFC 5961. Numbers are relative to the initial ones (tcpbench.py). In each
# state `r` is the number of the peer's next byte and `s` our next one: the table's segments say
# "in" for one at r, "old" for r - 1, "far" for one beyond the window.

from tcpbench import STATES, Bench, Seg, connect, established, listen, syn_received, syn_sent

# r, s: rcv_nxt and snd_nxt of the fixtures; u: snd_una.
NUMBERS = {
    "SYN_RECEIVED": (1, 1, 0),
    "ESTABLISHED": (1, 1, 1),
    "FIN_WAIT_1": (1, 2, 1),
    "FIN_WAIT_2": (1, 2, 2),
    "CLOSE_WAIT": (2, 1, 1),
    "CLOSING": (2, 2, 1),
    "LAST_ACK": (2, 2, 1),
    "TIME_WAIT": (2, 2, 2),
}

SAME = None
ALL = (
    "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
    "CLOSING", "LAST_ACK", "TIME_WAIT",
)  # fmt: skip
SYNCHRONIZED = ALL[1:]

# states, segment (flags, seq relative to r, ack relative to s, data), answer (flags, seq relative
# to s, ack relative to r) or None, next state or SAME, clause
TABLE = (
    # First: acceptability. What is outside gets an ACK, a reset gets nothing.
    (ALL, ("A", 70000, 0, b""), ("A", 0, 0), SAME, "3.10.7.4 first"),
    (ALL, ("A", 70000, 0, b"far"), ("A", 0, 0), SAME, "3.10.7.4 first"),
    (ALL, ("PA", -4, 0, b"old!"), ("A", 0, 0), SAME, "3.10.7.4 first"),
    (ALL, ("R", 70000, 0, b""), None, SAME, "3.10.7.4 first"),
    (ALL, ("R", -1, 0, b""), None, SAME, "3.10.7.4 first"),
    # Second: RST. Exact ends it, another one in the window is challenged (RFC 5961 §3.2).
    (("SYN_RECEIVED",), ("R", 0, 0, b""), None, "CLOSED", "3.10.7.4 second"),
    (ALL[1:5], ("R", 0, 0, b""), None, "CLOSED", "3.10.7.4 second"),
    (ALL[1:5], ("RA", 0, 0, b""), None, "CLOSED", "3.10.7.4 second"),
    (("CLOSING", "LAST_ACK"), ("R", 0, 0, b""), None, "CLOSED", "3.10.7.4 second"),
    (("TIME_WAIT",), ("R", 0, 0, b""), None, SAME, "RFC 1337"),
    (ALL[:7], ("R", 1, 0, b""), ("A", 0, 0), SAME, "RFC 5961 3.2"),
    (ALL[:7], ("R", 60000, 0, b""), ("A", 0, 0), SAME, "RFC 5961 3.2"),
    # Fourth: SYN. In synchronized states a challenge, wherever it is.
    (SYNCHRONIZED, ("SA", 5, 0, b""), ("A", 0, 0), SAME, "RFC 5961 4.2"),
    (SYNCHRONIZED[:6], ("S", 5, 0, b""), ("A", 0, 0), SAME, "RFC 5961 4.2"),
    (SYNCHRONIZED, ("S", -70000, 0, b""), ("A", 0, 0), SAME, "RFC 5961 4.2"),
    (("SYN_RECEIVED",), ("S", 5, 0, b""), None, "CLOSED", "3.10.7.4 fourth: back to LISTEN"),
    # Fifth: ACK. Without one a segment is dropped.
    (ALL[:7], ("", 0, 0, b""), None, SAME, "3.10.7.4 fifth"),
    (ALL[:7], ("P", 0, 0, b"no ack"), None, SAME, "3.10.7.4 fifth"),
    (ALL[:7], ("F", 0, 0, b""), None, SAME, "3.10.7.4 fifth"),
    (("SYN_RECEIVED",), ("A", 0, 0, b""), None, "ESTABLISHED", "3.10.7.4 fifth"),
    (("ESTABLISHED", "FIN_WAIT_2", "CLOSE_WAIT", "TIME_WAIT"), ("A", 0, 0, b""), None, SAME, ""),
    (("FIN_WAIT_1",), ("A", 0, 0, b""), None, "FIN_WAIT_2", "3.10.7.4 fifth"),
    (("CLOSING",), ("A", 0, 0, b""), None, "TIME_WAIT", "3.10.7.4 fifth"),
    (("LAST_ACK",), ("A", 0, 0, b""), None, "CLOSED", "3.10.7.4 fifth"),
    (("FIN_WAIT_1", "CLOSING", "LAST_ACK"), ("A", 0, -1, b""), None, SAME, "a duplicate ACK"),
    # An ACK of what was never sent, or long ago: RFC 5961 §5.2.
    (ALL[1:7], ("A", 0, 1, b""), ("A", 0, 0), SAME, "RFC 5961 5.2"),
    (ALL[1:7], ("A", 0, -70000, b"blind"), ("A", 0, 0), SAME, "RFC 5961 5.2"),
    # Seventh: text.
    (("ESTABLISHED",), ("A", 0, 0, b"data"), ("A", 0, 4), SAME, "3.10.7.4 seventh"),
    (("FIN_WAIT_1",), ("A", 0, -1, b"data"), ("A", 0, 4), SAME, "3.10.7.4 seventh"),
    (("FIN_WAIT_2",), ("A", 0, 0, b"data"), ("A", 0, 4), SAME, "3.10.7.4 seventh"),
    (("CLOSE_WAIT",), ("A", 0, 0, b"data"), None, SAME, "no text after the FIN"),
    # Eighth: FIN.
    (("SYN_RECEIVED",), ("FA", 0, 0, b""), ("A", 0, 1), "CLOSE_WAIT", "3.10.7.4 eighth"),
    (("ESTABLISHED",), ("FA", 0, 0, b""), ("A", 0, 1), "CLOSE_WAIT", "3.10.7.4 eighth"),
    (("ESTABLISHED",), ("FA", 0, 0, b"bye"), ("A", 0, 4), "CLOSE_WAIT", "3.10.7.4 eighth"),
    (("FIN_WAIT_1",), ("FA", 0, 0, b""), ("A", 0, 1), "TIME_WAIT", "3.10.7.4 eighth"),
    (("FIN_WAIT_1",), ("FA", 0, -1, b""), ("A", 0, 1), "CLOSING", "3.10.7.4 eighth"),
    (("FIN_WAIT_2",), ("FA", 0, 0, b""), ("A", 0, 1), "TIME_WAIT", "3.10.7.4 eighth"),
    # The same FIN again: our ACK was lost.
    (("CLOSE_WAIT", "TIME_WAIT"), ("FA", -1, 0, b""), ("A", 0, 0), SAME, "3.10.7.4 eighth"),
    (("CLOSING", "LAST_ACK"), ("FA", -1, -1, b""), ("A", 0, 0), SAME, "3.10.7.4 eighth"),
)


def run_table(**numbers):
    for states, (flags, seq, ack, data), answer, after, clause in TABLE:
        for name in states:
            b = STATES[name](**numbers)
            r, s, u = NUMBERS[name]
            b.rx(flags, r + seq, s + ack, data)
            what = "%s meets %s seq %d ack %d, %d bytes (%s)" % (
                name, flags, seq, ack, len(data), clause,
            )  # fmt: skip
            try:
                if answer:
                    b.expect(Seg(answer[0], s + answer[1], r + answer[2]))
                else:
                    b.silent()
                assert b.state == (after or name), "is in " + b.state
            except AssertionError as e:
                raise AssertionError(what + ": " + str(e))


def test_every_state_and_segment():
    """RFC 9293 §3.10.7.4, RFC 5961."""
    run_table()


def test_every_state_and_segment_at_the_wrap():
    """The same with numbers that wrap in mid-connection, RFC 9293 §3.4."""
    run_table(iss=0xFFFFFFFF, peer_iss=0xFFFFFFFF)
    run_table(iss=0xFFFFFFFE, peer_iss=0x7FFFFFFF)


def test_closed_answers_with_a_reset():
    """RFC 9293 §3.10.7.1: <SEQ=SEG.ACK> if there is one, else 0 and an ACK of it all."""
    b = Bench()
    b.rx("A", 10, 20, b"data")
    b.expect(Seg("R", 20))
    b.rx("S", 10)
    (got,) = b.sent()
    assert got.flags == "RA" and got.ack == 11 and got.seq == -b.iss
    b.rx("PF", 10, 0, b"data")
    (got,) = b.sent()
    assert got.ack == 15
    b.rx("R", 10)
    b.rx("RA", 10, 3)
    b.silent()


def test_listen_meets_every_segment():
    """RFC 9293 §3.10.7.2."""
    b = listen()
    b.rx("R", 3)
    b.rx("", 3)
    b.rx("F", 3)
    b.rx("SF", 3)
    b.silent()
    b.rx("A", 3, 9)
    b.expect(Seg("R", 9))
    b.rx("SA", 3, 9)
    b.expect(Seg("R", 9))
    assert not list(b.tcp.connections())
    b.rx("S", 0, mss=1000)
    b.expect(Seg("SA", 0, 1, mss=1460, wnd=65535))


def test_syn_sent_meets_every_segment():
    """RFC 9293 §3.10.7.3."""
    for flags, seq, ack, answer, after in (
        ("A", 0, 0, Seg("R", 0), "SYN_SENT"),  # acknowledges nothing of ours
        ("A", 0, 2, Seg("R", 2), "SYN_SENT"),
        ("SA", 0, 2, Seg("R", 2), "SYN_SENT"),
        ("RA", 0, 2, None, "SYN_SENT"),
        ("R", 0, 0, None, "SYN_SENT"),
        ("RA", 0, 1, None, "CLOSED"),
        ("A", 0, 1, None, "SYN_SENT"),
        ("F", 0, 0, None, "SYN_SENT"),
        ("SA", 0, 1, Seg("A", 1, 1), "ESTABLISHED"),
        ("S", 0, 0, Seg("SA", 0, 1), "SYN_RECEIVED"),
    ):
        b = syn_sent()
        b.rx(flags, seq, ack)
        b.expect(*([answer] if answer else []))
        assert b.state == after, (flags, b.state)
    b = syn_sent()
    b.rx("RA", 0, 1)
    assert b.c.take_error() == 111 and b.c.take_error() == 0


def test_simultaneous_open():
    """RFC 9293 §3.5, figure 8, with a peer that does as we do."""
    b = syn_sent()
    b.rx("S", 0, mss=1460)
    b.expect(Seg("SA", 0, 1, mss=1460))
    b.rx("SA", 0, 1, mss=1460)
    assert b.state == "ESTABLISHED"
    b.expect(Seg("A", 1, 1))
    b.rx("A", 1, 1)
    b.silent()
    b.write(b"x")
    b.expect(Seg("PA", 1, 1, b"x"))


def test_simultaneous_open_finished_by_a_plain_ack():
    """A peer may answer our SYN-ACK with the ACK alone."""
    b = syn_sent()
    b.rx("S", 0)
    b.sent()
    b.rx("A", 1, 1, b"hello")
    assert b.state == "ESTABLISHED" and b.read() == b"hello"


def test_simultaneous_open_is_reset():
    """RFC 9293 §3.10.7.4 second: an active open that is refused."""
    b = syn_sent()
    b.rx("S", 0)
    b.sent()
    b.rx("RA", 1, 1)
    assert b.state == "CLOSED" and b.c.error == 111


def test_close_of_both_sides_at_once():
    """RFC 9293 §3.6, figure 13."""
    b = STATES["CLOSING"]()
    b.rx("A", 2, 2)
    assert b.state == "TIME_WAIT"
    b.silent()
    b.run(60000000)
    assert b.tcp.timewait.count == 0 and b.tcp.count == 0


def test_old_duplicate_syn_is_reset_by_the_peer():
    """RFC 9293 §3.5, figure 9."""
    b = listen()
    b.rx("S", -910)
    (got,) = b.sent()
    assert got.flags == "SA" and got.ack == -909
    b.rx("R", -909)
    assert not list(b.tcp.connections())
    b.rx("S", 0)
    b.expect(Seg("SA", 0, 1))
    b.rx("A", 1, 1)
    assert b.listener.accept()


def test_half_open_after_the_peer_rebooted():
    """RFC 9293 §3.5.1, figure 10: SYN, challenge ACK, RST."""
    b = established()
    b.rx("S", 7777)
    b.expect(Seg("A", 1, 1))
    b.rx("R", 1)
    assert b.state == "CLOSED" and b.c.error == 104


def test_syn_of_syn_received_again():
    """The peer lost our SYN-ACK and sends its SYN again."""
    b = syn_received()
    b.rx("S", 0, mss=1460)
    b.expect(Seg("SA", 0, 1, mss=1460))
    b.rx("A", 1, 1)
    assert b.listener.accept() is b.c


def test_handshake_ack_may_carry_data_and_fin():
    """RFC 9293 §3.10.7.4: the steps follow one another in one segment."""
    b = syn_received()
    b.rx("FA", 1, 1, b"all there is")
    b.expect(Seg("A", 1, 14))
    b.c = b.listener.accept()
    assert b.state == "CLOSE_WAIT" and b.read() == b"all there is" and b.c.eof


def test_wrong_ack_in_syn_received():
    """RFC 9293 §3.10.7.4 fifth: a reset with the number of the ACK."""
    b = syn_received()
    b.rx("A", 1, 7)
    b.expect(Seg("R", 7))
    assert b.state == "SYN_RECEIVED"


def test_connect_takes_each_four_tuple_once():
    """RFC 9293 §3.3.1: one TCB for a four-tuple."""
    b = Bench()
    ports = [b.tcp.connect(0x0A000002, 80).ports >> 16 for _ in range(200)]
    assert len(set(ports)) == 200 and min(ports) >= 0x8000
    try:
        b.tcp.connect(0x0A000002, 80, None, ports[0])
        assert False, "the same four-tuple twice"
    except OSError as e:
        assert e.errno == 98
    b.raw = []


def test_connect_to_what_cannot_answer():
    b = Bench()
    for dst, port, errno in ((0, 80, 101), (0xE0000001, 80, 101), (0x0A000002, 0, 99)):
        try:
            connect_to = b.tcp.connect(dst, port)
            assert False, connect_to
        except OSError as e:
            assert e.errno == errno
    b.no_route = True
    try:
        connect(b)
        assert False, "without a route"
    except OSError as e:
        assert e.errno == 101
    assert b.tcp.count == 0
