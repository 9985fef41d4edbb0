# Frostnet: tests of HTTP responses, whole and in pieces, good and bad
# MIT license; Copyright (c) 2026 The Frostnet authors

from http import DATA, END, HEAD, NEED, HTTPError, Reader


class Run:
    """What came out of a response that was fed `step` bytes at a time."""

    def __init__(self, data, step=None, method="GET", size=4096, close=True):
        self.reader = reader = Reader(size, method)
        self.body = b""
        self.events = []
        at = 0
        ended = False
        while True:
            event = reader.next()
            self.events.append(event)
            if event == DATA:
                self.body += bytes(reader.data())
            elif event == END:
                break
            elif event == NEED:
                space = reader.space()
                assert len(space), "asks for more, but has no space"
                n = min(len(data) - at, len(space), step or len(data))
                space[:n] = data[at : at + n]
                at += n
                if not n:
                    assert close and not ended, "asks for more after the end"
                    ended = True
                reader.fed(n)
        self.left = len(data) - at


def error(data, **options):
    try:
        Run(data, **options)
    except HTTPError as e:
        text = str(e)
        assert "\n" not in text and "\r" not in text and len(text) < 200
        return text
    return None


OK = b"HTTP/1.1 200 OK\r\n"


def test_content_length():
    # RFC 9112 section 6.3, whatever the pieces
    data = OK + b"Content-Length: 11\r\nX-A: b\r\n\r\nhello world"
    for step in (None, 1, 2, 3, 7):
        run = Run(data, step, close=False)
        assert run.body == b"hello world"
        reader = run.reader
        assert (reader.status, reader.reason, reader.length) == (200, "OK", 11)
        assert reader.headers["x-a"] == "b" and reader.received == 11
        assert run.events.count(HEAD) == 1


def test_nothing_is_read_behind_the_body():
    run = Run(OK + b"Content-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n", close=False)
    assert run.body == b"ab"
    assert Run(OK + b"Content-Length: 0\r\n\r\n", close=False).body == b""


def test_chunked():
    # RFC 9112 section 7.1: extensions and trailers are skipped
    data = OK + (
        b"Transfer-Encoding: chunked\r\n\r\n"
        b'5;name=value;x="y"\r\nhello\r\n1\r\n \r\n'
        b"0A ;q\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n"
    )
    for step in (None, 1, 2, 3, 5):
        run = Run(data, step, close=False)
        assert run.body == b"hello 0123456789"
        assert run.reader.length is None and "trailer" not in run.reader.headers


def test_body_until_close():
    for head in (OK, b"HTTP/1.0 200 OK\r\n"):
        for step in (None, 1, 4):
            assert Run(head + b"\r\nhello", step).body == b"hello"
    assert Run(OK + b"\r\n").body == b""


def test_body_larger_than_the_buffer():
    body = bytes(range(256)) * 40
    for size in (64, 256, 4096):
        head = OK + b"Content-Length: %d\r\n\r\n" % len(body)
        assert Run(head + body, size=size).body == body
        assert Run(OK + b"\r\n" + body, size=size).body == body
        chunks = b"".join(
            [b"%x\r\n" % 100 + body[i : i + 100] + b"\r\n" for i in range(0, 10200, 100)]
        )
        chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
        assert Run(chunked, size=size).body == body[:10200]


def test_gathered_pieces_are_full():
    # A file gets whole buffers, from the first byte on
    body = bytes(1000)
    data = OK + b"Content-Length: 1000\r\n\r\n" + body
    reader = Reader(256)
    sizes = []
    at = 0
    while True:
        event = None
        if reader.gathered():
            event = reader.next()
            if event == DATA:
                sizes.append(reader.n)
            if event == END:
                break
        if event in (None, NEED):
            space = reader.space()
            n = min(len(space), 50, len(data) - at)
            space[:n] = data[at : at + n]
            at += n
            reader.fed(n)
    assert sizes == [256, 256, 256, 232], sizes


