# Frostnet: tests of echo, discard, daytime and chargen
# MIT license; Copyright (c) 2026 The Frostnet authors

import socket

import services
from chargen import characters
from service_bench import HOST, Bench
from services.inetd import NAMES, Inetd
from simtools import pattern


class Small(Bench):
    """The small services on host b; clients by UDP, too."""

    def __init__(self, names=NAMES, **options):
        super().__init__(names, **options)

    def start(self, names):
        return Inetd(names)

    def udp(self, port=0):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(1)
        if port:
            s.bind(("", port))
        self.clients.append(s)
        return s

    def __exit__(self, exc_type, exc, tb):
        failed = [s.error for s in self.service.services.values() if s.counters["failed"]]
        super().__exit__(exc_type, exc, tb)
        assert exc or not failed, failed


def exactly(s, n):
    data = b""
    while len(data) < n:
        piece = s.recv(n - len(data))
        assert piece, "the end after %d bytes" % len(data)
        data += piece
    return data


def ask(s, data, port):
    s.sendto(data, (HOST, port))
    try:
        return s.recv(65536)
    except OSError:
        return None


# RFC 862: what comes goes back.
def test_echo():
    with Small() as bench:
        s = bench.client(7)
        data = pattern(100000)
        for at in range(0, len(data), 5000):
            s.sendall(data[at : at + 5000])
            assert exactly(s, 5000) == data[at : at + 5000]
        u = bench.udp()
        for n in (0, 1, 1400, 5000):
            assert ask(u, data[:n], 7) == data[:n]


# Who sends and does not read is not answered without end, and at last reset.
def test_echo_to_who_does_not_read():
    with Small() as bench:
        s = bench.client(7)
        s.setblocking(False)
        sent = 0
        for _ in range(200):
            try:
                sent += s.send(bytes(8192)) or 0
            except OSError:
                pass
            bench.run(0.05)
        assert sent < 600000, sent
        bench.run(60)
        assert not bench.service.services["echo"].sessions


# RFC 863: it is thrown away.
def test_discard():
    with Small() as bench:
        s = bench.client(9)
        s.sendall(bytes(100000))
        bench.run(1)
        assert bench.service.services["discard"].counters["received"] == 100000
        assert ask(bench.udp(), b"x", 9) is None


# RFC 867: one line, and the end.
def test_daytime():
    with Small() as bench:
        s = bench.client(13)
        text = b""
        piece = s.recv(100)
        while piece:
            text += piece
            piece = s.recv(100)
        assert text.endswith(b"-UTC\r\n") and text.count(b"\r\n") == 1
        assert ask(bench.udp(), b"", 13).endswith(b"-UTC\r\n")


# RFC 864. By UDP an answer is never longer than the question: no amplifier.
def test_chargen():
    with Small() as bench:
        period = characters()
        s = bench.client(19)
        assert exactly(s, 3 * len(period) + 100) == period * 3 + period[:100]
        s.close()
        u = bench.udp()
        for n in (0, 1, 100, 512, 1400):
            assert ask(u, bytes(n), 19) == period[: min(n, 512)]


# Two of them, or one and itself, would go on for ever.
def test_reserved_ports_are_not_answered():
    with Small() as bench:
        for port in (7, 19, 53):
            u = bench.udp(port)
            for name, to in (("echo", 7), ("chargen", 19), ("daytime", 13)):
                service = bench.service.services[name + "-udp"]
                before = service.counters["refused"]
                assert ask(u, b"x", to) is None
                assert service.counters["refused"] == before + 1


def test_silent_clients_go():
    with Small() as bench:
        clients = [bench.client(port) for port in (7, 9)]
        bench.run(299)
        assert all(len(s.sessions) for s in map(bench.service.services.get, ("echo", "discard")))
        bench.run(3)
        assert not any(
            len(s.sessions) for s in map(bench.service.services.get, ("echo", "discard"))
        )
        del clients


def test_some_of_them_and_twice():
    with Small(("echo",)) as bench:
        assert sorted(services.running) == ["echo", "echo-udp"]
        try:
            bench.b.use()
            Inetd(("discard", "echo"))
        except OSError as e:
            assert e.errno == 98
        else:
            raise AssertionError("twice")
        bench.a.use()
        # What it had started is stopped again, and the first one goes on.
        assert sorted(services.running) == ["echo", "echo-udp"]
        assert ask(bench.udp(), b"here", 7) == b"here"
