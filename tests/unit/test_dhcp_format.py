# Frostnet: tests of the DHCP message format and of leases
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dhcp.lease import Lease, assignable, prefix_of
from frostnet.wire import dhcp
from frostnet.wire.addr import parse as ip

MAC = b"\x02\x00\x00\x00\x00\x01"
XID = 0x12345678


def message(options=b"\xff", op=2, sname=b"", file=b"", kind=dhcp.ACK):
    buf = bytearray(240)
    buf[0:3] = bytes((op, 1, 6))
    dhcp.put32(buf, 4, XID)
    dhcp.put32(buf, 16, ip("10.0.0.50"))
    buf[28:34] = MAC
    buf[44 : 44 + len(sname)] = sname
    buf[108 : 108 + len(file)] = file
    dhcp.put32(buf, 236, 0x63825363)
    if kind is not None:
        buf.extend(bytes((dhcp.TYPE, 1, kind)))
    return bytes(buf) + options


def parse(data):
    # Offsets other than 0, and bytes behind the end that must not be read
    padded = b"\x35" * 7 + data + b"\x01\x04\xff\xff\xff\x00"
    return dhcp.parse(memoryview(padded), 7, 7 + len(data))


def option(code, value):
    return bytes((code, len(value))) + value


def lease(*options):
    return Lease(parse(message(b"".join(options) + b"\xff")))


def test_build():
    # RFC 2131 section 2, figure 1
    buf = bytearray(b"\xaa" * dhcp.MAX_SIZE)
    n = dhcp.begin(buf, dhcp.REQUEST, XID, 70000, 0, MAC, True)
    n = dhcp.put(buf, n, dhcp.HOSTNAME, b"board")
    n = dhcp.put_address(buf, n, dhcp.REQUESTED, ip("10.0.0.50"))
    n = dhcp.finish(buf, n)
    assert n == 300  # BOOTP's least size: section 2 of RFC 1542
    assert buf[:4] == b"\x01\x01\x06\x00"
    assert buf[4:8] == b"\x12\x34\x56\x78"
    assert buf[8:10] == b"\xff\xff"  # secs does not wrap
    assert buf[10] == 0x80
    assert buf[28:44] == MAC + bytes(10)
    assert buf[44:236] == bytes(192)
    assert buf[236:240] == b"\x63\x82\x53\x63"
    assert buf[240:259] == b"\x35\x01\x03\x0c\x05board\x32\x04\x0a\x00\x00\x32\xff\0\0\0"[:19]
    assert not any(buf[259:300])


def test_build_with_address():
    # With an address of our own the server may answer by unicast (section 4.1)
    buf = bytearray(dhcp.MAX_SIZE)
    dhcp.begin(buf, dhcp.REQUEST, XID, 0, ip("10.0.0.50"), MAC)
    assert buf[10] == 0 and buf[12:16] == b"\x0a\x00\x00\x32"


def test_parse():
    m = parse(message(option(dhcp.MASK, b"\xff\xff\xff\0") + b"\xff"))
    assert (m.kind, m.xid, m.yiaddr, m.mac) == (dhcp.ACK, XID, ip("10.0.0.50"), MAC)
    assert m.address(dhcp.MASK) == 0xFFFFFF00


def test_not_a_reply():
    assert parse(message()) is not None
    assert parse(message(op=1)) is None
    assert parse(message(kind=None)) is None
    good = message()
    for at in (1, 2, 236, 239):
        bad = bytearray(good)
        bad[at] ^= 1
        assert parse(bytes(bad)) is None, at


def test_truncated_anywhere():
    good = message(option(dhcp.MASK, b"\xff\xff\xff\0") + option(dhcp.DNS, b"\1\2\3\4") + b"\xff")
    for n in range(len(good)):
        m = parse(good[:n])
        if n < 243:
            assert m is None, n
        elif m:
            for value in m.options.values():
                assert len(value) in (1, 4)


def test_option_past_the_end():
    # Hostile inputs: length past the end, truncated before its length
    assert parse(message(b"\x01\x04\xff\xff\xff")) is None
    assert parse(message(b"\x01\xff\xff\xff\xff\x00\xff")) is None
    assert parse(message(b"\x01")) is None


def test_no_end_is_accepted():
    assert parse(message(option(dhcp.SERVER, b"\x0a\0\0\1"))).address(dhcp.SERVER)
    assert parse(message(b"", kind=dhcp.NAK)).kind == dhcp.NAK


def test_nothing_is_read_behind_end():
    m = parse(message(b"\xff" + option(dhcp.SERVER, b"\x0a\0\0\1")))
    assert dhcp.SERVER not in m.options


