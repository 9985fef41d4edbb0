# Frostnet: tests of net.tcpdump: captures that go to a stream
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import net
import net._tcpdump
from net_bench import error_of
from tcpdump_bench import Reader, S, bench, blocks, ping_later, swamped, untapped, until


def test_a_stream_has_all_but_itself():
    with bench() as b:
        reader = Reader(b)
        ping_later(b, 3)
        assert net.tcpdump("not arp", file="tcp:10.0.0.9:5555", seconds=5) == 6
        b.sim.run(S)
        assert reader.closed and untapped(b)
        found = blocks(bytes(reader.data))
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * 6 + [5]
        assert all(body[20 + 23] == 1 for _, body in found[2:-1]), "ICMP only"
        lines = b.text().split("\n")
        assert lines[0] == "listening on eth0, writing to 10.0.0.9:5555, Ctrl-C ends"
        assert lines[1].endswith(", 0 dropped by the capture")


def test_who_reads_may_end_it():
    with bench() as b:
        Reader(b, 200)
        ping_later(b, 50)
        assert 0 < net.tcpdump(file="tcp:10.0.0.9:5555", seconds=100) < 20
        assert untapped(b)
        b.sim.run(100 * S)
        assert not list(b.board.stack.tcp.connections())


def test_a_reset_ends_it():
    with bench() as b:
        reader = Reader(b)
        ping_later(b, 50)

        def reset():
            yield from until(b, b.sim.now + 2500000)
            reader.connection.abort()
            b.peer.touch()

        b.sim.go(reset())
        b.sim.run(1)
        assert net.tcpdump(file="tcp:10.0.0.9:5555", seconds=100) < 20 and untapped(b)


def test_a_slow_reader_loses_frames_and_they_are_counted():
    with bench() as b:
        reader, n = swamped(b, 2000, seconds=3)
        b.sim.run(20 * S)
        found = blocks(bytes(reader.data))
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * n + [5]
        seen = struct.unpack_from("<Q", found[-1][1], 16)[0]
        dropped = struct.unpack_from("<Q", found[-1][1], 28)[0]
        assert n > 20 and dropped > 100 and seen >= n + dropped, (n, seen, dropped)


def test_ctrl_c_tears_no_block_of_a_stream():
    """It comes while the connection has no room, in the middle of a block."""
    with bench() as b:
        b.board.stack.tcp.sndbuf = b.peer.stack.tcp.rcvbuf = 2000
        reader = Reader(b, read=50)
        e = b.peer.stack.udp.open()

        def flood():
            yield from until(b, b.sim.now + S // 10)
            for i in range(8):
                e.send(bytes([i]) * 900, b.board.iface.addr, 9)
            b.peer.touch()

        b.sim.go(flood())
        wait = b.rt.wait
        waits = [0]

        def interrupted(until=None):
            c = list(b.board.stack.tcp.connections())[0]
            waits[0] += c.tx.len > 0 and not c.room()
            if waits[0] == 3:
                waits[0] += 1
                raise KeyboardInterrupt
            return wait(until)

        b.rt.wait = interrupted
        n = net.tcpdump("udp", file="tcp:10.0.0.9:5555")
        b.rt.wait = wait
        b.sim.run(20 * S)
        assert waits[0] > 3 and "^C" in b.text() and reader.closed
        found = blocks(bytes(reader.data))
        assert [kind for kind, _ in found] == [0x0A0D0D0A, 1] + [6] * n + [5]
        seconds = [body[20 + 42] for _, body in found[2:-1]]
        assert len(seconds) == len(set(seconds)) == n > 1, seconds


def test_any_stream_takes_a_capture():
    with bench() as b:

        class Stream:
            data = b""

            def write(self, block):
                self.data += bytes(block)

        stream = Stream()
        ping_later(b)
        assert net.tcpdump("icmp", file=stream, seconds=3) == 2
        assert [kind for kind, _ in blocks(stream.data)] == [0x0A0D0D0A, 1, 6, 6, 5]


def test_errors_of_streams():
    with bench() as b:
        for target in ("tcp:", "tcp:10.0.0.9", "tcp:10.0.0.9:x", "tcp::80", "tcp:10.0.0.9:0"):
            assert error_of(net.tcpdump, file=target).errno == 22
        assert error_of(net.tcpdump, file="tcp:10.0.0.9:5556").errno == 111
        b.sim.default.filter = lambda f, src: None
        assert error_of(net.tcpdump, file="tcp:10.0.0.77:5555").errno in (110, 113)
        assert untapped(b)
