# Frostnet: a board that captures, for the tests of net.tcpdump
# MIT license; Copyright (c) 2026 The Frostnet authors

import struct

import net
import net._capture
import net._tcpdump
import net._tcpdump_background
from net_bench import Bench
from simtools import scheduler

S = 1000000


def bench(**options):
    b = Bench(**options)
    b.listen_to(net._tcpdump, net._capture, net._tcpdump_background)
    b.sim.run(10 * S)  # until all have announced themselves
    return b


def background_bench():
    b = bench()
    scheduler(b.sim, b.rt)
    return b


def until(b, when):
    """For a program on the wire: it is called whenever something happens."""
    while b.sim.now < when:
        yield when


def ping_later(b, times=1):
    """The peer pings the board, every second."""
    dst = b.board.iface.addr

    def program():
        pings = b.peer.stack.icmp.pings.open()
        for seq in range(times):
            yield from until(b, b.sim.now + S)
            pings.send(dst, seq, b"abcd", b.sim.now)
            b.peer.touch()

    b.sim.go(program())
    b.sim.run(1)  # so that it is waited for


def told(b):
    """What was printed about frames, without the times."""
    lines = b.text().split("\n")
    assert lines[-1] == ""
    return lines[0], [text.split(" ", 1)[1] for text in lines[1:-2]], lines[-2]


def untapped(b):
    return all(not hasattr(i.dev, "taps") for i in b.board.stack.ifaces + [b.board.stack.lo])


def blocks(data):
    """[(type, body)] of a pcapng file; every length is checked."""
    found = []
    at = 0
    while at < len(data):
        kind, n = struct.unpack_from("<II", data, at)
        assert n % 4 == 0 and n >= 12 and at + n <= len(data)
        assert struct.unpack_from("<I", data, at + n - 4)[0] == n
        found.append((kind, data[at + 8 : at + n - 4]))
        at += n
    return found


class Reader:
    """Listens at port 5555 of the peer and keeps what comes; it leaves after `most` bytes."""

    def __init__(self, b, most=None, read=4096):
        self.data = bytearray()
        self.closed = False
        self.connection = None
        self._most = most
        self._read = read
        self._listener = b.peer.stack.tcp.listen(0, 5555, 1)
        self._bench = b
        self._sim = b.sim
        b.sim.go(self._run())
        b.sim.run(1)

    def _run(self):
        while not self.connection:
            self.connection = self._listener.accept()
            yield
        c = self.connection
        buf = bytearray(self._read)
        while c.available() or not (c.eof or c.error):
            n = c.recv_into(buf, 0, len(buf))
            self.data.extend(memoryview(buf)[:n])
            if self._most is not None and len(self.data) >= self._most:
                c.shutdown()
                self._most = None
            if n:
                yield from until(self._bench, self._sim.now + 1000)
            else:
                yield
        self.closed = True
        c.close()


class Full:
    """A file on a disk with room for three blocks."""

    written = 0

    def write(self, block):
        self.written += 1
        if self.written > 3:
            raise OSError(28)
        return len(block)

    def close(self):
        pass


def swamped(b, times, **options):
    """Capture `times` datagrams for a slow Reader, through small buffers: more than it can read.

    Returns the Reader, and what net.tcpdump returns.
    """
    b.board.stack.tcp.sndbuf = b.peer.stack.tcp.rcvbuf = 4096
    reader = Reader(b, read=100)
    e = b.peer.stack.udp.open()

    def flood():
        for i in range(times):
            e.send(bytes(200), b.board.iface.addr, 9)
            b.peer.touch()
            yield from until(b, b.sim.now + 500)

    b.sim.go(flood())
    slots = net._tcpdump.Slots
    net._tcpdump.Slots = lambda snaplen: slots(snaplen, 8, 16384)
    try:
        return reader, net.tcpdump("udp", file="tcp:10.0.0.9:5555", **options)
    finally:
        net._tcpdump.Slots = slots
