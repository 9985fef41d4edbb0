# Frostnet: tests of the format of multicast DNS
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import dns, mdns
from frostnet.wire.dns_name import encode_name
from simwire import Rng

NAME = encode_name("pump.local")
A = b"\x0a\0\0\2"


def message(response=True):
    out = mdns.Builder(response, 0x1234)
    out.question(NAME, dns.ANY, dns.IN | mdns.TOP)
    out.question(NAME, dns.A)
    out.record(mdns.ANSWER, NAME, dns.A, 120, A, dns.IN | mdns.TOP)
    out.record(mdns.AUTHORITY, NAME, dns.A, 120, A)
    out.record(mdns.ADDITIONAL, NAME, dns.TXT, 4500, b"\1x")
    return bytes(out.data)


def parse(data):
    return mdns.parse(memoryview(b"\x55" * 7 + data + b"\0" * 9), 7, 7 + len(data))


def refused(data):
    try:
        parse(data)
    except ValueError:
        return True
    return False


def test_both_ways():
    # RFC 6762 §18: top bits are taken off (§18.12, §18.13), AA is set (§18.4)
    data = message()
    assert data[:12] == b"\x12\x34\x84\0\0\2\0\1\0\1\0\1"
    m = parse(data)
    assert m.response and m.ident == 0x1234 and not m.truncated
    assert [(q.name, q.qtype, q.qclass, q.unicast) for q in m.questions] == [
        (NAME, dns.ANY, dns.IN, True),
        (NAME, dns.A, dns.IN, False),
    ]
    assert [len(s) for s in (m.answers, m.authority, m.additional)] == [1, 1, 1]
    assert m.answers[0].rclass == dns.IN | mdns.TOP
    assert bytes(m.buf[m.answers[0].off : m.answers[0].end]) == A
    assert not parse(message(False)).response


def test_cut_anywhere():
    data = message()
    for n in range(len(data)):
        assert refused(data[:n]), n


def test_not_for_us():
    # §18.3: other opcodes are ignored; §18.11: and other response codes
    data = bytearray(message())
    for flags in (0x0800, 0x7800, 0x0001, 0x0003):
        data[2:4] = (0x8400 | flags).to_bytes(2, "big")
        assert refused(data), hex(flags)
    data[2:4] = b"\x86\x30"  # TC, AD and CD are nothing to mind
    assert parse(bytes(data)).truncated


def test_counts():
    data = bytearray(message())
    data[4:6] = b"\xff\xff"
    assert refused(data)
    data[4:8] = b"\0\2\xff\xff"
    assert refused(data)
    out = mdns.Builder(True)
    for _ in range(200):
        out.record(mdns.ANSWER, NAME, dns.A, 120, A)
    assert len(parse(bytes(out.data)).answers) == 64


def test_other_classes():
    out = mdns.Builder(True)
    out.record(mdns.ANSWER, NAME, dns.A, 120, A, 3)
    out.record(mdns.ANSWER, NAME, dns.A, 120, A, 1)
    assert len(parse(bytes(out.data)).answers) == 1


def test_mutations():
    good = message()
    rng = Rng(7)
    parsed = 0
    for _ in range(3000):
        bad = bytearray(good)
        for _ in range(1 + rng.getrandbits(2)):
            bad[rng.getrandbits(16) % len(bad)] = rng.getrandbits(8)
        try:
            mdns.parse(memoryview(bad), 0, rng.getrandbits(16) % (len(bad) + 1))
            parsed += 1
        except ValueError:
            pass
        try:
            mdns.parse(memoryview(bad), 0, len(bad))
            parsed += 1
        except ValueError:
            pass
    assert 100 < parsed < 5900, parsed
