# Frostnet: tests of the DHCP server without I/O: formats, floods, and what is not DHCP
# MIT license; Copyright (c) 2026 The Frostnet authors

import random

from dhcpd.config import Config
from dhcpd.leases import BOUND, DECLINED, OFFERED, host_name
from dhcpd.server import Server
from frostnet.wire import dhcp, dhcp_reply
from frostnet.wire.addr import BROADCAST, parse

SERVER = parse("10.0.0.1")
FIRST = parse("10.0.0.100")
S = 1000000


def server(check=False, **options):
    options.setdefault("first", FIRST)
    options.setdefault("last", FIRST + 9)
    return Server(Config(SERVER, 24, **options), check)


def mac(n):
    return b"\x02\x00" + n.to_bytes(4, "big")


def request(kind, who, options=(), ciaddr=0, flags=0, giaddr=0, xid=7):
    buf = bytearray(1500)
    n = dhcp.begin(buf, kind, xid, 0, ciaddr, mac(who), bool(flags))
    dhcp.put32(buf, 24, giaddr)
    for code, value in options:
        value = value.to_bytes(4, "big") if isinstance(value, int) else value
        n = dhcp.put(buf, n, code, value)
    return bytes(buf[: dhcp.finish(buf, n)])


def say(s, data, now=0):
    """Give it a message; the replies as (Message, address, mac)."""
    s.input(data, 0, len(data), now)
    return heard(s)


def heard(s):
    found = []
    while True:
        item = s.output()
        if item is None:
            return found
        data, address, to = item
        found.append((data and dhcp.parse(data, 0, len(data)), address, to))


def lease(s, who, now=0):
    ((offer, _, _),) = say(s, request(dhcp.DISCOVER, who), now)
    options = [(dhcp.SERVER, SERVER), (dhcp.REQUESTED, offer.yiaddr)]
    ((ack, _, _),) = say(s, request(dhcp.REQUEST, who, options), now)
    assert ack.kind == dhcp.ACK and ack.yiaddr == offer.yiaddr
    return ack.yiaddr


def test_where_answers_go():
    # RFC 2131 §4.1
    s = server()
    ((offer, address, to),) = say(s, request(dhcp.DISCOVER, 1))
    assert offer.kind == dhcp.OFFER and (address, to) == (FIRST, mac(1))
    ((offer, address, to),) = say(s, request(dhcp.DISCOVER, 1, flags=1))
    assert (address, to) == (BROADCAST, b"\xff" * 6)
    lease(s, 1)
    ((ack, address, to),) = say(s, request(dhcp.REQUEST, 1, ciaddr=FIRST))
    assert ack.kind == dhcp.ACK and (address, to) == (FIRST, mac(1))
    assert dhcp.get32(dhcp_reply.build(ack, dhcp.ACK, 1, [], 548), 4) == 7
    options = [(dhcp.REQUESTED, parse("10.0.1.5"))]
    ((nak, address, to),) = say(s, request(dhcp.REQUEST, 1, options))
    assert nak.kind == dhcp.NAK and address == BROADCAST and nak.yiaddr == 0
    assert sorted(nak.options) == [dhcp.TYPE, dhcp.SERVER]  # table 3


def test_what_a_client_asks_for():
    # RFC 2132 §9.8, and §3.3: the mask before the routers; RFC 6842: the client's id comes back
    s = server(routers=[SERVER], dns=[SERVER], domain="lan", options={66: b"tftp"})
    wanted = bytes((dhcp.ROUTERS, 66, 200, dhcp.MASK, dhcp.ROUTERS))
    options = [(dhcp.WANTED, wanted), (dhcp.CLIENT_ID, b"\x00me")]
    ((offer, _, _),) = say(s, request(dhcp.DISCOVER, 1, options))
    codes = [dhcp.TYPE, dhcp.SERVER, dhcp.LEASE_TIME, dhcp.T1, dhcp.T2, dhcp.CLIENT_ID]
    codes += [dhcp.MASK, dhcp.ROUTERS, 66]
    assert sorted(offer.options) == sorted(codes)
    data = dhcp_reply.build(offer, dhcp.OFFER, 1, s.config.wanted(wanted), 548)
    data = bytes(data)
    assert data.find(b"\x01\x04\xff\xff\xff\x00") < data.find(b"\x03\x04\x0a\x00\x00\x01")
    assert offer.options[dhcp.CLIENT_ID] == b"\x00me"
    ((offer, _, _),) = say(s, request(dhcp.DISCOVER, 2))
    assert dhcp.DNS in offer.options and 66 not in offer.options


