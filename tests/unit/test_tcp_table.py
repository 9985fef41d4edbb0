# Frostnet: tests of TCP: the state table: every state meets every kind of segment, everywhere
# MIT license; Copyright (c) 2026 The Frostnet authors

# RFC 9293 §3.10.7 as data. A segment is of a kind, at a place: "in" begins at the next expected
# byte, "below" ends before it, "above" begins beyond the window. Numbers are relative: to the
# peer's next byte (r) and to ours (s). A row: states, answer, next state, clause.

from tcpbench import MASK, STATES, Bench, listen, syn_sent

# r and s of each state's fixture.
NUMBERS = {
    "CLOSED": (0, 0),
    "LISTEN": (0, 0),
    "SYN_SENT": (0, 1),
    "SYN_RECEIVED": (1, 1),
    "ESTABLISHED": (1, 1),
    "FIN_WAIT_1": (1, 2),
    "FIN_WAIT_2": (1, 2),
    "CLOSE_WAIT": (2, 1),
    "CLOSING": (2, 2),
    "LAST_ACK": (2, 2),
    "TIME_WAIT": (2, 2),
}

KINDS = {
    "SYN": ("S", b""),
    "SYN-ACK": ("SA", b""),
    "ACK": ("A", b""),
    "data": ("PA", b"data"),
    "FIN": ("FA", b""),
    "RST": ("R", b""),
    "RST-ACK": ("RA", b""),
}
PLACES = {"in": 0, "below": -10, "above": 70000}

C, L, SS, SR, ES, F1, F2, CW, CI, LA, TW = (
    ("CLOSED",), ("LISTEN",), ("SYN_SENT",), ("SYN_RECEIVED",), ("ESTABLISHED",),
    ("FIN_WAIT_1",), ("FIN_WAIT_2",), ("CLOSE_WAIT",), ("CLOSING",), ("LAST_ACK",),
    ("TIME_WAIT",),
)  # fmt: skip
OPEN = ES + F1 + F2 + CW + CI + LA  # synchronized, and there is a connection
SYNCHRONIZED = OPEN + TW
ALL = SR + SYNCHRONIZED

SAME = None
NOTHING = None
ACK = ("A", 0, 0)  # seq = s, ack = r: what is not acceptable, and a challenge (RFC 5961)
ACK_DATA = ("A", 0, 4)
ACK_FIN = ("A", 0, 1)
RESET = ("R", "ack", None)  # its number is that of the segment's ACK, §3.5.2
RESET_NO_ACK = ("RA", "zero", 1)  # number 0, and the segment acknowledged
HELLO = ("SA", 0, 1)
ANYWHERE = ("in", "below", "above")
OUTSIDE = ("below", "above")

