# Frostnet: tests of the base of all services: sessions, limits, deadlines, clients that misbehave
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import services
from service_bench import PORT, Bench, read_to_end, read_to_end_or_reset
from services.datagrams import Datagrams
from services.service import Service
from services.session import Session
from simtools import SECOND, pattern


class Echo(Session):
    """Sends back what comes; "!" is a defect, "." ends, "@" sends a file, "#" waits for 1 s."""

    source = None

    def received(self, data):
        first = data[0]
        if first == 0x21:
            raise ValueError("a defect")
        if first == 0x2E:
            self.send(b"bye")
            self.finish()
        elif first == 0x40:
            self.source = Source(self.service.file)
            self.stream(self.source)
        elif first == 0x23:
            self.waiting = False
            self.wait_for(SECOND)
        else:
            self.send(bytes(data))

    def sent(self):
        self.send(b"sent")

    def closed(self):
        self.service.gone += 1


class Source:
    def __init__(self, data):
        self.data = memoryview(data)
        self.most = 0
        self.closed = False

    def next(self, room):
        piece = self.data[:room]
        self.most = max(self.most, room)
        self.data = self.data[len(piece) :]
        return piece if len(piece) else None

    def close(self):
        self.closed = True


class Echoes(Service):
    name = "echoes"
    limit = 4
    gone = 0
    file = b""

    def session(self, conn):
        return Echo(self, conn)


def test_echo_and_several_at_once():
    with Bench(Echoes) as bench:
        clients = [bench.client() for _ in range(4)]
        for i, s in enumerate(clients):
            s.send(b"client %d" % i)
        for i, s in enumerate(clients):
            assert s.recv(100) == b"client %d" % i
        counters = bench.service.counters
        assert counters["accepted"] == 4 and counters["failed"] == 0
        assert counters["received"] == counters["sent"] == 4 * 8


def test_finish_lets_the_client_have_all_of_it():
    # RFC 9112 §9.6: what the client still sends must not destroy what it has yet to read.
    with Bench(Echoes) as bench:
        s = bench.client()
        s.send(b".")
        bench.run(0.1)
        s.send(b"more that nobody wants")
        bench.run(0.1)
        assert read_to_end(s) == b"bye"
        s.close()
        bench.run(1)
        assert bench.service.gone == 1 and not bench.service.sessions


def test_a_client_that_ignores_the_end_is_reset():
    with Bench(Echoes) as bench:
        s = bench.client()
        s.send(b".")
        bench.run(1)
        assert bench.service.sessions
        bench.run(2)
        assert not bench.service.sessions
        assert s.recv(9) == b"bye"


def test_half_close():
    with Bench(Echoes) as bench:
        s = bench.client()
        s.send(b"last words")
        s.shutdown(1)
        assert read_to_end(s) == b"last words"
        bench.run(0.1)
        assert not bench.service.sessions


def test_a_defect_ends_one_session_only():
    with Bench(Echoes) as bench:
        good, bad = bench.client(), bench.client()
        bad.send(b"!")
        bench.run(0.1)
        assert read_to_end_or_reset(bad) == 104
        good.send(b"well")
        assert good.recv(9) == b"well"
        assert bench.service.counters["failed"] == 1
        assert isinstance(bench.service.error, ValueError)
        assert bench.service.gone == 1


def test_stream_makes_no_more_than_there_is_room_for():
    with Bench(Echoes) as bench:
        bench.service.file = data = pattern(1000000)
        s = bench.client()
        s.send(b"@")
        s.send(b"and more")  # not read before the stream is done
        bench.run(1)
        (session,) = bench.service.sessions
        source = session.source
        left = len(source.data)
        assert left > 500000  # it waits for the client
        assert source.most <= 65535
        got = bytearray()
        while len(got) < len(data) + 12:
            got.extend(s.recv(65536))
        assert got == data + b"sent" + b"and more"
        assert source.closed


def test_who_never_reads_is_gone_after_a_while():
    with Bench(Echoes) as bench:
        bench.service.file = bytes(1000000)
        s = bench.client()
        s.send(b"@")
        bench.run(19)
        (session,) = bench.service.sessions
        assert session.stalled
        bench.run(3)
        assert not bench.service.sessions and session.source.closed
        assert bench.service.counters["late"] == 1
        assert bench.service.gone == 1


def test_who_reads_slowly_is_served():
    with Bench(Echoes) as bench:
        bench.service.file = data = pattern(300000)
        s = bench.client()
        s.send(b"@")
        got = bytearray()
        while len(got) < len(data) + 4:
            bench.run(0.5)
            got.extend(s.recv(10000))
        assert got == data + b"sent"


