# Frostnet: hostile input, line 50, the client's side: what a web server can do to net.wget
# MIT license; Copyright (c) 2026 The Frostnet authors

import gc
import sys

sys.path.append("tests/wire")

import net
import net._progress
import net._sink
import net._wget
from net_bench import Bench, error_of

OK = b"HTTP/1.1 200 OK\r\n"
URL = "http://10.0.0.9/x"
_EPROTO = 71


class Web(Bench):
    """Afterwards the board is well: no connection is left, and a good server serves it."""

    def __init__(self, *responses):
        super().__init__()
        self.listen_to(net._wget, net._progress, net._sink)
        self.requests = self.serve(*responses)

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.sim.run(400_000_000)
            stack = self.board.stack
            assert not stack.tcp.count, "%d connections are left" % stack.tcp.count
            assert not [k for k in stack.counters.drops() if "bug" in k]
            self.serve(OK + b"Content-Length: 4\r\n\r\nwell", port=81)
            assert net.wget("http://10.0.0.9:81/", quiet=True) == b"well"
        super().__exit__(kind, value, trace)


def refused(response, number=_EPROTO, **options):
    """wget gives up with this errno, in bounded memory."""
    with Web(response) as web:
        gc.collect()
        before = gc.mem_alloc()
        error = error_of(net.wget, URL, quiet=True, **options)
        assert number is None or error.errno == number, (error.errno, str(error))
        gc.collect()
        assert gc.mem_alloc() - before < 400_000
        assert web.requests


def test_50_chunk_sizes():
    for size in (
        b"ffffffffffffffff",
        b"fffffffffffffffff",
        b"10000000000000000",
        b"7fffffffffffffff",
        b"0x10",
        b"-1",
        b"+5",
        b" 5",
        b"g",
        b"",
        b";x",
        b"5 5",
        b"\x00",
        b"f" * 5000,
    ):
        refused(OK + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nhello\r\n0\r\n\r\n")
    # A chunk that is longer than it says, and one without its line end.
    refused(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n")
    refused(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n")
    # The end in the middle.
    for cut in (b"5\r\nhe", b"5\r\nhello", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n", b"5"):
        refused(OK + b"Transfer-Encoding: chunked\r\n\r\n" + cut, None)
    refused(OK + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x=y;" * 20_000 + b"\r\nhello\r\n")


def test_50_headers_without_end():
    for line in (b"X: y\r\n", b"X-%d: " + b"z" * 1000 + b"\r\n", b" folded\r\n"):
        refused(OK + b"A: b\r\n" + line * (100_000 // len(line)))
    # One line without end, and a status line without end.
    refused(OK + b"X: " + b"y" * 100_000)
    refused(b"HTTP/1.1 200 " + b"y" * 100_000)
    refused(b"y" * 100_000)
    # Interim answers for ever, and trailers.
    refused(b"HTTP/1.1 100 Continue\r\n\r\n" * 5000)
    refused(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 20_000)


def test_50_redirections_in_a_circle():
    again = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
    with Web(*[again] * 40) as web:
        assert error_of(net.wget, URL, quiet=True).errno == _EPROTO
        assert len(web.requests) <= 12
    for place in (
        b"ftp://10.0.0.9/",
        b"http://",
        b"http://10.0.0.9:99999/",
        b"http://10.0.0.9:-1/",
        b"http://a b/",
        b"//",
        b"http://" + b"a" * 300 + b"/",
        b"\x00\x01",
        b"http://user:secret@[::1",
    ):
        refused(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + place + b"\r\n\r\n", None
        )


def test_50_content_length():
    for value in (
        b"-1",
        b"-5",
        b"+5",
        b"5x",
        b"0x5",
        b"5 5",
        b"5,6",
        b"99999999999999999999",
        b"18446744073709551616",
        b"9" * 5000,
        b"",
        b"\xd9\xa5",
    ):
        refused(OK + b"Content-Length: " + value + b"\r\n\r\nhello", None)
    # Twice, with two values; and beside chunks (RFC 9112 §6.3).
    refused(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")
    with Web(OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"):
        assert net.wget(URL, quiet=True) == b"hello"
    both = OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    with Web(both):
        try:
            assert net.wget(URL, quiet=True) == b"hello"
        except OSError:
            pass  # refusing both is as good
    # More than memory has: an errno, not the end of the board.
    refused(OK + b"Content-Length: 999999999999\r\n\r\nhello", None)
    # Less comes than was promised.
    refused(OK + b"Content-Length: 10\r\n\r\nhello", None)


def test_50_a_server_that_says_nothing():
    for answer in ((b"", "…"), (OK, "…"), (OK + b"Content-Length: 9\r\n\r\nhel", "…"), b"",
                   (b"", "!"), (OK + b"Content-Length: 9\r\n\r\nhel", "!")):  # fmt: skip
        refused(answer, None, timeout=3)


def test_50_control_characters():
    for line in (b"X: a\x00b", b"X: a\rb", b"X\x00: a", b": a", b"X y: a", b"no colon", b" : a"):
        with Web(OK + line + b"\r\nContent-Length: 2\r\n\r\nhi"):
            try:
                assert net.wget(URL, quiet=True) == b"hi"
            except OSError as e:
                assert e.errno == _EPROTO
