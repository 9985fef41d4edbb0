# Frostnet: tests of TCP: closing, aborting, TIME_WAIT, errors
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

from tcpbench import (
    ME,
    PEER,
    PORT,
    STATES,
    Bench,
    Seg,
    close_wait,
    closing,
    connect,
    established,
    fin_wait_1,
    fin_wait_2,
    last_ack,
    listen,
    syn_received,
    syn_sent,
    time_wait,
)

from frostnet.tcp.connection import Connection
from frostnet.tcp.states import ESTABLISHED


def gone(b):
    """Nothing is left of any connection."""
    return b.tcp.count == 0 and b.timers.next() is None and not list(b.tcp.connections())


def test_close_by_us_first():
    """RFC 9293 §3.6, figure 12."""
    b = fin_wait_2()
    b.rx("FA", 1, 2)
    b.expect(Seg("A", 2, 2))
    assert b.state == "TIME_WAIT" and b.tcp.count == 0 and b.tcp.timewait.count == 1
    b.run(59999999)
    assert b.tcp.timewait.count == 1
    b.run(1)
    assert b.tcp.timewait.count == 0 and gone(b)


def test_close_by_the_peer_first():
    b = last_ack()
    b.rx("A", 2, 2)
    assert b.state == "CLOSED" and b.c.error == 0 and b.tcp.timewait.count == 0 and gone(b)


def test_shutdown_in_every_state():
    """RFC 9293 §3.10.4."""
    for make, after, sent in (
        (syn_sent, "CLOSED", []),
        (established, "FIN_WAIT_1", [Seg("FA", 1, 1)]),
        (close_wait, "LAST_ACK", [Seg("FA", 1, 2)]),
        (fin_wait_1, "FIN_WAIT_1", []),
        (fin_wait_2, "FIN_WAIT_2", []),
        (closing, "CLOSING", []),
        (last_ack, "LAST_ACK", []),
        (time_wait, "TIME_WAIT", []),
    ):
        b = make()
        b.c.shutdown()
        b.c.shutdown()
        b.expect(*sent)
        assert b.state == after


def test_shutdown_during_simultaneous_open():
    """RFC 9293 §3.10.4, SYN_RECEIVED: the FIN waits for the handshake."""
    b = syn_sent()
    b.rx("S", 0)
    b.sent()
    b.c.shutdown()
    b.silent()
    b.rx("A", 1, 1)
    b.expect(Seg("FA", 1, 1))
    assert b.state == "FIN_WAIT_1"


def test_abort_in_every_state():
    """RFC 9293 §3.10.5."""
    for make, sent in (
        (syn_sent, []),
        (syn_received, [Seg("RA", 1, 1)]),
        (established, [Seg("RA", 1, 1)]),
        (close_wait, [Seg("RA", 1, 2)]),
        (fin_wait_1, [Seg("RA", 2, 1)]),
        (fin_wait_2, [Seg("RA", 2, 1)]),
        (time_wait, []),
    ):
        b = make()
        b.c.abort()
        b.expect(*sent)
        assert b.state == "CLOSED" and b.tcp.count == 0
        b.c.abort()
        b.c.close()
        b.silent()
        b.run(100000000)
        assert gone(b)


def test_close_with_unread_data_resets():
    """RFC 9293 §3.6.1, RFC 2525 §2.17: the peer learns that they were lost."""
    b = established()
    b.rx("A", 1, 1, b"unread")
    b.sent()
    b.c.close()
    b.expect(Seg("RA", 1, 7))
    assert gone(b)


def test_data_after_close_reset():
    """RFC 9293 §3.6.1: nobody is left to read them."""
    b = established()
    b.c.close()
    b.expect(Seg("FA", 1, 1))
    b.rx("A", 1, 2, b"more")
    (got,) = b.sent()
    assert got.flags == "RA" and gone(b)


def test_closed_connection_finishes_by_itself():
    b = established()
    b.write(b"last words")
    b.c.close()
    b.expect(Seg("PA", 1, 1, b"last words"), Seg("FA", 11, 1))
    b.run(300000)
    assert b.sent(), "they are sent again until they are acknowledged"
    b.rx("FA", 1, 12)
    b.expect(Seg("A", 12, 2))
    b.run(60000000)
    assert gone(b)


def test_abandoned_connections_time_out():
    """FIN_WAIT_1, FIN_WAIT_2, CLOSING and LAST_ACK without a peer end in bounded time."""
    for make in (established, close_wait, fin_wait_1, fin_wait_2, closing, last_ack):
        b = make()
        b.c.close()
        b.run(130000000)
        b.sent()
        assert gone(b), make


