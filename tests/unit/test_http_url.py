# Frostnet: tests of URLs, requests and redirections
# MIT license; Copyright (c) 2026 The Frostnet authors

from http import HTTPError, URL, redirect, request


def refused(fn, *args):
    try:
        fn(*args)
    except HTTPError as e:
        return str(e)
    return None


def test_parts():
    url = URL("http://Example.ORG:8080/a/b.bin?x=1&y=2#part")
    assert (url.scheme, url.host, url.port) == ("http", "example.org", 8080)
    assert url.target == "/a/b.bin?x=1&y=2"
    assert url.path == "/a/b.bin" and url.name() == "b.bin"
    assert url.authority == "example.org:8080"
    assert str(url) == "http://example.org:8080/a/b.bin?x=1&y=2"


def test_short_forms():
    for text, want in (
        ("10.0.2.2", "http://10.0.2.2/"),
        ("10.0.2.2:8000/x", "http://10.0.2.2:8000/x"),
        ("example.org/x", "http://example.org/x"),
        ("localhost:80", "http://localhost/"),
        ("HTTP://a?q", "http://a/?q"),
        ("http://a#f", "http://a/"),
        ("http://a:/", "http://a/"),
        ("https://a/", "https://a/"),
    ):
        assert str(URL(text)) == want, text
    assert URL("https://a").port == 443


def test_unsafe_characters_become_percent():
    # No URL can put a line end, or anything else, into a request
    url = URL('http://a/x y\r\nEvil: 1\tü"<>\x7f%41%zz')
    assert url.target == "/x%20y%0D%0AEvil:%201%09%C3%BC%22%3C%3E%7F%41%zz"
    assert b"\nEvil" not in request(url)


def test_no_urls():
    for text in (
        "",
        "http://",
        "http:///x",
        "http:x",
        "http:/x",
        "ftp://a/",
        "file:///etc",
        "mailto:x@y",
        "http://a:0/",
        "http://a:65536/",
        "http://a:-1/",
        "http://a:8o/",
        "http://a:999999999999/",
        "http://[::1]/",
        "http://a b/",
        "http://a\r\nb/",
        "http://a%20b/",
        "http://ü/",
        "http://u:%g0@a/",
        "http://u%2@a/",
        "http://a/" + "x" * 5000,
    ):
        assert refused(URL, text), text


def test_userinfo():
    # RFC 7617
    assert URL("http://a/").authorization is None
    url = URL("http://Aladdin:open%20sesame@a/")
    assert url.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert URL("http://me@a/").authorization == "Basic bWU6"
    assert URL("http://u:p@x@a/").host == "a"
    assert "Aladdin" not in str(url)


def test_join():
    # RFC 3986 section 5.4
    base = URL("http://a/b/c/d?q")
    for reference, want in (
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("g#s", "http://a/b/c/g"),
        ("", "http://a/b/c/d?q"),
        (".", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../../g", "http://a/g"),
        ("../../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("./g/.", "http://a/b/c/g/"),
        ("g/../h", "http://a/b/c/h"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("http://h:81/i", "http://h:81/i"),
    ):
        assert str(base.join(reference)) == want, reference


def test_credentials_stay_with_their_host():
    base = URL("http://u:p@a/x")
    assert base.join("/y").userinfo == b"u:p"
    assert base.join("http://a/y").userinfo == b"u:p"
    assert base.join("http://a:81/y").userinfo is None
    assert base.join("http://b/y").userinfo is None
    assert base.join("//b/y").userinfo is None
    assert base.join("https://a/y").userinfo is None


def test_request():
    lines = request(URL("http://a:81/x?y")).split(b"\r\n")
    assert lines[0] == b"GET /x?y HTTP/1.1" and lines[1] == b"Host: a:81"
    assert lines[-2:] == [b"", b""]
    assert b"Connection: close" in lines and b"Accept-Encoding: identity" in lines


def test_request_headers():
    data = request(URL("http://u:p@a/"), "POST", {"user-agent": "me", "X-A": 5}, 4)
    assert data.endswith(b"\r\n\r\n")
    lines = data.split(b"\r\n")
    assert lines[0] == b"POST / HTTP/1.1"
    assert b"User-Agent: me" in lines and b"X-A: 5" in lines
    assert b"Content-Length: 4" in lines and b"Authorization: Basic dTpw" in lines
    for headers in ({"A": "x\r\nEvil: 1"}, {"A\n": "x"}):
        assert refused(request, URL("http://a/"), "GET", headers)


def test_redirect():
    url = URL("http://a/x")
    for status in (301, 302, 303, 307, 308):
        target, method = redirect(url, "GET", status, {"location": "/y"}, 0)
        assert (str(target), method) == ("http://a/y", "GET")
    assert redirect(url, "GET", 200, {"location": "/y"}, 0) is None
    assert redirect(url, "GET", 304, {"location": "/y"}, 0) is None
    assert redirect(url, "GET", 301, {}, 0) is None


def test_redirect_methods():
    # RFC 9110 sections 15.4.2 to 15.4.9
    def method(status, old):
        return redirect(URL("http://a/x"), old, status, {"location": "/y"}, 0)[1]

    assert [method(s, "POST") for s in (301, 302, 303, 307, 308)] == ["GET"] * 3 + ["POST"] * 2
    assert [method(s, "HEAD") for s in (301, 302, 303, 307, 308)] == ["HEAD"] * 5


def test_redirect_limits():
    url = URL("http://a/x")
    assert refused(redirect, url, "GET", 301, {"location": "/x"}, 10)
    for location in ("ftp://a/", "http://", "http://a:x/", "http://\r\n/"):
        assert refused(redirect, url, "GET", 301, {"location": location}, 0), location
