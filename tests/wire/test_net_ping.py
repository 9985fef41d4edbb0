# Frostnet: tests of net.ping and of what all commands need: a link, a lease, a host
# MIT license; Copyright (c) 2026 The Frostnet authors

import re

import net
import net._ping
from dhcp_server import Server as DHCPServer
from dns_server import Server as DNSServer
from dns_server import a
from net_bench import Bench, error_of


RTT = r"^rtt min/avg/max/mdev = \d+\.\d\d/\d+\.\d\d/\d+\.\d\d/\d+\.\d\d ms$"


def bench(**options):
    b = Bench(**options)
    b.listen_to(net._ping)
    return b


def test_replies():
    with bench() as b:
        result = net.ping("10.0.0.9")
        lines = b.text().split("\n")
        assert lines[0] == "PING 10.0.0.9 (10.0.0.9): 56 data bytes"
        for i in range(4):
            want = r"^64 bytes from 10\.0\.0\.9: icmp_seq=%d ttl=64 time=\d+\.\d\d ms$" % i
            assert re.match(want, lines[1 + i]), lines[1 + i]
        assert lines[5:8] == [
            "",
            "--- 10.0.0.9 ping statistics ---",
            "4 packets transmitted, 4 received, 0% packet loss",
        ]
        assert re.match(RTT, lines[8]), lines[8]
        assert lines[9:] == [""]
        assert (result.transmitted, result.received, result.loss) == (4, 4, 0)
        assert len(result.rtts) == 4 and result and "4 of 4" in repr(result)
        assert 0.2 <= result.min <= result.avg <= result.max


def test_one_a_second_and_the_last_does_not_wait():
    with bench() as b:
        since = b.sim.now
        net.ping("10.0.0.9", quiet=True)
        assert 3000000 <= b.sim.now - since < 3100000
        since = b.sim.now
        net.ping("10.0.0.9", count=5, interval=0.2)
        assert 800000 <= b.sim.now - since < 900000


def test_without_interval_the_next_follows_the_reply():
    with bench() as b:
        since = b.sim.now
        assert net.ping("10.0.0.9", count=50, interval=0).received == 50
        assert b.sim.now - since < 50000
        assert "timeout" not in b.text()
        b.sim.default.filter = lambda f, src: None if f[23] == 1 else f
        since = b.sim.now
        net.ping("10.0.0.9", count=3, interval=0, timeout=1)
        assert abs(b.sim.now - since - 3000000) < 10000
        assert b.text().count("Request timeout") == 3


def test_deadline():
    with bench() as b:
        since = b.sim.now
        result = net.ping("10.0.0.9", count=0, deadline=2.5)
        assert abs(b.sim.now - since - 2500000) < 1000
        assert (result.transmitted, result.received) == (3, 3)
        assert "3 packets transmitted, 3 received, 0% packet loss" in b.text()
        since = b.sim.now
        assert net.ping("10.0.0.9", count=2, deadline=60).received == 2
        assert b.sim.now - since < 1100000, "done before the deadline"
        b.sim.default.filter = lambda f, src: None if f[23] == 1 else f
        since = b.sim.now
        assert not net.ping("10.0.0.9", count=1, timeout=9, deadline=0.5)
        assert abs(b.sim.now - since - 500000) < 1000
        for wrong in (0, -1):
            assert error_of(net.ping, "10.0.0.9", deadline=wrong).errno == 22


def test_flood():
    """A request leaves with each reply, or after 10 ms; dots that stay are losses."""
    with bench() as b:
        net.ping("10.0.0.9", count=1)
        b.text()
        since = b.sim.now
        result = net.ping("10.0.0.9", count=100, flood=True)
        assert result.received == 100 and b.sim.now - since < 100000
        text = b.text()
        assert text.count("\n") == 5 and "100 packets transmitted, 100 received" in text
        assert ".\b \b" * 100 in text
        count = [0]

        def lose(f, src):
            count[0] += f[23] == 1 and f[34] == 8
            return None if f[23] == 1 and f[34] == 8 and count[0] % 10 == 5 else f

        b.sim.default.filter = lose
        since = b.sim.now
        result = net.ping("10.0.0.9", count=100, flood=True)
        assert result.received == 90 and 100000 <= b.sim.now - since < 200000
        text = b.text()
        dots = text.split("\n")[1]
        assert dots.count(".") == 100 and dots.count("\b \b") == 90
        assert "timeout" not in text and "bytes from" not in text
        assert net.ping("10.0.0.9", count=20, flood=True, quiet=True).received == 18
        assert b.text() == ""


def test_flood_of_who_is_not_there():
    """It does not run away while the neighbour counts as dead, and ends at its time."""
    with bench() as b:
        since = b.sim.now
        result = net.ping("10.0.0.77", count=0, flood=True, deadline=6)
        assert abs(b.sim.now - since - 6000000) < 20000
        assert result.errors and result.transmitted <= 601
        assert "E" in b.text()


def test_arithmetic():
    with bench():
        result = net.ping("10.0.0.9", count=1)
        result.rtts = [1.0, 2.0, 3.0, 4.0]
        assert (result.min, result.avg, result.max) == (1.0, 2.5, 4.0)
        assert abs(result.mdev - 1.118) < 0.001  # population standard deviation
        assert result.summary().endswith("rtt min/avg/max/mdev = 1.00/2.50/4.00/1.12 ms")


def test_size_and_ttl():
    with bench() as b:
        seen = []
        b.sim.default.filter = lambda f, src: (
            (seen.append((len(f), f[22])) if f[23] == 1 and f[34] == 8 else None) or f
        )
        net.ping("10.0.0.9", count=1, size=100, ttl=7)
        assert seen == [(14 + 20 + 8 + 100, 7)]
        assert "108 bytes from" in b.text()


