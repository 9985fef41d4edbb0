# Frostnet: tests of net.nc
# MIT license; Copyright (c) 2026 The Frostnet authors

import io
import os

import net
import net._nc
import net._terminal
from frostnet.tcp import states
from net_bench import Bench, error_of
from simtools import SECOND, pattern

PEER = "10.0.0.9"
FILE = "/tmp/frostnet_nc_test"
BIG = pattern(300000)
BACK = pattern(300000, 2)


class Net(Bench):
    def __init__(self, **options):
        super().__init__(**options)
        self.listen_to(net._nc)
        self.got = bytearray()  # by the peer
        self.ended = []  # how the peer saw it end
        self.endpoints = len(self.board.stack.udp.endpoints())

    def __exit__(self, *exc):
        super().__exit__(*exc)
        # Whatever happened, nothing is left
        self.sim.run(self.sim.now + 300 * SECOND)
        stack = self.board.stack
        assert not stack.tcp.count and not stack.tcp.listeners
        assert len(stack.udp.endpoints()) == self.endpoints

    def answer(self, data=b"", after=None, port=7, reset=False, hold=False):
        """A server on the peer: once `after` (a number of bytes, None: the end) came, it sends
        `data` and closes."""
        listener = self.peer.stack.tcp.listen(0, port, 4)

        def program():
            c = None
            while not c:
                c = listener.accept()
                yield
            listener.close()
            yield from self._serve(c, data, after, reset, hold)

        self.sim.go(program())

    def call(self, data=b"", after=None, port=9000, delay=1000, reset=False):
        """A client on the peer that connects after `delay` µs."""

        def program():
            yield self.sim.now + delay
            c = self.peer.stack.tcp.connect(self.board.iface.addr, port)
            yield from self._serve(c, data, after, reset, False)

        self.sim.go(program())

    def _serve(self, c, data, after, reset, hold):
        buf = bytearray(8192)
        while c.state == states.SYN_SENT:
            yield

        def take():
            n = c.recv_into(buf, 0, len(buf))
            self.got += buf[:n]
            return n

        def over():
            return c.eof and not c.available() if after is None else len(self.got) >= after

        while not c.error and not over():
            if not take():
                yield
        at = 0
        while at < len(data) and not c.error:
            n = c.send(data, at, len(data) - at)
            at += n
            if not n and not take():
                yield
        if reset:
            while c.tx.len and not c.error:
                yield
            c.abort()
            return
        end = self.sim.now + 60 * SECOND
        while hold and self.sim.now < end:
            yield end
        c.shutdown()
        after = None
        while not c.error and not over():
            if not take():
                yield
        self.ended.append(c.error)
        c.close()


class Keys:
    """A keyboard whose keys are struck at times (µs); one is an exception."""

    def __init__(self, sim, *struck):
        self.sim = sim
        self.struck = [(sim.now + at, keys) for at, keys in struck]
        self.shown = bytearray()

    def read(self, n):
        keys = self.struck[0][1]
        self.struck[0] = (self.struck[0][0], keys[1:])
        if len(keys) == 1:
            self.struck.pop(0)
        return keys[:1]

    def poll(self, timeout):
        if not self.struck or self.struck[0][0] > self.sim.now:
            return []
        if self.struck[0][1] is KeyboardInterrupt:
            raise KeyboardInterrupt
        return [(self, 1)]


def console(sim, *struck):
    """Sit at a keyboard; returns it, with what was shown."""
    keys = Keys(sim, *struck)

    class Keyboard(net._terminal.Keyboard):
        def __init__(self, end):
            self.ended = False
            self._line = net._terminal.Line(end)
            self._read = keys.read
            self._poll = keys

    net._nc._keyboard = lambda crlf: Keyboard(b"\r\n" if crlf else b"\n")
    net._terminal.show = keys.shown.extend
    return keys


def test_data_there_and_back():
    with Net() as it:
        it.answer(b"world")
        assert net.nc(PEER, 7, b"hello") == b"world"
        assert it.got == b"hello" and it.text() == ""
        it.sim.run(it.sim.now + SECOND)
        assert it.ended == [0]
    with Net() as it:
        it.answer(BACK)
        assert net.nc(PEER, 7, BIG) == BACK and it.got == BIG


def test_both_ways_at_once():
    # Neither waits for the other to be done: windows are full on both sides
    with Net() as it:
        it.answer(BACK, after=1)
        assert net.nc(PEER, 7, BIG) == BACK
        it.sim.run(it.sim.now + SECOND)
        assert it.got == BIG


def test_kinds_of_data():
    for data, want in (
        ("h\u00e9", "h\u00e9".encode()),
        (bytearray(b"ab"), b"ab"),
        (io.BytesIO(BIG), BIG),
        (b"", b""),
    ):
        with Net() as it:
            it.answer(b"ok")
            assert net.nc(PEER, 7, data) == b"ok" and it.got == want


