# Frostnet: tests of HTTP requests as a server reads them, most of them hostile
# MIT license; Copyright (c) 2026 The Frostnet authors

# Clauses are those of RFC 9112 unless another is named.

import random

from http.error import HTTPError
from http.server import Refused
from http.server import connection as c
from http.server import target
from http.server.connection import DATA, END, NEED, REQUEST, Connection
from http.server.heads import Heads

HEAD = b"GET / HTTP/1.1\r\nHost: board\r\n"
PLAIN = HEAD + b"\r\n"


def events(conn):
    """All events that there are now; a body's data as bytes."""
    out = []
    while True:
        event = conn.next()
        if event == NEED:
            return out
        out.append(bytes(conn.data()) if event == DATA else event)


def ask(data, step=None, heads=None):
    """(connection, events) of one request, fed in pieces of `step` bytes."""
    conn = Connection(heads)
    out = []
    step = step or len(data) or 1
    for i in range(0, len(data), step):
        conn.feed(data[i : i + step])
        out += events(conn)
    return conn, out


def status_of(data, step=None):
    """The status with which a request is refused, 0 if it is not."""
    try:
        ask(data, step)
    except Refused as e:
        assert str(e)
        return e.status
    return 0


def post(fields, body=b""):
    return b"POST /x HTTP/1.1\r\nHost: board\r\n" + fields + b"\r\n\r\n" + body


def test_a_request():
    conn, got = ask(b"GET /a/b?x=1 HTTP/1.1\r\nHost: board:80\r\nAccept: a\r\naccept: b\r\n\r\n")
    assert got == [REQUEST, END]
    assert (conn.method, conn.target, conn.minor) == ("GET", b"/a/b?x=1", 1)
    assert conn.fields == {"host": "board:80", "accept": "a, b"}
    assert conn.keep and not conn.unread()


def test_in_pieces_of_any_size():
    data = post(
        b"Transfer-Encoding: chunked", b"5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n"
    )
    for step in range(1, 40):
        conn, got = ask(data, step)
        assert got[0] == REQUEST and got[-1] == END
        assert b"".join(got[1:-1]) == b"hello world", step


def test_pipelined_requests_wait_for_answers():
    # §9.3.2
    conn = Connection()
    conn.feed(PLAIN * 3)
    for i in range(3):
        assert events(conn) == [REQUEST, END]
        assert events(conn) == []
        assert b"Content-Length: 2" in conn.begin(200, [], 2)
        conn.finish()
        assert conn.again()
    assert events(conn) == []


def test_a_thousand_pipelined_requests():
    conn = Connection()
    data = PLAIN * 1000
    count = 0
    for i in range(0, len(data), 4096):
        conn.feed(data[i : i + 4096])
        while events(conn) == [REQUEST, END]:
            conn.begin(204, [])
            conn.finish()
            assert conn.again()
            count += 1
        assert len(conn._buf) < 8192
    assert count == 1000


def test_heads_that_come_again():
    heads = Heads()
    conn = Connection(heads)
    seen = []
    for data in (
        PLAIN,
        post(b"Content-Length: 2", b"ab"),
        PLAIN,
        post(b"Content-Length: 2", b"cd"),
    ):
        conn.feed(data)
        got = events(conn)
        assert got[0] == REQUEST and got[-1] == END
        seen.append((conn.head, conn.method, conn.length, conn.keep, got[1:-1]))
        conn.begin(204, [])
        conn.finish()
        assert conn.again()
    assert seen[0] == seen[2] and seen[0][1:] == ("GET", 0, True, [])
    assert seen[1][:4] == seen[3][:4] and (seen[1][4], seen[3][4]) == ([b"ab"], [b"cd"])
    other = Connection(heads)
    other.feed(PLAIN)
    assert events(other) == [REQUEST, END] and other.head is seen[0][0]
    # Few are kept, no long ones, and none that is refused.
    known = heads._known
    for i in range(100):
        ask(HEAD + b"X: %d\r\n\r\n" % i, heads=heads)
        assert len(known) <= 32
    known.clear()
    ask(HEAD + b"X: " + b"y" * 1024 + b"\r\n\r\n", heads=heads)
    ask(HEAD + b"".join([b"X%d: y\r\n" % i for i in range(30)]) + b"\r\n", heads=heads)
    for bad in (post(b"Expect: x"), post(b"Content-Length: x"), b"GET / HTTP/1.1\r\n\r\n"):
        for _ in range(2):
            try:
                ask(bad, heads=heads)
                assert False
            except Refused:
                pass
    assert not known


