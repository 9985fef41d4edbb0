# Frostnet: tests of the simulator's watch: each thing that no stack may send is found
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from simwatch import Watch, ones_sum
from simwire import Wire

A, B = b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"
MAC = {A: b"\x02\0\0\0\0\x01", B: b"\x02\0\0\0\0\x02"}
PORTS = {A: 1000, B: 80}
FLAGS = "FSRPAU"
MSS = b"\x02\x04\x05\xb4"
SCALE = b"\x03\x03\x03\x01"
SACK_OK = b"\x04\x02\x01\x01"
STAMP = b"\x01\x01\x08\x0a\0\0\0\x09\0\0\0\0"
OLDER = b"\x01\x01\x08\x0a\0\0\0\x08\0\0\0\0"


class Talk:
    """Two ends that say what a test wants. Numbers are relative to the ends' first ones."""

    def __init__(self, options=MSS, iss=(5000, 0xFFFFFF00)):
        self.wire = Wire()
        self.ports = {src: self.wire.port(MAC[src]) for src in (A, B)}
        self.watch = Watch(self.wire)
        self.iss = {A: iss[0], B: iss[1]}
        self.stamps = STAMP if STAMP in options else b""
        self.say(A, "S", 0, 0, options=options)
        self.say(B, "SA", 0, 1, options=options)
        self.say(A, "A", 1, 1, options=self.stamps)

    def say(self, src, flags, seq, ack, data=b"", wnd=1000, options=b"", change=None):
        dst = B if src == A else A
        bits = sum(1 << FLAGS.index(f) for f in flags)
        body = struct.pack(
            ">HHIIBBHHH", PORTS[src], PORTS[dst], (self.iss[src] + seq) & 0xFFFFFFFF,
            (self.iss[dst] + ack) & 0xFFFFFFFF if "A" in flags else 0,
            (20 + len(options)) << 2, bits, wnd, 0, 0,
        ) + options + data  # fmt: skip
        total = ones_sum(src + dst + struct.pack(">HH", 6, len(body)) + body)
        body = body[:16] + (total ^ 0xFFFF).to_bytes(2, "big") + body[18:]
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0x4000, 64, 6, 0) + src + dst
        head = head[:10] + (ones_sum(head) ^ 0xFFFF).to_bytes(2, "big") + head[12:]
        frame = bytearray(MAC[dst] + MAC[src] + b"\x08\x00" + head + body)
        if change:
            frame[change[0]] ^= change[1]
        self.ports[src].put(bytes(frame))

    def wrong(self, text, *args, **kwargs):
        try:
            self.say(*args, **kwargs)
        except AssertionError as e:
            assert text in str(e), str(e)
            assert "10.0.0." in str(e) or "type" in str(e), "which frame it was"
            return
        raise AssertionError("nobody minds: " + text)


def test_a_good_conversation():
    t = Talk(MSS + SCALE + SACK_OK + STAMP)
    t.say(A, "PA", 1, 1, b"x" * 500, options=STAMP)
    t.say(B, "A", 1, 501, options=STAMP)
    t.say(A, "FA", 501, 1, options=STAMP)
    t.say(B, "FA", 1, 502, options=STAMP)
    t.say(A, "A", 502, 2, options=STAMP)
    assert t.watch.segments == 8 and t.watch.bytes == 500


def test_formats():
    t = Talk()
    t.wrong("IP header checksum", A, "A", 1, 1, change=(22, 1))
    t.wrong("TCP checksum", A, "PA", 1, 1, b"abc", change=(56, 1))
    t.wrong("EtherType", A, "A", 1, 1, change=(13, 1))
    t.wrong("foreign source", A, "A", 1, 1, change=(11, 4))
    t.wrong("neither SYN", A, "P", 1, 1)
    t.wrong("SYN and FIN", A, "SF", 1, 1)
    t.wrong("RST with data", A, "RA", 1, 1, b"x")
    t.wrong("with length", A, "A", 1, 1, options=b"\x08\x0a\x00\x00")
    t.wrong("without SYN", A, "A", 1, 1, options=MSS)