def test_pad_flood():
    m = parse(message(bytes(1000) + option(dhcp.SERVER, b"\x0a\0\0\1") + bytes(200) + b"\xff"))
    assert m.address(dhcp.SERVER) == ip("10.0.0.1")


def test_option_flood_is_refused():
    assert parse(message(b"\x0c\x00" * 60)) is not None
    assert parse(message(b"\x0c\x00" * 70)) is None


def test_options_in_parts_are_joined():
    # RFC 3396 section 7
    m = parse(message(option(dhcp.DNS, b"\1\2\3\4\5\6") + option(dhcp.DNS, b"\7\x08") + b"\xff"))
    assert m.addresses(dhcp.DNS, 4) == [0x01020304, 0x05060708]


def test_overload():
    # RFC 2131 section 4.1, RFC 2132 section 9.3
    file = option(dhcp.MASK, b"\xff\xff\0\0") + b"\xff"
    sname = option(dhcp.ROUTERS, b"\x0a\0\0\1") + b"\xff"
    for value, mask, router in ((1, True, False), (2, False, True), (3, True, True)):
        overload = option(dhcp.OVERLOAD, bytes((value,))) + b"\xff"
        m = parse(message(overload, sname=sname, file=file))
        assert (dhcp.MASK in m.options) == mask
        assert (dhcp.ROUTERS in m.options) == router
    assert dhcp.MASK not in parse(message(sname=sname, file=file)).options


def test_overload_that_is_none():
    for value in (b"\x00", b"\x04", b"\xff", b"", b"\x01\x01"):
        assert parse(message(option(dhcp.OVERLOAD, value) + b"\xff")) is None
    # An option that runs out of `file` into the cookie
    assert (
        parse(message(option(dhcp.OVERLOAD, b"\1") + b"\xff", file=bytes(126) + b"\x01\x04"))
        is None
    )


def test_overload_does_not_loop():
    again = option(dhcp.OVERLOAD, b"\3") + option(dhcp.MASK, b"\xff\0\0\0") + b"\xff"
    m = parse(message(option(dhcp.OVERLOAD, b"\3") + b"\xff", sname=again, file=again))
    # Both fields were read once each: the mask came twice, joined, and is no mask any more
    assert m.options[dhcp.MASK] == b"\xff\0\0\0\xff\0\0\0"
    assert m.address(dhcp.MASK) == 0


def test_type_of_wrong_length():
    assert parse(message(b"\x35\x02\x05\x05\xff", kind=None)) is None
    assert parse(message(b"\x35\x00\xff", kind=None)) is None


def test_addresses():
    m = parse(message(option(dhcp.DNS, bytes(range(1, 253))) + b"\xff"))
    assert len(m.addresses(dhcp.DNS, 4)) == 4
    for n in (0, 1, 3, 5, 7):
        m = parse(message(option(dhcp.DNS, bytes(n)) + b"\xff"))
        assert m.addresses(dhcp.DNS, 4) == []
        assert m.address(dhcp.DNS) == 0
    # 255 servers, in five parts
    flood = option(dhcp.DNS, bytes(204)) * 5
    assert len(parse(message(flood + b"\xff")).addresses(dhcp.DNS, 4)) == 4


def test_names():
    def name(value):
        return parse(message(option(dhcp.DOMAIN, value) + b"\xff")).name(dhcp.DOMAIN)

    assert name(b"example.org") == "example.org"
    assert name(b"example.org\0") == "example.org"
    assert name(b"a" * 253) == "a" * 253
    for bad in (b"a" * 254, b"a" * 255, b"a b", b"a\nb", b"\xff\xfe", b"", b"\x1b[2J", b"a\0b"):
        assert name(bad) == "", bad


def test_masks():
    host = ip("10.0.0.50")
    assert prefix_of(ip("255.255.255.0"), host) == 24
    assert prefix_of(ip("255.255.255.255"), host) == 32
    # Not contiguous, none: the class decides
    for mask in (0, ip("255.0.255.0"), ip("0.255.255.255"), 1):
        assert prefix_of(mask, host) == 8
        assert prefix_of(mask, ip("172.16.0.1")) == 16
        assert prefix_of(mask, ip("192.168.0.1")) == 24


def test_mask_of_wrong_length():
    for value in (b"", b"\xff", b"\xff\xff\xff", b"\xff\xff\xff\0\0"):
        assert lease(option(dhcp.MASK, value)).prefix == 8


