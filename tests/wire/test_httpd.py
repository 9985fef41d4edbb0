# Frostnet: tests of the web server: answers, files, routes, tasks, WebSockets, bad clients
# MIT license; Copyright (c) 2026 The Frostnet authors

import asyncio
import json
import os

from http import date
from http.websocket import build as server_frame
from httpd import HTTPD, Response
from service_bench import PORT, Bench, read_to_end, read_to_end_or_reset
from simtools import pattern

ROOT = "/tmp/frostnet_httpd_test"
OLD = "Thu, 01 Jan 1970 00:00:00 GMT"


def make(port):
    try:
        os.mkdir(ROOT)
        os.mkdir(ROOT + "/sub")
        os.mkdir(ROOT + "/empty")
    except OSError:
        pass
    for name, data in (
        ("/hello.txt", b"hello world"),
        ("/sub/index.html", b"<p>index"),
        ("/empty/a b&<c>.js", b"x"),
        ("/big.bin", pattern(300000)),
        ("/none", b""),
    ):
        with open(ROOT + name, "wb") as file:
            file.write(data)
    return HTTPD(port, ROOT, dashboard=False)


class Web(Bench):
    def __init__(self, server=make, **options):
        super().__init__(server, **options)
        self.server = self.service

    def ask(self, data, close=True):
        """Answers to what is sent, as bytes; `close`: the last one ends the connection."""
        s = self.client()
        s.sendall(data)
        if close:
            return read_to_end(s)
        return s

    def get(self, path="/hello.txt", method="GET", body=b"", **fields):
        """(status, fields, body) of one request."""
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: board", "Connection: close"]
        if body:
            lines.append("Content-Length: %d" % len(body))
        for name, value in fields.items():
            lines.append("%s: %s" % (name.replace("_", "-"), value))
        return parsed(self.ask("\r\n".join(lines).encode() + b"\r\n\r\n" + body))


def parsed(data):
    status, fields, body, rest = one(data)
    assert not rest, rest[:100]
    return status, fields, body


def one(data, head_only=False):
    """(status, fields, body, what follows) of the first answer in `data`."""
    head, sep, rest = data.partition(b"\r\n\r\n")
    assert sep, data[:200]
    lines = head.decode().split("\r\n")
    version, status, _ = lines[0].split(" ", 2)
    assert version == "HTTP/1.1"
    fields = {}
    for line in lines[1:]:
        name, value = line.split(": ", 1)
        assert name.lower() not in fields
        fields[name.lower()] = value
    if head_only or status in ("304", "204", "100"):
        return int(status), fields, b"", rest
    if fields.get("transfer-encoding") == "chunked":
        body = b""
        while True:
            size, _, rest = rest.partition(b"\r\n")
            n = int(size, 16)
            body += rest[:n]
            assert rest[n : n + 2] == b"\r\n"
            rest = rest[n + 2 :]
            if not n:
                return int(status), fields, body, rest
    if "content-length" in fields:
        n = int(fields["content-length"])
        assert len(rest) >= n, (len(rest), n)
        return int(status), fields, rest[:n], rest[n:]
    return int(status), fields, rest, b""


GET = b"GET %s HTTP/1.1\r\nHost: board\r\n\r\n"
LAST = b"GET %s HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n"


def test_a_file():
    with Web() as web:
        status, fields, body = web.get()
        assert (status, body) == (200, b"hello world")
        assert fields["content-type"] == "text/plain; charset=utf-8"
        assert fields["content-length"] == "11" and fields["connection"] == "close"
        assert fields["accept-ranges"] == "bytes" and fields["etag"][0] == '"'
        assert date.parse(fields["last-modified"]) and date.parse(fields["date"])
        assert web.get("/none")[2] == b""
        assert web.get("/big.bin")[2] == pattern(300000)


def test_head_and_options():
    with Web() as web:
        data = web.ask(LAST.replace(b"GET", b"HEAD") % b"/big.bin")
        status, fields, body, rest = one(data, True)
        assert status == 200 and fields["content-length"] == "300000" and not rest
        status, fields, _ = web.get("/hello.txt", "OPTIONS")
        assert status == 204 and fields["allow"] == "GET, HEAD, OPTIONS"
        assert web.get("*", "OPTIONS")[0] == 200


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


