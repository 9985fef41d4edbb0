# Frostnet: hostile input, lines 1 to 6: Ethernet and ARP
# MIT license; Copyright (c) 2026 The Frostnet authors

import frames as f
from frames import BROADCAST, ME, ME_MAC, PEER, PEER_MAC
from rig import SECOND, hostile

_EHOSTUNREACH = 113


@hostile
def test_01_runt_frames(r):
    # Length from 1 to 13 is no frame; a device that reports 0 or too much is at fault itself.
    whole = f.echo()
    for n in range(1, 14):
        r.dropped(whole[:n], "eth_drop_runt")
        r.dropped(bytes(n), "eth_drop_runt")
    # 14 bytes exactly: headers of all kinds without anything behind.
    r.dropped(whole[:14], "ip_drop_short")
    r.dropped(f.arp()[:14], "arp_drop_malformed")
    r.dropped(f.eth(b"", 0x86DD), "eth_drop_type")
    r.dropped(f.eth(b"", 0), "eth_drop_type")


@hostile
def test_01_length_beyond_the_descriptor(r):
    # CVE-2020-11913: the device claims more than the buffer holds, or less than its own header.
    queue = r.device.queues[0]
    for length in (0, 1, 9, 10, 1519 + 14, 2000, 65535, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF):
        before = r.card.counters.rx_drop_length
        at, _, _, _ = queue.pop()
        queue.push(at, length)
        assert not r.poll()
        assert r.card.counters.rx_drop_length == before + 1, length
    # Longer than the MTU allows, but within the buffer (4 bytes are for a VLAN tag).
    for extra in (1, 4):
        r.dropped(f.eth(bytes(1500 + extra)), "eth_drop_oversize")
    r.dropped(f.eth(bytes(1500)), "ip_drop_version")


@hostile
def test_01_source_addresses(r):
    r.dropped(f.echo(eth_src=BROADCAST), "eth_drop_source")
    r.dropped(f.echo(eth_src=b"\x01\x00\x5e\x00\x00\x01"), "eth_drop_source")
    r.dropped(f.echo(eth_dst=b"\x52\x54\x00\x12\x34\x57"), "eth_drop_other_host")
    r.dropped(f.arp(eth_src=BROADCAST), "eth_drop_source")


@hostile
def test_02_vlan_tags_and_llc(r):
    inner = f.echo()[12:]
    for cut in range(len(inner)):
        tagged = f.PEER_MAC.join((ME_MAC, b"\x81\x00\x00\x05" + inner[:cut]))
        r.dropped(tagged, "eth_drop_type")
    for kind in (0, 1, 46, 0x05DC, 0x05FF, 0x0801, 0x8100, 0x88A8, 0x9100, 0xFFFF):
        r.dropped(f.eth(inner, kind), "eth_drop_type")
    r.dropped(f.eth(b"\xaa\xaa\x03\x00\x00\x00" + inner, 60), "eth_drop_type")  # SNAP


@hostile
def test_03_malformed_arp(r):
    for n in range(28):
        r.dropped(f.arp(cut=n), "arp_drop_malformed")
    for n in (0, 1, 5, 7, 255):
        r.dropped(f.arp(hlen=n), "arp_drop_malformed")
    for n in (0, 1, 3, 5, 16, 255):
        r.dropped(f.arp(plen=n), "arp_drop_malformed")
    for n in (0, 2, 6, 0x0100, 0xFFFF):
        r.dropped(f.arp(htype=n), "arp_drop_malformed")
    for n in (0, 0x0806, 0x86DD):
        r.dropped(f.arp(ptype=n), "arp_drop_malformed")
    for n in (0, 3, 4, 8, 9, 0x0100, 0xFFFF):
        r.dropped(f.arp(op=n), "arp_drop_malformed")


def cached(r, addr):
    return [entry[1] for entry in r.iface.arp.entries() if entry[0] == addr]