def test_deadline():
    with Bench(Echoes) as bench:
        s = bench.client()
        s.send(b"#")
        bench.run(0.9)
        assert bench.service.sessions
        bench.run(0.3)
        assert not bench.service.sessions and bench.service.counters["late"] == 1
        assert read_to_end_or_reset(s) == 104


def test_who_comes_takes_the_place_of_who_says_nothing():
    with Bench(Echoes) as bench:
        silent = [bench.client() for _ in range(4)]
        bench.run(2)
        for s in silent[1:]:
            s.send(b"#")  # it is not their turn: they keep their places
        s = bench.client()
        s.send(b"new")
        assert s.recv(9) == b"new"
        assert bench.service.counters["displaced"] == 1
        assert len(bench.service.sessions) == 4
        assert read_to_end_or_reset(silent[0]) == 104


def test_who_comes_waits_while_all_are_new():
    with Bench(Echoes) as bench:
        for _ in range(4):
            bench.client()
        s = bench.client()
        s.send(b"new")
        bench.run(0.5)
        assert bench.service.counters["displaced"] == 0
        bench.run(1)
        assert bench.service.counters["displaced"] == 1
        assert s.recv(9) == b"new"


def test_a_place_that_is_free_is_taken_at_once():
    with Bench(Echoes) as bench:
        first = [bench.client() for _ in range(4)]
        s = bench.client()
        s.send(b"new")
        bench.run(0.1)
        first[2].close()
        bench.run(0.1)
        assert s.recv(9) == b"new" and bench.service.counters["displaced"] == 0


def test_flood_of_connections():
    with Bench(Echoes) as bench:
        for i in range(100):
            s = socket.socket()
            s.setblocking(False)
            try:
                s.connect(("10.0.0.2", PORT))
            except OSError:
                pass
            bench.clients.append(s)
        bench.run(40)
        assert len(bench.service.sessions) <= 4
        s = bench.client()
        s.send(b"still here")
        assert s.recv(99) == b"still here"


def test_reset_by_the_client():
    with Bench(Echoes) as bench:
        bench.service.file = bytes(1000000)
        for greeting in (b"x", b"@", b"#"):
            s = bench.client()
            s.send(greeting)
            bench.run(0.1)
            s.setsockopt(1, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            s.close()
            bench.run(0.1)
            assert not bench.service.sessions, greeting
        assert bench.service.gone == 3


def test_stop_frees_everything():
    with Bench(Echoes) as bench:
        bench.service.file = bytes(1000000)
        clients = [bench.client() for _ in range(3)]
        clients[0].send(b"@")
        clients[1].send(b"#")
        bench.run(0.1)
        bench.service.stop()
        bench.service.stop()
        assert not bench.service.sessions and bench.service.buffer is None
        assert bench.service.gone == 3
        assert not services.running
        try:
            bench.client()
            assert False
        except OSError as e:
            assert e.errno == 111
        bench.b.use()
        bench.service = Echoes(PORT).start()  # the port is free again
        bench.a.use()
        s = bench.client()
        s.send(b"again")
        assert s.recv(9) == b"again"


def error_of(fn, *args):
    try:
        fn(*args)
    except OSError as e:
        return e
    return None


def test_errors_say_what_to_do():
    with Bench(Echoes) as bench:
        bench.b.use()
        error = error_of(Echoes(8).start)
        assert error.errno == 98 and "stop() it first" in error.args[1]

        class Other(Echoes):
            name = "other"

        error = error_of(Other(PORT).start)
        assert error.errno == 98 and "port 7 is taken" in error.args[1]
        assert list(services.running) == ["echoes"]
        bench.a.use()


class Upper(Datagrams):
    name = "upper"

    def received(self, data, src, sport):
        if data == b"!":
            raise ValueError("a defect")
        self.send(data.upper(), src, sport)


def test_datagrams():
    with Bench(Upper) as bench:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(5)
        for i in range(20):
            s.sendto(b"hello %d" % i, ("10.0.0.2", PORT))
        s.sendto(b"!", ("10.0.0.2", PORT))
        s.sendto(b"last", ("10.0.0.2", PORT))
        got = [s.recvfrom(100) for _ in range(21)]
        assert got[0] == (b"HELLO 0", ("10.0.0.2", PORT))
        assert got[20][0] == b"LAST"
        counters = bench.service.counters
        assert counters == {"received": 22, "sent": 21, "failed": 1}
        bench.service.stop()
        s.sendto(b"x", ("10.0.0.2", PORT))
        bench.run(0.1)
        assert counters["received"] == 22
        s.close()