def test_directories():
    with Web() as web:
        assert web.get("/sub/")[2] == b"<p>index"
        status, fields, _ = web.get("/sub?x=1")
        assert status == 301 and fields["location"] == "/sub/?x=1"
        status, fields, body = web.get("/empty/")
        assert status == 200 and fields["content-type"] == "text/html; charset=utf-8"
        assert b'<a href="./a%20b%26%3Cc%3E.js">a b&amp;&lt;c&gt;.js</a>' in body
        assert web.get("/empty/a%20b%26%3Cc%3E.js")[2] == b"x"
        web.server.files.listing = False
        assert web.get("/empty/")[0] == 404


def test_what_is_not_there():
    with Web() as web:
        for path in ("/nothing", "/sub/nothing", "/hello.txt/", "/hello.txt/x", "/" + "a" * 5000):
            status, _, body = web.get(path)
            assert status == 404 and body[:15] == b"404 Not Found: ", path
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            status, fields, _ = web.get("/hello.txt", method)
            assert status == 405 and fields["allow"] == "GET, HEAD, OPTIONS"


def test_nobody_gets_out_of_the_root():
    with Web() as web:
        with open(ROOT + "_secret", "w") as file:
            file.write("secret")
        for path in ("/../frostnet_httpd_test_secret", "/%2e%2e/frostnet_httpd_test_secret",
                     "/sub/../../frostnet_httpd_test_secret", "/..%2ffrostnet_httpd_test_secret",
                     "/.%2e/frostnet_httpd_test_secret", "/..%5cfrostnet_httpd_test_secret",
                     "/hello.txt%00.html", "/sub/%2e%2e/%2e%2e/etc/passwd"):  # fmt: skip
            assert web.get(path)[0] == 400, path
        for path in ("/frostnet_httpd_test_secret", "/%252e%252e/etc/passwd", "//etc/passwd"):
            assert web.get(path)[0] == 404, path


def test_conditions():
    with Web() as web:
        _, fields, _ = web.get()
        etag, modified = fields["etag"], fields["last-modified"]
        status, fields, body = web.get(If_None_Match=etag)
        assert status == 304 and fields["etag"] == etag and "content-length" not in fields
        assert web.get(If_None_Match='"other"')[0] == 200
        assert web.get(If_Modified_Since=modified)[0] == 304
        assert web.get(If_Modified_Since=OLD)[0] == 200
        assert web.get(If_Match='"other"')[0] == 412
        assert web.get(If_Unmodified_Since=OLD)[0] == 412


def test_ranges():
    with Web() as web:
        status, fields, body = web.get(Range="bytes=2-4")
        assert (status, body, fields["content-range"]) == (206, b"llo", "bytes 2-4/11")
        assert web.get(Range="bytes=-5")[2] == b"world"
        status, fields, _ = web.get(Range="bytes=11-")
        assert status == 416 and fields["content-range"] == "bytes */11"
        assert web.get(Range="lines=1")[0] == 200
        etag = fields["etag"] if "etag" in fields else web.get()[1]["etag"]
        assert web.get(Range="bytes=0-0", If_Range=etag)[0] == 206
        assert web.get(Range="bytes=0-0", If_Range='"other"')[0] == 200
        status, fields, body = web.get("/big.bin", Range="bytes=100000-249999")
        assert body == pattern(300000)[100000:250000]
        status, fields, body = web.get(Range="bytes=0-0,-2")
        assert status == 206
        kind, _, boundary = fields["content-type"].partition("; boundary=")
        assert kind == "multipart/byteranges"
        parts = body.split(b"\r\n--" + boundary.encode())
        assert parts[0] == b"" and parts[3] == b"--\r\n"
        assert parts[1].endswith(b"Content-Range: bytes 0-0/11\r\n\r\nh")
        assert parts[2].endswith(b"Content-Range: bytes 9-10/11\r\n\r\nld")


