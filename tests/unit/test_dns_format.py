# Frostnet: tests of the DNS message format
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import dns, dns_data
from frostnet.wire.addr6 import text as text6
from frostnet.wire.dns_name import encode_name, read_name, reverse_name, text_name, within

NAME = encode_name("www.example.org")


def header(ident=0x1234, flags=0x8180, qd=1, an=0):
    return b"".join(x.to_bytes(2, "big") for x in (ident, flags, qd, an, 0, 0))


def question(name=NAME, qtype=dns.A, qclass=1):
    return name + qtype.to_bytes(2, "big") + qclass.to_bytes(2, "big")


def record(name, rtype, data, ttl=300, rclass=1, length=None):
    n = len(data) if length is None else length
    return (
        name
        + rtype.to_bytes(2, "big")
        + rclass.to_bytes(2, "big")
        + ttl.to_bytes(4, "big")
        + n.to_bytes(2, "big")
        + data
    )


def response(*records, count=None, **options):
    an = len(records) if count is None else count
    return header(an=an, **options) + question() + b"".join(records)


def parse(data):
    # At an offset, and with bytes behind the end that must not be read
    return dns.parse(memoryview(b"\x55" * 9 + data + b"\x00" * 20), 9, 9 + len(data))


def refused(data):
    try:
        parse(data)
    except ValueError:
        return True
    return False


def read(data, at=12):
    name, behind = read_name(data, 0, at, len(data))
    return name


def bad_name(data, at=12):
    try:
        read(data, at)
    except ValueError:
        return True
    return False


def test_encode_name():
    assert encode_name("WWW.Example.org") == b"\3www\7example\3org\0"
    assert encode_name("example.") == b"\7example\0"
    for text in ("", ".", "a..b", ".a", "x" * 64, ".".join(["x" * 63] * 4), "a." * 128):
        try:
            encode_name(text)
            assert False, text
        except ValueError:
            pass
    # RFC 1035 section 3.1: 255 bytes with lengths and end
    assert len(encode_name(".".join(["x" * 63] * 3 + ["x" * 61]))) == 255


def test_text_name():
    assert text_name(NAME) == "www.example.org"
    assert text_name(b"\0") == "."
    # No control character reaches the console, and a dot in a label stays one
    assert text_name(b"\x04a.\x1bb\0") == "a\\046\\027b"


def test_reverse_name():
    assert reverse_name(0x0A000203) == encode_name("3.2.0.10.in-addr.arpa")


def test_build_query():
    buf = bytearray(b"\xee" * 512)
    n = dns.build_query(buf, 0xABCD, NAME, dns.PTR)
    assert buf[:n] == header(0xABCD, 0x0100) + question(qtype=dns.PTR)


def test_build_query_with_edns():
    # RFC 6891 §6.1.2: root name, type 41, our size as class, version 0, no options
    buf = bytearray(b"\xee" * 512)
    n = dns.build_query(buf, 0xABCD, NAME, dns.A, True)
    head = header(0xABCD, 0x0100)
    assert buf[:n] == head[:11] + b"\1" + question() + b"\0\0\x29\x04\xd0" + bytes(6)
    longest = encode_name(".".join(["x" * 63] * 3 + ["x" * 61]))
    assert dns.build_query(buf, 1, longest, dns.A, True) == 12 + 255 + 4 + 11 <= dns.MAX_QUERY


def opt(extended, size=4096):
    return record(b"\0", dns.OPT, b"", extended << 24 | 0x8000, size)


def test_extended_response_code():
    # RFC 6891 §6.1.3; the flags' top bit is not taken for that of a TTL
    packet = bytearray(response(opt(1)))
    packet[6:12] = b"\0\0\0\0\0\1"
    assert parse(bytes(packet)).rcode == dns.BADVERS
    packet = bytearray(response(opt(0x80)))
    packet[6:12] = b"\0\0\0\0\0\1"
    assert parse(bytes(packet)).rcode == 0x800
    # One in the answer section is no answer
    assert parse(response(opt(1))).rcode == 0


