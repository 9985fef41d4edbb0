# Frostnet: tests of telnet's state machine and negotiation, with input that nobody would send
# MIT license; Copyright (c) 2026 The Frostnet authors

import random

from telnet.codes import (
    AO,
    AYT,
    BINARY,
    BREAK,
    DM,
    DO,
    DONT,
    EC,
    ECHO,
    EL,
    GA,
    IAC,
    IP,
    NAWS,
    NOP,
    SB,
    SE,
    SGA,
    TTYPE,
    WILL,
    WONT,
)
from telnet.options import Side
from telnet.protocol import Telnet


def typed(data, t=None):
    return (t or Telnet()).receive(data)


def said(*words):
    return b"".join([bytes((IAC,) + tuple(word)) for word in words])


def answer(t, *words):
    assert t.receive(said(*words)) == b""
    return t.replies()


# RFC 854: CR LF is the end of a line, CR NUL a CR; bare LF is what some clients send.
def test_ends_of_lines():
    for data in (b"a\r\nb", b"a\r\0b", b"a\nb", b"a\rb"):
        assert typed(data) == b"a\rb", data
    assert typed(b"\r\n\r\n\n\r\0\r\r\n") == b"\r" * 6
    assert typed(b"a\0b") == b"ab"  # NUL is no operation


def test_every_cut_is_the_same():
    data = b"x\r\ny\r\0" + said((IAC,), (WILL, NAWS), (IP,)) + b"\n"
    data += said((SB, NAWS, 0, IAC, IAC, 0, 24), (SE,)) + b"z" + said((DO, TTYPE))
    whole = Telnet()
    result = whole.receive(data), whole.replies(), whole.size
    assert result[0] == b"x\ry\r\xff\x03\rz" and result[2] == (255, 24)
    for cut in range(len(data) + 1):
        t = Telnet()
        got = t.receive(data[:cut]) + t.receive(data[cut:])
        assert (got, t.replies(), t.size) == result, cut


# RFC 854: IAC IAC is a byte of data, both ways; NUL goes behind a CR without LF.
def test_escapes():
    t = Telnet()
    assert typed(b"\xff\xffa\xff\xff\xff\xff", t) == b"\xffa\xff\xff"
    assert t.encode(b"a\xffb") == b"a\xff\xffb"
    assert t.encode(b"a\r\nb\rc\r\r\n") == b"a\r\nb\r\0c\r\0\r\n"
    assert t.encode(b"plain") == b"plain"


# RFC 854, "Standard representation of control functions".
def test_commands():
    t = Telnet()
    assert typed(said((IP,), (BREAK,), (EC,), (EL,)), t) == b"\x03\x03\x7f\x15"
    assert typed(said((NOP,), (GA,), (DM,), (SE,), (236,), (0,), (65,)), t) == b""
    assert t.replies() == b"" and not t.aborted
    typed(said((AYT,)), t)
    assert b"Yes" in t.replies() and t.replies() == b""
    typed(said((AO,)), t)
    assert t.aborted and t.replies() == said((DM,))


# RFC 857, 858, 856, 1073; TTYPE and all others are refused, and what is off stays off in silence.
def test_what_is_agreed_to():
    t = Telnet()
    assert answer(t, (WILL, SGA), (WILL, NAWS), (WILL, BINARY)) == said(
        (DO, SGA), (DO, NAWS), (DO, BINARY)
    )
    assert answer(t, (DO, ECHO), (DO, SGA), (DO, BINARY)) == said(
        (WILL, ECHO), (WILL, SGA), (WILL, BINARY)
    )
    for option in (ECHO, TTYPE, 34, 39, 255):
        assert answer(t, (WILL, option)) == said((DONT, option))
        assert answer(t, (WONT, option)) == b""
    for option in (NAWS, TTYPE, 5, 255):
        assert answer(t, (DO, option)) == said((WONT, option))
        assert answer(t, (DONT, option)) == b""


def test_offer_is_made_and_answers_are_not_answered():
    t = Telnet()
    t.offer()
    assert t.replies() == said((WILL, ECHO), (WILL, SGA), (DO, SGA), (DO, NAWS))
    assert not t.is_on(ECHO, True)
    assert answer(t, (DO, ECHO), (DO, SGA), (WILL, SGA), (WONT, NAWS)) == b""
    assert t.is_on(ECHO, True) and t.is_on(SGA, False) and not t.is_on(NAWS, False)
    assert answer(t, (DO, ECHO), (WILL, SGA)) == b""  # RFC 854: no acknowledgement of a repetition
    assert answer(t, (DONT, ECHO)) == said((WONT, ECHO))
    assert not t.is_on(ECHO, True)


