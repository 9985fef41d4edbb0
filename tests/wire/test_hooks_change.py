# Frostnet: tests of packet hooks: what they change and answer
# MIT license; Copyright (c) 2026 The Frostnet authors

from simtools import SECOND, Transfer, pattern, two_hosts
from test_hooks import hook
from test_impair import Datagrams, pair
from test_tap import Carried

from frostnet.wire import addr


# Changing.


def summed(frame):
    """Whether the checksums of an IP datagram in `frame` are right: written without the stack."""
    from simoffload import pseudo, sum16

    if sum16(frame[14:34]) != 0xFFFF:
        return False
    if frame[23] == 1:
        return sum16(frame[34:]) == 0xFFFF
    return sum16(frame[34:], pseudo(frame, len(frame) - 34)) == 0xFFFF


def test_fields_that_are_stored_keep_the_checksums_right():
    """RFC 1624: at random, against sums over the whole datagram."""
    sim, a, b = pair()
    rand = sim.rng
    kinds = []

    def change(p):
        for _ in range(3):
            what = rand.below(5)
            if what == 0:
                p.src = addr.text(rand.bits())
            elif what == 1:
                p.dst = addr.text(rand.bits())
            elif what == 2:
                p.ttl = rand.below(256)
            elif p.proto in ("tcp", "udp"):
                port = rand.below(65536)
                if what == 3:
                    p.sport = port
                    assert p.sport == port
                else:
                    p.dport = port
                    assert p.dport == port
        p.ttl = 1 + rand.below(255)
        assert p.touched
        kinds.append(p.proto)
        assert summed(bytes(p.frame)), (p, bytes(p.frame))

    it = hook(a, change, "out")
    sender = a.stack.udp.open()
    pings = a.stack.icmp.pings.open()
    for i in range(300):
        sender.send(pattern(i, i + 1), b.iface.addr, 9)
        if i % 3 == 0:
            pings.send(b.iface.addr, i, pattern(i % 50), sim.now)
        if i % 10 == 0:
            a.stack.tcp.connect(b.iface.addr, 80 + i)
        a.touch()
        sim.run(1000)
    assert it.changed == it.seen - it.errors, it
    assert not it.errors, it.error
    assert {"tcp", "udp", "icmp"} <= set(kinds)


def test_a_wrong_checksum_stays_wrong():
    sim, a, b = pair()
    d = Datagrams(sim, b, a)

    def spoil(p):
        p.frame[60] ^= 0x10
        p.src = "10.0.0.77"

    hook(a, spoil)
    d.send()
    sim.run(SECOND)
    assert not d.came and a.stack.counters.udp_drop_checksum == 1


def test_udp_without_a_checksum_stays_without():
    """RFC 768: 0 is none."""
    sim, a, b = pair()
    seen = []

    def change(p):
        p.frame[40:42] = b"\0\0"
        p.src = "10.0.0.77"
        p.sport = 7
        seen.append(bytes(p.frame[40:42]))

    hook(a, change)
    d = Datagrams(sim, b, a)
    d.send()
    sim.run(SECOND)
    assert seen == [b"\0\0"] and d.numbers() == [0]


def test_a_payload_of_another_length():
    for size in (0, 1, 7, 99, 1472):
        sim, a, b = pair()
        got = []
        data = pattern(size, 5)

        def change(p, data=data):
            p.payload = data
            assert p.payload == data and summed(bytes(p.frame))

        it = hook(a, change)
        e = a.stack.udp.open(0, 9)
        e.handler = lambda iface, buf, off, end, src, port: got.append(bytes(buf[off:end]))
        b.stack.udp.open().send(b"some data", a.iface.addr, 9)
        b.touch()
        sim.run(SECOND)
        assert got == [data] and not it.errors, (size, it.error)


def test_a_payload_written_in_place_and_fixed():
    sim, a, b = pair()
    d = Datagrams(sim, a, b)

    def change(p):
        p.payload[1] = 77
        p.fix()

    hook(a, change, "out")
    d.send()
    sim.run(SECOND)
    assert d.numbers() == [77]


def test_what_cannot_be_stored_is_refused():
    sim, a, b = two_hosts()
    sim.default.filter = None
    sim.run(SECOND)
    refused = []

    def change(p):
        for name, value in (
            ("src", "10.0.0"),
            ("dst", "name"),
            ("sport", 65536),
            ("dport", -1),
            ("ttl", 256),
            ("payload", bytes(1600)),
            ("frame", bytes(13)),
            ("src", "10.0.0.1" if p.proto == "arp" else ""),
        ):
            try:
                setattr(p, name, value)
            except ValueError:
                refused.append(name)

    hook(a, change, "out")
    a.stack.udp.open().send(b"x", b.iface.addr, 9)
    a.touch()
    sim.run(1000000)
    assert len(refused) >= 16 and len(refused) % 8 == 0, refused


def test_fragments_have_ports_only_in_the_first():
    sim, a, b = pair()
    seen = []
    hook(a, lambda p: seen.append((p.fragment, p.proto, p.sport, p.dport, p.flags)))
    d = Datagrams(sim, b, a, size=4000)
    d.send()
    sim.run(SECOND)
    assert d.numbers() == [0]
    assert seen[0][:2] == (True, "udp") and seen[0][3] == 9
    assert seen[1:] == [(True, "udp", None, None, None)] * 2, seen