TABLE = (
    # §3.10.7.1, CLOSED.
    (C, ("SYN",), ANYWHERE, RESET_NO_ACK, SAME, "3.10.7.1"),
    (C, ("SYN-ACK", "ACK", "data", "FIN"), ANYWHERE, RESET, SAME, "3.10.7.1"),
    (C, ("RST", "RST-ACK"), ANYWHERE, NOTHING, SAME, "3.10.7.1"),
    # §3.10.7.2, LISTEN: there is no window yet.
    (L, ("RST", "RST-ACK"), ANYWHERE, NOTHING, SAME, "3.10.7.2 first"),
    (L, ("SYN-ACK", "ACK", "data", "FIN"), ANYWHERE, RESET, SAME, "3.10.7.2 second"),
    (L, ("SYN",), ANYWHERE, HELLO, "SYN_RECEIVED", "3.10.7.2 third"),
    # §3.10.7.3, SYN_SENT: the ACK is good in all of these; there is no window yet either.
    (SS, ("RST",), ANYWHERE, NOTHING, SAME, "3.10.7.3 second: without an ACK"),
    (SS, ("RST-ACK",), ANYWHERE, NOTHING, "CLOSED", "3.10.7.3 second"),
    (SS, ("SYN",), ANYWHERE, ("SA", -1, 1), "SYN_RECEIVED", "3.10.7.3 fourth; 3.5 figure 8"),
    (SS, ("SYN-ACK",), ANYWHERE, ("A", 0, 1), "ESTABLISHED", "3.10.7.3 fourth"),
    (SS, ("ACK", "data", "FIN"), ANYWHERE, NOTHING, SAME, "3.10.7.3 fifth"),
    # §3.10.7.4 first: what is not acceptable is acknowledged, a reset is dropped.
    (ALL, ("ACK", "data", "FIN", "SYN-ACK"), OUTSIDE, ACK, SAME, "3.10.7.4 first"),
    (ALL, ("SYN",), ("below",), ACK, SAME, "3.10.7.4 first"),
    (SR + OPEN, ("SYN",), ("above",), ACK, SAME, "3.10.7.4 first"),
    (TW, ("SYN",), ("above",), ("SA", None, 1), SAME, "3.6.1: a successor may begin"),
    (ALL, ("RST", "RST-ACK"), OUTSIDE, NOTHING, SAME, "3.10.7.4 first"),
    # Second: the reset. SYN_RECEIVED of a passive open goes back to LISTEN.
    (SR + OPEN, ("RST", "RST-ACK"), ("in",), NOTHING, "CLOSED", "3.10.7.4 second"),
    (TW, ("RST", "RST-ACK"), ("in",), NOTHING, SAME, "RFC 1337 §3"),
    # Fourth: SYN in the window.
    (SR, ("SYN", "SYN-ACK"), ("in",), NOTHING, "CLOSED", "3.10.7.4 fourth: to LISTEN"),
    (SYNCHRONIZED, ("SYN", "SYN-ACK"), ("in",), ACK, SAME, "RFC 5961 §4.2"),
    # Fifth: the ACK. It acknowledges our SYN or FIN if one is out.
    (SR, ("ACK",), ("in",), NOTHING, "ESTABLISHED", "3.10.7.4 fifth"),
    (ES + F2 + CW, ("ACK",), ("in",), NOTHING, SAME, "3.10.7.4 fifth"),
    (F1, ("ACK",), ("in",), NOTHING, "FIN_WAIT_2", "3.10.7.4 fifth"),
    (CI, ("ACK", "data", "FIN"), ("in",), NOTHING, "TIME_WAIT", "3.10.7.4 fifth"),
    (LA, ("ACK", "data", "FIN"), ("in",), NOTHING, "CLOSED", "3.10.7.4 fifth"),
    (TW, ("ACK",), ("in",), NOTHING, SAME, "3.10.7.4 fifth: only the FIN is answered"),
    # Seventh: the text; none may follow the peer's FIN.
    (SR, ("data",), ("in",), ACK_DATA, "ESTABLISHED", "3.10.7.4 seventh"),
    (ES + F2, ("data",), ("in",), ACK_DATA, SAME, "3.10.7.4 seventh"),
    (F1, ("data",), ("in",), ACK_DATA, "FIN_WAIT_2", "3.10.7.4 fifth, seventh"),
    (CW, ("data",), ("in",), NOTHING, SAME, "3.10.7.4 seventh: ignored"),
    (TW, ("data",), ("in",), ACK, SAME, "3.10.7.4 fifth"),
    # Eighth: the FIN.
    (SR + ES, ("FIN",), ("in",), ACK_FIN, "CLOSE_WAIT", "3.10.7.4 eighth"),
    (F1 + F2, ("FIN",), ("in",), ACK_FIN, "TIME_WAIT", "3.10.7.4 eighth"),
    (CW, ("FIN",), ("in",), NOTHING, SAME, "3.10.7.4 eighth: remains"),
    (TW, ("FIN",), ("in",), ACK, SAME, "3.10.7.4 eighth: 2 MSL again"),
)

