# Frostnet: tests of the web server: functions that answer
# MIT license; Copyright (c) 2026 The Frostnet authors

import asyncio
import json

from httpd import Response
from service_bench import read_to_end, read_to_end_or_reset
from web_bench import GET, LAST, Web, one, parsed


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
        # What a function returns again and again stays what it was.
        first, again = web.get("/same"), web.get("/same")
        assert sorted(first[1]) == sorted(again[1]) and first[2] == again[2] == b"same"
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


def test_what_a_route_does_to_its_request_stays_there():
    with Web() as web:

        def route(request):
            request.fields["host"] += "!"
            return request.host

        web.server.add("/route", route)
        data = web.ask(GET % b"/route" * 2 + LAST % b"/route")
        for _ in range(3):
            status, fields, body, data = one(data)
            assert body == b"board!"


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


def test_a_route_that_yields_with_a_type():
    with Web() as web:

        def rows(*some):
            for row in some:
                yield row

        async def later(request):
            await asyncio.sleep_ms(0)
            return Response(rows("late"), 200, (), "text/x")

        server = web.server
        server.add(
            "/csv", lambda r: Response(rows("a,b\n", "1,2\n"), 200, [("X", "y")], "text/csv")
        )
        server.add("/made", lambda r: (rows("made"), 201))
        server.add("/empty", lambda r: Response(rows(), 200, [("X", "y")], "text/csv"))
        server.add("/split", lambda r: Response(rows("x"), 200, [("X", "y\r\nZ: 1")]))
        server.add("/later", later)
        status, fields, body = web.get("/csv")
        assert (status, fields["x"], fields["content-type"]) == (200, "y", "text/csv")
        assert fields["transfer-encoding"] == "chunked" and body == b"a,b\n1,2\n"
        status, fields, body = web.get("/made")
        assert (status, body) == (201, b"made") and fields["content-type"][:9] == "text/html"
        status, fields, body = web.get("/empty")
        assert (status, fields["content-type"], body) == (200, "text/csv", b"")
        data = web.ask(GET % b"/empty" * 2 + LAST.replace(b"GET", b"HEAD") % b"/csv")
        for _ in range(2):
            status, fields, body, data = one(data)
            assert status == 200
        assert one(data, True)[1]["content-type"] == "text/csv"
        s = web.ask(GET % b"/later", False)
        spin(web, s)
        status, fields, body, data = one(s.recv(1000))
        assert fields["content-type"] == "text/x" and body == b"late"
        assert server.counters["failed"] == 0
        assert web.get("/split")[0] == 500 and web.get("/csv")[0] == 200


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
