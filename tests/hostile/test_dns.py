# Frostnet: hostile input, lines 47 to 49: DNS answers
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import frames as f
from frames import FAR, PEER, ROUTER_MAC
from rig import MINUTE, SECOND, hostile

GOOD = 0x01020304
EVIL = 0x06060606
A, NS, CNAME, SOA, PTR, TXT, AAAA, SRV, OPT = 1, 2, 5, 6, 12, 16, 28, 33, 41
LINK = b"\xc0\x0c"  # the question's name


def name(text):
    out = b""
    for label in text.split("."):
        out += bytes((len(label),)) + label.encode()
    return out + b"\0"


def rr(owner, kind=A, data=None, ttl=60, klass=1, length=None):
    data = GOOD.to_bytes(4, "big") if data is None else data
    n = len(data) if length is None else length
    return owner + struct.pack(">HHIH", kind, klass, ttl & f.ALL, n) + data


class Asked:
    """A question of the host, which waits for its answer."""

    serial = 0

    def __init__(self, r, kind=A):
        self.r = r
        Asked.serial += 1
        self.text = "n%d.example.org" % Asked.serial
        self.query = r.stack.dns.query(self.text, kind)
        self.take(r.run(1))

    def take(self, out):
        for p in out:
            if p.proto == 17 and p.dport == 53:
                self.packet = p
                self.ident = p.data[:2]
                at = 12
                while p.data[at]:
                    at += p.data[at] + 1
                self.question = p.data[12 : at + 5]

    def message(
        self, *records, flags=0x8180, ident=None, question=None, qd=1, an=None, ns=0, ar=0
    ):
        head = self.ident if ident is None else ident
        head += struct.pack(">HHHHH", flags, qd, len(records) if an is None else an, ns, ar)
        return head + (self.question if question is None else question) + b"".join(records)

    def hand(self, body, src=PEER, sport=53, dport=None, **fields):
        """An answer arrives; the host may ask again."""
        dport = self.packet.sport if dport is None else dport
        self.take(self.r.send(f.udp(sport, dport, body, src=src, **fields)))

    def answer(self, *records, **fields):
        self.hand(self.message(*records, **fields))

    def succeed(self):
        """The true answer is taken, if the host still waits for one; otherwise it gave up with an
        error. Nothing else was believed."""
        query = self.query
        if not query.done:
            self.answer(rr(LINK))
            if not query.done:
                self.take(self.r.run(3 * SECOND))
                self.answer(rr(LINK))
        self.r.run(MINUTE)
        assert query.done
        assert query.result == [GOOD] or (query.error and not query.result), query.result

    def ignored(self):
        """The last answer counted for nothing: the host waits, and takes the true one."""
        assert not self.query.done, (self.query.result, self.query.error)
        self.answer(rr(LINK))
        assert self.query.done and self.query.result == [GOOD]


@hostile
def test_47_compression(r):
    # RFC 9267 §2, §3: pointers to themselves, forward, in circles, in a chain, into the header,
    # beyond the end; cut at the end.
    evil = EVIL.to_bytes(4, "big")
    for owner, more in (
        (b"\xc0\x27", b""),  # to itself, behind a question of 39 bytes or so
        (b"\xc0\x28", b"\xc0\x27"),
        (b"\xc0\x00", b""),  # into the header
        (b"\xc0\x02", b""),
        (b"\xc0\x0b", b""),
        (b"\xff\xff", b""),  # beyond the end
        (b"\xc0\xff", b""),
        (b"\xc1\x00", b""),
        (b"\x01a\xc0\x27", b""),
        (b"\x40\x0c", b""),  # reserved kinds of label
        (b"\x80\x0c", b""),
        (b"\x41" + b"a" * 65 + b"\0", b""),
        (b"\xbf" + b"a" * 191 + b"\0", b""),
        (b"\x3f" + b"a" * 10, b""),
    ):
        q = Asked(r)
        q.answer(rr(owner, data=evil), more)
        q.succeed()
    # For every place a pointer can lead to, from the owner and from a CNAME's target.
    for at in range(0, 0x80):
        pointer = bytes((0xC0 | at >> 8, at & 255))
        q = Asked(r)
        if at != 12:
            q.answer(rr(pointer, data=evil))
        q.succeed()
        q = Asked(r)
        q.answer(rr(LINK, CNAME, pointer), rr(pointer, data=evil))
        assert q.query.result != [EVIL] or at >= 12, at
        q.query.cancel()
        r.run(MINUTE)


