# Frostnet: tests of path MTU discovery
# MIT license; Copyright (c) 2026 The Frostnet authors

from ipbench import FAR, ME, OTHER, PEER, ROUTER, ROUTER_MAC, Bench, icmp, ipv4, raises

_EMSGSIZE = 90
SECOND = 1_000_000
DF = 0x4000


class Transport:
    """Takes protocol 99; believes what quotes the payload b"mine"."""

    def __init__(self, b):
        self.errors = []
        b.stack.ip.register(99, self)

    def mtu_ok(self, buf, off, end, src, dst):
        return src == ME and bytes(buf[off : off + 4]) == b"mine"

    def error(self, errno, hard, buf, off, end, src, dst):
        self.errors.append((errno, hard, dst))


def bench():
    b = Bench()
    b.meet(ROUTER, ROUTER_MAC)
    return b, Transport(b), b.stack.ip.path(FAR)


def too_big(mtu, total=1500, payload=b"mine....", proto=99, dst=FAR, frag=DF, src=ME):
    quote = ipv4(payload, proto, src, dst, frag=frag, total=total)[14:]
    return ipv4(icmp(3, 4, mtu, quote), 1, src=ROUTER)


def mtu(path):
    path.renew()
    return path.mtu


def test_reported_mtu_is_used():
    # RFC 1191 §3
    b, t, path = bench()
    b.feed(too_big(1400))
    assert mtu(path) == 1400 and t.errors == [(_EMSGSIZE, False, FAR)]
    path.begin()
    raises(_EMSGSIZE, path.send, 99, 1381, -1)
    path.send(99, 1380, -1)
    b.poll()
    (p,) = b.take()
    assert p.total == 1400 and p.frag == DF
    assert b.stack.ip.path(FAR).mtu == 1400, "new paths begin with it"
    assert b.stack.ip.path(PEER).mtu == 1500, "others have nothing to do with it"
    assert b.counters.ip_pmtu_lowered == 1


def test_mtu_only_falls():
    # RFC 1191 §3: an estimate is never raised by a message.
    b, t, path = bench()
    for reported, expected in ((1400, 1400), (1450, 1400), (1492, 1400), (1300, 1300)):
        b.feed(too_big(reported))
        assert mtu(path) == expected
    # Each is about a datagram that was lost, of that or another flow.
    assert len(t.errors) == 4
    t.errors.clear()
    b.feed(too_big(1400, total=1300), too_big(1200, total=1200), too_big(1500))
    b.feed(too_big(9000), too_big(65535))
    assert mtu(path) == 1300 and not t.errors, "it would have fitted"


def test_plateaus_for_routers_that_tell_no_mtu():
    # RFC 1191 §5 and §7.1
    b, t, path = bench()
    for total, expected in ((1500, 1492), (1492, 1006), (1006, 552), (552, 552)):
        b.feed(too_big(0, total=total))
        assert mtu(path) == expected, total
    assert len(t.errors) == 3


def test_hostile_19_tiny_mtus():
    # 68 is the least that a link can have; below 552 routers fragment instead.
    b, t, path = bench()
    b.drops("icmp_drop_mtu", too_big(1), too_big(67))
    assert mtu(path) == 1500 and not t.errors
    b.feed(too_big(68))
    assert mtu(path) == 552
    path.begin()
    path.send(99, 100, -1)
    b.poll()
    assert b.take()[0].frag == 0, "DF"
    assert len(t.errors) == 1


def test_small_datagram_for_a_smaller_link():
    b, t, path = bench()
    b.feed(too_big(296, total=400))
    assert mtu(path) == 552 and len(t.errors) == 1
    path.begin()
    path.send(99, 380, -1)
    b.poll()
    assert b.take()[0].frag == 0, "it would never arrive with DF set"


def test_hostile_19_what_was_not_sent():
    # RFC 5927 §7.2: only the transport knows what is on its way.
    b, t, path = bench()
    b.drops(
        "icmp_drop_mtu",
        too_big(1400, payload=b"yours..."),
        too_big(1400, frag=0),  # it had no DF, or is no datagram of ours
    )
    b.drops("icmp_drop_quote", too_big(1400, src=PEER), too_big(1400, frag=DF | 1))
    b.drops("icmp_drop_quote", too_big(1400, proto=98))
    assert mtu(path) == 1500 and not t.errors and not len(b.stack.ip.pmtu)


def test_hostile_19_udp():
    # Its datagrams may be fragmented on the way: nobody has a reason to complain.
    b, t, _ = bench()
    endpoint = b.stack.udp.open(0, 7)
    endpoint.connect(FAR, 9)
    endpoint.send(bytes(1400))
    b.poll()
    (p,) = b.take()
    assert p.frag == 0
    b.drops("icmp_drop_mtu", ipv4(icmp(3, 4, 600, p.frame[14:]), 1, src=ROUTER))
    assert endpoint.take_error() == 0 and not len(b.stack.ip.pmtu)
    # What others have learnt spares the routers the work.
    b.feed(too_big(1000))
    endpoint.send(bytes(1400))
    b.poll()
    assert [p.total for p in b.take()] == [996, 452]


def test_mtu_is_forgotten_after_ten_minutes():
    # RFC 1191 §6.3
    b, t, path = bench()
    b.feed(too_big(1400))
    b.poll(300 * SECOND)
    b.meet(ROUTER, ROUTER_MAC)
    b.feed(too_big(1300, dst=OTHER))
    b.poll(299 * SECOND)
    assert mtu(path) == 1400
    b.poll(2 * SECOND)
    assert mtu(path) == 1500 and b.stack.ip.path(OTHER).mtu == 1300
    b.poll(300 * SECOND)
    assert len(b.stack.ip.pmtu) == 0 and b.stack.ip.path(OTHER).mtu == 1500


def test_table_is_bounded():
    b, t, path = bench()
    b.feed(too_big(1400))
    for i in range(1, 300):
        b.poll(1000)
        b.feed(too_big(1400, dst=FAR + i))
    assert len(b.stack.ip.pmtu) == 64
    assert b.stack.ip.path(FAR + 299).mtu == 1400 and mtu(path) == 1500, "the oldest goes"


def test_mtu_of_the_interface():
    b, t, path = bench()
    b.iface.set_mtu(1200)
    assert mtu(path) == 1200
    b.feed(too_big(1300))
    assert mtu(path) == 1200
    b.iface.set_mtu(1500)
    assert mtu(path) == 1300
    for bad in (67, 0, -1, 1501, 65535):
        try:
            b.iface.set_mtu(bad)
        except ValueError:
            continue
        assert False, bad
    assert b.iface.mtu == 1500
