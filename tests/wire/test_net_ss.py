# Frostnet: tests of net.ss, and of the timers that net.netstat tells
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import net
import net._netstat
import net._ss
from net_bench import Bench, error_of

S = 1000000


class Pair(Bench):
    """The board with a connected socket `sock`; the peer's end is `far`, which reads nothing."""

    def __init__(self, **options):
        super().__init__(**options)
        self.listen_to(net._ss, net._netstat)
        # Nobody needs ARP, whose round trip would be a part of TCP's first
        self.board.iface.arp.add_static(self.peer.iface.addr, self.peer.iface.mac)
        self.peer.iface.arp.add_static(self.board.iface.addr, self.board.iface.mac)
        self.listener = self.peer.stack.tcp.listen(0, 80, 4)
        self.sock = socket.socket()
        self.sock.connect(("10.0.0.9", 80))
        self.sim.run(S)
        self.far = self.listener.accept()
        self.text()


def lose_data(n):
    """A filter that loses the next `n` segments with data of the board."""
    left = [n]

    def fn(f, src):
        if f[23] == 6 and len(f) > 200 and left[0]:
            left[0] -= 1
            return None
        return f

    return fn


def test_an_idle_connection():
    with Pair(delay=10000) as b:
        info = net.ss(b.sock)
        c = b.sock._conn
        assert info["state"] == "ESTABLISHED" and info["remote"] == "10.0.0.9:80"
        assert info["local"] == "10.0.0.2:%d" % (c.ports >> 16)
        assert info["recv_queue"] == info["send_queue"] == info["unacked"] == 0
        assert info["in_flight"] == info["lost"] == info["sacked"] == info["retransmits"] == 0
        # RFC 6928 §2: ten segments; RFC 6298 §2.2: R/2 after the first sample
        assert info["algorithm"] == "cubic" and info["ssthresh"] is None
        assert info["cwnd"] == 10 * info["mss"]
        assert 19.9 < info["rtt"] < 21 and abs(info["rttvar"] - info["rtt"] / 2) < 0.1
        assert info["min_rtt"] == info["rtt"] and 220 <= info["rto"] < 222
        assert info["send_window"] == c.snd_wnd > 0 and info["recv_window"] > 0
        assert info["timestamps"] is True and info["sack"] is True
        assert info["timer"] == ("off", 0.0, 0, 0)
        assert repr(info) == "<ESTABLISHED 10.0.0.9:80>"
        title, row, details, end = b.text().split("\n")
        assert title.split()[:3] == ["State", "Recv-Q", "Send-Q"] and not end
        assert row.split() == ["ESTABLISHED", "0", "0", info["local"], info["remote"]]
        assert details.startswith("\tts sack cubic ") and " cwnd:10 " in details
        assert " rto:%d " % info["rto"] in details and " retrans:0 " in details
        assert "ssthresh" not in details and "timer" not in details


def test_queues():
    with Pair() as b:
        b.far.send(b"hello", 0, 5)
        b.sim.touch()
        b.sim.run(S)
        assert net.ss(b.sock)["recv_queue"] == 5
        b.sim.default.filter = lambda f, src: None
        b.sock.send(b"x" * 3000)
        info = net.ss(b.sock)
        assert info["send_queue"] == info["unacked"] == info["in_flight"] == 3000
        name, left, again, probes = info["timer"]
        assert (name, again, probes) == ("on", 0, 0) and 0 < left < 1
        assert " in_flight:3000 unacked:3000 " in b.text()


def test_time_outs():
    """RFC 6298 §5.5: the time-out doubles; RFC 5681 §3.1: the window is one segment."""
    with Pair() as b:
        rto = net.ss(b.sock)["rto"]
        b.sim.default.filter = lambda f, src: None
        b.sock.send(b"x" * 3000)
        b.sim.run(2 * S)
        info = net.ss(b.sock)
        assert info["backoff"] >= 2 and info["rto"] == rto * (1 << info["backoff"])
        assert info["retransmits"] >= info["backoff"]
        assert info["cwnd"] == info["mss"] and info["ssthresh"] >= 2 * info["mss"]
        assert info["timer"][0] == "on" and info["timer"][2] == info["backoff"]
        text = b.text()
        assert " backoff:%d " % info["backoff"] in text and " ssthresh:" in text
        b.sim.default.filter = None
        b.sim.run(10 * S)
        info = net.ss(b.sock)
        assert info["send_queue"] == info["backoff"] == info["lost"] == 0
        assert info["retransmits"] >= 2, "what happened is not forgotten"