def test_half_close_has_no_time_limit():
    """FIN_WAIT_2 with a user who still reads is legitimate."""
    b = fin_wait_2()
    b.run(1000000000)
    assert b.state == "FIN_WAIT_2"
    b.c.close()
    b.run(60000000)
    assert gone(b)


def test_time_wait_answers_the_fin_again():
    """RFC 9293 §3.10.7.4: a FIN that comes again is acknowledged and restarts 2 MSL."""
    b = time_wait()
    b.run(50000000)
    b.rx("FA", 1, 2)
    b.expect(Seg("A", 2, 2))
    b.run(59000000)
    assert b.tcp.timewait.count == 1
    b.run(1000000)
    assert b.tcp.timewait.count == 0


def test_time_wait_ignores_resets_and_limits_acks():
    """RFC 1337 §3; and no storm of ACKs."""
    b = time_wait()
    b.rx("R", 2)
    assert b.tcp.timewait.count == 1
    for _ in range(20):
        b.rx("A", 90000, 2)
    assert len(b.sent()) == 1
    b.rx("A", 2, 2)
    b.silent()


def test_time_wait_gives_way_to_a_newer_syn():
    """RFC 6191, RFC 9293 §3.6.1 (MAY-2): a higher number; ours is beyond the old ones."""
    b = time_wait()
    b.tcp.isn = None  # must not be asked
    b.rx("S", 1)  # not beyond
    (got,) = b.sent()
    assert got.flags == "A" and b.tcp.timewait.count == 1
    b.rx("S", 100)
    (got,) = b.sent()
    assert got.flags == "SA" and got.ack == 101 and got.seq == 2 + 65537
    b.rx("A", 101, got.seq + 1, b"again")
    b.c = b.listener.accept()
    assert b.read() == b"again"


def stamped_time_wait(ts=1000):
    """TIME_WAIT of a connection with timestamps; the peer's last was `ts` + 2."""
    b = listen()
    b.rx("S", 0, mss=1460, ts=(ts, 0))
    (got,) = b.sent()
    b.rx("A", 1, 1, ts=(ts + 1, got.ts[0]))
    b.c = b.listener.accept()
    b.c.shutdown()
    b.sent()
    b.rx("FA", 1, 2, ts=(ts + 2, 0))
    b.sent()
    assert b.state == "TIME_WAIT"
    return b


