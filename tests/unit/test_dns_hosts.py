# Frostnet: tests of the hosts table and of search domains
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dns.hosts import Hosts
from frostnet.dns.search import candidates
from frostnet.wire.addr import parse
from frostnet.wire.dns_name import encode_name, text_name

A = parse("10.0.0.9")
B = parse("10.0.0.10")


def addresses(hosts, name):
    return list(hosts.addresses(encode_name(name)))


def test_table():
    hosts = Hosts()
    hosts.add("Printer", A)
    hosts.add("printer", B)
    hosts.add("printer", B)
    hosts.add("laser.example.org", A)
    assert addresses(hosts, "PRINTER") == [A, B] and len(hosts) == 3
    assert hosts.name(A) == "printer" and hosts.name(1) is None
    hosts.remove("printer")
    assert addresses(hosts, "printer") == [] and len(hosts) == 1
    assert hosts.name(A) == "laser.example.org" and hosts.name(B) is None
    try:
        hosts.remove("printer")
        assert False
    except KeyError:
        pass
    hosts.clear()
    assert len(hosts) == 0 and hosts.name(A) is None


def test_bounded():
    hosts = Hosts()
    for i in range(256):
        hosts.add("n%d" % i, A)
    try:
        hosts.add("one.more", A)
        assert False
    except MemoryError:
        pass
    assert len(hosts) == 256 and addresses(hosts, "one.more") == []


def test_file():
    hosts = Hosts()
    bad = hosts.load(
        (
            "# a comment",
            "",
            "10.0.0.9   printer  printer.lan # behind it",
            "\t10.0.0.10\tscanner\r\n",
            "::1 ip6-localhost",
            "10.0.0.300 nobody",
            "10.0.0.1",
            "10.0.0.11 a..b",
            "rubbish",
        )
    )
    assert bad == 4 and len(hosts) == 3
    assert addresses(hosts, "printer.lan") == [A] and addresses(hosts, "scanner") == [B]


def found(name, *domains):
    return [text_name(wire) for wire in candidates(name, domains)]


def test_search_order():
    # RFC 1535 §6: with a dot as it is first, without one last; RFC 1034 §3.1: complete if it
    # ends with a dot
    assert found("www", "a.org", "b.org") == ["www.a.org", "www.b.org", "www"]
    assert found("www.x", "a.org") == ["www.x", "www.x.a.org"]
    assert found("www.", "a.org") == ["www"]
    assert found("www") == ["www"]


def test_search_is_bounded_and_careful():
    assert len(found("www", *["d%d.org" % i for i in range(50)])) == 7
    assert found("www", "", "a..b", "x." * 200, "A.org", "a.org") == ["www.a.org", "www"]
    for name in ("", ".", "a..b", "x" * 64):
        try:
            candidates(name, ("a.org",))
            assert False, name
        except ValueError:
            pass
