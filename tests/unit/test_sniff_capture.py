# Frostnet: tests of what tcpdump is made of: filters, the queue of frames, pcapng blocks
# MIT license; Copyright (c) 2026 The Frostnet authors

import random
import struct

from frostnet.link.device import PARTIAL, SIZE, VALID
from sniff import pcapng
from sniff.fields import Fields
from sniff.filter import FilterError, parse
from sniff.slots import Slots
from test_sniff_lines import A, B, arp, ether, icmp, ip, tcp, udp

TCP = tcp(2)  # 10.0.2.15.49153 > 10.0.2.2.80
UDP = udp(1234, 9, b"abc")
PING = icmp(8, 0)
ARP = arp(1, A, B)  # who-has 10.0.2.2 tell 10.0.2.15
ODD = ether(0x1234, bytes(46))
FRAMES = {"T": TCP, "U": UDP, "P": PING, "A": ARP, "O": ODD}


def passing(text):
    """The letters of the frames that pass a filter."""
    test = parse(text)
    out = ""
    for letter in "TUPAO":
        fields = Fields()
        frame = FRAMES[letter]
        fields.load(memoryview(frame), len(frame))
        if test(fields):
            out += letter
    return out


def test_filters_pass_what_they_say():
    for text, want in (
        ("", "TUPAO"),
        ("arp", "A"),
        ("ip", "TUP"),
        ("ip6", ""),
        ("tcp", "T"),
        ("udp", "U"),
        ("icmp", "P"),
        ("igmp", ""),
        ("not arp", "TUPO"),
        ("! arp", "TUPO"),
        ("not not arp", "A"),
        ("host 10.0.2.2", "TUPA"),
        ("10.0.2.2", "TUPA"),
        ("src host 10.0.2.2", ""),
        ("dst 10.0.2.2", "TUPA"),
        ("src 10.0.2.15", "TUPA"),
        ("ip host 10.0.2.2", "TUP"),
        ("arp host 10.0.2.2", "A"),
        ("host 10.0.2.3", ""),
        ("net 10.0.0.0/8", "TUPA"),
        ("src net 10.0.2.8/29", "TUPA"),
        ("dst net 10.0.2.8/29", ""),
        ("net 0.0.0.0/0", "TUPA"),
        ("port 80", "T"),
        ("tcp port 80", "T"),
        ("udp port 80", ""),
        ("src port 80", ""),
        ("dst port 80", "T"),
        ("udp src port 1234", "U"),
        ("port 80 or 9", "TU"),
        ("dst port 80 or 1234", "T"),
        ("host 10.0.2.2 and tcp port 80", "T"),
        ("host 10.0.2.2 && (udp || icmp)", "UP"),
        ("(tcp or udp) and not port 9", "T"),
        ("not (tcp or udp)", "PAO"),
        ("not tcp and not udp", "PAO"),
        ("broadcast", "A"),
        ("multicast", ""),
        ("TCP AND PORT 80", "T"),
        # From left to right, as in tcpdump: (arp or tcp) and port 80
        ("arp or tcp and port 80", "T"),
        ("arp or (tcp and port 80)", "TA"),
        ("tcp and port 80 or arp", "TA"),
    ):
        assert passing(text) == want, "%s: %s" % (text, passing(text))


def test_truth_tables():
    for a in ("tcp", "arp"):
        for b in ("port 80", "udp"):
            for letter in "TUPAO":
                x, y = letter in passing(a), letter in passing(b)
                assert (letter in passing(a + " and " + b)) == (x and y)
                assert (letter in passing(a + " or " + b)) == (x or y)
                assert (letter in passing("not " + a)) == (not x)
                both = passing("not ( " + a + " and " + b + ")")
                either = passing("not " + a + " or not " + b)
                assert both == either  # de Morgan


