# Frostnet: tests of iperf3's control connection, client and server, good and bad
# MIT license; Copyright (c) 2026 The Frostnet authors

import json
import random
import struct

from iperf import framing, states
from iperf.errors import (
    BAD_BLOCK,
    BAD_DURATION,
    BAD_MESSAGE,
    BAD_PARAMETERS,
    BAD_RESULTS,
    BAD_STREAM,
    BAD_STREAMS,
    BUSY,
    CLIENT_TERMINATED,
    CLOSED,
    SERVER_TERMINATED,
    SILENT,
    UNSUPPORTED,
    IperfError,
)
from iperf.parameters import Parameters, read
from iperf.results import Result
from iperf.session import Client, Server

S = 1000000
COOKIE = b"q" * 36 + b"\0"
# What iperf3 3.12 says, byte for byte.
PARAMETERS = (
    b'{"tcp":true,"omit":0,"time":2,"num":0,"blockcount":0,"parallel":2,"reverse":true,'
    b'"len":131072,"pacing_timer":1000,"client_version":"3.12"}'
)
RESULTS = (
    b'{"cpu_util_total":4.99,"cpu_util_user":0,"cpu_util_system":4.99,'
    b'"sender_has_retransmits":18446744073709551615,"congestion_used":"bbr","streams":['
    b'{"id":1,"bytes":280490688,"retransmits":18446744073709551615,"jitter":0,"errors":0,'
    b'"packets":0,"start_time":0,"end_time":2.020309},'
    b'{"id":3,"bytes":332070912,"retransmits":18446744073709551615,"jitter":2.5e-05,"errors":0,'
    b'"packets":0,"start_time":0,"end_time":2.020319}]}'
)


def framed(text):
    return struct.pack(">I", len(text)) + text


def asked(**changes):
    it = Parameters(False, False, 1, 131072, 0, 10, 0)
    for name, value in changes.items():
        setattr(it, name, value)
    return it


def counted(*sizes):
    return [Result(n, 2.0, 3, 7, 1, 0.5) for n in sizes]


def give(session, data, now=S, piece=1000):
    """Have it read `data`, never more than it wants; what is left. A client opens its streams."""
    while data and not session.over:
        if not session.wanted:
            if session.state == states.TEST_END:
                session.exchange(now)
            else:
                assert session.state == states.CREATE_STREAMS
                session.opened(now)
        n = min(session.wanted, piece, len(data))
        session.input(data[:n], now)
        data = data[n:]
    return data


def said(session):
    out = bytes(session.output)
    session.output = bytearray()
    return out


def served(now=S, parameters=PARAMETERS, results=None):
    """A server that has the parameters."""
    server = Server(now, results or (lambda: counted(1000, 2000)))
    assert give(server, COOKIE) == b"" and said(server) == b"\x09"
    give(server, framed(parameters))
    return server


def test_server_as_iperf3_saw_it():
    for piece in (1, 3, 1000):
        server = Server(S, lambda: counted(1000, 2000))
        assert give(server, COOKIE, piece=piece) == b"" and server.cookie == COOKIE
        assert said(server) == b"\x09"
        give(server, framed(PARAMETERS), piece=piece)
        it = server.parameters
        assert (it.udp, it.reverse, it.parallel, it.length) == (False, True, 2, 131072)
        assert (it.seconds, it.bytes, it.rate, it.omit) == (2, 0, 0, 0)
        assert said(server) == b"\x0a" and server.state == states.CREATE_STREAMS
        server.start(S)
        assert said(server) == b"\x01\x02" and server.deadline is None
        give(server, b"\x04")
        assert server.state == states.TEST_END and said(server) == b""
        server.exchange(S)
        assert said(server) == b"\x0d"
        give(server, framed(RESULTS), piece=piece)
        assert [r.bytes for r in server.theirs] == [280490688, 332070912]
        assert [r.retransmits for r in server.theirs] == [-1, -1]
        assert abs(server.theirs[1].jitter - 0.025) < 1e-9
        out = said(server)
        n = struct.unpack(">I", out[:4])[0]
        mine = json.loads(out[4 : 4 + n])
        assert out[4 + n :] == b"\x0e" and not server.over
        assert mine["sender_has_retransmits"] == 1
        assert [s["id"] for s in mine["streams"]] == [1, 3]
        assert [s["bytes"] for s in mine["streams"]] == [1000, 2000]
        give(server, b"\x10")
        assert server.over and server.error is None


