# Frostnet: hostile input, lines 39 to 43: table exhaustion, numbers, both ends at once, TIME_WAIT
# MIT license; Copyright (c) 2026 The Frostnet authors

import frames as f
from frames import ACK, ALL, FIN, ME, PEER, RST, SYN
from rig import MINUTE, SECOND, Rig, Talker, hostile

_TIME_WAIT = 2 * MINUTE  # at most


def finish(c):
    """Ask for the page and close last but one: the host is in TIME_WAIT afterwards."""
    c.hear(c.say(b"GET / HTTP/1.0\r\n\r\n"))
    assert c.ended
    out = c.say(bits=FIN | ACK)
    c.seq += 1
    assert len(out) == 1 and out[0].bits == ACK, out
    assert not c.connection() and c.rig.stack.tcp.timewait.count


@hostile
def test_39_silence_in_every_state(r):
    # MicroPython #4590: peers that vanish must not fill the table. (ESTABLISHED may stay as long
    # as the program likes; ours waits for a request, so its own end is what is tested.)
    conns = []
    for state in range(4):
        for _ in range(20):
            c = Talker(r, 80 if state else 7)
            conns.append(c)
            if state == 0:
                c.syn()  # SYN_RECEIVED
                continue
            c.open()
            if state == 1:
                c.say(b"GET / HTTP/1.0\r\n\r\n")  # FIN_WAIT_1, nothing is acknowledged
            elif state == 2:
                c.hear(c.say(b"GET / HTTP/1.0\r\n\r\n"))  # FIN_WAIT_2
            else:
                c.say(b"half a request", bits=FIN | ACK)  # LAST_ACK, silent
    assert r.stack.tcp.count >= 70
    r.run(200 * SECOND)
    assert r.stack.tcp.count == 0
    assert not any(c.connection() for c in conns)


def isns(r, n, same=False):
    """The numbers with which the host answers n SYNs, from one port or from many."""
    found = []
    for i in range(n):
        c = Talker(r, 80, sport=5000 if same else 5000 + i, iss=i)
        (p,) = c.syn()
        found.append(p.seq)
        r.send(c.frame(bits=RST, seq=i + 1))
        r.run(1000)
    return found


@hostile
def test_40_initial_numbers(r):
    # CVE-2020-27213 and its relatives; RFC 9293 §3.4.1. To different peers nothing is alike; to
    # the same peer they grow with the clock, as they should.
    many = isns(r, 1000)
    assert len(set(many)) >= 999
    steps = [(b - a) & ALL for a, b in zip(many, many[1:])]
    assert len(set(steps)) >= 990
    assert len([s for s in steps if s < 1 << 24]) < 30, "they follow each other"
    up = len([s for s in steps if s < 1 << 31])
    assert 400 < up < 600, "they go one way"
    for bit in range(32):
        ones = len([n for n in many if n >> bit & 1])
        assert 400 < ones < 600, "bit %d is set %d times of 1000" % (bit, ones)
    same = isns(r, 100, same=True)
    assert len(set(same)) == 100
    for step in [(b - a) & ALL for a, b in zip(same, same[1:])]:
        assert 0 < step < 1 << 20, "not monotone for one four-tuple"


@hostile
def test_40_initial_numbers_of_our_own(r):
    found = []
    for i in range(300):
        c = r.stack.tcp.connect(PEER, 6000 + i)
        (p,) = r.poll()
        found.append(p.seq)
        c.abort()
    steps = [(b - a) & ALL for a, b in zip(found, found[1:])]
    assert len(set(found)) == 300 and len(set(steps)) >= 297
    assert len([s for s in steps if s < 1 << 24]) < 15


def test_40_initial_numbers_of_two_boots():
    # Same time, same peers, another secret.
    seeds = [isns(Rig(seed=seed), 50) for seed in (1, 2, 1)]
    assert seeds[0] == seeds[2], "the simulated source of randomness is what differs"
    assert not set(seeds[0]) & set(seeds[1])


@hostile
def test_41_source_ports(r):
    # RFC 6056: neither in sequence nor all even; and bound to their range. (To one peer and port
    # they go up from a secret place, §3.3.4; who is somebody else learns nothing from that.)
    ports = []
    for i in range(500):
        c = r.stack.tcp.connect(PEER, 443 + i)
        (p,) = r.poll()
        ports.append(p.sport)
        c.abort()
    assert min(ports) >= 1024
    odd = len([p for p in ports if p & 1])
    assert 180 < odd < 320, odd
    steps = [b - a for a, b in zip(ports, ports[1:])]
    assert len([s for s in steps if 0 < s <= 2]) < 25
    assert len(set(ports)) > 400
    assert max(ports) - min(ports) > 8000


def test_41_source_ports_of_two_boots():
    found = []
    for seed in (1, 2):
        r = Rig(seed=seed)
        ports = []
        for _ in range(50):
            c = r.stack.tcp.connect(PEER, 443)
            ports.append(c.ports >> 16)
            c.abort()
        found.append(ports)
    assert len(set(found[0]) & set(found[1])) < 5


