# Frostnet: tests of net.arp
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._arp
from frostnet.wire.addr import parse
from net_bench import Bench, error_of

S = 1000000
PEER = "10.0.0.9"
MAC = "02:00:00:00:00:09"


def bench(**options):
    b = Bench(**options)
    b.listen_to(net._arp)
    return b


def talk(b, seconds=1):
    """The board sends the peer something."""
    endpoint = b.board.stack.udp.open(0, 0)
    b.rt.lock()
    endpoint.send(b"x", b.peer.iface.addr, 9)
    b.rt.unlock()
    b.sim.run(seconds * S)
    endpoint.close()


def sent_by(b):
    """A list that every frame is put in that the board sends from here on."""
    frames = []
    b.sim.default.filter = lambda f, src: (src is b.board.port and frames.append(f)) or f
    return frames


def test_an_empty_table():
    with bench():
        rows = net.arp()
        assert rows == [] and repr(rows) == "<0 neighbours>"


def test_shows_who_answered():
    with bench() as b:
        talk(b, 2)
        rows = net.arp()
        assert [tuple(row)[:4] for row in rows] == [(PEER, MAC, "eth0", "reachable")]
        assert 1.9 < rows[0].age <= 2.0
        assert b.text() == (
            "Address         HWaddress         Iface  State      Age\n"
            "10.0.0.9        02:00:00:00:00:09 eth0   reachable  2.0 s\n"
        )
        assert net.arp(PEER) == rows and net.arp(name="eth0") == rows
        assert net.arp(name="lo") == []


def test_shows_who_does_not_answer():
    """RFC 1122 §2.3.2.2: packets wait for the answer, and then are given up."""
    with bench() as b:
        b.sim.default.filter = lambda f, src: None if f[12:14] == b"\x08\x06" else f
        talk(b)
        row = net.arp()[0]
        assert (row.ether, row.state, row.age) == ("", "incomplete", None)
        assert "10.0.0.9        -                 eth0   incomplete \n" in b.text()
        b.sim.run(2 * S + S // 2)
        assert net.arp()[0].state == "failed"


def test_a_static_entry():
    with bench() as b:
        assert net.arp(PEER, MAC)[0].state == "static"
        sent = sent_by(b)
        got = b.peer.stack.udp.open(0, 9)
        talk(b)
        assert [f[12:14] for f in sent] == [b"\x08\x00"], "asked for what it was told"
        assert got.recv()[0] == b"x"
        # RFC 826 would take the new address; a person has said otherwise
        b.peer.iface.mac = b"\x02\0\0\0\0\x66"
        b.peer.iface.arp.announce(b.peer.iface.addr)
        b.peer.touch()
        b.sim.run(200 * S)
        assert net.arp()[0].ether == MAC and net.arp()[0].state == "static"


def test_a_static_entry_replaces_what_is_known():
    """Connections that have begun go to the new address, too."""
    with bench() as b:
        sent = sent_by(b)
        endpoint = b.board.stack.udp.open(0, 0)
        for mac in (MAC, "2:0:0:0:0:A7"):
            net.arp(PEER, mac)
            b.rt.lock()
            endpoint.send(b"x", b.peer.iface.addr, 9)
            b.rt.unlock()
            b.sim.run(S)
        to = [bytes(f[:6]) for f in sent if f[23] == 17]
        assert to == [b"\x02\0\0\0\0\x09", b"\x02\0\0\0\0\xa7"]
        assert [row.ether for row in net.arp()] == ["02:00:00:00:00:a7"]


def test_removes():
    with bench() as b:
        talk(b)
        assert net.arp(PEER, remove=True) == []
        net.arp(PEER, "02:00:00:00:00:66")
        # None is nobody's address: gone; left out, it is only shown
        assert net.arp(PEER)[0].state == "static" and net.arp(PEER, None) == []
        assert error_of(net.arp, PEER, None).errno == error_of(net.arp, PEER).errno == 22
        net.arp(PEER, "02:00:00:00:00:66")
        assert net.arp(PEER, remove=True) == []
        talk(b)
        assert net.arp(PEER)[0].ether == MAC, "it is asked for anew"


def test_several_cards():
    with bench() as b:
        far = b.sim.wire()
        b.board.add(far.port(b"\x02\0\0\0\x01\x01", 1500), "10.1.0.2/24")
        net.arp("10.1.0.9", "02:00:00:00:01:09")
        net.arp("10.0.0.7", "02:00:00:00:00:07")
        assert [(r.address, r.interface) for r in net.arp()] == [
            ("10.0.0.7", "eth0"),
            ("10.1.0.9", "eth1"),
        ]
        assert [r.address for r in net.arp(name="eth1")] == ["10.1.0.9"]
        assert error_of(net.arp, "10.1.0.9", "02:00:00:00:01:09", "eth0").errno == 101
        assert "10.1.0.9" in str(error_of(net.arp, "10.1.0.9", remove=True, name="eth0"))
        assert [r.address for r in net.arp("10.1.0.9", remove=True)] == ["10.0.0.7"]


def test_the_table_is_bounded():
    with bench():
        for i in range(32):
            net.arp("10.0.0.%d" % (100 + i), "02:00:00:00:01:%02x" % i)
        error = error_of(net.arp, "10.0.0.200", MAC)
        assert "remove=True" in str(error)
        assert len(net.arp()) == 32
        net.arp("10.0.0.131", MAC)  # one that is there may change
        net.arp("10.0.0.131", remove=True)
        assert net.arp("10.0.0.200", MAC)


def test_refuses():
    with bench() as b:
        for args, options in (
            (("10.0.0.300",), {}),
            (("bogus", MAC), {}),
            ((PEER, ""), {}),
            ((PEER, "02:00:00:00:00"), {}),
            ((PEER, "02:00:00:00:00:0g"), {}),
            ((PEER, "02:00:00:00:00:+1"), {}),
            ((PEER, "02:00:00:00:00:009"), {}),
            ((PEER, "02:00:00:00:00::9"), {}),
            ((PEER, "01:00:5e:00:00:01"), {}),  # a group
            ((PEER, "ff:ff:ff:ff:ff:ff"), {}),
            ((PEER, "00:00:00:00:00:00"), {}),
            (("10.0.0.2", MAC), {}),  # the board itself
            (("10.0.0.255", MAC), {}),
            (("10.0.0.0", MAC), {}),
            (("224.0.0.1", MAC), {}),
            (("127.0.0.1", MAC), {}),
            (("192.168.1.1", MAC), {}),  # behind a router, if anywhere
            ((PEER, MAC, "eth7"), {}),
            ((PEER, MAC, "lo"), {}),
            ((PEER, MAC), {"remove": True}),
            ((None, MAC), {}),
            ((), {"remove": True}),
            ((PEER,), {"remove": True}),  # nothing is known of it
            ((PEER,), {}),
        ):
            error_of(net.arp, *args, **options)
        assert b.board.iface.arp.entries() == []
        assert parse(PEER) not in b.board.iface.arp.claims


def test_who_is_behind_a_router_is_no_neighbour():
    with bench() as b:
        b.board.stack.ip.routes.set_default(b.board.iface, parse(PEER))
        for name in (None, "eth0"):
            assert error_of(net.arp, "192.168.1.1", MAC, name).errno == 101
        assert b.board.iface.arp.entries() == []


def test_help():
    text = repr(net.arp)
    assert text.startswith("arp(address=None") and "remove" in text