def test_into_a_file():
    with Net() as it:
        it.answer(BIG)
        count = net.nc(PEER, 7, b"get", FILE)
        assert count == (3, len(BIG)) and count.received == len(BIG)
        with open(FILE, "rb") as file:
            assert file.read() == BIG
        os.remove(FILE)
    with Net() as it:
        it.answer(BIG[:5000], reset=True)
        assert error_of(net.nc, PEER, 7, b"get", FILE).errno == 104
        assert "frostnet_nc_test" not in "".join(os.listdir("/tmp"))


def test_silence_is_the_end_of_an_answer():
    # As nc -w: a server that does not close
    for timeout, least in ((3, 3), (None, 10)):
        with Net() as it:
            it.answer(b"+PONG", after=4, hold=True)
            since = it.sim.now
            assert net.nc(PEER, 7, b"PING", timeout=timeout) == b"+PONG"
            assert least <= (it.sim.now - since) / SECOND < least + 2


def test_errors():
    with Net() as it:
        e = error_of(net.nc, PEER, 4444, b"")
        assert e.errno == 111 and PEER + ":4444" in str(e)
        assert error_of(net.nc, "10.0.0.77", 7, b"", timeout=3).errno in (110, 113)
        assert error_of(net.nc, "nowhere.example", 7, b"")
        it.answer(b"hel", after=1, reset=True)
        assert error_of(net.nc, PEER, 7, b"x").errno == 104


def test_a_peer_that_does_not_hear_us_to_the_end():
    # It has said what it had to say, and closed: what it said counts
    with Net() as it:
        listener = it.peer.stack.tcp.listen(0, 7, 4)

        def program():
            c = None
            while not c:
                c = listener.accept()
                yield
            listener.close()
            c.send(b"enough", 0, 6)
            c.shutdown()
            yield it.sim.now + 200000
            c.abort()

        it.sim.go(program())
        assert net.nc(PEER, 7, BIG * 4) == b"enough"


def test_typing():
    with Net() as it:
        it.answer(b"bye\n", after=13)
        keys = console(it.sim, (SECOND, b"hello\r"), (2 * SECOND, b"wot\x08rld!\r"))
        count = net.nc(PEER, 7)
        assert it.got == b"hello\nworld!\n" and count == (13, 4)
        assert keys.shown == b"hello\nwot\b \brld!\nbye\n"
        assert it.text().startswith("talking to 10.0.0.9:7")


def test_ctrl_d_ends_what_we_say_only():
    # RFC 9293 section 3.6: half-closed, the other half goes on
    with Net() as it:
        it.answer(b"and more\n")
        keys = console(it.sim, (SECOND, b"all\r\x04"))
        assert net.nc(PEER, 7, crlf=True) == (5, 9)
        assert it.got == b"all\r\n" and keys.shown == b"all\nand more\n"
        it.sim.run(it.sim.now + SECOND)
        assert it.ended == [0]


def test_ctrl_c():
    for keys in ((), ((SECOND, b"x\r"),)):
        with Net() as it:
            it.answer(b"", after=100)
            console(it.sim, *keys, (2 * SECOND, KeyboardInterrupt))
            count = net.nc(PEER, 7)
            assert count == (2 if keys else 0, 0)
            assert it.text().endswith("^C\n")


def test_ctrl_c_while_waiting():
    # For a connection, and for one who connects; a program gets the exception
    for args, options in (
        (("10.0.0.77", 7), {}),
        ((), {"port": 9000, "listen": True}),
        ((), {"port": 9000, "listen": True, "udp": True}),
        ((PEER, 7), {}),
    ):
        for data in (None, b""):
            with Net() as it:
                if args[:1] == (PEER,):
                    it.answer(b"", after=100)
                console(it.sim)
                real = it.rt.rest
                end = it.sim.now + 500000

                def interrupted(until=None):
                    if it.sim.now >= end:
                        raise KeyboardInterrupt
                    real(min(until or end, end))

                it.rt.rest = interrupted
                try:
                    assert net.nc(*args, data=data, **options) == (0, 0) and data is None
                except KeyboardInterrupt:
                    assert data is not None
                it.rt.rest = real


def test_listening():
    with Net() as it:
        it.call(b"who is there?")
        assert net.nc(port=9000, listen=True, data=b"me", timeout=5) == b"who is there?"
        assert it.got == b"me"
        lines = it.text().splitlines()
        assert lines[0] == "listening on port 9000, Ctrl-C ends"
        assert lines[1].startswith("connection from 10.0.0.9:")
        # The port is free again, for the next one
        it.call(b"again")
        assert net.nc(9000, listen=True, data=b"", quiet=True) == b"again" and it.text() == ""


