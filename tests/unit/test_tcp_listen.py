# Frostnet: tests of TCP: listening, ports, the table of connections
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc

from tcpbench import ME, PEER, PORT, Bench, Seg, established, listen
from simwire import Rng


def opened(b, port):
    """The peer connects from `port`."""
    b.peer_port = port
    b.rx("S", 0, mss=1460)
    b.rx("A", 1, 1)
    return b


def raises(errno, fn, *args):
    try:
        fn(*args)
    except OSError as e:
        assert e.errno == errno, e
        return
    assert False, "no error %d" % errno


def test_data_before_accept_are_kept():
    b = opened(listen(), 4000)
    b.rx("A", 1, 1, b"GET / HTTP/1.0\r\n\r\n")
    b.rx("FA", 19, 1)
    assert b.listener.pending() == 1
    b.c = b.listener.accept()
    assert b.read() == b"GET / HTTP/1.0\r\n\r\n" and b.c.eof
    assert b.listener.accept() is None and b.listener.pending() == 0


def test_accept_in_order():
    b = listen(backlog=3)
    for port in (5000, 5001, 5002):
        opened(b, port)
    assert [b.listener.accept().ports & 0xFFFF for _ in range(3)] == [5000, 5001, 5002]


def test_backlog_is_bounded():
    """A full queue answers no SYN; the peer's next one gets in when there is room."""
    b = listen(backlog=2)
    opened(b, 5000)
    opened(b, 5001)
    b.raw = []
    opened(b, 5002)
    (got,) = b.sent()
    assert got.flags == "R", "the ACK of a handshake that was not begun"
    assert b.counters.tcp_drop_backlog == 1 and b.listener.pending() == 2
    b.listener.accept()
    b.peer_port = 5002
    b.rx("S", 0)
    b.expect(Seg("SA", 0, 1))


def test_backlog_fills_during_handshakes():
    """Who has a SYN-ACK gets in although the queue is full by then, with what it sends; nobody
    begins until there is room."""
    b = listen(backlog=1)
    for port in (5000, 5001):
        b.peer_port = port
        b.rx("S", 0)
    for port in (5000, 5001):
        b.peer_port = port
        b.rx("A", 1, 1)
        b.rx("PA", 1, 1, b"early")
    assert b.listener.pending() == 2
    b.raw = []
    b.peer_port = 5002
    b.rx("S", 0)
    b.silent()
    assert b.counters.tcp_drop_backlog == 1
    for port in (5000, 5001):
        b.c = b.listener.accept()
        assert b.c.ports & 0xFFFF == port and b.read() == b"early"
    b.rx("S", 0)
    b.expect(Seg("SA", 0, 1))


def test_half_open_is_freed_by_a_reset():
    b = listen()
    b.rx("S", 0)
    b.rx("R", 1)
    assert b.tcp.count == 0 and not b.listener._half and b.timers.next() is None


