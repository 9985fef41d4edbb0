# Frostnet: simulator: throughput over a long, lossy path, and fairness at a bottleneck
# MIT license; Copyright (c) 2026 The Frostnet authors

# Arguments: "flow", bytes of buffer, loss in thousandths, seed, seconds; or "share", number of
# flows, bytes per second of the bottleneck, bytes of its queue, seed, seconds. Prints bytes per
# second; for "share" those of each flow.

import sys

from simnet import Sim

_PORT = 7
_DELAY = 50000  # µs each way
_SECOND = 1000000
_WARM = 20  # s
_SLICE = 20000  # µs
_ENOUGH = 16384  # room in a send buffer that is worth a call


class Bulk:
    """One way: `flows` connections that always have data to send, read at once."""

    def __init__(self, flows, seed, buffers, **wire):
        self.sim = sim = Sim(seed, delay=_DELAY, **wire)
        self.a = sim.host(1, "10.0.0.1/24")
        self.b = sim.host(2, "10.0.0.2/24")
        for host in (self.a, self.b):
            host.stack.tcp.sndbuf = host.stack.tcp.rcvbuf = buffers
        self.enough = min(_ENOUGH, buffers >> 2)
        self.data = memoryview(bytes(65536))
        self.buf = memoryview(bytearray(65536))
        listener = self.b.stack.tcp.listen(0, _PORT, flows)
        connect = self.a.stack.tcp.connect
        self.senders = [connect(self.b.iface.addr, _PORT) for _ in range(flows)]
        sim.run_until(lambda: listener.pending() == flows, 600 * _SECOND, "the connections")
        self.receivers = [listener.accept() for _ in range(flows)]
        for c in self.senders + self.receivers:
            c.user_timeout = 1 << 50  # where almost nothing gets through patience is measured too
        self.got = [0] * flows

    def run(self, seconds, slice=0):
        """Bytes per second of each flow from now on. The programs have a turn after each event,
        or every `slice` µs."""
        sim = self.sim
        self.got = [0] * len(self.got)
        end = sim.now + seconds * _SECOND
        sim.touch()
        while sim.now < end:
            self.feed()
            if slice:
                sim.run(slice)
            else:
                sim.step(end)
        return [n / seconds for n in self.got]

    def feed(self):
        for c in self.senders:
            assert not c.error, "error %d" % c.error
            if c.room() >= self.enough:
                c.send(self.data, 0, 65536)
                self.a.due = True
        for i, c in enumerate(self.receivers):
            n = c.recv_into(self.buf, 0, 65536)
            if n:
                self.got[i] += n
                self.b.due = True


def flow(buffers, loss, seed, seconds):
    return Bulk(1, seed, buffers, loss=loss / 1000).run(seconds)


def share(flows, rate, queue, seed, seconds):
    bulk = Bulk(flows, seed, 65535, rate=rate, queue=queue)
    bulk.run(_WARM, _SLICE)  # until they have found their shares
    return bulk.run(seconds, _SLICE)


def main(what, *numbers):
    rates = {"flow": flow, "share": share}[what](*[int(n) for n in numbers])
    print(*["%d" % rate for rate in rates])


main(*sys.argv[1:])
