# Frostnet: tests of the syslog client on its way to servers that are slow, full or gone
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._syslog
import services
from net_bench import Bench, error_of
from simtools import SECOND, scheduler

HOST = "10.0.0.9"


class Logged(Bench):
    """The logger on the board, a server by hand on the peer."""

    def __init__(self, tcp=False, **options):
        super().__init__()
        scheduler(self.sim, self.rt)
        stack = self.peer.stack
        self.server = None if tcp else stack.udp.open(0, 514)
        self.listener = stack.tcp.listen(0, 514, 4) if tcp else None
        self.logger = net.syslog(HOST, tcp=tcp, **options)

    def run(self, seconds):
        self.sim.run(int(seconds * SECOND))

    def datagrams(self):
        out = []
        while True:
            datagram = self.server.recv()
            if not datagram:
                return out
            out.append(datagram[0])

    def accept(self):
        self.run(0.1)
        return self.listener.accept()

    def read(self, c, n=65536):
        buf = bytearray(n)
        return bytes(buf[: c.recv_into(buf, 0, n)])

    def __exit__(self, exc_type, exc, tb):
        self.logger.stop()
        if exc is None:
            if self.listener:
                self.listener.close()
            self.run(200)
            assert not services.running and not self.board.stack.udp.endpoints()
            assert not self.board.stack.tcp.count
        super().__exit__(exc_type, exc, tb)


def messages(data):
    """RFC 6587 §3.4.1: what the frames have."""
    out = []
    while data:
        size, _, data = data.partition(b" ")
        assert len(data) >= int(size)
        out.append(data[: int(size)])
        data = data[int(size) :]
    return out


# RFC 5426 §3.1: one message in one datagram.
def test_by_udp():
    with Logged() as s:
        log = s.logger
        assert log.info("hello %d", 3) and log.error("bad") and log.log(2, "x", msgid="M")
        s.run(0.1)
        got = s.datagrams()
        assert len(got) == 3 and log.counters["sent"] == 3
        assert got[0].startswith(b"<14>1 2") and b" frostnet - - - hello 3" in got[0]
        assert got[1].startswith(b"<11>1 ") and got[2].startswith(b"<10>1 ")
        assert b" M - x" in got[2]
        log.info("y" * 5000)
        s.run(0.1)
        assert [len(m) for m in s.datagrams()] == [1400]
        assert log.stop() is None and not log.info("after the end")


# Nobody waits: what comes too fast is dropped, and the server is told of it.
def test_too_much_at_once():
    with Logged() as s:
        taken = sum([s.logger.info("%d", k) for k in range(100)])
        assert taken == 64 and s.logger.counters["dropped"] == 36
        s.run(1)
        got = s.datagrams()
        # The server's queue is 32 datagrams.
        assert len(got) == 32 and s.logger.counters["sent"] == 65
        s.logger.info("more")
        s.run(1)
        assert b"more" in s.datagrams()[-1]


def test_nobody_there():
    with Logged() as s:
        s.server.close()
        for _ in range(3):
            s.logger.info("x")
            s.run(1)
        assert s.logger.counters["sent"] == 3
        assert error_of(net.syslog, HOST).errno == 98
        s.logger.stop()
        assert error_of(net.syslog, HOST, facility=99).errno == 22
        s.logger = net.syslog("10.0.0.77")
        s.logger.info("x")
        s.run(10)
        s.logger.info("x")
        s.run(10)


def test_by_tcp():
    with Logged(True) as s:
        for k in range(20):
            s.logger.info("message %d", k)
        c = s.accept()
        s.run(0.1)
        got = messages(s.read(c))
        assert len(got) == 20 and got[19].endswith(b" message 19")
        # A long pause, and the connection is the same.
        s.run(1000)
        s.logger.info("later")
        s.run(0.1)
        assert messages(s.read(c))[0].endswith(b" later")
        assert s.logger.counters["connects"] == 1
        # What is there at the end still leaves, and then the connection ends.
        s.logger.info("last")
        s.logger.stop()
        s.run(1)
        assert messages(s.read(c))[0].endswith(b" last") and c.eof
        c.close()


def test_the_server_comes_back():
    with Logged(True) as s:
        s.logger.info("1")
        c = s.accept()
        s.run(0.1)
        assert messages(s.read(c))[0].endswith(b" 1")
        c.close()
        s.run(1)
        s.logger.info("2")
        s.run(5)
        c = s.accept()
        assert messages(s.read(c))[0].endswith(b" 2")
        # It refuses for a while.
        c.abort()
        s.listener.close()
        s.run(1)
        s.logger.info("3")
        s.run(300)
        tries = s.logger.counters["connects"]
        assert 6 < tries < 20, "backoff"
        s.listener = s.peer.stack.tcp.listen(0, 514, 4)
        s.run(61)
        c = s.accept()
        assert messages(s.read(c))[0].endswith(b" 3")
        c.close()


# A server that does not read is left after a while, and no message is sent in part only.
def test_a_server_that_does_not_read():
    with Logged(True) as s:
        s.logger.info("x" * 1900)
        c = s.accept()
        for k in range(400):
            s.logger.info("%d " % k + "x" * 1900)
            s.run(0.02)
        assert s.logger.counters["dropped"] > 0
        s.run(60)
        assert c.error or c.eof, "it was not left"
        c.close()
        c = s.accept()
        assert c is not None
        s.run(2)
        data = s.read(c)
        s.run(2)
        data += s.read(c)
        got = messages(data)
        assert got and all(m.endswith(b"x") or b"were lost" in m for m in got)
        c.close()


def test_stop_without_a_server():
    with Logged(True) as s:
        s.listener.close()
        s.logger.info("x")
        s.run(1)
        s.logger.stop()
        s.run(5)
        assert not s.board.stack.tcp.count