def test_ports_are_in_the_first_fragment_only():
    """RFC 791 §3.2: later fragments have other bytes there."""
    test = parse("port 80")
    fields = Fields()
    for field, want in ((0x2000, True), (0x2001, False)):
        frame = ip(6, TCP[34:], field=field)
        fields.load(memoryview(frame), len(frame))
        assert test(fields) == want
    # Padding is no port
    frame = ip(6, b"") + b"\x00\x50\x00\x50"
    fields.load(memoryview(frame), len(frame))
    assert not test(fields)


def test_a_tagged_frame_is_what_is_in_it():
    frame = ether(0x8100, b"\x00\x05" + TCP[12:])
    fields = Fields()
    fields.load(memoryview(frame), len(frame))
    assert parse("tcp port 80")(fields)


def test_a_wrong_word_is_pointed_at():
    for text, want in (
        ("tpc port 80", 'in the filter ">>tpc<< port 80" the word is no condition'),
        ("host", 'the filter ends after "host": an address such as 10.0.2.2 must follow'),
        ("tcp and", 'the filter ends after "and": a condition must stand here'),
        ("host tcp", '"host >>tcp<<" the word is no address'),
        ("host 10.0.2", '"host >>10.0.2<<" the word is no address'),
        ("port http", '"port >>http<<" the word is no port'),
        ("port 65536", ">>65536<<"),
        ("port and", '"port >>and<<" the word stands where a port such as 80 must stand'),
        ("net 10.0.0.1/8", "write 10.0.0.0/8"),
        ("net 10.0.0.0/33", "is no network"),
        ("arp port 80", '"arp port >>80<<" the word is of no use: arp has no ports'),
        ("tcp udp", '"tcp >>udp<<" the word is not joined'),
        ("(tcp", '">>(<< tcp" the word is never closed'),
        ("tcp)", '"tcp >>)<<" the word closes nothing'),
        ("()", '"( >>)<<" the word is no condition'),
        ("or tcp", '">>or<< tcp"'),
        ("not", 'the filter ends after "not"'),
        ("not " * 40 + "tcp", "too deep"),
        ("tcp or " * 200 + "tcp", "more than 256 words"),
    ):
        try:
            parse(text)
            assert False, text
        except FilterError as e:
            assert want in str(e) and "\n" not in str(e), "%s: %s" % (text, e)


def test_no_text_makes_the_parser_fail_otherwise():
    words = "tcp udp arp ip src dst host port net and or not ( ) 80 10.0.2.2 10.0.0.0/8 x ! 9.9"
    words = words.split(" ")
    random.seed(3)
    good = 0
    for _ in range(5000):
        text = " ".join([random.choice(words) for _ in range(random.randint(1, 7))])
        try:
            passing(text)
            good += 1
        except FilterError:
            pass
    assert 100 < good < 4000, good


def numbered(i, n):
    return memoryview(bytes([i & 255]) * n)


def test_slots_keep_frames_in_order_whatever_their_sizes():
    random.seed(5)
    slots = Slots(100000, 16, 5000)
    model = []
    put = 0
    dropped = 0
    for i in range(20000):
        if random.getrandbits(1):
            n = random.choice((1, 60, 700, 1514, random.randint(1, 3000)))
            before = slots.dropped
            slots.put(numbered(i, n), n, i & 3, i, VALID)
            put += 1
            if slots.dropped == before:
                model.append((i, n))
            else:
                dropped += 1
                # Not for nothing: but the memory's end may have been too short for one before.
                assert len(model) == 16 or sum([n for _, n in model]) + 2 * n + 3000 > 5000
        elif model:
            i, n = model.pop(0)
            view, size, kind, now, offload = slots.oldest()
            assert (size, kind, now, offload) == (n, i & 3, i, VALID)
            assert view == numbered(i, n)
            slots.free()
        assert slots.waiting() == len(model)
        # What waits is as it was, to the last byte.
        if model:
            assert slots.oldest()[0] == numbered(*model[0])
    assert slots.seen == put and slots.dropped == dropped > 100