def test_options_that_do_not_fit_go_elsewhere():
    # RFC 2132 §9.3, and §9.10 for the size
    extra = {100 + i: bytes((i,)) * 100 for i in range(5)}
    s = server(options=extra)
    wanted = [(dhcp.WANTED, bytes(sorted(extra)))]
    ((offer, _, _),) = say(s, request(dhcp.DISCOVER, 1, wanted))
    assert offer.options[dhcp.OVERLOAD] == b"\x01"
    assert [code for code in sorted(extra) if code in offer.options] == [100, 101, 102]
    for code in (100, 101, 102):
        assert offer.options[code] == extra[code]
    wanted.append((dhcp.MAX_MESSAGE, b"\x05\xdc"))
    ((offer, _, _),) = say(s, request(dhcp.DISCOVER, 1, wanted))
    assert dhcp.OVERLOAD not in offer.options
    assert all(offer.options[code] == extra[code] for code in extra)


def test_client_ids():
    # §4.2: a client is who it says it is, whatever card it uses
    s = server()
    options = [(dhcp.CLIENT_ID, b"\x00one")]
    ((first, _, _),) = say(s, request(dhcp.DISCOVER, 1, options))
    ((again, _, _),) = say(s, request(dhcp.DISCOVER, 2, options))
    assert first.yiaddr == again.yiaddr == FIRST
    ((other, _, _),) = say(s, request(dhcp.DISCOVER, 2))
    assert other.yiaddr == FIRST + 1


def test_a_flood_of_discovers_keeps_nobody_out():
    # Offers that nobody takes are offered to others: the table ends with the pool.
    s = server()
    mine = lease(s, 1)
    for i in range(5000):
        ((offer, _, _),) = say(s, request(dhcp.DISCOVER, 100 + i), i)
        assert offer.yiaddr != mine
    assert len(s.leases) == 10
    second = lease(s, 2, 5000)
    assert second != mine
    # What was offered meanwhile to another is still had by who asks for it first
    ((offer, _, _),) = say(s, request(dhcp.DISCOVER, 3), 5001)
    for i in range(20):
        say(s, request(dhcp.DISCOVER, 9000 + i), 5002 + i)
    options = [(dhcp.SERVER, SERVER), (dhcp.REQUESTED, offer.yiaddr)]
    ((ack, _, _),) = say(s, request(dhcp.REQUEST, 3, options), 6000)
    assert ack.kind == dhcp.ACK and len(s.leases) == 10
    ((ack, _, _),) = say(s, request(dhcp.REQUEST, 1, ciaddr=mine), 6000)
    assert ack.kind == dhcp.ACK


def test_checks_are_bounded():
    s = server(check=True, first=parse("10.0.0.10"), last=parse("10.0.0.200"))
    now = 0
    probes = offers = 0
    for i in range(100):
        for reply, _, _ in say(s, request(dhcp.DISCOVER, i), now):
            probes += reply is None
            offers += reply is not None
    assert probes == 16 and offers == 84
    while s.deadline is not None:
        now = s.deadline
        s.tick(now)
        for reply, _, _ in heard(s):
            probes += reply is None
            offers += reply is not None
    assert probes == 32 and offers == 100 and now == 500000