@hostile
def test_47_chains_and_circles(r):
    evil = EVIL.to_bytes(4, "big")
    q = Asked(r)
    base = 12 + len(q.question)
    # A chain of 200 pointers, each to the one before; a circle of two.
    chain = b"\0" + b"".join(
        [struct.pack(">H", 0xC000 | (base + max(0, 2 * i - 1))) for i in range(200)]
    )
    owner = struct.pack(">H", 0xC000 | base + 2 * 199 + 1)
    q.hand(q.message(chain + rr(owner, data=evil), an=1))
    q.succeed()
    q = Asked(r)
    base = 12 + len(q.question)
    pair = struct.pack(">HH", 0xC000 | base + 2, 0xC000 | base)
    q.hand(q.message(pair + rr(b"\xc0\x0c", data=evil), an=1))
    q.succeed()
    # A pointer that is cut by the message's end, and every other cut.
    q = Asked(r)
    whole = q.message(rr(LINK))
    for n in range(len(whole)):
        q.hand(whole[:n])
    q.succeed()
    q = Asked(r)
    q.hand(q.message(b"\xc0", an=1))
    q.succeed()


@hostile
def test_48_names_and_lengths(r):
    evil = EVIL.to_bytes(4, "big")
    long = b"".join([b"\x3f" + b"x" * 63] * 5) + b"\0"
    for records, count in (
        ([rr(long, data=evil)], 1),  # a name of 321 bytes
        ([rr(b"\x3f" + b"x" * 63 + LINK, data=evil)], 1),
        ([rr(LINK, data=evil, length=3)], 1),
        ([rr(LINK, data=evil, length=5)], 1),
        ([rr(LINK, data=evil, length=65535)], 1),
        ([rr(LINK, data=b"", length=0)], 1),
        ([rr(LINK, data=evil + evil)], 1),
        ([rr(LINK, data=evil[:3])], 1),
        ([], 65535),
        ([], 1),
        ([rr(LINK, data=evil, klass=3)], 1),
        ([rr(LINK, data=evil, klass=255)], 1),
        ([rr(name("other.example.org"), data=evil)], 1),
        ([rr(b"\0", data=evil)], 1),
        ([rr(LINK, TXT, evil)], 1),
        ([rr(LINK, 255, evil)], 1),
        ([rr(LINK, OPT, evil)], 1),
    ):
        q = Asked(r)
        q.answer(*records, an=count)
        assert q.query.result != [EVIL], (records, count)
        q.succeed()


@hostile
def test_48_header(r):
    evil = rr(LINK, data=EVIL.to_bytes(4, "big"))
    for fields in (
        {"qd": 0, "question": b""},
        {"qd": 2},
        {"qd": 65535},
        {"question": name("other.example.org") + b"\0\1\0\1"},
        {"flags": 0x0180},  # a question is no answer
        {"flags": 0x8980},  # other operations
        {"flags": 0xA980},
        {"flags": 0xF980},
    ):
        q = Asked(r)
        q.answer(evil, **fields)
        q.ignored()
    for kind in (b"\0\x1c\0\1", b"\0\1\0\3", b"\0\xff\0\xff"):
        q = Asked(r)
        q.answer(evil, question=q.question[:-4] + kind)
        q.ignored()
    # Codes that mean failure do not bring an address, whatever comes with them.
    for rcode in range(1, 16):
        q = Asked(r)
        q.answer(evil, flags=0x8180 | rcode)
        if rcode != 3:
            q.succeed()
        else:
            r.run(MINUTE)
            assert q.query.done
    # Counts that promise more than there is.
    for counts in (
        {"ns": 65535},
        {"ar": 65535},
        {"an": 2},
        {"an": 65535, "ns": 65535, "ar": 65535},
    ):
        q = Asked(r)
        q.answer(rr(LINK), **counts)
        q.succeed()


@hostile
def test_48_answers_of_others(r):
    # Kaminsky; RFC 5452 §9.1: address, port and number must all be right.
    evil = rr(LINK, data=EVIL.to_bytes(4, "big"))
    for fields in ({"sport": 54}, {"sport": 5353}, {"src": FAR, "eth_src": ROUTER_MAC},
                   {"src": 0x0A000063}):  # fmt: skip
        q = Asked(r)
        q.hand(q.message(evil), **fields)
        q.ignored()
    q = Asked(r)
    for delta in range(1, 400):
        number = (int.from_bytes(q.ident, "big") + delta * 163) & 0xFFFF
        q.answer(evil, ident=number.to_bytes(2, "big"))
    for delta in (-2, -1, 1, 2):
        q.hand(q.message(evil), dport=q.packet.sport + delta)
    q.ignored()
    # The second answer comes too late to matter.
    q = Asked(r)
    q.answer(rr(LINK))
    q.answer(evil)
    assert q.query.result == [GOOD]
    again = r.stack.dns.query(q.text)
    assert again.done and again.result == [GOOD]