def test_refusal_without_question():
    # A server that did not understand the query need not repeat it
    for rcode in (dns.FORMERR, dns.NOTIMP):
        m = parse(header(flags=0x8180 | rcode, qd=0))
        assert m.rcode == rcode and m.name is None and m.ident == 0x1234
    assert refused(header(flags=0x8182, qd=0))


def test_authority_section():
    packet = bytearray(response(record(b"\xc0\x10", dns.NS, b"\1a\0")))
    packet[6:10] = b"\0\0\0\1"
    m = parse(bytes(packet))
    assert not m.answers and [r.rtype for r in m.authority] == [dns.NS]


def test_within():
    assert within(NAME, NAME) and within(NAME, b"\0") and within(NAME, encode_name("org"))
    assert within(NAME, encode_name("example.org"))
    # On the border of a label only; not below a longer name
    assert not within(NAME, b"\6xample\3org\0")
    assert not within(b"\x0bwwwXexample\3org\0", encode_name("example.org"))
    assert not within(encode_name("org"), NAME)
    assert not within(encode_name("www.example.com"), encode_name("example.org"))


def test_parse():
    m = parse(response(record(b"\xc0\x0c", dns.A, b"\x0a\0\0\1", 60)))
    assert (m.ident, m.rcode, m.truncated, m.name, m.qtype) == (0x1234, 0, False, NAME, dns.A)
    assert len(m.answers) == 1
    answer = m.answers[0]
    assert (answer.name, answer.rtype, answer.ttl) == (NAME, dns.A, 60)


def test_truncated_anywhere():
    good = response(record(b"\xc0\x0c", dns.A, b"\x0a\0\0\1"))
    for n in range(len(good)):
        assert refused(good[:n]), n
    parse(good)


def test_not_a_response():
    for flags in (0x0100, 0x0180, 0x8980, 0xF980):  # no QR, opcodes
        assert refused(response(flags=flags)), hex(flags)
    parse(response(flags=0x8183))


def test_question_count():
    assert refused(header(qd=0) + question())
    assert refused(header(qd=0))
    assert refused(header(qd=2) + question() + question())
    assert refused(header(qd=0x101) + question())
    assert refused(header() + question(qclass=3))


def test_pointer_attacks():
    # RFC 9267 section 2: to itself, forward, cycle of two, into the header, past the end
    pad = bytes(12)
    assert bad_name(pad + b"\xc0\x0c")
    assert bad_name(pad + b"\xc0\x0e\xc0\x0c")
    assert bad_name(pad + b"\xc0\x0e\xc0\x0c", 14)
    assert bad_name(pad + b"\x01a\xc0\x0c")
    assert bad_name(pad + b"\x01a\xc0\x0e", 14)
    assert bad_name(pad + b"\0\xc0\x00", 13)
    assert bad_name(pad + b"\0\xc0\x0b", 13)
    assert bad_name(pad + b"\0\xff\xff", 13)
    assert bad_name(pad + b"\0\xc0", 13)  # split at the end
    assert bad_name(pad + b"\x01a\xc0")
    assert read(pad + b"\x01a\0\xc0\x0c", 15) == b"\x01a\0"


def test_pointer_chain():
    # A chain of 200 that leads back all the time: bounded work; a short one is fine
    def chain(n):
        data = bytes(12) + b"\x01a\0"
        at = 12
        for _ in range(n):
            data += (0xC000 | at).to_bytes(2, "big")
            at = len(data) - 2
        return data, at

    data, at = chain(3)
    assert read(data, at) == b"\x01a\0"
    data, at = chain(200)
    assert bad_name(data, at)


def test_labels():
    pad = bytes(12)
    assert read(pad + b"\x3f" + b"x" * 63 + b"\0") == b"\x3f" + b"x" * 63 + b"\0"
    for n in (64, 0x7F, 0x80, 191):  # unknown label types, RFC 6891 section 5
        assert bad_name(pad + bytes((n,)) + b"x" * 200 + b"\0"), n
    assert bad_name(pad + b"\x05abc")  # past the end
    assert bad_name(pad + b"\x03abc")  # no terminator
    assert bad_name(pad)
    assert read(pad + b"\x03ABC\0") == b"\x03abc\0"