def test_client_and_server():
    for reverse in (False, True):
        for udp in (False, True):
            want = asked(reverse=reverse, udp=udp, parallel=3, rate=5000, length=1000, bytes=9)
            client = Client(S, lambda: counted(1, 2, 3), want, framing.cookie(random.getrandbits))
            server = Server(S, lambda: counted(4, 5, 6))
            seen = []
            while not (client.over and server.over):
                give(server, said(client))
                give(client, said(server))
                if server.state == states.CREATE_STREAMS and not server.output:
                    assert client.state == states.CREATE_STREAMS
                    server.start(S)
                if server.state == states.TEST_END:
                    server.exchange(S)
                if client.state not in seen:
                    seen.append(client.state)
                    if client.state == states.TEST_RUNNING:
                        client.end(S)
            assert client.error is None and server.error is None
            assert server.cookie == client.cookie and server.cookie[36] == 0
            it = server.parameters
            assert (it.udp, it.reverse, it.parallel, it.rate) == (udp, reverse, 3, 5000)
            assert (it.length, it.bytes, it.seconds) == (1000, 9, 0)
            assert [r.bytes for r in client.theirs] == [4, 5, 6]
            assert [r.bytes for r in server.theirs] == [1, 2, 3]
            assert client.theirs[0].retransmits == 3 and client.theirs[0].lost == 1


def test_cookies():
    one, two = framing.cookie(random.getrandbits), framing.cookie(random.getrandbits)
    assert len(one) == 37 and one != two
    assert all(c in b"abcdefghijklmnopqrstuvwxyz234567" for c in one[:36])


def error_of_client(data, **changes):
    client = Client(S, lambda: counted(1), asked(**changes), COOKIE)
    assert said(client) == COOKIE
    give(client, data)
    assert client.over
    return client


def test_what_a_server_refuses():
    client = error_of_client(b"\xff")
    assert client.error.code == BUSY and client.error.told
    assert str(client.error) == "the server is busy with another test"
    client = error_of_client(b"\x0b")
    assert client.error.code == SERVER_TERMINATED and client.error.told and said(client) == b""
    client = error_of_client(b"\x09\xfe" + struct.pack(">ii", 6, 22))
    assert client.error.code == BAD_STREAMS and client.error.told and client.error.errno == 22
    client = error_of_client(b"\x09\x0a\xfe" + struct.pack(">ii", -77, 0))
    assert "-77" in str(client.error)


def test_a_client_says_goodbye_to_who_talks_nonsense():
    for data in (b"\x10", b"\x63", b"\x09\x09", b"\x09\x0a\x02", b"HTTP/1.1 400 Bad Request\r\n"):
        client = error_of_client(data)
        assert client.error.code == BAD_MESSAGE and not client.error.told
        assert said(client)[-1] == 12  # CLIENT_TERMINATE


def results_error(text, parallel=1):
    client = Client(S, lambda: counted(*range(parallel)), asked(parallel=parallel), COOKIE)
    give(client, b"\x09\x0a\x01\x02")
    client.end(S)
    give(client, b"\x0d" + text)
    return client.error and client.error.code


def test_results_that_make_no_sense():
    good = '{"id":1,"bytes":5,"retransmits":0,"jitter":0,"errors":0,"packets":0}'
    assert results_error(framed(('{"streams":[%s]}' % good).encode())) is None
    for bad in (
        "[]",
        "{}",
        '{"streams":7}',
        '{"streams":[]}',
        '{"streams":[7]}',
        '{"streams":[%s,%s]}' % (good, good),
        '{"streams":[%s]}' % good.replace("5", '"5"'),
        '{"streams":[%s]}' % good.replace("5", "-5"),
        '{"streams":[%s]}' % good.replace("5", "1e999"),
        '{"streams":[%s]}' % good.replace("5", "9" * 400),
        '{"streams":[%s]}' % good.replace('"jitter":0', '"jitter":1e999'),
        '{"streams":[%s]}' % good.replace('"jitter":0', '"jitter":-1'),
        '{"streams":[%s]}' % good.replace('"bytes":5,', ""),
        '{"streams":[',
        "[" * 60000,
        "\xff\xfe",
        "nan",
    ):
        assert results_error(framed(bad.encode())) == BAD_RESULTS, bad[:80]
    for bad in (good.replace('"id":1', '"id":2'), good.replace('"id":1', '"id":"1"')):
        assert results_error(framed(('{"streams":[%s]}' % bad).encode())) == BAD_STREAM
    twice = framed(('{"streams":[%s,%s]}' % (good, good)).encode())
    assert results_error(twice, 2) == BAD_STREAM
    # A length is believed only if it can be, and nothing is kept for it
    for n in (0, 65537, 0xFFFFFFFF):
        assert results_error(struct.pack(">I", n)) == BAD_RESULTS, n