def test_time_outs():
    with bench() as b:
        net.ping("10.0.0.9", count=1)
        b.text()
        b.sim.default.filter = lambda f, src: None if f[23] == 1 else f
        result = net.ping("10.0.0.9", count=3)
        text = b.text()
        for i in range(3):
            assert "Request timeout for icmp_seq %d\n" % i in text
        assert "3 packets transmitted, 0 received, 100% packet loss\n" in text
        assert "rtt" not in text
        assert not result and result.avg is None and result.loss == 100


def test_some_lost():
    with bench() as b:
        count = [0]

        def lose(f, src):
            if f[23] == 1 and f[34] == 8:
                count[0] += 1
                if count[0] == 2:
                    return None
            return f

        b.sim.default.filter = lose
        net.ping("10.0.0.9", count=3)
        text = b.text()
        assert "Request timeout for icmp_seq 1\n" in text
        assert "3 packets transmitted, 2 received, 33% packet loss" in text


def test_late_reply_still_counts():
    with bench(delay=700000) as b:  # longer than the second between requests
        result = net.ping("10.0.0.9", count=3, timeout=5)
        assert result.received == 3
        assert "icmp_seq=0" in b.text()


def test_unreachable():
    # Nobody has the address: ARP says so, in bounded time
    with bench() as b:
        result = net.ping("10.0.0.77", count=5)
        text = b.text()
        assert "From 10.0.0.2 icmp_seq=" in text and "Destination Host Unreachable\n" in text
        assert not result and result.errors > 0
        assert "+%d errors" % result.errors in text


def test_no_route():
    with bench():
        e = error_of(net.ping, "192.168.3.4")
        assert e.errno == 101 and "net.ifconfig()" in str(e)


def test_sizes():
    with bench() as b:
        for size in (0, 1472, 1473, 8000, 65507):
            assert net.ping("10.0.0.9", count=1, size=size).received == 1, size
        assert "65515 bytes from 10.0.0.9" in b.text()


def test_too_large():
    with bench():
        assert error_of(net.ping, "10.0.0.9", size=65508).errno == 22
        assert error_of(net.ping, "10.0.0.9", ttl=0).errno == 22


def test_interrupt_prints_the_summary():
    with bench() as b:
        wait = b.rt.wait

        def interrupted(until=None):
            if b.sim.now > 3500000:
                raise KeyboardInterrupt
            wait(until)

        b.rt.wait = interrupted
        result = net.ping("10.0.0.9", count=0)
        assert result.transmitted == 4
        assert "4 packets transmitted, 3 received" in b.text()
        # and nothing is left behind
        del b.rt.wait
        for _ in range(40):
            assert net.ping("10.0.0.9", count=1, quiet=True)


def test_loopback():
    with bench():
        assert net.ping("127.0.0.1", count=2, interval=0.01)
        assert net.ping("localhost", count=2, interval=0.01)
        assert net.ping("10.0.0.2", count=2, interval=0.01)


def test_names():
    with bench() as b:
        DNSServer(b.peer, {"www.example.org": [a("www.example.org", "10.0.0.9")]})
        b.rt.resolver.servers = [b.peer.iface.addr]
        assert net.ping("www.example.org", count=1)
        assert b.text().startswith("PING www.example.org (10.0.0.9): 56 data bytes\n")
        e = error_of(net.ping, "nobody.example.org")
        assert e.errno == -2 and "nobody.example.org" in str(e)


def test_no_dns_server():
    with bench() as b:
        e = error_of(net.ping, "www.example.org")
        assert "without a DNS server" in str(e)
        b.rt.resolver.servers = [b.peer.iface.addr]  # nobody there
        e = error_of(net.ping, "www.example.org")
        assert e.errno == 111 and "10.0.0.9" in str(e)


def test_waits_for_the_lease():
    with bench(ip=None) as b:
        DHCPServer(b.sim)
        b.rt.lock()
        b.rt.dhcp[b.board.iface].start(b.sim.now)
        b.rt.unlock()
        assert net.ping("10.0.0.9", count=1)
        assert net.up() == "10.0.0.50"


def test_no_lease():
    with bench(ip=None) as b:
        e = error_of(net.ping, "10.0.0.9")
        assert e.errno == 101 and "dhcp" in str(e)
        b.rt.dhcp[b.board.iface].start(b.sim.now)
        since = b.sim.now
        e = error_of(net.up, timeout=3)
        assert e.errno == 110 and "DHCP" in str(e)
        assert abs(b.sim.now - since - 3000000) < 100000


def test_no_link():
    with bench() as b:
        b.board.port.carrier = False
        b.sim.run(1000)
        e = error_of(net.ping, "10.0.0.9")
        assert e.errno == 100 and "link" in str(e)
        # Another call, when somebody plugs the cable in meanwhile
        b.sim.go(plug_in(b))
        b.sim.run(1000)
        assert net.up(timeout=5) == "10.0.0.2"


def plug_in(b):
    yield b.sim.now + 1000000
    b.board.port.carrier = True


def test_no_network():
    from frostnet import runtime

    before = runtime.set_current(None)
    e = error_of(net.ping, "10.0.0.9")
    assert e.errno == 100
    runtime.set_current(before)


def test_help():
    for command in (
        net.ping,
        net.wget,
        net.ifconfig,
        net.nslookup,
        net.netstat,
        net.lspci,
        net.up,
    ):
        text = repr(command)
        assert "(" in text.split("\n")[0] and len(text) > 60
        assert all(len(line) < 100 for line in text.split("\n"))
