# Frostnet: net.wget against Python's HTTP server: resume, POST, redirections, passwords
# MIT license; Copyright (c) 2026 The Frostnet authors

import base64
import hashlib
import http.server
import re
import threading
import time

import pytest

from hostlib import pattern
from hostlib.console import CTRL_C, ExecError

SIZE = 3_000_000
FILE = pattern.data(SIZE)
SHA = pattern.sha256(SIZE)
LOGIN = "Basic " + base64.b64encode(b"me:open sesame").decode()


class Handler(http.server.BaseHTTPRequestHandler):
    """/file with ranges; it breaks off after `server.upto` bytes if that is set, or waits there.
    POST and PUT are answered with what was sent; /see, /again redirect; /private wants LOGIN."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.heads.append((self.command, self.path, dict(self.headers.items())))
        if self.path == "/private" and self.headers["Authorization"] != LOGIN:
            self.answer(401, WWW_Authenticate='Basic realm="x"')
        elif self.path == "/file":
            self.file()
        else:
            self.answer(200, b"got " + self.path.encode())

    do_HEAD = do_GET

    def file(self):
        begin, status = 0, 200
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.headers.get("If-Range") == self.server.tag:
            begin, status = int(asked[1]), 206
        if begin >= SIZE:
            self.answer(416, Content_Range=f"bytes */{SIZE}")
            return
        self.send_response(status)
        self.send_header("ETag", self.server.tag)
        self.send_header("Content-Length", str(SIZE - begin))
        if status == 206:
            self.send_header("Content-Range", f"bytes {begin}-{SIZE - 1}/{SIZE}")
        self.end_headers()
        upto = self.server.upto or SIZE
        self.wfile.write(FILE[begin:upto])
        if upto < SIZE:
            self.server.sent.set()
            self.server.go_on.wait(60)
            self.close_connection = True

    def do_POST(self):
        self.server.heads.append((self.command, self.path, dict(self.headers.items())))
        body = self.body()
        where = {"/see": (303, "/seen"), "/again": (307, "/there")}.get(self.path)
        if where:
            self.answer(where[0], Location=where[1])
        else:
            kind = self.headers["Content-Type"].encode()
            digest = hashlib.sha256(body).hexdigest().encode()
            self.answer(200, b"%s %s %d %s" % (self.command.encode(), kind, len(body), digest))

    do_PUT = do_POST

    def body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            assert self.rfile.readline() == b"\r\n"
        assert self.rfile.readline() == b"\r\n"
        return body


@pytest.fixture
def web():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # a guest that hangs up is no news
    server.heads, server.tag, server.upto = [], '"one"', None
    server.sent, server.go_on = threading.Event(), threading.Event()
    server.url = "http://10.0.2.2:%d" % server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.go_on.set()
    server.shutdown()
    thread.join(5)
    server.server_close()


def load(board, web, **options):
    said = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"net.wget('{web.url}/file', '/big.bin', resume=True{said})"


def check_file(board):
    assert board.exec("file_hash('/big.bin')").split() == [str(SIZE), SHA]
    left = board.eval("__import__('os').listdir('/')")
    assert not [name for name in left if ".part" in name], left
    board.exec("import os; os.remove('/big.bin')")


def test_resume_after_a_broken_connection(board, web):
    web.upto = 1_000_000
    web.go_on.set()
    with pytest.raises(ExecError) as error:
        board.exec("import net\n" + load(board, web), 60)
    assert re.search(r"NetError: .*1000000 of 3000000", str(error.value)), error.value
    web.upto = None
    out = board.exec(f"r = {load(board, web)}\nprint(r.resumed, r.size, r.status)", 60)
    assert "1.0 MB that were there: /big.bin" in out, out
    assert out.splitlines()[-1] == f"1000000 {SIZE} 206"
    assert web.heads[1][2]["Range"] == "bytes=1000000-" and web.heads[1][2]["If-Range"] == '"one"'
    check_file(board)


def test_resume_after_ctrl_c(board, web):
    board.type("import net")
    web.upto = 1_000_000
    serial = board.console.serial
    mark = serial.mark()
    serial.write(load(board, web, timeout=60).encode() + b"\r")
    assert web.sent.wait(60)
    time.sleep(2)  # so that some of it has arrived
    serial.write(CTRL_C)
    serial.expect(b"KeyboardInterrupt: \r\n>>> ", 30, mark)
    assert "/big.bin" not in board.type("import os; os.listdir('/')").split("'")
    web.upto = None
    out = board.type(load(board, web), 60)
    assert "that were there: /big.bin" in out, out
    check_file(board)


def test_resume_of_a_file_that_has_changed(board, web):
    web.upto = 500_000
    web.go_on.set()
    with pytest.raises(ExecError):
        board.exec("import net\n" + load(board, web, quiet=True), 60)
    web.upto, web.tag = None, '"two"'
    out = board.exec(f"print({load(board, web, quiet=True)}.resumed)", 60)
    assert out.strip() == "0" and len(web.heads) == 2
    check_file(board)


def test_resume_of_what_is_complete(board, web):
    web.upto = 500_000
    web.go_on.set()
    with pytest.raises(ExecError):
        board.exec("import net\n" + load(board, web, quiet=True), 60)
    web.upto = None
    # All is there, but the power went before it had its name
    board.exec(f"net.wget('{web.url}/file', '/copy', quiet=True)", 60)
    board.exec("import os; os.rename('/copy', '/big.bin.part')")
    assert board.exec(f"print({load(board, web, quiet=True)}.status)", 60).strip() == "416"
    check_file(board)


def test_post(board, web):
    board.exec("import net, io, os")
    for data, kind, body in (
        ("b'abc'", "application/octet-stream", b"abc"),
        ("'a=1'", "application/x-www-form-urlencoded", b"a=1"),
        ("{'a b': 'c&d'}", "application/x-www-form-urlencoded", b"a+b=c%26d"),
    ):
        out = board.exec(f"print(net.wget('{web.url}/x', data={data}).decode())").strip()
        assert out == f"POST {kind} {len(body)} {hashlib.sha256(body).hexdigest()}"
    out = board.exec(f"print(net.wget('{web.url}/x', data=b'', method='PUT')[:4])").strip()
    assert out == "b'PUT '"


def test_post_of_a_file_and_of_a_stream(board, web):
    # A file has a length; what a socket or a generator of data gives has none
    board.exec(f"import net; net.wget('{web.url}/file', '/up.bin', quiet=True)", 60)
    out = board.exec(f"print(net.wget('{web.url}/x', data=open('/up.bin', 'rb')).decode())", 60)
    assert out.split()[-2:] == [str(SIZE), SHA], out
    assert web.heads[-1][2]["Content-Length"] == str(SIZE)
    board.exec("class Stream:\n def __init__(s): s.f = open('/up.bin', 'rb')\n"
               " def readinto(s, buf): return s.f.readinto(buf)")  # fmt: skip
    out = board.exec(f"print(net.wget('{web.url}/x', data=Stream()).decode())", 60)
    assert out.split()[-2:] == [str(SIZE), SHA], out
    assert web.heads[-1][2]["Transfer-Encoding"] == "chunked"
    board.exec("import os; os.remove('/up.bin')")


def test_post_and_redirections(board, web):
    assert board.eval(f"__import__('net').wget('{web.url}/see', data='a=1')") == b"got /seen"
    out = board.eval(f"__import__('net').wget('{web.url}/again', data='a=1')")
    assert out.startswith(b"POST application/x-www-form-urlencoded 3 ")
    assert [head[:2] for head in web.heads] == [
        ("POST", "/see"), ("GET", "/seen"), ("POST", "/again"), ("POST", "/there")
    ]  # fmt: skip


def test_password(board, web):
    with pytest.raises(ExecError) as error:
        board.exec(f"import net; net.wget('{web.url}/private')")
    assert re.search(r"NetError: .*401.*auth=", str(error.value))
    who = "auth=('me', 'open sesame')"
    assert board.eval(f"__import__('net').wget('{web.url}/private', {who})") == b"got /private"


def test_head(board, web):
    out = board.exec(f"import net; r = net.wget('{web.url}/file', method='HEAD')\n"
                     "print(r.status, r.headers['etag'], r.size)")  # fmt: skip
    assert out.strip() == '200 "one" 0'
