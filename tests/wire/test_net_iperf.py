# Frostnet: tests of net.iperf: what client and server measure
# MIT license; Copyright (c) 2026 The Frostnet authors

import re

import net
from iperf_bench import IperfBench, S, Server

LINE = r"^\[  5\]   0\.00-%s   sec +%s MBytes +9\.\d\d Mbits/sec +%s$"


def find(pattern, text):
    for line in text.split("\n"):
        if re.match(pattern, line):
            return True
    raise AssertionError("no line %s in\n%s" % (pattern, text))


def test_tcp():
    with IperfBench() as b:
        server = Server(b)
        result = net.iperf("10.0.0.9", seconds=2)
        lines = b.text().split("\n")
        assert lines[0] == "Connecting to host 10.0.0.9, port 5201"
        assert lines[1].startswith("[  5] local 10.0.0.2 port ")
        assert lines[1].endswith(" connected to 10.0.0.9 port 5201")
        assert lines[2] == "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd"
        assert lines[3].startswith("[  5]   0.00-1.00   sec  1.2")
        assert lines[4].startswith("[  5]   1.00-2.00   sec  1.1") and "KBytes" in lines[4]
        assert lines[6] == "[ ID] Interval           Transfer     Bitrate         Retr"
        assert lines[7].endswith("    0             sender")
        assert lines[8].endswith("                  receiver")
        assert lines[9:] == ["", "iperf Done.", ""]
        # Of 10 Mbit/s: headers, and frames' own, take a part
        assert 9.2e6 < result.rate < 10e6 and result.seconds >= 2
        assert result.retransmits == 0 and result.error is None
        assert result.received <= result.sent < result.received + 200000
        assert sum(it.bytes for it in result.intervals) == result.sent
        assert [it.end for it in result.intervals] == [1.0, 2.0]
        assert result.packets is result.lost is result.jitter is None
        b.sim.run(S)
        theirs = server.results[0]
        assert (theirs.sent, theirs.received) == (result.sent, result.received)
        text = server.text()
        assert "Server listening on 5201 (test #1)" in text
        assert "Accepted connection from 10.0.0.2, port" in text
        find(LINE % (r"\d\.\d\d", r"\d\.\d\d", "receiver"), text)
        assert "sender" in text, "it knows what the client has sent"


def test_reverse_and_parallel():
    with IperfBench() as b:
        server = Server(b)
        result = net.iperf("10.0.0.9", seconds=2, reverse=True, parallel=3)
        text = b.text()
        assert "Reverse mode, remote host 10.0.0.9 is sending\n" in text
        for label in ("  5", "  7", "  9", "SUM"):
            assert text.count("\n[%s] " % label) >= 4, label
        assert 9e6 < result.rate < 10e6
        assert result.received <= result.sent
        b.sim.run(S)
        assert server.results[0].received == result.received
        assert "SUM" in server.text() and "Cwnd" in server.text()


def test_bytes():
    """The data are all there when the test ends, in either direction."""
    with IperfBench() as b:
        server = Server(b, 3)
        result = net.iperf("10.0.0.9", bytes=1000001)
        assert result.sent == result.received == 1000001 and 0.8 < result.seconds < 1.1
        result = net.iperf("10.0.0.9", bytes=1000001, parallel=2)
        assert result.sent == result.received == 1000001
        result = net.iperf("10.0.0.9", bytes=1000001, reverse=True, interval=0)
        assert result.sent >= result.received >= 1000001 and result.intervals == []
        b.sim.run(S)
        assert len(server.results) == 3


def test_rate():
    with IperfBench() as b:
        Server(b, 2)
        for reverse in (False, True):
            result = net.iperf("10.0.0.9", seconds=2, rate=4000000, reverse=reverse)
            assert 3.8e6 < result.rate < 4.2e6, result.rate
            for it in result.intervals:
                assert 3.7e6 < it.rate < 4.3e6, "evenly"


def test_omit():
    """Slow start does not count."""
    with IperfBench() as b:
        Server(b)
        result = net.iperf("10.0.0.9", seconds=2, omit=1, interval=0.5)
        text = b.text()
        assert text.count("(omitted)") == 2
        assert [it.omitted for it in result.intervals] == [True] * 2 + [False] * 4
        assert 2 <= result.seconds < 2.2 and 9.2e6 < result.rate < 10e6
        assert result.sent == sum(it.bytes for it in result.intervals if not it.omitted)


def test_udp():
    with IperfBench() as b:
        server = Server(b, 4)
        for reverse in (False, True):
            result = net.iperf("10.0.0.9", seconds=2, udp=True, reverse=reverse)
            text = b.text()
            # 1 Mbit/s unless asked for more: 1448 bytes every 11 ms
            assert 1.04e6 < result.rate < 1.06e6, result.rate
            assert 179 <= result.packets <= 182 and result.lost == 0
            # Only who receives knows of it
            assert result.out_of_order == (0 if reverse else None)
            assert result.jitter < 0.1 and result.loss == 0 and result.retransmits is None
            assert result.sent - result.received in (0, 1448)
            assert text.count("\n[  5]") == 5, text
            title = "Total Datagrams" if not reverse else "Jitter    Lost/Total Datagrams"
            assert ("Bitrate         " + title) in text
            assert " ms  0/18" in text
        result = net.iperf("10.0.0.9", bytes=50000, udp=True, parallel=2, length=1000, rate=0)
        assert result.packets == 50 and result.sent == result.received == 50000
        # Longer than a packet: in fragments (RFC 791 §3.2)
        result = net.iperf("10.0.0.9", seconds=1, udp=True, length=8192, rate=4000000)
        assert result.packets > 50 and result.lost == 0
        assert server.text().count("[  5] local 10.0.0.9 port 5201 connected to 10.0.0.2") == 4