@hostile
def test_42_simultaneous_open(r):
    # RFC 9293 §3.5 figure 8.
    client = r.stack.tcp.connect(PEER, 5555)
    (syn,) = r.poll()
    c = Talker(r, syn.sport, 5555)
    (p,) = c.syn(tcp_options=f.mss(1460))
    assert p.bits == SYN | ACK and p.seq == syn.seq and p.ack == (c.seq + 1) & ALL
    c.seq += 1
    c.ack = syn.seq + 1
    # The peer's SYN-ACK, with the number of its SYN.
    c.say(bits=SYN | ACK, seq=c.seq - 1)
    c.say()
    assert client.state == 4
    client.send(memoryview(b"both called"), 0, 11)
    assert c.hear() == b"both called"
    c.reset()
    assert client.take_error()


@hostile
def test_42_simultaneous_close(r):
    # RFC 9293 §3.6 figure 13: both FINs cross; CLOSING, TIME_WAIT.
    c = Talker(r, 80).open()
    out = c.say(b"GET / HTTP/1.0\r\n\r\n")
    fin = out[-1]
    assert fin.bits & FIN
    body = b"".join([p.data for p in out])
    # Our FIN leaves before theirs is seen: it acknowledges nothing.
    out = c.say(bits=FIN | ACK)
    assert c.state() == 8 and out[-1].ack == (c.seq + 1) & ALL
    c.seq += 1
    c.ack += len(body) + 1
    c.say()
    assert not c.connection() and r.stack.tcp.timewait.count


@hostile
def test_42_connection_to_itself(r):
    # A socket that connects to its own port: simultaneous open with nobody else.
    tcp = r.stack.tcp
    for addr in (ME, 0x7F000001):
        c = tcp.connect(addr, 7777, None, 7777)
        assert not r.run(SECOND)
        if not c.error:
            assert c.state == 4
            c.send(memoryview(b"hello me"), 0, 8)
            r.run(SECOND)
            buf = bytearray(20)
            assert c.recv_into(buf, 0, 20) == 8 and buf[:8] == b"hello me"
        c.close()
        r.run(5 * SECOND)
        assert not [x for x in tcp.connections() if x.lport == 7777]
    # To a service of our own, and to a port where nobody is.
    c = tcp.connect(ME, 7)
    r.run(SECOND)
    assert c.state == 4
    c.close()
    c = tcp.connect(ME, 9999)
    r.run(SECOND)
    assert c.error
    r.run(MINUTE)


@hostile
def test_42_peer_that_forgot(r):
    # RFC 9293 §3.5.1: the peer crashed and calls again with the same port. Challenge, its reset,
    # and then its SYN is as good as any.
    c = Talker(r, 7).open()
    c.echoed()
    r.run(MINUTE)
    again = Talker(r, 7, sport=c.sport)
    (p,) = again.syn(tcp_options=f.mss(1460))
    assert p.bits == ACK and p.ack == c.seq & ALL
    again.say(bits=RST, seq=p.ack)
    assert not again.connection()
    again.open()
    again.echoed()
    again.reset()


@hostile
def test_43_old_segments_in_time_wait(r):
    c = Talker(r, 80).open()
    finish(c)
    tw = r.stack.tcp.timewait
    # A FIN that is sent again is acknowledged again.
    (p,) = c.say(bits=FIN | ACK, seq=c.seq - 1)
    assert p.bits == ACK and p.ack == c.seq & ALL
    # Old data, and duplicates of everything: at most an ACK.
    for data, bits, seq, ack in (
        (b"GET / HTTP/1.0\r\n\r\n", ACK, c.seq - 19, c.ack),
        (b"x", ACK, c.seq, c.ack),
        (b"", ACK, c.seq, c.ack),
        (b"", ACK, c.seq + 1000, c.ack),
        (b"", ACK, c.seq - 1, c.ack + 1000),
        (b"", SYN, c.seq - 20, 0),  # the old SYN
        (b"", SYN | ACK, c.seq - 20, c.ack),
        (b"evil", ACK, c.seq + (1 << 28), c.ack),
    ):
        r.run(SECOND)
        for p in c.say(data, bits=bits, seq=seq, ack=ack):
            assert p.bits == ACK and not p.data, p
        assert tw.count == 1
    # RFC 1337: a reset does not end it.
    assert not c.say(bits=RST)
    assert tw.count == 1 and tw.find(80 << 16 | c.sport, ME, PEER) >= 0


@hostile
def test_43_new_syn_in_time_wait(r):
    # RFC 6191, RFC 9293 §3.6.1: a higher number, or a newer timestamp, begins a new connection.
    c = Talker(r, 80).open()
    finish(c)
    # Lower: refused with an ACK.
    old = Talker(r, 80, sport=c.sport, iss=(c.seq - 1000) & ALL)
    (p,) = old.syn()
    assert p.bits == ACK and p.ack == c.seq & ALL
    new = Talker(r, 80, sport=c.sport, iss=(c.seq + 1000) & ALL)
    new.open()
    # Its first number is beyond all that the old one sent.
    assert 0 < (new.answer.seq - c.ack) & ALL < 1 << 31
    finish(new)


@hostile
def test_43_table_of_time_wait_is_bounded(r):
    for _ in range(400):
        finish(Talker(r, 80).open())
    assert r.stack.tcp.timewait.count <= 256
    r.run(_TIME_WAIT)
    assert r.stack.tcp.timewait.count == 0
