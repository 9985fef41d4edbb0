# Frostnet: docs/examples/hello.py, the protocol of docs/protocol.md, in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket
import sys

sys.path.append("docs/examples")

from hello import TYPE, Hello, run
from simtools import SECOND
from test_blocking import Net

A = b"\x02\x00\x00\x00\x00\x01"
B = b"\x02\x00\x00\x00\x00\x02"


# Without any network: bytes and times.


def test_says_hello_every_five_seconds():
    hello = Hello("pump")
    said, when = hello.poll(0)
    assert said == b"\x01\x0f\x04pump" and when == 5 * SECOND
    assert hello.poll(1) == (None, 5 * SECOND)
    assert hello.poll(5 * SECOND) == (said, 10 * SECOND)


def test_others_are_forgotten_in_time():
    hello = Hello("pump")
    hello.poll(0)
    hello.receive(b"\x01\x03\x05valve" + bytes(40), B, SECOND)
    assert hello.others == {B: ("valve", 4 * SECOND)}
    assert hello.poll(2 * SECOND) == (None, 4 * SECOND)
    hello.poll(4 * SECOND)
    assert not hello.others


def test_goodbye():
    hello = Hello("pump")
    hello.receive(b"\x01\x0f\x01x", B, 0)
    hello.receive(Hello("x").goodbye(), B, 1)
    hello.receive(Hello("x").goodbye(), A, 1)  # of whom we never heard
    assert not hello.others and not hello.dropped


def test_what_nobody_should_send():
    hello = Hello("pump")
    good = b"\x01\x0f\x04pump"
    for data in (
        b"",
        good[:2],
        good[:-1],
        b"\x02" + good[1:],
        b"\x01\x0f\x00",
        b"\x01\x0f\x21" + b"x" * 33,
        b"\x01\x0f\x02\xff\xfe",
    ):
        before = hello.dropped
        hello.receive(data, B, 0)
        assert hello.dropped == before + 1 and not hello.others, data
    for i in range(100):
        hello.receive(good, bytes((2, 0, 0, 0, 0, i)), 0)
    assert len(hello.others) == 64 and hello.full == 36
    hello.receive(b"\x01\x0f\x03new", b"\x02\x00\x00\x00\x00\x00", 0)
    assert hello.others[b"\x02\x00\x00\x00\x00\x00"][0] == "new", "who is known is heard"


# Two hosts on the virtual wire: one runs what a board runs, the other is done by hand.


def test_on_the_wire():
    with Net() as net:
        net.sim.run(SECOND)
        net.sim.default.filter = None
        other = net.on_b(socket.AF_PACKET, socket.SOCK_DGRAM, TYPE)
        other.setblocking(False)
        heard = []

        def valve():
            while True:
                try:
                    heard.append(other.recv(100))
                    other.sendto(b"\x01\x0f\x05valve", ("eth0", TYPE, 0, 0, A))
                except OSError:
                    yield

        net.sim.go(valve())
        hello = Hello("pump")
        begin = net.sim.now
        run(hello, seconds=12, clock=net.a.rt.clock)
        assert 12 * SECOND <= net.sim.now - begin < 13 * SECOND
        assert hello.others[B][0] == "valve"
        net.sim.run(SECOND)
        # At 0, 5 and 10 s, and when it was over.
        assert [bytes(data)[:7] for data in heard] == [b"\x01\x0f\x04pump"] * 3 + [
            b"\x01\x00\x04pump"
        ]
