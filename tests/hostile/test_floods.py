# Frostnet: hostile input, lines 5, 13, 21, 38 and 39 at full size: floods while a client works
# MIT license; Copyright (c) 2026 The Frostnet authors

# The heap that the board has by default:
# heap: 32M

import frames as f
from frames import ACK, ALL, BROADCAST, FIN, RST, SYN
from rig import MINUTE, SECOND, Talker, hostile


def spoofed(i):
    """An address that nobody has, behind the router."""
    return 0xCB007100 - 0x10000 + i * 7919 % 0x10000


def syn(i, port=80):
    return f.tcp(
        1024 + i % 60_000, port, seq=i * 2654435761 & ALL, bits=SYN, src=spoofed(i),
        tcp_options=f.mss(1460), eth_src=f.ROUTER_MAC
    )  # fmt: skip


@hostile
def test_38_syn_flood_while_a_client_works(r):
    # 10,000 spoofed SYNs, 20,000 a second; a connection that exists keeps its pace, and new ones
    # come about within 3 s although each SYN-ACK takes 100 ms to its client and back.
    old = Talker(r, 7).open()
    i = got = 0
    slowest = 0
    while i < 10_000:
        begin = r.now
        c = Talker(r, 80)
        while True:  # RFC 6298: the client tries again after 1 s
            out = c.syn(tcp_options=f.mss(1460))
            for _ in range(2000 if r.now == begin else 20_000):
                if r.now - begin > 3 * SECOND:
                    break
                r.send(syn(i))
                i += 1
                out += c.mine(r.run(50))
                if r.now - begin > SECOND // 10 and out:
                    break
            if out or r.now - begin > 3 * SECOND:
                break
        assert out and out[0].bits == SYN | ACK, out
        c.seq += 1
        c.ack = out[0].seq + 1
        out = c.say() + c.say(b"GET / HTTP/1.0\r\n\r\n")
        assert c.hear(out), "the client was let down"
        got += 1
        c.say(bits=FIN | ACK)
        slowest = max(slowest, r.now - begin)
        old.echoed(b"flooded, %d" % i)
        tables = r.tables()
        assert tables["connections"][0] <= 64 + 16 + 32 * 3, tables
    assert got >= 2 and slowest <= 3 * SECOND, (got, slowest)
    # It is over, and so is our answering.
    r.run(100 * SECOND)
    out = r.run(MINUTE)
    assert not [p for p in out if p.proto == 6], "SYN-ACKs are still sent again"
    old.echoed()
    old.reset()
    assert r.stack.tcp.count == 0


@hostile
def test_38_syn_flood_leaves_nothing_behind(r):
    old = Talker(r, 7).open()
    heap = r.heap()
    answers = 0
    for i in range(10_000):
        answers += len(r.send(syn(i)))
        if i % 1000 == 0:
            old.echoed()
            assert r.tables()["connections"][0] <= 64 + 16 + 2
            assert r.heap() - heap < 512 * 1024
        if i % 100 == 0:
            answers += len(r.run(10_000))
    assert answers <= 2 * 10_000
    old.echoed()
    out = r.run(4 * MINUTE)
    resent = [p for p in out if p.proto == 6 and p.bits == SYN | ACK]
    assert len(resent) <= 64 * 8, len(resent)
    assert r.stack.tcp.count == 1
    old.echoed()
    old.reset()


@hostile
def test_38_a_reset_frees_its_half_open_connection(r):
    # SM #961
    for i in range(64):
        (p,) = r.send(syn(i))
        r.send(f.tcp(
            1024 + i, 80, seq=(i * 2654435761 + 1) & ALL, bits=RST, src=spoofed(i),
            eth_src=f.ROUTER_MAC
        ))  # fmt: skip
        assert r.stack.tcp.count == 0


@hostile
def test_38_syns_to_a_full_backlog(r):
    # 100 clients complete their handshakes and nobody accepts.
    listener = r.stack.tcp.listen(0, 6000, 4)
    clients = []
    for _ in range(100):
        c = Talker(r, 6000)
        out = c.syn()
        if out:
            c.seq += 1
            c.ack = out[0].seq + 1
            c.say()
            clients.append(c)
    assert listener.pending() == 4
    assert r.stack.tcp.count <= 4 + 64
    # The program takes one: the next client finds its place.
    listener.accept().abort()
    Talker(r, 6000).open()
    assert listener.pending() == 4
    listener.close()
    r.run(100 * SECOND)
    assert r.stack.tcp.count == 0


def hold(r, n, port, prepare):
    """`n` connections, each brought into its state by `prepare(talker)`."""
    talkers = []
    for _ in range(n):
        c = Talker(r, port, src=f.PEER if len(talkers) % 2 else f.FAR,
                   eth_src=f.PEER_MAC if len(talkers) % 2 else f.ROUTER_MAC)  # fmt: skip
        c.open()
        prepare(c)
        talkers.append(c)
    return talkers


@hostile
def test_39_1000_connections_in_fin_wait_2(r):
    def leave(c):
        c.hear(c.say(b"GET / HTTP/1.0\r\n\r\n"), us=0)
        assert c.ended and c.state() == 6

    heap = r.heap()
    hold(r, 1000, 80, leave)
    assert r.stack.tcp.count == 1000
    assert (r.heap() - heap) // 1000 < 4096
    r.check()
    r.run(2 * MINUTE)
    assert r.stack.tcp.count == 0


