# Frostnet: the web server on the board, with real clients
# MIT license; Copyright (c) 2026 The Frostnet authors

import hashlib
import http.client
import json
import re
import socket
import struct
import subprocess
import sys
import time

import pytest
import websocket

from hostlib.board import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import fetch_peers

# Clients that go away leave FINs unanswered, which are then sent again.
pytestmark = pytest.mark.lossy

BIG = 3_000_000
SETUP = f"""
import net, os, hashlib, asyncio, services, time
if "httpd" not in services.running:
    try:
        os.mkdir("/www")
        os.mkdir("/www/some files")
    except OSError:
        pass
    with open("/www/some files/a & b", "w") as f:
        f.write("both")
    with open("/www/index.html", "w") as f:
        f.write("<p>hello")
    block = hashlib.sha256(b"x").digest() * 512
    with open("/www/big.bin", "wb") as f:
        for i in range({BIG} // 16384 + 1):
            f.write(block[: min(16384, {BIG} - i * 16384)])
    time.sleep(4)  # what was changed just now has no ETag yet
    httpd = net.httpd()

    @httpd.route("/echo", ("GET", "POST"))
    def echo(request):
        return {{"method": request.method, "body": len(request.body), "args": request.args}}

    @httpd.route("/slow")
    async def slow(request):
        await asyncio.sleep(0.2)
        return "slow"

    @httpd.route("/lines")
    def lines(request):
        for i in range(2000):
            yield "line %d\\n" % i

    httpd.websocket("/ws", lambda ws, message: ws.send(message))
"""
_block = hashlib.sha256(b"x").digest() * 512
CONTENTS = (_block * (BIG // 16384 + 1))[:BIG]


@pytest.fixture
def web(board):
    """The board with a web server; `web.url(path)` is it from here."""
    board.exec(SETUP, 60)
    board.port = board.forward("tcp", 80)
    board.url = lambda path: f"http://127.0.0.1:{board.port}{path}"
    yield board
    # Whatever happened: it serves, and nothing that was not expected happened to it.
    assert curl(board.url("/")) == (200, b"<p>hello")
    assert board.eval("httpd.counters['failed']") == 0, board.exec("print(repr(httpd.error))")


def curl(url, *options, timeout=60):
    """(status, body) as curl has it."""
    command = ["curl", "-sS", "--noproxy", "*", "-m", str(timeout), "-w", "%{stderr}%{http_code}"]
    done = subprocess.run([*command, *options, url], capture_output=True)
    text = done.stderr.decode()
    assert done.returncode == 0, text
    return int(text[-3:]), done.stdout


def dial(board):
    s = socket.create_connection(("127.0.0.1", board.port), timeout=30)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def talk(board, data):
    """All that comes back when bytes are sent; b"" if it is a reset."""
    with dial(board) as s:
        out = b""
        try:
            s.sendall(data)
            while piece := s.recv(65536):
                out += piece
        except ConnectionError:
            pass
        return out


def test_curl(web, tmp_path):
    assert curl(web.url("/index.html")) == (200, b"<p>hello")
    assert curl(web.url("/nothing"))[0] == 404
    assert curl(web.url("/big.bin")) == (200, CONTENTS)
    assert curl(web.url("/big.bin"), "-r", "1000000-1999999") == (206, CONTENTS[1000000:2000000])
    status, body = curl(web.url("/big.bin"), "-r", "0-9,2999990-")
    assert status == 206 and body.count(b"Content-Range: bytes ") == 2
    etag = tmp_path / "etag"
    curl(web.url("/big.bin"), "--etag-save", str(etag))
    assert curl(web.url("/big.bin"), "--etag-compare", str(etag))[0] == 304
    assert curl(web.url("/big.bin"), "-I")[0] == 200
    (tmp_path / "part").write_bytes(CONTENTS[:1234567])
    curl(web.url("/big.bin"), "-C", "-", "-o", str(tmp_path / "part"))
    assert (tmp_path / "part").read_bytes() == CONTENTS


def test_directories(web):
    status, body = curl(web.url("/some%20files/"))
    assert status == 200 and b'<a href="./a%20%26%20b">a &amp; b</a>' in body
    assert curl(web.url("/some%20files/a%20%26%20b")) == (200, b"both")
    status, body = curl(web.url("/some%20files"), "-L")
    assert status == 200 and b"Index of /some files/" in body


# RFC 9112 §9.3: one connection for all of it, and one server beside the other.
def test_two_servers_and_one_connection_each(web):
    web.exec("other = net.httpd(None, 8081, {'/led/<name>': lambda r, name: [name, len(r.body)]})")
    port = web.forward("tcp", 8081)
    first, second = (
        http.client.HTTPConnection("127.0.0.1", p, timeout=30) for p in (web.port, port)
    )
    for path, method, body, connection, want in (
        ("/index.html", "GET", None, first, b"<p>hello"),
        ("/led/red", "GET", None, second, b'["red", 0]'),
        ("/echo", "POST", b"x" * 5000, first, None),
        ("/lines", "GET", None, first, None),
        ("/index.html", "HEAD", None, first, b""),
        ("/index.html", "GET", None, second, None),
        ("/big.bin", "GET", None, first, CONTENTS),
    ):
        connection.request(method, path, body)
        answer = connection.getresponse()
        assert answer.status == (404 if connection is second and path == "/index.html" else 200)
        got = answer.read()
        assert want is None or got == want, path
    assert web.eval("(httpd.counters['accepted'], other.counters['accepted'])")[1] == 1
    first.close()
    second.close()
    assert web.eval("sorted(services.running)") == ["httpd", "httpd-8081"]
    web.exec("other.stop()")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        second.request("GET", "/")
        second.getresponse()


def test_curl_and_functions(web):
    status, body = curl(web.url("/echo?a=%20b"), "-d", "x" * 50000)
    assert json.loads(body) == {"method": "POST", "body": 50000, "args": {"a": " b"}}
    # With Expect: 100-continue, and in chunks
    status, body = curl(web.url("/echo"), "-H", "Expect: 100-continue", "-d", "x" * 60000)
    assert json.loads(body)["body"] == 60000
    status, body = curl(web.url("/echo"), "-H", "Transfer-Encoding: chunked", "-d", "x" * 40000)
    assert json.loads(body)["body"] == 40000
    assert curl(web.url("/echo"), "-X", "DELETE")[0] == 405
    assert curl(web.url("/echo"), "-d", "x" * 70000, "-H", "Expect:")[0] == 413
    assert curl(web.url("/slow")) == (200, b"slow")
    want = "".join("line %d\n" % i for i in range(2000)).encode()
    assert curl(web.url("/lines")) == (200, want)
    assert curl(web.url("/lines"), "--http1.0") == (200, want)


def test_reports(web):
    status = json.loads(curl(web.url("/api/status"))[1])
    assert status["interfaces"][0]["address"] == "10.0.2.15"
    connections = json.loads(curl(web.url("/api/connections"))[1])["connections"]
    assert any(c["local"] == "10.0.2.15:80" and c["cwnd"] for c in connections)
    assert json.loads(curl(web.url("/api/arp"))[1])["neighbours"][0]["state"] == "reachable"
    assert json.loads(curl(web.url("/api/counters"))[1])["stack"]["tcp_accept"] > 0


def test_the_prompt_is_free(web):
    web.console.friendly()
    with dial(web) as s:
        s.sendall(b"GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        s.recv(1000)
        assert "42" in web.type("6 * 7")


def test_wrk(web):
    try:
        wrk = fetch_peers.fetch("wrk")
    except fetch_peers.Unavailable as e:
        pytest.skip(str(e))
    command = [wrk, "-t1", "-c8", "-d3s", web.url("/index.html")]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(re.search(r"(\d+) requests in", out)[1]) > 20, out
    assert "Non-2xx" not in out and "read" not in re.findall(r"errors:.*", out), out


def connect(web, path="/ws", **options):
    url = f"ws://127.0.0.1:{web.port}{path}"
    return websocket.create_connection(url, timeout=30, http_no_proxy=["127.0.0.1"], **options)


def test_websockets(web):
    ws = connect(web)
    for message in ("hello", "\u00e4\u20ac\U0001f600" * 3000, ""):
        ws.send(message)
        assert ws.recv() == message
    for message in (b"\0\xff" * 1000, b"", bytes(65536)):
        ws.send_binary(message)
        assert ws.recv() == message
    for text, opcode, final in (("in ", 1, 0), ("three ", 0, 0), ("pieces", 0, 1)):
        ws.send_frame(websocket.ABNF.create_frame(text, opcode, final))
    assert ws.recv() == "in three pieces"
    ws.ping("there?")
    frame = ws.recv_frame()
    assert (frame.opcode, frame.data) == (websocket.ABNF.OPCODE_PONG, b"there?")
    web.exec("for ws in httpd.sockets: ws.send('unasked')")
    assert ws.recv() == "unasked"
    ws.send_close(1000, b"bye")
    frame = ws.recv_frame()
    assert (frame.opcode, frame.data[:2]) == (websocket.ABNF.OPCODE_CLOSE, b"\x03\xe8")
    ws.shutdown()
    # Too much at once, and a page of another site
    ws = connect(web)
    ws.send_binary(bytes(100_000))
    frame = ws.recv_frame()
    assert (frame.opcode, frame.data[:2]) == (websocket.ABNF.OPCODE_CLOSE, b"\x03\xf1")
    ws.shutdown()
    for path, origin, status in (("/ws", "http://evil.example", 403), ("/lines", None, 200)):
        with pytest.raises(websocket.WebSocketBadStatusException) as e:
            connect(web, path, origin=origin)
        assert e.value.status_code == status


@pytest.mark.parametrize(
    "data, status",
    [
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        (b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        (b"GET /" + b"a" * 100_000, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 10_000, 431),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /%2e%2e/%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
        (bytes(range(256)) * 100, 400),
    ],
    ids=["nohost", "twohosts", "version", "method", "uri", "fields", "length", "path", "nul",
         "garbage"],
)  # fmt: skip
def test_bad_requests(web, data, status):
    if status == 400 and b"Connection" not in data and b"passwd" in data:
        data = data.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answer = talk(web, data)
    # User networking may have reset the connection before all of the answer came through.
    assert not answer or answer.startswith(b"HTTP/1.1 %d " % status), answer[:100]
    assert answer or len(data) > 10_000


def test_a_thousand_pipelined_requests(web):
    request = b"GET /index.html HTTP/1.1\r\nHost: a\r\n"
    data = (request + b"\r\n") * 999 + request + b"Connection: close\r\n\r\n"
    got = talk(web, data)
    assert got.count(b"HTTP/1.1 200 OK\r\n") == got.count(b"<p>hello") == 1000


def test_slow_silent_and_vanishing_clients(web):
    slow = []
    for _ in range(200):
        time.sleep(
            0.01
        )  # QEMU's own listener has little room, and Linux asks again after a second
        slow.append(dial(web))
        slow[-1].send(b"GET / HTTP/1.1\r\nX")
    assert curl(web.url("/")) == (200, b"<p>hello")
    assert web.eval("len(httpd.sessions) <= httpd.limit")
    for s in slow:
        s.close()
    # Who asks and goes, by a reset
    for _ in range(20):
        s = dial(web)
        s.send(b"GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        s.recv(100)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
    # Who asks for much and does not read
    s = dial(web)
    s.send(b"GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
    assert curl(web.url("/big.bin"))[1] == CONTENTS
    s.close()
    # Who has said all
    with dial(web) as s:
        s.send(b"GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        s.shutdown(socket.SHUT_WR)
        got = b""
        while piece := s.recv(65536):
            got += piece
        assert got.endswith(CONTENTS[-1000:]) and len(got) > BIG


def test_stop(web):
    sockets = [dial(web) for _ in range(3)]
    web.exec("httpd.stop()")
    assert web.eval("(services.running, len(httpd.sessions))") == ({}, 0)
    for s in sockets:
        s.close()
    time.sleep(0.2)
    assert web.eval("[c for c in httpd.rt.stack.tcp.connections() if c.ports >> 16 == 80]") == []
    web.exec(SETUP)
