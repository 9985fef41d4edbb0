# Frostnet: tests of packet hooks: at the prompt, and the programs in the docs
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
from net_bench import Bench
from simtools import SECOND
from test_hooks import hook

from frostnet.wire import addr
from network import LAN


def examples():
    """{name of the function: text} of the programs in docs/hooks.md."""
    found = {}
    with open("docs/hooks.md") as f:
        for text in f.read().split("```python\n")[1:]:
            text = text.split("```")[0]
            found[text.split("def ")[1].split("(")[0]] = text
    return found


def example(name):
    """Run one of them; its names."""
    names = {"__name__": "example"}
    exec(examples()[name], names)
    return names


# On the loopback, with impairments, at the prompt.


def test_the_loopback_has_hooks_too():
    with Bench() as b:
        seen = []
        it = net.lo.hook(lambda p: seen.append((p.out, p.iface)), "both")
        assert net.ping("127.0.0.1", count=1, quiet=True)
        assert seen == [(True, "lo"), (False, "lo")] * 2, seen
        it.remove()
        assert b.board.stack.lo.dev is b.board.stack._lo_dev


def test_hooks_are_behind_the_impairments():
    """Of what is duplicated both are seen; of what is sent, one."""
    with Bench() as b:
        net.ping("10.0.0.9", count=1, quiet=True)
        seen = []
        it = net.eth0.hook(lambda p: seen.append(p.out), "both")
        net.eth0.impair(duplicate=1)
        net.ping("10.0.0.9", count=1, timeout=0.1, quiet=True)
        assert seen == [True] + [False] * 4, seen
        net.eth0.impair(None)
        b.sim.run(1)
        assert net.ping("10.0.0.9", count=1, quiet=True)
        it.remove()
        assert b.board.iface.dev is b.board.port


def test_at_the_prompt():
    with Bench() as b:

        def no_ping(p):
            if p.icmp_type == 0:
                return False

        it = net.hook(no_ping)
        assert repr(it) == "<hook no_ping on eth0, in: 0 seen, 0 dropped, 0 changed, 0 errors>"
        assert repr(LAN()) == "<ETH 3 10.0.0.2 (hooks: no_ping (in))>"
        assert net.ping("10.0.0.9", count=2, interval=0.1, timeout=0.1, quiet=True).received == 0
        assert it.dropped == 2
        it.remove()
        assert repr(LAN()) == "<ETH 3 10.0.0.2>" and net.ping("10.0.0.9", count=1, quiet=True)
        assert net.hook(no_ping, iface="lo").interfaces == ["lo"]
        for args, kwargs in (
            ((None,), {}),
            ((no_ping, "up"), {}),
            ((no_ping,), {"iface": "eth5"}),
        ):
            try:
                net.hook(*args, **kwargs)
                assert False
            except (TypeError, ValueError, net.NetError) as e:
                assert len(str(e)) > 20
        assert b.board.iface.dev is b.board.port


def test_an_interface_sends_a_frame():
    with Bench() as b:
        got = []
        hook(b.peer, lambda p: p.type == 0x88B5 and got.append(bytes(p.payload)))
        frame = b"\xff" * 6 + b.board.iface.mac + b"\x88\xb5hello"
        assert net.eth0.send(frame)
        b.sim.run(SECOND)
        assert got == [b"hello"]
        try:
            net.eth0.send(b"short")
            assert False
        except OSError as e:
            assert e.errno == 22


# The programs in docs/hooks.md, as they stand there.


def test_every_example_of_the_docs_is_run_here():
    with open("tests/wire/test_hooks_docs.py") as f:
        text = f.read()
    for name in examples():
        assert 'example("%s")' % name in text, name


