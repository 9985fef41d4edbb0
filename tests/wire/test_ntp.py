# Frostnet: tests of net.ntp and the client behind it on the virtual wire
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._ntp
import wallclock
from dns_server import Server as DNSServer
from dns_server import a
from frostnet.wire import addr
from net_bench import Bench, error_of
from ntp_server import NOW, S, TimeServer, answer


class Clock:
    """In place of the machine's clock: `behind` the server's, by the simulation's time."""

    def __init__(self, behind):
        self.epoch = NOW * S - behind
        self.set = 0

    def offset(self, epoch, now):
        return epoch - self.epoch

    def adjust(self, epoch, now):
        self.set += 1
        self.epoch = epoch


def bench(behind=90 * S, **options):
    b = Bench(**options)
    net._ntp.wallclock = b.clock = Clock(behind)
    net._ntp._resting.clear()
    b.listen_to(net._ntp)
    return b


def test_clock_is_set():
    with bench() as b:
        server = TimeServer(b.sim, b.peer)
        found = net.ntp("10.0.0.9")
        lines = b.text().split("\n")
        assert lines[0].startswith("server 10.0.0.9, stratum 2, offset +90.000"), lines
        assert lines[1].endswith("step time server 10.0.0.9 offset +90.000050 sec"), lines
        assert lines[1].startswith("2026-08-22 "), lines
        assert abs(found.offset - 90) < 0.001 and 0 < found.delay < 0.01
        assert (found.server, found.address, found.stratum) == ("10.0.0.9", "10.0.0.9", 2)
        assert b.clock.set == 1 and abs(b.clock.epoch - NOW * S) < 500
        assert len(server.requests) == 1 and server.requests[0][2] >= 49152
        assert "2026-08-22" in repr(found)
        net.ntp("10.0.0.9", quiet=True)
        assert b.text() == "" and abs(b.clock.epoch - NOW * S) < 500


def test_clock_is_only_compared():
    with bench(behind=-S) as b:
        TimeServer(b.sim, b.peer)
        found = net.ntp("10.0.0.9", set=False)
        assert abs(found.offset + 1) < 0.001 and not b.clock.set
        assert len(b.text().split("\n")) == 2


def test_clock_that_is_not_ours():
    # As on the unix port
    with bench() as b:
        net._ntp.wallclock = wallclock
        TimeServer(b.sim, b.peer)
        if not wallclock.RTC:
            assert error_of(net.ntp, "10.0.0.9").errno == 1
        net.ntp("10.0.0.9", set=False)


def test_delay_of_the_wire():
    with bench(delay=40000) as b:
        TimeServer(b.sim, b.peer)
        net.ntp("10.0.0.9", quiet=True)  # finds the neighbour
        found = net.ntp("10.0.0.9")
        assert 0.08 <= found.delay < 0.082 and abs(found.offset) < 0.041


def test_servers_that_dhcp_named():
    class Lease:
        ntp = [addr.parse("10.0.0.9")]

    with bench() as b:
        TimeServer(b.sim, b.peer)
        client = b.rt.dhcp[b.board.iface]
        client.lease = Lease
        assert net.ntp().server == "10.0.0.9"
        client.lease = None


def test_names_and_the_default():
    with bench() as b:
        other = b.sim.host(8, "10.0.0.8/24")
        TimeServer(b.sim, other)
        zone = {}
        for name in ("pool.ntp.org", "time.test"):
            # 10.0.0.9 has no time server, and says so
            zone[name] = [a(name, "10.0.0.9"), a(name, "10.0.0.8")]
        DNSServer(b.peer, zone)
        b.rt.resolver.servers = [b.peer.iface.addr]
        assert net.ntp("time.test").address == "10.0.0.8"
        assert net.ntp().server == "pool.ntp.org"


def test_nobody_tells():
    with bench() as b:
        since = b.sim.now
        e = error_of(net.ntp, "10.0.0.9")
        assert "10.0.0.9 has no time server" in str(e) and e.errno == 110
        assert b.sim.now - since < S, "it said so"
        e = error_of(net.ntp, "10.0.0.77", timeout=9)
        assert "10.0.0.77 cannot be reached" in str(e), e
        since = b.sim.now
        b.sim.default.filter = lambda f, src: None if f[23] == 17 else f
        e = error_of(net.ntp, "10.0.0.9", timeout=3)
        assert "10.0.0.9 does not answer" in str(e)
        assert 3 * S <= b.sim.now - since < 3 * S + 100000
        assert not b.clock.set
        left = b.board.stack.udp.endpoints()
        assert not [e for e in left if e.port >= 49152], "ports are given back"


def test_lost_requests_are_repeated():
    with bench() as b:
        server = TimeServer(b.sim, b.peer)
        lost = []

        def lose(f, src):
            if f[23] == 17 and len(lost) < 2:
                lost.append(f)
                return None
            return f

        b.sim.default.filter = lose
        assert net.ntp("10.0.0.9").address == "10.0.0.9"
        assert len(lost) == 2 and b.sim.now > 2 * S
        cookies = [request[3][40:] for request in server.requests]
        assert len(cookies) == 1


def test_server_that_declines_is_left_alone():
    # RFC 5905 section 7.4
    with bench() as b:
        server = TimeServer(b.sim, b.peer, stratum=0, refid=b"RATE")
        assert "too often" in str(error_of(net.ntp, "10.0.0.9"))
        assert "declined before" in str(error_of(net.ntp, "10.0.0.9"))
        assert len(server.requests) == 1
        b.sim.run(70 * S)
        server.fields = {"stratum": 0, "refid": b"DENY"}
        assert "denies" in str(error_of(net.ntp, "10.0.0.9"))
        b.sim.run(7000 * S)
        assert "declined before" in str(error_of(net.ntp, "10.0.0.9"))
        assert len(server.requests) == 2


def test_false_answers_are_counted():
    with bench() as b:
        server = TimeServer(b.sim, b.peer)
        plain = server._input

        def forged(iface, buf, off, end, src, sport):
            request = bytearray(buf[off:end])
            request[47] ^= 0xFF
            server.endpoint.send(answer(request), src, sport)
            server.endpoint.send(b"short", src, sport)
            other.send(answer(bytes(buf[off:end])), src, sport)
            plain(iface, buf, off, end, src, sport)

        other = b.peer.stack.udp.open(0, 1123)  # the wrong port
        server.endpoint.handler = forged
        assert abs(net.ntp("10.0.0.9").offset - 90) < 0.001
        counters = b.board.stack.counters
        assert counters.ntp_drop_stray == 2 and counters.ntp_drop_malformed == 1