# An ACK that cannot be: of what was never sent, and from before the window: RFC 5961 §5.2.
ACKS = {"too new": 1000, "too old": -70000}
BAD_ACKS = (
    (C, RESET, SAME, "3.10.7.1"),
    (L, RESET, SAME, "3.10.7.2 second"),
    (SS, RESET, SAME, "3.10.7.3 first"),
    (SR, RESET, SAME, "3.10.7.4 fifth"),
    (OPEN, ACK, SAME, "RFC 5961 §5.2"),
    (TW, NOTHING, SAME, "3.10.7.4 fifth: only the FIN is answered"),
)


def bench(state):
    if state == "CLOSED":
        return Bench()
    if state == "LISTEN":
        return listen()
    return syn_sent() if state == "SYN_SENT" else STATES[state]()


def state_of(b, before):
    if before == "CLOSED":
        assert not list(b.tcp.connections())
        return before
    if before == "LISTEN":
        connections = list(b.tcp.connections())
        if not connections:
            return before
        (b.c,) = connections
    return b.state


def meets(state, flags, data, seq, ack, answer, after, clause):
    """`state` meets a segment at r + seq that acknowledges s + ack."""
    r, s = NUMBERS[state]
    b = bench(state)
    b.rx(flags, r + seq, s + ack, data)
    got = b.sent()
    what = "%s meets %s at %d with ack %d (%s): %s" % (state, flags, seq, ack, clause, got)
    if answer is NOTHING:
        assert got == [], what
    else:
        (segment,) = got
        kind, number, acknowledged = answer
        assert segment.flags == kind, what
        if number == "ack":
            assert segment.seq == s + ack, what
        elif number == "zero":
            assert (segment.seq + b.iss) & MASK == 0, what
        elif number is not None:
            assert segment.seq == s + number, what
        if acknowledged is not None:
            # A SYN where there is no window yet sets the number that the answer counts from.
            fresh = state in ("CLOSED", "LISTEN", "SYN_SENT") or kind == "SA"
            assert segment.ack == r + acknowledged + (seq if fresh else 0), what
    assert state_of(b, state) == (after or state), what + ", then " + state_of(b, state)


def test_every_state_every_kind_everywhere():
    """RFC 9293 §3.10.7."""
    seen = {}
    for states, kinds, places, answer, after, clause in TABLE:
        for state in states:
            for kind in kinds:
                for place in places:
                    flags, data = KINDS[kind]
                    meets(state, flags, data, PLACES[place], 0, answer, after, clause)
                    assert (state, kind, place) not in seen, (state, kind, place)
                    seen[state, kind, place] = True
    assert len(seen) == len(NUMBERS) * len(KINDS) * len(PLACES)


def test_every_state_and_impossible_acks():
    """RFC 9293 §3.10.7, RFC 5961 §5.2."""
    seen = set()
    for states, answer, after, clause in BAD_ACKS:
        for state in states:
            seen.add(state)
            for ack in ACKS.values():
                meets(state, "A", b"", 0, ack, answer, after, clause)
    assert len(seen) == len(NUMBERS)


def test_a_reset_that_is_only_near_is_challenged():
    """RFC 5961 §3.2: in the window, but not the next number; RFC 1337 in TIME_WAIT."""
    for flags in ("R", "RA"):
        for seq in (1, 1000, 60000):
            for state in SR + OPEN:
                meets(state, flags, b"", seq, 0, ACK, SAME, "RFC 5961 §3.2")
            meets("TIME_WAIT", flags, b"", seq, 0, NOTHING, SAME, "RFC 1337 §3")


def test_segments_that_begin_below_and_end_in_the_window():
    """RFC 9293 §3.10.7.4 first: acceptable, and trimmed to what is new."""
    for state in ("SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2"):
        after = {"SYN_RECEIVED": "ESTABLISHED", "FIN_WAIT_1": "FIN_WAIT_2"}.get(state, state)
        meets(state, "PA", b"old and new", -3, 0, ("A", 0, 8), after, "3.10.7.4 first")