class Guarded:
    """A host that tries to come in at port 2222 of the board, and knocks."""

    def __init__(self, b, host):
        self.b, self.host = b, host
        self.udp = host.stack.udp.open()

    def enters(self):
        c = self.host.stack.tcp.connect(self.b.board.iface.addr, 2222)
        self.host.touch()
        self.b.sim.run(2 * SECOND)
        there = c.state == 4
        c.abort()
        self.host.touch()
        self.b.sim.run(SECOND)
        return there

    def knock(self, *ports, pause=SECOND // 10):
        for port in ports:
            self.udp.send(b"", self.b.board.iface.addr, port)
            self.host.touch()
            self.b.sim.run(pause)


def test_port_knocking():
    lines = [line.split("#")[0].strip() for line in examples()["firewall"].split("\n")]
    assert len([line for line in lines if line]) <= 20
    with Bench() as b:
        b.board.stack.tcp.listen(0, 2222, 4)
        other = b.sim.host(7, "10.0.0.7/24")
        friend, foe = Guarded(b, b.peer), Guarded(b, other)
        assert friend.enters()
        names = example("firewall")
        assert not friend.enters()
        friend.knock(7001, 8002, 9003)
        assert friend.enters() and not foe.enters()
        b.sim.run(25 * SECOND)
        assert friend.enters()  # the last packet of before counts
        b.sim.run(40 * SECOND)
        assert not friend.enters()
        for wrong in ((9003, 8002, 7001), (7001, 9003), (7001, 8002, 8002, 9003), (8002, 9003)):
            foe.knock(*wrong)
            assert not foe.enters(), wrong
        foe.knock(7001, 7001, 8002, 9003)  # a first knock is always a first knock
        assert foe.enters()
        friend.knock(7001, 8002, pause=20 * SECOND)
        b.sim.run(20 * SECOND)
        friend.knock(9003)
        assert not friend.enters()  # too slow
        assert net.ping("10.0.0.9", count=1, quiet=True)
        assert b.board.stack.counters.hook_drop > 20
        assert not b.board.stack.counters.hook_drop_error
        # Knocks from made-up addresses take no memory for ever.
        for i in range(3000):
            names["firewall"](Fake("1.%d.%d.%d" % (i % 3, i % 200, i % 251), i))
        assert len(names["knocked"]) <= 1000


class Fake:
    proto = "udp"
    dport = 7001

    def __init__(self, src, time):
        self.src = src
        self.time = time


def test_ping_for_another_address():
    with Bench(ip="192.168.77.9/24") as b:
        peer = b.sim.host(5, "192.168.77.1/24")
        example("also_here")
        for address, expected in (("192.168.77.99", True), ("192.168.77.98", False)):
            pings = peer.stack.icmp.pings.open()
            pings.send(addr.parse(address), 1, b"hello", b.sim.now)
            peer.touch()
            b.sim.run(5 * SECOND)
            assert bool(pings.recv()) is expected, address


def test_redirection():
    with Bench() as b:
        example("redirect")
        got = []
        listener = b.board.stack.tcp.listen(0, 8080, 4)
        c = b.peer.stack.tcp.connect(b.board.iface.addr, 80)
        b.peer.touch()
        b.sim.run(SECOND)
        assert c.state == 4
        server = listener.accept()
        c.send(memoryview(b"question"), 0, 8)
        server.send(memoryview(b"answer"), 0, 6)
        b.peer.touch()
        b.board.touch()
        b.sim.run(SECOND)
        buf = bytearray(20)
        got = [bytes(buf[: e.recv_into(buf, 0, 20)]) for e in (c, server)]
        assert got == [b"answer", b"question"], got
        assert not b.board.stack.counters.tcp_drop_checksum
        assert not b.peer.stack.counters.tcp_drop_checksum


def test_louder():
    with Bench() as b:
        example("louder")
        e = b.board.stack.udp.open(0, 7)
        b.peer.stack.udp.open().send(b"hello", b.board.iface.addr, 7)
        b.peer.touch()
        b.sim.run(SECOND)
        assert e.recv()[0] == b"HELLO!"


def test_counting():
    with Bench():
        names = example("count")
        net.ping("10.0.0.9", count=3, interval=0.1, quiet=True)
        packets, size = names["hosts"]["10.0.0.9"]
        assert packets >= 4 and size >= 3 * 98, names["hosts"]
        assert names["hosts"]["10.0.0.2"][0] >= 4


def test_a_clock_without_a_socket():
    with Bench() as b:
        names = example("clock")
        e = b.peer.stack.udp.open()
        e.send(b"", b.board.iface.addr, 9999)
        b.peer.touch()
        b.sim.run(SECOND)
        answer = e.recv()
        assert answer[0] == b"up for 1 s\n" and answer[2] == 9999, answer
        assert names["clock"].dropped == 1