def test_syn_ack_is_retransmitted():
    """RFC 6298 §5.6 holds for SYN-ACKs: 1, 2, 4 s …, and it ends."""
    b = listen()
    b.rx("S", 0)
    b.sent()
    times = []
    begin = b.now
    for _ in range(200):
        b.run(1000000)
        if b.sent():
            times.append((b.now - begin) // 1000000)
    assert times == [1, 3, 7, 15, 31], times
    assert b.tcp.count == 0


def test_connection_that_died_in_the_queue_is_not_accepted():
    b = opened(listen(), 4000)
    b.rx("R", 1)
    assert b.listener.pending() == 0 and b.listener.accept() is None


def test_closing_a_listener_resets_what_waits():
    b = opened(listen(), 4000)
    b.peer_port = 4001
    b.rx("S", 0)
    b.raw = []
    b.listener.close()
    flags = sorted(raw[13] for dst, raw in b.raw)
    assert flags == [0x14, 0x14] and b.tcp.count == 0
    b.raw = []
    b.rx("S", 0)
    (got,) = b.sent()
    assert got.flags == "RA"
    b.tcp.listen(0, PORT, 1)


def test_accepted_connections_outlive_the_listener():
    b = established()
    b.listener.close()
    b.silent()
    b.rx("A", 1, 1, b"still here")
    assert b.read() == b"still here"


def test_notify_of_a_listener():
    b = listen()
    calls = []
    b.listener.notify = lambda: calls.append(b.listener.pending())
    opened(b, 4000)
    opened(b, 4001)
    assert calls == [1, 2]


def test_listeners_by_address():
    """One for just our address goes before one for any."""
    b = Bench()
    any_addr = b.tcp.listen(0, PORT, 1)
    raises(98, b.tcp.listen, 0, PORT, 1)
    raises(98, b.tcp.listen, ME, PORT, 1)
    any_addr.close()
    b.ip.owners[ME + 7] = None
    mine = b.tcp.listen(ME, PORT, 1)
    other = b.tcp.listen(ME + 7, PORT, 1)
    raises(98, b.tcp.listen, 0, PORT, 1)
    raises(99, b.tcp.listen, ME + 1, PORT, 1)
    opened(b, 4000)
    assert mine.pending() == 1 and other.pending() == 0
    other.close()
    mine.close()
    b.raw = []
    b.tcp.listen(0, PORT, 1)


def test_bind_reserves():
    b = Bench()
    assert b.tcp.bind(0, 8080) == 8080
    raises(98, b.tcp.bind, 0, 8080)
    raises(98, b.tcp.bind, ME, 8080)
    listener = b.tcp.listen(0, 8080, 1)
    raises(98, b.tcp.bind, 0, 8080)
    listener.close()
    port = b.tcp.bind(ME, 0)
    assert port >= 0x8000
    b.tcp.unbind(ME, port)
    assert b.tcp.bind(ME, port) == port
    c = b.tcp.connect(PEER, 80, ME, port)
    assert c.ports >> 16 == port and c.laddr == ME
    assert not b.tcp.ports.bound(ME, port)
    free = b.tcp.listen(0, 0, 1)
    assert free.lport >= 0x8000
    raises(99, b.tcp.bind, ME + 1, 5)


def test_table_of_many_connections():
    """All are found, whatever the order in which they go."""
    b = listen(backlog=2000)
    ports = list(range(2000, 2800))
    conns = [None] * 4000
    for port in ports:
        opened(b, port)
        conns[port] = b.listener.accept()
        b.raw = []
    assert b.tcp.count == 800 == sum(1 for _ in b.tcp.connections())
    rng = Rng(9)
    while ports:
        port = ports.pop(rng.below(len(ports)))
        b.peer_port = port
        b.rx("A", 1, 1, b"%d" % port)
        b.c = conns[port]
        assert b.read() == b"%d" % port
        b.rx("R", 1 + len(str(port)))
        b.raw = []
        assert b.c.error == 104
    assert b.tcp.count == 0 and b.tcp.table._first.count(None) == 1024


def test_full_table_refuses():
    """A connection that cannot be is reset, not left hanging."""
    from frostnet.tcp import protocol

    b = established()
    b.tcp.count += protocol.MAX_CONNECTIONS - 1
    b.peer_port = 4444
    b.rx("S", 0)
    (got,) = b.sent()
    assert got.flags == "RA" and b.counters.tcp_drop_full == 1
    raises(105, b.tcp.connect, PEER, 80)


def test_port_0_is_dropped():
    b = listen()
    b.peer_port = 0
    b.rx("S", 0)
    b.silent()
    assert b.counters.tcp_drop_port == 1


def idle_costs(traffic, ts):
    """Bytes of the heap that an idle connection takes; with `traffic` it was not always so."""
    b = listen(backlog=4)
    n = 200
    first = 0
    for port in range(1000, 1000 + 2 * n):
        if port == 1000 + n:
            b.run(2000000)  # stale entries of timers go
            b.raw = []
            first = free()
        b.peer_port = port
        b.rx("S", 0, mss=1460, ts=ts)
        b.rx("A", 1, 1, ts=ts)
        b.c = b.listener.accept()
        if traffic:
            b.rx("A", 1, 1, b"question", ts=ts)
            assert b.read() == b"question"
            b.write(b"answer")
            b.rx("A", 9, 7, ts=ts)
        b.raw = []
    b.run(2000000)
    b.raw = []
    return (first - free()) // n


def test_idle_connection_costs_little():
    """Below 2 KiB: no buffers while there are no data."""
    assert idle_costs(False, None) <= 1984
    assert idle_costs(True, None) <= 1984


def test_idle_connection_with_timestamps_costs_little():
    assert idle_costs(False, (5, 0)) <= 1984
    assert idle_costs(True, (5, 0)) <= 2240


def free():
    gc.collect()
    return gc.mem_free()
