# Frostnet: tests of the clock that is set again and again, in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import services
from dns_server import Server as DNSServer
from dns_server import a
from frostnet import runtime
from frostnet.dns import Resolver
from ntp_server import NOW, S, TimeServer
from services import timekeeper
from simnet import Sim
from simtools import scheduler
from test_ntp import Clock


class Bench:
    """A board without an address at first, and the server 10.0.0.9."""

    def __init__(self, server=None, every=64, **fields):
        self.sim = Sim(1, delay=500)
        self.board = self.sim.host(1)
        self.board.rt.resolver = Resolver(self.board.stack)
        self.board.rt.dhcp = {}
        self.peer = self.sim.host(9, "10.0.0.9/24")
        self.server = TimeServer(self.sim, self.peer, **fields)
        timekeeper.wallclock = self.clock = Clock(90 * S)
        self.said = []
        timekeeper.print = self.said.append
        self.before = self.board.use()
        scheduler(self.sim, self.board.rt)
        self.service = net.ntp(server, every=every)

    def lease(self):
        self.board.iface.set_address(0x0A000001, 24)
        self.sim.touch()

    def run(self, seconds):
        self.sim.run(int(seconds * S))

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, tb):
        self.service.stop()
        del timekeeper.print
        if exc is None:
            self.run(0.1)  # what is on its way
            asked = len(self.server.requests)
            self.run(1000)
            assert len(self.server.requests) == asked
            assert not services.running and not self.board.stack.udp.endpoints()
            assert self.board.iface.on_address == []
        runtime.set_current(self.before)


def test_the_clock_is_set_when_there_is_an_address_and_again():
    with Bench("10.0.0.9") as bench:
        bench.run(100)
        assert not bench.server.requests and bench.clock.set == 0 and not bench.said
        bench.lease()
        bench.run(1)
        assert bench.clock.set == 1 and abs(bench.clock.epoch - NOW * S) < 1000
        assert abs(bench.service.offset - 90) < 0.001
        bench.run(640)
        assert bench.clock.set == 11 and bench.service.counters["set"] == 11
        assert not bench.said


def test_a_server_that_comes_later():
    # RFC 4330 §10 (5): tries are further and further apart
    with Bench("10.0.0.9", 1000) as bench:
        bench.server.endpoint.close()
        bench.lease()
        bench.run(150)
        assert bench.service.counters["asked"] == 4  # at 0, 16, 48 and 112 s
        assert len(bench.said) == 1 and "has no time server" in bench.said[0]
        bench.server = TimeServer(bench.sim, bench.peer)
        bench.run(120)
        assert bench.clock.set == 1 and bench.service.problem is None
        bench.run(1000)
        assert bench.clock.set == 2


def test_names():
    with Bench("no.example.org,time.example.org") as bench:
        bench.lease()
        bench.run(1)  # no name server is known yet
        assert bench.clock.set == 0 and "unknown host" in bench.said[0]
        dns = DNSServer(bench.peer, {"time.example.org": [a("time.example.org", "10.0.0.9")]})
        bench.board.rt.resolver.servers = [0x0A000009]
        bench.run(30)
        assert bench.clock.set == 1 and len(bench.said) == 1
        dns.endpoint.close()


def test_who_declines_is_left_alone():
    # RFC 5905 §7.4
    with Bench("10.0.0.9", 500, stratum=0, refid=b"DENY") as bench:
        bench.lease()
        bench.run(499)
        assert len(bench.server.requests) == 1 and "denies us" in bench.said[0]
        bench.run(10)
        assert len(bench.server.requests) == 2 and bench.clock.set == 0


def test_stop_at_any_time():
    for seconds in (0, 0.0004, 0.0006, 0.3):
        with Bench("10.0.0.9") as bench:
            bench.lease()
            bench.run(seconds)
            assert repr(bench.service).startswith("<ntp every 64 s")


def test_errors():
    with Bench("10.0.0.9"):
        for every, said in ((64, "ntp runs already"), (5, "every 15 seconds at most")):
            try:
                net.ntp("10.0.0.9", every=every)
                raise AssertionError
            except net.NetError as e:
                assert said in str(e)
