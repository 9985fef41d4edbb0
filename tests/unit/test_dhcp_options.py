# Frostnet: tests of DHCP options that are lists in a format of their own, and of back-off
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.dhcp import backoff
from frostnet.dhcp.lease import Lease
from frostnet.wire import dhcp
from frostnet.wire.addr import parse as ip
from frostnet.wire.dhcp_lists import names, routes
from simwire import Rng

S = 1000000


def lease(**options):
    """A Lease of 10.0.0.50/24 with options by name."""
    options.setdefault("SERVER", b"\x0a\0\0\1")
    options.setdefault("MASK", b"\xff\xff\xff\0")
    values = {getattr(dhcp, name): value for name, value in options.items()}
    return Lease(dhcp.Message(dhcp.ACK, 1, ip("10.0.0.50"), bytes(6), values))


def test_routes_of_every_width():
    # RFC 3442, the table of destination descriptors
    for text, prefix, descriptor in (
        ("0.0.0.0", 0, b"\x00"),
        ("10.0.0.0", 8, b"\x08\x0a"),
        ("10.0.0.0", 24, b"\x18\x0a\0\0"),
        ("10.17.0.0", 16, b"\x10\x0a\x11"),
        ("10.27.129.0", 24, b"\x18\x0a\x1b\x81"),
        ("10.229.0.128", 25, b"\x19\x0a\xe5\x00\x80"),
        ("10.198.122.47", 32, b"\x20\x0a\xc6\x7a\x2f"),
    ):
        assert routes(descriptor + b"\x0a\0\0\1", 9) == [(ip(text), prefix, ip("10.0.0.1"))]


def test_bits_behind_the_prefix_are_cut():
    # RFC 3442: the destination is the AND of subnet number and mask
    assert routes(b"\x09\xac\xff\x0a\0\0\1", 9) == [(ip("172.128.0.0"), 9, ip("10.0.0.1"))]


def test_routes_that_are_damaged():
    good = b"\x18\xc0\xa8\x05\x0a\0\0\x02\x00\x0a\0\0\x03"
    assert len(routes(good, 9)) == 2
    for n in range(1, len(good)):
        if n != 8:
            assert routes(good[:n], 9) is None, n
    assert routes(b"\x21\1\2\3\4\5\x0a\0\0\1", 9) is None
    assert routes(b"\xff" * 40, 9) is None
    assert routes(b"", 9) == []


def test_number_of_routes_is_bounded():
    flood = b"".join(bytes((16, 10, i)) + b"\x0a\0\0\1" for i in range(200))
    assert len(routes(flood, 12)) == 12
    assert len(lease(ROUTES=flood).routes) <= 12


def test_routes_stand_instead_of_routers():
    # RFC 3442: the Router option MUST be ignored when there are classless routes
    both = lease(ROUTES=b"\x08\xac\x0a\0\0\x02", ROUTERS=b"\x0a\0\0\1")
    assert both.routes == [(ip("172.0.0.0"), 8, ip("10.0.0.2"))] and not both.routers
    # … but not when they are damaged
    damaged = lease(ROUTES=b"\x08\xac\x0a\0\0", ROUTERS=b"\x0a\0\0\1")
    assert not damaged.routes and damaged.routers == [ip("10.0.0.1")]


def test_routes_on_the_link_come_first():
    # RFC 3442: local subnet routes; gateways of the others may be in them
    found = lease(ROUTES=b"\x00\xc0\xa8\x05\x01" + b"\x18\xc0\xa8\x05\0\0\0\0").routes
    assert found == [(ip("192.168.5.0"), 24, 0), (0, 0, ip("192.168.5.1"))]


def test_routes_that_no_host_has():
    bad = b"\x08\x7f\x0a\0\0\1" + b"\x04\xe0\x0a\0\0\1" + b"\x20\xff\xff\xff\xff\x0a\0\0\1"
    assert lease(ROUTES=bad + b"\x08\xac\xff\xff\xff\xff" + b"\x08\xad\xe0\0\0\1").routes == []


