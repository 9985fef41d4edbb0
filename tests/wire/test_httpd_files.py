# Frostnet: tests of the web server: files and directories of the board
# MIT license; Copyright (c) 2026 The Frostnet authors

import os

from http import date
from simtools import pattern
from web_bench import LAST, ROOT, Web, age, one, write

OLD = "Thu, 01 Jan 1970 00:00:00 GMT"
SECRET = ROOT.rpartition("/")[2] + "-secret"  # beside the folder that is served


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


# RFC 9110 §8.8.1: as long as a file may change without a change of its time, nothing may say that
# it is the same. The contents are what they are, whatever was kept.
def test_a_file_that_changes():
    with Web() as web:
        for i in range(20):
            data = b"hello %05d" % i
            write("/hello.txt", data)
            for _ in range(2):
                status, fields, body = web.get()
                assert body == data and "etag" not in fields and "last-modified" not in fields
        age()
        _, fields, body = web.get()
        assert (body, fields["content-length"]) == (data, "11")
        assert web.get()[2] == data
        answer = one(web.ask(LAST.replace(b"GET", b"HEAD") % b"/hello.txt"), True)
        assert answer[1]["etag"] == fields["etag"] and not answer[3]
        write("/hello.txt", b"HELLO WORLD")
        assert web.get()[2] == b"HELLO WORLD"
        age(1700000100)
        assert web.get()[1]["etag"] != fields["etag"]
        write("/hello.txt", b"longer than before")
        age(1700000100)
        assert web.get()[2] == b"longer than before"
        os.remove(ROOT + "/hello.txt")
        assert web.get()[0] == 404
        os.mkdir(ROOT + "/hello.txt")
        assert web.get()[0] == 301
        os.rmdir(ROOT + "/hello.txt")


def test_few_files_are_kept():
    with Web() as web:
        for i in range(40):
            write("/empty/%d" % i, bytes(8192))
        for i in range(40):
            write("/empty/long%d" % i, bytes(8193))
        age()
        cache = web.server.files._cache
        for _ in range(2):
            for i in range(40):
                assert web.get("/empty/%d" % i)[2] == bytes(8192)
                assert len(web.get("/empty/long%d" % i)[2]) == 8193
                kept = sum([kept[0].length for kept in cache._kept.values()])
                assert kept == cache._bytes <= 131072
        web.get("/none")
        assert len(cache._kept) > 1
        for i in range(40):
            os.remove(ROOT + "/empty/%d" % i)
            assert web.get("/empty/%d" % i)[0] == 404
        web.get("/none")
        assert cache._bytes == 0 and len(cache._kept) == 1


def test_head_and_options():
    with Web() as web:
        data = web.ask(LAST.replace(b"GET", b"HEAD") % b"/big.bin")
        status, fields, body, rest = one(data, True)
        assert status == 200 and fields["content-length"] == "300000" and not rest
        status, fields, _ = web.get("/hello.txt", "OPTIONS")
        assert status == 204 and fields["allow"] == "GET, HEAD, OPTIONS"
        assert web.get("*", "OPTIONS")[0] == 200


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
        write("/../" + SECRET, b"secret")
        for path in ("/../%s", "/%%2e%%2e/%s", "/sub/../../%s", "/..%%2f%s", "/.%%2e/%s",
                     "/..%%5c%s", "/sub/%%2e%%2e/%%2e%%2e/%s"):  # fmt: skip
            assert web.get(path % SECRET)[0] == 400, path
        assert web.get("/hello.txt%00.html")[0] == 400
        for path in ("/" + SECRET, "/%252e%252e/" + SECRET, "//etc/passwd"):
            assert web.get(path)[0] == 404, path
        os.remove("/tmp/" + SECRET)


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
