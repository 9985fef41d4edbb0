# Frostnet: tests of the web server: how requests and answers are framed
# MIT license; Copyright (c) 2026 The Frostnet authors

from simtools import pattern
from web_bench import GET, LAST, Web, one, parsed, post


def test_keep_alive_and_pipelining():
    with Web() as web:
        data = web.ask(GET % b"/hello.txt" * 50 + GET % b"/big.bin" + LAST % b"/sub/")
        for _ in range(50):
            status, fields, body, data = one(data)
            assert status == 200 and body == b"hello world" and "connection" not in fields
        status, fields, body, data = one(data)
        assert body == pattern(300000)
        assert one(data)[2] == b"<p>index"
        assert web.server.counters["requests"] == web.server.counters["2xx"] == 52
        assert web.server.counters["accepted"] == 1


def test_a_thousand_pipelined_requests():
    with Web() as web:
        s = web.client()
        s.setblocking(False)
        out = memoryview(GET % b"/hello.txt" * 1000 + LAST % b"/none")
        got = b""
        count = 0
        for _ in range(100000):
            n = s.write(out) if len(out) else 0
            out = out[n or 0 :]
            data = s.read(65536)
            if data == b"":
                break
            got += data or b""
            if data is None:
                web.run(0.01)
            while b"\r\n\r\nhello world" in got:
                assert one(got)[0] == 200
                got = one(got)[3]
                count += 1
        assert count == 1000 and one(got)[0] == 200


def test_bodies():
    with Web() as web:
        web.server.add("/sink", lambda request: str(len(request.body)), ("POST",))
        chunked = b"Transfer-Encoding: chunked"
        data = post(chunked, b"5\r\nhello\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n") + LAST % b"/none"
        answers = web.ask(data)
        status, fields, body, answers = one(answers)
        assert (status, body) == (200, b"8") and one(answers)[0] == 200
        # Too long: said at once if the length is known, and else as soon as it is clear
        assert parsed(web.ask(post(b"Content-Length: 65537")))[0] == 413
        s = web.ask(post(chunked), False)
        for _ in range(20):
            try:
                s.send(b"1000\r\n" + bytes(4096) + b"\r\n")
            except OSError:
                break
            web.run(0.01)
        assert one(s.recv(65536))[0] == 413
        # However small its chunks are
        data = post(chunked, b"1\r\nx\r\n" * 3000 + b"0\r\n\r\n") + LAST % b"/none"
        assert one(web.ask(data))[2] == b"3000"
        # What nobody wants is read, for the next request's sake
        data = post(b"Content-Length: 50000", bytes(50000), b"/hello.txt") + LAST % b"/none"
        status, fields, body, answers = one(web.ask(data))
        assert status == 405 and one(answers)[0] == 200


def test_continue():
    with Web() as web:
        web.server.add("/sink", lambda request: request.body, ("POST",))
        s = web.ask(post(b"Expect: 100-continue\r\nContent-Length: 5"), False)
        assert s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.send(b"hello")
        assert one(s.recv(1000))[2] == b"hello"
        data = web.ask(post(b"Expect: 100-continue\r\nContent-Length: 100000"))
        assert parsed(data)[0] == 413
        assert parsed(web.ask(post(b"Expect: x\r\nContent-Length: 5")))[0] == 417


def test_what_breaks_the_rules():
    with Web() as web:
        for data, status in (
            (b"GET /\r\n\r\n", 400),
            (b"GET / HTTP/1.1\r\n\r\n", 400),
            (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
            (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            (b"GET /" + b"a" * 9000, 414),
            (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000, 431),
            (post(b"Content-Length: 1\r\nTransfer-Encoding: chunked"), 400),
            (post(b"Transfer-Encoding: gzip"), 501),
            (post(b"Transfer-Encoding: chunked", b"zz\r\n"), 400),
            (b"\x16\x03\x01\x02\x00\x01", 400),
            (GET % b"/%00", 400),
        ):
            answers = web.ask(data + (b"" if status in (414, 431) else LAST % b"/none"))
            got, fields, body, rest = one(answers)
            assert got == status, (data[:40], got)
            if data != GET % b"/%00":
                assert fields["connection"] == "close" and not rest, data[:40]
        assert web.server.counters["failed"] == 0
