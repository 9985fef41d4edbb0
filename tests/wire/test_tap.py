# Frostnet: tests of taps: all that an interface receives and sends, seen on its way
# MIT license; Copyright (c) 2026 The Frostnet authors

from frostnet.ip import unloaded
from frostnet.link import tap
from simtools import SECOND, Transfer, pattern, two_hosts
from test_offload import hosts


class Note:
    """A tap that keeps what it sees."""

    def __init__(self):
        self.seen = []  # (out, time, frame)

    def tap(self, frame, n, out, now, offload):
        for piece in unloaded.frames(frame, n, offload):
            self.seen.append((out, now, bytes(piece)))

    def frames(self, out):
        return [frame for o, _, frame in self.seen if o == out]


class Carried:
    """What the wire carried to and from one port."""

    def __init__(self, wire, port):
        self.sent = []
        self.received = []
        carry = wire.carry
        put = port.inject

        def carrying(frame, source):
            if source is port:
                self.sent.append(bytes(frame))
            carry(frame, source)

        def arriving(frame):
            self.received.append(bytes(frame))
            return put(frame)

        wire.carry = carrying
        port.inject = arriving


def unnumbered(frames):
    """Without identification, which cards number as they like, and the checksum over it."""
    return [frame[:18] + frame[20:24] + frame[26:] for frame in frames]


def test_sees_every_frame_both_ways():
    sim, a, b = two_hosts()
    sim.run(SECOND)  # what was queued before is not the tap's
    note = Note()
    carried = Carried(sim.default, a.port)
    tap.attach(a.iface, note.tap)
    Transfer(sim, a, b, pattern(50000), back=pattern(20000, 2)).run()
    sim.run(SECOND)
    assert note.frames(True) == carried.sent and len(carried.sent) > 30
    assert note.frames(False) == carried.received and len(carried.received) > 15
    times = [when for _, when, _ in note.seen]
    assert times == sorted(times) and times[-1] <= sim.now


def test_nothing_is_left_of_it_when_it_is_gone():
    sim, a, b = two_hosts()
    dev, receive = a.iface.dev, a.iface.receive
    first, second = Note(), Note()
    tap.attach(a.iface, first.tap)
    tap.attach(a.iface, second.tap)
    assert a.iface.dev is not dev and a.iface.dev.mac == dev.mac and a.iface.dev.carrier
    tap.detach(a.iface, first.tap)
    tap.detach(a.iface, first.tap)
    Transfer(sim, a, b, b"x").run()
    assert not first.seen and second.seen
    tap.detach(a.iface, second.tap)
    assert a.iface.dev is dev and a.iface.receive == receive
    count = len(second.seen)
    Transfer(sim, a, b, b"x", port=81).run()
    assert len(second.seen) == count


def test_comes_and_goes_while_a_connection_sends():
    """A path keeps the device that it found: it looks again when a tap comes, and when it goes."""
    sim, a, b = two_hosts(rate=200000)
    note = Note()
    t = Transfer(sim, a, b, pattern(200000))

    def program():
        for _ in range(10):
            tap.attach(a.iface, note.tap)
            yield sim.now + SECOND // 20
            tap.detach(a.iface, note.tap)
            count = len(note.seen)
            yield sim.now + SECOND // 20
            assert len(note.seen) == count

    sim.go(program())
    t.run()
    assert sum(len(frame) for frame in note.frames(True)) > 20000


def test_can_end_a_frames_way():
    sim, a, b = two_hosts()
    sim.default.filter = None  # the Watch would miss what never comes to the wire
    t = Transfer(sim, a, b, pattern(100000), back=pattern(100000, 2))
    count = [0]

    def lossy(frame, n, out, now, offload):
        count[0] += 1
        return count[0] % 20 == 0

    tap.attach(a.iface, lossy)
    t.run()
    counters = a.stack.counters
    assert counters.tap_drop_in > 2 and counters.tap_drop_out > 2
    assert counters.tap_drop_in + counters.tap_drop_out == count[0] // 20


def test_can_change_a_frame_in_place():
    sim, a, b = two_hosts()
    sim.default.filter = None

    def spoil(frame, n, out, now, offload):
        if out and n > 42:
            frame[n - 1] ^= 0xFF

    tap.attach(a.iface, spoil)
    e = b.stack.udp.open(0, 9)
    a.stack.udp.open().send(b"x", b.iface.addr, 9)
    sim.run(SECOND)
    assert not e.available() and b.stack.counters.udp_drop_checksum == 1


def test_one_that_raises_is_detached_and_the_frame_goes_on():
    sim, a, b = two_hosts()
    a.stack.strict = False
    note = Note()

    def broken(frame, n, out, now, offload):
        raise ValueError("tap")

    tap.attach(a.iface, broken)
    tap.attach(a.iface, note.tap)
    Transfer(sim, a, b, b"hello").run()
    assert a.stack.counters.bug_tap == 1 and str(a.stack.last_bug) == "tap"
    assert note.frames(True) and note.frames(False)


def test_they_are_bounded():
    _, a, _ = two_hosts()
    notes = [Note() for _ in range(9)]
    for note in notes[:8]:
        tap.attach(a.iface, note.tap)
    try:
        tap.attach(a.iface, notes[8].tap)
        assert False
    except OSError as e:
        assert e.errno == 105


def test_loopback_has_taps_too():
    sim, a, _ = two_hosts()
    note = Note()
    tap.attach(a.stack.lo, note.tap)
    e = a.stack.udp.open(0, 9)
    a.stack.udp.open().send(b"to myself", a.iface.addr, 9)
    sim.run(SECOND)
    assert e.recv()[0] == b"to myself"
    assert [frame[42:] for frame in note.frames(True)] == [b"to myself"]
    assert note.frames(False) == note.frames(True)


def test_what_the_device_has_yet_to_do_is_done_for_who_looks():
    """A card that cuts and sums: the tap's frames are those on the wire, byte by byte."""
    sim, a, b = hosts()
    sim.run(SECOND)
    for host in (a, b):
        host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
    note = Note()
    carried = Carried(sim.default, a.port)
    tap.attach(a.iface, note.tap)
    Transfer(sim, a, b, pattern(150000), back=pattern(60000, 2)).run()
    assert a.port.largest > 10000 and a.port.joined, (a.port.largest, a.port.joined)
    sim.run(SECOND)
    assert unnumbered(note.frames(True)) == unnumbered(carried.sent)
    got, came = note.frames(False), carried.received
    assert sum(len(f) - 54 for f in got) == sum(len(f) - 54 for f in came)
    # What was joined is cut again: the same bytes, each with a checksum that is right.
    assert b"".join([f[66:] for f in got if len(f) > 66]) == b"".join(
        [f[66:] for f in came if len(f) > 66]
    )
