# Frostnet: tests of what net.wget sends: bodies, methods, passwords
# MIT license; Copyright (c) 2026 The Frostnet authors

import io
from collections import OrderedDict

import net
import net._exchange
import net._progress
import net._sink
import net._wget
from net_bench import Bench, error_of
from simtools import pattern

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BODY = pattern(50000)
URL = "http://10.0.0.9/form"


class Web(Bench):
    def __init__(self, *responses, **options):
        super().__init__(**options)
        self.listen_to(net._wget, net._progress, net._sink)
        self.requests = self.serve(*responses)

    def __exit__(self, *exc):
        super().__exit__(*exc)
        # Connections are closed, whatever happened
        self.sim.run(300000000)
        assert not self.board.stack.tcp.count, self.board.stack.tcp.count

    def sent(self, i=0):
        """(first line, {name: value}, body) of a request."""
        head, _, body = self.requests[i].partition(b"\r\n\r\n")
        first, *fields = head.decode().split("\r\n")
        return first, dict([field.split(": ", 1) for field in fields]), body


def dechunked(body):
    out = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        n = int(size, 16)
        assert body[n : n + 2] == b"\r\n"
        if not n:
            assert len(body) == 2
            return out
        out += body[:n]
        body = body[n + 2 :]


def redirect(status, location=b"/there"):
    return b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location)


class Stream:
    """Without an end that is known, and it cannot go back."""

    def __init__(self, data, step=3000):
        self.data = data
        self.step = step

    def read(self, n):
        n = min(n, self.step)
        piece, self.data = self.data[:n], self.data[n:]
        return piece


def test_kinds_of_data():
    # RFC 9110 section 8.3, 8.6
    form = "application/x-www-form-urlencoded"
    some = "application/octet-stream"
    for data, kind, want in (
        (BODY, some, BODY),
        (bytearray(b"abc"), some, b"abc"),
        (memoryview(b"abc"), some, b"abc"),
        (b"", some, b""),
        ("a=1&b=\u00e9", form, "a=1&b=\u00e9".encode()),
        (OrderedDict((("a b", "c&d"), ("e", 5))), form, b"a+b=c%26d&e=5"),
        (io.BytesIO(BODY), some, BODY),
    ):
        with Web(OK) as web:
            assert net.wget(URL, data=data) == b"ok"
            first, fields, body = web.sent()
            assert first == "POST /form HTTP/1.1"
            assert fields["Content-Type"] == kind
            assert int(fields["Content-Length"]) == len(want)
            assert "Transfer-Encoding" not in fields and body == want


def test_a_file_from_where_it_is():
    with open("/tmp/frostnet_wget_up", "wb") as file:
        file.write(BODY)
    for at in (0, 1, 8192, 50000):
        with Web(OK) as web, open("/tmp/frostnet_wget_up", "rb") as file:
            file.seek(at)
            net.wget(URL, data=file, quiet=True)
            _, fields, body = web.sent()
            assert fields["Content-Length"] == str(50000 - at) and body == BODY[at:]


def test_a_stream_of_unknown_length_goes_in_chunks():
    # RFC 9112 section 7.1
    for data in (BODY, b"", b"x", BODY[:3000]):
        with Web(OK) as web:
            assert net.wget(URL, data=Stream(data), quiet=True) == b"ok"
            _, fields, body = web.sent()
            assert fields["Transfer-Encoding"] == "chunked" and "Content-Length" not in fields
            assert dechunked(body) == data


def test_a_stream_whose_length_is_told():
    with Web(OK) as web:
        net.wget(URL, data=Stream(BODY), headers={"content-length": 40000}, quiet=True)
        _, fields, body = web.sent()
        assert fields["Content-Length"] == "40000" and body == BODY[:40000]
    with Web(OK):
        e = error_of(net.wget, URL, data=Stream(b"abc"), headers={"Content-Length": 5}, quiet=True)
        assert e.errno == 5 and "3 of 5" in str(e)
    with Web():
        for length in ("x", -1, None):
            e = error_of(net.wget, URL, data=Stream(b""), headers={"Content-Length": length})
            assert e.errno == 22


