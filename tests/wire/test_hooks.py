# Frostnet: tests of packet hooks: what they see and drop, their order and their end
# MIT license; Copyright (c) 2026 The Frostnet authors

import net
import net._ping
from net_bench import Bench
from network._hook import Hook
from simtools import MINUTE, SECOND, Transfer, pattern, two_hosts
from test_impair import Datagrams, pair
from test_offload import hosts
from test_tap import Carried

from frostnet.wire import addr

DATA = pattern(100000)


def hook(host, fn, direction="in", first=False, iface=None):
    return Hook(host.rt, [iface or host.iface], fn, direction, first)


def ip(host):
    return addr.text(host.iface.addr)


# What hooks see.


def test_fields_of_what_comes_and_goes():
    sim, a, b = pair()
    seen = []

    def look(p):
        seen.append(
            (p.out, p.proto, p.src, p.dst, p.sport, p.dport, p.flags, p.icmp_type, p.ttl)
            + (bytes(p.payload), len(p), p.iface, p.fragment, p.type)
        )

    hook(a, look, "both")
    a.stack.udp.open(0, 5).send(b"hello", b.iface.addr, 7)
    a.touch()
    sim.run(SECOND)
    out, error = seen
    assert out == (
        (True, "udp", ip(a), ip(b), 5, 7, None, None, 64) + (b"hello", 47, "eth0", False, 0x0800)
    ), out
    assert error[:9] == (False, "icmp", ip(b), ip(a), None, None, None, 3, 64), error
    assert error[9][-5:] == b"hello" and error[10] == 75


def test_fields_of_tcp_and_arp():
    sim, a, b = two_hosts()
    sim.default.filter = None
    flags = []
    arps = []

    def look(p):
        if p.proto == "tcp":
            flags.append((p.out, p.flags))
        elif p.proto == "arp":
            arps.append((p.out, p.src, p.dst, p.sport, p.flags, p.ether_src))

    sim.run(SECOND)
    hook(a, look, "both")
    Transfer(sim, a, b, b"x").run()
    assert flags[:3] == [(True, "S"), (False, "SA"), (True, "A")] and (True, "PA") in flags
    assert "FA" in flags[-2][1] or "FA" in flags[-3][1], flags
    assert (True, ip(a), ip(b), None, None, addr.mac_text(a.iface.mac)) in arps, arps
    assert (False, ip(b), ip(a), None, None, addr.mac_text(b.iface.mac)) in arps, arps


def test_only_frames_of_the_wire_on_a_card_with_offloads():
    for partial in (True, False):
        sim, a, b = hosts(offloads=({"partial": partial}, {}))
        for host in (a, b):
            host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
        sim.run(SECOND)
        seen = []
        hook(a, lambda p: seen.append((p.out, bytes(p.frame))), "both")
        carried = Carried(sim.default, a.port)
        Transfer(sim, a, b, DATA, back=DATA[:50000]).run()
        sim.run(SECOND)
        assert a.port.joined and not a.port.cut
        assert [f for out, f in seen if out] == carried.sent
        came = [f for out, f in seen if not out]
        assert max([len(f) for f in came]) <= 1514
        assert b"".join([f[66:] for f in came if len(f) > 66]) == b"".join(
            [f[66:] for f in carried.received if len(f) > 66]
        )
        assert not a.stack.counters.tcp_drop_checksum and not b.stack.counters.tcp_drop_checksum


def test_one_direction_leaves_the_other_alone():
    sim, a, b = hosts()
    for host in (a, b):
        host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
    sim.run(SECOND)
    it = hook(a, lambda p: None, "in")
    Transfer(sim, a, b, DATA).run()
    assert a.port.cut and it.seen > 3
    it.remove()
    it = hook(a, lambda p: None, "out")
    assert a.iface.receive == a.port.receive and not a.iface.dev.tso
    it.remove()
    assert a.iface.dev is a.port and a.iface.receive == a.port.receive


def test_coming_and_going_while_a_connection_sends():
    sim, a, b = hosts(rate=2000000, delay=1000)
    for host in (a, b):
        host.stack.tcp.rcvbuf = host.stack.tcp.sndbuf = 200000
    sim.run(SECOND)
    t = Transfer(sim, a, b, pattern(1000000), back=DATA)
    seen = []

    def program():
        for direction in ("in", "out", "both") * 3:
            yield sim.now + SECOND // 50
            it = hook(a, lambda p: None, direction)
            yield sim.now + SECOND // 50
            it.remove()
            it.remove()
            seen.append(it.seen)
            assert a.iface.dev is a.port

    sim.go(program())
    t.run()
    assert len(seen) == 9 and sum(seen) > 15 and a.port.cut, (seen, a.port.cut)


# What they say.


def test_dropping_is_counted():
    sim, a, b = pair()
    d = Datagrams(sim, b, a)
    it = hook(a, lambda p: p.proto == "udp" and p.payload[1] % 2 == 0)
    d.send(10)
    sim.run(SECOND)
    assert d.numbers() == [0, 2, 4, 6, 8]
    assert it.seen == 10 and it.dropped == a.stack.counters.hook_drop == 5
    assert not a.stack.counters.udp_drop_no_endpoint