def test_what_routes_return():
    with Web() as web:
        server = web.server
        server.add("/text", lambda request: "<p>hi")
        server.add("/bytes", lambda request: b"\0\1")
        server.add("/json", lambda request: {"a": [1, 2, None]})
        server.add("/none", lambda request: None)
        server.add("/gone", lambda request: 404)
        server.add("/made", lambda request: ("made", 201, {"Location": "/x"}))
        server.add("/own", lambda request: Response("x", 200, [("X-Y", "z")], "text/x"))
        one_for_all = Response("same")
        server.add("/same", lambda request: one_for_all)
        server.add("/long", lambda request: "x" * 100000)
        server.add("/wrong", lambda request: object())
        server.add("/defect", lambda request: 1 // 0)
        server.add("/split", lambda request: ("", 302, {"Location": "/\r\nX: y"}))
        assert web.get("/text")[1:] == web.get("/text")[1:]
        status, fields, body = web.get("/text")
        assert (fields["content-type"], body) == ("text/html; charset=utf-8", b"<p>hi")
        assert web.get("/bytes")[1]["content-type"] == "application/octet-stream"
        status, fields, body = web.get("/json")
        assert fields["content-type"] == "application/json"
        assert json.loads(body) == {"a": [1, 2, None]}
        status, fields, body = web.get("/none")
        assert status == 204 and "content-length" not in fields and not body
        assert web.get("/gone")[0] == 404
        status, fields, body = web.get("/made")
        assert (status, fields["location"], body) == (201, "/x", b"made")
        status, fields, body = web.get("/own")
        assert fields["x-y"] == "z" and fields["content-type"] == "text/x"
        assert web.get("/same") == web.get("/same")
        assert len(web.get("/long")[2]) == 100000
        for path in ("/wrong", "/defect", "/split"):
            assert web.get(path)[0] == 500, path
        assert server.counters["failed"] == server.counters["5xx"] == 3
        assert web.get("/text")[0] == 200


def test_what_routes_are_given():
    with Web() as web:
        seen = []

        @web.server.route("/led/<name>/<path:rest>", ("GET", "POST"))
        def led(request, name, rest):
            seen.append(request)
            return [name, rest, request.args, request.peer[0]]

        @web.server.route("/form", ("POST",))
        def form(request):
            return request.form

        @web.server.route("/json", ("POST",))
        def value(request):
            return [request.json()]

        assert json.loads(web.get("/led/r%20d/a/b?x=1&y=%41+b")[2]) == [
            "r d",
            "a/b",
            {"x": "1", "y": "A b"},
            "10.0.0.1",
        ]
        assert seen[0].method == "GET" and seen[0].host == "board"
        assert web.get("/led/a/b", "POST", b"x" * 60000)[0] == 200
        assert seen[1].body == b"x" * 60000
        status, fields, _ = web.get("/led/a/b", "DELETE")
        assert status == 405 and fields["allow"] == "GET, HEAD, POST"
        form_type = "application/x-www-form-urlencoded"
        body = web.get("/form", "POST", b"a=1&b=%26", Content_Type=form_type)[2]
        assert json.loads(body) == {"a": "1", "b": "&"}
        assert web.get("/form", "POST", b"{}", Content_Type="application/json")[0] == 415
        assert web.get("/json", "POST", b'{"a": 1}')[2] == b'[{"a": 1}]'
        assert web.get("/json", "POST", b"nonsense")[0] == 400


def post(fields, body=b"", path=b"/sink"):
    return b"POST " + path + b" HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n\r\n" + body


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


def test_slow_heads():
    # Slowloris: what counts is when the head is complete, not when the last byte came
    with Web() as web:
        clients = [web.client() for _ in range(20)]
        for i in range(9):
            for s in clients:
                s.send(b"GET / HTTP/1.1\r\nX: y"[i : i + 1])
            web.run(1)
        assert len(web.server.sessions) == 20
        web.run(2)
        for s in clients:
            assert one(s.recv(1000))[0] == 408
        web.run(3)
        assert not web.server.sessions and web.server.counters["late"] == 20
        assert web.get()[0] == 200


def test_slow_bodies_and_idle_connections():
    with Web() as web:
        web.server.add("/sink", lambda request: "", ("POST",))
        s = web.ask(post(b"Content-Length: 1000", b"x"), False)
        idle = web.client()
        web.run(29)
        assert len(web.server.sessions) == 2
        web.run(2)
        assert one(s.recv(1000))[0] == 408
        assert idle.recv(100) == b""
        s = web.ask(GET % b"/none", False)
        assert one(s.recv(1000))[0] == 200
        web.run(31)
        assert s.recv(100) == b""


def test_slowloris_keeps_nobody_out():
    with Web() as web:
        for _ in range(100):
            s = web.client()
            s.send(b"GET / HT")
            web.run(0.05)
        assert len(web.server.sessions) <= web.server.limit
        assert web.get()[0] == 200


def test_half_close():
    with Web() as web:
        s = web.client()
        s.send(GET % b"/hello.txt" + GET % b"/big.bin")
        s.shutdown(1)
        data = read_to_end(s)
        status, fields, body, data = one(data)
        assert body == b"hello world" and one(data)[2] == pattern(300000)
        s = web.client()
        s.send(b"GET / HTT")
        s.shutdown(1)
        assert read_to_end(s) == b""


def test_who_never_reads():
    with Web() as web:
        s = web.ask(GET % b"/big.bin" * 20, False)
        web.run(30)
        assert not web.server.sessions and web.server.counters["late"] == 1
        assert web.get()[0] == 200
        s.close()


def test_http_1_0():
    with Web() as web:
        web.server.add("/pieces", pieces)
        data = web.ask(b"GET /hello.txt HTTP/1.0\r\n\r\n")
        assert parsed(data)[2] == b"hello world"
        status, fields, body = parsed(web.ask(b"GET /pieces HTTP/1.0\r\n\r\n"))
        assert body == b"one two three" and "transfer-encoding" not in fields


def pieces(request):
    yield "one "
    yield b"two "
    yield "three"


def test_a_route_that_yields():
    with Web() as web:
        web.server.add("/pieces", pieces)
        status, fields, body = web.get("/pieces")
        assert fields["transfer-encoding"] == "chunked" and body == b"one two three"
        data = web.ask(GET % b"/pieces" * 3 + LAST % b"/none")
        for _ in range(3):
            status, fields, body, data = one(data)
            assert body == b"one two three"
        data = web.ask(LAST.replace(b"GET", b"HEAD") % b"/pieces")
        assert one(data, True)[3] == b""


def test_a_route_that_yields_much():
    with Web() as web:
        made = []

        def much(request):
            for i in range(100):
                made.append(i)
                yield b"%04d" % i * 1000

        web.server.add("/much", much)
        s = web.ask(LAST % b"/much", False)
        web.run(1)
        assert len(made) < 60  # no more than there is room for
        body = one(read_to_end(s))[2]
        assert body == b"".join([b"%04d" % i * 1000 for i in range(100)])


def test_a_route_that_yields_and_fails():
    with Web() as web:

        def broken(request):
            yield "one"
            raise ValueError

        web.server.add("/broken", broken)
        s = web.ask(GET % b"/broken", False)
        web.run(1)
        assert read_to_end_or_reset(s) == 104  # not to be taken for a complete answer
        assert web.server.counters["failed"] == 1


def test_routes_that_await():
    with Web() as web:
        log = []

        async def slow(request):
            await asyncio.sleep_ms(1)
            log.append(request.path)
            return {"slow": True}

        async def broken(request):
            await asyncio.sleep_ms(1)
            return 1 // 0

        async def cancelled(request):
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                log.append("cancelled")
                raise

        web.server.add("/slow", slow)
        web.server.add("/broken", broken)
        web.server.add("/cancelled", cancelled)
        clients = [web.ask(GET % b"/slow", False) for _ in range(3)]
        for s in clients:
            spin(web, s)
            assert one(s.recv(1000))[2] == b'{"slow": true}'
        s = web.ask(GET % b"/broken" + GET % b"/none", False)
        spin(web, s)
        assert one(s.recv(1000))[0] == 500
        s = web.ask(GET % b"/cancelled", False)
        web.run(0.1)
        s.setsockopt(1, 0x80, b"\1\0\0\0\0\0\0\0")
        s.close()
        web.run(0.1)
        for _ in range(100):
            web.run(0.001)
        assert log == ["/slow"] * 3 + ["cancelled"], log
        assert len(web.server.sessions) == 4  # the others are kept alive


# asyncio's clock is the real one: let both go on until something is there.
def spin(web, s):
    for _ in range(2000):
        if s._conn.available():
            return
        web.run(0.001)


def test_the_loop_of_routes_is_not_the_programs():
    with Web() as web:
        seen = []

        async def route(request):
            await asyncio.sleep_ms(0)
            seen.append(asyncio.current_task())
            return "x"

        web.server.add("/route", route)

        async def program():
            me = asyncio.current_task()
            s = web.ask(GET % b"/route", False)
            for _ in range(200):
                if seen:
                    break
                web.run(0.001)
                await asyncio.sleep_ms(0)
            assert asyncio.current_task() is me and seen[0] is not me
            return one(s.recv(1000))[2]

        assert asyncio.run(program()) == b"x"


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: board\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(opcode, data=b"", final=0x80):
    n = len(data)
    size = bytes((0x80 | n,)) if n < 126 else b"\xfe" + n.to_bytes(2, "big")
    return bytes((final | opcode,)) + size + bytes(4) + data


class Chat:
    """The server's side of WebSockets."""

    def __init__(self, web):
        self.open = []
        self.closed = []
        web.server.websocket("/ws", self.message, self.open.append, self.closed.append, 70000)

    def message(self, ws, message):
        if message == "!":
            raise ValueError
        if message == "bye":
            ws.close(1001, "later")
        ws.send(message)


def connect(web):
    s = web.ask(HANDSHAKE, False)
    status, fields, body, rest = one(s.recv(1000), True)
    assert status == 101 and fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert "content-length" not in fields and not rest
    return s


def test_websocket():
    with Web() as web:
        chat = Chat(web)
        s = connect(web)
        s.send(frame(1, b"hello") + frame(2, b"\0\xff"))
        assert s.recv(100) == server_frame(1, "hello") + server_frame(2, b"\0\xff")
        s.send(frame(9, b"ping"))
        assert s.recv(100) == server_frame(10, b"ping")
        s.sendall(frame(2, bytes(60000)))
        got = b""
        while len(got) < 60004:
            got += s.recv(65536)
        assert got == server_frame(2, bytes(60000))
        assert chat.open[0].send("unasked") and s.recv(100) == server_frame(1, "unasked")
        s.send(frame(8, b"\x03\xe8"))
        assert read_to_end(s) == b"\x88\x02\x03\xe8"
        s.close()
        web.run(1)
        assert chat.closed == chat.open and not chat.open[0].send("x") and not web.server.sockets


def test_websocket_closed_by_the_server():
    with Web() as web:
        chat = Chat(web)
        s = connect(web)
        s.send(frame(1, b"bye"))
        assert s.recv(100) == b"\x88\x07\x03\xe9later"
        assert not chat.open[0].open
        s.send(frame(8, b"\x03\xe9"))
        assert read_to_end(s) == b""


def test_websocket_garbage():
    with Web() as web:
        chat = Chat(web)
        for data, code in (
            (b"\xff\xff\xff\xff", 1002),
            (b"GET / HTTP/1.1\r\n\r\n", 1002),
            (frame(1, b"\xff"), 1007),
            (b"\x82\xff" + b"\x00\x00\x00\x01" + bytes(4), 1009),
            (frame(1, b"a", 0) + frame(1, b"b"), 1002),
        ):
            s = connect(web)
            s.send(data)
            got = read_to_end_or_reset(s)
            assert got[0] == 0x88 and got[2] << 8 | got[3] == code, (data, got)
        s = connect(web)
        s.send(frame(1, b"!"))
        web.run(0.1)
        assert read_to_end_or_reset(s) == 104 and web.server.counters["failed"] == 1
        web.run(5)
        assert set(chat.open) == set(chat.closed) and not web.server.sockets


def test_websocket_that_is_silent():
    with Web() as web:
        Chat(web)
        good, bad = connect(web), connect(web)
        web.run(31)
        for s in (good, bad):
            assert s.recv(10) == b"\x89\x00"
        good.send(frame(10))
        web.run(11)
        assert len(web.server.sessions) == 1
        good.send(frame(1, b"x"))
        assert good.recv(10) == b"\x81\x01x"


def test_websocket_that_does_not_read():
    with Web() as web:
        chat = Chat(web)
        connect(web)
        sent = 0
        while chat.open[0].send(bytes(10000)):
            sent += 1
            web.run(0.01)
            assert sent < 100
        web.run(35)
        assert not web.server.sessions and len(chat.closed) == 1


def test_no_handshake():
    with Web() as web:
        Chat(web)
        status, fields, _ = web.get("/ws")
        assert status == 426 and fields["upgrade"] == "websocket"
        assert fields["sec-websocket-version"] == "13"
        evil = HANDSHAKE.replace(b"\r\n\r\n", b"\r\nOrigin: http://evil\r\n\r\n")
        assert one(web.ask(evil, False).recv(999))[0] == 403
        old = HANDSHAKE.replace(b"Version: 13", b"Version: 8")
        assert one(web.ask(old, False).recv(999))[0] == 426


def test_stop_frees_everything():
    with Web() as web:
        chat = Chat(web)

        async def slow(request):
            await asyncio.sleep(1000)

        web.server.add("/slow", slow)
        connect(web)
        for data in (GET % b"/big.bin", GET % b"/slow", b"GET /"):
            web.ask(data, False)
        web.run(1)
        assert len(web.server.sessions) == 4
        web.server.stop()
        assert not web.server.sessions and chat.closed
        web.b.use()
        web.service = web.server = make(PORT).start()
        web.a.use()
        assert web.get()[0] == 200


def dashboard(port):
    return HTTPD(port, None)


def test_dashboard():
    with Web(server=dashboard) as web:
        status, fields, page = web.get("/")
        assert status == 200 and fields["content-type"] == "text/html; charset=utf-8"
        assert b"<title>Frostnet</title>" in page and b"/api/" in page
        # Nothing is loaded from elsewhere
        assert b"src=" not in page and b'href="http' not in page and b"url(" not in page
        assert web.get("/dashboard")[2] == page
        packed = web.get("/", Accept_Encoding="deflate, gzip")
        assert packed[1]["content-encoding"] == "gzip" and len(packed[2]) < len(page) // 2
        assert web.get("/", If_None_Match=fields["etag"])[0] == 304
        assert web.get("/nothing")[0] == 404


def test_reports():
    with Web(server=dashboard) as web:
        b = web.b
        reports = {}
        for name in ("status", "connections", "arp", "dns", "counters", "live"):
            status, fields, body = web.get("/api/" + name)
            assert status == 200 and fields["cache-control"] == "no-store"
            reports[name] = json.loads(body)
        status = reports["status"]
        (iface,) = status["interfaces"]
        assert iface["address"] == "10.0.0.2" and iface["mac"] == "02:00:00:00:00:02"
        assert status["services"]["httpd"]["counters"]["requests"] == 0
        assert status["memory"]["free"] > 0
        (c,) = [x for x in reports["connections"]["connections"] if x["state"] == "ESTABLISHED"]
        assert c["local"] == "10.0.0.2:%d" % PORT and c["remote"][:9] == "10.0.0.1:"
        assert c["recv_window"] > 60000 and c["cwnd"] > 0 and c["rtt"] > 1
        (n,) = reports["arp"]["neighbours"]
        assert n["address"] == "10.0.0.1" and n["state"] == "reachable"
        assert reports["dns"] == {"names": []}
        assert reports["counters"]["stack"]["tcp_accept"] == 5
        assert set(reports["counters"]["eth0"]) == set(b.iface.dev.counters.as_dict())
        live = reports["live"]
        assert live["rtt"] is None and live["tcp"] > 0 and live["link"] == [True]


def test_the_round_trip_to_the_gateway():
    with Web(server=dashboard, delay=5000) as web:
        web.b.stack.ip.routes.set_default(web.b.iface, web.a.iface.addr)
        assert json.loads(web.get("/api/live")[2])["rtt"] is None
        web.run(0.6)
        rtt = json.loads(web.get("/api/live")[2])["rtt"]
        assert 9.9 < rtt < 11, rtt
        web.run(6)
        assert not web.b.stack.icmp.pings._table  # nobody looks at it any more
