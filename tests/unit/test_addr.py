# Frostnet: tests of address text and prefixes
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.wire import addr
from simwire import Rng


def refused(fn, *args):
    try:
        value = fn(*args)
    except ValueError:
        return
    assert False, "%s gave %s" % (args, value)


def test_parse():
    assert addr.parse("10.0.2.2") == 0x0A000202
    assert addr.parse("0.0.0.0") == 0
    assert addr.parse("255.255.255.255") == 0xFFFFFFFF
    assert addr.parse("1.2.3.4") == 0x01020304


def test_parse_refuses():
    for text in (
        "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.-4", "1..2.3", "1.2.3.", ".1.2.3",
        "a.b.c.d", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4", "1.2.3.0x4", "1.2.3.0004", "1.2.3.4\n",
        "1.2.3.99999999999999999999", "localhost", "+1.2.3.4",
    ):  # fmt: skip
        refused(addr.parse, text)


def test_property_text_and_parse_are_inverse():
    rng = Rng(3)
    for _ in range(300):
        value = rng.bits()
        assert addr.parse(addr.text(value)) == value
    assert addr.text(0x0A000202) == "10.0.2.2"


def test_mac_text():
    assert addr.mac_text(b"\x02\x00\xab\x00\x00\xff") == "02:00:ab:00:00:ff"
    assert addr.mac_text(memoryview(b"\x02\x00\xab\x00\x00\xff")) == "02:00:ab:00:00:ff"


def test_netmask_and_prefixlen():
    assert addr.netmask(0) == 0
    assert addr.netmask(24) == 0xFFFFFF00
    assert addr.netmask(32) == 0xFFFFFFFF
    for n in range(33):
        assert addr.prefixlen(addr.netmask(n)) == n
    for mask in (0xFF00FF00, 1, 0x7FFFFFFF, 0xFFFFFFFD):
        refused(addr.prefixlen, mask)


def test_kinds():
    parse = addr.parse
    for text in ("10.0.0.1", "1.0.0.0", "223.255.255.255", "169.254.1.1"):
        assert addr.is_unicast(parse(text)), text
    for text in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"):
        assert not addr.is_unicast(parse(text)), text
    assert addr.is_multicast(parse("224.0.0.1")) and addr.is_multicast(parse("239.255.255.250"))
    assert not addr.is_multicast(parse("240.0.0.1")) and not addr.is_multicast(parse("10.0.0.1"))
    assert addr.is_loopback(parse("127.255.0.1")) and not addr.is_loopback(parse("128.0.0.1"))


def test_load():
    assert addr.load(b"\x99\x0a\x00\x02\x0f\x99", 1) == 0x0A00020F
    assert addr.load(b"\xff\xff\xff\xff", 0) == 0xFFFFFFFF