def test_slots_are_bounded():
    slots = Slots(2000, 4, 10000)
    for i in range(6):
        slots.put(numbered(i, 10), 10, 0, i, 0)
    assert (slots.waiting(), slots.seen, slots.dropped) == (4, 6, 2)
    slots = Slots(20000, 4, 1000)
    slots.put(numbered(1, 1001), 1001, 0, 0, 0)
    assert slots.dropped == 1 and slots.oldest() is None


def test_snaplen_leaves_what_must_be_made_whole():
    slots = Slots(100, 8, 10000)
    for offload in (0, VALID, PARTIAL, VALID | 1000 << SIZE):
        slots.put(numbered(1, 3000), 3000, 0, 0, offload)
    kept = []
    while slots.oldest():
        kept.append((len(slots.oldest()[0]), slots.oldest()[1]))
        slots.free()
    assert kept == [(100, 3000), (100, 3000), (3000, 3000), (3000, 3000)]


def test_putting_allocates_nothing():
    import gc

    slots = Slots(2000, 64, 100000)
    frame = numbered(1, 1514)
    put = slots.put
    put(frame, 1514, 0, 1, 0)
    gc.collect()
    gc.disable()
    try:
        before = gc.mem_alloc()
        for _ in range(200):
            put(frame, 1514, 0, 1, 0)
        assert gc.mem_alloc() - before < 100, gc.mem_alloc() - before
    finally:
        gc.enable()


def options(data):
    found = {}
    at = 0
    while True:
        code, n = struct.unpack_from("<HH", data, at)
        at += 4
        if not code:
            assert n == 0 and at == len(data)
            return found
        found[code] = data[at : at + n]
        assert not any(data[at + n : at + (n + 3 & ~3)])
        at += n + 3 & ~3


def body(block, kind):
    """What a block has between its lengths, draft-ietf-opsawg-pcapng §3.1."""
    n = len(block)
    assert n % 4 == 0 and struct.unpack_from("<II", block, 0) == (kind, n)
    assert struct.unpack_from("<I", block, n - 4)[0] == n
    return block[8:-4]


def test_section_header():
    """§4.1"""
    data = body(pcapng.header(), 0x0A0D0D0A)
    assert struct.unpack_from("<IHHq", data, 0) == (0x1A2B3C4D, 1, 0, -1)
    assert options(data[16:]) == {4: b"Frostnet"}


def test_interface_description():
    """§4.2: if_name is 2, if_tsresol 9: 10 to the minus 6"""
    data = body(pcapng.interface("eth0", 1514), 1)
    assert struct.unpack_from("<HHI", data, 0) == (1, 0, 1514)
    assert options(data[8:]) == {2: b"eth0", 9: b"\x06"}


def test_enhanced_packet():
    """§4.3, and §4.3.1 for the flags"""
    when = 1771761600123456
    for n in range(60, 64):
        frame = memoryview(TCP + bytes(20))[:n]
        data = body(pcapng.frame(2, when, frame, 1000, True), 6)
        fixed = struct.unpack_from("<IIIII", data, 0)
        assert fixed == (2, when >> 32, when & 0xFFFFFFFF, n, 1000)
        assert data[20 : 20 + n] == frame and not any(data[20 + n : 20 + 64 - (64 - n & ~3)])
        assert options(data[20 + (n + 3 & ~3) :]) == {2: struct.pack("<I", 2 | 1 << 2)}
    for frame, out, want in (
        (TCP, False, 1 | 1 << 2),
        (b"\x01" + TCP[1:], False, 1 | 2 << 2),
        (ARP, False, 1 | 3 << 2),
        (b"abc", False, 1),
    ):
        data = body(pcapng.frame(0, 0, frame, len(frame), out), 6)
        assert options(data[20 + (len(frame) + 3 & ~3) :]) == {2: struct.pack("<I", want)}


def test_interface_statistics():
    """§4.6: isb_ifrecv is 4, isb_ifdrop 5"""
    data = body(pcapng.statistics(0, 5 << 32 | 6, 30, 2), 5)
    assert struct.unpack_from("<III", data, 0) == (0, 5, 6)
    assert options(data[12:]) == {4: struct.pack("<Q", 30), 5: struct.pack("<Q", 2)}