def test_losses():
    """RFC 6675: what SACK tells; the loss is counted on its own connection only."""
    with Pair(delay=20000) as b:
        other = socket.socket()
        other.connect(("10.0.0.9", 80))
        b.sim.default.filter = lose_data(1)
        b.sock.send(b"x" * 10000)
        b.sim.run(45000)
        info = net.ss(b.sock)
        assert info["sacked"] > 0 and info["retransmits"] == 1, info
        assert info["unacked"] == 10000
        b.sim.run(S)
        info = net.ss(b.sock)
        assert info["sacked"] == info["lost"] == info["send_queue"] == 0
        assert info["retransmits"] == 1 and info["ssthresh"] is not None
        assert net.ss(other)["retransmits"] == 0
        assert b.board.stack.counters.tcp_retransmit == 1


def test_tail_probes_count():
    """RFC 8985 §7.3: the probe is the last segment once more."""
    with Pair(delay=5000) as b:
        b.sock.send(b"x" * 500)
        b.sim.run(S)
        b.sim.default.filter = lose_data(1)
        b.sock.send(b"x" * 1000)
        b.sim.run(S)
        info = net.ss(b.sock)
        counters = b.board.stack.counters
        assert counters.tcp_tail_probe == 1 and info["send_queue"] == 0
        assert info["retransmits"] == counters.tcp_retransmit == 1 and info["backoff"] == 0


def test_a_handshake_without_an_answer():
    """RFC 9293 §3.8.3: the SYN is sent again."""
    with Pair() as b:
        b.sim.default.filter = lambda f, src: None
        c = b.board.stack.tcp.connect(b.peer.iface.addr, 81)
        b.sim.touch()
        b.sim.run(4 * S)
        info = [info for info in net.ss() if info["state"] == "SYN_SENT"][0]
        assert info["cwnd"] is None and info["rtt"] is None and info["wscale"] is None
        assert info["retransmits"] == info["backoff"] == 2 and info["remote"] == "10.0.0.9:81"
        c.abort()


def test_all_connections():
    with Pair() as b:
        rows = net.ss()
        assert [row["remote"] for row in rows] == ["10.0.0.9:80"]
        assert repr(rows) == "<1 connections>"
        b.sock.close()
        b.far.close()
        b.sim.touch()
        b.sim.run(S)
        assert net.ss() == []


def test_what_is_no_connection():
    with Pair() as b:
        fresh = socket.socket()
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for wrong in (fresh, datagrams, 5, "eth0", open):
            error_of(net.ss, wrong)
        b.sock.close()
        assert error_of(net.ss, b.sock).errno == 107


def test_timers():
    with Pair() as b:
        b.board.stack.udp.open(0, 5000)
        b.board.stack.tcp.listen(0, 8080, 2)

        def timer():
            rows = net.netstat("-o")
            assert [row.timer for row in rows if row.state != "ESTABLISHED"] == [None, None]
            return [row.timer for row in rows if row.state == "ESTABLISHED"][0]

        assert timer() == ("off", 0.0, 0, 0)
        lines = b.text().split("\n")
        assert lines[0].endswith(" Timer") and lines[2].endswith(" off (0.00/0/0)")
        assert not lines[1].endswith(")") and lines[2].index("off") == lines[0].index("Timer")
        b.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        name, left, again, probes = timer()
        assert (name, again, probes) == ("keepalive", 0, 0) and 7190 < left <= 7200
        # The peer reads nothing: RFC 9293 §3.8.6.1
        b.sock.setblocking(False)
        for _ in range(40):
            try:
                b.sock.send(bytes(8192))
            except OSError:
                pass
            b.sim.run(S // 10)
        b.sim.run(5 * S)
        name, left, again, probes = timer()
        assert name == "probe" and left > 0 and probes > 0
        assert net.ss(b.sock)["timer"] == timer()


def test_a_connection_left_alone():
    with Pair() as b:
        b.sock.close()
        b.sim.touch()
        b.sim.run(S)
        row = [row for row in net.netstat("-o") if row.state == "FIN_WAIT_2"][0]
        assert row.timer[0] == "timewait" and 0 < row.timer[1] < 61


def test_help():
    assert repr(net.ss).startswith("ss(sock=None)") and '"-o"' in repr(net.netstat)
