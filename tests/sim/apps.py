# Frostnet: simulator trials: the programs at the two ends of a connection
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.tcp import states
from scenario import ABORT, ANSWER, CLOSE
from simwire import Rng

_SIZE = 65536
_EPIPE = 32


def _noise():
    # Every place can be told from every other: no two runs of four bytes are alike.
    rng = Rng(1)
    out = bytearray(_SIZE)
    for i in range(0, _SIZE, 4):
        out[i : i + 4] = rng.bits().to_bytes(4, "big")
    return memoryview(bytes(out))


NOISE = _noise()


class End:
    """One end: sends `plan["size"]` bytes of the noise from `phase` on, checks what it gets.

    What it does then is its fate: FINISH: shut down, read to the end, close. ANSWER: begin to
    send only when the peer's end was read. CLOSE: let go at once when all is sent. ABORT: reset
    at some point.
    """

    def __init__(self, sim, host, plan, name):
        self.sim = sim
        self.host = host
        self.plan = plan
        self.name = name
        self.peer = None
        self.cross = False  # the peer connects too
        self.phase = 0
        self.c = None
        self.sent = 0  # bytes that the stack took
        self.got = 0
        self.shut = False
        self.eof = False
        self.error = 0
        self.done = False
        self.given_up = False
        self.stalled = False
        self.read_at = self.write_at = 0

    def begin(self, c):
        self.c = c
        c.nodelay = self.plan["nodelay"]
        self.sim.go(self.run())

    def run(self):
        c = self.c
        plan = self.plan
        while not c.error and c.state in (states.SYN_SENT, states.SYN_RECEIVED):
            if plan.get("early"):
                self.write()  # data may wait for the connection; a shutdown would end it
            yield
        self.moved()
        while True:
            self.check()
            moved = self.read()
            if c.error:
                self.error = c.take_error()
                c.close()
                break
            moved += self.write()
            if moved:
                self.moved()
            if plan["fate"] == ABORT and self.sent + self.got >= plan["abort_at"]:
                c.abort()
                break
            if plan["fate"] == CLOSE and self.sent == plan["size"]:
                c.close()
                break
            if self.shut and self.eof:
                c.close()
                break
            if not moved:
                now = self.sim.now
                wakes = [t for t in (self.read_at, self.write_at) if t > now]
                yield min(wakes) if wakes else None
        self.moved()
        self.done = True

    def moved(self):
        self.sim.progress = self.sim.now

    def write(self):
        plan = self.plan
        left = plan["size"] - self.sent
        if plan["fate"] == ANSWER and not self.eof:
            return 0
        if left and self.sim.now >= self.write_at:
            at = (self.phase + self.sent) % _SIZE
            n = min(left, plan["write"], _SIZE - at)
            try:
                n = self.c.send(NOISE, at, n)
            except OSError as e:
                # The connection ended meanwhile, and says so in its error.
                assert e.errno == _EPIPE and (self.c.error or self.c.state == states.TIME_WAIT), e
                return 0
            assert 0 <= n <= left
            self.sent += n
            if n and plan["write_pause"]:
                self.write_at = self.sim.now + plan["write_pause"]
            return n
        there = self.c.state != states.SYN_SENT
        if not left and not self.shut and there and plan["fate"] != CLOSE:
            self.shut = True
            self.c.shutdown()
            return 1
        return 0

    def read(self):
        plan = self.plan
        now = self.sim.now
        if now < self.read_at and not self.c.error:
            return 0
        if not self.stalled and 0 <= plan["stall_at"] <= self.got:
            self.stalled = True
            self.read_at = now + plan["stall"]
            return 0
        buf = self.sim.buf
        n = self.c.recv_into(buf, 0, plan["read"])
        if n:
            self.compare(buf, n)
            if plan["read_pause"]:
                self.read_at = now + plan["read_pause"]
        elif self.c.eof and not self.eof:
            self.eof = True
            return 1
        return n

    # Exactly once and in order: the bytes at `got` are the peer's noise there.
    def compare(self, buf, n):
        peer = self.peer
        assert not self.eof, "data behind the end"
        assert self.got + n <= peer.sent, "%s: more than was sent" % self.name
        at = (peer.phase + self.got) % _SIZE
        first = min(n, _SIZE - at)
        right = buf[:first] == NOISE[at : at + first] and buf[first:n] == NOISE[: n - first]
        assert right, "%s: wrong bytes in %d..%d" % (self.name, self.got, self.got + n)
        self.got += n

    # Bounded memory.
    def check(self):
        c = self.c
        assert 0 <= c.rx.len <= c.rx.limit and 0 <= c.tx.len <= c.tx.limit, "buffer"
        assert c.snd_una <= c.snd_nxt <= c.snd_max, "sequence numbers"

    def __repr__(self):
        c = self.c
        return "%s (%s): sent %d of %d, got %d, %s%s%s%s" % (
            self.name, self.plan["fate"], self.sent, self.plan["size"], self.got,
            states.NAMES[c.state] if c else "not there", ", eof" if self.eof else "",
            ", error %d" % self.error if self.error else "", ", done" if self.done else "",
        )  # fmt: skip
