# Frostnet: tests of net.iperf with peers that are busy, silent, broken or hostile
# MIT license; Copyright (c) 2026 The Frostnet authors

import json
import struct

import net
from iperf_bench import PORT, IperfBench, S, Server, Stranger
from net_bench import error_of

COOKIE = b"a" * 36 + b"\0"


def framed(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return struct.pack(">I", len(text)) + text


# The server.


def serving(b, *strangers, count=1):
    """net.iperf(server=True) while the generators `strangers` run one after the other beside it;
    then a client measures, which shows that it is well. Returns its result and its text."""

    def client():
        for stranger in strangers:
            yield from stranger
        yield from until(b, b.sim.now + S)
        yield from measure(b)

    b.sim.go(client())
    results = net.iperf(server=True, count=count)
    return results, b.text()


def until(b, when):
    while b.sim.now < when:
        yield when


def measure(b):
    from iperf.parameters import Parameters
    from net._iperf_client import measure

    asked = Parameters(False, False, 2, 131072, 0, 1, 0)
    dst = b.board.iface.addr
    return measure(b.peer.rt, "10.0.0.2", dst, PORT, asked, 1, lambda text: None)


def served_well(b, *strangers):
    results, text = serving(b, *strangers)
    assert len(results) == 1 and results[0].error is None and results[0].received > 100000
    return text


def speak(b, *parts, wait=0, hear=0, abort=False):
    """Connect and say the parts, each after as many bytes from the server as it stands behind."""
    s = Stranger(b)
    yield from s.connect()
    for expected, data in parts:
        heard = yield from s.hear(expected)
        assert heard, bytes(s.got)
        s.say(data)
    if hear:
        heard = yield from s.hear(hear)
        assert heard, bytes(s.got)
    yield from s.pause(wait)
    s.close(abort)


def test_parties_that_are_no_iperf3():
    with IperfBench() as b:
        text = served_well(
            b,
            speak(b, (0, b"GET / HTTP/1.1\r\nHost: 10.0.0.2\r\n\r\n" + b"x" * 3000), wait=S),
            speak(b, (0, b"")),
            speak(b, (0, COOKIE[:20])),
            speak(b, (0, COOKIE[:20]), abort=True),
        )
        assert text.count("iperf: error - ") == 4
        assert text.count("the control connection was closed") == 3


def test_silent_clients():
    """RFC 1122 has no time limits for this: ten seconds for each step of the talk."""
    with IperfBench() as b:
        asked = framed({"tcp": True, "parallel": 1, "time": 1})
        since = b.sim.now
        text = served_well(
            b,
            speak(b, wait=12 * S),
            speak(b, (0, COOKIE), wait=12 * S),
            speak(b, (0, COOKIE), (1, framed({"x": 1})[:9]), wait=12 * S),
            speak(b, (0, COOKIE), (1, asked), wait=12 * S),
        )
        assert text.count("the other side does not answer") == 4
        assert b.sim.now - since < 60 * S


def test_parameters_that_cannot_be():
    with IperfBench() as b:
        text = served_well(
            b,
            # SERVER_ERROR and two numbers come before the end
            speak(b, (0, COOKIE), (1, b"\xff\xff\xff\xff"), hear=10),
            speak(b, (0, COOKIE), (1, b"\0\0\0\0"), hear=10),
            speak(b, (0, COOKIE), (1, framed(b"no JSON")), hear=10),
            speak(b, (0, COOKIE), (1, framed({"tcp": True, "parallel": 1000})), hear=10),
            speak(b, (0, COOKIE), (1, framed({"udp": True, "len": 3})), hear=10),
            speak(b, (0, COOKIE), (1, framed({"tcp": True, "bidirectional": True})), hear=10),
        )
        assert text.count("the parameters make no sense") == 3
        assert "too many parallel streams" in text and "blocks of that length cannot be" in text
        assert "bidirectional tests are not supported" in text


def test_wrong_states():
    with IperfBench() as b:
        asked = framed({"tcp": True, "time": 1})
        text = served_well(
            b,
            speak(b, (0, COOKIE), (1, asked), (2, b"\x04"), hear=11),
            speak(b, (0, COOKIE), (1, asked), (2, b"\x63"), hear=11),
            speak(b, (0, COOKIE), (1, asked), (2, b"\x0c"), wait=S),
        )
        assert "TEST_END came in CREATE_STREAMS" in text and "99 came in CREATE_STREAMS" in text
        assert "the client has terminated" in text


def test_streams_of_others():
    """While it waits for streams only those with its cookie are taken, and nobody can keep the
    right ones away."""
    with IperfBench() as b:
        strangers = []

        def intrude():
            control = Stranger(b)
            yield from control.connect()
            control.say(COOKIE)
            yield from control.hear(1)
            control.say(framed({"tcp": True, "time": 1, "parallel": 2}))
            yield from control.hear(2)
            wrong = Stranger(b)
            yield from wrong.connect()
            wrong.say(b"b" * 37)
            heard = yield from wrong.hear(1)
            assert heard and wrong.got == b"\xff", "ACCESS_DENIED"
            for _ in range(40):  # silent ones: 32 of them may wait, 5 s
                s = Stranger(b)
                yield from s.connect()
                strangers.append(s)
            yield from control.pause(S)
            mine = [Stranger(b), Stranger(b)]
            for s in mine:
                yield from s.connect()
                s.say(COOKIE)
            heard = yield from control.hear(4)
            assert heard and control.got == b"\x09\x0a\x01\x02", bytes(control.got)
            late = Stranger(b)
            yield from late.connect()
            late.say(COOKIE)
            heard = yield from late.hear(1)
            assert heard and late.got == b"\xff", "one too many"
            for s in [control, late, wrong] + mine + strangers:
                s.close(True)

        results, text = serving(b, intrude(), count=2)
        assert "the control connection was closed" in results[0].error
        assert results[1].error is None


def test_busy():
    with IperfBench() as b:
        Server(b)
        others = []

        def another():
            yield from until(b, b.sim.now + S)
            for _ in range(20):
                s = b.peer.stack.tcp.connect(b.peer.iface.addr, PORT)
                others.append(s)
                yield from until(b, b.sim.now + 10000)

        b.sim.go(another())
        result = net.iperf("10.0.0.9", seconds=3)
        assert result.error is None and len(others) == 20
        said = bytearray(9)
        for s in others:
            assert s.recv_into(said, 0, 9) == 1 and said[0] == 0xFF or s.error, "denied or reset"
            s.close()


def begun(b, parameters):
    """A client whose test runs, with one stream: control connection and stream."""
    control = Stranger(b)
    yield from control.connect()
    control.say(COOKIE)
    yield from control.hear(1)
    control.say(framed(parameters))
    yield from control.hear(2)
    stream = Stranger(b)
    yield from stream.connect()
    stream.say(COOKIE)
    yield from control.hear(4)
    return control, stream


def test_clients_that_vanish():
    """Mid-test: with a reset, with an end, and without a word (RFC 9293 §3.8.4: keep-alives)."""
    with IperfBench() as b:

        def vanish(how, parameters):
            control, stream = yield from begun(b, parameters)
            if how == "silent":
                b.sim.default.filter = lambda f, src: None
                yield from control.pause(100 * S)
                b.sim.default.filter = None
            control.close(how == "reset")
            stream.close(how == "reset")

        forward = {"tcp": True, "time": 1000}
        reverse = {"tcp": True, "time": 1000, "reverse": True}
        strangers = [
            vanish("reset", forward),
            vanish("end", forward),
            vanish("reset", reverse),
            vanish("silent", forward),
            vanish("silent", reverse),
        ]
        results, text = serving(b, *strangers, count=6)
        assert [bool(it.error) for it in results] == [True] * 5 + [False], text


def by_hand(b, parameters, act):
    """A client with one stream, of which `act(control, stream)` is the test, and says TEST_END."""
    control, stream = yield from begun(b, parameters)
    yield from act(control, stream)
    yield from control.hear(5)
    mine = {"id": 1, "bytes": 7, "retransmits": -1, "jitter": 0, "errors": 0, "packets": 0}
    control.say(framed({"streams": [mine]}))
    yield from control.hear(100)
    assert control.got[4] == 13 and control.got[-1] == 14, "EXCHANGE_RESULTS, DISPLAY_RESULTS"
    control.say(b"\x10")
    control.close()
    stream.close()


def test_a_client_that_reads_to_the_end():
    """iperf3 -R reads its streams until they end, and only then tells its results."""
    with IperfBench() as b:

        def read_on(control, stream):
            yield from stream.hear(500000)
            control.say(b"\x04")
            ended = yield from stream.hear(1 << 40)
            assert not ended and len(stream.got) > 500000

        client = by_hand(b, {"tcp": True, "time": 1000, "reverse": True}, read_on)
        results, _ = serving(b, client, count=2)
        assert results[0].error is None and results[0].received == 7


def test_an_end_that_overtakes_the_data():
    """iperf3 -n says TEST_END when it has handed over the data: they come after it."""
    with IperfBench() as b:

        def send_late(control, stream):
            control.say(b"\x04")
            for _ in range(10):
                yield from stream.pause(100000)
                stream.say(b"x" * 5000)

        client = by_hand(b, {"tcp": True, "num": 50000}, send_late)
        results, _ = serving(b, client, count=2)
        assert results[0].error is None and results[0].received == 50000
        assert 0.9 < results[0].seconds < 1.1
        # What never comes is not waited for for ever
        client = by_hand(b, {"tcp": True, "num": 60000}, send_late)
        results, _ = serving(b, client, count=2)
        assert results[0].received == 50000 and results[0].seconds < 1.5


def test_datagrams_of_others():
    """Only the client's hellos make streams, and only its datagrams count."""
    with IperfBench() as b:
        Server(b)
        other = b.peer.stack.udp.open(0, 4444)
        third = b.sim.host(3, "10.0.0.3/24").stack.udp.open(0, 5555)
        sent = [0]

        def flood():
            for _ in range(300):
                for data in (b"9876", b"9876x", b"", b"x" * 1000):
                    third.send(data, b.peer.iface.addr, PORT)
                    other.send(data, b.board.iface.addr, 50000)
                    sent[0] += 1
                yield from until(b, b.sim.now + 10000)

        b.sim.go(flood())
        result = net.iperf("10.0.0.9", seconds=2, udp=True, parallel=2)
        assert result.lost == 0 and 358 <= result.packets <= 364 and sent[0] > 500
        other.close()
        third.close()


# The client.


def fake(b, *steps):
    """A server on the peer that has one client: it says each of `steps`, bytes, after something
    came; None closes at once."""
    listener = b.peer.stack.tcp.listen(0, PORT, 4)

    def program():
        buf = bytearray(1000)
        c = listener.accept()
        while c is None:
            yield
            c = listener.accept()
        for step in steps:
            while step and not c.recv_into(buf, 0, 1000) and not c.eof and not c.error:
                yield
            if step is None:
                c.close()
            else:
                c.send(memoryview(step), 0, len(step))
        while not c.orphan and not c.eof and not c.error:
            c.recv_into(buf, 0, 1000)
            yield
        c.close()
        listener.close()

    b.sim.go(program())


def test_nobody_there():
    with IperfBench() as b:
        e = error_of(net.iperf, "10.0.0.9")
        assert e.errno == 111 and "10.0.0.9:5201 refused the connection" in str(e)
        b.sim.default.filter = lambda f, src: None if f[23] == 6 else f
        since = b.sim.now
        e = error_of(net.iperf, "10.0.0.9")
        assert str(e) == "10.0.0.9:5201 does not answer: check the address and firewalls"
        assert e.errno == 110 and 9 * S < b.sim.now - since < 11 * S
        b.sim.default.filter = None


def test_servers_that_are_no_iperf3():
    with IperfBench() as b:
        for steps, errno, text in (
            ((b"HTTP/1.1 400 Bad Request\r\n\r\n", None), 71, "does not speak iperf3's protocol"),
            ((None,), 71, "check that it is iperf3, not iperf 2"),
            ((b"\x09", b"\x0a", None), 103, "the control connection was closed"),
            ((b"\xff",), 16, "the server is busy with another test: try again"),
            ((b"\x09", b"\x0b"), 103, "ended the test: the server has terminated"),
            ((b"\x09", b"\xfe" + struct.pack(">ii", 13, 0)), 103, "cannot do what was asked for"),
        ):
            fake(b, *steps)
            e = error_of(net.iperf, "10.0.0.9", seconds=1)
            assert e.errno == errno and text in str(e), str(e)
            b.sim.run(2 * S)


def test_a_silent_server():
    with IperfBench() as b:
        fake(b)
        since = b.sim.now
        e = error_of(net.iperf, "10.0.0.9", seconds=1)
        assert e.errno == 71 and 9 * S < b.sim.now - since < 11 * S
        assert "the other side does not answer" in str(e)
        b.sim.run(2 * S)
        fake(b, b"\x09", b"\x0a")
        e = error_of(net.iperf, "10.0.0.9", seconds=1)
        assert e.errno == 110 and "does not answer: check" in str(e)


def test_no_way_for_datagrams():
    with IperfBench() as b:
        server = Server(b, None)
        b.sim.default.filter = lambda f, src: None if f[23] == 17 else f
        e = error_of(net.iperf, "10.0.0.9", udp=True)
        assert e.errno == 110 and "does not answer by UDP: look for a firewall" in str(e)
        b.sim.default.filter = None
        b.sim.run(20 * S)
        assert "iperf: error" in server.text()
        server.interrupt()


def test_bad_arguments():
    with IperfBench() as b:
        for wrong in (
            {"port": 0},
            {"port": "x"},
            {"parallel": "x"},
            {"seconds": "x"},
            {"interval": "x"},
            {"omit": "x"},
            {"seconds": 0},
            {"seconds": 100000},
            {"bytes": 0},
            {"parallel": 0},
            {"parallel": 33},
            {"length": 0},
            {"length": 15, "udp": True},
            {"length": 65508, "udp": True},
            {"rate": -1},
            {"rate": "10M"},
            {"interval": 0.01},
            {"omit": -1},
            {"server": True},
        ):
            assert error_of(net.iperf, "10.0.0.9", **wrong).errno == 22, wrong
        assert "net.iperf(server=True)" in str(error_of(net.iperf))
        assert b.text() == ""


def test_port_in_use():
    with IperfBench() as b:
        listener = b.board.stack.tcp.listen(0, PORT, 1)
        e = error_of(net.iperf, server=True)
        assert e.errno == 98 and "port 5201" in str(e)
        listener.close()
        endpoint = b.board.stack.udp.open(0, PORT)
        text = serving(b, speak(b, (0, COOKIE), (1, framed({"udp": True})), hear=10))[1]
        assert "the data streams did not come about" in text
        endpoint.close()
