# Frostnet: hostile input, lines 34 to 37: blind resets, SYNs and data; challenge ACKs; ACK storms
# MIT license; Copyright (c) 2026 The Frostnet authors

import frames as f
from frames import ACK, ALL, FIN, RST, SYN
from rig import SECOND, Talker, hostile

_SYN_SENT = 2
_ESTABLISHED = 4


@hostile
def test_34_reset_only_by_the_exact_number(r):
    # RFC 5961 §3.2: in the window but not exact is challenged, outside is dropped.
    c = Talker(r, 7).open()
    for ahead in (1, 2, 1000, 30_000):
        out = c.say(bits=RST, seq=c.seq + ahead)
        assert len(out) == 1 and out[0].bits == ACK and out[0].ack == c.seq & ALL, out
        assert c.state() == _ESTABLISHED
        r.run(SECOND)
    for ahead in (-1, -1000, 1 << 20, 1 << 31, (1 << 31) + 5, -(1 << 20)):
        assert not c.say(bits=RST, seq=c.seq + ahead)
        assert not c.say(b"x", bits=RST, seq=c.seq + ahead)
        assert not c.say(bits=RST | ACK, seq=c.seq + ahead, ack=0)
        assert c.state() == _ESTABLISHED
    c.echoed()
    # With something waiting beyond a hole the rule is the same.
    c.say(b"early", seq=c.seq + 100)
    r.run(SECOND)
    c.say(bits=RST, seq=c.seq + 100)
    assert c.state() == _ESTABLISHED
    conn = c.connection()
    assert not c.say(bits=RST)
    assert not c.connection() and conn.error


@hostile
def test_34_reset_with_data(r):
    # RFC 9293 §3.10.7.4, second: it is the number of the RST that must be in the window.
    c = Talker(r, 7).open()
    for back in (1, 3):
        assert not c.say(b"data", bits=RST, seq=c.seq - back)
        assert c.state() == _ESTABLISHED
    c.echoed()
    c.reset()


@hostile
def test_34_reset_of_an_attempt(r):
    # RFC 9293 §3.10.7.3: only one that acknowledges our SYN counts.
    client = r.stack.tcp.connect(f.PEER, 5555)
    (syn,) = r.poll()
    c = Talker(r, syn.sport, 5555, iss=0)
    for ack in (0, syn.seq, syn.seq + 2, syn.seq - 1, syn.seq + (1 << 31)):
        assert not c.say(bits=RST | ACK, ack=ack)
        assert client.state == _SYN_SENT
    assert not c.say(bits=RST)
    assert client.state == _SYN_SENT
    # A SYN-ACK with a wrong number is refused with that number, and changes nothing.
    (p,) = c.say(bits=SYN | ACK, ack=syn.seq + 77)
    assert p.bits == RST and p.seq == (syn.seq + 77) & ALL
    assert client.state == _SYN_SENT
    assert not c.say(bits=RST | ACK, ack=syn.seq + 1)
    assert client.error and not c.connection()


@hostile
def test_34_no_reset_about_a_reset(r):
    # Else two stacks would go on for ever.
    before = r.counters.tcp_tx_reset
    for bits in (RST, RST | ACK, RST | SYN, RST | FIN | ACK):
        for port in (80, 9999):
            for seq in (0, 1, ALL):
                assert not r.send(f.tcp(99, port, seq=seq, ack=5, bits=bits))
    assert r.counters.tcp_tx_reset == before


@hostile
def test_35_syn_in_a_connection(r):
    # RFC 5961 §4.2: a challenge, whatever its number; nothing changes.
    c = Talker(r, 7).open()
    for seq in (c.seq, c.seq + 1, c.seq - 1, c.seq + 1000, c.seq + (1 << 30), 0):
        for bits in (SYN, SYN | ACK, SYN | FIN, SYN | ACK | FIN):
            r.run(SECOND)
            out = c.say(b"", bits=bits, seq=seq)
            assert len(out) <= 1, out
            for p in out:
                assert p.bits == ACK and p.ack == c.seq & ALL and p.seq == c.ack & ALL
            assert c.state() == _ESTABLISHED
    assert r.counters.tcp_challenge >= 4
    c.echoed()
    # The same when half closed.
    c.hear(c.say(bits=FIN | ACK))
    c.seq += 1


