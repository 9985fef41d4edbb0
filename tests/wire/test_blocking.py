# Frostnet: sockets of two hosts: blocking calls in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import micropython
from frostnet import runtime
from simtools import SECOND, pattern, two_hosts


class Net:
    """Two hosts driven by the real runtime; the foreground is host a's program."""

    def __init__(self, seed=1, **wire):
        self.sim, self.a, self.b = two_hosts(seed, **wire)
        self.before = self.b.use()
        self.a.use()

    def on_b(self, *args):
        """A socket of host b."""
        self.b.use()
        s = socket.socket(*args)
        self.a.use()
        return s

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        runtime.set_current(self.before)


def echo_server(net, port=7, greeting=b""):
    """A program of host b: takes one connection and returns what comes."""
    listener = net.on_b(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("0.0.0.0", port))
    listener.listen(4)
    listener.setblocking(False)

    def program():
        while True:
            try:
                s, _ = listener.accept()
                break
            except OSError as e:
                assert e.errno == 11, e
                yield
        s.setblocking(False)
        waiting = greeting
        while True:
            if waiting:
                n = s.write(waiting)
                waiting = waiting[n or 0 :]
                if waiting:
                    yield
                    continue
            data = s.read(4096)
            if data is None:
                yield
            elif data == b"":
                break
            else:
                waiting = data
        s.close()
        listener.close()

    net.sim.go(program())


def error_of(fn, *args):
    try:
        fn(*args)
    except OSError as e:
        return e.errno
    raise AssertionError("no error")


def test_connect_send_receive_close():
    with Net() as net:
        echo_server(net, greeting=b"220 ready\r\n")
        s = socket.socket()
        begin = net.sim.now
        s.connect(("10.0.0.2", 7))
        assert 10000 <= net.sim.now - begin < 40000, "a round trip takes 10 ms"
        assert s.readline() == b"220 ready\r\n"
        s.sendall(b"hello")
        assert s.recv(100) == b"hello"
        s.close()
        net.sim.run(SECOND)
        assert not net.sim.programs, "the server did not see the end"


def test_a_large_exchange_over_a_bad_wire():
    with Net(seed=6, loss=0.03, reorder=0.05) as net:
        echo_server(net)
        s = socket.socket()
        s.connect(("10.0.0.2", 7))
        data = pattern(50000)
        got = b""
        for at in range(0, len(data), 5000):
            s.write(data[at : at + 5000])
            got += s.read(5000)
        assert got == data
        s.close()


def test_a_time_out_takes_as_long_as_it_says():
    with Net() as net:
        echo_server(net)
        s = socket.socket()
        s.connect(("10.0.0.2", 7))
        s.settimeout(2.5)
        begin = net.sim.now
        assert error_of(s.recv, 1) == 110
        assert 2500000 <= net.sim.now - begin < 2510000, net.sim.now - begin
        s.write(b"x")
        assert s.recv(1) == b"x", "usable after a time-out"
        s.close()


def test_connect_is_refused_and_unreachable():
    with Net() as net:
        assert error_of(socket.socket().connect, ("10.0.0.2", 9)) == 111
        begin = net.sim.now
        assert error_of(socket.socket().connect, ("10.0.0.99", 9)) == 113
        assert net.sim.now - begin < 10 * SECOND
        assert error_of(socket.socket().connect, ("192.0.2.1", 9)) == 101


def test_connect_out_of_time():
    """A peer that answers nothing: ETIMEDOUT when the time is up, and the socket is as new."""
    with Net() as net:
        echo_server(net)
        s = socket.socket()
        s.settimeout(2)
        net.b.port.carrier = False
        begin = net.sim.now
        net.a.iface.arp.add_static(net.b.iface.addr, net.b.port.mac)
        assert error_of(s.connect, ("10.0.0.2", 7)) == 110
        assert 2 * SECOND <= net.sim.now - begin < 2 * SECOND + 10000
        assert net.a.stack.tcp.count == 0
        net.b.port.carrier = True
        s.settimeout(10)
        s.connect(("10.0.0.2", 7))
        s.send(b"x")
        assert s.recv(1) == b"x"
        s.close()


def test_accept_blocks_until_somebody_comes():
    with Net() as net:
        listener = socket.socket()
        listener.bind(("0.0.0.0", 80))
        listener.listen(1)
        client = net.on_b()
        client.setblocking(False)

        def program():
            begin = net.sim.now
            while net.sim.now < begin + SECOND:
                yield begin + SECOND
            error_of(client.connect, ("10.0.0.1", 80))
            while not client.write(b"hi"):
                yield

        net.sim.go(program())
        begin = net.sim.now
        s, peer = listener.accept()
        assert peer[0] == "10.0.0.2" and net.sim.now - begin >= SECOND
        assert s.recv(10) == b"hi"
        s.close()
        listener.close()


def test_datagrams():
    with Net() as net:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("0.0.0.0", 1000))
        other = net.on_b(socket.AF_INET, socket.SOCK_DGRAM)
        other.bind(("0.0.0.0", 2000))
        other.setblocking(False)

        def program():
            for _ in range(3):
                while True:
                    try:
                        data, peer = other.recvfrom(100)
                        break
                    except OSError as e:
                        assert e.errno == 11
                        yield
                other.sendto(data + b"!", peer)

        net.sim.go(program())
        for n in range(3):
            s.sendto(b"%d" % n, ("10.0.0.2", 2000))
            assert s.recvfrom(100) == (b"%d!" % n, ("10.0.0.2", 2000))
        s.settimeout(1)
        assert error_of(s.recvfrom, 10) == 110


def test_a_blocking_call_that_can_never_end_says_so():
    with Net():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("0.0.0.0", 1000))
        try:
            s.recv(1)
        except AssertionError as e:
            assert "waits for ever" in str(e)
        else:
            raise AssertionError("came back")


def test_the_event_callback_runs_outside_of_the_stack():
    # Option 20 of MicroPython's sockets: called by the scheduler when something happened
    with Net() as net:
        echo_server(net)
        s = socket.socket()
        s.connect(("10.0.0.2", 7))
        calls = []
        s.setsockopt(socket.SOL_SOCKET, 20, calls.append)
        s.write(b"x")
        net.sim.run(SECOND)
        micropython.schedule(lambda _: None, None)
        assert calls and calls[0] is s
        assert s.recv(1) == b"x"
        s.close()