def parameters_error(text):
    server = served(parameters=text)
    out = said(server)
    assert server.over == (server.error is not None)
    if server.over:
        # Like iperf3: the state, and both numbers
        assert out[0] == 0xFE and len(out) == 9
        assert struct.unpack(">ii", out[1:])[0] == server.error.code
        return server.error.code
    assert out == b"\x0a"
    return None


def test_parameters_that_make_no_sense():
    assert parameters_error(b"{}") is None
    assert parameters_error(b'{"tcp":true,"time":1.5,"len":1000.0}') is None
    for bad, code in (
        (b"7", BAD_PARAMETERS),
        (b"GET / HTTP/1.1", BAD_PARAMETERS),
        (b'{"num":-1}', BAD_PARAMETERS),
        (b'{"num":"many"}', BAD_PARAMETERS),
        (b'{"bandwidth":[]}', BAD_PARAMETERS),
        (b'{"num":1e999}', BAD_PARAMETERS),
        (b'{"num":null}', BAD_PARAMETERS),
        (b'{"parallel":0}', BAD_STREAMS),
        (b'{"parallel":33}', BAD_STREAMS),
        (b'{"parallel":"2"}', BAD_STREAMS),
        (b'{"len":0}', BAD_BLOCK),
        (b'{"len":2000000}', BAD_BLOCK),
        (b'{"udp":true,"len":15}', BAD_BLOCK),
        (b'{"udp":true,"len":65508}', BAD_BLOCK),
        (b'{"time":86401}', BAD_DURATION),
        (b'{"omit":-1}', BAD_DURATION),
        (b'{"bidirectional":true}', UNSUPPORTED),
        (b'{"sctp":true}', UNSUPPORTED),
        (b'{"authtoken":"x"}', UNSUPPORTED),
    ):
        assert parameters_error(bad) == code, bad
    assert parameters_error(b'{"title":"' + b"x" * 9000 + b'"}') == BAD_PARAMETERS


def test_parameters():
    it = read({"udp": True, "blockcount": 10, "len": 100, "udp_counters_64bit": 1})
    assert it.udp and it.bytes == 1000 and it.wide and not it.reverse
    assert read({"tcp": True}).length == 131072 and read({"udp": True}).length == 1448


def test_terminate():
    server = served()
    said(server)
    server.start(S)
    said(server)
    give(server, b"\x0c")
    assert server.error.code == CLIENT_TERMINATED and server.error.told and said(server) == b""
    server = served()
    said(server)
    server.terminate()
    assert server.over and said(server) == b"\x0b"
    client = Client(S, lambda: counted(1), asked(), COOKIE)
    said(client)
    client.terminate()
    assert client.over and said(client) == b"\x0c"


def test_silence():
    server = Server(S, None)
    assert server.deadline == 11 * S
    server.expire(11 * S - 1)
    assert not server.over
    server.expire(11 * S)
    assert server.error.code == SILENT and said(server) == b"\x0b"
    # What came, came in time; then time runs anew
    server = Server(S, None)
    give(server, COOKIE, 10 * S)
    assert server.deadline == 20 * S
    # A test may take as long as it likes
    server = served()
    server.start(S)
    server.expire(1000000 * S)
    assert not server.over


def test_lost():
    server = served()
    said(server)
    server.lost()
    assert server.error.code == CLOSED and said(server) == b""
    server.fail(IperfError(BAD_MESSAGE))
    assert server.error.code == CLOSED


def test_any_bytes_at_all():
    """Nothing but IperfError comes of what nobody would say, and little is kept of it."""
    for seed in range(300):
        random.seed(seed)
        server = Server(S, lambda: counted(1))
        client = Client(S, lambda: counted(1), asked(), COOKIE)
        for session in (server, client):
            if seed & 1:
                give(session, COOKIE if session is server else b"\x09\x0a\x01\x02")
            if seed & 2 and session is server:
                give(session, framed(b'{"tcp":true}'))
                session.start(S) if seed & 4 else None
            while not session.over and session.state != states.CREATE_STREAMS:
                if session.state == states.TEST_RUNNING and session is client:
                    session.end(S)
                if not session.wanted:
                    session.exchange(S)
                n = min(session.wanted, 200)
                assert session.wanted <= 65536
                data = bytes([random.getrandbits(8) >> (seed & 8 and 4) for _ in range(n)])
                session.input(data, S)
                session.expire(S + (random.getrandbits(8) == 0) * 20 * S)
            assert session.over or session.state == states.CREATE_STREAMS