# RFC 1143 §7, every state and every event: (state, event) -> (state, what is said).
def test_q_method():
    no, yes, wantno, wantno_opposite, wantyes, wantyes_opposite = range(6)
    table = {
        no: {"yes": (1, "Y"), "no": (0, ""), "enable": (4, "Y"), "disable": (0, "")},
        yes: {"yes": (1, ""), "no": (0, "N"), "enable": (1, ""), "disable": (2, "N")},
        wantno: {"yes": (0, ""), "no": (0, ""), "enable": (3, ""), "disable": (2, "")},
        wantno_opposite: {"yes": (1, ""), "no": (4, "Y"), "enable": (3, ""), "disable": (2, "")},
        wantyes: {"yes": (1, ""), "no": (0, ""), "enable": (4, ""), "disable": (5, "")},
        wantyes_opposite: {"yes": (2, "N"), "no": (0, ""), "enable": (4, ""), "disable": (5, "")},
    }
    # How to come to each state from NO.
    ways = {
        no: (),
        yes: ("yes",),
        wantno: ("yes", "disable"),
        wantno_opposite: ("yes", "disable", "enable"),
        wantyes: ("enable",),
        wantyes_opposite: ("enable", "disable"),
    }
    for state, events in table.items():
        for event, (after, word) in events.items():
            log = []
            side = Side((7,), "Y", "N", lambda word, option: log.append(word))
            for step in ways[state]:
                happen(side, step)
            assert side._states[7] == state
            log.clear()
            happen(side, event)
            assert side._states[7] == after, (state, event)
            assert "".join(log) == word, (state, event)
            assert side.is_on(7) == (after == yes)


def happen(side, event):
    if event in ("yes", "no"):
        side.heard(7, event == "yes")
    else:
        getattr(side, event)(7)


# RFC 1143 §1: two ends that want different things come to rest.
def test_no_loops():
    for seed in range(200):
        random.seed(seed)
        wires = [], []
        sides = [
            Side((7,), DO, DONT, lambda word, option: wires[0].append(word)),
            Side((7,), WILL, WONT, lambda word, option: wires[1].append(word)),
        ]
        for _ in range(20):
            side = random.choice(sides)
            random.choice((side.enable, side.disable))(7)
            for _ in range(random.randrange(3)):
                deliver(sides, wires)
        for _ in range(100):
            deliver(sides, wires)
        assert not wires[0] and not wires[1], seed
        assert sides[0].is_on(7) == sides[1].is_on(7)


def deliver(sides, wires):
    for n in (0, 1):
        if wires[n]:
            sides[1 - n].heard(7, wires[n].pop(0) in (DO, WILL))


# RFC 856: bytes stand for themselves, but for IAC.
def test_binary():
    t = Telnet()
    answer(t, (WILL, BINARY))
    assert typed(b"a\r\n\0\r\0\xff\xff", t) == b"a\r\n\0\r\0\xff"
    assert t.encode(b"\r") == b"\r\0"  # that was one direction
    answer(t, (DO, BINARY))
    assert t.encode(b"\r\xff") == b"\r\xff\xff"
    answer(t, (WONT, BINARY))
    assert typed(b"a\r\n", t) == b"a\r"


# RFC 1073, RFC 855: length, escapes, and that it was agreed to.
def test_naws():
    t = Telnet()
    sub = said((SB, NAWS, 0, 80, 0, 24), (SE,))
    typed(sub, t)
    assert t.size is None
    answer(t, (WILL, NAWS))
    typed(sub, t)
    assert t.size == (80, 24)
    for bad in ((), (0,), (0, 80, 0), (0, 80, 0, 24, 1)):
        typed(said((SB, NAWS) + bad, (SE,)), t)
        assert t.size == (80, 24)
    typed(said((SB, TTYPE, 1), (SE,), (SB,), (SE,)), t)
    assert typed(b"still here", t) == b"still here"


def test_subnegotiation_without_end_is_bounded():
    t = Telnet()
    answer(t, (WILL, NAWS))
    assert typed(said((SB, NAWS)) + bytes(100000), t) == b""
    assert len(t._parser._sub) <= 65
    assert typed(said((SE,)) + b"on", t) == b"on"
    assert t._parser.overlong == 1 and t.size is None


# A command that RFC 855 has no place for within a subnegotiation ends it, and counts.
def test_subnegotiation_that_lost_its_end():
    t = Telnet()
    assert typed(said((SB, NAWS, 1, 2), (IP,)) + b"x", t) == b"\x03x"
    assert typed(said((SB, NAWS, 1, 2), (SB, NAWS, 3), (SE,)) + b"y", t) == b"y"
    assert answer(t, (SB, NAWS, 1), (DO, SGA)) == said((WILL, SGA))


def test_noise():
    random.seed(3)
    t = Telnet()
    common = bytes((IAC, IAC, IAC, SB, SE, WILL, WONT, DO, DONT, 13, 10, 0, NAWS, AYT, AO))
    for _ in range(300):
        data = bytes(
            [
                random.choice(common) if random.getrandbits(1) else random.getrandbits(8)
                for _ in range(200)
            ]
        )
        out = t.receive(data)
        assert len(out) <= len(data)
        assert t.pending() <= 900
        t.replies()
        assert len(t._parser._sub) <= 65
    assert len(t._us._states) == 3 and len(t._him._states) == 3