def test_name_too_long_after_expansion():
    label = b"\x3f" + b"x" * 63
    data = bytes(12) + label * 3 + b"\0"
    assert read(data) == label * 3 + b"\0"
    assert bad_name(bytes(12) + label * 4 + b"\0")
    again = data + label + b"\xc0\x0c"
    assert bad_name(again, len(data))


def test_counts_without_records():
    # AMNESIA:33, CVE-2020-24340
    assert refused(response(count=0xFFFF))
    assert refused(response(record(b"\xc0\x0c", dns.A, b"\1\2\3\4"), count=2))


def test_many_records_are_bounded():
    m = parse(response(*[record(b"\xc0\x0c", dns.A, b"\1\2\3\4")] * 300))
    assert len(m.answers) == 64


def test_rdlength():
    assert refused(response(record(b"\xc0\x0c", dns.A, b"\1\2\3\4", length=5)))
    assert refused(response(record(b"\xc0\x0c", dns.A, b"\1\2\3\4", length=0xFFFF)))
    for data in (b"", b"\1\2\3", b"\1\2\3\4\5"):
        packet = response(record(b"\xc0\x0c", dns.A, data))
        m = dns.parse(packet, 0, len(packet))
        try:
            dns_data.read(packet, 0, m.answers[0])
            assert False
        except ValueError:
            pass


def test_name_in_data():
    packet = response(record(b"\xc0\x0c", dns.CNAME, b"\x03abc\xc0\x10"))
    m = dns.parse(packet, 0, len(packet))
    assert dns_data.name_data(packet, 0, m.answers[0]) == encode_name("abc.example.org")
    for data in (b"", b"\x03abc", b"\x03abc\0\0", b"\xc0", b"\xc0\xff"):
        packet = response(record(b"\xc0\x0c", dns.CNAME, data))
        m = dns.parse(packet, 0, len(packet))
        try:
            dns_data.name_data(packet, 0, m.answers[0])
            assert False, data
        except ValueError:
            pass


def data(rtype, rdata):
    packet = response(record(b"\xc0\x0c", rtype, rdata))
    m = dns.parse(packet, 0, len(packet))
    return dns_data.read(packet, 0, m.answers[0])


def no_data(rtype, rdata):
    try:
        data(rtype, rdata)
    except ValueError:
        return True
    return False


def test_record_data():
    # RFC 1035 §3.3, RFC 2782, RFC 3596; \xc0\x10 is example.org
    assert data(dns.A, b"\x0a\0\0\1") == 0x0A000001
    assert data(dns.NS, b"\2ns\xc0\x10") == "ns.example.org"
    assert data(dns.PTR, b"\xc0\x10") == "example.org"
    assert data(dns.MX, b"\1\2\4mail\xc0\x10") == (258, "mail.example.org")
    assert data(dns.SRV, b"\0\1\0\2\x1f\x90\xc0\x10") == (1, 2, 8080, "example.org")
    assert data(dns.SRV, b"\0\1\0\2\x1f\x90\0") == (1, 2, 8080, ".")  # no such service
    assert data(dns.TXT, b"\3a=b\0\2cd") == (b"a=b", b"", b"cd")
    assert data(dns.TXT, b"") == (b"",)
    assert data(dns.AAAA, b"\x20\1\x0d\xb8" + bytes(11) + b"\1") == "2001:db8::1"
    numbers = b"".join(n.to_bytes(4, "big") for n in (1, 2, 3, 4, 0xFFFFFFFF))
    soa = b"\2ns\xc0\x10\5admin\xc0\x10" + numbers
    expect = ("ns.example.org", "admin.example.org", 1, 2, 3, 4, 0xFFFFFFFF)
    assert data(dns.SOA, soa) == expect


