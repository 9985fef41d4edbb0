# Frostnet: tests of net.wget
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

import net
import net._progress
import net._sink
import net._wget
from net_bench import Bench, error_of
from simtools import pattern

OK = b"HTTP/1.1 200 OK\r\n"
BODY = pattern(100000)
WHOLE = OK + b"Content-Length: 100000\r\n\r\n" + BODY
URL = "http://10.0.0.9/dir/big.bin"
FILE = "/tmp/frostnet_wget_test"
PART = FILE + ".part"


class Web(Bench):
    def __init__(self, *responses, **options):
        super().__init__(**options)
        self.listen_to(net._wget, net._progress, net._sink)
        self.requests = self.serve(*responses)

    def __exit__(self, *exc):
        super().__exit__(*exc)
        assert not exists(PART)
        # Connections are closed, whatever happened
        self.sim.run(300000000)
        assert not self.board.stack.tcp.count, self.board.stack.tcp.count


def exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def contents():
    with open(FILE, "rb") as file:
        data = file.read()
    os.remove(FILE)
    return data


def chunked(body, size=7000):
    out = [OK + b"Transfer-Encoding: chunked\r\n\r\n"]
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        out.append(b"%x;x=y\r\n" % len(piece) + piece + b"\r\n")
    return b"".join(out) + b"0\r\nTrailer: x\r\n\r\n"


def test_to_bytes():
    with Web(WHOLE) as web:
        assert net.wget(URL) == BODY
        assert web.text() == ""
        request = web.requests[0]
        assert request.startswith(b"GET /dir/big.bin HTTP/1.1\r\nHost: 10.0.0.9\r\n")


def test_to_a_file():
    for response in (WHOLE, chunked(BODY), OK + b"\r\n" + BODY, b"HTTP/1.0 200 OK\n\n" + BODY):
        with Web(response):
            result = net.wget(URL, FILE)
            assert contents() == BODY
            assert (result.status, result.size, result.path) == (200, 100000, FILE)
            assert result.seconds > 0 and result.rate > 0 and result.url == URL
            assert repr(result) == "<wget %s: 200, 100000 bytes>" % URL


def test_to_a_directory():
    for url, folder, name in (
        (URL, "/tmp/", "big.bin"),
        (URL, "/tmp", "big.bin"),
        ("10.0.0.9", "/tmp/", "index.html"),
    ):
        with Web(WHOLE):
            path = "/tmp/" + name
            assert net.wget(url, folder).path == path
            os.remove(path)


def test_to_a_callback():
    with Web(chunked(BODY)):
        got = bytearray()
        result = net.wget(URL, callback=got.extend)
        assert got == BODY and result.size == 100000 and result.path is None


def test_to_a_stream():
    import io

    with Web(WHOLE):
        stream = io.BytesIO()
        result = net.wget(URL, stream)
        assert stream.getvalue() == BODY and result.path is None


def test_to_the_console():
    with Web(OK + b"Content-Length: 6\r\n\r\nhello\n") as web:
        real = net._sink.Console
        out = []
        net._sink.Console = lambda: net._sink.Stream(lambda view: out.append(bytes(view)))
        try:
            result = net.wget(URL, "-")
        finally:
            net._sink.Console = real
        assert b"".join(out) == b"hello\n" and result.size == 6
        assert web.text() == "", "progress between the contents"


def test_an_old_file_is_replaced_when_the_new_one_is_complete():
    with Web(WHOLE, (WHOLE[:5000], "")):
        with open(FILE, "wb") as file:
            file.write(b"old")
        net.wget(URL, FILE, quiet=True)
        assert contents() == BODY
        with open(FILE, "wb") as file:
            file.write(b"old")
        error_of(net.wget, URL, FILE, quiet=True)
        assert contents() == b"old"


def test_empty_body():
    with Web(OK + b"Content-Length: 0\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"):
        assert net.wget(URL, FILE).size == 0
        assert contents() == b""
        assert net.wget(URL) == b""


