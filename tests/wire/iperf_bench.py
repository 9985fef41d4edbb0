# Frostnet: both sides of net.iperf on one wire, for tests
# MIT license; Copyright (c) 2026 The Frostnet authors

import net._iperf
from frostnet.tcp.states import ESTABLISHED
from net._iperf_link import NEVER
from net._iperf_server import serve
from net_bench import Bench

S = 1000000
PORT = 5201


class IperfBench(Bench):
    """The command runs on host `board`; at the end nothing must be left of it on either host."""

    def __init__(self, **wire):
        # 10 Mbit/s, so that a second has not too many frames
        wire.setdefault("rate", 1250000)
        super().__init__(**wire)
        self.listen_to(net._iperf)

    def __exit__(self, exc_type, exc, tb):
        super().__exit__(exc_type, exc, tb)
        if exc is None:
            self.sim.run(70 * S)
            for host in (self.board, self.peer):
                tcp = host.stack.tcp
                assert not tcp.count and not tcp.listeners, host.name
                assert not host.stack.udp.endpoints(), host.name

    def interrupt_at(self, *times):
        """Press Ctrl-C at these times from now on, in µs; the command has to be waiting."""
        wait = self.rt.wait
        times = [self.sim.now + t for t in times]

        def interrupted(until=None):
            if times and self.sim.now >= times[0]:
                times.pop(0)
                raise KeyboardInterrupt
            wait(until if not times else min(times[0], until or times[0]))

        self.rt.wait = interrupted


class Server:
    """net.iperf(server=True) on the peer, while the foreground is its client."""

    def __init__(self, bench, count=1, interval=1):
        self.lines = []
        self.results = None
        self._steps = serve(bench.peer.rt, PORT, count, interval, self.lines.append)
        bench.sim.go(self._program())

    def _program(self):
        while True:
            try:
                until = next(self._steps)
            except StopIteration as e:
                if self.results is None:  # else interrupt() was there first
                    self.results = e.value
                return
            yield None if until >= NEVER else until

    def close(self):
        self._steps.close()

    def interrupt(self):
        """Ctrl-C at its prompt."""
        try:
            self._steps.throw(KeyboardInterrupt())
        except StopIteration as e:
            self.results = e.value

    def text(self):
        return "\n".join(self.lines)


class Stranger:
    """A connection of the peer to the board that says what it likes."""

    def __init__(self, bench, port=PORT):
        self._bench = bench
        self.got = bytearray()
        self._conn = bench.peer.stack.tcp.connect(bench.board.iface.addr, port)

    def connect(self):
        while self._conn.state < ESTABLISHED and not self._conn.error:
            yield

    def say(self, data):
        self._conn.send(memoryview(data), 0, len(data))

    def hear(self, n):
        """Wait for `n` bytes in all; False if they do not come."""
        buf = bytearray(1000)
        while len(self.got) < n:
            got = self._conn.recv_into(buf, 0, len(buf))
            self.got.extend(buf[:got])
            if not got:
                if self._conn.eof or self._conn.error:
                    return False
                yield
        return True

    def close(self, abort=False):
        self._conn.abort() if abort else self._conn.close()

    def pause(self, us):
        until = self._bench.sim.now + us
        while self._bench.sim.now < until:
            yield until
