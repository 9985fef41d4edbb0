# Frostnet: tests of TCP: segments that overlap what is there, in every geometry
# MIT license; Copyright (c) 2026 The Frostnet authors

# The stream is cut into units. Some are there already, in up to two islands beyond the next
# expected one; then a segment comes that begins and ends at any two places. A model that is a set
# of units says what must be there afterwards, and what is told of it.

from tcpbench import listen

UNIT = 97
END = 14
DATA = bytes(i * 13 % 255 for i in range(UNIT * END))
PREFIX = (0, 2)
ISLANDS = ((), ((4, 7),), ((4, 7), (9, 12)))


def sacking(peer_iss):
    b = listen(peer_iss=peer_iss)
    b.rx("S", 0, mss=1460, options=b"\x04\x02\x01\x01")
    b.rx("A", 1, 1)
    b.c = b.listener.accept()
    b.sent()
    return b


def comes(b, start, end):
    b.rx("A", 1 + UNIT * start, 1, DATA[UNIT * start : UNIT * end])
    return b.sent()


def runs(have, low):
    """Maximal runs of units from `low` on."""
    out = []
    for k in range(low, END):
        if k in have:
            if out and out[-1][1] == k:
                out[-1] = (out[-1][0], k + 1)
            else:
                out.append((k, k + 1))
    return out


def first_twice(have, start, end):
    """The first run of units of the segment that were there, or None."""
    twice = [k for k in range(start, end) if k in have]
    if not twice:
        return None
    last = twice[0]
    while last + 1 in twice:
        last += 1
    return (twice[0], last + 1)


def meets(islands, start, end, peer_iss):
    b = sacking(peer_iss)
    have = set()
    for a, z in (PREFIX,) + islands:
        comes(b, a, z)
        have.update(range(a, z))
    nxt = PREFIX[1]
    twice = first_twice(have, start, end)
    in_order = start == nxt
    have.update(range(start, end))
    while nxt in have:
        nxt += 1
    answers = comes(b, start, end)
    what = "islands %s, segment %d to %d: %s" % (islands, start, end, answers)
    assert answers, what  # in order it is the quick start, else RFC 5681 §4.2
    last = answers[-1]
    assert last.ack == 1 + UNIT * nxt, what
    for a, z in last.sacks:
        assert (a - 1) % UNIT == 0 and (z - 1) % UNIT == 0, what
    blocks = [((a - 1) // UNIT, (z - 1) // UNIT) for a, z in last.sacks]
    if twice and (blocks[:1] == [twice] or not in_order):
        # RFC 2883 §4: what came twice is in front. Of a segment that is in order it may be left
        # out: the ACK passes over it.
        assert blocks[:1] == [twice], what
        blocks = blocks[1:]
    assert sorted(blocks) == runs(have, nxt), what
    if start >= nxt:
        assert blocks[0][0] <= start and end <= blocks[0][1], what  # RFC 2018 §4 (a)
    assert b.c.rx.len == UNIT * nxt
    comes(b, 0, END)
    assert b.read() == DATA, what


def test_every_geometry():
    """RFC 9293 §3.10.7.4 seventh, RFC 2018 §4, RFC 2883 §4: no byte is lost, moved or repeated."""
    for peer_iss in (5000, 0xFFFFFFFF - 5 * UNIT):
        for islands in ISLANDS:
            for start in range(END):
                for end in range(start + 1, END + 1):
                    meets(islands, start, end, peer_iss)


def test_every_pair_and_the_rest():
    """Any two segments, then all: whatever the two did, the stream is whole."""
    for a in range(0, END, 2):
        for z in range(a + 1, END + 1, 3):
            for c in range(0, END, 3):
                for d in range(c + 1, END + 1, 2):
                    b = sacking(5000)
                    comes(b, a, z)
                    comes(b, c, d)
                    comes(b, 0, END)
                    assert b.read() == DATA, (a, z, c, d)