def test_the_client_itself_is_no_conflict():
    s = server(check=True)
    ((probe, address, _),) = say(s, request(dhcp.DISCOVER, 1))
    assert probe is None and s.checking(address)
    s.conflict(address, mac(1), 1)
    assert s.checking(address)
    s.conflict(address, mac(9), 1)
    ((probe, other, _),) = heard(s)
    assert other == address + 1 and s.leases.all(1)[0].state == DECLINED
    s.conflict(parse("10.0.0.77"), mac(9), 1)  # nobody asked


def test_declines_do_not_use_the_pool_up():
    # One that declines whatever it gets has all of it in quarantine. With a check they are tried
    # again when nothing else is left.
    for check in (False, True):
        s = server(check=check)
        for i in range(10):
            say(s, request(dhcp.DISCOVER, 1), 0)
            (found,) = [x for x in s.leases.all(0) if x.key is not None]
            options = [(dhcp.SERVER, SERVER), (dhcp.REQUESTED, found.addr)]
            say(s, request(dhcp.REQUEST, 1, options), 0)
            say(s, request(dhcp.DECLINE, 1, options), 0)
        assert s.counters["declines"] == 10
        replies = say(s, request(dhcp.DISCOVER, 2), S)
        assert [r[0] for r in replies] == ([None] if check else [])
        assert s.counters["exhausted"] == (not check)
        for now in (2 * S, 3 * S):
            s.tick(now)
        assert heard(s) or say(s, request(dhcp.DISCOVER, 2), 601 * S)


def test_nobody_gives_back_what_is_not_his():
    # §4.3.3, §4.3.4
    s = server()
    address = lease(s, 1)
    ours = (dhcp.SERVER, SERVER)
    for data in (
        request(dhcp.RELEASE, 2, [ours], ciaddr=address),
        request(dhcp.RELEASE, 1, [ours], ciaddr=address + 1),
        request(dhcp.RELEASE, 1, ciaddr=address),
        request(dhcp.DECLINE, 2, [ours, (dhcp.REQUESTED, address)]),
        request(dhcp.DECLINE, 1, [ours, (dhcp.REQUESTED, address + 1)]),
        request(dhcp.DECLINE, 1, [(dhcp.REQUESTED, address)]),
        request(dhcp.REQUEST, 1, [ours]),
        request(dhcp.REQUEST, 1),
        request(dhcp.REQUEST, 1, [ours, (dhcp.REQUESTED, address)], ciaddr=address),
    ):
        assert not say(s, data)
    assert s.leases.find(b"\x01" + mac(1)).state == BOUND
    assert s.counters["drop_invalid"] == 9
    # Another's address is refused
    options = [ours, (dhcp.REQUESTED, address)]
    for data in (
        request(dhcp.REQUEST, 2, options),
        request(dhcp.REQUEST, 2, ciaddr=address),
        request(dhcp.REQUEST, 2, [ours, (dhcp.REQUESTED, SERVER)]),
        request(dhcp.REQUEST, 2, [ours, (dhcp.REQUESTED, parse("10.0.0.50"))]),
    ):
        ((reply, _, _),) = say(s, data)
        assert reply.kind == dhcp.NAK


def test_what_is_not_for_us():
    s = server()
    assert not say(s, request(dhcp.DISCOVER, 1, giaddr=parse("10.5.0.1")))
    assert not say(s, request(dhcp.DISCOVER, 1, [(dhcp.SERVER, parse("10.0.0.9"))]))
    assert not say(s, request(dhcp.OFFER, 1))
    assert not say(s, request(dhcp.INFORM, 1, ciaddr=parse("10.5.0.1")))
    assert not say(s, request(dhcp.INFORM, 1))
    assert not say(s, request(dhcp.REQUEST, 1, ciaddr=parse("10.5.0.1")))
    assert not say(s, request(dhcp.REQUEST, 1, [(dhcp.REQUESTED, FIRST)]))
    counters = s.counters
    assert counters["drop_relayed"] == counters["drop_elsewhere"] == 1
    assert counters["drop_malformed"] == 1 and counters["drop_unknown"] == 2
    group = bytearray(request(dhcp.DISCOVER, 1))
    group[28] = 1  # a group's address
    assert not say(s, bytes(group)) and counters["drop_malformed"] == 2