def test_time_wait_and_timestamps():
    """RFC 6191 §2: a newer timestamp opens, an equal one leaves it to the number, an older one
    does not; RFC 7323 §3.2: what is answered has timestamps."""
    for ts, seq, opens in (
        (1003, -50000, True),
        (1002 + 0x7FFFFFFF, -50000, True),
        (1002, 3, True),
        (1002, 2, False),
        (1002, -5, False),
        (1001, 5000, False),
        (1002 - 0x80000000, 5000, False),
        (None, 3, True),
        (None, 1, False),
    ):
        b = stamped_time_wait()
        b.rx("S", seq, mss=1460, ts=None if ts is None else (ts, 0))
        (got,) = b.sent()
        assert got.flags == ("SA" if opens else "A"), (ts, seq)
        if opens:
            assert got.seq > 65535 and b.tcp.timewait.count == 1
        else:
            assert (got.seq, got.ack, got.ts[1]) == (2, 2, 1002)
            assert got.ts[0] == (b.now // 1000 + b.c.ts_offset) & 0xFFFFFFFF
    b = time_wait()
    b.rx("S", -50000, ts=(1, 0))
    assert b.sent()[0].flags == "SA", "the old connection had none: it is a new one"


def test_time_wait_and_an_old_fin():
    """RFC 7323 §5: a FIN with an old timestamp does not start 2 MSL again."""
    for ts, left in ((1002, 1), (1001, 0)):
        b = stamped_time_wait()
        b.run(50000000)
        b.rx("FA", 1, 2, ts=(ts, 0))
        assert len(b.sent()) == 1
        b.run(11000000)
        assert b.tcp.timewait.count == left


def test_time_wait_table_is_bounded():
    """The oldest entries go; what is left still ends."""
    b = listen(backlog=10)
    for i in range(300):
        b.peer_port = 1000 + i
        b.rx("S", 0)
        b.rx("A", 1, 1)
        b.c = b.listener.accept()
        b.c.close()
        b.rx("FA", 1, 2)
        b.run(1000)
    b.raw = []
    assert b.tcp.timewait.count == 256 and b.tcp.count == 0
    b.peer_port = 1299
    b.rx("FA", 1, 2)
    b.expect(Seg("A", 2, 2))
    b.peer_port = 1000
    b.rx("FA", 1, 2)
    b.expect(Seg("R", 2))
    b.run(70000000)
    assert b.tcp.timewait.count == 0 and gone(b) and set(b.tcp.timewait._heads) == {-1}


def test_time_wait_is_found_at_once():
    """Entries of one peer's ports, which follow each other, are not in each other's way."""
    b = listen()
    tw = b.tcp.timewait
    for i in range(256):
        b.c = Connection(b.tcp, b.tcp.path(PEER, None), PORT, PEER, 40000 + i, 0, ESTABLISHED, 0)
        tw.add(b.c, 0)
    assert tw.count == 256 and tw.find(PORT << 16 | 40255, ME, PEER) == 255
    chains = []
    for i in tw._heads:
        n = 0
        while i >= 0:
            n += 1
            i = tw._next[i]
        chains.append(n)
    assert sum(chains) == 256 and max(chains) <= 8, max(chains)


def test_time_wait_entries_of_equal_ports():
    """Several peers with the same ports have entries of their own."""
    b = listen()
    for src in (PEER, PEER + 1, PEER + 2):
        for flags, seq, ack in (("S", 0, 0), ("A", 1, 1)):
            raw = b.segment(flags, seq, ack)
            b.checksum(raw, src)
            b.inject(raw, src)
            b.poll()
        c = b.listener.accept()
        c.close()
        raw = b.segment("FA", 1, 2)
        b.checksum(raw, src)
        b.inject(raw, src)
        b.poll()
        assert c.raddr == src
    tw = b.tcp.timewait
    ports = PORT << 16 | b.peer_port
    entries = [tw.find(ports, ME, PEER + i) for i in range(3)]
    assert sorted(entries) == [0, 1, 2] and tw.find(ports, ME, PEER + 3) == -1
    tw.remove(entries[1])
    assert [tw.find(ports, ME, PEER + i) for i in range(3)] == [entries[0], -1, entries[2]]
    b.run(70000000)
    assert tw.count == 0


def test_listening_port_is_free_at_once():
    """A restarted server gets its port although old connections are in TIME_WAIT."""
    b = time_wait()
    b.listener.close()
    b.tcp.listen(0, PORT, 1)


def icmp(b, errno, hard, seq, n=8):
    raw = struct.pack(">HHII", b.port, b.peer_port, (b.iss + seq) & 0xFFFFFFFF, 0)[:n]
    b.tcp.error(errno, hard, memoryview(b"xx" + raw), 2, 2 + len(raw), ME, PEER)


def test_icmp_error_ends_an_attempt_to_connect():
    """RFC 9293 §3.9.2.2."""
    b = syn_sent()
    icmp(b, 111, True, 0, n=7)  # truncated
    icmp(b, 111, True, 5)  # not our SYN: a guess (RFC 5927 §4.1)
    assert b.state == "SYN_SENT"
    icmp(b, 113, False, 0)
    assert b.state == "CLOSED" and b.c.take_error() == 113 and gone(b)


def test_icmp_errors_are_soft_for_a_connection():
    """RFC 9293 §3.9.2.2, RFC 5927 §4.3: they explain a time-out, no more."""
    b = established()
    b.write(b"lost")
    icmp(b, 113, True, 0)  # acknowledged already
    assert b.c.soft_error == 0
    icmp(b, 113, True, 1)
    assert b.state == "ESTABLISHED" and b.c.soft_error == 113
    b.rx("A", 1, 5)
    assert b.c.soft_error == 0
    b.write(b"lost")
    icmp(b, 113, True, 5)
    b.run(400000000)
    assert b.state == "CLOSED" and b.c.error == 113


def test_no_neighbour():
    """EHOSTUNREACH from the path ends an attempt to connect, and delays a connection."""
    b = Bench()
    b.unreachable = 113
    connect(b)
    assert b.state == "CLOSED" and b.c.error == 113 and gone(b)
    b = established()
    b.unreachable = 113
    b.write(b"abc")
    b.run(3000000)
    assert b.state == "ESTABLISHED"
    b.unreachable = 0
    b.run(10000000)
    assert b.sent()
    b.rx("A", 1, 4)
    assert b.c.tx.len == 0


def test_received_data_outlive_the_connection():
    """What came before a reset can still be read; the error is there once."""
    b = established()
    b.rx("A", 1, 1, b"before")
    b.rx("R", 7)
    assert b.state == "CLOSED" and b.read() == b"before"
    assert b.c.take_error() == 104 and b.c.take_error() == 0


def test_close_in_every_state_leaves_nothing():
    for name, make in STATES.items():
        if name == "SYN_RECEIVED":
            continue  # nobody has it yet
        b = make()
        b.c.close()
        b.c.close()
        b.run(200000000)
        b.raw = []
        assert gone(b), name