def test_progress_and_quiet():
    # One window every 120 ms, and at most five updates a second
    with Web(WHOLE, WHOLE, delay=60000) as web:
        net.wget(URL, FILE)
        text = web.text()
        updates = text.split("\r")[1:]
        assert 2 <= len(updates) <= 12, updates
        assert "% [" in updates[0] and "kB/s eta " in updates[0], updates[0]
        assert FILE in updates[0] and all(len(u) < 80 for u in updates)
        assert updates[-1].startswith("100.0 kB in ") and updates[-1].endswith(": %s\n" % FILE)
        net.wget(URL, FILE, quiet=True)
        assert web.text() == ""
    os.remove(FILE)


def test_sizes_for_people():
    text = net._progress.size_text
    for n, want in (
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999949, "999.9 kB"),
        (999951, "1.0 MB"),
        (10485760, "10.5 MB"),
        (5 * 10**12, "5000.0 GB"),
    ):
        assert text(n) == want, (n, text(n))


def test_redirects():
    def to(location, status=302):
        return b"HTTP/1.1 %d Found\r\nLocation: %s\r\nContent-Length: 4\r\n\r\ngone" % (
            status,
            location,
        )

    with Web(to(b"/a", 301), to(b"b", 307), to(b"http://10.0.0.9/c?d", 308), WHOLE) as web:
        result = net.wget(URL, FILE, quiet=True)
        assert contents() == BODY and result.url == "http://10.0.0.9/c?d"
        targets = [request.split(b" ")[1] for request in web.requests]
        assert targets == [b"/dir/big.bin", b"/a", b"/b", b"/c?d"]
    with Web(*[to(b"/again")] * 20) as web:
        assert "circle" in str(error_of(net.wget, URL))
        assert len(web.requests) == 11
        for _ in range(9):
            try:
                net.wget(URL)
            except net.NetError:
                pass
            if len(web.requests) >= 20:
                break
    with Web(to(b"ftp://10.0.0.9/")):
        error_of(net.wget, URL)


def test_headers_and_password():
    with Web(WHOLE) as web:
        net.wget("http://me:secret@10.0.0.9/", headers={"X-Token": "5"})
        assert b"\r\nX-Token: 5\r\n" in web.requests[0]
        assert b"\r\nAuthorization: Basic bWU6c2VjcmV0\r\n" in web.requests[0]


def test_status_is_an_error():
    for status, errno in ((404, 2), (403, 13), (401, 13), (500, 5), (304, 5)):
        with Web(b"HTTP/1.1 %d Sorry\r\nContent-Length: 3\r\n\r\nabc" % status):
            e = error_of(net.wget, URL, FILE)
            assert e.errno == errno and e.status == status
            assert "%d Sorry" % status in str(e) and URL in str(e)
            assert not exists(FILE)


def test_hostile_servers():
    # Bad chunk, endless headers, bad status line, early end, reset, nothing at all
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for response in (
        head + b"zz\r\nabc",
        head + b"ffffffffffffffff\r\nabc",
        head + b"5\r\nhello",
        head,
        (OK + b"X: y\r\n" * 5000, "…"),
        (OK + b"X" * 100000, "…"),
        (b"x" * 100000, "…"),
        b"SSH-2.0-OpenSSH\r\n",
        b"",
        OK,
        WHOLE[:50000],
        OK + b"Content-Length: -5\r\n\r\nhello",
        OK + b"Content-Length: 99999999999999999999\r\n\r\nhello",
        (WHOLE[:50000], "!"),
        (OK, "!"),
        (b"", "!"),
    ):
        for dest in (None, FILE):
            with Web(response) as web:
                error_of(net.wget, URL, dest, timeout=2)
                assert not exists(FILE)
                # and the next one works
                web.serve(WHOLE, port=81)
                assert net.wget("http://10.0.0.9:81/") == BODY