@hostile
def test_39_1000_closed_windows(r):
    # Sockstress: each has data for the client, which never opens its window. The server goes on,
    # and its own time-outs end what the client does not.
    def stall(c):
        c.wnd = 0
        c.say(b"x" * 100)

    talkers = hold(r, 1000, 7, stall)
    assert r.stack.tcp.count == 1000
    r.check()
    probes = len([p for p in r.run(MINUTE) if p.proto == 6])
    assert probes <= 1000 * 14, "%d probes in a minute" % probes
    r.check()
    r.run(8 * MINUTE)
    assert r.stack.tcp.count == 0
    assert len(talkers) == 1000


@hostile
def test_39_1000_half_requests(r):
    # Slowloris on the level of TCP: an idle connection costs no more than its record.
    heap = r.heap()
    talkers = hold(r, 1000, 80, lambda c: c.say(b"GET / HT"))
    each = (r.heap() - heap) // 1000
    assert each < 20 * 1024, "%d bytes for each connection" % each
    r.check()
    for c in talkers:
        c.reset()
    assert r.stack.tcp.count == 0


@hostile
def test_39_more_connections_than_there_may_be(r):
    # Beyond the table's size a client is refused, and told so; the others are served.
    def nothing(c):
        pass

    most = r.tables()["connections"][1]
    hold(r, most - 1, 7, nothing)
    refused = 0
    for _ in range(20):
        c = Talker(r, 7)
        out = c.syn()
        if not out or out[0].bits & RST:
            refused += 1
        else:
            c.seq += 1
            c.ack = out[0].seq + 1
            c.say()
    assert refused >= 19
    assert r.stack.tcp.count <= most
    for c in list(r.stack.tcp.connections()):
        c.abort()
    r.run(SECOND)


@hostile
def test_05_arp_replies_and_requests_at_full_speed(r):
    c = Talker(r, 7).open()
    for i in range(10_000):
        mac = b"\x06\x01" + i.to_bytes(4, "big")
        kind = i % 4
        if kind == 0:
            frame = f.arp(2, f.ME_MAC, mac, sha=mac, spa=0x0A000003 + i % 250, tpa=f.ME)
        elif kind == 1:
            frame = f.arp(1, BROADCAST, mac, sha=mac, spa=0x0A000003 + i % 250, tpa=f.ME)
        elif kind == 2:
            frame = f.arp(1, BROADCAST, mac, sha=mac, spa=0x0B000000 + i, tpa=0x0A000003 + i % 250)
        else:
            frame = f.arp(1, BROADCAST, mac, sha=mac, spa=i * 2654435761 & ALL, tpa=f.ME)
        r.send(frame)
        if i % 500 == 0:
            r.run(10_000)
            c.echoed()
    assert len(r.iface.arp) <= 64 + 16 + 1
    c.echoed()
    c.reset()


@hostile
def test_16_icmp_flood(r):
    # Pings and errors of all kinds, from everywhere: a client keeps working, the errors that we
    # send are few.
    c = Talker(r, 7).open()
    errors = 0
    for i in range(10_000):
        kind = i % 5
        src = spoofed(i)
        if kind == 0:
            frame = f.echo(i & 0xFFFF, bytes(i % 1400), src=src, eth_src=f.ROUTER_MAC)
        elif kind == 1:
            quoted = f.ip_header(6, 20, src=f.ME, dst=f.PEER) + f.tcp_segment(
                7, c.sport, seq=i * 77777 & ALL, src=f.ME, dst=f.PEER
            )
            frame = f.icmp(3, i // 5 % 16, i, quoted, src=src, eth_src=f.ROUTER_MAC)
        elif kind == 2:
            frame = f.icmp(i // 5 % 256, i // 7 % 4, i, bytes(28), src=src, eth_src=f.ROUTER_MAC)
        elif kind == 3:
            frame = f.udp(i & 0xFFFF, 9999, b"closed", src=src, eth_src=f.ROUTER_MAC)
        else:
            frame = f.ip(200, bytes(40), src=src, eth_src=f.ROUTER_MAC)
        errors += len([p for p in r.send(frame) if p.proto == 1 and p.type in (3, 11, 12)])
        if i % 100 == 0:
            r.run(10_000)
        if i % 1000 == 0:
            c.echoed()
    assert errors <= 10 + 50 * 3, errors
    c.echoed()
    c.reset()


@hostile
def test_13_fragments_that_never_complete(r):
    # 10,000 of them from 10,000 sources: bounded memory, and a datagram in fragments passes
    # between them if its own come together.
    c = Talker(r, 7).open()
    heap = r.heap()
    for i in range(10_000):
        r.send(f.ip(
            (1, 6, 17)[i % 3], bytes(1480), flags=1, offset=1480 * (i % 5), ident=i & 0xFFFF,
            src=spoofed(i), eth_src=f.ROUTER_MAC
        ))  # fmt: skip
        if i % 1000 == 0:
            assert r.heap() - heap < 512 * 1024
            message = f.icmp_message(8, 0, i, b"whole" * 200)
            out = r.send(*f.fragments(1, message, 504, ident=i & 0xFFFF))
            assert len(out) == 1 and out[0].data == b"whole" * 200
            c.echoed()
    r.run(2 * MINUTE)
    assert len(r.stack.ip._reassembly) == 0
    c.echoed()
    c.reset()