def test_listening_and_typing():
    with Net() as it:
        it.call(b"hi\n", after=3)
        keys = console(it.sim, (SECOND, b"ho\r\x04"))
        assert net.nc(port=9000, listen=True) == (3, 3)
        assert keys.shown == b"ho\nhi\n"


def test_nobody_comes():
    with Net() as it:
        for udp in (False, True):
            since = it.sim.now
            e = error_of(net.nc, port=9000, listen=True, data=b"", timeout=3, udp=udp)
            assert e.errno == 110 and it.sim.now - since >= 3 * SECOND
        listener = it.board.stack.tcp.listen(0, 9000, 1)
        assert error_of(net.nc, port=9000, listen=True).errno == 98
        listener.close()


def udp_echo(it, times=1, port=7):
    endpoint = it.peer.stack.udp.open(0, port)

    def program():
        for _ in range(times):
            datagram = None
            while not datagram:
                datagram = endpoint.recv()
                yield
            data, src, sport = datagram
            it.got += data
            endpoint.send(bytes(data), src, sport)
        endpoint.close()

    it.sim.go(program())


def test_udp():
    for data in (b"hello", pattern(1472), pattern(9000), pattern(65507)):
        with Net() as it:
            udp_echo(it)
            since = it.sim.now
            assert net.nc(PEER, 7, data, udp=True) == data and it.got == data
            assert 2 * SECOND <= it.sim.now - since < 4 * SECOND
    with Net() as it:
        assert error_of(net.nc, PEER, 7, bytes(65508), udp=True).errno == 90
        # Nobody there: the host says so (RFC 1122 section 4.1.3.3)
        assert error_of(net.nc, PEER, 7, b"x", udp=True).errno == 111


def test_udp_of_a_stream():
    with Net() as it:
        udp_echo(it, 3)
        assert net.nc(PEER, 7, io.BytesIO(BIG[:3000]), udp=True) == BIG[:3000]


def test_udp_typing():
    with Net() as it:
        udp_echo(it, 2)
        keys = console(it.sim, (SECOND, b"a\r"), (2 * SECOND, b"b\r"), (3 * SECOND, b"\x04"))
        assert net.nc(PEER, 7, udp=True) == (4, 4)
        assert keys.shown == b"a\na\nb\nb\n"


def test_udp_listening():
    with Net() as it:
        endpoint = it.peer.stack.udp.open(0, 5000)

        def program():
            yield it.sim.now + SECOND
            endpoint.send(b"ping", it.board.iface.addr, 9000)
            while not endpoint.queue[0]:
                yield
            it.got += endpoint.recv()[0]
            endpoint.close()

        it.sim.go(program())
        assert net.nc(port=9000, listen=True, udp=True, data=b"pong") == b"ping"
        assert it.got == b"pong" and "connection from 10.0.0.9:5000" in it.text()


def test_scan():
    with Net() as it:
        listeners = [it.peer.stack.tcp.listen(0, port, 8) for port in (22, 80)]
        assert net.nc(PEER, 80, scan=True) == [80]
        assert it.text() == "Connection to 10.0.0.9 80 port [tcp/*] succeeded!\n"
        assert net.nc(PEER, 81, scan=True) == []
        assert it.text() == "connect to 10.0.0.9 port 81 (tcp) failed: Connection refused\n"
        assert net.nc(PEER, range(1, 100), scan=True, quiet=True) == [22, 80]
        assert net.nc(PEER, (80, 22, 23), scan=True) == [80, 22]
        for listener in listeners:
            listener.close()
        assert error_of(net.nc, "10.0.0.77", 80, scan=True, timeout=20).errno == 113


def test_scan_udp():
    with Net() as it:
        endpoint = it.peer.stack.udp.open(0, 53)
        assert net.nc(PEER, (53, 54), scan=True, udp=True) == [53]
        endpoint.close()


def test_wrong_arguments():
    with Net():
        for args, options in (
            ((), {}),
            ((PEER,), {}),
            ((), {"listen": True}),
            ((PEER, 0), {}),
            ((PEER, 65536), {}),
            ((PEER, "80"), {}),
            ((PEER, range(5)), {}),
            ((PEER, range(5)), {"scan": True}),
            ((PEER, "x"), {"scan": True}),
            ((PEER, 7, 5), {}),
            ((PEER, 7), {"timeout": 0}),
            ((PEER, 7), {"timeout": "x"}),
            ((PEER, 7), {"scan": True, "listen": True}),
            ((PEER, 7, b"x"), {"scan": True}),
            ((None, 7), {}),
        ):
            assert error_of(net.nc, *args, **options).errno == 22, (args, options)
        error_of(net.nc, "", 7)


def test_lossy():
    for seed in range(1, 4):
        with Net(seed=seed, loss=0.03, delay=3000) as it:
            it.answer(BIG)
            assert net.nc(PEER, 7, BIG, timeout=60) == BIG and it.got == BIG
