# Frostnet: docs/examples/post.py, the protocol of docs/protocol.md, on bad wires in virtual time
# MIT license; Copyright (c) 2026 The Frostnet authors

import sys

sys.path.append("docs/examples")

from frostnet.errnos import EMSGSIZE, ENOBUFS
from frostnet.wire import ethernet, ipv4
from frostnet.wire.checksum import checksum, pseudo
from post import PROTO, Post
from simnet import Sim
from simtools import MINUTE, SECOND

A, B = 0x0A000001, 0x0A000002


class Two:
    """Two hosts with Post, and what came and what failed."""

    def __init__(self, seed=1, **wire):
        self.sim = Sim(seed=seed, delay=5000, **wire)
        self.a = self.sim.host(1, "10.0.0.1/24", name="a")
        self.b = self.sim.host(2, "10.0.0.2/24", name="b")
        self.came = []
        self.failed = []
        self.post = Post(self.a.stack, None, lambda dst, data: self.failed.append(data))
        self.other = Post(self.b.stack, lambda src, data: self.came.append(data))

    def send(self, *messages):
        for data in messages:
            self.sim.run_until(lambda: self._took(data), MINUTE, "room")

    def _took(self, data):
        try:
            self.post.send(B, data)
        except OSError as e:
            assert e.errno == ENOBUFS
            return False
        return True


def messages(n):
    return [b"message %d" % i for i in range(n)]


def test_messages_arrive_in_order():
    two = Two()
    two.send(*messages(20))
    two.sim.run(SECOND)
    assert two.came == messages(20) and not two.failed
    assert two.a.stack.counters.post_again == 0
    assert two.a.stack.timers.next() is None or not two.post._peers[B].queue


def test_once_and_in_order_on_a_bad_wire():
    again = lost = 0
    for seed in range(20):
        two = Two(seed, loss=0.15, dup=0.1, corrupt=0.05, jitter=3000)
        two.send(*messages(30))
        two.sim.run(MINUTE)
        # One in hundreds is given up, with or without having come: the others are all there.
        assert two.came == [m for m in messages(30) if m in two.came]
        assert set(two.came + two.failed) == set(messages(30))
        lost += len(two.failed)
        again += two.a.stack.counters.post_again
    assert again > 100 and lost <= 3


def test_gives_up():
    two = Two()
    two.sim.default.loss = 1.0
    begin = two.sim.now
    two.send(b"lost")
    two.sim.run_until(lambda: two.failed, MINUTE)
    # 200 ms, 400, 800, 1,600, 3,200 and 6,400
    assert 12 * SECOND <= two.sim.now - begin <= 13 * SECOND
    assert two.failed == [b"lost"] and two.a.stack.counters.post_failed == 1


def test_goes_on_after_giving_up():
    """What comes next is taken, although a number is missing."""
    two = Two()
    two.send(b"first")
    two.sim.run(SECOND)
    two.sim.default.loss = 1.0
    two.send(b"lost")
    two.sim.run_until(lambda: two.failed, MINUTE)
    two.sim.default.loss = 0
    two.send(b"next")
    two.sim.run(SECOND)
    assert two.came == [b"first", b"next"] and two.failed == [b"lost"]


def test_who_has_no_such_protocol_says_so():
    """RFC 1122 §3.2.2.1: protocol unreachable, which is no reason to wait."""
    two = Two()
    two.other.close()
    begin = two.sim.now
    two.send(b"nobody")
    two.sim.run_until(lambda: two.failed, MINUTE)
    assert two.sim.now - begin < SECOND


def test_a_sender_that_starts_anew():
    two = Two()
    two.send(*messages(3))
    two.sim.run(SECOND)
    two.post.close()
    two.post = Post(two.a.stack, None)
    two.send(b"again")
    two.sim.run(SECOND)
    assert two.came == messages(3) + [b"again"]


def test_limits():
    two = Two()
    two.sim.default.loss = 1.0
    for errno, data, count in ((EMSGSIZE, bytes(1025), 0), (ENOBUFS, b"x", 8)):
        for _ in range(count):
            two.post.send(B, data)
        try:
            two.post.send(B, data)
            raise AssertionError("taken")
        except OSError as e:
            assert e.errno == errno


def datagram(payload, src=A):
    frame = ethernet.header(b"\x02\x00\x00\x00\x00\x02", b"\x02\x00\x00\x00\x00\x01", 0x0800)
    frame += ipv4.header(src, B, 64, 0) + payload
    frame = bytearray(frame)
    ipv4.complete(frame, 14, 20, len(payload), PROTO, 1, 0)
    return frame


def signed(kind, number, session, data=b"", src=A):
    body = bytearray(bytes((kind, number, session >> 8, session & 0xFF, 0, 0)) + data)
    total = checksum(body, 0, len(body), pseudo(src, B) + PROTO + len(body))
    body[4:6] = total.to_bytes(2, "big")
    return bytes(body)


def test_what_nobody_should_send():
    """Each is dropped under a name, and nothing else happens."""
    sim = Sim()
    b = sim.bench(2, "10.0.0.2/24")
    came = []
    post = Post(b.stack, lambda src, data: came.append(data))
    counters = b.stack.counters
    good = signed(1, 0, 7, b"data")
    for payload, counter in (
        (b"", "short"),
        (good[:5], "short"),
        (good[:-1], "checksum"),
        (signed(3, 0, 7), "kind"),
        (signed(2, 0, 7), "ack"),
        (good, None),
        (good, "order"),
        (signed(1, 200, 7, b"old"), "order"),
    ):
        before = counters.as_dict()
        b.port.inject(datagram(payload))
        sim.run(1000)
        changed = [n for n, v in counters.as_dict().items() if v != before[n] and "post_drop" in n]
        assert changed == (["post_drop_" + counter] if counter else []), (payload, changed)
    assert came == [b"data"]
    # Peers that anybody can invent do not fill the memory.
    for i in range(200):
        b.port.inject(datagram(signed(1, 0, 7, b"x", A + 20 + i), A + 20 + i))
        sim.run(1000)
    assert len(post._peers) == 16 and len(came) == 201