def test_no_body():
    assert Run(OK + b"Content-Length: 5\r\n\r\n", method="HEAD", close=False).body == b""
    assert Run(OK + b"Transfer-Encoding: chunked\r\n\r\n", method="HEAD", close=False).body == b""
    for status in (b"204 No Content", b"304 Not Modified"):
        run = Run(b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n", close=False)
        assert run.body == b""


def test_interim_responses_are_skipped():
    # RFC 9110 section 15.2
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    run = Run(early + OK + b"Content-Length: 2\r\n\r\nab")
    assert run.body == b"ab" and run.reader.status == 200 and "link" not in run.reader.headers
    assert error(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
    assert error(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")


def test_status_line():
    for line in (b"HTTP/1.1 404 Not Found", b"HTTP/1.0 404", b"HTTP/1.1 404 ", b"HTTP/1.9 404 x"):
        assert Run(line + b"\r\n\r\n").reader.status == 404, line
    for line in (
        b"",
        b"hello",
        b"HTTP/2 200 OK",
        b"HTTP/2.0 200 OK",
        b"HTTP/0.9 200 OK",
        b"HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1.1 20",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 20x OK",
        b"HTTP/1.1 -20 OK",
        b"HTTP/1.1 000 OK",
        b"HTTP/1.1 600 OK",
        b"HTTP/1.1  200 OK",
        b"http/1.1 200 OK",
        b"HTTP/1.1200 OK",
        b"SSH-2.0-OpenSSH_9.2",
        b"\x15\x03\x01\x00\x02\x02\x46\0\0\0\0\0\0",
    ):
        assert error(line + b"\r\n\r\n"), line


def test_reason_is_any_text():
    assert Run(b"HTTP/1.1 200 Zo\xc3\xab\r\n\r\n").reader.reason == "Zoë"
    assert Run(b"HTTP/1.1 200 \xff\xfe\r\n\r\n").reader.reason == "??"


def test_line_ends():
    # RFC 9112 section 2.2: a bare LF is taken, a bare CR is not
    assert Run(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nab").body == b"ab"
    assert error(OK + b"A: b\rc\r\n\r\n")
    assert error(OK + b"A: b\0c\r\n\r\n")


def test_headers():
    run = Run(OK + b"A: 1\r\na:2\r\nB:\t x \t\r\nC:\r\nFold: a\r\n b\r\n\tc\r\n\r\n")
    assert run.reader.headers == {"a": "1, 2", "b": "x", "c": "", "fold": "a b c"}
    for line in (
        b"no colon",
        b": no name",
        b"a b: c",
        b"a : c",
        b"\xff: c",
        b"\x01: c",
        b"(a): b",
    ):
        assert error(OK + line + b"\r\n\r\n"), line
    assert error(OK + b" folded first\r\n\r\n")


def test_header_limits():
    assert Run(OK + b"A: b\r\n" * 100 + b"\r\n").body == b""
    assert error(OK + b"A: b\r\n" * 101 + b"\r\n")
    assert error(OK + b"A: " + b"x" * 5000 + b"\r\n\r\n")  # one line larger than the buffer
    assert error(OK + (b"A: " + b"x" * 4000 + b"\r\n") * 10 + b"\r\n")
    assert error(b"x" * 5000)
    # Endless headers end, with an error
    reader = Reader(4096)
    try:
        for _ in range(100000):
            while reader.next() != NEED:
                pass
            line = b"HTTP/1.1 200 OK\r\n" if not reader.status else b"A: b\r\n"
            reader.space()[: len(line)] = line
            reader.fed(len(line))
        assert False, "no end"
    except HTTPError:
        pass
    assert error(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"T: x\r\n" * 200 + b"\r\n"), (
        "endless trailers"
    )


def test_content_length_that_is_none():
    for value in (b"-1", b"+5", b"5x", b"0x5", b"", b"5 5", b"1e3", b"5,6", b"9" * 30, b"5, "):
        assert error(OK + b"Content-Length: " + value + b"\r\n\r\nhello"), value
    assert error(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")
    same = OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"
    assert Run(same, close=False).body == b"hello"


def test_transfer_encoding_wins():
    # RFC 9112 section 6.3, case 3
    data = OK + b"Content-Length: 3\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    run = Run(data, close=False)
    assert run.body == b"hello" and run.reader.length is None
    for coding in (b"gzip", b"gzip, chunked", b"chunked, chunked", b"identity", b""):
        assert error(OK + b"Transfer-Encoding: " + coding + b"\r\n\r\n0\r\n\r\n"), coding


def test_bad_chunks():
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for body in (
        b"\r\n",
        b"x\r\n",
        b"-1\r\n",
        b"+1\r\na\r\n",
        b"0x1\r\na\r\n",
        b"1 1\r\na\r\n",
        b"ffffffffffffffff\r\n",
        b"10000000000000000\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"5\r\nabc\r\n0\r\n\r\n",
        b";x\r\na\r\n",
        b"1" * 5000,
        b"5;" + b"x" * 5000,
    ):
        assert error(head + body), body[:20]


def test_early_end():
    assert "without an answer" in error(b"")
    assert error(b"HTTP/1.1 2")
    assert error(OK)
    assert error(OK + b"A: b\r\n")
    assert "3 of 5 bytes" in error(OK + b"Content-Length: 5\r\n\r\nabc")
    assert "0 of 5 bytes" in error(OK + b"Content-Length: 5\r\n\r\n")
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for body in (
        b"",
        b"5",
        b"5\r\n",
        b"5\r\nabc",
        b"5\r\nhello",
        b"5\r\nhello\r\n",
        b"0\r\n",
        b"0\r\nA: b\r\n",
    ):
        assert "in the middle" in error(head + body), body


def test_reset_for_a_new_response():
    reader = Run(OK + b"Content-Length: 2\r\nA: b\r\n\r\nab").reader
    reader.reset("HEAD")
    assert reader.next() == NEED and reader.status == 0 and not reader.headers
    space = reader.space()
    data = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9\r\n\r\n"
    space[: len(data)] = data
    reader.fed(len(data))
    assert reader.next() == HEAD and reader.status == 302
    assert reader.headers["location"] == "/x"
    assert reader.next() == END


def test_mutations():
    # Nothing but events and HTTPError; and always an end
    good = (
        b"HTTP/1.1 100 Continue\r\n\r\n"
        + OK
        + b"Transfer-Encoding: chunked\r\nX: y\r\n\r\n"
        + b"5;a\r\nhello\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n"
    )
    also = OK + b"Content-Length: 5\r\nX: y\r\n z\r\n\r\nhello"
    seed = 99
    fine = 0
    for i in range(3000):
        bad = bytearray(good if i & 1 else also)
        for _ in range(1 + (seed & 3)):
            seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
            bad[(seed >> 8) % len(bad)] = (seed >> 19) & 0xFF
        end = len(bad) if seed & 0x30000 else (seed >> 5) % len(bad)
        try:
            Run(bytes(bad[:end]), 1 + (seed & 31), size=128)
            fine += 1
        except HTTPError:
            pass
    assert 50 < fine < 2900, fine
