# Frostnet: what the tests on the virtual wire share: programs for the hosts, eyes on the wire
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp import states
from simnet import Sim
from simwatch import Watch

SECOND = 1000000
MINUTE = 60 * SECOND


def pattern(n, seed=1):
    """n bytes in which every place can be told from every other."""
    out = bytearray(n)
    x = seed * 2654435761 & 0xFFFFFFFF | 1
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0xFFFFFFFF
        out[i] = x >> 16 & 0xFF
    return bytes(out)


def two_hosts(seed=1, delay=5000, **wire):
    """(simulation, a, b): 10.0.0.1 and 10.0.0.2 on one wire that a Watch looks at."""
    sim = Sim(seed=seed, delay=delay, **wire)
    a = sim.host(1, "10.0.0.1/24", name="a")
    b = sim.host(2, "10.0.0.2/24", name="b")
    sim.watch = Watch(sim.default)
    return sim, a, b


def scheduler(sim, rt):
    """Run what a host defers as the scheduler does: soon, in order, and not within its poll."""
    deferred = []

    def program():
        while True:
            while deferred:
                deferred.pop(0)(None)
            yield

    running = program()

    def defer(fn):
        deferred.append(fn)
        sim._wakes[running] = sim.now + 1
        return True

    rt.defer = defer
    sim.go(running)


def address(host):
    return host.iface.addr


class Transfer:
    """Programs that send `data` from host a to host b, which listens. Both close."""

    def __init__(self, sim, a, b, data, port=80, read=65536, pause=0, back=b""):
        self.sim = sim
        self.data = data
        self.back = back  # what the listener sends meanwhile
        self.got = bytearray()
        self.got_back = bytearray()
        self.read = read  # bytes taken at a time
        self.pause = pause  # µs between two reads
        self.listener = b.stack.tcp.listen(0, port, 4)
        self.client = a.stack.tcp.connect(address(b), port)
        self.server = None
        self.errors = []
        sim.go(self.active())
        sim.go(self.passive())

    def active(self):
        c = self.client
        while c.state in (states.SYN_SENT, states.SYN_RECEIVED):
            yield
        yield from self.both(c, self.data, self.got_back)

    def passive(self):
        while not self.server:
            self.server = self.listener.accept()
            if not self.server and self.client.error:
                return
            yield
        self.listener.close()
        yield from self.both(self.server, self.back, self.got)

    # Send all of `data` and read to the end, then close.
    def both(self, c, data, got):
        data = memoryview(data)
        sent = 0
        shut = False
        buf = bytearray(self.read)
        next_read = 0
        while True:
            if c.error:
                self.errors.append(c.error)
                c.close()
                return
            moved = 0
            if sent < len(data):
                moved = c.send(data, sent, len(data) - sent)
                sent += moved
            elif not shut:
                shut = True
                c.shutdown()
            if self.sim.now >= next_read:
                n = c.recv_into(buf, 0, len(buf))
                got.extend(memoryview(buf)[:n])
                moved += n
                if n and self.pause:
                    next_read = self.sim.now + self.pause
                if not n and c.eof and shut:
                    break
            if not moved:
                yield next_read if next_read > self.sim.now else None
        c.close()

    def run(self, limit=10 * MINUTE):
        """Run to the end; everything must have arrived."""
        sim = self.sim
        sim.run_until(lambda: not sim.programs, limit, "the end of the transfer")
        assert not self.errors, self.errors
        assert self.got == self.data, "%d of %d bytes" % (len(self.got), len(self.data))
        assert self.got_back == self.back