@hostile
def test_35_syn_while_closing(r):
    # The program lets go while its data are on their way: FIN_WAIT_1, then FIN_WAIT_2.
    c = Talker(r, 80).open()
    out = c.say(b"GET / HTTP/1.0\r\n\r\n")
    assert out[-1].bits & FIN and c.state() == 5
    r.run(SECOND // 2)
    for p in c.say(bits=SYN, seq=c.seq + 100):
        assert p.bits == ACK or p.data, p
    assert c.state() == 5
    c.hear(out)
    assert c.state() == 6
    r.run(SECOND)
    for p in c.say(bits=SYN, seq=c.seq + 100):
        assert p.bits == ACK
    assert c.state() == 6
    # Blind data that are out of the window, and an ACK of what was never sent.
    c.say(b"evil", seq=c.seq + (1 << 24))
    c.say(ack=c.ack + 5)
    assert c.state() == 6
    out = c.say(bits=FIN | ACK)
    assert len(out) == 1 and out[0].ack == (c.seq + 1) & ALL
    c.seq += 1


@hostile
def test_35_acks_that_cannot_be(r):
    # RFC 5961 §5.2: below SND.UNA - MAX.SND.WND or beyond SND.NXT: dropped, with their data.
    c = Talker(r, 7).open()
    c.echoed(b"x" * 100)
    before = c.connection().rcv_nxt
    for ack in (1, 1000, 1 << 30, (1 << 31) - 1, -(1 << 30), -70_000, 1 << 31):
        r.run(SECOND)
        out = c.say(b"injected", ack=c.ack + ack, seq=c.seq)
        for p in out:
            assert p.bits == ACK and not p.data and p.ack == c.seq & ALL, p
        assert c.connection().rcv_nxt == before, "data with an ACK of %d" % ack
    assert r.drops()["tcp_drop_ack"] == 7
    # An old ACK within the window is only old, and its data count.
    assert c.hear(c.say(b"welcome", ack=c.ack - 50)) == b"welcome"
    c.echoed()
    c.reset()


@hostile
def test_35_acks_of_a_half_open_connection(r):
    # The handshake needs our number: whoever did not see it is refused, and the SYN's sender gets
    # his connection nevertheless.
    c = Talker(r, 7)
    (p,) = c.syn(tcp_options=f.mss(1460))
    c.seq += 1
    c.ack = p.seq + 1
    for delta in (1, -1, 2, -1000, 1 << 20, 1 << 31):
        for answer in c.say(b"", ack=c.ack + delta):
            assert answer.bits & RST or answer.bits == ACK, answer
        assert c.state() == 3
    c.say()
    assert c.state() == _ESTABLISHED
    c.echoed()
    c.reset()


@hostile
def test_36_challenges_do_not_tell(r):
    # CVE-2016-5696: 100 challenges on A, caused by somebody who spoofs its peer; then B, his own
    # connection, gets as many as ever. And the count on A says nothing about numbers.
    victim = Talker(r, 7, src=f.FAR, eth_src=f.ROUTER_MAC).open()
    own = Talker(r, 7).open()

    def challenges(c, n):
        got = 0
        for i in range(n):
            for p in c.say(bits=RST, seq=c.seq + 5 + i):
                got += p.bits == ACK
            r.run(SECOND // 100)
        return got

    alone = challenges(own, 200)
    r.run(10 * SECOND)
    for i in range(100):
        r.send(victim.frame(bits=RST, seq=victim.seq + 7 + i))
    after = challenges(own, 200)
    assert alone == after and alone, (alone, after)
    # They are limited on each connection by itself.
    assert alone <= 20
    victim.echoed()
    own.echoed()
    victim.reset()
    own.reset()


@hostile
def test_37_ack_storm(r):
    # Two ends that disagree: each answers the other's unacceptable ACK with one of its own. A
    # peer that does so must not keep us busy.
    c = Talker(r, 7).open()
    answers = 0
    for _ in range(2000):
        out = c.say(seq=c.seq + (1 << 24))  # out of the window, without data
        answers += len(out)
        r.run(1000)
    assert 1 <= answers <= 10, answers
    answers = 0
    for _ in range(2000):
        answers += len(c.say(ack=c.ack + 1000))
        r.run(1000)
    assert answers <= 10, answers
    # Old data are another matter: the peer missed our ACK and must get one each time.
    c.echoed(b"0123456789")
    r.run(SECOND)
    for _ in range(5):
        (p,) = c.say(b"56789", seq=c.seq - 5)
        assert p.ack == c.seq & ALL
        r.run(SECOND // 10)
    c.echoed()
    c.reset()


@hostile
def test_37_keepalive_probes_are_answered(r):
    # A probe is one number below the window, with or without a byte (RFC 9293 §3.8.4).
    c = Talker(r, 7).open()
    c.echoed()
    for data in (b"", b"k"):
        for _ in range(3):
            r.run(10 * SECOND)
            (p,) = c.say(data, seq=c.seq - 1)
            assert p.ack == c.seq & ALL
    c.echoed()
    c.reset()