def test_damaged_record_data():
    good = {
        dns.A: b"\1\2\3\4",
        dns.AAAA: bytes(16),
        dns.NS: b"\2ns\xc0\x10",
        dns.MX: b"\1\2\4mail\xc0\x10",
        dns.SRV: b"\0\1\0\2\x1f\x90\xc0\x10",
        dns.SOA: b"\2ns\xc0\x10\5admin\xc0\x10" + bytes(20),
        dns.TXT: b"\5hello",
    }
    for rtype, rdata in good.items():
        data(rtype, rdata)
        for n in range(rtype == dns.TXT, len(rdata)):  # an empty TXT record is allowed
            assert no_data(rtype, rdata[:n]), (rtype, n)
        assert no_data(rtype, rdata + b"\x07"), rtype
    assert no_data(99, b"1234")


def test_ipv6_text():
    # RFC 5952 §4.2: the longest run of zeros, the first of equal ones, no single zero; §5
    def text(*groups):
        return text6(b"".join(n.to_bytes(2, "big") for n in groups))

    assert text(0, 0, 0, 0, 0, 0, 0, 0) == "::"
    assert text(0, 0, 0, 0, 0, 0, 0, 1) == "::1"
    assert text(0xFE80, 0, 0, 0, 0, 0, 0, 0) == "fe80::"
    assert text(0x2001, 0xDB8, 0, 1, 1, 1, 1, 1) == "2001:db8:0:1:1:1:1:1"
    assert text(0x2001, 0, 0, 1, 0, 0, 0, 1) == "2001:0:0:1::1"
    assert text(0x2001, 0xDB8, 0, 0, 1, 0, 0, 1) == "2001:db8::1:0:0:1"
    assert text(1, 2, 3, 4, 5, 6, 0xABCD, 0xEF) == "1:2:3:4:5:6:abcd:ef"
    assert text(0, 0, 0, 0, 0, 0xFFFF, 0x0A00, 0x0203) == "::ffff:10.0.2.3"


def test_ttl():
    # RFC 2181 section 8: with the top bit set it is 0
    for ttl, want in ((0, 0), (1, 1), (0x7FFFFFFF, 0x7FFFFFFF), (0x80000000, 0), (0xFFFFFFFF, 0)):
        assert parse(response(record(b"\xc0\x0c", dns.A, b"\1\2\3\4", ttl))).answers[0].ttl == want


def test_other_classes_are_skipped():
    m = parse(
        response(
            record(b"\xc0\x0c", dns.A, b"\1\2\3\4", rclass=3),
            record(b"\xc0\x0c", dns.A, b"\5\6\7\x08"),
        )
    )
    assert len(m.answers) == 1


def test_truncation_bit():
    m = parse(response(flags=0x8380, count=3))
    assert m.truncated and m.answers == []


def test_mutations():
    # Nothing but ValueError, whatever is read afterwards
    good = response(
        record(b"\xc0\x0c", dns.CNAME, b"\x03abc\xc0\x10"),
        record(b"\x03abc\xc0\x10", dns.CNAME, b"\xc0\x3d"),
        record(b"\x03abc\xc0\x10", dns.A, b"\1\2\3\4"),
        record(b"\xc0\x10", dns.MX, b"\0\1\xc0\x10"),
        record(b"\xc0\x10", dns.SRV, b"\0\1\0\2\0\3\xc0\x10"),
        record(b"\xc0\x10", dns.TXT, b"\3abc\0\2de"),
        record(b"\xc0\x10", dns.SOA, b"\1a\xc0\x10\1b\xc0\x10" + bytes(20)),
        record(b"\xc0\x10", dns.AAAA, bytes(16)),
    )
    seed = 4711
    parsed = 0
    for _ in range(4000):
        bad = bytearray(good)
        for _ in range(1 + (seed & 3)):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            bad[(seed >> 8) % len(bad)] = (seed >> 19) & 0xFF
        end = len(bad) if seed & 0x30000 else (seed >> 5) % len(bad)
        try:
            m = dns.parse(memoryview(bad), 0, end)
            parsed += 1
            if m.name is not None:
                text_name(m.name)
            for answer in m.answers + m.authority:
                dns_data.read(bad, 0, answer)
        except ValueError:
            pass
    assert 200 < parsed < 3900, parsed