def test_search_list():
    # RFC 3397 section 2, with its example of a compressed list
    value = b"\x03eng\x05apple\x03com\0" + b"\x09marketing\xc0\x04"
    assert names(value, 6) == ["eng.apple.com", "marketing.apple.com"]
    assert names(value + b"\xc0\x00", 6) == ["eng.apple.com", "marketing.apple.com"]  # twice
    assert names(value, 1) == ["eng.apple.com"]
    assert names(b"\0", 6) == names(b"", 6) == []


def test_search_list_that_is_hostile():
    # RFC 9267 §2; hostile line 47: self, forward, cycles, past the end, split at the end
    good = b"\x03lan\0"
    for bad in (
        b"\xc0\x05", b"\xc0\x06", b"\xc0\x50", b"\xff\xff", b"\xc0", b"\x01a\xc0\x05",
        b"\x01a\xc0\x09\x01b\xc0\x05", b"\x05ab", b"\x40" + b"a" * 64 + b"\0", b"\x80\0",
        b"\x03a.b\0", b"\x03a\nb\0", b"\x02\xff\xfe\0", b"\x01a",
    ):  # fmt: skip
        assert names(good + bad, 6) == ["lan"], bad
    # Names of more than 253 characters, by pointers too
    assert names(b"".join(b"\x3f" + b"a" * 63 for _ in range(5)) + b"\0", 6) == []
    chain = b"\x3f" + b"a" * 63 + b"\0"
    for i in range(6):
        at = 0 if not i else len(chain) - 66
        chain += b"\x3f" + b"b" * 63 + bytes((0xC0 | at >> 8, at & 255))
    assert len(names(chain, 9)) == 3
    chain = b"\0" + b"".join(bytes((0xC0, max(0, 2 * i - 1))) for i in range(100))
    assert names(chain, 6) == []


def test_random_search_lists_and_routes():
    rng = Rng(5)
    for _ in range(3000):
        n = rng.below(60)
        value = bytes(rng.below((5, 70, 256)[rng.below(3)]) for _ in range(n))
        for name in names(value, 6):
            assert 0 < len(name) <= 253
        for network, prefix, _ in routes(value, 12) or ():
            assert 0 <= prefix <= 32 and network >> 32 == 0


def test_search_falls_back_on_the_domain():
    assert lease(DOMAIN=b"example.org").search == ["example.org"]
    assert lease(DOMAIN=b"a", SEARCH=b"\x01b\0").search == ["b"]


def test_everything_is_exposed():
    granted = lease(NTP=b"\x0a\0\0\x05\x0a\0\0\x06", HOSTNAME=b"pump", MTU=b"\x05\x78")
    assert granted.ntp == [ip("10.0.0.5"), ip("10.0.0.6")]
    assert (granted.hostname, granted.mtu) == ("pump", 1400)
    assert granted.options[dhcp.NTP] == b"\x0a\0\0\x05\x0a\0\0\x06"
    for value in (b"", b"\1", b"\1\2\3\4\5", b"\xff\xff\xff\xff", b"\xe0\0\0\1"):
        assert lease(NTP=value).ntp == []
    assert len(lease(NTP=b"\x0a\0\0\x05" * 60).ntp) == 4


def test_waits():
    # RFC 2131 section 4.1: 4, 8, 16, 32, 64 s, plus or minus one
    rng = Rng(1)
    for tries, seconds in enumerate((4, 8, 16, 32, 64, 64, 64, 64, 64, 64, 64, 64)):
        waits = [backoff.wait(tries, rng.getrandbits) for _ in range(200)]
        assert (seconds - 1) * S <= min(waits) < (seconds - 0.8) * S
        assert (seconds + 0.8) * S < max(waits) <= (seconds + 1) * S


def test_waits_to_renew():
    # RFC 2131 section 4.4.5: half of what is left, 60 s at least; less of a short lease
    assert backoff.renewal(0, 1000 * S, 2000 * S) == 500 * S
    assert backoff.renewal(900 * S, 1000 * S, 2000 * S) == 60 * S
    assert backoff.renewal(15 * S, 20 * S, 40 * S) == 5 * S
    assert backoff.renewal(0, 0, None) == 60 * S
    early = [backoff.early(640 * S, Rng(i).getrandbits) for i in range(50)]
    assert 0 <= min(early) < 3 * S < 7 * S < max(early) <= 10 * S
