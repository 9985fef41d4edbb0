# Frostnet: tests of net.impair: interfaces on a bad network, as people set and see them
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._ifconfig
import net._ping
from net_bench import Bench
from network import LAN
from simtools import SECOND


def test_at_the_prompt():
    with Bench() as b:
        eth0 = net.eth0
        assert eth0 is LAN() and net.iface("eth0") is eth0 and eth0.name == "eth0"
        assert repr(eth0) == "<ETH 3 10.0.0.2>"
        assert not eth0.impair() and repr(eth0.impair()) == "<eth0 not impaired>"
        it = eth0.impair(loss=0.5, delay_ms=50)
        assert it and repr(it) == "<eth0 impaired in and out: delay 50 ms, loss 50 %>", it
        assert repr(eth0) == "<ETH 3 10.0.0.2 (impaired in and out: delay 50 ms, loss 50 %)>"
        it = eth0.impair(direction="in", rate_kbps=64)
        assert repr(it) == "<eth0 impaired in: rate 64 kbit/s; out: delay 50 ms, loss 50 %>", it
        assert it.faults == {"in": "rate 64 kbit/s", "out": "delay 50 ms, loss 50 %"}
        assert it.counters["in"]["frames"] == 0
        it = eth0.impair(None, direction="out")
        assert list(it.faults) == ["in"]
        assert not eth0.impair(None) and not eth0.impair()
        b.sim.run(1)
        assert b.board.iface.dev is b.board.port


def test_ping_tells_the_loss_and_the_delay():
    with Bench(delay=500) as b:
        b.listen_to(net._ping)
        net.ping("10.0.0.9", count=1, quiet=True)  # so that its hardware address is known
        net.eth0.impair(delay_ms=50, direction="out", seed=1)
        result = net.ping("10.0.0.9", count=5, interval=0.2)
        assert result.received == 5 and result.min == result.max == 51.0, result.rtts
        net.eth0.impair(loss=0.1, seed=1)
        result = net.ping("10.0.0.9", count=300, interval=0.01, timeout=0.1, quiet=True)
        assert 10 < result.loss < 30, result.loss  # 19 % is likely, for both ways
        counters = net.eth0.impair().counters
        assert counters["out"]["lost"] + counters["in"]["lost"] == 300 - result.received


def test_ifconfig_says_so():
    with Bench() as b:
        b.listen_to(net._ifconfig)
        net.eth0.impair(loss=0.05, delay_ms=50)
        shown = net.ifconfig("eth0")[0]
        line = "impaired in and out: delay 50 ms, loss 5 %"
        assert line in b.text() and shown.notes == [line]
        net.eth0.impair(None)
        assert net.ifconfig("eth0")[0].notes == [] and "impaired" not in b.text()


def test_the_same_seed_loses_the_same():
    runs = []
    for seed in (7, 7, 8):
        with Bench() as b:
            b.sim.run(10 * SECOND)
            net.eth0.impair(loss=0.3, seed=seed)
            runs.append(
                net.ping("10.0.0.9", count=50, interval=0.01, timeout=0.1, quiet=True).rtts
            )
    assert runs[0] == runs[1] and len(runs[0]) != len(runs[2])


def test_the_loopback_suffers_once():
    with Bench() as b:
        lo = net.lo
        assert repr(lo) == "<lo>" and lo.name == "lo"
        for direction in ("both", "in", "out"):
            lo.impair(delay_ms=20, direction=direction)
            result = net.ping("127.0.0.1", count=3, interval=0.1, quiet=True)
            assert result.received == 3 and result.min == result.max == 40.0, result.rtts
        assert repr(lo) == "<lo (impaired out: delay 20 ms)>"
        lo.impair(None)
        b.sim.run(1)
        assert net.ping("127.0.0.1", count=1, quiet=True).max == 0


def test_what_makes_no_sense_is_refused_and_changes_nothing():
    with Bench() as b:
        for args, kwargs in (
            ((), {"loss": 5}),
            ((), {"direction": "up"}),
            ((0.05,), {}),
            ((None,), {"loss": 0.1}),
            ((), {"delay_ms": 1, "jitter_ms": 2}),
        ):
            try:
                net.eth0.impair(*args, **kwargs)
                assert False, kwargs
            except ValueError as e:
                assert len(str(e)) > 20
        try:
            net.eth0.impair(lose=0.1)
            assert False
        except TypeError:
            pass
        assert b.board.iface.dev is b.board.port


def test_names_that_are_no_interface():
    with Bench():
        for name in ("eth7", "nonsense"):
            assert not hasattr(net, name)
            try:
                net.iface(name)
                assert False
            except net.NetError as e:
                assert "eth0, lo" in str(e)