def test_silence():
    for response in ((b"", "…"), (OK, "…"), (WHOLE[:50000], "…")):
        with Web(response) as web:
            since = web.sim.now
            e = error_of(net.wget, URL, FILE, timeout=3)
            assert e.errno == 110
            assert 3000000 <= web.sim.now - since < 5000000


def test_slow_but_steady_is_no_time_out():
    # Less than a buffer in `timeout` seconds, but never silent for as long
    with Web() as web:
        listener = web.peer.stack.tcp.listen(0, 8080, 1)

        def program():
            c = None
            while not c:
                c = listener.accept()
                yield
            while not c.recv_into(bytearray(2000), 0, 2000):
                yield
            data = OK + b"Content-Length: 3000\r\n\r\n" + BODY[:3000]
            for at in range(0, len(data), 100):
                c.send(data, at, min(100, len(data) - at))
                yield web.sim.now + 1000000
            c.close()
            listener.close()

        web.sim.go(program())
        assert net.wget("http://10.0.0.9:8080/", timeout=2) == BODY[:3000]


def test_nobody_there():
    with Web():
        e = error_of(net.wget, "http://10.0.0.9:4444/")
        assert e.errno == 111 and "10.0.0.9:4444" in str(e)
        e = error_of(net.wget, "http://10.0.0.99/", timeout=20)
        assert e.errno in (110, 113) and "10.0.0.99" in str(e)
        assert error_of(net.wget, "http://nowhere.example/")


def test_bad_urls():
    with Web():
        for url in ("", "ftp://x/", "http://", "http://a:b/", "http://[::1]/"):
            assert error_of(net.wget, url).errno == 71


def test_no_directory():
    with Web(WHOLE):
        e = error_of(net.wget, URL, "/tmp/no_such_directory/x")
        assert e.errno == 2 and "directory" in str(e)


class Full:
    """A file on a filesystem that is full after 40000 bytes."""

    def __init__(self, file, short):
        self.file = file
        self.room = 40000
        self.short = short

    def write(self, view):
        if len(view) > self.room:
            if self.short:
                return self.file.write(view[: self.room])
            raise OSError(28)
        self.room -= len(view)
        return self.file.write(view)

    def close(self):
        self.file.close()


def test_full_filesystem():
    for short in (False, True):
        with Web(WHOLE):
            net._sink.open = lambda path, mode: Full(open(path, mode), short)
            try:
                e = error_of(net.wget, URL, FILE)
            finally:
                del net._sink.open
            assert e.errno == 28 and "full" in str(e)
            assert not exists(FILE)


def test_no_room_is_found_out_at_once():
    huge = OK + b"Content-Length: 900000000000000\r\n\r\n"
    with Web((huge, "…"), (huge, "…")):
        e = error_of(net.wget, URL, FILE)
        assert e.errno == 28 and "900000.0 GB" in str(e)
        e = error_of(net.wget, URL)
        assert e.errno == 12 and "file name" in str(e)


def test_callback_may_raise():
    with Web(WHOLE):
        try:
            net.wget(URL, callback=lambda view: 1 // 0)
            assert False
        except ZeroDivisionError:
            pass


def test_interrupt_leaves_no_file():
    with Web((WHOLE[:50000], "…")) as web:
        rest = web.rt.rest
        waits = []

        def interrupted(until=None):
            if exists(PART):
                waits.append(until)
            if len(waits) > 1:
                raise KeyboardInterrupt
            rest(until)

        web.rt.rest = interrupted
        try:
            net.wget(URL, FILE)
            assert False
        except KeyboardInterrupt:
            pass
        web.rt.rest = rest
        assert not exists(FILE)


def test_lossy_link():
    for seed in range(1, 4):
        with Web(chunked(BODY), seed=seed, loss=0.03, delay=3000):
            net.wget(URL, FILE, timeout=60, quiet=True)
            assert contents() == BODY
