# Frostnet: tests of multicast groups and IGMP
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct
from errno import EINVAL

from frostnet.wire import igmp as wire
from ipbench import MAC, OTHER, PEER, Bench, Port, heap, ip, ipv4, noise, raises, sum16
from ipbench import udp_frame
from simwire import Rng

_ENODEV = 19
_EADDRNOTAVAIL = 99
_ENOBUFS = 105
SECOND = 1_000_000
GROUP = ip("239.1.2.3")
MDNS = ip("224.0.0.251")
ALL_HOSTS = ip("224.0.0.1")
ROUTERS = ip("224.0.0.2")
REPORTS = ip("224.0.0.22")

IS_INCLUDE, IS_EXCLUDE, TO_INCLUDE, TO_EXCLUDE = 1, 2, 3, 4


def mac_of(group):
    return b"\x01\x00\x5e" + (group & 0x7FFFFF).to_bytes(3, "big")


def message(kind, code, group, rest=b"", check=None):
    data = struct.pack(">BBHI", kind, code, 0, group) + rest
    check = sum16(data) if check is None else check
    return data[:2] + struct.pack(">H", check) + data[4:]


def frame(data, dst=ALL_HOSTS, src=PEER, ttl=1, alert=True):
    options = b"\x94\x04\0\0" if alert else b""
    return ipv4(data, 2, src, dst, ttl=ttl, mac=mac_of(dst), options=options)


def query(group=0, code=100, version=3, sources=(), qrv=2, qqic=125, **kw):
    rest = b""
    if version == 3:
        rest = struct.pack(">BBH", qrv, qqic, len(sources))
        rest += b"".join(struct.pack(">I", s) for s in sources)
    elif version == 1:
        code = 0
    return frame(message(0x11, code, group, rest), group or ALL_HOSTS, **kw)


class Sent:
    """An IGMP message that the stack sent; what every one must have is checked here."""

    def __init__(self, f):
        assert f[12:14] == b"\x08\x00" and f[14] == 0x46 and f[22] == 1 and f[23] == 2
        assert f[15] == 0xC0, "type of service (RFC 3376 §4)"
        assert f[34:38] == b"\x94\x04\0\0", "router alert (RFC 2236 §2)"
        assert sum16(f[14:38]) == 0 and f[6:12] == MAC
        assert (f[16] << 8 | f[17]) == len(f) - 14
        self.src, self.dst = struct.unpack(">II", f[26:34])
        assert f[:6] == mac_of(self.dst), "RFC 1112 §6.4"
        data = f[38:]
        assert sum16(data) == 0
        self.kind = data[0]
        self.group = struct.unpack(">I", data[4:8])[0]
        self.records = []
        if self.kind == 0x22:
            assert self.dst == REPORTS
            at = 8
            for _ in range(data[6] << 8 | data[7]):
                kind, aux, n, group = struct.unpack(">BBHI", data[at : at + 8])
                sources = struct.unpack(">%dI" % n, data[at + 8 : at + 8 + 4 * n])
                assert aux == 0
                self.records.append((kind, group, sources))
                at += 8 + 4 * n
            assert at == len(data)
        else:
            assert len(data) == 8


class Router(Bench):
    """A bench that takes the IGMP messages out of what the stack sends."""

    def messages(self, us=0):
        self.poll(us)
        sent = [f for f in self.port.sent if f[12:14] == b"\x08\x00" and f[23] == 2]
        self.port.sent = []
        return [Sent(f) for f in sent]

    def hear(self, *frames):
        self.port.sent = []
        for f in frames:
            self.port.inject(f)
        return self.messages()

    def records(self, us=0):
        return [r for m in self.messages(us) for r in m.records]


def test_join_and_leave():
    # RFC 3376 §5.1: state changes are reported at once, and once more within a second.
    b = Router()
    igmp = b.stack.ip.igmp
    assert igmp.join(GROUP) is b.iface
    assert b.records() == [(TO_EXCLUDE, GROUP, ())]
    assert b.records(SECOND) == [(TO_EXCLUDE, GROUP, ())], "robustness"
    assert b.records(300 * SECOND) == []
    igmp.leave(GROUP, b.iface)
    assert b.records() == [(TO_INCLUDE, GROUP, ())]
    assert b.records(SECOND) == [(TO_INCLUDE, GROUP, ())]
    assert b.records(300 * SECOND) == []
    raises(_EADDRNOTAVAIL, igmp.leave, GROUP, b.iface)


def test_retransmission_has_the_newest_state():
    # RFC 3376 §5.1: a change in between makes the pending report obsolete.
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    igmp.leave(GROUP, b.iface)
    kinds = [r[0] for r in b.records(2 * SECOND)]
    assert kinds == [TO_EXCLUDE, TO_INCLUDE, TO_INCLUDE]