def test_udp_losses():
    """RFC 3550 §6.4.1: what is missing, what came too late, and how uneven it was."""
    with IperfBench(seed=5) as b:
        Server(b, 2)
        wire = b.sim.default
        for reverse in (False, True):
            lost = [0]
            count = [0]

            def lose(frame, src):
                if frame[23] == 17 and len(frame) > 500:
                    count[0] += 1
                    if count[0] % 10 == 5:
                        lost[0] += 1
                        return None
                return frame

            wire.filter = lose
            result = net.iperf("10.0.0.9", seconds=2, udp=True, rate=2000000, reverse=reverse)
            wire.filter = None
            assert abs(result.lost - lost[0]) <= 1, (result.lost, lost)
            assert 9 < result.loss < 11 and not result.out_of_order


def test_udp_out_of_order():
    with IperfBench(seed=5) as b:
        Server(b)
        held = []
        count = [0]

        def swap(frame, src):
            if frame[23] != 17 or len(frame) < 500:
                return frame
            count[0] += 1
            if count[0] % 20 == 3:
                held.append(bytes(frame))
                return None
            return [frame, held.pop()] if held else frame

        b.sim.default.filter = swap
        result = net.iperf("10.0.0.9", seconds=2, udp=True, reverse=True)
        assert 7 <= result.out_of_order <= 10 and result.lost == 0 and result.jitter > 0
        assert "datagrams received out-of-order" in b.text()


def test_a_hello_that_is_lost_is_said_again():
    with IperfBench() as b:
        Server(b)
        lost = []

        def lose(frame, src):
            if frame[23] == 17 and len(lost) < 3:
                lost.append(src)
                return None
            return frame

        b.sim.default.filter = lose
        result = net.iperf("10.0.0.9", seconds=1, udp=True)
        assert len(lost) == 3 and result.lost == 0 and result.packets > 80


def test_lossy_link():
    with IperfBench(loss=0.02, reorder=0.02, dup=0.01, seed=3) as b:
        server = Server(b, 2)
        result = net.iperf("10.0.0.9", seconds=3)
        assert result.retransmits > 0 and result.received > 100000
        assert sum(it.retransmits for it in result.intervals) == result.retransmits
        result = net.iperf("10.0.0.9", seconds=3, reverse=True)
        assert result.retransmits > 0 and result.received > 100000
        b.sim.run(30 * S)
        assert len(server.results) == 2


def test_interrupt():
    """Ctrl-C ends the test, not the talk about it: both sides say what they have."""
    with IperfBench() as b:
        server = Server(b, 2)
        for reverse in (False, True):
            since = b.sim.now
            b.interrupt_at(2500000)
            result = net.iperf("10.0.0.9", seconds=60, reverse=reverse)
            del b.rt.wait
            assert 2.4 < result.seconds < 3 and b.sim.now - since < 4 * S
            assert result.error == "interrupted" and result.sent and result.received
            text = b.text()
            assert "^C\n" in text and text.endswith("receiver\n\n") and "iperf Done" not in text
        b.sim.run(S)
        assert [it.error for it in server.results] == [None, None]


def test_interrupted_twice():
    """The second Ctrl-C ends the talk too, and the server hears of it."""
    with IperfBench() as b:
        server = Server(b, 1)
        b.interrupt_at(1500000, 1500000)
        result = net.iperf("10.0.0.9", seconds=60)
        del b.rt.wait
        assert result.error == "interrupted" and result.sent and result.received is None
        b.sim.run(S)
        # It had been told that results would follow
        assert "the control connection was closed" in server.results[0].error
        assert "iperf: error - the control connection was closed" in server.text()


def test_interrupt_of_the_server():
    with IperfBench() as b:
        server = Server(b, None)
        # Between two tests
        net.iperf("10.0.0.9", seconds=1)
        server.interrupt()
        assert len(server.results) == 1 and server.text().endswith("^C")


def test_interrupt_of_the_server_in_a_test():
    with IperfBench() as b:
        server = Server(b, None)

        def press():
            until = b.sim.now + 2500000
            while b.sim.now < until:
                yield until
            server.interrupt()

        b.sim.go(press())
        try:
            net.iperf("10.0.0.9", seconds=60)
        except net.NetError as e:
            assert str(e) == "10.0.0.9:5201 ended the test: the server has terminated"
        else:
            raise AssertionError("no error")
        assert server.results[0].error == "interrupted" and server.results[0].received


def test_quiet():
    with IperfBench() as b:
        Server(b)
        assert net.iperf("10.0.0.9", seconds=1, quiet=True).sent
        assert b.text() == ""