def test_assignable():
    for text in ("10.0.0.1", "192.168.255.254", "1.0.0.1", "223.255.255.254", "169.254.1.1"):
        assert assignable(ip(text), 24), text
    for text in ("0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255"):
        assert not assignable(ip(text), 24), text
    assert not assignable(ip("10.0.0.0"), 24) and not assignable(ip("10.0.0.255"), 24)
    assert assignable(ip("10.0.0.0"), 31) and assignable(ip("10.0.0.255"), 32)


def test_lease():
    granted = lease(
        option(dhcp.SERVER, b"\x0a\0\0\1"),
        option(dhcp.MASK, b"\xff\xff\xff\0"),
        option(dhcp.ROUTERS, b"\x0a\0\0\1\x0a\0\0\2"),
        option(dhcp.DNS, b"\x0a\0\0\3\xe0\0\0\1\0\0\0\0\x0a\0\0\4"),
        option(dhcp.MTU, b"\x05\x78"),
        option(dhcp.DOMAIN, b"lan"),
        option(dhcp.HOSTNAME, b"pump"),
        option(dhcp.LEASE_TIME, b"\0\0\0\x64"),
    )
    assert granted.usable()
    assert (granted.addr, granted.prefix) == (ip("10.0.0.50"), 24)
    assert granted.routers == [ip("10.0.0.1"), ip("10.0.0.2")]
    assert granted.dns == [ip("10.0.0.3"), ip("10.0.0.4")]  # multicast and 0 are no servers
    assert (granted.domain, granted.hostname, granted.mtu) == ("lan", "pump", 1400)
    assert (granted.time, granted.t1, granted.t2) == (100, 50000000, 87000000)
    assert granted.end == 100000000


def test_lease_of_nobody():
    assert not lease().usable()
    assert not lease(option(dhcp.SERVER, b"\xff\xff\xff\xff")).usable()


def test_mtu_below_the_least():
    # RFC 2132 section 5.1 says 68; nobody who is well sends less than 576
    for value in (b"\0\0", b"\0\x44", b"\x02\x3f", b"\1", b"\1\2\3"):
        assert lease(option(dhcp.MTU, value)).mtu == 0
    assert lease(option(dhcp.MTU, b"\x02\x40")).mtu == 576


def test_times():
    def times(time, t1=None, t2=None):
        options = [option(dhcp.LEASE_TIME, time.to_bytes(4, "big"))]
        if t1 is not None:
            options.append(option(dhcp.T1, t1.to_bytes(4, "big")))
        if t2 is not None:
            options.append(option(dhcp.T2, t2.to_bytes(4, "big")))
        granted = lease(*options)
        return granted.time, granted.t1, granted.t2

    s = 1000000
    assert times(800) == (800, 400 * s, 700 * s)  # RFC 2131 section 4.4.5
    assert times(800, 100, 200) == (800, 100 * s, 200 * s)
    assert times(800, 300) == (800, 300 * s, 700 * s)
    assert times(800, 900, 200) == (800, 400 * s, 700 * s)
    assert times(800, 100, 800) == (800, 400 * s, 700 * s)
    assert times(800, 0, 0) == (800, 400 * s, 700 * s)
    assert times(0)[0] == 10 and times(1)[0] == 10
    assert times(0xFFFFFFFF) == (None, None, None)
    assert times(0xFFFFFFFE)[0] == 0xFFFFFFFE
    assert lease().time == 3600


def test_mutations():
    # Nothing but a Message or None, and a Lease from every Message
    good = message(
        option(dhcp.OVERLOAD, b"\3")
        + option(dhcp.SERVER, b"\x0a\0\0\1")
        + option(dhcp.DNS, bytes(range(40)))
        + option(dhcp.LEASE_TIME, b"\0\1\0\0")
        + b"\xff",
        sname=option(dhcp.MASK, b"\xff\xff\0\0") + b"\xff",
        file=option(dhcp.DOMAIN, b"example.org") + b"\xff",
    )
    seed = 12345
    parsed = 0
    for _ in range(3000):
        bad = bytearray(good)
        for _ in range(3):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            bad[seed >> 8 & 0x1FF if (seed >> 8 & 0x1FF) < len(bad) else 240] = seed >> 17 & 0xFF
        end = len(bad) if seed & 0x70 else seed >> 9 & 0xFF
        m = dhcp.parse(memoryview(bad), 0, min(end, len(bad)))
        if m:
            parsed += 1
            granted = Lease(m)
            assert 1 <= granted.prefix <= 32
            assert granted.end is None or 0 < granted.t1 < granted.t2 < granted.end
    assert 200 < parsed < 3000, parsed