def test_windows():
    """RFC 9293 §3.8.6."""
    t = Talk()
    t.say(A, "A", 1, 1, b"x" * 1000)
    t.wrong("1 bytes beyond", A, "A", 2, 1, b"x" * 1000)
    t.say(A, "A", 1001, 1, b"p")  # a probe
    t.wrong("moved back by 1", B, "A", 1, 1, wnd=999)
    t.say(B, "A", 1, 1001, wnd=0)
    t.wrong("beyond the window", A, "A", 1001, 1, b"two")
    t = Talk(b"\x02\x04\x02\x18")
    t.say(A, "A", 1, 1, b"x" * 536)
    t.wrong("MSS of 536", A, "A", 1, 1, b"x" * 537)


def test_scaled_windows():
    """RFC 7323 §2: the field of a SYN is not scaled, all others are, if both ends say so."""
    t = Talk(MSS + SCALE)
    t.wrong("beyond the window", A, "A", 1, 1, b"x" * 1001)
    t.say(B, "A", 1, 1, wnd=1000)
    for n in range(2):
        t.say(A, "A", 1 + 1000 * n, 1, b"x" * 1000)
    t.say(B, "A", 1, 8, wnd=999)  # what the scale cannot say
    t.wrong("moved back by 8", B, "A", 1, 9, wnd=998)


def test_numbers():
    t = Talk()
    t.wrong("beyond what was sent", A, "A", 2, 1, b"x")
    t.wrong("that were not sent", A, "A", 1, 2)
    t.say(A, "FA", 1, 1)
    t.say(B, "A", 1, 2)
    t.wrong("beyond the FIN", A, "A", 2, 1, b"x")
    t.wrong("ACK moved back", B, "A", 1, 1)
    t.say(B, "FA", 1, 2, b"last words")
    t.wrong("the FIN moved", B, "FA", 1, 2, b"last")


def test_what_could_not_be_sent_explains_a_hole_of_that_size():
    t = Talk(b"\x02\x04\x02\x18")
    unsent = {MAC[A]: 2}
    t.watch.unsent = lambda port: unsent.get(port.mac, 0)
    t.say(B, "A", 1, 1, wnd=5000)
    t.wrong("begins 1074 beyond", A, "A", 1075, 1)  # two segments, a FIN, and one byte
    t.say(A, "A", 1074, 1)
    t.wrong("begins 1 beyond", A, "A", 1075, 1)
    t.wrong("begins 1 beyond", B, "A", 2, 1)
    t.wrong("1 bytes that were not sent", B, "A", 1, 1075)
    unsent[MAC[A]] += 1
    t.say(A, "A", 1075, 1)
    assert t.watch.datagrams[t.ports[A]] == 6


def test_a_segment_before_any_syn():
    t = Talk()
    PORTS[A] = 1001
    t.wrong("before any SYN", A, "A", 1, 1)
    PORTS[A] = 1000


def sack(t, left, right):
    return b"\x01\x01\x05\x0a" + struct.pack(
        ">II", (t.iss[B] + left) & 0xFFFFFFFF, (t.iss[B] + right) & 0xFFFFFFFF
    )


def test_options_that_were_not_agreed():
    """RFC 2018 §2, RFC 7323 §2.2, §3.2."""
    t = Talk()
    t.say(B, "A", 1, 1, b"x" * 300)
    t.wrong("timestamps without", A, "A", 1, 1, options=STAMP)
    t.wrong("SACK without", A, "A", 1, 1, options=sack(t, 100, 200))
    t = Talk(MSS + STAMP)
    t.wrong("no timestamps", A, "A", 1, 1)
    t.wrong("TSval moved back", A, "A", 1, 1, options=OLDER)


def test_blocks():
    """RFC 2018 §3: of what was sent; only the first may be a duplicate (RFC 2883)."""
    t = Talk(MSS + SACK_OK)
    t.say(B, "A", 1, 1, b"x" * 300)
    t.say(A, "A", 1, 1, options=sack(t, 101, 301))
    t.wrong("was not sent", A, "A", 1, 1, options=sack(t, 101, 302))
    t.wrong("was not sent", A, "A", 1, 1, options=sack(t, 201, 101))
    t.say(A, "A", 1, 301, options=sack(t, 101, 301))


def test_a_new_syn_begins_anew():
    t = Talk()
    t.say(A, "A", 1, 1, b"x" * 1000)
    t.iss[A] += 100000
    t.iss[B] += 77777
    t.say(A, "S", 0, 0, options=MSS)
    t.say(B, "SA", 0, 1, options=MSS)
    t.say(A, "A", 1, 1, b"fresh")