def test_an_address_can_be_changed_in_all_fragments():
    """The transport's checksum is in the first one, and covers the address of them all."""
    sim, a, b = pair()
    got = []

    def change(p):
        p.src = "10.0.0.77"

    hook(a, change)
    d = Datagrams(sim, b, a, size=4000)
    d.receiver.handler = lambda iface, buf, off, end, src, port: got.append((end - off, src))
    d.send()
    sim.run(SECOND)
    assert got == [(4000, addr.parse("10.0.0.77"))], got


# Answering.


def test_frames_that_a_hook_sends():
    sim, a, b = pair()
    got = []
    frame = b.iface.mac + a.iface.mac + b"\x88\xb5" + b"hello"
    mine = []

    def answer(p):
        mine.append(p.out)
        if not p.out:
            assert p.send(frame)
            return False

    hook(a, answer, "both")
    hook(b, lambda p: p.type == 0x88B5 and got.append(bytes(p.frame)))
    d = Datagrams(sim, b, a)
    d.send(2)
    sim.run(SECOND)
    assert got == [frame] * 2 and mine == [False] * 2 and not d.came
    assert a.stack.counters.hook_tx == 2


def test_frames_sent_while_another_is_sent():
    """They do not take its place, and follow it."""
    sim, a, b = pair()
    carried = Carried(sim.default, a.port)
    frame = b.iface.mac + a.iface.mac + b"\x88\xb5" + b"hello"
    rooms = []

    def answer(p):
        rooms.append(a.iface.dev.tx())  # who sends past p.send() finds no room
        p.send(frame)

    hook(a, answer, "out")
    d = Datagrams(sim, a, b)
    d.send(2)
    sim.run(SECOND)
    assert d.numbers() == [0, 1] and carried.sent[1] == carried.sent[3] == frame
    assert rooms == [None, None]


def test_answers_are_bounded():
    sim, a, b = pair()
    frame = b.iface.mac + a.iface.mac + b"\x88\xb5" + b"hello"
    results = []
    hook(a, lambda p: results.extend([p.send(frame) for _ in range(20)]))
    d = Datagrams(sim, b, a)
    d.send()
    sim.run(SECOND)
    assert results == [True] * 16 + [False] * 4
    assert a.stack.counters.hook_tx == 16 and a.stack.counters.hook_tx_no_buffer == 4
    a.port.tx_room = 0
    d.send()
    sim.run(SECOND)
    assert a.stack.counters.hook_tx == 16 and a.stack.counters.hook_tx_no_buffer == 24


def test_replies_are_right():
    sim, a, b = pair()
    carried = Carried(sim.default, a.port)

    def answer(p):
        p.reply()
        return False

    it = hook(a, answer)
    for size in (0, 1, 56, 1400):
        pings = b.stack.icmp.pings.open()
        pings.send(a.iface.addr, 3, pattern(size), sim.now)
        b.touch()
        sim.run(SECOND)
        reply = pings.recv()
        assert reply and reply[2] == size, (size, it.error)
        pings.close()
    e = b.stack.udp.open(0, 1234)
    e.send(b"ask", a.iface.addr, 9)
    b.touch()
    sim.run(SECOND)
    assert e.recv() == (b"ask", a.iface.addr, 9)
    for frame in carried.sent:
        assert summed(frame)
    b.stack.tcp.connect(a.iface.addr, 80)
    b.touch()
    sim.run(SECOND)
    assert it.errors and "answers" in str(it.error)


def test_nonsense_is_seen_without_harm():
    """Frames at random, and real ones cut short or with wrong bits: fields are there or None."""
    sim, a, b = pair()
    rand = sim.rng
    frames = []
    it = hook(a, lambda p: frames.append(bytes(p.frame)))
    Datagrams(sim, b, a).send(2)
    Transfer(sim, b, a, b"x").run()
    pings = b.stack.icmp.pings.open()
    pings.send(a.iface.addr, 3, b"data", sim.now)
    b.touch()
    sim.run(SECOND)
    it.remove()
    looked = [0]

    def look(p):
        looked[0] += 1
        values = (p.proto, p.src, p.dst, p.sport, p.dport, p.flags, p.icmp_type, p.ttl, p.type)
        assert len(values) == 9 and len(p.frame) == len(p)
        assert len(p.payload) <= len(p)
        assert repr(p) and (p.fragment, p.ether_src, p.ether_dst)
        for change in (lambda: p.reply(), lambda: p.fix(), lambda: setattr(p, "src", "1.2.3.4")):
            try:
                change()
            except ValueError:
                pass
        try:
            p.payload = b"other"
        except ValueError:
            pass
        return False

    it = hook(a, look)
    for i in range(3000):
        frame = bytearray(frames[i % len(frames)])
        for _ in range(rand.below(4)):
            frame[12 + rand.below(len(frame) - 12)] = rand.bits() & 255
        n = rand.below(len(frame)) if i % 3 == 0 else len(frame)
        a.iface.receive(a.iface.input, 0)
        a.iface.dev._input(memoryview(frame), n)
        a.stack.flush()
    assert looked[0] == 3000 and not it.errors, it.error