def test_methods():
    for method, data, length in (
        ("PUT", b"abc", "3"),
        ("DELETE", None, None),
        ("POST", None, "0"),
        ("GET", b"abc", "3"),
    ):
        with Web(OK) as web:
            net.wget(URL, method=method, data=data)
            first, fields, _ = web.sent()
            assert first.split(" ")[0] == method and fields.get("Content-Length") == length
    with Web(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\nX-A: b\r\n\r\n"):
        result = net.wget(URL, method="HEAD")
        assert result.status == 200 and result.size == 0
        assert result.headers["content-length"] == "900000000"


def test_redirects_that_turn_into_get():
    # RFC 9110 sections 15.4.2 to 15.4.4: and what described the body goes with it
    for status in (301, 302, 303):
        with Web(redirect(status), OK) as web:
            headers = {"Content-Type": "text/x", "X-A": "b"}
            assert net.wget(URL, data=b"abc", headers=headers) == b"ok"
            first, fields, body = web.sent(1)
            assert first == "GET /there HTTP/1.1" and not body
            assert not [name for name in fields if name.startswith(("Content", "Transfer"))]
            assert fields["X-A"] == "b"
    # of PUT only 303 makes a GET
    with Web(redirect(302), redirect(303), OK) as web:
        net.wget(URL, data=b"abc", method="PUT")
        assert [web.sent(i)[0][:3] for i in range(3)] == ["PUT", "PUT", "GET"]
        assert web.sent(1)[2] == b"abc"


def test_redirects_that_repeat_the_body():
    # RFC 9110 sections 15.4.8, 15.4.9
    for status in (307, 308):
        for data in (BODY, io.BytesIO(BODY), {"a": "b"}):
            with Web(redirect(status), redirect(status, b"/x"), OK) as web:
                assert net.wget(URL, data=data, quiet=True) == b"ok"
                first, fields, body = web.sent(2)
                assert first == "POST /x HTTP/1.1"
                assert body == (b"a=b" if isinstance(data, dict) else BODY)
                assert fields["Content-Length"] == str(len(body))
        with Web(redirect(status)):
            e = error_of(net.wget, URL, data=Stream(BODY), quiet=True)
            assert e.errno == 22 and "once" in str(e)


def test_who_refuses_the_body_is_heard():
    # RFC 9112 section 9.5: the answer comes before the body's end, and the connection breaks
    large = pattern(400000)
    for answer in (
        b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 413 Content Too Large\r\n\r\n",
    ):
        for data in (large, Stream(large)):
            with Web((answer, "<")):
                e = error_of(net.wget, URL, data=data, quiet=True)
                assert e.status == 413 and "413" in str(e), e
    # Broken off without a word
    with Web((b"", "<")):
        e = error_of(net.wget, URL, data=large)
        assert e.errno in (104, 71) and "10.0.0.9" in str(e) or "without an answer" in str(e)
    # A server that reads no further and does not close
    with Web((b"HTTP/1.1 403 No\r\n\r\n", "…")):
        assert error_of(net.wget, URL, data=large, timeout=2).status == 403


def test_interim_answers_to_a_body():
    # RFC 9110 section 15.2
    with Web(b"HTTP/1.1 100 Continue\r\n\r\n" + OK) as web:
        assert net.wget(URL, data=BODY) == b"ok"
        assert web.sent()[2] == BODY


def test_auth():
    # RFC 7617
    with Web(OK, OK, OK) as web:
        net.wget(URL, auth=("Aladdin", "open sesame"))
        net.wget("http://x:y@10.0.0.9/", auth=["Aladdin", "open sesame"])
        net.wget("http://Aladdin:open%20sesame@10.0.0.9/")
        for i in range(3):
            assert web.sent(i)[1]["Authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_auth_stays_with_its_host():
    # RFC 9110 section 15.4: as do headers that are meant for one server
    options = {"auth": ("u", "p"), "headers": {"Cookie": "a=b", "X-A": "c"}, "data": b"secret"}
    for where in (b"/b", b"http://10.0.0.9/b"):
        with Web(redirect(307, where), OK) as web:
            net.wget(URL, **options)
            _, fields, body = web.sent(1)
            assert fields["Authorization"] == "Basic dTpw" and fields["Cookie"] == "a=b"
            assert body == b"secret"
    with Web(redirect(307, b"http://10.0.0.9:81/b")) as web:
        web.requests = web.serve(redirect(307, b"http://10.0.0.9:82/b"), port=81)
        last = web.serve(OK, port=82)
        net.wget(URL, **options)
        web.requests += last
        for i in range(2):
            _, fields, body = web.sent(i)
            assert "Authorization" not in fields and "Cookie" not in fields, fields
            assert fields["X-A"] == "c" and body == b"secret"


def test_401_says_what_to_do():
    with Web(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"):
        e = error_of(net.wget, URL)
        assert e.errno == 13 and "auth=" in str(e)


def test_packed_answers():
    # RFC 9110 section 8.4: nobody asked for it (section 12.5.3)
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"
    with Web(packed, packed, packed, OK) as web:
        e = error_of(net.wget, URL)
        assert e.errno == 71 and "gzip" in str(e) and "Accept-Encoding" in str(e)
        assert net.wget(URL, headers={"accept-encoding": "gzip"}) == b"ok"
        assert net.wget("http://10.0.0.9/x.tar.gz") == b"ok"
        assert web.sent()[1]["Accept-Encoding"] == "identity"


def test_wrong_arguments():
    with Web():
        for args, kwargs in (
            ((5,), {}),
            ((None,), {}),
            ((URL,), {"headers": "X-A: b"}),
            ((URL,), {"auth": "user:password"}),
            ((URL,), {"auth": ("a:b", "c")}),
            ((URL,), {"data": 5}),
            ((URL,), {"data": [1, 2]}),
            ((URL,), {"method": "GET\r\nX: y"}),
            ((URL,), {"method": 5}),
            ((URL, 5), {}),
            ((URL, "/tmp/x"), {"method": "HEAD"}),
            ((URL,), {"resume": True}),
            ((URL, "-"), {"resume": True}),
            ((URL, "/tmp/x"), {"resume": True, "data": b"x"}),
            ((URL, "/tmp/x"), {"resume": True, "headers": {"RANGE": "bytes=1-"}}),
        ):
            assert error_of(net.wget, *args, **kwargs).errno in (22, 71), (args, kwargs)


def test_what_a_stream_raises():
    class Bad:
        def readinto(self, buf):
            return 1 // 0

    class Empty:
        def readinto(self, buf):
            return None

    with Web((b"", "…")):
        try:
            net.wget(URL, data=Bad(), quiet=True)
            assert False
        except ZeroDivisionError:
            pass
    with Web((b"", "…")):
        assert error_of(net.wget, URL, data=Empty(), quiet=True).errno == 22