def test_a_refused_head_request_has_no_body():
    # RFC 9110 §9.3.2
    conn = Connection()
    conn.feed(b"HEAD / HTTP/1.1\r\n\r\n")
    try:
        conn.next()
        assert False
    except Refused:
        conn.begin(400, [], 5)
        assert conn.bodiless


def test_first_lines_that_are_none():
    # §3: method SP request-target SP HTTP-version
    for line in (b"GET /", b"GET  / HTTP/1.1", b" GET / HTTP/1.1", b"GET / HTTP/1.1 ", b"GET",
                 b"GET /\tHTTP/1.1", b"GET / http/1.1", b"GET / HTTP/1", b"GET / HTTP/1.1x",
                 b"GET / HTTP/11", b"G\x00T / HTTP/1.1", b"G(T / HTTP/1.1", b"/ GET HTTP/1.1",
                 b"GET / HTTP/1.x", b"\x16\x03\x01\x02\x00", b"GET /\rHTTP/1.1"):  # fmt: skip
        assert status_of(line + b"\r\nHost: a\r\n\r\n") == 400, line


def test_garbage_is_refused_before_it_ends():
    assert status_of(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03") == 400  # TLS
    assert status_of(b"GET / HTTP/1.1\nHost: a\n") == 400  # no CR: would never end
    assert status_of(b"\r\n\r\n") == 0  # §2.2: empty lines before a request
    assert ask(b"\r\n\r\n" + PLAIN)[1] == [REQUEST, END]
    assert status_of(b"\r\n" * 9) == 400


def test_methods_and_versions():
    for method, status in ((b"BREW", 501), (b"CONNECT", 501), (b"get", 501), (b"M" * 17, 400)):
        assert status_of(method + b" / HTTP/1.1\r\nHost: a\r\n\r\n") == status
    for version, status in (
        (b"HTTP/2.0", 505),
        (b"HTTP/0.9", 505),
        (b"HTTP/3.1", 505),
        (b"HTTP/1.9", 0),
        (b"HTTP/1.0", 0),
    ):
        assert status_of(b"GET / " + version + b"\r\nHost: a\r\n\r\n") == status, version
    assert status_of(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505


def test_host():
    # §3.2: exactly one, and it is one
    assert status_of(b"GET / HTTP/1.1\r\n\r\n") == 400
    assert status_of(b"GET / HTTP/1.0\r\n\r\n") == 0
    assert status_of(HEAD + b"Host: other\r\n\r\n") == 400
    assert status_of(HEAD + b"Host: board\r\n\r\n") == 400
    for value in (b"a b", b"a/b", b"a@b", b"a\xc3\xa4", b'"a"', b"a?b"):
        assert status_of(b"GET / HTTP/1.1\r\nHost: " + value + b"\r\n\r\n") == 400, value
    assert status_of(b"GET / HTTP/1.1\r\nHost:\r\n\r\n") == 0  # §3.2: may be empty
    assert status_of(b"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n") == 0


def test_fields_that_are_none():
    # §5.1: no space before the colon; §5.2: no folding
    for field in (b"X : y", b" X: y", b"X", b": y", b"X\x00: y", b"X: a\x00b", b"X: a\rb",
                  b"X: a\nb", b"X: a\n b", b"X: a\r\n b", b"X: a\r\n\tb", b"X\xff: y",
                  b"X(y): z"):  # fmt: skip
        assert status_of(HEAD + field + b"\r\n\r\n") == 400, field
    conn, got = ask(HEAD + b"X:y\r\nZ: \t v w \t\r\nU: \xc3\xa4\r\nB: \xff\r\n\r\n")
    assert conn.fields["x"] == "y" and conn.fields["z"] == "v w"
    assert conn.fields["u"] == "\u00e4" and conn.fields["b"] == "?"


def test_smuggling():
    # §6.1, §6.3, §11.2
    for fields in (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: 5\r\nContent-Length: 5",
        b"Content-Length: 5, 5",
        b"Content-Length: -5",
        b"Content-Length: +5",
        b"Content-Length: 0x5",
        b"Content-Length: 5 5",
        b"Content-Length: 5_0",
        b"Content-Length:",
        b"Content-Length: 9999999999999999",
        b"Content-Length: \xd9\xa5",  # a digit, but not of these
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding : chunked",
    ):
        assert status_of(post(fields)) == 400, fields
    for coding in (b"gzip", b"chunked, chunked", b"gzip, chunked", b"xchunked", b"identity", b""):
        assert status_of(post(b"Transfer-Encoding: " + coding)) == 501, coding
    assert status_of(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400
    assert status_of(post(b"Transfer-Encoding: Chunked", b"0\r\n\r\n")) == 0


def test_chunks_that_are_none():
    # §7.1
    for body, status in (
        (b"x\r\n", 400),
        (b"\r\n", 400),
        (b"-1\r\n", 400),
        (b"+1\r\n", 400),
        (b"0x1\r\n", 400),
        (b" 1\r\n", 400),
        (b"1_0\r\n", 400),
        (b"ffffffffffffffff\r\n", 413),
        (b"1" * 300, 400),
        (b"1;" + b"x" * 300 + b"\r\n", 400),
        (b"1\nx", 400),
        (b"1;\rx\r\na", 400),
        (b"1\r\nabc\r\n", 400),
        (b"1\r\na\n", 400),
        (b"0\r\nno field\r\n\r\n", 400),
        (b"0\r\n" + b"A: b\r\n" * 20 + b"\r\n", 400),
    ):
        data = post(b"Transfer-Encoding: chunked", body)
        assert status_of(data) == status, body
        assert status_of(data, 1) == status, body


def test_limits():
    # §3: at least 8000 bytes of request line
    line = b"GET /" + b"a" * 7900 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    assert status_of(line) == status_of(line, 1000) == 0
    line = b"GET /" + b"a" * 8100
    assert status_of(line + b" HTTP/1.1\r\nHost: a\r\n\r\n") == 414
    assert status_of(line, 1000) == 414
    assert status_of(b"A" * 1000000, 4096) == 414
    assert status_of(HEAD + b"X: y\r\n" * 98 + b"\r\n") == 0
    assert status_of(HEAD + b"X: y\r\n" * 99 + b"\r\n") == 431
    flood = HEAD + b"X: " + b"y" * 17000 + b"\r\n\r\n"
    assert status_of(flood) == status_of(flood, 4096) == 431
    assert status_of(HEAD + b"X: y\r\n" * 10000, 4096) == 431


def test_nothing_follows_a_request_that_was_refused():
    conn = Connection()
    conn.feed(post(b"Content-Length: x") + PLAIN)
    try:
        events(conn)
        assert False
    except Refused:
        pass
    assert events(conn) == [] and not conn.keep
    assert b"\r\nConnection: close\r\n" in conn.begin(400, [], 0)
    conn.finish()
    assert not conn.again()


def test_persistence():
    # §9.3
    for minor, field, keep in (
        (1, b"", True),
        (1, b"Connection: close", False),
        (1, b"Connection: Keep-Alive, CLOSE", False),
        (0, b"", False),
        (0, b"Connection: keep-alive", True),
        (0, b"Connection: keep-alive, close", False),
    ):
        data = b"GET / HTTP/1.%d\r\nHost: a\r\n%s\r\n\r\n" % (minor, field or b"A: b")
        conn, _ = ask(data)
        text = conn.begin(200, [], 0)
        assert conn.keep == keep, field
        assert (b"\r\nConnection: close\r\n" in text) == (not keep)
        assert (b"\r\nConnection: keep-alive\r\n" in text) == (keep and not minor)


def test_framing_of_answers():
    # §6.1, §6.3
    conn, _ = ask(PLAIN)
    text = conn.begin(200, [("A", "b")])
    assert text == b"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert conn.chunked and not conn.bodiless
    assert c.chunk_head(255) == b"ff\r\n"
    conn, _ = ask(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    text = conn.begin(200, [])
    assert b"chunked" not in text and b"Connection: close" in text and not conn.keep
    for status in (204, 304):
        conn, _ = ask(PLAIN)
        assert b"Length" not in conn.begin(status, [], 5) and conn.bodiless
    conn, _ = ask(PLAIN.replace(b"GET", b"HEAD"))
    assert b"Content-Length: 5" in conn.begin(200, [], 5) and conn.bodiless


def test_answers_cannot_be_split():
    for value in ("a\r\nX: y", "a\nb", "a\rb"):
        conn, _ = ask(PLAIN)
        try:
            conn.begin(302, [("Location", value)], 0)
            assert False
        except HTTPError:
            pass


def test_expect():
    # RFC 9110 §10.1.1
    data = post(b"Expect: 100-Continue\r\nContent-Length: 3")
    conn, got = ask(data)
    assert got == [REQUEST] and conn.expects
    assert conn.proceed() == c.CONTINUE and conn.proceed() == b""
    conn.feed(b"abc")
    assert events(conn) == [b"abc", END]
    # Who answers without it may not know what the client sends next
    conn, _ = ask(data)
    assert b"Connection: close" in conn.begin(413, [], 0)
    # It was sent without waiting
    conn, got = ask(data + b"abc")
    assert conn.proceed() == b""
    assert status_of(post(b"Expect: something\r\nContent-Length: 3")) == 417
    conn, _ = ask(HEAD + b"Expect: 100-continue\r\n\r\n")
    assert conn.proceed() == b""


def test_a_body_that_nobody_wants():
    conn, got = ask(post(b"Content-Length: 1000", b"x" * 500))
    conn.begin(404, [], 0)
    conn.finish()
    assert conn.unread() and not conn.again()
    conn.feed(b"x" * 500 + PLAIN)
    assert events(conn)[-1] == END
    assert conn.again() and events(conn) == [REQUEST, END]
    conn, got = ask(post(b"Content-Length: 100000"))
    conn.begin(404, [], 0)
    conn.finish()
    while not conn.too_much():
        conn.feed(b"x" * 4096)
        assert events(conn)
    assert not conn.again()


def test_targets():
    # §3.2, RFC 3986 §5.2.4
    for data, path, query, authority in (
        (b"/", "/", "", ""),
        (b"/a/b?c=d?e", "/a/b", "c=d?e", ""),
        (b"/a%20b/%C3%A4", "/a b/\u00e4", "", ""),
        (b"/a/./b//c/../d", "/a/b/d", "", ""),
        (b"/a/b/..", "/a/", "", ""),
        (b"/a/.", "/a/", "", ""),
        (b"//evil/x", "/evil/x", "", ""),
        (b"*", "*", "", ""),
        (b"http://board:80/a?b", "/a", "b", "board:80"),
        (b"HTTPS://board", "/", "", "board"),
    ):
        assert target.split(data) == (path, query, authority), data


def test_paths_that_lead_out():
    for data in (b"/..", b"/../x", b"/a/../../x", b"/%2e%2e/x", b"/.%2E/x", b"/%2E./x", b"/a/%00",
                 b"/a%2fb", b"/..%2f..%2fx", b"/..%5cx", b"/..\\x", b"/a\\b", b"/%", b"/%2",
                 b"/%zz", b"/%+1", b"/% 1", b"a", b"", b"board:80", b"ftp://board/", b"/a#b",
                 b"//../x", b"/./../x", b"/%c0%ae%c0%ae/../../x"):  # fmt: skip
        try:
            found = target.split(data)
            assert False, (data, found)
        except Refused as e:
            assert e.status == 400
    # Encoded twice is a name like any other
    assert target.split(b"/%252e%252e/x")[0] == "/%2e%2e/x"


def test_forms():
    assert target.form("a=1&b=x+y%21&&c&a=2") == {"a": "2", "b": "x y!", "c": ""}
    assert target.form(b"") == {}


def test_no_input_does_anything_else():
    # Whatever comes is a request, is refused, or goes on.
    random.seed(1)
    seeds = [
        PLAIN,
        post(b"Content-Length: 5", b"hello"),
        post(b"Transfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n"),
    ]
    for i in range(3000):
        data = bytearray(random.choice(seeds) * random.randint(1, 3))
        for _ in range(random.randint(1, 4)):
            at = random.randint(0, len(data) - 1)
            what = random.randint(0, 3)
            if what == 0:
                data[at] = random.choice(b"\r\n\0 :;%/\xff0aG")
            elif what == 1:
                data = data[:at] + bytes((random.randint(0, 255),)) + data[at:]
            elif what == 2:
                data = data[:at] + data[at + random.randint(1, 20) :] or bytearray(b"x")
            else:
                data = data[:at] + data[: random.randint(1, 40)] + data[at:]
        conn = Connection()
        step = random.randint(1, 50)
        try:
            for k in range(0, len(data), step):
                conn.feed(data[k : k + step])
                while events(conn)[-1:] == [END]:
                    target.split(conn.target)
                    conn.begin(204, [])
                    conn.finish()
                    if not conn.again():
                        break
        except Refused:
            pass