def test_users_of_a_group_are_counted():
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    igmp.join(GROUP)
    assert len(b.records(2 * SECOND)) == 2
    igmp.leave(GROUP, b.iface)
    assert not b.records(2 * SECOND) and GROUP in b.iface.groups
    igmp.leave(GROUP, b.iface)
    assert len(b.records(2 * SECOND)) == 2 and GROUP not in b.iface.groups


def test_errors():
    b = Router()
    igmp = b.stack.ip.igmp
    for bad in (PEER, 0, 0xFFFFFFFF, ip("240.0.0.1"), ip("223.255.255.255")):
        raises(EINVAL, igmp.join, bad)
    b.iface.set_up(False)
    raises(_ENODEV, igmp.join, GROUP)
    b.iface.set_up(True)
    for i in range(32):
        igmp.join(GROUP + i)
    raises(_ENOBUFS, igmp.join, GROUP + 32)
    igmp.join(GROUP)  # another user of one is none


def test_all_hosts_is_never_reported():
    # RFC 3376 §5; RFC 2236 §6
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(ALL_HOSTS)
    assert not b.records(2 * SECOND)
    assert not b.hear(query(), query(ALL_HOSTS)) and not b.messages(20 * SECOND)
    b.hear(query(version=2))
    assert not b.messages(20 * SECOND)
    igmp.leave(ALL_HOSTS, b.iface)
    assert not b.messages(20 * SECOND)
    endpoint = b.stack.udp.open(0, 7)
    b.feed(udp_frame(b"x", 7, dst=ALL_HOSTS, mac=mac_of(ALL_HOSTS)))
    assert endpoint.available(), "everybody is in it, members or not"