def test_dropping_what_is_sent():
    sim, a, b = pair()
    d = Datagrams(sim, a, b)
    it = hook(a, lambda p: p.payload[1] != 3, "out")
    d.send(5)
    sim.run(SECOND)
    assert d.numbers() == [0, 1, 2, 4] and it.dropped == 1


def test_tcp_gets_through_a_hook_that_drops_now_and_then():
    for seed in range(1, 3):
        sim, a, b = pair(seed=seed)
        count = [0]

        def lossy(p):
            count[0] += 1
            return count[0] % 20 != 0

        hook(a, lossy, "both")
        Transfer(sim, a, b, DATA, back=DATA).run(10 * MINUTE)
        assert a.stack.counters.hook_drop == count[0] // 20


def test_another_frame_goes_on_instead():
    """Bytes as they are: checksums are the hook's own, and the stack looks at them."""
    sim, a, b = pair()
    d = Datagrams(sim, b, a)
    got = []
    d.receiver.handler = lambda iface, buf, off, end, src, sport: got.append(bytes(buf[off:end]))
    other = []

    def swap(p):
        if not other:
            other.append(bytes(p.frame))
            return None
        if len(other) == 1:
            other.append(0)
            return other[0]
        wrong = bytearray(p.frame)
        wrong[-1] ^= 1
        return wrong

    it = hook(a, swap)
    d.send(3)
    sim.run(SECOND)
    assert [g[1] for g in got] == [0, 0] and a.stack.counters.udp_drop_checksum == 1
    assert it.changed == a.stack.counters.hook_changed == 2


def test_what_is_no_frame_is_an_error():
    sim, a, b = pair()
    d = Datagrams(sim, b, a)
    for nonsense in (5, "text" * 5, b"short", bytes(2000), 0, 1.5, ()):
        it = hook(a, lambda p, x=nonsense: x)
        d.send()
        sim.run(SECOND)
        assert it.errors == 1 and not d.came, nonsense
        it.remove()
    assert a.stack.counters.hook_drop_error == 7


def test_an_exception_drops_is_counted_and_told_once():
    from network import _hook

    sim, a, b = pair()
    printed = []
    deferred = []
    _hook.print = lambda *args: printed.append(args[0])
    _hook.sys = Printer(printed)
    a.rt.defer = deferred.append
    d = Datagrams(sim, b, a)

    def broken(p):
        raise exceptions.pop(0)

    exceptions = [ValueError("first"), KeyError("second"), SystemExit(), KeyboardInterrupt()]
    it = hook(a, broken)
    d.send(4)
    sim.run(SECOND)
    assert it.errors == 4 == a.stack.counters.hook_drop_error and not d.came
    assert str(it.error) == "first" and len(deferred) == 1
    deferred[0](None)
    assert printed[0].startswith("hook broken failed") and printed[1] is it.error, printed
    it.remove()
    d.send()
    sim.run(SECOND)
    assert d.numbers() == [4]
    assert not a.stack.counters.bug_frame


class Printer:
    def __init__(self, out):
        self.print_exception = out.append


def test_order_and_who_comes_first():
    sim, a, b = pair()
    d = Datagrams(sim, b, a)
    asked = []

    def named(name, verdict=None):
        def fn(p):
            asked.append((name, p.payload[1]))
            return verdict

        return fn

    def change(p):
        p.payload = b"\0\x63" + bytes(98)

    hook(a, named("first"))
    hook(a, change)
    hook(a, named("last"))
    hook(a, named("before"), first=True)
    hook(a, named("no", False))
    hook(a, named("never"))
    d.send()
    sim.run(SECOND)
    assert asked == [("before", 0), ("first", 0), ("last", 99), ("no", 99)], asked


def test_they_are_bounded():
    sim, a, b = pair()
    made = [hook(a, lambda p: None) for _ in range(16)]
    try:
        hook(a, lambda p: None)
        assert False
    except OSError as e:
        assert e.errno == 105 and "remove" in str(e)
    for it in made:
        it.remove()
    assert a.iface.dev is a.port


def test_one_may_remove_itself_and_set_another():
    sim, a, b = pair()
    d = Datagrams(sim, b, a)
    seen = []

    def once(p):
        seen.append("once")
        made[0].remove()
        made.append(hook(a, lambda p: seen.append("other")))

    made = [hook(a, once)]
    d.send(3)
    sim.run(SECOND)
    assert d.numbers() == [0, 1, 2], d.came
    assert seen == ["once", "other", "other"], seen


def test_what_a_hook_must_not_do_does_no_harm():
    """A socket that waits raises; what does not wait works, and the poll goes on as it was."""
    import socket

    with Bench() as b:
        e = b.peer.stack.udp.open(0, 9)
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        def careless(p):
            if p.icmp_type == 0:
                s.sendto(b"from a hook", ("10.0.0.9", 9))
                assert net.eth0.send(b"\xff" * 12 + b"\x88\xb5")
                if p.frame[41] == 1:
                    s.recvfrom(10)

        it = net.eth0.hook(careless)
        assert net.ping("10.0.0.9", count=4, interval=0.1, timeout=0.1, quiet=True).received == 3
        b.sim.run(SECOND)
        assert it.errors == 1 and "micropython.schedule" in str(it.error), it.error
        assert e.available() == 4
        assert b.board.stack.last_bug is None