@hostile
def test_48_aliases(r):
    # To itself, in a circle, in a chain of 50: an end in bounded time, and no stranger's address.
    q = Asked(r)
    q.answer(rr(LINK, CNAME, LINK))
    q.succeed()
    q = Asked(r)
    x, y = name("x.example.org"), name("y.example.org")
    q.answer(rr(LINK, CNAME, x), rr(x, CNAME, y), rr(y, CNAME, x))
    q.succeed()
    q = Asked(r)
    records = [rr(LINK, CNAME, name("c0.example.org"))]
    for i in range(50):
        records.append(rr(name("c%d.example.org" % i), CNAME, name("c%d.example.org" % (i + 1))))
    q.answer(*records[:30])
    assert not q.query.result
    q.query.cancel()
    # A server that leads from alias to alias for ever.
    q = Asked(r)
    begin = r.now
    for i in range(200):
        if q.query.done:
            break
        q.answer(rr(LINK, CNAME, name("d%d.example.org" % i)))
        q.take(r.run(SECOND // 10))
    r.run(MINUTE)
    assert q.query.done and not q.query.result and r.now - begin < 3 * MINUTE
    # An address that belongs to none of the aliases.
    q = Asked(r)
    q.answer(rr(LINK, CNAME, x), rr(y, data=EVIL.to_bytes(4, "big")))
    r.run(MINUTE)
    assert q.query.done and not q.query.result


@hostile
def test_48_times_to_live(r):
    # RFC 2181 §8: 2^31 and more count as 0; a TTL of 0 is not kept.
    for ttl, kept in ((0, False), (1 << 31, False), (f.ALL, False), (60, True), (1 << 30, True)):
        q = Asked(r)
        q.answer(rr(LINK, ttl=ttl))
        assert q.query.result == [GOOD]
        again = r.stack.dns.query(q.text)
        assert again.done == kept, ttl
        if not kept:
            again.cancel()
    # However long it shall be kept: not for days.
    r.run(9 * 24 * 60 * MINUTE)
    again = r.stack.dns.query(q.text)
    assert not again.done
    again.cancel()


@hostile
def test_48_truncated(r):
    # TC: nothing of it may be believed to be whole; TCP or another server, or an error.
    q = Asked(r)
    q.answer(flags=0x8380)
    r.run(MINUTE)
    assert q.query.done and not q.query.result


@hostile
def test_48_flood_of_answers(r):
    # Nobody asked: dropped, one like the other.
    q = Asked(r)
    body = q.message(rr(LINK, data=EVIL.to_bytes(4, "big")))
    q.answer(rr(LINK))
    for i in range(2000):
        r.send(f.udp(53, 49152 + i * 7, body))
    assert r.counters.icmp_tx_error < 50
    assert r.stack.dns.query(q.text).result == [GOOD]


@hostile
def test_49_numbers_and_ports(r):
    # RFC 5452 §9.2: 16 bits of number and as many of port as there are, for each try.
    idents = []
    ports = []
    for _ in range(1000):
        q = Asked(r)
        idents.append(int.from_bytes(q.ident, "big"))
        ports.append(q.packet.sport)
        q.query.cancel()
    for values, low, high in ((idents, 0, 65536), (ports, 32768, 65536)):
        assert len(set(values)) > 950
        assert low <= min(values) and max(values) - min(values) > 0.9 * (65536 - 49152)
        steps = [b - a for a, b in zip(values, values[1:])]
        assert len([s for s in steps if abs(s) < 16]) < 30
        for bit in range(13):
            ones = len([v for v in values if v >> bit & 1])
            assert 400 < ones < 600, (bit, ones)
    assert not r.stack.dns.exchanges


@hostile
def test_49_one_question_at_a_time(r):
    # RFC 5452 §5: many programs that ask for one name do not give a forger many chances.
    q = Asked(r)
    more = [r.stack.dns.query(q.text) for _ in range(10)]
    assert not [p for p in r.run(1000) if p.proto == 17]
    q.answer(rr(LINK))
    for query in more:
        assert query.done and query.result == [GOOD]
    # And the number of questions is bounded.
    asked = [Asked(r) for _ in range(40)]
    assert len(r.stack.dns.exchanges) <= 16
    for q in asked:
        if not q.query.done:
            q.query.cancel()
    assert not r.stack.dns.exchanges