@hostile
def test_04_senders_that_cannot_be(r):
    for op in (1, 2):
        for sha in (BROADCAST, b"\x01\x00\x5e\x00\x00\x01", b"\x33\x33\x00\x00\x00\x01", bytes(6)):
            r.dropped(f.arp(op, sha=sha, spa=0x0A000021), "arp_drop_sender")
            assert not cached(r, 0x0A000021)
        for spa in (f.ALL, 0xE0000001, 0xEFFFFFFF, 0xF0000001, 0x7F000001):
            r.dropped(f.arp(op, spa=spa), "arp_drop_sender")
            assert not cached(r, spa)
        # Our own frame, reflected by somebody's loop.
        r.dropped(f.arp(op, sha=ME_MAC, spa=0x0A000022), "arp_drop_sender")
    # A probe has no sender (RFC 5227 §1.1): it is answered, and nothing is learnt from it.
    (reply,) = r.send(f.arp(spa=0))
    assert reply.op == 2 and reply.spa == ME and reply.tha == PEER_MAC
    assert not cached(r, 0)


@hostile
def test_04_own_address_is_a_conflict(r):
    thief = b"\x02\x00\x00\x00\x00\x66"
    before = r.counters.arp_conflict
    for op in (1, 2):
        for tpa in (ME, PEER, 0):
            out = r.send(f.arp(op, sha=thief, spa=ME, tpa=tpa))
            assert not [p for p in out if p.kind != f.ARP], out
    assert r.counters.arp_conflict == before + 6
    assert not cached(r, ME)


@hostile
def test_04_rarp_is_ignored(r):
    # CVE-2019-12262: nobody assigns us an address by an unsolicited RARP answer.
    for op in (1, 2, 3, 4):
        r.dropped(f.arp(op, kind=0x8035, tha=ME_MAC, tpa=0x0A000063), "eth_drop_type")
        r.dropped(f.arp(op, kind=0x8035, eth_dst=ME_MAC, tha=ME_MAC), "eth_drop_type")
    assert r.iface.addr == ME


@hostile
def test_04_answers_that_nobody_asked_for(r):
    # An unsolicited answer does not create an entry (it may only refresh one).
    for i in range(50):
        r.dropped(f.arp(2, eth_dst=ME_MAC, spa=0x0A000030 + i, tpa=PEER), "arp_drop_not_ours")
        r.send(f.arp(2, eth_dst=ME_MAC, spa=0x0A000030 + i, tpa=ME))
        assert not cached(r, 0x0A000030 + i)


@hostile
def test_05_arp_flood(r):
    # 10,000 stations ask. Those that we talk to stay known, and who asks is answered.
    r.ping()
    c = f.PEER
    assert cached(r, c) == [PEER_MAC]
    r.arps.clear()
    answered = 0
    for i in range(10_000):
        mac = b"\x06\x00" + i.to_bytes(4, "big")
        out = r.send(f.arp(sha=mac, spa=0x0A000003 + i % 250, eth_src=mac))
        answered += len(out)
        if i % 1000 == 0:
            r.ping()
    assert answered == 10_000
    assert len(r.iface.arp) <= 64 + 16
    assert cached(r, c) == [PEER_MAC] and c not in r.arps


@hostile
def test_05_pings_of_10_000_stations(r):
    # Each would have us resolve its address: SM #965, #1101. No station ever answers.
    r.ping()
    for i in range(10_000):
        src = 0x0A000000 | 3 + i % 250
        r.send(f.echo(src=src, eth_src=b"\x06\x00" + i.to_bytes(4, "big")))
        if i % 100 == 0:
            r.run(20_000)
    assert len(r.iface.arp) <= 64 + 16
    # A neighbour that exists and was not known is found nevertheless.
    friend = 0x0A0000FD
    r.stations[friend] = b"\x02\x00\x00\x00\x00\xfd"
    r.ping(friend)
    assert cached(r, friend)


@hostile
def test_06_unanswered_neighbour(r):
    # SM #594: the program is told in bounded time, and what waited is freed.
    ghost = 0x0A000037
    c = r.stack.tcp.connect(ghost, 80)
    p = r.stack.udp.open()
    p.connect(ghost, 9)
    for _ in range(20):
        try:
            p.send(b"x" * 1000)
        except OSError:
            break
    r.run(10 * SECOND)
    assert (c.error, p.take_error()) == (_EHOSTUNREACH, _EHOSTUNREACH)
    assert not cached(r, ghost)
    assert r.counters.ip_tx_unreachable
    c.close()
    p.close()
    assert r.stack.tcp.count == 0
