# Frostnet: hostile input, lines 44 to 46: DHCP
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import frames as f
from frames import ALL, BROADCAST, ME, ME_MAC, PEER
from frostnet.dhcp import Client
from rig import MINUTE, SECOND, Rig

DISCOVER, OFFER, REQUEST, DECLINE, REPLY, NAK = 1, 2, 3, 4, 5, 6
FOREVER = b"\xff\xff\xff\xff"
MAGIC = b"\x63\x82\x53\x63"


def opt(code, data):
    return bytes((code, len(data))) + data


def quad(addr):
    return addr.to_bytes(4, "big")


class Server:
    """A DHCP server by hand, at PEER; what the host asks is in `asked`: (type, xid, options)."""

    def __init__(self, r):
        self.r = r
        self.xid = 0
        self.client = Client(r.stack, r.iface)

    def requests(self, out):
        """[(type, options)] of what the host asked; the last one's number is kept."""
        found = []
        for p in out:
            if p.kind == f.ARP or p.proto != 17 or p.dport != 67:
                continue
            d = p.data
            assert len(d) >= 300 and d[0] == 1 and d[28:34] == ME_MAC and d[236:240] == MAGIC
            self.xid = int.from_bytes(d[4:8], "big")
            options = {}
            at = 240
            while d[at] != 255:
                if d[at]:
                    options[d[at]] = d[at + 2 : at + 2 + d[at + 1]]
                    at += d[at + 1] + 1
                at += 1
            found.append((options[53][0], options))
        return found

    def wait(self, kind, limit=10 * MINUTE):
        """Run until the host sends a message of this kind; returns its options."""
        end = self.r.now + limit
        while self.r.now < end:
            for found, options in self.requests(self.r.run(SECOND)):
                if found == kind:
                    return options
        raise AssertionError("no message %d in %d s" % (kind, limit // SECOND))

    def message(self, kind, more=b"", op=2, htype=1, hlen=6, xid=None, yiaddr=ME, mac=ME_MAC,
                magic=MAGIC, end=b"\xff", plain=False, sname=bytes(64),
                file=bytes(128)):  # fmt: skip
        """A reply; without `plain` it has its server's name, a mask and no end of its lease."""
        body = struct.pack(
            ">BBBBIHHIIII", op, htype, hlen, 0, self.xid if xid is None else xid, 0, 0x8000, 0,
            yiaddr, 0, 0
        )  # fmt: skip
        body += mac + bytes(10) + sname + file + magic
        if kind is not None:
            body += opt(53, bytes((kind,)))
        if not plain:
            body += opt(54, quad(PEER)) + opt(51, FOREVER)
            if 1 not in more[:1]:
                body += opt(1, b"\xff\xff\xff\x00")
        return body + more + end

    def frame(self, *args, **fields):
        return self.carry(self.message(*args, **fields))

    def carry(self, body, src=PEER):
        return f.udp(67, 68, body, src=src, dst=ALL, eth_dst=BROADCAST)

    def bind(self, more=b"", **fields):
        """Whatever state the host is in: it gets its lease."""
        client = self.client
        if not client.state:
            client.start(self.r.now)
        end = self.r.now + 20 * MINUTE
        out = self.r.poll()
        while not self.bound():
            for kind, _ in self.requests(out):
                answer = OFFER if kind == DISCOVER else REPLY
                if kind in (DISCOVER, REQUEST):
                    self.requests(self.r.send(self.frame(answer, more, **fields)))
            assert self.r.now < end, "no lease in 20 minutes"
            out = self.r.run(SECOND)
        self.r.run(MINUTE)

    def bound(self):
        return self.client.lease is not None and self.r.iface.addr == self.client.lease.addr

    def restart(self):
        """The host asks for an address again; it has sent its DISCOVER."""
        if self.client.state:
            self.client.stop(self.r.now)
        self.r.run(SECOND)
        self.client.start(self.r.now)
        self.wait(DISCOVER)


def hostile(test):
    """As rig.hostile(), on a host that has its address by DHCP."""

    def run():
        r = Rig(addr=0)
        s = Server(r)
        s.bind(opt(3, quad(f.ROUTER)))
        r.stack.tcp.connect(0x7F000001, 9999)
        r.check()
        r.calm()
        before = r.heap()
        test(r, s)
        if s.client.state:
            s.client.stop(r.now)
        s.bind(opt(3, quad(f.ROUTER)))
        r.check()
        r.calm()
        grown = r.heap() - before
        assert abs(grown) <= 2048, "the heap is %d bytes larger than before" % grown

    return run


def ignored(r, s, frame, name=None):
    """The host goes on waiting: no answer, no address; the drop is counted."""
    before = r.drops()
    out = s.requests(r.send(frame))
    assert not out and not s.bound() and not r.iface.addr, out
    after = r.drops()
    moved = [k for k, n in after.items() if n != before.get(k, 0)]
    assert len(moved) == 1 and ("dhcp_drop" in moved[0] if name is None else moved == [name]), (
        moved
    )


@hostile
def test_44_offers_for_others(r, s):
    s.restart()
    ignored(r, s, s.frame(OFFER, xid=s.xid ^ 1))
    ignored(r, s, s.frame(OFFER, xid=0))
    ignored(r, s, s.frame(OFFER, mac=b"\x52\x54\x00\x12\x34\x57"))
    ignored(r, s, s.frame(OFFER, mac=BROADCAST))
    ignored(r, s, s.frame(OFFER, op=1))
    ignored(r, s, s.frame(OFFER, op=0))
    ignored(r, s, s.frame(OFFER, op=3))
    ignored(r, s, s.frame(OFFER, htype=6))
    ignored(r, s, s.frame(OFFER, hlen=16))
    ignored(r, s, s.frame(OFFER, hlen=255))
    for magic in (bytes(4), b"\x63\x82\x53\x64", b"\x63\x53\x82\x63"):
        ignored(r, s, s.frame(OFFER, magic=magic))
    ignored(r, s, s.frame(None))
    for kind in (0, DISCOVER, REQUEST, DECLINE, REPLY, NAK, 7, 8, 9, 255):
        ignored(r, s, s.frame(kind))
    ignored(r, s, s.carry(s.message(None, opt(53, b""))))
    ignored(r, s, s.carry(s.message(None, opt(53, b"\x02\x02"))))
    # Without a server's name, and from no one who could be one.
    ignored(r, s, s.frame(OFFER, opt(1, b"\xff\xff\xff\x00"), plain=True))
    for server in (0, ALL, 0xE0000001, 0x7F000001):
        more = opt(1, b"\xff\xff\xff\x00") + opt(54, quad(server))
        ignored(r, s, s.frame(OFFER, more, plain=True))
    for n in (0, 1, 3, 5, 8):
        more = opt(1, b"\xff\xff\xff\x00") + opt(54, bytes(range(1, n + 1)))
        ignored(r, s, s.frame(OFFER, more, plain=True))


@hostile
def test_44_addresses_that_no_host_can_have(r, s):
    # CVE-2019-12264
    s.restart()
    for yiaddr in (0, ALL, 0xE0000001, 0xEFFFFFFF, 0xF0000001, 0x7F000001, 0x0A000000,
                   0x0A0000FF):  # fmt: skip
        ignored(r, s, s.frame(OFFER, yiaddr=yiaddr), "dhcp_drop_unusable")
    # The same in the ACK, whose offer was good.
    assert s.requests(r.send(s.frame(OFFER)))[0][0] == REQUEST
    for yiaddr in (0, ALL, 0xE0000001, 0x0A000000, 0x0A0000FF, 0x0A000077):
        ignored(r, s, s.frame(REPLY, yiaddr=yiaddr))


@hostile
def test_44_lengths(r, s):
    s.restart()
    whole = s.message(OFFER)
    for n in (0, 1, 27, 28, 33, 44, 235, 236, 239, 240):
        ignored(r, s, s.carry(whole[:n]))
    for n in range(241, 249):  # up to the end of the server's name
        assert not s.requests(r.send(s.carry(whole[:n]))), n
    assert not s.bound()


@hostile
def test_45_options_that_end_early(r, s):
    s.restart()
    for tail in (
        b"\x06",
        b"\x06\x01",
        b"\x06\x05\x0a\x00\x00\x01",
        b"\x06\xff",
        b"\x0c\xff" + bytes(254),
    ):
        ignored(r, s, s.frame(OFFER, tail, end=b""), "dhcp_drop_malformed")
    # Without END, and in a flood of PAD: taken (LW test_dhcp_nak_no_endmarker).
    assert s.requests(r.send(s.frame(OFFER, end=b"")))[0][0] == REQUEST
    s.restart()
    assert s.requests(r.send(s.frame(OFFER, bytes(900))))[0][0] == REQUEST
    # A thousand empty options.
    s.restart()
    s.requests(r.send(s.frame(OFFER, opt(200, b"") * 500)))


@hostile
def test_45_overload(r, s):
    # RFC 2131 §4.1; LW test_dhcp_invalid_overload: fields that send each other around.
    loop = opt(52, b"\x03") + b"\xff"
    pad64 = bytes(64 - len(loop))
    for value in (b"\x00", b"\x04", b"\xff", b"", b"\x01\x01"):
        s.restart()
        out = s.requests(r.send(s.frame(OFFER, opt(52, value))))
        assert not out or out[0][0] == REQUEST
    for value in (1, 2, 3):
        s.restart()
        out = s.requests(r.send(s.frame(
            OFFER, opt(52, bytes((value,))), sname=loop + pad64, file=loop + bytes(128 - len(loop))
        )))  # fmt: skip
        assert not out or out[0][0] == REQUEST
        # Options beyond the end of their field.
        s.restart()
        out = s.requests(r.send(s.frame(
            OFFER, opt(52, bytes((value,))), sname=bytes(62) + b"\x06\x40",
            file=bytes(126) + b"\x06\xff"
        )))  # fmt: skip
        assert not out


@hostile
def test_45_values_of_options(r, s):
    # Whatever is in them: the lease is taken without the nonsense, or not taken.
    values = (
        opt(1, b"\xff\x00\xff\x00"),  # netmasks that are none, SM #843
        opt(1, b"\x00\x00\x00\x00"),
        opt(1, b"\xff\xff\xff\xff"),
        opt(1, b"\xff\xff\xff"),
        opt(1, b"\xff\xff\xff\x00\x00"),
        opt(1, b""),
        opt(3, b""),
        opt(3, b"\x0a\x00"),
        opt(3, quad(f.ROUTER) + b"\x0a"),
        opt(3, quad(0) + quad(ALL) + quad(0xE0000001)),
        opt(3, quad(ME)),
        opt(3, quad(f.FAR)),
        opt(3, quad(f.ROUTER) * 63),
        opt(6, quad(PEER) * 63),
        opt(6, bytes(255)),
        opt(6, b"\x0a\x00\x00"),
        b"".join([opt(6, quad(0x0A000003 + i) * 50) for i in range(5)]),  # 250 DNS servers
        opt(12, b"h" * 255),
        opt(12, bytes(255)),
        opt(12, b"\xff" * 200),
        opt(12, b"a b\r\nc"),
        opt(15, b"d" * 255),
        opt(15, b".." * 100),
        opt(15, b"\x00"),
        opt(26, b"\x00\x00"),
        opt(26, b"\x00\x44"),
        opt(26, b"\xff\xff"),
        opt(26, b"\x05"),
        opt(28, quad(0)),
        opt(28, b"\x0a\x00"),
        opt(42, b"\x0a\x00\x00"),
        opt(43, bytes(255)),
        opt(51, b"\x00\x00"),
        opt(58, b"\x01"),
        opt(61, bytes(200)),
        opt(119, b"\xc0\x00" * 20),  # search list, compressed into itself
        opt(119, b"\x3f" + bytes(20)),
        opt(121, b"\x21" + bytes(8)),  # classless routes with a prefix of 33
        opt(121, b"\xff" + bytes(8)),
        opt(121, b"\x18\x0a\x00"),
        opt(121, b"\x00" + quad(0)),
        opt(121, b"\x00" + quad(f.ROUTER) + b"\x20"),
        opt(121, b"\x20" * 255),
    )
    for value in values:
        s.restart()
        out = s.requests(r.send(s.frame(OFFER, value)))
        if out:
            assert out[0][0] == REQUEST, value
            r.send(s.frame(REPLY, value))
            r.run(20 * SECOND)
        if s.bound():
            assert r.iface.addr == ME and 1 <= r.iface.prefixlen <= 32
            assert r.iface.mtu >= 68 and len(s.client.lease.dns) <= 8
            assert len(list(r.stack.ip.routes)) <= 80
            assert r.iface.prefixlen == 32 or r.send(f.echo()), value


@hostile
def test_46_times(r, s):
    # SM #1029: T1 > T2 > lease. A lease of 0 or 1 s must not make a flood of requests.
    for lease, t1, t2 in (
        (0, None, None),
        (1, None, None),
        (2, 1, 1),
        (100, 200, 300),
        (100, 90, 50),
        (100, 0, 0),
        (0xFFFFFFFF, 0, 0),
        (0xFFFFFFFF, 10, 20),
        (0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF),
        (0x80000000, None, None),
    ):
        more = (
            opt(1, b"\xff\xff\xff\x00") + opt(54, quad(PEER)) + opt(51, lease.to_bytes(4, "big"))
        )
        if t1 is not None:
            more += opt(58, t1.to_bytes(4, "big")) + opt(59, t2.to_bytes(4, "big"))
        s.restart()
        out = s.requests(r.send(s.frame(OFFER, more, plain=True)))
        if not out:
            continue
        r.send(s.frame(REPLY, more, plain=True))
        asked = 0
        for _ in range(60):
            found = s.requests(r.run(SECOND))
            asked += len(found)
            if found and found[-1][0] == REQUEST:
                r.send(s.frame(REPLY, more, plain=True))
        assert asked <= 30, "%d requests in a minute for a lease of %d s" % (asked, lease)


@hostile
def test_46_nak_flood(r, s):
    # A server that offers and then refuses, again and again.
    s.restart()
    asked = 0
    more = opt(54, quad(PEER))
    for _ in range(600):
        for kind, _ in s.requests(r.run(SECOND)):
            asked += 1
            if kind == DISCOVER:
                r_out = s.requests(r.send(s.frame(OFFER)))
                asked += len(r_out)
                if r_out:
                    s.requests(r.send(s.frame(NAK, more, plain=True, yiaddr=0)))
    assert 5 <= asked <= 120, asked
    # Refusals that nobody asked for, by the thousand.
    s.restart()
    for i in range(1000):
        r.send(s.frame(NAK, more, plain=True, yiaddr=0))
    assert not s.bound()


@hostile
def test_46_offer_flood(r, s):
    s.restart()
    out = []
    for i in range(1000):
        out += s.requests(r.send(s.frame(OFFER, yiaddr=0x0A000003 + i % 200)))
    assert [kind for kind, _ in out] == [REQUEST], "more than one offer was taken"
    assert out[0][1][50] == quad(0x0A000003)


@hostile
def test_46_rogue_messages_while_bound(r, s):
    assert s.bound()
    xid = s.xid
    rogue = 0x0A000066
    for kind in (OFFER, REPLY, NAK):
        for number in (xid, 0, xid ^ 5):
            more = opt(1, b"\xff\xff\xff\x00") + opt(54, quad(rogue)) + opt(3, quad(rogue))
            body = s.message(kind, more, plain=True, xid=number, yiaddr=0x0A000055)
            assert not s.requests(r.send(s.carry(body, src=rogue)))
            assert not s.requests(r.send(f.udp(67, 68, body)))
            assert s.bound() and r.iface.addr == ME
    assert rogue not in [route.gateway for route in r.stack.ip.routes]
    # From another port, and to another: nobody listens there.
    r.send(f.udp(4711, 68, s.message(NAK, plain=True)))
    assert s.bound()


@hostile
def test_46_somebody_has_the_address(r, s):
    # RFC 2131 §3.1, RFC 5227 §2.1: the probe is answered, so the lease is declined, and the next
    # attempt waits for at least 10 s.
    s.restart()
    thief = b"\x02\x00\x00\x00\x00\x66"
    assert s.requests(r.send(s.frame(OFFER)))[0][0] == REQUEST
    r.stations[ME] = thief
    out = s.requests(r.send(s.frame(REPLY)))
    while not out:
        out = s.requests(r.run(SECOND // 10))
    assert out[0][0] == DECLINE and out[0][1][50] == quad(ME) and out[0][1][54] == quad(PEER)
    assert not r.iface.addr
    declined = r.now
    s.wait(DISCOVER)
    assert r.now - declined >= 9 * SECOND
    # A conflict that comes later: the address is defended or given up, never shared in silence.
    del r.stations[ME]
    s.bind(opt(3, quad(f.ROUTER)))
    before = r.counters.arp_conflict
    r.send(f.arp(1, sha=thief, spa=ME, tpa=ME))
    assert r.counters.arp_conflict == before + 1