def test_noise():
    rand = random.Random() if hasattr(random, "Random") else random
    rand.seed(7)
    s = server(check=True)
    seeds = [
        request(kind, 1, [(dhcp.SERVER, SERVER), (dhcp.REQUESTED, FIRST), (dhcp.HOSTNAME, b"x")])
        for kind in range(1, 9)
    ]
    now = 0
    for i in range(4000):
        data = bytearray(seeds[i & 7])
        for _ in range(rand.getrandbits(3)):
            at = rand.getrandbits(12) % len(data)
            data[at] = rand.getrandbits(8)
        end = len(data) if i & 1 else rand.getrandbits(12) % len(data)
        s.input(data, 0, end, now)
        for address in list(s._checks):
            if not rand.getrandbits(2):
                s.conflict(address, mac(5), now)
        if s.deadline is not None and s.deadline <= now:
            s.tick(now)
        heard(s)
        now += rand.getrandbits(20)
        assert len(s.leases) <= 10
        assert len(s.leases._by_key) <= 10 and len(s.leases._names) <= 10


def test_leases_are_in_step():
    # Whatever happens: of two clients none has the address of another.
    rand = random.Random() if hasattr(random, "Random") else random
    rand.seed(3)
    s = server(time=60)
    has = {}
    now = 0
    for _ in range(4000):
        now += rand.getrandbits(23)
        who = rand.getrandbits(4)
        has = {k: v for k, v in has.items() if v[1] > now}
        address = has.get(who, (0, 0))[0]
        if not address:
            replies = say(s, request(dhcp.DISCOVER, who), now)
            if not replies:
                assert len(has) == 10
                continue
            options = [(dhcp.SERVER, SERVER), (dhcp.REQUESTED, replies[0][0].yiaddr)]
            ((ack, _, _),) = say(s, request(dhcp.REQUEST, who, options), now)
        elif rand.getrandbits(2):
            ((ack, _, _),) = say(s, request(dhcp.REQUEST, who, ciaddr=address), now)
        else:
            say(s, request(dhcp.RELEASE, who, [(dhcp.SERVER, SERVER)], ciaddr=address), now)
            del has[who]
            continue
        assert ack.kind == dhcp.ACK
        assert ack.yiaddr not in [v[0] for k, v in has.items() if k != who]
        has[who] = ack.yiaddr, now + 60 * S
    assert OFFERED not in [x.state for x in s.leases.all(now + 100 * S)]


def test_host_names():
    for raw, name in (
        (b"pump", "pump"),
        (b"PUMP.lan\0", "pump"),
        (b"a-1", "a-1"),
        (b"-a", ""),
        (b"a-", ""),
        (b"", ""),
        (b".", ""),
        (b"\xff", ""),
        (b"a b", ""),
        (b"x" * 63, "x" * 63),
        (b"x" * 64, ""),
        (b"localhost", ""),
        (b"wpad", ""),
    ):
        assert host_name(raw) == name, raw


def test_pools():
    for text, prefix, first, last in (
        ("10.0.0.1", 24, "10.0.0.100", "10.0.0.199"),
        ("10.1.2.3", 16, "10.1.0.100", "10.1.0.199"),
        ("10.0.0.1", 28, "10.0.0.1", "10.0.0.14"),
        ("10.0.0.6", 30, "10.0.0.5", "10.0.0.6"),
    ):
        config = Config(parse(text), prefix)
        assert (config.first, config.last) == (parse(first), parse(last))
    s = Server(Config(parse("10.0.0.5"), 30), False)
    ((offer, _, _),) = say(s, request(dhcp.DISCOVER, 1))
    assert offer.yiaddr == parse("10.0.0.6")
    assert not say(s, request(dhcp.DISCOVER, 2)) or s.counters["offers"] == 2
    try:
        Config(parse("10.0.0.5"), 31)
        raise AssertionError
    except ValueError as e:
        assert "no room" in str(e)