def test_general_query_is_answered_after_a_random_time():
    # RFC 3376 §5.2: one report of all groups, after 0 to the given time.
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    igmp.join(MDNS)
    b.messages(2 * SECOND)
    times = set()
    for _ in range(20):
        assert not b.hear(query(code=50))
        begin = b.now
        when = b.poll()
        assert 0 <= when - begin < 5 * SECOND
        times.add((when - begin) // 100_000)
        (m,) = b.messages(5 * SECOND)
        assert sorted(m.records) == [(IS_EXCLUDE, MDNS, ()), (IS_EXCLUDE, GROUP, ())]
    assert len(times) > 12, "they are not random"
    igmp.leave(GROUP, b.iface)
    igmp.leave(MDNS, b.iface)
    b.messages(2 * SECOND)
    b.hear(query())
    assert not b.messages(20 * SECOND), "nothing to say"


def test_group_specific_query():
    b = Router()
    b.stack.ip.igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.hear(query(GROUP, code=10))
    assert b.records(SECOND) == [(IS_EXCLUDE, GROUP, ())]
    b.hear(query(MDNS, code=10))
    assert not b.records(10 * SECOND), "not a member"
    # RFC 3376 §5.2 rule 1: an answer about everything that comes sooner is enough.
    b.hear(query(code=1), query(GROUP, code=255))
    assert b.records(60 * SECOND) == [(IS_EXCLUDE, GROUP, ())]


def test_query_about_sources():
    # RFC 3376 §5.2: we hear all of them.
    b = Router()
    b.stack.ip.igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.hear(query(GROUP, code=10, sources=(PEER, OTHER)))
    assert b.records(SECOND) == [(IS_INCLUDE, GROUP, (PEER, OTHER))]
    b.hear(query(GROUP, code=10, sources=(PEER,)), query(GROUP, code=10, sources=(OTHER, PEER)))
    ((kind, group, sources),) = b.records(SECOND)
    assert kind == IS_INCLUDE and sorted(sources) == sorted((PEER, OTHER))
    # Rule 4: a query about the group as a whole takes them in.
    b.hear(query(GROUP, code=10, sources=(PEER,)), query(GROUP, code=10))
    assert b.records(SECOND) == [(IS_EXCLUDE, GROUP, ())]
    many = tuple(range(PEER, PEER + 100))
    b.hear(query(GROUP, code=10, sources=many))
    assert b.records(SECOND) == [(IS_EXCLUDE, GROUP, ())], "a superset of what was asked for"


def test_response_codes_that_are_floating_point():
    # RFC 3376 §4.1.1
    data = message(0x11, 0x80, 0, struct.pack(">BBH", 0, 0xFF, 0))
    assert wire.parse_query(data, 0, len(data)) == (3, 128 * 100_000, 0, 0, 31744, None)
    for code, tenths in ((0, 0), (1, 1), (127, 127), (0x8F, 248), (0x90, 256), (0xFF, 31744)):
        data = message(0x11, code, 0, struct.pack(">BBH", 2, 125, 0))
        assert wire.parse_query(data, 0, len(data))[1] == tenths * 100_000, code


def test_version_2_querier():
    # RFC 2236 §3, RFC 3376 §7.2.1
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    igmp.join(MDNS)
    b.messages(2 * SECOND)
    assert not b.hear(query(version=2, code=100))
    sent = b.messages(10 * SECOND)
    assert sorted((m.kind, m.dst, m.group) for m in sent) == [
        (0x16, MDNS, MDNS),
        (0x16, GROUP, GROUP),
    ]
    b.hear(query(GROUP, version=2, code=10))
    (m,) = b.messages(SECOND)
    assert (m.kind, m.dst) == (0x16, GROUP)
    # Leaving goes to all routers, joining is repeated within ten seconds.
    igmp.leave(GROUP, b.iface)
    (m,) = b.messages(20 * SECOND)
    assert (m.kind, m.dst, m.group) == (0x17, ROUTERS, GROUP)
    igmp.join(GROUP)
    assert [m.kind for m in b.messages(11 * SECOND)] == [0x16, 0x16]


def test_version_2_report_of_another_is_enough():
    # RFC 2236 §3: one member's report suffices, and who was not the last one leaves in silence.
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    b.messages(2 * SECOND)
    heard = frame(message(0x16, 0, GROUP), GROUP)
    b.hear(query(version=2))
    b.hear(heard)
    assert not b.messages(20 * SECOND)
    igmp.leave(GROUP, b.iface)
    assert not b.messages(20 * SECOND)
    # In version 3 there is no such thing (RFC 3376 §7.2.1).
    b = Router()
    b.stack.ip.igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.hear(query())
    b.hear(heard)
    assert b.records(20 * SECOND) == [(IS_EXCLUDE, GROUP, ())]


def test_version_1_querier():
    # RFC 2236 §4, RFC 3376 §7.2.1: reports of version 1, and nothing when leaving.
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.hear(query(version=1))
    (m,) = b.messages(10 * SECOND)
    assert (m.kind, m.dst) == (0x12, GROUP)
    igmp.leave(GROUP, b.iface)
    assert not b.messages(20 * SECOND)


def test_older_querier_is_forgotten():
    # RFC 3376 §8.12: robustness × query interval + response time = 260 s.
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.hear(query(version=2))
    b.messages(259 * SECOND)
    igmp.join(MDNS)
    assert {m.kind for m in b.messages()} == {0x16}
    b.messages(2 * SECOND)
    igmp.leave(MDNS, b.iface)
    assert {m.kind for m in b.messages()} == {0x22}
    # The oldest one decides.
    b.hear(query(version=1), query(version=2))
    assert b.iface.groups.version() == 1


def test_change_of_version_cancels_what_was_pending():
    b = Router()
    b.stack.ip.igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.hear(query(code=100))
    b.hear(query(GROUP, version=2, code=100))
    assert [m.kind for m in b.messages(20 * SECOND)] == [0x16]


def test_robustness_of_the_querier():
    # RFC 3376 §4.1.6: its variable becomes ours; 0 means the default.
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(MDNS)
    for qrv, times in ((5, 5), (1, 1), (0, 2)):
        b.hear(query(qrv=qrv))
        b.messages(20 * SECOND)
        igmp.join(GROUP)
        assert len(b.records(10 * SECOND)) == times, qrv
        igmp.leave(GROUP, b.iface)
        assert len(b.records(10 * SECOND)) == times


def test_reports_again_when_the_link_or_the_address_changes():
    b = Router()
    igmp = b.stack.ip.igmp
    igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.port.carrier = False
    b.messages(SECOND)
    b.port.carrier = True
    assert b.records(2 * SECOND) == [(TO_EXCLUDE, GROUP, ())] * 2
    b.iface.set_up(False)
    b.messages(SECOND)
    b.iface.set_up(True)
    assert b.records(2 * SECOND) == [(TO_EXCLUDE, GROUP, ())] * 2
    b.iface.set_address(OTHER, 24)
    sent = b.messages(2 * SECOND)
    assert [m.src for m in sent] == [OTHER, OTHER]


def test_join_without_an_address():
    # RFC 3376 §4.2.13: 0.0.0.0 is a valid source.
    b = Router(address=None, know=False)
    b.stack.ip.igmp.join(MDNS)
    (m,) = b.messages()
    assert m.src == 0


def test_full_device_is_no_catastrophe():
    b = Router()
    b.port.tx_room = 0
    b.stack.ip.igmp.join(GROUP)
    assert b.counters.igmp_tx_no_buffer == 1
    b.port.tx_room = 10
    assert b.records(2 * SECOND) == [(TO_EXCLUDE, GROUP, ())], "the repetition passes"


def test_many_groups_and_a_small_mtu():
    b = Router()
    b.iface.set_mtu(68)
    for i in range(32):
        b.stack.ip.igmp.join(GROUP + i)
    b.messages(2 * SECOND)
    b.hear(query())
    sent = b.messages(11 * SECOND)
    assert sorted(r[1] for m in sent for r in m.records) == [GROUP + i for i in range(32)]
    assert all(24 + 8 + 8 * len(m.records) <= 68 for m in sent)


def test_malformed_messages():
    b = Router()
    b.stack.ip.igmp.join(GROUP)
    b.messages(2 * SECOND)
    good = message(0x11, 100, 0, struct.pack(">BBH", 2, 125, 0))
    for n in range(1, 8):
        b.drops("igmp_drop_short", frame(good[:n]))
    for n in (9, 10, 11):  # RFC 3376 §7.1: neither version 2 nor 3
        data = message(0x11, 100, 0, bytes(n - 8))
        b.drops("igmp_drop_short", frame(data))
    for count in (1, 2, 300, 65535):
        data = message(0x11, 100, GROUP, struct.pack(">BBH", 2, 125, count))
        b.drops("igmp_drop_short", frame(data))
    # Sources of every group there is: makes no sense.
    data = message(0x11, 100, 0, struct.pack(">BBHI", 2, 125, 1, PEER))
    b.drops("igmp_drop_short", frame(data))
    b.drops("igmp_drop_checksum", frame(message(0x11, 100, 0, check=0x1234)))
    for kind in (0, 0x13, 0x14, 0x15, 0x17, 0x22, 0x24, 0xFF):
        b.drops("igmp_drop_type", frame(message(kind, 0, GROUP)))
    # From beyond the link; RFC 3376 §9.2 for reports.
    b.drops("igmp_drop_ttl", query(ttl=64), query(ttl=2))
    stranger = ip("192.168.7.7")
    b.drops("igmp_drop_source", frame(message(0x16, 0, GROUP), GROUP, src=stranger))
    assert not b.messages(30 * SECOND)


def test_query_of_a_switch_without_an_address():
    # RFC 4541 §2.1.1
    b = Router()
    b.stack.ip.igmp.join(GROUP)
    b.messages(2 * SECOND)
    b.hear(query(src=0))
    assert b.records(11 * SECOND) == [(IS_EXCLUDE, GROUP, ())]


def test_only_what_was_joined_is_received_and_where():
    b = Router()
    port = Port(b"\x02\x00\x00\x00\x01\x01")
    eth1 = b.stack.add(port, "eth1")
    eth1.set_address(ip("10.1.0.1"), 24)
    endpoint = b.stack.udp.open(0, 7)
    f = udp_frame(b"x", 7, dst=GROUP, mac=mac_of(GROUP))
    b.drops("ip_drop_not_ours", f)
    b.stack.ip.igmp.join(GROUP, b.iface)
    b.messages(2 * SECOND)
    b.feed(f)
    assert endpoint.available() == 1
    # RFC 1112 §7.2: groups are joined per interface.
    port.inject(f)
    b.poll()
    assert endpoint.available() == 1 and b.counters.ip_drop_not_ours == 2
    b.stack.ip.igmp.join(GROUP, eth1)
    b.stack.ip.igmp.leave(GROUP, b.iface)
    b.messages(2 * SECOND)
    port.inject(f)
    b.poll()
    assert endpoint.available() == 2
    b.drops("ip_drop_not_ours", f)
    # Another group that has the same hardware address.
    b.stack.ip.igmp.join(GROUP, b.iface)
    b.messages(2 * SECOND)
    twin = GROUP ^ 0x00800000
    b.drops("ip_drop_not_ours", udp_frame(b"x", 7, dst=twin, mac=mac_of(twin)))


def test_memory_returns():
    b = Router()
    igmp = b.stack.ip.igmp

    def cycle(n):
        for i in range(n):
            igmp.join(GROUP + i % 40)
            b.hear(query(GROUP + i % 40, code=1), query())
            igmp.leave(GROUP + i % 40, b.iface)
        b.messages(20 * SECOND)

    cycle(100)
    before = heap()
    cycle(300)
    assert before - heap() < 2048, before - heap()


def test_property_garbage():
    b = Router()
    b.stack.ip.igmp.join(GROUP)
    rng = Rng(4)
    for i in range(2000):
        data = bytearray(
            message(0x11, rng.below(256), (0, GROUP)[rng.below(2)], noise(rng, rng.below(40)))
        )
        if rng.below(2):
            data[rng.below(len(data))] = rng.below(256)
            data[2:4] = b"\0\0"
            data[2:4] = sum16(data).to_bytes(2, "big")
        b.hear(frame(bytes(data), (ALL_HOSTS, GROUP)[rng.below(2)]))
        b.messages(rng.below(100_000))
    b.meet()
    b.well()
    assert b.iface.groups.version() in (1, 2, 3)
