# Frostnet: tests of dates, conditions, ranges, types and routes
# MIT license; Copyright (c) 2026 The Frostnet authors

# Clauses are those of RFC 9110.

from http import date, types
from http.server import conditional, ranges
from http.server.router import NotAllowed, Router

THEN = 784111777


def test_dates():
    # §5.6.7: three forms of one time
    assert date.text(THEN) == "Sun, 06 Nov 1994 08:49:37 GMT"
    for text in (
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ):
        assert date.parse(text) == THEN, text
    for text in ("", "x", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Xyz 1994 08:49:37 GMT",
                 "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                 "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 19994 08:49:37 GMT",
                 "Sun, x Nov 1994 08:49:37 GMT", "06 Nov 1994"):  # fmt: skip
        assert date.parse(text) is None, text


def check(method="GET", etag='"a"', modified=THEN, **fields):
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    return conditional.evaluate(method, fields, etag, modified)


def test_if_none_match():
    # §13.1.2
    assert check(if_none_match='"a"') == 304
    assert check(if_none_match='W/"a"') == 304  # weak comparison
    assert check(if_none_match='"b", "a"') == 304
    assert check(if_none_match="*") == 304
    assert check(if_none_match='"b"') == 0
    assert check("HEAD", if_none_match='"a"') == 304
    assert check("PUT", if_none_match="*") == 412
    assert check(etag=None, if_none_match="*") == 0
    # §13.1.3: If-Modified-Since does not count beside it
    assert check(if_none_match='"b"', if_modified_since=date.text(THEN)) == 0


def test_if_modified_since():
    # §13.1.3
    assert check(if_modified_since=date.text(THEN)) == 304
    assert check(if_modified_since=date.text(THEN + 1)) == 304
    assert check(if_modified_since=date.text(THEN - 1)) == 0
    assert check(if_modified_since="nonsense") == 0
    assert check("POST", if_modified_since=date.text(THEN)) == 0
    assert check(modified=None, if_modified_since=date.text(THEN)) == 0


def test_if_match_and_if_unmodified_since():
    # §13.1.1, §13.1.4
    assert check(if_match='"a"') == check(if_match="*") == 0
    assert check(if_match='"b"') == 412
    assert check(if_match='W/"a"') == 412  # strong comparison
    assert check(etag=None, if_match="*") == 412
    assert check(if_unmodified_since=date.text(THEN - 1)) == 412
    assert check(if_unmodified_since=date.text(THEN)) == 0
    assert check(if_match='"a"', if_unmodified_since=date.text(THEN - 1)) == 0


def test_if_range():
    # §13.1.5
    def counts(value):
        return conditional.range_counts({"if-range": value}, '"a"', THEN)

    assert conditional.range_counts({}, '"a"', THEN)
    assert counts('"a"') and not counts('"b"') and not counts('W/"a"')
    assert counts(date.text(THEN)) and not counts(date.text(THEN + 1)) and not counts("x")


def test_ranges():
    # §14.1.2, of 10,000 bytes
    for text, want in (
        ("bytes=0-499", [(0, 500)]),
        ("bytes=500-999", [(500, 1000)]),
        ("bytes=-500", [(9500, 10000)]),
        ("bytes=9500-", [(9500, 10000)]),
        ("bytes=0-0,-1", [(0, 1), (9999, 10000)]),
        ("bytes= 0-0 , 2-3", [(0, 1), (2, 4)]),
        ("BYTES=0-99999", [(0, 10000)]),
        ("bytes=-99999", [(0, 10000)]),
        ("bytes=10000-", []),
        ("bytes=10000-20000", []),
        ("bytes=-0", []),
        ("bytes=20000-,0-0", [(0, 1)]),
        ("lines=0-1", None),
        ("bytes", None),
        ("bytes=", None),
        ("bytes=,", None),
        ("bytes=-", None),
        ("bytes=5", None),
        ("bytes=5-4", None),
        ("bytes=a-b", None),
        ("bytes=1-2-3", None),
        ("bytes=--5", None),
        ("bytes=+1-2", None),
        ("bytes=0-5,5-9", None),  # §14.2: overlapping ones are an attack
        ("bytes=" + ",".join(["%d-%d" % (2 * i, 2 * i) for i in range(9)]), None),
        ("bytes=0-99999999999999999999", None),
    ):
        assert ranges.parse(text, 10000) == want, text
    assert ranges.parse("bytes=0-", 0) == [] and ranges.parse("bytes=-5", 0) == []
    assert ranges.content_range(0, 500, 10000) == "bytes 0-499/10000"


def test_parts():
    # §14.6, RFC 2046 §5.1.1
    parts, tail, length = ranges.parts([(0, 2), (8, 10)], 10, "text/plain", "XYZ")
    data = b"0123456789"
    body = b"".join([head + data[begin:end] for head, begin, end in parts]) + tail
    assert len(body) == length
    assert body == (
        b"\r\n--XYZ\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01"
        b"\r\n--XYZ\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89"
        b"\r\n--XYZ--\r\n"
    )


def test_types():
    assert types.of("/a/index.HTML") == "text/html; charset=utf-8"
    assert types.of("/a.b/c") == types.of("/x.unknown") == "application/octet-stream"
    assert types.of("x.tar.gz") == "application/gzip"


def not_allowed(router, method, path):
    try:
        router.find(method, path)
    except NotAllowed as e:
        assert e.status == 405
        return e.allow
    return None


def test_routes():
    router = Router()
    router.add("/", 1)
    router.add("/led", 2)
    router.add("/led", 3, ("POST", "PUT"))
    router.add("/led/<name>", 4)
    router.add("/led/<name>/state", 5)
    router.add("/files/<path:rest>", 6)
    assert router.find("GET", "/") == (1, ())
    assert router.find("HEAD", "/led") == (2, ())
    assert router.find("PUT", "/led") == (3, ())
    assert router.find("GET", "/led/red") == (4, ["red"])
    assert router.find("GET", "/led/red/state") == (5, ["red"])
    assert router.find("GET", "/files/a/b/c") == (6, ["a/b/c"])
    for path in ("/led/", "/led/a/b", "/led/a/state/x", "/files/", "/files", "/nothing", "*"):
        assert router.find("GET", path) is None, path
    assert not_allowed(router, "DELETE", "/led") == ["GET", "HEAD", "POST", "PUT"]
    assert not_allowed(router, "POST", "/led/red") == ["GET", "HEAD"]


def test_routes_that_are_none():
    for pattern in ("led", "/<name", "/a<b>", "/<path:a>/b", "/<int:a>", "/<>"):
        try:
            Router().add(pattern, 1)
            assert False, pattern
        except ValueError as e:
            assert len(str(e)) > 20
