# Frostnet: tests of what a client sends and goes on with: forms, chunks, passwords, parts
# MIT license; Copyright (c) 2026 The Frostnet authors

from collections import OrderedDict

from http import CHUNKED, URL, HTTPError, carried, form, request
from http.auth import basic, credentials
from http.chunks import Chunks
from http.date import text as date_text
from http.partial import content_range, contradicts, request_fields, validator

A = URL("http://a/x")


def refused(fn, *args):
    try:
        fn(*args)
    except HTTPError as e:
        return str(e)
    return None


def test_credentials():
    # RFC 7617 section 2, with its example, and 2.1
    assert basic(credentials("Aladdin", "open sesame")) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert basic(credentials("test", "123\u00a3")) == "Basic dGVzdDoxMjPCow=="
    assert credentials(b"u", b"a:b") == b"u:a:b"
    for user, password in (("a:b", "c"), ("a\n", "b"), ("a", "b\r"), ("a", "\x7f"), ("\0", "")):
        assert refused(credentials, user, password), (user, password)
    assert refused(URL, "http://a%3Ab:c@h/") and refused(URL, "http://a:b%0D%0A@h/")
    # Long ones make one line (no line ends as in MIME)
    assert "\n" not in basic(credentials("u" * 100, "p" * 100))


def test_forms():
    # WHATWG URL, section 5.2
    assert form.encode({"a b": "c&d=e"}) == b"a+b=c%26d%3De"
    fields = OrderedDict((("x", "\u00e9\n"), ("y", 5), ("z", b"\0\xff")))
    assert form.encode(fields) == b"x=%C3%A9%0A&y=5&z=%00%FF"
    assert form.encode({"k": ["1", 2]}) == b"k=1&k=2"
    assert form.encode({"s": "*-._~"}) == b"s=*-._%7E"
    assert form.encode({}) == b""


def test_chunks():
    # RFC 9112 section 7.1
    chunks = Chunks(32)
    chunks.space[:5] = b"hello"
    assert bytes(chunks.frame(5)) == b"0005\r\nhello\r\n"
    chunks.space[:32] = bytes(32)
    assert bytes(chunks.frame(32)) == b"0020\r\n" + bytes(32) + b"\r\n"
    assert bytes(chunks.frame(0)) == b"0000\r\n\r\n"
    assert len(chunks.space) == 32


def lines(*args):
    return request(*args).split(b"\r\n")


def test_framing_of_a_request():
    # RFC 9112 section 6, RFC 9110 section 8.6
    assert b"Content-Length: 0" in lines(A, "POST", None, 0)
    head = lines(A, "PUT", {"content-type": "text/x"}, CHUNKED, "text/plain")
    assert b"Transfer-Encoding: chunked" in head and b"Content-Type: text/x" in head
    assert not [line for line in head if line.startswith(b"Content-Length")]
    assert not [line for line in lines(A) if line.startswith((b"Content-", b"Transfer-"))]
    # Nobody gets two opinions about the length (RFC 9112 section 11.2)
    assert b"Content-Length: 5" in lines(A, "POST", {"content-length": 5}, 5)
    assert refused(request, A, "POST", {"Content-Length": 6}, 5)
    assert refused(request, A, "POST", {"Content-Length": 5}, CHUNKED)
    assert refused(request, A, "GET", {"Content-Length": 5})
    assert refused(request, A, "POST", {"Transfer-Encoding": "gzip, chunked"}, 5)


def test_methods_and_names():
    # RFC 9110 sections 5.1, 9.1: tokens
    for method in ("", "GET /x HTTP/1.1", "A\r\nB", "P\u00d6ST", "CONNECT"):
        assert refused(request, A, method), method
    for name in ("", "A:", "A B", "\u00e4"):
        assert refused(request, A, "GET", {name: "x"}), name
    assert refused(request, A, "GET", {"A": "\0"})


def test_headers_that_do_not_go_elsewhere():
    # RFC 9110 section 15.4, 5. and 6.
    given = {"AUTHORIZATION": "x", "cookie": "c", "Host": "v", "X-A": 1, "Content-Type": "t"}
    assert carried(given, A, URL("http://a/y"), True) == given
    for other in ("http://b/x", "http://a:81/x", "https://a/x"):
        assert sorted(carried(given, A, URL(other), True)) == ["Content-Type", "X-A"], other
    assert sorted(carried(given, A, A, False)) == ["AUTHORIZATION", "Host", "X-A", "cookie"]


THEN = date_text(784111777)
LATER = date_text(784111778)


def test_validators():
    # RFC 9110 section 13.1.5: strong, or none at all
    for headers, want in (
        ({"etag": '"abc"'}, '"abc"'),
        ({"etag": '""'}, '""'),
        ({"etag": 'W/"abc"'}, None),
        # a weak tag: the date must not stand in for it
        ({"etag": 'W/"a"', "last-modified": THEN, "date": LATER}, None),
        ({"etag": "abc"}, None),
        ({"etag": '"a", "b"'}, None),
        ({"etag": '"' + "x" * 300 + '"'}, None),
        ({"last-modified": THEN, "date": LATER}, THEN),
        # section 8.8.2.2: changed in the second in which it was sent
        ({"last-modified": THEN, "date": THEN}, None),
        ({"last-modified": THEN}, None),
        ({"last-modified": "x", "date": LATER}, None),
        ({}, None),
    ):
        assert validator(headers) == want, headers
    assert request_fields(5, '"a"') == {"Range": "bytes=5-", "If-Range": '"a"'}


def test_servers_without_if_range_are_found_out():
    assert contradicts({"etag": '"b"'}, '"a"') and not contradicts({"etag": '"a"'}, '"a"')
    assert contradicts({"last-modified": LATER}, THEN)
    # What need not be sent contradicts nothing (section 15.3.7)
    assert not contradicts({}, '"a"') and not contradicts({"etag": '"a"'}, THEN)


def test_content_range():
    # RFC 9110 section 14.4
    def parse(text):
        return content_range({"content-range": text})

    assert parse("bytes 0-499/1234") == (0, 500, 1234)
    assert parse("bytes 42-1233/*") == (42, 1234, None)
    assert parse("BYTES 1233-1233/1234") == (1233, 1234, 1234)
    assert parse("bytes */1234") == (None, None, 1234)
    for text in ("", "bytes", "bytes 0-499", "bytes 5-4/10", "bytes 0-10/10", "lines 0-1/2",
                 "bytes */*", "bytes -5/10", "bytes 5-/10", "bytes 0-1/x", "bytes a-b/10",
                 "bytes 0-1/99999999999999999999", "bytes +0-1/2", "bytes 0-1-2/3"):  # fmt: skip
        assert refused(parse, text), text
    assert refused(content_range, {})
